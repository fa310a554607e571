"""Searching: as the query is typed, with its filters; the list of hits and where they lie."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on
from textual.timer import Timer
from textual.widgets import Input

from lawsearch.output.layout import visible, word
from lawsearch.output.reading import title_of
from lawsearch.tui import hits as hit_rows
from lawsearch.tui.base import Base
from lawsearch.tui.dialogs import Picker
from lawsearch.tui.hits import Groups, is_hit
from lawsearch.tui.questions import Answer, Contents, Spread, Wanted
from lawsearch.tui.rows import Row, RowList

if TYPE_CHECKING:
    from lawsearch.hits import Hit

#: A pause in typing of so many seconds starts the search.
PAUSE = 0.06
#: So many hits at first, and so many times as many whenever the end of the list comes near.
FIRST, MORE = 40, 5
#: A query that stood so long (seconds) was meant, and is kept in the history.
_MEANT = 2.0


class Searching(Base):
    """The query and its hits."""

    _pause: Timer | None = None
    _meant: Timer | None = None

    # -- the query

    @on(Input.Changed, "#query")
    def _query_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self.state.wanted.text:
            return
        self.state.wanted = replace(self.state.wanted, text=event.value, unfinished=True)
        self._told = None
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self.search_now)

    def action_submit(self) -> None:
        """Take the query as it stands, and go to the hits."""
        text = self.query_line.value
        self.state.wanted = replace(self.state.wanted, text=text, unfinished=False)
        self.history.add(text)
        self.search_now()
        self.focus_list()

    def action_newer_query(self) -> None:
        """A newer query; where there is none, the hits."""
        if not self.query_line.newer():
            self.history.add(self.state.wanted.text)
            self.focus_list()

    def focus_list(self) -> None:
        """Go to the list that is shown on the left."""
        self.screen_stack[0].remove_class("reading")
        self.focus_on(self.hit_list if self.shown("hits") else self.contents_list)

    def search_now(self) -> None:
        """Search for the query as it stands."""
        if self._pause is not None:
            self._pause.stop()
        if self.state.broken is None and self.state.opened is not None:
            self.later(self._search, "search")

    async def _search(self, keep: str | None = None) -> None:
        """Search; ``keep``: the address of the hit that stays under the cursor, where it is found again."""
        wanted = self.state.wanted
        if not wanted.text.strip():
            self.show_answer(None)
            return
        answer: Answer | None = await self.ask_finder("search", lane="search", wanted=wanted, limit=FIRST)
        if answer is None or answer.wanted != self.state.wanted:
            return
        before, hit = self.state.answer, self.hit_list.value
        if before is not None and replace(before.wanted, unfinished=False) == replace(wanted, unfinished=False) and is_hit(hit):
            # The same query, as when it is taken with Enter: the cursor may have moved on meanwhile.
            keep = keep or str(hit.provision.address)
        self.show_answer(answer, keep)
        if answer.results.total:
            await self._find_spread(answer)
        if self._meant is not None:
            self._meant.stop()
        self._meant = self.set_timer(_MEANT, lambda: self._keep(wanted))

    async def _find_spread(self, answer: Answer) -> None:
        spread: Spread | None = await self.ask_finder("spread", lane="search", wanted=answer.wanted, text=answer.text)
        if spread is not None and answer is self.state.answer:
            self.state.spread = spread
            self.show_status()
            self.show_strip()

    def _keep(self, wanted: Wanted) -> None:
        if (
            wanted.text == self.state.wanted.text
            and self.state.groups.order
            and not (self.state.answer and self.state.answer.text != wanted.text)
        ):
            self.history.add(wanted.text)

    # -- the hits

    def show_answer(self, answer: Answer | None, keep: str | None = None) -> None:
        """Put a query's hits into the list and open the first."""
        state = self.state
        state.answer, state.spread = answer, None
        state.groups = Groups.of(answer.hits if answer is not None else ())
        state.loaded = len(answer.hits) if answer is not None else 0
        state.complete = answer is None or state.loaded >= answer.results.total
        self._told = None
        if answer is not None and self.shown("contents"):
            self.set_shown("contents", False)
            self.set_shown("hits", True)
        rows = self.hit_rows()
        at = None
        if keep is not None:
            at = next((i for i, r in enumerate(rows) if r.value is not None and str(r.value.provision.address) == keep), None)
        self.hit_list.set_rows(rows, at)
        self.hit_moved(self.hit_list.value)
        self.show_status()

    def hit_rows(self) -> list[Row]:
        """The hits loaded so far as rows, and a row that says so where there are more."""
        state = self.state
        many = len({h.act.id for _, some in state.groups for h in some}) > 1
        rows = hit_rows.rows(state.groups, state.marked, self.lang, self.show_wanted, self.texts, many_acts=many)
        if not state.complete:
            rows.append(Row(([(f"  {self.texts('loading_more')}", "context")],)))
        return rows

    def redraw_hits(self) -> None:
        """Draw the list anew; the cursor stays."""
        value = self.hit_list.value
        rows = self.hit_rows()
        at = next((i for i, r in enumerate(rows) if r.value is value), None)
        self.hit_list.set_rows(rows, at, keep_scroll=True)

    @on(RowList.NearEnd, "#hits")
    def _near_end(self, event: RowList.NearEnd) -> None:
        event.stop()
        if not self.state.complete:
            self.later(self.load_more, "more")

    async def load_more(self) -> bool:
        """Fetch more hits; those that are there stay where they are. False where there are no more."""
        state = self.state
        answer = state.answer
        if answer is None or state.complete:
            return False
        limit = state.loaded * MORE
        more: Answer | None = await self.ask_finder("search", lane="more", wanted=answer.wanted, limit=limit)
        if more is None or answer is not state.answer:
            return False
        known = {h.provision.id for _, some in state.groups for h in some}
        state.groups.add([h for h in more.hits if h.provision.id not in known])
        state.complete = len(more.hits) < limit or len(more.hits) >= more.results.total
        state.loaded = len(more.hits)
        self.redraw_hits()
        return True

    def hit_moved(self, value: Any) -> None:
        """The cursor is on another hit: it is opened (by who reads)."""

    def show_strip(self) -> None:
        """Draw the strip of hits anew (by who reads)."""

    async def action_mark(self) -> None:
        """Mark what is read, or the hit under the list's cursor, or take the mark off; in the list then on to the next."""
        hit = self.hit_list.value if self.focused_on(self.hit_list) else await self.hit_in_view()
        if not is_hit(hit):
            self.tell(self.texts("no_hit"))
            return
        address = str(hit.provision.address)
        if address in self.state.marked:
            del self.state.marked[address]
        else:
            self.state.marked[address] = hit
        for at, row in enumerate(self.hit_list.rows):
            if is_hit(row.value) and row.value.provision.address == hit.provision.address:
                marked = address in self.state.marked
                self.hit_list.replace_row(at, hit_rows.hit_row(row.value, marked, self.lang, self.show_wanted))
        self._told = None
        self.show_status()
        if self.focused_on(self.hit_list):
            self.hit_list.action_move(1)

    async def hit_in_view(self) -> Hit | None:
        """The passage that is read as a hit, whether the query found it or not (by who reads)."""
        return None

    # -- the query line by other ways

    def ask_for(self, text: str) -> None:
        """Search for a whole query that was not typed: from the history, from a term."""
        self.history.add(text)
        self.set_shown("contents", False)
        self.set_shown("hits", True)
        self.state.wanted = replace(self.state.wanted, text=text, unfinished=False)
        self.query_line.ask(text)
        self.search_now()

    def action_edit_query(self) -> None:
        """Go to the query line."""
        self.focus_on(self.query_line)

    async def action_past_queries(self) -> None:
        """Choose among the queries of before."""

        def found(typed: str) -> list[Row]:
            words = typed.lower().split()
            known = [q for q in reversed(self.history.queries) if all(w in q.lower() for w in words)]
            return [Row(([(visible(q), "")],), q) for q in known]

        if not self.history.queries:
            self.tell(self.texts("history_empty"))
            return
        title = self.texts("dialog.past_queries")
        picker = Picker(self.painter, title, found, placeholder="")
        await self.push_screen(picker, lambda query: self.ask_for(query) if query else None)

    # -- filters

    def action_filters(self) -> None:
        """Filter by status, act, chapter."""
        self.later(self._choose_filters, "dialog")

    async def _choose_filters(self) -> None:
        act = self.act_in_view()
        contents = await self.contents_of(act) if act is not None else None
        chapters = dict.fromkeys(a.chapter for a in contents.articles) if contents is not None else {}
        titles = {a.chapter: title_of(a.chapter_title, self.lang) for a in contents.articles} if contents is not None else {}

        def rows(typed: str) -> list[Row]:
            return self._filter_rows(typed.lower(), [(c, titles[c]) for c in chapters if c is not None])

        picker = Picker(
            self.painter,
            self.texts("dialog.filters"),
            rows,
            placeholder="" if len(self._acts()) > 1 else None,
            foot=self.texts("dialog.filters_foot"),
            toggle=self._toggle_filter,
        )
        self.push_screen(picker)

    def _acts(self) -> Sequence[Any]:
        return self.state.opened.acts if self.state.opened is not None else ()

    def _filter_rows(self, typed: str, chapters: Sequence[tuple[str, str]]) -> list[Row]:
        wanted = self.state.wanted

        def box(on: bool, text: str, value: tuple[str, Any]) -> Row:
            return Row(([("● " if on else "○ ", "mark" if on else "context"), (visible(text), "")],), value)

        rows = [Row(([(self.texts("dialog.status"), "heading")],))] if not typed else []
        if not typed:
            for status in (None, "in_force", "repealed"):
                rows.append(box(wanted.status == status, self.texts(f"dialog.status_{status or 'any'}"), ("status", status)))
            if chapters:
                rows.append(Row(([(self.texts("dialog.chapters"), "heading")],)))
            for number, title in chapters:
                told = word("chapter", self.lang, number) + (f". {title}" if title else "")
                rows.append(box(number in wanted.chapters, told, ("chapters", number)))
        if len(self._acts()) > 1:
            rows.append(Row(([(self.texts("dialog.acts"), "heading")],)))
            for act in self._acts():
                told = f"{act.law}  {title_of(act.title, self.lang)}"
                if all(word in " ".join((act.law, *act.title.values())).lower() for word in typed.split()):
                    rows.append(box(act.law in wanted.laws, told, ("laws", act.law)))
        return rows

    def _toggle_filter(self, value: tuple[str, Any]) -> None:
        name, chosen = value
        if name == "status":
            self.state.wanted = self.with_filters(status=chosen)
        else:
            known = list(getattr(self.state.wanted, name))
            known.remove(chosen) if chosen in known else known.append(chosen)
            self.state.wanted = self.with_filters(**{name: tuple(known)})
        self.show_status()
        self.search_now()

    def action_no_filters(self) -> None:
        """Take all filters off."""
        self.state.wanted = self.with_filters(status=None, laws=(), chapters=())
        self.show_status()
        self.search_now()

    # -- what others know

    def act_in_view(self) -> int | None:
        """The number of the act that is looked at."""
        view = self.view
        if view is not None:
            return view.act.id
        return self._acts()[0].id if self._acts() else None

    async def contents_of(self, act: int) -> Contents | None:
        """An act's contents, asked for once."""
        if act not in self.state.contents:
            found: Contents | None = await self.ask_reader("contents", act=act)
            if found is None:
                return None
            self.state.contents[act] = found
        return self.state.contents[act]

    async def settle(self) -> None:
        """Wait until nothing is being asked any more (for tests and pictures)."""
        while any(not worker.is_finished for worker in self.workers) or self._pause_is_on():
            await asyncio.sleep(0.01)

    def _pause_is_on(self) -> bool:
        return self._pause is not None and self._pause._task is not None and not self._pause._task.done()
