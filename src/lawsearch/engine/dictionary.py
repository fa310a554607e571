"""The dictionary of an index in a file: of every key of every field a row of numbers, and how long the fields are.

Made and read by whole blocks, since a large index has millions of keys. The file: blocks of keys in order, each with its rows
and texts; the fields' lengths; a directory (JSON); a footer of fixed size. Every part has a CRC-32 that is compared when the
part is read; all numbers are little-endian.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lawsearch.errors import damaged

_MAGIC = b"LSTERMS1"
_FOOTER = struct.Struct("<8sQIII")  # magic, offset and size of the directory, its checksum, that of the footer before it
_CHECK = struct.Struct("<I")
_BLOCK = struct.Struct("<II")  # keys, bytes of their texts
_KEYS_A_BLOCK = 256
_OPENED_BLOCKS = 500
_LONGEST_KEY = 1024
_PARTING, _END = "\n", b"\n"
_WIDTHS = (1, 2, 4)

Numbers: TypeAlias = NDArray[Any]


def filed(key: str) -> str:
    """A key as the file has it: itself; of a very long one, or one with a line's end in it, the beginning and a digest."""
    if len(key) <= _LONGEST_KEY and _PARTING not in key:
        return key
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{key[:_LONGEST_KEY].replace(_PARTING, ' ')}\x00{digest}"


def all_filed(keys: Sequence[str]) -> Sequence[str]:
    """Many keys as the file has them."""
    if max(map(len, keys), default=0) <= _LONGEST_KEY and _PARTING not in "".join(keys):
        return keys
    return [filed(key) for key in keys]


def write(
    file: Path,
    documents: int,
    rows: Mapping[str, tuple[Sequence[str], Numbers]],
    lengths: Mapping[str, Numbers],
    about: Sequence[Sequence[int]],
) -> None:
    """Write the file. ``rows``: by field its keys (as `filed`, each once) and a row of 32-bit numbers for each; ``about``: what
    else there is to know."""
    blocks: list[list[Any]] = []
    with file.open("wb") as stream:
        stream.write(_MAGIC)
        for number, (keys, columns) in enumerate(rows.values()):
            order = sorted(range(len(keys)), key=keys.__getitem__)
            sorted_rows = columns[order].astype("<u4")
            for start in range(0, len(order), _KEYS_A_BLOCK):
                some = [keys[i] for i in order[start : start + _KEYS_A_BLOCK]]
                texts = _PARTING.join(some).encode("utf-8", "surrogatepass")
                body = _BLOCK.pack(len(some), len(texts)) + sorted_rows[start : start + len(some)].tobytes() + texts
                blocks.append([number, some[0], stream.tell(), len(body) + _CHECK.size])
                stream.write(body + _CHECK.pack(crc32(body, number)))
        sections = {}
        for name, values in lengths.items():
            top = int(values.max(initial=0))
            width = next(w for w in _WIDTHS if top < 1 << 8 * w)
            data = values.astype(f"<u{width}").tobytes()
            sections[name] = [stream.tell(), width, crc32(data)]
            stream.write(data)
        directory = {
            "documents": documents,
            "columns": next((columns.shape[1] for _, columns in rows.values()), 0),
            "keys": sum(len(keys) for keys, _ in rows.values()),
            "fields": list(rows),
            "lengths": sections,
            "about": about,
            "blocks": blocks,
        }
        data = json.dumps(directory, ensure_ascii=True, separators=(",", ":")).encode("ascii")
        footer = _FOOTER.pack(_MAGIC, stream.tell(), len(data), crc32(data), 0)[: -_CHECK.size]
        stream.write(data + footer + _CHECK.pack(crc32(footer)))


