"""Writes `docs/benchmarks.md` and its plots from what `compare.py` has measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import plot

All = dict[str, Any]
KINDS = ("1 word", "2 words", "3 words", "4 words", "phrase", "term", "prefix", "all")
ASKED = {
    "lawsearch": "lawsearch, whole",
    "engine": "— its engine alone",
    "lawsearch tantivy": "lawsearch on tantivy, whole",
    "engine tantivy": "— its engine alone",
    "SQLite FTS5": "SQLite FTS5",
    "tantivy": "tantivy, raw",
    "Whoosh, raw": "Whoosh, raw",
}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows), ""]


def _mb(size: float) -> str:
    return f"{size / 1e6:,.1f} MB"


def _times(value: float, base: float) -> str:
    return f"{value / base:.2f} ×" if base else "—"


def _rate(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}/s" if seconds > 0 else "—"


def _machine() -> str:
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        model = next(
            (line.partition(":")[2].strip() for line in cpuinfo.read_text().split("\n") if line.startswith("model name")), ""
        )
    return f"{os.cpu_count()} cores{f' ({model})' if model and model != 'unknown' else ''}, {platform.system()}, Python {platform.python_version()}"


def _sizes_row(measured: All, size: int) -> list[str]:
    c = measured[f"{size} counts"]
    return [f"{c['provisions']:,}", f"{c['acts']:,}", f"{c['words']:,}", _mb(c["corpus"])]


def _index_rows(measured: All, size: int) -> list[list[str]]:
    count = measured[f"{size} counts"]["provisions"]
    rows = []
    for name, key in (
        ("first build, all of it", "index"),
        ("everything analysed already", "index prepared"),
        ("the same, on tantivy", "index tantivy prepared"),
        ("nothing changed", "index unchanged"),
    ):
        m = measured.get(f"{size} {key}")
        if m is None:
            continue
        rows.append([name, f"{m['seconds']:.1f} s", f"{m['cpu']:.1f} s", _rate(count, m["seconds"]), _mb(m["memory"])])
    return rows


def _key_rows(measured: All, size: int) -> list[list[str]]:
    count = measured[f"{size} counts"]["provisions"]
    base = measured.get(f"{size} keys Whoosh, raw", {}).get("cpu", 0.0)
    rows = []
    for name, key in (
        ("lawsearch, default engine", "whoosh"),
        ("lawsearch, tantivy", "tantivy"),
        ("SQLite FTS5", "SQLite FTS5"),
        ("tantivy, raw", "tantivy"),
        ("Whoosh, raw", "Whoosh, raw"),
    ):
        m = measured.get(f"{size} keys {key if name != 'tantivy, raw' else 'tantivy raw'}")
        if m is not None:
            rows.append(
                [name, f"{m['cpu']:.1f} s", _times(m["cpu"], base), _rate(count, m["cpu"]), _mb(m["size"]), _mb(m["memory"])]
            )
    return rows


def _asked_rows(measured: All, size: int) -> list[list[str]]:
    base = measured.get(f"{size} asked SQLite FTS5", {"all": [0.0]})["all"][0]
    rows = []
    for key, name in ASKED.items():
        m = measured.get(f"{size} asked {key}")
        if m is not None:
            rows.append(
                [
                    name,
                    *(f"{m[kind][0]:.2f} / {m[kind][1]:.1f}" if kind in m else "—" for kind in KINDS),
                    _times(m["all"][0], base),
                ]
            )
    m = measured.get(f"{size} asked ripgrep")
    if m is not None:
        rows.append(["ripgrep", f"{m[0]:.0f} / {m[1]:.0f}", *("—" for _ in KINDS[1:]), _times(m[0], base)])
    return rows


def write(out: Path, measured: All, sizes: Sequence[int], quality_at: int) -> None:
    """Write the page and, beside it, its plots."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("whoosh3", "tantivy", "numpy"))
    page = [
        "# Benchmarks",
        "",
        "Written by `python benchmarks/compare.py`: synthetic bilingual corpora (`benchmarks/make_corpus.py`), one machine, the same",
        "keys and the same queries for all. A run can be stopped and taken up, its figures are kept; on a machine that does other work as well times vary by half, ratios",
        "less. CPU seconds, where they are given, vary least.",
        "",
        f"Machine: {_machine()}; {versions}.",
        "",
        "## The corpora",
        "",
        *_table(("provisions", "acts", "distinct forms", "size"), [_sizes_row(measured, size) for size in sizes]),
        "## Indexing",
        "",
        "The whole road: reading, pairing the languages, analysis, terms, postings, store, flushing. `--jobs 2` for the first build.",
        "Memory is that of the largest process.",
        "",
    ]
    for size in sizes:
        page += [
            f"{size:,} provisions:",
            "",
            *_table(("build", "time", "CPU", "provisions", "memory"), _index_rows(measured, size)),
        ]
    page += [
        "### Postings alone, given ready-made keys",
        "",
        "One core. Ratios are to raw Whoosh on the same keys (Whoosh's own codec, one text a field), where it was run. A provision has",
        "some 360 postings in 14 fields: its words in both languages, their forms, the other side of its terms, its article's title.",
        "",
    ]
    for size in sizes:
        page += [
            f"{size:,} provisions:",
            "",
            *_table(("", "CPU", "to raw Whoosh", "provisions", "size", "memory"), _key_rows(measured, size)),
        ]
    largest = max(size for size in sizes if f"{size} size" in measured)
    s = measured[f"{largest} size"]
    page += [
        f"The index of {largest:,} provisions: {_mb(s['store'])} of texts and vocabulary (SQLite), {_mb(s['lists'])} of postings"
        + (f", or {_mb(s['tantivy'])} with tantivy." if "tantivy" in s else "."),
        "",
        "## Queries",
        "",
        "Milliseconds of CPU time, median / 95th percentile, one core, an engine that has answered 40 other queries before; each is",
        "asked once in each of three fresh engines, and its best time counts. *Whole* is all that a search does: parsing, analysis, the",
        "tree, articles whose words are spread over several provisions, ranking by closeness, highlights of ten hits. The others are",
        "asked for the ten best by their own BM25 and given the keys that lawsearch looks for. Phrases are keys side by side: where a",
        "word has several keys at one place, only lawsearch finds all of them. The last column is the ratio to FTS5.",
        "",
    ]
    for size in sizes:
        page += [f"{size:,} provisions:", "", *_table(("", *KINDS, "to FTS5"), _asked_rows(measured, size))]
    page += ["![Growth of query times](benchmarks-queries.svg)", "", "![Growth of indexing](benchmarks-indexing.svg)", ""]
    page += _batch(measured, sizes)
    page += _quality(measured, quality_at)
    text = "\n".join(page)
    notes = Path(__file__).with_name("notes.md")
    if notes.exists():
        text += "\n" + notes.read_text(encoding="utf-8")
    out.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    _plots(out, measured, sizes)


