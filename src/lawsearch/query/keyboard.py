"""Keyboards: Kazakh typed with Russian letters, in Latin, or on the wrong layout -> the forms that were meant.

A typed word has a few skeletons (`analysis.skeleton`); the index gives the forms that share one; how well the letters of a
form fit the signs typed decides among them. A form that the index does not have is put together: as much of it as some
known form begins with, then an ending whose letters obey vowel harmony, if the stemmer can read the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from lawsearch.analysis.letters import is_kazakh
from lawsearch.analysis.skeleton import merged, skeleton
from lawsearch.law import Lang

if TYPE_CHECKING:
    from lawsearch.store.database import Store
    from lawsearch.store.records import FormRecord

#: What a letter costs that is the second choice for a sign, and what one behind "|" does.
_STEP = 0.1
SELDOM = 0.6
#: What a letter costs for which no sign was typed.
_UNTYPED = 0.2
#: A word's letters may cost so much in all, and so much for each of them, before the form is not what was typed.
_MOST = 1.6
_MOST_SKELETONS = 48
#: A form must share at least so many letters with the typed word to lend it its beginning.
_SHORTEST_STEM = 3
_FRONT, _BACK = frozenset("әеіөүэ"), frozenset("аоұыуя")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A form that may have been meant; ``cost`` tells how far it is from what was typed (0: letter for letter)."""

    form: str
    lang: Lang
    uses: int
    cost: float


# -- the tables --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _signs() -> dict[str, tuple[tuple[str, float], ...]]:
    """Sign -> the letters it may stand for, each with its cost."""
    found: dict[str, tuple[tuple[str, float], ...]] = {}
    for line in _table("letters.tsv"):
        sign, _, letters = line.partition("\t")
        cost = 0.0
        options: dict[str, float] = {}
        for letter in letters.split(" "):
            if letter == "|":
                cost = max(cost, SELDOM)
                continue
            meant = sign if letter == "=" else "" if letter == "0" else letter
            options.setdefault(meant, cost)
            cost += _STEP
        found[sign] = tuple(options.items())
    return found


def _table(name: str) -> Iterator[str]:
    text = (resources.files("lawsearch.query") / "keyboards" / name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line.strip() and not line.startswith("#"))


@lru_cache(maxsize=1)
def _layouts() -> tuple[dict[int, str], dict[int, str], dict[int, str]]:
    """Translations: US keys to the Russian layout, to the Kazakh one, and Cyrillic letters back to US keys."""
    rows = dict(line.split("\t") for line in _table("layouts.tsv"))
    us, ru = rows["us"], rows["ru"]
    russian = {ord(key): letter for key, letter in zip(us, ru, strict=True)}
    digits = zip(rows["us_digits"], rows["kk_digits"], strict=True)
    kazakh = russian | {ord(key): letter for key, letter in digits if key != " "}
    return russian, kazakh, {ord(letter): key for key, letter in zip(us, ru, strict=True)}


def layout_letters() -> dict[str, str]:
    """The letter that each key of an English keyboard gives on the Russian layout, and in the same place on the Kazakh one."""
    russian, _, _ = _layouts()
    return {chr(key): letter for key, letter in russian.items()}


_LONGEST_SIGN = 4


def _options(typed: str, at: int) -> Iterator[tuple[int, tuple[tuple[str, float], ...]]]:
    """The signs that begin at a place of a typed word: length and letters; the longest first."""
    signs = _signs()
    for size in range(min(_LONGEST_SIGN, len(typed) - at), 0, -1):
        letters = signs.get(typed[at : at + size])
        if letters is not None:
            yield size, letters
        elif size == 1:
            yield 1, ((typed[at], 0.0),)


def skeletons(typed: str) -> tuple[str, ...]:
    """The skeletons that a typed word may have, the likeliest first, at most some dozens."""
    # Partial skeletons by place: what is cheap is kept where there are too many.
    beams: list[dict[str, float]] = [{} for _ in range(len(typed) + 1)]
    beams[0][""] = 0.0
    for at in range(len(typed)):
        best = sorted(beams[at].items(), key=lambda item: (item[1], item[0]))[:_MOST_SKELETONS]
        for size, letters in _options(typed, at):
            for meant, cost in letters:
                classes = skeleton(meant)
                for done, so_far in best:
                    key = merged(done + classes)
                    total = so_far + cost
                    if total < beams[at + size].get(key, 1e9):
                        beams[at + size][key] = total
    return tuple(k for k, _ in sorted(beams[-1].items(), key=lambda item: (item[1], item[0]))[:_MOST_SKELETONS] if k)


