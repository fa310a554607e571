"""`search --stats`: where all that a query finds lies, by act and chapter; as a small bar chart, or as records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lawsearch.law import LANGS, Lang
from lawsearch.output.cells import cells, shortened
from lawsearch.output.layout import Line, visible, word

if TYPE_CHECKING:
    from lawsearch.store.database import Store
    from lawsearch.store.records import ActRecord

#: Eighths of a cell from the bottom up, for bars that stand.
BARS = " ▁▂▃▄▅▆▇█"
#: Eighths of a cell from the left, for bars that lie.
_EIGHTHS = " ▏▎▍▌▋▊▉"
_LONGEST_NAME = 44
_WIDEST_BAR = 40


@dataclass(frozen=True, slots=True)
class ChapterCount:
    """How many hits a chapter of an act holds (its number None: what stands in no chapter), and where its first article is."""

    act: ActRecord
    chapter: str | None
    title: Mapping[Lang, str]
    hits: int


def by_chapter(documents: Sequence[int], store: Store) -> list[ChapterCount]:
    """The chapters, also the empty ones, of every act that holds some of the documents: acts with the most first, the
    chapters of one in its order."""
    of = store.articles_of()
    acts: dict[int, Counter[int]] = {}
    for article, count in Counter(of[n] for n in documents).items():
        acts.setdefault(store.article(article).act, Counter())[article] = count
    found = []
    for act in sorted(acts, key=lambda a: (-acts[a].total(), a)):
        here: dict[tuple[str | None, ...], ChapterCount] = {}
        for record in store.articles(act):
            # Every annex, and in some codes every section, counts its chapters anew.
            key = (*next(iter(record.above.values()), ()), record.chapter, next(iter(record.chapter_title.values()), ""))
            before = here[key].hits if key in here else 0
            hits = before + acts[act][record.id]
            title = record.chapter_title
            if record.chapter is None and not title:
                # What stands in a section (or an annex) without chapters goes by its name.
                title = {lang: headings[-1] for lang, headings in record.above.items()}
            here[key] = ChapterCount(store.act(act), record.chapter, title, hits)
        # A contents without a heading for what stands before the first chapter has none here either, where it is empty.
        found += [c for c in here.values() if c.hits or c.chapter is not None or c.title]
    return found


def bar(count: int, most: int, width: int) -> str:
    """A bar of blocks, ``width`` cells long for ``most``; what is not nothing has at least an eighth."""
    eighths = max(1, count * width * 8 // most) if count else 0
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def chart(counted: Sequence[ChapterCount], lang: Lang, width: int = 100) -> Iterator[Line]:
    """Chapters as lines with bars, below their acts; ``width`` in cells."""
    totals: Counter[int] = Counter()
    for chapter in counted:
        totals[chapter.act.id] += chapter.hits
    most = max((c.hits for c in counted), default=0)
    digits = len(str(max(totals.values(), default=0)))
    name = min(_LONGEST_NAME, max(16, width // 2))
    room = max(8, min(_WIDEST_BAR, width - name - digits - 4))
    last: int | None = None
    for chapter in counted:
        act = chapter.act
        if act.id != last:
            if last is not None:
                yield Line(0, ())
            title = act.title.get(lang) or next(iter(act.title.values()), act.law)
            head = (
                (f"{totals[act.id]:>{digits}}  ", "rank"),
                (visible(title), "heading"),
                (f"  {visible(act.law)}", "context"),
            )
            yield Line(0, head)  # type: ignore[arg-type]
            last = act.id
        title = chapter.title.get(lang) or next(iter(chapter.title.values()), "")
        label = "" if chapter.chapter is None else word("chapter", lang, chapter.chapter)
        told = shortened(visible(". ".join(filter(None, (label, title))) or "–"), name)
        padding = " " * (name - cells(told) + 1)
        yield Line(
            0,
            (
                (f"{chapter.hits or '·':>{digits}}  ", "rank" if chapter.hits else "context"),
                (told + padding, "" if chapter.hits else "context"),
                (bar(chapter.hits, most, room), "match"),
            ),
        )


def records(counted: Sequence[ChapterCount], kind: str) -> Iterator[str]:
    """Chapters as records: ``jsonl``, ``json`` (one list), or rows."""
    from lawsearch.output import records as written

    found = [
        {
            "type": "chapter",
            "law": c.act.law,
            "law_title": written.both(c.act.title),
            "chapter": c.chapter,
            "chapter_title": written.both(c.title),
            "hits": c.hits,
        }
        for c in counted
    ]
    if kind in ("json", "jsonl"):
        yield from written.listed(found, kind)
        return
    columns = ("law", "chapter", *(f"chapter_title_{lang}" for lang in LANGS), "hits")
    yield written.row(columns, kind)
    for c in counted:
        titles = [c.title.get(lang, "") for lang in LANGS]
        yield written.row([c.act.law, c.chapter or "", *titles, str(c.hits)], kind)
