"""Readers during rebuilds: every answer belongs to one generation.

    python tests/rebuilding.py [--readers N] [--rebuilds N]

The index goes to and fro between two editions while processes of their own open it, ask everything, and compare. Writes one
line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from lawsearch.indexer import build
from small_corpus import answers, write_corpus, write_terms


def read_until_told(index: Path, editions: list[object], told: int) -> None:
    """Ask again and again until SIGTERM; then report through ``told``."""
    seen = [0, 0]
    wrong: list[str] = []
    going = True

    def stop(number: int, frame: object) -> None:
        nonlocal going
        going = False

    signal.signal(signal.SIGTERM, stop)
    os.write(told, b"+\n")
    while going:
        try:
            seen[editions.index(answers(index))] += 1
        except Exception as error:
            wrong.append(f"{type(error).__name__}: {error}"[:300])
        time.sleep(0.1)  # so that twenty of them leave the builder a share of the processor
    os.write(told, (json.dumps([seen, wrong[:3]]) + "\n").encode())


def run(readers: int, rebuilds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as name:
        folder = Path(name)
        terms = write_terms(folder)
        index = folder / "index"
        corpora = [write_corpus(folder / f"c{edition}", edition) for edition in (0, 1)]
        editions: list[object] = []
        for corpus in reversed(corpora):
            build([corpus], index, terms=terms)
            editions.insert(0, answers(index))
        read, write = os.pipe()
        children = []
        for _ in range(readers):
            child = os.fork()
            if child == 0:
                read_until_told(index, editions, write)
                os._exit(0)
            children.append(child)
        reports = os.fdopen(read, "r")
        for _ in children:
            reports.readline()
        for number in range(rebuilds):
            build([corpora[(number + 1) % 2]], index, terms=terms)
        for child in children:
            os.kill(child, signal.SIGTERM)
        found = [json.loads(reports.readline()) for _ in children]
        statuses = [os.waitpid(child, 0)[1] for child in children]
        build([corpora[0]], index, terms=terms, rebuild=True)
        return {
            "readers": readers,
            "rebuilds": rebuilds,
            "answers": [sum(seen[edition] for seen, _ in found) for edition in (0, 1)],
            "readers_that_saw_both": sum(all(seen) for seen, _ in found),
            "wrong": [line for _, wrong in found for line in wrong],
            "statuses": sorted(set(statuses)),
            "left": sorted(p.name for p in index.iterdir() if p.name.startswith("generation-")),
        }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--rebuilds", type=int, default=20)
    chosen = parser.parse_args()
    told = run(chosen.readers, chosen.rebuilds)
    print(json.dumps(told, indent=1))
    sys.exit(bool(told["wrong"]))
