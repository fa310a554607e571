"""Batches of posting lists gathered into blocks, and blocks merged into the lists of a whole index, within a bound of memory.

A block is what is gathered in memory. Where there are several, each is put aside on disk, in the order of its keys and in
pieces; a merge holds one piece of every block, and merges by arrays what lies up to the least of the keys that these pieces
end with (Knuth, The Art of Computer Programming, volume 3, 5.4.1, with pieces in the place of records).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias

import numpy as np  # only a build comes here
from numpy.typing import NDArray

from lawsearch.engine.inverted import Inverted, Lists
from lawsearch.engine.posting_lists import stored
from lawsearch.engine.ragged import ends_of

Narrow: TypeAlias = NDArray[np.unsignedinteger[Any]]

#: A piece of a block ends where it has so many positions.
_PIECE = 30_000


class Columns(NamedTuple):
    """What `inverted.Lists` holds, as arrays, with the keys as a file has them and in their order."""

    keys: list[bytes]
    documents_of: Narrow
    positions_of: Narrow
    documents: Narrow
    frequencies: Narrow
    positions: Narrow


class Gathering:
    """Batches gathered until their lists are written out together."""

    def __init__(self, first: int = 0) -> None:
        self.first = first
        self.size = 0
        self.postings = 0
        self._parts: dict[str, list[tuple[int, Lists]]] = {}

    def add(self, batch: Inverted) -> None:
        """Add the documents of a batch behind those already here."""
        for name, lists in batch.fields.items():
            self._parts.setdefault(name, []).append((self.size, lists))
            self.postings += len(lists.positions)
        self.size += batch.size

    def fields(self) -> dict[str, Columns]:
        """The lists of all batches, by field; the parts that they are made of are given up."""
        found = {}
        while self._parts:
            name, parts = self._parts.popitem()
            found[name] = merged(parts)
        return found


class _Piece(NamedTuple):
    """A piece of a block: its place in the file, and of each part its length and how many bytes a number of it has."""

    offset: int
    parts: tuple[tuple[int, int], ...]


class Blocks:
    """The blocks of an index, in the order of their documents. Of a single one nothing is written to disk."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stream: BinaryIO | None = None
        self._last: tuple[int, Mapping[str, Columns]] | None = None
        self._aside: list[tuple[int, dict[str, list[_Piece]]]] = []

    def add(self, first: int, fields: Mapping[str, Columns]) -> None:
        """Add a block whose first document is to have the number ``first``."""
        self._put_last_aside()
        self._last = first, fields

    def merged(self) -> Iterator[tuple[str, Columns]]:
        """The lists of all blocks: the fields in the order of their names, each one's lists in the order of their keys, in
        several parts where they are many. To be asked once."""
        if self._stream is None:
            # A first block begins with the first document.
            _, fields = self._last or (0, {})
            self._last = None
            for name in sorted(fields):
                yield name, fields[name]
            return
        self._put_last_aside()
        self._stream.close()
        with self._file.open("rb") as stream:
            for name in sorted({name for _, block in self._aside for name in block}):
                for some in _side_by_side(
                    [_Cursor(stream, first, block[name]) for first, block in self._aside if name in block]
                ):
                    yield name, some

    def close(self) -> None:
        """Give up what was put aside."""
        self._last = None
        if self._stream is not None:
            self._stream.close()
            self._file.unlink(missing_ok=True)

    def _put_last_aside(self) -> None:
        if self._last is None:
            return
        (first, fields), self._last = self._last, None
        stream = self._stream = self._stream or self._file.open("wb")
        self._aside.append(
            (first, {name: [_write(stream, piece) for piece in _pieces(all_of)] for name, all_of in fields.items()})
        )


def _pieces(lists: Columns) -> Iterator[Columns]:
    """Lists cut into pieces of at least so many positions."""
    ends = np.cumsum(lists.positions_of, dtype=np.int64)
    cut = _Cut(lists)
    first = 0
    while first < len(ends):
        done = int(ends[first - 1]) if first else 0
        last = min(int(np.searchsorted(ends, done + _PIECE)) + 1, len(ends))
        yield cut(first, last)
        first = last


class _Cut:
    """Takes ranges of keys out of lists."""

    def __init__(self, lists: Columns) -> None:
        self._lists = lists
        self._entries = ends_of(lists.documents_of)
        self._places = ends_of(lists.positions_of)

    def __call__(self, first: int, last: int) -> Columns:
        lists = self._lists
        entries = slice(int(self._entries[first]), int(self._entries[last]))
        places = slice(int(self._places[first]), int(self._places[last]))
        return Columns(
            lists.keys[first:last],
            lists.documents_of[first:last],
            lists.positions_of[first:last],
            lists.documents[entries],
            lists.frequencies[entries],
            lists.positions[places],
        )


