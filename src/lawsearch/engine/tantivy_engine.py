"""tantivy behind the seam (optional: ``pip install 'lawsearch[tantivy]'``): it finds documents, `evaluate` scores them.

tantivy is fed terms (a key of a field) by number, each as five letters, and answers which documents a tree may match, how
many there are and which are likely to be the best. What those hold is read from `documents`, and the evaluator gives them
the very scores that the default engine does. What asks for all matches (phrases, nearness, filters, articles that hold the
words together) is evaluated over the lists in `runs`, and so is a tree whose keys have few postings.

Its BM25 has one length norm for all fields, which here are four, and an idf of its own, which is divided out: a tree's weights
hold idf already. Of several words the sum of all their keys stands for the best key of each, which it takes twice as long to
find. So the best hits are exact where a tree has no more than `chosen.CANDIDATES` matches or its keys have few postings, and
else the best among that many likely ones.
"""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tantivy

from lawsearch.engine import chosen
from lawsearch.engine.base import AllOf, AnyOf, Best, Document, Found, Key, Near, Node, Numbered, Phrase
from lawsearch.engine.chosen import ChoosingReader, ChosenArrays, Numbers, asked_for, best_first, candidates
from lawsearch.engine.documents import GROUP_OF, GROUPS, NAMES, Chosen, DocumentsReader, DocumentsWriter, Laid, Lists, Whole
from lawsearch.engine.evaluate import field_weight
from lawsearch.engine.inverted import Inverted, Inverter
from lawsearch.engine.vectors import Vector, VectorEvaluator
from lawsearch.errors import IndexUnusableError, damaged

_FOLDER = "tantivy"
_NUMBER = "number"
#: A term in letters: so many, of six bits each, from this one on.
_LETTERS, _FIRST_LETTER = 5, 48
#: Bytes of postings that tantivy gathers before it writes a segment.
_HEAP = 300_000_000
#: A tree whose keys have no more postings than this is evaluated over their lists, which takes less time; a piece of a list
#: takes as long as so many.
_FEW, _PIECE = 200_000, 600
#: Documents of one batch where they come one by one.
_BATCH = 1_000
#: So many terms' queries are kept once made.
_KNOWN = 50_000
#: So often a temporary folder is removed that is filled again meanwhile.
_TRIES = 5
#: No more documents than this are scored by what each of them holds.
_AT_ONCE = 4_000


#: By field the one that tantivy has it in.
_FIELD_OF = {name: GROUPS[group] for name, group in zip(NAMES, GROUP_OF.tolist(), strict=True)}


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    for name in GROUPS:
        builder.add_text_field(name, stored=False, tokenizer_name="whitespace", index_option="freq")
    builder.add_unsigned_field(_NUMBER, stored=False, indexed=False, fast=True)
    return builder.build()


