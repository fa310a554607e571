"""Painting lines on a terminal with Rich, or printing them as they are."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, TextIO

from lawsearch.output.layout import Line

if TYPE_CHECKING:
    from rich.console import Console

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


def write(lines: Iterable[Line], color: Color, stream: TextIO | None = None) -> None:
    """Write lines to ``stream`` (stdout). Off a terminal nothing is wrapped; on one, long lines wrap under their indent."""
    stream = stream or sys.stdout
    in_colour = painted(stream, color)
    if not in_colour and not stream.isatty():
        for line in lines:
            stream.write(line.text.rstrip() + "\n")
        return
    console = _console(stream, in_colour)
    from rich.padding import Padding
    from rich.text import Text

    for line in lines:
        text = Text()
        for piece, style in line.pieces:
            text.append(piece, style=STYLES.get(style, "") if in_colour else "")
        if stream.isatty():
            console.print(Padding(text, (0, 0, 0, line.indent), expand=False))
        else:
            console.print(Text(" " * line.indent).append_text(text), soft_wrap=True)


def _console(stream: TextIO, in_colour: bool) -> Console:
    from rich.console import Console

    return Console(
        file=stream,
        force_terminal=True if in_colour else None,
        no_color=not in_colour,
        color_system="standard" if in_colour else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
