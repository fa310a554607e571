"""What an index on tantivy keeps beside tantivy: of every term its documents, its frequency in each and its positions.

A *term* is a key of a field; it has a number. ``keys``: the `dictionary`, with each term's number; ``terms``: by number where
all there is of it is, with CRC-32s that are compared when it is read; `sets` has the documents and frequencies, `runs` the
positions. Which documents match, and how many, and what they score is worked out from these alone. tantivy is asked which
of a great many are likely to be the best; `impacts` says what it is fed for that.
"""

from __future__ import annotations

import os
import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zlib import crc32

import numpy as np

from lawsearch.engine import dictionary, impacts
from lawsearch.engine.base import FIELDS, HEAD_FIELD
from lawsearch.engine.chosen import Numbers
from lawsearch.engine.dictionary import Dictionary, all_filed, read_at
from lawsearch.engine.evaluate import norm
from lawsearch.engine.inverted import Inverted
from lawsearch.engine.runs import Part, PiecesReader, RunsWriter, checks
from lawsearch.engine.sets import FREQUENCIES_FILE, SETS_FILE, DocumentSet, is_bitmap, packed, words_for
from lawsearch.engine.vectors import Cache
from lawsearch.errors import damaged

KEYS_FILE, TERMS_FILE = "keys", "terms"
#: The fields by number.
NAMES = (*FIELDS, HEAD_FIELD)
_TERM: Any = np.dtype(
    [
        ("used", "<u4"),
        ("set_check", "<u4"),
        ("set_at", "<u8"),
        ("frequencies_at", "<u8"),
        ("frequencies_check", "<u4"),
        ("frequency_width", "<u4"),
        ("piece", "<u4"),
        ("pieces", "<u4"),
        ("rank", "<u4"),
        ("least", "<u2"),
        ("most", "<u2"),
    ]
)
_TERM_ROW = struct.Struct("<IIQQIIIIIHH")
_CHECK: Any = np.dtype("<u4")
_ROW = _TERM.itemsize + _CHECK.itemsize
#: So many entries are put in the order of terms at once.
_SORTED_AT_ONCE = 1_000_000
#: Batches of so many documents wait for each other.
_NUMBERED_AT_ONCE = 16_384
#: A frequency of more than this is no byte.
_BYTE = 255
#: Terms that are kept once looked up; bytes of sets and frequencies that are.
_KNOWN, _CACHED = 100_000, 128_000_000


class Term(NamedTuple):
    """A row of `terms`: in how many documents the term is; where its set is; where its frequencies are and of how many bytes
    each; its first piece of positions and how many; and its impacts (`impacts.Fed`). Then its number."""

    used: int
    set_check: int
    set_at: int
    frequencies_at: int
    frequencies_check: int
    frequency_width: int
    piece: int
    pieces: int
    rank: int
    least: int
    most: int
    number: int


