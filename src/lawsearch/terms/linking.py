"""Linking: which terms a text contains, whatever case their words stand in.

A term is a sequence of key sets, one a position; it occurs where each of its positions shares a key with the text's. At
every position the longest term wins; a shorter one inside it, or one that covers only part of a hyphen compound, is kept
as a weak link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lawsearch.analysis.analyzer import Analyzer, Token
from lawsearch.law import Lang
from lawsearch.terms.termbase import Term

_BREAK = re.compile(r"[,.;:()!?\n]")

KeySets = tuple[tuple[str, ...], ...]


class Link(NamedTuple):
    """A term in a text: index of the term, first and last token (both inclusive), first position, and whether it is weak."""

    term: int
    first: int
    last: int
    position: int
    weak: bool


def key_sets(text: str, lang: Lang, analyzer: Analyzer) -> KeySets:
    """The key sets of an expression, one a position."""
    return tuple(part for token in analyzer.tokens(text, lang) for part in token.word.parts)


class Linker:
    """Finds the terms of one language in tokens. Building costs one analysis of each term."""

    def __init__(self, terms: Sequence[Term], lang: Lang, analyzer: Analyzer) -> None:
        self.lang = lang
        self._by_first: dict[str, list[tuple[KeySets, int, bool]]] = {}
        for number, term in enumerate(terms):
            sets = key_sets(term.side(lang), lang, analyzer)
            if not sets:
                continue
            for key in dict.fromkeys(sets[0]):
                self._by_first.setdefault(key, []).append((sets, number, term.status == "weak"))
        for candidates in self._by_first.values():
            candidates.sort(key=lambda c: (-len(c[0]), c[1]))

    def links(self, tokens: Sequence[Token], text: str) -> list[Link]:
        """The terms in a tokenised text, by position, then length (longest first), then the term base's order."""
        slots = [(i, part) for i, token in enumerate(tokens) for part in token.word.parts]
        # stop[i]: the slot behind the last one that a term starting at i may reach (no term crosses punctuation).
        stop = [0] * len(slots)
        end = len(slots)
        for i in range(len(slots) - 1, -1, -1):
            here = slots[i][0]
            if i + 1 < len(slots) and slots[i + 1][0] != here and _BREAK.search(text, tokens[here].end, tokens[here + 1].start):
                end = i + 1
            stop[i] = end
        found: list[tuple[int, int, int, bool]] = []
        for i, (_, keys) in enumerate(slots):
            longest = 0
            for sets, number, weak in self._candidates(keys):
                if len(sets) < longest:
                    break
                if i + len(sets) <= stop[i] and all(not set(slots[i + j][1]).isdisjoint(sets[j]) for j in range(1, len(sets))):
                    longest = len(sets)
                    found.append((i, len(sets), number, weak))
        reach = [0] * (len(slots) + 1)
        for i, length, _, _ in found:
            reach[i] = max(reach[i], i + length)
        links = []
        covered_to, covered_from = 0, -1
        for i, length, number, weak in found:
            if i > covered_from and reach[i] > covered_to:
                covered_to, covered_from = reach[i], i
            inside = covered_from < i and i + length <= covered_to
            first, last = slots[i][0], slots[i + length - 1][0]
            partial = (i > 0 and slots[i - 1][0] == first) or (i + length < len(slots) and slots[i + length][0] == last)
            links.append(Link(number, first, last, i, weak or inside or partial))
        return links

    def _candidates(self, keys: Iterable[str]) -> list[tuple[KeySets, int, bool]]:
        lists = [self._by_first[k] for k in dict.fromkeys(keys) if k in self._by_first]
        if len(lists) <= 1:
            return lists[0] if lists else []
        merged = {c[1]: c for candidates in lists for c in candidates}
        return sorted(merged.values(), key=lambda c: (-len(c[0]), c[1]))
