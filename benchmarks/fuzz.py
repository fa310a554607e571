"""Coverage-guided fuzzing of whatever reads what others wrote.

    pip install atheris
    python benchmarks/fuzz.py TARGET [-max_total_time=600] [CORPUS_FOLDER]

TARGET is one of those below; all other words go to libFuzzer. An input that raises anything but a clean error ends the run
and is saved; it belongs into `FOUND` of tests/test_fuzzing.py.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["lawsearch", "yaml"]):
    import yaml  # noqa: F401 (read by `limits` when it is needed, but to be followed too)

    from lawsearch.cli import batch
    from lawsearch.corpus import limits
    from lawsearch.corpus.files import READERS, ActFiles
    from lawsearch.corpus.reading import read_act
    from lawsearch.engine.posting_lists import ListsReader
    from lawsearch.errors import LawsearchError
    from lawsearch.output import records
    from lawsearch.output.layout import visible
    from lawsearch.output.spreadsheet import neutral
    from lawsearch.query import citation, syntax

_FOLDER = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))


def _act(suffix: str) -> Callable[[bytes], None]:
    file = _FOLDER / f"kaz{suffix}"

    def read(data: bytes) -> None:
        file.write_bytes(data)
        act = read_act(ActFiles("A", {"kk": (file,)}))
        assert act.provisions

    return read


def _meta(data: bytes) -> None:
    file = _FOLDER / "meta.yaml"
    file.write_bytes(data)
    json.dumps(limits.read_meta(file), ensure_ascii=False, allow_nan=False).encode()


def _query(data: bytes) -> None:
    syntax.parse(data.decode("utf-8", "replace"))


def _citation(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    citation.parse(text)
    citation.parse_path(text)


def _batch(data: bytes) -> None:
    for kind in ("lines", "jsonl", "csv"):
        with contextlib.suppress(LawsearchError):
            list(batch.read(io.BytesIO(data), kind))


def _writers(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    assert json.loads(records.dump({"x": text})) == {"x": text}
    assert len(visible(text)) == len(text)
    assert neutral(text).replace("'", "") == text.replace("'", "")
    records.row([text, text], "csv")
    records.row([text, text], "tsv")


def _lists(data: bytes) -> None:
    file = _FOLDER / "lists"
    file.write_bytes(data)
    reader = ListsReader(file)
    try:
        for field, key in reader.vocabulary():
            reader.postings(field, key)
    finally:
        reader.close()


TARGETS: dict[str, Callable[[bytes], None]] = {
    **{suffix.lstrip("."): _act(suffix) for suffix in READERS},
    "meta": _meta,
    "query": _query,
    "citation": _citation,
    "batch": _batch,
    "writers": _writers,
    "lists": _lists,
}


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: fuzz.py {'|'.join(TARGETS)} [libFuzzer's options]")
    target = TARGETS[sys.argv.pop(1)]

    def once(data: bytes) -> None:
        with contextlib.suppress(LawsearchError):
            target(data)

    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
