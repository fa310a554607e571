"""lawsearch beside what people would use instead, on the same machine, the same corpus, the same queries, in one run.

    python benchmarks/compare.py [--sizes 1000,10000,100000] [--work DIR] [--out docs/benchmarks.md]

Makes synthetic corpora (`make_corpus.py`), indexes them, feeds the very same keys to SQLite FTS5, tantivy and Whoosh, asks
all of them the same queries, and writes what came of it: `docs/benchmarks.md` and its plots. What a run has measured is
kept in DIR (`measured.json`), so that one that was stopped goes on where it stood. Needs `pip install -e ".[dev]"`; the rows
of ripgrep need `rg`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import quality
import report
import rivals
from lawsearch.analysis import stopwords, tokens
from lawsearch.analysis.letters import fold
from lawsearch.cli import session
from lawsearch.engine import choice
from lawsearch.engine.base import AllOf, AnyOf, Best, Key, Node, Phrase
from lawsearch.engine.inverted import Inverted
from lawsearch.inversion import Batch
from lawsearch.law import LANGS
from lawsearch.query import syntax
from lawsearch.query.expand import concept
from lawsearch.ranking import Ranking
from lawsearch.search import Searcher
from lawsearch.store import prepared
from rivals import Asked

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
KINDS = ("1 word", "2 words", "3 words", "4 words", "phrase", "term", "prefix")
#: Queries asked before any is measured, and how often each is measured; the least of these times counts.
WARM_UP, PASSES = 40, 3


# -- measuring ----------------------------------------------------------------------------------------------------------


def in_child(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``work`` gives in a process of its own, with the most memory that it had (bytes)."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(read)
            with os.fdopen(write, "w") as stream:
                json.dump(work(), stream)
            code = 0
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read) as stream:
        said = stream.read()
    _, status, used = os.wait4(child, 0)
    if status or not said:
        raise RuntimeError("a measurement failed; see above")
    return {**json.loads(said), "memory": used.ru_maxrss * 1024}


class Untimed:
    """An iterable whose own making is told apart from what is done with it (`spent`: CPU seconds)."""

    def __init__(self, items: Iterable[Any]) -> None:
        self._items = iter(items)
        self.spent = self.waited = 0.0
        self.count = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        cpu, wall = time.process_time(), time.perf_counter()
        try:
            item = next(self._items)
        finally:
            self.spent += time.process_time() - cpu
            self.waited += time.perf_counter() - wall
        self.count += 1
        return item


def timed_build(items: Iterable[Any], build: Callable[[Iterable[Any]], None]) -> dict[str, Any]:
    """CPU and wall seconds of ``build`` without the making of its items."""
    fed = Untimed(items)
    cpu, wall = time.process_time(), time.perf_counter()
    build(fed)
    return {"cpu": time.process_time() - cpu - fed.spent, "seconds": time.perf_counter() - wall - fed.waited}


def command(*arguments: str, stdin: bytes | None = None) -> dict[str, Any]:
    """Run lawsearch: CPU and wall seconds, the memory of its largest process, its exit code, bytes of stdout."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as fed, tempfile.TemporaryFile() as out:
        fed.write(stdin or b"")
        fed.seek(0)
        child = subprocess.Popen(
            [sys.executable, "-c", "from lawsearch.cli.start import run; run()", *arguments],
            stdin=fed,
            stdout=out,
            stderr=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        size = out.seek(0, os.SEEK_END)
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "cpu": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss * 1024,
        "code": child.returncode,
        "out": size,
    }


# -- the corpus, its index and its queries ------------------------------------------------------------------------------


