"""A damaged index gives the right answer or none, and says how to get a good one."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

import flipping
from conftest import Run
from lawsearch.errors import IndexUnusableError
from lawsearch.indexer import build
from lawsearch.search import Searcher
from lawsearch.store import generations
from small_corpus import answers, write_corpus, write_terms


@pytest.mark.parametrize("way", ["small", "large"])
def test_a_thousand_random_damages(way: str) -> None:
    told = flipping.run(1000, 1, way)
    assert told["wrong"] == []
    assert told["cases"] == 1000
    assert told["outcomes"]["refused"] >= 800
    assert {"CURRENT", "manifest.json", "lists", "store.sqlite"} <= told["files"].keys()


def test_decay_that_no_file_system_reports() -> None:
    """Beyond what is promised without `info --verify`: of a rotten large index never a traceback, hardly ever a wrong hit."""
    told = flipping.run(500, 2, "decay")
    assert set(told["outcomes"]) <= {"right", "refused", "wrong"}
    assert told["outcomes"].get("wrong", 0) <= 10
    assert not any(case.startswith("lists") for case in told["wrong"])


def flip(file: Path, at: int) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "arguments", [("search", "полиция"), ("show", "A1/1"), ("terms",), ("export",), ("info", "--verify"), ("batch",)]
)
def test_every_command_says_so_in_one_line(lawsearch: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    index = tmp_path / "my index"
    build([write_corpus(tmp_path / "c", 0)], index, terms=write_terms(tmp_path))
    flip(next(index.glob("generation-*/store.sqlite")), 9000)
    done = lawsearch(*arguments, index=index, stdin="полиция\n")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "damaged" in done.stderr
    assert f"lawsearch index --index '{index}' --rebuild" in done.stderr


def test_verify_hashes_what_opening_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "_ALWAYS_CHECKED", 0)
    index = tmp_path / "index"
    build([write_corpus(tmp_path / "c", 0)], index, terms=write_terms(tmp_path))
    flip(next(index.glob("generation-*/store.sqlite")), 9000)
    flipping.forget(index)
    with pytest.raises(IndexUnusableError, match=r"SHA-256.*--rebuild"):
        Searcher(index, verify=True)


def test_a_large_index_is_hashed_once_after_it_was_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "_ALWAYS_CHECKED", 0)
    index = tmp_path / "index"
    build([write_corpus(tmp_path / "c", 0)], index, terms=write_terms(tmp_path))
    copy = tmp_path / "copy"
    hashed: list[str] = []
    plain = generations._hash
    monkeypatch.setattr(generations, "_hash", lambda file: (hashed.append(file.name), plain(file))[1])
    shutil.copytree(index, copy)
    time.sleep(0.1)
    right = answers(copy)
    assert sorted(hashed) == ["lists", "store.sqlite"]
    hashed.clear()
    assert answers(copy) == right
    assert hashed == []


def test_an_index_whose_current_names_another_place(tmp_path: Path) -> None:
    index = tmp_path / "index"
    index.mkdir()
    for name in ("../generation-000001", "generation-1/../../x", "/etc", "generation-", "", "\x1b[31m", "x" * 10_000_000):
        (index / "CURRENT").write_text(name)
        with pytest.raises(IndexUnusableError) as error:
            Searcher(index)
        assert len(str(error.value)) < 500
