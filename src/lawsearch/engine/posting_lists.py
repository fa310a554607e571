"""Posting lists on disk: a file of our own, of numbers and keys only, every part of it with its checksum.

Nothing in it is ever run or unpickled, so an index that someone else made is data; and whatever is read is checked when it
is read, so that damage to a large index is found in the query that meets it. It is read by offset, not mapped into memory:
a file cut short under an open map would kill the process.

The file: the lists; the dictionary, in blocks of keys in byte order, each with the place of its list; the first key of every
block; the fields' lengths; a directory (JSON); a footer of fixed size. A key is one byte for its field and the key's UTF-8.
A list is documents (as gaps), frequencies and positions, each part with the narrowest numbers that hold it. All numbers are
little-endian, checksums CRC-32; that of a list covers its key too, so that no list can be taken for another's.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import sys
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from zlib import crc32

from lawsearch.errors import damaged

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAGIC = b"LSLISTS1"
_FOOTER = struct.Struct("<8sQIII")  # magic, offset and size of the directory, its checksum, that of the footer before it
_LIST = struct.Struct("<IIBBB")  # documents, positions; bytes a gap, a frequency, a position
_PLACE = struct.Struct("<HQI")  # bytes of the key, which follows; offset and size of its list
_FIRST = struct.Struct("<HQI")  # bytes of a block's first key, which follows; offset and size of the block
_CHECK = struct.Struct("<I")
_KEYS_A_BLOCK = 128
#: Blocks of the dictionary (some 20 KB each) that are kept once read.
_OPENED_BLOCKS = 1_000
_CODES = {1: "B", 2: "H", 4: "I"}
_TYPES = {1: "<u1", 2: "<u2", 4: "<u4"}
_LONGEST_KEY = 1024


def _numbers(values: Sequence[int]) -> tuple[int, bytes]:
    """Bytes a number, the narrowest that hold them all, and the numbers."""
    top = max(values, default=0)
    width = 1 if top < 1 << 8 else 2 if top < 1 << 16 else 4
    packed = array(_CODES[width], values)
    if sys.byteorder == "big":
        packed.byteswap()
    return width, packed.tobytes()


def _values(data: bytes | memoryview, width: int) -> array[int]:
    values = array(_CODES[width])
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def stored(key: str) -> bytes:
    """A key as the file has it: its UTF-8; of a very long one the beginning and a digest of the whole."""
    # A lone surrogate is no letter, but a text may hold one; no file of ours may fail on it.
    data = key.encode("utf-8", "surrogatepass")
    return data if len(data) <= _LONGEST_KEY else data[:_LONGEST_KEY] + hashlib.sha256(data).digest()


def bodies(
    documents_of: NDArray[Any],
    positions_of: NDArray[Any],
    documents: NDArray[Any],
    frequencies: NDArray[Any],
    positions: NDArray[Any],
) -> Iterator[bytes]:
    """The lists of many keys as the file has them, without their checksums; the columns are those of `blocks.Columns`."""
    import numpy as np  # only a build comes here

    ends = [np.cumsum(np.asarray(counts, dtype=np.int64)) for counts in (documents_of, positions_of)]
    starts = [np.concatenate(([0], end[:-1])) for end in ends]
    numbers = np.asarray(documents, dtype=np.int64)
    gaps = np.diff(numbers, prepend=0)
    gaps[starts[0]] = numbers[starts[0]]
    heads = np.empty(len(documents_of), dtype=[("d", "<u4"), ("p", "<u4"), ("gaps", "u1"), ("times", "u1"), ("places", "u1")])
    heads["d"], heads["p"] = documents_of, positions_of
    columns = []
    for name, values, start in (
        ("gaps", gaps, starts[0]),
        ("times", np.asarray(frequencies), starts[0]),
        ("places", np.asarray(positions), starts[1]),
    ):
        top = np.maximum.reduceat(values, start)
        heads[name] = widths = np.where(top < 1 << 8, 1, np.where(top < 1 << 16, 2, 4))
        columns.append(({width: values.astype(f"<u{width}").tobytes() for width in (1, 2, 4)}, widths.tolist()))
    head = heads.tobytes()
    (gap_bytes, gap_widths), (frequency_bytes, frequency_widths), (place_bytes, place_widths) = columns
    entries, places = ends[0].tolist(), ends[1].tolist()
    a = p = at = 0
    for b, q, g, f, w in zip(entries, places, gap_widths, frequency_widths, place_widths, strict=True):
        yield b"".join(
            (
                head[at : at + _LIST.size],
                gap_bytes[g][a * g : b * g],
                frequency_bytes[f][a * f : b * f],
                place_bytes[w][p * w : q * w],
            )
        )
        a, p, at = b, q, at + _LIST.size


class ListsWriter:
    """Writes one file. Lists come field by field, keys in byte order; `close` makes the file whole."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._offset = 0
        self._fields: list[str] = []
        self._field = b""
        self._block: list[bytes] = []
        self._block_key = b""
        self._blocks: list[tuple[bytes, bytes]] = []
        self._write(_MAGIC)

    def _write(self, data: bytes) -> int:
        """Write and say where."""
        offset = self._offset
        self._stream.write(data)
        self._offset += len(data)
        return offset

    def start_field(self, name: str) -> None:
        """The lists that follow are of this field."""
        self._field = bytes((len(self._fields),))
        self._fields.append(name)

    def add(self, key: bytes, body: bytes) -> None:
        """Add a key's list, one of `bodies`."""
        whole = self._field + key
        size = len(body) + _CHECK.size
        self._stream.write(body + _CHECK.pack(crc32(body, crc32(whole))))
        if not self._block:
            self._block_key = whole
        self._block.append(_PLACE.pack(len(whole), self._offset, size) + whole)
        self._offset += size
        if len(self._block) == _KEYS_A_BLOCK:
            self._end_block()

    def _end_block(self) -> None:
        if self._block:
            body = b"".join(self._block)
            self._blocks.append((self._block_key, body + _CHECK.pack(crc32(body))))
            self._block = []

    def close(self, documents: int, lengths: Mapping[str, Sequence[int]]) -> None:
        """Write the dictionary and what else there is to know: how many documents, how long each field is in each."""
        self._end_block()
        firsts = bytearray()
        for key, block in self._blocks:
            offset = self._write(block)
            firsts += _FIRST.pack(len(key), offset, len(block)) + key
        sections = {}
        for name, values in lengths.items():
            width, data = _numbers(values)
            sections[name] = [self._write(data), len(data), width, crc32(data)]
        directory = {
            "documents": documents,
            "fields": self._fields,
            "lengths": sections,
            "blocks": [self._write(bytes(firsts)), len(firsts), crc32(firsts)],
        }
        data = json.dumps(directory, ensure_ascii=True, separators=(",", ":")).encode("ascii")
        offset = self._write(data)
        footer = _FOOTER.pack(_MAGIC, offset, len(data), crc32(data), 0)[: -_CHECK.size]
        self._write(footer + _CHECK.pack(crc32(footer)))


