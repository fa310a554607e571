"""For an engine that finds documents and leaves scoring to `evaluate`: what such engines have in common.

It says which documents match a tree (`Queries` makes its own queries of trees) and which are likely to be the best. What
those hold is read, and the evaluator of every engine gives them the very scores that the default engine does. Where a tree
asks for what the engine cannot check, such as places, it names all that may match, and these are looked at.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from lawsearch.engine.base import (
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
from lawsearch.engine.evaluate import Evaluator, PostingSource
from lawsearch.engine.vectors import Vector, VectorEvaluator

#: Of so many likely best matches the scores are worked out, or of four times the hits wanted.
CANDIDATES = 200

Numbers: TypeAlias = NDArray[Any]
Query = TypeVar("Query")


def candidates(limit: int) -> int:
    """Of how many likely best matches the scores are worked out for so many hits."""
    return max(CANDIDATES, 4 * limit)


def best_first(scores: Mapping[int, float], limit: int | None) -> tuple[tuple[int, float], ...]:
    """The best documents with their scores, ties by number."""
    if isinstance(scores, Vector):
        order = np.lexsort((scores.documents, -scores.scores))[:limit]
        return tuple(zip(scores.documents[order].tolist(), scores.scores[order].tolist(), strict=True))
    ranked = sorted((-score, number) for number, score in scores.items())
    return tuple((number, -score) for score, number in ranked[:limit])


def plain(scores: Mapping[int, float]) -> dict[int, float]:
    """Scores by document, as a dictionary."""
    if isinstance(scores, Vector):
        return dict(zip(scores.documents.tolist(), scores.scores.tolist(), strict=True))
    return dict(scores)


def has(tree: Node, *kinds: type) -> bool:
    """True where a node of one of these kinds is anywhere in the tree."""
    match tree:
        case Best(children) | AnyOf(children) | AllOf(children):
            return any(has(child, *kinds) for child in children)
        case Without(child, excluded):
            return has(child, *kinds) or has(excluded, *kinds)
        case _:
            return isinstance(tree, kinds)


class Queries(ABC, Generic[Query]):
    """Trees as an engine has them: queries that find every match, and nothing else where `is_exact`."""

    @abstractmethod
    def is_exact(self, tree: Node) -> bool:
        """True where the query finds the matches alone."""

    @abstractmethod
    def key(self, field: str, key: str, weight: float) -> Query: ...

    @abstractmethod
    def phrase(self, field: str, places: Sequence[Sequence[str]], weight: float) -> Query: ...

    @abstractmethod
    def numbered(self, documents: Collection[int]) -> Query:
        """The documents of these numbers; scores nothing."""

    @abstractmethod
    def all_of(self, queries: Sequence[Query]) -> Query: ...

    @abstractmethod
    def any_of(self, queries: Sequence[Query]) -> Query: ...

    @abstractmethod
    def best_of(self, queries: Sequence[Query]) -> Query: ...

    @abstractmethod
    def without(self, kept: Query, gone: Query) -> Query: ...

    def query(self, tree: Node) -> Query:
        """What finds a tree's matches."""
        match tree:
            case Key(field, key, weight):
                return self.key(field, key, weight)
            case Phrase(field, places, weight):
                return self.phrase(field, places, weight)
            case Best(children):
                return self.best_of(self.each(children))
            case AnyOf(children):
                return self.any_of(self.each(children))
            case AllOf(children):
                return self.all_of([self.query(child) for child in children])
            case Numbered(documents):
                return self.numbered(documents)
            case Near(interval, _, weight):
                return self._interval(interval, weight)
            case Without(child, excluded):
                kept = self.query(child)
                # What is only looked for may be found in documents that do not match.
                return self.without(kept, self.query(excluded)) if self.is_exact(excluded) else kept

    def each(self, children: Sequence[Node]) -> list[Query]:
        """The queries of nodes any of which will do."""
        return [self.query(child) for child in children]

    def among(self, tree: Node, documents: Collection[int] | None) -> Query:
        """What finds a tree's matches among some documents (None: all)."""
        found = self.query(tree)
        return found if documents is None else self.all_of([found, self.numbered(documents)])

    def _interval(self, interval: Interval, weight: float) -> Query:
        match interval:
            case Run(field, places):
                return self.all_of([self.any_of([self.key(field, key, weight) for key in place]) for place in places])
            case Either(children):
                return self.any_of([self._interval(child, weight) for child in children])
            case Together(children):
                return self.all_of([self._interval(child, weight) for child in children])


