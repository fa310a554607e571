"""A build killed anywhere leaves the old index or the new one, and nothing that the next build cannot clear away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lawsearch.indexer import build
from lawsearch.store import generations
from small_corpus import answers, names_in, write_corpus, write_terms

HERE = Path(__file__).parent
posix = pytest.mark.skipif(os.name != "posix", reason="kills and forks")


def killed(every: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(HERE / "killing.py"), "--every", str(every)],
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def check(told: dict[str, Any]) -> None:
    for kind in ("build", "update"):
        assert told[kind]["wrong"] == []
        assert told[kind]["outcomes"].get("before", 0) > 0
        # However many builds die in a row, there is at most what one of them leaves beside the index in use.
        assert told[kind]["most_files_in_it"] <= told[kind]["files_before_a_pile_of_kills"] + 12
    for call in ("write", "replace", "rename", "fsync", "unlink", "commit", "mkdir", "rmdir"):
        assert told["update"]["calls"][call] > 0, call


@posix
def test_killed_at_every_so_many_points() -> None:
    told = killed(19)
    check(told)
    assert told["build"]["killed"] + told["update"]["killed"] >= 50


@posix
@pytest.mark.long
def test_killed_at_every_point() -> None:
    told = killed(1)
    check(told)
    assert told["build"]["killed"] + told["update"]["killed"] >= 800


def test_a_failed_check_keeps_the_old_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terms = write_terms(tmp_path)
    index = tmp_path / "index"
    build([write_corpus(tmp_path / "c", 0)], index, terms=terms)
    before = answers(index)
    write_corpus(tmp_path / "c", 1)

    def broken(folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
        raise KeyboardInterrupt

    monkeypatch.setattr(generations, "seal", broken)
    with pytest.raises(KeyboardInterrupt):
        build([tmp_path / "c"], index, terms=terms)
    assert answers(index) == before
    assert len(list(index.glob("generation-*"))) == 1


def test_what_a_dead_build_left_goes_even_where_nothing_has_changed(tmp_path: Path) -> None:
    terms = write_terms(tmp_path)
    index = tmp_path / "index"
    build([write_corpus(tmp_path / "c", 0)], index, terms=terms)
    (index / "generation-000009" / "postings").mkdir(parents=True)
    (index / "generation-000009" / "store.sqlite").write_bytes(b"half")
    (index / "CURRENT.new").write_bytes(b"gener")
    (index / "my notes.txt").write_text("not ours")
    assert not build([tmp_path / "c"], index, terms=terms).fresh
    assert names_in(index) == [".lock", "CURRENT", "generation-000001", "my notes.txt"]


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    terms = write_terms(tmp_path)
    corpus = write_corpus(tmp_path / "c", 0)
    for name in ("one", "two"):
        build([corpus], tmp_path / name, terms=terms)
    one, two = (
        {
            str(p.relative_to(tmp_path / name)): p.read_bytes()
            for p in sorted((tmp_path / name).glob("generation-*/**/*"))
            if p.is_file()
        }
        for name in ("one", "two")
    )
    assert len(one) >= 3
    assert one == two
