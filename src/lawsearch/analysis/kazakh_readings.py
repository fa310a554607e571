"""Every way to read a Kazakh word as stem and suffixes, with what each way costs.

A word is cut at every point where the rest is a legal chain of suffixes (`kazakh_suffixes`). Each cut gives a surface
stem, and the alternations (`kazakh_sounds`) give the dictionary stems it may stand for. A reading costs what its chain
costs, what its root costs, and what it breaks (harmony, voicing); costs are logarithms of rarity, so they add.

Readings with a listed root come first; if there is none, or only dear ones, readings whose stem is built from listed
roots by derivation join; only a word with neither is stripped by rule alone, where each letter kept has its price.
"""

from __future__ import annotations

from typing import NamedTuple

from lawsearch.analysis import kazakh_lexicon as lexicon
from lawsearch.analysis import kazakh_suffixes as suffixes
from lawsearch.analysis.kazakh_cuts import Cut, Reading, Tables, cuts_of, lengths_by_end, loaded_tables
from lawsearch.analysis.kazakh_lexicon import COMMON, FROZEN, LOAN, NAME, NOMINAL, NUMERAL, VERB, Bucket, Lexicon
from lawsearch.analysis.kazakh_sounds import (
    CONSONANTS,
    DOUBLED,
    GLIDES,
    MERGED,
    SWALLOWED,
    VOICED_TO_VOICELESS,
    VOICELESS_THAT_VOICE,
    VOWELS,
    WOMEN,
    elidable,
    filled,
    final_class,
    masculine,
    merged,
)
from lawsearch.analysis.kazakh_sounds import harmony as harmony_of
from lawsearch.analysis.kazakh_suffixes import FINITE, NOMINALISER, NUMBER, TAIL
from lawsearch.analysis.kazakh_unlisted import FROM_NOUNS, UNKNOWN_MARGIN, guessed

# Weights of the scoring, in hundredths of the tables' unit.
SHORT_ROOT = (0, 500, 130, 40)  # by length: a one-letter root is almost never meant
SHORT_COMMON = (0, 500, 60, 20)  # the commonest nouns: үй, су, ел, жыл
COMMON_REBATE = 110
NARROW_VERB = 50  # ашы, құры, тасы are rarer than аш, құр, тас, whose forms they share
SHORT_VERB = (0, 500, 70, 20)  # verbs of two letters are many and common: ал, ет, ас, де
NAME_COST = 60
INFLECTED_ADJECTIVE = 50  # adjectives and adverbs seldom take a noun's suffixes
DISHARMONY = 200
DISHARMONY_LOAN = 60  # факті, банкі, паркі: loans choose front suffixes after a back vowel
UNVOICED = 200
ALTERNATED = 30
GOOD_ENOUGH = 760  # a listed reading dearer than this is challenged by derived ones
DOUBTFUL = 500  # one so dear may be there by chance, so what rule alone would say stands beside it
COMPOUND = 650
IMPLIED = 180  # a noun that is not listed, but a verb made of it is
LONGEST_WORD = 64  # longer strings of letters are no words, and are left as they are
_VOWEL_START = frozenset(VOWELS + GLIDES)
#: What the stem before an ending must be, by the kind of the ending.
_WANTED = {TAIL: NOMINAL, FINITE: VERB, NOMINALISER: VERB, NUMBER: NUMERAL}
_SOUNDS_BY_CODE = {code: sounds for code, _, sounds in SWALLOWED.values()}
_SHORTEST_DERIVED = 4
_SHORTEST_COMPOUND = 8
_SHORTEST_SECOND = 3
#: What may end a stem that was longer: процес-ке, парол-дер, поез-дар.
_SHORTENED = DOUBLED | frozenset(MERGED)
_MEMO = 1 << 17
_LOCATIVES = frozenset(("да", "де", "та", "те"))


class Derivation(NamedTuple):
    """How a stem is built: its cost, the base it comes from (with what the base is), and the suffix; or two bases."""

    cost: int
    base: str = ""
    base_kind: int = 0
    suffix: str = ""
    name: str = ""


_NOT_DERIVED = Derivation(0)


