"""tantivy behind the seam (optional: ``pip install 'lawsearch[tantivy]'``): it finds documents, `evaluate` scores them.

tantivy is fed keys by number, one text a field, and answers which documents a tree may match, how many there are and which
are likely to be the best. What those hold is read from `documents`, and `evaluate` gives them the very scores that the
default engine does. Places of phrases and nearness are checked there too, so that sets are the same whatever the engine.

Its BM25 has one length norm for all fields, and an idf of its own, which is divided out: a tree's weights hold idf already.
So the best hits are exact where a tree has no more than `CANDIDATES` matches, and else the best among that many.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tantivy

from lawsearch.engine import chosen
from lawsearch.engine.base import (
    AllOf,
    AnyOf,
    Best,
    Document,
    Either,
    Found,
    Interval,
    Key,
    Near,
    Node,
    Phrase,
    Run,
    Together,
    Without,
)
from lawsearch.engine.chosen import ChoosingReader, ChosenEvaluator, Numbers, best_first, candidates
from lawsearch.engine.documents import NAMES, Chosen, DocumentsReader, DocumentsWriter
from lawsearch.engine.evaluate import Evaluator, field_weight
from lawsearch.engine.inverted import Inverted, Inverter
from lawsearch.errors import damaged

_FOLDER = "tantivy"
_NUMBER = "number"
#: Bytes of postings that tantivy gathers before it writes a segment.
_HEAP = 500_000_000
#: So many numbers at the most are handed to tantivy as a filter.
_LONGEST_FILTER = 20_000
#: Documents of one batch where they come one by one.
_BATCH = 1_000

#: So many documents are looked at together.
_AT_ONCE = 4_000


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    for name in NAMES:
        builder.add_text_field(name, stored=False, tokenizer_name="whitespace", index_option="freq")
    builder.add_unsigned_field(_NUMBER, stored=False, indexed=True, fast=True)
    return builder.build()


def _with_tokenizer(index: Any) -> Any:
    index.register_tokenizer("whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


class TantivyWriter:
    """Writes one index: tantivy's files, and beside them what `documents` keeps."""

    def __init__(self, folder: Path) -> None:
        (folder / _FOLDER).mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._documents = DocumentsWriter(folder)
        self._inverter = Inverter()
        self._size = 0
        index = _with_tokenizer(tantivy.Index(_schema(), path=str(folder / _FOLDER)))
        # One thread: documents stay in their order, and no answer depends on which thread was first.
        self._writer: Any = index.writer(_HEAP, 1)

    def add(self, document: Document) -> None:
        self._inverter.add(document)
        if self._inverter.size >= _BATCH:
            self._end_documents()

    def add_batch(self, batch: Inverted) -> None:
        self._end_documents()
        self._add(batch)

    def _end_documents(self) -> None:
        if self._inverter.size:
            self._add(self._inverter.inverted())
            self._inverter = Inverter()

    def _add(self, batch: Inverted) -> None:
        for held in self._documents.add_batch(batch):
            document = tantivy.Document()
            for name, keys in held.items():
                document.add_text(name, " ".join(map(str, keys)))
            document.add_unsigned(_NUMBER, self._size)
            self._writer.add_document(document)
            self._size += 1

    def commit(self) -> None:
        self._end_documents()
        self._documents.close()
        self._writer.commit()
        self._writer.wait_merging_threads()
        self._writer = None
        for lock in (self._folder / _FOLDER).glob(".tantivy-*.lock"):
            lock.unlink()

    def cancel(self) -> None:
        self._documents.cancel()
        if self._writer is not None:
            self._writer.rollback()
            self._writer = None


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """What tantivy makes of a damaged file: an error, or a panic, which is no Exception."""
    try:
        yield
    except (ValueError, OSError, OverflowError, TypeError) as error:
        raise damaged(folder, f"tantivy says: {' '.join(str(error).split())[:200]}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(folder, "tantivy cannot read it") from None


class TantivyReader(ChoosingReader):
    """Reads one index. Raises IndexUnusableError for a damaged one, when it is opened or when what is damaged is read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _FOLDER
        self._documents = DocumentsReader(folder)
        self._norms: dict[str, tuple[float, float]] = {}
        try:
            with _reading(self._folder):
                index = _with_tokenizer(tantivy.Index.open(str(self._folder)))
                self._queries = _Queries(index.schema, self._documents, self._frequency)
                self._searcher: Any = index.searcher()
                if self._searcher.num_docs != self._documents.size:
                    raise ValueError("its parts do not belong together")
        except BaseException:
            self._documents.close()
            raise

    # -- the seam

    def search(self, tree: Node, limit: int | None, within: Collection[int] | None = None) -> Found:
        """The best ``limit`` matches among ``within``, ties by document number, and how many there are in all."""
        exact = self.is_exact(tree)
        if limit is None or not exact or (within is not None and len(within) > _LONGEST_FILTER):
            return self._searched_through(tree, limit, within, exact)
        query = self._queries.among(tree, within)
        numbers, total = self._best(query, candidates(limit))
        return Found(self._ranked(tree, numbers, limit), total)

    def document_frequency(self, field: str, keys: Sequence[str]) -> int:
        if len(keys) == 1:
            return self._frequency(field, keys[0])
        return self.count(AnyOf(tuple(Key(field, key) for key in keys)))

    def document_count(self) -> int:
        return self._documents.size

    def missing(self) -> str:
        return ""

    def check(self) -> None:
        """Read every document and every key of ours. tantivy's files have their SHA-256 in the manifest alone."""
        self._documents.check()

    def close(self) -> None:
        self._searcher = None
        self._documents.close()

    # -- scoring

    def evaluator(self, trees: Iterable[Node], documents: Sequence[int]) -> Evaluator:
        fields = {field for tree in trees for field in _fields(tree)}
        return ChosenEvaluator(Chosen(self._documents, documents, fields), self._norms, documents)

    def scored(self, tree: Node, documents: Sequence[int]) -> dict[int, float]:
        found: dict[int, float] = {}
        for start in range(0, len(documents), _AT_ONCE):
            some = sorted(documents[start : start + _AT_ONCE])
            found.update(self.evaluator((tree,), some).scores(tree))
        return found

    def _ranked(self, tree: Node, numbers: Sequence[int], limit: int | None) -> tuple[tuple[int, float], ...]:
        return best_first(self.scored(tree, numbers), limit)

    def _searched_through(self, tree: Node, limit: int | None, within: Collection[int] | None, exact: bool) -> Found:
        """Every match that tantivy finds, looked at."""
        query = self._queries.query(tree)
        if within is not None and not isinstance(within, set | frozenset | range):
            within = set(within)
        if exact and limit is not None:
            among = within if within is not None else range(self._documents.size)
            numbers = [n for n in self._best(query, max(1, self._documents.size))[0] if n in among]
            return Found(self._ranked(tree, numbers[: candidates(limit)], limit), len(numbers))
        scores = self.scored(tree, [n for n in self._numbers(query).tolist() if within is None or n in within])
        return Found(best_first(scores, limit), len(scores))

    def is_exact(self, tree: Node) -> bool:
        return self._queries.is_exact(tree)

    def found(self, tree: Node, among: Numbers | None) -> Numbers:
        listed = among is not None and len(among) <= _LONGEST_FILTER
        return self._numbers(self._queries.among(tree, among.tolist() if listed and among is not None else None))

    def most(self, tree: Node) -> int:
        return self.count(tree)

    def count(self, tree: Node) -> int:
        with _reading(self._folder):
            return int(self._searcher.search(self._queries.query(tree), limit=1, count=True).count)

    def _best(self, query: Any, most: int) -> tuple[list[int], int]:
        """The numbers of the documents that tantivy holds for the best, ties by number; and how many match in all."""
        with _reading(self._folder):
            found = self._searcher.search(query, limit=most, count=True)
            numbers = self._searcher.fast_field_values(_NUMBER, [address for _, address in found.hits])
        ranked = sorted((-round(score, 5), number) for (score, _), number in zip(found.hits, numbers, strict=True))
        return [number for _, number in ranked], int(found.count)

    def _numbers(self, query: Any) -> Numbers:
        """The numbers of all matches, ascending."""
        with _reading(self._folder):
            found = self._searcher.search(
                query, limit=max(1, self._documents.size), count=False, order_by_field=_NUMBER, order=tantivy.Order.Asc
            )
        return np.fromiter((number for number, _ in found.hits), dtype=np.int64, count=len(found.hits))

    def _frequency(self, field: str, key: str) -> int:
        number = self._documents.number(key)
        if number is None:
            return 0
        with _reading(self._folder):
            return int(self._searcher.doc_freq(field, str(number)))


class _Queries(chosen.Queries[Any]):
    """Trees as tantivy has them; places are not asked for."""

    def __init__(self, schema: Any, documents: DocumentsReader, frequency: Callable[[str, str], int]) -> None:
        self._schema = schema
        self._documents = documents
        self._frequency = frequency
        self._weights: dict[tuple[str, str], float] = {}

    def is_exact(self, tree: Node) -> bool:
        return not chosen.has(tree, Phrase, Near)

    def key(self, field: str, key: str, weight: float) -> Any:
        number = self._documents.number(key)
        if number is None:
            return tantivy.Query.empty_query()
        query = tantivy.Query.term_query(self._schema, field, str(number), "freq")
        if weight <= 0.0:
            return tantivy.Query.const_score_query(query, 0.0)
        known = self._weights.get((field, key))
        if known is None:
            size, frequency = self._documents.size, self._frequency(field, key)
            known = self._weights[field, key] = field_weight(field) / math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))
            if len(self._weights) > 100_000:
                self._weights.clear()
        return tantivy.Query.boost_query(query, weight * known)

    def phrase(self, field: str, places: Sequence[Sequence[str]], weight: float) -> Any:
        return self.all_of([self.best_of([self.key(field, key, weight / len(places)) for key in place]) for place in places])

    def numbered(self, documents: Collection[int]) -> Any:
        if not documents:
            return tantivy.Query.empty_query()
        return tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, _NUMBER, sorted(documents)), 0.0)

    def all_of(self, queries: Sequence[Any]) -> Any:
        return _boolean(queries, tantivy.Occur.Must)

    def any_of(self, queries: Sequence[Any]) -> Any:
        return _boolean(queries, tantivy.Occur.Should)

    def best_of(self, queries: Sequence[Any]) -> Any:
        if not queries:
            return tantivy.Query.empty_query()
        return queries[0] if len(queries) == 1 else tantivy.Query.disjunction_max_query(list(queries))

    def without(self, kept: Any, gone: Any) -> Any:
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, kept), (tantivy.Occur.MustNot, gone)])


def _boolean(queries: Sequence[Any], occur: Any) -> Any:
    if not queries:
        return tantivy.Query.empty_query()
    return queries[0] if len(queries) == 1 else tantivy.Query.boolean_query([(occur, query) for query in queries])


def _fields(tree: Node | Interval) -> Iterator[str]:
    match tree:
        case Key(field) | Phrase(field) | Run(field):
            yield field
        case Best(children) | AnyOf(children) | AllOf(children) | Either(children) | Together(children):
            for child in children:
                yield from _fields(child)
        case Without(child, excluded):
            yield from _fields(child)
            yield from _fields(excluded)
        case Near(interval, field):
            yield field
            yield from _fields(interval)


class TantivyEngine:
    """The engine for very large collections."""

    name = "tantivy"

    def writer(self, folder: Path) -> TantivyWriter:
        return TantivyWriter(folder)

    def reader(self, folder: Path) -> TantivyReader:
        return TantivyReader(folder)
