"""What people would use instead, fed the same keys: SQLite FTS5, tantivy, Whoosh as it comes; ripgrep on the files."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lawsearch.engine.base import FIELDS, HEAD_FIELD
from lawsearch.engine.inverted import Inverted

#: By field the keys of one document, in the order of their positions, as one text.
Text = dict[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query for every engine: as typed, and by word (all of which must occur) the fields and keys, any of which will do.

    ``phrase`` are keys side by side in a field, ``prefix`` a form's beginning in a field, instead of words.
    """

    kind: str
    typed: str
    words: tuple[tuple[tuple[str, str], ...], ...] = ()
    phrase: tuple[str, tuple[str, ...]] | None = None
    prefix: tuple[str, str] | None = None


def texts(batch: Inverted) -> Iterator[Text]:
    """The documents of a batch as texts."""
    held: list[dict[str, list[tuple[int, str]]]] = [{} for _ in range(batch.size)]
    for name, lists in batch.fields.items():
        if name == HEAD_FIELD:
            continue
        for key, documents, frequencies, positions in lists:
            p = 0
            for number, count in zip(documents, frequencies, strict=True):
                held[number].setdefault(name, []).extend((at, key) for at in positions[p : p + count])
                p += count
    for each in held:
        yield {name: " ".join(key for _, key in sorted(pairs)) for name, pairs in each.items()}


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    return path.stat().st_size if path.is_file() else sum(p.stat().st_size for p in path.rglob("*") if p.is_file())


class Fts5:
    """SQLite's own full-text index, ranked by its BM25."""

    name = key = "SQLite FTS5"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "fts5.sqlite"

    def build(self, documents: Iterable[Text]) -> None:
        self.path.unlink(missing_ok=True)
        db = sqlite3.connect(self.path)
        db.execute("PRAGMA journal_mode=OFF")
        db.execute("PRAGMA synchronous=OFF")
        columns = ", ".join(FIELDS)
        tokens = "unicode61 remove_diacritics 0 categories 'L* N* P* S* M* Co'"
        db.execute(f"CREATE VIRTUAL TABLE t USING fts5({columns}, content='', tokenize=\"{tokens}\")")
        marks = ",".join("?" * (len(FIELDS) + 1))
        rows = ((number, *(d.get(name, "") for name in FIELDS)) for number, d in enumerate(documents))
        db.executemany(f"INSERT INTO t (rowid, {columns}) VALUES ({marks})", rows)
        db.execute("INSERT INTO t(t) VALUES ('optimize')")
        db.commit()
        db.close()

    def open(self) -> None:
        self._db = sqlite3.connect(self.path)

    def search(self, asked: Asked) -> int:
        if asked.prefix is not None:
            said = f'{asked.prefix[0]} : "{asked.prefix[1]}" *'
        elif asked.phrase is not None:
            said = f'{asked.phrase[0]} : "{" ".join(asked.phrase[1])}"'
        else:
            said = " AND ".join("(" + " OR ".join(f'{f} : "{k}"' for f, k in word) + ")" for word in asked.words)
        return len(self._db.execute("SELECT rowid, rank FROM t WHERE t MATCH ? ORDER BY rank LIMIT 10", (said,)).fetchall())


class Tantivy:
    """tantivy with its own scoring, one thread."""

    name, key = "tantivy", "tantivy raw"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "tantivy"

    def _tokenized(self, index: Any) -> Any:
        import tantivy

        index.register_tokenizer("spaces", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        return index

    def build(self, documents: Iterable[Text]) -> None:
        import tantivy

        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir()
        builder = tantivy.SchemaBuilder()
        for name in FIELDS:
            builder.add_text_field(name, stored=False, tokenizer_name="spaces", index_option="position")
        writer = self._tokenized(tantivy.Index(builder.build(), path=str(self.path))).writer(500_000_000, 1)
        for each in documents:
            document = tantivy.Document()
            for name, text in each.items():
                document.add_text(name, text)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> None:
        import tantivy

        index = self._tokenized(tantivy.Index.open(str(self.path)))
        self._schema, self._searcher = index.schema, index.searcher()

    def search(self, asked: Asked) -> int:
        from tantivy import Occur, Query

        def term(field: str, key: str) -> Any:
            return Query.term_query(self._schema, field, key)

        if asked.prefix is not None:
            query = Query.regex_query(self._schema, asked.prefix[0], asked.prefix[1] + ".*")
        elif asked.phrase is not None:
            query = Query.phrase_query(self._schema, asked.phrase[0], list(asked.phrase[1]))
        else:
            words = [Query.boolean_query([(Occur.Should, term(f, k)) for f, k in word]) for word in asked.words]
            query = Query.boolean_query([(Occur.Must, word) for word in words])
        return len(self._searcher.search(query, limit=10, count=True).hits)


class Whoosh:
    """Whoosh as it comes: its own codec, its own matchers, its BM25F."""

    name = key = "Whoosh, raw"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "whoosh"

    def build(self, documents: Iterable[Text]) -> None:
        from whoosh import analysis, fields, index

        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir()
        spaces = analysis.RegexTokenizer(r"\S+")
        schema = fields.Schema(**{name: fields.TEXT(analyzer=spaces, phrase=True) for name in FIELDS})
        writer = index.create_in(str(self.path), schema).writer(limitmb=256)
        for each in documents:
            writer.add_document(**each)
        writer.commit(optimize=True)

    def open(self) -> None:
        from whoosh import index

        self._searcher = index.open_dir(str(self.path)).searcher()

    def search(self, asked: Asked) -> int:
        from whoosh import query

        tree: Any
        if asked.prefix is not None:
            tree = query.Prefix(*asked.prefix)
        elif asked.phrase is not None:
            tree = query.Phrase(asked.phrase[0], list(asked.phrase[1]))
        else:
            tree = query.And([query.Or([query.Term(f, k) for f, k in word]) for word in asked.words])
        return len(self._searcher.search(tree, limit=10).top_n)


class Ripgrep:
    """ripgrep over the files: no index, no forms of words."""

    name = "ripgrep"

    def __init__(self, corpus: Path) -> None:
        self.corpus = corpus

    @staticmethod
    def is_there() -> bool:
        return shutil.which("rg") is not None

    def lines(self, words: Sequence[str], *options: str) -> list[str]:
        """The lines that ripgrep finds for any of the words."""
        patterns = [part for word in words for part in ("-e", word)]
        done = subprocess.run(
            [
                "rg",
                "--no-config",
                "--no-line-number",
                "--no-heading",
                "-N",
                "-F",
                "-i",
                "--threads",
                "1",
                *options,
                *patterns,
                str(self.corpus),
            ],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ,
        )
        return done.stdout.splitlines()

    def search(self, asked: Asked) -> int:
        return len(self.lines([asked.typed], "--count", "--glob", "*.md"))
