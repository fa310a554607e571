"""Highlights: which words of a provision's own text answer to a query, and through what."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias
from weakref import ReferenceType, ref

from lawsearch.analysis.analyzer import Analyzer
from lawsearch.law import LANGS, Lang
from lawsearch.sides import Asked, Match, Place, Side, Span
from lawsearch.store.database import Store
from lawsearch.store.records import ProvisionRecord

#: What is remembered: by thing where it stands as usual, and by all that was asked where it was asked otherwise.
About: TypeAlias = "Asked | tuple[Asked, bool, bool]"


class Standing:
    """Where one thing asked for stands in a provision: places by language, as `Marked.sides` has them.

    ``weak``: rarer senses are among them. ``shown`` is what was made of it for a hit (see `hits.HitMarker`), ``shown_alone``
    for one in which nothing else than the forms as typed counts.
    """

    __slots__ = ("by_side", "shown", "shown_alone", "somewhere", "spans", "weak")

    def __init__(self, by_side: tuple[tuple[Place, ...], ...], weak: bool) -> None:
        self.by_side = by_side
        self.weak = weak
        self.somewhere = any(by_side)
        self.spans: dict[Lang, tuple[Span, ...]] | None = None
        self.shown: Any = None
        self.shown_alone: Any = None


@cache
def _nowhere(sides: int, weak: bool) -> Standing:
    """What does not stand in a provision of so many languages."""
    return Standing(((),) * sides, weak)


class Remembered:
    """What is remembered of all texts together of where things stand: so many standings, the oldest first to go."""

    __slots__ = ("_most", "_standings")

    def __init__(self, most: int) -> None:
        self._most = most
        # A text that is not kept itself is not kept for what was remembered of it.
        self._standings: deque[tuple[ReferenceType[Marked], About]] = deque()

    def add(self, marked: ReferenceType[Marked], about: About) -> None:
        """Note that a text remembers where something stands."""
        self._standings.append((marked, about))
        if len(self._standings) > self._most:
            oldest, about = self._standings.popleft()
            holder = oldest()
            if holder is not None:
                holder.forget(about)


class Marked:
    """A provision's text made ready for marking: its words and links by key, in each language. Built once, used often."""

    def __init__(self, provision: ProvisionRecord, analyzer: Analyzer, store: Store, remembered: Remembered) -> None:
        self.sides = {
            lang: Side(lang, text, analyzer, provision.links.get(lang, ()), store)
            for lang in LANGS
            if (text := provision.texts.get(lang)) is not None
        }
        self._remembered = remembered
        self._self = ref(self)
        self._known: dict[About, Standing] = {}

    def forget(self, about: About) -> None:
        """Remember no longer where something stands."""
        self._known.pop(about, None)

    def standing(self, thing: Asked, weak: bool, exact: bool) -> Standing:
        """Where a thing stands; ``weak``: in rarer senses too; ``exact``: as typed."""
        about = (thing, weak, exact) if weak or exact else thing
        known = self._known.get(about)
        if known is None:
            self._remembered.add(self._self, about)
            places = tuple([side.answers(thing, weak, exact) for side in self.sides.values()])
            known = self._known[about] = Standing(places, weak) if any(places) else _nowhere(len(places), weak)
        return known

    def standings(self, asked: Sequence[Asked], *, weak: bool, exact: bool) -> tuple[Standing, ...]:
        """Where each thing stands; with ``weak`` a rarer sense only of what nothing better stands for."""
        found = tuple([self.standing(thing, False, exact) for thing in asked])
        if not weak or all(one.somewhere for one in found):
            return found
        pairs = zip(found, asked, strict=True)
        return tuple([one if one.somewhere else self.standing(thing, True, exact) for one, thing in pairs])

    def matches(self, asked: Sequence[Asked], *, weak: bool, exact: bool) -> list[Match]:
        """Every match in every language, by language, then place, then the order of ``asked``; ``weak``: rarer senses too."""
        found = [self.standing(thing, weak, exact) for thing in asked]
        matches: list[Match] = []
        for i, side in enumerate(self.sides.values()):
            here = [(place, number) for number, one in enumerate(found) for place in one.by_side[i]]
            here.sort(key=_by_place)
            matches += [side.match(number, place) for place, number in here]
        return matches

    def found(self, standing: Standing) -> list[Match]:
        """The matches of one thing, as `matches` gives them."""
        sides = zip(self.sides.values(), standing.by_side, strict=True)
        return [side.match(0, place) for side, places in sides for place in places]

    def spans_of(self, standing: Standing) -> Mapping[Lang, tuple[Span, ...]]:
        """What to highlight of one thing in each language's text."""
        if standing.spans is None:
            standing.spans = dict.fromkeys(LANGS, ())
            for side, places in zip(self.sides.values(), standing.by_side, strict=True):
                if places:
                    standing.spans[side.lang] = side.spans_of(places)
        return standing.spans

    def answering(self, standing: Standing, thing: Asked) -> list[Sequence[Place]]:
        """What in each text says the same as a thing that stands in another of them alone; see `answering`."""
        if len(self.sides) < 2 or all(standing.by_side):
            return [()] * len(self.sides)
        kk, ru = self.sides.values()
        in_kk, in_ru = standing.by_side
        return [kk.corresponding(thing, ru, in_ru) if in_ru else (), ru.corresponding(thing, kk, in_kk) if in_kk else ()]

    def places(self, standings: Sequence[Standing]) -> list[list[tuple[int, int, bool, int]]]:
        """Where things stand in each language that has two of them or more, by place: first token, last token, whether in a
        rarer sense, number."""
        found = []
        for i in range(len(self.sides)):
            each = [(number, one.by_side[i], one.weak) for number, one in enumerate(standings) if one.by_side[i]]
            if len(each) > 1:
                here = [(place[0], place[1], weak, number) for number, places, weak in each for place in places]
                here.sort()
                found.append(here)
        return found

    def terms(self) -> dict[int, dict[Lang, tuple[Span, ...]]]:
        """The terms that stand in the texts, by their numbers in the order of their places: where, in each language."""
        found: dict[int, dict[Lang, tuple[Span, ...]]] = {}
        for lang, side in self.sides.items():
            for number, its_spans in side.terms():
                here = found.setdefault(number, {})
                here[lang] = (*here.get(lang, ()), *its_spans)
        return found


