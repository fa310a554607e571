"""Kazakh words to index keys: every legal stripping is offered, the lexicon chooses.

`keys` is what the index files a word under, `known` tells whether the lexicon vouches for it, `explain` shows the way:
root, suffixes, the rule that restored a sound, and the strippings that were rejected. Words come folded: lower case,
NFC, look-alike Latin letters replaced. The readings themselves are made and weighed in `kazakh_readings`.
"""

from __future__ import annotations

from functools import lru_cache

from lawsearch.analysis.kazakh_explain import Explanation, explained, rendered
from lawsearch.analysis.kazakh_lexicon import Lexicon
from lawsearch.analysis.kazakh_readings import Reader, Reading
from lawsearch.analysis.kazakh_sounds import GLIDES, VOWELS
from lawsearch.analysis.kazakh_suffixes import NOMINALISER, TAIL

__all__ = ["Explanation", "Stemmer", "eval_stem", "explain", "keys", "known", "rendered"]

MAX_KEYS = 3
CLOSE = 60  # a rival reading this near to the best becomes a key too
CLOSE_TO_WHOLE = 110  # the same where the word is itself a listed root: жылы is warm, and a year's
CLOSE_VERBAL_NOUN = 160  # a lexicalised verbal noun and its verb: тарау is a chapter, and to disperse

#: Ways to write the suffix of an ordinal after a number: 5-ші, 20-ншы.
_ORDINALS = frozenset(("ші", "шы", "інші", "ыншы", "нші", "ншы"))
_SYLLABIC = frozenset(VOWELS + GLIDES)


class Stemmer:
    """Keys of words by one lexicon; the module's functions use the shipped one."""

    def __init__(self, words: Lexicon | None = None) -> None:
        self.reader = Reader(words)

    def keys(self, word: str) -> tuple[str, ...]:
        """Return one to three keys, best first."""
        if not word.isalpha():
            return self._keys_of_compound(word) if "-" in word else (word,)
        readings = self.reader.readings(word)
        if not readings:
            return (word,)
        best = readings[0]
        if len(readings) == 1 or best.basis == "unknown":
            return (best.key,)
        found = [best.key]
        for rival in readings[1:]:
            if rival.key not in found and _close(rival, best, word):
                found.append(rival.key)
                if len(found) == MAX_KEYS:
                    break
        return tuple(found)

    def _keys_of_compound(self, word: str) -> tuple[str, ...]:
        """іс-шараларын is іс-шара, қр-ның is қр, 13-1-тарауына is 13-1-тарау and тарау."""
        head, _, last = word.rpartition("-")
        if not head or not last.isalpha():
            return (word,)
        numeric = not any(letter.isalpha() for letter in head)
        if numeric and last in _ORDINALS:
            return (head,)
        rows = self.reader.tables.endings.get(last, ())
        # қр-ның: the last part is nothing but an ending, and no word that could be joined to the first.
        if any(row[0] == TAIL for row in rows) and (numeric or _abbreviation(head) or not self.known(last)):
            return (head,)
        keys = self.keys(last)
        best = self.reader.readings(last)[:1]
        if best and best[0].kind == NOMINALISER and best[0].basis != "unknown" and not numeric:
            # қылмыстық-атқару, күтіп-ұстауды: what a compound names is the action, so the verbal noun is its lexeme.
            noun = last[: best[0].tail]
            keys = (noun, *keys[: MAX_KEYS - 1]) if noun[-1] in "ую" else keys
        return (f"{head}-{keys[0]}", keys[0]) if numeric else tuple(f"{head}-{key}" for key in keys)

    def known(self, word: str) -> bool:
        """Tell whether some legal stripping ends in a listed or derived root."""
        if "-" in word:
            return self.known(word.rpartition("-")[2])
        readings = self.reader.readings(word) if word.isalpha() else []
        return bool(readings) and readings[0].basis != "unknown"


def _close(rival: Reading, best: Reading, word: str) -> bool:
    if best.basis == "closed":
        return True
    if rival.basis != best.basis:
        return False
    gap = rival.cost - best.cost
    if gap <= (CLOSE_TO_WHOLE if best.key == word else CLOSE):
        return True
    return gap <= CLOSE_VERBAL_NOUN and rival.kind == NOMINALISER and best.kind == TAIL and rival.tail == best.cut


def _abbreviation(head: str) -> bool:
    """қр, ішм, бұұ: a head too short or too poor in vowels to be the first half of a pair of words."""
    return len(head) <= 2 or sum(letter in _SYLLABIC for letter in head) == 0


_STEMMER = Stemmer()


@lru_cache(maxsize=1 << 17)
def keys(word: str) -> tuple[str, ...]:
    """Return one to three index keys of a folded word, best first."""
    return _STEMMER.keys(word)


def known(word: str) -> bool:
    """Tell whether some legal stripping of a folded word ends in a listed root or one built from listed roots."""
    return _STEMMER.known(word)


def explain(word: str) -> Explanation:
    """Explain the keys of a folded word; `rendered` writes it as plain text."""
    last = word.rpartition("-")[2]
    return explained(_STEMMER.reader, word, keys(word), keys(last))


def eval_stem(word: str) -> str:
    """Return the keys joined by `|`, as the stemmer yardstick reads them."""
    return "|".join(keys(word))
