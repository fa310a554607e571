"""The engines alone at 100,000, 200,000 and 1,000,000 provisions: writing, size, memory, queries, and whether they agree.

    python benchmarks/million.py INDEX [--sizes 100000,200000,1000000] [--engines whoosh,tantivy] [--work DIR] [--out FILE]

Analysing a million provisions would take an hour and say nothing about an engine. So the postings of INDEX (built by the
default engine, some ten thousand provisions: `compare.py` leaves such ones) are repeated. Of every repetition a tenth of the
postings is left out at random, and of its rare keys so many get new names that the number of keys grows as Heaps has it, with
the square root of the number of postings and somewhat faster. The queries are those of `compare.py`, by CPU time; their trees
are made on INDEX. What is measured is kept in DIR, so that a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

import compare
import rivals
from lawsearch.engine import choice
from lawsearch.engine.base import Node
from lawsearch.engine.inverted import Inverted, Lists
from lawsearch.query import syntax
from lawsearch.query.expand import concept
from lawsearch.ranking import Ranking
from lawsearch.search import Searcher

ROOT = Path(__file__).resolve().parent.parent
#: Of every repetition this share of the postings stays.
_KEPT = 0.9
_HEAPS = 0.5
#: Keys of no more documents than this in a batch may get new names.
_RARE = 2
WARM_UP, PASSES = 40, 2


class Asked(NamedTuple):
    """A query: its tree, and what is asked for articles whose provisions share its words."""

    kind: str
    typed: str
    tree: Node
    own: tuple[Node, ...]
    titles: tuple[Node, ...]


def asked(index: Path, each: int) -> list[Asked]:
    with Searcher(index) as searcher:
        found = []
        for one in compare.queries(searcher, each):
            concepts = tuple(
                concept(i, None, searcher.analyzer, searcher.store, searcher.reader) for i in syntax.parse(one.typed).items
            )
            ranking = Ranking(searcher.store, searcher.reader, searcher.marked, concepts, None, 10, False)
            own, titles = (tuple(nodes) for nodes in ([c.own(False) for c in concepts], [c.context() for c in concepts]))
            found.append(Asked(one.kind, one.typed, ranking._tree(False), own, titles))
        return found


def repeated(index: Path, size: int) -> Iterator[Inverted]:
    """Batches of ``size`` documents in all."""
    source = list(compare.batches(index))
    first = sum(batch.size for batch in source)
    written = 0
    for turn in range(size // first + 1):
        new = ((turn + 1) ** _HEAPS - turn**_HEAPS) if turn else 0.0
        for number, batch in enumerate(source):
            if written >= size:
                return
            rng = np.random.default_rng([turn, number])
            one = batch if not turn else varied(batch, turn, new, rng)
            written += one.size
            yield one


def varied(batch: Inverted, turn: int, new: float, rng: np.random.Generator) -> Inverted:
    found = Inverted(batch.size)
    for name, lists in batch.fields.items():
        documents_of, frequencies = (np.asarray(a).astype(np.int64) for a in (lists.documents_of, lists.frequencies))
        stays = rng.random(len(frequencies)) < _KEPT
        # The rarest keys are what a larger corpus has more of.
        rare = documents_of <= _RARE
        share = new * len(rare) / max(1, int(rare.sum()))
        keys = [
            f"{key}~{turn}" if few and crc32(f"{key} {turn}".encode()) < share * 2**32 else key
            for key, few in zip(lists.keys, rare.tolist(), strict=True)
        ]
        # Keys stand in their order, new names too.
        order = np.array(sorted(range(len(keys)), key=keys.__getitem__))
        starts = (np.cumsum(documents_of) - documents_of)[order]
        many = documents_of[order]
        entries = np.arange(int(many.sum())) + np.repeat(starts - (np.cumsum(many) - many), many)
        key_of = np.repeat(np.arange(len(order)), many)[stays[entries]]
        entries = entries[stays[entries]]
        firsts, some = (np.cumsum(frequencies) - frequencies)[entries], frequencies[entries]
        at = np.arange(int(some.sum())) + np.repeat(firsts - (np.cumsum(some) - some), some)
        kept_of = np.bincount(key_of, minlength=len(order))
        positions_of = np.bincount(np.repeat(key_of, some), minlength=len(order))
        left = np.flatnonzero(kept_of)
        parts = (kept_of[left], positions_of[left], np.asarray(lists.documents)[entries], some, np.asarray(lists.positions)[at])
        arrays = [array("I", part.astype(np.uint32).tobytes()) for part in parts]
        found.fields[name] = Lists([keys[order[i]] for i in left.tolist()], *arrays)
        numbers, lengths = batch.lengths[name]
        found.lengths[name] = (numbers, array("I", np.maximum(1, np.asarray(lengths) * _KEPT).astype(np.uint32).tobytes()))
    return found


def write(name: str, folder: Path, batches: Iterable[Inverted]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    writer = choice.engine(name).writer(folder)
    for batch in batches:
        writer.add_batch(batch)
    writer.commit()


def ask(name: str, folder: Path, some: Sequence[Asked], groups: Sequence[int]) -> dict[str, Any]:
    """CPU milliseconds by kind, of the best ten and of articles that share the words; and what was found."""
    least: dict[str, float] = {}
    spread: dict[str, float] = {}
    found: dict[str, Any] = {}
    opened = 0.0
    for turn in range(PASSES):
        started = time.process_time()
        reader = choice.engine(name).reader(folder)
        opened = time.process_time() - started
        here = groups[: reader.document_count()]
        order = list(some)
        random.Random(turn).shuffle(order)
        for number, one in enumerate(order):
            started = time.process_time()
            answer = reader.search(one.tree, 10)
            spent = (time.process_time() - started) * 1000
            if number < WARM_UP:
                continue
            least[one.typed] = min(least.get(one.typed, 1e9), spent)
            found[one.typed] = [answer.total, answer.top]
            if len(one.own) > 1 and turn == 0:
                started = time.process_time()
                articles = reader.spread(one.own, one.titles, one.tree, here)
                spread[one.typed] = (time.process_time() - started) * 1000
                found[one.typed].append(articles.total)
        reader.close()
    # What an evaluation of every match finds, which every engine has alike.
    reader = choice.engine(name).reader(folder)
    every = {}
    for one in some:
        answer = reader.search(one.tree, None)
        every[one.typed] = [answer.total, answer.top[:10]]
    reader.close()
    times = {}
    for kind in (*compare.KINDS, "all"):
        values = sorted(least[one.typed] for one in some if one.typed in least and kind in (one.kind, "all"))
        times[kind] = [statistics.median(values), values[int(0.95 * len(values))]]
    values = sorted(spread.values())
    times["spread"] = [statistics.median(values), values[int(0.95 * len(values))]]
    return {"times": times, "found": found, "every": every, "opened": opened * 1000}


def groups_of(index: Path, size: int) -> array[int]:
    with Searcher(index) as searcher:
        one = np.asarray(searcher.store.articles_of())
    turns = size // len(one) + 2
    step = int(one.max()) + 1
    whole = np.concatenate([one + turn * step for turn in range(turns)])
    return array("I", whole.astype(np.uint32).tobytes())


def agreement(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Of the queries that both were asked: how many totals are equal, how many of the best ten are the same."""
    both = [typed for typed in one if typed in other]
    totals = sum(one[t][0] == other[t][0] for t in both)
    same = sum(one[t][1] == other[t][1] for t in both)
    shared = sum(len({n for n, _ in one[t][1]} & {n for n, _ in other[t][1]}) for t in both) / max(
        1, sum(len(one[t][1]) for t in both)
    )
    # How much of the score is lost where others were found.
    lost = [
        1 - sum(s for _, s in other[t][1]) / sum(s for _, s in one[t][1])
        for t in both
        if one[t][1] and sum(s for _, s in one[t][1])
    ]
    return {"queries": len(both), "totals": totals, "same": same, "shared": shared, "lost": sum(lost) / max(1, len(lost))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--sizes", default="100000,200000,1000000")
    parser.add_argument("--engines", default="whoosh,tantivy")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "lawsearch-million")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "million.md")
    parser.add_argument("--queries", type=int, default=40, help="of each kind")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    measured = compare.Measured(options.work / "measured.json")
    sizes, engines = [int(s) for s in options.sizes.split(",")], options.engines.split(",")
    some = asked(options.index, options.queries)
    for size in sizes:
        groups = groups_of(options.index, size)
        for name in engines:
            folder = options.work / f"{name}-{size}"

            def written(name: str = name, folder: Path = folder, size: int = size) -> dict[str, Any]:
                told = compare.timed_build(repeated(options.index, size), lambda fed: write(name, folder, fed))
                return {
                    **told,
                    "size": rivals.size_of(folder),
                    "provisions": choice.engine(name).reader(folder).document_count(),
                }

            measured(f"{size} {name} write", lambda work=written: compare.in_child(work))

            def searched(name: str = name, folder: Path = folder, groups: Sequence[int] = groups) -> dict[str, Any]:
                return ask(name, folder, some, groups)

            measured(f"{size} {name} ask", lambda work=searched: compare.in_child(work))
    options.out.write_text(report(measured.all, sizes, engines))