class Dictionary:
    """Reads one file. Raises IndexUnusableError wherever what is read is not what was written."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._handle = os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        self._size = os.fstat(self._handle).st_size
        footer = self._read(max(0, self._size - _FOOTER.size), _FOOTER.size)
        magic, offset, length, check, own = _FOOTER.unpack(footer)
        if magic != _MAGIC or crc32(footer[: -_CHECK.size]) != own or self._read(0, len(_MAGIC)) != _MAGIC:
            raise damaged(self._file, "not its footer")
        data = self._read(offset, length)
        if crc32(data) != check:
            raise damaged(self._file, "its directory has changed")
        try:
            directory = json.loads(data)
            self.documents = int(directory["documents"])
            self.columns = int(directory["columns"])
            self.keys = int(directory["keys"])
            self.about = [[int(n) for n in some] for some in directory["about"]]
            self._fields = {str(name): number for number, name in enumerate(directory["fields"])}
            self._sections = {str(k): tuple(map(int, v)) for k, v in directory["lengths"].items()}
            self._firsts = [(int(field), str(key)) for field, key, _, _ in directory["blocks"]]
            self._blocks = [(int(at), int(size)) for _, _, at, size in directory["blocks"]]
            if not 0 <= self.keys <= _KEYS_A_BLOCK * len(self._blocks) or any(len(v) != 3 for v in self._sections.values()):
                raise ValueError("no such sizes")
            if self.documents < 0 or self.columns < 0:
                raise ValueError("less than none")
            if any(at + self.documents * width > self._size for at, width, _ in self._sections.values()):
                raise ValueError("no such lengths")
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise damaged(self._file, "its directory is none") from None
        self._opened: OrderedDict[int, tuple[bytes, Numbers]] = OrderedDict()

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _read(self, offset: int, size: int) -> bytes:
        data = read_at(self._handle, offset, size) if 0 <= offset <= offset + size <= self._size else b""
        if len(data) != size:
            raise damaged(self._file, "a part of it is missing")
        return data

    def _block(self, at: int) -> tuple[bytes, Numbers]:
        """The keys of a block, in order, each between two line ends, and a row for each."""
        data = self._read(*self._blocks[at])
        body = data[: -_CHECK.size]
        if len(data) < _CHECK.size or crc32(body, self._firsts[at][0]) != _CHECK.unpack_from(data, len(body))[0]:
            raise damaged(self._file, "a part of it has changed")
        try:
            count, size = _BLOCK.unpack_from(body)
            if len(body) != _BLOCK.size + 4 * count * self.columns + size:
                raise ValueError("cut")
            rows = np.frombuffer(body, "<u4", count * self.columns, _BLOCK.size).reshape(count, self.columns)
            keys = _END + body[len(body) - size :] + _END
            if keys.count(_END) != count + 1:
                raise ValueError("not as many")
            return keys, rows
        except (ValueError, struct.error):
            raise damaged(self._file, "a part of it does not add up") from None

    def row(self, field: str, key: str) -> list[int] | None:
        """The row of a key in a field; None where there is none."""
        number = self._fields.get(field)
        if number is None:
            return None
        sought = filed(key)
        at = bisect_right(self._firsts, (number, sought)) - 1
        if at < 0:
            return None
        known = self._opened.get(at)
        if known is None:
            known = self._opened[at] = self._block(at)
            if len(self._opened) > _OPENED_BLOCKS:
                self._opened.popitem(last=False)
        keys, rows = known
        place = keys.find(_END + sought.encode("utf-8", "surrogatepass") + _END) if self._firsts[at][0] == number else -1
        if place < 0:
            return None
        row: list[int] = rows[keys.count(_END, 0, place)].tolist()
        return row

    def has_lengths(self, fields: Iterable[str]) -> bool:
        """True where lengths of all these fields are there."""
        return self._sections.keys() >= set(fields)

    def lengths(self, field: str) -> Numbers:
        """How long the field is in each document; empty for a field whose lengths are not kept."""
        section = self._sections.get(field)
        if section is None:
            return np.empty(0, dtype=np.uint8)
        offset, width, check = section
        data = self._read(offset, self.documents * width)
        if width not in _WIDTHS or crc32(data) != check:
            raise damaged(self._file, "its lengths have changed")
        return np.frombuffer(data, f"<u{width}")

    def rows(self) -> Iterator[list[int]]:
        """Every row, each block checked."""
        for at in range(len(self._blocks)):
            yield from self._block(at)[1].tolist()


def read_at(handle: int, offset: int, size: int) -> bytes:
    """``size`` bytes of a file from ``offset``, or fewer where it ends."""
    data = _read(handle, offset, size)
    while len(data) < size:
        more = _read(handle, offset + len(data), size - len(data))
        if not more:
            break
        data += more
    return data


def _read(handle: int, offset: int, size: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(handle, size, offset)
    os.lseek(handle, offset, os.SEEK_SET)
    return os.read(handle, size)
