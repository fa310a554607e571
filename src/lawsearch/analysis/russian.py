"""Russian keys: pymorphy3's lemmas.

pymorphy3 (MIT) with its OpenCorpora dictionary does Russian morphology better than anything we could write; it is loaded
only when a word has to be analysed that the index does not hold yet.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

#: Readings rarer than this share of a form's uses are not filed (`дел` is `дело`, hardly `деть`).
MIN_SCORE = 0.08
MAX_KEYS = 3


@cache
def _morph() -> MorphAnalyzer:
    import os

    from pymorphy3 import MorphAnalyzer

    # Left to find its dictionary itself, it reads what every installed package says of itself: as long as all else takes.
    path = None
    if MorphAnalyzer.DICT_PATH_ENV_VARIABLE not in os.environ:
        with suppress(ImportError, AttributeError):
            import pymorphy3_dicts_ru

            path = pymorphy3_dicts_ru.get_path()
    return MorphAnalyzer(path=path, lang="ru")


def keys(word: str) -> tuple[str, ...]:
    """The lemmas of a folded word, best first, at most three, ё as е. The word itself where nothing is known of it."""
    found: list[str] = []
    try:
        parses = _morph().parse(word)
    except ValueError:
        # pymorphy3 asks for the Unicode name of each letter; those of some scripts (Tangut) have none.
        return (word,)
    for parse in parses:
        if found and parse.score < MIN_SCORE:
            break
        lemma = parse.normal_form.replace("ё", "е")
        if lemma and lemma not in found:
            found.append(lemma)
    return tuple(found[:MAX_KEYS]) or (word.replace("ё", "е"),)


def parses(word: str) -> list[Any]:
    """pymorphy3's own parses of a folded word, best first."""
    return list(_morph().parse(word))


def known(word: str) -> bool:
    """True where the dictionary holds the word."""
    return bool(_morph().word_is_known(word))
