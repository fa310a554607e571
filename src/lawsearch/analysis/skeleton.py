"""Skeletons: what is left of a word when letters that people type for one another are one.

The index keeps each form's skeleton, so that a word typed without Kazakh letters or in Latin is found by one look-up: what
was typed has (a few) skeletons too. A skeleton only proposes; how well a form fits what was typed is decided afterwards.
"""

from __future__ import annotations

import re

#: Letter -> its class. Letters that are not here stand for themselves.
CLASSES: dict[str, str] = {
    "ә": "a",
    "а": "a",
    "е": "e",
    "э": "e",
    "ё": "e",
    "о": "o",
    "ө": "o",
    "и": "i",
    "й": "i",
    "і": "i",
    "ы": "i",
    "у": "u",
    "ұ": "u",
    "ү": "u",
    "ю": "iu",
    "я": "ia",
    "к": "k",
    "қ": "k",
    "г": "g",
    "ғ": "g",
    "н": "n",
    "ң": "n",
    "х": "h",
    "һ": "h",
    "б": "b",
    "в": "v",
    "д": "d",
    "ж": "j",
    "з": "z",
    "л": "l",
    "м": "m",
    "п": "p",
    "р": "r",
    "с": "s",
    "т": "t",
    "ф": "f",
    "ц": "c",
    "ч": "č",
    "ш": "š",
    "щ": "š",
    "ъ": "",
    "ь": "",
}
_TABLE = {ord(letter): found for letter, found in CLASSES.items()}
# `ия`, `ыу`, `ій` are typed with one letter or two: a run of the i class counts once.
_RUNS = re.compile("i{2,}")


def skeleton(form: str) -> str:
    """The skeleton of a folded form."""
    return merged(form.translate(_TABLE))


def merged(classes: str) -> str:
    """``classes`` with runs of the i class as one."""
    return _RUNS.sub("i", classes)
