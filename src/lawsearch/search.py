"""The searcher: query -> results. The one core behind the commands, batch and the terminal UI."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from lawsearch import __version__
from lawsearch.analysis import tokens
from lawsearch.analysis.analyzer import Analyzer, word_keys
from lawsearch.analysis.letters import fold
from lawsearch.engine import choice
from lawsearch.engine.base import PostingsReader
from lawsearch.errors import IndexUnusableError, LawsearchError, QueryError, UnknownReferenceError, rebuild_hint
from lawsearch.hits import Hit, HitMarker, MatchedWord, Results
from lawsearch.law import LANGS, Lang, Status
from lawsearch.query import reference, syntax
from lawsearch.query.expand import Concept, concept, is_stop_word
from lawsearch.query.mending import Mender
from lawsearch.query.tree import Item, Query, rebuilt
from lawsearch.ranking import Ranking, Scope, Scored, asked_for
from lawsearch.sides import Span
from lawsearch.store import generations
from lawsearch.store.database import Store
from lawsearch.store.generations import POSTINGS_FOLDER, STORE_FILE
from lawsearch.store.records import ActRecord, ArticleRecord, ProvisionRecord
from lawsearch.terms.termbase import Term

if TYPE_CHECKING:
    from lawsearch.terms.mining import Known, Passage


class Searcher:
    """Answers queries from one index. Opened once, it serves any number of queries from the generation it opened."""

    def __init__(
        self,
        index: Path,
        *,
        verify: bool = False,
        generation: str | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        """Open the index in a folder (``generation``: that one, whatever a build has made of it since; ``verify``: with
        every file hashed; ``settings``: of its engine, where it has any). Raises IndexMissingError or IndexUnusableError.
        """
        self.index = index
        opened = generations.current(index, thorough=verify, named=generation)
        self.generation = opened.folder.name
        self.manifest = opened.manifest
        self._hold = opened.hold
        try:
            self.store = Store(opened.folder / STORE_FILE)
            self.reader: PostingsReader = choice.engine(self.manifest["engine"], settings).reader(
                opened.folder / POSTINGS_FOLDER
            )
            if self.reader.document_count() != self.manifest["provisions"]:
                raise ValueError("its parts do not belong together")
        except LawsearchError:
            raise
        except Exception as error:
            # Whatever a damaged file makes of the libraries below.
            raise IndexUnusableError(
                f"{opened.folder}: cannot be opened ({type(error).__name__}: {error}); {rebuild_hint(index)}"
            ) from error
        self.analyzer = Analyzer(self.store.word, self.store.words)
        self._marker = HitMarker(self.store, self.analyzer)
        self.marked, self.marks, self.title_marks = self._marker.marked, self._marker.marks, self._marker.title_marks

    def __enter__(self) -> Searcher:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.reader.close()
        self.store.close()
        self._hold.close()

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
        marked: bool = True,
    ) -> Results:
        """Find provisions.

        ``limit`` None means all; ``lang`` None lets each word's letters and the vocabularies decide; ``laws`` and ``chapters``
        (numbers) name where to look; ``literal`` takes the query as plain words; ``marked`` False: which provisions, without
        what in them answers. Raises QueryError for a query without a word,
        QuerySyntaxError for a malformed one, UnknownReferenceError for a law that the index does not hold.
        """
        started = time.perf_counter()
        self._missing()
        within = self._within(laws, status, chapters)
        cited, absent, worded = self._sought(text, exact, literal)
        if cited:
            return self._cited(text, cited, limit, lang or reference.language_of(text, worded), within, started)
        query, mender, items, concepts, (scope, scored, total) = self._found(
            text, lang, within, limit, exact, literal, marked=marked, relaxed=not absent
        )
        asked = tuple(asked_for(c) for c in concepts) if marked else ()
        titles: dict[int, Mapping[Lang, tuple[Span, ...]]] = {}
        hits = tuple(
            self._marker.hit(rank, score, number, standings, asked, exact, titles)
            for rank, (number, score, standings) in enumerate(scored, 1)
        )
        return Results(
            text,
            lang or (reference.language_of(text, worded) if absent else _language(text, concepts, self.store)),
            hits,
            total,
            scope,
            time.perf_counter() - started,
            concepts,
            tuple(dict.fromkeys(mender.mended)),
            tuple(dict.fromkeys(mender.suggested)) or (() if exact else mender.rarer(items)),
            query,
            self._missing(),
            absent,
        )

    def _sought(self, text: str, exact: bool, literal: bool) -> tuple[list[reference.Spot], bool, Lang | None]:
        """The places that a query cites; whether it cites one that is not there: provisions with some of its words are no
        answer to that; and the language of the citation's words."""
        if exact or literal:
            return [], False, None
        spots, named, worded = reference.sought(text, self.store)
        return spots, named and not spots, worded

    def _missing(self) -> str:
        """What the answers of late lacked. What words were made out to be by such answers is not kept: it would go on when all
        answer again, and nobody be told."""
        missing = self.reader.missing()
        if missing:
            self.store.forget()
        return missing

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
        self._missing()
        within = self._within(laws, status, chapters)
        cited, absent, _ = self._sought(text, exact, literal)
        if cited:
            return sorted(set(self._documents_of(cited, within)))
        *_, (_, scored, _) = self._found(text, lang, within, None, exact, literal, ranked=False, relaxed=not absent)
        return sorted(number for number, _, _ in scored)

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
        marked: bool = True,
        relaxed: bool = True,
    ) -> tuple[Query, Mender, Sequence[Item], tuple[Concept, ...], tuple[Scope, Scored, int]]:
        """A query that is no citation, as it was understood (its words mended), and what it finds."""
        query = syntax.parse(text, literal=literal)
        mender = Mender(self.store, self.analyzer, self.reader, lang)
        items = query.items if exact or not relaxed else mender.items(query, company=not query.strict)
        # `-vsh` excludes nothing where these keys are a word on another layout.
        if query.negative and all(item.excluded for item in items):
            raise QueryError(
                f"query {text.strip()[:40]!r}: asks for nothing; add a word, or write NOT before what to leave out"
            )
        if query.strict and not query.negative:
            concepts, found = self._strict(query, items, lang, within, limit, exact, ranked, marked)
        else:
            for one in query.filters:
                from lawsearch.query import filters

                numbers = filters.documents(one, self.store, self.analyzer, self.reader)
                among = set(range(self.reader.document_count())) if within is None else within
                within = among - numbers if one.excluded else among & numbers
            concepts, found = self._plain(items, lang, within, limit, exact, ranked, marked, relaxed)
        return query, mender, items, concepts, found

    def _plain(
        self,
        items: Sequence[Item],
        lang: Lang | None,
        within: set[int] | None,
        limit: int | None,
        exact: bool,
        ranked: bool,
        marked: bool,
        relaxed: bool,
    ) -> tuple[tuple[Concept, ...], tuple[Scope, Scored, int]]:
        """Words that all belong together, relaxed step by step where nothing holds them all."""
        wanted = [item for item in items if not item.excluded]
        demanded = [item for item in wanted if item.required or not is_stop_word(item)] or wanted
        concepts = tuple(concept(i, lang, self.analyzer, self.store, self.reader) for i in demanded)
        excluded = tuple(concept(i, lang, self.analyzer, self.store, self.reader) for i in items if i.excluded)
        found = self._ranking(concepts, self._without(within, excluded), limit, exact, ranked, marked).run(relaxed)
        if excluded and found[0] not in ("provision", "none"):
            # What was asked away is no reason to relax: where all the matches had it, nothing is left.
            scope, _, _ = self._ranking(concepts, within, 1, exact).run()
            if scope != found[0]:
                return concepts, ("none", [], 0)
        return concepts, found

    def _strict(
        self,
        query: Query,
        items: Sequence[Item],
        lang: Lang | None,
        within: set[int] | None,
        limit: int | None,
        exact: bool,
        ranked: bool,
        marked: bool,
    ) -> tuple[tuple[Concept, ...], tuple[Scope, Scored, int]]:
        """A query whose operators mean what they say: nothing is relaxed."""
        from lawsearch.query.plan import Planner

        planner = Planner(self.store, self.analyzer, self.reader, lang, exact)
        node = planner.node(rebuilt(query.tree, items))
        concepts = tuple(planner.concepts)
        return concepts, self._ranking(concepts, within, limit, False, ranked, marked).strict(node)

    def _ranking(
        self,
        concepts: tuple[Concept, ...],
        within: Collection[int] | None,
        limit: int | None,
        exact: bool,
        ranked: bool = True,
        marked: bool = True,
    ) -> Ranking:
        return Ranking(self.store, self.reader, self.marked, concepts, within, limit, exact, ranked, marked)

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
        spots: Iterable[reference.Spot],
        limit: int | None,
        lang: Lang,
        within: Collection[int] | None,
        started: float,
    ) -> Results:
        documents = self._documents_of(spots, within)
        hits = []
        for rank, number in enumerate(documents[:limit], 1):
            provision = self.store.provision(number)
            article = self.store.article(provision.article)
            matched = (MatchedWord(text, provision.address.citation(lang) or text, lang, "citation"),)
            empty: dict[Lang, tuple[Span, ...]] = {"kk": (), "ru": ()}
            act = self.store.act(article.act)
            other = self.store.counterpart(provision)
            hits.append(Hit(rank, round(1 / rank, 4), provision, article, act, empty, empty, matched, other))
        scope: Scope = "citation" if documents else "none"
        return Results(text, lang, tuple(hits), len(documents), scope, time.perf_counter() - started)

    def _documents_of(self, spots: Iterable[reference.Spot], within: Collection[int] | None) -> list[int]:
        """The documents of places, in their order; of an act as a whole all of its own."""
        numbers = (n for spot in spots for n in (spot.documents or self.store.documents_of_act(spot.act)))
        return [n for n in numbers if within is None or n in within]


