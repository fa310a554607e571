"""Driving the real UI: the app itself, on an index, with keys pressed and the screen read."""

from __future__ import annotations

import asyncio
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from lawsearch.tui import searching
from lawsearch.tui.answering import Answerer
from lawsearch.tui.app import LawsearchUi
from lawsearch.tui.asking import Direct
from lawsearch.tui.base import Setup


@lru_cache(maxsize=8)
def _answerer(index: Path) -> Answerer:
    """Opened once for all tests of an index."""
    return Answerer(index)


Script = Callable[["Ui"], Awaitable[None]]


class Ui:
    """The app in a terminal of some size, and what a user does with it."""

    def __init__(self, app: LawsearchUi, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    async def settle(self) -> None:
        """Wait until nothing more is happening."""
        for _ in range(3):
            await self.pilot.pause()
            await self.app.settle()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys, and wait for all that comes of them."""
        await self.pilot.press(*keys)
        await self.settle()

    async def ask(self, query: str) -> None:
        """Type a query (all at once) and wait for its hits."""
        self.app.query_line.value = query
        await self.settle()

    @property
    def screen(self) -> list[str]:
        """What stands on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def text(self) -> str:
        """What stands on the screen, as one text."""
        return "\n".join(self.screen)

    @property
    def status(self) -> str:
        """The status line."""
        return self.app.bar("status").text

    @property
    def trail(self) -> tuple[str, ...]:
        """The breadcrumb's steps."""
        return self.app.pane("trail").steps

    @property
    def addresses(self) -> list[str]:
        """The addresses of the hits in the list."""
        return [str(row.value.provision.address) for row in self.app.hit_list.rows if hasattr(row.value, "provision")]

    @property
    def address(self) -> str:
        """The address of the hit under the cursor."""
        return str(self.app.hit_list.value.provision.address)

    @property
    def choices(self) -> list[str]:
        """The rows of the dialog that is open."""
        return ["".join(text for text, _ in row.lines[0]) for row in self.app.screen.list.rows]


def drive(index: Path, script: Script, size: tuple[int, int] = (110, 32), **setup: Any) -> LawsearchUi:
    """Run a script against the app and give the app back; answers are worked out in this process."""

    async def run() -> LawsearchUi:
        asking = setup.pop("asking", None) or Direct(_answerer(index))
        app = LawsearchUi(Setup(asking, asking, index, **({"texts": "ru"} | setup)))
        async with app.run_test(size=size) as pilot:
            ui = Ui(app, pilot)
            await ui.settle()
            await script(ui)
        asking.close()
        return app

    # A pause in typing is as long as the tests need it.
    before, searching.PAUSE = searching.PAUSE, 0.001
    try:
        return asyncio.run(run())
    finally:
        searching.PAUSE = before


def rows_of(picture: str) -> list[str]:
    """The lines of text that a screenshot (SVG) shows: by place, whatever colours, classes and numbers it is made with."""
    lines: dict[float, list[tuple[float, str]]] = {}
    root = ElementTree.fromstring(picture)
    for element in root.iter("{http://www.w3.org/2000/svg}text"):
        clip = element.get("clip-path", "")
        if "line" not in clip:
            continue
        number = float(re.search(r"line-(\d+)", clip)[1])  # type: ignore[index]
        lines.setdefault(number, []).append((float(element.get("x", "0")), element.text or ""))
    if not lines:
        return []
    cell = 12.2
    shown = []
    for number in range(int(max(lines)) + 1):
        row = ""
        for x, text in sorted(lines.get(number, [])):
            row = row.ljust(round(x / cell)) + text.replace("\xa0", " ")
        shown.append(row.rstrip())
    return shown
