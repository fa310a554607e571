"""Rows of numbers of different lengths, one behind the other, many of which are taken at once: the shape of all that a build
does by arrays (the keys of a form, the links of a text, the words of a term).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np  # only a build comes here
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.int64]
Chosen: TypeAlias = NDArray[np.bool_]


def taken(ends: Numbers, rows: Numbers) -> tuple[Numbers, Numbers]:
    """Where the entries of some rows stand, row after row, and which of ``rows`` (its index) each belongs to.

    ``ends[i]`` to ``ends[i + 1]`` are the entries of row ``i``.
    """
    starts = ends[rows]
    counts = ends[rows + 1] - starts
    owners = np.repeat(np.arange(len(rows), dtype=np.int64), counts)
    shift = starts - (np.cumsum(counts) - counts)
    return owners, np.arange(len(owners), dtype=np.int64) + shift[owners]


def ends_of(counts: Sequence[int] | NDArray[Any]) -> Numbers:
    """Where rows of these lengths begin, and behind them where the last one ends."""
    ends = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=ends[1:])
    return ends


class Ragged:
    """A table of rows of different lengths that grows by rows; each entry of a row has a number in every column."""

    def __init__(self, columns: int) -> None:
        self._ends = array("q", (0,))
        self._columns = tuple(array("q") for _ in range(columns))
        self._arrays: tuple[Numbers, ...] = ()
        self._rows = -1

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, *columns: Sequence[int]) -> int:
        """Add a row, column by column; returns its number."""
        for own, values in zip(self._columns, columns, strict=True):
            own.extend(values)
        self._ends.append(len(self._columns[0]))
        return len(self._ends) - 2

    def taken(self, rows: Numbers) -> tuple[Numbers, ...]:
        """The entries of some rows, row after row: which of ``rows`` (its index) each belongs to, then each column."""
        if self._rows != len(self):
            # Copies: an array that lends its memory could not grow.
            self._arrays = tuple(np.array(values, dtype=np.int64) for values in (self._ends, *self._columns))
            self._rows = len(self)
        ends, *columns = self._arrays
        owners, places = taken(ends, rows)
        return owners, *(column[places] for column in columns)


def mapped(table: Any, values: Numbers) -> Numbers:
    """What a table of numbers (a dict) has for each of many; what it lacks its ``__missing__`` makes."""
    return np.array(list(map(table.__getitem__, values.tolist())), dtype=np.int64)
