"""What documents hold, on disk, by document and by term: for an engine that finds documents and leaves scoring to `evaluate`.

A *term* is a key of a field; it has a number. ``documents``: of each document its terms and how often each occurs;
``places``: where each document begins, and a CRC-32 of it that covers its number too; ``keys``: the `dictionary`, with
each term's number; and what `runs` keeps of every term. A few documents are scored by what they hold, so that it is of no
consequence how common the words are that are asked for; what asks for all matches takes the lists. All little-endian.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import count, pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zlib import crc32

import numpy as np

from lawsearch.engine import dictionary
from lawsearch.engine.base import FIELDS, HEAD_FIELD, AllOf, AnyOf, Best, Key, Node, Without
from lawsearch.engine.chosen import Numbers
from lawsearch.engine.dictionary import Dictionary, filed
from lawsearch.engine.evaluate import norm
from lawsearch.engine.inverted import Inverted
from lawsearch.engine.runs import LONGEST, Inverse, RunsReader, RunsWriter
from lawsearch.errors import damaged

DOCUMENTS_FILE, PLACES_FILE, KEYS_FILE = "documents", "places", "keys"
#: The fields by number.
NAMES = (*FIELDS, HEAD_FIELD)
_ENTRY: Any = np.dtype([("term", "<u4"), ("count", "u1")])
_PLACE: Any = np.dtype([("at", "<u8"), ("check", "<u4")])
#: Of what is alike in length and weight a finding engine makes one field: the fields where each of its own begins.
GROUPS = ("kk", "ru", "via_kk", "context_kk")
GROUP_OF = np.searchsorted([NAMES.index(name) for name in GROUPS], np.arange(len(NAMES)), side="right") - 1
#: Bytes between two documents that are rather read than left out.
_GAP = 4_096
#: Terms that are kept once looked up, and lists that are taken apart by document.
_KNOWN = 100_000
_BY_DOCUMENT = 200
_NONE = np.empty(0, dtype=np.int64)


class Laid(NamedTuple):
    """A batch laid out document by document, group by group: the terms, each as often as it occurs (to `LONGEST` times), those
    of group ``g`` of document ``i`` from ``bounds[i * len(GROUPS) + g]`` on."""

    size: int
    bounds: list[int]
    terms: Numbers


class DocumentsWriter:
    """Writes documents in order. `close` makes the files whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.size = 0
        self._documents: BinaryIO = (folder / DOCUMENTS_FILE).open("wb")
        self._places: BinaryIO = (folder / PLACES_FILE).open("wb")
        self._runs = RunsWriter(folder)
        following = count().__next__
        self._terms: dict[str, dict[str, int]] = {name: defaultdict(following) for name in NAMES}
        self._used = np.zeros(1 << 16, dtype=np.uint32)
        self._lengths: dict[str, list[Numbers]] = {name: [] for name in FIELDS}

    def add_batch(self, batch: Inverted) -> Laid:
        """Write the documents of a batch. Returns how it is laid out."""
        each: list[tuple[Numbers, ...]] = [(np.empty(0, dtype=np.uint32),) * 7]
        for name in NAMES:
            length = np.zeros(batch.size, dtype=np.uint32)
            if name in batch.lengths:
                numbers, some = batch.lengths[name]
                length[np.asarray(numbers)] = np.asarray(some)
            if name in self._lengths:
                self._lengths[name].append(length)
            lists = batch.fields.get(name)
            if lists is None or not lists.keys:
                continue
            terms = self._numbered(name, lists.keys)
            documents, frequencies = np.asarray(lists.documents), np.asarray(lists.frequencies)
            entries_of = np.asarray(lists.documents_of)
            self._used[terms] += entries_of
            if int(frequencies.max()) > LONGEST:
                # A number of one byte counts no further: what is left over stands as a further entry of the term.
                parts = (frequencies.astype(np.int64) + (LONGEST - 1)) // LONGEST
                counts = np.full(int(parts.sum()), LONGEST)
                counts[np.cumsum(parts) - 1] = frequencies - LONGEST * (parts - 1)
                frequencies = counts
                documents = np.repeat(documents, parts)
                entries_of = np.add.reduceat(parts, np.cumsum(entries_of.astype(np.int64)) - entries_of)
            positions_of = np.asarray(lists.positions_of)
            group = np.full(len(documents), GROUP_OF[NAMES.index(name)], dtype=np.uint8)
            each.append(
                (terms, entries_of, positions_of, documents, frequencies.astype(np.uint8), np.asarray(lists.positions), group)
            )
        terms, entries_of, positions_of, documents, frequencies, positions, group = (
            np.concatenate(some) for some in zip(*each[1:] or each, strict=True)
        )
        self._runs.add(Inverse(batch.size, terms, entries_of, positions_of, documents, frequencies, positions))
        # Numbers of 16 bits are sorted by their digits, in a tenth of the time.
        order = np.argsort(documents.astype(np.uint16) if batch.size <= 1 << 16 else documents, kind="stable")
        laid, counts = np.repeat(terms, entries_of)[order], frequencies[order]
        entries = np.empty(len(order), dtype=_ENTRY)
        entries["term"], entries["count"] = laid, counts
        many = np.bincount(documents, minlength=batch.size)
        self._put(batch.size, entries.tobytes(), np.concatenate(([0], np.cumsum(many))) * _ENTRY.itemsize)
        places = documents.astype(np.int64) * len(GROUPS) + group
        occurring = np.bincount(places, weights=frequencies, minlength=batch.size * len(GROUPS)).astype(np.int64)
        return Laid(batch.size, [0, *np.cumsum(occurring).tolist()], np.repeat(laid, counts))

    def _numbered(self, field: str, keys: Sequence[str]) -> Numbers:
        known = self._terms[field]
        found = np.fromiter(map(known.__getitem__, keys), dtype=np.uint32, count=len(keys))
        while int(found.max()) >= len(self._used):
            self._used = np.concatenate((self._used, np.zeros_like(self._used)))
        return found

    def _put(self, size: int, data: bytes, bounds: Numbers) -> None:
        """Write documents, ``i`` from ``bounds[i]`` on."""
        places = np.zeros(size, dtype=_PLACE)
        places["at"] = bounds[:-1] + self._documents.tell()
        view = memoryview(data)
        places["check"] = [crc32(view[a:b], number) for number, (a, b) in enumerate(pairwise(bounds.tolist()), self.size)]
        self._documents.write(data)
        self._places.write(places.tobytes())
        self.size += size

    def close(self) -> None:
        end = np.zeros(1, dtype=_PLACE)
        end["at"] = self._documents.tell()
        self._places.write(end.tobytes())
        self._documents.close()
        self._places.close()
        terms = sum(map(len, self._terms.values()))
        runs, first, many = self._runs.close(terms)
        columns = np.column_stack((np.arange(terms), self._used[:terms], first, many)).astype(np.uint32)
        rows = {}
        for name, known in self._terms.items():
            if known:
                numbers = np.fromiter(known.values(), dtype=np.int64, count=len(known))
                rows[name] = ([filed(key) for key in known], columns[numbers])
        lengths = {name: np.concatenate(some) if some else np.empty(0, np.uint32) for name, some in self._lengths.items()}
        dictionary.write(self._folder / KEYS_FILE, self.size, rows, lengths, [*runs, [int(many.sum())]])

    def cancel(self) -> None:
        self._documents.close()
        self._places.close()
        self._runs.cancel()


