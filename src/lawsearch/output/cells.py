"""How many cells of a terminal a text takes: marks that combine take none, wide signs two."""

from __future__ import annotations

import re
from unicodedata import combining, east_asian_width

#: Texts of signs that take one cell each: Latin, Cyrillic with the Kazakh letters, dashes and quotation marks, №.
_ONE_EACH = re.compile("[ -~\u00a0-\u00ac\u00ae-\u02ff\u0400-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2116]*")


def one_each(text: str) -> bool:
    """True where every sign is known, at one look, to take one cell."""
    return text.isascii() or _ONE_EACH.fullmatch(text) is not None


def cells(text: str) -> int:
    """The number of cells that a terminal gives to a text."""
    if one_each(text):
        return len(text)
    return sum(map(_cells, text))


def _cells(sign: str) -> int:
    return 0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1


def shortened(text: str, width: int) -> str:
    """The beginning of a text in at most ``width`` cells, an ellipsis in the last of them where something is left out."""
    return text if cells(text) <= width else head(text, width - 1) + "…"


def head(text: str, width: int) -> str:
    """As much of a text's beginning as fits into ``width`` cells."""
    used = 0
    for place, sign in enumerate(text):
        used += _cells(sign)
        if used > width:
            return text[:place]
    return text


def tail(text: str, width: int) -> str:
    """As much of a text's end as fits into ``width`` cells; it begins with no mark that belongs to a letter left out."""
    used = 0
    start = len(text)
    for place in range(len(text) - 1, -1, -1):
        used += _cells(text[place])
        if used > width:
            break
        if not combining(text[place]):
            start = place
    return text[start:]
