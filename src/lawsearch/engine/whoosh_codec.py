"""A codec for Whoosh that writes `posting_lists`: Whoosh sorts and groups the postings, the file is ours.

Whoosh's own codec pickles the schema, the segments, the directory of a segment and every block of postings; a pickle runs
code when it is read. None of these is written or read here.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any

import numpy as np  # only a build comes here
from whoosh import fields, formats
from whoosh.codec import base

from lawsearch.engine.inverted import Lists
from lawsearch.engine.posting_lists import ListsWriter, bodies, stored, unpacked

#: From so many numbers on arrays pay.
_LONG = 48


class _ListField(fields.FieldType):  # type: ignore[misc]
    """A field of ready-made lists: a value is a block's `inverted.Lists`; nothing is analysed.

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

    def index(self, value: Lists, **kwargs: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        columns = (value.documents_of, value.positions_of, value.documents, value.frequencies, value.positions)
        for key, documents, body in zip(value.keys, value.documents_of, bodies(*columns), strict=True):
            yield stored(key), documents, 1.0, body


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


class _FieldWriter(base.FieldWriter):  # type: ignore[misc]
    """Hands each key's postings, which come sorted, to the file."""

    def __init__(self, stream: Any, lengths: dict[str, array[int]], firsts: list[int]) -> None:
        self._stream = stream
        self._writer = ListsWriter(self._stream)
        self._lengths = lengths
        self._firsts = firsts
        self._key = b""
        self._values: list[tuple[int, bytes]] = []
        self.is_closed = False

    def start_field(self, name: str, field: object) -> None:
        self._writer.start_field(name)

    def start_term(self, key: bytes) -> None:
        self._key = key
        self._values = []

    def add(self, block: int, weight: float, value: bytes, length: int) -> None:
        """Note a block's list. What passes through Whoosh's sorting is a list as the file has it."""
        self._values.append((self._firsts[block], value))

    def finish_term(self) -> None:
        first, body = self._values[0]
        if len(self._values) == 1 and not first:
            self._writer.add_body(self._key, body)
            return
        documents, frequencies, positions = array("I"), array("I"), array("I")
        for first, body in self._values:
            gaps, some, places = unpacked(body)
            if len(gaps) < _LONG:
                documents.extend([number + first for number in accumulate(gaps)])
                frequencies.extend(some.tolist())
                positions.extend(places.tolist())
            else:
                numbers = np.cumsum(np.asarray(gaps), dtype=np.uint32) + np.uint32(first)
                for known, more in ((documents, numbers), (frequencies, some), (positions, places)):
                    known.frombytes(np.asarray(more, dtype=np.uint32).tobytes())
        self._writer.add(self._key, documents, frequencies, positions)

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

    def field_writer(self, storage: Any, segment: object) -> _FieldWriter:
        return _FieldWriter(storage.create_file(self._file), self._lengths, self._firsts)
