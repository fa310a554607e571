"""tantivy behind the seam (optional: ``pip install 'lawsearch[tantivy]'``): it finds documents, `evaluate` scores them.

tantivy is fed keys by number, one text a field, and answers which documents a tree may match, how many there are and which
are likely to be the best. What those hold is read from `documents`, and `evaluate` gives them the very scores that the
default engine does. Places of phrases and nearness are checked there too, so that sets are the same whatever the engine.

Its BM25 has one length norm for all fields, and an idf of its own, which is divided out: a tree's weights hold idf already.
So the best hits are exact where a tree has no more than `CANDIDATES` matches, and else the best among that many.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import tantivy
from numpy.typing import NDArray

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
    Numbered,
    Phrase,
    Run,
    Together,
    Without,
)
from lawsearch.engine.documents import NAMES, Chosen, DocumentsReader, DocumentsWriter
from lawsearch.engine.evaluate import Evaluator, field_weight
from lawsearch.engine.inverted import Inverted, Inverter
from lawsearch.errors import damaged

#: Of so many likely best matches the scores are worked out, or of four times the hits wanted.
CANDIDATES = 200
_FOLDER = "tantivy"
_NUMBER = "number"
#: Bytes of postings that tantivy gathers before it writes a segment.
_HEAP = 500_000_000
#: So many numbers at the most are handed to tantivy as a filter.
_LONGEST_FILTER = 20_000
#: Documents of one batch where they come one by one.
_BATCH = 1_000

Numbers: TypeAlias = NDArray[Any]

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


class TantivyReader:
    """Reads one index. Raises IndexUnusableError for a damaged one, when it is opened or when what is damaged is read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _FOLDER
        self._documents = DocumentsReader(folder)
        self._norms: dict[str, tuple[float, float]] = {}
        self._weights: dict[tuple[str, str], float] = {}
        try:
            with _reading(self._folder):
                index = _with_tokenizer(tantivy.Index.open(str(self._folder)))
                self._schema = index.schema
                self._searcher: Any = index.searcher()
                if self._searcher.num_docs != self._documents.size:
                    raise ValueError("its parts do not belong together")
        except BaseException:
            self._documents.close()
            raise

    # -- the seam

    def search(self, tree: Node, limit: int | None, within: Collection[int] | None = None) -> Found:
        """The best ``limit`` matches among ``within``, ties by document number, and how many there are in all."""
        exact = _is_exact(tree)
        if limit is None or not exact or (within is not None and len(within) > _LONGEST_FILTER):
            return self._searched_through(tree, limit, within, exact)
        query = self._query(tree)
        if within is not None:
            query = _all_of([query, self._numbered(within)])
        numbers, total = self._best(query, max(CANDIDATES, 4 * limit))
        return Found(self._ranked(tree, numbers, limit), total)

    def scores(self, tree: Node) -> Mapping[int, float]:
        return _Scores(self, tree)

    def spread(
        self,
        own: Sequence[Node],
        titles: Sequence[Node],
        together: Node,
        groups: Sequence[int],
        within: Collection[int] | None = None,
    ) -> list[tuple[int, float]]:
        """As `evaluate.Evaluator.spread`: the rarest node says which groups come into question, those with a match of
        ``together`` go, and of what is left alone all is worked out."""
        group_of = np.asarray(groups, dtype=np.int64)
        either = sorted((AnyOf(pair) for pair in zip(own, titles, strict=True)), key=self._count)
        left: Numbers = np.ones(int(group_of.max(initial=-1)) + 1, dtype=bool)
        held: Numbers = np.zeros(len(group_of), dtype=bool)
        for node in either:
            numbers = self._numbers_in(node, left, group_of)
            here = np.zeros(len(left), dtype=bool)
            here[group_of[numbers]] = True
            left &= here
            held[numbers] = True
        if _is_exact(together):
            left[group_of[self._numbers_in(together, left, group_of)]] = False
        documents = np.flatnonzero(held & left[group_of])
        if not len(documents):
            return []
        return self._evaluator((*own, *titles, together), documents.tolist()).spread(own, titles, together, groups, within)

    def _numbers_in(self, node: Node, groups: Numbers, group_of: Numbers) -> Numbers:
        """The numbers of the matches, at least of those in the groups."""
        query = self._query(node)
        if not groups.all():
            some = np.flatnonzero(groups[group_of])
            if len(some) <= _LONGEST_FILTER:
                query = _all_of([query, self._numbered(some.tolist())])
        return self._numbers(query)

    def document_frequency(self, field: str, keys: Sequence[str]) -> int:
        if len(keys) == 1:
            return self._frequency(field, keys[0])
        return self._count(AnyOf(tuple(Key(field, key) for key in keys)))

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

    def _evaluator(self, trees: Iterable[Node], numbers: Collection[int]) -> Evaluator:
        fields = {field for tree in trees for field in _fields(tree)}
        return _Evaluator(self, Chosen(self._documents, sorted(numbers), fields), frozenset(numbers))

    def _scored(self, tree: Node, numbers: Sequence[int]) -> dict[int, float]:
        """Those of the documents that match, with their scores."""
        found: dict[int, float] = {}
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            found.update(self._evaluator((tree,), some).scores(tree))
        return found

    def _ranked(self, tree: Node, numbers: Sequence[int], limit: int | None) -> tuple[tuple[int, float], ...]:
        return _best_first(self._scored(tree, numbers), limit)

    def _searched_through(self, tree: Node, limit: int | None, within: Collection[int] | None, exact: bool) -> Found:
        """Every match that tantivy finds, looked at."""
        query = self._query(tree)
        if within is not None and not isinstance(within, set | frozenset | range):
            within = set(within)
        if exact and limit is not None:
            among = within if within is not None else range(self._documents.size)
            numbers = [n for n in self._best(query, max(1, self._documents.size))[0] if n in among]
            return Found(self._ranked(tree, numbers[: max(CANDIDATES, 4 * limit)], limit), len(numbers))
        scores = self._scored(tree, [n for n in self._numbers(query).tolist() if within is None or n in within])
        return Found(_best_first(scores, limit), len(scores))

    def _matches(self, tree: Node) -> list[int]:
        """The numbers of all matches, ascending."""
        numbers: list[int] = self._numbers(self._query(tree)).tolist()
        if _is_exact(tree):
            return numbers
        return sorted(self._scored(tree, numbers))

    def _count(self, tree: Node) -> int:
        """How many documents match; at least so many where the tree asks for places."""
        with _reading(self._folder):
            return int(self._searcher.search(self._query(tree), limit=1, count=True).count)

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

    # -- trees as tantivy has them

    def _query(self, tree: Node) -> Any:
        """What finds every match of a tree, and nothing else unless the tree asks for places."""
        match tree:
            case Key(field, key, weight):
                return self._key(field, key, weight)
            case Phrase(field, places, weight):
                return _all_of([_best_of([self._key(field, key, weight / len(places)) for key in place]) for place in places])
            case Best(children):
                return _best_of([self._query(c) for c in children])
            case AnyOf(children):
                return _any_of([self._query(c) for c in children])
            case AllOf(children):
                return _all_of([self._query(c) for c in children])
            case Numbered(documents):
                return self._numbered(documents)
            case Near(interval, _, weight):
                return self._interval(interval, weight)
            case Without(child, excluded):
                kept = self._query(child)
                # What asks for places may be found in documents that do not match.
                if not _is_exact(excluded):
                    return kept
                gone = self._query(excluded)
                return tantivy.Query.boolean_query([(tantivy.Occur.Must, kept), (tantivy.Occur.MustNot, gone)])

    def _interval(self, interval: Interval, weight: float) -> Any:
        match interval:
            case Run(field, places):
                return _all_of([_any_of([self._key(field, key, weight) for key in place]) for place in places])
            case Either(children):
                return _any_of([self._interval(c, weight) for c in children])
            case Together(children):
                return _all_of([self._interval(c, weight) for c in children])

    def _key(self, field: str, key: str, weight: float) -> Any:
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

    def _numbered(self, documents: Collection[int]) -> Any:
        if not documents:
            return tantivy.Query.empty_query()
        return tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, _NUMBER, sorted(documents)), 0.0)


