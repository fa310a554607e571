"""`search --stats`: a result by act and chapter, as a small bar chart for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from lawsearch.law import Lang
from lawsearch.output.cells import cells, shortened
from lawsearch.output.layout import Line, visible, word
from lawsearch.store.database import ArticleRecord, Store

#: Eighths of a cell from the bottom up, for bars that stand.
BARS = " ▁▂▃▄▅▆▇█"
#: Eighths of a cell from the left, for bars that lie.
_EIGHTHS = " ▏▎▍▌▋▊▉"
_LONGEST_NAME = 44
_WIDEST_BAR = 40


def bar(count: int, most: int, width: int) -> str:
    """A bar of blocks, ``width`` cells long for ``most``; what is not nothing has at least an eighth."""
    eighths = max(1, count * width * 8 // most) if count else 0
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def by_chapter(documents: Sequence[int], store: Store, lang: Lang, width: int = 100) -> Iterator[Line]:
    """Where the documents found lie: for each act its chapters in order, with bars; acts with the most hits first."""
    of = store.articles_of()
    acts: dict[int, Counter[int]] = {}
    for article, count in Counter(of[n] for n in documents).items():
        acts.setdefault(store.article(article).act, Counter())[article] = count
    chapters: dict[int, dict[tuple[str | None, str], int]] = {}
    for act, counts in acts.items():
        here: dict[tuple[str | None, str], int] = {}
        for record in store.articles(act):
            key = (record.chapter, _title(record, lang))
            here[key] = here.get(key, 0) + counts[record.id]
        chapters[act] = here
    most = max((n for here in chapters.values() for n in here.values()), default=0)
    digits = len(str(max((sum(c.values()) for c in acts.values()), default=0)))
    name = min(_LONGEST_NAME, max(16, width // 2))
    room = max(8, min(_WIDEST_BAR, width - name - digits - 4))
    for act in sorted(acts, key=lambda a: (-sum(acts[a].values()), a)):
        it = store.act(act)
        title = it.title.get(lang) or next(iter(it.title.values()), it.law)
        total = sum(acts[act].values())
        yield Line(0, ((f"{total:>{digits}}  ", "rank"), (visible(title), "heading"), (f"  {visible(it.law)}", "context")))
        for (number, chapter_title), count in chapters[act].items():
            label = "–" if number is None else word("chapter", lang, number)
            told = shortened(visible(f"{label}. {chapter_title}" if chapter_title else label), name)
            padding = " " * (name - cells(told) + 1)
            yield Line(
                0,
                (
                    (f"{count or '·':>{digits}}  ", "rank" if count else "context"),
                    (told + padding, "" if count else "context"),
                    (bar(count, most, room), "match"),
                ),
            )


def _title(article: ArticleRecord, lang: Lang) -> str:
    return article.chapter_title.get(lang) or next(iter(article.chapter_title.values()), "")
