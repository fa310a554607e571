"""Alignment: which provision of one language says what which provision of the other says, and how sure that is.

Provisions of equal address are a pair unless their contents speak against it: lists that each language sorts by its own
alphabet, numbers that one side lacks or adds. Then contents decide, by an optimal assignment; what stays in doubt stays
unpaired. Unnumbered paragraphs are aligned in their order by lengths and contents (Gale and Church, "A program for
aligning sentences in bilingual corpora", Computational Linguistics 19, 1993).

`docs/alignment.md` says what the numbers mean.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from lawsearch.corpus.likeness import Likeness, Says, plain_says

#: A pair of different addresses is taken from this similarity on ...
_ENOUGH = 0.3
#: ... and where it leads every rival of either text by this much.
_LEAD = 0.1
#: Equal addresses are doubted where another pairing of either text is more similar by this much.
_CHALLENGE = 0.15
#: What an equal number is worth beside contents.
_SAME_NUMBER = 0.08
#: Similarity at which contents alone make a pair certain.
_CERTAIN = 0.6
#: Below this confidence a pair is reported as doubtful.
DOUBTFUL = 0.6
#: Lists longer than this are not compared by content with each other (the assignment costs the cube).
_LONGEST = 400

By = Literal["address", "content", "order"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a list in one language: its number, its text, whether it is repealed."""

    number: str
    text: str
    repealed: bool = False


class Pair(NamedTuple):
    """Indices of the two entries (None: no counterpart), how sure (0 to 1), and what decided."""

    kk: int | None
    ru: int | None
    confidence: float
    by: By


class Bead(NamedTuple):
    """Paragraphs ``kk[kk_start:kk_end]`` that say what ``ru[ru_start:ru_end]`` say; one of the two may be empty."""

    kk_start: int
    kk_end: int
    ru_start: int
    ru_end: int
    confidence: float


def gale_church(kk: int, ru: int) -> float:
    """How unlikely (-ln of a probability, 0 and more) texts of these lengths are to be one another's translation.

    Gale and Church's model: lengths in characters, the difference normal with variance 6.8 a character; Russian and Kazakh
    statutes are about equally long.
    """
    if not kk and not ru:
        return 0.0
    mean = (kk + ru) / 2
    delta = abs(ru - kk) / math.sqrt(6.8 * mean)
    return -math.log(max(math.erfc(delta / math.sqrt(2)), 1e-12))


# -- lists of numbered provisions ---------------------------------------------------------------------------------------


def comparable(kk: Sequence[Entry], ru: Sequence[Entry]) -> bool:
    """True where the texts of a list are compared when it is paired."""
    return bool(kk and ru) and max(len(kk), len(ru)) <= _LONGEST


def pair_list(
    kk: Sequence[Entry], ru: Sequence[Entry], says: Says = plain_says, likeness: Likeness | None = None
) -> list[Pair]:
    """Pair the entries of one list in two languages: every entry of either side is in exactly one of the pairs.

    The pairs come in the order of the Kazakh list, unpaired Russian entries last. Numbers are unique on each side.
    ``likeness`` is that of the entries' texts, where it is known.
    """
    at = {e.number: j for j, e in enumerate(ru)}
    same = {i: at[e.number] for i, e in enumerate(kk) if e.number in at}
    complete = len(same) == len(kk) == len(ru)
    if not comparable(kk, ru):
        return _finished(len(kk), len(ru), {i: (j, _by_address(None, kk[i], ru[j]), "address") for i, j in same.items()})
    likeness = likeness or says.likenesses([([e.text for e in kk], [e.text for e in ru])])[0]
    scores = likeness.scores
    if complete and len(kk) == 1:
        # The only point of its article: its place pairs it, whatever it says.
        return [Pair(0, 0, _by_address(scores[0][0], kk[0], ru[0]), "address")]
    contradicted = {i for i, j in same.items() if not (kk[i].repealed or ru[j].repealed) and likeness.contradicts(i, j)}
    if complete and not contradicted and not any(_challenged(scores, i, j, kk, ru) for i, j in same.items()):
        return _finished(
            len(kk), len(ru), {i: (j, _by_address(scores[i][j], kk[i], ru[j]), "address") for i, j in same.items()}
        )
    return _by_content(kk, ru, {i: j for i, j in same.items() if i not in contradicted}, scores)


def _challenged(scores: list[list[float | None]], i: int, j: int, kk: Sequence[Entry], ru: Sequence[Entry]) -> bool:
    if kk[i].repealed or ru[j].repealed:
        return False
    own = scores[i][j]
    if own is None:
        return False
    rivals = [s for jj, s in enumerate(scores[i]) if s is not None and jj != j and not ru[jj].repealed]
    rivals += [row[j] or 0.0 for ii, row in enumerate(scores) if ii != i and not kk[ii].repealed]
    return bool(rivals) and max(rivals) - own > _CHALLENGE


