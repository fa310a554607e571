"""The main screens in three sizes, as pictures (SVG): what they show must be what the kept pictures show.

Compared is the text, line by line and cell by cell, not how an SVG is put together: that differs from one version of Textual
and Rich to the next. LAWSEARCH_DRAW=1 draws the pictures anew; look at them before they are kept.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from lawsearch.indexer import build
from screens import Ui, drive, rows_of
from small_corpus import write_terms

PICTURES = Path(__file__).parent / "screens"
#: A law of the tests' own, so that the pictures do not change with the corpus and the term base that ship.
KAZAKH = """1-тарау. ЖАЛПЫ ЕРЕЖЕЛЕР
1-бап. Полиция туралы заңнама
1. Полиция туралы заңнама Конституцияға негізделеді.
2. Осы Заңның 3-бабы қару сақтаған кезде қолданылады.
2-бап. Полицияның міндеттері
1. Полиция:
1) құқық бұзушылықтың алдын алады;
2) қоғамдық орында тәртіпті қорғайды;
3) заңсыз сақталған қаруды алып қояды.
2-тарау. ҚАРУДЫ ҚОЛДАНУ
3-бап. Қаруды қолдану тәртібі
1. Полиция қызметкері қаруды заңда көзделген жағдайларда ғана қолданады және бұл туралы дереу хабарлайды.
2. Қару қолданылғанға дейін ескерту жасалады.
3. Қаруды тіркеу тәртібін уәкілетті орган айқындайды.
4-бап. Жауаптылық
1. Қаруды заңсыз қолданғаны үшін қызметкер жауапты болады.
"""
RUSSIAN = """Глава 1. ОБЩИЕ ПОЛОЖЕНИЯ
Статья 1. Законодательство о полиции
1. Законодательство о полиции основывается на Конституции.
2. Статья 3 настоящего Закона применяется при хранении оружия.
Статья 2. Задачи полиции
1. Полиция:
1) предупреждает правонарушения;
2) охраняет порядок в общественных местах;
3) изымает незаконно хранимое оружие.
Глава 2. ПРИМЕНЕНИЕ ОРУЖИЯ
Статья 3. Порядок применения оружия
1. Сотрудник полиции применяет оружие только в случаях, предусмотренных законом, и незамедлительно сообщает об этом.
2. До применения оружия делается предупреждение.
3. Порядок регистрации оружия определяет уполномоченный орган.
Статья 4. Ответственность
1. За незаконное применение оружия сотрудник несёт ответственность.
"""
SCREENS: dict[str, tuple[str, tuple[str, ...]]] = {
    "hits": ("оружие", ()),
    "both": ("оружие", ("enter", "enter", "l")),
    "terms": ("3/1", ("enter", "p")),
    "contents": ("полиция", ("f4",)),
    "help": ("", ("f1",)),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("screens")
    act = folder / "c" / "Z0000000001"
    act.mkdir(parents=True)
    (act / "kaz.txt").write_text(KAZAKH, encoding="utf-8")
    (act / "rus.txt").write_text(RUSSIAN, encoding="utf-8")
    (act / "meta.yaml").write_text("title: {kk: Полиция туралы, ru: О полиции}\napproved_on: 2020-01-01\n", encoding="utf-8")
    build([folder / "c"], folder / "index", terms=write_terms(folder))
    return folder / "index"


@pytest.mark.parametrize("size", [(60, 18), (80, 24), (160, 45)], ids=lambda s: f"{s[0]}x{s[1]}")
def test_screens(index: Path, size: tuple[int, int]) -> None:
    drawn: dict[str, str] = {}

    async def script(ui: Ui) -> None:
        for name, (query, keys) in SCREENS.items():
            ui.app.state.show = None
            await ui.ask(query)
            await ui.press(*keys)
            drawn[name] = re.sub(r"terminal-\d+", "terminal", ui.app.export_screenshot(title=name))
            if name == "both":
                await ui.press("l", "l")
            for _ in range(4):
                await ui.press("escape")
            ui.app.set_shown("term-box", False)
            ui.app.focus_on(ui.app.query_line)
            await ui.settle()

    drive(index, script, size=size, texts="kk")
    for name, picture in drawn.items():
        file = PICTURES / f"{name}-{size[0]}x{size[1]}.svg"
        if os.environ.get("LAWSEARCH_DRAW"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(picture, encoding="utf-8")
        assert rows_of(picture) == rows_of(file.read_text(encoding="utf-8")), name


def test_a_picture_is_read_as_it_stands_on_the_screen(index: Path) -> None:
    async def script(ui: Ui) -> None:
        await ui.ask("оружие")
        assert rows_of(ui.app.export_screenshot()) == [line.rstrip() for line in ui.screen]

    drive(index, script, size=(90, 26))