def _best_first(scores: Mapping[int, float], limit: int | None) -> tuple[tuple[int, float], ...]:
    ranked = sorted((-score, number) for number, score in scores.items())
    return tuple((number, -score) for score, number in ranked[:limit])


def _all_of(queries: Sequence[Any]) -> Any:
    return _boolean(queries, tantivy.Occur.Must)


def _any_of(queries: Sequence[Any]) -> Any:
    return _boolean(queries, tantivy.Occur.Should)


def _boolean(queries: Sequence[Any], occur: Any) -> Any:
    if not queries:
        return tantivy.Query.empty_query()
    return queries[0] if len(queries) == 1 else tantivy.Query.boolean_query([(occur, query) for query in queries])


def _best_of(queries: Sequence[Any]) -> Any:
    if not queries:
        return tantivy.Query.empty_query()
    return queries[0] if len(queries) == 1 else tantivy.Query.disjunction_max_query(list(queries))


def _is_exact(tree: Node) -> bool:
    """True where tantivy finds the matches alone: the tree asks for no places."""
    match tree:
        case Phrase() | Near():
            return False
        case Best(children) | AnyOf(children) | AllOf(children):
            return all(map(_is_exact, children))
        case Without(child, excluded):
            return _is_exact(child) and _is_exact(excluded)
        case _:
            return True


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


class _Evaluator(Evaluator):
    """Evaluates over chosen documents by what is known of all."""

    def __init__(self, reader: TantivyReader, chosen: Chosen, documents: frozenset[int]) -> None:
        super().__init__(chosen)
        self._norms = reader._norms
        self._chosen = documents

    def scores(self, tree: Node) -> Mapping[int, float]:
        if isinstance(tree, Numbered):
            return dict.fromkeys(tree.documents & self._chosen, 0.0)
        return super().scores(tree)


class _Scores(Mapping[int, float]):
    """Every match of a tree with its score, worked out for the documents asked about."""

    def __init__(self, reader: TantivyReader, tree: Node) -> None:
        self._reader = reader
        self._tree = tree
        self._known: dict[int, float | None] = {}
        self._all: list[int] | None = None

    def __getitem__(self, document: int) -> float:
        if document not in self._known:
            self._known[document] = self._scored((document,)).get(document)
        score = self._known[document]
        if score is None:
            raise KeyError(document)
        return score

    def __iter__(self) -> Iterator[int]:
        if self._all is None:
            self._all = self._reader._matches(self._tree)
        return iter(self._all)

    def __len__(self) -> int:
        return self._reader._count(self._tree) if _is_exact(self._tree) else sum(1 for _ in self)

    def items(self) -> Any:
        return self._scored(list(self)).items()

    def _scored(self, documents: Sequence[int]) -> dict[int, float]:
        return self._reader._scored(self._tree, [n for n in documents if 0 <= n < self._reader.document_count()])


class TantivyEngine:
    """The engine for very large collections."""

    name = "tantivy"

    def writer(self, folder: Path) -> TantivyWriter:
        return TantivyWriter(folder)

    def reader(self, folder: Path) -> TantivyReader:
        return TantivyReader(folder)
