"""Batch: many queries in, records out, in order; a bad line stops nothing after it."""

from __future__ import annotations

import csv
import gc
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Run
from lawsearch.cli import session
from lawsearch.output import records as made
from lawsearch.search import Searcher


def records(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def test_lines_in_order_with_a_bad_one_between(lawsearch: Run) -> None:
    done = lawsearch("batch", "-n", "2", stdin="полиция\n\n!!!\nқару\nдинозавр\n")
    assert done.returncode == 2
    found = records(done.stdout)
    assert [r["id"] for r in found] == [1, 3, 4, 5]
    assert [r["query"] for r in found] == ["полиция", "!!!", "қару", "динозавр"]
    assert list(found[0]) == ["id", "query", "total", "relaxed", "hits"]
    assert set(found[1]) == {"id", "query", "error"}
    assert len(found[2]["hits"]) == 2  # type: ignore[arg-type]
    assert found[3]["hits"] == []


def test_jsonl_keeps_ids(lawsearch: Run) -> None:
    lines = [
        '{"query": "қару", "id": "a"}',
        '{"query": "полиция"}',
        "нет",
        '{"id": 7}',
        '{"query": 5}',
        '{"query": "оружие", "id": null}',
    ]
    found = records(lawsearch("batch", "--input", "jsonl", stdin="\n".join(lines)).stdout)
    assert [r["id"] for r in found] == ["a", 2, 3, 4, 5, None]
    assert ["error" in r for r in found] == [False, False, True, True, True, False]


def test_csv_in_and_out(lawsearch: Run, tmp_path: Path) -> None:
    file = tmp_path / "запросы.csv"
    file.write_text('id,query\n1,"қару, патрон"\n2,полиция\n', encoding="utf-8-sig")
    done = lawsearch("batch", "--input", "csv", "--format", "csv", "-n", "1", str(file))
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(r["id"], r["query"], r["rank"]) for r in rows] == [("1", "қару, патрон", "1"), ("2", "полиция", "1")]
    assert lawsearch("batch", "--input", "csv", stdin="q\nx\n").returncode == 2


def test_bytes_that_are_no_text(lawsearch: Run) -> None:
    done = lawsearch("batch", stdin="қару\n".encode() + b"\xff\xfe\n" + "полиция\n".encode())
    found = records(done.stdout)
    assert "error" in found[1]
    assert found[2]["total"]


def test_a_query_of_a_megabyte_is_an_error_of_its_own(lawsearch: Run) -> None:
    done = lawsearch("batch", stdin="а" * 1_000_000 + "\nполиция\n")
    first, second = records(done.stdout)
    assert "characters" in str(first["error"])
    assert second["total"]
    assert done.returncode == 2


def test_the_output_is_the_same_whatever_jobs_is(lawsearch: Run) -> None:
    queries = "\n".join(["полиция", "применение оружия", "!!!", "ішкі істер", "ст. 6"] * 20)
    one = lawsearch("batch", stdin=queries)
    two = lawsearch("batch", "--jobs", "2", stdin=queries)
    assert two.stdout == one.stdout
    assert two.returncode == one.returncode == 2


def test_half_a_pair_of_code_units_is_no_query(lawsearch: Run) -> None:
    done = lawsearch("batch", "-", "--input", "jsonl", stdin='{"id": 7, "query": "полиция \\ud800"}\n{"query": "полиция"}\n')
    first, second = records(done.stdout)
    assert (first["id"], first["query"], first["error"]) == (
        7,
        "полиция ?",
        "line 1: the query is no text at character 9 (U+D800)",
    )
    assert second["total"]
    assert (done.returncode, done.stderr) == (2, "")


def test_a_hit_is_the_same_bytes_as_its_record(searcher: Searcher) -> None:
    written = made.HitLines()
    for query in ("полиция", "қызметкердің құқықтары", "сотрудник полиции", "полиция", '"полиция"', "ст. 6"):
        hits = searcher.search(query, limit=5).hits
        assert hits
        assert written.lines(hits, query) == made.encoded(",".join(made.dump(made.hit(h, query)) for h in hits))


def test_garbage_is_looked_for_by_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    for name in ("disable", "freeze"):
        monkeypatch.setattr(gc, name, lambda: None)
    monkeypatch.setattr(gc, "collect", looks.append)
    tending = session.Tending()
    for _ in range(200_000):
        tending.answered()
    assert looks == [0] * 19 + [2]


def test_batch_says_what_search_says(lawsearch: Run) -> None:
    (record,) = records(lawsearch("batch", stdin="применение оружия\n").stdout)
    *hits, summary = records(lawsearch("search", "--format", "jsonl", "применение оружия").stdout)
    assert record["hits"] == hits
    assert record["total"] == summary["total"]


class Talk:
    """The command, to be asked and heard line by line."""

    def __init__(self, index: Path, jobs: str) -> None:
        command = [sys.executable, "-c", "from lawsearch.cli.main import run; run()", "batch", "-n", "1", "--jobs", jobs]
        env = os.environ | {"LAWSEARCH_INDEX": str(index)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, env=env, bufsize=0, **pipes)

    def ask(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode())

    def answer(self) -> dict[str, object]:
        assert self.process.stdout is not None
        found: dict[str, object] = json.loads(self.process.stdout.readline())
        return found


@pytest.fixture(params=["1", "2"])
def talk(kazakh_index: Path, request: pytest.FixtureRequest) -> Iterator[Talk]:
    talk = Talk(kazakh_index, request.param)
    with talk.process:
        yield talk
        talk.process.kill()


@pytest.mark.timeout(60)
def test_who_waits_for_each_answer_before_asking_on_gets_it(talk: Talk) -> None:
    for number, query in enumerate(["қару", "полиция", "ішкі істер"], 1):
        talk.ask(f"{query}\n")
        answer = talk.answer()
        assert (answer["id"], answer["query"]) == (number, query)
    talk.ask("оружие")
    talk.process.stdin.close()  # type: ignore[union-attr]
    assert talk.answer()["query"] == "оружие"
    assert talk.process.wait() == 0


@pytest.mark.timeout(60)
def test_a_reader_who_has_enough_ends_it_though_nobody_closes_the_input(talk: Talk) -> None:
    talk.ask("қару\n")
    assert talk.answer()["query"] == "қару"
    talk.process.stdout.close()  # type: ignore[union-attr]
    talk.ask("полиция\n")
    assert talk.process.wait() == 0
    assert talk.process.stderr.read() == b""  # type: ignore[union-attr]


def test_an_input_that_cannot_be_read_is_told_whatever_jobs_is(lawsearch: Run) -> None:
    one, two = (lawsearch("batch", "--input", "csv", "--jobs", jobs, stdin="q\nx\n") for jobs in ("1", "2"))
    assert "no column `query`" in one.stderr
    assert (one.stdout, one.stderr, one.returncode) == (two.stdout, two.stderr, two.returncode) == ("", one.stderr, 2)
