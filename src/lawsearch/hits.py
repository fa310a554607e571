"""Hits: what is shown of a provision that was found, and what in it, in its title and in its counterpart answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from lawsearch.analysis.analyzer import Analyzer
from lawsearch.highlight import Marked, Remembered, Standing, answering, spans
from lawsearch.law import LANGS, Address, Lang
from lawsearch.query.expand import Concept
from lawsearch.query.mending import Mended, Suggested
from lawsearch.query.tree import Query
from lawsearch.ranking import Scope, asked_for
from lawsearch.sides import Asked, Place, Sense, Side, Span, Via
from lawsearch.store.database import Store
from lawsearch.store.records import ActRecord, ArticleRecord, ProvisionRecord
from lawsearch.terms.termbase import Term

_NOWHERE = Address("")

#: How many provisions are kept ready for marking, and of how many words it is remembered where they stand in one, in all.
_MARKED, _REMEMBERED = 3_000, 75_000


@dataclass(frozen=True, slots=True)
class MatchedWord:
    """How one word of the query was found in a hit; ``term`` is the pair that led there, ``sense`` how it says less."""

    query: str
    found: str
    lang: Lang
    via: Via
    term: Term | None = None
    sense: Sense | None = None
    #: As JSON, once it was written (see `output.records`).
    written: list[bytes] = field(default_factory=list, init=False, compare=False, repr=False)


class _Shown(NamedTuple):
    """What one thing asked for comes to in a hit, whatever else was asked: the spans in the texts, what corresponds to it in
    the paired one included; the words found, by language with their first and last token; those that correspond."""

    spans: Mapping[Lang, tuple[Span, ...]]
    words: tuple[tuple[tuple[int, int, MatchedWord], ...], ...]
    answering: tuple[tuple[MatchedWord, ...], ...]
    #: Both, in their order.
    alone: tuple[MatchedWord, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A provision that was found, with where it stands and why.

    ``counterpart`` is the provision of another address that says the same in the language that this one lacks, with its
    own highlights.
    """

    rank: int
    score: float
    provision: ProvisionRecord
    article: ArticleRecord
    act: ActRecord
    highlights: Mapping[Lang, tuple[Span, ...]]
    title_highlights: Mapping[Lang, tuple[Span, ...]]
    matched: tuple[MatchedWord, ...]
    counterpart: ProvisionRecord | None = None
    counterpart_highlights: tuple[Span, ...] = ()

    @property
    def marks(self) -> Mapping[Lang, tuple[Span, ...]]:
        """The highlights of both texts that belong together, wherever the other stands."""
        if self.counterpart is None:
            return self.highlights
        return {**self.highlights, next(iter(self.counterpart.texts)): self.counterpart_highlights}


@dataclass(frozen=True, slots=True)
class Results:
    """The hits of one query, best first; ``total`` counts all that there are, shown or not."""

    query: str
    lang: Lang
    hits: tuple[Hit, ...]
    total: int
    scope: Scope
    seconds: float
    concepts: tuple[Concept, ...] = ()
    #: Words that were taken for others, and words that may have been meant.
    mended: tuple[Mended, ...] = ()
    suggested: tuple[Suggested, ...] = ()
    parsed: Query | None = None
    #: Which parts of the index did not answer; empty where the answer is whole.
    partial: str = ""
    #: The query cites a place that the index does not hold; hits are provisions with all of its words.
    absent: bool = False

    @property
    def relaxed(self) -> bool:
        """True where nothing holds all the words, and any word was enough."""
        return self.scope == "any word"


