"""Kill -9 a build at every point where it touches the disk, and see what is left.

    python tests/killing.py [--every N]

Every call that creates, writes, flushes, renames or removes a file is a point (before it and after it); so are some bytes
of every file, at which the system itself kills the process in the middle of a write. Writes one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from lawsearch.indexer import build
from small_corpus import answers, names_in, write_corpus, write_terms

_TOUCHING = {
    "write", "writelines", "flush", "close", "fsync", "truncate", "open", "replace", "rename", "unlink", "remove", "rmdir",
    "mkdir", "execute", "executemany", "executescript", "commit", "copyfileobj", "flock", "ftruncate", "chmod",
}  # fmt: skip


class Points:
    """Counts the calls that touch the disk, and ends the process at the one asked for."""

    def __init__(self, fatal: int | None) -> None:
        self.fatal = fatal
        self.count = 0
        self.names: Counter[str] = Counter()

    def __call__(self, frame: FrameType, event: str, function: Any) -> None:
        if event in ("c_call", "c_return") and getattr(function, "__name__", "") in _TOUCHING:
            if self.count == self.fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            self.count += 1
            self.names[function.__name__] += 1


def forked(work: Callable[[], None]) -> int:
    """Run in a child; its status as `os.waitpid` gives it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            os._exit(3)
        os._exit(0)
    return os.waitpid(child, 0)[1]


class Trial:
    """Kills of one kind of build: from ``before`` (None: no index) to the second edition."""

    def __init__(self, folder: Path, update: bool) -> None:
        self.folder = folder
        self.terms = write_terms(folder)
        self.old = write_corpus(folder / "old", 0)
        self.new = write_corpus(folder / "new", 1)
        self.start = folder / "start"
        if update:
            build([self.old], self.start, terms=self.terms)
        self.before = answers(self.start)
        whole = folder / "whole"
        build([self.new], whole, terms=self.terms)
        self.after = answers(whole)
        assert self.before != self.after
        self.size = max(f.stat().st_size for f in whole.rglob("*") if f.is_file())
        self.outcomes: Counter[str] = Counter()
        self.wrong: list[str] = []

    def points(self) -> Points:
        """All points of an undisturbed build (counted in a child, where killing starts from the same state)."""
        read, write = os.pipe()
        index = self.fresh()

        def count() -> None:
            counting = Points(None)
            sys.setprofile(counting)
            build([self.new], index, terms=self.terms)
            sys.setprofile(None)
            os.write(write, json.dumps([counting.count, counting.names]).encode())

        assert forked(count) == 0
        found = Points(None)
        found.count, names = json.loads(os.read(read, 1 << 20))
        found.names.update(names)
        return found

    def fresh(self) -> Path:
        index = self.folder / "index"
        shutil.rmtree(index, ignore_errors=True)
        if self.start.exists():
            shutil.copytree(self.start, index)
        return index

    def kill_at(self, point: int) -> None:
        """Kill before the point, then look; every step leads on from what the one before left."""

        def work() -> None:
            sys.setprofile(Points(point))
            build([self.new], index, terms=self.terms)

        index = self.fresh()
        self.judge(f"point {point}", index, forked(work))

    def kill_in_write(self, size: int) -> None:
        """Let the system kill the build when any file would grow beyond ``size`` bytes."""

        def work() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            build([self.new], index, terms=self.terms)

        index = self.fresh()
        self.judge(f"byte {size}", index, forked(work))

    def judge(self, where: str, index: Path, status: int) -> None:
        if not os.WIFSIGNALED(status):
            self.wrong.append(f"{where}: not killed (status {status})")
            return
        left = answers(index, verify=True)
        if left not in (self.before, self.after):
            self.wrong.append(f"{where}: answers like neither edition")
        self.outcomes["after" if left == self.after else "before"] += 1
        # The next build needs no help, and leaves one index and nothing else.
        build([self.new], index, terms=self.terms)
        if answers(index, verify=True) != self.after:
            self.wrong.append(f"{where}: the next build did not mend it")
        names = names_in(index)
        if len(names) != 3 or not {".lock", "CURRENT"} <= set(names):
            self.wrong.append(f"{where}: left {names}")

    def pile_up(self, points: list[int]) -> int:
        """Kill one build after the other with none succeeding between: the most folders that were ever there."""
        index = self.fresh()
        most = 0
        for point in points:

            def work(point: int = point) -> None:
                sys.setprofile(Points(point))
                build([self.new], index, terms=self.terms, rebuild=True)

            forked(work)
            most = max(most, len(list(index.rglob("*"))))
        return most


def run(every: int) -> dict[str, Any]:
    """Kill a first build and an update at every ``every``-th point."""
    told: dict[str, Any] = {}
    started = time.perf_counter()
    for name, update in (("build", False), ("update", True)):
        # In memory where there is such a place: a kill loses nothing that was written, so flushing to a disk tests nothing.
        with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
            trial = Trial(Path(folder), update)
            points = trial.points()
            for point in range(0, points.count, every):
                trial.kill_at(point)
            sizes = sorted({*range(0, trial.size, max(1, trial.size * every // 200)), 1, 100, trial.size - 1})
            for size in sizes:
                trial.kill_in_write(size)
            usual = len(list(trial.fresh().rglob("*"))) if update else 0
            piled = trial.pile_up(list(range(points.count // 4, points.count // 2, max(1, points.count // 80))))
            told[name] = {
                "points": points.count,
                "killed": len(range(0, points.count, every)) + len(sizes),
                "outcomes": dict(trial.outcomes),
                "files_before_a_pile_of_kills": usual,
                "most_files_in_it": piled,
                "calls": dict(points.names.most_common()),
                "wrong": trial.wrong,
            }
    return told | {"seconds": round(time.perf_counter() - started, 1)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th point")
    told = run(parser.parse_args().every)
    print(json.dumps(told, indent=1))
    sys.exit(any(told[kind]["wrong"] for kind in ("build", "update")))
