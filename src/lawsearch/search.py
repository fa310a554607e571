"""The searcher: query -> results. The one core behind the commands, batch and the terminal UI."""

from __future__ import annotations

import heapq
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, TypeAlias

from lawsearch import __version__
from lawsearch.analysis import tokens
from lawsearch.analysis.analyzer import Analyzer, word_keys
from lawsearch.analysis.letters import fold, is_kazakh
from lawsearch.engine import choice
from lawsearch.engine.base import HEAD_FIELD, AllOf, AnyOf, Key, Node, PostingsReader
from lawsearch.errors import IndexUnusableError, LawsearchError, QueryError, UnknownReferenceError, rebuild_hint
from lawsearch.highlight import Asked, Marked, Match, Sense, Span, Via, answering, spans
from lawsearch.law import LANGS, Address, Lang, Status
from lawsearch.query import reference, syntax
from lawsearch.query.expand import Concept, concept, is_stop_word
from lawsearch.query.mending import Mended, Mender, Suggested
from lawsearch.query.syntax import Query
from lawsearch.store import generations
from lawsearch.store.database import ActRecord, ArticleRecord, ProvisionRecord, Store
from lawsearch.store.generations import POSTINGS_FOLDER, STORE_FILE
from lawsearch.terms.termbase import Term

if TYPE_CHECKING:
    from lawsearch.terms.mining import Known, Passage

_NOWHERE = Address("")
_Scored: TypeAlias = list[tuple[int, float, list[Match]]]

#: How the words of a query had to be taken for it to find something.
Scope = Literal["provision", "article", "weaker senses", "any word", "citation", "none"]

#: At least so many of the best matches are ranked again by closeness, whatever number is wanted.
_RERANKED = 50
#: Where terms alone find fewer provisions than this, their rarer senses fill up the list, below what was found.
_FEW = 10
#: What a provision found by a rarer sense is worth, beside the least of those found by the others.
_FILLING = 0.5
#: How many provisions are kept ready for marking.
_MARKED = 3_000
#: What a match is worth whose words are spread over an article, beside one whose words stand in one provision.
_SPREAD = 0.2
#: How much standing side by side adds to a score at the most.
_CLOSENESS = 0.6
#: How much more the first provision of an article is worth whose title (or lead-in) holds every word.
_TITLE = 0.5


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

    @property
    def relaxed(self) -> bool:
        """True where nothing holds all the words, and any word was enough."""
        return self.scope == "any word"


