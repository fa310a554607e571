"""From lines to cells: the colours of each style in each theme, wrapping by cells, strips of segments."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style as RichStyle

from lawsearch.output.cells import one_each
from lawsearch.output.layout import Line, Piece

Theme = Literal["dark", "light", "ansi", "mono"]

#: For each style its look in the dark and the light theme, on sixteen colours (which mean what the terminal's own theme makes
#: of them), and without any colour.
_LOOKS: dict[str, tuple[str, str, str, str]] = {
    "": ("", "", "", ""),
    "rank": ("bold", "bold", "bold", "bold"),
    "citation": ("bold #7cc4ff", "bold #00569c", "bold cyan", "bold"),
    "title": ("bold", "bold", "bold", "bold"),
    "act": ("#9aa7b8", "#5a6675", "", ""),
    "label": ("bold #a9c7e8", "bold #35597d", "bold", "bold"),
    "match": ("bold #ffd866", "bold #8a3b00 on #ffe9a8", "bold yellow", "bold underline"),
    "current": ("bold #1c1c1c on #ffb347", "bold #ffffff on #b34700", "bold reverse", "bold reverse"),
    "context": ("#8b98a9", "#68737f", "", ""),
    "note": ("#8fd694", "#2f6f35", "green", "italic"),
    "repealed": ("#ff8b8b", "#b02020", "red", "italic"),
    "term": ("#d9a7ff", "#7030a0", "magenta", ""),
    "heading": ("bold", "bold", "bold", "bold"),
    "reference": ("underline #8ecae6", "underline #005f87", "underline", "underline"),
    "pair": ("bold #1c1c1c on #d9a7ff", "bold #ffffff on #7030a0", "bold black on magenta", "bold underline"),
    "bar": ("#5fa8e0", "#2f78b0", "blue", ""),
    "bar here": ("bold #ffb347", "bold #b34700", "bold yellow", "bold"),
    "mark": ("bold #8fd694", "bold #2f6f35", "bold green", "bold"),
    "error": ("bold #ff8b8b", "bold #b02020", "bold red", "bold"),
    "cursor": ("on #2c3f55", "on #cfe3f7", "reverse", "reverse"),
    "cursor away": ("on #232c37", "on #e4ebf2", "", ""),
}
_COLUMN = {"dark": 0, "light": 1, "ansi": 2, "mono": 3}


class Painter:
    """The looks of one theme."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.style = lru_cache(maxsize=200)(self._style)

    def _style(self, name: str) -> RichStyle:
        return RichStyle.parse(_LOOKS[name][_COLUMN[self.theme]] or "none")

    def segments(self, pieces: Sequence[tuple[str, str]], base: RichStyle) -> list[Segment]:
        """Pieces as segments, each in its look over ``base``."""
        return [Segment(text, base + self.style(name)) for text, name in pieces if text]


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A line as it is broken at a width: the code points that each row begins and ends with (the space between two rows
    belongs to neither)."""

    line: Line
    text: str
    rows: tuple[tuple[int, int], ...]

    def row_of(self, place: int) -> int:
        """The row that a code point stands in."""
        return max(0, bisect_right([start for start, _ in self.rows], place) - 1)

    def pieces(self, row: int) -> list[Piece]:
        """The pieces of one row."""
        start, end = self.rows[row]
        return cut(self.line.pieces, start, end)

    def places(self, style: str) -> Iterator[tuple[int, int]]:
        """Where pieces of a style stand: start and end, neighbours with at most a space between them taken together."""
        at = 0
        last: tuple[int, int] | None = None
        for text, name in self.line.pieces:
            end = at + len(text)
            if name == style:
                if last is not None and not self.text[last[1] : at].strip():
                    last = (last[0], end)
                else:
                    if last is not None:
                        yield last
                    last = (at, end)
            at = end
        if last is not None:
            yield last


def cut(pieces: Sequence[Piece], start: int, end: int) -> list[Piece]:
    """The part of some pieces between two code points."""
    found: list[Piece] = []
    at = 0
    for text, style in pieces:
        if at >= end:
            break
        a, b = max(start - at, 0), min(end - at, len(text))
        if a < b:
            found.append((text[a:b], style))
        at += len(text)
    return found


def wrapped(line: Line, width: int) -> Wrapped:
    """Break a line into rows of at most ``width`` cells, its indent left out of each, at spaces where there are any."""
    text = "".join(piece for piece, _ in line.pieces)
    room = max(4, width - line.indent)
    simple = one_each(text)
    if len(text) <= room and (simple or cell_len(text) <= room):
        return Wrapped(line, text, ((0, len(text)),))
    simple = simple or cell_len(text) == len(text)
    return Wrapped(line, text, tuple(_simple_rows(text, room) if simple else _rows(text, room)))


def _simple_rows(text: str, room: int) -> Iterator[tuple[int, int]]:
    start, size = 0, len(text)
    while size - start > room:
        space = text.rfind(" ", start, start + room + 1)
        end = space if space > start else start + room
        yield start, end
        start = end + 1 if space > start else end
    yield start, size


def _rows(text: str, room: int) -> Iterator[tuple[int, int]]:
    """The same where signs take two cells or none."""
    start = used = 0
    space = -1
    place = 0
    while place < len(text):
        cells = cell_len(text[place])
        if used + cells > room and place > start:
            if text[place] == " ":
                space = place
            end = space if space > start else place
            yield start, end
            start = end + 1 if space > start else end
            place, used, space = start, 0, -1
            continue
        if text[place] == " ":
            space = place
        used += cells
        place += 1
    yield start, len(text)


def fitted(pieces: Sequence[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """Pieces cut to ``width`` cells, with an ellipsis where something is missing."""
    found: list[tuple[str, str]] = []
    left = width
    for text, style in pieces:
        cells = cell_len(text)
        if cells <= left:
            found.append((text, style))
            left -= cells
            continue
        if left > 0:
            found.append((shortened(text, left), style))
        elif found:
            last, its_style = found[-1]
            found[-1] = (shortened(last + "…", cell_len(last)), its_style)
        break
    return found


def shortened(text: str, width: int) -> str:
    """``text`` in at most ``width`` cells, an ellipsis for what is cut off."""
    if cell_len(text) <= width:
        return text
    kept = text[: max(0, width - 1)]
    while kept and cell_len(kept) > width - 1:
        kept = kept[:-1]
    return kept + "…" if width > 0 else ""
