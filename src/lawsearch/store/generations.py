"""Generations: an index folder holds whole indexes side by side and one small file that names the one in use.

A build writes a new generation, flushes it, seals it with a manifest, and switches to it by renaming one file. A reader
opens the generation named at that moment and holds it, so that no build removes it before the reader ends; a builder that
dies leaves only a folder that the next build removes.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from zlib import crc32

from lawsearch import __version__
from lawsearch.analysis.analyzer import ANALYSER_VERSION
from lawsearch.errors import (
    GENERATION_PREFIX,
    IndexMissingError,
    IndexUnusableError,
    LawsearchError,
    index_command,
    rebuild_hint,
)

try:
    import fcntl
except ImportError:  # Windows: a file in use cannot be removed there anyway
    fcntl = None  # type: ignore[assignment]

#: Raised whenever the files of an index mean something else than before.
FORMAT = 5
#: The names that the files of a generation go by.
STORE_FILE = "store.sqlite"
POSTINGS_FOLDER = "postings"
_CURRENT = "CURRENT"
_MANIFEST = "manifest.json"
_CHECKED = "checked.json"
_BUILDER = ".builder"
_NAME = re.compile(rf"{GENERATION_PREFIX}\d{{1,12}}\Z")
#: Up to this size (bytes) every file is checked each time an index is opened. Above it a file is checked when the file system
#: says that it was touched since it was last found whole, and by `verify`.
_ALWAYS_CHECKED = 32 * 1024 * 1024
#: A manifest lists a handful of files.
_LONGEST_MANIFEST = 4 * 1024 * 1024
#: How long (seconds) processes started by a builder that died may take to notice.
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Generation:
    """A sealed index on disk. No build removes it before ``hold`` is closed."""

    folder: Path
    manifest: dict[str, Any]
    hold: IO[bytes]


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _checksum(file: Path) -> int:
    """A file's CRC-32: against decay as good as a hash, in less than half its time."""
    found = 0
    with file.open("rb") as stream:
        while data := stream.read(1 << 20):
            found = crc32(data, found)
    return found


def _sums(file: Path) -> dict[str, Any]:
    """What a manifest says of a file, by one reading."""
    digest, check, size = hashlib.sha256(), 0, 0
    with file.open("rb") as stream:
        while data := stream.read(1 << 20):
            digest.update(data)
            check = crc32(data, check)
            size += len(data)
    return {"size": size, "sha256": digest.hexdigest(), "crc32": check}


def _is_whole(file: Path, expected: dict[str, Any], thorough: bool) -> bool:
    """True where a file is what was sealed: by its SHA-256 where that is asked for, else by its checksum."""
    known = expected.get("crc32")
    if thorough or not isinstance(known, int):
        return _hash(file) == str(expected["sha256"])
    return _checksum(file) == known


def _sync(path: Path) -> None:
    """Flush a file or folder to the disk. Raises OSError where a file cannot be; not every system can flush a folder."""
    is_folder = path.is_dir()
    try:
        handle = os.open(path, os.O_RDONLY if is_folder or os.name == "posix" else os.O_RDWR)
    except OSError:
        if is_folder:
            return
        raise
    try:
        os.fsync(handle)
    except OSError:
        if not is_folder:
            raise
    finally:
        os.close(handle)


def current(index: Path, *, thorough: bool = False, named: str | None = None) -> Generation:
    """The generation in use (or the one ``named``), held and checked; ``thorough``: every file hashed, whatever its size.

    Raises IndexMissingError where there is none, IndexUnusableError where it is damaged or of another version.
    """
    for attempt in range(20):
        try:
            name = named or _name_now(index)
        except FileNotFoundError:
            raise IndexMissingError(f"{index}: no index there; build it with: {index_command(index)}") from None
        except NotADirectoryError:
            raise IndexMissingError(f"{index}: not a folder; name another with --index") from None
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or "not a name"
            raise IndexUnusableError(f"{index / _CURRENT}: cannot be read ({said}); {rebuild_hint(index)}") from None
        if not _NAME.match(name):
            raise IndexUnusableError(f"{index / _CURRENT}: names no index ({name[:40]!r}); {rebuild_hint(index)}")
        folder = index / name
        hold = None
        try:
            hold = _held(folder)
            manifest = _read_manifest(folder, index)
            problem = _first_problem(folder, manifest, thorough)
        except FileNotFoundError:
            problem = f"{folder}: missing"
        except OSError as error:
            problem = f"{folder}: cannot be read ({error.strerror})"
        except BaseException:
            if hold is not None:
                hold.close()
            raise
        if problem is None and hold is not None:
            return Generation(folder, manifest, hold)
        if hold is not None:
            hold.close()
        # A build may have switched and swept the old generation away between the two reads.
        if named or in_use(index) == name or attempt == 19:
            break
    raise IndexUnusableError(f"{problem}; {rebuild_hint(index)}")


