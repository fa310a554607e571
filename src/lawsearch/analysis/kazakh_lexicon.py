"""The root lists: what a stem may be, and the closed forms with their lemmas.

`kazakh_tables/roots/*.txt` hold one root a line; the part of speech is the file's, a second cell may change it (`verb`)
or is a note. `roots/closed*.tsv` hold pronouns, numerals, postpositions, conjunctions and irregular forms with their
lemmas. These are what a reader edits. `python -m lawsearch.analysis.kazakh_lexicon` packs them by first letter into
`kazakh_tables/roots.packed`, which the stemmer reads: a word and all its stems begin alike, so only the letters met are
unpacked. A test fails when the packed file is stale.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

TABLES = Path(__file__).parent / "kazakh_tables"
ROOTS = TABLES / "roots"
PACKED = TABLES / "roots.packed"

#: What a root can be. LOAN, NAME, NUMERAL and FROZEN are nominals too; FROZEN is an adjective, adverb or postposition,
#: which often is an inflected form become a word (кезінде, қызметті); a root that is also a noun is not FROZEN.
#: THING is a noun in -у that is no action (тарау, a chapter).
#: COMMON is a noun so frequent that its forms outrank a rarer word spelled alike, or an adjective in -ды that is commoner
#: than the accusative of its noun, common though that is (заңды).
NOMINAL, VERB, LOAN, NAME, NUMERAL, FROZEN, THING, COMMON = 1, 2, 4, 8, 16, 32, 64, 128

_KIND_OF_FILE = {
    "nouns": NOMINAL,
    "adjectives": NOMINAL | FROZEN,
    "verbs": VERB,
    "loans": NOMINAL | LOAN,
    "names": NOMINAL | NAME,
    "things": NOMINAL | THING,
    "common": NOMINAL | COMMON,
}
#: Parts of speech of the closed list whose lemmas take the suffixes of a noun.
_INFLECTED_CLOSED = {
    "num": NOMINAL | NUMERAL,
    "pron": NOMINAL,
    "noun": NOMINAL,
    "aux-noun": NOMINAL,
    "cop": NOMINAL | FROZEN,
    "adv": NOMINAL | FROZEN,
    "adj": NOMINAL | FROZEN,
    "post": NOMINAL | FROZEN,
    "modal": NOMINAL | FROZEN,
}
#: Parts of speech whose forms may have other readings besides.
_OPEN_CLOSED = frozenset(("num", "noun", "aux-noun", "adv", "adj", "post", "modal"))


class Bucket(NamedTuple):
    """The part of a lexicon that holds the words of one first letter."""

    roots: dict[str, int]
    closed: dict[str, tuple[str, ...]]


class Lexicon:
    """roots: root -> bits of what it can be. closed: form -> its lemmas, best first."""

    def __init__(self, roots: dict[str, int], closed: dict[str, tuple[str, ...]]) -> None:
        self.roots = roots
        self.closed = closed

    def bucket(self, letter: str) -> Bucket:
        """Return what the lexicon knows of words that begin with a letter (it may return more)."""
        return Bucket(self.roots, self.closed)


class PackedLexicon(Lexicon):
    """The shipped lexicon; a letter's words are unpacked when first asked for."""

    def __init__(self, text: str) -> None:
        self._lines: dict[str, list[str]] = {}
        for line in text.split("\n"):
            if line:
                self._lines.setdefault(line[0], []).append(line)

    def bucket(self, letter: str) -> Bucket:
        """Unpack the words of one letter."""
        roots: dict[str, int] = {}
        closed: dict[str, tuple[str, ...]] = {}
        for line in self._lines.get(letter, ()):
            _, kind, words = line.split("\t")
            if kind == "=":
                for pair in words.split(" "):
                    form, _, lemmas = pair.partition("=")
                    closed[form] = tuple(lemmas.split("|"))
            else:
                roots |= dict.fromkeys(words.split(" "), int(kind))
        return Bucket(roots, closed)


EMPTY = Lexicon({}, {})


def shipped() -> Lexicon:
    """Return the packed lexicon that ships with the program."""
    return PackedLexicon(PACKED.read_text(encoding="utf-8"))


def kind_of_file(name: str) -> int:
    """Return the bits of a root file by its stem: `verbs` and `extra_verbs` hold verbs, `common_adjectives` are both."""
    bits = 0
    for part in name.split("_"):
        bits |= _KIND_OF_FILE.get(part, 0)
    return bits or NOMINAL


def loaded(folder: Path = ROOTS) -> Lexicon:
    """Read every list of a folder; lists that are absent are empty."""
    roots: dict[str, int] = {}
    for path in sorted(folder.glob("*.txt")):
        kind = kind_of_file(path.stem)
        for line in path.read_text(encoding="utf-8").split("\n"):
            root, _, note = line.partition("#")[0].partition("\t")
            root = root.strip()
            if root and " " not in root:
                _add(roots, root, VERB if note.partition("\t")[0].strip() == "verb" else kind)
    closed: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.glob("closed*.tsv")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            cells = [cell.strip() for cell in line.split("\t")]
            if len(cells) > 2 and not line.startswith("#") and " " not in cells[0] + cells[1]:
                form, lemmas, speech = cells[0], tuple(cells[1].split("|")), cells[2].partition(":")[0]
                own = lemmas[0] == form
                if own and speech in _INFLECTED_CLOSED:
                    _add(roots, form, _INFLECTED_CLOSED[speech])
                # ішкі, сыртқы, кейінгі are listed adjectives, whatever they are derived from.
                adjective = roots.get(form, 0) & FROZEN and form.endswith(("ғы", "гі", "қы", "кі"))
                if not (adjective or (own and speech in _OPEN_CLOSED)):
                    both = (*lemmas, form) if roots.get(form, 0) & (NOMINAL | VERB) else lemmas
                    closed[form] = tuple(dict.fromkeys(both))[:3]
    return Lexicon(roots, closed)


def _add(roots: dict[str, int], root: str, bits: int) -> None:
    """Join what two lists say of a root: a noun that is also a name or an adjective is a noun first of all."""
    before = roots.get(root, 0)
    both = before | bits
    for one in (before, bits):
        if one & NOMINAL and not one & NAME:
            both &= ~NAME
            if not one & FROZEN:
                both &= ~FROZEN
    roots[root] = both


def packed(words: Lexicon) -> str:
    """Pack a lexicon: a line for each first letter and kind, its words between spaces; closed pairs under `=`."""
    lines: dict[tuple[str, str], list[str]] = {}
    for root, bits in words.roots.items():
        lines.setdefault((root[0], str(bits)), []).append(root)
    for form, lemmas in words.closed.items():
        lines.setdefault((form[0], "="), []).append(f"{form}={'|'.join(lemmas)}")
    return "".join(f"{letter}\t{kind}\t{' '.join(sorted(found))}\n" for (letter, kind), found in sorted(lines.items()))


if __name__ == "__main__":
    PACKED.write_text(packed(loaded()), encoding="utf-8")
