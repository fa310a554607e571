"""What tantivy is fed: of common terms the documents where they weigh most, each with how much.

A query with a great many matches has its best ones among the documents in which one of its terms weighs much. So of each
common term tantivy has no more than a share of the documents, and no frequencies: a term's *impact* in a document, which is
its saturated frequency as BM25 has it for this engine's fields and lengths, is cut into levels, and each level of a term is
a word of its own. Whoever asks for a term asks for its words, each worth what its level is. (Impact-sorted indexes: Anh,
Moffat: "Pruned query evaluation using pre-computed impacts", SIGIR 2006; static pruning: Carmel et al., SIGIR 2001.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lawsearch.engine.base import HEAD_FIELD
from lawsearch.engine.chosen import Numbers
from lawsearch.engine.evaluate import K1, norm
from lawsearch.engine.runs import Run, RunsWriter, taken, unpacked

#: Levels, and how many there are of an impact of 1. No impact reaches K1 + 1.
LEVELS, _STEPS = 16, 7.0
#: In an index of no more documents than this nobody asks tantivy anything.
FED_FROM = 10_000
#: Of each term the levels that have no more than this share of its documents, the highest one in any case.
_SHARE = 0.2
#: By so many documents of a term its levels are measured.
_MEASURED = 5_000
#: So many entries are looked at at once: that they stay in the cache.
_AT_ONCE = 1 << 18
#: A word has so many letters of six bits, from this one on.
_LETTERS, _FIRST_LETTER = 4, 48
#: No more terms than this have words.
_MOST_TERMS = (1 << 6 * _LETTERS) // LEVELS - 1


def worth(level: int) -> float:
    """What a level is worth."""
    return (level + 0.5) / _STEPS


def word(rank: int, level: int) -> str:
    """The word of one level of a term."""
    number = rank * LEVELS + level
    return "".join([chr((number >> shift & 63) + _FIRST_LETTER) for shift in range(0, 6 * _LETTERS, 6)])


def words(numbers: Numbers) -> str:
    """Words (rank and level in one number) with a blank behind each; each takes `WORD` letters."""
    left = numbers.astype(np.uint32)
    letters = np.full((len(numbers), _LETTERS + 1), ord(" "), dtype=np.uint8)
    for at in range(_LETTERS):
        letters[:, at] = (left & 63) + _FIRST_LETTER
        left >>= 6
    return letters.tobytes().decode("ascii")


WORD = _LETTERS + 1


class Fed:
    """By term number: its rank from 1 on if tantivy has it, else 0; its lowest and highest level there."""

    def __init__(self, size: int, lengths: Mapping[str, Numbers], fields: Numbers, names: Sequence[str]) -> None:
        self.rank = np.zeros(len(fields), dtype=np.uint32)
        self.least, self.most = np.zeros(len(fields), dtype=np.uint16), np.zeros(len(fields), dtype=np.uint16)
        self._size = size
        self._fields = fields
        self._ranks = 0
        # By field what is added to a frequency below the fraction's line, by document.
        self._norms: list[Numbers | None] = []
        for name in names:
            if name == HEAD_FIELD:
                self._norms.append(None)
                continue
            its = lengths[name]
            filled = int(np.count_nonzero(its))
            constant, slope = norm(name, int(its.sum(dtype=np.int64)) / filled if filled else 1.0)
            self._norms.append((constant + slope * its).astype(np.float32))

    def add(self, term: int, documents: Numbers, frequencies: Numbers) -> None:
        """A common term, by all of its documents."""
        norms = self._norms[int(self._fields[term])]
        if norms is None or self._size <= FED_FROM or self._ranks == _MOST_TERMS:
            return
        step = max(1, len(documents) // _MEASURED)
        levels = _levels(frequencies[::step], norms[documents[::step]])
        many = np.bincount(levels, minlength=LEVELS)
        above = np.cumsum(many[::-1])[::-1]
        most = int(np.flatnonzero(many)[-1])
        self._ranks += 1
        self.rank[term] = self._ranks
        few = np.flatnonzero(above <= _SHARE * len(levels))
        self.least[term] = min(most, int(few[0])) if len(few) else most
        self.most[term] = most

    def documents(self, runs: RunsWriter) -> Iterator[tuple[int, str, list[int]]]:
        """Run after run: how many documents, the words of all in turn, and where those of each begin and end."""
        for run in runs.runs if self._ranks else ():
            numbers, documents = self._chosen(runs, run)
            order = np.argsort(documents.astype(np.uint16) if run.size <= 1 << 16 else documents, kind="stable")
            bounds = np.zeros(run.size + 1, dtype=np.int64)
            np.cumsum(np.bincount(documents, minlength=run.size), out=bounds[1:])
            yield run.size, words(numbers[order]), (bounds * WORD).tolist()

    def _chosen(self, runs: RunsWriter, run: Run) -> tuple[Numbers, Numbers]:
        """The words that a run's documents have, as numbers, and the document of each."""
        rows = np.flatnonzero(self.rank[run.terms])
        entries = runs.entries(run, 0, len(run.terms))
        norms = np.zeros((len(self._norms), run.size), dtype=np.float32)
        for field, its in enumerate(self._norms):
            if its is not None:
                norms[field] = its[run.first : run.first + run.size]
        ends = np.cumsum(np.diff(run.bounds)[rows])
        numbers, documents = [np.empty(0, dtype=np.uint32)], [np.empty(0, dtype=np.uint32)]
        row = 0
        while row < len(rows):
            done = int(ends[row - 1]) if row else 0
            last = max(row + 1, int(np.searchsorted(ends, done + _AT_ONCE, side="right")))
            some, here = self._weighty(run, rows[row:last], entries, norms.ravel())
            numbers.append(some)
            documents.append(here)
            row = last
        return np.concatenate(numbers), np.concatenate(documents)

    def _weighty(self, run: Run, rows: Numbers, entries: Numbers, norms: Numbers) -> tuple[Numbers, Numbers]:
        """The same of some of the run's terms."""
        terms, sizes = run.terms[rows], np.diff(run.bounds)[rows]
        documents, frequencies = unpacked(taken(entries, run.bounds[rows], sizes))
        levels = _levels(frequencies, norms[np.repeat(self._fields[terms] * run.size, sizes) + documents.astype(np.int64)])
        kept = np.flatnonzero(levels >= np.repeat(self.least[terms].astype(np.uint8), sizes))
        # Not all documents were measured: what is higher than the highest is as it is.
        levels = np.minimum(levels[kept], np.repeat(self.most[terms].astype(np.uint8), sizes)[kept])
        numbers = np.repeat(self.rank[terms] * np.uint32(LEVELS), sizes)[kept] + levels
        return numbers, documents[kept].astype(np.uint32)


def _levels(frequencies: Any, norms: Numbers) -> Numbers:
    """The level of each impact."""
    impact = frequencies.astype(np.float32)
    norms += impact
    impact *= np.float32((K1 + 1) * _STEPS)
    impact /= norms
    levels: Numbers = np.minimum(impact, LEVELS - 1).astype(np.uint8)
    return levels
