"""The errors that a user can cause; everything above turns them into one line on stderr and exit code 2."""

from __future__ import annotations

import shlex
from pathlib import Path

#: How the folder of a whole index is named; the folder above it is what users call the index.
GENERATION_PREFIX = "generation-"


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


def index_command(index: Path) -> str:
    """What to type to build an index."""
    return f"lawsearch index --index {shlex.quote(str(index))}"


def rebuild_hint(index: Path) -> str:
    """What to type to get a good index again."""
    return f"rebuild it with: {index_command(index)} --rebuild"


def damaged(file: Path, what: str) -> IndexUnusableError:
    """The error to raise for a file of an index that does not hold what was written to it."""
    index = next((p.parent for p in file.parents if p.name.startswith(GENERATION_PREFIX)), file.parent)
    return IndexUnusableError(f"{file}: damaged ({what}); {rebuild_hint(index)}")