class HitMarker:
    """Marks the texts of one store; what was made ready is kept, least recently used first to go."""

    def __init__(self, store: Store, analyzer: Analyzer) -> None:
        self.store = store
        self.analyzer = analyzer
        self._remembered = Remembered(_REMEMBERED)
        self.marked = lru_cache(maxsize=_MARKED)(self._marked)
        self._marked_title = lru_cache(maxsize=_MARKED)(self._mark_title)

    def _marked(self, number: int) -> Marked:
        return Marked(self.store.provision(number), self.analyzer, self.store, self._remembered)

    def _mark_title(self, number: int) -> Marked:
        record = ProvisionRecord(-1, number, _NOWHERE, "opening", "in_force", (), {}, self.store.article(number).title, {})
        return Marked(record, self.analyzer, self.store, self._remembered)

    def marks(self, number: int, concepts: Sequence[Concept], *, exact: bool = False) -> dict[Lang, tuple[Span, ...]]:
        """What in a provision answers to a query's concepts, found or not: the spans in its texts, and in the text of its
        counterpart where the other language says it elsewhere.
        """
        if not concepts:
            return {}
        marked, asked = self.marked(number), tuple(asked_for(c) for c in concepts)
        standings = marked.standings(asked, weak=False, exact=exact)
        shown = self._all_shown(marked, standings, asked, exact)
        marks = {lang: its for lang, its in _united([one.spans for one in shown]).items() if lang in marked.sides}
        other = self.store.counterpart(self.store.provision(number))
        if other is not None:
            there = () if exact else self._counterpart_spans(marked, other, standings, asked)
            marks[next(iter(other.texts))] = there
        return marks

    def title_marks(self, article: ArticleRecord, concepts: Sequence[Concept]) -> Mapping[Lang, tuple[Span, ...]]:
        """What in an article's title answers to a query's concepts."""
        return self._title_marks(article.id, [asked_for(c) for c in concepts])

    def _title_marks(self, article: int, asked: Sequence[Asked]) -> Mapping[Lang, tuple[Span, ...]]:
        marked = self._marked_title(article)
        return _united([marked.spans_of(marked.standing(thing, False, False)) for thing in asked])

    def hit(
        self,
        rank: int,
        score: float,
        number: int,
        standings: Sequence[Standing],
        asked: Sequence[Asked],
        exact: bool,
        titles: dict[int, Mapping[Lang, tuple[Span, ...]]],
    ) -> Hit:
        """One hit; ``standings``: where each thing asked for stands in it; ``titles``: the highlights of the titles that this
        query has met so far, by article."""
        provision = self.store.provision(number)
        article = self.store.article(provision.article)
        act = self.store.act(article.act)
        other = None if provision.counterpart is None else self.store.counterpart(provision)
        if not asked:
            return Hit(rank, round(score, 4), provision, article, act, _UNMARKED, _UNMARKED, (), other)
        marked = self.marked(number)
        shown = self._all_shown(marked, standings, asked, exact)
        title = titles.get(article.id)
        if title is None:
            title = titles[article.id] = self._title_marks(article.id, asked)
        there: tuple[Span, ...] = ()
        if other is not None and not exact:
            there = self._counterpart_spans(marked, other, standings, asked)
        highlights = _united([one.spans for one in shown])
        return Hit(rank, round(score, 4), provision, article, act, highlights, title, _words(shown, standings), other, there)

    def _all_shown(
        self, marked: Marked, standings: Sequence[Standing], asked: Sequence[Asked], exact: bool
    ) -> Sequence[_Shown]:
        """What each thing comes to in a provision. Nothing of it depends on what else is asked for, so that it is kept."""
        found = []
        for standing, thing in zip(standings, asked, strict=True):
            known: _Shown | None = standing.shown_alone if exact else standing.shown
            if known is None:
                known = self._shown(marked, standing, thing, exact) if standing.somewhere else _NOTHING
                if exact:
                    standing.shown_alone = known
                else:
                    standing.shown = known
            found.append(known)
        return found

    def _shown(self, marked: Marked, standing: Standing, thing: Asked, exact: bool) -> _Shown:
        words: dict[tuple[str, Via], MatchedWord] = {}
        marks: dict[Lang, tuple[Span, ...]] = dict(_UNMARKED)
        own, beyond = [], []
        for side, its in zip(marked.sides.values(), standing.by_side, strict=True):
            own.append(tuple(self._words(side, its, thing.text, words)) if its else ())
            if its:
                marks[side.lang] = side.spans_of(its)
        answers: Sequence[Sequence[Place]] = [()] * len(own) if exact else marked.answering(standing, thing)
        for side, places in zip(marked.sides.values(), answers, strict=True):
            beyond.append(tuple([word for _, _, word in self._words(side, places, thing.text, words)]) if places else ())
            if places:
                marks[side.lang] = side.spans_of(places)
        return _Shown(marks, tuple(own), tuple(beyond), tuple(words.values()))

    def _words(
        self, side: Side, places: Sequence[Place], text: str, known: dict[tuple[str, Via], MatchedWord]
    ) -> Iterator[tuple[int, int, MatchedWord]]:
        """The words at places of a text, each with its first and last token, that are not ``known`` yet by letters and way."""
        for first, last, via, number, cognate, sense in places:
            found = side.between(first, last)
            key = (found.casefold(), via)
            if key not in known:
                term = None if number is None else self.store.term(number).term
                if cognate:
                    pair = (found, text) if side.lang == "kk" else (text, found)
                    term = Term(*pair, "general", "cognate", "variant")
                known[key] = word = MatchedWord(text, found, side.lang, via, term, sense)
                yield first, last, word

    def _counterpart_spans(
        self, marked: Marked, other: ProvisionRecord, standings: Sequence[Standing], asked: Sequence[Asked]
    ) -> tuple[Span, ...]:
        """What in a provision's counterpart answers: the words asked for themselves, else what corresponds to the matches."""
        its, lang = self.marked(other.id), next(iter(other.texts))
        there = its.matches(asked, weak=False, exact=False)
        if not there:
            for standing, thing in zip(standings, asked, strict=True):
                found = marked.found(standing)
                there += answering((thing,), found + answering((thing,), found, marked), its, marked)
        return tuple(spans(there, lang))