class Reader:
    """Readings of words against one lexicon; the tables load on first use."""

    def __init__(self, words: Lexicon | None = None) -> None:
        self._words = words
        self._tables: Tables | None = None
        self._buckets: dict[str, Bucket] = {}
        self._derived: dict[tuple[str, int, int], Derivation] = {}
        # By what they make: suffix to rows (from, class bits, harmony, cost, swallowed code, name).
        self._derivations: dict[int, dict[str, list[tuple[int, int, int, int, int, str]]]] = {NOMINAL: {}, VERB: {}}
        # By what they make: the lengths of suffixes, ascending, by their last two letters, or the last.
        self._derivation_lengths: dict[int, dict[str, list[int]]] = {NOMINAL: {}, VERB: {}}

    @property
    def tables(self) -> Tables:
        """The compiled tables and the lexicon."""
        if self._tables is None:
            self._tables = loaded_tables(lexicon.shipped() if self._words is None else self._words)
            kinds = {"n": NOMINAL, "v": VERB}
            for row in suffixes.table("derivation"):
                found = self._derivations[kinds[row.target]]
                for form in row.forms:
                    code = SWALLOWED[form.swallowed][0]
                    entry = (kinds[row.sources[0]], form.after, form.harmony, round(row.cost * 100), code, row.name)
                    found.setdefault(form.text, []).append(entry)
            for kind, found in self._derivations.items():
                self._derivation_lengths[kind] = lengths_by_end(list(found))
        return self._tables

    def _bucket(self, letter: str) -> Bucket:
        bucket = self._buckets.get(letter)
        if bucket is None:
            bucket = self._buckets[letter] = self.tables.words.bucket(letter)
        return bucket

    def bits(self, stem: str) -> int:
        """Return what a stem is listed as, 0 where it is not."""
        return (self._buckets.get(stem[0]) or self._bucket(stem[0])).roots.get(stem, 0)

    def known_root(self, word: str) -> bool:
        """Tell whether a word is listed as it stands and as no name or abbreviation."""
        bits = self.bits(word)
        return bool(bits) and not bits & NAME

    def readings(self, word: str) -> list[Reading]:
        """Return the readings of a word of letters, cheapest first.

        Unknown ones come only where there are no others, and one comes last where the others are dear.
        """
        if len(word) > LONGEST_WORD:
            return [Reading(0, word, len(word), len(word), TAIL, 0, "unknown")]
        tables = self._tables or self.tables
        bucket = self._buckets.get(word[0]) or self._bucket(word[0])
        closed = bucket.closed.get(word)
        if closed is not None:
            size = len(word)
            return [Reading(rank, lemma, size, size, TAIL, 0, "closed") for rank, lemma in enumerate(closed)]
        cuts = cuts_of(word, tables)
        found = self._listed(word, cuts, bucket.roots)
        if not found or min(found)[0] > GOOD_ENOUGH:
            found += self._built(word, cuts, compounds=not found)
            if not found:
                return sorted(guessed(word, cuts, within=UNKNOWN_MARGIN))
        if len(found) > 1:
            found.sort()
        if found[0].cost >= DOUBTFUL:
            found.append(min(guessed(word, cuts, within=0)))
        return found

    def every_reading(self, word: str) -> list[Reading]:
        """Return the readings on every basis, for explanations."""
        cuts = cuts_of(word, self.tables)
        found = {(r.key, r.cut, r.kind): r for r in sorted(guessed(word, cuts), reverse=True)}
        found |= {(r.key, r.cut, r.kind): r for r in sorted(self._built(word, cuts), reverse=True)}
        listed = self._listed(word, cuts, self._bucket(word[0]).roots)
        found |= {(r.key, r.cut, r.kind): r for r in sorted(listed, reverse=True)}
        return sorted(found.values())

    def _listed(self, word: str, cuts: list[Cut], roots: dict[str, int]) -> list[Reading]:
        found = []
        size = len(word)
        for cut in cuts:
            _, at, _, kind, swallowed, _ = cut
            want = _WANTED[kind]
            if not swallowed:
                stem = word[:at]
                bits = roots.get(stem, 0)
                last = stem[-1]
                if bits & want:
                    narrow = NARROW_VERB if last in "ыі" and kind and roots.get(stem[:-1], 0) & VERB else 0
                    found.append(_reading(word, cut, stem, bits, narrow, "listed"))
                if last == "а" and not kind and stem[-3:] in WOMEN:
                    found += _lengthened(word, cut, stem, roots)
                if at == size:
                    continue
                if not kind and last in _SHORTENED and (last == "л" or stem + last in roots or word[at] == MERGED.get(last)):
                    found += _lengthened(word, cut, stem, roots)
                if word[at] not in _VOWEL_START:
                    continue
            for stem, extra in _restored(word, at, kind, swallowed):
                bits = roots.get(stem, 0)
                if bits & want:
                    found.append(_reading(word, cut, stem, bits, extra, "listed"))
        for reading in found:
            if reading.kind == FINITE and reading.key[-2:] in FROM_NOUNS:
                return found + _implied(word, cuts, found)
        return found

    def _built(self, word: str, cuts: list[Cut], *, compounds: bool = True) -> list[Reading]:
        found = []
        size = len(word)
        heads: list[int] | None = None  # where a listed nominal ends that the word begins with
        for cut in cuts:
            _, at, _, kind, swallowed, _ = cut
            if at < _SHORTEST_DERIVED or kind == NUMBER or (kind == FINITE and at == size):
                continue
            want = _WANTED[kind]
            ends = self._derivation_lengths[want]
            stems = [] if swallowed else [(word[:at], 0)]
            if at < size and word[at] in _VOWEL_START:
                stems += _restored(word, at, kind, swallowed)
            for stem, extra in stems:
                cost = self.derived(stem, want).cost if stem[-2:] in ends or stem[-1] in ends else 0
                if not cost and compounds and want == NOMINAL and len(stem) >= _SHORTEST_COMPOUND:
                    if heads is None:
                        heads = self._heads(word)
                    # -дағы is where something is before it is a word in -дақ: қаңтардағы is no қаңт-ардақ.
                    if heads and not (stem[-1] in "қк" and word[at - 1] in "ғг" and word[at - 3 : at - 1] in _LOCATIVES):
                        cost = self._compound(stem, heads).cost
                if cost:
                    found.append(_reading(word, cut, stem, 0, extra + cost, "derived"))
        return found

    def derived(self, stem: str, want: int, depth: int = 2) -> Derivation:
        """Return how a stem is built from a listed root by suffixes; cost 0 where it cannot be."""
        by_end = self._derivation_lengths[want]
        lengths = by_end.get(stem[-2:]) or by_end.get(stem[-1])
        if lengths is None:
            return _NOT_DERIVED
        known = self._derived.get((stem, want, depth))
        if known is not None:
            return known
        roots = (self._buckets.get(stem[0]) or self._bucket(stem[0])).roots
        derivations = self._derivations[want]
        best = _NOT_DERIVED
        size = len(stem)
        for length in lengths:
            start = size - length
            if start < 2:
                break
            rows = derivations.get(stem[start:])
            if rows is None:
                continue
            base = stem[:start]
            here = final_class(base)
            tone = harmony_of(base)
            for source, after, harmony, cost, swallowed, name in rows:
                if not after & here or (harmony and tone and harmony != tone):
                    continue
                bases = [] if swallowed else [(base, 0)]
                if stem[start] in _VOWEL_START:
                    bases += _restored(stem, start, FINITE, swallowed)
                for root, extra in bases:
                    bits = roots.get(root, 0)
                    if bits & source:
                        total = cost + extra + _root_cost(root, bits, source)
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
        if found.cost or want != NOMINAL or len(stem) < _SHORTEST_COMPOUND:
            return found
        return self._compound(stem, self._heads(stem))

    def _heads(self, word: str) -> list[int]:
        roots = (self._buckets.get(word[0]) or self._bucket(word[0])).roots
        return [middle for middle in range(3, len(word) - 2) if roots.get(word[:middle], 0) & NOMINAL]

    def _compound(self, stem: str, heads: list[int]) -> Derivation:
        """Read a stem as two listed nominals written together, the first of which may end at one of `heads`."""
        longest = len(stem) - _SHORTEST_SECOND
        for middle in heads:
            # A second part of three letters counts only where it is a common noun: айып-ақы, көлік-жол.
            wanted = NOMINAL if middle < longest else COMMON
            if middle <= longest and self.bits(stem[middle:]) & wanted:
                return Derivation(COMPOUND, stem[:middle], NOMINAL, stem[middle:], "compound")
        return _NOT_DERIVED


