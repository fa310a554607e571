"""A list of rows with a cursor: the hits, the contents, the terms and every dialog are such lists.

Rows are drawn only when they are in view, so that ten thousand of them cost no more than fifty.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from rich.segment import Segment
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from lawsearch.tui.lines import Lines
from lawsearch.tui.painting import Painter, fitted

PieceRow = Sequence[tuple[str, str]]


@dataclass(slots=True)
class Row:
    """A row of one or more screen lines, each a sequence of (text, style). ``value`` is what it stands for; a row without
    one is a heading that the cursor skips."""

    lines: tuple[PieceRow, ...]
    value: Any = None

    @property
    def selectable(self) -> bool:
        """Whether the cursor may stand on it."""
        return self.value is not None


class RowList(Lines):
    """Rows, and a cursor on one of them."""

    class Moved(Message):
        """The cursor came to another row."""

        def __init__(self, rows: RowList, value: Any) -> None:
            super().__init__()
            self.rows = rows
            self.value = value

        @property
        def control(self) -> RowList:
            """The list."""
            return self.rows

    class Chosen(Moved):
        """Enter or a click on the row that the cursor stands on."""

    class NearEnd(Message):
        """The cursor has come near to the last row."""

        def __init__(self, rows: RowList) -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> RowList:
            """The list."""
            return self.rows

    def __init__(self, painter: Painter, *, id: str | None = None, follow: bool = True) -> None:
        super().__init__(id=id)
        self.painter = painter
        self.rows: list[Row] = []
        self.at: int | None = None
        self._tops: list[int] = [0]
        self._follow = follow

    # -- what it holds

    def set_rows(self, rows: Sequence[Row], at: int | None = None, *, keep_scroll: bool = False) -> None:
        """Show other rows, the cursor on row ``at`` (or the first that can have it). Says nothing of the cursor's move."""
        self.rows = list(rows)
        self._tops = list(accumulate((len(r.lines) for r in self.rows), initial=0))
        self.virtual_size = Size(self.size.width, self._tops[-1])
        if at is None or at >= len(self.rows) or not self.rows[at].selectable:
            at = next((i for i, r in enumerate(self.rows) if r.selectable), None)
        self.at = at
        if not keep_scroll:
            self.scroll_now(0)
        self._show_cursor()
        self.refresh()

    @property
    def value(self) -> Any:
        """What the row under the cursor stands for, or None."""
        return None if self.at is None or self.at >= len(self.rows) else self.rows[self.at].value

    def index_of(self, value: Any) -> int | None:
        """The row that stands for a value."""
        return next((i for i, r in enumerate(self.rows) if r.value == value), None)

    def put_cursor(self, at: int | None, *, quietly: bool = False) -> None:
        """Put the cursor on a row; ``quietly``: without a message."""
        if at is None or at == self.at:
            return
        self.at = at
        self._show_cursor()
        self.refresh()
        if not quietly:
            self.post_message(self.Moved(self, self.value))

    def replace_row(self, at: int, row: Row) -> None:
        """Draw a row anew that has as many lines as before."""
        self.rows[at] = row
        self.refresh()

    # -- keys and mouse

    def action_move(self, step: int) -> None:
        self._step(step, 1)

    def action_page(self, step: int) -> None:
        self._step(step, max(1, self.size.height - 1))

    def action_edge(self, step: int) -> None:
        places = range(len(self.rows)) if step < 0 else range(len(self.rows) - 1, -1, -1)
        self.put_cursor(next((i for i in places if self.rows[i].selectable), None))
        self._near_end()

    def action_choose(self) -> None:
        if self.value is not None:
            self.post_message(self.Chosen(self, self.value))

    def _step(self, step: int, lines: int) -> None:
        """Move by so many screen lines, by one row at least."""
        if self.at is None:
            return
        goal = self._tops[self.at] + step * lines
        best = None
        places = range(self.at + 1, len(self.rows)) if step > 0 else range(self.at - 1, -1, -1)
        for i in places:
            if self.rows[i].selectable:
                if best is not None and (self._tops[i] - goal) * step > 0:
                    break
                best = i
                if (self._tops[i] - goal) * step >= 0:
                    break
        if best is None and step < 0:
            self.scroll_now(0)
        self.put_cursor(best)
        if step > 0:
            self._near_end()

    def _near_end(self) -> None:
        if self.at is not None and self.at >= len(self.rows) - 20:
            self.post_message(self.NearEnd(self))

    def on_click(self, event: Click) -> None:
        event.stop()
        self.focus()
        at = self._row_at(int(self.scroll_offset.y) + event.y)
        if at is None or not self.rows[at].selectable:
            return
        if at == self.at and (self._follow or event.chain > 1):
            self.action_choose()
        else:
            self.put_cursor(at)
            if not self._follow:
                self.action_choose()

    # -- drawing

    def _row_at(self, line: int) -> int | None:
        at = bisect_right(self._tops, line) - 1
        return at if 0 <= at < len(self.rows) else None

    def _show_cursor(self) -> None:
        if self.at is None or not self.size.height:
            return
        top = self._tops[self.at]
        height = len(self.rows[self.at].lines)
        # A heading right above the first row below it stays in view with it.
        above = 1 if self.at and not self.rows[self.at - 1].selectable else 0
        self.scroll_to_region(Region(0, max(0, top - above), 1, height + above), animate=False, immediate=True, force=True)

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, self._tops[-1])
        self._show_cursor()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        line = int(self.scroll_offset.y) + y
        base = self.rich_style
        at = self._row_at(line) if line < self._tops[-1] else None
        if at is None:
            return Strip.blank(width, base)
        row = self.rows[at]
        pieces = fitted(row.lines[line - self._tops[at]], width)
        if at == self.at and row.selectable:
            base = base + self.painter.style("cursor" if self.has_focus else "cursor away")
        segments: list[Segment] = self.painter.segments(pieces, base)
        return Strip(segments).adjust_cell_length(width, base)
