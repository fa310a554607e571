"""Nothing in a text, a title, a file's name or a query reaches a terminal but as something to be read."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawsearch.analysis.letters import steers
from lawsearch.indexer import build
from lawsearch.output import records
from lawsearch.output.layout import visible
from lawsearch.output.spreadsheet import neutral
from small_corpus import write_terms

#: Colours, a window title, a clear screen, C1's own CSI, Rich markup, writing directions, joiners, NUL, tags, a bell.
HOSTILE = "\x1b[31mҚызыл\x1b]0;title\x07 [bold red]жирный[/] [link=file:///etc]x[/link] \u202eсправа\u2066\u200d\ufeff\x00\x9b2J\U000e0041\u2028\x08\x7f"
LAW = "A\x1b[2J\n\u202e[red]"


@pytest.fixture(scope="module")
def hostile_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    act = folder / "c" / LAW
    act.mkdir(parents=True)
    (act / "kaz.txt").write_text(
        f"1-бап. Тақырып {HOSTILE}\n1. Полиция {HOSTILE} қызметі.\n2. Екінші {HOSTILE}\n", encoding="utf-8"
    )
    (act / "meta.yaml").write_text(
        'title: {kk: "Заң \\e[31m \\x00 [bold] \\u202e", ru: "Закон \\e]0;x\\a"}\n', encoding="utf-8"
    )
    (folder / "c" / "bad\x1b[31m\u202e.txt").write_bytes(b"\xff\xfe")
    index = folder / "index"
    report = build([folder / "c"], index, terms=write_terms(folder))
    assert len(report.failed) == 1
    return index


def on_a_terminal(*arguments: str, stdin: bytes = b"") -> tuple[int, str]:
    """Run the command with a terminal for stdout and stderr; its exit code and all that the terminal was sent."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from lawsearch.cli.main import run; run()", *arguments],
        stdin=subprocess.PIPE,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"NO_COLOR": "1", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    os.close(theirs)
    assert process.stdin is not None
    process.stdin.write(stdin)
    process.stdin.close()
    sent = b""
    try:
        while part := os.read(ours, 65536):
            sent += part
    except OSError:
        pass
    os.close(ours)
    return process.wait(), sent.decode("utf-8")


def harmful(text: str) -> set[str]:
    return {hex(ord(c)) for c in text if steers(c) and c not in "\n\r\t"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "полиция"),
        ("search", "--kwic", "--show", "both", "полиция"),
        ("search", "-l", "полиция"),
        ("search", "--explain", f"полиция {HOSTILE[:40]}".replace("\x00", "")),
        ("search", "--format", "json", "полиция"),
        ("search", "--format", "csv", "полиция"),
        ("search", "--format", "tsv", "полиция"),
        ("show", "1-бап"),
        ("info",),
        ("export",),
        ("batch", "--format", "csv"),
        ("stem",),
        ("show", "Q\x1b[31m"),
        ("search", "--law", "\x1b[31m", "полиция"),
        ("search", "--index", "/tmp/\x1b[31m\u202e", "полиция"),
        ("index", "/tmp/none\x1b[31m"),
        ("batch", "/tmp/none\x1b[31m"),
        ("\x1b[31m",),
    ],
    ids=lambda a: ascii(" ".join(a))[:40],
)
def test_a_terminal_is_never_steered(hostile_index: Path, arguments: tuple[str, ...]) -> None:
    where = () if "--index" in arguments or arguments[0] in ("stem", "\x1b[31m") else ("--index", str(hostile_index))
    code, sent = on_a_terminal(*arguments, *where, stdin=f"полиция\x1b[31m\u202e\x9b\n{HOSTILE}\n".encode())
    # What the program itself sends: it hides the cursor while a bar moves, and clears the bar's line.
    sent = sent.replace("\x1b[K", "")
    if arguments[0] == "index":
        sent = sent.replace("\x1b[?25l", "").replace("\x1b[?25h", "").replace("\x1b[2K", "").replace("\x1b[1A", "")
    assert harmful(sent) == set()
    assert "Traceback" not in sent
    assert code in (0, 1, 2)
    if arguments == ("search", "полиция"):
        # Markup is shown, not obeyed.
        assert "[bold red]жирный[/]" in sent.replace("\r\n", " ").replace("   ", "")


