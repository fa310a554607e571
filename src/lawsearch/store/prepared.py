"""Prepared work: what builds keep for one another beside an index, in one SQLite file.

Batches of acts as they were inverted, the keys of every form that was ever analysed, the term base's keys, and which
content a file had when it was last looked at. An act that has not changed costs the next build a look at its file's size
and times; a build that was killed is taken up where it stood. Whatever is missing or damaged here is made again: every row has
a checksum over its key and its value.
"""

from __future__ import annotations

import os
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import zstandard  # only a build comes here

from lawsearch.analysis.analyzer import Word
from lawsearch.law import LANGS, Lang

FILE = "prepared.sqlite"
_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value BLOB NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS words (lang TEXT NOT NULL, form TEXT NOT NULL, keys TEXT NOT NULL, sum INTEGER NOT NULL,
                                  PRIMARY KEY (lang, form)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batches (key BLOB PRIMARY KEY, data BLOB NOT NULL, build INTEGER NOT NULL, sum INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, state TEXT NOT NULL, digest BLOB NOT NULL, sum INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS languages (path TEXT PRIMARY KEY, state TEXT NOT NULL, lang TEXT NOT NULL, sum INTEGER NOT NULL)
  WITHOUT ROWID;
"""
#: What `_TABLES` is: a file of another layout is begun again.
_LAYOUT = 3
#: A file written within so many nanoseconds before it was looked at may change again without its times showing it.
_FRESH = 2_000_000_000
#: SQLite's result codes for a damaged file, and for one that is none of its own.
_DAMAGE = (11, 26)
#: What reading raises; the second where SQLite cites something damaged in its message.
_UNREADABLE = (sqlite3.Error, UnicodeError)


class Prepared:
    """Prepared work, opened for writing by the build that holds the index's lock, or (``readonly``) by its workers."""

    def __init__(self, folder: Path, analysis: str, *, readonly: bool = False) -> None:
        """``analysis`` names the analysis that forms went through: what another one prepared is dropped."""
        self._file = folder / FILE
        self._readonly = readonly
        self._folders: dict[Path, Path] = {}
        self._pending: list[tuple[str, str, bytes, int]] = []
        try:
            self._db = self._open(analysis)
        except _UNREADABLE:
            if readonly:
                raise
            drop(folder)
            self._db = self._open(analysis)
        build = self._fact("build")
        self._build = 1 + (int(build) if build is not None else 0)

    def _open(self, analysis: str) -> sqlite3.Connection:
        if self._readonly:
            db = sqlite3.connect(f"{self._file.resolve().as_uri()}?mode=ro", uri=True)
            db.text_factory = _text
            return db
        db = sqlite3.connect(self._file)
        db.text_factory = _text
        try:
            # Torn writes show as damage, and damage only costs the work again.
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=OFF")
            if db.execute("PRAGMA user_version").fetchone() != (_LAYOUT,):
                if db.execute("SELECT 1 FROM sqlite_master").fetchone() is not None:
                    raise sqlite3.DatabaseError("of another layout")
                db.execute(f"PRAGMA user_version={_LAYOUT}")
            db.executescript(_TABLES)
            if _tables_of(db) != _tables():
                raise sqlite3.DatabaseError("tables that are not ours")
            kept = _intact(db.execute("SELECT value, sum FROM facts WHERE name='analysis'").fetchone(), "analysis")
            if kept is None or kept[0] != analysis.encode():
                for table in ("words", "batches", "facts"):
                    db.execute(f"DELETE FROM {table}")
                db.execute("INSERT INTO facts VALUES (?,?,?)", _summed("analysis", analysis.encode()))
            db.commit()
        except BaseException:
            db.close()
            raise
        return db

    def close(self) -> None:
        """Keep what was added, and close."""
        if not self._readonly:
            self._db.commit()
        self._db.close()

    def _fact(self, name: str) -> bytes | None:
        try:
            row = self._db.execute("SELECT value, sum FROM facts WHERE name=?", (name,)).fetchone()
        except _UNREADABLE:
            return None
        found = _intact(row, name)
        return None if found is None else found[0]

    # -- term keys and other single values

    def value(self, name: str) -> bytes | None:
        """A value that was kept under a name, or None."""
        data = self._fact(f"value:{name}")
        try:
            return None if data is None else decompressed(data)
        except ValueError:
            return None

    def keep_value(self, name: str, data: bytes) -> None:
        """Keep a value; others of the same kind (the name up to its first colon) are dropped."""
        kind = f"value:{name.partition(':')[0]}:"
        self._db.execute("DELETE FROM facts WHERE name>=? AND name<?", (kind, kind + "\U0010ffff"))
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?,?,?)", _summed(f"value:{name}", compressed((data,))))
        self._db.commit()

    # -- words

    def word(self, form: str, lang: Lang) -> Word | None:
        """The keys of a form, where it was analysed before."""
        try:
            row = self._db.execute("SELECT keys, sum FROM words WHERE lang=? AND form=?", (lang, form)).fetchone()
        except _UNREADABLE:
            return None
        found = _intact(row, lang, form)
        return None if found is None else Word.decode(found[0])

    def has_words(self) -> bool:
        """True where earlier builds have left any form."""
        try:
            return self._db.execute("SELECT 1 FROM words LIMIT 1").fetchone() is not None
        except _UNREADABLE:
            return False

    def words(self, lang: Lang) -> Iterator[tuple[str, str]]:
        """The forms of a language with their keys, encoded."""
        try:
            for form, *rest in self._db.execute("SELECT form, keys, sum FROM words WHERE lang=?", (lang,)):
                found = _intact(rest, lang, form)
                if found is not None:
                    yield form, found[0]
        except _UNREADABLE:
            # The others are analysed again.
            return

    def keep_words(self, words: Mapping[Lang, Sequence[tuple[str, str]]]) -> None:
        """Keep forms with their keys, encoded."""
        for lang in LANGS:
            rows = [_summed(lang, form, keys) for form, keys in words.get(lang, ()) if _is_text(form)]
            self._db.executemany("INSERT OR REPLACE INTO words VALUES (?,?,?,?)", rows)

    # -- batches

    def has(self, key: bytes) -> bool:
        """True where the batch of a key is kept, as far as can be told without reading it."""
        try:
            return self._db.execute("SELECT 1 FROM batches WHERE key=?", (key,)).fetchone() is not None
        except _UNREADABLE:
            return False

    def batch(self, key: bytes) -> bytes | None:
        """The batch kept under a key, or None; it is marked as used by this build."""
        try:
            found = _intact(self._db.execute("SELECT data, sum FROM batches WHERE key=?", (key,)).fetchone(), key)
            if found is None:
                return None
            data = decompressed(found[0])
            self._db.execute("UPDATE batches SET build=? WHERE key=?", (self._build, key))
        except (sqlite3.Error, ValueError):
            return None
        return data

    def keep_batch(self, key: bytes, compressed: bytes) -> None:
        """Keep a batch (`compressed`), at once: a build that is killed afterwards has it."""
        key, data, total = _summed(key, compressed)
        self._db.execute("INSERT OR REPLACE INTO batches VALUES (?,?,?,?)", (key, data, self._build, total))
        self._db.commit()

    def finish(self) -> None:
        """Drop the batches that this build had no use for."""
        self._db.execute("DELETE FROM batches WHERE build<>?", (self._build,))
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?,?,?)", _summed("build", str(self._build).encode()))
        self._db.commit()

    # -- files

    def digest(self, file: Path, digest_of: object) -> bytes:
        """The digest of a file's content, read again only where its size or times have changed."""
        assert callable(digest_of)
        seen = self._seen(file)
        if seen is None:
            return bytes(digest_of(file))
        path, state = seen
        try:
            row = self._db.execute("SELECT state, digest, sum FROM files WHERE path=?", (path,)).fetchone()
        except _UNREADABLE:
            row = None
        kept = _intact(row, path)
        if kept is not None and kept[0] == state:
            return bytes(kept[1])
        digest = bytes(digest_of(file))
        if _is_settled(state):
            self._pending.append(_summed(path, state, digest))
        return digest

    def _seen(self, file: Path) -> tuple[str, str] | None:
        """A file's path as it is kept, and its size and times; None for one that has no such path, or is not there."""
        folder = self._folders.get(file.parent)
        if folder is None:
            folder = self._folders[file.parent] = file.parent.resolve()
        path = os.fsencode(folder / file.name).decode("utf-8", "surrogateescape")
        if not _is_text(path):
            return None
        try:
            found = file.stat()
        except OSError:
            return None
        return path, f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"

    def language(self, file: Path) -> Lang | None:
        """The language of a file whose name does not say it, as it was told before; None where size or times have changed."""
        seen = self._seen(file)
        if seen is None:
            return None
        path, state = seen
        try:
            row = self._db.execute("SELECT state, lang, sum FROM languages WHERE path=?", (path,)).fetchone()
        except _UNREADABLE:
            return None
        kept = _intact(row, path)
        return next((lang for lang in LANGS if kept is not None and tuple(kept) == (state, lang)), None)

    def keep_languages(self, languages: Iterable[tuple[Path, Lang]]) -> None:
        """Keep what languages files are in."""
        rows = [_summed(*seen, lang) for file, lang in languages if (seen := self._seen(file)) and _is_settled(seen[1])]
        self._db.executemany("INSERT OR REPLACE INTO languages VALUES (?,?,?,?)", rows)

    def keep_digests(self) -> None:
        """Keep what `digest` had to read."""
        self._db.executemany("INSERT OR REPLACE INTO files VALUES (?,?,?,?)", self._pending)
        self._pending.clear()
        self._db.commit()


