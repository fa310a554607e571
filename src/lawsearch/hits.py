"""Hits: what is shown of a provision that was found, and what in it, in its title and in its counterpart answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lawsearch.analysis.analyzer import Analyzer
from lawsearch.highlight import Marked, Match, Sense, Span, Via, answering, spans
from lawsearch.law import LANGS, Address, Lang
from lawsearch.query.expand import Concept
from lawsearch.query.mending import Mended, Suggested
from lawsearch.query.tree import Query
from lawsearch.ranking import Scope, asked_for
from lawsearch.store.database import Store
from lawsearch.store.records import ActRecord, ArticleRecord, ProvisionRecord
from lawsearch.terms.termbase import Term

_NOWHERE = Address("")

#: How many provisions are kept ready for marking, and of how many words in all it is remembered where they stand in one.
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

    def __init__(self, store: Store, analyzer: Analyzer, documents: int) -> None:
        """``documents``: how many the store has."""
        self.store = store
        self.analyzer = analyzer
        self._remembered = _REMEMBERED // max(1, min(documents, _MARKED))
        self.marked = lru_cache(maxsize=_MARKED)(self._marked)
        self._marked_title = lru_cache(maxsize=_MARKED)(self._mark_title)

    def _marked(self, number: int) -> Marked:
        return Marked(self.store.provision(number), self.analyzer, self.store, self._remembered)

    def _mark_title(self, number: int) -> Marked:
        record = ProvisionRecord(-1, number, _NOWHERE, "opening", "in_force", (), {}, self.store.article(number).title, {})
        return Marked(record, self.analyzer, self.store)

    def marks(self, number: int, concepts: Sequence[Concept], *, exact: bool = False) -> dict[Lang, tuple[Span, ...]]:
        """What in a provision answers to a query's concepts, found or not: the spans in its texts, and in the text of its
        counterpart where the other language says it elsewhere.
        """
        if not concepts:
            return {}
        found = self.marked(number).matches(tuple(asked_for(c) for c in concepts), weak=False, exact=exact)
        found, other, there = self._both_sides(number, found, concepts, exact)
        marks = {lang: tuple(spans(found, lang)) for lang in self.marked(number).sides}
        if other is not None:
            marks[next(iter(other.texts))] = tuple(spans(there, next(iter(other.texts))))
        return marks

    def title_marks(self, article: ArticleRecord, concepts: Sequence[Concept]) -> dict[Lang, tuple[Span, ...]]:
        """What in an article's title answers to a query's concepts."""
        found = self._marked_title(article.id).matches(tuple(asked_for(c) for c in concepts), weak=False, exact=False)
        return {lang: tuple(spans(found, lang)) for lang in LANGS}

    def hit(
        self,
        rank: int,
        score: float,
        number: int,
        found: Sequence[Match],
        concepts: Sequence[Concept],
        exact: bool,
        titles: dict[int, dict[Lang, tuple[Span, ...]]],
    ) -> Hit:
        """One hit; ``titles``: the highlights of the titles that this query has met so far, by article."""
        provision = self.store.provision(number)
        article = self.store.article(provision.article)
        if not concepts:
            empty: dict[Lang, tuple[Span, ...]] = {"kk": (), "ru": ()}
            act, other = self.store.act(article.act), self.store.counterpart(provision)
            return Hit(rank, round(score, 4), provision, article, act, empty, empty, (), other)
        found, other, there = self._both_sides(number, found, concepts, exact)
        highlights = {lang: tuple(spans(found, lang)) for lang in LANGS}
        words: dict[tuple[str, str, str], MatchedWord] = {}
        for match in found:
            word = concepts[match.asked].item.text
            term = None if match.term is None else self.store.term(match.term).term
            if match.cognate:
                pair = (match.found, word) if match.lang == "kk" else (word, match.found)
                term = Term(*pair, "general", "cognate", "variant")
            key = (word, match.found.casefold(), match.via)
            words.setdefault(key, MatchedWord(word, match.found, match.lang, match.via, term, match.sense))
        if article.id not in titles:
            titles[article.id] = self.title_marks(article, concepts)
        return Hit(
            rank,
            round(score, 4),
            provision,
            article,
            self.store.act(article.act),
            highlights,
            titles[article.id],
            tuple(words.values()),
            other,
            () if other is None else tuple(spans(there, next(iter(other.texts)))),
        )

    def _both_sides(
        self, number: int, found: Sequence[Match], concepts: Sequence[Concept], exact: bool
    ) -> tuple[list[Match], ProvisionRecord | None, list[Match]]:
        """A provision's matches with what corresponds to them in its other text; its counterpart and the matches there."""
        asked = tuple(asked_for(c) for c in concepts)
        found = list(found)
        if not exact:
            found += answering(asked, found, self.marked(number))
        other = self.store.counterpart(self.store.provision(number))
        there: list[Match] = []
        if other is not None and not exact:
            its = self.marked(other.id)
            there = its.matches(asked, weak=False, exact=False)
            there += answering(asked, found, its, self.marked(number)) if not there else []
        return found, other, there
