"""The links of many texts at once: what `linking.Linker.links` finds text by text, by arrays.

A build meets the same neighbours again and again: which terms begin where two key sets stand side by side is found out once,
and with it everything that follows for the place. The links are the same, and in the same order.
"""

from __future__ import annotations

from array import array
from binascii import b2a_base64
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np  # only a build comes here

from lawsearch.engine.ragged import Numbers, Ragged, mapped
from lawsearch.terms.linking import Candidate, Linker

#: What follows a slot behind which a sign stands that no term crosses.
NOTHING = (1 << 32) - 1


class Found(NamedTuple):
    """Links: the slot that each begins in, its term, how many slots it takes, whether it is weak."""

    slots: Numbers
    terms: Numbers
    sizes: Numbers
    weak: Numbers


class TextLinker:
    """Finds the terms of a linker in texts that come as numbers of key sets (`sets` has them by number, and may grow)."""

    def __init__(self, linker: Linker, sets: Sequence[tuple[str, ...]]) -> None:
        self._linker = linker
        self._sets = sets
        #: Matches by number: what begins at a slot, longest first; 0 is nothing. And how many slots the longest takes.
        self._matches: list[tuple[Candidate, ...]] = [()]
        self._reach = array("q", (0,))
        self._alone: dict[int, int] = {}
        self._pairs = _Pairs(self)
        #: Where terms of three places and more begin it takes more than the next slot to tell which of them stand there.
        self._plans: list[tuple[list[Candidate], int]] = []
        self._deep: dict[tuple[int, ...], int] = {}
        self._variants = _Variants(self)
        self._kept = Ragged(3)

    def __len__(self) -> int:
        """How many neighbourhoods are remembered, some 200 bytes each."""
        return len(self._pairs) + len(self._deep)

    def variant_terms(self, variant: int) -> list[int]:
        """The terms of the links that a place has."""
        return self._variants.terms[variant]

    def find(self, slots: Numbers, following: Numbers, tokens: Numbers) -> tuple[Found, Numbers, Numbers]:
        """The links of texts that stand one behind the other: ``slots`` are the key sets, ``following`` that of the next slot
        of each or `NOTHING`, ``tokens`` the token each belongs to (which rises through all texts).

        Also returns the slots that have links and a number for what each has (`variant_terms`).
        """
        matches = mapped(self._pairs, (slots << 32) | following)
        deep = np.flatnonzero(matches < 0)
        if len(deep):
            ends = np.append(np.flatnonzero(following == NOTHING) + 1, len(slots))
            room = ends[np.searchsorted(ends, deep, side="right")].tolist()
            numbers = slots.tolist()
            matches[deep] = [
                self._at(numbers, at, end, self._plans[-plan - 1])
                for at, end, plan in zip(deep.tolist(), room, matches[deep].tolist(), strict=True)
            ]
        at = np.flatnonzero(matches)
        if not len(at):
            nothing = np.zeros(0, dtype=np.int64)
            return Found(nothing, nothing, nothing, nothing), nothing, nothing
        matches = matches[at]
        reached = at + np.array(self._reach, dtype=np.int64)[matches]
        # A place whose longest term ends no later than one that began before it lies inside that one.
        before = np.concatenate(([0], np.maximum.accumulate(reached)[:-1]))
        variants = mapped(self._variants, (matches << 1) | (reached <= before))
        owners, terms, sizes, weak = self._kept.taken(variants)
        first = at[owners]
        # Slots of one token (a hyphen compound), some of which the term does not cover.
        bounded = np.concatenate(([-1], tokens, [-2]))
        end = first + sizes
        partial = (bounded[first] == bounded[first + 1]) | (bounded[end] == bounded[end + 1])
        return Found(first, terms, sizes, weak | partial), at, variants

    # -- what begins at a place

    def pair(self, slot: int, following: int) -> int:
        """The number of what begins at a slot with such a neighbour; below 0 where more of them must be looked at."""
        alone = self._alone.get(slot)
        if alone is None:
            alone = self._alone[slot] = self._match(self._linker.single(self._sets[slot]))
        if following == NOTHING:
            return alone
        longer = self._linker.longer(self._sets[slot], self._sets[following])
        if not longer:
            return alone
        longest = len(longer[0][0])
        if longest == 2:
            return self._match([*longer, *self._matches[alone]])
        self._plans.append((longer, longest))
        return -len(self._plans)

    def _at(self, slots: list[int], at: int, end: int, plan: tuple[list[Candidate], int]) -> int:
        longer, longest = plan
        window = tuple(slots[at : min(end, at + longest)])
        known = self._deep.get(window)
        if known is None:
            sets = [frozenset(self._sets[slot]) for slot in window]
            found = [
                candidate
                for candidate in longer
                if len(candidate[0]) <= len(window)
                and all(not sets[j].isdisjoint(candidate[0][j]) for j in range(2, len(candidate[0])))
            ]
            alone = self._alone[window[0]]
            known = self._deep[window] = self._match([*found, *self._matches[alone]]) if found else alone
        return known

    def _match(self, candidates: Sequence[Candidate]) -> int:
        if not candidates:
            return 0
        self._matches.append(tuple(candidates))
        self._reach.append(len(candidates[0][0]))
        return len(self._matches) - 1

    def variant(self, code: int) -> tuple[int, list[int]]:
        """The links of a match that lies inside a longer term (``code & 1``) or does not."""
        candidates = self._matches[code >> 1]
        reach = len(candidates[0][0])
        # Part of a longer term and in a rarer sense at that (`білім беру` is no отпуск): it is never meant.
        kept = [
            (number, len(sets), rare or inside)
            for sets, number, rare in candidates
            for inside in (bool(code & 1) or len(sets) < reach,)
            if not (rare and inside)
        ]
        terms = [number for number, _, _ in kept]
        return self._kept.add(terms, [size for _, size, _ in kept], [int(weak) for _, _, weak in kept]), terms


