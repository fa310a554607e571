"""Generations: an index folder holds whole indexes side by side and one small file that names the one in use.

A build writes a new generation, flushes it, seals it with a manifest, and switches to it by renaming one file. A reader
opens the generation named at that moment; a builder that dies leaves only a folder that the next build removes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lawsearch import __version__
from lawsearch.analysis.analyzer import ANALYSER_VERSION
from lawsearch.errors import IndexMissingError, IndexUnusableError, LawsearchError

#: Raised whenever the files of an index mean something else than before.
FORMAT = 2
#: The names that the files of a generation go by.
STORE_FILE = "store.sqlite"
POSTINGS_FOLDER = "postings"
_CURRENT = "CURRENT"
_MANIFEST = "manifest.json"
_PREFIX = "generation-"
#: Up to this size (bytes) every file is hashed each time an index is opened; above it only by `verify`.
_ALWAYS_HASHED = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Generation:
    """A sealed index on disk."""

    folder: Path
    manifest: dict[str, Any]


def rebuild_hint(index: Path) -> str:
    """What to type to get a good index again."""
    return f"rebuild it with: {_command(index)} --rebuild"


def _command(index: Path) -> str:
    return f"lawsearch index --index {shlex.quote(str(index))}"


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Flush a file or folder to the disk, where the system can."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def current(index: Path) -> Generation:
    """The generation in use, its files checked by size (small ones by hash).

    Raises IndexMissingError where there is none, IndexUnusableError where it is damaged or of another version.
    """
    for attempt in range(5):
        try:
            name = (index / _CURRENT).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise IndexMissingError(f"{index}: no index there; build it with: {_command(index)}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise IndexUnusableError(f"{index / _CURRENT}: cannot be read ({error}); {rebuild_hint(index)}") from None
        folder = index / name
        if not name.startswith(_PREFIX) or "/" in name or "\\" in name:
            raise IndexUnusableError(f"{index / _CURRENT}: names no index ({name[:40]!r}); {rebuild_hint(index)}")
        try:
            manifest = _read_manifest(folder, index)
            problem = _first_problem(folder, manifest, thorough=False)
        except FileNotFoundError:
            problem = f"{folder}: missing"
        if problem is None:
            return Generation(folder, manifest)
        # A build may have switched and swept the old generation away between the two reads.
        if attempt < 4 and _name_now(index) != name:
            continue
        break
    raise IndexUnusableError(f"{problem}; {rebuild_hint(index)}")


def _name_now(index: Path) -> str:
    try:
        return (index / _CURRENT).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _read_manifest(folder: Path, index: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / _MANIFEST).read_bytes())
        version, analyser, made_by = manifest["format"], manifest["analyser"], manifest["made_by"]
        files = manifest["files"]
        if not all(isinstance(f["size"], int) and isinstance(f["sha256"], str) for f in files.values()):
            raise ValueError("files")
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
    hashed = thorough or sum(f["size"] for f in files.values()) <= _ALWAYS_HASHED
    for name, expected in files.items():
        file = folder / name
        try:
            if file.stat().st_size != expected["size"]:
                return f"{file}: damaged ({file.stat().st_size} bytes where {expected['size']} belong)"
            if hashed and _hash(file) != expected["sha256"]:
                return f"{file}: damaged (its SHA-256 has changed)"
        except FileNotFoundError:
            return f"{file}: missing"
        except OSError as error:
            return f"{file}: cannot be read ({error.strerror})"
    return None


def verify(index: Path) -> Generation:
    """Like `current`, with every file hashed whatever its size."""
    generation = current(index)
    problem = _first_problem(generation.folder, generation.manifest, thorough=True)
    if problem is not None:
        raise IndexUnusableError(f"{problem}; {rebuild_hint(index)}")
    return generation


@contextmanager
def building(index: Path) -> Iterator[Path]:
    """Hold the index's lock and give a fresh folder for a new generation; what is left unsealed is removed.

    Raises LawsearchError where another process is building, or where the folder cannot be made or written.
    """
    from filelock import FileLock, Timeout  # paid for only by a build

    try:
        index.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index / ".lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise LawsearchError(f"{index}: another process is building this index{_holder(index)}; wait for it to end") from None
    except OSError as error:
        raise LawsearchError(f"{index}: cannot be written ({error.strerror}); choose another folder with --index") from None
    try:
        (index / ".builder").write_text(json.dumps({"pid": os.getpid()}), encoding="ascii")
        sweep(index)
        folder = index / f"{_PREFIX}{_next_number(index):06d}"
        folder.mkdir()
        try:
            yield folder
        finally:
            if not (folder / _MANIFEST).exists():
                shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        where = error.filename or index
        raise LawsearchError(f"{where}: cannot be written ({error.strerror}); the index in use is as it was") from None
    finally:
        lock.release()


def _holder(index: Path) -> str:
    try:
        return f" (process {json.loads((index / '.builder').read_text())['pid']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _next_number(index: Path) -> int:
    numbers = [p.name.removeprefix(_PREFIX) for p in index.glob(f"{_PREFIX}*")]
    return max((int(n) for n in numbers if n.isdigit()), default=0) + 1


def seal(folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Flush every file of a new generation and write its manifest, the last of its files."""
    files = {}
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        _sync(file)
        files[file.relative_to(folder).as_posix()] = {"size": file.stat().st_size, "sha256": _hash(file)}
    for sub in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
        _sync(sub)
    body = {"format": FORMAT, "analyser": ANALYSER_VERSION, "made_by": __version__, **facts, "files": files}
    manifest = {**body, "seal": _seal(body)}
    _write_whole(folder / _MANIFEST, json.dumps(manifest, ensure_ascii=True, indent=1).encode())
    return manifest


def switch(index: Path, folder: Path) -> None:
    """Make a sealed generation the one in use, by one rename; then sweep the others away."""
    _write_whole(index / _CURRENT, folder.name.encode("ascii"))
    sweep(index)


def _write_whole(file: Path, data: bytes) -> None:
    temporary = file.with_name(file.name + ".new")
    with temporary.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, file)
    _sync(file.parent)


def sweep(index: Path) -> None:
    """Remove every generation but the one in use (the lock must be held)."""
    keep = _name_now(index)
    for folder in sorted(index.glob(f"{_PREFIX}*")):
        if folder.name != keep:
            shutil.rmtree(folder, ignore_errors=True)