class Term(NamedTuple):
    """A term's number, how many documents have it, its first row in the runs and how many rows."""

    number: int
    used: int
    first: int
    rows: int


class DocumentsReader:
    """Reads them. Raises IndexUnusableError wherever what is read is not what was written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._keys = Dictionary(folder / KEYS_FILE)
        self.size = self._keys.documents
        self._known: dict[tuple[str, str], Term | None] = {}
        self._lengths: dict[str, Numbers] = {}
        self._norms: dict[str, tuple[float, float]] = {}
        self._places: Numbers | None = None
        self._table = np.zeros(0, dtype=np.int32)
        self._handles: list[int] = []
        self._runs: RunsReader | None = None
        try:
            if not self._keys.about or len(self._keys.about[-1]) != 1 or self._keys.columns not in (0, len(Term._fields)):
                raise damaged(folder / KEYS_FILE, "its directory is none")
            self._runs = RunsReader(folder, self._keys.about[:-1], self._keys.about[-1][0])
            for name in (DOCUMENTS_FILE, PLACES_FILE):
                self._handles.append(os.open(folder / name, os.O_RDONLY | getattr(os, "O_BINARY", 0)))
            self._documents_size, places_size = (os.fstat(handle).st_size for handle in self._handles)
            if places_size != _PLACE.itemsize * (self.size + 1):
                raise damaged(folder / PLACES_FILE, "a part of it is missing")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._keys.close()
        if self._runs is not None:
            self._runs.close()
        for handle in self._handles:
            os.close(handle)
        self._handles = []

    def term(self, field: str, key: str) -> Term | None:
        """A key of a field, or None where no document has it there."""
        known = self._known.get((field, key))
        if known is None and (field, key) not in self._known:
            row = self._keys.row(field, key) if key else None
            if len(self._known) > _KNOWN:
                self._known.clear()
            known = self._known[field, key] = None if row is None else Term(*row)
        return known

    def postings(self, term: Term, places: bool = True) -> tuple[Numbers, Numbers, Numbers]:
        """A term's documents, ascending, its frequency in each, its positions in each in turn (where ``places``)."""
        assert self._runs is not None
        documents, frequencies, positions = once(*self._runs.postings(term.number, term.first, term.rows, places))
        if (
            len(documents) != term.used
            or not len(documents)
            or int(documents[-1]) >= self.size
            or (places and int(frequencies.sum(dtype=np.int64)) != len(positions))
        ):
            raise damaged(self.folder / KEYS_FILE, "a list does not add up")
        return documents, frequencies, positions

    def lengths(self, field: str) -> Numbers:
        """How long the field is in each document; empty for a field whose lengths are not kept."""
        if field not in self._lengths:
            self._lengths[field] = self._keys.lengths(field)
        return self._lengths[field]

    def norms(self, fields: Iterable[str]) -> dict[str, tuple[float, float]]:
        """By field what its length does to a score, as `evaluate.Evaluator` has it."""
        for name in fields:
            if name not in self._norms:
                lengths = self.lengths(name)
                filled = int(np.count_nonzero(lengths))
                self._norms[name] = norm(name, int(lengths.sum(dtype=np.int64)) / filled if filled else 1.0)
        return self._norms

    def check(self) -> None:
        """Read everything there is."""
        terms = rows = 0
        for row in self._keys.rows():
            term = Term(*row)
            self.postings(term)
            terms, rows = terms + 1, rows + term.rows
        if (terms, [rows]) != (self._keys.keys, self._keys.about[-1]):
            raise damaged(self.folder / KEYS_FILE, "a part of it is missing")
        for name in FIELDS:
            self._keys.lengths(name)
        for start in range(0, self.size, 4_096):
            self.held(np.arange(start, min(start + 4_096, self.size)))
        if self._all_places()["at"][self.size] != self._documents_size or self._all_places()["check"][self.size]:
            raise damaged(self.folder / PLACES_FILE, "its end has changed")

    def held(self, documents: Numbers) -> Held:
        """What documents (ascending) hold."""
        return Held(self, documents)

    def table(self) -> Numbers:
        """By term a number, all 0; who uses it leaves it so."""
        if not len(self._table):
            self._table = np.zeros(self._keys.keys + 1, dtype=np.int32)
        return self._table

    def _all_places(self) -> Numbers:
        # Not checked by itself: what is read by it is.
        if self._places is None:
            size = _PLACE.itemsize * (self.size + 1)
            data = dictionary.read_at(self._handles[1], 0, size)
            if len(data) != size:
                raise damaged(self.folder / PLACES_FILE, "a part of it is missing")
            self._places = np.frombuffer(data, dtype=_PLACE)
        return self._places

    def bodies(self, documents: Numbers) -> list[bytes]:
        """What each document (ascending) holds, checked."""
        places = self._all_places()
        starts, ends = places["at"][documents].astype(np.int64), places["at"][documents + 1].astype(np.int64)
        if len(documents) and not (bool((starts <= ends).all()) and starts.min() >= 0 and ends.max() <= self._documents_size):
            raise damaged(self.folder / PLACES_FILE, "a place of a document has changed")
        checks = places["check"][documents].tolist()
        found: list[bytes] = []
        breaks = (np.flatnonzero((starts[1:] < ends[:-1]) | (starts[1:] - ends[:-1] > _GAP)) + 1).tolist()
        firsts, lasts, numbers = starts.tolist(), ends.tolist(), documents.tolist()
        for a, b in pairwise([0, *breaks, len(numbers)]):
            if a == b:
                continue
            offset = firsts[a]
            data = dictionary.read_at(self._handles[0], offset, lasts[b - 1] - offset)
            for i in range(a, b):
                body = data[firsts[i] - offset : lasts[i] - offset]
                if crc32(body, numbers[i]) != checks[i] or len(body) != lasts[i] - firsts[i]:
                    raise damaged(self.folder / DOCUMENTS_FILE, "a document has changed")
                found.append(body)
        return found


