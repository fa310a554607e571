"""What the screen asks of an index and what it gets: plain records that go from one process to another and back."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from lawsearch.law import Lang, Status

if TYPE_CHECKING:
    from lawsearch.hits import Hit, Results
    from lawsearch.query.expand import Concept
    from lawsearch.store.records import ActRecord, ArticleRecord


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query with its filters. ``unfinished``: its last word is still being typed, and may be the beginning of one."""

    text: str
    laws: tuple[str, ...] = ()
    chapters: tuple[str, ...] = ()
    status: Status | None = None
    lang: Lang | None = None
    unfinished: bool = False

    @property
    def filters(self) -> dict[str, Any]:
        """The filters as `Searcher.search` takes them."""
        return {"laws": self.laws, "chapters": self.chapters, "status": self.status, "lang": self.lang}


@dataclass(frozen=True, slots=True)
class Opened:
    """An index that was opened: its generation, its counts, and its acts."""

    generation: str
    counts: Mapping[str, int]
    acts: tuple[ActRecord, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The results of a query as asked: ``text`` is what was searched for (a word being typed gets a `*`)."""

    wanted: Wanted
    text: str
    results: Results

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The hits, best first."""
        return self.results.hits

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """What the words were looked for as."""
        return self.results.concepts


@dataclass(frozen=True, slots=True)
class Spread:
    """Where all that a query finds lies: the documents in order, and how many there are by article and by act number."""

    documents: array[int]
    by_article: Mapping[int, int]
    by_act: Mapping[int, int]

    @property
    def total(self) -> int:
        """How many there are in all."""
        return len(self.documents)


@dataclass(frozen=True, slots=True)
class Target:
    """A place to go to: its article, the document there, its citations and its title."""

    article: int
    document: int
    address: str
    citation: Mapping[Lang, str]
    title: Mapping[Lang, str]
    act_title: Mapping[Lang, str]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Crossing:
    """What a provision (or its article) cites and what cites it."""

    cites: tuple[Target, ...]
    cited_by: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """An act and its articles in order; ``points``: the first and the last point of those that have no number."""

    act: ActRecord
    articles: tuple[ArticleRecord, ...]
    points: Mapping[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """One question: ``what`` is the name of a method of `answering.Answerer`."""

    number: int
    what: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a question: a value, or an error's kind and text; ``superseded`` where it was given up.

    ``progress``: not the answer yet, but how far it has come.
    """

    number: int
    kind: Literal["answer", "error", "superseded", "progress"]
    value: Any = None
    error: str = ""