def reach(typed: str, form: str) -> list[tuple[float, int]]:
    """For each number of signs typed, the cheapest way to read them as a beginning of ``form``: (cost, letters used).

    A place that no reading reaches has an infinite cost.
    """
    far = float("inf")
    grid = [[far] * (len(form) + 1) for _ in range(len(typed) + 1)]
    grid[0][0] = 0.0
    for i in range(len(typed)):
        row = grid[i]
        options = list(_options(typed, i))
        for j, so_far in enumerate(row):
            if so_far == far:
                continue
            for size, letters in options:
                for meant, cost in letters:
                    if form.startswith(meant, j):
                        k = j + len(meant)
                        if so_far + cost < grid[i + size][k]:
                            grid[i + size][k] = so_far + cost
            if j < len(form) and _untyped(form, j) and so_far + _UNTYPED < row[j + 1]:
                row[j + 1] = so_far + _UNTYPED
    found = []
    for row in grid:
        best = min(range(len(row)), key=lambda k: (row[k], -k))
        found.append((row[best], best))
    found[-1] = (min(found[-1][0], grid[-1][-1]), found[-1][1])
    return found


def cost(typed: str, form: str) -> float:
    """What it costs to read all of ``typed`` as all of ``form``; infinite where it cannot be."""
    far = float("inf")
    rows = [[far] * (len(form) + 1) for _ in range(len(typed) + 1)]
    rows[0][0] = 0.0
    for i in range(len(typed) + 1):
        for j in range(len(form) + 1):
            so_far = rows[i][j]
            if so_far == far:
                continue
            if i < len(typed):
                for size, letters in _options(typed, i):
                    for meant, step in letters:
                        if form.startswith(meant, j) and so_far + step < rows[i + size][j + len(meant)]:
                            rows[i + size][j + len(meant)] = so_far + step
            if j < len(form) and _untyped(form, j) and so_far + _UNTYPED < rows[i][j + 1]:
                rows[i][j + 1] = so_far + _UNTYPED
    return rows[-1][-1]


def _untyped(form: str, at: int) -> bool:
    """True for a letter that may have no sign: ь and ъ, and the second of `ий`, `ій`, `ыу`."""
    return form[at] in "ьъ" or (at > 0 and form[at] in "йиыі" and form[at - 1] in "йиыіу")


# -- candidates --------------------------------------------------------------------------------------------------------


def candidates(typed: str, store: Store) -> list[Candidate]:
    """The forms of the index that ``typed`` (folded) may stand for, best first; nearness first, then use."""
    bones = skeletons(typed)
    if not bones:
        return []
    latin = not _cyrillic(typed)
    found = []
    for record in store.forms.with_skeleton(bones):
        if record.form == typed or not (latin or is_kazakh(record.form)):
            # Russian letters for Russian letters are a misspelling, not a keyboard.
            continue
        price = cost(typed, record.form)
        if price <= _MOST:
            found.append(Candidate(record.form, record.lang, record.uses, round(price, 3)))
    return sorted(found, key=_order)


def _order(found: Candidate) -> tuple[float, int, str, str]:
    # Forms that only the term base has come after those that the corpus has, unless they fit much better.
    return (round(found.cost + (0.0 if found.uses else 0.25), 3), -found.uses, found.form, found.lang)


def on_other_layout(typed: str, store: Store) -> list[Candidate]:
    """The forms that the same keys give on the Russian or the Kazakh layout, best first.

    ``typed`` is what stood between two spaces, lower case; its punctuation may be letters there.
    """
    russian, kazakh, back = _layouts()
    texts = dict.fromkeys([typed.translate(russian), typed.translate(kazakh)])
    if _cyrillic(typed):
        texts = {typed.translate(back): None}
    found: list[Candidate] = []
    for text in texts:
        for meant in dict.fromkeys((text, _stripped(text))):
            if not meant or meant == typed or not all(letter.isalnum() or letter == "-" for letter in meant):
                continue
            for lang in _langs(meant):
                if store.word(meant, lang) is not None:
                    found.append(Candidate(meant, lang, store.uses(meant, lang), 0.0))
    if not found and not _cyrillic(typed):
        # Wrong layout and no Kazakh letters at once (`rfebgcbplbr`).
        for text in texts:
            meant = _stripped(text)
            if len(meant) > 3 and meant.isalpha() and _cyrillic(meant):
                found += [Candidate(c.form, c.lang, c.uses, c.cost + 0.3) for c in candidates(meant, store)]
                found += [Candidate(c.form, c.lang, c.uses, c.cost + 0.3) for c in restored(meant, store)]
    return sorted(found, key=_order)


