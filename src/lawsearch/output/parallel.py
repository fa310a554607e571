"""Both languages of a hit or an article, as lines for people: paragraph beside paragraph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lawsearch.hits import Hit, Results
from lawsearch.law import LANGS, Lang
from lawsearch.output.acts import act_line, same_line
from lawsearch.output.layout import (
    Columns,
    Line,
    Piece,
    Style,
    head_lines,
    marked,
    passage,
    present_langs,
    tail_lines,
    text_note,
    visible,
    word,
)
from lawsearch.store.database import Store
from lawsearch.store.records import ActRecord, ArticleRecord, ProvisionRecord


def results(found: Results, store: Store, *, context: int) -> Iterator[Line | Columns]:
    """All hits of a query, each in both languages; an act in one language as it is."""
    for hit in found.hits:
        yield from _hit(hit, found.lang, store, context)
        yield Line(0, ())


def _hit(hit: Hit, lang: Lang, store: Store, context: int) -> Iterator[Line | Columns]:
    yield from head_lines(hit, lang)
    present = present_langs(hit, "both")
    sides = [tuple(_side(hit, x, lang, store, context)) if x in present else _absent(x, lang) for x in LANGS]
    yield Columns(sides[0], sides[1])
    yield from tail_lines(hit, lang, LANGS)


def _side(hit: Hit, shown: Lang, lang: Lang, store: Store, context: int) -> Iterator[Line]:
    yield Line(3, ((text_note(hit, shown, lang, named=True), "note"),))
    if shown in hit.article.title:
        yield Line(3, tuple(marked(hit.article.title[shown], hit.title_highlights.get(shown, ()), "title")))
    yield Line(3, ((visible(hit.act.title.get(shown) or hit.act.law), "act"),))
    yield from passage(hit, shown, store, context)


def _absent(shown: Lang, lang: Lang) -> tuple[Line, ...]:
    return (Line(3, ((f"[{shown}] {word('no counterpart', lang)}", "note"),)),)


def article(
    record: ArticleRecord, provisions: Sequence[ProvisionRecord], act: ActRecord, store: Store
) -> Iterator[Line | Columns]:
    """An article, or the provisions asked for of it, each provision beside what says the same in the other language.

    What stands at another address in the other language bears its own number there; it is not shown again at that one.
    """
    yield Columns(tuple(_heading(record, act, "kk")), tuple(_heading(record, act, "ru")))
    yield Line(0, ())
    asked = {p.id for p in provisions}
    before: ProvisionRecord | None = None
    for provision in provisions:
        repeated = before is not None and all(same_line(before, provision, lang) for lang in provision.texts)
        before = provision
        if repeated:
            continue
        other = store.counterpart(provision)
        if other is not None and "kk" not in provision.texts and other.id in asked:
            # Its place is beside the Kazakh provision that it belongs to.
            continue
        sides = {lang: p for p in (provision, other) if p is not None for lang in p.texts}
        yield from _rows(provision, sides)
    yield Line(0, ())


def _heading(record: ArticleRecord, act: ActRecord, lang: Lang) -> Iterator[Line]:
    yield act_line(act, lang)
    if record.number is not None:
        number = f"{record.number}-бап" if lang == "kk" else f"Статья {record.number}"
        yield Line(0, ((f"{visible(number)}. ", "citation"), (visible(record.title.get(lang, "")), "title")))


def _rows(provision: ProvisionRecord, sides: dict[Lang, ProvisionRecord]) -> Iterator[Line | Columns]:
    paragraphs = {lang: _paragraphs(sides[lang], lang) if lang in sides else [] for lang in LANGS}
    beads = provision.beads or tuple((i, i + 1, i, i + 1) for i in range(max(map(len, paragraphs.values()))))
    for kk_start, kk_end, ru_start, ru_end in beads:
        yield Columns(tuple(paragraphs["kk"][kk_start:kk_end]), tuple(paragraphs["ru"][ru_start:ru_end]))


def _paragraphs(provision: ProvisionRecord, lang: Lang) -> list[Line]:
    indent = 4 if provision.kind == "subpoint" else 0
    style: Style = "repealed" if provision.status == "repealed" else ""
    label = provision.labels.get(lang, "")
    lines = []
    for number, paragraph in enumerate(provision.texts[lang].split("\n")):
        pieces: list[Piece] = [(f"{visible(label)} ", "label")] if number == 0 and label else []
        lines.append(Line(indent if number == 0 else indent + 2, (*pieces, (visible(paragraph), style))))
    return lines
