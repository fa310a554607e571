"""The writer of a store: an act as rows, and the file that they go to."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from lawsearch.analysis.analyzer import word_keys_of
from lawsearch.analysis.letters import fold
from lawsearch.analysis.skeleton import skeleton
from lawsearch.law import Act, Address, Amendment, Article, Lang, Provision
from lawsearch.store.schema import INDEXES, TABLES
from lawsearch.terms.linking import KeySets
from lawsearch.terms.termbase import Term


def _encode_sets(sets: KeySets) -> str:
    return " ".join("|".join(s) for s in sets)


_AMENDMENT = tuple(f.name for f in fields(Amendment))
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _dump(value: object) -> str:
    return _ENCODER.encode(value)


@dataclass(slots=True)
class ActRows:
    """An act as the rows that a store keeps of it, numbered from its own first article and provision: what a worker makes,
    wherever in a store it comes to stand.

    ``articles``: number, first and last provision, chapter, data; ``provisions``: article, address, status, languages, data;
    ``changes``: a law's number (folded), its date, the provision.
    """

    law: str
    data: str
    keys: list[str]
    articles: list[tuple[str | None, int, int, str | None, str]] = field(default_factory=list)
    provisions: list[tuple[int, str, str, str, str]] = field(default_factory=list)
    changes: list[tuple[str, str | None, int]] = field(default_factory=list)

    def parted(self) -> tuple[tuple[object, ...], list[str]]:
        """All that is needed to make the rows again: what is no JSON yet, and the data of each row, which is (on one line)."""
        articles, provisions = [row[:-1] for row in self.articles], [row[:-1] for row in self.provisions]
        lines = [self.data, *(row[-1] for row in self.articles), *(row[-1] for row in self.provisions)]
        return (self.law, self.keys, articles, provisions, self.changes), lines

    @classmethod
    def joined(cls, parts: Sequence[Any], lines: Iterator[str]) -> ActRows:
        """Make what `parted` took apart. Raises ValueError or TypeError for anything else."""
        law, keys, articles, provisions, changes = parts
        try:
            data = next(lines)
            rows = [[(*row, next(lines)) for row in table] for table in (articles, provisions)]
        except (StopIteration, RuntimeError):
            raise ValueError("rows without their data") from None
        return cls(law, data, keys, rows[0], rows[1], changes)

    @classmethod
    def of(cls, act: Act, problems: Sequence[str], keys: Iterable[str] = ()) -> ActRows:
        """The rows of an act to be found under ``keys``, without its articles."""
        data = {"title": act.title, "meta": act.meta, "langs": act.langs, "problems": problems}
        data |= {"text_status": act.text_status, "unpaired": act.unpaired}
        return cls(act.law, _dump(data), sorted(keys))

    def add(self, article: Article, links: Sequence[Mapping[Lang, str]]) -> None:
        """Add the act's next article, with the links of each of its provisions as `text_links.packed` has them."""
        first = len(self.provisions)
        for provision, its_links in zip(article.provisions, links, strict=True):
            number = len(self.provisions)
            self.provisions.append(
                (
                    len(self.articles),
                    str(provision.address),
                    provision.status,
                    " ".join(provision.versions),
                    _dump(_provision_data(provision, its_links)),
                )
            )
            self.changes += [(fold(a.law), a.date, number) for a in provision.amendments]
        chapter = article.chapter
        data = {
            "title": article.title,
            "chapter": chapter.number,
            "chapter_title": chapter.title,
            "above": chapter.above,
            "below": chapter.below,
        }
        self.articles.append((article.number, first, len(self.provisions) - 1, chapter.number, _dump(data)))


def _provision_data(provision: Provision, links: Mapping[Lang, str]) -> dict[str, object]:
    data: dict[str, object] = {
        "kind": provision.kind,
        "amendments": [
            {k: v for k in _AMENDMENT if (v := getattr(a, k)) is not None and (k, v) != ("scope", "provision")}
            for a in provision.amendments
        ],
        "labels": {lang: v.label for lang, v in provision.versions.items()},
        "texts": {lang: v.text for lang, v in provision.versions.items()},
        "links": {lang: found for lang, found in links.items() if found},
    }
    if provision.confidence is not None:
        data["confidence"] = provision.confidence
    if provision.counterpart is not None:
        data["counterpart"] = [str(provision.counterpart.address), provision.counterpart.confidence]
    if provision.beads:
        data["beads"] = provision.beads
    return data


