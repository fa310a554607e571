"""Spelling: the words of the index that a misspelt one may stand for, by edits and by use.

Where one edit was made, the first or the last half of a word is whole; forms are looked up by the halves of their
skeletons (indexed both ways), so that nothing is scanned and a missing Kazakh letter is no edit.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import ne

from lawsearch.analysis.letters import is_kazakh
from lawsearch.analysis.skeleton import CLASSES, skeleton
from lawsearch.law import Lang
from lawsearch.store.database import Store
from lawsearch.store.records import FormRecord

#: Edits are allowed from these lengths on (letters).
_ONE, _TWO = 3, 9
#: Letters of one skeleton class for one another: half a slip.
_KIN = 0.4
#: Neighbours on the keyboard are hit for one another.
_NEIGHBOUR = 0.8
#: What a tenfold use is worth, in edits.
_USE = 0.22
#: What it counts against a word that only the term base has.
_ONLY_TERMS = 0.25
#: A Kazakh word typed in Russian letters is nearer by so much: on many keyboards there are no others.
_KAZAKH_NEARER = 0.1
#: The best candidate must be ahead by so much to be taken without asking.
_AHEAD = 0.3

_ROWS = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "2әіңғ567үұ0қөһ")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A word that may have been meant: how many edits away, how often its lexeme is used, and how good that is in all."""

    form: str
    lang: Lang
    edits: float
    uses: int
    worth: float


def distance(typed: str, form: str, most: float) -> float:
    """The weighted Damerau-Levenshtein distance (restricted: no place is edited twice); more than ``most`` is infinite."""
    far = float("inf")
    if abs(len(typed) - len(form)) > most:
        return far
    # What both begin and end with costs nothing, and no way through the table is shorter that changes it.
    start = 0
    for a, b in zip(typed, form, strict=False):
        if a != b:
            break
        start += 1
    end = 0
    for a, b in zip(reversed(typed[start:]), reversed(form[start:]), strict=False):
        if a != b:
            break
        end += 1
    typed, form = typed[start : len(typed) - end], form[start : len(form) - end]
    size = len(form)
    if not typed or not size:
        return float(len(typed) + size)
    if most < 1 + _KIN:
        return _one_edit(typed, form, most)
    # Beyond so many letters lost or added every way costs more than ``most``: only this band of the table is filled in.
    band = int(most)
    before: list[float] = []
    last: list[float] = [float(j) if j <= band else far for j in range(size + 1)]
    for i, a in enumerate(typed, 1):
        row = [far] * (size + 1)
        least = far
        if i <= band:
            row[0] = least = float(i)
        for j in range(max(1, i - band), min(size, i + band) + 1):
            b = form[j - 1]
            value = last[j - 1]
            if a != b:
                if value <= most:
                    value += _exchange(a, b)
                if i > 1 and j > 1 and a == form[j - 2] and typed[i - 2] == b and before[j - 2] + 1 < value:
                    value = before[j - 2] + 1
            if last[j] + 1 < value:
                value = last[j] + 1
            if row[j - 1] + 1 < value:
                value = row[j - 1] + 1
            row[j] = value
            if value < least:
                least = value
        if least > most:
            return far
        before, last = last, row
    return last[-1] if last[-1] <= most else far


def _one_edit(typed: str, form: str, most: float) -> float:
    """The same where a letter lost or added leaves room for nothing else: all others are letters exchanged, or two swapped."""
    far = float("inf")
    if len(typed) != len(form):
        return far
    total = 0.0
    for a, b in zip(typed, form, strict=True):
        if a != b:
            total += _exchange(a, b)
            if total > most:
                total = far
                break
    if len(typed) == 2 and typed == form[::-1] and most >= 1:
        return min(total, 1.0)
    return total


def edits(typed: str, form: str, most: int) -> int | None:
    """The plain Damerau-Levenshtein distance (restricted), or None where it is more than ``most``."""
    before: list[int] = []
    last = list(range(len(form) + 1))
    for i, a in enumerate(typed, 1):
        row = [i]
        for j, b in enumerate(form, 1):
            value = min(last[j - 1] + (a != b), last[j] + 1, row[j - 1] + 1)
            if i > 1 and j > 1 and a == form[j - 2] and typed[i - 2] == b:
                value = min(value, before[j - 2] + 1)
            row.append(value)
        if min(row) > most:
            return None
        before, last = last, row
    return last[-1] if last[-1] <= most else None


@lru_cache(maxsize=10_000)
def _exchange(a: str, b: str) -> float:
    if skeleton(a) == skeleton(b):
        return _KIN
    for row in _ROWS:
        at = row.find(a)
        if at >= 0 and b in row[max(0, at - 1) : at + 2]:
            return _NEIGHBOUR
    return 1.0


