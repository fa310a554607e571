"""Prepared work: what builds keep for one another beside an index, in one SQLite file.

Batches of acts as they were inverted, the keys of every form that was ever analysed, the term base's keys, and which
content a file had when it was last looked at. An act that has not changed costs the next build a look at its file's size
and times; a build that was killed is taken up where it stood. Whatever is missing or damaged here is made again.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import zstandard  # only a build comes here

from lawsearch.analysis.analyzer import Word
from lawsearch.law import LANGS, Lang

FILE = "prepared.sqlite"
_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS words (lang TEXT NOT NULL, form TEXT NOT NULL, keys TEXT NOT NULL, PRIMARY KEY (lang, form))
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batches (key BLOB PRIMARY KEY, data BLOB NOT NULL, build INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
                                  ctime INTEGER NOT NULL, digest BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS languages (path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
                                      ctime INTEGER NOT NULL, lang TEXT NOT NULL) WITHOUT ROWID;
"""
#: A file written within so many nanoseconds before it was looked at may change again without its times showing it.
_FRESH = 2_000_000_000


class Prepared:
    """Prepared work, opened for writing by the build that holds the index's lock, or (``readonly``) by its workers."""

    def __init__(self, folder: Path, analysis: str, *, readonly: bool = False) -> None:
        """``analysis`` names the analysis that forms went through: what another one prepared is dropped."""
        self._file = folder / FILE
        self._readonly = readonly
        self._folders: dict[Path, Path] = {}
        self._pending: list[tuple[str, int, int, int, bytes]] = []
        try:
            self._db = self._open(analysis)
        except sqlite3.Error:
            self._start_again()
            self._db = self._open(analysis)
        self._build = 1 + int((self._fact("build") or b"0").decode())

    def _open(self, analysis: str) -> sqlite3.Connection:
        if self._readonly:
            return sqlite3.connect(f"{self._file.resolve().as_uri()}?mode=ro", uri=True)
        db = sqlite3.connect(self._file)
        try:
            # Torn writes show as damage, and damage only costs the work again.
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=OFF")
            db.executescript(_TABLES)
            row = db.execute("SELECT value FROM facts WHERE name='analysis'").fetchone()
            if row is None or bytes(row[0]).decode("utf-8", "replace") != analysis:
                for table in ("words", "batches", "facts"):
                    db.execute(f"DELETE FROM {table}")
                db.execute("INSERT INTO facts VALUES ('analysis', ?)", (analysis.encode(),))
            db.commit()
        except BaseException:
            db.close()
            raise
        return db

    def _start_again(self) -> None:
        if not self._readonly:
            for suffix in ("", "-wal", "-shm"):
                self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Keep what was added, and close."""
        if not self._readonly:
            self._db.commit()
        self._db.close()

    def _fact(self, name: str) -> bytes | None:
        row = self._db.execute("SELECT value FROM facts WHERE name=?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    # -- term keys and other single values

    def value(self, name: str) -> bytes | None:
        """A value that was kept under a name, or None."""
        try:
            data = self._fact(f"value:{name}")
            return None if data is None else decompressed(data)
        except (sqlite3.Error, ValueError):
            return None

    def keep_value(self, name: str, data: bytes) -> None:
        """Keep a value; others of the same kind (the name up to its first colon) are dropped."""
        kind = f"value:{name.partition(':')[0]}:"
        self._db.execute("DELETE FROM facts WHERE name>=? AND name<?", (kind, kind + "\U0010ffff"))
        self._db.execute("INSERT INTO facts VALUES (?,?)", (f"value:{name}", compressed((data,))))
        self._db.commit()

    # -- words

    def word(self, form: str, lang: Lang) -> Word | None:
        """The keys of a form, where it was analysed before."""
        try:
            row = self._db.execute("SELECT keys FROM words WHERE lang=? AND form=?", (lang, form)).fetchone()
        except (sqlite3.Error, UnicodeError):
            return None
        return None if row is None else Word.decode(row[0])

    def has_words(self) -> bool:
        """True where earlier builds have left any form."""
        try:
            return self._db.execute("SELECT 1 FROM words LIMIT 1").fetchone() is not None
        except sqlite3.Error:
            return False

    def words(self, lang: Lang) -> dict[str, str]:
        """Every form of a language with its keys, encoded."""
        return dict(self._db.execute("SELECT form, keys FROM words WHERE lang=?", (lang,)))

    def keep_words(self, words: Mapping[Lang, Sequence[tuple[str, str]]]) -> None:
        """Keep forms with their keys, encoded."""
        for lang in LANGS:
            rows = [(lang, form, keys) for form, keys in words.get(lang, ()) if _is_text(form)]
            self._db.executemany("INSERT OR REPLACE INTO words VALUES (?,?,?)", rows)

    # -- batches

    def has(self, key: bytes) -> bool:
        """True where the batch of a key is kept."""
        return self._db.execute("SELECT 1 FROM batches WHERE key=?", (key,)).fetchone() is not None

    def batch(self, key: bytes) -> bytes | None:
        """The batch kept under a key, or None; it is marked as used by this build."""
        try:
            row = self._db.execute("SELECT data FROM batches WHERE key=?", (key,)).fetchone()
            if row is None:
                return None
            data = decompressed(row[0])
            self._db.execute("UPDATE batches SET build=? WHERE key=?", (self._build, key))
        except (sqlite3.Error, ValueError):
            return None
        return data

    def keep_batch(self, key: bytes, compressed: bytes) -> None:
        """Keep a batch (`compressed`), at once: a build that is killed afterwards has it."""
        self._db.execute("INSERT OR REPLACE INTO batches VALUES (?,?,?)", (key, compressed, self._build))
        self._db.commit()

    def finish(self) -> None:
        """Drop the batches that this build had no use for."""
        self._db.execute("DELETE FROM batches WHERE build<>?", (self._build,))
        self._db.execute("INSERT OR REPLACE INTO facts VALUES ('build', ?)", (str(self._build).encode(),))
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
            row = self._db.execute("SELECT size, mtime, ctime, digest FROM files WHERE path=?", (path,)).fetchone()
        except sqlite3.Error:
            row = None
        if row is not None and tuple(row[:3]) == state:
            return bytes(row[3])
        digest = bytes(digest_of(file))
        if _is_settled(state):
            self._pending.append((path, *state, digest))
        return digest

    def _seen(self, file: Path) -> tuple[str, tuple[int, int, int]] | None:
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
        return path, (found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    def language(self, file: Path) -> Lang | None:
        """The language of a file whose name does not say it, as it was told before; None where size or times have changed."""
        seen = self._seen(file)
        if seen is None:
            return None
        try:
            row = self._db.execute("SELECT size, mtime, ctime, lang FROM languages WHERE path=?", (seen[0],)).fetchone()
        except sqlite3.Error:
            return None
        return row[3] if row is not None and tuple(row[:3]) == seen[1] and row[3] in LANGS else None

    def keep_languages(self, languages: Iterable[tuple[Path, Lang]]) -> None:
        """Keep what languages files are in."""
        rows = [(seen[0], *seen[1], lang) for file, lang in languages if (seen := self._seen(file)) and _is_settled(seen[1])]
        self._db.executemany("INSERT OR REPLACE INTO languages VALUES (?,?,?,?,?)", rows)

    def keep_digests(self) -> None:
        """Keep what `digest` had to read."""
        self._db.executemany("INSERT OR REPLACE INTO files VALUES (?,?,?,?,?)", self._pending)
        self._pending.clear()
        self._db.commit()


def _is_settled(state: tuple[int, int, int]) -> bool:
    return max(state[1:]) < time.time_ns() - _FRESH


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


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
