"""The suffix tables, read and compiled: every legal chain of suffixes as one ending.

`kazakh_tables/nominal.tsv`, `verbal.tsv` and `derivation.tsv` are what a reader edits. `chains()` walks their states
and spells out every chain; `compiled()` packs the chains into `endings.txt`, which the stemmer loads instead of walking
the tables each time. `python -m lawsearch.analysis.kazakh_suffixes` writes that file; a test fails when it is stale.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lawsearch.analysis.kazakh_sounds import (
    ANY,
    BACK,
    CLASS_BITS,
    CONSONANT_BITS,
    FRONT,
    GLIDES,
    SWALLOWED,
    VOICED_OF,
    VOICELESS_THAT_VOICE,
    VOWELS,
    final_class,
)
from lawsearch.analysis.kazakh_sounds import harmony as sound_harmony

TABLES = Path(__file__).parent / "kazakh_tables"
COMPILED = TABLES / "endings.txt"
#: Chains longer than this in suffixes do not occur.
LONGEST_CHAIN = 7

#: The uses of an ending: tail of a nominal, end of a verb, verb ending that makes a nominal, tail of a numeral only.
TAIL, FINITE, NOMINALISER, NUMBER = 0, 1, 2, 3
#: The bare stem as an order to one person one is on first-name terms with: hardly met in writing.
IMPERATIVE_COST = 4.6
NEGATED_IMPERATIVE_COST = 6.0
_NUMERAL_SUFFIXES = ("ordinal", "collective")


class Form(NamedTuple):
    """One allomorph: text, harmony it agrees with, class bits it may follow, the sound it swallowed."""

    text: str
    harmony: int
    after: int
    swallowed: str


class Suffix(NamedTuple):
    """A row of a table."""

    name: str
    sources: tuple[str, ...]
    target: str
    forms: tuple[Form, ...]
    cost: float
    comment: str


class Chain(NamedTuple):
    """A legal run of suffixes: its text, what its stem must be like, and the suffixes as (name, text) pairs."""

    text: str
    kind: int
    harmony: int
    after: int
    swallowed: str
    cost: float
    steps: tuple[tuple[str, str], ...]


def class_bits(letters: str) -> int:
    """Return the bits of a FORMS class such as `VRL`, `C` or `*`."""
    bits = 0
    for letter in letters:
        bits |= {"*": CONSONANT_BITS | 1, "C": CONSONANT_BITS}.get(letter) or CLASS_BITS[letter]
    return bits


def parsed_forms(text: str) -> tuple[Form, ...]:
    """Read the FORMS column: `лар/лер@VR дар/дер@LMZ` to allomorphs."""
    forms = []
    for part in text.split():
        pair, _, after = part.partition("@")
        after, _, mark = after.partition("^")
        pair, _, mark2 = pair.partition("^")
        sides = pair.split("/")
        # `у@* у^ы@C`: a form may carry its mark before or after the class.
        for side, value in zip(sides, (BACK, FRONT) if len(sides) == 2 else (ANY,), strict=True):
            forms.append(Form(side, value, class_bits(after), mark or mark2))
    return tuple(forms)


@cache
def table(name: str) -> tuple[Suffix, ...]:
    """Read one suffix table."""
    rows = []
    for line in (TABLES / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            label, sources, target, forms, cost, comment = line.split("\t")
            rows.append(Suffix(label, tuple(sources.split()), target, parsed_forms(forms), float(cost), comment))
    return tuple(rows)


def _walk(rows: tuple[Suffix, ...], start: str) -> Iterator[tuple[Chain, str]]:
    """Yield every chain from a start state with the state it ends in; the empty chain first."""
    by_source: dict[str, list[Suffix]] = {}
    for row in rows:
        for source in row.sources:
            by_source.setdefault(source, []).append(row)
    frontier: list[tuple[Chain, str]] = [(Chain("", TAIL, ANY, 0, "", 0.0, ()), start)]
    while frontier:
        chain, state = frontier.pop()
        yield chain, state
        if len(chain.steps) == LONGEST_CHAIN:
            continue
        for row in by_source.get(state, ()):
            for form in row.forms:
                if chain.steps and (form.swallowed or not form.after & final_class(chain.text)):
                    continue
                # A suffix agrees with the last vowel before it: the stem's, or that of a suffix which has its own.
                tone = sound_harmony(chain.text) or chain.harmony
                if tone and form.harmony and tone != form.harmony:
                    continue
                frontier.append(
                    (
                        Chain(
                            chain.text + form.text,
                            TAIL,
                            chain.harmony or (ANY if sound_harmony(chain.text) else form.harmony),
                            chain.after if chain.steps else form.after,
                            chain.swallowed if chain.steps else form.swallowed,
                            round(chain.cost + row.cost, 2),
                            (*chain.steps, (row.name, form.text)),
                        ),
                        row.target,
                    )
                )


@cache
def chains() -> tuple[Chain, ...]:
    """Spell out every chain of the nominal and the verbal table."""
    found: list[Chain] = []
    for chain, state in _walk(table("nominal"), "stem"):
        if state != "link":
            number = chain.steps and chain.steps[0][0] in _NUMERAL_SUFFIXES
            found.append(chain._replace(kind=NUMBER) if number else chain)
    for chain, state in _walk(table("verbal"), "verb"):
        if state == "noun":
            found.append(chain._replace(kind=NOMINALISER))
        elif state != "neg":
            found.append(chain._replace(kind=FINITE, cost=chain.cost if chain.steps else IMPERATIVE_COST))
    negation = next(row for row in table("verbal") if row.name == "negation")
    for form in negation.forms:
        found.append(
            Chain(
                form.text,
                FINITE,
                form.harmony,
                form.after,
                "",
                NEGATED_IMPERATIVE_COST,
                (("negation", form.text), ("imperative", "")),
            )
        )
    return tuple(found)


def compiled() -> str:
    """Pack the chains: endings, and for each kind the rows [class bits, harmony, cost * 100, swallowed code]."""
    best: dict[str, dict[tuple[int, int, int, int], int]] = {}
    for chain in chains():
        rows = best.setdefault(chain.text, {})
        row = (chain.kind, chain.after, chain.harmony, SWALLOWED[chain.swallowed][0])
        cost = round(chain.cost * 100)
        if cost < rows.get(row, 10_000):
            rows[row] = cost
    groups: dict[str, int] = {}
    endings, codes = [], []
    for text in sorted(best):
        packed = json.dumps(sorted([*row[:3], cost, row[3]] for row, cost in best[text].items()), separators=(",", ":"))
        endings.append(text)
        codes.append(groups.setdefault(packed, len(groups)))
    lines = [" ".join(endings), " ".join(map(str, codes)), *groups]
    return "\n".join(lines) + "\n"


def chain_for(text: str, kind: int, swallowed: int, after: int, tone: int) -> Chain | None:
    """Return the cheapest chain of that spelling which fits the stem's final class and harmony (for explanations)."""
    fitting = [
        chain
        for chain in _by_text().get(text, ())
        if chain.kind == kind and SWALLOWED[chain.swallowed][0] == swallowed and (not chain.text or chain.after & after)
    ]
    return min(fitting, key=lambda c: (bool(c.harmony and tone and c.harmony != tone), c.cost), default=None)


