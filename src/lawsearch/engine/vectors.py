"""Running a query tree over long posting lists: the same sets and scores, to the last bit, as `engine.evaluate`, by arrays.

Below some ten thousand documents a dictionary is faster than the import of numpy; above, a list of a common word has more
entries than Python can look at in a query's time. Sums are made in the order that `evaluate` makes them in, so that no
score depends on which of the two has made it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lawsearch.engine.base import AllOf, AnyOf, Best, Found, Key, Near, Node, Numbered, Phrase, Without
from lawsearch.engine.evaluate import K1, Evaluator, PostingSource, field_weight, norm

Numbers: TypeAlias = NDArray[np.int64]
Scores: TypeAlias = NDArray[np.float64]

#: How many entries (24 bytes each) the caches of lists and of evaluated trees hold in all.
_CACHED_LISTS = 16_000_000
_CACHED_TREES = 4_000_000
#: So many entries are sooner written into a table by document than looked up one by one.
_FEW = 4_096
#: Room for a position and its place in a phrase, in one number with the document's.
_BITS = 24
_SLACK = 1 << 10


class ArraySource(PostingSource, Protocol):
    """A `PostingSource` that can give whole lists."""

    def arrays(self, field: str, key: str) -> tuple[Any, Any, Any]:
        """Gaps between documents, frequencies, positions of each document in turn; empty for an unknown key."""
        ...

    def document_count(self) -> int: ...


class Vector(Mapping[int, float]):
    """Documents, ascending, with their scores: what a dictionary is to `evaluate`."""

    __slots__ = ("documents", "held", "scores")

    def __init__(self, documents: Numbers, scores: Scores) -> None:
        self.documents = documents
        self.scores = scores
        #: Which groups have one of the documents, by bits, once it was asked for.
        self.held: int | None = None

    def __len__(self) -> int:
        return len(self.documents)

    def __iter__(self) -> Iterator[int]:
        return iter(self.documents.tolist())

    def __getitem__(self, document: int) -> float:
        at = int(self.documents.searchsorted(document))
        if at < len(self.documents) and self.documents[at] == document:
            return float(self.scores[at])
        raise KeyError(document)

    def at(self, documents: Numbers) -> Scores:
        """The scores of documents all of which are here."""
        return self.scores[self.documents.searchsorted(documents)]

    def holds(self, documents: Numbers) -> NDArray[np.bool_]:
        """For each of the documents whether it is here."""
        if not len(self.documents):
            return np.zeros(len(documents), dtype=bool)
        at = np.minimum(self.documents.searchsorted(documents), len(self.documents) - 1)
        return np.asarray(self.documents[at] == documents)


_EMPTY = Vector(np.empty(0, dtype=np.int64), np.empty(0))
_NO_LIST = (_EMPTY.documents, _EMPTY.documents, _EMPTY.documents)


class Cache:
    """Least recently used first to go, by how many entries there are in all."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[object, tuple[int, Any]] = OrderedDict()

    def get(self, key: object) -> Any:
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[1]

    def keep(self, key: object, size: int, value: Any) -> None:
        self._kept[key] = (size + 64, value)
        self._size += size + 64
        while self._size > self._most and len(self._kept) > 1:
            _, (gone, _) = self._kept.popitem(last=False)
            self._size -= gone


def distinct(parts: Sequence[Numbers]) -> Numbers:
    """The numbers in any of the parts, ascending, each once. (numpy's own `unique` hashes, which takes ten times as long.)"""
    merged = np.concatenate(parts)
    # Parts mostly are ascending: the stable sort finds the runs there are, and merges them.
    merged.sort(kind="stable")
    return merged[_changes(merged)]


def _changes(values: Numbers) -> NDArray[np.bool_]:
    """For each of some values whether it is another than the one before; the first one is."""
    found = np.empty(len(values), dtype=bool)
    found[:1] = True
    np.not_equal(values[1:], values[:-1], out=found[1:])
    return found


def _runs(values: Numbers) -> tuple[Numbers, Numbers]:
    """Where each run of equal values begins (there is one at least), and how long it is."""
    starts = _changes(values).nonzero()[0]
    sizes = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=sizes[:-1])
    sizes[-1] = len(values) - starts[-1]
    return starts, sizes


def _held(vector: Vector, group_of: Numbers, count: int) -> int:
    """The groups that have one of the documents of a vector, by bits."""
    held = vector.held
    if held is None:
        table = np.zeros(count, dtype=bool)
        table[group_of[vector.documents]] = True
        held = vector.held = int.from_bytes(np.packbits(table, bitorder="little").tobytes(), "little")
    return held


