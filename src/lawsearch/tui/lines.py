"""What is walked through by lines: lists of rows and the text of an article have the same keys and the same wheel."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import MouseScrollDown, MouseScrollUp
from textual.scroll_view import ScrollView

from lawsearch.tui.keyboards import same_key

#: So many lines a notch of the wheel.
_NOTCH = 3


class Lines(ScrollView, can_focus=True):
    """A pane of lines, of which only those in view are drawn."""

    DEFAULT_CSS = """
    Lines { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(same_key("up") + same_key("k")), "move(-1)", show=False),
        Binding(",".join(same_key("down") + same_key("j")), "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "edge(-1)", show=False),
        Binding("end", "edge(1)", show=False),
        Binding("enter", "choose", show=False),
    ]

    @abstractmethod
    def action_move(self, step: int) -> None:
        """One row down (1) or up (-1)."""

    @abstractmethod
    def action_page(self, step: int) -> None:
        """One screen down or up."""

    @abstractmethod
    def action_edge(self, step: int) -> None:
        """To the end (1) or the beginning (-1)."""

    @abstractmethod
    def action_choose(self) -> None:
        """Take what the cursor stands on."""

    def scroll_now(self, row: int) -> None:
        """Have a row at the top, at once."""
        self.scroll_to(y=row, animate=False, immediate=True, force=True)

    def scroll_by_now(self, rows: int) -> None:
        """Scroll by rows, at once."""
        self.scroll_relative(y=rows, animate=False, immediate=True, force=True)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        event.prevent_default()
        self.scroll_by_now(_NOTCH)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        event.prevent_default()
        self.scroll_by_now(-_NOTCH)
