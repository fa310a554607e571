"""The store: what is shown of each act, and what is known of each word and term. One SQLite file beside the postings.

`store.writing` writes it."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from lawsearch.analysis.analyzer import Word
from lawsearch.errors import damaged
from lawsearch.law import LANGS, Address, Amendment, Counterpart, Lang, Status
from lawsearch.store.forms import Forms
from lawsearch.store.guarding import Rows, decoding
from lawsearch.store.records import ActRecord, ArticleRecord, ProvisionRecord, ReferenceRecord, TermRecord
from lawsearch.store.schema import schema
from lawsearch.store.term_keys import TermKeys
from lawsearch.terms.linking import KeySets, Links
from lawsearch.terms.termbase import Term


def _decode_sets(text: str) -> KeySets:
    return tuple(tuple(s.split("|")) for s in text.split())


def _term_record(row: Sequence[Any]) -> TermRecord:
    return TermRecord(row[0], Term(*row[1:7]), {"kk": _decode_sets(row[7]), "ru": _decode_sets(row[8])})


#: So many look-ups of acts by identifier go to the file, before the identifiers of all are read, if they are not too many.
_FEW_LAWS, _MOST_LAWS = 8, 20_000
#: How many things `Store.kept` keeps.
_KEPT = 8_000


#: What the store has of a form that it does not have.
_UNKNOWN: Mapping[Lang, Word] = {}
_R = TypeVar("_R")


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
            if set(self._run("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()) != schema():
                raise damaged(file, "its tables are not those of this version")
        except BaseException:
            self._db.close()
            raise
        self.provision = lru_cache(maxsize=10_000)(self._provision)
        self.article = lru_cache(maxsize=20_000)(self._article)
        self.act = lru_cache(maxsize=1_000)(self._act)
        self._known_words = lru_cache(maxsize=50_000)(self._words_of)
        self._known_uses = lru_cache(maxsize=20_000)(self._uses)
        self._terms: dict[int, TermRecord] = {}
        self.term_keys = TermKeys(self)
        self.forms = Forms(self._run)
        self._kept: OrderedDict[object, Any] = OrderedDict()
        self._articles_of: array[int] | None = None
        self._laws: dict[str, int] | None = None
        self._asked_laws = 0

    def close(self) -> None:
        self._db.close()

    def _run(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        try:
            return Rows(self._db.execute(sql, values), self.file)
        except sqlite3.Error as error:
            raise damaged(self.file, str(error)) from error

    # -- records

    @decoding
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
            {lang: Links.unpacked(data["links"].get(lang, "")) for lang in LANGS},
            data.get("confidence"),
            Counterpart(Address.parse(data["counterpart"][0]), data["counterpart"][1]) if "counterpart" in data else None,
            tuple((a, b, c, d) for a, b, c, d in data.get("beads", ())),
        )

    @decoding
    def _article(self, number: int) -> ArticleRecord:
        row = self._run("SELECT act, number, first, last, data FROM articles WHERE id=?", (number,)).fetchone()
        if row is None:
            raise KeyError(number)
        return ArticleRecord(number, *row[:4], **json.loads(row[4]))

    @decoding
    def _act(self, number: int) -> ActRecord:
        row = self._run("SELECT law, data FROM acts WHERE id=?", (number,)).fetchone()
        if row is None:
            raise KeyError(number)
        data = json.loads(row[1])
        return ActRecord(
            number,
            row[0],
            data["title"],
            data["meta"],
            tuple(data["langs"]),
            tuple(data["problems"]),
            data["text_status"],
            tuple(data["unpaired"]),
        )

    def term(self, number: int) -> TermRecord:
        """A term by its number."""
        known = self._terms.get(number)
        return known if known is not None else self._fetched(number)

    @decoding
    def _fetched(self, number: int) -> TermRecord:
        self.fetch_terms((number,))
        return self._terms[number]

    @decoding
    def fetch_terms(self, numbers: Iterable[int]) -> None:
        """Read the terms not read yet in one go: a provision has dozens, and a look-up each costs more than a search."""
        missing = sorted({n for n in numbers if n not in self._terms})
        for start in range(0, len(missing), 500):
            some = missing[start : start + 500]
            marks = ",".join("?" * len(some))
            for row in self._run(f"SELECT * FROM terms WHERE id IN ({marks})", some):
                self._terms[row[0]] = _term_record(row)

    def kept(self, about: object, make: Callable[[], _R]) -> _R:
        """What was made for something before, if it is among the last so many that were asked for, else made anew."""
        found = self._kept.get(about)
        if found is None:
            found = self._kept[about] = make()
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(about)
        return found

    def forget(self) -> None:
        """Keep nothing that was made before."""
        self._kept.clear()

    @decoding
    def term_sides(
        self, lang: Lang, numbers: Sequence[int] | None = None, holding: Sequence[str] = ()
    ) -> list[tuple[int, str]]:
        """The numbers of terms with the keys of their side in ``lang``, as they are kept (key sets by spaces, keys by `|`):
        of all terms, or of those among ``numbers`` in whose keys one of ``holding`` occurs."""
        column = f"{lang}_keys"
        if numbers is None:
            return self._run(f"SELECT id, {column} FROM terms ORDER BY id").fetchall()
        found: list[tuple[int, str]] = []
        wanted = " OR ".join([f"instr({column}, ?)"] * len(holding)) or "0"
        for start in range(0, len(numbers), 500):
            some = ",".join(map(str, map(int, numbers[start : start + 500])))
            found += self._run(f"SELECT id, {column} FROM terms WHERE id IN ({some}) AND ({wanted})", tuple(holding)).fetchall()
        return found

    # -- look-ups

    def acts(self) -> Iterator[ActRecord]:
        """All acts in the corpus' order."""
        for (number,) in self._run("SELECT id FROM acts ORDER BY id").fetchall():
            yield self.act(number)

    def act_by_law(self, law: str) -> ActRecord | None:
        """The act of an identifier."""
        self._asked_laws += 1
        if self._asked_laws == _FEW_LAWS:
            # Whoever asks many questions asks of each whether it is an act.
            rows = self._run("SELECT law, id FROM acts LIMIT ?", (_MOST_LAWS + 1,)).fetchall()
            self._laws = dict(rows) if len(rows) <= _MOST_LAWS else None
        if self._laws is not None:
            number = self._laws.get(law)
        else:
            row = self._run("SELECT id FROM acts WHERE law=?", (law,)).fetchone()
            number = None if row is None else row[0]
        return None if number is None else self.act(number)

    def acts_under(self, key: str) -> set[int]:
        """The numbers of the acts that a key of `store.naming` leads to."""
        return {n for (n,) in self._run("SELECT act FROM act_keys WHERE key=?", (key,))}

    def title_size(self, act: int) -> int:
        """How many keys an act is found under, abbreviations apart."""
        return int(self._run("SELECT count(*) FROM act_keys WHERE act=? AND key NOT LIKE '~%'", (act,)).fetchone()[0])

    def articles(self, act: int) -> list[ArticleRecord]:
        """The articles of an act in its order."""
        rows = self._run("SELECT id FROM articles WHERE act=? ORDER BY id", (act,)).fetchall()
        return [self.article(number) for (number,) in rows]

    def provision_at(self, address: str, lang: Lang | None = None) -> ProvisionRecord | None:
        """The provision of an address; with ``lang``, the one that has a text in it (see `law.Provision`)."""
        rows = self._run("SELECT id FROM provisions WHERE address=? ORDER BY id", (address,)).fetchall()
        found = (self.provision(number) for (number,) in rows)
        return next((p for p in found if lang is None or lang in p.texts), None)

    def counterpart(self, provision: ProvisionRecord) -> ProvisionRecord | None:
        """The provision of another address that says the same in the language that ``provision`` lacks, or None."""
        if provision.counterpart is None:
            return None
        lang: Lang = "ru" if "kk" in provision.texts else "kk"
        return self.provision_at(str(provision.counterpart.address), lang)

    @decoding
    def article_of(self, document: int) -> int:
        """The number of the article that a document belongs to."""
        return self.articles_of()[document]

    @decoding
    def articles_of(self) -> Sequence[int]:
        """The number of each document's article."""
        if self._articles_of is None:
            # From the articles: the provisions' own rows hold their texts, which would all be read.
            found = array("I")
            for article, first, last in self._run("SELECT id, first, last FROM articles ORDER BY id"):
                if last >= first:
                    if first != len(found):
                        raise ValueError("articles do not follow one another")
                    found.extend([article] * (last + 1 - first))
            self._articles_of = found
        return self._articles_of

    def documents_with_status(self, status: Status) -> set[int]:
        """The numbers of all documents of that status."""
        return {n for (n,) in self._run("SELECT id FROM provisions WHERE status=?", (status,))}

    def documents_of_act(self, act: int) -> range:
        """The numbers of an act's documents."""
        row = self._run("SELECT min(first), max(last) FROM articles WHERE act=? AND last>=first", (act,)).fetchone()
        return range(0) if row[0] is None else range(row[0], row[1] + 1)

    def word(self, form: str, lang: Lang) -> Word | None:
        """The keys of a form that occurs in the corpus or in the term base, or None."""
        return self._known_words(form).get(lang)

    @decoding
    def _words_of(self, form: str) -> Mapping[Lang, Word]:
        """A form in the languages that have it: who asks for one mostly asks for the other too."""
        one = "SELECT lang, keys FROM words WHERE lang=? AND form=?"
        rows = self._run(f"{one} UNION ALL {one}", ("kk", form, "ru", form)).fetchall()
        return {lang: Word.decode(keys) for lang, keys in rows} if rows else _UNKNOWN

    @decoding
    def words(self, forms: Sequence[str], lang: Lang) -> dict[str, Word]:
        """The keys of those of some forms that occur in the corpus or in the term base."""
        found: dict[str, Word] = {}
        for start in range(0, len(forms), 500):
            some = forms[start : start + 500]
            marks = ",".join("?" * len(some))
            rows = self._run(f"SELECT form, keys FROM words WHERE lang=? AND form IN ({marks})", (lang, *some))
            found.update((form, Word.decode(keys)) for form, keys in rows)
        return found

    def uses(self, form: str, lang: Lang) -> int:
        """How often the corpus has a form."""
        return self._known_uses(form, lang)

    def _uses(self, form: str, lang: Lang) -> int:
        row = self._run("SELECT uses FROM words WHERE lang=? AND form=?", (lang, form)).fetchone()
        return 0 if row is None else int(row[0])

    def documents_in_chapter(self, chapter: str) -> set[int]:
        """The numbers of all documents in chapters of that number."""
        rows = self._run("SELECT first, last FROM articles WHERE chapter=?", (chapter,))
        return {n for first, last in rows for n in range(first, last + 1)}

    def article_numbers(self, act: int | None = None) -> list[str]:
        """Every number that an article of one act, or of any, has, once."""
        sql = "SELECT DISTINCT number FROM articles WHERE number IS NOT NULL" + ("" if act is None else " AND act=?")
        rows = self._run(sql + " ORDER BY number", () if act is None else (act,))
        return [number for (number,) in rows]

    def act_numbers(self) -> list[tuple[int, str]]:
        """The number and the identifier of every act, in the corpus' order."""
        return self._run("SELECT id, law FROM acts ORDER BY id").fetchall()

    def article_places(self, act: int | None = None) -> list[tuple[int, int, str | None, int, int]]:
        """The articles of one act, or of all, in the corpus' order: number in the store, act, number as printed, first and last
        document."""
        sql = "SELECT id, act, number, first, last FROM articles" + ("" if act is None else " WHERE act=?")
        # An act's articles stand together, so that the order is that of their numbers in the store.
        return self._run(sql + " ORDER BY act, id", () if act is None else (act,)).fetchall()

    def articles_numbered(self, numbers: Iterable[str]) -> list[tuple[int, int, str | None, int, int]]:
        """The articles of all acts with one of these numbers, as `article_places` gives them."""
        sql = "SELECT id, act, number, first, last FROM articles WHERE number=?"
        return sorted((row for number in set(numbers) for row in self._run(sql, (number,))), key=itemgetter(1, 0))

    @decoding
    def addresses_between(self, first: int, last: int) -> list[tuple[int, Address]]:
        """The documents from ``first`` to ``last``, both inclusive, with their addresses."""
        rows = self._run("SELECT id, address FROM provisions WHERE id BETWEEN ? AND ? ORDER BY id", (first, last))
        return [(number, Address.parse(address)) for number, address in rows]

    @decoding
    def annexed(self, act: int | None = None) -> list[tuple[int, int, int, str | None, Address]]:
        """What stands in annexes of one act, or of all, in the corpus' order: document, act, article in the store and as
        printed, address."""
        sql = (
            "SELECT p.id, a.act, a.id, a.number, p.address FROM provisions p JOIN articles a ON a.id=p.article"
            " WHERE p.address GLOB '*/annex-*'"
        )
        rows = self._run(f"{sql} AND a.act=? ORDER BY p.id" if act else f"{sql} ORDER BY p.id", (act,) if act else ())
        return [(document, of, article, number, Address.parse(address)) for document, of, article, number, address in rows]

    def documents_in_articles(self, number: str) -> set[int]:
        """The numbers of all documents in articles of that number."""
        rows = self._run("SELECT first, last FROM articles WHERE number=?", (number,))
        return {n for first, last in rows for n in range(first, last + 1)}

    def documents_changed_by(self, law: str) -> set[int]:
        """The numbers of all documents that a law (its number, folded) changed."""
        return {n for (n,) in self._run("SELECT provision FROM changes WHERE law=?", (law,))}

    def documents_changed_between(self, first: str, last: str) -> set[int]:
        """The numbers of all documents changed by laws of dates (ISO, or the beginning of one) from ``first`` to ``last``."""
        return {n for (n,) in self._run("SELECT provision FROM changes WHERE date>=? AND date<?", (first, last + "~"))}

    def documents_in(self, lang: Lang) -> set[int]:
        """The numbers of all documents that have a text in a language."""
        return {n for n, langs in self._run("SELECT id, langs FROM provisions") if lang in langs.split()}

    def cited_by(self, document: int) -> list[ReferenceRecord]:
        """The cross-references in a provision's texts, by language and place."""
        rows = self._run("SELECT * FROM refs WHERE provision=? ORDER BY lang, start, target", (document,))
        return [ReferenceRecord(*row) for row in rows]

    def citing(self, act: int, address: str) -> list[ReferenceRecord]:
        """The cross-references to a place or to what lies below it, by document."""
        rows = self._run(
            "SELECT * FROM refs WHERE act=? AND (target=? OR (target>=? AND target<?)) ORDER BY provision, lang, start",
            (act, address, address + "/", address + "0"),
        )
        return [ReferenceRecord(*row) for row in rows]

    def has_key(self, key: str, lang: Lang) -> bool:
        """True where a form of the vocabulary is filed under the key."""
        return self._run("SELECT 1 FROM stems WHERE lang=? AND key=?", (lang, key)).fetchone() is not None

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

    def terms_starting(self, prefix: str, limit: int) -> list[tuple[str, str]]:
        """Terms one side of which begins with ``prefix`` (any case): that side and the other, in order."""
        found: list[tuple[str, str]] = []
        for side, other in (("kk", "ru"), ("ru", "kk")):
            for text in dict.fromkeys((prefix, prefix.lower(), prefix.capitalize())):
                rows = self._run(
                    f"SELECT {side}, {other} FROM terms WHERE {side}>=? AND {side}<? ORDER BY {side} LIMIT ?",
                    (text, text + "\U0010ffff", limit),
                )
                found += rows.fetchall()
        return list(dict.fromkeys(found))[:limit]

    @decoding
    def fact(self, name: str) -> Any:
        """A fact about the index, or None."""
        row = self._run("SELECT value FROM facts WHERE name=?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def counts(self) -> dict[str, int]:
        """How many acts, articles, provisions, words and terms there are."""
        # What stands before the first article, or behind the last, is kept as an article without a number.
        tables = {name: name for name in ("acts", "articles", "provisions", "words", "terms")}
        tables["articles"] += " WHERE number IS NOT NULL"
        return {name: self._run(f"SELECT count(*) FROM {table}").fetchone()[0] for name, table in tables.items()}

    def check(self) -> str | None:
        """SQLite's own integrity check: None where all is well, else what it says."""
        row = self._run("PRAGMA integrity_check").fetchone()
        return None if row[0] == "ok" else str(row[0])
