"""The program on the screen: opening and watching the index, help, palette, theme, leaving."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import suppress
from functools import partial
from typing import Any

from textual.events import Event, InputEvent

from lawsearch.output.layout import visible
from lawsearch.tui import collecting
from lawsearch.tui.actions import ACTIONS, GROUPS, Action, shown
from lawsearch.tui.asking import AnswerError, GoneError, SupersededError
from lawsearch.tui.base import _THEMES, Setup
from lawsearch.tui.dialogs import Picker
from lawsearch.tui.painting import Painter, Theme
from lawsearch.tui.questions import Opened
from lawsearch.tui.rows import Row
from lawsearch.tui.taking import Taking
from lawsearch.tui.texts import names

#: How often (seconds) it is looked whether the index has changed.
_WATCH = 2.0
FINISHED, ABORTED = 0, 130


class LawsearchUi(Taking):
    """The terminal UI. Runs until the user leaves; the marked hits are then in ``state.marked``."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._seen = ""
        self._collector = collecting.Collector()

    async def on_mount(self) -> None:
        self.set_shown("contents", False)
        self.set_shown("term-box", False)
        self.arrange(self.size.width, self.size.height)
        self.focus_on(self.query_line)
        for name in ("SIGTERM", "SIGHUP"):
            # Leaving in good order puts the terminal back as it was. Not every system or loop has this.
            with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):
                asyncio.get_running_loop().add_signal_handler(getattr(signal, name), self.action_abort)
        self.tell(self.texts("starting"), "context")
        self.later(self._open_index, "index")
        self.set_interval(_WATCH, self._watch)
        # It has a fresh interpreter to start; the first screen comes first.
        self.set_timer(0.05, self._settle_in)

    def _settle_in(self) -> None:
        """What the first screen need not wait for."""
        self.setup.reader.start()
        # What answers are made of is read on the side, before the first one comes.
        threading.Thread(target=_read_ahead, daemon=True).start()
        self._collector.start()
        self.set_interval(collecting.LOOK, self._collector.look)

    async def on_event(self, event: Event) -> None:
        if isinstance(event, InputEvent):
            self._collector.touched()
        await super().on_event(event)

    def on_unmount(self) -> None:
        self._collector.stop()

    # -- the index

    async def _open_index(self, *, again: bool = False) -> None:
        state = self.state
        try:
            opened: Opened = await self.setup.finder.ask("open", lane="open")
        except AnswerError as error:
            if error.kind == "IndexMissingError" and self.setup.build_missing and not again:
                await self._build()
                return
            self._unusable(str(error))
            return
        except (GoneError, SupersededError):
            self._unusable(self.texts("restarted"))
            return
        changed = state.opened is not None and state.opened.generation != opened.generation
        state.opened, state.broken = opened, None
        state.contents.clear()
        if changed:
            # Numbers of articles mean others now.
            state.back.clear()
            state.forward.clear()
        await self._index_opened(opened, changed=changed)

    async def _index_opened(self, opened: Opened, *, changed: bool) -> None:
        hit = self.hit_list.value
        keep = str(hit.provision.address) if hit is not None and hasattr(hit, "provision") else None
        self._seen = self._generation()
        self._told = None
        if self.query_line.value.strip():
            self.state.wanted = self.with_filters(text=self.query_line.value)
            await self._search(keep)
        counts = opened.counts
        if changed:
            self.tell(self.texts("reopened", counts["acts"], counts["provisions"]))
        elif not self.query_line.value.strip():
            self.tell(self.texts("welcome", counts["acts"], counts["provisions"]), "context")
        try:
            await self.setup.reader.ask("open", generation=opened.generation, lane="open")
            if not self.query_line.value:
                # A search takes precedence over this.
                await self.setup.finder.ask("warm", lane="search")
        except (AnswerError, GoneError, SupersededError):
            # What it stands for is said when it is needed.
            return

    def _unusable(self, said: str) -> None:
        """There is no index to search: say so where the hits would be, and what can be done."""
        self.state.broken = said
        self._seen = self._generation()
        lines = [Row(([(self.texts("no_index"), "error")],)), Row(([("", "")],))]
        width = max(24, self.size.width * 38 // 100 - 3)
        words = visible(said).split()
        line = ""
        for word in [*words, ""]:
            if word and len(line) + len(word) < width:
                line = f"{line} {word}".strip()
                continue
            lines.append(Row(([(line, "")],)))
            line = word
        lines.append(Row(([("", "")],)))
        lines.append(Row(([(f"▸ {self.texts('retry_hint')}", "note")],), "retry"))
        if self.setup.corpus is not None:
            lines.append(Row(([(f"▸ {self.texts('rebuild_hint', visible(str(self.setup.corpus)))}", "note")],), "rebuild"))
        self.hit_list.set_rows(lines)
        self.reading.close()
        self.tell(said, "error")
        if not self.query_line.value:
            # What can be done stands in the list. Who is typing goes on typing.
            self.focus_on(self.hit_list)

    def on_row_list_chosen(self, event: Any) -> None:
        """Try again, or build, where the index cannot be used."""
        if event.value == "retry":
            self.later(partial(self._open_index, again=True), "index")
        elif event.value == "rebuild":
            self.action_rebuild()

    def action_rebuild(self) -> None:
        """Build the index anew, where it cannot be used."""
        if self.state.broken is not None and self.setup.corpus is not None:
            self.later(self._build, "index")

    async def _build(self) -> None:
        corpus = self.setup.corpus
        if corpus is None:
            return
        self.tell(self.texts("building", visible(str(corpus))))

        def progress(value: tuple[int, int]) -> None:
            self.tell(f"{self.texts('building', visible(str(corpus)))}  {self.texts('building_done', *value)}")

        try:
            await self.setup.finder.ask("build", corpus=str(corpus), progress=progress)
        except (AnswerError, GoneError) as error:
            self._unusable(str(error) or self.texts("restarted"))
            return
        await self._open_index(again=True)
        self.focus_on(self.query_line)

    def _generation(self) -> str:
        """The name of the index's generation in use; empty where there is none."""
        from lawsearch.store import generations

        return generations.in_use(self.setup.index)

    def _watch(self) -> None:
        """An index that was built anew, or that has become readable, is opened."""
        now = self._generation()
        if now and now != self._seen:
            self._seen = now
            self.later(partial(self._open_index, again=True), "index")

    # -- help and palette

    async def action_help(self) -> None:
        """All keys, by group; Enter runs an action."""
        rows: list[Row] = []
        for group in GROUPS:
            rows.append(Row(([(self.texts(f"group.{group}"), "heading")],)))
            rows += [self._action_row(a) for a in ACTIONS if a.group == group]
        foot = self.texts("dialog.help_foot")
        await self.push_screen(Picker(self.painter, self.texts("dialog.help"), lambda typed: rows, foot=foot), self._run_chosen)

    def _action_row(self, action: Action) -> Row:
        keys = "  ".join(shown(key) for key in action.keys)
        return Row(([(f"{keys:22}", "citation"), (self.texts(f"action.{action.name}"), "")],), action.name)

    async def action_palette(self) -> None:
        """Find an action by any of its names, in any of the three languages."""

        def found(typed: str) -> list[Row]:
            words = typed.lower().split()
            told = names()["action"]
            return [
                self._action_row(a)
                for a in ACTIONS
                if not a.here and all(any(w in name.lower() for name in told[a.name].values()) for w in words)
            ]

        placeholder = self.texts("dialog.palette_placeholder")
        await self.push_screen(
            Picker(self.painter, self.texts("dialog.palette"), found, placeholder=placeholder), self._run_chosen
        )

    async def _run_chosen(self, name: str | None) -> None:
        if name is not None and any(a.name == name and not a.here for a in ACTIONS):
            await self.run_action(name)

    # -- theme

    def action_theme(self) -> None:
        """Dark or light; on sixteen colours and without any the terminal's own theme decides."""
        current = self.painter.theme
        if current in ("dark", "light"):
            theme: Theme = "light" if current == "dark" else "dark"
            self.painter = Painter(theme)
            for widget in self.screen_stack[0].walk_children():
                if hasattr(widget, "painter"):
                    widget.painter = self.painter
            self.theme = _THEMES[theme]
            current = theme
        self.tell(self.texts("theme_is", current))

    # -- panes and leaving

    def action_next_pane(self) -> None:
        """The next pane that is on the screen."""
        self._pane(1)

    def action_previous_pane(self) -> None:
        """The previous pane."""
        self._pane(-1)

    def _pane(self, by: int) -> None:
        if len(self.screen_stack) > 1:
            self.screen.focus_next() if by > 0 else self.screen.focus_previous()
            return
        panes = [self.query_line, self.hit_list if self.shown("hits") else self.contents_list, self.reading]
        if self.shown("term-box"):
            panes.append(self.term_list)
        at = next((i for i, pane in enumerate(panes) if self.focused_on(pane)), 0)
        goal = panes[(at + by) % len(panes)]
        screen = self.screen_stack[0]
        screen.set_class(goal in (self.reading, self.term_list), "reading")
        if goal in panes[1:2]:
            screen.remove_class("zoomed")
        self.focus_on(goal)

    def action_leave(self) -> None:
        """From the term panel to the text, from the text to the list, from there to the query, which is then cleared."""
        screen = self.screen_stack[0]
        if self.focused_on(self.term_list):
            self.set_shown("term-box", False)
            self.reading.set_pair(None)
            self.focus_reading()
        elif self.focused_on(self.reading):
            screen.remove_class("zoomed")
            self.focus_list()
        elif self.focused_on(self.contents_list):
            self.action_contents()
        elif self.focused_on(self.hit_list):
            self.focus_on(self.query_line)
        elif self.query_line.value:
            self.query_line.ask("")

    def action_finish(self) -> None:
        """Leave; the marked hits are printed."""
        self.history.add(self.state.wanted.text)
        self.exit(FINISHED)

    def action_abort(self) -> None:
        """Leave and print nothing; where a part of the query is selected, Ctrl-C copies that, as everywhere."""
        if not self.screen_stack:
            return
        line = self.query_line
        if len(self.screen_stack) > 1:
            self.pop_screen()
            return
        if self.focused_on(line) and line.selected_text:
            line.action_copy()
            return
        self.exit(ABORTED)


def _read_ahead() -> None:
    import lawsearch.search
    import lawsearch.store.generations  # noqa: F401
