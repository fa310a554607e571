"""What each document holds, document by document, on disk: for an engine that finds documents and leaves scoring to `evaluate`.

Three files of numbers and keys. ``documents``: of each document, field by field, the numbers of its keys (ascending), how
often each occurs, and where; behind it a CRC-32 that covers the document's own number too. ``places``: where each document
begins. ``keys``: a file of `posting_lists` with the number of every key and the fields' lengths. All little-endian.
"""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lawsearch.engine.base import FIELDS, HEAD_FIELD
from lawsearch.engine.inverted import Inverted, lengths_of
from lawsearch.engine.posting_lists import ListsReader, ListsWriter, stored
from lawsearch.errors import damaged

DOCUMENTS_FILE, PLACES_FILE, KEYS_FILE = "documents", "places", "keys"
#: The fields by number.
NAMES = (*FIELDS, HEAD_FIELD)
_PART = struct.Struct("<BBBII")  # field; bytes a frequency and a position; keys, positions
_CHECK = struct.Struct("<I")
_PLACE = struct.Struct("<QQ")
_NUMBER = struct.Struct("<Q")
_TYPES: dict[int, Any] = {1: np.dtype("<u1"), 2: np.dtype("<u2"), 4: np.dtype("<u4")}
_KEYS = "keys"
#: How many documents (some 3 KB each) are kept once read.
_KEPT = 4_000

Numbers: TypeAlias = NDArray[Any]


def _width(values: Numbers) -> int:
    top = int(values.max(initial=0))
    return 1 if top < 1 << 8 else 2 if top < 1 << 16 else 4


class Part(NamedTuple):
    """One field of a document where it lies: in ``body`` from ``at`` on; its arrays are made when asked for."""

    body: memoryview
    at: int
    frequency_width: int
    position_width: int
    keys: int
    places: int

    def arrays(self) -> tuple[Numbers, Numbers, Numbers]:
        """The numbers of the keys, how often each occurs, the positions of each in turn."""
        body, at, w, v, count, places = self
        keys = np.frombuffer(body, np.dtype("<u4"), count, at)
        frequencies = np.frombuffer(body, _TYPES[w], count, at + 4 * count)
        return keys, frequencies, np.frombuffer(body, _TYPES[v], places, at + (4 + w) * count)