class ListsReader:
    """Reads one file. Raises IndexUnusableError wherever what is read is not what was written."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._handle = os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._size = os.fstat(self._handle).st_size
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        size = self._size
        footer = self._read(max(0, size - _FOOTER.size), _FOOTER.size)
        magic, offset, length, check, own = _FOOTER.unpack(footer)
        if magic != _MAGIC or crc32(footer[: -_CHECK.size]) != own:
            raise damaged(self._file, "not its footer")
        data = self._read(offset, length)
        if crc32(data) != check:
            raise damaged(self._file, "its directory has changed")
        try:
            directory = json.loads(data)
            self.documents = int(directory["documents"])
            self._numbers = {str(name): number for number, name in enumerate(directory["fields"])}
            self._sections = {str(k): tuple(map(int, v)) for k, v in directory["lengths"].items()}
            place, length, check = map(int, directory["blocks"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise damaged(self._file, "its directory is none") from None
        firsts = self._read(place, length)
        if crc32(firsts) != check:
            raise damaged(self._file, "its dictionary has changed")
        self._opened: OrderedDict[int, dict[bytes, tuple[int, int]]] = OrderedDict()
        self._firsts: list[bytes] = []
        self._blocks: list[tuple[int, int]] = []
        for key, offset, size in self._entries(firsts, _FIRST):
            self._firsts.append(key)
            self._blocks.append((offset, size))

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _read(self, offset: int, size: int) -> bytes:
        """``size`` bytes from ``offset``; raises where there are fewer."""
        # Asked for by parts that are checked only afterwards: never more than the file has.
        if offset < 0 or size < 0 or offset + size > self._size:
            raise damaged(self._file, "a part of it is missing")
        if hasattr(os, "pread"):
            data = os.pread(self._handle, size, offset)
        else:
            os.lseek(self._handle, offset, os.SEEK_SET)
            data = os.read(self._handle, size)
        while len(data) < size:
            os.lseek(self._handle, offset + len(data), os.SEEK_SET)
            more = os.read(self._handle, size - len(data))
            if not more:
                raise damaged(self._file, "a part of it is missing")
            data += more
        return data

    def _entries(self, data: bytes, head: struct.Struct) -> Iterator[tuple[bytes, int, int]]:
        at = 0
        while at < len(data):
            if at + head.size > len(data):
                raise damaged(self._file, "its dictionary is cut")
            size, offset, length = head.unpack_from(data, at)
            at += head.size + size
            yield data[at - size : at], offset, length

    def _places(self, block: bytes) -> dict[bytes, tuple[int, int]]:
        """The entries of a block of the dictionary by their keys."""
        found = {}
        at, end, head, unpack = 0, len(block), _PLACE.size, _PLACE.unpack_from
        try:
            while at < end:
                size, offset, length = unpack(block, at)
                at += head + size
                found[block[at - size : at]] = offset, length
        except struct.error:
            raise damaged(self._file, "its dictionary is cut") from None
        return found

    def _find(self, field: str, key: bytes) -> tuple[bytes, int, int] | None:
        """The whole key, and where its list is; None where there is none."""
        number = self._numbers.get(field)
        if number is None:
            return None
        whole = bytes((number,)) + key
        at = bisect_right(self._firsts, whole) - 1
        if at < 0:
            return None
        known = self._opened.get(at)
        if known is None:
            block = self._read(*self._blocks[at])
            body = block[: -_CHECK.size]
            if len(block) < _CHECK.size or crc32(body) != _CHECK.unpack_from(block, len(body))[0]:
                raise damaged(self._file, "a part of its dictionary has changed")
            known = self._places(body)
            if len(self._opened) >= _OPENED_BLOCKS:
                self._opened.popitem(last=False)
            self._opened[at] = known
        place = known.get(whole)
        return None if place is None else (whole, *place)

    def _list(self, field: str, key: str | bytes) -> tuple[memoryview, int, int, tuple[int, int, int]] | None:
        """A list as it is kept, checked: its three columns one behind the other, how many documents and how many positions it
        has, and the width of a number in each column; None for a key that does not occur."""
        place = self._find(field, stored(key) if isinstance(key, str) else key)
        if place is None:
            return None
        whole, offset, size = place
        data = self._read(offset, size)
        body = memoryview(data)[: -_CHECK.size]
        if len(data) < _LIST.size + _CHECK.size or crc32(body, crc32(whole)) != _CHECK.unpack_from(data, len(body))[0]:
            raise damaged(self._file, "a list has changed")
        documents, total, *widths = _LIST.unpack_from(body)
        gap_width, frequency_width, width = widths
        if not {gap_width, frequency_width, width} <= _CODES.keys() or len(body) != (
            _LIST.size + documents * (gap_width + frequency_width) + total * width
        ):
            raise damaged(self._file, "a list does not add up")
        return body[_LIST.size :], documents, total, (gap_width, frequency_width, width)

    def arrays(self, field: str, key: str | bytes) -> tuple[array[int], array[int], array[int]]:
        """A list as it is kept: gaps between documents, the key's frequency in each, its positions in each in turn, ascending;
        empty for a key (or a key as `stored`) that does not occur."""
        found = self._list(field, key)
        if found is None:
            return array("B"), array("B"), array("B")
        body, documents, total, (gap_width, frequency_width, width) = found
        middle = documents * gap_width
        end = middle + documents * frequency_width
        gaps = _values(body[:middle], gap_width)
        frequencies = _values(body[middle:end], frequency_width)
        if sum(gaps) >= max(self.documents, 1) or sum(frequencies) != total:
            raise damaged(self._file, "a list does not add up")
        return gaps, frequencies, _values(body[end:], width)

    def columns(self, field: str, key: str) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """The same for who reckons with numpy: views of what was read, as narrow as it is kept."""
        import numpy as np

        found = self._list(field, key)
        if found is None:
            nothing = np.empty(0, dtype=np.uint8)
            return nothing, nothing, nothing
        body, documents, total, widths = found
        columns = []
        at = 0
        for width, count in zip(widths, (documents, documents, total), strict=True):
            columns.append(np.frombuffer(body, _TYPES[width], count, at))
            at += width * count
        gaps, frequencies, positions = columns
        add = np.add.reduce
        if int(add(gaps, dtype=np.int64)) >= max(self.documents, 1) or int(add(frequencies, dtype=np.int64)) != total:
            raise damaged(self._file, "a list does not add up")
        return gaps, frequencies, positions

    def postings(self, field: str, key: str | bytes) -> dict[int, array[int]]:
        """Document -> positions, both ascending; empty for a key that does not occur."""
        gaps, frequencies, places = self.arrays(field, key)
        bounds = accumulate(frequencies, initial=0)
        return {number: places[a:b] for number, (a, b) in zip(accumulate(gaps), pairwise(bounds), strict=True)}

    def length(self, field: str) -> Sequence[int]:
        """How long the field is in each document; empty for a field whose lengths are not kept."""
        section = self._sections.get(field)
        if section is None:
            return ()
        try:
            offset, size, width, check = section
            data = self._read(offset, size)
            if crc32(data) != check or size != self.documents * width:
                raise damaged(self._file, "its lengths have changed")
            return _values(data, width)
        except (ValueError, KeyError):
            raise damaged(self._file, "its lengths are none") from None

    def vocabulary(self) -> Iterator[tuple[str, bytes]]:
        """Every field and key, in the file's order, each block checked."""
        names = {number: name for name, number in self._numbers.items()}
        for place in self._blocks:
            block = self._read(*place)
            body = block[: -_CHECK.size]
            if len(block) < _CHECK.size or crc32(body) != _CHECK.unpack_from(block, len(body))[0]:
                raise damaged(self._file, "a part of its dictionary has changed")
            for whole, _, _ in self._entries(body, _PLACE):
                if not whole or whole[0] not in names:
                    raise damaged(self._file, "a key of no field")
                yield names[whole[0]], whole[1:]