def _by_content(kk: Sequence[Entry], ru: Sequence[Entry], same: dict[int, int], scores: list[list[float | None]]) -> list[Pair]:
    found: dict[int, tuple[int, float, By]] = {}
    # What is gone has no content left to compare: the number is all that it has.
    for i, j in same.items():
        if kk[i].repealed and ru[j].repealed:
            found[i] = (j, 1.0, "address")
    free_kk = [i for i in range(len(kk)) if i not in found and not kk[i].repealed]
    taken = {j for j, _, _ in found.values()}
    free_ru = [j for j in range(len(ru)) if j not in taken and not ru[j].repealed]
    worth = [[(scores[i][j] or 0.0) + (_SAME_NUMBER if same.get(i) == j else 0.0) for j in free_ru] for i in free_kk]
    best = [(free_kk[a], free_ru[b], _lead(worth, a, b)) for a, b in assignment(worth)]
    for i, j, lead in best:
        score = scores[i][j]
        if same.get(i) != j and score is not None and score >= _ENOUGH and lead >= _LEAD:
            found[i] = (j, round(min(1.0, score / _CERTAIN) * min(1.0, 0.7 + lead), 2), "content")
    # In a list that contents have shown to be numbered differently an equal number alone is no evidence any more.
    renumbered = any(by == "content" for _, _, by in found.values())
    for i, j, lead in best:
        score = scores[i][j]
        if same.get(i) == j and (score is None or score >= _ENOUGH or (not renumbered and lead > -_CHALLENGE and score > 0)):
            found[i] = (j, _by_address(score, kk[i], ru[j]), "address")
    if not renumbered:
        _left_over_by_number(kk, ru, same, scores, found)
    _left_over_by_order(kk, ru, scores, found)
    return _finished(len(kk), len(ru), found)


def _lead(worth: list[list[float]], a: int, b: int) -> float:
    """By how much a pairing leads the best rival of either of its texts."""
    rivals = [w for bb, w in enumerate(worth[a]) if bb != b] + [row[b] for aa, row in enumerate(worth) if aa != a]
    return worth[a][b] - max(rivals, default=0.0)


def _left_over_by_number(
    kk: Sequence[Entry],
    ru: Sequence[Entry],
    same: dict[int, int],
    scores: list[list[float | None]],
    found: dict[int, tuple[int, float, By]],
) -> None:
    """Equal numbers that contents neither confirmed nor gave to others: a pair, but a doubtful one."""
    taken = {j for j, _, _ in found.values()}
    for i, j in same.items():
        if i in found or j in taken:
            continue
        confidence = _by_address(scores[i][j], kk[i], ru[j])
        found[i] = (j, min(confidence, DOUBTFUL - 0.1), "address")


def _left_over_by_order(
    kk: Sequence[Entry],
    ru: Sequence[Entry],
    scores: list[list[float | None]],
    found: dict[int, tuple[int, float, By]],
) -> None:
    """What stands alone between two pairs on both sides: a pair where contents agree (a rival elsewhere does not matter
    then), or where they say nothing at all and the lengths fit."""
    order = [found[i][0] for i in sorted(found)]
    if order != sorted(order):
        return
    anchors = [(-1, -1), *((i, found[i][0]) for i in sorted(found)), (len(kk), len(ru))]
    for (i, j), (next_i, next_j) in itertools.pairwise(anchors):
        size = next_i - i - 1
        if not size or size != next_j - j - 1:
            continue
        gap = [(i + n, j + n) for n in range(1, size + 1)]
        if any(kk[a].repealed or ru[b].repealed or kk[a].number == ru[b].number for a, b in gap):
            continue
        for a, b in gap:
            score = scores[a][b]
            rivals = [scores[a][other] or 0.0 for _, other in gap if other != b]
            rivals += [scores[other][b] or 0.0 for other, _ in gap if other != a]
            if score is not None and score >= max([_ENOUGH, *rivals]):
                found[a] = (b, round(min(0.9, score / _CERTAIN), 2), "content")
            elif score is None and size == 1:
                cost = gale_church(len(kk[a].text), len(ru[b].text))
                if cost < 1.5:
                    found[a] = (b, round(0.5 * math.exp(-cost / 3), 2), "order")


def _by_address(score: float | None, kk: Entry, ru: Entry) -> float:
    """How sure an equal address is, given how similar its texts are."""
    if kk.repealed and ru.repealed:
        return 1.0
    if kk.repealed != ru.repealed:
        return 0.5
    if score is None:
        return round(0.6 + 0.2 * math.exp(-gale_church(len(kk.text), len(ru.text)) / 5), 2)
    return round(min(1.0, 0.3 + score), 2)


