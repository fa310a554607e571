"""The texts of a language, many at once: their words, keys and links as rows of numbers.

What is known of a form, of a key set or of two neighbours is made once and kept in tables; a text is looked up in them. What
comes out is what `Analyzer.tokens` and `Linker.links` give for each text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np  # only a build comes here

from lawsearch.analysis import stopwords
from lawsearch.analysis import tokens as tokenizer
from lawsearch.analysis.analyzer import Analyzer, Word
from lawsearch.analysis.forms import Forms
from lawsearch.corpus.alignment import plain_expression
from lawsearch.engine.base import FORM_MARK
from lawsearch.engine.ragged import Numbers, Ragged, ends_of
from lawsearch.law import Lang
from lawsearch.terms.linking import KeySets, Linker, remarks_in
from lawsearch.terms.termbase import Term
from lawsearch.terms.text_links import NOTHING, TextLinker, packed

#: What an expression may stand for: see `corpus.alignment.Says`.
Expression = frozenset[str]

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
    #: The places that have links: whether each has the token of the one before it, what it has.
    said_ends: Numbers
    said_joined: Numbers
    said: Numbers


class Language:
    """What an inversion knows of one language: forms, keys and terms by number."""

    def __init__(
        self, lang: Lang, analyzer: Analyzer, terms: Sequence[Term], keys: Mapping[Lang, Sequence[KeySets]], first_learnt: int
    ) -> None:
        """``keys`` are the key sets of the terms in each language; those from ``first_learnt`` on are linked beside the others,
        so that none of them ever hides a pair that a person wrote."""
        self.lang = lang
        self._first_learnt = first_learnt
        self._interned = _Interned()
        self.keys = self._interned.strings
        self._set_numbers: dict[tuple[str, ...], int] = {(): 0}
        self._sets: list[tuple[str, ...]] = [()]
        self._filed = Ragged(2)
        self._slots = Ragged(1)
        self._plain: list[Expression | None] = []
        self._own: list[tuple[Expression, ...]] = []
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
        self._plain.append(plain_expression(form))
        silent = self.lang != "ru" or form in stopwords.RUSSIAN or form[0].isdigit()
        self._own.append(() if silent else tuple(frozenset(part) for part in word.parts))

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
        said_tokens = owners[said_at]
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
            np.searchsorted(said_at, slot_ends),
            np.append(False, said_tokens[1:] == said_tokens[:-1]),
            said,
        )

    def expressions(self, texts: Texts, number: int) -> list[Expression]:
        """What a text says: the keys of its Russian words, or the Russian sides of the terms at each of its words; and what
        can be compared without knowing either language."""
        forms = texts.forms[texts.token_ends[number] : texts.token_ends[number + 1]].tolist()
        own: Iterable[Expression]
        if self.lang == "ru":
            own = chain.from_iterable(map(self._own.__getitem__, forms))
        else:
            first, last = texts.said_ends[number], texts.said_ends[number + 1]
            variants = texts.said[first:last].tolist()
            joined = texts.said_joined[first:last]
            own = map(self._renderings.__getitem__, _by_word(variants, joined.tolist()) if joined.any() else variants)
        return list(dict.fromkeys(filter(None, chain(own, map(self._plain.__getitem__, forms)))))

    def rendering(self, variants: int | tuple[int, ...]) -> Expression:
        """The Russian keys of the terms that a word's places have: all renderings of what stands at one word are one
        expression, any of them will do on the other side. Learnt pairs have no say: they were learnt from the pairing."""
        places = (variants,) if isinstance(variants, int) else variants
        terms = (term for variant in places for term in self._linker.variant_terms(variant))
        return frozenset(
            key for term in terms for place in self._russian[term] for key in place if key not in stopwords.RUSSIAN
        )


class _Renderings(dict[int | tuple[int, ...], Expression]):
    """What the places of one word have -> what it may be in Russian."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self._language = language

    def __missing__(self, variants: int | tuple[int, ...]) -> Expression:
        found = self[variants] = self._language.rendering(variants)
        return found


def _by_word(variants: Sequence[int], joined: Sequence[bool]) -> list[int | tuple[int, ...]]:
    """Variants, those that stand at the parts of one word together."""
    found: list[int | tuple[int, ...]] = []
    for variant, same in zip(variants, joined, strict=True):
        if same and found:
            before = found[-1]
            found[-1] = (*(before if isinstance(before, tuple) else (before,)), variant)
        else:
            found.append(variant)
    return found
