"""An article in full as people read it: every provision in one language or in both, the matches of a query marked.

`ArticleView` is what is read from an index; `blocks` turns it into lines, before anything is known of widths and colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from lawsearch.law import LANGS, Address, Lang
from lawsearch.output.layout import Line, Piece, Show, Style, visible, word

if TYPE_CHECKING:
    from lawsearch.sides import Span
    from lawsearch.store.records import ActRecord, ArticleRecord, ProvisionRecord

    Spans: TypeAlias = Mapping[Lang, tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class Pair:
    """An aligned term that stands in a passage: its two sides, and where each stands (an absent language: nowhere)."""

    kk: str
    ru: str
    spans: Spans


@dataclass(frozen=True, slots=True)
class Cites:
    """Words of a passage that cite a place: the language, their span, the address cited."""

    lang: Lang
    span: Span
    target: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A provision as it is read: what answers to the query in it, what it cites, and ``other``, its counterpart of another
    address (``marks`` then has the other language's spans in the counterpart's text)."""

    record: ProvisionRecord
    marks: Spans
    cites: tuple[Cites, ...] = ()
    other: ProvisionRecord | None = None

    def text(self, lang: Lang) -> str | None:
        """The text in a language, the counterpart's where it has none itself."""
        own = self.record.texts.get(lang)
        return own if own is not None or self.other is None else self.other.texts.get(lang)

    def source(self, lang: Lang) -> ProvisionRecord:
        """The provision that the text in a language belongs to."""
        return self.record if lang in self.record.texts or self.other is None else self.other


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article with its act and all its provisions; ``before`` and ``behind`` are the neighbouring articles' numbers."""

    act: ActRecord
    article: ArticleRecord
    passages: tuple[Passage, ...]
    title_marks: Spans = field(default_factory=dict)
    before: int | None = None
    behind: int | None = None

    def place_of(self, document: int) -> int:
        """The place of a document among the passages; 0 where it is not of this article."""
        return next((i for i, p in enumerate(self.passages) if p.record.id == document), 0)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong to one passage (None: the heading), in one column or in two that stand level."""

    passage: int | None
    columns: tuple[tuple[Line, ...], ...]


def shown_languages(view: ArticleView, show: Show) -> tuple[Lang, ...]:
    """The languages that an article can be shown in of those wanted; both of them are shown even where one is missing."""
    if show == "both":
        return LANGS
    has = any(p.text(show) is not None for p in view.passages)
    other: Lang = "ru" if show == "kk" else "kk"
    return (show,) if has else (other,)


def blocks(view: ArticleView, show: Show, chosen: Pair | None = None, chosen_in: int | None = None) -> Iterator[Block]:
    """An article as blocks of lines; ``chosen``: a term whose places in the passage ``chosen_in`` are marked apart."""
    langs = shown_languages(view, show)
    yield Block(None, tuple(tuple(_heading(view, lang)) for lang in langs))
    yield Block(None, tuple((Line(0, ()),) for _ in langs))
    own = {p.record.id for p in view.passages}
    for number, passage in enumerate(view.passages):
        pair = chosen if number == chosen_in else None
        if len(langs) == 1:
            yield Block(number, (tuple(_single(passage, langs[0], pair, own)),))
        elif not (passage.other is not None and "kk" not in passage.record.texts and passage.other.id in own):
            # What stands beside the Kazakh provision that it belongs to is not shown a second time.
            yield from _beside(number, passage, pair)


def number_of(article: ArticleRecord, lang: Lang) -> str:
    """`6-бап` or `Статья 6`; empty for what stands before the first article."""
    if article.number is None:
        return ""
    return f"{article.number}-бап" if lang == "kk" else f"Статья {article.number}"


def points_of(points: tuple[str, str] | None, lang: Lang) -> str:
    """`п. 1–3` or `1–3-тармақ` for the first and the last point of what has no article; empty where there is none."""
    if points is None:
        return ""
    numbers = "–".join(dict.fromkeys(points))
    return f"{numbers}-тармақ" if lang == "kk" else f"п. {numbers}"


def title_of(titles: Mapping[Lang, str], lang: Lang) -> str:
    """A title in a language, in the other where that is all there is."""
    return titles.get(lang) or next(iter(titles.values()), "")


def _heading(view: ArticleView, lang: Lang) -> Iterator[Line]:
    if view.act.text_status.get(lang) == "unofficial":
        yield Line(0, ((word("unofficial", lang), "note"),))
    number = number_of(view.article, lang)
    title = view.article.title.get(lang, "")
    if number or title:
        label: list[Piece] = [(f"{visible(number)}. ", "citation")] if number else []
        yield Line(0, (*label, *layered(title, "title", (("match", view.title_marks.get(lang, ())),))))


def _single(passage: Passage, lang: Lang, chosen: Pair | None, own: set[int]) -> Iterator[Line]:
    other: Lang = "ru" if lang == "kk" else "kk"
    if lang in passage.record.texts:
        yield from paragraphs(passage, lang, chosen)
    elif passage.other is None:
        # No text in the language wanted: what there is says so.
        for line in paragraphs(passage, other, chosen):
            yield Line(line.indent, ((f"[{other}] ", "note"), *line.pieces))
    elif passage.other.id not in own:
        yield Line(0, ((f"{passage.other.address.citation(lang)} ", "note"),))
        yield from paragraphs(passage, lang, chosen)


def _beside(number: int, passage: Passage, chosen: Pair | None) -> Iterator[Block]:
    sides = [list(paragraphs(passage, lang, chosen)) for lang in LANGS]
    if passage.record.beads:
        beads = passage.record.beads
    else:
        beads = tuple((i, i + 1, i, i + 1) for i in range(max(map(len, sides))))
    absent = [
        (Line(0, ((word("no counterpart", lang), "note"),)),) if not side else ()
        for lang, side in zip(LANGS, sides, strict=True)
    ]
    for place, (kk_start, kk_end, ru_start, ru_end) in enumerate(beads):
        left, right = tuple(sides[0][kk_start:kk_end]), tuple(sides[1][ru_start:ru_end])
        if place == 0:
            left, right = left or absent[0], right or absent[1]
        yield Block(number, (left, right))


def paragraphs(passage: Passage, lang: Lang, chosen: Pair | None = None) -> Iterator[Line]:
    """A passage's paragraphs in one language with all that is marked in them, none where that language has no text."""
    text = passage.text(lang)
    if text is None:
        return
    source = passage.source(lang)
    base: Style = "repealed" if source.status == "repealed" else ""
    layers: tuple[tuple[Style, Sequence[Span]], ...] = (
        ("reference", [c.span for c in passage.cites if c.lang == lang] if source is passage.record else ()),
        ("pair", chosen.spans.get(lang, ()) if chosen is not None else ()),
        ("match", passage.marks.get(lang, ())),
    )
    indent = 4 if source.kind == "subpoint" else 0
    label = source.labels.get(lang, "")
    start = 0
    for number, paragraph in enumerate(text.split("\n")):
        end = start + len(paragraph)
        here = tuple(
            (style, [(max(a, start) - start, min(b, end) - start) for a, b in marks if a < end and b > start])
            for style, marks in layers
        )
        pieces: list[Piece] = [(f"{visible(label)} ", "label")] if number == 0 and label else []
        yield Line(indent if number == 0 else indent + 2, (*pieces, *layered(paragraph, base, here)))
        start = end + 1