def _finished(kk: int, ru: int, found: dict[int, tuple[int, float, By]]) -> list[Pair]:
    pairs = [Pair(i, found[i][0], found[i][1], found[i][2]) if i in found else Pair(i, None, 0.0, "content") for i in range(kk)]
    taken = {j for j, _, _ in found.values()}
    return pairs + [Pair(None, j, 0.0, "content") for j in range(ru) if j not in taken]


def assignment(worth: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """The one-to-one pairing of rows and columns with the greatest sum, as (row, column) by row.

    The Hungarian method with potentials (Kuhn 1955, Munkres 1957), in the cube of the size.
    """
    if not worth or not worth[0]:
        return []
    turned = len(worth) > len(worth[0])
    rows = [list(column) for column in zip(*worth, strict=True)] if turned else [list(row) for row in worth]
    n, m = len(rows), len(rows[0])
    row_price = [0.0] * (n + 1)
    column_price = [0.0] * (m + 1)
    owner = [0] * (m + 1)
    for row in range(1, n + 1):
        owner[0] = row
        column = 0
        slack = [math.inf] * (m + 1)
        came_from = [0] * (m + 1)
        seen = [False] * (m + 1)
        while owner[column]:
            seen[column] = True
            here = owner[column]
            step, nearest = math.inf, 0
            for j in range(1, m + 1):
                if not seen[j]:
                    cost = -rows[here - 1][j - 1] - row_price[here] - column_price[j]
                    if cost < slack[j]:
                        slack[j], came_from[j] = cost, column
                    if slack[j] < step:
                        step, nearest = slack[j], j
            for j in range(m + 1):
                if seen[j]:
                    row_price[owner[j]] += step
                    column_price[j] -= step
                else:
                    slack[j] -= step
            column = nearest
        while column:
            owner[column] = owner[came_from[column]]
            column = came_from[column]
    found = [(owner[j] - 1, j - 1) for j in range(1, m + 1) if owner[j]]
    return sorted((j, i) if turned else (i, j) for i, j in found)


# -- paragraphs without numbers -----------------------------------------------------------------------------------------

#: How many paragraphs of each side a bead joins, and the -ln of how often (Gale and Church's counts).
_BEADS: tuple[tuple[int, int, float], ...] = (
    (1, 1, 0.12),
    (1, 0, 5.3),
    (0, 1, 5.3),
    (2, 1, 3.1),
    (1, 2, 3.1),
    (2, 2, 4.5),
)
#: What contents are worth against lengths, in the same unit.
_CONTENT = 6.0


def align_paragraphs(kk: Sequence[str], ru: Sequence[str], says: Says = plain_says) -> list[Bead]:
    """Align two runs of paragraphs in their order; every paragraph is in exactly one bead."""
    if not kk or not ru:
        return [Bead(0, len(kk), 0, len(ru), 0.0)] if kk or ru else []
    if len(kk) == len(ru) == 1:
        return [Bead(0, 1, 0, 1, 1.0)]
    scores = says.likenesses([(kk, ru)])[0].scores

    def likeness(i: int, a: int, j: int, b: int) -> float | None:
        given = [s for row in scores[i : i + a] for s in row[j : j + b] if s is not None]
        return max(given) if a == b == 1 and given else sum(given) / max(a, b) if given else None

    cost: dict[tuple[int, int], float] = {(0, 0): 0.0}
    back: dict[tuple[int, int], tuple[int, int]] = {}
    kk_at = [0, *_running(kk)]
    ru_at = [0, *_running(ru)]
    for i in range(len(kk) + 1):
        for j in range(len(ru) + 1):
            if not i and not j:
                continue
            best, step = math.inf, (1, 1)
            for a, b, prior in _BEADS:
                if a > i or b > j or (i - a, j - b) not in cost:
                    continue
                here = cost[i - a, j - b] + prior
                if a and b:
                    here += min(gale_church(kk_at[i] - kk_at[i - a], ru_at[j] - ru_at[j - b]), 8.0)
                    here -= _CONTENT * ((likeness(i - a, a, j - b, b) or 0.0) - 0.3)
                if here < best:
                    best, step = here, (a, b)
            cost[i, j], back[i, j] = best, step
    beads = []
    i, j = len(kk), len(ru)
    while i or j:
        a, b = back[i, j]
        i, j = i - a, j - b
        score = likeness(i, a, j, b) if a and b else None
        length = math.exp(-gale_church(kk_at[i + a] - kk_at[i], ru_at[j + b] - ru_at[j]) / 5) if a and b else 0.0
        sure = 0.0 if not (a and b) else 0.3 + 0.3 * length if score is None else min(1.0, score / _CERTAIN + 0.2 * length)
        beads.append(Bead(i, i + a, j, j + b, round(sure, 2)))
    return beads[::-1]


def _running(texts: Sequence[str]) -> list[int]:
    total = 0
    return [total := total + len(t) for t in texts]
