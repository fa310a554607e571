"""Tokens: where the words of a text stand."""

from __future__ import annotations

import re

# A word: letters and digits of any script, with what may stand inside one without parting it (combining marks, soft
# hyphens, zero-width characters), and hyphens between two such runs (`жедел-іздестіру`, `9-1-бап`, `71-VIII`, `ҚР-ның`).
_INSIDE = "\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff"
_RUN = rf"[^\W_]+(?:[{_INSIDE}]+[^\W_]*)*"
_PATTERN = rf"{_RUN}(?:[-\u2010\u2011]{_RUN})*"
_WORD = re.compile(_PATTERN)
#: Signs between words that no term crosses.
BREAKS = ",.;:()!?\n"
_WORD_OR_BREAK = re.compile(rf"{_PATTERN}|[{BREAKS}]")


def spans(text: str) -> list[tuple[int, int]]:
    """The code-point spans of the words of ``text``, in order."""
    return [m.span() for m in _WORD.finditer(text)]


def words(text: str) -> list[str]:
    """The words of ``text`` as printed."""
    return _WORD.findall(text)


def words_and_breaks(text: str) -> list[str]:
    """The words of ``text`` as printed, and every sign of `BREAKS` that stands between them, in order."""
    return _WORD_OR_BREAK.findall(text)