def answering(asked: Sequence[Asked], found: Sequence[Match], theirs: Marked, ours: Marked | None = None) -> list[Match]:
    """What in ``theirs`` says the same as the matches ``found`` (in ``ours``, by default another language of ``theirs``).

    For each thing asked that the one language's text holds and the other's seems not to: the words of a term that
    corresponds, rarer senses included, else words of the same look (loans).
    """
    more: list[Match] = []
    if not found:
        return more
    for lang, side in theirs.sides.items():
        other: Lang = "ru" if lang == "kk" else "kk"
        source = (ours or theirs).sides.get(other)
        if source is None:
            continue
        here = {m.asked for m in found if m.lang == lang} if ours is None else set()
        there: dict[int, list[tuple[int, ...]]] = {}
        for match in found:
            if match.lang == other and match.asked not in here:
                there.setdefault(match.asked, []).append(match.tokens)
        for number in sorted(there):
            more += (side.match(number, place) for place in side.corresponding(asked[number], source, there[number]))
    return more


def _by_place(answer: tuple[Place, int]) -> tuple[int, int, int]:
    place, number = answer
    return place.first, place.last, number


def spans(found: Iterable[Match], lang: Lang) -> list[Span]:
    """The spans to highlight in one language's text: sorted, distinct, not overlapping."""
    return sorted({s for m in found if m.lang == lang for s in m.spans})
