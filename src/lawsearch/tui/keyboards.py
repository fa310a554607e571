"""Keys by their place: what a key of an English keyboard gives on the Russian and the Kazakh layout, as Textual names it."""

from __future__ import annotations

from collections.abc import Iterator

from lawsearch.query.keyboard import layout_letters

#: The names of the signs that share their keys with letters of the Cyrillic layouts.
_SIGNS = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "colon": ":",
}


def same_key(key: str) -> tuple[str, ...]:
    """The names under which a key arrives, whatever layout is on: itself, and its letter on the Cyrillic ones.

    ``n`` is also ``т``, ``N`` also ``Т``, ``ctrl+f`` also ``ctrl+а``, ``]`` also ``ъ``. On the Russian layout `/` is `.`, and
    `?` is `,`; the Kazakh layout has its own letters where the digits are, and no action has a digit.
    """
    return tuple(dict.fromkeys(_names(key)))


def _names(key: str) -> Iterator[str]:
    yield key
    head, plus, last = key.rpartition("+")
    sign = _SIGNS.get(last, last)
    if last == "slash":
        yield f"{head}{plus}full_stop"
    elif last == "question_mark":
        yield f"{head}{plus}comma"
    elif sign == ":":
        yield f"{head}{plus}Ж"
    elif len(sign) == 1:
        letter = layout_letters().get(sign.lower())
        if letter is not None:
            yield f"{head}{plus}{letter.upper() if sign.isupper() else letter}"
