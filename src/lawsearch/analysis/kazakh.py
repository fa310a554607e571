"""Kazakh words to index keys: every legal stripping is offered, the lexicon chooses.

`keys` is what the index files a word under, `known` tells whether the lexicon vouches for it, `explain` shows the way:
root, suffixes, the rule that restored a sound, and the strippings that were rejected. Words come folded: lower case,
NFC, look-alike Latin letters replaced. The readings themselves are made and weighed in `kazakh_readings`.
"""

from __future__ import annotations

from functools import lru_cache

from lawsearch.analysis.kazakh_choice import MAX_KEYS, keys_of
from lawsearch.analysis.kazakh_explain import Explanation, explained, rendered
from lawsearch.analysis.kazakh_lexicon import Lexicon
from lawsearch.analysis.kazakh_readings import Reader
from lawsearch.analysis.kazakh_sounds import SYLLABIC, final_class
from lawsearch.analysis.kazakh_suffixes import NOMINALISER, TAIL

__all__ = ["Explanation", "Stemmer", "eval_stem", "explain", "keys", "known", "rendered"]

LONGEST_ABBREVIATION = 4

#: Ways to write the suffix of an ordinal after a number: 5-ші, 20-ншы.
_ORDINALS = frozenset(("ші", "шы", "інші", "ыншы", "нші", "ншы"))


class Stemmer:
    """Keys of words by one lexicon; the module's functions use the shipped one."""

    def __init__(self, words: Lexicon | None = None) -> None:
        self.reader = Reader(words)

    def keys(self, word: str) -> tuple[str, ...]:
        """Return one to three keys, best first."""
        if not word.isalpha():
            return self._keys_of_compound(word) if "-" in word else (word,)
        return keys_of(self.reader, word)

    def _keys_of_compound(self, word: str) -> tuple[str, ...]:
        """іс-шараларын is іс-шара, қр-ның is қр, 13-1-тарауына is 13-1-тарау and тарау."""
        head, _, last = word.rpartition("-")
        if not head or not last.isalpha():
            return (word,)
        numeric = not any(letter.isalpha() for letter in head)
        if numeric and last in _ORDINALS:
            return (head,)
        # қр-ның, ақш-тың: the last part is an ending that suits the first, and not a word that pairs with it.
        if self._is_ending(last, head) and (numeric or head.isalpha()):
            return (head,)
        keys = self.keys(last)
        best = self.reader.readings(last)[0]
        if numeric:  # 13-1-тарауына: what is numbered is a thing, not an action
            noun = best.key if best.kind == TAIL else keys[0]
            return (f"{head}-{noun}", *dict.fromkeys((noun, *keys)))[:MAX_KEYS]
        noun = last[: best.tail] if best.kind == NOMINALISER else best.key
        if best.basis != "unknown" and noun[-1] in "ую":
            # қылмыстық-атқару, күтіп-ұстауды: what a compound names is the action, so the verbal noun is its lexeme.
            keys = tuple(dict.fromkeys((noun, *keys)))[:MAX_KEYS]
        return tuple(f"{head}-{key}" for key in keys)

    def _is_ending(self, text: str, head: str) -> bool:
        """Tell whether a text after a hyphen is a nominal ending; an abbreviation's is chosen by how it is read out."""
        rows = self.reader.tables.endings.get(text, ())
        after = final_class(head) if head.isalpha() else 0
        spelled = _abbreviation(head) or not after or len(head) <= LONGEST_ABBREVIATION
        if not any(row[0] == TAIL and (spelled or row[1] & after) for row in rows):
            return False
        return _abbreviation(head) or not self.known(text) or (spelled and not self.reader.known_root(head))

    def known(self, word: str) -> bool:
        """Tell whether some legal stripping ends in a listed or derived root."""
        if "-" in word:
            return self.known(word.rpartition("-")[2])
        readings = self.reader.readings(word) if word.isalpha() else []
        return bool(readings) and readings[0].basis != "unknown"


def _abbreviation(head: str) -> bool:
    """қр, ішм, бұұ: a head too short or too poor in vowels to be the first half of a pair of words."""
    return len(head) <= 2 or sum(letter in SYLLABIC for letter in head) == 0


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
    return explained(_STEMMER.reader, word, keys(word))


def eval_stem(word: str) -> str:
    """Return the keys joined by `|`, as the stemmer yardstick reads them."""
    return "|".join(keys(word))
