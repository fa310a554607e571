"""One-line bars: what is said of the result, where the passage stands, the keys; and the query line itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from lawsearch.analysis.letters import steers
from lawsearch.tui.actions import ACTIONS, shown
from lawsearch.tui.history import History
from lawsearch.tui.painting import Painter, fitted
from lawsearch.tui.texts import Texts

PieceRow = Sequence[tuple[str, str]]


class Bar(Widget):
    """A line with something at its left and something at its right end; the right one gives way."""

    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, painter: Painter, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.painter = painter
        self.left: PieceRow = ()
        self.right: PieceRow = ()

    def say(self, left: PieceRow | None = None, right: PieceRow | None = None) -> None:
        """Show other words at an end (None: as it was)."""
        self.left = self.left if left is None else left
        self.right = self.right if right is None else right
        self.refresh()

    @property
    def text(self) -> str:
        """What it says, without its looks."""
        return "".join(t for t, _ in self.left) + " " + "".join(t for t, _ in self.right)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        base = self.rich_style
        left = fitted(self.left, width)
        used = sum(cell_len(text) for text, _ in left)
        right = fitted(self.right, max(0, width - used - 2)) if width - used > 4 else []
        gap = width - used - sum(cell_len(text) for text, _ in right)
        return Strip(self.painter.segments([*left, (" " * max(0, gap), ""), *right], base)).adjust_cell_length(width, base)


class Trail(Bar):
    """The breadcrumb: of a long one the act's title gives way, then the longest headings; what is shown is whole."""

    def show_steps(self, steps: Sequence[str], right: PieceRow = ()) -> None:
        """Show where a passage stands."""
        self.steps = tuple(steps)
        self.right = right
        self.refresh()

    steps: tuple[str, ...] = ()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        taken = 3 + sum(cell_len(t) for t, _ in self.right) + (2 if self.right else 0)
        steps = list(self.steps[1:])
        while len(steps) > 2 and width - cell_len(" › ".join(steps)) - taken < 8:
            steps.remove(max(steps[:-1], key=cell_len))
        tail = " › ".join(steps)
        room = width - cell_len(tail) - taken
        pieces: list[tuple[str, str]] = []
        if self.steps and room >= 8:
            pieces += (
                [*fitted([(self.steps[0], "act")], room), (" › ", "context")]
                if tail
                else fitted([(self.steps[0], "act")], room)
            )
        pieces.append((tail, "citation"))
        self.left = pieces
        return super().render_line(y)


class KeyBar(Bar):
    """The keys that matter most; a click on one does what it does."""

    def __init__(self, painter: Painter, texts: Texts, *, id: str | None = None) -> None:
        super().__init__(painter, id=id)
        self.texts = texts
        self._places: list[tuple[int, int, str]] = []

    def render_line(self, y: int) -> Strip:
        pieces: list[tuple[str, str]] = []
        self._places = []
        at = 0
        for action in sorted((a for a in ACTIONS if a.in_footer), key=lambda a: a.name != "help"):
            key, does = shown(action.keys[0]), self.texts(f"short.{action.name}")
            size = cell_len(key) + cell_len(does) + 3
            if at + size > self.size.width:
                break
            pieces += [(key, "citation"), (f" {does}  ", "context")]
            self._places.append((at, at + size - 1, action.name))
            at += size
        self.left = pieces
        return super().render_line(y)

    async def on_click(self, event: events.Click) -> None:
        event.stop()
        for start, end, name in self._places:
            if start <= event.x < end:
                await self.app.run_action(name)


class Line(Input):
    """A line to type in. What steers a terminal has no place in it, however it was pasted."""

    def validate_value(self, value: str) -> str:
        """The text without controls and marks of writing direction."""
        return value if value.isprintable() else "".join(c for c in value if not steers(c))

    async def _on_key(self, event: events.Key) -> None:
        # Its own keys are done at once, not when they have gone through the app: a letter typed behind Ctrl-U is not deleted.
        for binding in () if event.is_printable else self._bindings.key_to_bindings.get(event.key, ()):
            event.stop()
            event.prevent_default()
            await self.run_action(binding.action)
            return
        await super()._on_key(event)


class QueryLine(Line):
    """The query: typed text, and with ↑ and ↓ the queries of before."""

    DEFAULT_CSS = """
    QueryLine, QueryLine:focus { border: none; height: 1; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "older", show=False),
    ]

    def __init__(self, history: History, placeholder: str, value: str = "", *, id: str | None = None) -> None:
        super().__init__(value, placeholder=placeholder, id=id, compact=True, select_on_focus=False)
        self._history = history
        self._at: int | None = None
        self._typed = ""

    def action_older(self) -> None:
        """An older query; what was typed is kept to come back to."""
        known = self._history.queries
        if self._at is None:
            self._typed = self.value
            at = len(known)
        else:
            at = self._at
        at -= 1
        while at >= 0 and known[at] == self.value:
            at -= 1
        if at >= 0:
            self._at = at
            self._put(known[at])

    def newer(self) -> bool:
        """A newer query, behind the newest what was typed; False where there is nothing newer than what stands there."""
        if self._at is None:
            return False
        self._at += 1
        if self._at >= len(self._history.queries):
            self._at = None
            self._put(self._typed)
        else:
            self._put(self._history.queries[self._at])
        return True

    def ask(self, text: str) -> None:
        """Put a whole query in."""
        self._at = None
        self._put(text)

    def _put(self, text: str) -> None:
        self.value = text
        self.cursor_position = len(text)

    async def _on_key(self, event: events.Key) -> None:
        if event.is_printable or event.key in ("backspace", "delete"):
            self._at = None
        await super()._on_key(event)