class DocumentsWriter:
    """Writes documents in order. `close` makes the files whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stream: BinaryIO = (folder / DOCUMENTS_FILE).open("wb")
        self._places = array("Q", [0])
        self._numbers: dict[str, int] = {}
        self._lengths = {name: array("I") for name in FIELDS}

    def add_batch(self, batch: Inverted) -> list[dict[str, list[int]]]:
        """Write the documents of a batch. Returns of each, by field, the numbers of its keys, each as often as it occurs."""
        lengths_of(batch.lengths, batch.size, self._lengths)
        parts: list[list[bytes]] = [[] for _ in range(batch.size)]
        held: list[dict[str, list[int]]] = [{} for _ in range(batch.size)]
        for field, name in enumerate(NAMES):
            lists = batch.fields.get(name)
            if lists is None:
                continue
            numbers = np.fromiter((self._number(key) for key in lists.keys), dtype=np.int64, count=len(lists.keys))
            keys = np.repeat(numbers, lists.documents_of)
            documents = np.asarray(lists.documents).astype(np.int64)
            frequencies = np.asarray(lists.frequencies).astype(np.int64)
            starts = np.cumsum(frequencies) - frequencies
            order = np.lexsort((keys, documents))
            keys, documents, frequencies, starts = keys[order], documents[order], frequencies[order], starts[order]
            ends = np.cumsum(frequencies)
            at = np.arange(int(frequencies.sum())) - np.repeat(ends - frequencies, frequencies) + np.repeat(starts, frequencies)
            positions = np.asarray(lists.positions)[at]
            occurring = np.repeat(keys, frequencies).tolist()
            which, first = np.unique(documents, return_index=True)
            bounds = [*first.tolist(), len(documents)]
            marks = [0, *ends.tolist()]
            for i, number in enumerate(which.tolist()):
                a, b = bounds[i], bounds[i + 1]
                some, where = frequencies[a:b], positions[marks[a] : marks[b]]
                w, v = _width(some), _width(where)
                parts[number] += (
                    _PART.pack(field, w, v, b - a, marks[b] - marks[a]),
                    keys[a:b].astype("<u4").tobytes(),
                    some.astype(_TYPES[w]).tobytes(),
                    where.astype(_TYPES[v]).tobytes(),
                )
                held[number][name] = occurring[marks[a] : marks[b]]
        for each in parts:
            body = b"".join(each)
            number = len(self._places) - 1
            self._stream.write(body + _CHECK.pack(crc32(body, crc32(_NUMBER.pack(number)))))
            self._places.append(self._places[-1] + len(body) + _CHECK.size)
        return held

    def _number(self, key: str) -> int:
        return self._numbers.setdefault(key, len(self._numbers))

    def close(self) -> None:
        self._stream.close()
        np.asarray(self._places).astype("<u8").tofile(self._folder / PLACES_FILE)
        with (self._folder / KEYS_FILE).open("wb") as stream:
            writer = ListsWriter(stream)
            writer.start_field(_KEYS)
            one, nought = array("I", [1]), array("I", [0])
            for key, number in sorted((stored(key), number) for key, number in self._numbers.items()):
                writer.add(key, nought, one, array("I", [number]))
            writer.close(len(self._places) - 1, self._lengths)

    def cancel(self) -> None:
        self._stream.close()


class DocumentsReader:
    """Reads them. Raises IndexUnusableError wherever what is read is not what was written."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / DOCUMENTS_FILE
        self._keys = ListsReader(folder / KEYS_FILE)
        self.size = self._keys.documents
        self._numbers: dict[str, int | None] = {}
        self._lengths: dict[str, Sequence[int]] = {}
        handles: list[int] = []
        try:
            for file in (self._file, folder / PLACES_FILE):
                handles.append(os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0)))
            if os.fstat(handles[1]).st_size != 8 * (self.size + 1):
                raise damaged(folder / PLACES_FILE, "a part of it is missing")
        except BaseException:
            self._keys.close()
            for handle in handles:
                os.close(handle)
            raise
        self._documents, self._places = handles
        #: A query looks at likely documents more than once.
        self.parts = lru_cache(maxsize=_KEPT)(self._parts)

    def close(self) -> None:
        self._keys.close()
        for handle in (self._documents, self._places):
            if handle >= 0:
                os.close(handle)
        self._documents = self._places = -1

    def number(self, key: str) -> int | None:
        """The number of a key, or None where no document has it in any field."""
        if key not in self._numbers:
            found = self._keys.arrays(_KEYS, key)[2] if key else ()
            if len(self._numbers) > 100_000:
                self._numbers.clear()
            self._numbers[key] = found[0] if found else None
        return self._numbers[key]

    def length(self, field: str) -> Sequence[int]:
        """How long the field is in each document; empty for a field whose lengths are not kept."""
        if field not in self._lengths:
            self._lengths[field] = self._keys.length(field)
        return self._lengths[field]

    def check(self) -> None:
        """Read everything there is."""
        for name, key in self._keys.vocabulary():
            self._keys.arrays(name, key)
        for name in FIELDS:
            self._keys.length(name)
        for document in range(self.size):
            self._parts(document)

    def _parts(self, document: int) -> dict[str, Part]:
        """Of each field of a document: the numbers of its keys, how often each occurs, the positions of each in turn."""
        if not 0 <= document < self.size:
            raise damaged(self._file, "a document that it does not have")
        start, end = _PLACE.unpack(self._read(self._places, 8 * document, _PLACE.size))
        # Asked for by numbers that are not checked themselves: never more than the file has.
        if not start + _CHECK.size <= end <= os.fstat(self._documents).st_size:
            raise damaged(self._file, "a place of a document has changed")
        data = self._read(self._documents, start, end - start)
        body = memoryview(data)[: -_CHECK.size]
        if crc32(body, crc32(_NUMBER.pack(document))) != _CHECK.unpack_from(data, len(body))[0]:
            raise damaged(self._file, "a document has changed")
        found: dict[str, Part] = {}
        at = 0
        try:
            while at < len(body):
                field, w, v, count, places = _PART.unpack_from(body, at)
                at += _PART.size
                if w not in _TYPES or v not in _TYPES:
                    raise ValueError("a number of no such width")
                found[NAMES[field]] = Part(body, at, w, v, count, places)
                at += (4 + w) * count + v * places
            if at != len(body):
                raise ValueError("cut")
        except (struct.error, IndexError, ValueError):
            raise damaged(self._file, "a document does not add up") from None
        return found

    def _read(self, handle: int, offset: int, size: int) -> bytes:
        if hasattr(os, "pread"):
            data = os.pread(handle, size, offset)
        else:
            os.lseek(handle, offset, os.SEEK_SET)
            data = os.read(handle, size)
        if len(data) != size:
            raise damaged(self._file, "a part of it is missing")
        return data


