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


class UnknownReferenceError(LawsearchError):
    """An address or a citation that names nothing in the index."""
