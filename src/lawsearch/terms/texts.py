"""The texts of a language, many at once: their words, keys and links as rows of numbers.

What is known of a form, of a key set or of two neighbours is made once and kept in tables; a text is looked up in them. What
comes out is what `Analyzer.tokens` and `Linker.links` give for each text.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np  # only a build comes here

from lawsearch.analysis import stopwords
from lawsearch.analysis import tokens as tokenizer
from lawsearch.analysis.analyzer import Analyzer, Word
from lawsearch.analysis.forms import Forms
from lawsearch.corpus.likeness import Expression, Expressions, Said, plain_expression
from lawsearch.engine.base import FORM_MARK
from lawsearch.engine.ragged import Numbers, Ragged, ends_of, mapped
from lawsearch.law import LANGS, Lang
from lawsearch.terms.linking import KeySets, Linker, remarks_in
from lawsearch.terms.termbase import Term
from lawsearch.terms.text_links import NOTHING, TextLinker, packed

#: The number of what says nothing.
SILENT = -1
#: Words as printed (with all that follows from them some 1 KB each), and neighbourhoods, that a build remembers.
_MOST_KNOWN, _MOST_NEIGHBOURS = 120_000, 400_000


class _Interned(dict[str, int]):
    """Strings by number, in the order in which they were first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []

    def __missing__(self, string: str) -> int:
        number = self[string] = len(self.strings)
        self.strings.append(string)
        return number


@dataclass(slots=True)
class Texts:
    """Texts of one language: tokens, pairs of keys and positions, and links, each text's behind those of the text before it.

    ``*_ends`` say where each text's begin and end (`ragged.taken`). Positions, and the tokens of links, are counted in their
    own text; ``slots`` is how many positions a text takes.
    """

    numbers: dict[str, int]
    token_ends: Numbers
    forms: Numbers
    slots: Numbers
    pair_ends: Numbers
    keys: Numbers
    positions: Numbers
    link_ends: Numbers
    terms: Numbers
    places: Numbers
    weak: Numbers
    packed_links: list[str]
    #: What each text says, for the pairing of languages.
    said: Said


