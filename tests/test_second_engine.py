"""An index on tantivy: the same answers, the same promises, and a clear word where it is not installed."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

import flipping
from conftest import Run
from lawsearch.engine import choice, dictionary
from lawsearch.engine.base import HEAD_FIELD, AllOf, Key
from lawsearch.errors import IndexUnusableError, LawsearchError
from lawsearch.indexer import build
from lawsearch.search import Searcher
from lawsearch.store import generations
from small_corpus import answers, write_corpus, write_terms

pytest.importorskip("tantivy")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("second-engine")
    write_corpus(root / "c", 0)
    return root


@pytest.fixture(scope="module")
def index(corpus: Path) -> Path:
    """An index on tantivy."""
    build([corpus / "c"], corpus / "tantivy", terms=write_terms(corpus), engine=choice.engine("tantivy"))
    return corpus / "tantivy"


def test_it_answers_as_the_default_engine_does(corpus: Path, index: Path) -> None:
    build([corpus / "c"], corpus / "whoosh", terms=write_terms(corpus))
    assert answers(index) == answers(corpus / "whoosh")
    more = ("қару -жол", "полиция w/5 қару", "қару*", "exact:қаруды", "полиция қоғамдық орында", "статус:repealed OR қару")
    with Searcher(index) as one, Searcher(corpus / "whoosh") as two:
        for query in more:
            found, other = (
                [(str(h.provision.address), h.score, str(h.highlights)) for h in s.search(query, limit=None).hits]
                for s in (one, two)
            )
            assert found == other, query


def test_two_builds_answer_alike_and_an_update_stays_on_the_engine(corpus: Path, index: Path, tmp_path: Path) -> None:
    for jobs in (1, 2):
        build([corpus / "c"], tmp_path / str(jobs), terms=write_terms(tmp_path), engine=choice.engine("tantivy"), jobs=jobs)
        assert answers(tmp_path / str(jobs)) == answers(index)
    write_corpus(tmp_path / "new", 1)
    build([tmp_path / "new"], tmp_path / "1", terms=write_terms(tmp_path))
    with Searcher(tmp_path / "1", verify=True) as searcher:
        assert searcher.info(verify=True)["engine"] == "tantivy"
        assert searcher.search("тіркеу").total
    build([tmp_path / "new"], tmp_path / "1", terms=write_terms(tmp_path), engine=choice.engine("whoosh"))
    with Searcher(tmp_path / "1") as searcher:
        assert searcher.manifest["engine"] == "whoosh"


@pytest.mark.parametrize("way", ["small", "large"])
def test_damage_is_found(way: str) -> None:
    told = flipping.run(120, 3, way, "tantivy")
    assert told["wrong"] == []
    assert {"sets", "frequencies", "terms", "keys", "places", "pieces", "meta.json"} <= told["files"].keys()


def test_what_it_keeps_of_documents_tells_decay(index: Path, tmp_path: Path) -> None:
    """Below the file system: every byte of our own files is covered by a checksum that is compared when it is read."""
    engine = choice.engine("tantivy")
    folder = next(index.glob("generation-*/postings"))
    for name in ("sets", "frequencies", "terms", "keys", "places", "pieces"):
        data = (folder / name).read_bytes()
        for at in range(0, len(data), max(1, len(data) // 30)):
            (folder / name).write_bytes(data[:at] + bytes((data[at] ^ 4,)) + data[at + 1 :])
            try:
                with pytest.raises(IndexUnusableError):
                    engine.reader(folder).check()
            finally:
                (folder / name).write_bytes(data)
    engine.reader(folder).check()


def changed(value: Any, rng: random.Random) -> Any:
    """A value of JSON with something in it that is nonsense."""
    if isinstance(value, dict | list) and value and rng.random() < 0.9:
        at: Any = rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
        value[at] = changed(value[at], rng)
        return value
    return rng.choice([0, -1, 1, 7, 2**40, "x", None, [], [1], {}, 1.5])


def test_nonsense_in_a_directory_with_every_checksum_right_is_refused(index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "postings"
    shutil.copytree(next(index.glob("generation-*/postings")), folder)
    keys, rng = folder / "keys", random.Random(1)
    whole = keys.read_bytes()
    footer, check = dictionary._FOOTER, dictionary._CHECK
    magic, offset, size, _, _ = footer.unpack(whole[-footer.size :])
    refused = 0
    for _ in range(80):
        data = json.dumps(changed(json.loads(whole[offset : offset + size]), rng)).encode()
        end = footer.pack(magic, offset, len(data), crc32(data), 0)[: -check.size]
        keys.write_bytes(whole[:offset] + data + end + check.pack(crc32(end)))
        try:
            reader = choice.engine("tantivy").reader(folder)
            try:
                reader.search(AllOf((Key("kk", "қару"), Key(HEAD_FIELD, "1"))), 5)
                reader.check()
            finally:
                reader.close()
        except IndexUnusableError:
            refused += 1
    assert refused > 40


def test_an_index_of_an_earlier_version_is_told_in_one_line(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "FORMAT", generations.FORMAT + 1)
    with pytest.raises(IndexUnusableError, match=r"made by lawsearch.*this is lawsearch.*rebuild it with: .*--rebuild") as told:
        Searcher(index)
    assert str(index) in str(told.value)
    assert "\n" not in str(told.value)


def test_an_engine_that_is_not_there(lawsearch: Run, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tantivy.py").write_text("raise ImportError('none here', name='tantivy')\n")
    done = lawsearch("search", "полиция", index=index, PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pip install 'lawsearch[tantivy]'" in done.stderr
    with pytest.raises(LawsearchError, match="no engine"):
        choice.engine("lucene")


def test_an_index_that_names_an_unknown_engine(index: Path, lawsearch: Run, tmp_path: Path) -> None:
    from lawsearch.store import generations

    manifest = next(index.glob("generation-*/manifest.json"))
    whole = manifest.read_text()
    body = {k: v for k, v in json.loads(whole).items() if k != "seal"} | {"engine": "lucene"}
    try:
        manifest.write_text(json.dumps(body | {"seal": generations._seal(body)}))
        done = lawsearch("search", "полиция", index=index)
    finally:
        manifest.write_text(whole)
    assert done.returncode == 2
    assert "no engine 'lucene'" in done.stderr
    assert done.stderr.count("\n") == 1
