"""Whoosh behind the seam: it keeps the posting lists. Only what whoosh3 3.54 shares with whoosh-reloaded 2.7.5 is used, so
that either serves; trees are evaluated in `engine.evaluate`.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections import OrderedDict, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from whoosh import fields, formats
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from lawsearch.engine.base import FIELDS, HEAD_FIELD, Document, Found, Node
from lawsearch.engine.evaluate import Evaluator

_NAME = "provisions"
_LENGTHS = "lengths.json"
_CACHED_LISTS = 20_000


def _packed(numbers: Iterable[int]) -> bytes:
    values = array("I", numbers)
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def _unpacked(data: bytes) -> array[int]:
    values = array("I", data)
    if sys.byteorder == "big":
        values.byteswap()
    return values


class _KeyFormat(formats.Positions):  # type: ignore[misc]
    """Positions given ready-made: a value is a sequence of (key, position), nothing is analysed inside.

    Positions are four-byte numbers instead of Whoosh's pickles: smaller, faster, and no code when read.
    """

    def word_values(
        self, value: Sequence[tuple[str, int]], analyzer: object, **kwargs: object
    ) -> Iterator[tuple[str, int, float, bytes]]:
        places: dict[str, set[int]] = defaultdict(set)
        for key, position in value:
            places[key].add(position)
        for key, positions in places.items():
            yield key, len(positions), float(len(positions)), _packed(sorted(positions))

    def encode(self, positions: Iterable[int]) -> bytes:
        return _packed(positions)

    def decode_positions(self, value: bytes) -> list[int]:
        return _unpacked(value).tolist()

    def decode_frequency(self, value: bytes) -> int:
        return len(value) // 4

    def decode_weight(self, value: bytes) -> float:
        return float(len(value) // 4)

    def combine(self, values: Iterable[bytes]) -> bytes:
        return _packed(sorted({p for v in values for p in _unpacked(v)}))


class _KeyField(fields.FieldType):  # type: ignore[misc]
    """A field of ready-made keys with positions. Lengths are kept beside Whoosh, which would round them to a byte."""

    indexed = True
    scorable = False

    def __init__(self) -> None:
        self.format = _KeyFormat()
        self.analyzer = None
        self.vector = None
        self.stored = False
        self.unique = False
        self.spelling = False
        self.multitoken_query = "default"

    def index(self, value: Sequence[tuple[str, int]], **kwargs: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        for key, frequency, weight, places in self.format.word_values(value, None):
            yield key.encode("utf-8"), frequency, weight, places

    def to_bytes(self, value: str | bytes) -> bytes:
        return value if isinstance(value, bytes) else value.encode("utf-8")

    def from_bytes(self, value: bytes) -> str:
        return value.decode("utf-8")


def _schema() -> Any:
    return fields.Schema(**{name: _KeyField() for name in (*FIELDS, HEAD_FIELD)})


class WhooshWriter:
    """Writes one index in one segment, so that a document's number is its place in the order written."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._writer = FileIndex.create(FileStorage(str(folder)), _schema(), _NAME).writer(limitmb=256)
        self._lengths: dict[str, list[int]] = {name: [] for name in FIELDS}

    def add(self, document: Document) -> None:
        filled = {name: value for name, value in document.items() if value}
        for name, lengths in self._lengths.items():
            lengths.append(len({position for _, position in filled.get(name, ())}))
        self._writer.add_document(**filled)

    def commit(self) -> None:
        self._writer.commit(optimize=True)
        (self._folder / _LENGTHS).write_text(json.dumps(self._lengths), encoding="ascii")

    def cancel(self) -> None:
        self._writer.cancel()


class WhooshReader:
    """Reads one index. Raises whatever Whoosh raises on a damaged one: the caller checks files before they get here."""

    def __init__(self, folder: Path) -> None:
        # Our own schema is given, so that the pickled one in the table of contents is skipped, not read.
        self._index = FileIndex(FileStorage(str(folder), supports_mmap=True), schema=_schema(), indexname=_NAME)
        self._reader = self._index.reader()
        self._lengths: dict[str, list[int]] = json.loads((folder / _LENGTHS).read_text(encoding="ascii"))
        self._lists: OrderedDict[tuple[str, str], dict[int, bytes]] = OrderedDict()
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
        return int(self._reader.doc_count_all())

    def close(self) -> None:
        self._reader.close()
        self._index.close()

    # -- a PostingSource

    def frequencies(self, field: str, key: str) -> Mapping[int, int]:
        return {n: len(value) // 4 for n, value in self._postings(field, key).items()}

    def positions(self, field: str, key: str, document: int) -> Sequence[int]:
        return _unpacked(self._postings(field, key)[document])

    def length(self, field: str) -> Sequence[int]:
        return self._lengths.get(field, ())

    def _postings(self, field: str, key: str) -> dict[int, bytes]:
        """Document -> packed positions."""
        cached = self._lists.get((field, key))
        if cached is None:
            text = key.encode("utf-8")
            if text and (field, text) in self._reader:
                cached = {}
                matcher = self._reader.postings(field, text)
                while matcher.is_active():
                    cached[matcher.id()] = matcher.value()
                    matcher.next()
            else:
                cached = {}
            self._lists[field, key] = cached
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