def _unpacked(bits: int, count: int) -> NDArray[np.bool_]:
    """Groups by bits as a table."""
    data = np.frombuffer(bits.to_bytes((count + 7) // 8, "little"), dtype=np.uint8)
    return np.unpackbits(data, count=count, bitorder="little").astype(bool)


def _first_best(group: Numbers, counts: Numbers, sums: Scores) -> Numbers:
    """Of each run of equal groups the place of the entry with the highest count, then the highest sum, then the first."""
    starts, sizes = _runs(group)
    best = counts == np.repeat(np.maximum.reduceat(counts, starts), sizes)
    ranked = np.where(best, sums, -1.0)
    best &= ranked == np.repeat(np.maximum.reduceat(ranked, starts), sizes)
    return np.asarray(np.minimum.reduceat(np.where(best, np.arange(len(group)), len(group)), starts))


class VectorEvaluator(Evaluator):
    """Evaluates trees over one source by arrays."""

    def __init__(self, source: ArraySource) -> None:
        super().__init__(source)
        self._arrays = source
        self._lists = Cache(_CACHED_LISTS)
        self._trees = Cache(_CACHED_TREES)
        self._lengths_of: dict[str, Scores] = {}
        self._grouping: tuple[Sequence[int], Numbers] | None = None
        # By document, -1 where nothing stands; every use leaves it so.
        self._scratch = np.full(source.document_count(), -1.0)
        # By document, False; every use leaves it so.
        self._table = np.zeros(source.document_count(), dtype=bool)

    # -- the seam

    def search(self, tree: Node, limit: int | None, within: Collection[int] | None = None) -> Found:
        """The best ``limit`` matches among ``within``, ties by document number."""
        found = self._among(self.scores(tree), within)
        documents, scores = found.documents, found.scores
        if limit is not None and len(documents) > limit:
            least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
            chosen = np.flatnonzero(scores >= least)
            documents, scores = documents[chosen], scores[chosen]
        order = np.lexsort((documents, -scores))
        if limit is not None:
            order = order[:limit]
        return Found(tuple(zip(documents[order].tolist(), scores[order].tolist(), strict=True)), len(found))

    def scores(self, tree: Node) -> Vector:
        """Every match of ``tree`` with its score."""
        if isinstance(tree, Key):
            # Made again sooner than looked up.
            return self._leaf(tree)
        known = self._trees.get(tree)
        if known is None:
            known = self._evaluated(tree)
            self._trees.keep(tree, len(known), known)
        return known  # type: ignore[no-any-return]

    def frequency(self, field: str, keys: Sequence[str]) -> int:
        """In how many documents any of the keys stands."""
        if len(keys) == 1:
            return len(self._list(field, keys[0])[0])
        lists = [self._list(field, key)[0] for key in keys]
        lists = [some for some in lists if len(some)]
        return len(lists[0]) if len(lists) == 1 else len(distinct(lists)) if lists else 0

    def spread(
        self,
        own: Sequence[Node],
        titles: Sequence[Node],
        together: Node,
        groups: Sequence[int],
        within: Collection[int] | None = None,
        least: float = 0.0,
    ) -> Found:
        """As `Evaluator.spread`, for all groups at once: in every round each group gives its best document."""
        group_of = self._groups(groups)
        count = int(group_of[-1]) + 1 if len(group_of) else 0
        scored = [self._among(self.scores(node), within) for node in own]
        # Mostly no group is left, and what each thing's groups are is known from an earlier question.
        holding = [_held(vector, group_of, count) for vector in scored]
        candidates = ~_held(self.scores(together), group_of, count)
        for held, node in zip(holding, titles, strict=True):
            candidates &= held | _held(self.scores(node), group_of, count)
            if not candidates:
                return Found((), 0)
        wanted = _unpacked(candidates, count)
        left = np.array([_unpacked(held & candidates, count) for held in holding])
        parts = [v.documents[wanted[group_of[v.documents]]] for v in scored]
        documents = distinct(parts)
        if not len(documents):
            return Found((), 0)
        group = group_of[documents]
        has = np.zeros((len(own), len(documents)), dtype=bool)
        worth = np.zeros((len(own), len(documents)))
        for i, part in enumerate(parts):
            at = np.searchsorted(documents, part)
            has[i][at] = True
            worth[i][at] = scored[i].at(part)
        total = np.zeros(len(documents))
        for i in range(len(own)):
            total += worth[i]
        chosen: list[tuple[Numbers, int]] = []
        some = np.arange(len(documents))
        for number in range(len(own)):
            its = group[some]
            counts = np.zeros(len(some), dtype=np.int64)
            sums = np.zeros(len(some))
            for i in range(len(own)):
                asked = left[i][its]
                counts += has[i][some] & asked
                sums += np.where(asked, worth[i][some], 0.0)
            stays = np.flatnonzero(counts)
            if not len(stays):
                break
            some, counts, sums, its = some[stays], counts[stays], sums[stays], its[stays]
            best = some[_first_best(its, counts, sums)]
            chosen.append((best, number))
            for i in range(len(own)):
                left[i][group[best[has[i][best]]]] = False
        picked = np.concatenate([best for best, _ in chosen])
        rounds = np.concatenate([np.full(len(best), number) for best, number in chosen])
        good = total[picked] >= least
        picked, rounds = picked[good], rounds[good]
        order = picked[np.lexsort((rounds, group[picked]))]
        found = tuple(zip(documents[order].tolist(), total[order].tolist(), strict=True))
        return Found(found, len(good))

    # -- trees

    def _leaf(self, key: Key) -> Vector:
        documents, scores = self._scored(key.field, key.key)
        # Of the keys that a word may stand under in all fields most are nowhere.
        return Vector(documents, scores * (key.weight * field_weight(key.field))) if len(documents) else _EMPTY

    def _evaluated(self, tree: Node) -> Vector:
        match tree:
            case Key():
                return self.scores(tree)
            case Phrase():
                return self._phrase_vector(tree)
            case Best(children):
                return self._best_vector([self.scores(c) for c in children])
            case AnyOf(children):
                return self._sum_vector([self.scores(c) for c in children])
            case AllOf(children):
                return self._all(children)
            case Numbered(documents):
                numbers = np.fromiter(sorted(documents), dtype=np.int64, count=len(documents))
                return Vector(numbers, np.zeros(len(numbers)))
            case Near():
                near = self._near(tree)
                numbers = np.fromiter(sorted(near), dtype=np.int64, count=len(near))
                return Vector(numbers, np.fromiter((near[n] for n in numbers.tolist()), dtype=np.float64, count=len(near)))
            case Without(child, excluded):
                kept, gone = self.scores(child), self.scores(excluded)
                stays = ~gone.holds(kept.documents)
                return Vector(kept.documents[stays], kept.scores[stays])

    def _among(self, found: Vector, within: Collection[int] | None) -> Vector:
        if within is None:
            return found
        mask = np.zeros(len(self._scratch), dtype=bool)
        mask[np.fromiter(within, dtype=np.int64, count=len(within))] = True
        stays = mask[found.documents]
        return Vector(found.documents[stays], found.scores[stays])

    def _best_vector(self, parts: Sequence[Vector]) -> Vector:
        parts = [part for part in parts if len(part)]
        if len(parts) <= 1:
            return parts[0] if parts else _EMPTY
        scratch = self._scratch
        scratch[parts[0].documents] = parts[0].scores
        for part in parts[1:]:
            here = part.documents
            scratch[here] = np.maximum(scratch[here], part.scores)
        return self._taken(parts)

    def _sum_vector(self, parts: Sequence[Vector]) -> Vector:
        parts = [part for part in parts if len(part)]
        if len(parts) <= 1:
            return parts[0] if parts else _EMPTY
        scratch = self._scratch
        for part in parts:
            scratch[part.documents] = 0.0
        for part in parts:
            scratch[part.documents] += part.scores
        return self._taken(parts)

    def _taken(self, parts: Sequence[Vector]) -> Vector:
        """What the scratch holds for the documents of the parts; it is empty again afterwards."""
        if len(self._scratch) > _FEW and sum(map(len, parts)) * 8 < len(self._scratch):
            documents = distinct([part.documents for part in parts])
        else:
            documents = np.flatnonzero(self._scratch >= 0.0)
        scores = self._scratch[documents]
        self._scratch[documents] = -1.0
        return Vector(documents, scores)

    def _all(self, children: Sequence[Node]) -> Vector:
        """A conjunction. What its children are sums of is looked up for the documents in question alone: a union of common
        words has more entries than all else together."""
        sums = [self._summands(child) for child in children]
        if not all(map(len, sums)):
            return _EMPTY
        by_size = sorted(sums, key=lambda parts: sum(map(len, parts)))
        first = by_size[0]
        common = first[0].documents if len(first) == 1 else distinct([part.documents for part in first])
        for parts in by_size[1:]:
            stays = self._holds(parts[0], common)
            for part in parts[1:]:
                stays |= self._holds(part, common)
            common = common[stays]
            if not len(common):
                return _EMPTY
        scores = np.zeros(len(common))
        for parts in sums:
            if len(parts) == 1:
                scores += parts[0].at(common)
            else:
                scores += self._added(parts, common)
        return Vector(common, scores)

    def _holds(self, part: Vector, documents: Numbers) -> NDArray[np.bool_]:
        """For each of the documents whether it is in the part: by a table where the part is short, else by looking each up."""
        if len(part) > _FEW:
            return part.holds(documents)
        table = self._table
        table[part.documents] = True
        found = table[documents]
        table[part.documents] = False
        return found

    def _summands(self, node: Node) -> list[Vector]:
        """The vectors that a node is the sum of, those without an entry left out."""
        if isinstance(node, AnyOf) and self._trees.get(node) is None:
            parts = [self.scores(child) for child in node.children]
        else:
            parts = [self.scores(node)]
        return [part for part in parts if len(part)]

    def _added(self, parts: Sequence[Vector], documents: Numbers) -> Scores:
        """The sums of the parts' scores for documents each of which is in one of them, in the parts' order."""
        total = np.zeros(len(documents))
        scratch = self._scratch
        for part in parts:
            if len(part) > _FEW:
                at = np.minimum(part.documents.searchsorted(documents), len(part.documents) - 1)
                total += np.where(part.documents[at] == documents, part.scores[at], 0.0)
            else:
                scratch[part.documents] = part.scores
                total += np.maximum(scratch[documents], 0.0)
                scratch[part.documents] = -1.0
        return total

    def _phrase_vector(self, phrase: Phrase) -> Vector:
        common: Numbers | None = None
        lists = []
        for place in phrase.places:
            here = [found for key in place if len((found := self._list(phrase.field, key))[0])]
            if not here:
                return _EMPTY
            lists.append(here)
        for offset, entries in enumerate(lists):
            each = []
            for documents, frequencies, positions in entries:
                each.append((np.repeat(documents, frequencies) << _BITS) + (positions.astype(np.int64) + (_SLACK - offset)))
            at = each[0] if len(each) == 1 else distinct(each)
            if common is None:
                common = at
            else:
                common = common[at[np.minimum(at.searchsorted(common), len(at) - 1)] == common]
            if not len(common):
                return _EMPTY
        if common is None:
            return _EMPTY
        each_document = common >> _BITS
        starts, counts = _runs(each_document)
        documents = each_document[starts]
        constant, slope = self._norm(phrase.field)
        tf = counts.astype(np.float64)
        factor = phrase.weight * field_weight(phrase.field)
        return Vector(documents, factor * tf * (K1 + 1) / (tf + constant + slope * self._lengths(phrase.field)[documents]))

    # -- lists

    def _list(self, field: str, key: str) -> tuple[Numbers, Numbers, NDArray[Any]]:
        known = self._lists.get((field, key))
        if known is None:
            gaps, frequencies, positions = self._arrays.arrays(field, key)
            # Positions stay as narrow as they came: only phrases ask for them.
            if len(gaps):
                known = (
                    np.asarray(gaps).cumsum(dtype=np.int64),
                    np.asarray(frequencies).astype(np.int64),
                    np.asarray(positions),
                )
            else:
                known = _NO_LIST
            self._lists.keep((field, key), 2 * len(gaps) + len(positions), known)
        return known  # type: ignore[no-any-return]

    def _scored(self, field: str, key: str) -> tuple[Numbers, Scores]:
        documents, frequencies, _ = self._list(field, key)
        if not len(documents):
            return documents, _EMPTY.scores
        lengths = self._lengths(field)
        if not len(lengths):
            return documents, np.ones(len(documents))
        known = self._lists.get(("scored", field, key))
        if known is None:
            constant, slope = self._norm(field)
            tf = frequencies.astype(np.float64)
            known = tf * (K1 + 1) / (tf + constant + slope * lengths[documents])
            self._lists.keep(("scored", field, key), len(known), known)
        return documents, known

    def _norm(self, field: str) -> tuple[float, float]:
        if field not in self._norms:
            lengths = np.asarray(self._source.length(field), dtype=np.int64)
            filled = int(np.count_nonzero(lengths))
            self._norms[field] = norm(field, int(lengths.sum()) / filled if filled else 1.0)
        return self._norms[field]

    def _lengths(self, field: str) -> Scores:
        if field not in self._lengths_of:
            self._lengths_of[field] = np.asarray(self._source.length(field), dtype=np.float64)
        return self._lengths_of[field]

    def _groups(self, groups: Sequence[int]) -> Numbers:
        if self._grouping is None or self._grouping[0] is not groups:
            # What groups the kept vectors have was said of others.
            self._trees = Cache(_CACHED_TREES)
            self._grouping = (groups, np.asarray(groups, dtype=np.int64))
        return self._grouping[1]
