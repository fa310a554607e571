"""Whoosh behind the seam: its writer writes the postings, which come sorted, through a codec of ours, as `posting_lists`;
trees are evaluated in `engine.evaluate`. Only what whoosh3 3.54 shares with whoosh-reloaded 2.7.5 is used, so that
either serves. Reading needs no Whoosh, which is imported by a build alone.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lawsearch.engine.base import FIELDS, HEAD_FIELD, Document, Found, Node
from lawsearch.engine.evaluate import Evaluator
from lawsearch.engine.inverted import Inverted, Inverter, lengths_of
from lawsearch.engine.posting_lists import ListsReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NAME = "provisions"
LISTS_FILE = "lists"
_BLOCKS_FILE = "blocks"
_CACHED_LISTS = 20_000
#: From so many documents on trees are evaluated by arrays: at once, or by a reader that has had so many searches already.
VECTORS_FROM, VECTORS_SOON_FROM, _SOON = 20_000, 200, 10


#: Postings (positions) that are gathered in memory before they are put aside: some 150 MB.
_BLOCK = 6_000_000


class WhooshWriter:
    """Writes one index in one segment, so that a document's number is its place in the order written.

    Documents are inverted here or come inverted; their lists are gathered in blocks (on disk, where they are too many), which
    are merged when all are there and go through Whoosh's writer to the file, key by key.
    """

    def __init__(self, folder: Path) -> None:
        from whoosh.filedb.filestore import FileStorage
        from whoosh.index import FileIndex

        from lawsearch.engine.blocks import Blocks, Gathering
        from lawsearch.engine.whoosh_codec import ListsCodec, SortedPostings, schema

        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lengths = {name: array("I") for name in FIELDS}
        self._inverter = Inverter()
        self._gathering = Gathering()
        self._blocks = Blocks(folder / _BLOCKS_FILE)
        index = FileIndex.create(FileStorage(str(folder)), schema((*FIELDS, HEAD_FIELD)), _NAME)
        self._writer = index.writer(codec=ListsCodec(LISTS_FILE, self._lengths))
        self._writer.pool = SortedPostings(self._blocks)

    def add(self, document: Document) -> None:
        self._inverter.add(document)

    def add_batch(self, batch: Inverted) -> None:
        self._end_documents()
        self._gather(batch)

    def _end_documents(self) -> None:
        if self._inverter.size:
            self._gather(self._inverter.inverted())
            self._inverter = Inverter()

    def _gather(self, batch: Inverted) -> None:
        lengths_of(batch.lengths, batch.size, self._lengths)
        self._gathering.add(batch)
        if self._gathering.postings >= _BLOCK:
            self._end_block()

    def _end_block(self) -> None:
        from lawsearch.engine.blocks import Gathering

        block = self._gathering
        if block.size:
            self._blocks.add(block.first, block.fields())
        self._gathering = Gathering(block.first + block.size)

    def commit(self) -> None:
        self._end_documents()
        self._end_block()
        # To Whoosh all is one document, which has no field; the postings are the pool's.
        self._writer.add_document()
        self._writer.commit(optimize=True)
        # Whoosh's table of contents holds pickles that nothing reads here, and its lock has done its work.
        for file in self._folder.iterdir():
            if file.name != LISTS_FILE:
                file.unlink()

    def cancel(self) -> None:
        self._writer.cancel()
        self._blocks.close()


class WhooshReader:
    """Reads one index. Raises IndexUnusableError for a damaged one, when it is opened or when what is damaged is read."""

    def __init__(self, folder: Path) -> None:
        self._reader = ListsReader(folder / LISTS_FILE)
        self._lists: OrderedDict[tuple[str, str], Mapping[int, Sequence[int]]] = OrderedDict()
        self._lengths: dict[str, Sequence[int]] = {}
        self._searches = 0
        self._evaluator = Evaluator(self) if self._reader.documents < VECTORS_FROM else self._by_arrays()

    def _by_arrays(self) -> Evaluator:
        """Arrays pay for the import of numpy only where lists are long or searches many; the answers are the same."""
        from lawsearch.engine.vectors import VectorEvaluator

        return VectorEvaluator(self)

    # -- the seam

    def search(self, tree: Node, limit: int | None, within: Collection[int] | None = None) -> Found:
        self._searches += 1
        if self._searches == _SOON and VECTORS_SOON_FROM <= self._reader.documents < VECTORS_FROM:
            self._evaluator = self._by_arrays()
            self._lists.clear()
        return self._evaluator.search(tree, limit, within)

    def scores(self, tree: Node) -> Mapping[int, float]:
        return self._evaluator.scores(tree)

    def spread(
        self,
        own: Sequence[Node],
        titles: Sequence[Node],
        together: Node,
        groups: Sequence[int],
        within: Collection[int] | None = None,
        least: float = 0.0,
    ) -> Found:
        return self._evaluator.spread(own, titles, together, groups, within, least)

    def document_frequency(self, field: str, keys: Sequence[str]) -> int:
        return self._evaluator.frequency(field, keys)

    def document_count(self) -> int:
        return self._reader.documents

    def missing(self) -> str:
        return ""

    def check(self) -> None:
        """Read every list. Raises IndexUnusableError for the first that is damaged."""
        for field, key in self._reader.vocabulary():
            self._reader.postings(field, key)

    def close(self) -> None:
        self._reader.close()

    # -- a PostingSource

    def frequencies(self, field: str, key: str) -> Mapping[int, int]:
        return {n: len(places) for n, places in self._postings(field, key).items()}

    def arrays(self, field: str, key: str) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        return self._reader.columns(field, key)

    def positions(self, field: str, key: str, document: int) -> Sequence[int]:
        return self._postings(field, key)[document]

    def length(self, field: str) -> Sequence[int]:
        if field not in self._lengths:
            self._lengths[field] = self._reader.length(field)
        return self._lengths[field]

    def _postings(self, field: str, key: str) -> Mapping[int, Sequence[int]]:
        """Document -> positions."""
        cached = self._lists.get((field, key))
        if cached is None:
            cached = self._lists[field, key] = self._reader.postings(field, key) if key else {}
            if len(self._lists) > _CACHED_LISTS:
                self._lists.popitem(last=False)
        else:
            self._lists.move_to_end((field, key))
        return cached


class WhooshEngine:
    """The default engine."""

    name = "whoosh"

    def writer(self, folder: Path) -> WhooshWriter:
        return WhooshWriter(folder)

    def reader(self, folder: Path) -> WhooshReader:
        return WhooshReader(folder)
