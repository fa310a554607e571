"""`lawsearch batch`: many queries in, records out, in input order; a bad line stops nothing after it."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lawsearch.cli import session
from lawsearch.errors import IndexUnusableError, LawsearchError
from lawsearch.output import records
from lawsearch.search import Searcher

ROW_COLUMNS = ("id", "query", "total", "relaxed", "error", *records.HIT_COLUMNS)
#: So many queries at most are given to a worker at once.
_CHUNK = 32
#: After so many queries it is told how many there have been.
_TOLD = 100
#: The format of the records, how many hits for each query, whether queries are plain words.
How = tuple[str, int, bool]
Settings = Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class Query:
    """One line of input: its id (given, else the line's number), its text, or what is wrong with the line."""

    id: Any
    text: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The lines to print for one query, in UTF-8, and how it went."""

    lines: tuple[bytes, ...]
    found: bool
    failed: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers to some queries: their lines, or the same as bytes, which need not be taken apart and put together again on
    their way from a worker to a file."""

    lines: tuple[str, ...]
    data: bytes
    queries: int
    found: bool
    failed: bool

    @classmethod
    def of(cls, answers: Sequence[Answer], as_bytes: bool) -> Answered:
        lines = [line for one in answers for line in one.lines]
        found, failed = any(a.found for a in answers), any(a.failed for a in answers)
        if as_bytes:
            return cls((), b"\n".join((*lines, b"")), len(answers), found, failed)
        return cls(tuple(line.decode("utf-8") for line in lines), b"", len(answers), found, failed)


def _unlocked(stream: IO[bytes]) -> Iterable[bytes]:
    """The lines of a stream, read past its buffer: a thread that waits in there for a line keeps everybody else from closing
    it, and the program from ending."""
    try:
        handle = stream.fileno()
    except (OSError, ValueError):
        return stream
    return _lines_of(handle)


def _lines_of(handle: int) -> Iterator[bytes]:
    parts: list[bytes] = []
    while data := os.read(handle, 1 << 16):
        *whole, rest = data.split(b"\n")
        if whole:
            yield b"".join((*parts, whole[0], b"\n"))
            yield from (line + b"\n" for line in whole[1:])
            parts.clear()
        if rest:
            parts.append(rest)
    if parts:
        yield b"".join(parts)


def read(stream: Iterable[bytes], kind: str) -> Iterator[Query]:
    """The queries of a stream, one at a time. Blank lines are no queries, but count as lines."""
    if kind == "csv":
        yield from _read_csv(stream)
        return
    for number, raw in enumerate(stream, 1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError as error:
            yield Query(
                number,
                raw.decode("utf-8", "replace").strip(),
                f"line {number}: not UTF-8 at byte {error.start} of the line",
            )
            continue
        if not line:
            continue
        yield Query(number, line) if kind == "lines" else _from_json(number, line)


def _from_json(number: int, line: str) -> Query:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Query(number, line[:200], f"line {number}: not JSON ({getattr(error, 'msg', 'too deep')})")
    if not isinstance(value, dict) or not isinstance(value.get("query"), str):
        return Query(number, line[:200], f'line {number}: needs a text "query", as in {{"query": "полиция"}}')
    text = value["query"]
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        # JSON may escape half of a pair of code units, which is no letter.
        sign = f"U+{ord(text[error.start]):04X}"
        shown = text.encode("utf-8", "replace").decode("utf-8")
        return Query(
            value.get("id", number), shown, f"line {number}: the query is no text at character {error.start + 1} ({sign})"
        )
    return Query(value.get("id", number), text)


def _read_csv(stream: Iterable[bytes]) -> Iterator[Query]:
    def lines() -> Iterator[str]:
        for number, raw in enumerate(stream, 1):
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8", "replace")

    csv.field_size_limit(10_000_000)
    reader = csv.DictReader(lines())
    try:
        fields = reader.fieldnames or ()
    except csv.Error as error:
        raise LawsearchError(f"batch: the input is not CSV ({error})") from None
    if "query" not in fields:
        raise LawsearchError("batch: the CSV input has no column `query`; name it in the first line, as in: id,query")
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Query(reader.line_num, "", f"line {reader.line_num}: not CSV ({error})")
            continue
        query = row.get("query")
        if query is None:
            yield Query(row.get("id") or reader.line_num, "", f"line {reader.line_num}: no column `query` in it")
        else:
            yield Query(row.get("id") or reader.line_num, query)


def answer(searcher: Searcher, written: records.HitLines, query: Query, kind: str, limit: int, literal: bool = False) -> Answer:
    """Search for one query and write its record; ``written``: what was written of the searcher's provisions before."""
    if query.error is None:
        try:
            found = searcher.search(query.text, limit=limit, literal=literal)
        except IndexUnusableError:
            raise
        except LawsearchError as error:
            query = Query(query.id, query.text, " ".join(str(error).split()))
    if query.error is not None:
        if kind == "jsonl":
            line = records.dump({"id": query.id, "query": query.text, "error": query.error})
        else:
            line = records.row(_cells(query, 0, False, query.error, None), kind)
        return Answer((records.encoded(line),), False, True)
    if kind == "jsonl":
        number = str(query.id) if type(query.id) is int else records.dump(query.id)
        relaxed = "true" if found.relaxed else "false"
        head = f'{{"id":{number},"query":{records.dump(query.text)},"total":{found.total},"relaxed":{relaxed}'
        more = records.mended(found)
        if more:
            head += f",{records.dump(more)[1:-1]}"
        hits = written.lines(found.hits, query.text)
        return Answer((b"".join((records.encoded(head), b',"hits":[', hits, b"]}")),), bool(found.total), False)
    told = [records.hit(h, query.text) for h in found.hits]
    gap = f"partial: {found.partial}" if found.partial else ""
    rows = [_cells(query, found.total, found.relaxed, gap, h) for h in told] or [_cells(query, 0, False, gap, None)]
    return Answer(tuple(map(records.encoded, records.rows(rows, kind))), bool(found.total), False)


def _cells(query: Query, total: int, relaxed: bool, error: str, hit: records.Record | None) -> list[str]:
    head = [str(query.id), query.text, str(total), "true" if relaxed else "false", error]
    return head + (records.hit_row(hit) if hit is not None else [""] * len(records.HIT_COLUMNS))


def run(
    index: Path,
    source: str,
    kind: str,
    output: str,
    limit: int,
    jobs: int,
    searcher: Searcher,
    *,
    literal: bool = False,
    settings: Settings = None,
) -> int:
    """Answer every query of a file (or ``-``), in order, whatever ``jobs`` is. Returns the exit code."""
    stream: IO[bytes]
    if source == "-":
        stream = sys.stdin.buffer
    else:
        try:
            stream = Path(source).open("rb")  # noqa: SIM115 (closed by the `with` below)
        except OSError as error:
            raise LawsearchError(
                f"{source}: cannot be read ({error.strerror}); name a file of queries, or - for stdin"
            ) from None
    found = failed = False
    count = told = 0
    as_bytes = not sys.stdout.isatty()

    def put(lines: Sequence[str], data: bytes) -> None:
        session.write_encoded(data) if as_bytes else session.write_lines(lines)

    if output != "jsonl":
        head = records.row(ROW_COLUMNS, output)
        put((head,), records.encoded(f"{head}\n"))
    watched = sys.stderr.isatty()
    with stream:
        lines = stream if jobs <= 1 else _unlocked(stream)
        for some in _answers(read(lines, kind), index, (output, limit, literal), jobs, searcher, settings, as_bytes):
            put(some.lines, some.data)
            found, failed = found or some.found, failed or some.failed
            count += some.queries
            if watched and count - told >= _TOLD:
                told = count
                sys.stderr.write(f"\r{count:,} queries")
    if watched:
        sys.stderr.write("\r\033[K")
    return session.ERROR if failed else session.FOUND if found else session.NOTHING


def _answers(
    queries: Iterable[Query], index: Path, how: How, jobs: int, searcher: Searcher, settings: Settings, as_bytes: bool
) -> Iterator[Answered]:
    if jobs <= 1:
        written, tending = records.HitLines(), session.Tending()
        for query in queries:
            yield Answered.of((answer(searcher, written, query, *how),), as_bytes)
            tending.answered()
        return
    from lawsearch.processes import in_order

    # Tuples, not `Query`s: they are made and read in half of the time.
    items = ((query.id, query.text, query.error) for query in queries)
    arguments = (index, searcher.generation, how, settings, as_bytes)
    for (lines, count, found, failed), data in in_order(jobs, _start_worker, arguments, items, _CHUNK):
        yield Answered(lines, data, count, found, failed)


#: Of some answers what `Answered` has beside their bytes.
Told = tuple[tuple[str, ...], int, bool, bool]


def _start_worker(
    index: Path, generation: str, how: How, settings: Settings, as_bytes: bool
) -> Callable[[list[tuple[Any, str, str | None]]], tuple[Told, bytes]]:
    tending = session.Tending()
    searcher, written = Searcher(index, generation=generation, settings=settings), records.HitLines()

    def work(chunk: list[tuple[Any, str, str | None]]) -> tuple[Told, bytes]:
        found = []
        for one in chunk:
            found.append(answer(searcher, written, Query(*one), *how))
            tending.answered()
        answers = Answered.of(found, as_bytes)
        return (answers.lines, answers.queries, answers.found, answers.failed), answers.data

    return work
