"""The reading pane: an article in full in one column or two, its matches, and one of them the current one."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from rich.segment import Segment
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from lawsearch.output.layout import Line, Show
from lawsearch.output.reading import ArticleView, Pair, blocks
from lawsearch.tui.lines import Lines
from lawsearch.tui.painting import Painter, Wrapped, wrapped

_GUTTER = 3
#: A match is shown with so many rows above it.
_ABOVE = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A match on the screen: its row, its passage, the column and line it stands in, and its code points there."""

    row: int
    passage: int | None
    column: int
    line: Wrapped
    start: int
    end: int


class Reading(Lines):
    """An article. Scrolls by rows; knows which passage is in view and where the matches are."""

    class PassageChanged(Message):
        """Another passage is the one in view."""

        def __init__(self, passage: int | None) -> None:
            super().__init__()
            self.passage = passage

    class Follow(Message):
        """The reference clicked on, or any of the passage in view."""

        def __init__(self, target: str | None) -> None:
            super().__init__()
            self.target = target

    def __init__(self, painter: Painter, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.painter = painter
        self.view: ArticleView | None = None
        self.show: Show = "kk"
        self.pair: tuple[Pair, int] | None = None
        self.matches: list[Found] = []
        self.current: int | None = None
        self.passage: int | None = None
        # A row: its passage, and for each column the line and the row of it that stands there.
        self._rows: list[tuple[int | None, tuple[tuple[Wrapped, int] | None, ...]]] = []
        self._first_rows: dict[int, int] = {}
        self._width = 0

    # -- what it shows

    def open(self, view: ArticleView, show: Show, passage: int | None = None) -> None:
        """Show an article at a passage, at that passage's first match where it has one."""
        self.view, self.show, self.pair = view, show, None
        self._lay_out()
        self.go_to_passage(passage)

    def close(self) -> None:
        """Show nothing."""
        self.view, self.pair, self.passage, self.current = None, None, None, None
        self._lay_out()
        self.scroll_now(0)

    def go_to_passage(self, passage: int | None, *, to_match: bool = True) -> None:
        """Bring a passage into view, its first match the current one."""
        if self.view is None:
            return
        self.current = None
        if passage is not None and to_match:
            self.current = next((i for i, m in enumerate(self.matches) if m.passage == passage), None)
        if self.current is not None:
            self._show_match(passage)
        else:
            row = 0 if passage in (None, 0) else self._first_rows.get(passage, 0)
            self.scroll_now(row)
        self._set_passage(passage)
        self.refresh()

    def set_show(self, show: Show) -> None:
        """Change the languages shown; the passage stays in view."""
        passage = self.passage
        self.show = show
        self._lay_out()
        self.go_to_passage(passage)

    def set_pair(self, pair: Pair | None) -> None:
        """Mark a term's places in the passage in view apart."""
        wanted = None if pair is None or self.passage is None else (pair, self.passage)
        if wanted != self.pair:
            self.pair = wanted
            top = self.scroll_offset.y
            current = self.current
            self._lay_out()
            self.current = current if current is not None and current < len(self.matches) else None
            self.scroll_now(top)
            self.refresh()

    def step(self, by: int) -> bool:
        """Go to the next or the previous match; False where there is none further in this article."""
        if self.current is None:
            rows = [m.row for m in self.matches]
            top = int(self.scroll_offset.y)
            wanted = bisect_left(rows, top) if by > 0 else bisect_left(rows, top) - 1
        else:
            wanted = self.current + by
        if not 0 <= wanted < len(self.matches):
            return False
        self.current = wanted
        self._show_match(None)
        self._set_passage(self.matches[wanted].passage)
        self.refresh()
        return True

    def to_edge_match(self, by: int) -> None:
        """Make the first match (going forward) or the last one the current one."""
        if self.matches:
            self.current = 0 if by > 0 else len(self.matches) - 1
            self._show_match(None)
            self._set_passage(self.matches[self.current].passage)
            self.refresh()

    def _show_match(self, passage: int | None) -> None:
        assert self.current is not None
        row = self.matches[self.current].row
        first = self._first_rows.get(passage, row) if passage is not None else row
        top, height = int(self.scroll_offset.y), max(1, self.size.height)
        if passage is not None and row - first < height - _ABOVE:
            self.scroll_now(max(0, first - 1))
        elif not top <= row < top + height - 1 or passage is not None:
            self.scroll_now(max(0, row - _ABOVE))

    def _set_passage(self, passage: int | None) -> None:
        if passage != self.passage:
            self.passage = passage
            self.post_message(self.PassageChanged(passage))

    # -- keys and mouse

    def scroll_by_now(self, rows: int) -> None:
        super().scroll_by_now(rows)
        self._passage_from_scroll()

    def action_move(self, step: int) -> None:
        self.scroll_by_now(step)

    def action_page(self, step: int) -> None:
        self.scroll_by_now(step * max(1, self.size.height - 2))

    def action_edge(self, step: int) -> None:
        self.scroll_now(0 if step < 0 else len(self._rows))
        self._passage_from_scroll()

    def action_choose(self) -> None:
        self.post_message(self.Follow(None))

    def _passage_from_scroll(self) -> None:
        """The passage that the upper third of the pane shows; the last one where the end is reached."""
        if not self._rows:
            return
        top = int(self.scroll_offset.y)
        at = len(self._rows) - 1 if top and top >= self.max_scroll_y else min(len(self._rows) - 1, top + self.size.height // 4)
        if top == 0:
            at = 0
        self.current = None
        passage = self._rows[at][0]
        if passage is None and self._first_rows:
            passage = 0
        self._set_passage(passage)
        self.refresh()

    def on_click(self, event: Click) -> None:
        event.stop()
        self.focus()
        at = int(self.scroll_offset.y) + event.y
        if not 0 <= at < len(self._rows):
            return
        passage, cells = self._rows[at]
        if passage is not None:
            self.current = None
            self._set_passage(passage)
        target = self._reference_at(passage, cells, event.x)
        if target is not None:
            self.post_message(self.Follow(target))
        self.refresh()

    def _reference_at(self, passage: int | None, cells: tuple[tuple[Wrapped, int] | None, ...], x: int) -> str | None:
        """The address that the words at a cell cite."""
        if self.view is None or passage is None:
            return None
        width = self._column_width(len(cells))
        column = min(len(cells) - 1, x // (width + _GUTTER)) if width else 0
        cell = cells[column]
        if cell is None:
            return None
        line, row = cell
        place = line.rows[row][0] + x - column * (width + _GUTTER) - line.line.indent
        words = next((line.text[a:b] for a, b in line.places("reference") if a <= place < b), None)
        if words is None:
            return None
        item = self.view.passages[passage]
        for cited in item.cites:
            text = item.record.texts.get(cited.lang, "")[cited.span[0] : cited.span[1]]
            if text and (text in words or words in text):
                return cited.target
        return None

    # -- drawing

    def _column_width(self, columns: int) -> int:
        return max(4, (self._width - _GUTTER * (columns - 1)) // columns)

    def _lay_out(self) -> None:
        self._width = max(10, self.scrollable_content_region.width - 1)
        self._rows, self._first_rows, self.matches = [], {}, []
        if self.view is not None:
            pair, where = self.pair or (None, None)
            last: int | None = None
            for block in blocks(self.view, self.show, pair, where):
                if block.passage != last and block.passage is not None:
                    if block.passage and self._roomy(block.passage):
                        self._rows.append((block.passage, (None,) * len(block.columns)))
                    last = block.passage
                self._add(block.passage, block.columns)
        self.matches.sort(key=lambda m: (m.row, m.column, m.start))
        self.virtual_size = Size(self.size.width, len(self._rows))
        self.refresh()

    def _roomy(self, passage: int) -> bool:
        """Points are set apart by an empty row, the items of a list are not."""
        assert self.view is not None
        return self.view.passages[passage].record.kind != "subpoint"

    def _add(self, passage: int | None, columns: tuple[tuple[Line, ...], ...]) -> None:
        width = self._column_width(len(columns))
        top = len(self._rows)
        stacks: list[list[tuple[Wrapped, int]]] = []
        for number, lines in enumerate(columns):
            stack: list[tuple[Wrapped, int]] = []
            for line in lines:
                broken = wrapped(line, width)
                for start, end in broken.places("match"):
                    row = top + len(stack) + broken.row_of(start)
                    self.matches.append(Found(row, passage, number, broken, start, end))
                stack += [(broken, row) for row in range(len(broken.rows))]
            stacks.append(stack)
        if passage is not None:
            self._first_rows.setdefault(passage, top)
        for row in range(max(map(len, stacks), default=0)):
            self._rows.append((passage, tuple(stack[row] if row < len(stack) else None for stack in stacks)))

    def on_resize(self) -> None:
        if self.view is not None and max(10, self.scrollable_content_region.width - 1) != self._width:
            passage, current = self.passage, self.current
            self._lay_out()
            if current is not None and current < len(self.matches):
                self.current = current
                self.scroll_now(max(0, self.matches[current].row - _ABOVE))
            else:
                self.go_to_passage(passage, to_match=False)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        base = self.rich_style
        at = int(self.scroll_offset.y) + y
        if not 0 <= at < len(self._rows):
            return Strip.blank(width, base)
        passage, cells = self._rows[at]
        here = passage is not None and passage == self.passage
        column_width = self._column_width(len(cells))
        segments: list[Segment] = []
        for number, cell in enumerate(cells):
            if number:
                segments.append(Segment(" │ " if len(cells) > 1 else "   ", base + self.painter.style("context")))
            part = [Segment(" ", base)] if cell is None else self._cell(cell, base)
            segments += Strip(part).adjust_cell_length(column_width, base)
        strip = Strip(segments).adjust_cell_length(width - 1, base)
        edge = Segment("▎" if here else " ", base + self.painter.style("bar here"))
        return Strip([*strip, edge])

    def _cell(self, cell: tuple[Wrapped, int], base: object) -> list[Segment]:
        line, row = cell
        start, end = line.rows[row]
        pieces: list[tuple[str, str]] = list(line.pieces(row))
        current = None if self.current is None else self.matches[self.current]
        if current is not None and current.line is line and current.start < end and current.end > start:
            pieces = _recoloured(pieces, current.start - start, current.end - start)
        return self.painter.segments([(" " * line.line.indent, ""), *pieces], base)  # type: ignore[arg-type]


def _recoloured(pieces: list[tuple[str, str]], start: int, end: int) -> list[tuple[str, str]]:
    """Pieces of a row with the matches between two places in the look of the current one."""
    found = []
    at = 0
    for text, style in pieces:
        inside = at < end and at + len(text) > start
        found.append((text, "current" if inside and style == "match" else style))
        at += len(text)
    return found
