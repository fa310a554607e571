"""Answers the screen's questions from an index: the work of a process of its own, so that no key ever waits for a search.

A process answers one question after another (`serve`). The screen may give a question up: then the process is sent a signal
and drops what it is doing.
"""

from __future__ import annotations

import os
import signal
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import IO, Any, BinaryIO

from lawsearch.errors import LawsearchError
from lawsearch.hits import Hit, Results
from lawsearch.law import LANGS, Address
from lawsearch.output.reading import ArticleView, Cites, Pair, Passage
from lawsearch.query import reference
from lawsearch.query.expand import Concept
from lawsearch.search import Searcher
from lawsearch.store.records import ArticleRecord, ProvisionRecord
from lawsearch.tui.questions import Answer, Contents, Crossing, Opened, Question, Reply, Spread, Target, Wanted
from lawsearch.tui.wire import GIVE_UP, receive, send

#: A word being typed is taken for a beginning from so many letters on.
_SHORTEST_BEGINNING = 2
_LONGEST_LIST = 200


class Answerer:
    """The questions that the screen has, as methods; each returns a record of `questions`."""

    def __init__(self, index: Path) -> None:
        self.index = index
        self._searcher: Searcher | None = None

    @property
    def searcher(self) -> Searcher:
        """The index, opened at the first question."""
        if self._searcher is None:
            self._searcher = Searcher(self.index)
        return self._searcher

    def open(self, generation: str | None = None) -> Opened:
        """Open the index, anew where it has changed (``generation``: that one). Raises what `Searcher` raises."""
        opened = Searcher(self.index, generation=generation)
        if self._searcher is not None:
            self._searcher.close()
        self._searcher = opened
        store = opened.store
        return Opened(opened.generation, store.counts(), tuple(store.acts()))

    def warm(self) -> None:
        """Load what the first slow query would wait for."""
        with suppress(LawsearchError):
            self.searcher.search("сөз слово щщщъ", limit=1)

    def build(self, corpus: str, report: Callable[[tuple[int, int]], None]) -> None:
        """Build the index from a corpus, telling how far it has come."""
        from lawsearch.indexer import build

        build([Path(corpus)], self.index, rebuild=True, on_progress=lambda event: report((event.done, event.total)))

    # -- searching

    def search(self, wanted: Wanted, limit: int) -> Answer:
        """The best hits of a query."""
        text = self._as_searched(wanted)
        found = self.searcher.search(text, limit=limit, **wanted.filters)
        return Answer(wanted, text, _lightened(found))

    def spread(self, wanted: Wanted, text: str) -> Spread:
        """Where everything that a query finds lies."""
        documents = self.searcher.documents(text, **wanted.filters)
        of = self.searcher.store.articles_of()
        by_article = Counter(of[n] for n in documents)
        by_act: Counter[int] = Counter()
        for article, count in by_article.items():
            by_act[self.searcher.store.article(article).act] += count
        return Spread(array("I", documents), dict(by_article), dict(by_act))

    def _as_searched(self, wanted: Wanted) -> str:
        """The query, with a `*` behind a last word that no text has: it is still being typed."""
        text = wanted.text
        if not wanted.unfinished or not text or not text[-1].isalpha():
            return text
        from lawsearch.analysis import tokens
        from lawsearch.analysis.letters import fold

        words = tokens.words(text)
        if not words or not text.endswith(words[-1]) or len(words[-1]) < _SHORTEST_BEGINNING:
            return text
        before = text[: -len(words[-1])]
        form = fold(words[-1])
        # What is a word already is one; inside quotes and fields nothing is added.
        if before.count('"') % 2 or before.endswith((":", "-", "*", "/", "~")):
            return text
        store = self.searcher.store
        if any(store.word(form, lang) is not None for lang in LANGS) or not store.forms.like(form + "*", 1):
            return text
        return text + "*"

    # -- reading

    def article(self, article: int, concepts: tuple[Concept, ...] = (), exact: bool = False) -> ArticleView:
        """An article in full, with what in it answers to a query's concepts."""
        searcher = self.searcher
        store = searcher.store
        record = store.article(article)
        passages = tuple(self._passage(store.provision(n), concepts, exact) for n in range(record.first, record.last + 1))
        marks = searcher.title_marks(record, concepts) if concepts else {}
        before, behind = self._neighbours(record)
        return ArticleView(store.act(record.act), record, passages, marks, before, behind)

    def _passage(self, record: ProvisionRecord, concepts: tuple[Concept, ...], exact: bool) -> Passage:
        store = self.searcher.store
        other = store.counterpart(record)
        marks = self.searcher.marks(record.id, concepts, exact=exact)
        cites = {(r.lang, r.start, r.end): Cites(r.lang, (r.start, r.end), r.target) for r in store.cited_by(record.id)}
        return Passage(
            replace(record, links={}), marks, tuple(cites.values()), None if other is None else replace(other, links={})
        )

    def _neighbours(self, record: ArticleRecord) -> tuple[int | None, int | None]:
        found: list[int | None] = []
        for number in (record.id - 1, record.id + 1):
            try:
                near = self.searcher.store.article(number)
            except LawsearchError:
                found.append(None)
                continue
            found.append(near.id if near.act == record.act and near.last >= near.first else None)
        return found[0], found[1]

    def pairs(self, document: int) -> tuple[Pair, ...]:
        """The aligned terms of a passage, in the order in which they stand there."""
        store = self.searcher.store
        record = store.provision(document)
        found: dict[int, dict[Any, tuple[Any, ...]]] = {}
        for source in filter(None, (record, store.counterpart(record))):
            for number, spans in self.searcher.marked(source.id).terms().items():
                here = found.setdefault(number, {})
                for lang, its in spans.items():
                    here.setdefault(lang, its)
        store.fetch_terms(found)
        terms = [(store.term(number).term, spans) for number, spans in found.items()]
        # Pairs both sides of which stand here come first: they are the ones that correspond.
        terms.sort(key=lambda pair: -len(pair[1]))
        return tuple(Pair(term.kk, term.ru, spans) for term, spans in terms)

    def contents(self, act: int) -> Contents:
        """An act's articles."""
        store = self.searcher.store
        articles = tuple(a for a in store.articles(act) if a.last >= a.first)
        points: dict[int, tuple[str, str]] = {}
        for article in articles:
            if article.number is None:
                documents = range(article.first, article.last + 1)
                first, last = self._point(documents), self._point(reversed(documents))
                if first is not None and last is not None:
                    points[article.id] = first, last
        return Contents(store.act(act), articles, points)

    def _point(self, documents: Iterable[int]) -> str | None:
        """The first point among documents, looked at one by one."""
        numbers = (self.searcher.store.provision(n).address.point for n in documents)
        return next((number.partition("~")[0] for number in numbers if number is not None), None)

    def places(self, text: str) -> tuple[Target, ...]:
        """The places that a citation, an address or an act's name leads to."""
        store = self.searcher.store
        found = []
        for place in reference.places(text, store)[:_LONGEST_LIST]:
            provisions = place.provisions
            if not provisions:
                first = next((a for a in store.articles(place.act.id) if a.last >= a.first), None)
                provisions = () if first is None else (store.provision(first.first),)
            if provisions:
                found.append(self._target(provisions[0]))
        return tuple(found)

    def references(self, document: int) -> Crossing:
        """What a provision cites, and what cites it (or its article, where it is the article's first provision)."""
        from lawsearch.output import references

        store = self.searcher.store
        record = store.provision(document)
        article = store.article(record.article)
        whole = document == article.first
        place = reference.Place(store.act(article.act), article, (record,), whole)
        cites = [self._at(r.target, r.text) for r in references.cites(place, store)]
        by = [self._at(r.source, r.text) for r in references.cited_by(place, store)]
        return Crossing(_distinct(cites), _distinct(by))

    def _at(self, address: Address, text: str) -> Target | None:
        store = self.searcher.store
        found = store.provision_at(str(address))
        if found is None:
            place = next(iter(reference.places(str(address), store)), None)
            if place is None:
                return None
            if place.provisions:
                found = place.provisions[0]
            else:
                document = next(iter(store.documents_of_act(place.act.id)), None)
                found = None if document is None else store.provision(document)
        return None if found is None else replace(self._target(found, address), text=text)

    def _target(self, record: ProvisionRecord, address: Address | None = None) -> Target:
        store = self.searcher.store
        article = store.article(record.article)
        act = store.act(article.act)
        address = address or record.address
        citation = {lang: address.citation(lang) or act.law for lang in LANGS}
        return Target(article.id, record.id, str(address), citation, article.title, act.title)

    # -- taking along

    def export(self, wanted: Wanted, text: str, kind: str, file: str) -> int:
        """Write the whole result of a query to a new file; how many hits (TMX: aligned pairs) it holds.

        Raises FileExistsError where the file is there already, OSError where it cannot be written.
        """
        found = self.searcher.search(text, limit=None, **wanted.filters)
        path = Path(file).expanduser()
        try:
            with path.open("xb") as stream:
                return self._write(found, kind, stream)
        except BaseException as error:
            if not isinstance(error, FileExistsError):
                # Half a file is worse than none.
                path.unlink(missing_ok=True)
            raise

    def _write(self, found: Results, kind: str, stream: BinaryIO) -> int:
        from lawsearch.output import records

        store = self.searcher.store
        if kind == "tmx":
            from lawsearch.output import exchange
            from lawsearch.store.pairs import units

            return exchange.write_tmx(units(((h.provision, h.article, h.act) for h in found.hits), store), stream)
        lines: Iterator[str]
        made = (records.hit(h, found.query) for h in found.hits)
        if kind == "csv":
            rows = (records.hit_row(r) for r in made)
            lines = iter([records.row(records.HIT_COLUMNS, "csv"), *records.rows(rows, "csv")])
        else:
            lines = iter([*(records.dump(r) for r in made), records.dump(records.summary(found))])
        for line in lines:
            stream.write(line.encode() + b"\n")
        return len(found.hits)

    def found(self, addresses: tuple[str, ...]) -> tuple[Hit, ...]:
        """The provisions of addresses as hits, where they still stand in the index."""
        hits: list[Hit] = []
        for address in addresses:
            hits += self.searcher.search(address, limit=1).hits
        return tuple(hits)


