"""A build takes from earlier ones what has not changed, and goes on where a build that was stopped stood."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from lawsearch import indexer
from lawsearch.indexer import Progress, build
from lawsearch.search import Searcher
from small_corpus import write_terms

LAWS = [f"A{number}" for number in range(8)]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every act is a batch of its own."""
    monkeypatch.setattr(indexer, "_BATCH_BYTES", 1)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for law in LAWS:
        write(tmp_path / "c", law, "Полиция қаруды алып қояды.")
    return tmp_path / "c"


def write(root: Path, law: str, text: str) -> None:
    (root / law).mkdir(parents=True, exist_ok=True)
    (root / law / "kaz.txt").write_text(f"1-бап. {law} туралы\n1. {text}\n", encoding="utf-8")


def files(index: Path) -> dict[str, bytes]:
    folder = index / (index / "CURRENT").read_text()
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json"}


def test_only_what_changed_is_analysed_again(corpus: Path, tmp_path: Path) -> None:
    terms, index = write_terms(tmp_path), tmp_path / "i"
    assert build([corpus], index, terms=terms).reused == 0
    write(corpus, "A3", "Прокурор құжаттарды тексереді.")
    shutil.rmtree(corpus / "A6")
    write(corpus, "A9", "Сот шешім шығарады.")
    report = build([corpus], index, terms=terms)
    assert (report.acts, report.reused) == (8, 6)
    with Searcher(index) as searcher:
        assert [h.act.law for h in searcher.search("прокурор").hits] == ["A3"]
        assert [h.act.law for h in searcher.search("шешім").hits] == ["A9"]
        assert {h.act.law for h in searcher.search("қару").hits} == {"A0", "A1", "A2", "A4", "A5", "A7"}
    build([corpus], tmp_path / "fresh", terms=terms)
    assert files(index) == files(tmp_path / "fresh")


@pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
def test_a_build_that_was_stopped_is_taken_up(corpus: Path, tmp_path: Path, engine: str) -> None:
    if engine == "tantivy":
        pytest.importorskip("tantivy")
    from lawsearch.engine import choice

    terms, index = write_terms(tmp_path), tmp_path / "i"

    def stop(event: Progress) -> None:
        assert event.total == len(LAWS)
        if event.done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build([corpus], index, terms=terms, engine=choice.engine(engine), on_progress=stop)
    assert not list(index.glob("generation-*"))
    seen: list[int] = []
    report = build(
        [corpus], index, terms=terms, engine=choice.engine(engine), on_progress=lambda event: seen.append(event.provisions)
    )
    assert (report.acts, report.reused) == (8, 5)
    assert seen == list(range(1, 9))
    with Searcher(index) as searcher:
        assert searcher.search("қару").total == 8


def test_the_index_is_the_same_whatever_the_number_of_processes(corpus: Path, tmp_path: Path) -> None:
    terms = write_terms(tmp_path)
    for jobs in (1, 3):
        build([corpus], tmp_path / str(jobs), terms=terms, jobs=jobs)
    assert files(tmp_path / "1") == files(tmp_path / "3")


def damaged(corpus: Path, tmp_path: Path, harm: Callable[[Path], None]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """What a build makes of a changed act and of work that an earlier build left and that came to harm; and what a fresh one
    makes."""
    terms, index = write_terms(tmp_path), tmp_path / "i"
    build([corpus], index, terms=terms)
    write(corpus, "A3", "Прокурор құжаттарды тексереді.")
    harm(index / "prepared.sqlite")
    build([corpus], index, terms=terms)
    build([corpus], tmp_path / "fresh", terms=terms)
    return files(index), files(tmp_path / "fresh")


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE words SET keys = 'басқа'",
        "UPDATE words SET form = 'полицияны' WHERE form = 'полиция'",
        "UPDATE words SET keys = 5",
        # Two batches change places.
        "UPDATE batches SET data = CASE WHEN rowid = 1 THEN (SELECT data FROM batches WHERE rowid = 2) ELSE data END, "
        "sum = CASE WHEN rowid = 1 THEN (SELECT sum FROM batches WHERE rowid = 2) ELSE sum END",
        "UPDATE batches SET data = 17",
        "UPDATE facts SET value = x'00' WHERE name = 'build'",
        "UPDATE facts SET value = 1000000000",
        "UPDATE files SET digest = 1000000000",
        "UPDATE batches SET data = CAST(data AS TEXT)",
        "UPDATE words SET keys = CAST(keys AS BLOB)",
        "DROP TABLE words",
        "ALTER TABLE batches RENAME COLUMN build TO bild",
    ],
)
def test_what_is_not_as_it_was_kept_is_made_again(corpus: Path, tmp_path: Path, harm: str) -> None:
    def done(file: Path) -> None:
        with sqlite3.connect(file) as db:
            db.execute(harm)
        db.close()

    found, fresh = damaged(corpus, tmp_path, done)
    assert found == fresh


@pytest.mark.parametrize("seed", range(12))
def test_bits_turned_over_in_what_was_kept_change_no_index(corpus: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)

    def flip(file: Path) -> None:
        data = bytearray(file.read_bytes())
        for _ in range(chance.choice((1, 10, 100))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        file.write_bytes(data)

    found, fresh = damaged(corpus, tmp_path, flip)
    assert found == fresh
