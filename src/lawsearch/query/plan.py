"""Strict queries: the tree of a query -> the tree that an engine runs.

What a word stands for is a set of provisions: those whose own text holds it (in any form, or through a term), and the
first provision of an article whose title does. `AND`, `OR` and `NOT` are the operations on these sets, nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from lawsearch.analysis.analyzer import Analyzer, Word
from lawsearch.engine.base import (
    FORM_MARK,
    HEAD_FIELD,
    AllOf,
    AnyOf,
    Best,
    Either,
    Interval,
    Key,
    Near,
    Node,
    Numbered,
    PostingsReader,
    Run,
    Together,
    Without,
)
from lawsearch.law import Lang
from lawsearch.query import filters
from lawsearch.query.expand import Concept, concept, filling
from lawsearch.query.tree import And, Close, Filter, Item, Not, Or, Tree
from lawsearch.store.database import Store

_HEAD = Key(HEAD_FIELD, "1", 0.0)


@lru_cache(maxsize=2)
def _every(count: int) -> Numbered:
    return Numbered(frozenset(range(count)))


class Planner:
    """Plans one query; ``concepts`` are what was asked for (not asked away), to be marked in what is found."""

    def __init__(self, store: Store, analyzer: Analyzer, reader: PostingsReader, lang: Lang | None, exact: bool) -> None:
        self.store = store
        self.analyzer = analyzer
        self.reader = reader
        self.lang = lang
        self.exact = exact
        self.concepts: list[Concept] = []
        self._all = _every(reader.document_count())

    def node(self, tree: Tree, *, wanted: bool = True) -> Node:
        """The engine's tree; ``wanted`` is False below a negation."""
        match tree:
            case Item():
                found = self._item(replace(tree, excluded=False), wanted and not tree.excluded)
                return Without(self._all, found) if tree.excluded else found
            case Filter():
                numbers = filters.documents(tree, self.store, self.analyzer, self.reader)
                return Numbered(self._all.documents - numbers if tree.excluded else frozenset(numbers))
            case Not(child):
                return Without(self._all, self.node(child, wanted=False))
            case Or(children):
                return AnyOf(tuple(self.node(c, wanted=wanted) for c in children))
            case And(children):
                return AllOf(tuple(self.node(c, wanted=wanted) for c in children))
            case Close():
                return self._near(tree, wanted)

    def _concept(self, item: Item, wanted: bool) -> Concept:
        if self.exact and item.mode == "stem":
            item = replace(item, mode="exact")
        found = concept(item, self.lang, self.analyzer, self.store, self.reader)
        if wanted:
            self.concepts.append(found)
        return found

    def _item(self, item: Item, wanted: bool) -> Node:
        if item.slack is not None and len(item.words) > 1:
            words = [replace(item, text=w.text, words=(w,), phrase=False, slack=None) for w in item.words]
            each = [self._concept(word, wanted) for word in words]
            return self._spaces([_Part((c,)) for c in each], item.slack, False, max(c.idf for c in each))
        return matched(self._concept(item, wanted), self.reader)

    # -- nearness

    def _near(self, tree: Close, wanted: bool) -> Node:
        parts = [self._part(side, wanted) for side in (tree.left, tree.right)]
        weight = max((c.idf for part in parts for c in part.all()), default=1.0)
        return self._spaces(parts, tree.distance - 1, tree.ordered, weight)

    def _part(self, tree: Tree, wanted: bool) -> _Part:
        match tree:
            case Or(children):
                return _Part((), tuple(self._part(c, wanted) for c in children))
            case Close(left, right, distance, ordered):
                return _Part((), (self._part(left, wanted), self._part(right, wanted)), (distance - 1, ordered))
            case Item(slack=int() as slack, words=words) if len(words) > 1:
                each = tuple(
                    _Part((self._concept(replace(tree, text=w.text, words=(w,), phrase=False, slack=None), wanted),))
                    for w in words
                )
                return _Part((), each, (slack, False))
            case Item():
                return _Part((self._concept(tree, wanted),))
            case _:
                raise AssertionError("the parser lets nothing else be near")

    def _spaces(self, parts: list[_Part], slack: int, ordered: bool, weight: float) -> Node:
        """Near in the Kazakh text, in the Russian one, or (for an article's first provision) in its title.

        Terms are filed at the positions of the text they stand in, so that both sides of a pair can be near a word.
        """
        nodes: list[Node] = []
        for space in (("kk", "via_ru"), ("ru", "via_kk"), ("context_kk", "context_ru")):
            intervals = tuple(part.interval(space) for part in parts)
            node = Near(Together(intervals, slack, ordered), space[0], weight)
            nodes.append(AllOf((node, _HEAD)) if space[0].startswith("context") else node)
        return Best(tuple(nodes))


class _Part:
    """One side of a nearness: a concept, any of several, or a nearness itself (``together``: slack, ordered)."""

    def __init__(
        self, concepts: tuple[Concept, ...], parts: tuple[_Part, ...] = (), together: tuple[int, bool] | None = None
    ) -> None:
        self.concepts = concepts
        self.parts = parts
        self.together = together

    def all(self) -> Iterator[Concept]:
        yield from self.concepts
        for part in self.parts:
            yield from part.all()

    def interval(self, space: tuple[str, ...]) -> Interval:
        """Where this stands in the fields of one space."""
        if self.together is not None:
            return Together(tuple(p.interval(space) for p in self.parts), *self.together)
        runs = tuple(run for c in self.concepts for field in space for run in _runs(c, field))
        return Either((*runs, *(p.interval(space) for p in self.parts)))


def _runs(found: Concept, field: str) -> Iterator[Run]:
    lang: Lang = "kk" if field.endswith("kk") else "ru"
    via = field.startswith("via_")
    words = found.readings.get(lang, ())
    if words and not (via and found.lemmas):
        yield from _run_of(field, words)
    if not via:
        if lang in found.surface:
            yield Run(field, (tuple(FORM_MARK + form for form in found.surface[lang]),))
        if lang in found.cognates:
            yield Run(field, (found.cognates[lang],))


def _run_of(field: str, words: tuple[Word, ...]) -> Iterator[Run]:
    if len(words) == 1:
        yield Run(field, (words[0].keys,))
    places = tuple(part for word in words for part in word.parts)
    if len(places) > 1:
        yield Run(field, places)


def matched(found: Concept, reader: PostingsReader) -> Node:
    """The set of provisions that a concept stands for, which is what a query of it alone finds: terms' weaker senses only
    where it is empty without them, or fill it up."""

    def node(weak: bool) -> Node:
        own = found.own(weak)
        return AllOf((AnyOf((own, found.context())), AnyOf((own, _HEAD))))

    strong = node(False)
    if found.item.mode != "stem" or found.item.phrase:
        return strong
    numbers = reader.scores(strong)
    if not numbers:
        return node(True)
    more = filling(found, reader, numbers)
    return AnyOf((strong, Numbered(frozenset(number for number, _ in more)))) if more else strong