_UNMARKED: Mapping[Lang, tuple[Span, ...]] = {"kk": (), "ru": ()}
_NOTHING = _Shown(_UNMARKED, (), (), ())


def _united(each: Sequence[Mapping[Lang, tuple[Span, ...]]]) -> Mapping[Lang, tuple[Span, ...]]:
    """The spans of several things: sorted, distinct."""
    if len(each) == 1:
        return each[0]
    united: dict[Lang, tuple[Span, ...]] = {}
    for lang in LANGS:
        here = [some for one in each if (some := one[lang])]
        united[lang] = tuple(sorted({span for some in here for span in some})) if len(here) > 1 else here[0] if here else ()
    return united


def _words(shown: Sequence[_Shown], standings: Sequence[Standing]) -> tuple[MatchedWord, ...]:
    """The words found of several things, each once: by language and place, rarer senses behind the others, and behind both
    what corresponds to them in the paired text."""
    if len(shown) == 1:
        return shown[0].alone
    found: list[MatchedWord] = []
    sides = range(max([len(one.words) for one in shown]))
    for weak in (False, True):
        its = [(number, one) for number, one in enumerate(shown) if one.alone and standings[number].weak is weak]
        for side in sides if its else ():
            here = [(first, last, number, word) for number, one in its for first, last, word in one.words[side]]
            here.sort(key=_first_three)
            found += [word for _, _, _, word in here]
    for side in sides:
        for one in shown:
            if one.alone:
                found += one.answering[side]
    if len({word.query for word in found}) < sum(1 for one in shown if one.alone):
        # The same word asked for twice.
        distinct: dict[tuple[str, str, str], MatchedWord] = {}
        for word in found:
            distinct.setdefault((word.query, word.found.casefold(), word.via), word)
        return tuple(distinct.values())
    return tuple(found)


_first_three = itemgetter(0, 1, 2)
