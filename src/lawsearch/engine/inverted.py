"""Inversion: documents of keys in, posting lists by field and key out; lists of one batch of documents travel as bytes.

What is analysed in a worker, kept from one build to the next, or handed to an engine's writer is an `Inverted`: it knows
its documents by their place in it, so that it is the same wherever in an index it comes to stand.
"""

from __future__ import annotations

import json
import struct
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from lawsearch.engine.base import Document

_HEAD = struct.Struct("<I")
_POSITION = itemgetter(1)


@dataclass(slots=True)
class Lists:
    """The lists of one field, key after key: how many documents and positions each key has, then those of all in turn."""

    keys: list[str] = field(default_factory=list)
    documents_of: array[int] = field(default_factory=lambda: array("I"))
    positions_of: array[int] = field(default_factory=lambda: array("I"))
    documents: array[int] = field(default_factory=lambda: array("I"))
    frequencies: array[int] = field(default_factory=lambda: array("I"))
    positions: array[int] = field(default_factory=lambda: array("I"))

    def __iter__(self) -> Iterator[tuple[str, array[int], array[int], array[int]]]:
        """Each key with its documents, the key's frequency in each, and the positions of each in turn."""
        documents, frequencies, positions = self.documents, self.frequencies, self.positions
        d = p = 0
        for key, some, places in zip(self.keys, self.documents_of, self.positions_of, strict=True):
            yield key, documents[d : d + some], frequencies[d : d + some], positions[p : p + places]
            d += some
            p += places


@dataclass(slots=True)
class Inverted:
    """Documents inverted: lists by field, and by field the length of each document that has any there."""

    size: int = 0
    fields: dict[str, Lists] = field(default_factory=dict)
    lengths: dict[str, tuple[array[int], array[int]]] = field(default_factory=dict)

    def encode(self) -> bytes:
        """Bytes that `decode` reads back. They carry no checksum of their own."""
        parts: list[bytes] = []
        names: dict[str, list[int]] = {}
        for name, lists in self.fields.items():
            arrays = (lists.documents_of, lists.positions_of, lists.documents, lists.frequencies, lists.positions)
            packed = [
                *(_bytes(values) for values in (*arrays, *self.lengths[name])),
                "\n".join(lists.keys).encode("utf-8", "surrogatepass"),
            ]
            names[name] = [len(p) for p in packed]
            parts += packed
        head = json.dumps([self.size, names], ensure_ascii=True).encode("ascii")
        return b"".join((_HEAD.pack(len(head)), head, *parts))

    @classmethod
    def decode(cls, data: bytes) -> Inverted:
        """Read what `encode` wrote. Raises ValueError or struct.error for anything else."""
        (head,) = _HEAD.unpack_from(data)
        size, names = json.loads(data[_HEAD.size : _HEAD.size + head])
        found = cls(int(size))
        at = _HEAD.size + head
        for name, sizes in names.items():
            packed = []
            for length in sizes:
                packed.append(data[at : at + length])
                at += length
            numbers = [_array(p) for p in packed[:-1]]
            found.fields[name] = Lists(packed[-1].decode("utf-8", "surrogatepass").split("\n"), *numbers[:5])
            found.lengths[name] = (numbers[5], numbers[6])
        return found


def _bytes(values: array[int]) -> bytes:
    """A byte that says how wide the numbers are, and the numbers, as narrow as they can be."""
    import numpy as np  # only a build comes here

    numbers = np.asarray(values)
    top = int(numbers.max()) if len(numbers) else 0
    width = 1 if top < 1 << 8 else 2 if top < 1 << 16 else 4
    return bytes((width,)) + numbers.astype(f"<u{width}").tobytes()


def _array(data: bytes) -> array[int]:
    """Read what `_bytes` wrote. Raises ValueError for anything else."""
    import numpy as np  # only a build comes here

    if not data or data[0] not in (1, 2, 4):
        raise ValueError("no numbers")
    return _numbers(np.frombuffer(data, dtype=f"<u{data[0]}", offset=1))


def _numbers(values: Any) -> array[int]:
    """A numpy array as one of the standard library's."""
    made = array("I")
    made.frombytes(values.astype("=u4").tobytes())
    return made


class Inverter:
    """Inverts documents one by one."""

    def __init__(self) -> None:
        self.size = 0
        self._fields: dict[str, dict[str, tuple[list[int], list[int], list[int]]]] = {}
        self._lengths: dict[str, tuple[array[int], array[int]]] = {}

    def add(self, document: Document) -> None:
        """Add the next document: by field its (key, position) pairs in any order, each counted once."""
        number = self.size
        self.size += 1
        for name, pairs in document.items():
            if not pairs:
                continue
            lists = self._fields.get(name)
            if lists is None:
                lists = self._fields[name] = {}
                self._lengths[name] = (array("I"), array("I"))
            numbers, lengths = self._lengths[name]
            numbers.append(number)
            lengths.append(len({position for _, position in pairs}))
            for key, position in sorted(set(pairs), key=_POSITION):
                entry = lists.get(key)
                if entry is None:
                    lists[key] = ([number], [1], [position])
                else:
                    documents, frequencies, positions = entry
                    positions.append(position)
                    if documents[-1] == number:
                        frequencies[-1] += 1
                    else:
                        documents.append(number)
                        frequencies.append(1)

    def inverted(self) -> Inverted:
        """All that was added, fields and keys in order."""
        found = Inverted(self.size)
        for name in sorted(self._fields):
            lists = Lists()
            for key, (documents, frequencies, positions) in sorted(self._fields[name].items()):
                lists.keys.append(key)
                lists.documents_of.append(len(documents))
                lists.positions_of.append(len(positions))
                lists.documents.extend(documents)
                lists.frequencies.extend(frequencies)
                lists.positions.extend(positions)
            found.fields[name] = lists
            found.lengths[name] = self._lengths[name]
        return found


def lengths_of(batches: Mapping[str, tuple[array[int], array[int]]], size: int, into: dict[str, array[int]]) -> None:
    """Append the lengths of a batch of ``size`` documents to those of each field in ``into``; 0 for a field not there."""
    for name, known in into.items():
        some = array("I", bytes(4 * size))
        if name in batches:
            for number, length in zip(*batches[name], strict=True):
                some[number] = length
        known.extend(some)