class _Pairs(dict[int, int]):
    """Two neighbours (the second in the lower 32 bits) -> what begins at the first."""

    def __init__(self, linker: TextLinker) -> None:
        super().__init__()
        self._linker = linker

    def __missing__(self, code: int) -> int:
        found = self[code] = self._linker.pair(code >> 32, code & NOTHING)
        return found


class _Variants(dict[int, int]):
    """A match and whether it lies inside a longer term -> the number of its links."""

    def __init__(self, linker: TextLinker) -> None:
        super().__init__()
        self._linker = linker
        self.terms: list[list[int]] = []

    def __missing__(self, code: int) -> int:
        number, terms = self._linker.variant(code)
        self.terms.append(terms)
        self[code] = number
        return number


def packed(ends: Numbers, columns: Sequence[Numbers]) -> list[str]:
    """The links of many texts, each text's as one line of ASCII, of which `linking.Links.unpacked` makes them again.

    ``columns`` are terms, first tokens, how many tokens behind it each ends, positions, whether weak.
    """
    widths = tuple(tuple(column.astype(f"<u{width}").tobytes() for width in (1, 2, 4)) for column in columns)
    bounds = ends.tolist()
    filled = np.flatnonzero(np.diff(ends))
    tops = [np.maximum.reduceat(column, ends[filled]).tolist() if len(filled) else [] for column in columns]
    found = [""] * (len(ends) - 1)
    for i, number in enumerate(filled.tolist()):
        a, b = bounds[number], bounds[number + 1]
        parts = [(b - a).to_bytes(4, "little")]
        for (one, two, four), top in zip(widths, tops, strict=True):
            if top[i] < 1 << 8:
                parts += (b"B", one[a:b])
            elif top[i] < 1 << 16:
                parts += (b"H", two[2 * a : 2 * b])
            else:
                parts += (b"I", four[4 * a : 4 * b])
        found[number] = b2a_base64(b"".join(parts), newline=False).decode("ascii")
    return found
