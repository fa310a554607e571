"""tantivy behind the seam (optional: ``pip install 'lawsearch[tantivy]'``): it finds the likely best of a great many matches.

Which documents match, and how many, is worked out from sets (`term_lists`), by bitmaps where terms are common; so counts are
exact whatever tantivy has. Of no more than `_FEW` matches all are scored. Of more tantivy names `chosen.CANDIDATES` likely
ones by what it was fed (`impacts`), to which come those where a term weighs most that it was not fed; their scores are what
the evaluator of every engine gives them. So the best hits are exact where a tree has few matches, and else the best of those.
Phrases and nearness are evaluated over the documents that hold their keys.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import tantivy

from lawsearch.engine import chosen, impacts
from lawsearch.engine.base import AllOf, AnyOf, Best, Document, Found, Key, Near, Node, Phrase, Without
from lawsearch.engine.chosen import ChoosingReader, ChosenArrays, Numbers, asked_for, best_first, candidates
from lawsearch.engine.evaluate import field_weight
from lawsearch.engine.inverted import Inverted, Inverter
from lawsearch.engine.matching import SomeEvaluator, Trees, Whole
from lawsearch.engine.presence import fullest
from lawsearch.engine.sets import counted, holds, packed, unpacked
from lawsearch.engine.term_lists import Term, TermsReader, TermsWriter
from lawsearch.engine.vectors import Vector, distinct
from lawsearch.errors import IndexUnusableError, damaged

_FOLDER = "tantivy"
_NUMBER = "number"
_WORDS = "words"
#: Bytes of postings that tantivy gathers before it writes a segment.
_HEAP = 100_000_000
#: Of no more matches than this all are scored, which takes less time than to find likely ones.
_FEW = 5_000
#: So many documents are scored of those that tantivy was not fed, because what they hold is no common term.
_RARE = 1_000
#: And so many of those that hold the most of what is asked for.
_FULL = 5_000
#: Documents of one batch where they come one by one.
_BATCH = 1_000
#: So many terms' queries are kept once made.
_KNOWN = 50_000
#: So often a temporary folder is removed that is filled again meanwhile.
_TRIES = 5


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(_WORDS, stored=False, tokenizer_name="whitespace", index_option="basic")
    builder.add_unsigned_field(_NUMBER, stored=False, indexed=False, fast=True)
    return builder.build()


def _with_tokenizer(index: Any) -> Any:
    index.register_tokenizer("whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


class TantivyWriter:
    """Writes one index: what `term_lists` keeps, and of that at the end what tantivy is fed."""

    def __init__(self, folder: Path) -> None:
        (folder / _FOLDER).mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lists = TermsWriter(folder)
        self._inverter = Inverter()
        self._writer: Any = None

    def add(self, document: Document) -> None:
        self._inverter.add(document)
        if self._inverter.size >= _BATCH:
            self._end_documents()

    def add_batch(self, batch: Inverted) -> None:
        self._end_documents()
        self._lists.add_batch(batch)

    def _end_documents(self) -> None:
        if self._inverter.size:
            batch = self._inverter.inverted()
            self._inverter = Inverter()
            self._lists.add_batch(batch)

    def commit(self) -> None:
        self._end_documents()
        fed = self._lists.close()
        index = _with_tokenizer(tantivy.Index(_schema(), path=str(self._folder / _FOLDER), sort_by_field=_NUMBER))
        # One thread, and the order of numbers even where segments are merged: no answer depends on which thread was first.
        self._writer = index.writer(_HEAP, 1)
        add, made = self._writer.add_document, tantivy.Document
        number = 0
        for size, words, bounds in fed.documents(self._lists.runs):
            for following, (begin, end) in enumerate(pairwise(bounds), number):
                if begin < end:
                    document = made()
                    document.add_text(_WORDS, words[begin:end])
                    document.add_unsigned(_NUMBER, following)
                    add(document)
            number += size
        self._lists.runs.remove()
        self._writer.commit()
        self._writer.wait_merging_threads()
        self._writer = None
        for lock in (self._folder / _FOLDER).glob(".tantivy-*.lock"):
            lock.unlink()

    def cancel(self) -> None:
        self._lists.cancel()
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


@contextmanager
def _open(folder: Path) -> Iterator[Any]:
    """An index of tantivy's, until a searcher of it is there.

    tantivy locks a folder that it opens, by a file in it: an index that may only be read would not open, and what is sealed
    would change. So it is given a folder of links, which are gone once the files are open.
    """
    try:
        aside = Path(tempfile.mkdtemp(prefix="lawsearch-"))
    except OSError as error:
        if not os.access(folder, os.W_OK):
            raise IndexUnusableError(
                f"{folder}: tantivy opens a folder that may only be read by way of a temporary one: {error}; "
                "set TMPDIR to a folder that can be written"
            ) from None
        yield _with_tokenizer(tantivy.Index.open(str(folder)))
        return
    try:
        opened = aside
        try:
            for file in folder.resolve().iterdir():
                (aside / file.name).symlink_to(file)
        except (OSError, NotImplementedError):
            # Not every system lets everybody make links.
            opened = folder
        yield _with_tokenizer(tantivy.Index.open(str(opened)))
    finally:
        # A look of tantivy's at its files may leave its lock there anew.
        for _ in range(_TRIES):
            shutil.rmtree(aside, ignore_errors=True)
            if not aside.exists():
                break


class TantivyReader(ChoosingReader):
    """Reads one index. Raises IndexUnusableError for a damaged one, when it is opened or when what is damaged is read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _FOLDER
        self._lists = TermsReader(folder)
        self._whole = Whole(self._lists)
        self._trees = Trees(self._lists, self._whole)
        self._grouping: tuple[Sequence[int], Numbers, int] | None = None
        try:
            with _reading(self._folder):
                with _open(self._folder) as index:
                    # What is sealed changes no more: nobody need watch it.
                    index.config_reader("manual", 0)
                    self._queries = _Queries(index.schema, self._lists)
                    self._searcher: Any = index.searcher()
                if self._searcher.num_docs > self._lists.size:
                    raise ValueError("its parts do not belong together")
        except BaseException:
            self._lists.close()
            raise

    # -- the seam

    def search(self, tree: Node, limit: int | None, within: Collection[int] | None = None) -> Found:
        """The best ``limit`` matches among ``within``, ties by document number, and how many there are in all."""
        self.likely = ()
        if limit is None:
            return self._whole.search(tree, limit, within)
        matching = self._trees.words(tree)
        if within is not None:
            matching = matching & packed(np.fromiter(within, dtype=np.int64, count=len(within)), self._lists.size)
        total = counted(matching)
        if not total:
            return Found((), 0)
        documents = unpacked(matching) if total <= max(_FEW, limit) else self._likely(tree, matching, limit)
        found = best_first(self._evaluator(documents).scores(tree), limit)
        if len(found) < min(limit, total):
            return self._whole.search(tree, limit, within)
        self.likely = sorted(number for number, _ in found)
        return Found(found, total)

    def _likely(self, tree: Node, matching: Numbers, limit: int) -> Numbers:
        """Those of a great many matches that are likely to be the best, ascending."""
        with _reading(self._folder):
            found = self._searcher.search(self._queries.query(tree), limit=candidates(limit), count=False)
            numbers = self._searcher.fast_field_values(_NUMBER, [address for _, address in found.hits])
        likely = np.array(sorted(numbers), dtype=np.int64)
        if len(likely) and int(likely[-1]) >= self._lists.size:
            raise damaged(self._folder, "a document that is none")
        some = [likely, *self._weighty(tree), fullest(tree, matching, self._trees.words, _FULL)]
        documents = distinct(some)
        return documents[holds(matching, documents)]

    def _weighty(self, tree: Node) -> list[Numbers]:
        """Of each phrase of a tree and each of its keys that tantivy was not fed the documents where it weighs most."""
        terms: dict[tuple[str, str], Term] = {}
        others: dict[Node, Vector] = {}
        for node in _leaves(tree):
            if not isinstance(node, Key):
                others[node] = self._whole.scores(node)
            elif node.weight and (term := self._lists.term(node.field, node.key)) is not None and not term.rank:
                terms[node.field, node.key] = term
        most = _RARE // max(1, len(terms) + len(others))
        found = [_heaviest(one.documents, one.scores, most) for one in others.values()]
        for (field, _), term in terms.items():
            documents, lengths = self._lists.set(term).documents(), self._lists.lengths(field)
            if len(documents) <= most or not len(lengths):
                found.append(documents[:most])
                continue
            often = self._lists.frequencies(term).astype(np.float32)
            constant, slope = map(np.float32, self._lists.norms((field,))[field])
            found.append(_heaviest(documents, often / (often + constant + slope * lengths[documents]), most))
        return found

    def spread(
        self,
        own: Sequence[Node],
        titles: Sequence[Node],
        together: Node,
        groups: Sequence[int],
        within: Collection[int] | None = None,
        least: float = 0.0,
    ) -> Found:
        """As `evaluate.Evaluator.spread`. Sets tell which groups come into question; what these hold alone is scored."""
        group_of, many = self._groups(groups)
        left = np.ones(many, dtype=bool)
        held: Numbers = np.zeros(0, dtype=np.uint64)
        for node in sorted((AnyOf(pair) for pair in zip(own, titles, strict=True)), key=self.most):
            words = self._trees.words(node)
            here = np.zeros(many, dtype=bool)
            here[group_of[unpacked(words)]] = True
            left &= here
            held = held | words if len(held) else words
            if not left.any():
                return Found((), 0)
        left[group_of[unpacked(self._trees.words(together))]] = False
        documents = unpacked(held)
        documents = documents[left[group_of[documents]]]
        if not len(documents):
            return Found((), 0)
        found = self._evaluator(documents).spread(own, titles, together, groups, within, least)
        self.likely = [*self.likely, *(number for number, _ in found.top)]
        return found

    def _groups(self, groups: Sequence[int]) -> tuple[Numbers, int]:
        """The group of each document, counted from 0 (their documents follow one another), and how many there are."""
        if self._grouping is None or self._grouping[0] is not groups:
            numbers = np.asarray(groups)
            group_of = np.zeros(len(numbers), dtype=np.int32)
            np.cumsum(numbers[1:] != numbers[:-1], out=group_of[1:])
            self._grouping = groups, group_of, int(group_of[-1]) + 1 if len(group_of) else 0
        return self._grouping[1:]

    def document_frequency(self, field: str, keys: Sequence[str]) -> int:
        if len(keys) == 1:
            return self._frequency(field, keys[0])
        return counted(self._trees.words(AnyOf(tuple(Key(field, key) for key in keys))))

    def document_count(self) -> int:
        return self._lists.size

    def missing(self) -> str:
        return ""

    def check(self) -> None:
        """Read every key and every list of ours. tantivy's files have their SHA-256 in the manifest alone."""
        self._lists.check()

    def close(self) -> None:
        self._searcher = None
        self._lists.close()

    # -- finding and scoring

    def is_exact(self, tree: Node) -> bool:
        return True

    def found(self, tree: Node, among: Numbers | None) -> Numbers:
        return unpacked(self._trees.words(tree))

    def most(self, tree: Node) -> int:
        return sum(self._frequency(field, key) for field, key in set(asked_for(tree)))

    def count(self, tree: Node) -> int:
        return counted(self._trees.words(tree))

    def evaluator(self, trees: Iterable[Node], documents: Sequence[int]) -> ChosenArrays:
        return self._evaluator(documents)

    def _evaluator(self, documents: Sequence[int] | Numbers) -> ChosenArrays:
        here = np.asarray(documents, dtype=np.int64)
        return ChosenArrays(SomeEvaluator(self._lists, here, self._whole), here)

    def scored(self, tree: Node, documents: Sequence[int]) -> Vector:
        """Those of the documents (ascending) that match, with their scores."""
        return self._evaluator(documents).scores(tree)

    def _frequency(self, field: str, key: str) -> int:
        term = self._lists.term(field, key)
        return 0 if term is None else term.used