class ChosenEvaluator(Evaluator):
    """Evaluates over chosen documents by what is known of all (``norms``: by field, as `Evaluator` has them)."""

    def __init__(self, source: PostingSource, norms: dict[str, tuple[float, float]], documents: Iterable[int]) -> None:
        super().__init__(source)
        self._norms = norms
        self._chosen = frozenset(documents)

    def scores(self, tree: Node) -> Mapping[int, float]:
        if isinstance(tree, Numbered):
            return dict.fromkeys(tree.documents & self._chosen, 0.0)
        return super().scores(tree)


def asked_for(tree: Node | Interval) -> Iterator[tuple[str, str]]:
    """The fields and keys of a tree, in its order."""
    match tree:
        case Key(field, key):
            yield field, key
        case Phrase(field, places) | Run(field, places):
            yield from ((field, key) for place in places for key in place)
        case Best(children) | AnyOf(children) | AllOf(children) | Either(children) | Together(children):
            for child in children:
                yield from asked_for(child)
        case Without(child, excluded):
            yield from asked_for(child)
            yield from asked_for(excluded)
        case Near(interval):
            yield from asked_for(interval)


def _here(tree: Node, documents: Numbers) -> Node:
    """A tree with the documents of its numbers counted as those here are."""
    match tree:
        case Numbered(numbers):
            wanted = np.fromiter(numbers, dtype=np.int64, count=len(numbers))
            return Numbered(frozenset(np.flatnonzero(np.isin(documents, wanted)).tolist()))
        case Best(children) | AnyOf(children) | AllOf(children):
            return type(tree)(tuple(_here(child, documents) for child in children))
        case Without(child, excluded):
            return Without(_here(child, documents), _here(excluded, documents))
        case _:
            return tree


class ChosenArrays:
    """The same by arrays. ``evaluator`` counts the documents (ascending) from 0."""

    def __init__(self, evaluator: VectorEvaluator, documents: Numbers) -> None:
        self._evaluator = evaluator
        self._documents = documents

    def scores(self, tree: Node) -> Vector:
        found = self._evaluator.scores(_here(tree, self._documents) if has(tree, Numbered) else tree)
        return Vector(self._documents[found.documents], found.scores)

    def spread(
        self,
        own: Sequence[Node],
        titles: Sequence[Node],
        together: Node,
        groups: Sequence[int],
        within: Collection[int] | None = None,
        least: float = 0.0,
    ) -> Found:
        here = self._documents
        group_of = np.asarray(groups)[here].astype(np.int64)
        among: list[int] | None = None
        if within is not None:
            among = np.flatnonzero(np.isin(here, np.fromiter(within, dtype=np.int64, count=len(within)))).tolist()
        ranks = np.cumsum(np.diff(group_of, prepend=group_of[:1]) != 0)
        trees = [[_here(n, here) if has(n, Numbered) else n for n in nodes] for nodes in (own, titles, [together])]
        found = self._evaluator.spread(trees[0], trees[1], trees[2][0], ranks, among, least)  # type: ignore[arg-type]
        numbers = here[np.fromiter((number for number, _ in found.top), dtype=np.int64, count=len(found.top))]
        return Found(tuple(zip(numbers.tolist(), (score for _, score in found.top), strict=True)), found.total)


