"""An index that someone else made is data: opening and searching it runs nothing of theirs."""

from __future__ import annotations

import json
import os
import pickle
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import lawsearch
from lawsearch.engine import posting_lists, whoosh_codec
from lawsearch.errors import IndexUnusableError
from lawsearch.indexer import build
from lawsearch.search import Searcher
from lawsearch.store import generations
from small_corpus import answers, write_corpus, write_terms


class Boom:
    """Its pickle makes a file when it is read."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.file),)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    build([write_corpus(tmp_path / "c", 0)], folder, terms=write_terms(tmp_path))
    return folder


def reseal(index: Path) -> Path:
    """Make the manifest fit the files again, as one would who knows this source."""
    folder = next(index.glob("generation-*"))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").unlink()
    generations.seal(folder, {k: v for k, v in manifest.items() if k not in ("format", "analyser", "made_by", "files", "seal")})
    return folder


def use(index: Path) -> None:
    """Open, search, show and verify, whatever comes of it."""
    try:
        answers(index, verify=True)
        with Searcher(index) as searcher:
            searcher.info(verify=True)
            list(searcher.provisions())
    except IndexUnusableError:
        pass


def test_no_file_of_an_index_holds_a_pickle_or_is_read_as_one(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*arguments: object, **options: object) -> None:
        raise AssertionError("something was unpickled")

    before = answers(index)
    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refused)
    assert answers(index) == before
    files = sorted(p.name for p in next(index.glob("generation-*")).rglob("*") if p.is_file())
    assert files == ["lists", "manifest.json", "store.sqlite"]


def test_reading_an_index_never_imports_whoosh_or_pickle(index: Path) -> None:
    source = str(Path(lawsearch.__file__).parents[1])
    code = (
        "import sys; sys.path.insert(0, sys.argv[2]);"
        "from pathlib import Path; from lawsearch.search import Searcher;"
        "s = Searcher(Path(sys.argv[1])); assert s.search('полиция').total;"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('whoosh', 'marshal_', 'shelve', 'dill')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(index), source], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", ["lists", "store.sqlite", "_provisions_1.toc", "provisions_x.seg"])
def test_pickles_planted_everywhere(index: Path, tmp_path: Path, name: str) -> None:
    mark = tmp_path / "owned"
    evil = pickle.dumps(Boom(mark))
    folder = next(index.glob("generation-*"))
    file = next((f for f in folder.rglob("*") if f.name == name), folder / "postings" / name)
    whole = file.read_bytes() if file.exists() else b""
    for data in (evil, evil + whole, whole + evil, whole[: len(whole) // 2] + evil + whole[len(whole) // 2 :]):
        file.write_bytes(data)
        reseal(index)
        use(index)
        assert not mark.exists()
    pickle.loads(evil)
    assert mark.exists()


def test_a_pickle_with_every_checksum_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index all of whose lists are pickles, each with its checksum, made by a program that knows the format."""
    mark = tmp_path / "owned"
    evil = pickle.dumps(Boom(mark))
    written = []

    class Evil(posting_lists.ListsWriter):
        def add(self, key: bytes, body: bytes) -> None:
            super().add(key, evil)
            written.append(key)

    monkeypatch.setattr(whoosh_codec, "ListsWriter", Evil)
    index = tmp_path / "index"
    build([write_corpus(tmp_path / "c", 0)], index, terms=write_terms(tmp_path))
    assert len(written) > 20
    with pytest.raises(IndexUnusableError, match="does not add up"):
        answers(index)
    assert not mark.exists()


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE provisions; CREATE VIEW provisions AS SELECT 0 id, 0 article, 'A1/1/1' address, 'in_force' status, '{}' data",
        "DROP TABLE facts; CREATE VIEW facts AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x name, x value FROM c",
        "CREATE TRIGGER t AFTER INSERT ON acts BEGIN SELECT load_extension('/tmp/x.so'); END",
        "CREATE INDEX evil ON provisions(upper(address))",
        "ALTER TABLE provisions ADD COLUMN bomb TEXT AS (hex(zeroblob(500000000)))",
    ],
)  # fmt: skip
def test_a_store_with_tables_of_its_own(index: Path, sql: str) -> None:
    db = sqlite3.connect(next(index.glob("generation-*/store.sqlite")))
    db.executescript(sql)
    db.close()
    reseal(index)
    with pytest.raises(IndexUnusableError, match="tables"):
        Searcher(index)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE provisions SET data = '[]'",
        "UPDATE provisions SET data = 'null'",
        "UPDATE provisions SET data = x'ff00fe'",
        "UPDATE provisions SET data = json_set(data, '$.amendments', 7)",
        "UPDATE provisions SET address = 'x' || id",
        "UPDATE provisions SET article = 99999",
        "UPDATE articles SET data = '{\"title\": 1}'",
        "UPDATE acts SET data = '{}'",
        "UPDATE words SET keys = ''",
        "DELETE FROM provisions",
        "DELETE FROM articles",
        "DELETE FROM terms",
        "UPDATE terms SET kk_keys = 5",
        "UPDATE provisions SET data = printf('%.*c', 100000, '[')",
    ],
)
def test_a_store_with_nonsense_in_it(index: Path, sql: str) -> None:
    """Well sealed nonsense gives nonsense or IndexUnusableError, never another exception."""
    db = sqlite3.connect(next(index.glob("generation-*/store.sqlite")))
    db.execute(sql)
    db.commit()
    db.close()
    reseal(index)
    use(index)


def test_a_manifest_that_names_files_elsewhere(index: Path) -> None:
    folder = next(index.glob("generation-*"))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for files in (
        {"../../secret": {"size": 1, "sha256": ""}},
        {"/etc/passwd": {"size": 1, "sha256": ""}},
        [],
        {"lists": 5},
        {"a": {"size": "x"}},
    ):
        body = {k: v for k, v in manifest.items() if k != "seal"} | {"files": files}
        (folder / "manifest.json").write_text(json.dumps(body | {"seal": generations._seal(body)}))
        with pytest.raises(IndexUnusableError):
            Searcher(index)
    for text in ("[" * 100_000, "null", "{}", '{"format": 2}', "\udcff".encode("utf-8", "surrogatepass").decode("latin-1")):
        (folder / "manifest.json").write_text(text)
        with pytest.raises(IndexUnusableError):
            Searcher(index)
