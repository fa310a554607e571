"""`search --kwic`: one line a match, all matches below one another, whatever their letters and addresses take up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lawsearch.hits import Hit
from lawsearch.law import LANGS
from lawsearch.output.cells import cells, head, tail
from lawsearch.output.layout import Line, Show, visible

#: Cells on each side of a match where the width is not a terminal's.
_SIDE = 40
_NARROWEST = 12


def lines(hits: Sequence[Hit], show: Show | None = None, width: int | None = None) -> Iterator[Line]:
    """Each match with what stands before and behind it, and its address; ``width``: a terminal's, to be filled.

    The column of the matches is a column of cells: combining marks and wide signs are counted as a terminal counts them.
    """
    langs = [lang for lang in LANGS if show in (None, "both", lang)]
    label = max((cells(_label(hit)) for hit in hits), default=0)
    left = right = _SIDE
    if width is not None:
        # Half of what is left of the line; the match itself begins in the middle.
        room = max(2 * _NARROWEST, width - label)
        left, right = room // 2 - room // 8, room - (room // 2 - room // 8)
    for hit in hits:
        for lang in langs:
            text = visible(hit.provision.texts.get(lang, "")).replace("\n", " ")
            for start, end in hit.highlights.get(lang, ()):
                before = tail(text[max(0, start - 4 * left) : start], left)
                found = text[start:end]
                behind = text[end : end + 4 * right]
                if width is not None:
                    found = head(found, right)
                    behind = head(behind, right - cells(found))
                else:
                    behind = head(behind, right)
                yield Line(
                    0,
                    (
                        (_label(hit), "citation"),
                        (" " * (label - cells(_label(hit)) + left - cells(before)), ""),
                        (before, ""),
                        (found, "match"),
                        (behind, ""),
                    ),
                    (hit.act, hit.provision.address, lang),
                )


def _label(hit: Hit) -> str:
    return f"{visible(str(hit.provision.address))}: "
