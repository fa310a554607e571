"""The pictures of the documentation: the real UI on the shipped corpus, drawn as SVG.

usage: python benchmarks/picture.py [--into docs]

Writes `ui.svg` (a query in Russian, both languages side by side, the terms of the passage).
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
from pathlib import Path

from lawsearch.indexer import build
from lawsearch.tui.answering import Answerer
from lawsearch.tui.app import LawsearchUi
from lawsearch.tui.asking import Direct
from lawsearch.tui.base import Setup

ROOT = Path(__file__).resolve().parents[1]


async def picture(index: Path, query: str, keys: tuple[str, ...], size: tuple[int, int]) -> str:
    """A query typed, keys pressed, and what then stands on the screen."""
    asking = Direct(Answerer(index))
    app = LawsearchUi(Setup(asking, asking, index, texts="en", theme="dark"))
    app.title = "lawsearch ui"
    async with app.run_test(size=size) as pilot:
        await app.settle()
        app.query_line.value = query
        for key in (None, *keys):
            if key is not None:
                await pilot.press(key)
            for _ in range(3):
                await pilot.pause(0.1)
                await app.settle()
        picture = app.export_screenshot(title="lawsearch ui", simplify=True)
    # The same picture is the same file: its names are numbered by chance.
    return re.sub(r"terminal-\d+", "terminal", picture)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path, default=ROOT / "docs")
    into = parser.parse_args().into
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        build([ROOT / "corpus"], index)
        drawn = asyncio.run(picture(index, "применение оружия", ("enter", "l", "l", "l", "l", "p", "down"), (150, 36)))
    (into / "ui.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