class Language:
    """What an inversion knows of one language: forms, keys and terms by number."""

    def __init__(
        self,
        lang: Lang,
        analyzer: Analyzer,
        terms: Sequence[Term],
        keys: Mapping[Lang, Sequence[KeySets]],
        first_learnt: int,
        shared: dict[str, int] | None = None,
    ) -> None:
        """``keys`` are the key sets of the terms in each language; those from ``first_learnt`` on are linked beside the others,
        so that none of them ever hides a pair that a person wrote. Languages that are compared have the same ``shared``, the
        numbers of what both may say."""
        self.lang = lang
        self._first_learnt = first_learnt
        self._interned = _Interned()
        self.keys = self._interned.strings
        self._set_numbers: dict[tuple[str, ...], int] = {(): 0}
        self._sets: list[tuple[str, ...]] = [()]
        self._filed = Ragged(2)
        self._slots = Ragged(1)
        #: What is said when languages are compared: by a form whatever its language, and by a Russian form's parts.
        self._expressions = Expressions({} if shared is None else shared)
        self._plain = array("q")
        self._own = Ragged(1)
        self.forms = Forms(lang, analyzer, self._new_form)
        own = keys[lang]
        linker = Linker(terms[:first_learnt], own[:first_learnt])
        self._linker = TextLinker(linker, self._sets)
        self._learnt = (
            TextLinker(Linker(terms[first_learnt:], own[first_learnt:]), self._sets) if len(terms) > first_learnt else None
        )
        self._russian = keys["ru"]
        self._renderings = _Renderings(self)
        #: The keys of each term's side, each with its place in it.
        self.sides = Ragged(2)
        intern = self._interned
        for sets in own:
            flat = [(intern[key], place) for place, some in enumerate(sets) for key in some]
            self.sides.add([key for key, _ in flat], [place for _, place in flat])

    def _new_form(self, form: str, word: Word) -> None:
        intern = self._interned
        filed = [(intern[key], 0) for key in word.whole]
        filed += [(intern[key], i) for i, part in enumerate(word.parts) for key in part]
        # A form stands as such too; a bare mark at the further positions of a compound, so that forms can be followed.
        filed.append((intern[f"{FORM_MARK}{form}"], 0))
        filed += [(intern[FORM_MARK], i) for i in range(1, len(word.parts))]
        self._filed.add([key for key, _ in filed], [offset for _, offset in filed])
        self._slots.add([self._set_number(part) for part in word.parts])
        self._plain.append(self.expression(plain_expression(form)))
        if self.lang == "ru":
            silent = form in stopwords.RUSSIAN or form[0].isdigit()
            self._own.add([] if silent else [self.expression(frozenset(part)) for part in word.parts])

    def expression(self, expression: Expression | None) -> int:
        """The number of an expression, `SILENT` for none."""
        return self._expressions.number(expression) if expression else SILENT

    def _set_number(self, keys: tuple[str, ...]) -> int:
        number = self._set_numbers.get(keys)
        if number is None:
            number = self._set_numbers[keys] = len(self._sets)
            self._sets.append(keys)
        return number

    @property
    def crowded(self) -> bool:
        """True where so much is remembered that it is better to begin again."""
        return len(self.forms) > _MOST_KNOWN or len(self._linker) > _MOST_NEIGHBOURS

    def texts(self, texts: Sequence[str]) -> Texts:
        """Analyse distinct texts."""
        scanned: list[int] = []
        ends = [0]
        for text in texts:
            scanned += self.forms.scan(text)
            ends.append(len(scanned))
        words_and_breaks = np.array(scanned, dtype=np.int64)
        is_word = words_and_breaks >= 0
        at = np.flatnonzero(is_word)
        tokens = words_and_breaks[at]
        token_ends = np.searchsorted(at, ends)
        text_of = np.repeat(np.arange(len(texts)), np.diff(token_ends))
        # No term crosses a sign, or the end of a text.
        broken = np.append(at[1:], len(words_and_breaks)) != at + 1
        broken[token_ends[1:][np.diff(token_ends) > 0] - 1] = True

        owners, sets = self._slots.taken(tokens)
        token_slots = ends_of(np.bincount(owners, minlength=len(tokens)))
        slot_ends = token_slots[token_ends]
        for number, text in enumerate(texts):
            for first, last in remarks_in(text):
                for i, (start, _) in enumerate(tokenizer.spans(text), token_ends[number]):
                    if first < start < last:
                        sets[token_slots[i] : token_slots[i + 1]] = 0
        following = np.append(sets[1:], NOTHING)
        following[token_slots[1:][broken] - 1] = NOTHING

        found, said_at, said = self._linker.find(sets, following, owners)
        links = np.stack(found)
        if self._learnt is not None:
            more, _, _ = self._learnt.find(sets, following, owners)
            learnt = np.stack(more)
            learnt[1] += self._first_learnt
            links = np.concatenate((links, learnt), axis=1)
            # By text, the learnt ones behind the others.
            links = links[:, np.argsort(np.searchsorted(slot_ends, links[0], side="right"), kind="stable")]
        slots, terms, sizes, weak = links
        of = np.searchsorted(slot_ends, slots, side="right") - 1
        link_ends = np.searchsorted(of, np.arange(len(texts) + 1))
        places = slots - slot_ends[of]
        first_tokens = owners[slots]
        spans = owners[slots + sizes - 1] - first_tokens
        first_tokens = first_tokens - token_ends[of]

        pair_owners, keys, offsets = self._filed.taken(tokens)
        pair_counts = ends_of(np.bincount(pair_owners, minlength=len(tokens)))
        positions = (token_slots[:-1] - slot_ends[text_of])[pair_owners] + offsets
        said_ends = np.searchsorted(said_at, slot_ends)
        if self.lang == "ru":
            speakers, spoken = self._own.taken(tokens)
            speakers = text_of[speakers]
        else:
            speakers, spoken = self._rendered(said, said_ends, owners[said_at])
        return Texts(
            {text: number for number, text in enumerate(texts)},
            token_ends,
            tokens,
            np.diff(slot_ends),
            pair_counts[token_ends],
            keys,
            positions,
            link_ends,
            terms,
            places,
            weak,
            packed(link_ends, (terms, first_tokens, spans, places, weak)),
            self._said((speakers, spoken), (text_of, tokens), len(texts)),
        )

    def _rendered(self, variants: Numbers, ends: Numbers, tokens: Numbers) -> tuple[Numbers, Numbers]:
        """The texts and the numbers of what the terms of Kazakh texts are in Russian: ``variants`` are what places have, and
        ``tokens`` the words that they stand at, of which those at one word are rendered together."""
        texts = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
        starts = np.flatnonzero(np.append(True, tokens[1:] != tokens[:-1])) if len(tokens) else tokens
        numbers = mapped(self._renderings, variants[starts])
        bounds = np.append(starts, len(tokens))
        for i in np.flatnonzero(np.diff(bounds) > 1).tolist():
            numbers[i] = self._renderings[tuple(variants[bounds[i] : bounds[i + 1]].tolist())]
        return texts[starts], numbers

    def _said(self, own: tuple[Numbers, Numbers], forms: tuple[Numbers, Numbers], texts: int) -> Said:
        """What texts say, of expressions of their own and then of what their forms say in any language (each with its text)."""
        of = np.concatenate((own[0], forms[0]))
        said = np.concatenate((own[1], np.array(self._plain, dtype=np.int64)[forms[1]]))
        order = np.argsort(of, kind="stable")
        order = order[said[order] != SILENT]
        of, said = of[order], said[order]
        _, first = np.unique(of * (len(self._expressions.keys) + 1) + said, return_index=True)
        first.sort()
        return Said(np.searchsorted(of[first], np.arange(texts + 1)), said[first], self._expressions.keys)

    def rendering(self, variants: int | tuple[int, ...]) -> Expression:
        """The Russian keys of the terms that a word's places have: all renderings of what stands at one word are one
        expression, any of them will do on the other side. Learnt pairs have no say: they were learnt from the pairing."""
        places = (variants,) if isinstance(variants, int) else variants
        terms = (term for variant in places for term in self._linker.variant_terms(variant))
        return frozenset(
            key for term in terms for place in self._russian[term] for key in place if key not in stopwords.RUSSIAN
        )


class _Renderings(dict[int | tuple[int, ...], int]):
    """What the places of one word have -> the number of what it may be in Russian."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self._language = language

    def __missing__(self, variants: int | tuple[int, ...]) -> int:
        found = self[variants] = self._language.expression(self._language.rendering(variants))
        return found


def languages(
    analyzer: Analyzer, terms: Sequence[Term], keys: Mapping[Lang, Sequence[KeySets]], first_learnt: int
) -> dict[Lang, Language]:
    """Both languages, to be compared with each other."""
    shared: dict[str, int] = {}
    return {lang: Language(lang, analyzer, terms, keys, first_learnt, shared) for lang in LANGS}
