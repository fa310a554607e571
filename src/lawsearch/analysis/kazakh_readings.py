"""Every way to read a Kazakh word as stem and suffixes, with what each way costs.

A word is cut at every point where the rest is a legal chain of suffixes (`kazakh_suffixes`). Each cut gives a surface
stem, and the alternations (`kazakh_sounds`) give the dictionary stems it may stand for. A reading costs what its chain
costs, what its root costs, and what it breaks (harmony, voicing); costs are logarithms of rarity, so they add.

Readings with a listed root come first; if there is none, or only dear ones, readings whose stem is built from listed
roots by derivation join; only a word with neither is stripped by rule alone, where each letter kept has its price.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from lawsearch.analysis import kazakh_lexicon as lexicon
from lawsearch.analysis import kazakh_suffixes as suffixes
from lawsearch.analysis.kazakh_lexicon import LOAN, NAME, NOMINAL, NUMERAL, VERB, Bucket, Lexicon
from lawsearch.analysis.kazakh_sounds import (
    ANY,
    CLASS_OF,
    CONSONANTS,
    DOUBLED,
    FRONT,
    GLIDES,
    HARMONY_OF,
    SWALLOWED,
    VOICED_TO_VOICELESS,
    VOICELESS_THAT_VOICE,
    VOWELS,
    elidable,
    final_class,
)
from lawsearch.analysis.kazakh_sounds import harmony as harmony_of
from lawsearch.analysis.kazakh_suffixes import FINITE, NOMINALISER, NUMBER, TAIL

# Weights of the scoring, in hundredths of the tables' unit.
SHORT_ROOT = (0, 500, 170, 40)  # by length: a one-letter root is almost never meant
NAME_COST = 60
DISHARMONY = 200
DISHARMONY_LOAN = 60  # факті, банкі, паркі: loans choose front suffixes after a back vowel
UNVOICED = 200
ALTERNATED = 30
GOOD_ENOUGH = 760  # a listed reading dearer than this is challenged by derived ones
COMPOUND = 450
UNKNOWN = 900
PER_LETTER = 260  # an unknown stem grows dearer with each letter it keeps, so long chains win over long stems
UNKNOWN_SHORT = (0, 900, 500, 150)
UNKNOWN_VERB = 250  # verbs are nearly a closed class: what is not listed is a noun or a name
UNKNOWN_CLUSTER = 150
UNKNOWN_CLASH = 250
UNKNOWN_UNVOICED = 300
UNKNOWN_DERIVED = 200  # rebate for a stem that ends like a derived word

Row = tuple[int, int, int, int, int]
#: cost, cut (the surface stem is word[:cut]), tail (a nominal tail begins there), kind, swallowed code, disharmonies
Cut = tuple[int, int, int, int, int, int]

_VOWEL_START = frozenset(VOWELS + GLIDES)
#: What the stem before an ending must be, by the kind of the ending.
_WANTED = {TAIL: NOMINAL, FINITE: VERB, NOMINALISER: VERB, NUMBER: NUMERAL}
_SOUNDS_BY_CODE = {code: sounds for code, _, sounds in SWALLOWED.values()}
_LONGEST_NOMINALISER = 10
_SHORTEST_DERIVED = 4
_NONE = 10_000
_MEMO = 1 << 17
_CLUSTER_FIRST = frozenset("рлнйсмң")  # what may open a final cluster of a native stem: қарт, халқ-, тұрп-
# Quality, agent, privative, possessing; the ends of learned loans.
_DERIVED_ENDS = (
    *("лық", "лік", "дық", "дік", "тық", "тік", "шы", "ші", "сыз", "сіз", "лы", "лі"),
    *("ция", "изм", "логия", "ист"),
)


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


class Derivation(NamedTuple):
    """How a stem is built: its cost, the base it comes from (with what the base is), and the suffix; or two bases."""

    cost: int
    base: str = ""
    base_kind: int = 0
    suffix: str = ""
    name: str = ""


_NOT_DERIVED = Derivation(0)


class _Tables(NamedTuple):
    endings: dict[str, list[Row]]
    nominalisers: dict[str, list[Row]]
    nominaliser_finals: frozenset[str]
    words: Lexicon
    longest: int


def _load(words: Lexicon) -> _Tables:
    lines = suffixes.COMPILED.read_text(encoding="utf-8").split("\n")
    groups: list[list[Row]] = json.loads("[" + ",".join(lines[2:-1]) + "]")
    inner = {code: rows for code, group in enumerate(groups) if (rows := [r for r in group if r[0] == NOMINALISER])}
    for group in groups:
        group[:] = [row for row in group if row[0] != NOMINALISER]
    texts = lines[0].split(" ")
    codes = [int(code) for code in lines[1].split(" ")]
    endings = dict(zip(texts, map(groups.__getitem__, codes), strict=True))
    nominalisers = {text: inner[code] for text, code in zip(texts, codes, strict=True) if code in inner}
    finals = frozenset(text[-1] for text in nominalisers)
    return _Tables(endings, nominalisers, finals, words, max(map(len, texts)))


class Reader:
    """Readings of words against one lexicon; the tables load on first use."""

    def __init__(self, words: Lexicon | None = None) -> None:
        self._words = words
        self._tables: _Tables | None = None
        self._buckets: dict[str, Bucket] = {}
        self._derived: dict[tuple[str, int, int], Derivation] = {}
        self._derivations: dict[str, list[tuple[int, int, int, int, int, int, str]]] = {}
        self._derivation_lengths: dict[str, list[int]] = {}  # by their last letter, ascending

    @property
    def tables(self) -> _Tables:
        """The compiled tables and the lexicon."""
        if self._tables is None:
            self._tables = _load(lexicon.shipped() if self._words is None else self._words)
            kinds = {"n": NOMINAL, "v": VERB}
            for row in suffixes.table("derivation"):
                for form in row.forms:
                    code = SWALLOWED[form.swallowed][0]
                    self._derivations.setdefault(form.text, []).append((
                        kinds[row.sources[0]], kinds[row.target], form.after, form.harmony, round(row.cost * 100),
                        code, row.name,
                    ))  # fmt: skip
            for text in sorted(self._derivations, key=len):
                lengths = self._derivation_lengths.setdefault(text[-1], [])
                if len(text) not in lengths:
                    lengths.append(len(text))
        return self._tables

    def _bucket(self, letter: str) -> Bucket:
        bucket = self._buckets.get(letter)
        if bucket is None:
            bucket = self._buckets[letter] = self.tables.words.bucket(letter)
        return bucket

    def bits(self, stem: str) -> int:
        """Return what a stem is listed as, 0 where it is not."""
        return self._bucket(stem[0]).roots.get(stem, 0)

    def known_root(self, word: str) -> bool:
        """Tell whether a word is listed as it stands and as no name or abbreviation."""
        return bool(self.bits(word) & ~NAME & ~NOMINAL) or self.bits(word) == NOMINAL

    def readings(self, word: str) -> list[Reading]:
        """Return the readings of a word of letters, cheapest first; unknown ones only where there are no others."""
        tables = self._tables or self.tables
        bucket = self._buckets.get(word[0]) or self._bucket(word[0])
        closed = bucket.closed.get(word)
        if closed is not None:
            size = len(word)
            return [Reading(rank, lemma, size, size, TAIL, 0, "closed") for rank, lemma in enumerate(closed)]
        cuts = self._cuts(word, tables)
        found = self._listed(word, cuts, bucket.roots)
        if not found or min(found)[0] > GOOD_ENOUGH:
            found += self._built(word, cuts)
            if not found:
                found = self.guessed(word, cuts)
        if len(found) > 1:
            found.sort()
        return found

    def every_reading(self, word: str) -> list[Reading]:
        """Return the readings on every basis, for explanations."""
        cuts = self._cuts(word, self.tables)
        found = {(r.key, r.cut, r.kind): r for r in sorted(self.guessed(word, cuts), reverse=True)}
        found |= {(r.key, r.cut, r.kind): r for r in sorted(self._built(word, cuts), reverse=True)}
        listed = self._listed(word, cuts, self._bucket(word[0]).roots)
        found |= {(r.key, r.cut, r.kind): r for r in sorted(listed, reverse=True)}
        return sorted(found.values())

    def _cuts(self, word: str, tables: _Tables) -> list[Cut]:
        """Find every legal cut; the whole word is one (an empty chain)."""
        endings = tables.endings
        nominalisers = tables.nominalisers
        finals = tables.nominaliser_finals
        size = len(word)
        cuts: list[Cut] = []
        for cut in range(size, max(0, size - tables.longest), -1):
            rows = endings.get(word[cut:])
            if rows is None:
                continue
            last = word[cut - 1]
            here = _final_class(word, cut)
            tone = _tone(word, cut)
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
            if last in finals:
                inner = word
            elif last == "ғ" or last == "г":  # ғандығ-ы: the verb ending itself is voiced
                inner = word[: cut - 1] + VOICED_TO_VOICELESS[last]
            else:
                continue
            for start in range(cut - 1, max(0, cut - _LONGEST_NOMINALISER), -1):
                rows = nominalisers.get(inner[start:cut])
                if rows is not None:
                    here = _final_class(word, start)
                    tone = _tone(word, start)
                    for _, after, harmony, cost, swallowed in rows:
                        if after & here:
                            clash = tail_clash + 1 if harmony and tone and harmony != tone else tail_clash
                            cuts.append((cost + tail, start, cut, NOMINALISER, swallowed, clash))
        return cuts

    def _listed(self, word: str, cuts: list[Cut], roots: dict[str, int]) -> list[Reading]:
        found = []
        for cut in cuts:
            at, kind = cut[1], cut[3]
            want = _WANTED[kind]
            if not cut[4]:
                stem = word[:at]
                bits = roots.get(stem, 0)
                if bits & want:
                    found.append(_reading(word, cut, stem, bits, 0, "listed"))
                if at == len(word):
                    continue
                if stem[-1] in DOUBLED and not kind:
                    bits = roots.get(stem + stem[-1], 0)
                    if bits & LOAN:
                        found.append(_reading(word, cut, stem + stem[-1], bits, 0, "listed"))
                if word[at] not in _VOWEL_START:
                    continue
            for stem, extra in _restored(word, at, kind, cut[4]):
                bits = roots.get(stem, 0)
                if bits & want:
                    found.append(_reading(word, cut, stem, bits, extra, "listed"))
        return found

    def _built(self, word: str, cuts: list[Cut]) -> list[Reading]:
        found = []
        size = len(word)
        heads: list[int] | None = None  # where a listed nominal ends that the word begins with
        for cut in cuts:
            _, at, _, kind, swallowed, _ = cut
            if at < _SHORTEST_DERIVED or kind == NUMBER or (kind == FINITE and at == size):
                continue
            want = _WANTED[kind]
            stems = [] if swallowed else [(word[:at], 0)]
            if at < size and word[at] in _VOWEL_START:
                stems += _restored(word, at, kind, swallowed)
            for stem, extra in stems:
                cost = self.derived(stem, want).cost
                if not cost and want == NOMINAL:
                    if heads is None:
                        heads = self._heads(word)
                    cost = self._compound(stem, heads).cost if heads else 0
                if cost:
                    found.append(_reading(word, cut, stem, 0, extra + cost, "derived"))
        return found

    def derived(self, stem: str, want: int, depth: int = 2) -> Derivation:
        """Return how a stem is built from a listed root by suffixes; cost 0 where it cannot be."""
        known = self._derived.get((stem, want, depth))
        if known is not None:
            return known
        roots = self._bucket(stem[0]).roots
        derivations = self._derivations
        best = _NOT_DERIVED
        size = len(stem)
        for length in self._derivation_lengths.get(stem[-1], ()):
            start = size - length
            if start < 2:
                break
            rows = derivations.get(stem[start:])
            if rows is None:
                continue
            base = stem[:start]
            here = final_class(base)
            tone = harmony_of(base)
            for source, target, after, harmony, cost, swallowed, name in rows:
                if target != want or not after & here or (harmony and tone and harmony != tone):
                    continue
                bases = [] if swallowed else [(base, 0)]
                if stem[start] in _VOWEL_START:
                    bases += _restored(stem, start, FINITE, swallowed)
                for root, extra in bases:
                    bits = roots.get(root, 0)
                    if bits & source:
                        total = cost + extra + _root_cost(root, bits)
                    elif depth > 1 and len(root) > 3:
                        inner = self.derived(root, source, depth - 1).cost
                        if not inner:
                            continue
                        total = cost + extra + inner
                    else:
                        continue
                    if not best.cost or total < best.cost:
                        best = Derivation(total, root, source, stem[start:], name)
        if len(self._derived) > _MEMO:
            self._derived.clear()
        self._derived[stem, want, depth] = best
        return best

    def built(self, stem: str, want: int, depth: int = 2) -> Derivation:
        """Return how a stem is built by a suffix or as a compound; cost 0 where it is not."""
        found = self.derived(stem, want, depth)
        return found if found.cost or want != NOMINAL else self._compound(stem, self._heads(stem))

    def _heads(self, word: str) -> list[int]:
        roots = self._bucket(word[0]).roots
        return [middle for middle in range(3, len(word) - 2) if roots.get(word[:middle], 0) & NOMINAL]

    def _compound(self, stem: str, heads: list[int]) -> Derivation:
        """Read a stem as two listed nominals written together, the first of which may end at one of `heads`."""
        for middle in heads:
            if len(stem) - middle > 3 and len(stem) > 7 and self.bits(stem[middle:]) & NOMINAL:
                return Derivation(COMPOUND, stem[:middle], NOMINAL, stem[middle:], "compound")
        return _NOT_DERIVED

    def guessed(self, word: str, cuts: list[Cut]) -> list[Reading]:
        """Read by rule alone."""
        found = []
        size = len(word)
        for cost, at, tail, kind, swallowed, clash in cuts:
            if kind == NUMBER:
                continue
            stem = word[:at]
            if swallowed:
                sounds = _SOUNDS_BY_CODE[swallowed]
                stem += sounds[-1] if harmony_of(stem) == FRONT else sounds[0]
            elif at < size and word[at] in _VOWEL_START:
                last = stem[-1]
                if last in VOICED_TO_VOICELESS:
                    stem = stem[:-1] + VOICED_TO_VOICELESS[last]
                elif last in VOICELESS_THAT_VOICE:
                    cost += UNKNOWN_UNVOICED
            cost += UNKNOWN + PER_LETTER * len(stem) + clash * UNKNOWN_CLASH + _shape_cost(stem, kind)
            found.append(Reading(cost, stem, at, tail, kind, swallowed, "unknown", clash))
        return found


def _final_class(word: str, cut: int) -> int:
    """Return the class bits of word[:cut]'s end, as `kazakh_sounds.final_class` does, without slicing."""
    last = word[cut - 1]
    bits = CLASS_OF.get(last, 0)
    if cut > 1 and (last == "ь" or (last in CONSONANTS and word[cut - 2] in CONSONANTS)):
        bits = (bits or CLASS_OF.get(word[cut - 2], 0)) | 128
    return bits