def _held(folder: Path) -> IO[bytes]:
    """The manifest, opened and locked against removal; on a file system without locks merely opened."""
    stream = (folder / _MANIFEST).open("rb")
    if fcntl is not None:
        # A build that is removing this very generation is waited for; then its files are found missing.
        with suppress(OSError):
            fcntl.flock(stream, fcntl.LOCK_SH)
    return stream


def in_use(index: Path) -> str:
    """The name of the generation in use, without a look at its files; empty where there is none."""
    try:
        return _name_now(index)
    except (OSError, ValueError):
        return ""


def _name_now(index: Path) -> str:
    with (index / _CURRENT).open("rb") as stream:
        return stream.read(100).decode("ascii").strip()


def _read_manifest(folder: Path, index: Path) -> dict[str, Any]:
    try:
        with (folder / _MANIFEST).open("rb") as stream:
            manifest = json.loads(stream.read(_LONGEST_MANIFEST))
        version, analyser, made_by = manifest["format"], manifest["analyser"], manifest["made_by"]
        files = manifest["files"]
        if not all(isinstance(f["size"], int) and isinstance(f["sha256"], str) for f in files.values()):
            raise ValueError("files")
        if not isinstance(manifest["engine"], str) or not isinstance(manifest["provisions"], int):
            raise ValueError("facts")
        if any(Path(name).is_absolute() or ".." in Path(name).parts for name in files):
            raise ValueError("file names")
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise IndexUnusableError(f"{folder / _MANIFEST}: damaged; {rebuild_hint(index)}") from None
    if (version, analyser) != (FORMAT, ANALYSER_VERSION):
        raise IndexUnusableError(
            f"{index}: made by lawsearch {made_by} (format {version}, analyser {analyser}); this is lawsearch {__version__} "
            f"(format {FORMAT}, analyser {ANALYSER_VERSION}); {rebuild_hint(index)}"
        )
    body = {k: v for k, v in manifest.items() if k != "seal"}
    if manifest.get("seal") != _seal(body):
        raise IndexUnusableError(f"{folder / _MANIFEST}: damaged; {rebuild_hint(index)}")
    return dict(manifest)


