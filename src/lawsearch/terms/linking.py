"""Linking: which terms a text contains, whatever case their words stand in.

A term is a sequence of key sets, one a position; it occurs where each of its positions shares a key with the text's. At
every position the longest term wins; a shorter one inside it, or one that covers only part of a hyphen compound, is kept
as a weak link, unless it is a rarer sense anyway.
"""

from __future__ import annotations

import re
import sys
from array import array
from binascii import a2b_base64
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple, overload

from lawsearch.analysis.analyzer import Analyzer, Token
from lawsearch.analysis.tokens import BREAKS
from lawsearch.law import Lang
from lawsearch.terms.termbase import Term

_BREAK = re.compile(f"[{BREAKS}]")
#: What an editor writes behind a note of amendment: "see the former edition". It says nothing of the law.
_REMARK = re.compile(r"\(\s*(?:бұр\.\s*ред\.\s*қара|см\.\s*стар\.\s*ред\.?)\s*\)", re.I)

#: How many pairs of key sets a linker remembers the terms of before it forgets them all.
_MOST_FOUND = 200_000

KeySets = tuple[tuple[str, ...], ...]
#: A term's key sets, its number, whether its status is weak.
Candidate = tuple[KeySets, int, bool]


def remarks_in(text: str) -> list[tuple[int, int]]:
    """The spans of an editor's remarks, in which no term is meant."""
    return [match.span() for match in _REMARK.finditer(text)] if "ред." in text else []


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


_made = tuple.__new__


