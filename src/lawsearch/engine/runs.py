"""Runs: of every 32,768 documents the entries of all terms, sorted by term, for the time that an index is written.

A term is a number (`term_lists`); an *entry* is a document of a term and how often the term occurs there. A run is written as
it is full. Its entries go to a file of which, once all are there, the lists of `sets` are made; the positions stay where they
are, in ``places``, and ``pieces`` says by term, run after run, where they begin, with a CRC-32 that covers the term too. So
nothing but numbers is ever sorted, and positions are written once. All little-endian.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zlib import crc32

import numpy as np

from lawsearch.engine.chosen import Numbers
from lawsearch.engine.dictionary import read_at
from lawsearch.errors import damaged

PLACES_FILE, PIECES_FILE, _ENTRIES_FILE = "places", "pieces", "entries.unsorted"
_RUN = 1 << 15
#: A run ends early where it has so many postings.
_MOST_POSTINGS = 20_000_000
#: So many numbers are put into another order at once.
_AT_ONCE = 1 << 19
#: Bits of the frequency in an entry, and the lowest frequency or document that needs more than one of 32 bits.
_SHIFT, _NARROW = 16, 1 << 16
_PIECE: Any = np.dtype([("at", "<u8"), ("positions", "<u4"), ("width", "<u4"), ("check", "<u4")])


class Part(NamedTuple):
    """Lists of some documents: term numbers; of each how many entries and positions; then those of all in turn."""

    terms: Numbers
    entries_of: Numbers
    positions_of: Numbers
    documents: Numbers
    frequencies: Numbers
    positions: Numbers


class Run(NamedTuple):
    """A run that is written: its first document and how many; its terms, ascending; where the entries of each begin, and
    behind the last where they end; where its entries are in the file, and of how many bytes each is."""

    first: int
    size: int
    terms: Numbers
    bounds: Numbers
    at: int
    width: int


def by_number(numbers: Numbers) -> Numbers:
    """The order of numbers below 2^32, equal ones as they stand: digit by digit, which numpy does for 16 bits alone."""
    order = np.argsort(numbers.astype(np.uint16), kind="stable")
    high = (numbers >> 16).astype(np.uint16)
    if high.any():
        order = order[np.argsort(high[order], kind="stable")]
    return order


def spans(starts: Numbers, sizes: Numbers) -> Numbers:
    """The numbers from every start on, as many as its size."""
    found: Numbers = np.arange(int(sizes.sum()))
    found += np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
    return found


def unpacked(entries: Numbers) -> tuple[Numbers, Numbers]:
    """The documents and frequencies of entries."""
    shift = _SHIFT if entries.dtype.itemsize == 4 else 2 * _SHIFT
    return entries & entries.dtype.type((1 << shift) - 1), entries >> entries.dtype.type(shift)


def taken(values: Numbers, starts: Numbers, sizes: Numbers) -> Numbers:
    """The values from every start on, as many as its size. By so many at once that what it takes stays in the cache."""
    ends = np.cumsum(sizes)
    found = np.empty(int(ends[-1]) if len(ends) else 0, dtype=values.dtype)
    row = done = 0
    while row < len(sizes):
        last = max(row + 1, int(np.searchsorted(ends, done + _AT_ONCE, side="right")))
        end = int(ends[last - 1])
        np.take(values, spans(starts[row:last], sizes[row:last]), out=found[done:end], mode="clip")
        row, done = last, end
    return found


def checks(data: bytes, edges: Sequence[int], seeds: Iterable[int]) -> list[int]:
    """The CRC-32 of each part of ``data`` from one edge to the next, each begun with a seed of its own.

    Millions of parts have a few bytes each: none of this is a loop of Python's.
    """
    return list(map(crc32, map(data.__getitem__, map(slice, edges, islice(edges, 1, None))), seeds))


class RunsWriter:
    """Writes runs in order. `close` makes the files of positions whole, and `remove` ends with the entries."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: BinaryIO = (folder / PLACES_FILE).open("wb")
        self._entries: BinaryIO = (folder / _ENTRIES_FILE).open("w+b")
        self.runs: list[Run] = []
        self._first = 0
        self._size = 0
        self._postings = 0
        self._parts: list[Part] = []
        self._pieces: list[tuple[Numbers, Numbers]] = []

    def add(self, size: int, parts: Sequence[Part]) -> None:
        """Add ``size`` documents, counted from 0, behind those already there."""
        postings = sum(len(part.positions) for part in parts)
        if self._size + size > _RUN or self._postings + postings > _MOST_POSTINGS:
            self.end()
        base = np.uint32(self._size)
        self._parts += [part._replace(documents=part.documents + base) for part in parts]
        self._size += size
        self._postings += postings

    def end(self) -> None:
        """Write the run that is begun."""
        some, self._parts = self._parts, []
        first, size, self._first, self._size, self._postings = self._first, self._size, self._first + self._size, 0, 0
        if not some:
            return
        terms, entries_of, positions_of, documents, frequencies, positions = (
            np.concatenate([part[column] for part in some]) for column in range(6)
        )
        del some
        # A single batch may be longer than a run.
        narrow = int(documents.max()) < _NARROW and int(frequencies.max()) < _NARROW
        if narrow:
            entries = documents | frequencies << np.uint32(_SHIFT)
        else:
            entries = documents | frequencies.astype(np.uint64) << np.uint64(2 * _SHIFT)
        del documents, frequencies
        order = by_number(terms)
        entries_at, positions_at = _starts(entries_of, order), _starts(positions_of, order)
        terms, entries_of, positions_of = (column[order].astype(np.int64) for column in (terms, entries_of, positions_of))
        entries = taken(entries, entries_at, entries_of)
        narrow_positions = int(positions.max(initial=0)) < 1 << 16
        width = 2 if narrow_positions else 4
        positions = taken(positions.astype(f"<u{width}"), positions_at, positions_of)
        starts = np.flatnonzero(np.diff(terms, prepend=-1))
        terms = terms[starts]
        bounds = np.concatenate((np.cumsum(entries_of)[starts] - entries_of[starts], [len(entries)]))
        edges = np.concatenate((np.cumsum(positions_of)[starts] - positions_of[starts], [len(positions)])) * width
        where = self._places.tell()
        pieces = np.empty(len(terms), dtype=_PIECE)
        pieces["at"], pieces["positions"], pieces["width"] = where + edges[:-1], np.diff(edges) // width, width
        data = positions.tobytes()
        pieces["check"] = checks(data, edges.tolist(), terms.tolist())
        self._places.write(data)
        self.runs.append(Run(first, size, terms, bounds, self._entries.tell(), entries.dtype.itemsize))
        self._entries.write(entries.data.cast("B"))
        self._pieces.append((terms, pieces))

    def close(self, terms: int) -> tuple[Numbers, Numbers]:
        """Returns by term its first piece and how many it has. What entries say can be read until `remove`."""
        self.end()
        self._places.close()
        self._entries.flush()
        numbers = np.concatenate([n for n, _ in self._pieces]) if self._pieces else np.empty(0, dtype=np.int64)
        pieces = np.concatenate([p for _, p in self._pieces]) if self._pieces else np.empty(0, dtype=_PIECE)
        self._pieces = []
        pieces[by_number(numbers)].tofile(self._folder / PIECES_FILE)
        many = np.bincount(numbers, minlength=terms)
        return np.cumsum(many) - many, many

    def entries(self, run: Run, first: int, last: int) -> Numbers:
        """Those of the terms from the run's ``first`` to before its ``last``."""
        a, b = int(run.bounds[first]), int(run.bounds[last])
        data = read_at(self._entries.fileno(), run.at + a * run.width, (b - a) * run.width)
        return np.frombuffer(data, dtype=f"<u{run.width}")

    def sorted(self, most: int) -> Iterator[tuple[Numbers, Numbers, Numbers, Numbers]]:
        """All lists by term, so many entries at once: terms, ascending, how many entries each has, the documents and
        frequencies of all in turn."""
        terms = 1 + max((int(run.terms[-1]) for run in self.runs), default=-1)
        used = np.zeros(terms, dtype=np.int64)
        for run in self.runs:
            used[run.terms] += np.diff(run.bounds)
        ends = np.cumsum(used)
        start = 0
        while start < terms:
            before = int(ends[start - 1]) if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, before + most, side="right")))
            rows, sizes, documents, frequencies = [], [], [], []
            for run in self.runs:
                a, b = np.searchsorted(run.terms, (start, stop)).tolist()
                here, often = unpacked(self.entries(run, a, b))
                rows.append(run.terms[a:b])
                sizes.append(np.diff(run.bounds[a : b + 1]))
                documents.append(here.astype(np.uint32) + np.uint32(run.first))
                frequencies.append(often.astype(np.uint32))
            row, size = np.concatenate(rows), np.concatenate(sizes)
            order = by_number(row)
            where, size = _starts(size, order), size[order]
            some, often = (taken(np.concatenate(columns), where, size) for columns in (documents, frequencies))
            yield np.arange(start, stop), used[start:stop], some, often
            start = stop

    def remove(self) -> None:
        """No entries are read any more."""
        self._entries.close()
        (self._folder / _ENTRIES_FILE).unlink(missing_ok=True)

    def cancel(self) -> None:
        self._places.close()
        self.remove()


