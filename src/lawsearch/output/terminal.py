"""Painting lines on a terminal with Rich, or printing them as they are."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal, TextIO, cast

from lawsearch.output.layout import Columns, Line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

Color = Literal["auto", "always", "never"]


#: Only the sixteen colours that every terminal has, so that its own theme decides what they look like.
STYLES = {
    "rank": "bold",
    "citation": "bold cyan",
    "title": "bold",
    "act": "dim",
    "label": "bold",
    "match": "bold yellow",
    "context": "dim",
    "note": "green",
    "repealed": "red",
    "term": "magenta",
    "heading": "bold underline",
}


def painted(stream: TextIO, color: Color) -> bool:
    """Whether lines go out in colour: as told, else on a terminal unless NO_COLOR says otherwise."""
    if color != "auto":
        return color == "always"
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


#: A terminal of so many cells has room for two texts side by side.
WIDE = 110


def write(lines: Iterable[Line | Columns], color: Color, stream: TextIO | None = None, *, links: bool = False) -> None:
    """Write lines to ``stream`` (stdout). Off a terminal nothing is wrapped; on one, long lines wrap under their indent.

    ``links``: what a citation names can be clicked on (OSC 8), on a terminal or where colours are written whatever happens.
    """
    stream = stream or sys.stdout
    in_colour = painted(stream, color)
    if not in_colour and not stream.isatty():
        for line in _stacked(lines):
            stream.write(line.text.rstrip() + "\n")
        return
    console = _console(cast(TextIO, _Linking(stream)) if links else stream, in_colour, links)
    wide = stream.isatty() and console.width >= WIDE
    for item in lines:
        if isinstance(item, Columns) and wide:
            console.print(_side_by_side(item, in_colour))
            continue
        for line in _stacked((item,)):
            if stream.isatty():
                for part in _wrapped(line, in_colour, console, links):
                    console.print(part, soft_wrap=True)
            else:
                console.print(_text(line, in_colour, line.indent, links), soft_wrap=True)


def _stacked(items: Iterable[Line | Columns]) -> Iterator[Line]:
    for item in items:
        if isinstance(item, Line):
            yield item
        else:
            yield from item.stacked


def _text(line: Line, in_colour: bool, indent: int = 0, links: bool = False) -> Text:
    from rich.text import Text

    text = Text(" " * indent)
    page = _page(line) if links else None
    for piece, style in line.pieces:
        look = STYLES.get(style, "") if in_colour else ""
        if page is not None and style == "citation":
            from rich.style import Style

            text.append(piece, style=Style.parse(look or "none") + Style(link=page))
        else:
            text.append(piece, style=look)
    return text


def _page(line: Line) -> str | None:
    """Where what a line's citation names can be read."""
    from lawsearch.output import links

    if line.names is None:
        return None
    act, _, lang = line.names
    return links.page(act, lang)


class _Linking:
    """A stream for links: Rich gives each a number by chance, which is taken out: equal input gives equal bytes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(re.sub(r"\x1b\]8;id=[^;]*;", "\x1b]8;;", text))

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def _wrapped(line: Line, in_colour: bool, console: Console, links: bool = False) -> Iterator[Text]:
    """The lines that a line takes on a terminal, each under its indent; nothing behind the last letter, for who copies it."""
    from rich.text import Text

    text = _text(line, in_colour, links=links)
    if not text:
        yield text
        return
    for part in text.wrap(console, max(1, console.width - line.indent), overflow="fold"):
        part.rstrip()
        yield Text(" " * line.indent).append_text(part)


def _padded(line: Line, in_colour: bool) -> Padding:
    from rich.padding import Padding

    return Padding(_text(line, in_colour), (0, 0, 0, line.indent), expand=False)


def _side_by_side(columns: Columns, in_colour: bool) -> Table:
    from rich.console import Group
    from rich.table import Table

    table = Table.grid(padding=(0, 3, 0, 0), expand=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(ratio=1, overflow="fold")
    table.add_row(*(Group(*(_padded(line, in_colour) for line in side)) for side in (columns.left, columns.right)))
    return table


def _console(stream: TextIO, in_colour: bool, links: bool) -> Console:
    from rich.console import Console

    return Console(
        file=stream,
        force_terminal=True if in_colour else None,
        no_color=not in_colour,
        # Without one not even a link is written.
        color_system="standard" if in_colour or links else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
