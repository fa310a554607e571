"""The root lists, read into two dicts: roots with what they can be, and closed forms with their lemmas.

`kazakh_tables/roots/*.txt` hold one root a line; the part of speech is the file's, further cells of a line are notes.
`roots/closed*.tsv` hold pronouns, numerals, postpositions, conjunctions and irregular forms with their lemmas. Words
are read straight from these lists: they need no build step, and 20,000 of them load in a few milliseconds.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ROOTS = Path(__file__).parent / "kazakh_tables" / "roots"

#: What a root can be. LOAN and NAME are nominals too.
NOMINAL, VERB, LOAN, NAME, NUMERAL = 1, 2, 4, 8, 16

_KIND_OF_FILE = {
    "nouns": NOMINAL,
    "adjectives": NOMINAL,
    "verbs": VERB,
    "loans": NOMINAL | LOAN,
    "names": NOMINAL | NAME,
}
#: Parts of speech of the closed list whose lemmas take the suffixes of a noun.
_INFLECTED_CLOSED = dict.fromkeys(("pron", "adv", "adj", "noun", "aux-noun", "cop", "post"), NOMINAL)
_INFLECTED_CLOSED["num"] = NOMINAL | NUMERAL


class Lexicon(NamedTuple):
    """roots: root -> bits of what it can be. closed: form -> its lemmas, best first."""

    roots: dict[str, int]
    closed: dict[str, tuple[str, ...]]


EMPTY = Lexicon({}, {})


def kind_of_file(name: str) -> int:
    """Return the bits of a root file by its stem: `verbs`, `extra_verbs` and `verbs_more` all hold verbs."""
    for part in name.split("_"):
        if part in _KIND_OF_FILE:
            return _KIND_OF_FILE[part]
    return NOMINAL


def loaded(folder: Path = ROOTS) -> Lexicon:
    """Read every list of a folder; lists that are absent are empty."""
    roots: dict[str, int] = {}
    for path in sorted(folder.glob("*.txt")):
        fresh = dict.fromkeys(_first_cells(path.read_text(encoding="utf-8")), kind_of_file(path.stem))
        for root in roots.keys() & fresh.keys():
            fresh[root] |= roots[root]
        roots |= fresh
    closed: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.glob("closed*.tsv")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            cells = line.split("\t")
            if len(cells) > 2 and line[0] != "#":
                form, lemmas, speech = cells[0], tuple(cells[1].split("|")), cells[2].partition(":")[0].strip()
                closed[form] = lemmas[:3]
                if lemmas[0] == form and speech in _INFLECTED_CLOSED:
                    roots[form] = roots.get(form, 0) | _INFLECTED_CLOSED[speech]
    return Lexicon(roots, closed)


def _first_cells(text: str) -> list[str]:
    """Return the roots of a list: the first cell of each line that is no comment."""
    lines = [line for line in text.split("\n") if line and line[0] != "#"]
    if "\t" in text or " " in text:
        lines = [root for line in lines if (root := line.partition("\t")[0].partition("#")[0].strip())]
    return lines
