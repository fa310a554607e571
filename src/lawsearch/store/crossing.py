"""Cross-references: what the texts of a corpus cite, collected while it is read and resolved when all acts are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from lawsearch.corpus.citing import Cited, Numbers, citations, within
from lawsearch.law import LANGS, Address, Lang, Provision
from lawsearch.store.naming import acts_named

if TYPE_CHECKING:
    from lawsearch.store.writing import StoreWriter

#: A citation that comes to more places than this (`1-200-баптар`) is kept as its first and its last ones.
_MOST_TARGETS = 60


#: A citation as noted while its text is at hand: document, language, address it stands at, what it cites.
Noted: TypeAlias = tuple[int, Lang, str, Cited]


def noted(provision: Provision, document: int) -> list[Noted]:
    """What a provision cites in each language, where it can be looked up."""
    return [
        (document, lang, str(provision.address), cited)
        for lang in LANGS
        if (text := provision.text(lang))
        for cited in citations(text)
        if cited.lang == lang and cited.act != "other:"
    ]


def packed(found: Noted) -> list[object]:
    """A citation as JSON has it; `unpacked` reads it back."""
    document, lang, here, cited = found
    units = [[[n.first, n.last, n.open] for n in unit] for unit in (cited.articles, cited.points, cited.subpoints)]
    return [document, lang, here, cited.start, cited.end, cited.lang, *units, cited.note, cited.act, cited.own]


def unpacked(value: Sequence[Any]) -> Noted:
    """Read what `packed` wrote."""
    document, lang, here, start, end, own_lang, *units, note, act, own = value
    articles, points, subpoints = (tuple(Numbers(*n) for n in unit) for unit in units)
    return document, lang, here, Cited(start, end, own_lang, articles, points, subpoints, note, act, own)


class CrossReferences:
    """Collects citations act by act. Only what can be looked up is kept: places that the corpus holds."""

    def __init__(self, store: StoreWriter) -> None:
        self._store = store
        self._pending: list[tuple[int, Lang, Address, int, Cited]] = []

    def add(self, found: Iterable[Noted], act: int, first: int) -> None:
        """Note what an act cites; its documents are counted from ``first``."""
        for document, lang, here, cited in found:
            self._pending.append((first + document, lang, Address.parse(here), act, cited))

    def resolve(self) -> None:
        """Write every cross-reference whose places the corpus holds."""
        by_act: dict[int, list[tuple[int, Lang, Address, Cited]]] = {}
        named: dict[str, int | None] = {}
        for document, lang, here, act, cited in self._pending:
            target: int | None = act
            if cited.act is not None:
                if cited.act not in named:
                    acts = acts_named(cited.act.partition(":")[2], self._store.acts_under, self._store.title_size)
                    named[cited.act] = acts[0] if len(acts) == 1 else None
                target = named[cited.act]
            if target is not None:
                by_act.setdefault(target, []).append((document, lang, here, cited))
        for act, found in sorted(by_act.items()):
            places = Places(self._store.addresses(act))
            rows = [
                (document, lang, cited.start, cited.end, str(address), act)
                for document, lang, here, cited in found
                for address in places.cited(cited, here if cited.act is None else None)
            ]
            self._store.add_references(sorted(set(rows)))


class Places:
    """The places of one act: which of them a citation comes to."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._law = addresses[0].law if addresses else ""
        self._articles = _distinct(a.article for a in addresses if a.article is not None)
        self._points: dict[str | None, list[str]] = {}
        self._subpoints: dict[tuple[str | None, str | None], list[str]] = {}
        self._notes = {a.article for a in addresses if a.special is not None and a.special.startswith("note")}
        for a in addresses:
            if a.point is not None:
                self._points.setdefault(a.article, []).append(a.point)
            if a.subpoint is not None:
                self._subpoints.setdefault((a.article, a.point), []).append(a.subpoint)

    def cited(self, cited: Cited, here: Address | None) -> list[Address]:
        """The addresses that ``cited`` names, seen from ``here`` (None: from another act); empty where there are none.

        `1-тармақ` without an article is the own article's; `1) тармақша` without a point the own point's.
        """
        if here is None and not (cited.articles or cited.points or cited.subpoints):
            return [Address(self._law)]
        if cited.articles:
            articles: list[str | None] = list(_chosen(self._articles, cited.articles))
        elif here is None:
            articles = [None] if not self._articles else []
        else:
            articles = [here.article]
        found: list[Address] = []
        for article in articles:
            found += self._inside(article, cited, here if not cited.articles else None)
        if len(found) > _MOST_TARGETS:
            found = [found[0], found[-1]]
        return found

    def _inside(self, article: str | None, cited: Cited, here: Address | None) -> list[Address]:
        if not cited.points and not cited.subpoints:
            if cited.note:
                return [Address(self._law, article, special="note")] if article in self._notes else []
            return [Address(self._law, article)] if article is not None and cited.articles else []
        points: list[str | None]
        if cited.points:
            points = list(_chosen(_distinct(self._points.get(article, ())), cited.points))
        elif here is not None and (cited.own == "point" or (article, here.point) in self._subpoints):
            points = [here.point]
        else:
            # A sub-point whose point is not named: the article has it in one place only, or it is not clear which.
            points = [p for (a, p), subs in self._subpoints.items() if a == article and _chosen(subs, cited.subpoints)]
            if len(points) > 1:
                points = [p for p in points if p is None]
        if not cited.subpoints:
            return [Address(self._law, article, point) for point in points]
        return [
            Address(self._law, article, point, subpoint)
            for point in points
            for subpoint in _chosen(_distinct(self._subpoints.get((article, point), ())), cited.subpoints)
        ]


def _distinct(numbers: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(n.partition("~")[0] for n in numbers))


def _chosen(printed: Sequence[str], wanted: tuple[Numbers, ...]) -> list[str]:
    there = frozenset(printed)
    return [number for number in printed if within(number, wanted, there)]