def generated(root: str, verb: bool, loan: bool = False) -> Iterator[tuple[str, Chain]]:
    """Spell every form of a root that the tables allow, with its chain (a nominalised verb without a further tail).

    The sounds change as the stemmer undoes them: п к қ voice before a vowel (not in loans), a swallowed sound falls.
    """
    bits, tone = final_class(root), sound_harmony(root)
    for chain in chains():
        if (chain.kind in (FINITE, NOMINALISER)) != verb or chain.kind == NUMBER:
            continue
        if chain.harmony and tone and chain.harmony != tone:
            continue
        if not loan and chain.steps and chain.steps[0][0] == "link":  # алмұрт ends so too, but is no loan
            continue
        stem = root
        if chain.swallowed:
            sounds = SWALLOWED[chain.swallowed][2]
            if root[-1] not in sounds:
                continue
            stem = root[:-1]
            if not stem or not chain.after & final_class(stem):
                continue
        elif chain.text:
            vowel_start = chain.text[0] in VOWELS + GLIDES
            if not chain.after & bits or (vowel_start and verb and root[-1] in "йыі"):
                continue
            if vowel_start and not loan and root[-1] in VOICELESS_THAT_VOICE:
                stem = root[:-1] + VOICED_OF[root[-1]]
        yield stem + chain.text, chain


@cache
def _by_text() -> dict[str, list[Chain]]:
    found: dict[str, list[Chain]] = {}
    for chain in chains():
        found.setdefault(chain.text, []).append(chain)
    return found


if __name__ == "__main__":
    COMPILED.write_text(compiled(), encoding="utf-8")
