"""Lists by term in runs: of every 32,768 documents the lists of all terms, written as they are full and never merged.

A term is a number (`documents`). ``lists`` holds, run after run, the documents of every term (counted from the run's first),
the term's frequency in each and its positions in each in turn; ``rows`` says by term, run after run, where its lists are, with
a CRC-32 of them that covers the term and the run too. So a batch is sorted once, by numbers alone, and a list is read in as
many pieces as there are runs that have the term. All little-endian.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zlib import crc32

import numpy as np

from lawsearch.engine.chosen import Numbers
from lawsearch.engine.dictionary import read_at
from lawsearch.errors import damaged

LISTS_FILE, ROWS_FILE = "lists", "rows"
_RUN = 1 << 15
#: A run ends early where it has so many postings.
_MOST_POSTINGS = 20_000_000
#: What a frequency counts up to; a term that stands more often in a document has several entries there.
LONGEST = 255
_ROW: Any = np.dtype(
    [
        ("run", "<u4"),
        ("entry", "<u4"),
        ("entries", "<u4"),
        ("position", "<u4"),
        ("positions", "<u4"),
        ("check", "<u4"),
        ("positions_check", "<u4"),
    ]
)


class Inverse(NamedTuple):
    """A batch of lists: term numbers, each once a field; of each how many entries and positions; then those of all in turn."""

    size: int
    terms: Numbers
    entries_of: Numbers
    positions_of: Numbers
    documents: Numbers
    frequencies: Numbers
    positions: Numbers


class Run(NamedTuple):
    """Where a run's lists are: its first document, the places of its three parts, bytes a document and a position."""

    first: int
    documents_at: int
    frequencies_at: int
    positions_at: int
    document_width: int
    width: int


def by_number(numbers: Numbers) -> Numbers:
    """The order of numbers below 2^32, equal ones as they stand: digit by digit, which numpy does for 16 bits alone."""
    order = np.argsort(numbers.astype(np.uint16), kind="stable")
    high = (numbers >> 16).astype(np.uint16)
    if high.any():
        order = order[np.argsort(high[order], kind="stable")]
    return order


def _spans(starts: Numbers, sizes: Numbers) -> Numbers:
    """The numbers from every start on, as many as its size."""
    found: Numbers = np.arange(int(sizes.sum())) + np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
    return found


def _seed(term: int, run: int) -> int:
    return (term * 65_599 + run) & 0xFFFFFFFF


