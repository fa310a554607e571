"""Every action of the UI by each of its keys, on every layout: the app itself, driven."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from conftest import LAW
from lawsearch.tui import actions, keyboards, texts
from lawsearch.tui.actions import ACTIONS
from screens import Ui, drive

QUERY = "применение оружия"


async def edit_query(ui: Ui, key: str) -> None:
    ui.app.hit_list.focus()
    await ui.press(key)
    assert ui.app.focused_on(ui.app.query_line)


async def past_queries(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert ui.choices == [QUERY, "полиция"]
    await ui.press("down", "enter")
    assert ui.app.query_line.value == "полиция"
    assert ui.app.state.answer is not None
    assert ui.app.state.answer.wanted.text == "полиция"


async def filters(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert any("утратил силу" in row for row in ui.choices)
    await ui.press("down", "down", "space", "escape")
    assert ui.app.state.wanted.status == "repealed"
    assert "фильтр: утратил силу" in ui.status
    assert {row.value.provision.status for row in ui.app.hit_list.rows if row.selectable} == {"repealed"}


async def no_filters(ui: Ui, key: str) -> None:
    ui.app.state.wanted = ui.app.with_filters(status="repealed", chapters=("1",))
    ui.app.search_now()
    await ui.settle()
    assert len(ui.addresses) != 5
    await ui.press(key)
    assert (ui.app.state.wanted.status, ui.app.state.wanted.chapters) == (None, ())
    assert len(ui.addresses) == 5


async def go_to(ui: Ui, key: str) -> None:
    await ui.press(key)
    await ui.press(*"ст. 9-1 п. 2")
    assert len(ui.choices) == 1
    await ui.press("enter")
    assert ui.trail[-2:] == ("ст. 9-1", "п. 2")
    assert ui.app.focused_on(ui.app.reading)


async def next_match(ui: Ui, key: str) -> None:
    first = ui.app.reading.current
    await ui.press(key)
    assert ui.app.reading.current == (first or 0) + 1


async def previous_match(ui: Ui, key: str) -> None:
    await ui.press("n", "n")
    at = ui.app.reading.current
    await ui.press(key)
    assert ui.app.reading.current == (at or 0) - 1


async def mark(ui: Ui, key: str) -> None:
    first = ui.address
    await ui.press(key)
    assert list(ui.app.state.marked) == [first]
    assert "отмечено: 1" in ui.status
    await ui.press("up", key)
    assert ui.app.state.marked == {}


async def language(ui: Ui, key: str) -> None:
    shown = []
    for _ in range(3):
        await ui.press(key)
        shown.append(ui.app.show_wanted)
    assert shown == ["both", "kk", "ru"]


async def next_article(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert ui.trail[2] == "ст. 20"


async def previous_article(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert ui.trail[2] == "ст. 18"


async def next_provision(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert ui.trail[3] == "п. 5"


async def previous_provision(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert ui.trail[3] == "п. 3"


async def references(ui: Ui, key: str) -> None:
    # Something of the act that cites, whatever it is.
    document = next(n for n in range(272) if ui.app.setup.reader._answerer.searcher.store.cited_by(n))
    article = ui.app.setup.reader._answerer.searcher.store.article_of(document)
    ui.app.open_place(article, document)
    await ui.settle()
    before = ui.app.view
    await ui.press(key)
    assert ui.choices[0] == "Ссылается на"
    await ui.press("enter")
    assert ui.app.state.back[-1] == (article, document)
    assert ui.app.view is not None
    assert before is not None


async def go_back(ui: Ui, key: str) -> None:
    await ui.press("]")
    assert ui.trail[2] == "ст. 20"
    await ui.press(key)
    assert ui.trail[2:] == ("ст. 19", "п. 4")
    await ui.press(key)
    assert "Возвращаться некуда" in ui.status


async def go_forward(ui: Ui, key: str) -> None:
    await ui.press("]", "b")
    await ui.press(key)
    assert ui.trail[2] == "ст. 20"


async def zoom(ui: Ui, key: str) -> None:
    width = ui.app.reading.size.width
    await ui.press(key)
    assert ui.app.reading.size.width > width + 30
    await ui.press(key)
    assert ui.app.reading.size.width == width


async def contents(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert "Статья 9-1 Местная полицейская слу" in ui.text
    assert ui.app.focused_on(ui.app.contents_list)
    assert ui.app.contents_list.value[0] == "article"
    await ui.press("down", "enter")
    assert ui.trail[2] == "ст. 20"
    await ui.press(key)
    assert ui.addresses


async def terms(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert "Термины в отрывке" in ui.text
    assert ui.app.focused_on(ui.app.term_list)
    assert ui.app.reading.pair is not None
    await ui.press(key)
    assert "Термины в отрывке" not in ui.text


async def amendments(ui: Ui, key: str) -> None:
    assert "изменений нет" in ui.text
    await ui.press(key)
    assert "изменений нет" not in ui.text


async def strip(ui: Ui, key: str) -> None:
    assert "│2:3" in ui.text
    await ui.press(key)
    assert "│2:3" not in ui.text


async def next_pane(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert ui.app.focused_on(ui.app.reading)
    await ui.press(key)
    assert ui.app.focused_on(ui.app.query_line)


async def previous_pane(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert ui.app.focused_on(ui.app.query_line)


async def leave(ui: Ui, key: str) -> None:
    await ui.press("p")
    assert ui.app.focused_on(ui.app.term_list)
    await ui.press(key)
    assert ui.app.focused_on(ui.app.reading)
    await ui.press(key)
    assert ui.app.focused_on(ui.app.hit_list)
    await ui.press(key)
    assert ui.app.focused_on(ui.app.query_line)
    await ui.press(key)
    assert ui.app.query_line.value == ""
    assert ui.addresses == []


async def copy_citation(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert ui.app.clipboard == (
        "ст. 19, п. 4 — Закон Республики Казахстан от 23 апреля 2014 года № 199-V "
        "«Об органах внутренних дел Республики Казахстан»"
    )


async def copy_passage(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert ui.app.clipboard.startswith("4. Сотрудники органов внутренних дел имеют право")
    assert ui.app.clipboard.endswith("Казахстан»)")


async def copy_both(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert "атыс қаруын" in ui.app.clipboard
    assert "огнестрельного" in ui.app.clipboard


async def export(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert len(ui.choices) == 3
    await ui.press("escape")


async def pager(ui: Ui, key: str) -> None:
    asked = []
    ui.app.action_pager = lambda: asked.append(True)  # type: ignore[method-assign]
    await ui.press(key)
    assert asked


async def help_(ui: Ui, key: str) -> None:
    await ui.press(key)
    for action in ACTIONS:
        assert any(texts.Texts("ru")(f"action.{action.name}") in row for row in ui.choices)


async def palette(ui: Ui, key: str) -> None:
    await ui.press(key)
    await ui.press(*"мазмұны")
    assert len(ui.choices) == 1
    await ui.press("enter")
    assert ui.app.focused_on(ui.app.contents_list)


async def theme(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert ui.app.painter.theme == "light"
    await ui.press(key)
    assert ui.app.painter.theme == "dark"


async def rebuild(ui: Ui, key: str) -> None:
    # There is nothing to mend.
    await ui.press(key)
    assert ui.addresses


async def finish(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert ui.app.return_value == 0


async def abort(ui: Ui, key: str) -> None:
    await ui.press(key)
    assert ui.app.return_value == 130


#: What each action is tested by; `help` is a word of Python.
TESTS: dict[str, Callable[[Ui, str], Awaitable[None]]] = {
    a.name: globals()[f"{a.name}_" if a.name == "help" else a.name] for a in ACTIONS if not a.here
}


@pytest.mark.parametrize("name", TESTS)
def test_every_action(shipped_index: Path, name: str, tmp_path: Path) -> None:
    async def script(ui: Ui) -> None:
        ui.app.history.add("полиция")
        await ui.ask(QUERY)
        await ui.press("enter")
        assert ui.app.focused_on(ui.app.hit_list)
        assert ui.address == f"{LAW}/19/4"
        # The key that most people will find: a letter on the layout that the query was typed on.
        keys = next(a.keys for a in ACTIONS if a.name == name)
        letter = next((k for k in keys if len(k) == 1), keys[0])
        await TESTS[name](ui, keyboards.same_key(letter)[-1])

    drive(shipped_index, script, state=tmp_path / "state")


def test_every_key_of_an_action_does_the_same_on_every_layout(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        done: list[str] = []
        for action in ACTIONS:
            if not action.here:
                setattr(ui.app, f"action_{action.name}", lambda name=action.name: done.append(name))
        ui.app.focus_on(ui.app.hit_list)
        for action in ACTIONS:
            for key in () if action.here else (name for k in action.keys for name in keyboards.same_key(k)):
                await ui.pilot.press(key)
                assert done == [action.name], key
                done.clear()
        # Function keys and Ctrl keys work while the query is typed, too.
        ui.app.focus_on(ui.app.query_line)
        for action in ACTIONS:
            for key in action.keys if not action.here else ():
                if actions.is_everywhere(key):
                    await ui.pilot.press(key)
                    assert done == [action.name], key
                    done.clear()

    drive(shipped_index, script)


@pytest.mark.parametrize("letter", sorted({k for a in ACTIONS if not a.here for k in a.keys if len(k) == 1}))
def test_a_letter_is_one_key_on_three_layouts(letter: str) -> None:
    rows = {"q": "й", "w": "ц", "r": "к", "t": "е", "u": "г", "o": "щ", "p": "з", "a": "ф", "s": "ы", "d": "в", "f": "а", "g": "п",
            "h": "р", "j": "о", "k": "л", "l": "д", "z": "я", "x": "ч", "c": "с", "v": "м", "b": "и", "n": "т", "m": "ь", "e": "у"}  # fmt: skip
    expected = rows[letter.lower()]
    assert keyboards.same_key(letter) == (letter, expected.upper() if letter.isupper() else expected)


def test_no_key_does_two_things() -> None:
    seen: dict[str, str] = {}
    for action in ACTIONS:
        for key in action.keys if not action.here else ():
            for name in keyboards.same_key(key):
                assert seen.setdefault(name, action.name) == action.name, name


def test_letters_are_typed_where_there_is_something_to_type_in(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.press(*"nтq?й/")
        assert ui.app.query_line.value == "nтq?й/"

    drive(shipped_index, script)


def test_lists_and_text_move_by_arrows_and_by_letters(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.ask("полиция")
        await ui.press("down")
        assert ui.app.focused_on(ui.app.hit_list)
        first = ui.address
        for down, up in (("down", "up"), ("j", "k"), ("о", "л"), ("pagedown", "pageup"), ("end", "home")):
            await ui.press(down)
            assert ui.address != first, down
            await ui.press(up)
            assert ui.address == first, up
        await ui.press("enter")
        assert ui.app.focused_on(ui.app.reading)
        await ui.press("home")
        for down, up in (("down", "up"), ("j", "k"), ("о", "л"), ("pagedown", "pageup"), ("end", "home")):
            await ui.press(down)
            assert ui.app.reading.scroll_offset.y > 0, down
            await ui.press(up)
            assert ui.app.reading.scroll_offset.y == 0, up

    drive(shipped_index, script, size=(100, 20))


def test_what_is_typed_without_waiting_goes_where_it_is_meant_to(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        # All at once, as a paste or a slow line delivers it: a query, Enter, a mark, the query again, another one.
        await ui.pilot.press(*"полиция", "enter", "m", "/", "ctrl+u", *"қару", "up", "down", "enter", "g", *"ст. 9")
        await ui.settle()
        assert ui.app.screen.typed == "ст. 9"
        assert ui.app.query_line.value == "қару"

    drive(shipped_index, script)


def test_enter_in_the_text_follows(shipped_index: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.ask(QUERY)
        await ui.press("enter", "enter")
        await ui.press("enter")
        assert "никто не ссылается" in ui.status

    drive(shipped_index, script)


def test_what_is_shown_of_keys_is_what_is_on_them() -> None:
    assert [actions.shown(k) for k in ("f1", "shift+f3", "ctrl+f", "slash", "right_square_bracket", "N", "n", "space")] == [
        "F1", "Shift+F3", "Ctrl+F", "/", "]", "N", "n", "Space",
    ]  # fmt: skip