class Searcher:
    """Answers queries from one index. Opened once, it serves any number of queries from the generation it opened."""

    def __init__(self, index: Path, *, verify: bool = False, generation: str | None = None) -> None:
        """Open the index in a folder (``generation``: that one, whatever a build has made of it since; ``verify``: with
        every file hashed). Raises IndexMissingError or IndexUnusableError.
        """
        self.index = index
        opened = generations.current(index, thorough=verify, named=generation)
        self.generation = opened.folder.name
        self.manifest = opened.manifest
        self._hold = opened.hold
        try:
            self.store = Store(opened.folder / STORE_FILE)
            self.reader: PostingsReader = choice.engine(self.manifest["engine"]).reader(opened.folder / POSTINGS_FOLDER)
            if self.reader.document_count() != self.manifest["provisions"]:
                raise ValueError("its parts do not belong together")
        except LawsearchError:
            raise
        except Exception as error:
            # Whatever a damaged file makes of the libraries below.
            raise IndexUnusableError(
                f"{opened.folder}: cannot be opened ({type(error).__name__}: {error}); {rebuild_hint(index)}"
            ) from error
        self.analyzer = Analyzer(self.store.word)
        self.marked = lru_cache(maxsize=_MARKED)(self._marked)
        self._marked_title = lru_cache(maxsize=_MARKED)(self._mark_title)

    def __enter__(self) -> Searcher:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.reader.close()
        self.store.close()
        self._hold.close()

    def _marked(self, number: int) -> Marked:
        return Marked(self.store.provision(number), self.analyzer, self.store)

    def _mark_title(self, number: int) -> Marked:
        record = ProvisionRecord(-1, number, _NOWHERE, "opening", "in_force", (), {}, self.store.article(number).title, {})
        return Marked(record, self.analyzer, self.store)

    # -- searching --------------------------------------------------------------------------------------------------

    def search(
        self,
        text: str,
        *,
        limit: int | None = 10,
        lang: Lang | None = None,
        laws: Collection[str] = (),
        chapters: Collection[str] = (),
        status: Status | None = None,
        exact: bool = False,
        literal: bool = False,
    ) -> Results:
        """Find provisions.

        ``limit`` None means all; ``lang`` None lets each word's letters and the vocabularies decide; ``laws`` and ``chapters``
        (numbers) name where to look; ``literal`` takes the query as plain words. Raises QueryError for a query without a word,
        QuerySyntaxError for a malformed one, UnknownReferenceError for a law that the index does not hold.
        """
        started = time.perf_counter()
        within = self._within(laws, status, chapters)
        cited = [] if exact or literal else reference.places(text, self.store)
        if cited:
            return self._cited(text, cited, limit, lang, within, started)
        query, mender, items, concepts, (scope, scored, total) = self._found(text, lang, within, limit, exact, literal)
        hits = tuple(
            self._hit(rank, score, number, found, concepts, exact) for rank, (number, score, found) in enumerate(scored, 1)
        )
        return Results(
            text,
            lang or _language(concepts, self.store),
            hits,
            total,
            scope,
            time.perf_counter() - started,
            concepts,
            tuple(dict.fromkeys(mender.mended)),
            tuple(dict.fromkeys(mender.suggested)) or (() if exact else mender.rarer(items)),
            query,
        )

    def documents(
        self,
        text: str,
        *,
        lang: Lang | None = None,
        laws: Collection[str] = (),
        chapters: Collection[str] = (),
        status: Status | None = None,
        exact: bool = False,
        literal: bool = False,
    ) -> list[int]:
        """The numbers of all the provisions that `search` finds, in the corpus' order: where they lie, not how good they are.

        Raises what `search` raises.
        """
        within = self._within(laws, status, chapters)
        cited = [] if exact or literal else reference.places(text, self.store)
        if cited:
            provisions = [p for place in cited for p in (place.provisions or self._opening(place.act))]
            return sorted({p.id for p in provisions if within is None or p.id in within})
        *_, (_, scored, _) = self._found(text, lang, within, None, exact, literal, ranked=False)
        return sorted(number for number, _, _ in scored)

    def marks(self, number: int, concepts: Sequence[Concept], *, exact: bool = False) -> dict[Lang, tuple[Span, ...]]:
        """What in a provision answers to a query's concepts, found or not: the spans in its texts, and in the text of its
        counterpart where the other language says it elsewhere.
        """
        if not concepts:
            return {}
        found = self.marked(number).matches(tuple(_asked(c) for c in concepts), weak=False, exact=exact)
        found, other, there = self._both_sides(number, found, concepts, exact)
        marks = {lang: tuple(spans(found, lang)) for lang in self.marked(number).sides}
        if other is not None:
            marks[next(iter(other.texts))] = tuple(spans(there, next(iter(other.texts))))
        return marks

    def title_marks(self, article: ArticleRecord, concepts: Sequence[Concept]) -> dict[Lang, tuple[Span, ...]]:
        """What in an article's title answers to a query's concepts."""
        return self._title_highlights(article, concepts)

    def _found(
        self,
        text: str,
        lang: Lang | None,
        within: set[int] | None,
        limit: int | None,
        exact: bool,
        literal: bool,
        *,
        ranked: bool = True,
    ) -> tuple[Query, Mender, Sequence[syntax.Item], tuple[Concept, ...], tuple[Scope, _Scored, int]]:
        """A query that is no citation, as it was understood (its words mended), and what it finds."""
        query = syntax.parse(text, literal=literal)
        mender = Mender(self.store, self.analyzer, self.reader, lang)
        items = query.items if exact else mender.items(query, company=not query.strict)
        # `-vsh` excludes nothing where these keys are a word on another layout.
        if query.negative and all(item.excluded for item in items):
            raise QueryError(
                f"query {text.strip()[:40]!r}: asks for nothing; add a word, or write NOT before what to leave out"
            )
        if query.strict and not query.negative:
            concepts, found = self._strict(query, items, lang, within, limit, exact, ranked)
        else:
            for one in query.filters:
                from lawsearch.query import filters

                numbers = filters.documents(one, self.store, self.analyzer, self.reader)
                among = set(range(self.reader.document_count())) if within is None else within
                within = among - numbers if one.excluded else among & numbers
            concepts, found = self._plain(items, lang, within, limit, exact, ranked)
        return query, mender, items, concepts, found

    def _plain(
        self,
        items: Sequence[syntax.Item],
        lang: Lang | None,
        within: set[int] | None,
        limit: int | None,
        exact: bool,
        ranked: bool,
    ) -> tuple[tuple[Concept, ...], tuple[Scope, _Scored, int]]:
        """Words that all belong together, relaxed step by step where nothing holds them all."""
        wanted = [item for item in items if not item.excluded]
        demanded = [item for item in wanted if item.required or not is_stop_word(item)] or wanted
        concepts = tuple(concept(i, lang, self.analyzer, self.store, self.reader) for i in demanded)
        excluded = tuple(concept(i, lang, self.analyzer, self.store, self.reader) for i in items if i.excluded)
        found = _Ranking(self, concepts, self._without(within, excluded), limit, exact, ranked).run()
        if excluded and found[0] not in ("provision", "none"):
            # What was asked away is no reason to relax: where all the matches had it, nothing is left.
            scope, _, _ = _Ranking(self, concepts, within, 1, exact).run()
            if scope != found[0]:
                return concepts, ("none", [], 0)
        return concepts, found

    def _strict(
        self,
        query: Query,
        items: Sequence[syntax.Item],
        lang: Lang | None,
        within: set[int] | None,
        limit: int | None,
        exact: bool,
        ranked: bool,
    ) -> tuple[tuple[Concept, ...], tuple[Scope, _Scored, int]]:
        """A query whose operators mean what they say: nothing is relaxed."""
        from lawsearch.query.plan import Planner

        planner = Planner(self.store, self.analyzer, self.reader, lang, exact)
        node = planner.node(syntax.rebuilt(query.tree, items))
        concepts = tuple(planner.concepts)
        return concepts, _Ranking(self, concepts, within, limit, False, ranked).strict(node)

    def provisions(self, laws: Collection[str] = ()) -> Iterator[tuple[ProvisionRecord, ArticleRecord, ActRecord]]:
        """Every provision with its article and act, in the corpus' order. Raises UnknownReferenceError for an unknown law."""
        within = self._within(laws, None)
        for act in self.store.acts():
            for article in self.store.articles(act.id):
                for number in range(article.first, article.last + 1):
                    if within is None or number in within:
                        yield self.store.provision(number), article, act

    def terms(self, text: str = "") -> list[Term]:
        """The terms one side of which holds all the words of ``text`` in any form, shortest first; all where it has none."""
        words = [fold(w) for w in tokens.words(text)]
        if not words:
            return [record.term for record in self.store.terms()]
        readings = {lang: [set(word_keys(self.analyzer.word(w, lang))) for w in words] for lang in LANGS}
        found = []
        for record in self.store.terms():
            for lang in LANGS:
                keys = {key for place in record.keys[lang] for key in place}
                if all(not reading.isdisjoint(keys) for reading in readings[lang]):
                    found.append((len(record.keys[lang]), record.id, record.term))
                    break
        return [term for _, _, term in sorted(found, key=lambda item: item[:2])]

    def terms_of(self, concepts: Sequence[Concept]) -> list[list[Term]]:
        """For each thing asked for the terms that are exactly it in one language, and so carry it over to the other: preferred
        ones first, rarer senses last."""
        rank = {"preferred": 0, "variant": 1, "weak": 3}
        found: list[list[Term]] = [[] for _ in concepts]
        wanted = [
            (number, lang, words, [p for w in words for p in w.parts])
            for number, concept in enumerate(concepts)
            if not concept.lemmas
            for lang, words in concept.readings.items()
        ]
        for record in self.store.terms():
            for number, lang, words, parts in wanted:
                places = [set(place) for place in record.keys[lang]]
                whole = len(words) == 1 and len(places) == 1 and not places[0].isdisjoint(words[0].keys)
                run = len(parts) == len(places) and all(not p.isdisjoint(q) for p, q in zip(places, parts, strict=True))
                if whole or run:
                    found[number].append(record.term)
        return [sorted(dict.fromkeys(terms), key=lambda t: rank.get(t.status, 2)) for terms in found]

    def pairs(self, laws: Collection[str] = ()) -> Iterator[Passage]:
        """The aligned texts of the index, paragraph by paragraph. Raises UnknownReferenceError for an unknown law."""
        from lawsearch.corpus.alignment import DOUBTFUL
        from lawsearch.store.pairs import units
        from lawsearch.terms.mining import Passage

        for unit in units(self.provisions(laws), self.store, paragraphs=True):
            if unit.confidence >= DOUBTFUL:
                yield Passage(str(unit.addresses["kk"]), unit.texts["kk"], unit.texts["ru"])

    def known_terms(self) -> Known:
        """The term base as mining needs it."""
        from lawsearch.terms.mining import Known

        records = list(self.store.terms())
        return Known([r.term for r in records], {lang: [r.keys[lang] for r in records] for lang in LANGS})

    def info(self, *, verify: bool = False) -> dict[str, object]:
        """Facts about the index: where, what made it, how much it holds, what was left out or could not be placed.

        Raises IndexUnusableError where ``verify`` finds the store damaged.
        """
        if verify:
            problem = self.store.check()
            if problem is not None:
                raise IndexUnusableError(f"{self.index}: damaged ({problem}); {rebuild_hint(self.index)}")
            self.reader.check()
        acts = list(self.store.acts())
        return {
            "index": str(self.index),
            "lawsearch": __version__,
            "format": self.manifest["format"],
            "analyser": self.manifest["analyser"],
            "engine": self.manifest["engine"],
            **self.store.counts(),
            "bytes": sum(f["size"] for f in self.manifest["files"].values()),
            "verified": verify,
            "laws": [
                {"law": a.law, "title": next(iter(a.title.values()), ""), "languages": " ".join(a.langs), **_told_status(a)}
                for a in acts
            ],
            "left_out": self.store.fact("failed") or [],
            "notes": [problem for a in acts for problem in a.problems],
            "unpaired": [f"{a.law} {line}" for a in acts for line in a.unpaired],
        }

    def _within(self, laws: Collection[str], status: Status | None, chapters: Collection[str] = ()) -> set[int] | None:
        within: set[int] | None = None
        if laws:
            within = set()
            for law in laws:
                act = self.store.act_by_law(law)
                if act is None:
                    raise UnknownReferenceError(f"{law}: no such act in the index; `lawsearch info` lists the acts it holds")
                within.update(self.store.documents_of_act(act.id))
        if status is not None:
            of_status = self.store.documents_with_status(status)
            within = of_status if within is None else within & of_status
        if chapters:
            in_chapters = {n for chapter in chapters for n in self.store.documents_in_chapter(chapter)}
            within = in_chapters if within is None else within & in_chapters
        return within

    def _without(self, within: set[int] | None, excluded: Sequence[Concept]) -> set[int] | None:
        if not excluded:
            return within
        from lawsearch.query.plan import matched

        kept = set(range(self.reader.document_count())) if within is None else set(within)
        for gone in excluded:
            kept.difference_update(self.reader.scores(matched(gone, self.reader)))
        return kept

    def _cited(
        self,
        text: str,
        places: Iterable[reference.Place],
        limit: int | None,
        lang: Lang | None,
        within: Collection[int] | None,
        started: float,
    ) -> Results:
        provisions = [
            p for place in places for p in (place.provisions or self._opening(place.act)) if within is None or p.id in within
        ]
        query_lang: Lang = lang or ("kk" if any(is_kazakh(c) for c in text.lower()) or text.isascii() else "ru")
        hits = []
        for rank, provision in enumerate(provisions[:limit], 1):
            article = self.store.article(provision.article)
            matched = (MatchedWord(text, provision.address.citation(query_lang) or text, query_lang, "citation"),)
            empty: dict[Lang, tuple[Span, ...]] = {"kk": (), "ru": ()}
            act = self.store.act(article.act)
            other = self.store.counterpart(provision)
            hits.append(Hit(rank, round(1 / rank, 4), provision, article, act, empty, empty, matched, other))
        scope: Scope = "citation" if provisions else "none"
        return Results(text, query_lang, tuple(hits), len(provisions), scope, time.perf_counter() - started)

    def _opening(self, act: ActRecord) -> list[ProvisionRecord]:
        return [self.store.provision(n) for n in self.store.documents_of_act(act.id)]

    def _hit(
        self, rank: int, score: float, number: int, found: Sequence[Match], concepts: Sequence[Concept], exact: bool
    ) -> Hit:
        provision = self.store.provision(number)
        article = self.store.article(provision.article)
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
        titles = self._title_highlights(article, concepts)
        return Hit(
            rank,
            round(score, 4),
            provision,
            article,
            self.store.act(article.act),
            highlights,
            titles,
            tuple(words.values()),
            other,
            () if other is None else tuple(spans(there, next(iter(other.texts)))),
        )

    def _both_sides(
        self, number: int, found: Sequence[Match], concepts: Sequence[Concept], exact: bool
    ) -> tuple[list[Match], ProvisionRecord | None, list[Match]]:
        """A provision's matches with what corresponds to them in its other text; its counterpart and the matches there."""
        asked = tuple(_asked(c) for c in concepts)
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

    def _title_highlights(self, article: ArticleRecord, concepts: Sequence[Concept]) -> dict[Lang, tuple[Span, ...]]:
        found = self._marked_title(article.id).matches(tuple(_asked(c) for c in concepts), weak=False, exact=False)
        return {lang: tuple(spans(found, lang)) for lang in LANGS}


