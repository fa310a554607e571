"""What users get wrong: one clear line, exit code 2, and nothing that was indexed is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Run
from lawsearch.indexer import build
from lawsearch.search import Searcher
from small_corpus import write_terms


def one_line(done: object, *parts: str) -> None:
    assert done.returncode == 2, done  # type: ignore[attr-defined]
    errors = done.stderr  # type: ignore[attr-defined]
    assert "Traceback" not in errors
    assert errors.count("\n") == 1, errors
    for part in parts:
        assert part in errors


def act(root: Path, text: str | bytes, name: str = "kaz.txt", law: str = "A1") -> Path:
    file = root / law / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


GOOD = "1-бап. Тақырып\n1. Полиция қызметі.\n"


def test_a_corpus_without_acts(lawsearch: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    one_line(lawsearch("index", str(tmp_path / "empty"), "--index", str(tmp_path / "i")), "no act", "empty")
    one_line(lawsearch("index", str(tmp_path / "none"), "--index", str(tmp_path / "i")), "no such file or folder")


def test_a_file_that_is_not_utf_8(lawsearch: Run, tmp_path: Path) -> None:
    act(tmp_path / "c", "1-бап. Бір\n".encode() + "Полиция".encode("cp1251"))
    done = lawsearch("index", str(tmp_path / "c"), "--index", str(tmp_path / "i"))
    one_line(done, "kaz.txt", "byte 17", "line 2")


def test_an_empty_file(lawsearch: Run, tmp_path: Path) -> None:
    act(tmp_path / "c", "\n \n")
    one_line(lawsearch("index", str(tmp_path / "c"), "--index", str(tmp_path / "i")), "empty")


def test_a_meta_file_that_is_no_yaml(lawsearch: Run, tmp_path: Path) -> None:
    act(tmp_path / "c", GOOD)
    act(tmp_path / "c", "title: [", "meta.yaml")
    one_line(lawsearch("index", str(tmp_path / "c"), "--index", str(tmp_path / "i")), "meta.yaml", "YAML")


def test_one_bad_act_does_not_keep_the_others_out(lawsearch: Run, tmp_path: Path) -> None:
    act(tmp_path / "c", GOOD, law="A1")
    act(tmp_path / "c", b"\xff", law="A2")
    done = lawsearch("index", str(tmp_path / "c"), "--index", str(tmp_path / "i"))
    assert done.returncode == 2
    assert "left out" in done.stderr
    assert lawsearch("search", "-l", "полиция", "--index", str(tmp_path / "i")).stdout == "A1/1/1\n"


def test_a_failed_build_leaves_the_index_as_it_was(lawsearch: Run, tmp_path: Path) -> None:
    act(tmp_path / "c", GOOD)
    index = tmp_path / "i"
    build([tmp_path / "c"], index, terms=write_terms(tmp_path))
    act(tmp_path / "c", "")
    one_line(lawsearch("index", str(tmp_path / "c"), "--index", str(index)))
    with Searcher(index) as searcher:
        assert searcher.search("полиция").total == 1
    assert len(list(index.glob("generation-*"))) == 1


def test_a_changed_and_a_removed_act(tmp_path: Path) -> None:
    act(tmp_path / "c", GOOD, law="A1")
    second = act(tmp_path / "c", GOOD, law="A2")
    index = tmp_path / "i"
    assert build([tmp_path / "c"], index, terms=write_terms(tmp_path)).fresh
    assert not build([tmp_path / "c"], index, terms=write_terms(tmp_path)).fresh
    second.write_text("1-бап. Тақырып\n1. Прокурор қызметі.\n", encoding="utf-8")
    assert build([tmp_path / "c"], index, terms=write_terms(tmp_path)).fresh
    with Searcher(index) as searcher:
        assert [h.act.law for h in searcher.search("прокурор").hits] == ["A2"]
    second.unlink()
    second.parent.rmdir()
    build([tmp_path / "c"], index, terms=write_terms(tmp_path))
    with Searcher(index) as searcher:
        assert searcher.search("прокурор").total == 0
        assert searcher.search("полиция").total == 1


@pytest.mark.parametrize("ref", ["K999", "K999/6/1", "нечто иное", "Z1400000199/x/y"])
def test_an_unknown_reference(lawsearch: Run, ref: str) -> None:
    one_line(lawsearch("show", ref), "unknown", ref.split("/")[0])


@pytest.mark.parametrize("query", ["...", "!!! ???", "—"])
def test_a_query_of_punctuation(lawsearch: Run, query: str) -> None:
    one_line(lawsearch("search", query), "no word")


def test_a_query_that_is_too_long(lawsearch: Run) -> None:
    one_line(lawsearch("search", "полиция " * 2000), "16,0")


def test_no_index_there(lawsearch: Run, tmp_path: Path) -> None:
    one_line(lawsearch("search", "полиция", "--index", str(tmp_path / "none")), "no index", "lawsearch index")


def test_an_index_of_another_version(lawsearch: Run, tmp_path: Path) -> None:
    act(tmp_path / "c", GOOD)
    index = tmp_path / "i"
    build([tmp_path / "c"], index, terms=write_terms(tmp_path))
    manifest = next(index.glob("generation-*/manifest.json"))
    facts = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(facts | {"format": 999, "made_by": "9.9.9"}))
    one_line(lawsearch("search", "полиция", "--index", str(index)), "9.9.9", "--rebuild")
    assert lawsearch("index", str(tmp_path / "c"), "--index", str(index), "--rebuild").returncode == 0
    assert lawsearch("search", "-q", "полиция", "--index", str(index)).returncode == 0


@pytest.mark.parametrize("name", ["store.sqlite", "manifest.json", "postings/lists"])
def test_a_damaged_index(lawsearch: Run, tmp_path: Path, name: str) -> None:
    act(tmp_path / "c", GOOD)
    index = tmp_path / "i"
    build([tmp_path / "c"], index, terms=write_terms(tmp_path))
    file = next(index.glob("generation-*")) / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0x10
    file.write_bytes(bytes(data))
    one_line(lawsearch("search", "полиция", "--index", str(index)), "damaged", "--rebuild")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nope"],
        ["search"],
        ["search", "-n", "x", "полиция"],
        ["search", "--status", "x", "полиция"],
        ["bogus"],
        ["batch", "none.txt"],
    ],
)
def test_bad_usage(lawsearch: Run, arguments: list[str]) -> None:
    one_line(lawsearch(*arguments))
