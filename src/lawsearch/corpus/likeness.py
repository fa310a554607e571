"""Likeness: how much of what one language's texts say those of the other account for, for all texts of many lists at once.

A word that half a list has says little. The likeness of two texts is the harmonic mean of how much of either text the other
accounts for, weighted by rarity in their list; there is none where one of them says nothing that could be compared.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np  # only a build comes here
from numpy.typing import NDArray

from lawsearch.analysis import tokens
from lawsearch.analysis.letters import fold, is_kazakh
from lawsearch.engine.ragged import Numbers, Ragged, ends_of, taken
from lawsearch.law import LANGS, Lang

#: Something that a text says: the (Russian) keys that it may stand for.
Expression: TypeAlias = frozenset[str]
#: The texts of a list in Kazakh, and in Russian.
Lists: TypeAlias = tuple[Sequence[str], Sequence[str]]

_COGNATE = 5
_WORD = re.compile(r"[^\W\d_]{2}")
#: Texts that say this much (in expressions) and have less than this in common contradict each other.
_CONTRADICTED = 0.1
_TELLING = 4
#: So many pairs of texts are compared at once.
_MOST_AT_ONCE = 1 << 18


class Said(NamedTuple):
    """What some texts say, by number: the expressions ``ends[i]`` to ``ends[i + 1]`` are those of text ``i``, each once, in the
    order of the text; ``keys`` has those of every expression, by numbers that both languages share."""

    ends: Numbers
    expressions: Numbers
    keys: Ragged


class Likeness(NamedTuple):
    """How like each Kazakh text of a list (the rows) is to each Russian one, 0 to 1, None where there is nothing to compare;
    and how many expressions each has. ``telling``: expressions are told by terms, not by looks alone."""

    scores: list[list[float | None]]
    kk: list[int]
    ru: list[int]
    telling: bool

    def contradicts(self, kk: int, ru: int) -> bool:
        """True where two texts that both say much have next to nothing in common."""
        score = self.scores[kk][ru] if self.telling else None
        return score is not None and score < _CONTRADICTED and min(self.kk[kk], self.ru[ru]) >= _TELLING


class Says(ABC):
    """Tells what texts say."""

    #: True where it knows the terms.
    telling = True

    @abstractmethod
    def said(self, texts: Mapping[Lang, Sequence[str]]) -> Mapping[Lang, Said]:
        """What texts of each language say; first what terms tell, behind it what `plain_expression` does."""

    def likenesses(self, lists: Sequence[Lists]) -> list[Likeness]:
        """The likeness of the texts of each list, none of whose sides may be empty."""
        return [one for some in _portions(lists) for one in _compared(some, self)]


class PlainSays(Says):
    """Knows neither language: numbers, Latin names, abbreviations, the stems of loans."""

    telling = False

    def said(self, texts: Mapping[Lang, Sequence[str]]) -> Mapping[Lang, Said]:
        """See `Says.said`."""
        expressions = Expressions({})
        found = {}
        for lang in LANGS:
            numbers: list[int] = []
            counts = []
            for text in texts[lang]:
                plain = filter(None, map(plain_expression, map(fold, tokens.words(text))))
                own = list(dict.fromkeys(map(expressions.number, plain)))
                numbers += own
                counts.append(len(own))
            found[lang] = Said(ends_of(counts), np.array(numbers, dtype=np.int64), expressions.keys)
        return found


plain_says = PlainSays()


class Expressions:
    """Expressions by number. ``key_numbers`` are shared with those of the other language, and grow."""

    def __init__(self, key_numbers: dict[str, int]) -> None:
        self.keys = Ragged(1)
        self._key_numbers = key_numbers
        self._numbers: dict[Expression, int] = {}

    def number(self, expression: Expression) -> int:
        """The number of an expression that is not empty."""
        number = self._numbers.get(expression)
        if number is None:
            numbers = self._key_numbers
            number = self._numbers[expression] = self.keys.add([numbers.setdefault(k, len(numbers)) for k in expression])
        return number


def plain_expression(form: str) -> Expression | None:
    """What a folded form says without its language being known, if anything."""
    if any(map(str.isdigit, form)):
        return frozenset((form.split("-")[0] if form[0].isdigit() and _WORD.search(form) else form,))
    if form.isascii():
        return frozenset((form,))
    if len(form) > _COGNATE and not is_kazakh(form[: _COGNATE + 1]):
        return frozenset((f"~{form[:_COGNATE]}",))
    return None


def _portions(lists: Sequence[Lists]) -> Iterator[Sequence[Lists]]:
    """Lists, as many at a time as may be compared at once."""
    first = pairs = 0
    for number, (kk, ru) in enumerate(lists):
        pairs += len(kk) * len(ru)
        if pairs > _MOST_AT_ONCE and first < number:
            yield lists[first:number]
            first, pairs = number, len(kk) * len(ru)
    if first < len(lists):
        yield lists[first:]


def _compared(lists: Sequence[Lists], says: Says) -> Iterator[Likeness]:
    said = says.said({lang: [text for sides in lists for text in sides[side]] for side, lang in enumerate(LANGS)})
    kk, ru = (_Side([len(sides[side]) for sides in lists], said[lang]) for side, lang in enumerate(LANGS))
    sharing = _sharing(kk, ru)
    # Every pair of a list's texts has a place, row by row.
    bases = ends_of(kk.sizes * ru.sizes)
    numbers, partners, shares = _accounted(kk, sharing[0], ru, sharing[1])
    of = kk.list_of[numbers]
    places = bases[of] + (numbers - kk.firsts[of]) * ru.sizes[of] + partners - ru.firsts[of]
    one = np.bincount(places, shares, minlength=bases[-1])
    numbers, partners, shares = _accounted(ru, sharing[1], kk, sharing[0])
    of = ru.list_of[numbers]
    places = bases[of] + (partners - kk.firsts[of]) * ru.sizes[of] + numbers - ru.firsts[of]
    other = np.bincount(places, shares, minlength=bases[-1])
    means = np.zeros(bases[-1])
    np.divide(2 * one * other, one + other, out=means, where=(one > 0) & (other > 0))
    scores: list[float | None] = means.tolist()
    for i, base in enumerate(bases[:-1].tolist()):
        own, theirs = kk.counts_in(i), ru.counts_in(i)
        width = len(theirs)
        rows = [scores[base + row * width : base + (row + 1) * width] for row in range(len(own))]
        for row, count in zip(rows, own, strict=True):
            if not count:
                row[:] = [None] * width
        for column in [column for column, count in enumerate(theirs) if not count]:
            for row in rows:
                row[column] = None
        yield Likeness(rows, own, theirs, says.telling)


class _Side:
    """The texts of lists in one language. A list's distinct expressions have numbers of their own (``which``)."""

    def __init__(self, sizes: Sequence[int], said: Said) -> None:
        self.sizes = np.array(sizes, dtype=np.int64)
        self.firsts = ends_of(sizes)
        self.list_of = np.repeat(np.arange(len(sizes)), self.sizes)
        self._counts = np.diff(said.ends)
        #: The text of each expression, as often as texts have it.
        self.text_of = np.repeat(np.arange(len(self._counts)), self._counts)
        span = max(len(said.keys), 1)
        codes = self.list_of[self.text_of] * span + said.expressions
        distinct, self.which, uses = np.unique(codes, return_inverse=True, return_counts=True)
        lists, expressions = np.divmod(distinct, span)
        weights = _rarity(self.sizes[lists], uses)[self.which]
        # Added up in the order of the text, whatever numbers its expressions have.
        totals = np.bincount(self.text_of, weights, minlength=len(self._counts))
        #: How much of its text each expression is.
        self.shares = weights / totals[self.text_of]
        #: The texts of each distinct expression of a list.
        self.texts_ends = ends_of(uses)
        self.texts = self.text_of[np.argsort(self.which, kind="stable")]
        #: The keys of each, told apart by list.
        self.key_owners, keys = said.keys.taken(expressions)
        self.keys = (lists[self.key_owners] << 32) | keys

    def counts_in(self, number: int) -> list[int]:
        """How many expressions each text of a list has."""
        found: list[int] = self._counts[self.firsts[number] : self.firsts[number + 1]].tolist()
        return found