class Links(Sequence[Link]):
    """The links of one text by columns: a text has dozens, of which a reader looks at few. A `Link` is made when asked for."""

    __slots__ = ("_firsts", "_longest", "_numbers", "_positions", "_sizes", "_weak", "_width", "terms")

    def __init__(
        self, terms: Sequence[int], firsts: Sequence[int], sizes: Sequence[int], positions: Sequence[int], weak: Sequence[int]
    ) -> None:
        """``firsts``: ascending; ``sizes``: how many tokens behind its first one each link ends."""
        if not len(terms) == len(firsts) == len(sizes) == len(positions) == len(weak):
            raise ValueError("columns of different lengths")
        self.terms = terms
        self._firsts = firsts
        self._sizes = sizes
        self._positions = positions
        self._weak = weak
        self._longest: int | None = None
        # The terms as bytes: one of them is found there sooner than by looking at each.
        self._width = terms.itemsize if isinstance(terms, array) else 4
        self._numbers: bytes | None = None

    @classmethod
    def of_links(cls, links: Sequence[Link]) -> Links:
        """Some links by columns."""
        if isinstance(links, Links) or not links:
            return links if isinstance(links, Links) else NO_LINKS
        rows = [(link.term, link.first, link.last - link.first, link.position, int(link.weak)) for link in links]
        return cls(*(array("I", column) for column in zip(*rows, strict=True)))

    @classmethod
    def unpacked(cls, text: str) -> Links:
        """Read what `text_links.packed` made. Raises ValueError for anything else."""
        if not text:
            return NO_LINKS
        data = a2b_base64(text)
        count = int.from_bytes(data[:4], "little")
        at = 4
        columns = []
        for _ in range(5):
            code = data[at : at + 1].decode("ascii")
            if code not in ("B", "H", "I"):
                raise ValueError("no column of links")
            values = array(code)
            end = at + 1 + count * values.itemsize
            values.frombytes(data[at + 1 : end])
            if sys.byteorder == "big":
                values.byteswap()
            columns.append(values)
            at = end
        if at != len(data) or len(columns[4]) != count:
            raise ValueError("links do not add up")
        return cls(*columns)

    def covering(self, first: int, last: int) -> list[Link]:
        """The links that hold the tokens from ``first`` to ``last``."""
        firsts, sizes = self._firsts, self._sizes
        if self._longest is None:
            self._longest = max(sizes, default=0)
        some = range(bisect_left(firsts, last - self._longest), bisect_right(firsts, first))
        return [self.link(i) for i in some if last <= firsts[i] + sizes[i]]

    def of(self, term: int) -> list[Link]:
        """The links of a term, in their order."""
        numbers, width = self._numbers or self._as_bytes(), self._width
        found: list[Link] = []
        if not term >> (8 * width):
            wanted = term.to_bytes(width, sys.byteorder)
            at = numbers.find(wanted)
            while at >= 0:
                if at % width:
                    # The end of one number and the beginning of the next.
                    at = numbers.find(wanted, at + 1)
                else:
                    found.append(self.link(at // width))
                    at = numbers.find(wanted, at + width)
        return found

    def _as_bytes(self) -> bytes:
        terms = self.terms if isinstance(self.terms, array) else array("I", self.terms)
        self._numbers = terms.tobytes()
        return self._numbers

    def link(self, index: int) -> Link:
        """One of them, by its place."""
        first = self._firsts[index]
        fields = (self.terms[index], first, first + self._sizes[index], self._positions[index], self._weak[index] != 0)
        # What `Link(…)` comes to, in half of the time.
        return _made(Link, fields)

    def __len__(self) -> int:
        return len(self.terms)

    @overload
    def __getitem__(self, index: int) -> Link: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Link, ...]: ...

    def __getitem__(self, index: int | slice) -> Link | tuple[Link, ...]:
        if isinstance(index, slice):
            return tuple(self.link(i) for i in range(*index.indices(len(self))))
        return self.link(index)


NO_LINKS = Links((), (), (), (), ())


class Linker:
    """Finds the terms of one language in tokens."""

    def __init__(self, terms: Sequence[Term], keys: Sequence[KeySets]) -> None:
        """``keys`` are the key sets of the terms' sides in the language, in the order of ``terms``."""
        # Filed by the keys of the first two positions: common first words (`мемлекеттік`) open hundreds of terms.
        self._single: dict[str, list[Candidate]] = {}
        self._longer: dict[tuple[str, str], list[Candidate]] = {}
        for number, (term, sets) in enumerate(zip(terms, keys, strict=True)):
            if not sets:
                continue
            candidate = (sets, number, term.status == "weak")
            for key in dict.fromkeys(sets[0]):
                if len(sets) == 1:
                    self._single.setdefault(key, []).append(candidate)
                else:
                    for second in dict.fromkeys(sets[1]):
                        self._longer.setdefault((key, second), []).append(candidate)
        self._found_single: dict[tuple[str, ...], list[Candidate]] = {}
        self._found_longer: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Candidate]] = {}

    def links(self, tokens: Sequence[Token], text: str) -> list[Link]:
        """The terms in a tokenised text, by position, then length (longest first), then the term base's order."""
        remarks = remarks_in(text)
        slots = [(i, part) for i, token in enumerate(tokens) for part in token.word.parts]
        if remarks:
            silent = {i for i, token in enumerate(tokens) if any(a < token.start < b for a, b in remarks)}
            slots = [(i, () if i in silent else part) for i, part in slots]
        # stop[i]: the slot behind the last one that a term starting at i may reach (no term crosses punctuation).
        stop = [0] * len(slots)
        end = len(slots)
        for i in range(len(slots) - 1, -1, -1):
            here = slots[i][0]
            if i + 1 < len(slots) and slots[i + 1][0] != here and _BREAK.search(text, tokens[here].end, tokens[here + 1].start):
                end = i + 1
            stop[i] = end
        found: list[tuple[int, int, int, bool, bool]] = []
        for i, (_, keys) in enumerate(slots):
            longest = 0
            room = stop[i] - i
            if room > 1:
                for sets, number, rare in self.longer(keys, slots[i + 1][1]):
                    size = len(sets)
                    if size <= room and all(not set(slots[i + j][1]).isdisjoint(sets[j]) for j in range(2, size)):
                        longest = longest or size
                        found.append((i, size, number, rare, size < longest))
            for _, number, rare in self.single(keys):
                found.append((i, 1, number, rare, longest > 1))
        reach = [0] * (len(slots) + 1)
        for i, length, _, _, _ in found:
            reach[i] = max(reach[i], i + length)
        links = []
        covered_to, covered_from = 0, -1
        for i, length, number, rare, shorter in found:
            if i > covered_from and reach[i] > covered_to:
                covered_to, covered_from = reach[i], i
            inside = shorter or (covered_from < i and i + length <= covered_to)
            if rare and inside:
                # Part of a longer term and in a rarer sense at that (`білім беру` is no отпуск): it is never meant.
                continue
            first, last = slots[i][0], slots[i + length - 1][0]
            partial = (i > 0 and slots[i - 1][0] == first) or (i + length < len(slots) and slots[i + length][0] == last)
            links.append(Link(number, first, last, i, rare or inside or partial))
        return links

    def single(self, keys: tuple[str, ...]) -> list[Candidate]:
        """The terms of one position that stand where a text has these keys."""
        known = self._found_single.get(keys)
        if known is None:
            known = self._found_single[keys] = _merged(self._single.get(key, ()) for key in keys)
        return known

    def longer(self, first: tuple[str, ...], second: tuple[str, ...]) -> list[Candidate]:
        """The terms of several positions that begin so, longest first."""
        known = self._found_longer.get((first, second))
        if known is None:
            if len(self._found_longer) >= _MOST_FOUND:
                self._found_longer.clear()
            lists = (self._longer.get((a, b), ()) for a in first for b in second)
            known = self._found_longer[first, second] = _merged(lists)
        return known


def _merged(lists: Iterable[Iterable[Candidate]]) -> list[Candidate]:
    merged = {candidate[1]: candidate for candidates in lists for candidate in candidates}
    return sorted(merged.values(), key=lambda c: (-len(c[0]), c[1]))
