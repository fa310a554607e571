"""Pairs of keys and places, sorted into posting lists by arrays: what `inverted.Inverter` does document by document, for a
batch at once. The lists are the same.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np  # only a build comes here

from lawsearch.engine.inverted import Inverted, Lists
from lawsearch.engine.ragged import Chosen, Numbers

#: The positions of documents are marked in a table where that has no more places than so many for each pair.
_MOST_MARKS = 16
#: Numbers below this are sorted digit by digit.
_SHORT = 1 << 16


class Pairs(NamedTuple):
    """The pairs of one field in any order, any number of times: the number of each one's key, its document, its position."""

    keys: Numbers
    documents: Numbers
    positions: Numbers

    @classmethod
    def joined(cls, parts: Sequence[Pairs]) -> Pairs:
        """All pairs of several parts."""
        return cls(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def where(self, chosen: Chosen | Numbers) -> Pairs:
        """The pairs that are chosen."""
        return Pairs(self.keys[chosen], self.documents[chosen], self.positions[chosen])


def inverted(size: int, fields: Mapping[str, tuple[Pairs, Sequence[str]]]) -> Inverted:
    """``size`` documents inverted, of which each field has its pairs and its keys by number (which may be shared by fields)."""
    found = Inverted(size)
    ranks = _Ranks(fields)
    for name in sorted(fields):
        pairs, keys = fields[name]
        if not len(pairs.keys):
            continue
        rank, ranked = ranks.of(keys)
        # One number a pair, in which key, document and position follow one another: sorting it sorts them all.
        document_bits = int(size).bit_length()
        position_bits = int(pairs.positions.max()).bit_length()
        codes = _by_key(rank[pairs.keys], (pairs.documents << position_bits) | pairs.positions, document_bits + position_bits)
        codes = codes[_firsts(codes)]
        key_and_document = codes >> position_bits
        first = _firsts(key_and_document)
        entries = key_and_document[first]
        key_of = entries >> document_bits
        key_first = _firsts(key_of)
        bounds = np.append(first, len(codes))
        lists = Lists()
        lists.keys = [ranked[r] for r in key_of[key_first].tolist()]
        lists.documents_of = _array(np.diff(np.append(key_first, len(entries))))
        lists.positions_of = _array(np.diff(bounds[np.append(key_first, len(entries))]))
        lists.documents = _array(entries & ((1 << document_bits) - 1))
        lists.frequencies = _array(np.diff(bounds))
        lists.positions = _array(codes & ((1 << position_bits) - 1))
        found.fields[name] = lists
        held = _held(pairs, size)
        documents = np.flatnonzero(held)
        found.lengths[name] = _array(documents), _array(held[documents])
    return found


class _Ranks:
    """The place of each key among those that occur, in the order of their letters: once for all fields that share keys."""

    def __init__(self, fields: Mapping[str, tuple[Pairs, Sequence[str]]]) -> None:
        used: dict[int, list[Numbers]] = {}
        names: dict[int, Sequence[str]] = {}
        for pairs, keys in fields.values():
            used.setdefault(id(keys), []).append(pairs.keys)
            names[id(keys)] = keys
        self._ranks: dict[int, tuple[Numbers, list[str]]] = {}
        for number, parts in used.items():
            keys = names[number]
            present = np.zeros(len(keys), dtype=bool)
            for part in parts:
                present[part] = True
            order = sorted(np.flatnonzero(present).tolist(), key=keys.__getitem__)
            rank = np.zeros(len(keys), dtype=np.int64)
            rank[order] = np.arange(len(order))
            self._ranks[number] = rank, [keys[i] for i in order]

    def of(self, keys: Sequence[str]) -> tuple[Numbers, list[str]]:
        """The rank of each key, and the keys by rank."""
        return self._ranks[id(keys)]


def _held(pairs: Pairs, size: int) -> Numbers:
    """How many positions each of ``size`` documents has."""
    across = int(pairs.positions.max()) + 1
    places = pairs.documents * across + pairs.positions
    if size * across <= _MOST_MARKS * len(places):
        # Marking takes a quarter of the time that sorting does.
        marks = np.zeros(size * across, dtype=bool)
        marks[places] = True
        counts: Numbers = marks.reshape(size, across).sum(axis=1)
        return counts
    places.sort()
    return np.bincount(places[_firsts(places)] // across, minlength=size)


def _by_key(ranks: Numbers, places: Numbers, bits: int) -> Numbers:
    """Ranks with places in the lower ``bits``, sorted."""
    if int(ranks.max()) < _SHORT:
        # Numbers of 16 bits are sorted digit by digit, and then all is in order but for some neighbours: texts come document by
        # document, and their words one after the other.
        order = np.argsort(ranks.astype(np.uint16), kind="stable")
        ranks, places = ranks[order], places[order]
    codes = (ranks << bits) | places
    if (codes[1:] < codes[:-1]).any():
        codes.sort(kind="stable")
    return codes


def _firsts(values: Numbers) -> Numbers:
    """Where a sorted array's values stand for the first time."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    return np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1))


def _array(values: Numbers) -> array[int]:
    made = array("I")
    made.frombytes(values.astype(np.uint32).tobytes())
    return made