def _told_status(act: ActRecord) -> dict[str, str]:
    """Which of an act's texts are unofficial, where any is."""
    marked = [lang for lang in act.langs if act.text_status.get(lang) == "unofficial"]
    return {"unofficial": " ".join(marked)} if marked else {}


def _asked(concept: Concept) -> Asked:
    item = concept.item
    return Asked(
        item.text,
        tuple(w.form for w in item.words),
        concept.readings,
        concept.cognates,
        frozenset(form for forms in concept.surface.values() for form in forms),
        exact=item.mode == "exact" and len(item.words) > 1,
        terms=not concept.lemmas,
        via=next((w.correction for w in item.words if w.correction), None),
        relatives=concept.relatives,
    )


def _language(concepts: Sequence[Concept], store: Store) -> Lang:
    """The language that a query was asked in: that of its words which belong to one only; where all are both, the one whose
    texts use more of them as typed; Kazakh where neither does.
    """
    votes = {lang: sum(tuple(c.surface or c.readings) == (lang,) for c in concepts) for lang in LANGS}
    if votes["kk"] == votes["ru"]:
        forms = [w.form for c in concepts for w in c.item.words]
        # Counted by words, not by uses: one common word says no more than one rare word.
        uses = [{lang: store.uses(form, lang) for lang in LANGS} for form in forms]
        votes = {lang: sum(u[lang] == max(u.values()) > min(u.values()) for u in uses) for lang in LANGS}
    return "ru" if votes["ru"] > votes["kk"] else "kk"