def _with_tokenizer(index: Any) -> Any:
    index.register_tokenizer("whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


def _words(terms: Numbers) -> str:
    """Terms as tantivy has them, each with a blank behind it."""
    left = terms.astype(np.uint32)
    letters = np.full((len(terms), _LETTERS + 1), ord(" "), dtype=np.uint8)
    for at in range(_LETTERS):
        letters[:, at] = (left & 63) + _FIRST_LETTER
        left >>= 6
    return letters.tobytes().decode("ascii")


def _word(term: int) -> str:
    """One of them, without the blank."""
    return "".join([chr((term >> shift & 63) + _FIRST_LETTER) for shift in range(0, 6 * _LETTERS, 6)])


class TantivyWriter:
    """Writes one index: tantivy's files, and beside them what `documents` keeps."""

    def __init__(self, folder: Path) -> None:
        (folder / _FOLDER).mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._documents = DocumentsWriter(folder)
        self._inverter = Inverter()
        self._size = 0
        index = _with_tokenizer(tantivy.Index(_schema(), path=str(folder / _FOLDER), sort_by_field=_NUMBER))
        # One thread, and the order of numbers even where segments are merged: no answer depends on which thread was first.
        self._writer: Any = index.writer(_HEAP, 1)

    def add(self, document: Document) -> None:
        self._inverter.add(document)
        if self._inverter.size >= _BATCH:
            self._end_documents()

    def add_batch(self, batch: Inverted) -> None:
        self._end_documents()
        self._add(self._documents.add_batch(batch))

    def _end_documents(self) -> None:
        if self._inverter.size:
            batch = self._inverter.inverted()
            self._inverter = Inverter()
            self._add(self._documents.add_batch(batch))

    def _add(self, laid: Laid) -> None:
        words = _words(laid.terms)
        edges = [(_LETTERS + 1) * bound for bound in laid.bounds]
        at = 0
        for _ in range(laid.size):
            document = tantivy.Document()
            for name in GROUPS:
                if edges[at] < edges[at + 1]:
                    document.add_text(name, words[edges[at] : edges[at + 1]])
                at += 1
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
        self._documents = DocumentsReader(folder)
        self._whole = _Whole(self._documents)
        self._grouping: tuple[Sequence[int], Numbers, Numbers] | None = None
        try:
            with _reading(self._folder):
                with _open(self._folder) as index:
                    # What is sealed changes no more: nobody need watch it.
                    index.config_reader("manual", 0)
                    self._queries = _Queries(index.schema, self._documents)
                    self._searcher: Any = index.searcher()
                if self._searcher.num_docs != self._documents.size:
                    raise ValueError("its parts do not belong together")
        except BaseException:
            self._documents.close()
            raise

    # -- the seam

    def search(self, tree: Node, limit: int | None, within: Collection[int] | None = None) -> Found:
        """The best ``limit`` matches among ``within``, ties by document number, and how many there are in all."""
        self.likely = ()
        if limit is None or not self.is_exact(tree) or self._effort([tree]) <= _FEW:
            return self._whole.search(tree, limit, within)
        if within is not None:
            if len(within) > _AT_ONCE:
                return self._whole.search(tree, limit, within)
            scores = self.scored(tree, sorted(within))
            return Found(best_first(scores, limit), len(scores))
        with _reading(self._folder):
            found = self._searcher.search(self._queries.query(tree), limit=candidates(limit), count=True)
            numbers = self._searcher.fast_field_values(_NUMBER, [address for _, address in found.hits])
            total = int(found.count)
        self.likely = sorted(numbers)
        return Found(best_first(self.scored(tree, self.likely), limit), total)

    def scores(self, tree: Node) -> Mapping[int, float]:
        return self._whole.scores(tree) if self._effort([tree]) <= _FEW else super().scores(tree)

    def spread(
        self,
        own: Sequence[Node],
        titles: Sequence[Node],
        together: Node,
        groups: Sequence[int],
        within: Collection[int] | None = None,
        least: float = 0.0,
    ) -> Found:
        """As `evaluate.Evaluator.spread`. Lists tell which groups come into question; what these hold alone is scored."""
        trees = (*own, *titles, together)
        if not all(map(self.is_exact, trees)) or self._effort(trees) <= _FEW:
            return self._whole.spread(own, titles, together, groups, within, least)
        lists = Lists(self._documents)
        starts, sizes = self._groups(groups)
        left = np.ones(len(starts), dtype=bool)
        held = np.zeros(self._documents.size, dtype=bool)
        for node in sorted((AnyOf(pair) for pair in zip(own, titles, strict=True)), key=self.most):
            holding = lists.holding(node)
            left &= np.logical_or.reduceat(holding, starts)
            held |= holding
            if not left.any():
                return Found((), 0)
        left &= ~np.logical_or.reduceat(lists.holding(together), starts)
        documents = np.flatnonzero(held & np.repeat(left, sizes))
        if not len(documents):
            return Found((), 0)
        norms = self._documents.norms({field for tree in trees for field, _ in asked_for(tree)})
        found = ChosenArrays(lists.of(documents), norms, documents).spread(own, titles, together, groups, within, least)
        self.likely = [*self.likely, *(number for number, _ in found.top)]
        return found

    def _groups(self, groups: Sequence[int]) -> tuple[Numbers, Numbers]:
        """Where each group begins (they follow one another), and how many documents it has."""
        if self._grouping is None or self._grouping[0] is not groups:
            changes = np.flatnonzero(np.diff(np.asarray(groups)))
            starts = np.concatenate(([0], changes + 1))
            self._grouping = groups, starts, np.diff(starts, append=len(groups))
        return self._grouping[1:]

    def document_frequency(self, field: str, keys: Sequence[str]) -> int:
        if len(keys) == 1:
            return self._frequency(field, keys[0])
        return self._whole.frequency(field, keys)

    def document_count(self) -> int:
        return self._documents.size

    def missing(self) -> str:
        return ""

    def check(self) -> None:
        """Read every document, every key and every list of ours. tantivy's files have their SHA-256 in the manifest alone."""
        self._documents.check()

    def close(self) -> None:
        self._searcher = None
        self._documents.close()

    # -- finding and scoring

    def is_exact(self, tree: Node) -> bool:
        return self._queries.is_exact(tree)

    def found(self, tree: Node, among: Numbers | None) -> Numbers:
        return self._whole.scores(tree).documents

    def most(self, tree: Node) -> int:
        return sum(self._frequency(field, key) for field, key in set(asked_for(tree)))

    def count(self, tree: Node) -> int:
        with _reading(self._folder):
            return int(self._searcher.search(self._queries.query(tree), limit=1, count=True).count)

    def evaluator(self, trees: Iterable[Node], documents: Sequence[int]) -> ChosenArrays:
        asked = {pair for tree in trees for pair in asked_for(tree)}
        here = np.array(documents, dtype=np.int64)
        norms = self._documents.norms({field for field, _ in asked})
        return ChosenArrays(Chosen(self._documents, here, asked), norms, here)

    def scored(self, tree: Node, documents: Sequence[int]) -> Vector:
        """Those of the documents (ascending) that match, with their scores."""
        if self.is_exact(tree) and len(documents) <= _AT_ONCE:
            return self.evaluator((tree,), documents).scores(tree)
        scores, here = self._whole.scores(tree), np.array(documents, dtype=np.int64)
        here = here[scores.holds(here)]
        return Vector(here, scores.at(here))

    def _effort(self, trees: Iterable[Node]) -> int:
        """How much work lists are: their postings, and a good many for each piece that is read."""
        terms = (self._documents.term(*asked) for asked in {pair for tree in trees for pair in asked_for(tree)})
        return sum(term.used + _PIECE * term.rows for term in terms if term is not None)

    def _frequency(self, field: str, key: str) -> int:
        term = self._documents.term(field, key)
        return 0 if term is None else term.used


class _Whole(VectorEvaluator):
    """Evaluates over all documents."""

    def __init__(self, documents: DocumentsReader) -> None:
        super().__init__(Whole(documents))
        self._documents = documents

    def _norm(self, field: str) -> tuple[float, float]:
        return self._documents.norms((field,))[field]


class _Queries(chosen.Queries[Any]):
    """Trees as tantivy has them; neither places nor numbers are asked for. A union is one, however the tree has it nested."""

    def __init__(self, schema: Any, documents: DocumentsReader) -> None:
        self._schema = schema
        self._documents = documents
        self._known: dict[tuple[str, str], tuple[Any, float]] = {}

    def is_exact(self, tree: Node) -> bool:
        return not chosen.has(tree, Phrase, Near, Numbered)

    def query(self, tree: Node) -> Any:
        match tree:
            case AllOf((AnyOf((own, over)), AnyOf((same, instead)))) if own == same:
                # One word: (own or over) and (own or instead). What stands over it adds to a score, the best key counts.
                found = self.any_of([self._best(own), self.all_of([self._best(over), self._best(instead)])])
                return tantivy.Query.boolean_query([(tantivy.Occur.Must, found), (tantivy.Occur.Should, self._best(over))])
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
            case Key(field, key) if self._documents.term(field, key) is None:
                return []
            case _:
                return [self.query(tree)]

    def key(self, field: str, key: str, weight: float) -> Any:
        known = self._known.get((field, key))
        if known is None:
            term = self._documents.term(field, key)
            if term is None:
                return tantivy.Query.empty_query()
            query = tantivy.Query.term_query(self._schema, _FIELD_OF[field], _word(term.number), "freq")
            idf = math.log(1 + (self._documents.size - term.used + 0.5) / (term.used + 0.5))
            known = query, field_weight(field) / idf
            if len(self._known) > _KNOWN:
                self._known.clear()
            self._known[field, key] = known
        return tantivy.Query.boost_query(known[0], max(weight, 0.0) * known[1])

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
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, kept), (tantivy.Occur.MustNot, gone)])


def _boolean(queries: Sequence[Any], occur: Any) -> Any:
    if not queries:
        return tantivy.Query.empty_query()
    return queries[0] if len(queries) == 1 else tantivy.Query.boolean_query([(occur, query) for query in queries])


class TantivyEngine:
    """The engine for very large collections."""

    name = "tantivy"
    #: Changes when the files do: an index of another layout is built anew.
    layout = "2"

    def writer(self, folder: Path) -> TantivyWriter:
        return TantivyWriter(folder)

    def reader(self, folder: Path) -> TantivyReader:
        return TantivyReader(folder)
