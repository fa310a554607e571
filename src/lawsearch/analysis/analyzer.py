"""The analyser: which keys a word is filed under, and a text's tokens with their keys and positions.

A hyphen compound is filed whole and by part: `жедел-іздестіру` takes two positions, so that it also answers to the same
words written apart, and the whole stands at the first of them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from lawsearch.analysis import tokens as tokenizer
from lawsearch.analysis.letters import fold
from lawsearch.law import Lang

#: Raised by one whenever the same text would get other keys; an index of another number must be rebuilt.
ANALYSER_VERSION = 2

_NUMBERED = re.compile(r"(?P<number>\d+(?:-\d+)*)-(?P<word>[^\d-].*)\Z")
_ROMAN = re.compile(r"[ivxlcdm]+\Z")


#: How many forms of a language an `Analyzer` remembers (some 400 bytes each) before it forgets them all.
_MOST_KNOWN = 400_000


class Word(NamedTuple):
    """The keys of one form: per part (one part unless a hyphen compound), and of the compound as a whole."""

    parts: tuple[tuple[str, ...], ...]
    whole: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that the form as such is filed under: the whole's for a compound."""
        return self.whole or self.parts[0]

    def encode(self) -> str:
        """One line that `decode` reads back."""
        parts = "+".join("|".join(p) for p in self.parts)
        return f"{'|'.join(self.whole)}={parts}" if self.whole else parts

    @classmethod
    def decode(cls, text: str) -> Word:
        """Read what `encode` wrote."""
        if text.isalpha():
            return cls(((text,),))
        whole, equals, parts = text.rpartition("=")
        return cls(tuple(tuple(p.split("|")) for p in parts.split("+")), tuple(whole.split("|")) if equals else ())


class Token(NamedTuple):
    """A word of a text: code-point span, position of its first part, its folded form, its keys."""

    start: int
    end: int
    position: int
    form: str
    word: Word


#: The longest words of the law have some 40 letters. A longer run of letters is filed as it is, under a key of bounded length:
#: no stemmer need try all its endings.
LONGEST_WORD = 200


def _stemmer(lang: Lang) -> Callable[[str], tuple[str, ...]]:
    if lang == "kk":
        from lawsearch.analysis import kazakh

        return kazakh.keys
    from lawsearch.analysis import russian

    return russian.keys


def analyse(form: str, lang: Lang) -> Word:
    """The keys of a folded form. Never fails, never gives an empty key."""
    if len(form) > LONGEST_WORD:
        return Word(((f"{form[:LONGEST_WORD]}~{hashlib.sha256(form.encode('utf-8', 'replace')).hexdigest()[:16]}",),))
    keys = _stemmer(lang)
    if "-" not in form:
        return Word(((form,) if form[0].isdigit() or form.isascii() else keys(form),))
    numbered = _NUMBERED.match(form)
    if numbered:
        number, word = numbered["number"], numbered["word"]
        if _ROMAN.match(word):
            return Word(((form,),))
        rest = analyse(word, lang)
        return Word(((number,), *rest.parts), tuple(f"{number}-{k}" for k in rest.keys))
    if form[0].isdigit():
        return Word(((form,),))
    whole = keys(form)
    if "-" not in whole[0]:
        return Word((whole,))
    parts = tuple(p for p in form.split("-") if p)
    return Word(tuple((p,) if p[0].isdigit() or p.isascii() else keys(p) for p in parts) or (whole,), whole)


class Form(NamedTuple):
    """A word as a text prints it: its folded form, its keys, and every key that it is filed under, once each."""

    form: str
    word: Word
    keys: tuple[str, ...]


class Analyzer:
    """Analyses each distinct form once. ``lookup`` gives keys known from elsewhere (an index's vocabulary), ``lookup_many``
    those of several forms at once. Of each language as many as ``most_known`` are remembered before all are forgotten."""

    def __init__(
        self,
        lookup: Callable[[str, Lang], Word | None] | None = None,
        lookup_many: Callable[[Sequence[str], Lang], Mapping[str, Word]] | None = None,
        most_known: int = _MOST_KNOWN,
    ) -> None:
        self._lookup = lookup
        self._lookup_many = lookup_many
        self._most_known = most_known
        self._known: dict[Lang, dict[str, Word]] = {"kk": {}, "ru": {}}
        self._printed: dict[Lang, dict[str, Form]] = {"kk": {}, "ru": {}}
        self._fresh: dict[Lang, list[tuple[str, str]]] = {"kk": [], "ru": []}

    def word(self, form: str, lang: Lang) -> Word:
        """The keys of a folded form."""
        known = self._known[lang]
        word = known.get(form)
        if word is None:
            word = self._lookup(form, lang) if self._lookup is not None else None
            if word is None:
                word = analyse(form, lang)
                self._fresh[lang].append((form, word.encode()))
            if len(known) >= self._most_known:
                known.clear()
            known[form] = word
        return word

    def fresh(self) -> dict[Lang, list[tuple[str, str]]]:
        """The forms that were analysed since this was last asked, with their keys, encoded."""
        found, self._fresh = self._fresh, {"kk": [], "ru": []}
        return found

    def tokens(self, text: str, lang: Lang) -> list[Token]:
        """The tokens of a text in order."""
        found = []
        position = 0
        printed = self._printed[lang]
        for start, end in tokenizer.spans(text):
            word_as_printed = text[start:end]
            known = printed.get(word_as_printed) or self._form(word_as_printed, lang)
            found.append(Token(start, end, position, known.form, known.word))
            position += len(known.word.parts)
        return found

    def words(self, text: str, lang: Lang) -> list[tuple[str, Word]]:
        """The folded forms of a text's words in order, with their keys."""
        printed = self._printed[lang]
        return [(printed.get(word) or self._form(word, lang))[:2] for word in tokenizer.words(text)]

    def forms(self, text: str, lang: Lang) -> list[Form]:
        """The words of a text in order, without their places."""
        words = tokenizer.words(text)
        printed = self._printed[lang]
        found = list(map(printed.get, words))
        if None not in found:
            return found  # type: ignore[return-value]
        known = self._known[lang]
        missing = sorted({form for form in map(fold, {w for w in words if w not in printed}) if form not in known})
        if self._lookup_many is not None and len(known) + len(missing) < self._most_known:
            known.update(self._lookup_many(missing, lang))
        return [printed.get(word) or self._form(word, lang) for word in words]

    def _form(self, word_as_printed: str, lang: Lang) -> Form:
        printed = self._printed[lang]
        if len(printed) >= self._most_known:
            printed.clear()
        form = fold(word_as_printed)
        word = self.word(form, lang)
        known = printed[word_as_printed] = Form(form, word, word_keys(word))
        return known

    def vocabulary(self, lang: Lang) -> Iterator[tuple[str, Word]]:
        """Every form met so far, sorted."""
        return iter(sorted(self._known[lang].items()))


def word_keys_of(encoded: Sequence[str]) -> set[str]:
    """Every key of words as `Word.encode` has them."""
    return set("|".join(encoded).replace("=", "|").replace("+", "|").split("|"))


def postings(tokens: list[Token]) -> list[tuple[str, int]]:
    """What an index files of a text: (key, position) pairs, sorted by position."""
    found = []
    for token in tokens:
        for key in token.word.whole:
            found.append((key, token.position))
        for i, part in enumerate(token.word.parts):
            for key in part:
                found.append((key, token.position + i))
    return found


def word_keys(word: Word) -> tuple[str, ...]:
    """Every key that a word is filed under, once each."""
    return tuple(dict.fromkeys((*word.whole, *(key for part in word.parts for key in part))))