def _restored(word: str, at: int, kind: int, swallowed: int) -> list[tuple[str, int]]:
    """Return the stems that stand behind word[:at] before a vowel, other than itself, with what each change costs."""
    surface = word[:at]
    if swallowed:
        return [(surface + sound, 0) for sound in _SOUNDS_BY_CODE[swallowed]]
    last = surface[-1]
    found = []
    if last in VOICED_TO_VOICELESS and surface[-2:-1] in _VOWEL_START:
        found.append((surface[:-1] + VOICED_TO_VOICELESS[last], 0))
    if kind == TAIL and last in CONSONANTS:
        if elidable(surface):
            tone = harmony_of(surface)
            # қауп-і agrees with қауіп; with what is left of it alone it only seems to break harmony.
            found += [(stem, ALTERNATED - DISHARMONY * (harmony_of(stem) != tone)) for stem in filled(surface)]
        if last in "лнртс":
            found.append((surface + "ь", ALTERNATED))
    return found


def _lengthened(word: str, cut: Cut, stem: str, roots: dict[str, int]) -> list[Reading]:
    """Return readings by the loans, and men's surnames, that stand behind a stem before any suffix."""
    last = stem[-1]
    if last == "а":
        wanted, wholes = NAME, [(man, 0) for man in masculine(stem)]
    else:
        following = word[cut[1] : cut[1] + 1]
        wanted, wholes = LOAN, []
        if following and following == MERGED.get(last):
            wholes += [(whole, 0) for whole in merged(stem)]
        if following and last in DOUBLED:
            wholes.append((stem + last, 0))
        if following and last == "л" and following in CONSONANTS:  # before a vowel `_restored` gives it back
            wholes.append((stem + "ь", ALTERNATED))
    return [
        _reading(word, cut, whole, bits, extra, "listed") for whole, extra in wholes if (bits := roots.get(whole, 0)) & wanted
    ]


