"""From place to place: neighbours, citations, cross-references, there and back."""

from __future__ import annotations

from functools import partial

from textual import on

from lawsearch.output.layout import visible
from lawsearch.output.reading import title_of
from lawsearch.tui.browsing import Browsing
from lawsearch.tui.dialogs import Picker
from lawsearch.tui.questions import Crossing, Target
from lawsearch.tui.reading import Reading
from lawsearch.tui.rows import Row


class Travelling(Browsing):
    """The ways from what is open to what is not."""

    def action_next_article(self) -> None:
        """The next article of the act."""
        self._neighbour("behind")

    def action_previous_article(self) -> None:
        """The previous article of the act."""
        self._neighbour("before")

    def _neighbour(self, side: str) -> None:
        view = self.view
        article = None if view is None else getattr(view, side)
        if article is None:
            self.tell(self.texts("no_other_article"))
        else:
            self.note_place()
            self.later(partial(self._open, article, -1, 0), "article")

    def action_next_provision(self) -> None:
        """The next provision of the article."""
        self._provision(1)

    def action_previous_provision(self) -> None:
        """The previous provision of the article."""
        self._provision(-1)

    def _provision(self, by: int) -> None:
        view = self.view
        if view is None or not view.passages:
            return
        place = (self.reading.passage or 0) + by
        if 0 <= place < len(view.passages):
            self.reading.go_to_passage(place)
            self.passage_shown()
        else:
            self._neighbour("behind" if by > 0 else "before")

    async def action_go_to(self) -> None:
        """Go to a citation."""

        async def found(typed: str) -> list[Row]:
            if not typed.strip():
                return []
            targets = await self.setup.reader.ask("places", lane="places", text=typed)
            return self._target_rows(targets)

        async def safely(typed: str) -> list[Row]:
            try:
                return await found(typed)
            except Exception:
                return []

        picker = Picker(self.painter, self.texts("dialog.go_to"), safely, placeholder=self.texts("dialog.go_to_placeholder"))
        await self.push_screen(picker, self._go)

    def _go(self, target: Target | None) -> None:
        if target is not None:
            self.open_place(target.article, target.document)
            self.focus_reading()

    def _target_rows(self, targets: tuple[Target, ...]) -> list[Row]:
        lang = self.lang
        many = len({t.act_title.get(lang, "") for t in targets}) > 1
        rows = []
        for target in targets:
            told = [(visible(target.citation[lang]), "citation"), (f"  {visible(title_of(target.title, lang))}", "")]
            if target.text:
                told.append((f"  «{visible(target.text)}»", "context"))
            if many:
                told.append((f"  {visible(title_of(target.act_title, lang))}", "act"))
            rows.append(Row((told,), target))
        return rows

    def action_references(self) -> None:
        """Follow a cross-reference, or see what cites the provision."""
        self.later(self._references, "dialog")

    @on(Reading.Follow)
    def _follow(self, event: Reading.Follow) -> None:
        event.stop()
        if event.target is None:
            self.action_references()
        else:
            self.later(partial(self._follow_to, str(event.target)), "dialog")

    async def _follow_to(self, address: str) -> None:
        targets = await self.ask_reader("places", lane="places", text=address)
        if targets:
            self._go(targets[0])

    async def _references(self) -> None:
        here = self._here()
        if here is None:
            self.tell(self.texts("no_hit"))
            return
        crossing: Crossing | None = await self.ask_reader("references", document=here[1])
        if crossing is None:
            return
        if not crossing.cites and not crossing.cited_by:
            self.tell(self.texts("no_reference"))
            return
        rows: list[Row] = []
        for name, targets in (("cites", crossing.cites), ("cited_by", crossing.cited_by)):
            if targets:
                rows.append(Row(([(self.texts(name), "heading")],)))
                rows += self._target_rows(targets)
        self.push_screen(Picker(self.painter, self.texts("dialog.references"), lambda typed: rows), self._go)

    def action_go_back(self) -> None:
        """Return to where we were."""
        self._travel(self.state.back, self.state.forward, "no_way_back")

    def action_go_forward(self) -> None:
        """And forward again."""
        self._travel(self.state.forward, self.state.back, "no_way_forward")

    def _travel(self, source: list[tuple[int, int]], other: list[tuple[int, int]], nowhere: str) -> None:
        if not source:
            self.tell(self.texts(nowhere))
            return
        here = self._here()
        if here is not None:
            other.append(here)
        article, document = source.pop()
        self.open_place(article, document, noted=False)
