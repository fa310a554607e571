"""Small pictures of one or two lines: where in an act the hits lie, and when a provision was changed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from lawsearch.law import Amendment, Lang
from lawsearch.output.layout import visible, word
from lawsearch.output.stats import BARS
from lawsearch.tui.painting import Painter, fitted
from lawsearch.tui.texts import Texts

if TYPE_CHECKING:
    from lawsearch.store.records import ArticleRecord

PieceRow = list[tuple[str, str]]


class HitStrip(Widget):
    """Where in an act the hits lie: the act's provisions from left to right, to scale, a bar for the hits of each stretch;
    the chapters below; the article that is open marked in both."""

    DEFAULT_CSS = "HitStrip { height: 2; }"

    class Chosen(Message):
        """A place was clicked on: its article, and the first hit there, else the first document."""

        def __init__(self, article: int, document: int) -> None:
            super().__init__()
            self.article = article
            self.document = document

    def __init__(self, painter: Painter, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.painter = painter
        self.articles: Sequence[ArticleRecord] = ()
        self.documents: Sequence[int] = ()
        self.here: int | None = None

    def put(self, articles: Sequence[ArticleRecord], documents: Sequence[int], here: int | None) -> None:
        """Show an act's articles, the documents found (sorted; of any act) and the number of the article that is open."""
        self.articles, self.documents, self.here = articles, documents, here
        self.refresh()

    def stretches(self, width: int) -> list[tuple[int, int]]:
        """The documents (first, behind the last) that each of ``width`` cells stands for; one at the least."""
        if not self.articles or width <= 0:
            return []
        first, behind = self.articles[0].first, self.articles[-1].last + 1
        size = behind - first
        starts = [first + cell * size // width for cell in range(width + 1)]
        return [(a, max(b, a + 1)) for a, b in pairwise(starts)]

    def count(self, first: int, behind: int) -> int:
        """How many of the documents found lie in a stretch."""
        return bisect_left(self.documents, behind) - bisect_left(self.documents, first)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        base = self.rich_style
        stretches = self.stretches(width)
        pieces = self._bars(stretches) if y == 0 else self._chapters(stretches)
        return Strip(self.painter.segments(pieces, base)).adjust_cell_length(width, base)

    def _bars(self, stretches: Sequence[tuple[int, int]]) -> PieceRow:
        counts = [self.count(*stretch) for stretch in stretches]
        most = max(counts, default=0)
        here = next((a for a in self.articles if a.id == self.here), None)
        pieces: PieceRow = []
        for (first, behind), count in zip(stretches, counts, strict=True):
            inside = here is not None and first <= here.last and behind > here.first
            sign = BARS[-(-count * (len(BARS) - 1) // most)] if count else "·"
            pieces.append((sign, "bar here" if inside else "bar" if count else "context"))
        return pieces

    def _chapters(self, stretches: Sequence[tuple[int, int]]) -> PieceRow:
        """Each chapter's number and how many hits it holds, below where it begins, as far as there is room."""
        chapters: list[list[ArticleRecord]] = []
        for article in self.articles:
            if chapters and chapters[-1][0].chapter == article.chapter:
                chapters[-1].append(article)
            else:
                chapters.append([article])
        ends = [behind for _, behind in stretches]
        starts = [min(len(ends) - 1, bisect_right(ends, c[0].first)) for c in chapters] if ends else []
        pieces: PieceRow = []
        at = 0
        for number, cell in enumerate(starts):
            chapter = chapters[number]
            room = (starts[number + 1] if number + 1 < len(starts) else len(ends)) - max(at, cell)
            if cell < at or room < 1:
                continue
            count = self.count(chapter[0].first, chapter[-1].last + 1)
            name = f"│{visible(chapter[0].chapter or '–')}"
            told = next((t for t in (f"{name}:{count}" if count else name, name, "│") if len(t) <= room), "│")
            pieces.append((" " * (cell - at), ""))
            pieces.append((told, "bar here" if any(a.id == self.here for a in chapter) else "context"))
            at = cell + len(told)
        return pieces

    def on_click(self, event: Click) -> None:
        event.stop()
        stretches = self.stretches(self.size.width)
        place = event.get_content_offset(self)
        if place is None or not 0 <= place.x < len(stretches):
            return
        first, behind = stretches[place.x]
        at = bisect_left(self.documents, first)
        document = self.documents[at] if at < len(self.documents) and self.documents[at] < behind else first
        article = next((a for a in self.articles if a.first <= document <= a.last), None)
        if article is not None:
            self.post_message(self.Chosen(article.id, document))


_SIGNS = {"added": "+", "amended": "~", "reworded": "◆", "repealed": "×"}
_LOOKS = {"added": "mark", "amended": "bar", "reworded": "term", "repealed": "repealed"}


class Timeline(Widget):
    """When a provision was changed: a line of years with a sign for each change, and below it what each one was."""

    DEFAULT_CSS = "Timeline { height: 2; }"

    def __init__(self, painter: Painter, texts: Texts, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.painter = painter
        self.texts = texts
        self.amendments: Sequence[Amendment] = ()
        self.since: date | None = None
        self.lang: Lang = "ru"

    def put(self, amendments: Sequence[Amendment], since: object, lang: Lang) -> None:
        """Show a provision's amendments; ``since``: when its act was adopted, if that is known."""
        self.amendments = amendments
        self.since = _date(since)
        self.lang = lang
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        base = self.rich_style
        if not self.amendments:
            pieces: PieceRow = [(f" {self.texts('no_amendments')}", "context")] if y == 0 else []
        else:
            pieces = self._axis(width) if y == 0 else self._told(width)
        return Strip(self.painter.segments(fitted(pieces, width), base)).adjust_cell_length(width, base)

    def _axis(self, width: int) -> PieceRow:
        dated = [(d, a) for a in self.amendments if (d := _date(a.date)) is not None]
        if not dated:
            return []
        first = min([d.year for d, _ in dated] + ([self.since.year] if self.since else []))
        last = max(d.year for d, _ in dated) + 1
        room = max(1, width - 12)
        days = max(1, (date(last, 1, 1) - date(first, 1, 1)).days)
        cells: dict[int, Amendment] = {}
        for when, amendment in dated:
            cells[min(room - 1, (when - date(first, 1, 1)).days * room // days)] = amendment
        pieces: PieceRow = [(f" {first} ", "context")]
        for cell in range(room):
            amendment_here = cells.get(cell)
            if amendment_here is None:
                pieces.append(("─", "context"))
            else:
                pieces.append((_SIGNS[amendment_here.action], _LOOKS[amendment_here.action]))
        pieces.append((f" {last - 1}", "context"))
        return pieces

    def _told(self, width: int) -> PieceRow:
        """The changes in words, the newest first: what fits."""
        pieces: PieceRow = []
        for amendment in reversed(self.amendments):
            action = word("removed" if amendment.action == "repealed" else amendment.action, self.lang)
            effective = f" ({word('effective', self.lang, amendment.effective)})" if amendment.effective else ""
            pieces.append((f" {_SIGNS[amendment.action]} ", _LOOKS[amendment.action]))
            pieces.append((f"{amendment.date or '?'} {visible(amendment.law)} {action}{effective}", ""))
            if sum(len(t) for t, _ in pieces) > width:
                break
        return pieces


def _date(value: object) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
