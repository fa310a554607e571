"""Running a query tree over posting lists: exact sets, BM25's frequency part, phrases by position.

An engine that only keeps posting lists needs no more than a `PostingSource`. Whoosh's own matchers are not used: composed
(`DisjunctionMax`, `AndNot`, `And` below them) they miss or invent matches on random trees, and its block skipping changes
which of several equal scores are kept.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from lawsearch.engine.base import (
    FIELDS,
    AllOf,
    AnyOf,
    Best,
    Either,
    Found,
    Interval,
    Key,
    Near,
    Node,
    Numbered,
    Phrase,
    Run,
    Together,
    Without,
)

#: BM25's saturation of a key's frequency.
K1 = 1.2
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
        # What is near what is asked document by document: of the keys of one question the lists are at hand.
        self._at_hand: dict[tuple[str, str], Mapping[int, int]] = {}

    def search(self, tree: Node, limit: int | None, within: Collection[int] | None = None) -> Found:
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
                factor = weight * field_weight(field)
                return {n: s * factor for n, s in self._saturated(field, key).items()}
            case Phrase():
                return self._phrase(tree)
            case Best(children):
                return self._best([self.scores(c) for c in children])
            case AnyOf(children):
                return self._sum([self.scores(c) for c in children])
            case AllOf(children):
                return self._all(children)
            case Numbered(documents):
                return dict.fromkeys(documents, 0.0)
            case Near():
                return self._near(tree)
            case Without(child, excluded):
                kept = self.scores(child)
                gone = self.scores(excluded)
                return {n: s for n, s in kept.items() if n not in gone}

    def frequency(self, field: str, keys: Sequence[str]) -> int:
        """In how many documents any of the keys stands."""
        if len(keys) == 1:
            return len(self._source.frequencies(field, keys[0]))
        return len(set().union(*(self._source.frequencies(field, key) for key in keys)))

    def spread(
        self,
        own: Sequence[Node],
        titles: Sequence[Node],
        together: Node,
        groups: Sequence[int],
        within: Collection[int] | None = None,
        least: float = 0.0,
    ) -> Found:
        """Groups of documents that hold every node, but in no one document.

        ``groups`` gives each document's group; a group that a title node matches holds that node, and one with a match of
        ``together`` is left out. Of each group, in order, the fewest documents of ``within`` that hold all of ``own``: the
        document with the most, then with the highest sum of scores, then the first; with the sum of all its own scores. Those
        with less than ``least`` are counted and left out.
        """
        done = {groups[n] for n in self.scores(together)}
        scored = [self.scores(node) for node in own]
        holding: list[dict[int, list[int]]] = []
        for in_text in scored:
            by_group: dict[int, list[int]] = {}
            for n in in_text:
                if within is None or n in within:
                    by_group.setdefault(groups[n], []).append(n)
            holding.append(by_group)
        titled = [{groups[n] for n in self.scores(node)} for node in titles]
        candidates = set.intersection(*(h.keys() | t for h, t in zip(holding, titled, strict=True))) - done
        found: list[tuple[int, float]] = []
        for group in sorted(candidates):
            left = [i for i, h in enumerate(holding) if group in h]
            while left:
                count: dict[int, int] = {}
                for i in left:
                    for n in holding[i][group]:
                        count[n] = count.get(n, 0) + 1
                best = min(count, key=lambda n: (-count[n], -sum(scored[i].get(n, 0.0) for i in left), n))
                found.append((best, sum(scores.get(best, 0.0) for scores in scored)))
                left = [i for i in left if best not in scored[i]]
        return Found(tuple(one for one in found if one[1] >= least), len(found))

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
        if not parts:
            return {}
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
            scores = {n: tf * (K1 + 1) / (tf + constant + slope * lengths[n]) for n, tf in frequencies.items()}
        else:
            scores = dict.fromkeys(frequencies, 1.0)
        self._cache[field, key] = scores
        self._cached += len(scores) + 1
        while self._cached > _CACHED_POSTINGS and len(self._cache) > 1:
            _, gone = self._cache.popitem(last=False)
            self._cached -= len(gone) + 1
        return scores

    def _norm(self, field: str) -> tuple[float, float]:
        """See `norm`."""
        if field not in self._norms:
            lengths = self._source.length(field)
            filled = [length for length in lengths if length]
            self._norms[field] = norm(field, sum(filled) / len(filled) if filled else 1.0)
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
        factor = phrase.weight * field_weight(field)
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
                scores[n] = factor * tf * (K1 + 1) / (tf + constant + slope * lengths[n])
        return scores

    def _near(self, near: Near) -> Mapping[int, float]:
        constant, slope = self._norm(near.field)
        lengths = self._source.length(near.field)
        factor = near.weight * field_weight(near.field)
        scores = {}
        try:
            for n in sorted(self._holding(near.interval)):
                tf = len({start for start, _ in self._intervals(near.interval, n)})
                if tf:
                    scores[n] = factor * tf * (K1 + 1) / (tf + constant + slope * lengths[n])
        finally:
            self._at_hand.clear()
        return scores

    def _frequencies(self, field: str, key: str) -> Mapping[int, int]:
        known = self._at_hand.get((field, key))
        if known is None:
            known = self._at_hand[field, key] = self._source.frequencies(field, key)
        return known

    def _holding(self, interval: Interval) -> set[int]:
        """The documents that hold the keys of an interval, wherever they stand."""
        match interval:
            case Run(field, places):
                each = [set().union(*(self._frequencies(field, key) for key in place)) for place in places]
                return set.intersection(*each) if each else set()
            case Either(children):
                return set().union(*(self._holding(c) for c in children))
            case Together(children):
                return set.intersection(*(self._holding(c) for c in children))

    def _intervals(self, interval: Interval, n: int) -> list[tuple[int, int]]:
        """Where an interval stands in a document: first and last position, both inclusive, ascending."""
        match interval:
            case Run(field, places):
                starts: set[int] | None = None
                for offset, place in enumerate(places):
                    at = {
                        p - offset
                        for key in place
                        if n in self._frequencies(field, key)
                        for p in self._source.positions(field, key, n)
                    }
                    starts = at if starts is None else starts & at
                return [(start, start + len(places) - 1) for start in sorted(starts or ())]
            case Either(children):
                return sorted({found for c in children for found in self._intervals(c, n)})
            case Together(children, slack, ordered):
                each = [self._intervals(c, n) for c in children]
                return _together(each, slack, ordered)


def _together(each: Sequence[Sequence[tuple[int, int]]], slack: int, ordered: bool) -> list[tuple[int, int]]:
    """The stretches that hold one interval of each list, by where they begin the shortest one."""
    found = set()
    for first in sorted({interval for intervals in each for interval in intervals}):
        reach = [[i for i in intervals if i >= first] for intervals in each]
        if not all(reach):
            break
        chosen = _chain(reach, first) if ordered else _assigned(reach, first, slack)
        if chosen is not None:
            end = max(last for _, last in chosen)
            taken = sum(last - start + 1 for start, last in chosen)
            if end - first[0] + 1 - taken <= slack:
                found.add((first[0], end))
    return sorted(found)


def _chain(reach: Sequence[Sequence[tuple[int, int]]], first: tuple[int, int]) -> list[tuple[int, int]] | None:
    """The intervals that follow one another soonest, beginning with ``first``."""
    if first not in reach[0]:
        return None
    chosen = [first]
    for intervals in reach[1:]:
        following = [i for i in intervals if i[0] > chosen[-1][1]]
        if not following:
            return None
        chosen.append(min(following, key=lambda i: (i[1], i[0])))
    return chosen


def _assigned(reach: Sequence[Sequence[tuple[int, int]]], first: tuple[int, int], slack: int) -> list[tuple[int, int]] | None:
    """One interval of each list, ``first`` among them, no two beginning at one position, within the shortest stretch.

    The stretch grows until a matching of lists and beginnings exists (Kuhn's algorithm).
    """
    longest = sum(max(last - start + 1 for start, last in intervals) for intervals in reach)
    limit = first[0] + longest + slack
    ends = sorted({last for intervals in reach for _, last in intervals if last <= limit})
    for end in ends:
        inside = [[i for i in intervals if i[1] <= end] for intervals in reach]
        if not all(inside):
            continue
        for leader in (k for k, intervals in enumerate(inside) if first in intervals):
            taken: dict[int, int] = {first[0]: leader}
            chosen: dict[int, tuple[int, int]] = {leader: first}
            if all(k == leader or _augment(k, inside, taken, chosen, {first[0]}) for k in range(len(inside))):
                return list(chosen.values())
    return None


def _augment(
    k: int,
    inside: Sequence[Sequence[tuple[int, int]]],
    taken: dict[int, int],
    chosen: dict[int, tuple[int, int]],
    seen: set[int],
) -> bool:
    for interval in inside[k]:
        start = interval[0]
        if start in seen:
            continue
        seen.add(start)
        if start not in taken or _augment(taken[start], inside, taken, chosen, seen):
            taken[start] = k
            chosen[k] = interval
            return True
    return False


def norm(field: str, average: float) -> tuple[float, float]:
    """BM25's norm of a text's length, K1 * (1 - b + b * length / average), as ``constant + slope * length``."""
    b = FIELDS[field][1] if field in FIELDS else 0.0
    return (K1 * (1 - b), K1 * b / average)


def field_weight(field: str) -> float:
    """What a field weighs in a score."""
    return FIELDS[field][0] if field in FIELDS else 1.0