def _implied(word: str, cuts: list[Cut], found: list[Reading]) -> list[Reading]:
    """Return the plurals of nouns that a listed verb comes from: *ұйымдар-ды* is ұйым if ұйымда- is, and not its aorist."""
    bases = {r.key[:-2] for r in found if r.kind == FINITE and r.key[-2:] in FROM_NOUNS and word[r.cut : r.cut + 1] == "р"}
    taken = {r.key for r in found}
    return [
        _reading(word, cut, word[: cut[1]], 0, IMPLIED, "listed")
        for cut in cuts
        if cut[3] == TAIL and cut[1] >= _SHORTEST_DERIVED and word[: cut[1]] in bases and word[: cut[1]] not in taken
    ]


def _reading(word: str, cut: Cut, stem: str, bits: int, extra: int, basis: str) -> Reading:
    cost, at, tail, kind, swallowed, clash = cut
    if bits:
        extra += _root_cost(stem, bits, VERB if kind in (FINITE, NOMINALISER) else NOMINAL)
        if bits & FROZEN and kind == TAIL and at < len(word):
            extra += INFLECTED_ADJECTIVE
    if clash:
        extra += clash * (DISHARMONY_LOAN if bits & LOAN else DISHARMONY)
    # A native п к қ voices between vowels; a stem that keeps it there is a loan or a false cut.
    kept = stem[-1] in VOICELESS_THAT_VOICE and len(stem) == at and word[at - 1] == stem[-1]
    if kept and at < len(word) and word[at] in _VOWEL_START and not bits & LOAN:
        extra += UNVOICED
    return Reading(cost + extra, stem, at, tail, kind, swallowed, basis, clash)


def _root_cost(stem: str, bits: int, want: int) -> int:
    size = len(stem)
    if want == VERB:
        return SHORT_VERB[size] if size < 4 else 0
    if bits & COMMON:
        return (SHORT_COMMON[size] if size < 4 else 0) - COMMON_REBATE
    cost = SHORT_ROOT[size] if size < 4 else 0
    return cost + NAME_COST if bits & NAME else cost
