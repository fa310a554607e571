"""Word alignment: which word of one text answers to which of its translation.

IBM Model 1 (Brown et al., "The mathematics of statistical machine translation", Computational Linguistics 19, 1993) in both
directions, its counts smoothed by what is known beforehand (the term base, loans); the two directions are multiplied word
by word, so that only what both believe survives (Liang, Taskar, Klein, "Alignment by agreement", NAACL 2006). Word order
plays no part: that of Kazakh and Russian differs too much for a diagonal to help.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from lawsearch.errors import LawsearchError

Bitext = Sequence[tuple[Sequence[str], Sequence[str]]]
Table = Mapping[str, Mapping[str, float]]
#: How often a pair of words counts as seen before the first text is read.
Prior = Callable[[str, str], float]

_NULL = ""
_ROUNDS = 6
#: What stands alone in the other text has this prior weight beside each of its words.
_ALONE = 0.3


class WordLink(NamedTuple):
    """Word ``kk`` and word ``ru`` (positions) are translations of one another, with the belief of both directions (0 to 1)."""

    kk: int
    ru: int
    belief: float


def translation_table(bitext: Bitext, prior: Prior, rounds: int = _ROUNDS) -> dict[str, dict[str, float]]:
    """t(target | source) of IBM Model 1 for pairs of (source, target) texts, by expectation maximisation."""
    together: dict[str, set[str]] = defaultdict(set)
    for source, target in bitext:
        for word in {_NULL, *source}:
            together[word].update(target)
    before = {s: {t: prior(s, t) if s else 0.0 for t in sorted(targets)} for s, targets in sorted(together.items())}
    table = {s: _normalised({t: 0.05 + p for t, p in row.items()}) for s, row in before.items()}
    for _ in range(rounds):
        counts = {s: dict(row) for s, row in before.items()}
        for source, target in bitext:
            words = (_NULL, *source)
            for t in target:
                shares = [(s, table[s][t] * (_ALONE if not s else 1.0)) for s in words]
                total = sum(share for _, share in shares)
                for s, share in shares:
                    counts[s][t] += share / total
        table = {s: _normalised({t: n + 1e-6 for t, n in row.items()}) for s, row in counts.items()}
    return table


def _normalised(row: dict[str, float]) -> dict[str, float]:
    total = sum(row.values())
    return {word: n / total for word, n in row.items()}


def links(kk: Sequence[str], ru: Sequence[str], to_ru: Table, to_kk: Table, least: float = 0.1) -> list[WordLink]:
    """The links of one pair of texts, by position, from both directions' tables."""
    forward = _posteriors(kk, ru, to_ru)
    backward = _posteriors(ru, kk, to_kk)
    found = []
    for i in range(len(kk)):
        for j in range(len(ru)):
            belief = (forward[j][i] * backward[i][j]) ** 0.5
            if belief >= least:
                found.append(WordLink(i, j, belief))
    return found


def _posteriors(source: Sequence[str], target: Sequence[str], table: Table) -> list[list[float]]:
    """For each target word, how likely each source word is the one that it comes from."""
    rows = []
    for t in target:
        shares = [table.get(s, {}).get(t, 0.0) for s in source]
        total = sum(shares) + _ALONE * table.get(_NULL, {}).get(t, 0.0)
        rows.append([share / total if total else 0.0 for share in shares])
    return rows


def aligned(bitext: Bitext, prior: Prior) -> Iterable[list[WordLink]]:
    """The links of every pair of (Kazakh, Russian) texts."""
    to_ru = translation_table(bitext, prior)
    to_kk = translation_table([(ru, kk) for kk, ru in bitext], lambda s, t: prior(t, s))
    for kk, ru in bitext:
        yield links(kk, ru, to_ru, to_kk)


def aligned_by_thot(bitext: Bitext, prior: Prior) -> Iterable[list[WordLink]]:
    """The same by sil-thot's fast_align models of both directions, joined by the same agreement.

    Raises ThotMissingError where sil-thot is not installed.
    """
    to_ru = _thot_table(bitext, prior)
    to_kk = _thot_table([(ru, kk) for kk, ru in bitext], lambda s, t: prior(t, s))
    for kk, ru in bitext:
        yield links(kk, ru, to_ru, to_kk)


class ThotMissingError(LawsearchError):
    """sil-thot was asked for and is not installed."""


def _thot_table(bitext: Bitext, prior: Prior) -> dict[str, dict[str, float]]:
    try:
        from thot.alignment import FastAlignModel
    except ImportError:
        raise ThotMissingError("sil-thot is not installed; install it with: pip install 'lawsearch[mining]'") from None
    model = FastAlignModel()
    together: dict[str, set[str]] = defaultdict(set)
    for source, target in bitext:
        for word in {_NULL, *source}:
            together[word].update(target)
        if source and target:
            model.add_sentence_pair(list(source), list(target), 1)
    # What is known beforehand goes in as pairs of one word, as a printed dictionary would.
    for s, targets in sorted(together.items()):
        for t in sorted(targets) if s else ():
            if prior(s, t) >= 1:
                model.add_sentence_pair([s], [t], prior(s, t))
    model.start_training()
    for _ in range(_ROUNDS):
        model.train()
    model.end_training()
    table: dict[str, dict[str, float]] = {}
    for s, targets in sorted(together.items()):
        # Word 0 of a model is NULL.
        number = model.get_src_word_index(s) if s else 0
        table[s] = {t: model.translation_prob(number, model.get_trg_word_index(t)) for t in sorted(targets)}
    return table
