"""Reading: the article in full, from match to match, from citation to citation, with its terms and its history."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on
from textual.events import DescendantFocus

from lawsearch.output.acts import begun, headings
from lawsearch.output.layout import Show, visible, word
from lawsearch.output.reading import ArticleView, breadcrumb, number_of, points_of, title_of
from lawsearch.tui.charts import HitStrip
from lawsearch.tui.hits import is_hit
from lawsearch.tui.questions import Contents
from lawsearch.tui.reading import Reading
from lawsearch.tui.rows import Row, RowList
from lawsearch.tui.searching import Searching

if TYPE_CHECKING:
    from lawsearch.hits import Hit

_SHOWS: tuple[Show, ...] = ("kk", "ru", "both")


class Browsing(Searching):
    """What is open on the right, and the ways to get there."""

    # -- opening

    def hit_moved(self, value: Any) -> None:
        if is_hit(value):
            self.open_place(value.article.id, value.provision.id, noted=False)
        else:
            self.reading.close()
            self.passage_shown()

    @on(RowList.Moved, "#hits")
    def _hit_moved(self, event: RowList.Moved) -> None:
        event.stop()
        self._told = None
        self.hit_moved(event.value)
        self.show_status()

    @on(RowList.Chosen, "#hits")
    def _hit_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.history.add(self.state.wanted.text)
        self.focus_reading()

    def focus_reading(self) -> None:
        """Go to the text."""
        self.screen_stack[0].add_class("reading")
        self.focus_on(self.reading)

    def open_place(self, article: int, document: int, *, noted: bool = True, edge: int = 0) -> None:
        """Open an article at a document; ``noted``: the place left can be returned to; ``edge``: at its first (1) or last (-1)
        match instead."""
        if noted:
            self.note_place()
        view = self.view
        if view is not None and view.article.id == article and not edge and self._asked_with is self.state.answer:
            self.reading.go_to_passage(view.place_of(document))
            self.passage_shown()
            return
        self.later(partial(self._open, article, document, edge), "article")

    _asked_with: object = None

    async def _open(self, article: int, document: int, edge: int) -> None:
        answer = self.state.answer
        concepts = answer.concepts if answer is not None else ()
        view: ArticleView | None = await self.ask_reader("article", lane="article", article=article, concepts=concepts)
        if view is None or answer is not self.state.answer:
            return
        self._asked_with = answer
        self.reading.open(view, self.show_wanted, view.place_of(document))
        if edge:
            self.reading.to_edge_match(edge)
        self.passage_shown()

    def note_place(self) -> None:
        """Remember where we are, to come back."""
        here = self._here()
        if here is not None and (not self.state.back or self.state.back[-1] != here):
            self.state.back.append(here)
            self.state.forward.clear()

    def _here(self) -> tuple[int, int] | None:
        view, passage = self.view, self.reading.passage
        if view is None or not view.passages:
            return None
        return view.article.id, view.passages[passage or 0].record.id

    @on(Reading.PassageChanged)
    def _passage_changed(self, event: Reading.PassageChanged) -> None:
        event.stop()
        self.passage_shown()

    def passage_shown(self) -> None:
        """Another passage is in view: the breadcrumb, the timeline, the strip, the terms go with it."""
        view, place = self.view, self.reading.passage
        trail = self.pane("trail")
        timeline = self.pane("timeline")
        if view is None or not view.passages:
            trail.show_steps(())
            timeline.put((), None, self.lang)
            self.show_strip()
            self.show_terms()
            return
        record = view.passages[place or 0].record
        repealed = [(f" {word('repealed', self.lang)}", "repealed")] if record.status == "repealed" else []
        trail.show_steps(breadcrumb(view, place, self.lang), repealed)
        timeline.put(record.amendments, view.act.meta.get("approved_on"), self.lang)
        self.show_strip()
        self.show_terms()
        self._cursor_follows(record.id)

    def _cursor_follows(self, document: int, *, always: bool = False) -> None:
        """The list's cursor goes to the hit that is read, if it is one."""
        if self.shown("hits") and (always or not self.focused_on(self.hit_list)):
            for at, row in enumerate(self.hit_list.rows):
                if is_hit(row.value) and row.value.provision.id == document:
                    self.hit_list.put_cursor(at, quietly=True)
                    self.show_status()
                    return

    def show_strip(self) -> None:
        if self.shown("strip"):
            self.later(self._show_strip, "strip")

    async def _show_strip(self) -> None:
        strip = self.screen_stack[0].query_one(HitStrip)
        act = self.act_in_view()
        contents = await self.contents_of(act) if act is not None else None
        view = self.view
        documents = self.state.spread.documents if self.state.spread is not None else ()
        strip.put(contents.articles if contents is not None else (), documents, view.article.id if view is not None else None)

    @on(HitStrip.Chosen)
    def _strip_chosen(self, event: HitStrip.Chosen) -> None:
        event.stop()
        self.open_place(event.article, event.document)

    async def hit_in_view(self) -> Hit | None:
        view, place = self.view, self.reading.passage
        if view is None or not view.passages:
            return None
        record = view.passages[place or 0].record
        known = (h for _, some in self.state.groups for h in some if h.provision.id == record.id)
        hit = next(known, None)
        if hit is None:
            found = await self.ask_reader("found", addresses=(str(record.address),))
            hit = found[0] if found else None
        return hit

    # -- matches

    def action_next_match(self) -> None:
        """The next match, in the next article of the result where this one has no more."""
        self._step_later(1)

    def action_previous_match(self) -> None:
        """The previous match."""
        self._step_later(-1)

    def _step_later(self, by: int) -> None:
        """Steps are taken one after the other, however quickly they are asked for; no key waits for them."""

        async def step() -> None:
            if self._stepping is None:
                self._stepping = asyncio.Lock()
            async with self._stepping:
                await self._step(by)

        work: Callable[[], Awaitable[None]] = step
        self.run_worker(work, group="step")

    _stepping: asyncio.Lock | None = None

    async def _step(self, by: int) -> None:
        if self.reading.step(by):
            self._say_match()
            return
        view = self.view
        order = self.state.groups.order
        if not order:
            return
        at = order.index(view.article.id) if view is not None and view.article.id in order else -1 if by > 0 else len(order)
        if by > 0 and at + 1 >= len(order):
            await self.load_more()
            order = self.state.groups.order
        if not 0 <= at + by < len(order):
            self.tell(self.texts("last_match" if by > 0 else "first_match"))
            return
        article = order[at + by]
        await self._open(article, self.state.groups.hits[article][0].provision.id, by)
        self._say_match()

    def _say_match(self) -> None:
        here = self._here()
        if here is not None:
            self._cursor_follows(here[1], always=True)
        if self.reading.current is not None:
            self.tell(self.texts("match_of", self.reading.current + 1, len(self.reading.matches)), "act")

    # -- languages and panels

    def action_language(self) -> None:
        """Kazakh, Russian, both, and again."""
        self.state.show = _SHOWS[(_SHOWS.index(self.show_wanted) + 1) % len(_SHOWS)]
        self.reading.set_show(self.state.show)
        self._told = None
        self.redraw_hits()
        if self.shown("contents"):
            self.later(self._show_contents, "contents")
        self.passage_shown()
        self.show_status()

    def action_zoom(self) -> None:
        """The text alone, or with the list."""
        zoomed = self.screen_stack[0].has_class("zoomed")
        self.screen_stack[0].set_class(not zoomed, "zoomed")
        if not zoomed:
            self.focus_reading()

    def action_strip(self) -> None:
        """The strip on or off."""
        self.set_shown("strip", not self.shown("strip"))
        self.show_strip()

    def action_amendments(self) -> None:
        """The timeline on or off."""
        self.set_shown("timeline", not self.shown("timeline"))

    def action_terms(self) -> None:
        """The term panel on, with the focus; off where it has it."""
        if self.shown("term-box") and self.focused_on(self.term_list):
            self.set_shown("term-box", False)
            self.focus_reading()
            self.reading.set_pair(None)
        elif self.shown("term-box"):
            self.focus_on(self.term_list)
        else:
            self.screen_stack[0].add_class("reading")
            self.set_shown("term-box", True)
            self.show_terms(focus=True)

    def show_terms(self, *, focus: bool = False) -> None:
        """Fill the term panel, where it is on."""
        if self.shown("term-box"):
            self.later(partial(self._show_terms, focus), "terms")

    async def _show_terms(self, focus: bool) -> None:
        here = self._here()
        pairs = await self.ask_reader("pairs", lane="pairs", document=here[1]) if here is not None else ()
        rows = [
            Row(
                (
                    [
                        (visible(p.kk), "term" if "kk" in p.spans else ""),
                        (" = ", "context"),
                        (visible(p.ru), "term" if "ru" in p.spans else ""),
                    ],
                ),
                p,
            )
            for p in pairs or ()
        ]
        empty = Row(([(self.texts("no_terms"), "context")],))
        self.term_list.set_rows(rows or [empty])
        if focus:
            self.focus_on(self.term_list)
        self._mark_pair(focus)

    @on(RowList.Moved, "#terms")
    def _term_moved(self, event: RowList.Moved) -> None:
        event.stop()
        self._mark_pair()

    def _mark_pair(self, focused: bool = False) -> None:
        """The pair under the cursor is marked in the text while the panel has the focus, or is just getting it."""
        self.reading.set_pair(self.term_list.value if focused or self.focused_on(self.term_list) else None)

    @on(DescendantFocus)
    def _focus_moved(self) -> None:
        if self.shown("term-box"):
            self._mark_pair()

    @on(RowList.Chosen, "#terms")
    def _term_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        pair = event.value
        text = pair.kk if self.show_wanted == "kk" else pair.ru
        self.ask_for(f'"{text}"' if " " in text else text)
        self.focus_list()

    # -- contents

    def action_contents(self) -> None:
        """The contents of the acts in place of the hits, or the hits again."""
        showing = self.shown("contents")
        self.set_shown("contents", not showing)
        self.set_shown("hits", showing)
        self.screen_stack[0].remove_class("zoomed")
        if showing:
            self.focus_list()
        else:
            act = self.act_in_view()
            self.state.unfolded = {act} if act is not None else set()
            self.later(self._show_contents, "contents")
            self.focus_list()

    async def _show_contents(self) -> None:
        opened = self.state.opened
        view = self.view
        rows: list[Row] = []
        at: int | None = None
        for act in opened.acts if opened is not None else ():
            unfolded = act.id in self.state.unfolded
            count = self.state.spread.by_act.get(act.id, 0) if self.state.spread is not None else 0
            sign = "▾ " if unfolded else "▸ "
            told = [(sign, "context"), (visible(title_of(act.title, self.lang) or act.law), "heading"), *_count(count)]
            rows.append(Row((told,), ("act", act.id)))
            if view is not None and view.act.id == act.id and at is None:
                at = len(rows) - 1
            contents = await self.contents_of(act.id) if unfolded else None
            if contents is not None:
                for row in self._article_rows(contents):
                    rows.append(row)
                    if view is not None and row.value == ("article", view.article.id, view.article.first):
                        at = len(rows) - 1
        self.contents_list.set_rows(rows, at)

    def _article_rows(self, contents: Contents) -> list[Row]:
        rows: list[Row] = []
        last: Sequence[str] = ()
        lang = self.lang
        counts = self.state.spread.by_article if self.state.spread is not None else {}
        for article in contents.articles:
            over = headings(article, lang)
            rows += [Row(([("  ", ""), (visible(heading), "title")],)) for heading in begun(last, over)]
            last = over
            number = number_of(article, lang) or points_of(contents.points.get(article.id), lang)
            title = title_of(article.title, lang)
            if title in over:
                # What has no articles goes by the title of its annex, which stands above it.
                title = ""
            if not number and not title:
                number = self.texts("preamble")
            told = [("    ", ""), (visible(number), "citation"), (f" {visible(title)}", ""), *_count(counts.get(article.id, 0))]
            rows.append(Row((told,), ("article", article.id, article.first)))
        return rows

    @on(RowList.Chosen, "#contents")
    def _contents_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        kind, number, *rest = event.value
        if kind == "act":
            self.state.unfolded = self.state.unfolded ^ {number}
            self.later(partial(self._refold, number), "contents")
        else:
            self.open_place(number, rest[0])
            self.focus_reading()

    async def _refold(self, act: int) -> None:
        await self._show_contents()
        self.contents_list.put_cursor(self.contents_list.index_of(("act", act)), quietly=True)


def _count(count: int) -> list[tuple[str, str]]:
    return [(f"  {count}", "mark")] if count else []
