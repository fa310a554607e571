"""Where a word may be cut into stem and suffixes: the compiled endings, looked up from its end."""

from __future__ import annotations

import json
from typing import NamedTuple

from lawsearch.analysis import kazakh_suffixes as suffixes
from lawsearch.analysis.kazakh_lexicon import Lexicon
from lawsearch.analysis.kazakh_sounds import HARMONY_OF, VOICED_TO_VOICELESS, final_class
from lawsearch.analysis.kazakh_sounds import harmony as harmony_of
from lawsearch.analysis.kazakh_suffixes import FINITE, NOMINALISER, NUMBER, TAIL

Row = tuple[int, int, int, int, int]
#: cost, cut (the surface stem is word[:cut]), tail (a nominal tail begins there), kind, swallowed code, disharmonies
Cut = tuple[int, int, int, int, int, int]

_SHORT_REACH = 2
_NONE = 10_000
_MEMO = 1 << 17


class Reading(NamedTuple):
    """One way to read a word; the surface stem is word[:cut], a nominal tail after a verb ending is word[tail:]."""

    cost: int
    key: str
    cut: int
    tail: int
    kind: int
    swallowed: int
    basis: str
    clash: int = 0


class Tables(NamedTuple):
    """The endings, those that make a nominal of a verb (a tail may follow them), and the lexicon."""

    endings: dict[str, list[Row]]
    nominalisers: dict[str, list[Row]]
    nominaliser_lengths: dict[str, list[int]]  # by their last two letters, or the last
    words: Lexicon
    reach: dict[str, int]  # the longest ending, by its last three letters; what is not here has two at most


def loaded_tables(words: Lexicon) -> Tables:
    """Unpack the compiled endings."""
    lines = suffixes.COMPILED.read_text(encoding="utf-8").split("\n")
    groups: list[list[Row]] = json.loads("[" + ",".join(lines[2:-1]) + "]")
    inner = {code: rows for code, group in enumerate(groups) if (rows := [r for r in group if r[0] == NOMINALISER])}
    for group in groups:
        group[:] = [row for row in group if row[0] != NOMINALISER]
    texts = lines[0].split(" ")
    codes = [int(code) for code in lines[1].split(" ")]
    endings = dict(zip(texts, map(groups.__getitem__, codes), strict=True))
    nominalisers = {text: inner[code] for text, code in zip(texts, codes, strict=True) if code in inner}
    lengths = lengths_by_end(list(nominalisers))
    reach: dict[str, int] = {}
    for text in texts:
        size = len(text)
        if size > _SHORT_REACH and size > reach.get(text[-3:], 0):
            reach[text[-3:]] = size
    return Tables(endings, nominalisers, lengths, words, reach)


def cuts_of(word: str, tables: Tables) -> list[Cut]:
    """Find every legal cut; the whole word is one (an empty chain)."""
    endings = tables.endings
    nominalisers = tables.nominalisers
    by_end = tables.nominaliser_lengths
    size = len(word)
    cuts: list[Cut] = []
    for cut in range(size, max(0, size - tables.reach.get(word[-3:], _SHORT_REACH) - 1), -1):
        rows = endings.get(word[cut:])
        if rows is None:
            continue
        last = word[cut - 1]
        here = _CLASS_OF_END[word[cut - 2 : cut] if cut > 1 else word[:cut]]
        tone = _TONE_OF_END[word[cut - 3 : cut]] if cut > 2 else -1
        if tone < 0:
            tone = harmony_of(word[:cut])
        tail = _NONE
        tail_clash = 0
        for kind, after, harmony, cost, swallowed in rows:
            if after & here or cut == size:
                clash = 1 if harmony and tone and harmony != tone else 0
                if kind == FINITE:
                    cuts.append((cost, cut, size, FINITE, swallowed, clash))
                elif kind == NUMBER:
                    cuts.append((cost, cut, cut, NUMBER, 0, clash))
                elif cost < tail:
                    tail = cost
                    tail_clash = clash
        if tail == _NONE:
            continue
        cuts.append((tail, cut, cut, TAIL, 0, tail_clash))
        inner = word
        if last == "ғ" or last == "г":  # ғандығ-ы: the verb ending itself is voiced
            inner = word[: cut - 1] + VOICED_TO_VOICELESS[last]
        lengths = by_end.get(inner[cut - 2 : cut]) or by_end.get(inner[cut - 1])
        if lengths is None:
            continue
        for length in lengths:
            start = cut - length
            if start < 1:
                break
            rows = nominalisers.get(inner[start:cut])
            if rows is not None:
                here = _CLASS_OF_END[word[start - 2 : start] if start > 1 else word[:start]]
                tone = _TONE_OF_END[word[start - 3 : start]] if start > 2 else -1
                if tone < 0:
                    tone = harmony_of(word[:start])
                for _, after, harmony, cost, swallowed in rows:
                    if after & here:
                        clash = tail_clash + 1 if harmony and tone and harmony != tone else tail_clash
                        cuts.append((cost + tail, start, cut, NOMINALISER, swallowed, clash))
    return cuts


def lengths_by_end(texts: list[str]) -> dict[str, list[int]]:
    """Return the lengths, ascending, of the suffixes that may end a word, by its last two letters or else its last."""
    singles = {text for text in texts if len(text) == 1}
    found: dict[str, set[int]] = {text: {1} for text in singles}
    for text in texts:
        if len(text) > 1:
            found.setdefault(text[-2:], {1} if text[-1] in singles else set()).add(len(text))
    return {end: sorted(lengths) for end, lengths in found.items()}


class _ClassOfEnd(dict[str, int]):
    """Class bits by the last two letters of a stem, as `kazakh_sounds.final_class` gives them; filled as met."""

    def __missing__(self, end: str) -> int:
        if len(self) > _MEMO:
            self.clear()
        bits = self[end] = final_class("_" + end)
        return bits


class _ToneOfEnd(dict[str, int]):
    """Harmony by the last letters of a stem; -1 where they show none and the stem must be looked at."""

    def __missing__(self, end: str) -> int:
        if len(self) > _MEMO:
            self.clear()
        shown = any(letter in HARMONY_OF for letter in end)
        tone = self[end] = harmony_of(end) if shown else -1
        return tone


_CLASS_OF_END = _ClassOfEnd()
_TONE_OF_END = _ToneOfEnd()
