"""The hits as rows: grouped by article, each with its citation, status, how it was found, and the words around a match."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeGuard

from lawsearch.law import LANGS, Lang
from lawsearch.output.layout import Show, visible
from lawsearch.output.reading import number_of, title_of
from lawsearch.tui.rows import PieceRow, Row
from lawsearch.tui.texts import Texts

if TYPE_CHECKING:
    from lawsearch.hits import Hit, MatchedWord

#: How a word was found, as a sign: as typed, in another form, through a term, on another keyboard, with a slip, by citation.
SIGNS = {"exact": "=", "stem": "≈", "term": "⇄", "keyboard": "⌨", "spelling": "✎", "citation": "§"}
_WAYS = tuple(SIGNS)
_BEFORE = 18


def is_hit(value: object) -> TypeGuard[Hit]:
    """Whether a row's value is a hit (whose module is not read before there is one)."""
    return hasattr(value, "provision")


@dataclass(slots=True)
class Groups:
    """The hits by article: articles in the order of their best hits, the hits of one in the order of the text."""

    order: list[int] = field(default_factory=list)
    hits: dict[int, list[Hit]] = field(default_factory=dict)

    @classmethod
    def of(cls, hits: Sequence[Hit]) -> Groups:
        """Group some hits, best first."""
        found = cls()
        found.add(hits)
        return found

    def add(self, hits: Sequence[Hit]) -> None:
        """Add further hits: what is there already stays where it is, new articles come behind."""
        for hit in hits:
            if hit.article.id not in self.hits:
                self.order.append(hit.article.id)
            self.hits.setdefault(hit.article.id, []).append(hit)
        for some in self.hits.values():
            some.sort(key=lambda h: h.provision.id)

    def __iter__(self) -> Iterator[tuple[int, list[Hit]]]:
        return ((article, self.hits[article]) for article in self.order)


def rows(groups: Groups, marked: Collection[str], lang: Lang, show: Show, texts: Texts, *, many_acts: bool) -> list[Row]:
    """All hits as rows; a row's value is its `Hit`."""
    found: list[Row] = []
    for _, hits in groups:
        found.append(Row((heading(hits, lang, texts, many_acts=many_acts),)))
        found += [hit_row(hit, str(hit.provision.address) in marked, lang, show) for hit in hits]
    return found


def heading(hits: Sequence[Hit], lang: Lang, texts: Texts, *, many_acts: bool) -> PieceRow:
    """An article's line: number and title, with its act where several acts have hits."""
    hit = hits[0]
    number = number_of(hit.article, lang) or title_of(hit.act.title, lang)
    title = hit.article.title.get(lang) or next(iter(hit.article.title.values()), "")
    pieces: list[tuple[str, str]] = [(visible(number), "citation")]
    if len(hits) > 1:
        pieces.append((f" ({len(hits)})", "context"))
    if title:
        pieces.append((f" {visible(title)}", "title"))
    if many_acts:
        pieces.append((f" · {visible(hit.act.law)}", "act"))
    return pieces


def hit_row(hit: Hit, marked: bool, lang: Lang, show: Show) -> Row:
    """A hit's two lines."""
    return Row((_place(hit, marked, lang, show), _words(hit, show)), hit)


def _place(hit: Hit, marked: bool, lang: Lang, show: Show) -> PieceRow:
    address = hit.provision.address
    whole = address.citation(lang)
    article = number_of(hit.article, lang)
    # The article stands in the heading; what is below it is what tells hits apart.
    prefix = f"ст. {hit.article.number}" if lang == "ru" else article
    part = whole.removeprefix(prefix).removeprefix(", ") or whole
    pieces: list[tuple[str, str]] = [("✓" if marked else " ", "mark"), (f"{visible(part or str(address))} ", "label")]
    if hit.provision.status == "repealed":
        pieces.append(("✗ ", "repealed"))
    pieces += [(" ".join(_ways(hit, show)), "term")]
    return pieces


def _ways(hit: Hit, show: Show) -> Iterator[str]:
    """How each word of the query was found, as a sign and the word: in the language shown where it was found there, and in the
    plainest way."""
    best: dict[str, MatchedWord] = {}
    for matched in sorted(hit.matched, key=lambda m: (m.lang != show, _WAYS.index(m.via), len(m.found))):
        best.setdefault(matched.query, matched)
    for matched in best.values():
        found = "" if matched.via == "citation" else visible(matched.found.replace("\n", " "))
        yield SIGNS[matched.via] + found


def _words(hit: Hit, show: Show) -> PieceRow:
    """The words around the first match, in the language shown where it has one."""
    wanted: list[Lang] = [x for x in LANGS if show in (x, "both")]
    has = {
        lang: text for source in (hit.counterpart, hit.provision) if source is not None for lang, text in source.texts.items()
    }
    order = [x for x in (*wanted, *LANGS) if x in has]
    lang = next((x for x in order if hit.marks.get(x)), order[0] if order else None)
    if lang is None:
        return ()
    text = visible(has[lang]).replace("\n", " ")
    marks = list(hit.marks.get(lang, ()))
    start = 0
    if marks and marks[0][0] > _BEFORE:
        start = text.rfind(" ", 0, marks[0][0] - _BEFORE) + 1
    pieces: list[tuple[str, str]] = [("   … " if start else "   ", "context")]
    at = start
    for a, b in marks:
        if a >= at and a - start < 400:
            pieces += [(text[at:a], "context"), (text[a:b], "match")]
            at = b
    pieces.append((text[at : start + 400], "context"))
    return pieces