def _batch_row(m: All, idle: All) -> list[str]:
    return [f"{m['queries']:,}", _rate(m["queries"], m["cpu"] - idle["cpu"]), _mb(m["memory"])]


def _batch(measured: All, sizes: Sequence[int]) -> list[str]:
    rows = []
    for size in sizes:
        m, idle = measured.get(f"{size} batch"), measured.get(f"{size} batch idle")
        if m is not None and idle is not None:
            rows.append([f"{size:,} provisions", *_batch_row(m, idle)])
    seed = measured["seed batch"]
    for name, said in (
        ("one hit", "the shipped act, `-n 1`"),
        ("different", "the shipped act, no query twice"),
        ("few", "the shipped act"),
        ("many", "the shipped act"),
    ):
        rows.append([said, *_batch_row(seed[name], seed["idle"])])
    cold = measured["cold start"]
    return [
        "## Batch",
        "",
        "`lawsearch batch --jobs 2`, ten hits a query unless said otherwise, whole records written; without its start. The rate is that",
        "of one core by CPU time, all processes counted; two cores to themselves do twice as much.",
        "",
        *_table(("index", "queries", "rate of a core", "memory of the largest process"), rows),
        "## Cold start",
        "",
        f"`lawsearch search -l полиция`, the whole process, CPU time: {cold['search']:.0f} ms at best ({cold['search median']:.0f} ms median of 25). A process "
        f"that only imports the same modules: {cold['imports']:.0f} ms ({cold['imports median']:.0f} ms); Python alone: {cold['python']:.0f} ms. "
        f"Ratio: {cold['search'] / cold['imports']:.2f} (medians {cold['search median'] / cold['imports median']:.2f}).",
        "",
    ]


def _quality(measured: All, size: int) -> list[str]:
    q = measured["quality"]
    rows = [
        [name, *(f"{100 * q[lang][name][0]:.0f} % ({q[lang][name][1]:.2f})" for lang in ("kk", "ru"))]
        for name in q["kk"]
        if name != "words"
    ]
    return [
        "## Quality: inflected forms found",
        "",
        f"{size:,} provisions. {q['kk']['words']} Kazakh and {q['ru']['words']} Russian nouns, each asked for by one of its forms: the share of the",
        "provisions with any of its forms that is found; in brackets how many others are found for each right one. Those are not wrong",
        "as such: other endings of the word than the list has; with lawsearch also provisions whose text in the other language has the",
        "word, or the title over them. The others are fed texts, as people would.",
        "",
        *_table(("", "Kazakh", "Russian"), rows),
    ]


def _plots(out: Path, measured: All, sizes: Sequence[int]) -> None:
    def lines(names: dict[str, str], value: Any) -> dict[str, list[tuple[float, float]]]:
        found = {}
        for key, name in names.items():
            points = [(float(size), value(size, key)) for size in sizes if value(size, key)]
            if points:
                found[name] = points
        return found

    asked = {
        "lawsearch": "lawsearch, whole",
        "engine": "its engine",
        "engine tantivy": "its tantivy engine",
        "SQLite FTS5": "SQLite FTS5",
        "tantivy": "tantivy, raw",
        "Whoosh, raw": "Whoosh, raw",
        "ripgrep": "ripgrep",
    }

    def median(size: int, key: str) -> float:
        m = measured.get(f"{size} asked {key}")
        return 0.0 if m is None else float(m[0] if key == "ripgrep" else m["all"][0])

    built = {
        "keys whoosh": "lawsearch, keys ready",
        "keys SQLite FTS5": "SQLite FTS5",
        "keys tantivy raw": "tantivy, raw",
        "keys Whoosh, raw": "Whoosh, raw",
        "index": "lawsearch, all of it",
    }

    def cpu(size: int, key: str) -> float:
        return float(measured.get(f"{size} {key}", {}).get("cpu", 0.0))

    queries = plot.chart("Median time of a query", "provisions", "milliseconds", lines(asked, median))
    out.with_name("benchmarks-queries.svg").write_text(queries, encoding="utf-8")
    indexing = plot.chart("CPU time of indexing", "provisions", "seconds", lines(built, cpu))
    out.with_name("benchmarks-indexing.svg").write_text(indexing, encoding="utf-8")
