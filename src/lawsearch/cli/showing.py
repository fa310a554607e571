"""The `show` command: an act's contents, an article, a provision; what it cites and what cites it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lawsearch.cli import paging, session
from lawsearch.law import Lang
from lawsearch.output import acts, records
from lawsearch.output.layout import Columns, Line, Show
from lawsearch.output.terminal import Color
from lawsearch.query import reference
from lawsearch.query.reference import Place
from lawsearch.search import Searcher


def run(
    searcher: Searcher, text: str, show: Show | None, output: str, color: Color, pager: bool | None, *, refs: bool = False
) -> int:
    """Show the place that ``text`` names, for people through a pager where it is longer than the screen; the exit code."""
    store = searcher.store
    place = reference.place(text, store)
    if place is None:
        session.note(f"lawsearch: {text}: the index holds no such place; `lawsearch show LAW` lists an act's contents")
        return session.NOTHING
    langs: Sequence[Lang] = [x for x in place.act.langs if show in (None, "both", x)] or list(place.act.langs)
    if show is None:
        own = reference.language(text)
        langs = [own] if own in langs else langs[:1]
    if output == "text":
        paging.write(_lines(searcher, place, langs, refs=refs, both=show == "both"), color, pager)
    else:
        session.write_lines(_records(searcher, place, output, refs=refs))
    return session.FOUND


def _lines(searcher: Searcher, place: Place, langs: Sequence[Lang], *, refs: bool, both: bool) -> Iterable[Line | Columns]:
    store = searcher.store
    if refs:
        from lawsearch.output import references

        return references.lines(place, store, langs[0])
    if place.article is None and place.provisions:
        parts = [(store.article(n), [p for p in place.provisions if p.article == n]) for n in _articles(place)]
        return acts.articles(parts, place.act, langs)
    if place.article is None:
        return acts.contents(place.act, store.articles(place.act.id), langs[0], store)
    if both:
        from lawsearch.output import parallel

        return parallel.article(place.article, place.provisions, place.act, store)
    return acts.article(place.article, place.provisions, place.act, langs)


def _records(searcher: Searcher, place: Place, output: str, *, refs: bool) -> Iterable[str]:
    store = searcher.store
    if refs:
        from lawsearch.output import references

        return records.listed([references.record(place, store)], output)
    if place.article is None and not place.provisions:
        return records.contents(place.act, store.articles(place.act.id), output)
    if place.article is None:
        return records.listed([records.provision(p, store.article(p.article), place.act) for p in place.provisions], output)
    told = [records.provision(p, place.article, place.act, store.counterpart(p)) for p in place.provisions]
    return records.listed(told, output)


def _articles(place: Place) -> list[int]:
    return list(dict.fromkeys(p.article for p in place.provisions))
