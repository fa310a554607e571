"""What terms cost: in indexing, and in a query.

usage: python benchmarks/linking.py [--copies 20] [--act corpus/Z1400000199]

Indexing: a corpus of copies of one act is indexed, and the time spent in finding terms (`TextLinker.find`) is taken as a share
of the whole; beside it the fixed cost of analysing the term base, and the same build with an empty term base. Queries: each
word of the act's Kazakh text that terms carry into Russian is asked as a Russian word (found through terms) and as itself
(found without) on an index of the Kazakh text alone; medians of the best of three.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from lawsearch import indexer
from lawsearch.indexer import build
from lawsearch.search import Searcher
from lawsearch.terms import termbase
from lawsearch.terms.text_links import TextLinker


class Clock:
    """Adds up the time spent in a function."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.seconds = 0.0

    def __call__(self, *args: Any) -> Any:
        started = time.perf_counter()
        try:
            return self.call(*args)
        finally:
            self.seconds += time.perf_counter() - started


def timed_build(corpus: Path, index: Path) -> float:
    started = time.perf_counter()
    build([corpus], index, rebuild=True)
    return time.perf_counter() - started


def indexing(act: Path, copies: int, root: Path) -> None:
    corpus = root / "corpus"
    for n in range(copies):
        shutil.copytree(act, corpus / f"{act.name}-{n:03d}")
    links, load = Clock(TextLinker.find), Clock(indexer._vocabulary)
    TextLinker.find = lambda self, *texts: links(self, *texts)  # type: ignore[method-assign]
    indexer._vocabulary = lambda *given: load(*given)
    whole = timed_build(corpus, root / "with")
    TextLinker.find = links.call  # type: ignore[method-assign]
    indexer._vocabulary = load.call
    combined, termbase.combined = termbase.combined, lambda own: ()
    without = timed_build(corpus, root / "without")
    termbase.combined = combined
    print(f"{copies} copies: {whole:.2f} s in all; linking {links.seconds:.2f} s ({links.seconds / whole:.1%})")
    print(f"    analysing the term base once: {load.seconds:.2f} s ({load.seconds / whole:.1%})")
    print(f"    with no term base at all: {without:.2f} s; everything that terms bring costs {1 - without / whole:.1%}")


def best_of_three(searcher: Searcher, query: str) -> float:
    times = []
    for _ in range(3):
        started = time.perf_counter()
        searcher.search(query, limit=10)
        times.append(time.perf_counter() - started)
    return min(times)


def querying(act: Path, root: Path) -> None:
    kept = root / "kazakh" / act.name
    kept.mkdir(parents=True)
    for file in act.iterdir():
        if file.stem in ("kaz", "meta"):
            shutil.copy(file, kept)
    build([root / "kazakh"], root / "kazakh-index")
    with Searcher(root / "kazakh-index") as searcher:
        pairs = [
            (t.kk, t.ru)
            for t in searcher.terms()
            if t.status == "preferred" and t.source.startswith(act.name) and " " not in t.kk + t.ru
        ][::4]
        direct = [best_of_three(searcher, kk) for kk, _ in pairs]
        through = [best_of_three(searcher, ru) for _, ru in pairs]
        a, b = statistics.median(direct), statistics.median(through)
        print(f"{len(pairs)} words: {a * 1000:.2f} ms without terms, {b * 1000:.2f} ms through terms ({b / a:.2f} times)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--act", type=Path, default=Path(__file__).parents[1] / "corpus" / "Z1400000199")
    parser.add_argument("--copies", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        indexing(given.act, 1, Path(folder) / "one")
        indexing(given.act, given.copies, Path(folder) / "many")
        querying(given.act, Path(folder))


if __name__ == "__main__":
    main()
