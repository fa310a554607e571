"""How many of a word's inflected forms a query for one of them finds: lawsearch, and the others as people use them.

The forms come from elsewhere than from our own stemmer: Kazakh ones from the rules that `make_corpus.py` inflects by,
Russian ones from pymorphy3's paradigms. A provision is relevant where its text has any form of the word; what a query finds
of these is its recall.
"""

from __future__ import annotations

import random
import sqlite3
import subprocess
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pymorphy3

from lawsearch.analysis import tokens
from lawsearch.analysis.letters import fold
from lawsearch.law import LANGS, Lang
from lawsearch.search import Searcher
from lawsearch.terms import termbase
from make_corpus import kazakh_form

_WORDS = 150
Found = Callable[[str], set[int]]


def _lexemes(forms: dict[str, set[int]], lang: Lang, rng: random.Random) -> list[tuple[str, set[int]]]:
    """Words of which several forms occur: one of these forms, and the provisions that have any."""
    morph = pymorphy3.MorphAnalyzer(lang="ru") if lang == "ru" else None
    words = sorted(
        {fold(t.side(lang)) for t in termbase.load() if t.status != "weak" and t.side(lang).isalpha() and len(t.side(lang)) > 3}
    )
    rng.shuffle(words)
    found = []
    for word in words:
        if morph is None:
            every = {fold(kazakh_form(word, case, plural)) for case in range(3) for plural in (False, True)}
        else:
            parse = morph.parse(word)[0]
            every = {fold(form.word) for form in parse.lexeme} if parse.tag.POS == "NOUN" else set()
        there = sorted(form for form in every if form in forms)
        relevant = set().union(*(forms[form] for form in there)) if there else set()
        if len(there) >= 3 and 3 <= len(relevant) <= 500:
            found.append((rng.choice(there), relevant))
        if len(found) == _WORDS:
            break
    return found


def _fts5(texts: Sequence[str], star: bool) -> Found:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
    db.executemany("INSERT INTO t (rowid, x) VALUES (?,?)", enumerate(texts))

    def ask(form: str) -> set[int]:
        said = f'"{form[: max(4, len(form) - 2)]}" *' if star else f'"{form}"'
        return {n for (n,) in db.execute("SELECT rowid FROM t WHERE t MATCH ?", (said,))}

    return ask


def _tantivy(texts: Sequence[str], stemmer: bool) -> Found:
    import tantivy

    index = tantivy.Index(
        tantivy.SchemaBuilder()
        .add_text_field("x", tokenizer_name="own")
        .add_unsigned_field("n", fast=True, indexed=True)
        .build()
    )
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.lowercase())
    analyzer = (builder.filter(tantivy.Filter.stemmer("russian")) if stemmer else builder).build()
    index.register_tokenizer("own", analyzer)
    writer = index.writer(100_000_000, 1)
    for number, text in enumerate(texts):
        document = tantivy.Document()
        document.add_text("x", text)
        document.add_unsigned("n", number)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher, schema = index.searcher(), index.schema

    def ask(form: str) -> set[int]:
        words = [tantivy.Query.term_query(schema, "x", key) for key in analyzer.analyze(form)]
        hits = searcher.search(
            tantivy.Query.boolean_query([(tantivy.Occur.Must, w) for w in words]), limit=len(texts), order_by_field="n"
        ).hits
        return {number for number, _ in hits}

    return ask


def _whoosh(texts: Sequence[str]) -> Found:
    from whoosh import fields, query
    from whoosh.filedb.filestore import RamStorage

    index = RamStorage().create_index(fields.Schema(x=fields.TEXT(phrase=False), n=fields.STORED))
    writer = index.writer()
    for number, text in enumerate(texts):
        writer.add_document(x=text, n=number)
    writer.commit()
    searcher = index.searcher()
    return lambda form: {hit["n"] for hit in searcher.search(query.Term("x", form), limit=None)}


def _ripgrep(texts: Sequence[str], work: Path) -> Found:
    file = work / "provisions.txt"
    file.write_text("".join(text.replace("\n", " ") + "\n" for text in texts), encoding="utf-8")

    def ask(form: str) -> set[int]:
        done = subprocess.run(
            ["rg", "--no-config", "-n", "-i", "-w", "-F", "-e", form, str(file)], capture_output=True, text=True, check=False
        )
        return {int(line.partition(":")[0]) - 1 for line in done.stdout.splitlines()}

    return ask


def compared(corpus: Path, index: Path, work: Path) -> dict[str, Any]:
    """By language and engine: the mean recall of inflected forms, and how many words were asked for."""
    told: dict[str, Any] = {}
    with Searcher(index) as searcher:
        count = searcher.reader.document_count()
        records = [searcher.store.provision(number) for number in range(count)]
        for lang in LANGS:
            texts = [record.texts.get(lang, "") for record in records]
            forms: dict[str, set[int]] = defaultdict(set)
            for number, text in enumerate(texts):
                for word in tokens.words(text):
                    forms[fold(word)].add(number)
            asked = _lexemes(forms, lang, random.Random(11))

            def ours(form: str, lang: Lang = lang) -> set[int]:
                return {hit.provision.id for hit in searcher.search(form, limit=None, lang=lang, literal=True).hits}

            ways: dict[str, Found] = {
                "lawsearch": ours,
                "FTS5 (unicode61)": _fts5(texts, False),
                "FTS5, last two letters cut, `*`": _fts5(texts, True),
                "tantivy (default)": _tantivy(texts, False),
                "tantivy (Russian stemmer)": _tantivy(texts, True),
                "Whoosh (default)": _whoosh(texts),
                "ripgrep -i -w": _ripgrep(texts, work),
            }
            told[lang] = {"words": len(asked)}
            for name, ask in ways.items():
                recalls, besides = [], []
                for form, relevant in asked:
                    found = ask(form)
                    recalls.append(len(found & relevant) / len(relevant))
                    besides.append(len(found - relevant) / len(relevant))
                told[lang][name] = [sum(recalls) / len(recalls), sum(besides) / len(besides)]
    return told