def _distinct(found: list[Target | None]) -> tuple[Target, ...]:
    return tuple({(t.address, t.text): t for t in found if t is not None}.values())[:_LONGEST_LIST]


def _lightened(found: Results) -> Results:
    """Results without what the screen does not draw: the links of every word to the term base."""
    return replace(
        found,
        hits=tuple(
            replace(
                hit,
                provision=replace(hit.provision, links={}),
                counterpart=None if hit.counterpart is None else replace(hit.counterpart, links={}),
            )
            for hit in found.hits
        ),
        parsed=None,
    )


# -- the process --------------------------------------------------------------------------------------------------------


class _GivenUpError(BaseException):
    """The question at hand is of no interest any more."""


def serve(index: Path, questions: IO[bytes], replies: IO[bytes]) -> None:
    """Answer questions until the other side is gone."""
    answerer = Answerer(index)
    working = False

    def give_up(_number: int, _frame: FrameType | None) -> None:
        if working:
            raise _GivenUpError

    if GIVE_UP is not None:
        signal.signal(GIVE_UP, give_up)
    # Ctrl-C is the screen's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    send(replies, Reply(0, "progress"))
    while True:
        try:
            question: Question = receive(questions)
        except EOFError:
            return
        reply: Reply
        try:
            try:
                working = True
                reply = _answered(answerer, question, replies)
            finally:
                working = False
        except _GivenUpError:
            reply = Reply(question.number, "superseded")
        send(replies, reply)


def answered(answerer: Answerer, question: Question, report: Callable[[Any], None]) -> Reply:
    """A question's reply; whatever goes wrong is said in it."""
    arguments = dict(question.arguments)
    if question.what == "build":
        arguments["report"] = report
    try:
        return Reply(question.number, "answer", getattr(answerer, question.what)(**arguments))
    except LawsearchError as error:
        return Reply(question.number, "error", type(error).__name__, " ".join(str(error).split()))
    except OSError as error:
        said = f"{error.filename or ''}: {error.strerror or error}".removeprefix(": ")
        return Reply(question.number, "error", type(error).__name__, said)
    except MemoryError:
        return Reply(question.number, "error", "MemoryError", "not enough memory")
    except Exception as error:
        return Reply(question.number, "error", "Exception", f"{type(error).__name__}: {error}")


def _answered(answerer: Answerer, question: Question, replies: IO[bytes]) -> Reply:
    return answered(answerer, question, lambda value: send(replies, Reply(question.number, "progress", value)))


def main() -> None:
    """The process: questions on stdin, replies on what was stdout; nothing else is ever written there."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with suppress(BrokenPipeError):
        serve(Path(sys.argv[1]), sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