def layered(text: str, base: Style, layers: Sequence[tuple[Style, Sequence[Span]]]) -> list[Piece]:
    """``text`` in pieces: each of the spans of a layer in its style, later layers over earlier ones."""
    text = visible(text)
    cuts = sorted({0, len(text)} | {place for _, marks in layers for span in marks for place in span})
    pieces: list[Piece] = []
    for start, end in pairwise(cuts):
        style = base
        for name, marks in layers:
            if any(a <= start and end <= b for a, b in marks):
                style = name
        pieces.append((text[start:end], style))
    return pieces


def breadcrumb(view: ArticleView, place: int | None, lang: Lang) -> tuple[str, ...]:
    """Where a passage stands, from its act down: act, annex, sections, chapter, article, point, sub-point."""
    address = view.passages[place].record.address if place is not None and view.passages else Address(view.act.law)
    steps = [title_of(view.act.title, lang) or view.act.law]
    if address.annex is not None:
        steps.append(Address(address.law, annex=address.annex).citation(lang))
    above = view.article.above.get(lang) or next(iter(view.article.above.values()), ())
    # The caption of an annex is said already.
    steps += above[1:] if address.annex is not None else above
    if view.article.chapter is not None:
        steps.append(word("chapter", lang, view.article.chapter))
    for part in (
        Address(address.law, view.article.number),
        Address(address.law, point=address.point),
        Address(address.law, subpoint=address.subpoint),
        Address(address.law, special=address.special),
    ):
        if told := part.citation(lang):
            steps.append(told)
    return tuple(visible(step) for step in steps)


def as_text(view: ArticleView, show: Show, only: int | None = None) -> Iterator[str]:
    """An article, or one passage of it, as plain lines: for a pager and for the clipboard."""
    for lang in shown_languages(view, show):
        if only is None:
            yield from (line.text for line in _heading(view, lang))
            yield ""
        for number, passage in enumerate(view.passages):
            if only in (None, number):
                yield from (line.text for line in paragraphs(passage, lang))
        yield ""
