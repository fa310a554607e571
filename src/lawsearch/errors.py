"""The errors that a user can cause; everything above turns them into one line on stderr and exit code 2."""

from __future__ import annotations


class LawsearchError(Exception):
    """What is wrong, where, and what to do about it, in one line."""


class CorpusError(LawsearchError):
    """A file or folder of the corpus cannot be read as an act."""


class IndexUnusableError(LawsearchError):
    """The index is absent, damaged, or made by another version."""


class IndexMissingError(IndexUnusableError):
    """There is no index at the place looked at."""


class QueryError(LawsearchError):
    """The query cannot be understood or is beyond the limits."""


class QuerySyntaxError(QueryError):
    """A malformed query: ``query`` as typed, ``start`` and ``end`` of the part at fault in it, ``what`` is wrong with it."""

    def __init__(self, query: str, start: int, end: int, what: str) -> None:
        super().__init__(f"query, column {start + 1}: {what}")
        self.query = query
        self.start = start
        self.end = max(end, start + 1)
        self.what = what


class UnknownReferenceError(LawsearchError):
    """An address or a citation that names nothing in the index."""