def _write(stream: BinaryIO, lists: Columns) -> _Piece:
    """Write a piece, each of its parts with numbers as narrow as they can be."""
    offset = stream.tell()
    lengths = np.array([len(key) for key in lists.keys], dtype=np.uint32)
    parts = []
    for values in (lengths, *lists[1:]):
        width = 1 if (top := int(values.max())) < 1 << 8 else 2 if top < 1 << 16 else 4
        data = values.astype(f"u{width}").tobytes()
        stream.write(data)
        parts.append((len(data), width))
    stream.write(b"".join(lists.keys))
    return _Piece(offset, tuple(parts))


def _read(stream: BinaryIO, piece: _Piece) -> Columns:
    stream.seek(piece.offset)
    lengths, *columns = [np.frombuffer(stream.read(size), dtype=f"u{width}") for size, width in piece.parts]
    ends = ends_of(lengths)
    keys = stream.read(int(ends[-1]))
    return Columns([keys[a:b] for a, b in pairwise(ends.tolist())], *columns)


class _Cursor:
    """A block's lists of one field, piece after piece."""

    def __init__(self, stream: BinaryIO, first: int, pieces: Sequence[_Piece]) -> None:
        self.first = first
        self._stream = stream
        self._left = list(reversed(pieces))
        self._keys: list[bytes] = []
        self._at = 0
        self.fill()

    def fill(self) -> bool:
        """Have a piece at hand, where there is one; tells whether there is."""
        if self._at == len(self._keys) and self._left:
            lists = _read(self._stream, self._left.pop())
            self._keys, self._cut, self._at = lists.keys, _Cut(lists), 0
        return self._at < len(self._keys)

    def bound(self) -> bytes | None:
        """The key up to which all lists are at hand; None where those at hand are the last ones."""
        return self._keys[-1] if self._left else None

    def upto(self, bound: bytes | None) -> Columns:
        """Take the lists up to a key, this one too."""
        first = self._at
        self._at = len(self._keys) if bound is None else bisect_right(self._keys, bound, first)
        return self._cut(first, self._at)


def _side_by_side(cursors: Sequence[_Cursor]) -> Iterator[Columns]:
    """The lists of several blocks, merged."""
    while cursors := [cursor for cursor in cursors if cursor.fill()]:
        bound = min((bound for cursor in cursors if (bound := cursor.bound()) is not None), default=None)
        parts = [(cursor.first, cursor.upto(bound)) for cursor in cursors]
        yield merged([(first, lists) for first, lists in parts if lists.keys])


def merged(parts: Sequence[tuple[int, Lists | Columns]]) -> Columns:
    """The lists of several batches or blocks as one; each comes with the number that its first document is to have."""
    numbers: dict[str | bytes, int] = {}
    number_of = [np.array([numbers.setdefault(key, len(numbers)) for key in _keys(lists)]) for _, lists in parts]
    keys = [key if isinstance(key, bytes) else stored(key) for key in numbers]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    rank = np.empty(len(keys), dtype=np.int64)
    rank[order] = np.arange(len(keys))
    ranks = [rank[each] for each in number_of]

    def side_by_side(counts: Sequence[Any], *columns: Sequence[Any]) -> list[Narrow]:
        """How many entries each key has, and the columns, in which those of one key stand side by side, batch after batch."""
        total = np.zeros(len(keys), dtype=np.int64)
        for its_keys, some in zip(ranks, counts, strict=True):
            total[its_keys] += np.asarray(some)
        free = np.cumsum(total) - total
        made = [np.empty(int(total.sum()), dtype=np.uint32) for _ in columns]
        for i, (its_keys, some) in enumerate(zip(ranks, counts, strict=True)):
            each = np.asarray(some, dtype=np.int64)
            places = np.repeat(free[its_keys] - (np.cumsum(each) - each), each)
            places += np.arange(len(places))
            for column, values in zip(made, columns, strict=True):
                column[places] = values[i]
            free[its_keys] += each
        return [total.astype(np.uint32), *made]

    documents = [np.asarray(lists.documents).astype(np.uint32) + np.uint32(start) for start, lists in parts]
    frequencies = [lists.frequencies for _, lists in parts]
    documents_of, *entries = side_by_side([lists.documents_of for _, lists in parts], documents, frequencies)
    positions_of, positions = side_by_side([lists.positions_of for _, lists in parts], [lists.positions for _, lists in parts])
    return Columns([keys[i] for i in order], documents_of, positions_of, entries[0], entries[1], positions)


def _keys(lists: Lists | Columns) -> Sequence[str | bytes]:
    return lists.keys
