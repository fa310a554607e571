"""What `search` prints: hits, concordances, charts for people; records for programs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from lawsearch.cli import session

if TYPE_CHECKING:
    from lawsearch.hits import Hit, Results
    from lawsearch.law import Lang
    from lawsearch.output.layout import Show
    from lawsearch.output.terminal import Color
    from lawsearch.search import Searcher
    from lawsearch.store.database import Store


def mended(found: Results) -> None:
    """Say on stderr which words were taken for others, and which may have been meant."""
    if found.mended or found.suggested:
        from lawsearch.output import layout

        for m in found.mended:
            session.note(layout.word(m.via, found.lang, m.typed, m.taken))
        for s in found.suggested:
            session.note(layout.word("meant", found.lang, s.typed, ", ".join(s.words)))


def results(
    searcher: Searcher,
    found: Results,
    kwic: bool,
    show: Show | None,
    context: int,
    color: Color,
    pager: bool | None,
    links: bool,
) -> None:
    """Hits for people, and on stderr how many there are and how the words had to be taken."""
    from lawsearch.cli import paging
    from lawsearch.output import layout

    if kwic:
        from lawsearch.output import concordance

        paging.write(concordance.lines(found.hits, show, _width()), color, pager, links)
        return
    if show == "both":
        from lawsearch.output import parallel

        paging.write(parallel.results(found, searcher.store, context=context), color, pager, links)
    else:
        paging.write(layout.results(found, searcher.store, show=show, context=context), color, pager, links)
    lang = found.lang
    if found.absent:
        session.note(layout.word("absent", lang))
    if not found.total:
        session.note(layout.word("nothing", lang))
        return
    if found.scope in ("any word", "weaker senses", "article"):
        session.note(layout.word({"any word": "relaxed"}.get(found.scope, found.scope), lang))
    session.note(layout.word("found", lang, found.total, len(found.hits)))


def _width() -> int | None:
    """The terminal's width in cells; None where stdout is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def chapters(documents: Sequence[int], store: Store, lang: Lang, output: str, color: Color, pager: bool | None) -> None:
    """Where the documents found lie, as a chart or as records (``output`` as `records.row` has it)."""
    from lawsearch.output import stats

    counted = stats.by_chapter(documents, store)
    if output == "text":
        from lawsearch.cli import paging

        paging.write(stats.chart(counted, lang, _width() or 100), color, pager)
        return
    session.write_lines(stats.records(counted, output))


def cells(output: str, csv_guard: bool) -> str:
    """The kind of rows wanted, as `output.records.row` calls it."""
    return "plain csv" if output == "csv" and not csv_guard else output


def records_of(found: Results, output: str) -> Iterator[str]:
    """A result as records: a line each, one object, or rows."""
    from lawsearch.output import records

    hits = [records.hit(h, found.query) for h in found.hits]
    if output == "jsonl":
        yield from (records.dump(h) for h in hits)
        yield records.dump(records.summary(found))
    elif output == "json":
        yield records.dump({"summary": records.summary(found), "hits": hits})
    else:
        yield records.row(records.HIT_COLUMNS, output)
        yield from records.rows((records.hit_row(h) for h in hits), output)


def marked(hits: Iterable[Hit], output: str) -> Iterator[str]:
    """Hits that were marked one by one: their addresses (``list``), or records of no one query."""
    if output == "list":
        yield from (str(h.provision.address) for h in hits)
        return
    from lawsearch.output import records

    made = [records.hit(h, "") for h in hits]
    if output == "jsonl":
        yield from (records.dump(h) for h in made)
    else:
        yield records.row(records.HIT_COLUMNS, output)
        yield from records.rows((records.hit_row(h) for h in made), output)