def corpus_of(work: Path, size: int) -> Path:
    """The synthetic corpus of a size, made once."""
    folder = work / f"corpus-{size}"
    if not folder.exists():
        half = folder.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        subprocess.run(
            [sys.executable, str(HERE / "make_corpus.py"), str(half), "--provisions", str(size)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        half.rename(folder)
    return folder


def batches(index: Path) -> Iterator[Inverted]:
    """The postings of an index as its build has kept them, in batches (their order is of no consequence here)."""
    db = sqlite3.connect(f"file:{index / 'prepared.sqlite'}?mode=ro", uri=True)
    for (number,) in db.execute("SELECT rowid FROM batches ORDER BY rowid").fetchall():
        (data,) = db.execute("SELECT data FROM batches WHERE rowid=?", (number,)).fetchone()
        yield Batch.decode(prepared.decompressed(data)).postings


def documents(index: Path) -> Iterator[rivals.Text]:
    """The same as texts of keys, document by document."""
    for batch in batches(index):
        yield from rivals.texts(batch)


def leaves(node: Node) -> Iterator[Key | Phrase]:
    match node:
        case Best(children) | AnyOf(children) | AllOf(children):
            for child in children:
                yield from leaves(child)
        case Key() | Phrase():
            yield node


def queries(searcher: Searcher, each: int, seed: int = 5) -> list[Asked]:
    """Of every kind so many queries, taken from random provisions."""
    rng = random.Random(seed)
    stop = stopwords.KAZAKH | stopwords.RUSSIAN
    found: dict[str, dict[str, Asked]] = {kind: {} for kind in KINDS}
    total = searcher.reader.document_count()
    for _ in range(200_000):
        if all(len(some) >= each for some in found.values()):
            break
        provision = searcher.store.provision(rng.randrange(total))
        lang = rng.choice(LANGS)
        text = provision.texts.get(lang, "")
        words = [fold(w) for w in tokens.words(text)]
        good = [w for w in words if len(w) >= 4 and w.isalpha() and w not in stop]
        if len(set(good)) < 5:
            continue
        kind = rng.choice([k for k in KINDS if len(found[k]) < each])
        if kind == "phrase":
            pairs = [f"{a} {b}" for a, b in pairwise(words) if a in good and b in good and f"{a} {b}" in text.lower()]
            typed = f'"{rng.choice(pairs)}"' if pairs else ""
        elif kind == "term":
            links = [link for link in provision.links.get("kk", ()) if not link.weak]
            typed = searcher.store.term(rng.choice(links).term).term.ru if links else ""
        elif kind == "prefix":
            typed = rng.choice(good)[:5] + "*"
        else:
            typed = " ".join(rng.sample(sorted(set(good)), int(kind[0])))
        one = asked(searcher, kind, typed) if typed else None
        if one is not None:
            found[kind].setdefault(typed, one)
    return [one for some in found.values() for one in some.values()]


def asked(searcher: Searcher, kind: str, typed: str) -> Asked | None:
    """A query as the rivals get it: the very keys that lawsearch looks for. None for a phrase that is taken for something else."""
    items = syntax.parse(typed).items
    concepts = [concept(item, None, searcher.analyzer, searcher.store, searcher.reader) for item in items]
    if kind == "prefix":
        lang = next(iter(concepts[0].surface), "kk")
        return Asked(kind, typed, prefix=(lang, "=" + typed[:-1]))
    nodes = [list(leaves(c.anywhere(False))) for c in concepts]
    if kind == "phrase":
        phrase = next((node for node in nodes[0] if isinstance(node, Phrase)), None)
        if phrase is None:
            return None
        return Asked(kind, typed, phrase=(phrase.field, tuple(place[0] for place in phrase.places)))
    words = [dict.fromkeys((node.field, node.key) for node in some if isinstance(node, Key)) for some in nodes]
    return Asked(kind, typed, tuple(tuple(word) for word in words if word))


def latencies(opened: Callable[[], Callable[[Asked], object]], some: Sequence[Asked]) -> dict[str, Any]:
    """By kind the median and the 95th percentile (CPU milliseconds) of queries not asked before, in an engine that is warm.

    CPU time, for what else the machine does is no part of it; nothing here waits for a disk.
    """
    least: dict[str, float] = {}
    for turn in range(PASSES):
        ask = opened()
        order = list(some)
        random.Random(turn).shuffle(order)
        for one in order[:WARM_UP]:
            ask(one)
        # Each pass warms up with other queries; these are measured in the passes that do not.
        for one in order[WARM_UP:]:
            started = time.process_time()
            ask(one)
            least[one.typed] = min(least.get(one.typed, 1e9), (time.process_time() - started) * 1000)
    told = {}
    for kind in (*KINDS, "all"):
        times = sorted(least[one.typed] for one in some if one.typed in least and kind in (one.kind, "all"))
        told[kind] = [statistics.median(times), times[min(len(times) - 1, int(0.95 * len(times)))]]
    return told


def our_whole(index: Path) -> Callable[[Asked], object]:
    # As every command does.
    session.collect_rarely()
    searcher = Searcher(index)
    return lambda one: searcher.search(one.typed)


def our_engine(index: Path, some: Sequence[Asked]) -> Callable[[Asked], object]:
    """The engine's part alone: the tree of the query, the best 10 of it. Trees are made beforehand, as the rivals' keys are,
    and by another reader, so that no list has been read when it is asked."""
    trees: dict[str, Node] = {}
    with Searcher(index) as maker:
        for one in some:
            concepts = tuple(concept(i, None, maker.analyzer, maker.store, maker.reader) for i in syntax.parse(one.typed).items)
            trees[one.typed] = Ranking(maker.store, maker.reader, maker.marked, concepts, None, 10, False)._tree(False)
    reader = Searcher(index).reader
    return lambda one: reader.search(trees[one.typed], 10)


# -- one size -----------------------------------------------------------------------------------------------------------


class Measured:
    """What was measured so far, by name, on disk."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.all: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}

    def __call__(self, name: str, work: Callable[[], Any]) -> Any:
        if name not in self.all:
            print(f"{time.strftime('%H:%M:%S')} {name}", file=sys.stderr, flush=True)
            self.all[name] = work()
            self._file.write_text(json.dumps(self.all, indent=1, ensure_ascii=False))
        return self.all[name]


def measure(size: int, work: Path, measured: Measured, each: int, jobs: int, raw_whoosh: bool) -> None:
    """All that is measured at one size."""
    corpus = corpus_of(work, size)
    index, other = work / f"index-{size}", work / f"tantivy-{size}"

    def first() -> dict[str, Any]:
        shutil.rmtree(index, ignore_errors=True)
        return command("index", str(corpus), "--index", str(index), "--jobs", str(jobs))

    def again(engine: str) -> dict[str, Any]:
        """Everything is analysed already: what is left is to write the index."""
        target = index if engine == "whoosh" else other
        if target == other:
            shutil.rmtree(other, ignore_errors=True)
            other.mkdir()
            shutil.copy(index / "prepared.sqlite", other)
        (target / "CURRENT").unlink(missing_ok=True)
        return command("index", str(corpus), "--index", str(target), "--engine", engine)

    measured(f"{size} index", first)
    measured(f"{size} index prepared", lambda: again("whoosh"))
    measured(f"{size} index unchanged", lambda: command("index", str(corpus), "--index", str(index)))
    measured(f"{size} index tantivy prepared", lambda: again("tantivy"))
    with Searcher(index) as searcher:
        some = queries(searcher, each)
        counts = searcher.store.counts()
        files = {name: f["size"] for name, f in searcher.manifest["files"].items()}
    with Searcher(other) as searcher:
        others = {name: f["size"] for name, f in searcher.manifest["files"].items()}
    measured(f"{size} counts", lambda: {**counts, "corpus": rivals.size_of(corpus)})
    measured(
        f"{size} size",
        lambda: {
            "store": files["store.sqlite"],
            "lists": files["postings/lists"],
            "tantivy": sum(others.values()) - others["store.sqlite"],
        },
    )

    for name in ("whoosh", "tantivy"):

        def postings(name: str = name) -> dict[str, Any]:
            target = work / f"postings-{name}"
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            writer = choice.engine(name).writer(target)

            def build(fed: Iterable[Any]) -> None:
                for batch in fed:
                    writer.add_batch(batch)
                writer.commit()

            told = timed_build(batches(index), build)
            size_ = rivals.size_of(target)
            shutil.rmtree(target)
            return {**told, "size": size_}

        measured(f"{size} keys {name}", lambda postings=postings: in_child(postings))
    entered: list[Any] = [rivals.Fts5(work), rivals.Tantivy(work), *([rivals.Whoosh(work)] if raw_whoosh else [])]
    for rival in entered:
        told = measured(
            f"{size} keys {rival.key}",
            lambda rival=rival: {
                **in_child(lambda: timed_build(documents(index), rival.build)),
                "size": rivals.size_of(rival.path),
            },
        )
        if f"{size} asked {rival.name}" not in measured.all and rival.path.exists():

            def open_it(rival: Any = rival) -> Callable[[Asked], object]:
                rival.open()
                return rival.search  # type: ignore[no-any-return]

            measured(f"{size} asked {rival.name}", lambda open_it=open_it: in_child(lambda: latencies(open_it, some)))
        assert told
    measured(f"{size} asked lawsearch", lambda: in_child(lambda: latencies(lambda: our_whole(index), some)))
    measured(f"{size} asked engine", lambda: in_child(lambda: latencies(lambda: our_engine(index, some), some)))
    measured(f"{size} asked lawsearch tantivy", lambda: in_child(lambda: latencies(lambda: our_whole(other), some)))
    measured(f"{size} asked engine tantivy", lambda: in_child(lambda: latencies(lambda: our_engine(other, some), some)))
    if rivals.Ripgrep.is_there():
        rg = rivals.Ripgrep(corpus)
        single = [one for one in some if one.kind == "1 word"][:10]

        def searched() -> list[float]:
            times = []
            for one in single:
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                rg.search(one)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                times.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000)
            return [statistics.median(times), max(times)]

        measured(f"{size} asked ripgrep", searched)
    typed = "\n".join(one.typed for one in some if one.kind != "prefix") + "\n"
    times = max(1, 3000 // len(some))
    measured(
        f"{size} batch",
        lambda: {
            **command("batch", "--index", str(index), "--jobs", str(jobs), stdin=(typed * times).encode()),
            "queries": typed.count("\n") * times,
        },
    )
    measured(f"{size} batch idle", lambda: command("batch", "--index", str(index), "--jobs", str(jobs), stdin=b"\n"))


# -- the shipped act ----------------------------------------------------------------------------------------------------


def seed_batch(work: Path, jobs: int, many: int) -> dict[str, Any]:
    """Batch on the act that ships: throughput of some hundred queries over and over and of thousands that are all different,
    and memory after few and after many queries."""
    index = work / "index-seed"
    command("index", "--index", str(index))
    with Searcher(index) as searcher:
        typed = [one.typed for one in queries(searcher, 60) if one.kind != "prefix"]
        different = [one.typed for one in queries(searcher, 1_000) if one.kind != "prefix"]
    lines = ("\n".join(typed) + "\n").encode()
    few, more = many // 10 // len(typed), many // len(typed)
    told = {"idle": command("batch", "--index", str(index), "--jobs", str(jobs), "-n", "10", stdin=b"\n")}
    for name, times in (("few", few), ("many", more)):
        told[name] = {
            **command("batch", "--index", str(index), "--jobs", str(jobs), stdin=lines * times),
            "queries": len(typed) * times,
        }
    told["different"] = {
        **command("batch", "--index", str(index), "--jobs", str(jobs), stdin=("\n".join(different) + "\n").encode()),
        "queries": len(different),
    }
    told["one hit"] = {
        **command("batch", "--index", str(index), "--jobs", str(jobs), "-n", "1", stdin=lines * few),
        "queries": len(typed) * few,
    }
    return told


def cold_start(work: Path) -> dict[str, Any]:
    """A whole `search` beside a process that only imports the modules which it ends up with, turn by turn."""
    index = work / "index-seed"
    environment = os.environ | {"LAWSEARCH_INDEX": str(index)}
    said = subprocess.run(
        [sys.executable, "-c", "import sys; from lawsearch.cli import main, session\nsession.leave = sys.exit\ntry: main.run()\nexcept SystemExit: pass\nprint('\\n'.join(sys.modules), file=sys.stderr)", "search", "-l", "полиция"],
        capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    modules = [m for m in said.stderr.split("\n") if m and m != "__main__" and not m.startswith(("_frozen", "encodings"))]
    importing = "import sys\nfor m in sys.argv[1].split():\n    try: __import__(m)\n    except ImportError: pass\n"
    ways = {
        "search": [sys.executable, "-c", "from lawsearch.cli.start import run; run()", "search", "-l", "полиция"],
        "imports": [sys.executable, "-c", importing, " ".join(modules)],
        "python": [sys.executable, "-c", "pass"],
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(26):
        for name, way in ways.items():
            child = subprocess.Popen(way, env=environment, stdout=subprocess.DEVNULL)
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            if turn:  # at the first one modules are compiled
                times[name].append((used.ru_utime + used.ru_stime) * 1000)
    return {name: min(some) for name, some in times.items()} | {
        f"{name} median": statistics.median(some) for name, some in times.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "lawsearch-benchmarks")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md")
    parser.add_argument("--queries", type=int, default=40, help="of each kind")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--raw-whoosh-up-to", type=int, default=10_000, help="it takes an hour for 100,000 provisions")
    parser.add_argument("--many", type=int, default=200_000, help="queries of the long batch")
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    measured = Measured(chosen.work / "measured.json")
    sizes = [int(size) for size in chosen.sizes.split(",")]
    for size in sizes:
        measure(size, chosen.work, measured, chosen.queries, chosen.jobs, size <= chosen.raw_whoosh_up_to)
    measured("seed batch", lambda: seed_batch(chosen.work, chosen.jobs, chosen.many))
    measured("cold start", lambda: cold_start(chosen.work))
    middle = max((size for size in sizes if size <= 10_000), default=sizes[0])
    measured("quality", lambda: quality.compared(corpus_of(chosen.work, middle), chosen.work / f"index-{middle}", chosen.work))
    report.write(chosen.out, measured.all, sizes, middle)
    print(chosen.out)


if __name__ == "__main__":
    main()
