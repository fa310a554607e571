"""The UI as it is used: searching while typing, reading both languages, walking through the act, taking things along."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from textual import events

from conftest import LAW
from lawsearch.analysis.letters import steers
from lawsearch.indexer import build
from lawsearch.tui import clipboard, taking
from lawsearch.tui.answering import Answerer
from lawsearch.tui.app import LawsearchUi
from lawsearch.tui.asking import Direct
from lawsearch.tui.charts import HitStrip
from lawsearch.tui.history import History
from lawsearch.tui.questions import Wanted
from screens import Ui, drive
from small_corpus import write_corpus, write_terms


@pytest.fixture(scope="module")
def two_acts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two-acts")
    build([write_corpus(folder / "c", 0)], folder / "index", terms=write_terms(folder))
    return folder / "index"


# -- searching ----------------------------------------------------------------------------------------------------------


def test_hits_come_while_the_query_is_typed(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        assert "Актов: 1, положений: 272" in ui.status
        await ui.press(*"поли")
        # No text has this word: it is the beginning of one.
        assert ui.app.state.answer is not None
        assert ui.app.state.answer.text == "поли*"
        assert len(ui.addresses) > 10
        await ui.press(*"ция")
        assert ui.app.state.answer.text == "полиция"
        assert f"1 из {ui.app.state.spread.total}" in ui.status  # type: ignore[union-attr]
        # The query line keeps the focus: typing goes on.
        assert ui.app.focused_on(ui.app.query_line)

    drive(shipped_index, script)


def test_a_word_that_is_finished_is_taken_as_it_stands(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.ask("оружи")
        assert ui.app.state.answer.text == "оружи*"  # type: ignore[union-attr]
        await ui.press("enter")
        assert ui.app.state.answer.text == "оружи"  # type: ignore[union-attr]
        assert "оружи → оружия" in ui.status or "оружи: возможно" in ui.status

    drive(shipped_index, script)


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("поли", "поли*"),
        ("қару поли", "қару поли*"),
        ("полиция", "полиция"),
        ('"қоғамдық тәрт', '"қоғамдық тәрт'),
        ("title:поли", "title:поли"),
        ("поли ", "поли "),
        ("поли*", "поли*"),
        ("ст. 6", "ст. 6"),
        ("щщщ", "щщщ"),
        ("п", "п"),
        ("", ""),
    ],
)
def test_only_a_last_word_that_is_none_is_completed(shipped_index: Path, typed: str, searched: str) -> None:
    assert Answerer(shipped_index)._as_searched(Wanted(typed, unfinished=True)) == searched
    assert Answerer(shipped_index)._as_searched(Wanted(typed)) == typed


def test_hits_are_grouped_by_article_and_say_how_they_were_found(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.ask("применение оружия")
        assert "Статья 6 (3) Полномочия" in ui.text
        assert ui.addresses == [f"{LAW}/19/4", f"{LAW}/6/1/25", f"{LAW}/6/1/26", f"{LAW}/6/2/18", f"{LAW}/11/-/25"]
        assert "п. 4 =оружия =применение" in ui.text
        await ui.press("f2", "f2")
        assert "4-тармақ ⇄қаруы ⇄қолдану" in ui.text
        await ui.ask("5/-/8-2")
        assert "✗ §" in ui.text
        assert "күші жойылған" in ui.text

    drive(shipped_index, script)


def test_errors_and_mended_words_are_said_and_the_screen_stays(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.ask("полиция")
        there = ui.addresses
        await ui.ask('полиция AND ("')
        assert "column" in ui.status
        assert ui.addresses == there
        await ui.ask("кауипсиздик")
        await ui.press("enter")
        assert "кауипсиздик → қауіпсіздік" in ui.status
        await ui.ask("динозавр")
        assert "Ничего не найдено" in ui.status
        assert ui.app.view is None

    drive(shipped_index, script)


def test_the_whole_result_is_loaded_as_the_list_is_walked_through(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.ask("органов")
        total = ui.app.state.answer.results.total  # type: ignore[union-attr]
        first = ui.addresses
        assert len(first) == 40 < total
        ui.app.hit_list.focus()
        await ui.press("end")
        await ui.press("end")
        assert len(set(ui.addresses)) == len(ui.addresses) == total
        # What was there stays where it was: the articles in the same order, their hits as well.
        assert [a for a in ui.addresses if a in first] == first

    drive(shipped_index, script)


def test_filters_for_acts_and_chapters(two_acts: Path, shipped_index: Path) -> None:
    async def acts(ui: Ui) -> None:
        await ui.ask("қару")
        assert {a.split("/")[0] for a in ui.addresses} == {"A1", "A2"}
        await ui.press("f6", *"полиции", "down", "enter", "escape")
        assert ui.app.state.wanted.laws == ("A1",)
        assert {a.split("/")[0] for a in ui.addresses} == {"A1"}

    drive(two_acts, acts)

    async def chapters(ui: Ui) -> None:
        await ui.ask("оружия")
        ui.app.hit_list.focus()
        await ui.press("f")
        row = next(i for i, text in enumerate(ui.choices) if "глава 5" in text.lower())
        ui.app.screen.list.put_cursor(row)
        await ui.press("enter", "escape")
        assert ui.addresses == [f"{LAW}/19/4"]
        assert "фильтр: глава 5" in ui.status

    drive(shipped_index, chapters)


# -- reading ------------------------------------------------------------------------------------------------------------


def test_the_article_is_open_at_the_match_and_all_matches_are_marked(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.ask("применение оружия")
        reading = ui.app.reading
        assert ui.trail == ("Об органах внутренних дел Республики Казахстан", "глава 5", "ст. 19", "п. 4")
        assert ui.app.view is not None
        assert len(ui.app.view.passages) == ui.app.view.article.last - ui.app.view.article.first + 1
        top = int(reading.scroll_offset.y)
        match = reading.matches[reading.current or 0]
        assert top <= match.row < top + reading.size.height
        assert {m.passage for m in reading.matches} >= {3}
        words = {m.line.text[m.start : m.end].lower() for m in reading.matches}
        assert "оружия" in words
        assert any(w.startswith("применен") for w in words)

    drive(shipped_index, script)


def test_n_goes_through_the_whole_result_and_back(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.ask("применение оружия")
        ui.app.hit_list.focus()
        order = ui.app.state.groups.order
        seen = []
        for _ in range(200):
            view = ui.app.view
            assert view is not None
            seen.append((view.article.id, ui.app.reading.current))
            await ui.press("n")
            if "последнее совпадение" in ui.status:
                break
        assert list(dict.fromkeys(article for article, _ in seen)) == order
        assert len(seen) == len(set(seen)) > 10
        back = []
        for _ in range(200):
            back.append((ui.app.view.article.id, ui.app.reading.current))  # type: ignore[union-attr]
            await ui.press("N")
            if "первое совпадение" in ui.status:
                break
        first_article = [s for s in seen if s[0] == order[0]]
        assert back[: len(seen)] == [*reversed(seen)] or set(seen) <= set(back)
        assert {b for b in back if b[0] == order[0]} >= set(first_article)

    drive(shipped_index, script)


def test_both_languages_stand_level_and_what_corresponds_is_marked(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.ask("применение оружия")
        ui.app.hit_list.focus()
        await ui.press("l")
        reading = ui.app.reading
        assert reading.show == "both"
        at = next(i for i, line in enumerate(ui.screen) if "│ 4. Iшкi iстер органдары" in line)
        assert "│ 4. Сотрудники органов" in ui.screen[at]
        columns = {m.column for m in reading.matches if m.passage == 3}
        assert columns == {0, 1}
        words = {m.line.text[m.start : m.end] for m in reading.matches if m.column == 0 and m.passage == 3}
        assert {"қаруын", "қолдану"} <= {w for words_ in words for w in words_.split()}
        # Each provision begins in the same row on both sides.
        firsts: dict[int, set[int]] = {}
        for row, (passage, cells) in enumerate(reading._rows):
            for column, cell in enumerate(cells):
                if cell is not None and passage is not None and (passage, column) not in firsts:
                    firsts.setdefault(passage, set()).add(row)
        assert ui.app.view is not None
        starts = {p: min(r) for p, r in firsts.items()}
        for passage, row in starts.items():
            assert all(cell is not None for cell in reading._rows[row][1]), passage

    drive(shipped_index, script, size=(140, 40))


def test_terms_of_the_passage_are_listed_marked_on_both_sides_and_searched(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.ask("применение оружия")
        ui.app.hit_list.focus()
        await ui.press("l", "p")
        pairs = [row.value for row in ui.app.term_list.rows]
        at = next(i for i, p in enumerate(pairs) if (p.kk, p.ru) == ("дене күші", "физическая сила"))
        assert set(pairs[at].spans) == {"kk", "ru"}
        ui.app.term_list.put_cursor(at)
        await ui.settle()
        styles = {
            (column, text)
            for passage, cells in ui.app.reading._rows
            for column, cell in enumerate(cells)
            if cell is not None and passage == 3
            for text, style in cell[0].line.pieces
            if style == "pair"
        }
        assert {(0, "дене"), (0, "күшін"), (1, "физической"), (1, "силы")} <= styles
        await ui.press("enter")
        assert ui.app.query_line.value == '"физическая сила"'
        assert ui.addresses

    drive(shipped_index, script, size=(160, 40))


def test_contents_of_several_acts_fold(two_acts: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.press("f4")
        rows = ui.app.contents_list.rows
        assert [r.value[0] for r in rows if r.value] == ["act", "article", "act"]
        await ui.press("end", "enter")
        assert [r.value[0] for r in ui.app.contents_list.rows if r.value] == ["act", "article", "act", "article"]
        await ui.press("end", "enter")
        assert ui.trail[-2:] == ("ст. 5", "п. 1")
        assert ui.app.focused_on(ui.app.reading)
        await ui.press("escape", "escape")
        assert ui.app.shown("hits")

    drive(two_acts, script)


def test_a_cross_reference_is_followed_and_returned_from(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        answerer = ui.app.setup.reader._answerer  # type: ignore[attr-defined]
        store = answerer.searcher.store
        record = next(
            r
            for n in range(272)
            for r in store.cited_by(n)
            if r.lang == "ru" and r.target != f"{LAW}/{store.provision(n).address.article}"
        )
        ui.app.open_place(store.article_of(record.provision), record.provision, noted=False)
        ui.app.focus_reading()
        await ui.settle()
        here = ui.trail
        words = store.provision(record.provision).texts["ru"][record.start : record.end]
        assert any(
            "reference" in {s for _, s in cell[0].line.pieces} for _, cells in ui.app.reading._rows for cell in cells if cell
        )
        await ui.press("r")
        row = next(i for i, text in enumerate(ui.choices) if words in text)
        ui.app.screen.list.put_cursor(row)
        await ui.press("enter")
        there = ui.trail
        assert there != here
        await ui.press("backspace")
        assert ui.trail == here
        await ui.press("w")
        assert ui.trail == there

    drive(shipped_index, script)


def test_the_timeline_and_the_strip(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.ask("ст. 6 п. 1 пп. 25")
        assert re.search(r" 2014 ─+~─+◆─+~─* 2024", ui.text)
        assert "~ 2024-04-06 71-VIII изменен (действует с 2024-06-08) ◆ 2018-05-24 156-VI" in ui.text
        await ui.ask("применение оружия")
        strip = ui.app.screen.query_one(HitStrip)
        bars = "".join(t for t, _ in strip._bars(strip.stretches(108)))
        assert len(bars) == 108
        assert sum(sign != "·" for sign in bars) == 4
        assert "│2:3" in ui.text
        # A click on a bar opens what lies there.
        cell = next(i for i, sign in enumerate(bars) if sign != "·")
        await ui.pilot.click(HitStrip, offset=(cell + 1, 0))
        await ui.settle()
        assert ui.trail[2] == "ст. 6"

    drive(shipped_index, script)


def test_the_mouse(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.ask("применение оружия")
        await ui.pilot.click("#hits", offset=(4, 4))
        await ui.settle()
        assert ui.address == f"{LAW}/6/1/25"
        assert ui.trail[2] == "ст. 6"
        await ui.pilot.click("#hits", offset=(4, 4))
        await ui.settle()
        assert ui.app.focused_on(ui.app.reading)
        top = ui.app.reading.scroll_offset.y
        ui.app.reading.post_message(_scrolled(ui.app.reading))
        await ui.settle()
        assert ui.app.reading.scroll_offset.y == top + 3
        await ui.pilot.click("#keys", offset=(1, 0))
        await ui.settle()
        assert "Клавиши" in ui.text
        await ui.pilot.click(offset=(0, 0))
        await ui.settle()
        assert len(ui.app.screen_stack) == 1

    drive(shipped_index, script)


def _scrolled(widget: object) -> events.MouseScrollDown:
    return events.MouseScrollDown(widget, 3, 3, 0, 0, 0, False, False, False)  # type: ignore[arg-type]


# -- sizes, themes, languages -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(40, 10), (60, 18), (80, 24), (200, 60), (300, 20)])
def test_every_size_shows_the_hits_and_a_way_to_the_text(shipped_index: Path, size: tuple[int, int]) -> None:
    async def script(ui: Ui) -> None:
        await ui.ask("применение оружия")
        assert "п. 4" in ui.text
        await ui.press("enter", "enter" if size[0] < 72 else "tab")
        assert ui.app.focused_on(ui.app.reading)
        assert ui.app.reading.size.width > 20
        assert "Сотрудники" in ui.text
        assert all(len(line) <= size[0] for line in ui.screen)
        await ui.press("escape")
        assert "п. 4" in ui.text

    drive(shipped_index, script, size=size)


def test_a_terminal_resized_during_a_search_loses_nothing(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        ui.app.query_line.value = "применение оружия"
        for width, height in ((60, 18), (200, 50), (80, 24)):
            await ui.pilot.resize_terminal(width, height)
        await ui.settle()
        assert ui.address == f"{LAW}/19/4"
        await ui.press("enter", "enter", "n")
        match = ui.app.reading.matches[ui.app.reading.current or 0]
        word = match.line.text[match.start : match.end]
        await ui.pilot.resize_terminal(120, 40)
        await ui.settle()
        match = ui.app.reading.matches[ui.app.reading.current or 0]
        assert match.line.text[match.start : match.end] == word
        top = int(ui.app.reading.scroll_offset.y)
        assert top <= match.row < top + ui.app.reading.size.height

    drive(shipped_index, script)


def test_without_colours_and_on_sixteen_of_them(shipped_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def colours(theme: str) -> set[str]:
        found: set[str] = set()

        async def script(ui: Ui) -> None:
            await ui.ask("применение оружия")
            ui.app.hit_list.focus()
            await ui.settle()
            for strip in ui.app.screen._compositor.render_strips():
                for filter_ in ui.app._filters:
                    if filter_.enabled:
                        strip = strip.apply_filter(filter_, ui.app.screen.styles.background)
                for segment in strip:
                    style = segment.style
                    if style is not None:
                        found.update(c.name for c in (style.color, style.bgcolor) if c is not None and not c.is_default)

        drive(shipped_index, script, theme=theme)
        return found

    assert all(not name.startswith("#") for name in colours("ansi"))
    monkeypatch.setenv("NO_COLOR", "1")
    assert colours("mono") == set()


@pytest.mark.parametrize(("lang", "words"), [("kk", "Индекс: "), ("ru", "Актов: 1"), ("en", "1 acts, 272 provisions")])
def test_the_screen_speaks_three_languages(shipped_index: Path, lang: str, words: str) -> None:
    async def script(ui: Ui) -> None:
        assert words.partition(":")[0] in ui.status or "Актілер: 1" in ui.status
        await ui.press("f1")
        assert {"kk": "Пернелер", "ru": "Клавиши", "en": "Keys"}[lang] in ui.text

    drive(shipped_index, script, texts=lang)


# -- history ------------------------------------------------------------------------------------------------------------


def test_the_query_line_keeps_its_history(shipped_index: Path, tmp_path: Path) -> None:
    async def first(ui: Ui) -> None:
        for query in ("полиция", "қару", "ст. 6"):
            await ui.ask(query)
            await ui.press("enter", "slash")

    drive(shipped_index, first, state=tmp_path)
    assert [json.loads(line) for line in (tmp_path / "history").read_text(encoding="utf-8").splitlines()] == [
        "полиция",
        "қару",
        "ст. 6",
    ]

    async def second(ui: Ui) -> None:
        await ui.press(*"ор")
        await ui.press("up")
        assert ui.app.query_line.value == "ст. 6"
        await ui.press("up")
        assert ui.app.query_line.value == "қару"
        assert ui.addresses
        await ui.press("down", "down")
        assert ui.app.query_line.value == "ор"
        await ui.press("down")
        assert ui.app.focused_on(ui.app.hit_list)

    drive(shipped_index, second, state=tmp_path)


@pytest.mark.parametrize("damage", [b"\xff\xfe\x00", b'"a"\n{"b":1}\n[[[\n"c"\n17\n', b'"' + b"x" * 100_000 + b'"\n'])
def test_a_damaged_history_harms_nothing(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "history"
    file.write_bytes(damage)
    history = History(file)
    history.add("полиция")
    assert History(file).queries[-1] == "полиция"
    assert all(len(query) <= 1000 for query in history.queries)


def test_the_history_is_bounded_private_and_shared(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "history"
    mine, other = History(file), History(file)
    other.add("чужой")
    for number in range(600):
        mine.queries.append(f"q{number}")
    mine.add("свой")
    kept = History(file).queries
    assert len(kept) == 500
    assert kept[-1] == "свой"
    assert file.stat().st_mode & 0o077 == 0
    History(tmp_path / "history" / "x").add("q")
    (tmp_path / "plain").write_text("")
    History(tmp_path / "plain" / "history").add("nowhere to write")


# -- taking along -------------------------------------------------------------------------------------------------------


def test_copying_goes_to_the_terminal_to_a_command_and_to_a_file(
    shipped_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = tmp_path / "taken"
    program = tmp_path / "bin" / "xclip"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ncat > {taken}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":9")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    async def script(ui: Ui) -> None:
        written: list[str] = []
        ui.app._driver.write = written.append  # type: ignore[union-attr,method-assign,assignment]
        await ui.ask("ст. 6 п. 1 пп. 25")
        ui.app.hit_list.focus()
        await ui.press("c")
        assert any(text.startswith("\x1b]52;c;") for text in written)
        assert "Скопировано: ст. 6, п. 1, пп. 25)" in ui.status

    drive(shipped_index, script, state=tmp_path / "state")
    assert taken.read_text(encoding="utf-8").startswith("ст. 6, п. 1, пп. 25) — Закон")
    assert (tmp_path / "state" / "copied.txt").read_text(encoding="utf-8").startswith("ст. 6")


def test_no_command_for_copying_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert clipboard.command() is None
    assert not clipboard.by_command("text")
    (tmp_path / "file").write_text("")
    assert clipboard.kept("text", tmp_path / "file") is None


@pytest.mark.parametrize("kind", ["jsonl", "csv", "tmx"])
def test_the_whole_result_is_exported(shipped_index: Path, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    totals = []

    async def script(ui: Ui) -> None:
        await ui.ask("органов")
        totals.append(ui.app.state.answer.results.total)  # type: ignore[union-attr]
        ui.app.hit_list.focus()
        await ui.press("e", *["down"] * ("jsonl", "csv", "tmx").index(kind), "enter")
        assert f"{tmp_path}/органов.{kind}" in ui.status
        # The same again takes another name.
        await ui.press("e")
        assert ui.app.screen.typed == f"органов{'-2' if kind == 'jsonl' else ''}.jsonl"
        await ui.press("escape")

    drive(shipped_index, script)
    text = (tmp_path / f"органов.{kind}").read_text(encoding="utf-8")
    if kind == "jsonl":
        records = [json.loads(line) for line in text.splitlines()]
        assert len(records) == totals[0] + 1
        assert records[-1]["type"] == "summary"
    elif kind == "csv":
        assert text.startswith("rank,score,law")
        assert text.count(f",{LAW}/") == totals[0]
    else:
        assert text.count("<tu ") == totals[0]


def test_an_export_overwrites_nothing_and_says_what_is_wrong(shipped_index: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.jsonl"
    there.write_text("mine")

    async def script(ui: Ui) -> None:
        await ui.ask("қару")
        for name in (there, tmp_path / "no" / "folder.jsonl"):
            await ui.app._export("jsonl", str(name))
            assert str(name) in ui.status

    drive(shipped_index, script)
    assert there.read_text() == "mine"


def test_the_pager_gets_the_article(shipped_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    class Done:
        returncode = 0

    def run(words: list[str], input: bytes, **options: object) -> Done:
        asked.append(input)
        return Done()

    monkeypatch.setattr(taking.subprocess, "run", run)
    monkeypatch.setattr(LawsearchUi, "suspend", lambda self: __import__("contextlib").nullcontext())

    async def script(ui: Ui) -> None:
        await ui.ask("применение оружия")
        ui.app.hit_list.focus()
        await ui.press("o")

    drive(shipped_index, script)
    text = asked[0].decode()
    assert text.startswith("неофициальный перевод\nСтатья 19. Полномочия")
    assert "4. Сотрудники органов внутренних дел имеют право" in text


# -- an index that is not as it should be -------------------------------------------------------------------------------


def test_an_index_built_anew_while_open_is_noticed(tmp_path: Path) -> None:
    terms = write_terms(tmp_path)
    corpus, index = tmp_path / "c", tmp_path / "index"
    build([write_corpus(corpus, 0)], index, terms=terms)

    async def script(ui: Ui) -> None:
        await ui.ask("қару")
        ui.app.hit_list.focus()
        await ui.press("m")
        before = ui.app.state.opened
        write_corpus(corpus, 1)
        third = corpus / "A3"
        third.mkdir()
        (third / "kaz.txt").write_text("1-бап. Жаңа\n1. Қару туралы.\n", encoding="utf-8")
        build([corpus], index, terms=terms)
        ui.app._watch()
        await ui.settle()
        assert ui.app.state.opened != before
        assert "Индекс обновился: актов 3" in ui.status
        assert any(a.startswith("A3") for a in ui.addresses)
        assert len(ui.app.state.marked) == 1
        # What is read is of the new index, too.
        await ui.press("f4")
        assert "A3" in ui.text or "1-бап" in ui.text

    drive(index, script, asking=Direct(Answerer(index)))


@pytest.mark.parametrize("trouble", ["missing", "damaged", "old", "no folder"])
def test_an_index_that_cannot_be_used_is_said_and_can_be_mended(tmp_path: Path, trouble: str) -> None:
    terms, corpus, index = write_terms(tmp_path), write_corpus(tmp_path / "c", 0), tmp_path / "index"
    if trouble == "no folder":
        index.write_text("")
    elif trouble != "missing":
        build([corpus], index, terms=terms)
        name = (index / "CURRENT").read_text()
        if trouble == "damaged":
            file = index / name / "store.sqlite"
            file.write_bytes(file.read_bytes()[:-100])
        else:
            manifest = index / name / "manifest.json"
            manifest.write_text(manifest.read_text().replace('"format": ', '"format": 9'))

    async def script(ui: Ui) -> None:
        assert "Индексом нельзя воспользоваться" in ui.text
        assert "index" in ui.text
        await ui.press("slash", *"қару")
        assert ui.app.query_line.value == "қару"
        ui.app.hit_list.focus()
        await ui.press("home", "enter")
        assert "Индексом нельзя воспользоваться" in ui.text
        if trouble == "no folder":
            return
        # Somebody builds it: it opens by itself, and the query that was typed is asked.
        build([corpus], index, terms=terms, rebuild=True)
        ui.app._watch()
        await ui.settle()
        assert ui.app.state.broken is None
        assert ui.addresses

    drive(index, script, asking=Direct(Answerer(index)))


def test_a_missing_default_index_is_built(tmp_path: Path) -> None:
    corpus, index = write_corpus(tmp_path / "c", 0), tmp_path / "index"

    async def script(ui: Ui) -> None:
        assert ui.app.state.opened is not None
        await ui.ask("қару")
        assert ui.addresses

    drive(index, script, asking=Direct(Answerer(index)), corpus=corpus, build_missing=True)


def test_a_damaged_default_index_is_built_anew_when_asked(tmp_path: Path) -> None:
    corpus, index = write_corpus(tmp_path / "c", 0), tmp_path / "index"
    index.mkdir()
    (index / "CURRENT").write_text("nothing")

    async def script(ui: Ui) -> None:
        assert "построить заново" in ui.text
        await ui.press("R")
        assert ui.app.state.opened is not None

    drive(index, script, asking=Direct(Answerer(index)), corpus=corpus)


def test_nothing_of_a_text_steers_the_terminal(tmp_path: Path) -> None:
    hostile = (
        "\x1b[31mҚызыл\x1b]0;title\x07 [bold red]жирный[/] [@click=app.quit]x[/] \u202eсправа\u2066\u200d\u2028\x9b2J\x08\x7f"
    )
    act = tmp_path / "c" / "A1"
    act.mkdir(parents=True)
    (act / "kaz.txt").write_text(f"1-бап. Тақырып {hostile}\n1. Полиция {hostile} қызметі.\n", encoding="utf-8")
    (act / "rus.txt").write_text(f"Статья 1. Заголовок {hostile}\n1. Полиция {hostile} служба.\n", encoding="utf-8")
    (act / "meta.yaml").write_text('title: {kk: "Заң \\e[31m \\u202e", ru: "Закон \\e]0;x\\a"}\n', encoding="utf-8")
    build([tmp_path / "c"], tmp_path / "index", terms=write_terms(tmp_path))

    async def script(ui: Ui) -> None:
        for keys in ((), ("f2",), ("f4",), ("f5",), ("f8",), ("f9",), ("escape",), ("f6",)):
            await ui.press(*keys)
            if not keys:
                await ui.ask("полиция \u202e\x1b[31m")
                await ui.press("enter")
            bad = {hex(ord(c)) for line in ui.screen for c in line if steers(c)}
            assert bad == set(), keys
        await ui.press("escape")
        ui.app.hit_list.focus()
        await ui.press("x")
        assert not any(steers(c) for c in ui.app.clipboard.replace("\n", ""))
        assert "[bold red]жирный[/]" in ui.app.clipboard

    drive(tmp_path / "index", script, asking=Direct(Answerer(tmp_path / "index")))