def report(measured: dict[str, Any], sizes: Sequence[int], engines: Sequence[str]) -> str:
    """The page: what was measured at every size that is there for every engine."""
    lines = [
        "# A million provisions",
        "",
        "Written by `python benchmarks/million.py INDEX`: the engines alone, given ready-made keys. The postings of a synthetic corpus of ten",
        "thousand provisions in two languages, some 380 keys each, are repeated; a tenth of them is left out at random every time, and rare keys",
        "get new names so that the vocabulary grows as in a larger corpus. Which engine to take: `docs/scale.md`.",
        "",
        "All times are CPU time of one core; other work on the machine makes them longer by up to a half, ratios vary less.",
        "Each query is asked once in each of two fresh engines that have answered 40 others, and its better time counts. *Articles* is what",
        "follows the search for several words: all articles whose provisions hold them together. Below each table: for",
        "how many queries the best ten are those that an evaluation of every match finds, as the default engine's is, in the same order with",
        "the same scores, and what is missing in the sum of their scores where they are not.",
    ]
    names = [name for name in engines if any(f"{size} {name} ask" in measured for size in sizes)]
    for size in sizes:
        if not all(f"{size} {name} ask" in measured for name in names):
            continue
        lines += [
            "",
            f"## {size:,} provisions",
            "",
            "| engine | written | CPU | size | memory, writing | memory, searching |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for name in names:
            w, a = measured[f"{size} {name} write"], measured[f"{size} {name} ask"]
            lines.append(
                f"| {name} | {w['provisions'] / w['cpu']:,.0f} provisions/s | {w['cpu']:.0f} s | {w['size'] / 1e6:,.0f} MB | "
                f"{w['memory'] / 1e6:,.0f} MB | {a['memory'] / 1e6:,.0f} MB |"
            )
        kinds = (*compare.KINDS, "all", "spread")
        lines += ["", "Milliseconds, median / 95th percentile:", ""]
        heads = ["articles" if kind == "spread" else kind for kind in kinds]
        lines += ["| engine | " + " | ".join(heads) + " |", "| --- " * (len(kinds) + 1) + "|"]
        for name in names:
            times = measured[f"{size} {name} ask"]["times"]
            lines.append(f"| {name} | " + " | ".join(f"{times[k][0]:.1f} / {times[k][1]:.1f}" for k in kinds) + " |")
        for name in names:
            told = agreement(measured[f"{size} {name} ask"]["every"], measured[f"{size} {name} ask"]["found"])
            if name == "whoosh":
                # It evaluates every match.
                continue
            lines += [
                "",
                f"Of {told['queries']} queries {name} counts all matches for {told['totals']}, and finds the very best ten for "
                f"{told['same']}; {told['shared']:.1%} of all hits are the same, and {told['lost']:.2%} of their scores are missing.",
            ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
