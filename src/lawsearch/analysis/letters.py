"""Letters: what a word looks like once case, look-alike letters and invisible characters no longer matter.

Only keys are folded, never a text that is shown. The folding of letters inside a word is one to one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: Latin (and other) letters that stand for a Cyrillic one inside Kazakh and Russian words, lower case.
LOOKALIKES: dict[str, str] = {
    "a": "а",
    "c": "с",
    "e": "е",
    "o": "о",
    "p": "р",
    "x": "х",
    "y": "у",
    "k": "к",
    "m": "м",
    "t": "т",
    "i": "і",  # Kazakh і is written with the Latin letter in up to one case of five
    "h": "һ",
    "ə": "ә",  # U+0259 beside U+04D9
    "ɵ": "ө",
    "ѳ": "ө",
    "ї": "і",
    "ı": "і",
    "ÿ": "ү",
    "ό": "о",
    "ӯ": "ү",
    "ӊ": "ң",
    "ҝ": "қ",
    "ӄ": "қ",
    "ӈ": "ң",
}
#: Capitals whose lower case is another shape: `H` looks like Cyrillic Н, not һ; `B` like В.
_CAPITALS: dict[str, str] = {"H": "Н", "B": "В", "K": "К", "M": "М", "T": "Т", "I": "І", "Y": "У", "Ү": "Ү"}
_TO_CYRILLIC = {ord(k): v for k, v in LOOKALIKES.items()} | {ord(k.upper()): v.upper() for k, v in LOOKALIKES.items()}
_TO_CYRILLIC |= {ord(k): v for k, v in _CAPITALS.items()}
# Most texts have none: looking for one is ten times as fast as translating every letter.
_FOREIGN = re.compile(f"[{''.join(map(chr, sorted(_TO_CYRILLIC)))}]")

KAZAKH_ONLY = frozenset("әғқңөұүһі")
_CYRILLIC = re.compile(r"[\u0400-\u04ff\u0500-\u052f]")
_LATIN = re.compile(r"[A-Za-z\u0259\u0131]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_HYPHENS = re.compile("[\u2010-\u2013\u2212]")
_ALL_LOOKALIKES = re.compile("[aceopxyihəACEOPXYHIKMTBӘ\u018f]+\\Z")
# Roman numerals as printed, in Latin letters, in Cyrillic look-alikes, or in both at once (`VІІ`).
_ROMAN_LETTERS = re.compile("[IVXLCDMІХСМ]+\\Z")
_ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\Z")
_TO_ROMAN = str.maketrans("ІХСМ", "IXCM")


def as_cyrillic(text: str) -> str:
    """Replace every look-alike by its Cyrillic letter, one to one, whatever the word; for matching structural words."""
    return _FOREIGN.sub(_cyrillic, text)


def _cyrillic(match: re.Match[str]) -> str:
    return _TO_CYRILLIC[ord(match[0])]


def roman(word: str) -> str | None:
    """The numeral in lower-case Latin letters where ``word`` is a Roman numeral in capitals of any alphabet, else None."""
    if not _ROMAN_LETTERS.match(word):
        return None
    latin = word.translate(_TO_ROMAN)
    return latin.lower() if _ROMAN.match(latin) else None


def _part(word: str) -> str:
    numeral = roman(word)
    if numeral is not None and (len(word) > 1 or word in "VX"):
        return numeral
    # A word of Latin letters alone stays Latin (`Interpol`), unless every one of them is a look-alike: texts do print
    # `ic` for `іс`, and since a query is folded in the same way, nothing is lost where the word was English after all.
    if _CYRILLIC.search(word) or _ALL_LOOKALIKES.match(word):
        word = word.translate(_TO_CYRILLIC)
    return word.lower()


@lru_cache(maxsize=1 << 17)
def fold(word: str) -> str:
    """The folded form of one printed word: NFC, lower case, invisible characters dropped, look-alikes as Cyrillic letters.

    A Roman numeral becomes Latin whichever letters it was printed in (``VІІ`` -> ``vii``, ``58-VІІ`` -> ``58-vii``).
    Never empty for a word with a visible character.
    """
    word = unicodedata.normalize("NFC", word)
    if word.isalpha():
        # Most words are small letters with nothing to replace.
        return word if word.islower() and _FOREIGN.search(word) is None else _part(word)
    word = _HYPHENS.sub("-", _INVISIBLE.sub("", word))
    if "-" not in word:
        return _part(word)
    if _LATIN.search(word) and _CYRILLIC.search(word) and not any(ch.isdigit() for ch in word):
        # In a mixed compound each half may be pure Latin by accident (`қадiр-қасиет`, `ic-шара`).
        return "-".join(roman(p) or p.translate(_TO_CYRILLIC).lower() for p in word.split("-"))
    return "-".join(_part(p) for p in word.split("-"))


def is_kazakh(folded: str) -> bool:
    """True where a letter decides: one that Kazakh has and Russian has not."""
    return any(ch in KAZAKH_ONLY for ch in folded)


def steers(sign: str) -> bool:
    """True for a character that is neither letter nor sign but tells what shows it what to do: controls, the marks of writing
    direction, joiners and others of no width, line and paragraph separators, half a surrogate pair. Not the soft hyphen.
    """
    return sign != "\u00ad" and unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")
