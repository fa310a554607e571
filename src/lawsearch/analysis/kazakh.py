"""Kazakh words to index keys: every legal stripping is offered, the lexicon chooses.

`keys` is what the index files a word under, `known` tells whether the lexicon vouches for it, `explain` shows the way:
root, suffixes, the rule that restored a sound, and the strippings that were rejected. Words come folded: lower case,
NFC, look-alike Latin letters replaced. The readings themselves are made and weighed in `kazakh_readings`.
"""

from __future__ import annotations

from functools import lru_cache

from lawsearch.analysis.kazakh_explain import Explanation, explained, rendered
from lawsearch.analysis.kazakh_lexicon import FROZEN, Lexicon
from lawsearch.analysis.kazakh_readings import Reader, Reading
from lawsearch.analysis.kazakh_sounds import GLIDES, VOWELS, final_class
from lawsearch.analysis.kazakh_suffixes import NOMINALISER, NUMBER, TAIL

__all__ = ["Explanation", "Stemmer", "eval_stem", "explain", "keys", "known", "rendered"]

MAX_KEYS = 3
LONGEST_ABBREVIATION = 4
CLOSE = 60  # a rival reading this near to the best becomes a key too
CLOSE_TO_WHOLE = 110  # the same where the word is itself a listed root: жылы is warm, and a year's
# What a stem that is itself an inflected form may be cheaper by than the reading that shows of what.
NOMINALISED = 300
FROZEN_CASE = 650
FROZEN_CONVERB = 300

_ACCUSATIVES = frozenset(("ды", "ді", "ты", "ті"))
_PRIVATIVES = frozenset(("сыз", "сіз"))
_LOCAL_CASES = frozenset(("на", "не", "да", "де", "ан", "ен", "ғы", "гі", "ша", "ше"))

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
        origin = ""
        for rival in readings[1:]:
            if rival.key in found:
                continue
            if best.basis == "closed" or self._close(rival, best, word):
                found.append(rival.key)
            elif not origin and rival.basis == "listed" and self._transparent(rival, best, word):
                origin = rival.key
                found.insert(0, origin)
        return tuple(found[:MAX_KEYS])

    def _close(self, rival: Reading, best: Reading, word: str) -> bool:
        """Tell whether a rival costs so little more than the best reading that the form is truly ambiguous."""
        return rival.basis == best.basis and rival.cost - best.cost <= (CLOSE_TO_WHOLE if best.key == word else CLOSE)

    def _transparent(self, rival: Reading, best: Reading, word: str) -> bool:
        """Tell whether the best reading's stem is an inflected form that became a word, and the rival shows of what."""
        gap = rival.cost - best.cost
        if rival.kind == NOMINALISER:  # жүргізу is жүргіз-у, сотталған is сотта-л-ған
            return best.kind == TAIL and rival.tail == best.cut and gap <= NOMINALISED
        if best.key != word:
            return False
        if rival.kind == NUMBER:
            return True
        if not self.reader.bits(word) & FROZEN:
            return False
        ending = word[rival.cut :]
        if rival.kind != TAIL:
            return ending[-1] == "п" and len(rival.key) > 3 and gap <= FROZEN_CONVERB
        if ending in _ACCUSATIVES:  # қызметті: having a rank, or the service as an object
            return len(rival.key) == rival.cut
        if gap > FROZEN_CASE or ending in _PRIVATIVES:
            return False
        if len(ending) > 2 and ending[-2:] in _LOCAL_CASES:
            return True
        return len(rival.key) == rival.cut > 3

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
        best = self.reader.readings(last)[:1]
        if best and best[0].kind == NOMINALISER and best[0].basis != "unknown" and not numeric:
            # қылмыстық-атқару, күтіп-ұстауды: what a compound names is the action, so the verbal noun is its lexeme.
            noun = last[: best[0].tail]
            keys = (noun, *keys[: MAX_KEYS - 1]) if noun[-1] in "ую" else keys
        return (f"{head}-{keys[0]}", keys[0]) if numeric else tuple(f"{head}-{key}" for key in keys)

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