class RunsWriter:
    """Writes runs in order. `close` makes the files whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stream: BinaryIO = (folder / LISTS_FILE).open("wb")
        self._first = 0
        self._size = 0
        self._postings = 0
        self._batches: list[Inverse] = []
        self._runs: list[Run] = []
        self._rows: list[tuple[Numbers, Numbers]] = []

    def add(self, batch: Inverse) -> None:
        """Add the documents of a batch behind those already there; no more than a run holds."""
        if self._size + batch.size > _RUN or self._postings + len(batch.positions) > _MOST_POSTINGS:
            self._end_run()
        self._batches.append(batch._replace(documents=batch.documents + np.uint32(self._size)))
        self._size += batch.size
        self._postings += len(batch.positions)

    def _end_run(self) -> None:
        some, self._batches = self._batches, []
        first, self._first, self._size, self._postings = self._first, self._first + self._size, 0, 0
        if not some:
            return
        terms, entries_of, positions_of, documents, frequencies, positions = (
            np.concatenate([np.asarray(batch[part]) for batch in some]) for part in range(1, 7)
        )
        del some
        order = by_number(terms)
        entries_of, positions_of = entries_of.astype(np.int64), positions_of.astype(np.int64)
        at = _spans((np.cumsum(entries_of) - entries_of)[order], entries_of[order])
        documents, frequencies = documents[at], frequencies[at]
        at = _spans((np.cumsum(positions_of) - positions_of)[order], positions_of[order])
        positions = positions[at]
        numbers = terms[order].astype(np.int64)
        starts = np.flatnonzero(np.diff(numbers, prepend=-1))
        numbers = numbers[starts]
        rows = np.zeros(len(numbers), dtype=_ROW)
        rows["run"] = len(self._runs)
        for name, sizes in (("entr", entries_of[order]), ("position", positions_of[order])):
            total = np.add.reduceat(sizes, starts) if len(starts) else sizes
            plural, single = ("entries", "entry") if name == "entr" else ("positions", "position")
            rows[plural], rows[single] = total, np.cumsum(total) - total
        width = 2 if int(positions.max(initial=0)) < 1 << 16 else 4
        where = self._stream.tell()
        # A single batch may be longer than a run.
        across = 2 if int(documents.max(initial=0)) < 1 << 16 else 4
        parts = (
            documents.astype(f"<u{across}").tobytes(),
            frequencies.astype("u1").tobytes(),
            positions.astype(f"<u{width}").tobytes(),
        )
        run = Run(first, where, where + len(parts[0]), where + len(parts[0]) + len(parts[1]), across, width)
        for part in parts:
            self._stream.write(part)
        some_of, counts, places = (memoryview(part) for part in parts)
        columns = (
            numbers,
            rows["entry"],
            rows["entry"] + rows["entries"],
            rows["position"],
            rows["position"] + rows["positions"],
        )
        checks, place_checks = [], []
        number = len(self._runs)
        for term, a, b, c, d in zip(*(column.astype(np.int64).tolist() for column in columns), strict=True):
            seed = _seed(term, number)
            checks.append(crc32(counts[a:b], crc32(some_of[across * a : across * b], seed)))
            place_checks.append(crc32(places[width * c : width * d], seed))
        rows["check"], rows["positions_check"] = checks, place_checks
        self._runs.append(run)
        self._rows.append((numbers, rows))

    def close(self, terms: int) -> tuple[list[list[int]], Numbers, Numbers]:
        """Returns the runs, and by term its first row and how many it has."""
        self._end_run()
        self._stream.close()
        numbers = np.concatenate([n for n, _ in self._rows]) if self._rows else np.empty(0, dtype=np.int64)
        rows = np.concatenate([r for _, r in self._rows]) if self._rows else np.empty(0, dtype=_ROW)
        rows[by_number(numbers)].tofile(self._folder / ROWS_FILE)
        many = np.bincount(numbers, minlength=terms)
        return [list(run) for run in self._runs], np.cumsum(many) - many, many

    def cancel(self) -> None:
        self._stream.close()


class RunsReader:
    """Reads them. Raises IndexUnusableError wherever what is read is not what was written."""

    def __init__(self, folder: Path, runs: Sequence[Sequence[int]], rows: int) -> None:
        self._folder = folder
        try:
            self._runs = [Run(*map(int, run)) for run in runs]
        except TypeError:
            raise damaged(folder / ROWS_FILE, "a run that is none") from None
        if any(min(run) < 0 or not {run.document_width, run.width} <= {2, 4} for run in self._runs):
            raise damaged(folder / ROWS_FILE, "a run that is none")
        self._handles: list[int] = []
        try:
            for name in (LISTS_FILE, ROWS_FILE):
                self._handles.append(os.open(folder / name, os.O_RDONLY | getattr(os, "O_BINARY", 0)))
            self._size = os.fstat(self._handles[0]).st_size
            if os.fstat(self._handles[1]).st_size != rows * _ROW.itemsize:
                raise damaged(folder / ROWS_FILE, "a part of it is missing")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for handle in self._handles:
            os.close(handle)
        self._handles = []

    def postings(self, term: int, first: int, many: int, places: bool = True) -> tuple[Numbers, Numbers, Numbers]:
        """A term's documents, ascending, its frequency in each, and its positions in each in turn (none but where asked for by
        ``places``). A document may stand there several times, where the term stands very often in it."""
        data = read_at(self._handles[1], first * _ROW.itemsize, many * _ROW.itemsize)
        if not many or len(data) != many * _ROW.itemsize:
            raise damaged(self._folder / ROWS_FILE, "a part of it is missing")
        parts: list[tuple[bytes, bytes, bytes]] = []
        widths: list[tuple[int, int]] = []
        firsts: list[int] = []
        counts: list[int] = []
        handle = self._handles[0]
        for number, entry, entries, position, positions, check, place_check in np.frombuffer(data, dtype=_ROW).tolist():
            if number >= len(self._runs):
                raise damaged(self._folder / ROWS_FILE, "a run that does not exist")
            start, documents_at, frequencies_at, positions_at, across, width = self._runs[number]
            if max(entry + entries, position + positions) > self._size:
                raise damaged(self._folder / LISTS_FILE, "a part of it is missing")
            documents = read_at(handle, documents_at + across * entry, across * entries)
            frequencies = read_at(handle, frequencies_at + entry, entries)
            where = read_at(handle, positions_at + width * position, width * positions) if places else b""
            seed = _seed(term, number)
            if crc32(frequencies, crc32(documents, seed)) != check or (places and crc32(where, seed) != place_check):
                raise damaged(self._folder / LISTS_FILE, "a list has changed")
            parts.append((documents, frequencies, where))
            widths.append((across, width))
            firsts.append(start)
            counts.append(len(frequencies))
        found = _joined([part[0] for part in parts], [w for w, _ in widths]).astype(np.int64)
        if len(found) != sum(counts):
            raise damaged(self._folder / LISTS_FILE, "a list does not add up")
        found += np.repeat(np.array(firsts), counts)
        return found, _joined([p[1] for p in parts], [1]), _joined([p[2] for p in parts], [w for _, w in widths])


def _joined(parts: Sequence[bytes], widths: Sequence[int]) -> Numbers:
    """Numbers of these widths, all of them together."""
    if len(set(widths)) == 1:
        return np.frombuffer(b"".join(parts), f"<u{widths[0]}")
    return np.concatenate([np.frombuffer(part, f"<u{width}") for part, width in zip(parts, widths, strict=True)])
