"""Sets of documents, each with how often a term occurs in each of them, on disk and in memory.

On disk a set is a bitmap, 64 documents to a word, where that takes no more room than the documents one by one; so the commonest
terms, which many queries have, are put together and counted a word at a time. ``sets`` holds the documents of every term,
``frequencies`` how often it occurs in each, a byte each unless one is higher; `term_lists` knows where and has the checksums.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lawsearch.engine.chosen import Numbers

SETS_FILE, FREQUENCIES_FILE = "sets", "frequencies"
_WORD: Any = np.dtype("<u8")
_ONE, _SIX = np.uint64(1), 6
_BITS = _ONE << np.arange(64, dtype=np.uint64)
#: Of more than every 2^5th document a bitmap is sooner made by way of a table.
_DENSE = 5
#: So many documents are sooner looked for one by one than by a table of all.
_FEW = 500


def words_for(documents: int) -> int:
    """How many words a bitmap of so many documents has."""
    return (documents + 63) >> _SIX


def is_bitmap(used: Any, documents: int) -> Any:
    """True where a set of ``used`` out of all documents is a bitmap on disk; for an array of them by each."""
    return used * 4 >= words_for(documents) * 8


def packed(documents: Numbers, size: int) -> Numbers:
    """A bitmap of ``size`` documents in which these stand, each of which comes once."""
    found = np.zeros(words_for(size), dtype=_WORD)
    if len(documents) << _DENSE > size:
        table = np.zeros(len(found) * 64, dtype=bool)
        table[documents] = True
        return np.packbits(table, bitorder="little").view(_WORD)
    # Bits that differ are as well added.
    np.add.at(found, documents >> _SIX, _BITS[documents & 63])
    return found


def unpacked(words: Numbers) -> Numbers:
    """The documents of a bitmap, ascending."""
    filled = np.flatnonzero(words != 0)
    if 2 * len(filled) > len(words):
        return np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little").view(bool))
    at = np.flatnonzero(np.unpackbits(words[filled].view(np.uint8), bitorder="little").view(bool))
    found: Numbers = (filled[at >> _SIX] << _SIX) + (at & 63)
    return found


def holds(words: Numbers, documents: Numbers) -> Numbers:
    """For each of some documents whether a bitmap has it."""
    found: Numbers = (words[documents >> _SIX] & _BITS[documents & 63]) != 0
    return found


def counted(words: Numbers) -> int:
    """How many documents a bitmap has."""
    return int(np.bitwise_count(words).sum(dtype=np.int64))


class Asked:
    """Documents (ascending) of which many sets are asked: with the word of a bitmap that each is in, and its bit there."""

    __slots__ = ("bit", "documents", "word")

    def __init__(self, documents: Numbers) -> None:
        self.documents = documents
        self.word = documents >> _SIX
        self.bit = _BITS[documents & 63]


class DocumentSet:
    """The documents that a term is in: read as a bitmap, or one by one."""

    __slots__ = ("_before", "_listed", "_size", "_words")

    def __init__(self, data: bytes, bitmap: bool, size: int) -> None:
        self._size = size
        self._before: Numbers | None = None
        self._words: Numbers | None = np.frombuffer(data, dtype=_WORD) if bitmap else None
        self._listed: Numbers | None = None if bitmap else np.frombuffer(data, dtype="<u4")

    def words(self) -> Numbers:
        """The set as a bitmap."""
        if self._words is None:
            self._words = packed(self.documents(), self._size)
        return self._words

    def documents(self) -> Numbers:
        """The documents, ascending."""
        return unpacked(self.words()) if self._listed is None else self._listed.astype(np.int64)

    def among(self, some: Asked) -> tuple[Numbers, Numbers]:
        """Which of some documents are in the set, by their place among them; and the place of each in the set."""
        documents = some.documents
        if self._listed is not None and (len(documents) < _FEW or len(self._listed) < _FEW):
            if len(documents) < len(self._listed):
                at = np.searchsorted(self._listed, documents.astype(np.uint32))
                here = np.flatnonzero(self._listed[np.minimum(at, len(self._listed) - 1)] == documents)
                return here, at[here]
            listed = self._listed.astype(np.int64)
            at = np.minimum(np.searchsorted(documents, listed), max(0, len(documents) - 1))
            its = np.flatnonzero(documents[at] == listed) if len(documents) else np.empty(0, dtype=np.int64)
            return at[its], its
        words = self.words()
        if self._before is None:
            each = np.bitwise_count(words)
            self._before = np.cumsum(each, dtype=np.int32)
            self._before -= each
        its_words = words[some.word]
        here = np.flatnonzero((its_words & some.bit) != 0)
        of = some.word[here]
        below = np.bitwise_count(its_words[here] & (some.bit[here] - _ONE))
        return here, self._before[of] + below