def once(documents: Numbers, frequencies: Numbers, positions: Any) -> tuple[Numbers, Numbers, Any]:
    """A list with each document once: several entries of one are put together."""
    if len(documents) > 1 and not (documents[1:] > documents[:-1]).all():
        starts = np.flatnonzero(np.diff(documents, prepend=-1) > 0)
        return documents[starts], np.add.reduceat(frequencies.astype(np.int64), starts), positions
    return documents, frequencies, positions


class Held:
    """What some documents hold, all of them together. Documents are counted from 0 in the order that they were asked for."""

    def __init__(self, reader: DocumentsReader, documents: Numbers) -> None:
        self._reader = reader
        bodies = reader.bodies(documents)
        sizes = np.fromiter(map(len, bodies), dtype=np.int64, count=len(bodies))
        if (sizes % _ENTRY.itemsize).any():
            raise self._wrong()
        entries = np.frombuffer(b"".join(bodies), dtype=_ENTRY)
        self._terms, self._counts = np.ascontiguousarray(entries["term"]), entries["count"]
        self._bounds = np.concatenate(([0], np.cumsum(sizes // _ENTRY.itemsize)))
        if int(self._terms.max(initial=0)) >= len(reader.table()):
            raise self._wrong()

    def _wrong(self) -> Exception:
        return damaged(self._reader.folder / DOCUMENTS_FILE, "a document does not add up")

    def lists(self, terms: Numbers) -> dict[int, tuple[Numbers, Numbers]]:
        """By term, of those that any of the documents hold: the documents, and the term's frequency in each."""
        table = self._reader.table()
        table[terms] = np.arange(1, len(terms) + 1)
        which = table[self._terms]
        table[terms] = 0
        entries = np.flatnonzero(which)
        which = which[entries]
        order = np.argsort(which.astype(np.uint16) if len(terms) < 1 << 16 else which, kind="stable")
        entries, which = entries[order], which[order]
        documents = np.searchsorted(self._bounds, entries, side="right") - 1
        counts = self._counts[entries]
        edges = np.flatnonzero(np.diff(which, prepend=0, append=0)).tolist()
        found = {}
        for a, b in pairwise(edges):
            found[int(terms[which[a] - 1])] = once(documents[a:b], counts[a:b], None)[:2]
        return found


class _Some:
    """Some documents (ascending) as a `vectors.ArraySource` that counts them from 0 and knows no positions."""

    def __init__(self, reader: DocumentsReader, documents: Numbers) -> None:
        self._reader = reader
        self._documents = documents

    def document_count(self) -> int:
        return len(self._documents)

    def length(self, field: str) -> Any:
        lengths = self._reader.lengths(field)
        return lengths[self._documents] if len(lengths) else ()

    def frequencies(self, field: str, key: str) -> Mapping[int, int]:
        raise NotImplementedError

    def positions(self, field: str, key: str, document: int) -> Sequence[int]:
        raise NotImplementedError


class Chosen(_Some):
    """A few documents by what each of them holds of the terms that are asked for."""

    def __init__(self, reader: DocumentsReader, documents: Numbers, terms: Collection[tuple[str, str]]) -> None:
        super().__init__(reader, documents)
        known = {asked: term.number for asked in terms if (term := reader.term(*asked)) is not None}
        lists = reader.held(documents).lists(np.fromiter(set(known.values()), dtype=np.int64))
        self._lists = {asked: lists[number] for asked, number in known.items() if number in lists}

    def arrays(self, field: str, key: str) -> tuple[Any, Any, Any]:
        """Gaps between documents, frequencies, and no positions."""
        found = self._lists.get((field, key))
        return ((), (), ()) if found is None else (np.diff(found[0], prepend=0), found[1], ())


class Lists:
    """Lists without positions, each read once: which documents match, and what some of them hold."""

    def __init__(self, reader: DocumentsReader) -> None:
        self._reader = reader
        self._known: dict[tuple[str, str], tuple[Numbers, Numbers]] = {}
        self._holding: dict[Node, Numbers] = {}

    def __call__(self, field: str, key: str) -> tuple[Numbers, Numbers]:
        known = self._known.get((field, key))
        if known is None:
            term = self._reader.term(field, key)
            known = (_NONE, _NONE) if term is None else self._reader.postings(term, places=False)[:2]
            self._known[field, key] = known
        return known

    def holding(self, tree: Node) -> Numbers:
        """For each document whether it matches a tree of keys."""
        known = self._holding.get(tree)
        if known is None:
            known = self._holding[tree] = self._marked(tree)
        return known

    def _marked(self, tree: Node) -> Numbers:
        match tree:
            case Best(children) | AnyOf(children):
                found = np.zeros(self._reader.size, dtype=bool)
                for child in children:
                    if isinstance(child, Key):
                        found[self(child.field, child.key)[0]] = True
                    else:
                        found |= self.holding(child)
            case AllOf(children):
                found = np.ones(self._reader.size, dtype=bool)
                for child in children:
                    found &= self.holding(child)
            case Without(child, excluded):
                found = self.holding(child) & ~self.holding(excluded)
            case Key(field, key):
                found = np.zeros(self._reader.size, dtype=bool)
                found[self(field, key)[0]] = True
            case _:
                raise ValueError("a tree that asks for more than keys")
        return found

    def of(self, documents: Numbers) -> _Narrowed:
        """What some documents (ascending) hold."""
        return _Narrowed(self._reader, documents, self)


class _Narrowed(_Some):
    """Documents by the lists of terms that are read already."""

    def __init__(self, reader: DocumentsReader, documents: Numbers, lists: Lists) -> None:
        super().__init__(reader, documents)
        self._lists = lists
        self._here = np.zeros(reader.size, dtype=bool)
        self._here[documents] = True

    def arrays(self, field: str, key: str) -> tuple[Any, Any, Any]:
        """Gaps between documents, frequencies, and no positions."""
        documents, frequencies = self._lists(field, key)
        here = self._here[documents]
        return np.diff(np.searchsorted(self._documents, documents[here]), prepend=0), frequencies[here], ()


class Whole:
    """All documents as a `vectors.ArraySource`."""

    def __init__(self, reader: DocumentsReader) -> None:
        self._reader = reader
        self._by_document: dict[tuple[str, str], dict[int, Sequence[int]]] = {}

    def document_count(self) -> int:
        return self._reader.size

    def arrays(self, field: str, key: str) -> tuple[Any, Any, Any]:
        """Gaps between documents, frequencies, positions of each document in turn."""
        term = self._reader.term(field, key)
        if term is None:
            return (), (), ()
        documents, frequencies, positions = self._reader.postings(term)
        return np.diff(documents, prepend=0), frequencies, positions

    def length(self, field: str) -> Any:
        return self._reader.lengths(field)

    def frequencies(self, field: str, key: str) -> Mapping[int, int]:
        return {document: len(some) for document, some in self._postings(field, key).items()}

    def positions(self, field: str, key: str, document: int) -> Sequence[int]:
        return self._postings(field, key)[document]

    def _postings(self, field: str, key: str) -> dict[int, Sequence[int]]:
        known = self._by_document.get((field, key))
        if known is None:
            term = self._reader.term(field, key)
            known = {}
            if term is not None:
                documents, frequencies, positions = (part.tolist() for part in self._reader.postings(term))
                ends = np.cumsum(frequencies).tolist()
                known = {document: positions[a:b] for document, (a, b) in zip(documents, pairwise([0, *ends]), strict=True)}
            if len(self._by_document) > _BY_DOCUMENT:
                self._by_document.clear()
            self._by_document[field, key] = known
        return known
