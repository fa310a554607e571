"""A codec for Whoosh that writes `posting_lists`, and the sorted postings that its writer is given.

Whoosh's own codec pickles the schema, the segments, the directory of a segment and every block of postings; a pickle runs
code when it is read. None of these is written or read here.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import Any

from whoosh import fields, formats
from whoosh.codec import base

from lawsearch.engine.blocks import Blocks
from lawsearch.engine.posting_lists import ListsWriter, bodies


class _ListField(fields.FieldType):  # type: ignore[misc]
    """A field of ready-made lists: nothing is analysed or kept by document."""

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


class SortedPostings:
    """In the place of the pool in which Whoosh's writer sorts postings: it would sort every one by itself, through pickles on
    disk. Each list comes as one posting, whose value is what the file has."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks

    def add(self, posting: object) -> None:
        """Whoosh asks for it with every document; none has a field."""
        raise NotImplementedError

    def iter_postings(self) -> Iterator[tuple[str, bytes, int, float, bytes]]:
        """All lists: field, key, no document, weight, body."""
        for name, lists in self._blocks.merged():
            for key, body in zip(lists.keys, bodies(*lists[1:]), strict=True):
                yield name, key, 0, 1.0, body

    def cleanup(self) -> None:
        self._blocks.close()


class _FieldWriter(base.FieldWriter):  # type: ignore[misc]
    """Hands each key's list to the file."""

    def __init__(self, stream: Any, lengths: dict[str, array[int]]) -> None:
        self._stream = stream
        self._writer = ListsWriter(self._stream)
        self._lengths = lengths
        self._key = b""
        self.is_closed = False

    def start_field(self, name: str, field: object) -> None:
        self._writer.start_field(name)

    def start_term(self, key: bytes) -> None:
        self._key = key

    def add(self, document: int, weight: float, value: bytes, length: int) -> None:
        self._writer.add(self._key, value)

    def finish_term(self) -> None:
        pass

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            documents = len(next(iter(self._lengths.values()), ()))
            self._writer.close(documents, self._lengths)
            self._stream.close()


class ListsCodec(base.Codec):  # type: ignore[misc]
    """Writes one segment; ``lengths`` (by field, by document) must be whole by the time the writer commits."""

    length_stats = False

    def __init__(self, file: str, lengths: dict[str, array[int]]) -> None:
        self._file = file
        self._lengths = lengths

    def new_segment(self, storage: Any, indexname: str) -> _Segment:
        return _Segment(indexname)

    def per_document_writer(self, storage: Any, segment: object) -> _Documents:
        return _Documents()

    def field_writer(self, storage: Any, segment: object) -> _FieldWriter:
        # Whoosh's own wrapper takes longer to write a list than the file does.
        return _FieldWriter(storage.create_file(self._file).raw_file(), self._lengths)