def _is_settled(state: str) -> bool:
    """True of the size and times of a file that was not written a moment ago."""
    return max(map(int, state.split()[1:])) < time.time_ns() - _FRESH


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _tables_of(db: sqlite3.Connection) -> list[Any]:
    return db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").fetchall()


@cache
def _tables() -> list[Any]:
    """What SQLite says of a file of this layout."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(_TABLES)
        return _tables_of(db)


def _text(data: bytes) -> str:
    """Text as SQLite has it; where it is damaged its checksum says so."""
    return data.decode("utf-8", "replace")


def _summed(*values: str | bytes) -> tuple[Any, ...]:
    """A row: a key, its values, and the checksum over all of them."""
    return (*values, _sum(values))


def _intact(row: Sequence[Any] | None, *key: str | bytes) -> Sequence[Any] | None:
    """The values of a row (its last one is the checksum) that was found under a key, or None where it is not what was kept."""
    if row is None:
        return None
    *values, total = row
    whole = (*key, *values)
    return values if all(isinstance(v, (str, bytes)) for v in whole) and total == _sum(whole) else None


def _sum(values: Sequence[str | bytes]) -> int:
    total = 0
    for value in values:
        kind, data = ("t", value.encode()) if isinstance(value, str) else ("b", value)
        # Each with its kind and length: text that became bytes shows, and what moved from one value to the next.
        total = zlib.crc32(data, zlib.crc32(f"{kind}{len(data)}".encode(), total))
    return total


def is_damage(error: BaseException) -> bool:
    """True where SQLite says that a file is damaged."""
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


def drop(folder: Path) -> None:
    """Forget all prepared work of an index (its lock must be held)."""
    for suffix in ("", "-wal", "-shm"):
        (folder / (FILE + suffix)).unlink(missing_ok=True)


def compressed(parts: Iterable[bytes]) -> bytes:
    """A batch as `Prepared.keep_batch` takes it, with a checksum."""
    return zstandard.ZstdCompressor(level=1, write_checksum=True).compress(b"".join(parts))


def decompressed(data: bytes) -> bytes:
    """What `compressed` was given. Raises ValueError for anything else."""
    try:
        return zstandard.ZstdDecompressor().decompress(data)
    except (zstandard.ZstdError, MemoryError) as error:
        # Damage in its head may ask for any amount of memory.
        raise ValueError(f"not what a build kept ({error})") from None
