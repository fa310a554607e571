"""Plain text that was broken into lines of one width: its paragraphs, put together again.

What a PDF or a terminal leaves has no paragraph a line: neither phrases nor terms would be found across its line ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lawsearch.analysis.letters import as_cyrillic
from lawsearch.corpus.editions import is_edition_note
from lawsearch.corpus.structure import POINT, SUBPOINT, WORDS

#: A text is broken at a width where it has so many lines, none wider than this, and so many of them nearly as wide as the
#: widest.
_FEWEST = 40
_WIDEST = 140
_NARROWEST = 40
_NEARLY = 0.85
_SHARE = 0.35
#: The end of a sentence: no abbreviation of one letter (`2023 ж.`).
_ENDS = re.compile(r"(?:(?<!\b\w)\.|[;:!?…])\s*\Z")
#: Cells that were set apart by spaces, or by lines.
_TABULAR = re.compile(r"\S\s{3,}\S|[|\t│┃]")
#: A word that was parted at the end of a line: the first half of a compound ends in a vowel that joins (`социально-`).
_PARTED = re.compile(r"[^\W\d_]{2,}-\Z")
_JOINING = ("о-", "е-", "О-", "Е-")


def width_of(lines: Sequence[str]) -> int | None:
    """The width at which a text was broken into lines, in characters; None where each line is a paragraph."""
    widths = [len(line.rstrip()) for line in lines if not line.isspace() and line]
    if len(widths) < _FEWEST:
        return None
    width = max(widths)
    if not _NARROWEST <= width <= _WIDEST:
        return None
    return width if sum(w >= width * _NEARLY for w in widths) >= _SHARE * len(widths) else None


def joined(lines: Sequence[str], width: int) -> list[str]:
    """The lines, each paragraph on its first one; the others are empty, so that every line keeps its number."""
    lines = [line.rstrip() for line in lines]
    found = list(lines)
    pieces: list[str] = []
    begin = 0
    for i, line in enumerate(lines):
        text = line.strip()
        if pieces and text and _goes_on(lines[i - 1], line, width):
            if not (_PARTED.search(pieces[-1]) and text[0].islower()):
                pieces.append(" ")
            elif not pieces[-1].endswith(_JOINING):
                pieces[-1] = f"{pieces[-1][:-1]}\u00ad"
            pieces.append(text)
            found[i] = ""
            continue
        if len(pieces) > 1:
            found[begin] = "".join(pieces)
        pieces, begin = [line] if text else [], i
    if len(pieces) > 1:
        found[begin] = "".join(pieces)
    return found


def _goes_on(before: str, line: str, width: int) -> bool:
    """True where a word, or its rest, did not fit on the line before, and that line had not come to an end."""
    text = line.strip()
    if _PARTED.search(before) and text[0].islower():
        return True
    if len(before) + 1 + len(text.split(None, 1)[0]) <= width or _TABULAR.search(before.strip()) or _TABULAR.search(text):
        return False
    if (_ENDS.search(before) and not text[0].islower()) or POINT.match(text) or SUBPOINT.match(text):
        return False
    return not (_heads(before.strip()) or _heads(text) or is_edition_note(as_cyrillic(text)))


def _heads(text: str) -> bool:
    for lang, words in WORDS.items():
        read = as_cyrillic(text) if lang == "kk" else text
        if words.may_head(read) and any(p.match(read) for p in (words.article, words.chapter, words.part, words.annex)):
            return True
    return False