class Chosen:
    """Some documents as an `evaluate.PostingSource`: of the keys that are asked for, what these documents hold."""

    def __init__(self, reader: DocumentsReader, documents: Iterable[int], fields: Iterable[str]) -> None:
        self._reader = reader
        each: dict[str, tuple[list[int], list[Numbers], list[Numbers], list[Numbers]]]
        each = {name: ([], [], [], []) for name in fields}
        for document in documents:
            parts = reader.parts(document)
            for name, gathered in each.items():
                if name in parts:
                    keys, frequencies, positions = parts[name].arrays()
                    gathered[0].append(document)
                    gathered[1].append(keys)
                    gathered[2].append(frequencies)
                    gathered[3].append(positions)
        self._fields: dict[str, tuple[Numbers, Numbers, Numbers, Numbers, Numbers]] = {}
        for name, (numbers, keys_of, frequencies_of, positions_of) in each.items():
            if numbers:
                frequencies = np.concatenate(frequencies_of).astype(np.int64)
                ends = np.cumsum(frequencies)
                whose = np.repeat(np.asarray(numbers, dtype=np.int64), [len(k) for k in keys_of])
                positions = np.concatenate(positions_of)
                if len(positions) != (ends[-1] if len(ends) else 0):
                    raise damaged(Path(DOCUMENTS_FILE), "a document does not add up")
                self._fields[name] = (whose, np.concatenate(keys_of), frequencies, ends - frequencies, positions)
        self._known: dict[tuple[str, str], dict[int, tuple[int, int]]] = {}

    def frequencies(self, field: str, key: str) -> Mapping[int, int]:
        return {document: count for document, (_, count) in self._postings(field, key).items()}

    def positions(self, field: str, key: str, document: int) -> Sequence[int]:
        start, count = self._postings(field, key)[document]
        found: list[int] = self._fields[field][4][start : start + count].tolist()
        return found

    def length(self, field: str) -> Sequence[int]:
        return self._reader.length(field)

    def _postings(self, field: str, key: str) -> dict[int, tuple[int, int]]:
        """Document -> where its positions begin, and how many there are."""
        known = self._known.get((field, key))
        if known is None:
            known = self._known[field, key] = self._found(field, key)
        return known

    def _found(self, field: str, key: str) -> dict[int, tuple[int, int]]:
        number = self._reader.number(key)
        if number is None or field not in self._fields:
            return {}
        whose, keys, frequencies, starts, _ = self._fields[field]
        here = np.flatnonzero(keys == number)
        where = zip(starts[here].tolist(), frequencies[here].tolist(), strict=True)
        return dict(zip(whose[here].tolist(), where, strict=True))
