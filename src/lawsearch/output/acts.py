"""Acts and articles in full, as lines for people: what `show` shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lawsearch.law import Address, Lang
from lawsearch.output.layout import Line, Piece, Style, history, labelled, visible, word

if TYPE_CHECKING:
    from lawsearch.store.database import Store
    from lawsearch.store.records import ActRecord, ArticleRecord, ProvisionRecord


def headings(article: ArticleRecord, lang: Lang) -> tuple[str, ...]:
    """The headings over an article, outermost first (annex, part, section, chapter, paragraph), in a language or in the
    one that there is."""
    above = article.above.get(lang) or next(iter(article.above.values()), ())
    title = article.chapter_title.get(lang) or next(iter(article.chapter_title.values()), "")
    number = "" if article.chapter is None else word("chapter", lang, article.chapter).capitalize() + ". "
    below = article.below.get(lang) or next(iter(article.below.values()), "")
    return tuple(text for text in (*above, number + title, below) if text)


def begun(before: Sequence[str], after: Sequence[str]) -> Sequence[str]:
    """The headings of ``after`` that begin behind ``before``."""
    same = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after)))
    return after[same:]


def contents(act: ActRecord, articles: Sequence[ArticleRecord], lang: Lang, store: Store) -> Iterator[Line]:
    """An act's contents: annexes, sections, chapters and articles, or the points where there are no articles."""
    yield Line(0, ((visible(act.title.get(lang) or next(iter(act.title.values()), act.law)), "heading"),))
    yield Line(0, ((visible(act.law), "context"),))
    last: Sequence[str] = ()
    annex: str | None = None
    for article in articles:
        first = store.provision(article.first).address if article.first <= article.last else Address(act.law)
        over = headings(article, lang)
        if first.annex != annex:
            annex, last = first.annex, ()
            if annex is not None:
                # Its caption says which annex it is.
                last = over[:1]
                name = Address(act.law, annex=annex).citation(lang)
                yield Line(0, ())
                yield Line(0, ((visible(name), "heading"), (f"  {visible(f'{act.law}/annex-{annex}')}", "context")))
        new = begun(last, over)
        last = over
        if new:
            yield Line(0, ())
        for heading in new:
            yield Line(0, ((visible(heading), "title"),))
        if article.number is not None:
            name = article.title.get(lang) or next(iter(article.title.values()), "")
            number = f"{article.number}-бап" if lang == "kk" else f"Статья {article.number}"
            yield Line(2, ((f"{visible(number)}. ", "citation"), (visible(name), "")))
        else:
            places = (store.provision(n) for n in range(article.first, article.last + 1))
            for place in places:
                if place.kind == "point":
                    yield Line(2, (*labelled(place, lang if lang in place.texts else act.langs[0], shorten=True),))


def article(
    record: ArticleRecord, provisions: Sequence[ProvisionRecord], act: ActRecord, langs: Sequence[Lang]
) -> Iterator[Line]:
    """An article, or the provisions asked for of it, in each of ``langs``."""
    for lang in langs:
        yield act_line(act, lang)
        if record.number is None and provisions and provisions[0].address.annex is not None:
            for heading in headings(record, lang):
                yield Line(0, ((visible(heading), "title"),))
        yield from _article(record, provisions, lang)


def articles(
    parts: Sequence[tuple[ArticleRecord, Sequence[ProvisionRecord]]], act: ActRecord, langs: Sequence[Lang]
) -> Iterator[Line]:
    """Several articles of an act under their headings, as an annex has them, in each of ``langs``."""
    for lang in langs:
        yield act_line(act, lang)
        last: Sequence[str] = ()
        for record, provisions in parts:
            over = headings(record, lang)
            for heading in begun(last, over):
                yield Line(0, ((visible(heading), "title"),))
            last = over
            yield from _article(record, provisions, lang)


def _article(record: ArticleRecord, provisions: Sequence[ProvisionRecord], lang: Lang) -> Iterator[Line]:
    if record.number is not None:
        number = f"{record.number}-бап" if lang == "kk" else f"Статья {record.number}"
        yield Line(0, ((f"{visible(number)}. ", "citation"), (visible(record.title.get(lang) or ""), "title")))
    yield Line(0, ())
    before: ProvisionRecord | None = None
    for provision in provisions:
        if lang in provision.texts:
            if before is None or not same_line(before, provision, lang):
                yield from _provision(provision, lang)
            before = provision
    yield Line(0, ())


def same_line(one: ProvisionRecord, two: ProvisionRecord, lang: Lang) -> bool:
    """True for provisions that share one line of the source, as repealed ranges do: `8-1) - 8-3) … исключены`."""
    return (
        one.texts.get(lang) == two.texts.get(lang)
        and one.labels.get(lang, "") == two.labels.get(lang, "")
        and one.address != two.address
        and one.status == two.status == "repealed"
    )


def act_line(act: ActRecord, lang: Lang) -> Line:
    """An act's title, with a mark where its text in that language is unofficial."""
    unofficial = f" · {word('unofficial', lang)}" if act.text_status.get(lang) == "unofficial" else ""
    return Line(0, ((visible(act.title.get(lang) or act.law), "act"), (unofficial, "note")))


def _provision(provision: ProvisionRecord, lang: Lang) -> Iterator[Line]:
    indent = 4 if provision.kind == "subpoint" else 0
    style: Style = "repealed" if provision.status == "repealed" else ""
    label = provision.labels.get(lang, "")
    for number, paragraph in enumerate(provision.texts[lang].split("\n")):
        pieces: list[Piece] = [(f"{visible(label)} ", "label")] if number == 0 and label else []
        yield Line(indent if number == 0 else indent + 2, (*pieces, (visible(paragraph), style)))
    own = [a for a in provision.amendments if a.scope == "provision"]
    yield from history(own, lang, indent + 2)
