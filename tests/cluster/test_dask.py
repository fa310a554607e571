"""Builds on Dask workers, some of which die: the index is the one that a single process makes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from lawsearch import indexer
from lawsearch.errors import LawsearchError
from lawsearch.indexer import Progress, build

from .conftest import Corpus, answered, ask, engine, searcher
from .nodes import Nodes, free_port
from .test_cluster_answers import run

pytestmark = pytest.mark.cluster


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer, "_BATCH_BYTES", 6_000)


class Scheduler:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self._folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        port = self.address.rpartition(":")[2]
        self.process = self._started("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard", "--no-show")

    def _started(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments], cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def add_worker(self) -> None:
        self.workers.append(
            self._started("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
        )

    def wait_for(self, workers: int) -> None:
        from distributed import Client

        end = time.monotonic() + 120
        while True:
            with suppress(OSError, TimeoutError), Client(self.address, timeout=10, set_as_default=False) as client:
                client.wait_for_workers(workers, timeout=60)
                return
            assert time.monotonic() < end, (self._folder / "log").read_text()[-2000:]
            time.sleep(0.5)

    def close(self) -> None:
        for process in (*self.workers, self.process):
            process.terminate()
        for process in (*self.workers, self.process):
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(15)


@contextmanager
def scheduler(folder: Path, workers: int) -> Iterator[Scheduler]:
    folder.mkdir()
    started = Scheduler(folder)
    try:
        for _ in range(workers):
            started.add_worker()
        started.wait_for(workers)
        yield started
    finally:
        started.close()


def files(index: Path) -> dict[str, bytes]:
    """What a build on this machine wrote."""
    (generation,) = index.glob("generation-*")
    return {name: (generation / name).read_bytes() for name in ("store.sqlite", "postings/lists")}


def test_a_worker_killed_in_mid_build_loses_nothing(corpus: Corpus, tmp_path: Path) -> None:
    with scheduler(tmp_path / "dask", 2) as dask:

        def kill(event: Progress) -> None:
            if event.done >= 10:
                dask.workers[0].kill()

        report = build([corpus.folder], tmp_path / "index", dask=dask.address, on_progress=kill)
        assert dask.workers[0].poll() is not None
        assert (report.acts, report.provisions, report.failed) == (corpus.acts, corpus.provisions, [])
        assert files(tmp_path / "index") == files(corpus.index)


def test_a_worker_killed_while_it_writes_to_the_cluster(whole: Nodes, corpus: Corpus, tmp_path: Path) -> None:
    index = tmp_path / "index"
    with scheduler(tmp_path / "dask", 2) as dask:

        def kill(event: Progress) -> None:
            if event.done >= corpus.acts // 2:
                dask.workers[0].kill()

        build([corpus.folder], index, engine=engine(whole), dask=dask.address, on_progress=kill)
        assert dask.workers[0].poll() is not None
        assert ask(whole, "/lawsearch/_count")["count"] == corpus.provisions
        dask.add_worker()
        build([corpus.folder], index, engine=engine(whole), dask=dask.address, rebuild=True)
        assert ask(whole, "/lawsearch/_count")["count"] == corpus.provisions
    with searcher(index, whole) as opened:
        opened.info(verify=True)
        assert answered(opened) == corpus.answers


def test_the_same_code_builds_with_workers_of_this_machine(tmp_path: Path) -> None:
    built = run("index", "--dask", "local", "--jobs", "2", "--index", str(tmp_path / "index"))
    assert built.returncode == 0, built.stderr
    assert built.stderr.count("\n") == 1, built.stderr
    plain = run("index", "--index", str(tmp_path / "plain"))
    assert plain.returncode == 0
    assert files(tmp_path / "index") == files(tmp_path / "plain")


def test_an_act_that_a_worker_cannot_read_is_read_here(corpus: Corpus, tmp_path: Path) -> None:
    """A worker without the corpus' folder must not make an index without its acts."""
    broken = tmp_path / "corpus"
    for law in ("T000", "T001"):
        (broken / law).mkdir(parents=True)
        (broken / law / "kaz.txt").write_bytes((corpus.folder / law / "kaz.txt").read_bytes())
    (broken / "T001" / "kaz.txt").write_bytes(b"\xff\xfe\xfa")
    with scheduler(tmp_path / "dask", 1) as dask:
        report = build([broken], tmp_path / "index", dask=dask.address)
    assert report.acts == 1
    assert len(report.failed) == 1
    assert "T001" in report.failed[0]


def test_no_scheduler_and_a_scheduler_that_dies(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lawsearch import dask_workers

    monkeypatch.setattr(dask_workers, "_PATIENCE", 3)
    with pytest.raises(LawsearchError, match="no scheduler answers"):
        build([corpus.folder], tmp_path / "index", dask=f"tcp://127.0.0.1:{free_port()}")
    with scheduler(tmp_path / "dask", 1) as dask:

        def kill(event: Progress) -> None:
            if event.done >= 5 and dask.process.poll() is None:
                os.kill(dask.process.pid, 9)

        with pytest.raises(LawsearchError, match="dask: "):
            build([corpus.folder], tmp_path / "index", dask=dask.address, on_progress=kill)
    assert not (tmp_path / "index" / "CURRENT").exists()
    assert build([corpus.folder], tmp_path / "index").provisions == corpus.provisions