class _Ranking:
    """One query's way through the steps: one provision, one article, weaker senses, any word."""

    def __init__(
        self,
        searcher: Searcher,
        concepts: tuple[Concept, ...],
        within: Collection[int] | None,
        limit: int | None,
        exact: bool,
        ranked: bool = True,
    ) -> None:
        self.searcher = searcher
        self.store = searcher.store
        self.reader = searcher.reader
        self.concepts = concepts
        self.asked = tuple(_asked(c) for c in concepts)
        self.within = within
        self.limit = limit
        self.exact = exact
        self.wanted_ranked = ranked
        self._titles: dict[int, Mapping[int, float]] = {}
        self.depth = None if limit is None else max(limit, _RERANKED)

    def run(self) -> tuple[Scope, _Scored, int]:
        """The step that found something, its best hits with their matches, and how many there are in all."""
        steps: tuple[tuple[Scope, bool], ...] = (("provision", False), ("weaker senses", True))
        if self.exact:
            return self._exact()
        for scope, weak in steps:
            scored, total = self._together(weak)
            spread = self._spread(weak) if len(self.concepts) > 1 else []
            if total or spread:
                ranked = self._ranked([*scored, *spread], weak)
                found = scope if total or weak else "article"
                total += len(spread)
                if not weak and total < _FEW and any(c.foreign for c in self.concepts):
                    more = self._filling({number for number, _ in (*scored, *spread)}, _FEW - total)
                    least = ranked[-1][1] if ranked else 1.0
                    ranked += [(number, min(score, least) * _FILLING, its) for number, score, its in more]
                    return found, ranked[: self.limit], total + len(more)
                return found, ranked, total
        required = [c.anywhere(True) for c in self.concepts if c.item.required]
        if len(self.concepts) > max(1, len(required)):
            any_word = AnyOf(tuple(c.anywhere(True) for c in self.concepts))
            found_any = self.reader.search(AllOf((any_word, *required)), self.depth, self.within)
            if found_any.total:
                return "any word", self._ranked(found_any.top, True), found_any.total
        return "none", [], 0

    def _filling(self, found: Collection[int], room: int) -> _Scored:
        """The best of what rarer senses find beside ``found``. Only where a word's own language does not have it: then it is
        found through terms alone, and which of a word's senses is meant shows in neither text."""
        if len(self.concepts) == 1:
            scored = self.reader.search(self.concepts[0].rarer(), len(found) + room, self.within).top
            best = [hit for hit in scored if hit[0] not in found][:room]
            marked = self.searcher.marked
            return [(n, score, marked(n).matches(self.asked, weak=True, exact=False)) for n, score in best]
        scored = self.reader.search(self._tree(True), len(found) + _RERANKED, self.within).top
        return self._ranked([hit for hit in scored if hit[0] not in found], True)[:room]

    def strict(self, tree: Node) -> tuple[Scope, _Scored, int]:
        """The best hits of a planned tree, in the order that the words asked for give."""
        found = self.reader.search(tree, self.depth, self.within)
        if not self.concepts:
            return ("provision" if found.total else "none"), [(n, s, []) for n, s in found.top[: self.limit]], found.total
        return ("provision" if found.total else "none"), self._ranked(found.top, True), found.total

    def _tree(self, weak: bool) -> Node:
        """Every word in the provision or in what stands over it; at least one in the provision itself, unless it is the
        first of its article, which then stands for the article."""
        everywhere = tuple(c.anywhere(weak) for c in self.concepts)
        somewhere = AnyOf((*(c.own(weak) for c in self.concepts), Key(HEAD_FIELD, "1", 0.0)))
        return AllOf((*everywhere, somewhere))

    def _together(self, weak: bool) -> tuple[tuple[tuple[int, float], ...], int]:
        found = self.reader.search(self._tree(weak), self.depth, self.within)
        return found.top, found.total

    def _spread(self, weak: bool) -> list[tuple[int, float]]:
        """Articles that hold every word, but in no one provision: of each the fewest provisions that hold them all."""
        own = [c.own(weak) for c in self.concepts]
        titles = [c.context() for c in self.concepts]
        found = self.reader.spread(own, titles, self._tree(weak), self.store.articles_of(), self.within)
        return [(number, _SPREAD * score) for number, score in found]

    def _ranked(self, scored: Iterable[tuple[int, float]], weak: bool) -> _Scored:
        if not self.wanted_ranked:
            return [(number, score, []) for number, score in scored]
        if len(self.concepts) == 1:
            ranked = [(number, score * self._title_factor(number)) for number, score in scored]
            ranked.sort(key=lambda hit: (-round(hit[1], 9), hit[0]))
            return [(number, score, self._matches(number, weak)) for number, score in ranked[: self.limit]]
        # Likely ones first: what cannot come in among the best any more, however close its words stand, need not be marked.
        likely = [(score * self._title_factor(number), number, score) for number, score in scored]
        likely.sort(key=lambda one: (-one[0], one[1]))
        close: _Scored = []
        best: list[float] = []
        for bound, number, score in likely:
            if self.limit is not None and len(best) == self.limit and bound * (1.0 + _CLOSENESS) < best[0] - 1e-6:
                break
            found = self._matches(number, weak)
            final = score * self._closeness(found) * self._title_factor(number)
            close.append((number, final, found))
            if self.limit is not None:
                (heapq.heappush if len(best) < self.limit else heapq.heappushpop)(best, final)
        close.sort(key=lambda hit: (-round(hit[1], 9), hit[0]))
        return close[: self.limit]

    def _matches(self, number: int, weak: bool) -> list[Match]:
        marked = self.searcher.marked(number)
        found = marked.matches(self.asked, weak=False, exact=self.exact)
        if weak:
            # A rarer sense is marked only for words that nothing better stands for.
            answered = {m.asked for m in found}
            if len(answered) < len(self.asked):
                found += (m for m in marked.matches(self.asked, weak=True, exact=self.exact) if m.asked not in answered)
        return found

    def _closeness(self, found: Sequence[Match]) -> float:
        """A factor of 1 and more: how close together the words stand."""
        return 1.0 + _CLOSENESS * max(_tightest([m for m in found if m.lang == lang], len(self.concepts)) for lang in LANGS)

    def _title_factor(self, number: int) -> float:
        """More for the first provision of an article whose title holds every word: it stands for the article."""
        article_of = self.store.articles_of()
        first = not number or article_of[number - 1] != article_of[number]
        return 1.0 + _TITLE if first and all(number in self._title_scores(i) for i in range(len(self.concepts))) else 1.0

    def _title_scores(self, number: int) -> Mapping[int, float]:
        if number not in self._titles:
            self._titles[number] = self.reader.scores(self.concepts[number].context())
        return self._titles[number]

    def _exact(self) -> tuple[Scope, _Scored, int]:
        """Only the forms as typed: found through their keys, then compared with the text itself."""
        tree = AllOf(tuple(replace(c, cognates={}).own(False) for c in self.concepts))
        kept = []
        for number, score in self.reader.search(tree, None, self.within).top:
            found = self._matches(number, False)
            if len({m.asked for m in found}) == len(self.concepts):
                kept.append((number, score * self._closeness(found), found))
        kept.sort(key=lambda hit: (-round(hit[1], 9), hit[0]))
        return ("provision" if kept else "none"), kept if self.limit is None else kept[: self.limit], len(kept)


def _tightest(found: Sequence[Match], wanted: int) -> float:
    """How tightly the words stand: 1 where they fill the shortest stretch of tokens that holds one match of each.

    Stretches that hold only some of the words count by their share.
    """
    ordered = sorted(found, key=lambda m: m.tokens)
    best = 0.0
    latest: dict[int, Match] = {}
    for match in ordered:
        latest[match.asked] = match
        if len(latest) > 1:
            first = min(m.tokens[0] for m in latest.values())
            last = max(m.tokens[1] for m in latest.values())
            filled = len({t for m in latest.values() for t in range(m.tokens[0], m.tokens[1] + 1)})
            best = max(best, len(latest) / wanted * filled / (last - first + 1))
    return best
