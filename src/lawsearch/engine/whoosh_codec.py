"""A codec for Whoosh that writes `posting_lists`: Whoosh sorts and groups the postings, the file is ours.

Whoosh's own codec pickles the schema, the segments, the directory of a segment and every block of postings; a pickle runs
code when it is read. None of these is written or read here.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whoosh import fields, formats
from whoosh.codec import base

from lawsearch.engine.posting_lists import ListsWriter, stored

#: How many documents a block's list has; they, their frequencies and the positions follow, four bytes each.
_SIZES = struct.Struct("<I")


class _ListField(fields.FieldType):  # type: ignore[misc]
    """A field of ready-made lists: a value maps keys to a block's documents, frequencies and positions; nothing is analysed.

    Whoosh sees a block of documents as one document: sorting a posting for each of them costs it ten times what a list for
    each block does.
    """

    indexed = True
    scorable = False

    def __init__(self) -> None:
        self.format = formats.Positions()
        self.analyzer = None
        self.vector = None
        self.stored = False
        self.unique = False
        self.spelling = False
        self.multitoken_query = "default"

    def index(
        self, value: Mapping[str, tuple[array[int], array[int], array[int]]], **kwargs: object
    ) -> Iterator[tuple[bytes, int, float, bytes]]:
        for key, (documents, frequencies, positions) in value.items():
            packed = _SIZES.pack(len(documents)) + documents.tobytes() + frequencies.tobytes() + positions.tobytes()
            yield stored(key), len(documents), 1.0, packed


def schema(names: Iterable[str]) -> Any:
    """A schema of fields of ready-made lists."""
    return fields.Schema(**{name: _ListField() for name in names})


class _Segment(base.Segment):  # type: ignore[misc]
    """What Whoosh's writer must know of what it writes. It always writes one."""

    def __init__(self, indexname: str) -> None:
        super().__init__(indexname)
        self._documents = 0

    def should_assemble(self) -> bool:
        return False

    def set_doc_count(self, documents: int) -> None:
        self._documents = documents

    def doc_count_all(self) -> int:
        return self._documents

    def deleted_count(self) -> int:
        return 0

    def is_deleted(self, document: int) -> bool:
        return False


class _Documents(base.PerDocumentWriter):  # type: ignore[misc]
    """Nothing is kept by document: texts are the store's, lengths come from the engine."""

    is_closed = False

    def start_doc(self, document: int) -> None:
        pass

    def cancel_doc(self) -> None:
        pass

    def add_field(self, name: str, field: object, value: object, length: int) -> None:
        pass

    def close(self) -> None:
        self.is_closed = True


class _Lists(base.FieldWriter):  # type: ignore[misc]
    """Hands each key's postings, which come sorted, to the file."""

    def __init__(self, stream: Any, lengths: dict[str, array[int]], firsts: list[int]) -> None:
        self._stream = stream
        self._writer = ListsWriter(self._stream)
        self._lengths = lengths
        self._firsts = firsts
        self._key = b""
        self._documents = array("I")
        self._frequencies = array("I")
        self._positions = array("I")
        self.is_closed = False

    def start_field(self, name: str, field: object) -> None:
        self._writer.start_field(name)

    def start_term(self, key: bytes) -> None:
        self._key = key
        self._documents = array("I")
        self._frequencies = array("I")
        self._positions = array("I")

    def add(self, block: int, weight: float, value: bytes, length: int) -> None:
        """Append a block's list. What passes through Whoosh's sorting is in the machine's own byte order."""
        (size,) = _SIZES.unpack_from(value)
        middle, end = _SIZES.size + 4 * size, _SIZES.size + 8 * size
        documents = array("I")
        documents.frombytes(value[_SIZES.size : middle])
        first = self._firsts[block]
        self._documents.extend([number + first for number in documents] if first else documents)
        self._frequencies.frombytes(value[middle:end])
        self._positions.frombytes(value[end:])

    def finish_term(self) -> None:
        self._writer.add(self._key, self._documents, self._frequencies, self._positions)

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            documents = len(next(iter(self._lengths.values()), ()))
            self._writer.close(documents, self._lengths)
            self._stream.close()


class ListsCodec(base.Codec):  # type: ignore[misc]
    """Writes one segment; ``lengths`` (by field, by document) and ``firsts`` (the first document of each block) must be whole
    by the time the writer commits."""

    length_stats = False

    def __init__(self, file: str, lengths: dict[str, array[int]], firsts: list[int]) -> None:
        self._file = file
        self._lengths = lengths
        self._firsts = firsts

    def new_segment(self, storage: Any, indexname: str) -> _Segment:
        return _Segment(indexname)

    def per_document_writer(self, storage: Any, segment: object) -> _Documents:
        return _Documents()

    def field_writer(self, storage: Any, segment: object) -> _Lists:
        return _Lists(storage.create_file(self._file), self._lengths, self._firsts)