class StoreWriter:
    """Writes one store, in the order of the documents. Call `close` to make it whole."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file)
        # The file is thrown away unless it is finished: no journal, no waiting for the disk before the end.
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(TABLES)
        self.acts = self.articles = self.provisions = 0
        self._first_provisions = array("I")

    def add(self, rows: ActRows) -> None:
        """Add an act behind those already there."""
        act, article, provision = self.acts, self.articles, self.provisions
        run = self._db.executemany
        self._first_provisions.append(provision)
        self._db.execute("INSERT INTO acts VALUES (?,?,?)", (act, rows.law, rows.data))
        run("INSERT INTO act_keys VALUES (?,?)", [(key, act) for key in rows.keys])
        run(
            "INSERT INTO articles VALUES (?,?,?,?,?,?,?)",
            [
                (article + i, act, number, provision + first, provision + last, chapter, data)
                for i, (number, first, last, chapter, data) in enumerate(rows.articles)
            ],
        )
        run(
            "INSERT INTO provisions VALUES (?,?,?,?,?,?)",
            [(provision + i, article + row[0], *row[1:]) for i, row in enumerate(rows.provisions)],
        )
        run("INSERT INTO changes VALUES (?,?,?)", [(law, date, provision + n) for law, date, n in rows.changes])
        self.acts += 1
        self.articles += len(rows.articles)
        self.provisions += len(rows.provisions)

    def add_words(self, lang: Lang, forms: Sequence[str], words: Sequence[str], uses: Mapping[str, int]) -> None:
        """Add the forms of one language, in order, with their keys (`Word.encode`) and how often the corpus has them, and the
        keys themselves."""
        rows = []
        for form, keys in zip(forms, words, strict=True):
            bones = skeleton(form) if any(map(str.isalpha, form)) else None
            rows.append((lang, form, keys, uses.get(form, 0), bones, None if bones is None else bones[::-1]))
        self._db.executemany("INSERT INTO words VALUES (?,?,?,?,?,?)", rows)
        stems = sorted(word_keys_of(words))
        self._db.executemany("INSERT INTO stems VALUES (?,?)", [(lang, key) for key in stems])

    def add_terms(self, terms: Iterable[tuple[Term, KeySets, KeySets]]) -> None:
        """Add the term base in its order, each with the key sets of its Kazakh and its Russian side."""
        self._db.executemany(
            "INSERT INTO terms VALUES (?,?,?,?,?,?,?,?,?)",
            (
                (i, t.kk, t.ru, t.domain, t.source, t.status, t.note, _encode_sets(kk), _encode_sets(ru))
                for i, (t, kk, ru) in enumerate(terms)
            ),
        )

    def addresses(self, act: int) -> list[Address]:
        """The addresses of an act's provisions written so far."""
        first = self._first_provisions[act]
        end = self._first_provisions[act + 1] if act + 1 < self.acts else self.provisions
        rows = self._db.execute("SELECT address FROM provisions WHERE id>=? AND id<? ORDER BY id", (first, end))
        return [Address.parse(address) for (address,) in rows]

    def acts_under(self, key: str) -> set[int]:
        """The acts added so far under a key."""
        return {n for (n,) in self._db.execute("SELECT act FROM act_keys WHERE key=?", (key,))}

    def title_size(self, act: int) -> int:
        """How many keys an act is found under, abbreviations apart."""
        return int(self._db.execute("SELECT count(*) FROM act_keys WHERE act=? AND key NOT LIKE '~%'", (act,)).fetchone()[0])

    def add_references(self, found: Iterable[tuple[int, Lang, int, int, str, int]]) -> None:
        """Add cross-references: document, language, span in its text, the address cited, the number of its act."""
        self._db.executemany("INSERT INTO refs VALUES (?,?,?,?,?,?)", found)

    def add_facts(self, facts: Mapping[str, object]) -> None:
        """Add facts about the index as a whole."""
        self._db.executemany("INSERT INTO facts VALUES (?,?)", [(k, _dump(v)) for k, v in sorted(facts.items())])

    def close(self) -> None:
        self._db.executescript(INDEXES)
        self._db.commit()
        self._db.close()

    def abandon(self) -> None:
        """Close without caring what was written."""
        self._db.close()
