"""Any bytes in; an act or a clear report out; in time and memory that do not depend on the malice of the file."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from lawsearch.corpus import grammar, limits
from lawsearch.corpus.files import discover, markdown_lines, text_lines
from lawsearch.corpus.reading import read_act
from lawsearch.errors import CorpusError, QueryError
from lawsearch.indexer import build
from lawsearch.query import citation, syntax
from lawsearch.search import Searcher
from small_corpus import write_corpus, write_terms

posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes")


def left_out(root: Path, tmp_path: Path) -> str:
    """Build from a corpus of one bad act beside good ones: the report on the bad one; the rest is indexed."""
    write_corpus(root, 0)
    report = build([root], tmp_path / "index", terms=write_terms(tmp_path))
    assert report.acts == 2
    assert len(report.failed) == 1
    with Searcher(tmp_path / "index") as searcher:
        assert searcher.search("полиция").total
    return report.failed[0]


def bad(tmp_path: Path, name: str, data: bytes) -> Path:
    file = tmp_path / "c" / "BAD" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return tmp_path / "c"


def test_a_line_of_100_mb(tmp_path: Path) -> None:
    root = bad(tmp_path, "kaz.txt", b"")
    with (root / "BAD" / "kaz.txt").open("wb") as stream:
        stream.truncate(100_000_000)
    tracemalloc.start()
    started = time.process_time()
    said = left_out(root, tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "BAD" in said
    assert "more than 65,536 KB" in said
    assert time.process_time() - started < 20
    assert peak < 150_000_000


def test_a_line_just_too_long(tmp_path: Path) -> None:
    said = left_out(bad(tmp_path, "kaz.txt", "1-бап. А\n1. ".encode() + b"a " * 600_000), tmp_path)
    assert "line 2 has 1,200,003 characters, more than 1,000,000" in said


def test_a_lone_file_that_is_too_large(tmp_path: Path) -> None:
    root = bad(tmp_path, "x.txt", b"")
    with (root / "BAD" / "x.txt").open("wb") as stream:
        stream.truncate(100_000_000)
    assert "KB" in left_out(root, tmp_path)


#: What repeats to a text of some length: each once cost, or might have cost, time that grows faster than the text.
PIECES = {
    "letters": "а", "spaces": " ", "digits": "1", "dashes": "-", "stars": "*", "underscores": "_", "hashes": "#", "quotes": ">", "parentheses": "(",
    "brackets": "[", "bookmarks": "[bookmark: ", "anchors": '<a id="', "escapes": "\\*", "articles": "1-бап ", "статья": "Статья 1. ",
    "sub-points": "1) - ", "laws": "№ 71-VIII ", "dates": "2024.17.07 ", "notes": "Ескерту. 1-бап ", "сноска": "Сноска. Статья 1 с изменениями ",
    "repeals": "алып тасталды ", "guillemets": "«", "numbers": "1, 2, ", "ranges": "1-1) - ", "romans": "IVX", "tables": "| a ", "tags": "<b>",
}  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    best = 1e9
    for _ in range(3):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


@pytest.mark.parametrize("name", PIECES)
def test_reading_is_linear(name: str) -> None:
    piece = PIECES[name]

    def read(size: int) -> None:
        text = (piece * (size // len(piece) + 1))[:size]
        for lines in (text_lines, markdown_lines):
            grammar.parse(lines(text), "kk", "X")

    small, large = seconds(lambda: read(10_000)), seconds(lambda: read(80_000))
    # Eight times the text: quadratic would be 64 times the time.
    assert large < 25 * small + 0.05


@pytest.mark.parametrize("piece", ["а", "лар", "ының", "а-", "қару-", "қару ", "а\u0301", "\u200d", "1", "Ⅷ", "ﷺ"])
def test_words_and_searches_are_linear(tmp_path: Path, piece: str) -> None:
    """One word, or very many, of 100,000 letters: analysed, indexed, found, marked."""
    act = tmp_path / "c" / "A"
    act.mkdir(parents=True)
    (act / "kaz.txt").write_text(f"1-бап. Тақырып\n1. Полиция {piece * (100_000 // len(piece))} соңы.\n", encoding="utf-8")
    started = time.process_time()
    build([tmp_path / "c"], tmp_path / "index", terms=write_terms(tmp_path))
    with Searcher(tmp_path / "index") as searcher:
        assert searcher.search("полиция").total == 1
    assert time.process_time() - started < 15


@pytest.mark.parametrize(
    "piece",
    ["а", "а ", '"', '"а" ', "-а ", "(", ")", "*", "~5 ", "[", "ст. 1 ", "1-бап ", "п. ", "\u0301", "а-", "AND ", "9-1-"],
)
def test_queries_are_bounded(piece: str) -> None:
    said: list[str] = []
    for size in (100, 3_999, 200_000):
        text = (piece * size)[:size]
        started = time.process_time()
        for parse in (syntax.parse, citation.parse):
            try:
                parse(text)
            except QueryError as error:
                said.append(str(error))
        assert time.process_time() - started < 2
    assert said
    assert all(len(line) < 400 for line in said)


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True))  # fmt: skip


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (LAUGHS.encode(), "alias"),
        (b"a: &a\n  b: *a\n", "alias"),
        (b"title: " + b"[" * 10_000, "deep"),
        (b"title: " + b"{a: " * 10_000, "deep"),
        (b"- " * 10_000, "deep"),
        (b"title: x\n" * 100_000, "256 KB"),
        (b"a: !!python/object/apply:os.system ['touch /tmp/owned']\n", "YAML"),
        (b"a: !!python/name:os.system\n", "YAML"),
        (b"date: 2024-99-99\n", "YAML"),
        (b"a: " + b"9" * 10_000 + b"\n", "YAML"),
        (b"? [a, b]\n: c\n? {x: y}\n: d\n", "YAML"),
        (b"<<: 5\n", "YAML"),
        (b"a: !!binary \xff\n", "UTF-8"),
        (b"a: !!set 5\n", "YAML"),
        (b"a: 'x\n", "YAML"),
        (b"\x00", "YAML"),
        (b"just text", "keys and values"),
        ("title: x".encode("utf-16"), "UTF-8"),
    ],
)
def test_a_meta_file_of_malice(tmp_path: Path, data: bytes, says: str) -> None:
    file = tmp_path / "meta.yaml"
    file.write_bytes(data)
    started = time.process_time()
    with pytest.raises(CorpusError, match=says):
        limits.read_meta(file)
    assert time.process_time() - started < 5


def test_a_bomb_in_a_meta_file_costs_its_act_alone(tmp_path: Path) -> None:
    root = bad(tmp_path, "kaz.txt", "1-бап. А\n1. Б.\n".encode())
    (root / "BAD" / "meta.yaml").write_text(LAUGHS)
    assert "meta.yaml: uses an alias" in left_out(root, tmp_path)


def test_half_a_letter_in_a_meta_file(tmp_path: Path) -> None:
    root = write_corpus(tmp_path / "c", 0)
    (root / "A1" / "meta.yaml").write_text('title: {kk: "а\\ud800б"}\nn: .nan\n"\\udc00": 1\n')
    build([root], tmp_path / "index", terms=write_terms(tmp_path))
    with Searcher(tmp_path / "index") as searcher:
        assert searcher.search("полиция").hits[0].act.title["kk"] == "а?б"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32", "cp1251", "koi8-r", "cp866"])
def test_files_that_pretend_to_be_utf_8(tmp_path: Path, encoding: str) -> None:
    said = left_out(bad(tmp_path, "kaz.txt", "1-бап. Тақырып\n1. Полиция.\n".encode(encoding, "replace")), tmp_path)
    assert "UTF-8" in said or "no article" in said


@pytest.mark.parametrize(
    "head",
    [b"%PDF-1.7\n\x00\xff", b"PK\x03\x04\xff\xff", b"\x89PNG\r\n\x1a\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b\x08"],
)
def test_files_of_another_kind(tmp_path: Path, head: bytes) -> None:
    assert "BAD" in left_out(bad(tmp_path, "kaz.txt", head + bytes(range(256)) * 40), tmp_path)


@posix
def test_links_out_of_the_corpus_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    write_corpus(secret, 0)
    (secret / "A1" / "001.txt").write_text("1-бап. Құпия\n1. Құпия мәтін.\n", encoding="utf-8")
    root = write_corpus(tmp_path / "c", 1)
    (root / "linked").symlink_to(secret / "A1", target_is_directory=True)
    (root / "lone.txt").symlink_to(secret / "A1" / "001.txt")
    for law in ("B1", "B2", "B3"):
        (root / law).mkdir()
    (root / "B1" / "kaz.txt").symlink_to(secret / "A1" / "001.txt")
    (root / "B2" / "kaz").mkdir()
    (root / "B2" / "kaz" / "001.txt").symlink_to(secret / "A1" / "001.txt")
    (root / "B3" / "kaz.txt").write_text("3-бап. А\n1. Б.\n", encoding="utf-8")
    (root / "B3" / "meta.yaml").symlink_to(secret / "A1" / "meta.yaml")
    (root / "B3" / "broken.txt").symlink_to(tmp_path / "none")
    (root / "round").symlink_to(root, target_is_directory=True)
    (root / "self").symlink_to(root / "self")
    (root / "B3" / "up").symlink_to(root, target_is_directory=True)
    acts = discover([root])
    assert [act.law for act in acts] == ["A1", "A2", "B3"]
    assert acts[2].meta is None
    for act in acts:
        assert all(file.resolve().is_relative_to(root) for file in act.files)


@posix
def test_a_pipe_in_a_corpus_is_not_waited_for(tmp_path: Path) -> None:
    root = write_corpus(tmp_path / "c", 0)
    (root / "P").mkdir()
    os.mkfifo(root / "P" / "kaz.txt")
    os.mkfifo(root / "pipe.txt")
    assert [act.law for act in discover([root])] == ["A1", "A2"]
    with pytest.raises(CorpusError, match="not a regular file"):
        limits.read_bytes(root / "pipe.txt")


def test_folders_nested_deep(tmp_path: Path) -> None:
    """Deeper than a path may be long: what can be reached is indexed, what cannot is reported."""
    root = write_corpus(tmp_path / "c", 0)
    name = "z" * 200
    before = Path.cwd()
    os.chdir(root)
    try:
        for _ in range(40):
            Path(name).mkdir()
            os.chdir(name)
    finally:
        os.chdir(before)
    acts = discover([root])
    assert [a.law for a in acts if not a.unreadable] == ["A1", "A2"]
    assert ["too long" in a.unreadable for a in acts[2:]] == [True]


@posix
def test_names_that_are_no_text(tmp_path: Path) -> None:
    root = write_corpus(tmp_path / "c", 0)
    name = os.fsencode(root) + b"/\xff\xfe\x1b[31m"
    try:
        os.mkdir(name)
    except OSError:
        pytest.skip("this file system takes text only")
    (Path(os.fsdecode(name)) / "kaz.txt").write_text("7-бап. А\n1. Барлау қызметі.\n", encoding="utf-8")
    (Path(os.fsdecode(name + b"/../bad\xff.txt"))).write_bytes(b"\xff")
    report = build([root], tmp_path / "index", terms=write_terms(tmp_path))
    assert (report.acts, len(report.failed)) == (3, 1)
    with Searcher(tmp_path / "index") as searcher:
        assert [h.act.law for h in searcher.search("барлау").hits] == ["\ufffd\ufffd\ufffd[31m"]
        assert searcher.info()["left_out"]


def test_no_file_holds_up_an_act_beyond_its_limit(tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_bytes(b"x" * 101)
    assert limits.read_bytes(file, 101) == b"x" * 101
    with pytest.raises(CorpusError, match="more than"):
        limits.read_bytes(file, 100)
    with pytest.raises(CorpusError, match="cannot be read"):
        limits.read_bytes(tmp_path / "none", 100)


def test_any_reader_takes_ten_thousand_levels(tmp_path: Path) -> None:
    """Parentheses, quotation, lists and tags nested deep: an act, or a report."""
    for number, text in enumerate(("(" * 10_000, "> " * 10_000, "- " * 10_000, "<div>" * 10_000, "«" * 10_000, "1)" * 10_000)):
        for suffix in (".txt", ".md"):
            folder = tmp_path / f"{number}{suffix}"
            folder.mkdir()
            (folder / f"kaz{suffix}").write_text(f"1-бап. А\n1. Б {text}\n{text}\n", encoding="utf-8")
            act = read_act(discover([folder])[0])
            assert act.provisions