def _told_status(act: ActRecord) -> dict[str, str]:
    """Which of an act's texts are unofficial, where any is."""
    marked = [lang for lang in act.langs if act.text_status.get(lang) == "unofficial"]
    return {"unofficial": " ".join(marked)} if marked else {}


def _language(text: str, concepts: Sequence[Concept], store: Store) -> Lang:
    """The language that a query was asked in: that of its words which belong to one only; where these are as many, that of the
    words of a citation among them; else the one whose texts use more of them as typed; Kazakh where neither does.
    """
    votes = {lang: sum(tuple(c.surface or c.readings) == (lang,) for c in concepts) for lang in LANGS}
    if votes["kk"] == votes["ru"] and any(map(str.isdecimal, text)):
        from lawsearch.query import citation

        worded = citation.language(text)
        if worded is not None:
            return worded
    if votes["kk"] == votes["ru"]:
        forms = [w.form for c in concepts for w in c.item.words]
        # Counted by words, not by uses: one common word says no more than one rare word.
        uses = [{lang: store.uses(form, lang) for lang in LANGS} for form in forms]
        votes = {lang: sum(u[lang] == max(u.values()) > min(u.values()) for u in uses) for lang in LANGS}
    return "ru" if votes["ru"] > votes["kk"] else "kk"