def _stripped(text: str) -> str:
    """``text`` without the letters that stand where the punctuation of a sentence does (`gjkbwbz,`)."""
    return text.rstrip("бюжэ") if len(text) > 3 else text


def _langs(form: str) -> tuple[Lang, ...]:
    return ("kk",) if is_kazakh(form) else ("kk", "ru")


def _cyrillic(text: str) -> bool:
    return any("\u0400" <= letter <= "\u052f" for letter in text)


# -- forms that the index does not have --------------------------------------------------------------------------------


def restored(typed: str, store: Store) -> list[Candidate]:
    """Forms put together for what was typed, where the index has none: a known beginning and an ending in harmony."""
    from lawsearch.analysis import kazakh

    found: dict[str, Candidate] = {}
    bones = skeletons(typed)[:6]
    for size in range(len(typed) - 1, _SHORTEST_STEM - 1, -1):
        for bone in dict.fromkeys(b[: max(_SHORTEST_STEM, len(b) - (len(typed) - size))] for b in bones):
            for record in store.forms.starting(bone, 40):
                if record.lang == "kk":
                    _put_together(typed, record, found, kazakh.known)
        if found:
            break
        if size <= len(typed) // 2:
            break
    if typed in found:
        # It can be read as it stands: a form that no text has yet.
        return []
    vouched = []
    for candidate in found.values():
        key = kazakh.keys(candidate.form)[0]
        if _cyrillic(typed) and not is_kazakh(candidate.form):
            continue
        # The ending may only follow what is a stem of the index, not any beginning of a word.
        if store.has_key(key, "kk"):
            vouched.append(candidate)
    return sorted(vouched, key=_order)


def _put_together(typed: str, record: FormRecord, found: dict[str, Candidate], known: object) -> None:
    places = reach(typed, record.form)
    for i in range(len(typed), _SHORTEST_STEM - 1, -1):
        price, used = places[i]
        if price <= _MOST and used >= _SHORTEST_STEM:
            beginning = record.form[:used]
            for ending, extra in _endings(typed[i:], beginning):
                form = beginning + ending
                total = round(price + extra, 3)
                if total <= _MOST and form not in found and known(form):  # type: ignore[operator]
                    found[form] = Candidate(form, "kk", 0, total)
            return


def _endings(typed: str, beginning: str) -> Iterable[tuple[str, float]]:
    """The ways to read the rest of a word that agree with the vowels before it, cheapest first."""
    front = next((letter in _FRONT for letter in reversed(beginning) if letter in _FRONT or letter in _BACK), True)
    ways: list[list[tuple[str, float]]] = [[] for _ in range(len(typed) + 1)]
    ways[0] = [("", 0.0)]
    for at in range(len(typed)):
        for size, letters in _options(typed, at):
            for meant, price in _agreeing(letters, front):
                ways[at + size] += [(done + meant, so_far + price) for done, so_far in ways[at][:12]]
        ways[at + 1] = sorted(ways[at + 1], key=lambda way: (way[1], way[0]))
    return sorted(ways[-1], key=lambda way: (way[1], way[0]))[:12]


def _agreeing(letters: Sequence[tuple[str, float]], front: bool) -> Iterator[tuple[str, float]]:
    wrong = (_BACK - {"у"}) | {"қ", "ғ"} if front else _FRONT | {"к", "г"}
    fitting = [(meant, price) for meant, price in letters if not wrong.intersection(meant)]
    if fitting:
        # What harmony asks for costs nothing: `и` behind a back vowel is `ы`.
        yield from ((meant, 0.0 if k == 0 else price) for k, (meant, price) in enumerate(fitting))
    else:
        yield from ((meant, price + SELDOM) for meant, price in letters)
