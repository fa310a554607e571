"""What `search` prints for people beside the hits themselves: concordance lines, charts, links, a pager."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import LAW, Run
from lawsearch.output import concordance, links, stats
from lawsearch.output.cells import cells, head, shortened, tail
from lawsearch.search import Searcher
from lawsearch.tui import reference, texts


def test_concordance_lines_are_aligned_on_the_match_in_cells(searcher: Searcher) -> None:
    found = searcher.search("қару", limit=50)
    hits = list(found.hits)
    # Letters that take no cell, or two, before a match.
    first = hits[0]
    text = "қa\u0301ру́ 漢字 " + first.provision.texts["kk"]
    shift = len(text) - len(first.provision.texts["kk"])
    marks = {"kk": tuple((a + shift, b + shift) for a, b in first.highlights["kk"]), "ru": ()}
    hits[0] = replace(first, provision=replace(first.provision, texts={"kk": text}), highlights=marks)
    for width in (None, 60, 100, 200):
        places = set()
        for line in concordance.lines(hits, "kk", width):
            label, padding, before, match, _ = (piece for piece, _ in line.pieces)
            places.add(cells(label + padding + before))
            assert match
            if width is not None and width >= 60:
                assert cells(line.text) <= width
        assert len(places) == 1, width
    assert len(list(concordance.lines(hits, "ru"))) == 0


@given(st.text(), st.integers(0, 30))
def test_cutting_by_cells(text: str, width: int) -> None:
    assert cells(head(text, width)) <= width
    assert cells(tail(text, width)) <= width
    assert text.startswith(head(text, width))
    assert text.endswith(tail(text, width))
    if width:
        assert cells(shortened(text, width)) <= width
    if cells(text) <= width:
        assert head(text, width) == text


def test_kwic_through_a_pipe(lawsearch: Run) -> None:
    lines = lawsearch("search", "-o", "-n", "50", "полиция").stdout.splitlines()
    assert len(lines) > 20
    column = max(len(line.partition(": ")[0]) for line in lines) + 2 + 40
    assert all(line[column:].lower().startswith("полиция") for line in lines)


def test_a_chart_by_chapter_counts_every_hit(lawsearch: Run) -> None:
    total = int(lawsearch("search", "-c", "полиция").stdout)
    records = [json.loads(line) for line in lawsearch("search", "--stats", "--format", "jsonl", "полиция").stdout.splitlines()]
    assert sum(r["hits"] for r in records) == total
    assert [r["chapter"] for r in records if r["chapter"]] == list("1234567")
    assert {"type", "law", "law_title", "chapter", "chapter_title", "hits"} == set(records[0])
    rows = list(csv.DictReader(io.StringIO(lawsearch("search", "--stats", "--format", "csv", "полиция").stdout)))
    assert [int(r["hits"]) for r in rows] == [r["hits"] for r in records]
    text = lawsearch("search", "--stats", "полиция").stdout.splitlines()
    assert text[0].split()[0] == str(total)
    longest = max(text[1:], key=lambda line: line.count("█"))
    assert int(longest.split()[0]) == max(r["hits"] for r in records)
    assert lawsearch("search", "--stats", "динозавр").returncode == 1
    # A filter counts as well, and a query of operators.
    assert "repealed" not in lawsearch("search", "--stats", "--status", "in-force", "қару OR полиция").stdout


@pytest.mark.parametrize("query", ["полиция", "қару OR полиция", "қоғамдық тәртіп", "ст. 6", "-полиция қару", "exact:полиция", "chapter:2", "NOT қару"])  # fmt: skip
def test_documents_are_those_of_all_hits(searcher: Searcher, query: str) -> None:
    for status in (None, "repealed"):
        for chapters in ((), ("2", "5")):
            hits = searcher.search(query, limit=None, status=status, chapters=chapters).hits  # type: ignore[arg-type]
            assert searcher.documents(query, status=status, chapters=chapters) == sorted(h.provision.id for h in hits)  # type: ignore[arg-type]
            assert all(h.article.chapter in chapters for h in hits if chapters)


def test_bars() -> None:
    assert stats.bar(8, 8, 4) == "████"
    assert stats.bar(1, 1000, 4) == "▏"
    assert stats.bar(0, 8, 4) == ""
    assert stats.bar(3, 8, 2) == "▊"


def test_links_are_opt_in_and_the_same_every_time(lawsearch: Run) -> None:
    plain = lawsearch("search", "--color", "always", "-n", "2", "полиция").stdout
    assert "\x1b]8" not in plain
    linked = lawsearch("search", "--color", "always", "--links", "-n", "2", "полиция").stdout
    assert f"\x1b]8;;https://adilet.zan.kz/kaz/docs/{LAW}\x1b\\" in linked
    assert linked == lawsearch("search", "--color", "always", "--links", "-n", "2", "полиция").stdout
    assert "\x1b" not in lawsearch("search", "--links", "-n", "2", "полиция").stdout


def test_a_link_goes_to_the_acts_own_source_and_steers_nothing(searcher: Searcher) -> None:
    act = next(searcher.store.acts())
    own = replace(act, meta={"source": {"kaz": "https://zan.gov.kz/client/#!/doc/84941/kaz", "ru": "http://x/\x1b]8;;\u202eы"}})
    assert links.page(own, "kk") == "https://zan.gov.kz/client/#!/doc/84941/kaz"
    assert links.page(own, "ru") == "http://x/%1B]8;;%E2%80%AE%D1%8B"
    for bad in ("javascript:alert(1)", "file:///etc/passwd", "https://a b", 7):
        assert links.page(replace(act, law="X", meta={"source": {"kk": bad}}), "kk") is None


def on_a_terminal(arguments: list[str], env: dict[str, str], size: tuple[int, int] = (24, 80)) -> str:
    """Run the command with a terminal for all three streams; what the terminal was sent."""
    fcntl, pty, termios = (pytest.importorskip(name) for name in ("fcntl", "pty", "termios"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, __import__("struct").pack("HHHH", *size, 0, 0))
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "PAGER", "LESS")}
    process = subprocess.Popen(
        [sys.executable, "-c", "from lawsearch.cli.main import run; run()", *arguments],
        stdin=theirs, stdout=theirs, stderr=theirs, env=kept | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)} | env,
    )  # fmt: skip
    os.close(theirs)
    sent = b""
    try:
        while part := os.read(ours, 65536):
            sent += part
    except OSError:
        pass
    os.close(ours)
    process.wait()
    return sent.decode()


def test_a_long_result_goes_through_the_pager(kazakh_index: Path, tmp_path: Path) -> None:
    pager, taken = tmp_path / "pager", tmp_path / "taken"
    pager.write_text(f"#!/bin/sh\ncat > {taken}\necho PAGED $LESS\n")
    pager.chmod(0o755)
    env = {"LAWSEARCH_INDEX": str(kazakh_index), "PAGER": str(pager), "TERM": "xterm"}
    query = ["search", "-n", "20", "полиция"]
    assert "PAGED FRX" in on_a_terminal(query, env)
    assert taken.read_text(encoding="utf-8").startswith("1. ")
    # A pager that may not know colours gets none.
    assert "\x1b" not in taken.read_text(encoding="utf-8")
    for arguments, environment in (
        ([*query, "--no-pager"], {}),
        (["search", "-n", "1", "Егемен"], {}),
        (query, {"PAGER": "cat"}),
        (query, {"PAGER": ""}),
        (query, {"PAGER": "'"}),
        (query, {"LAWSEARCH_PAGER": "/no/such/pager"}),
        (query, {"TERM": "dumb"}),
        (["search", "-l", "-n", "50", "полиция"], {}),
    ):
        taken.unlink(missing_ok=True)
        sent = on_a_terminal(arguments, env | environment, (60, 200) if "Егемен" in arguments else (24, 80))
        assert not taken.exists(), (arguments, environment)
        assert LAW in sent
    assert "PAGED" in on_a_terminal(["search", "-n", "1", "--pager", "Егемен"], env, (60, 200))
    # What `show` has is read the same way.
    assert "PAGED" in on_a_terminal(["show", f"{LAW}/6"], env)
    assert "PAGED" not in on_a_terminal(["show", "--no-pager", f"{LAW}/6"], env)
    assert "PAGED" not in on_a_terminal(["show", f"{LAW}/6/1/1"], env)


def test_the_page_of_the_ui_has_the_keys_that_it_has() -> None:
    page = (Path(__file__).parents[1] / "docs" / "ui.md").read_text(encoding="utf-8")
    assert reference.renewed(page) == page, "run: python -m lawsearch.tui.reference"


def test_every_text_of_the_ui_is_there_in_three_languages_with_the_same_places() -> None:
    import re

    for section, named in texts.names().items():
        for name, told in named.items():
            assert set(told) == {"kk", "ru", "en"}, (section, name)
            assert len({tuple(re.findall(r"\{\d*\}", text)) for text in told.values()}) == 1, (section, name)
            assert all(text.strip() for text in told.values()), (section, name)


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({"LANG": "kk_KZ.UTF-8"}, "kk"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "kk_KZ"}, "kk"),
        ({"LANG": "kk", "LC_MESSAGES": "ru-RU"}, "ru"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE"}, "en"),
        ({"LC_ALL": "", "LANG": "ru"}, "ru"),
        ({}, "en"),
    ],
)
def test_the_locale_says_the_language_of_the_screen(environment: dict[str, str], lang: str) -> None:
    assert texts.by_locale(environment) == lang


def test_colours_by_what_the_terminal_can() -> None:
    from lawsearch.tui.settings import state_folder, theme_for

    rich = {"COLORTERM": "truecolor", "TERM": "xterm-256color"}
    assert theme_for("auto", rich) == "dark"
    assert theme_for("auto", rich | {"COLORFGBG": "0;15"}) == "light"
    assert theme_for("auto", {"TERM": "linux"}) == "ansi"
    assert theme_for("dark", rich | {"NO_COLOR": "1"}) == "mono"
    assert theme_for("light", {"TERM": "linux"}) == "light"
    assert state_folder({"XDG_STATE_HOME": "/x"}) == Path("/x/lawsearch")
    assert state_folder({"XDG_STATE_HOME": "relative"}) == Path.home() / ".local" / "state" / "lawsearch"
