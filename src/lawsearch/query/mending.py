"""Mending: what to take a word for that the index does not know as typed.

The order is: the word as it stands; the same keys or sounds in another script or layout; the nearest word. A word that
exists as typed is never given up for another: it is mended only where nothing at all is filed under it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from lawsearch.analysis import stopwords
from lawsearch.analysis.analyzer import Analyzer
from lawsearch.analysis.letters import is_kazakh
from lawsearch.engine.base import PostingsReader
from lawsearch.law import LANGS, Lang
from lawsearch.query.tree import Correction, Item, Query, QueryWord
from lawsearch.store.database import Store

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Mended:
    """A word as typed, and the form it was taken for."""

    typed: str
    taken: str
    via: Correction


@dataclass(frozen=True, slots=True)
class Suggested:
    """A word as typed, and words that may have been meant."""

    typed: str
    words: tuple[str, ...]


#: Only so many words of a query are mended: beyond it a query is a text, and time matters more.
_MOST_WORDS = 12
_LONG_STEM = 5
#: What is longer is no word, and not worth the time.
_LONGEST = 40
#: A word is common that the corpus has so often.
_COMMON = 10


class Mender:
    """Mends the words of one query. ``together`` tells how many provisions hold two forms at once."""

    def __init__(self, store: Store, analyzer: Analyzer, reader: PostingsReader, lang: Lang | None) -> None:
        self.store = store
        self.analyzer = analyzer
        self.reader = reader
        self.langs = LANGS if lang is None else (lang,)
        self.mended: list[Mended] = []
        self.suggested: list[Suggested] = []
        self._left = _MOST_WORDS

    def items(self, query: Query, *, company: bool = True) -> tuple[Item, ...]:
        """The items of a query with every word mended that has to be; ``company``: the other words may help to decide.

        Only where a plain query's chunk turns out to be one word on another layout (`jhe;bt`) are there fewer items.
        """
        items = query.items
        strange = [w for item in items if item.mode == "stem" for w in item.words if not self._stands(w.form)]
        if not strange:
            return items
        others = [w.form for item in items if not item.excluded for w in item.words if w not in strange] if company else []
        found: list[Item] = []
        for chunk in _chunks(items):
            whole = None if query.strict and not query.negative else self._chunk(query.text, chunk)
            if whole is not None:
                found.append(whole)
            else:
                found += [replace(i, words=self._words(i.words, others)) if i.mode == "stem" else i for i in chunk]
        return tuple(found)

    def rarer(self, items: Sequence[Item]) -> tuple[Suggested, ...]:
        """Much commoner words one edit from a word that the corpus has once at the most: perhaps a slip in either."""
        found = []
        for item in items:
            if item.mode == "stem" and not item.phrase:
                for word in item.words:
                    if not word.correction and word.form.isalpha() and len(word.form) >= 5:
                        commoner = self.store.kept(("commoner", word.form), partial(self._commoner, word.form))
                        if commoner:
                            found.append(Suggested(word.text, commoner))
        return tuple(found)

    def _commoner(self, form: str) -> tuple[str, ...]:
        """Much commoner words one edit from a word that the corpus has once at the most; none for any other word."""
        if not self._stands(form) or is_stop(form) or self._used(form):
            return ()
        from lawsearch.query import spelling

        near_by = spelling.neighbours(form, self.store)
        if not near_by:
            return ()
        own = {key for lang in LANGS for key in self.analyzer.word(form, lang).keys}
        # Mostly they are other forms of the same word, which need not be weighed.
        others = [keys for lang, other in near_by if own.isdisjoint(keys := self.analyzer.word(other, lang).keys)]
        if not others:
            return ()
        near = [
            s
            for s in spelling.commoner(form, self.store, sorted({keys[0] for keys in others}))
            if s.uses >= _COMMON and s.edits <= 1 and own.isdisjoint(self.analyzer.word(s.form, s.lang).keys)
        ]
        return tuple(s.form for s in near[:2])

    def _used(self, form: str) -> bool:
        """True for a word that more than one provision has, in any form or through a term."""
        # First in a language whose vocabulary has it: there it need not be analysed, and mostly that decides.
        for lang in sorted(LANGS, key=lambda x: self.store.word(form, x) is None):
            keys = self.analyzer.word(form, lang).keys
            if any(self.reader.document_frequency(field, keys) > 1 for field in _fields(lang)):
                return True
        return sum(len(self._documents(form, lang)) for lang in LANGS) > 1

    def _chunk(self, text: str, chunk: Sequence[Item]) -> Item | None:
        """A chunk whose punctuation are letters on another layout: `jhe;bt`, and `-vsh` that excludes nothing."""
        first = chunk[0]
        if first.phrase or first.mode != "stem" or not first.end or not self._left:
            return None
        start = first.start - (first.excluded and text[first.start - 1] == "-")
        typed = text[start : first.end].lower()
        if all(letter.isalnum() for letter in typed) or not typed.isascii():
            return None
        if any(self._stands(w.form) and any(map(str.isalpha, w.form)) for i in chunk for w in i.words):
            return None
        from lawsearch.query import keyboard

        found = [c for c in keyboard.on_other_layout(typed, self.store) if c.lang in self.langs]
        if not found:
            return None
        self._left -= 1
        self.mended.append(Mended(typed, found[0].form, "keyboard"))
        word = QueryWord(typed, found[0].form, "keyboard")
        return replace(first, text=typed, words=(word,), excluded=first.excluded and start == first.start)

    def _words(self, words: tuple[QueryWord, ...], others: Sequence[str]) -> tuple[QueryWord, ...]:
        mended: list[QueryWord] = []
        for word in words:
            if self._left and not self._stands(word.form):
                self._left -= 1
                mended += self._word(word, others)
            else:
                mended.append(word)
        return tuple(mended)

    def _stands(self, form: str) -> bool:
        """True for a word that is in the index's vocabulary, and for what is no word (numbers)."""
        if not any(map(str.isalpha, form)) or len(form) > _LONGEST or is_stop(form):
            return True
        return any(self.store.word(form, lang) is not None for lang in LANGS)

    def _word(self, word: QueryWord, others: Sequence[str]) -> list[QueryWord]:
        form = word.form
        if self._files(form):
            return [word]
        exists = self._exists(form)
        taken = None if exists and is_kazakh(form) else self._by_keyboard(word, others, exists)
        if taken is not None:
            self.mended.append(Mended(word.text, taken, "keyboard"))
            return [QueryWord(word.text, taken, "keyboard")]
        from lawsearch.query import spelling

        found = [s for s in spelling.suggestions(form, self.store) if s.lang in self.langs]
        if found and found[0].uses == 0:
            found.sort(key=lambda s: (not s.uses, -s.worth, s.form))
        best = spelling.outstanding(found)
        if best is None and others:
            best = self._in_company(found, others, lambda s: s.form, lambda s: s.lang)
        if best is not None and not exists:
            self.mended.append(Mended(word.text, best.form, "spelling"))
            return [QueryWord(word.text, best.form, "spelling")]
        if found:
            self.suggested.append(Suggested(word.text, tuple(dict.fromkeys(s.form for s in found))[:3]))
        return [word]

    def _files(self, form: str) -> bool:
        """True where something is filed under a form that is not in the vocabulary, and the form is a word.

        An inflected form that no text has yet; not a misspelling that by chance is cut down to a stem.
        """
        from lawsearch.analysis import kazakh, russian

        if not _cyrillic(form):
            return False
        for lang in self.langs:
            if lang == "ru" and is_kazakh(form):
                continue
            keys = self.analyzer.word(form, lang).keys
            if not (kazakh.known(form) if lang == "kk" else russian.known(form)) and not self._known_stem(keys, lang):
                continue
            if any(self.reader.document_frequency(field, keys) for field in _fields(lang)):
                return True
        return False

    def _known_stem(self, keys: Sequence[str], lang: Lang) -> bool:
        """True for a key that no dictionary has but the index has as a word (names, loans), long enough to be no chance."""
        return any(len(key) >= _LONG_STEM and self.store.word(key, lang) is not None for key in keys)

    def _exists(self, form: str) -> bool:
        """True for a word that a dictionary has, though nothing in the index is filed under it.

        A Kazakh word must be an inflected root of the lists: one that could only be derived from such a root
        (`қызметке-лер`) may as well be a slip.
        """
        from lawsearch.analysis import kazakh, russian

        if not _cyrillic(form):
            return False
        if kazakh.known(form) and kazakh.explain(form).basis != "derived":
            return True
        return not is_kazakh(form) and russian.known(form)

    def _by_keyboard(self, word: QueryWord, others: Sequence[str], exists: bool) -> str | None:
        from lawsearch.query import keyboard

        found = [c for c in keyboard.candidates(word.form, self.store) if c.lang in self.langs]
        if not found:
            typed = word.text.lower()
            found = [c for c in keyboard.on_other_layout(typed, self.store) if c.lang in self.langs]
        if not found and "kk" in self.langs:
            found = keyboard.restored(word.form, self.store)
        found = [c for c in found if c.form != word.form and (not exists or c.cost < keyboard.SELDOM)]
        if not found:
            return None
        close = [c for c in found if c.cost <= found[0].cost + 0.25]
        best = self._in_company(close, others, lambda c: c.form, lambda c: c.lang) if others and len(close) > 1 else None
        return (best or found[0]).form

    def _in_company(
        self, found: Sequence[_T], others: Iterable[str], form: Callable[[_T], str], lang: Callable[[_T], Lang]
    ) -> _T | None:
        """The candidate that most often stands in one provision with the other words, where any does."""
        company: list[set[int]] = []
        for other in others:
            documents: set[int] = set()
            for x in LANGS:
                documents |= self._documents(other, x)
            company.append(documents)
        counts = [
            (sum(len(self._documents(form(c), lang(c)) & documents) for documents in company), -k)
            for k, c in enumerate(found[:8])
        ]
        best = max(counts, default=(0, 0))
        return found[-best[1]] if best[0] else None

    def _documents(self, form: str, lang: Lang) -> set[int]:
        from lawsearch.engine.base import AnyOf, Key

        keys = self.analyzer.word(form, lang).keys
        return set(self.reader.scores(AnyOf(tuple(Key(field, key) for field in _fields(lang) for key in keys))))


def _fields(lang: Lang) -> tuple[str, ...]:
    return lang, f"via_{lang}", f"context_{lang}"


def is_stop(form: str) -> bool:
    """True for a word too common to be asked for."""
    return form in stopwords.KAZAKH or form in stopwords.RUSSIAN


def _chunks(items: Sequence[Item]) -> list[list[Item]]:
    """Items by the chunk of text that they were typed in."""
    found: list[list[Item]] = []
    for item in items:
        if found and item.end and (found[-1][0].start, found[-1][0].end) == (item.start, item.end):
            found[-1].append(item)
        else:
            found.append([item])
    return found


def _cyrillic(text: str) -> bool:
    return any("\u0400" <= letter <= "\u052f" for letter in text)
