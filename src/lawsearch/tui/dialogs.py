"""The dialogs: each is a list to choose from, most with a line to type in."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from lawsearch.tui.bars import Bar, Line
from lawsearch.tui.painting import Painter
from lawsearch.tui.rows import Row, RowList

#: What a dialog shows for the text typed in it: rows, now or later.
Source = Callable[[str], Sequence[Row] | Awaitable[Sequence[Row]]]


class Picker(ModalScreen[Any]):
    """A title, perhaps a line to type in, a list, a line of advice. Closes with the chosen row's value, or None."""

    # The list's keys before the line's, so that an arrow and Enter behind it keep their order.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("ctrl+c", "close", show=False),
        Binding("up", "list('cursor', -1)", show=False, priority=True),
        Binding("down", "list('cursor', 1)", show=False, priority=True),
        Binding("pageup", "list('page', -1)", show=False, priority=True),
        Binding("pagedown", "list('page', 1)", show=False, priority=True),
    ]

    def __init__(
        self,
        painter: Painter,
        title: str,
        source: Source,
        *,
        placeholder: str | None = None,
        value: str = "",
        foot: str = "",
        toggle: Callable[[Any], None] | None = None,
    ) -> None:
        """``toggle``: what choosing a row does instead of closing; the rows are then asked for anew."""
        super().__init__()
        self.painter = painter
        self._title = title
        self._source = source
        self._placeholder = placeholder
        self._value = value
        self._foot = foot
        self._toggle = toggle
        self.list = RowList(painter, id="choices", follow=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            title = Bar(self.painter, id="dialog-title")
            title.left = [(f" {self._title}", "heading")]
            yield title
            if self._placeholder is not None:
                yield Line(self._value, placeholder=self._placeholder, id="typed", compact=True, select_on_focus=False)
            yield self.list
            foot = Bar(self.painter, id="dialog-foot")
            foot.left = [(f" {self._foot}", "context")]
            yield foot

    async def on_mount(self) -> None:
        self.set_focus(self.list if self._placeholder is None else self.query_one(Input))
        if inspect.iscoroutinefunction(self._source):
            # The dialog is there at once, whatever its rows wait for.
            self._refresh_later(keep=False)
        else:
            await self._refresh_rows(keep=False)

    async def _refresh_rows(self, *, keep: bool) -> None:
        found = self._source(self.typed)
        rows = await found if isinstance(found, Awaitable) else found
        self.list.set_rows(rows, self.list.at if keep else None, keep_scroll=keep)

    def _refresh_later(self, *, keep: bool) -> None:
        work: Callable[[], Awaitable[None]] = partial(self._refresh_rows, keep=keep)
        self.run_worker(work, group="rows", exclusive=True, exit_on_error=False)

    @property
    def typed(self) -> str:
        """What stands in the line."""
        return self.query_one(Input).value if self._placeholder is not None else ""

    @on(Input.Changed)
    def _typed_on(self, event: Input.Changed) -> None:
        event.stop()
        self.typed_changed()

    def typed_changed(self) -> None:
        """Other rows belong to what stands in the line now."""
        self._refresh_later(keep=False)

    @on(Input.Submitted)
    async def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        # What was typed a moment ago counts, not what its beginning found.
        await self._refresh_rows(keep=True)
        if self.list.value is not None:
            self._choose(self.list.value)

    @on(RowList.Chosen)
    def _row_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self._choose(event.value)

    def _choose(self, value: Any) -> None:
        if self._toggle is None:
            self.dismiss(value)
            return
        self._toggle(value)
        self._refresh_later(keep=True)

    def key_space(self) -> None:
        """Space switches a row, where rows are switched."""
        if self._toggle is not None and self.list.has_focus and self.list.value is not None:
            self._choose(self.list.value)

    def action_list(self, what: str, by: int) -> None:
        """Move in the list while the line has the focus."""
        if what == "cursor":
            self.list.action_move(by)
        else:
            self.list.action_page(by)

    def action_close(self) -> None:
        """Close without a choice."""
        self.dismiss(None)

    def on_click(self, event: Any) -> None:
        """A click beside the dialog closes it."""
        if event.widget is self:
            self.dismiss(None)


class Saving(Picker):
    """Choosing a format and a file's name: closes with (format, name)."""

    def _choose(self, value: Any) -> None:
        name = self.typed.strip()
        if name:
            self.dismiss((value, name))

    def typed_changed(self) -> None:
        """The formats are the same whatever the name."""

    @on(RowList.Moved)
    def _format_changed(self, event: RowList.Moved) -> None:
        """The name's ending goes with the format, as long as it is one of ours."""
        event.stop()
        line = self.query_one(Input)
        stem, dot, ending = line.value.rpartition(".")
        if dot and ending in ("jsonl", "csv", "tmx"):
            line.value = f"{stem}.{event.value}"
            line.cursor_position = len(line.value)