def _near(typed: str, store: Store, slack: int, keys: Collection[str] = ()) -> list[FormRecord]:
    """The forms that may be near enough; with ``keys``, at least those of them whose first key is one of these."""
    bones = skeleton(typed)
    n = len(bones)
    if n < 2:
        return []
    half = n // 2
    if n >= 8:
        head, tail = half - 1, n - half
    else:
        head, tail = max(1, half), max(1, n - half - 1)
    if slack > 1:
        head, tail = max(2, n // 3), max(2, n // 3)
    # Each letter more or less is an edit.
    return store.forms.near(bones, head, tail, slack + 1, keys, (len(typed) - slack, len(typed) + slack))


def _halves(typed: str) -> tuple[str, int, int]:
    """A word's skeleton, and how much of its beginning or of its end is in the skeleton of whatever is one edit from it: that
    leaves the first half whole, or what follows the letter behind it."""
    half = len(typed) // 2
    return skeleton(typed), len(skeleton(typed[:half])), len(skeleton(typed[half + 1 :]))


def within_edits(typed: str, most: int, store: Store) -> list[FormRecord]:
    """Every form of the corpus at most ``most`` edits from ``typed``, exactly: by use, then in order."""
    half = len(typed) // 2
    if most == 1 and half:
        near = store.forms.near(*_halves(typed), len(typed) * 2)
    else:
        near = store.forms.of_length(len(typed) - most, len(typed) + most)
    found = [r for r in near if r.uses and edits(typed, r.form, most) is not None]
    return sorted(found, key=lambda r: (-r.uses, r.lang, r.form))


def neighbours(typed: str, store: Store) -> list[tuple[Lang, str]]:
    """The forms that are one edit from ``typed`` or less: all those of its `suggestions`, found in a part of their time."""
    # A Kazakh word is counted as a little nearer than it is.
    most = 1.0 + _KAZAKH_NEARER + 0.001
    size = len(typed)
    kind = skeleton(typed[0])
    kin = {typed[0], *(letter for letter, its in CLASSES.items() if its == kind)}
    near = store.forms.spellings_near(typed, sorted(kin), *_halves(typed), 2)
    shorter = {typed[:i] + typed[i + 1 :] for i in range(size)}
    found = []
    for one in near:
        form = one[1]
        if len(form) == size:
            # Two letters exchanged are the most there may be: at the cost of kin, or swapped.
            if form != typed and sum(map(ne, typed, form)) <= 2 and distance(typed, form, most) <= most:
                found.append(one)
        elif form in shorter or (len(form) == size + 1 and _is_longer(form, typed)):
            found.append(one)
    return found


def _is_longer(form: str, typed: str) -> bool:
    """True for a form that has a letter more, and is otherwise the same."""
    at = 0
    for a, b in zip(form, typed, strict=False):
        if a != b:
            break
        at += 1
    return form[at + 1 :] == typed[at:]


def suggestions(typed: str, store: Store) -> list[Suggestion]:
    """The words that ``typed`` (folded) may stand for, best first: one for each lexeme."""
    if len(typed) < _ONE or not typed.replace("-", "").isalpha():
        return []
    return store.kept(("suggestions", typed), lambda: _suggestions(typed, store, ()))


def commoner(typed: str, store: Store, keys: Collection[str]) -> list[Suggestion]:
    """Those of the `suggestions` that stand for lexemes with one of some first keys: found without looking at the others."""
    if len(typed) < _ONE or not typed.replace("-", "").isalpha():
        return []
    return _suggestions(typed, store, keys)


def _suggestions(typed: str, store: Store, keys: Collection[str]) -> list[Suggestion]:
    most = 2.0 if len(typed) >= _TWO else 1.0
    groups: dict[tuple[Lang, str], list[tuple[float, FormRecord]]] = {}
    russian_letters = not is_kazakh(typed)
    for record in _near(typed, store, int(most), keys):
        if record.form == typed:
            continue
        far = distance(typed, record.form, most)
        if math.isinf(far):
            continue
        if russian_letters and is_kazakh(record.form):
            far = max(0.0, far - _KAZAKH_NEARER)
        word = store.word(record.form, record.lang)
        key = word.keys[0] if word is not None else record.form
        if keys and key not in keys:
            continue
        groups.setdefault((record.lang, key), []).append((far, record))
    found = []
    for (lang, _), members in groups.items():
        far, best = min(members, key=lambda m: (m[0], -m[1].uses, m[1].form))
        uses = sum(record.uses for _, record in members)
        # The form itself counts, and so does its lexeme: a form seen once of a word used throughout is no rare word.
        worth = _USE * math.log10(1 + uses + 2 * best.uses) - far - (0.0 if uses else _ONLY_TERMS)
        found.append(Suggestion(best.form, lang, round(far, 3), uses, round(worth, 4)))
    return sorted(found, key=lambda s: (-s.worth, s.form, s.lang))


def outstanding(found: Sequence[Suggestion]) -> Suggestion | None:
    """The one suggestion that stands out so far that it can be taken, or None."""
    if not found or not found[0].uses:
        return None
    rivals = [s for s in found[1:] if s.form != found[0].form]
    if not rivals or found[0].worth - rivals[0].worth >= _AHEAD:
        return found[0]
    return None