def _starts(sizes: Numbers, order: Numbers) -> Numbers:
    """Where each of some rows begins, that follow one another and have these sizes, in another order."""
    starts: Numbers = (np.cumsum(sizes, dtype=np.int64) - sizes)[order]
    return starts


class PiecesReader:
    """Reads positions. Raises IndexUnusableError wherever what is read is not what was written."""

    def __init__(self, folder: Path, pieces: int) -> None:
        self._folder = folder
        self._handles: list[int] = []
        try:
            for name in (PLACES_FILE, PIECES_FILE):
                self._handles.append(os.open(folder / name, os.O_RDONLY | getattr(os, "O_BINARY", 0)))
            self.size = os.fstat(self._handles[0]).st_size
            if os.fstat(self._handles[1]).st_size != pieces * _PIECE.itemsize:
                raise damaged(folder / PIECES_FILE, "a part of it is missing")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for handle in self._handles:
            os.close(handle)
        self._handles = []

    def positions(self, term: int, first: int, many: int) -> Numbers:
        """All positions of a term, document after document."""
        data = read_at(self._handles[1], first * _PIECE.itemsize, many * _PIECE.itemsize)
        if not many or len(data) != many * _PIECE.itemsize:
            raise damaged(self._folder / PIECES_FILE, "a part of it is missing")
        parts: list[Numbers] = []
        for at, positions, width, check in np.frombuffer(data, dtype=_PIECE).tolist():
            if width not in (2, 4) or at + width * positions > self.size:
                raise damaged(self._folder / PLACES_FILE, "a part of it is missing")
            body = read_at(self._handles[0], at, width * positions)
            if crc32(body, term) != check:
                raise damaged(self._folder / PLACES_FILE, "a list has changed")
            parts.append(np.frombuffer(body, f"<u{width}"))
        return np.concatenate(parts)