class ChoosingReader(ABC):
    """The part of a `PostingsReader` that is the same for every engine of this kind."""

    #: The documents that were found last: those that are asked about next.
    likely: Sequence[int] = ()

    @abstractmethod
    def document_count(self) -> int: ...

    @abstractmethod
    def is_exact(self, tree: Node) -> bool:
        """True where the engine finds a tree's matches alone."""

    @abstractmethod
    def found(self, tree: Node, among: Numbers | None) -> Numbers:
        """The numbers of all matches of what finds a tree, ascending, at least of those ``among`` (ascending; None: all)."""

    @abstractmethod
    def most(self, tree: Node) -> int:
        """No more documents than this match."""

    @abstractmethod
    def count(self, tree: Node) -> int:
        """How many documents match a tree that is found exactly."""

    @abstractmethod
    def evaluator(self, trees: Iterable[Node], documents: Sequence[int]) -> Evaluator | ChosenArrays:
        """Evaluates these trees over these documents."""

    @abstractmethod
    def scored(self, tree: Node, documents: Sequence[int]) -> Mapping[int, float]:
        """Those of the documents that match, with their scores."""

    def scores(self, tree: Node) -> Mapping[int, float]:
        """Every match of a tree with its score."""
        return LazyScores(self, tree)

    def matches(self, tree: Node) -> list[int]:
        """The numbers of all matches, ascending."""
        numbers: list[int] = self.found(tree, None).tolist()
        return numbers if self.is_exact(tree) else sorted(self.scored(tree, numbers))

    def spread(
        self,
        own: Sequence[Node],
        titles: Sequence[Node],
        together: Node,
        groups: Sequence[int],
        within: Collection[int] | None = None,
        least: float = 0.0,
    ) -> Found:
        """As `evaluate.Evaluator.spread`: the rarest node says which groups come into question, those with a match of
        ``together`` go, and of what is left alone all is worked out."""
        group_of = np.asarray(groups, dtype=np.int64)
        left: Numbers = np.ones(int(group_of.max(initial=-1)) + 1, dtype=bool)
        held: Numbers = np.zeros(len(group_of), dtype=bool)
        for node in sorted((AnyOf(pair) for pair in zip(own, titles, strict=True)), key=self.most):
            numbers = self.found(node, None if left.all() else np.flatnonzero(left[group_of]))
            here = np.zeros(len(left), dtype=bool)
            here[group_of[numbers]] = True
            left &= here
            held[numbers] = True
            if not left.any():
                return Found((), 0)
        if self.is_exact(together):
            left[group_of[self.found(together, np.flatnonzero(held & left[group_of]))]] = False
        documents = np.flatnonzero(held & left[group_of]).tolist()
        if not documents:
            return Found((), 0)
        return self.evaluator((*own, *titles, together), documents).spread(own, titles, together, groups, within, least)


class LazyScores(Mapping[int, float]):
    """Every match of a tree with its score, worked out for the documents asked about."""

    def __init__(self, reader: ChoosingReader, tree: Node) -> None:
        self._reader = reader
        self._tree = tree
        self._known: dict[int, float | None] = {}
        self._all: list[int] | None = None

    def __getitem__(self, document: int) -> float:
        if document not in self._known:
            there = range(self._reader.document_count())
            asked = sorted({n for n in (document, *self._reader.likely) if n in there and n not in self._known})
            found = self._reader.scored(self._tree, asked) if asked else {}
            self._known.update(dict.fromkeys((document, *asked)) | plain(found))
        score = self._known[document]
        if score is None:
            raise KeyError(document)
        return score

    def __iter__(self) -> Iterator[int]:
        if self._all is None:
            self._all = self._reader.matches(self._tree)
        return iter(self._all)

    def __len__(self) -> int:
        if self._all is None and self._reader.is_exact(self._tree):
            return self._reader.count(self._tree)
        return sum(1 for _ in self)

    def items(self) -> Any:
        return plain(self._reader.scored(self._tree, list(self))).items()
