"""Which terms of the term base carry given words: whose Kazakh or Russian side holds them, in their order.

The first few words are looked for in the rows of those terms alone that the texts at hand contain: a process that answers one
query reads a few hundred keys. One that answers many reads the keys of all terms once.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Mapping, Set
from typing import TYPE_CHECKING

from lawsearch.law import Lang

if TYPE_CHECKING:
    from lawsearch.analysis.analyzer import Word
    from lawsearch.store.database import Store

#: So many words are looked for term by term, before the keys of all terms are read.
_FEW = 8
#: Of so many words it is remembered which terms carry them.
_REMEMBERED = 8_000

Places = tuple[tuple[str, ...], ...]


class TermKeys:
    """Answers from one store which terms carry what."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asked = 0
        self._all: dict[Lang, dict[str, int | array[int]]] = {}
        self._sizes: dict[Lang, array[int]] = {}
        self._sides: dict[Lang, dict[int, str]] = {}
        self._known: dict[object, Carrying] = {}

    def words(self, lang: Lang, words: tuple[Word, ...]) -> Carrying:
        """The terms that hold the words, one after the other, on their side in ``lang``."""
        whole = words[0].keys if len(words) == 1 else ()
        return self._carrying(lang, whole, tuple(part for word in words for part in word.parts))

    def keys(self, lang: Lang, keys: tuple[str, ...]) -> Carrying:
        """The terms that hold any of the keys."""
        return self._carrying(lang, keys, ())

    def _carrying(self, lang: Lang, whole: tuple[str, ...], places: Places) -> Carrying:
        about = (lang, whole, places)
        known = self._known.get(about)
        if known is None:
            self._asked += 1
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[about] = Carrying(self, lang, whole, places)
        return known

    def read(self, carrying: Carrying, terms: Collection[int]) -> bool:
        """Tell ``carrying`` which of ``terms`` hold its words; True where it has been told of all terms that there are."""
        lang = carrying.lang
        keys = carrying.first_keys
        if self._asked <= _FEW and lang not in self._all:
            carrying.take(self._store.term_sides(lang, sorted(terms), keys))
            return False
        if lang not in self._all:
            self._read_all(lang)
        by_key = self._all[lang]
        several = len(carrying.places) > 1
        sides, sizes = self._sides[lang], self._sizes[lang]
        for key in keys:
            known = by_key.get(key, ())
            among = (known,) if isinstance(known, int) else known
            if several:
                carrying.take([(term, sides[term]) for term in among])
            else:
                carrying.sizes.update(zip(among, map(sizes.__getitem__, among), strict=True))
        return True

    def _read_all(self, lang: Lang) -> None:
        rows = self._store.term_sides(lang)
        sizes = array("H", bytes(2 * (rows[-1][0] + 1))) if rows else array("H")
        by_key: defaultdict[str, list[int]] = defaultdict(list)
        for term, side in rows:
            sizes[term] = min(side.count(" ") + 1, 0xFFFF) if side else 0
            for key in side.replace("|", " ").split():
                by_key[key].append(term)
        # A term, or terms, by key; most keys are those of one.
        self._all[lang] = {key: some[0] if len(some) == 1 else array("I", some) for key, some in by_key.items()}
        self._sizes[lang] = sizes
        # What words of several positions are looked for in.
        self._sides[lang] = dict(rows)


class Carrying:
    """The terms that hold certain words on one side, each with how many positions that side has."""

    __slots__ = ("_examined", "_of", "_whole_base", "first_keys", "lang", "places", "sizes", "whole")

    def __init__(self, of: TermKeys, lang: Lang, whole: tuple[str, ...], places: Places) -> None:
        self._of = of
        self.lang = lang
        self.whole = frozenset(whole)
        self.places = places
        self.first_keys = tuple(dict.fromkeys((*whole, *(places[0] if places else ()))))
        self.sizes: dict[int, int] = {}
        self._examined: set[int] = set()
        self._whole_base = False

    @property
    def complete(self) -> bool:
        """True where all terms were looked through, and ``sizes`` is all that there is."""
        return self._whole_base

    def among(self, terms: Set[int]) -> Mapping[int, int]:
        """The terms found so far, all of ``terms`` that hold the words among them."""
        if not self._whole_base and not terms <= self._examined:
            self._whole_base = self._of.read(self, terms - self._examined)
            self._examined = set() if self._whole_base else self._examined | terms
        return self.sizes

    def take(self, sides: Collection[tuple[int, str]]) -> None:
        """Take those of some terms, given with their keys, that hold the words."""
        places = [frozenset(place) for place in self.places]
        for term, side in sides:
            sets = [some.split("|") for some in side.split()]
            if (self.whole and not all(self.whole.isdisjoint(some) for some in sets)) or (places and _holds_run(sets, places)):
                self.sizes[term] = len(sets)


def _holds_run(sets: list[list[str]], places: list[frozenset[str]]) -> bool:
    first = places[0]
    for start in range(len(sets) - len(places) + 1):
        if not first.isdisjoint(sets[start]) and not any(
            place.isdisjoint(sets[start + j]) for j, place in enumerate(places[1:], 1)
        ):
            return True
    return False
