"""Reading guarded: whatever comes to light in a store that is damaged is an IndexUnusableError that names its file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from lawsearch.errors import damaged

_P = ParamSpec("_P")
_R = TypeVar("_R")


class _OfFile(Protocol):
    file: Path


_S = TypeVar("_S", bound=_OfFile)


class Rows:
    """Rows of an answer, read one by one: damage may come to light at any of them."""

    def __init__(self, cursor: sqlite3.Cursor, file: Path) -> None:
        self._cursor = cursor
        self._file = file

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._cursor
        except (sqlite3.Error, UnicodeError) as error:
            raise damaged(self._file, str(error)) from error

    def fetchone(self) -> Any:
        """The next row, or None."""
        try:
            return self._cursor.fetchone()
        except (sqlite3.Error, UnicodeError) as error:
            raise damaged(self._file, str(error)) from error

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        try:
            return self._cursor.fetchall()
        except (sqlite3.Error, UnicodeError) as error:
            raise damaged(self._file, str(error)) from error


def decoding(method: Callable[Concatenate[_S, _P], _R]) -> Callable[Concatenate[_S, _P], _R]:
    """A method for which whatever it trips over in what it has read is damage to the ``file`` of its object."""

    @wraps(method)
    def guarded(self: _S, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(self, *args, **kwargs)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError, OverflowError) as error:
            raise damaged(self.file, f"{type(error).__name__}: {error}") from error

    return guarded