class TermsWriter:
    """Writes documents in order. `close` makes the files whole but for what only `impacts` reads, `remove` removes that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.size = 0
        self.runs = RunsWriter(folder)
        self._waiting: list[Inverted] = []
        following = count().__next__
        self._terms: dict[str, dict[str, int]] = {name: defaultdict(following) for name in NAMES}
        self._lengths: dict[str, list[Numbers]] = {name: [] for name in FIELDS}

    def add_batch(self, batch: Inverted) -> None:
        """Write the documents of a batch."""
        self._waiting.append(batch)
        self.size += batch.size
        if sum(one.size for one in self._waiting) >= _NUMBERED_AT_ONCE:
            self._number()

    def _number(self) -> None:
        """Number the terms of the batches that wait, field by field, since a field's keys alone stay in the cache."""
        batches, self._waiting = self._waiting, []
        each: list[list[Part]] = [[] for _ in batches]
        for name in NAMES:
            known = self._terms[name]
            for batch, parts in zip(batches, each, strict=True):
                if name in self._lengths:
                    length = np.zeros(batch.size, dtype=np.uint32)
                    if name in batch.lengths:
                        numbers, some = batch.lengths[name]
                        length[np.asarray(numbers)] = np.asarray(some)
                    self._lengths[name].append(length)
                lists = batch.fields.get(name)
                if lists is None or not lists.keys:
                    continue
                terms = np.fromiter(map(known.__getitem__, lists.keys), dtype=np.uint32, count=len(lists.keys))
                columns = (lists.documents_of, lists.positions_of, lists.documents, lists.frequencies, lists.positions)
                parts.append(Part(terms, *map(np.asarray, columns)))
        for batch, parts in zip(batches, each, strict=True):
            self.runs.add(batch.size, parts)

    def close(self) -> impacts.Fed:
        """Returns what tantivy is to be fed."""
        self._number()
        many = sum(map(len, self._terms.values()))
        table = np.zeros(many, dtype=_TERM)
        fields = np.zeros(many, dtype=np.int64)
        rows = {}
        for field, (name, known) in enumerate(self._terms.items()):
            if known:
                numbers = np.fromiter(known.values(), dtype=np.int64, count=len(known))
                fields[numbers] = field
                rows[name] = (all_filed(list(known)), numbers.astype(np.uint32)[:, None])
        lengths = {name: np.concatenate(some) if some else np.empty(0, np.uint32) for name, some in self._lengths.items()}
        self._terms, self._lengths = {}, {}
        table["piece"], table["pieces"] = self.runs.close(many)
        dictionary.write(self._folder / KEYS_FILE, self.size, rows, lengths, [[int(table["pieces"].sum())]])
        del rows
        fed = impacts.Fed(self.size, lengths, fields, NAMES)
        self._write_sets(table, fed)
        table["rank"], table["least"], table["most"] = fed.rank, fed.least, fed.most
        checked = np.zeros(many, dtype=[("row", _TERM), ("check", _CHECK)])
        checked["row"] = table
        data = table.tobytes()
        checked["check"] = checks(data, range(0, len(data) + 1, _TERM.itemsize), count())
        checked.tofile(self._folder / TERMS_FILE)
        return fed

    def _write_sets(self, table: Numbers, fed: impacts.Fed) -> None:
        with (self._folder / SETS_FILE).open("wb") as sets, (self._folder / FREQUENCIES_FILE).open("wb") as frequencies:
            for terms, used, documents, often in self.runs.sorted(_SORTED_AT_ONCE):
                starts = np.cumsum(used) - used
                table["used"][terms] = used
                bitmaps = is_bitmap(used, self.size)
                # Those that are listed follow one another, and then come the bitmaps.
                listed = np.flatnonzero(~bitmaps)
                data = documents[~np.repeat(bitmaps, used)].astype("<u4").tobytes()
                _written(sets, table, ("set_at", "set_check"), terms[listed], used[listed] * 4, data)
                for i in np.flatnonzero(bitmaps).tolist():
                    a, b, number = int(starts[i]), int(starts[i] + used[i]), int(terms[i])
                    data = packed(documents[a:b].astype(np.int64), self.size).tobytes()
                    _written(sets, table, ("set_at", "set_check"), terms[i : i + 1], np.array([len(data)]), data)
                    fed.add(number, documents[a:b], often[a:b])
                wide = np.maximum.reduceat(often, starts) > _BYTE
                for width in (1, 4):
                    its = np.flatnonzero(wide == (width == 4))
                    if len(its):
                        some = often if len(its) == len(used) else often[np.repeat(wide == (width == 4), used)]
                        table["frequency_width"][terms[its]] = width
                        columns = ("frequencies_at", "frequencies_check")
                        data = some.astype(f"<u{width}").tobytes()
                        _written(frequencies, table, columns, terms[its], used[its] * width, data)

    def cancel(self) -> None:
        self.runs.cancel()


def _written(stream: BinaryIO, table: Numbers, columns: tuple[str, str], terms: Numbers, sizes: Numbers, data: bytes) -> None:
    """Write what some terms have, of these sizes, and note where and its checksum."""
    at, check = columns
    ends = np.cumsum(sizes)
    table[at][terms] = stream.tell() + ends - sizes
    table[check][terms] = checks(data, [0, *ends.tolist()], terms.tolist())
    stream.write(data)