def test_json_keeps_them_escaped(hostile_index: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from lawsearch.cli.main import run; run()", "search", "--format", "jsonl", "полиция", "--index", str(hostile_index)],
        capture_output=True, check=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )  # fmt: skip
    text = done.stdout.decode()
    assert harmful(text) == set()
    hit = json.loads(text.splitlines()[0])
    # What is read is what the file said.
    assert HOSTILE.split("\u2028")[0].strip() in hit["text"]["kk"]
    assert hit["law"] == "A\ufffd[2J\ufffd\ufffd[red]"
    assert "\x1b" in hit["law_title"]["ru"]


@given(st.text())
def test_a_visible_text_steers_nothing_and_keeps_its_length(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert harmful(shown.replace("\n", "")) == set()
    assert all(a == b for a, b in zip(text, shown, strict=True) if a.isalnum() or unicodedata.category(a)[0] in "LNPSM")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda v: st.lists(v) | st.dictionaries(st.text(), v),
        max_leaves=8,
    )
)
def test_a_json_record_steers_nothing_and_reads_back(value: object) -> None:
    line = records.dump({"value": value})
    assert harmful(line) == set()
    assert json.loads(line) == {"value": value}


@given(st.lists(st.text(), min_size=1))
@settings(max_examples=200)
def test_rows_read_back(cells: list[str]) -> None:
    plain = records.row(cells, "plain csv")
    assert next(csv.reader(io.StringIO(plain, newline=""))) == cells
    assert [c.replace("'", "") for c in next(csv.reader(io.StringIO(records.row(cells, "csv"), newline="")))] == [
        c.replace("'", "") for c in cells
    ]
    assert records.row(cells, "tsv").count("\t") == len(cells) - 1
    assert "\n" not in records.row(cells, "tsv")


FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "\u200b=1", "＝1", "\n=1", "=HYPERLINK(\"http://x\")"]  # fmt: skip


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_becomes_text(cell: str) -> None:
    assert neutral(cell).startswith("'")
    assert neutral(cell).replace("'", "") == cell.replace("'", "")
    # Where the list separator is a semicolon, the rest of a cell is a cell.
    rest = neutral(f"x;{cell}").removeprefix("x;")
    assert rest.lstrip(" \t\r\n\u00a0\u200b").startswith("'")


@pytest.mark.parametrize(
    "cell", ["", "полиция", "-1.5", "+7", "12", "9-1", "Z1/6/1/25", "a=b", "а; б", "1) а;\n- б", "[1+1]", "–", "қару"]
)
def test_what_is_no_formula_stays(cell: str) -> None:
    assert neutral(cell) == cell


@given(st.text())
def test_neutral_is_stable_and_adds_apostrophes_only(cell: str) -> None:
    once = neutral(cell)
    assert once.replace("'", "") == cell.replace("'", "")
    assert once.lstrip(" \u00a0\u200b")[:1] not in tuple("=@") or once == ""


def test_the_option_and_its_off_switch(hostile_index: Path) -> None:
    command = [sys.executable, "-c", "from lawsearch.cli.main import run; run()", "batch", "--index", str(hostile_index)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    for options, expected in ((["--format", "csv"], "'=полиция"), (["--format", "csv", "--no-csv-guard"], "=полиция"), (["--format", "tsv"], "=полиция")):  # fmt: skip
        done = subprocess.run(
            [*command, *options], input="=полиция\n".encode(), capture_output=True, check=True, env=environment
        )
        rows = list(csv.reader(io.StringIO(done.stdout.decode(), newline=""), delimiter="\t" if options[-1] == "tsv" else ","))
        assert rows[1][1] == expected