def _seal(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _first_problem(folder: Path, manifest: dict[str, Any], thorough: bool) -> str | None:
    files: dict[str, dict[str, Any]] = manifest["files"]
    large = sum(f["size"] for f in files.values()) > _ALWAYS_CHECKED
    states = {}
    for name, expected in files.items():
        file = folder / name
        try:
            found = file.stat()
        except FileNotFoundError:
            return f"{file}: missing"
        if found.st_size != expected["size"]:
            return f"{file}: damaged ({found.st_size} bytes where {expected['size']} belong)"
        states[name] = _state(found)
    if large and not thorough and states == _checked(folder, manifest):
        return None
    for name, expected in files.items():
        file = folder / name
        try:
            if not _is_whole(file, expected, thorough or large):
                return f"{file}: damaged (its {'SHA-256' if thorough or large else 'checksum'} has changed)"
        except FileNotFoundError:
            return f"{file}: missing"
        except OSError as error:
            return f"{file}: cannot be read ({error.strerror})"
    if large:
        # Copied or restored since it was built, and found whole. Where this cannot be noted it is hashed each time.
        with suppress(OSError):
            _note_checked(folder, manifest, states)
    return None


def _state(found: os.stat_result) -> list[int]:
    """What the file system changes whenever a file is written to, whoever does it: a time that no program can set back."""
    return [found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _checked(folder: Path, manifest: dict[str, Any]) -> dict[str, list[int]] | None:
    """The states in which the files were found whole, or None."""
    try:
        noted = json.loads((folder / _CHECKED).read_bytes())
        return dict(noted["files"]) if noted["seal"] == manifest["seal"] else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _note_checked(folder: Path, manifest: dict[str, Any], states: dict[str, list[int]]) -> None:
    now = time.time_ns()
    # What was touched a moment ago may be touched again within the same tick of the file system's clock.
    if all(now - state[3] > 50_000_000 for state in states.values()):
        _write_whole(folder / _CHECKED, json.dumps({"seal": manifest["seal"], "files": states}).encode())


@contextmanager
def building(index: Path) -> Iterator[Path]:
    """Hold the index's lock and give a fresh folder for a new generation, removed again unless `switch` was reached.

    Raises LawsearchError where another process is building, or where the folder cannot be made or written.
    """
    with _locked(index):
        try:
            sweep(index)
            folder = index / f"{GENERATION_PREFIX}{_next_number(index):06d}"
            folder.mkdir()
            try:
                yield folder
            finally:
                if in_use(index) != folder.name:
                    shutil.rmtree(folder, ignore_errors=True)
        except OSError as error:
            where = error.filename or index
            raise LawsearchError(
                f"{where}: cannot be written ({error.strerror or error}); the index in use is as it was"
            ) from error
        except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
            raise LawsearchError(f"{index}: cannot be written ({error}); the index in use is as it was") from error


@contextmanager
def _locked(index: Path) -> Iterator[None]:
    """Hold the index's lock. The system frees it when its holder ends, however it ends."""
    from filelock import FileLock, Timeout  # paid for only by a build

    try:
        index.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index / ".lock", timeout=0)
        patience = time.monotonic() + _PATIENCE
        while True:
            try:
                lock.acquire()
                break
            except Timeout:
                holder = _holder(index)
                # The holder's own children may outlive it by a moment, and keep what it held; and a lock taken this
                # instant has no name to it yet.
                if _alive(holder) or time.monotonic() > patience:
                    raise
                time.sleep(0.05)
    except Timeout:
        raise LawsearchError(
            f"{index}: another process is building this index{_described(holder)}; wait for it to end"
        ) from None
    except NotImplementedError:
        raise LawsearchError(f"{index}: this file system has no locks; choose a folder on another one with --index") from None
    except OSError as error:
        raise LawsearchError(f"{index}: cannot be written ({error.strerror}); choose another folder with --index") from None
    try:
        builder = {"pid": os.getpid(), "since": datetime.datetime.now().astimezone().isoformat(" ", "seconds")}
        with suppress(OSError):
            (index / _BUILDER).write_text(json.dumps(builder), encoding="ascii")
        yield
    finally:
        with suppress(OSError):
            (index / _BUILDER).unlink()
        lock.release()


def _holder(index: Path) -> dict[str, Any]:
    try:
        said = json.loads((index / _BUILDER).read_bytes())
        return {"pid": int(said["pid"]), "since": str(said["since"])[:40]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _alive(holder: dict[str, Any]) -> bool:
    if not holder:
        return False
    if os.name != "posix":
        return True
    try:
        os.kill(holder["pid"], 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _described(holder: dict[str, Any]) -> str:
    return f" (process {holder['pid']}, since {holder['since']})" if holder else ""


def _folders(index: Path) -> list[Path]:
    return sorted(p for p in index.iterdir() if _NAME.match(p.name))


def _next_number(index: Path) -> int:
    return max((int(p.name.removeprefix(GENERATION_PREFIX)) for p in _folders(index)), default=0) + 1


def seal(folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Flush every file of a new generation and write its manifest, the last of its files."""
    files: dict[str, dict[str, Any]] = {}
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        _sync(file)
        files[file.relative_to(folder).as_posix()] = _sums(file)
    for sub in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
        _sync(sub)
    body = {"format": FORMAT, "analyser": ANALYSER_VERSION, "made_by": __version__, **facts, "files": files}
    manifest = {**body, "seal": _seal(body)}
    _write_whole(folder / _MANIFEST, json.dumps(manifest, ensure_ascii=True, indent=1).encode())
    if sum(f["size"] for f in files.values()) > _ALWAYS_CHECKED:
        _note_checked(folder, manifest, {name: _state((folder / name).stat()) for name in files})
    return manifest


def switch(index: Path, folder: Path) -> None:
    """Make a sealed generation the one in use, by one rename; then sweep the others away."""
    _sync(index)
    _write_whole(index / _CURRENT, folder.name.encode("ascii"))
    _sync(index.parent)
    sweep(index)


def _write_whole(file: Path, data: bytes) -> None:
    temporary = file.with_name(file.name + ".new")
    with temporary.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, file)
    _sync(file.parent)


def tidy(index: Path) -> None:
    """Remove what a build that died left behind, unless another build is at work or the folder cannot be written."""
    keep = in_use(index)
    if any(p.name != keep for p in _folders(index)) or any((index / name).exists() for name in (_BUILDER, _CURRENT + ".new")):
        with suppress(LawsearchError), _locked(index):
            sweep(index)


def sweep(index: Path) -> None:
    """Remove every generation but the one in use and those that readers hold (the lock must be held)."""
    keep = in_use(index)
    for folder in _folders(index):
        if folder.name != keep:
            _remove(folder)
    with suppress(OSError):
        (index / (_CURRENT + ".new")).unlink(missing_ok=True)


def _remove(folder: Path) -> None:
    try:
        stream = (folder / _MANIFEST).open("rb")
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        return
    with stream:
        if fcntl is not None:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # a reader holds it; a later build will find it free
            except OSError:
                pass
        shutil.rmtree(folder, ignore_errors=True)
