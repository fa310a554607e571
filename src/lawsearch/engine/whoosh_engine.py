"""Whoosh behind the seam: its writer sorts and groups postings, within a bound of memory; what it writes is `posting_lists`,
and trees are evaluated in `engine.evaluate`. Only what whoosh3 3.54 shares with whoosh-reloaded 2.7.5 is used, so that
either serves. Reading needs no Whoosh, which is imported by a build alone.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Mapping, Sequence
from pathlib import Path

from lawsearch.engine.base import FIELDS, HEAD_FIELD, Document, Found, Node
from lawsearch.engine.evaluate import Evaluator
from lawsearch.engine.posting_lists import ListsReader

_NAME = "provisions"
LISTS_FILE = "lists"
_CACHED_LISTS = 20_000


class WhooshWriter:
    """Writes one index in one segment, so that a document's number is its place in the order written."""

    def __init__(self, folder: Path) -> None:
        from whoosh.filedb.filestore import FileStorage
        from whoosh.index import FileIndex

        from lawsearch.engine.whoosh_codec import ListsCodec, schema

        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lengths: dict[str, list[int]] = {name: [] for name in FIELDS}
        index = FileIndex.create(FileStorage(str(folder)), schema((*FIELDS, HEAD_FIELD)), _NAME)
        self._writer = index.writer(limitmb=256, codec=ListsCodec(LISTS_FILE, self._lengths))

    def add(self, document: Document) -> None:
        filled = {name: value for name, value in document.items() if value}
        for name, lengths in self._lengths.items():
            lengths.append(len({position for _, position in filled.get(name, ())}))
        self._writer.add_document(**filled)

    def commit(self) -> None:
        self._writer.commit(optimize=True)
        # Whoosh's table of contents holds pickles that nothing reads here, and its lock has done its work.
        for file in self._folder.iterdir():
            if file.name != LISTS_FILE:
                file.unlink()

    def cancel(self) -> None:
        self._writer.cancel()


class WhooshReader:
    """Reads one index. Raises IndexUnusableError for a damaged one, when it is opened or when what is damaged is read."""

    def __init__(self, folder: Path) -> None:
        self._reader = ListsReader(folder / LISTS_FILE)
        self._lists: OrderedDict[tuple[str, str], Mapping[int, Sequence[int]]] = OrderedDict()
        self._lengths: dict[str, Sequence[int]] = {}
        self._evaluator = Evaluator(self)

    # -- the seam

    def search(self, tree: Node, limit: int | None, within: Container[int] | None = None) -> Found:
        return self._evaluator.search(tree, limit, within)

    def scores(self, tree: Node) -> Mapping[int, float]:
        return self._evaluator.scores(tree)

    def document_frequency(self, field: str, keys: Sequence[str]) -> int:
        if len(keys) == 1:
            return len(self._postings(field, keys[0]))
        return len(set().union(*(self._postings(field, key) for key in keys)))

    def document_count(self) -> int:
        return self._reader.documents

    def check(self) -> None:
        """Read every list. Raises IndexUnusableError for the first that is damaged."""
        for field, key in self._reader.vocabulary():
            self._reader.postings(field, key)

    def close(self) -> None:
        self._reader.close()

    # -- a PostingSource

    def frequencies(self, field: str, key: str) -> Mapping[int, int]:
        return {n: len(places) for n, places in self._postings(field, key).items()}

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