class TermsReader:
    """Reads them. Raises IndexUnusableError wherever what is read is not what was written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._keys = Dictionary(folder / KEYS_FILE)
        self.size = self._keys.documents
        self._known: dict[tuple[str, str], Term | None] = {}
        self._cache = Cache(_CACHED)
        self._lengths: dict[str, Numbers] = {}
        self._norms: dict[str, tuple[float, float]] = {}
        self._handles: list[int] = []
        self._pieces: PiecesReader | None = None
        try:
            about, columns = self._keys.about, self._keys.columns
            if len(about) != 1 or len(about[0]) != 1 or columns not in (0, 1) or not self._keys.has_lengths(FIELDS):
                raise damaged(folder / KEYS_FILE, "its directory is none")
            self._pieces = PiecesReader(folder, self._keys.about[0][0])
            for name in (TERMS_FILE, SETS_FILE, FREQUENCIES_FILE):
                self._handles.append(os.open(folder / name, os.O_RDONLY | getattr(os, "O_BINARY", 0)))
            if os.fstat(self._handles[0]).st_size != self._keys.keys * _ROW:
                raise damaged(folder / TERMS_FILE, "a part of it is missing")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._keys.close()
        if self._pieces is not None:
            self._pieces.close()
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
            known = self._known[field, key] = None if row is None else self._term(row[0])
        return known

    def _term(self, number: int) -> Term:
        data = read_at(self._handles[0], number * _ROW, _ROW)
        body, check = data[: _TERM.itemsize], data[_TERM.itemsize :]
        if len(data) != _ROW or crc32(body, number) != int.from_bytes(check, "little"):
            raise damaged(self.folder / TERMS_FILE, "a part of it has changed")
        term = Term._make((*_TERM_ROW.unpack(body), number))
        if not term.used or term.frequency_width not in (1, 4):
            raise damaged(self.folder / TERMS_FILE, "a term that is none")
        return term

    def set(self, term: Term) -> DocumentSet:
        """The documents of a term."""
        known = self._cache.get(term.number)
        if known is None:
            bitmap = is_bitmap(term.used, self.size)
            size = 8 * words_for(self.size) if bitmap else 4 * term.used
            data = read_at(self._handles[1], term.set_at, size)
            if len(data) != size or crc32(data, term.number) != term.set_check:
                raise damaged(self.folder / SETS_FILE, "a set has changed")
            known = DocumentSet(data, bitmap, self.size)
            # A bitmap, and how many documents are before each of its words.
            self._cache.keep(term.number, size + 2 * 8 * words_for(self.size), known)
        return known  # type: ignore[no-any-return]

    def frequencies(self, term: Term) -> Numbers:
        """How often a term stands in each of its documents."""
        known = self._cache.get(-1 - term.number)
        if known is None:
            size = term.frequency_width * term.used
            data = read_at(self._handles[2], term.frequencies_at, size)
            if len(data) != size or crc32(data, term.number) != term.frequencies_check:
                raise damaged(self.folder / FREQUENCIES_FILE, "a list has changed")
            known = np.frombuffer(data, dtype=f"<u{term.frequency_width}")
            self._cache.keep(-1 - term.number, size, known)
        return known  # type: ignore[no-any-return]

    def positions(self, term: Term) -> Numbers:
        """A term's positions, document after document."""
        assert self._pieces is not None
        return self._pieces.positions(term.number, term.piece, term.pieces)

    def lengths(self, field: str) -> Numbers:
        """How long the field is in each document; empty for a field whose lengths are not kept."""
        if field not in self._lengths:
            self._lengths[field] = self._keys.lengths(field)
        return self._lengths[field]

    def norms(self, fields: Iterable[str]) -> Mapping[str, tuple[float, float]]:
        """By field what its length does to a score, as `evaluate.Evaluator` has it."""
        for name in fields:
            if name not in self._norms:
                self._norms[name] = norm_of(name, self.lengths(name))
        return self._norms

    def check(self) -> None:
        """Read everything there is."""
        numbers, pieces = [], 0
        for (number,) in self._keys.rows():
            term = self._term(number)
            documents, frequencies = self.set(term).documents(), self.frequencies(term)
            if (
                len(documents) != term.used
                or int(documents[-1]) >= self.size
                or int(frequencies.sum(dtype=np.int64)) != len(self.positions(term))
            ):
                raise damaged(self.folder / TERMS_FILE, "a list does not add up")
            numbers.append(number)
            pieces += term.pieces
        if sorted(numbers) != list(range(self._keys.keys)) or [pieces] != self._keys.about[0]:
            raise damaged(self.folder / KEYS_FILE, "a part of it is missing")
        for name in FIELDS:
            self._keys.lengths(name)


def norm_of(field: str, lengths: Numbers) -> tuple[float, float]:
    """What a field's length does to a score, as `evaluate.Evaluator` has it; of all documents' lengths."""
    filled = int(np.count_nonzero(lengths))
    return norm(field, int(lengths.sum(dtype=np.int64)) / filled if filled else 1.0)