def _tone(word: str, cut: int) -> int:
    """Return the harmony of word[:cut]."""
    for at in range(cut - 1, -1, -1):
        tone = HARMONY_OF.get(word[at])
        if tone is not None:
            return tone
    return ANY


def _restored(word: str, at: int, kind: int, swallowed: int) -> list[tuple[str, int]]:
    """Return the stems that stand behind word[:at] before a vowel, other than itself, with what each change costs."""
    surface = word[:at]
    if swallowed:
        return [(surface + sound, 0) for sound in _SOUNDS_BY_CODE[swallowed]]
    last = surface[-1]
    found = []
    if last in VOICED_TO_VOICELESS:
        found.append((surface[:-1] + VOICED_TO_VOICELESS[last], 0))
    if kind == TAIL and last in CONSONANTS:
        if elidable(surface):
            found.append((surface[:-1] + ("і" if harmony_of(surface) == FRONT else "ы") + last, ALTERNATED))
        if last in "лнртс":
            found.append((surface + "ь", ALTERNATED))
    return found


def _reading(word: str, cut: Cut, stem: str, bits: int, extra: int, basis: str) -> Reading:
    cost, at, tail, kind, swallowed, clash = cut
    if bits:
        extra += _root_cost(stem, bits)
    if clash:
        extra += clash * (DISHARMONY_LOAN if bits & LOAN else DISHARMONY)
    # A native п к қ voices between vowels; a stem that keeps it there is a loan or a false cut.
    kept = stem[-1] in VOICELESS_THAT_VOICE and len(stem) == at and word[at - 1] == stem[-1]
    if kept and at < len(word) and word[at] in _VOWEL_START and not bits & LOAN:
        extra += UNVOICED
    return Reading(cost + extra, stem, at, tail, kind, swallowed, basis, clash)


def _root_cost(stem: str, bits: int) -> int:
    cost = SHORT_ROOT[len(stem)] if len(stem) < 4 else 0
    return cost + NAME_COST if bits == NAME | NOMINAL else cost


def _shape_cost(stem: str, kind: int) -> int:
    """Return what speaks against a string as an unlisted stem."""
    size = len(stem)
    cost = UNKNOWN_SHORT[size] if size < 4 else 0
    if kind:
        cost += UNKNOWN_VERB
    if not any(letter in _VOWEL_START for letter in stem):
        cost += 900
    if size > 2 and stem[-1] in CONSONANTS and stem[-2] in CONSONANTS and stem[-2] not in _CLUSTER_FIRST:
        cost += UNKNOWN_CLUSTER
    if stem.endswith(_DERIVED_ENDS):
        cost -= UNKNOWN_DERIVED
    return cost
