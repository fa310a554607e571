"""Running a query tree over posting lists: exact sets, BM25's frequency part, phrases by position.

An engine that only keeps posting lists needs no more than a `PostingSource`. Whoosh's own matchers are not used: composed
(`DisjunctionMax`, `AndNot`, `And` below them) they miss or invent matches on random trees, and its block skipping changes
which of several equal scores are kept.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Container, Mapping, Sequence
from typing import Protocol

from lawsearch.engine.base import FIELDS, AllOf, AnyOf, Best, Found, Key, Node, Phrase, Without

#: BM25's saturation of a key's frequency.
_K1 = 1.2
#: How many postings the cache of scored lists holds in all (some 100 bytes each).
_CACHED_POSTINGS = 2_000_000


class PostingSource(Protocol):
    """Posting lists and lengths of one index."""

    def frequencies(self, field: str, key: str) -> Mapping[int, int]:
        """Document -> how often the key stands in it; empty for an unknown key."""
        ...

    def positions(self, field: str, key: str, document: int) -> Sequence[int]:
        """The key's positions in a document that holds it, ascending."""
        ...

    def length(self, field: str) -> Sequence[int]:
        """How many positions the field has, by document; empty for a field that is no text."""
        ...


class Evaluator:
    """Evaluates trees over one source. Scored posting lists are cached, least recently used first to go."""

    def __init__(self, source: PostingSource) -> None:
        self._source = source
        self._cache: OrderedDict[tuple[str, str], Mapping[int, float]] = OrderedDict()
        self._cached = 0
        self._norms: dict[str, tuple[float, float]] = {}

    def search(self, tree: Node, limit: int | None, within: Container[int] | None = None) -> Found:
        """The best ``limit`` matches among ``within``, ties by document number."""
        scores = self.scores(tree)
        if within is not None:
            scores = {n: s for n, s in scores.items() if n in within}
        ranked = ((-score, number) for number, score in scores.items())
        best = sorted(ranked) if limit is None else heapq.nsmallest(limit, ranked)
        return Found(tuple((number, -score) for score, number in best), len(scores))

    def scores(self, tree: Node) -> Mapping[int, float]:
        """Every match of ``tree`` with its score."""
        match tree:
            case Key(field, key, weight):
                factor = weight * _field_weight(field)
                return {n: s * factor for n, s in self._saturated(field, key).items()}
            case Phrase():
                return self._phrase(tree)
            case Best(children):
                return self._best([self.scores(c) for c in children])
            case AnyOf(children):
                return self._sum([self.scores(c) for c in children])
            case AllOf(children):
                return self._all(children)
            case Without(child, excluded):
                kept = self.scores(child)
                gone = self.scores(excluded)
                return {n: s for n, s in kept.items() if n not in gone}

    def _all(self, children: Sequence[Node]) -> Mapping[int, float]:
        parts = [self.scores(c) for c in children]
        by_size = sorted(parts, key=len)
        common = set(by_size[0])
        for part in by_size[1:]:
            common.intersection_update(part)
        # Summed in the order of the tree, so that no rounding depends on the lengths of lists.
        return {n: sum(part[n] for part in parts) for n in common}

    @staticmethod
    def _best(parts: Sequence[Mapping[int, float]]) -> Mapping[int, float]:
        if len(parts) == 1:
            return parts[0]
        largest: Mapping[int, float] = max(parts, key=len)
        merged = dict(largest)
        for part in parts:
            for n, s in part.items():
                if s > merged.get(n, -1.0):
                    merged[n] = s
        return merged

    @staticmethod
    def _sum(parts: Sequence[Mapping[int, float]]) -> Mapping[int, float]:
        if len(parts) == 1:
            return parts[0]
        merged: dict[int, float] = {}
        for part in parts:
            for n, s in part.items():
                merged[n] = merged.get(n, 0.0) + s
        return merged

    def _saturated(self, field: str, key: str) -> Mapping[int, float]:
        cached = self._cache.get((field, key))
        if cached is not None:
            self._cache.move_to_end((field, key))
            return cached
        constant, slope = self._norm(field)
        lengths = self._source.length(field)
        frequencies = self._source.frequencies(field, key)
        if lengths:
            scores = {n: tf * (_K1 + 1) / (tf + constant + slope * lengths[n]) for n, tf in frequencies.items()}
        else:
            scores = dict.fromkeys(frequencies, 1.0)
        self._cache[field, key] = scores
        self._cached += len(scores) + 1
        while self._cached > _CACHED_POSTINGS and len(self._cache) > 1:
            _, gone = self._cache.popitem(last=False)
            self._cached -= len(gone) + 1
        return scores

    def _norm(self, field: str) -> tuple[float, float]:
        """K1 * (1 - b + b * length / average) as ``constant + slope * length``."""
        if field not in self._norms:
            lengths = self._source.length(field)
            filled = [length for length in lengths if length]
            average = sum(filled) / len(filled) if filled else 1.0
            b = FIELDS[field][1] if field in FIELDS else 0.0
            self._norms[field] = (_K1 * (1 - b), _K1 * b / average)
        return self._norms[field]

    def _phrase(self, phrase: Phrase) -> Mapping[int, float]:
        field = phrase.field
        places = [{key: self._source.frequencies(field, key) for key in place} for place in phrase.places]
        common: set[int] | None = None
        for place in sorted(places, key=lambda p: sum(map(len, p.values()))):
            here: set[int] = set().union(*place.values())
            common = here if common is None else common & here
        constant, slope = self._norm(field)
        lengths = self._source.length(field)
        factor = phrase.weight * _field_weight(field)
        scores = {}
        for n in sorted(common or ()):
            starts: set[int] | None = None
            for offset, place in enumerate(places):
                at = {p - offset for key, docs in place.items() if n in docs for p in self._source.positions(field, key, n)}
                starts = at if starts is None else starts & at
                if not starts:
                    break
            if starts:
                tf = len(starts)
                scores[n] = factor * tf * (_K1 + 1) / (tf + constant + slope * lengths[n])
        return scores


def _field_weight(field: str) -> float:
    return FIELDS[field][0] if field in FIELDS else 1.0
