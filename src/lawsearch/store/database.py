"""The store: what is shown of each act, and what is known of each word and term. One SQLite file beside the postings."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from lawsearch.analysis.analyzer import Word
from lawsearch.errors import damaged
from lawsearch.law import LANGS, Act, Address, Amendment, Kind, Lang, Status
from lawsearch.terms.linking import Link
from lawsearch.terms.termbase import Term

_TABLES = """
CREATE TABLE acts (id INTEGER PRIMARY KEY, law TEXT UNIQUE NOT NULL, data TEXT NOT NULL);
CREATE TABLE articles (id INTEGER PRIMARY KEY, act INTEGER NOT NULL, number TEXT, first INTEGER NOT NULL,
                       last INTEGER NOT NULL, data TEXT NOT NULL);
CREATE TABLE provisions (id INTEGER PRIMARY KEY, article INTEGER NOT NULL, address TEXT UNIQUE NOT NULL,
                         status TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE words (lang TEXT NOT NULL, form TEXT NOT NULL, keys TEXT NOT NULL, PRIMARY KEY (lang, form)) WITHOUT ROWID;
CREATE TABLE stems (lang TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (lang, key)) WITHOUT ROWID;
CREATE TABLE terms (id INTEGER PRIMARY KEY, kk TEXT, ru TEXT, domain TEXT, source TEXT, status TEXT, note TEXT,
                    kk_keys TEXT NOT NULL, ru_keys TEXT NOT NULL);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

KeySets = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ActRecord:
    """An act as stored. ``problems`` are what its readers could not place."""

    id: int
    law: str
    title: Mapping[Lang, str]
    meta: Mapping[str, Any]
    langs: tuple[Lang, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article as stored; ``first`` and ``last`` are the document numbers of its provisions, both inclusive."""

    id: int
    act: int
    number: str | None
    first: int
    last: int
    title: Mapping[Lang, str]
    chapter: str | None
    chapter_title: Mapping[Lang, str]
    section: Mapping[Lang, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProvisionRecord:
    """A provision as stored; ``id`` is its document number in the postings."""

    id: int
    article: int
    address: Address
    kind: Kind
    status: Status
    amendments: tuple[Amendment, ...]
    labels: Mapping[Lang, str]
    texts: Mapping[Lang, str]
    links: Mapping[Lang, tuple[Link, ...]]


@dataclass(frozen=True, slots=True)
class TermRecord:
    """A term with the key sets of both sides, one set a position."""

    id: int
    term: Term
    keys: Mapping[Lang, KeySets]


def _encode_sets(sets: KeySets) -> str:
    return " ".join("|".join(s) for s in sets)


def _decode_sets(text: str) -> KeySets:
    return tuple(tuple(s.split("|")) for s in text.split())


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class StoreWriter:
    """Writes one store, in the order of the documents. Call `close` to make it whole."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file)
        # The file is thrown away unless it is finished: no journal, no waiting for the disk before the end.
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_TABLES)
        self.acts = self.articles = self.provisions = 0

    def add_act(self, act: Act, problems: Sequence[str]) -> None:
        """Begin an act; its articles follow."""
        data = {"title": act.title, "meta": act.meta, "langs": act.langs, "problems": problems}
        self._db.execute("INSERT INTO acts VALUES (?,?,?)", (self.acts, act.law, _dump(data)))
        self.acts += 1

    def add_article(self, article: Any, links: Sequence[Mapping[Lang, Sequence[Link]]]) -> None:
        """Add a `law.Article` of the act begun last, with the links of each of its provisions."""
        first = self.provisions
        for provision, its_links in zip(article.provisions, links, strict=True):
            data = {
                "kind": provision.kind,
                "amendments": [
                    {k: v for k, v in asdict(a).items() if v is not None and (k, v) != ("scope", "provision")}
                    for a in provision.amendments
                ],
                "labels": {lang: v.label for lang, v in provision.versions.items()},
                "texts": {lang: v.text for lang, v in provision.versions.items()},
                "links": {lang: [list(map(int, link)) for link in found] for lang, found in its_links.items() if found},
            }
            self._db.execute(
                "INSERT INTO provisions VALUES (?,?,?,?,?)",
                (self.provisions, self.articles, str(provision.address), provision.status, _dump(data)),
            )
            self.provisions += 1
        chapter = article.chapter
        data = {
            "title": article.title,
            "chapter": chapter.number,
            "chapter_title": chapter.title,
            "section": chapter.section,
        }
        self._db.execute(
            "INSERT INTO articles VALUES (?,?,?,?,?,?)",
            (self.articles, self.acts - 1, article.number, first, self.provisions - 1, _dump(data)),
        )
        self.articles += 1

    def add_words(self, lang: Lang, words: Iterable[tuple[str, Word]]) -> None:
        """Add the forms of one language with their keys, and the keys themselves."""
        keys: set[str] = set()
        rows = []
        for form, word in words:
            rows.append((lang, form, word.encode()))
            keys.update(word.whole)
            for part in word.parts:
                keys.update(part)
        self._db.executemany("INSERT INTO words VALUES (?,?,?)", rows)
        self._db.executemany("INSERT INTO stems VALUES (?,?)", [(lang, key) for key in sorted(keys)])

    def add_terms(self, terms: Iterable[tuple[Term, KeySets, KeySets]]) -> None:
        """Add the term base in its order, each with the key sets of its Kazakh and its Russian side."""
        self._db.executemany(
            "INSERT INTO terms VALUES (?,?,?,?,?,?,?,?,?)",
            (
                (i, t.kk, t.ru, t.domain, t.source, t.status, t.note, _encode_sets(kk), _encode_sets(ru))
                for i, (t, kk, ru) in enumerate(terms)
            ),
        )

    def add_facts(self, facts: Mapping[str, object]) -> None:
        """Add facts about the index as a whole."""
        self._db.executemany("INSERT INTO facts VALUES (?,?)", [(k, _dump(v)) for k, v in sorted(facts.items())])

    def close(self) -> None:
        self._db.commit()
        self._db.close()

    def abandon(self) -> None:
        """Close without caring what was written."""
        self._db.close()


def _term_record(row: Sequence[Any]) -> TermRecord:
    return TermRecord(row[0], Term(*row[1:7]), {"kk": _decode_sets(row[7]), "ru": _decode_sets(row[8])})


class _Rows:
    """Rows of an answer, read one by one: damage may come to light at any of them."""

    def __init__(self, cursor: sqlite3.Cursor, file: Path) -> None:
        self._cursor = cursor
        self._file = file

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._cursor
        except (sqlite3.Error, UnicodeError) as error:
            raise damaged(self._file, str(error)) from error

    def fetchone(self) -> Any:
        try:
            return self._cursor.fetchone()
        except (sqlite3.Error, UnicodeError) as error:
            raise damaged(self._file, str(error)) from error

    def fetchall(self) -> list[Any]:
        return list(self)


@lru_cache(maxsize=1)
def _schema() -> set[tuple[str, str, str]]:
    """The type, name and text of every table and index as SQLite keeps them."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(_TABLES)
        return set(db.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall())


_P = ParamSpec("_P")
_R = TypeVar("_R")


def _decoding(
    method: Callable[Concatenate[Store, _P], _R],
) -> Callable[Concatenate[Store, _P], _R]:
    """A method of `Store` for which whatever it trips over in what it has read is damage to the store."""

    @wraps(method)
    def guarded(self: Store, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(self, *args, **kwargs)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError, OverflowError) as error:
            raise damaged(self.file, f"{type(error).__name__}: {error}") from error

    return guarded


class Store:
    """Reads one store. Records are cached; every method is a look-up by key.

    Whatever is wrong with the file is an IndexUnusableError, when it is opened or when what is damaged is read.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        uri = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
        self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        try:
            # A store that someone else made may define views, triggers or computed columns: nothing of the kind is run.
            self._run("PRAGMA trusted_schema=OFF")
            self._run("PRAGMA cell_size_check=ON")
            if set(self._run("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()) != _schema():
                raise damaged(file, "its tables are not those of this version")
        except BaseException:
            self._db.close()
            raise
        self.provision = lru_cache(maxsize=50_000)(self._provision)
        self.article = lru_cache(maxsize=20_000)(self._article)
        self.act = lru_cache(maxsize=1_000)(self._act)
        self._terms: dict[int, TermRecord] = {}
        self._articles_of: list[int] | None = None

    def close(self) -> None:
        self._db.close()

    def _run(self, sql: str, values: Sequence[Any] = ()) -> _Rows:
        try:
            return _Rows(self._db.execute(sql, values), self.file)
        except sqlite3.Error as error:
            raise damaged(self.file, str(error)) from error

    # -- records

    @_decoding
    def _provision(self, number: int) -> ProvisionRecord:
        row = self._run("SELECT article, address, status, data FROM provisions WHERE id=?", (number,)).fetchone()
        if row is None:
            raise KeyError(number)
        data = json.loads(row[3])
        return ProvisionRecord(
            number,
            row[0],
            Address.parse(row[1]),
            data["kind"],
            row[2],
            tuple(Amendment(**a) for a in data["amendments"]),
            data["labels"],
            data["texts"],
            {lang: tuple(Link(t, a, b, p, bool(w)) for t, a, b, p, w in data["links"].get(lang, ())) for lang in LANGS},
        )

    @_decoding
    def _article(self, number: int) -> ArticleRecord:
        row = self._run("SELECT act, number, first, last, data FROM articles WHERE id=?", (number,)).fetchone()
        if row is None:
            raise KeyError(number)
        return ArticleRecord(number, *row[:4], **json.loads(row[4]))

    @_decoding
    def _act(self, number: int) -> ActRecord:
        row = self._run("SELECT law, data FROM acts WHERE id=?", (number,)).fetchone()
        if row is None:
            raise KeyError(number)
        data = json.loads(row[1])
        return ActRecord(number, row[0], data["title"], data["meta"], tuple(data["langs"]), tuple(data["problems"]))

    @_decoding
    def term(self, number: int) -> TermRecord:
        """A term by its number."""
        if number not in self._terms:
            self.fetch_terms((number,))
        return self._terms[number]

    @_decoding
    def fetch_terms(self, numbers: Iterable[int]) -> None:
        """Read the terms not read yet in one go: a provision has dozens, and a look-up each costs more than a search."""
        missing = sorted({n for n in numbers if n not in self._terms})
        for start in range(0, len(missing), 500):
            some = missing[start : start + 500]
            marks = ",".join("?" * len(some))
            for row in self._run(f"SELECT * FROM terms WHERE id IN ({marks})", some):
                self._terms[row[0]] = _term_record(row)

    # -- look-ups

    def acts(self) -> Iterator[ActRecord]:
        """All acts in the corpus' order."""
        for (number,) in self._run("SELECT id FROM acts ORDER BY id").fetchall():
            yield self.act(number)

    def act_by_law(self, law: str) -> ActRecord | None:
        """The act of an identifier."""
        row = self._run("SELECT id FROM acts WHERE law=?", (law,)).fetchone()
        return None if row is None else self.act(row[0])

    def articles(self, act: int) -> list[ArticleRecord]:
        """The articles of an act in its order."""
        rows = self._run("SELECT id FROM articles WHERE act=? ORDER BY id", (act,)).fetchall()
        return [self.article(number) for (number,) in rows]

    def articles_numbered(self, number: str, act: int | None = None) -> list[ArticleRecord]:
        """The articles of that number, in one act or in all."""
        sql = "SELECT id FROM articles WHERE number=?" + ("" if act is None else " AND act=?") + " ORDER BY id"
        rows = self._run(sql, (number,) if act is None else (number, act)).fetchall()
        return [self.article(found) for (found,) in rows]

    def provision_at(self, address: str) -> ProvisionRecord | None:
        """The provision of an address."""
        row = self._run("SELECT id FROM provisions WHERE address=?", (address,)).fetchone()
        return None if row is None else self.provision(row[0])

    @_decoding
    def article_of(self, document: int) -> int:
        """The number of the article that a document belongs to."""
        if self._articles_of is None:
            self._articles_of = [a for (a,) in self._run("SELECT article FROM provisions ORDER BY id")]
        return self._articles_of[document]

    def documents_with_status(self, status: Status) -> set[int]:
        """The numbers of all documents of that status."""
        return {n for (n,) in self._run("SELECT id FROM provisions WHERE status=?", (status,))}

    def documents_of_act(self, act: int) -> range:
        """The numbers of an act's documents."""
        row = self._run("SELECT min(first), max(last) FROM articles WHERE act=? AND last>=first", (act,)).fetchone()
        return range(0) if row[0] is None else range(row[0], row[1] + 1)

    @_decoding
    def word(self, form: str, lang: Lang) -> Word | None:
        """The keys of a form that occurs in the corpus or in the term base, or None."""
        row = self._run("SELECT keys FROM words WHERE lang=? AND form=?", (lang, form)).fetchone()
        return None if row is None else Word.decode(row[0])

    def keys_starting(self, prefix: str, lang: Lang, limit: int = 50) -> list[str]:
        """Keys of a language that start with ``prefix``, in order."""
        rows = self._run(
            "SELECT key FROM stems WHERE lang=? AND key>=? AND key<? ORDER BY key LIMIT ?",
            (lang, prefix, prefix + "\U0010ffff", limit),
        )
        return [key for (key,) in rows]

    def terms(self) -> Iterator[TermRecord]:
        """The term base in its order."""
        for row in self._run("SELECT * FROM terms ORDER BY id"):
            yield _term_record(row)

    @_decoding
    def fact(self, name: str) -> Any:
        """A fact about the index, or None."""
        row = self._run("SELECT value FROM facts WHERE name=?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def counts(self) -> dict[str, int]:
        """How many acts, articles, provisions, words and terms there are."""
        names = ("acts", "articles", "provisions", "words", "terms")
        return {name: self._run(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}

    def check(self) -> str | None:
        """SQLite's own integrity check: None where all is well, else what it says."""
        row = self._run("PRAGMA integrity_check").fetchone()
        return None if row[0] == "ok" else str(row[0])
