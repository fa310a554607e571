"""One builder at a time, any number of readers, each true to the generation it opened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lawsearch.errors import IndexUnusableError, LawsearchError
from lawsearch.indexer import build
from lawsearch.processes import crew, in_order, result_of, workers
from lawsearch.search import Searcher
from lawsearch.store import generations
from small_corpus import answers, names_in, write_corpus, write_terms

posix = pytest.mark.skipif(os.name != "posix", reason="kills and forks")
HERE = Path(__file__).parent
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
HOLD = """
import sys, time
from pathlib import Path
from lawsearch.store import generations
with generations.building(Path(sys.argv[1])) as folder:
    (folder / "half").write_bytes(b"x" * 100)
    if sys.argv[2] == "fork":
        import os
        if os.fork() == 0:
            time.sleep(float(sys.argv[3])); os._exit(0)
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def holder(index: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(index), *(arguments or ("alone",))], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@posix
def test_twenty_readers_during_twenty_rebuilds() -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / "rebuilding.py")], capture_output=True, text=True, timeout=300, check=False, env=ENVIRONMENT
    )
    told = json.loads(done.stdout)
    assert (told["readers"], told["rebuilds"]) == (20, 20)
    assert told["wrong"] == []
    assert told["statuses"] == [0]
    assert min(told["answers"]) >= 20
    assert len(told["left"]) == 1


@posix
def test_the_second_builder_says_who_is_at_work(tmp_path: Path) -> None:
    index = tmp_path / "index"
    build([write_corpus(tmp_path / "c", 0)], index, terms=write_terms(tmp_path))
    before = answers(index)
    with holder(index) as process:
        command = "from lawsearch.cli.main import run; run()"
        arguments = ["index", str(tmp_path / "c"), "--index", str(index), "--rebuild"]
        done = subprocess.run(
            [sys.executable, "-c", command, *arguments], capture_output=True, text=True, env=ENVIRONMENT, check=False
        )
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert f"process {process.pid}, since {time.strftime('%Y-')}" in done.stderr
        assert answers(index) == before


@posix
def test_a_dead_holders_lock_is_taken_over(tmp_path: Path) -> None:
    terms = write_terms(tmp_path)
    index = tmp_path / "index"
    with holder(index) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert json.loads((index / ".builder").read_text())["pid"] == process.pid
    started = time.monotonic()
    build([write_corpus(tmp_path / "c", 0)], index, terms=terms)
    assert time.monotonic() - started < 4
    assert names_in(index) == [".lock", "CURRENT", "generation-000001"]
    assert answers(index, verify=True)


@posix
def test_children_of_a_dead_holder_are_waited_for(tmp_path: Path) -> None:
    terms = write_terms(tmp_path)
    index = tmp_path / "index"
    with holder(index, "fork", "1") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        build([write_corpus(tmp_path / "c", 0)], index, terms=terms)
    assert answers(index)


def test_two_builds_in_one_process(tmp_path: Path) -> None:
    index = tmp_path / "index"
    with generations.building(index), pytest.raises(LawsearchError, match=f"process {os.getpid()}, since "):
        build([write_corpus(tmp_path / "c", 0)], index, terms=write_terms(tmp_path))


@posix
def test_a_reader_keeps_its_generation_through_builds(tmp_path: Path) -> None:
    terms = write_terms(tmp_path)
    corpora = [write_corpus(tmp_path / f"c{n}", n) for n in (0, 1)]
    index = tmp_path / "index"
    build([corpora[0]], index, terms=terms)
    old = answers(index)
    with Searcher(index) as held:
        build([corpora[1]], index, terms=terms)
        build([corpora[1]], index, terms=terms, rebuild=True)
        assert answers(index) != old
        # A process that the holder starts now (as `batch --jobs` does) opens the holder's generation, not the new one.
        with Searcher(index, generation=held.generation) as second:
            assert [h.provision.texts for h in second.search("көше").hits] == [
                h.provision.texts for h in held.search("көше").hits
            ]
            assert second.search("көше").total == 1
        assert len(list(index.glob("generation-*"))) == 2
    build([corpora[0]], index, terms=terms)
    assert len(list(index.glob("generation-*"))) == 1


def test_an_index_that_cannot_be_locked_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = tmp_path / "index"
    build([write_corpus(tmp_path / "c", 0)], index, terms=write_terms(tmp_path))
    before = answers(index)
    if generations.fcntl is not None:

        def none_here(*arguments: object) -> None:
            raise OSError(95, "Operation not supported")

        monkeypatch.setattr(generations.fcntl, "flock", none_here)
    assert answers(index) == before


def worker(said: str) -> Callable[[list[str]], tuple[int, bytes]]:
    """What a worker process of the tests below does with a task: stumbles, goes, or says it back many times."""
    if said == "cannot start":
        raise IndexUnusableError("no index here")

    def work(some: list[str]) -> tuple[int, bytes]:
        task = "".join(some)
        if task == "go":
            os._exit(9)
        if task == "stumble":
            raise LawsearchError("stumbled")
        return len(task), (said + task).encode() * 50

    return work


def test_workers_answer_in_the_order_of_the_tasks_whatever_their_size() -> None:
    # Some are larger than a pipe, on the way there and on the way back.
    tasks = [str(n) * (30_000 if n % 7 == 0 else 1) for n in range(60)]
    assert list(in_order(2, worker, (">",), tasks, 1)) == [(len(t), f">{t}".encode() * 50) for t in tasks]
    assert list(in_order(2, worker, (">",), [], 1)) == []


@pytest.mark.parametrize(
    ("said", "tasks", "message"),
    [
        ("", ["one", "go", "two"], "a worker process has gone"),
        ("", ["one", "stumble"], "stumbled"),
        ("cannot start", ["x" * 300_000], "no index here"),
    ],
)
def test_what_befalls_a_worker_is_told(said: str, tasks: list[str], message: str) -> None:
    with pytest.raises(LawsearchError, match=message):
        list(in_order(1, worker, (said,), tasks, 1))


def test_a_worker_that_is_gone_is_noticed() -> None:
    with workers(1, print, ()) as pool:
        started = crew(pool)
        assert result_of(pool, pool.apply_async(abs, (-3,)), started) == 3
        with pytest.raises(LawsearchError, match="a worker process has gone"):
            result_of(pool, pool.apply_async(os._exit, (9,)), started)
