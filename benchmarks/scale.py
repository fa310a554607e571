"""The same queries in several indexes of one corpus, turn by turn: how long each engine takes, as a ratio to the first.

    python benchmarks/scale.py INDEX INDEX... [--rounds 5] [--users 4]

Indexes of the engine opensearch need the cluster's address in the environment (docs/scale.md). With --users, so many processes
ask at once, and what is told is how many queries a second each engine answers. Everything is measured in one run, since other
work on the machine makes absolute times worth little; what is told of each query is the least of its times.
"""

from __future__ import annotations

import argparse
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from lawsearch.search import Searcher

QUERIES = (
    "полиция", "заң", "применение оружия", "қоғамдық тәртіп", '"қоғамдық тәртіп"', "рұқсат беру мерзімі", "уполномоченный орган",
    "лицензия на оружие", "қылмыстық жауаптылық", "тіркеу туралы куәлік", "охрана общественного порядка", "полици*", "салық төлеу",
    "құқық бұзушылық", "порядок применения специальных средств",
)  # fmt: skip

_opened: dict[str, Searcher] = {}


def asked(index: str, query: str, status: str | None = None) -> tuple[float, int]:
    """Seconds, and how many matches."""
    if index not in _opened:
        _opened[index] = Searcher(Path(index))
    started = time.perf_counter()
    found = _opened[index].search(query, limit=10, status=status)  # type: ignore[arg-type]
    return time.perf_counter() - started, found.total


def many(index: str, seconds: float) -> int:
    """How many queries one process gets answered in so many seconds."""
    end = time.perf_counter() + seconds
    count = 0
    while time.perf_counter() < end:
        asked(index, QUERIES[count % len(QUERIES)])
        count += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("indexes", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--users", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=10.0)
    arguments = parser.parse_args()
    least: dict[str, list[float]] = {index: [9e9] * len(QUERIES) for index in arguments.indexes}
    for _ in range(arguments.rounds):
        for number, query in enumerate(QUERIES):
            totals = set()
            for index in arguments.indexes:
                seconds, total = asked(index, query)
                least[index][number] = min(least[index][number], seconds)
                totals.add(total)
            assert len(totals) == 1, (query, totals)
    base = statistics.median(least[arguments.indexes[0]])
    for index in arguments.indexes:
        times = sorted(least[index])
        print(
            f"{_opened[index].manifest['engine']:10} median {1000 * statistics.median(times):8.1f} ms  worst {1000 * times[-1]:8.1f} ms  "
            f"ratio {statistics.median(times) / base:5.2f}"
        )
    if arguments.users:
        for index in arguments.indexes:
            with ProcessPoolExecutor(arguments.users, mp_context=get_context("spawn")) as pool:
                list(pool.map(many, [index] * arguments.users, [1.0] * arguments.users))
                done = sum(pool.map(many, [index] * arguments.users, [arguments.seconds] * arguments.users))
            print(
                f"{_opened[index].manifest['engine']:10} {done / arguments.seconds:8.1f} queries/s for {arguments.users} users at once"
            )


if __name__ == "__main__":
    main()