def _rarity(sizes: Numbers, uses: Numbers) -> NDArray[np.float64]:
    """What an expression weighs that so many texts of a list of this size have. By `math.log`, which is the same everywhere."""
    codes, which = np.unique((sizes << 32) | uses, return_inverse=True)
    known = [math.log(((code >> 32) + 1) / (code & 0xFFFFFFFF)) for code in codes.tolist()]
    return np.array(known, dtype=np.float64)[which]


def _sharing(kk: _Side, ru: _Side) -> tuple[Numbers, Numbers]:
    """Which distinct expressions of the two sides of a list have a key in common."""
    order = np.argsort(ru.keys, kind="stable")
    keys = ru.keys[order]
    first, last = np.searchsorted(keys, kk.keys, side="left"), np.searchsorted(keys, kk.keys, side="right")
    held = np.flatnonzero(last > first)
    counts = last[held] - first[held]
    owners = np.repeat(kk.key_owners[held], counts)
    places = np.arange(len(owners)) + np.repeat(first[held] - (np.cumsum(counts) - counts), counts)
    distinct = max(len(ru.texts_ends) - 1, 1)
    one, other = np.divmod(np.unique(owners * distinct + ru.key_owners[order[places]]), distinct)
    return one, other


def _accounted(side: _Side, sharing: Numbers, other: _Side, shared: Numbers) -> tuple[Numbers, Numbers, NDArray[np.float64]]:
    """Texts of a side, texts of the other that account for something in them, and how much of them that is: expression by
    expression, in the order of the texts. ``sharing`` and ``shared`` are the expressions that have a key in common."""
    owners, places = taken(other.texts_ends, shared)
    number = max(len(other.list_of), 1)
    own, texts = np.divmod(np.unique(sharing[owners] * number + other.texts[places]), number)
    ends = np.searchsorted(own, np.arange(len(side.texts_ends)))
    expressions, places = taken(ends, side.which)
    return side.text_of[expressions], texts[places], side.shares[expressions]