def _leaves(tree: Node) -> Iterator[Key | Phrase | Near]:
    """What adds to a tree's scores."""
    match tree:
        case Key() | Phrase() | Near():
            yield tree
        case Best(children) | AnyOf(children) | AllOf(children):
            for child in children:
                yield from _leaves(child)
        case Without(child, _):
            yield from _leaves(child)


def _heaviest(documents: Numbers, weights: Numbers, most: int) -> Numbers:
    """Those of the documents, no more than ``most``, that weigh the most; of equals the first."""
    if len(documents) <= most:
        return documents
    least = np.partition(weights, -most)[-most]
    heavier, equal = np.flatnonzero(weights > least), np.flatnonzero(weights == least)
    return documents[np.concatenate((heavier, equal[: most - len(heavier)]))]


class _Queries(chosen.Queries[Any]):
    """Trees as tantivy has them: of what it was fed. A union is one, however the tree has it nested."""

    def __init__(self, schema: Any, lists: TermsReader) -> None:
        self._schema = schema
        self._lists = lists
        self._known: dict[tuple[str, str], list[tuple[Any, float]]] = {}

    def is_exact(self, tree: Node) -> bool:
        return False

    def query(self, tree: Node) -> Any:
        match tree:
            case AllOf((AnyOf((own, over)), AnyOf((same, instead)))) if own == same:
                # One word: (own or over) and (own or instead). What stands over it adds to a score, the best key counts.
                found = self.any_of([self._best(own), self.all_of([self._best(over), self._best(instead)])])
                return tantivy.Query.boolean_query([(tantivy.Occur.Must, found), (tantivy.Occur.Should, self._best(over))])
            case Without(child, _):
                # It was not fed all that is excluded, either.
                return self.query(child)
            case Best(children) | AnyOf(children):
                return self.any_of([query for child in children for query in self._parts(child)])
            case _:
                return super().query(tree)

    def _best(self, tree: Node) -> Any:
        queries = self._parts(tree)
        return tantivy.Query.disjunction_max_query(queries) if len(queries) > 1 else self.any_of(queries)

    def _parts(self, tree: Node) -> list[Any]:
        """Queries any of which finds a match, and all of which together find all."""
        match tree:
            case Best(children) | AnyOf(children):
                return [query for child in children for query in self._parts(child)]
            case Key(field, key, weight):
                return [self._level(*level, weight) for level in self._levels(field, key)]
            case _:
                return [self.query(tree)]

    def key(self, field: str, key: str, weight: float) -> Any:
        return self.any_of([self._level(*level, weight) for level in self._levels(field, key)])

    def _level(self, query: Any, worth: float, weight: float) -> Any:
        return tantivy.Query.const_score_query(query, max(weight, 0.0) * worth)

    def _levels(self, field: str, key: str) -> list[tuple[Any, float]]:
        """A query for each level of a key, and what it is worth."""
        known = self._known.get((field, key))
        if known is None:
            term = self._lists.term(field, key)
            known = [] if term is None or not term.rank else self._levels_of(term, field_weight(field))
            if len(self._known) > _KNOWN:
                self._known.clear()
            self._known[field, key] = known
        return known

    def _levels_of(self, term: Term, weight: float) -> list[tuple[Any, float]]:
        return [
            (
                tantivy.Query.term_query(self._schema, _WORDS, impacts.word(term.rank, level), "basic"),
                weight * impacts.worth(level),
            )
            for level in range(term.least, term.most + 1)
        ]

    def phrase(self, field: str, places: Sequence[Sequence[str]], weight: float) -> Any:
        return self.all_of([self.any_of([self.key(field, key, weight / len(places)) for key in place]) for place in places])

    def numbered(self, documents: Collection[int]) -> Any:
        return tantivy.Query.const_score_query(tantivy.Query.all_query(), 0.0)

    def all_of(self, queries: Sequence[Any]) -> Any:
        return _boolean(queries, tantivy.Occur.Must)

    def any_of(self, queries: Sequence[Any]) -> Any:
        return _boolean(queries, tantivy.Occur.Should)

    def best_of(self, queries: Sequence[Any]) -> Any:
        return self.any_of(queries)

    def without(self, kept: Any, gone: Any) -> Any:
        return kept


def _boolean(queries: Sequence[Any], occur: Any) -> Any:
    if not queries:
        return tantivy.Query.empty_query()
    return queries[0] if len(queries) == 1 else tantivy.Query.boolean_query([(occur, query) for query in queries])


class TantivyEngine:
    """The engine for very large collections."""

    name = "tantivy"
    #: Changes when the files do: an index of another layout is built anew.
    layout = "3"

    def writer(self, folder: Path) -> TantivyWriter:
        return TantivyWriter(folder)

    def reader(self, folder: Path) -> TantivyReader:
        return TantivyReader(folder)
