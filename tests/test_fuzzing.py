"""Any bytes into any reader, any text into any parser: an answer or a clean error, nothing else."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawsearch.cli import batch
from lawsearch.corpus import grammar, limits
from lawsearch.corpus.files import READERS, ActFiles, markdown_lines, text_lines
from lawsearch.corpus.reading import read_act
from lawsearch.engine.posting_lists import ListsReader, ListsWriter, bodies, stored
from lawsearch.errors import CorpusError, IndexUnusableError, LawsearchError
from lawsearch.indexer import build
from lawsearch.output import records
from lawsearch.query import citation, syntax
from lawsearch.search import Searcher
from small_corpus import write_corpus, write_terms

#: What laws are made of, so that random texts get past the first line of a grammar.
PIECES = [
    "1-бап.", "Статья 1.", "9-1-бап", "1-тарау", "Глава 2", "Раздел", "1.", "1)", "25) -8)", "1) - 3)", "Ескертпе.", "Примечание.", "Ескерту.",
    "Сноска.", "алып тасталды", "исключен", "2024.17.07", "06.04.2024", "№ 71-VIII", "58-VІІ", "Заңымен", "Законом РК от", "[bookmark: ", "]", "*", "**",
    "> ", "# ", "<a id=\"st1\"></a>", "| a | b |", "|---|", "\n", "\n", "\n\n", "\r\n", " ", "\t", "\u00a0", "\u200d", "\x00", "\x1b[31m", "\u202e", "қару",
    "оружие", "полиция", "ст. 6 п. 1 пп. 25", "6-бап 1-тармақ 25) тармақша", "\"", "«", "»", "-", "(", ")", "AND", "OR", "NOT", "~3", "/3", ":", "\ud800".encode("utf-8", "replace").decode(),
]  # fmt: skip
laws = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=40).map("".join)
anything = st.one_of(st.binary(max_size=300), laws.map(lambda s: s.encode("utf-8", "replace")), st.tuples(laws, st.binary(max_size=20)).map(lambda p: p[0].encode("utf-8", "replace") + p[1]))  # fmt: skip


def says(error: LawsearchError, *parts: str) -> None:
    """A clean error: of a bounded length, naming what it is about."""
    assert len(str(error)) < 1_000
    assert all(part in str(error) for part in parts)


@pytest.fixture(scope="module")
def small_searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    folder = tmp_path_factory.mktemp("fuzzed")
    build([write_corpus(folder / "c", 0)], folder / "index", terms=write_terms(folder))
    return Searcher(folder / "index")


@pytest.mark.parametrize("suffix", sorted(READERS))
@given(data=anything)
@settings(max_examples=150, deadline=None)
def test_every_reader_takes_any_bytes(tmp_path_factory: pytest.TempPathFactory, suffix: str, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / f"kaz{suffix}"
    file.write_bytes(data)
    try:
        act = read_act(ActFiles("A", {"kk": (file,)}))
    except CorpusError as error:
        says(error, str(file))
        return
    assert act.provisions
    json.dumps([str(p.address) for p in act.provisions])


@given(text=laws, lang=st.sampled_from(["kk", "ru"]))
@settings(max_examples=300, deadline=None)
def test_the_grammar_drops_no_line(text: str, lang: str) -> None:
    for lines in (text_lines(text), markdown_lines(text)):
        outline = grammar.parse(lines, lang, "A")  # type: ignore[arg-type]
        assert len(outline.lines) <= len(lines) + 1


@given(data=anything)
@settings(max_examples=200, deadline=None)
def test_any_bytes_as_a_meta_file(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "meta.yaml"
    file.write_bytes(b"title: x\n" + data)
    try:
        values = limits.read_meta(file)
    except CorpusError as error:
        says(error, str(file))
        return
    json.dumps(values, ensure_ascii=False, allow_nan=False).encode("utf-8")


@given(text=laws | st.text())
@settings(max_examples=400, deadline=None)
def test_any_text_as_a_query(small_searcher: Searcher, text: str) -> None:
    try:
        syntax.parse(text)
        found = small_searcher.search(text)
    except LawsearchError as error:
        says(error)
        return
    for hit in found.hits:
        line = records.dump(records.hit(hit, text))
        assert json.loads(line)["query"] == text
        for lang, spans in hit.highlights.items():
            body = hit.provision.texts.get(lang, "")
            assert all(0 <= a < b <= len(body) for a, b in spans)


@given(text=laws | st.text())
@settings(max_examples=400, deadline=None)
def test_any_text_as_a_citation(text: str) -> None:
    found = citation.parse(text)
    assert found is None or found.cited.articles or found.cited.points or found.cited.subpoints
    path = citation.parse_path(text)
    assert path is None or path in text


@given(data=anything, kind=st.sampled_from(["lines", "jsonl", "csv"]), output=st.sampled_from(["jsonl", "csv", "tsv"]))
@settings(max_examples=200, deadline=None)
def test_any_bytes_as_a_batch(small_searcher: Searcher, data: bytes, kind: str, output: str) -> None:
    try:
        queries = list(
            batch.read(io.BytesIO(data if kind == "lines" else b"id,query\n" + data if kind == "csv" else data), kind)
        )
    except LawsearchError:
        return
    for query in queries:
        for data in batch.answer(small_searcher, records.HitLines(), query, output, 3).lines:
            line = data.decode("utf-8")
            if output == "jsonl":
                json.loads(line)
            elif output == "csv":
                assert len(next(csv.reader(io.StringIO(line, newline="")))) == len(batch.ROW_COLUMNS)


keys = st.dictionaries(
    st.text(min_size=1, max_size=6) | st.text(min_size=600, max_size=700),
    st.dictionaries(st.integers(0, 400), st.sets(st.integers(0, 100_000), min_size=1, max_size=6), min_size=1, max_size=8),
    max_size=60,
)


@given(fields=st.dictionaries(st.sampled_from(["kk", "ru", "via_kk"]), keys, min_size=1))
@settings(max_examples=80, deadline=None)
def test_posting_lists_read_back(
    tmp_path_factory: pytest.TempPathFactory, fields: dict[str, dict[str, dict[int, set[int]]]]
) -> None:
    file = tmp_path_factory.getbasetemp() / "lists"
    lengths = {name: [n % 300 for n in range(401)] for name in fields}
    with file.open("wb") as stream:
        writer = ListsWriter(stream)
        for name in sorted(fields):
            writer.start_field(name)
            if not fields[name]:
                continue
            columns: list[list[int]] = [[], [], [], [], []]
            for lists in (fields[name][key] for key in sorted(fields[name], key=stored)):
                numbers = sorted(lists)
                places = [place for n in numbers for place in sorted(lists[n])]
                for column, values in zip(
                    columns, ([len(numbers)], [len(places)], numbers, [len(lists[n]) for n in numbers], places), strict=True
                ):
                    column += values
            for key, body in zip(sorted(fields[name], key=stored), bodies(*map(np.array, columns)), strict=True):
                writer.add(stored(key), body)
        writer.close(401, lengths)
    reader = ListsReader(file)
    for name, lists_of in fields.items():
        assert list(reader.length(name)) == lengths[name]
        for key, lists in lists_of.items():
            assert {n: list(p) for n, p in reader.postings(name, key).items()} == {n: sorted(p) for n, p in lists.items()}
            assert list(reader.postings(name, key)) == sorted(lists)
        assert reader.postings(name, "no such key, that is sure") == {}
    assert sorted(reader.vocabulary()) == sorted((n, stored(k)) for n, ks in fields.items() for k in ks)
    assert reader.postings("nowhere", "x") == {}
    reader.close()


@given(data=st.binary(max_size=400), at=st.integers(0, 5000), tail=st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_bytes_as_posting_lists(tmp_path_factory: pytest.TempPathFactory, data: bytes, at: int, tail: bool) -> None:
    file = tmp_path_factory.getbasetemp() / "any-lists"
    buffer = io.BytesIO()
    writer = ListsWriter(buffer)
    writer.start_field("kk")
    some = np.arange(300)
    for number, body in enumerate(bodies(*(np.full(300, n) for n in (1, 2)), some, np.full(300, 2), np.tile([1, 2], 300))):
        writer.add(f"{number:05}".encode(), body)
    writer.close(300, {"kk": [2] * 300})
    whole = buffer.getvalue()
    at %= len(whole)
    spoilt = data if tail else whole[:at] + data + whole[at + len(data) :]
    file.write_bytes(spoilt)
    try:
        reader = ListsReader(file)
        for number in (0, 127, 128, 299):
            found = reader.postings("kk", f"{number:05}")
            assert {n: list(p) for n, p in found.items()} == {number: [1, 2]}
        for _, key in reader.vocabulary():
            reader.postings("kk", key)
    except IndexUnusableError as error:
        says(error, "--rebuild")


#: What longer runs of benchmarks/fuzz.py found: kept, so that it stays mended.
FOUND: dict[str, list[bytes]] = {"meta": [b"a: 2024-99-99\n", b"a: " + b"9" * 5000, b'a: "\\ud800"\n', b"a: .inf\n", b"<<: [1]\n", b"? {}\n: 1\n", b"a: !!int x\n", b"a: !!float x\n", b"a: 1:99999999999:1\n", b"0x: 0b\n", b"a: 0b_\n", b"a: 0x_\n", b"a: -_\n"]}  # fmt: skip


@pytest.mark.parametrize("data", FOUND["meta"])
def test_found_in_meta_files(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "meta.yaml").write_bytes(data)
    try:
        json.dumps(limits.read_meta(tmp_path / "meta.yaml"), ensure_ascii=False, allow_nan=False).encode()
    except CorpusError as error:
        says(error, "meta.yaml")
