"""One language of a provision, ready for marking: where in its text something that is asked for stands, and through what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from lawsearch.analysis import tokens
from lawsearch.analysis.analyzer import Analyzer, Form, Word
from lawsearch.analysis.letters import is_kazakh
from lawsearch.law import Lang
from lawsearch.store.database import Store
from lawsearch.store.term_keys import Carrying
from lawsearch.terms.linking import Link, Links

Via = Literal["stem", "exact", "term", "keyboard", "spelling", "citation"]
#: How a term that led to a match says less than the word asked for: it has a word of its family, or it is a rarer sense.
Sense = Literal["related", "rarer"]
Span = tuple[int, int]

#: Loans that agree in so many letters are taken for the same word inside a pair of texts.
_LOOK = 5
#: So many terms are sooner looked for one by one than among all that a text has.
_FEW = 8


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A thing asked for: the words as typed and folded, their readings, look-alike keys. It is equal to itself alone, so that
    what is remembered about it is found at once.

    ``relatives``: words of the same family in the terms of the corpus; ``surface``: forms asked for as such; ``exact``: the
    words as such, side by side; ``terms``: whether a term may carry them over; ``via``: what every match is to be said to be
    found through (a mended word).
    """

    text: str
    forms: tuple[str, ...]
    readings: Mapping[Lang, tuple[Word, ...]]
    cognates: Mapping[Lang, tuple[str, ...]]
    surface: frozenset[str] = frozenset()
    exact: bool = False
    terms: bool = True
    via: Via | None = None
    relatives: Mapping[Lang, tuple[str, ...]] = field(default_factory=dict)
    #: By language the terms that carry it over from there, once they were looked for; for whom the store knows.
    carried: dict[Lang, Carrying] = field(default_factory=dict)


class Match(NamedTuple):
    """A place in a text that answers to one thing asked for.

    ``spans`` are code points, one a word; ``tokens`` the first and last token; ``term`` the term's number where it was
    found through the term base; ``cognate`` where only the look of a loan led there; ``sense`` where the term says less than
    the word asked for.
    """

    asked: int
    lang: Lang
    tokens: tuple[int, int]
    spans: tuple[Span, ...]
    found: str
    via: Via
    term: int | None = None
    cognate: bool = False
    sense: Sense | None = None


class Place(NamedTuple):
    """Where something that is asked for stands: first and last token, and through what it was found; see `Match`."""

    first: int
    last: int
    via: Via
    term: int | None = None
    cognate: bool = False
    sense: Sense | None = None


class Side:
    """One language of a provision. What marking does not ask for is not made: of a text in the language that nothing asked for
    belongs to, only the terms are looked at."""

    __slots__ = (
        "_analyzer", "_by_key", "_forms", "_links", "_slots", "_spans", "_store", "_termset", "lang", "text",
    )  # fmt: skip

    def __init__(self, lang: Lang, text: str, analyzer: Analyzer, links: Sequence[Link], store: Store) -> None:
        self.lang = lang
        self.text = text
        self._analyzer = analyzer
        self._links = Links.of_links(links)
        self._store = store
        self._forms: list[Form] | None = None
        self._by_key: dict[str, int | list[int]] | None = None
        self._termset: set[int] | None = None
        self._spans: list[Span] | None = None
        self._slots: tuple[list[int], dict[str, list[int]]] | None = None

    @property
    def forms(self) -> list[Form]:
        """The words of the text."""
        if self._forms is None:
            self._forms = self._analyzer.forms(self.text, self.lang)
        return self._forms

    @property
    def spans(self) -> list[Span]:
        """Where the words stand in the text."""
        if self._spans is None:
            self._spans = tokens.spans(self.text)
        return self._spans

    def terms(self) -> Iterator[tuple[int, tuple[Span, ...]]]:
        """The terms in their order: each one's number and its words' spans, what is inside a longer one left out."""
        for link in sorted(self._links, key=lambda link: (link.first, -link.last, link.term)):
            if not link.weak:
                yield link.term, tuple(self.spans[link.first : link.last + 1])

    def match(self, number: int, place: Place) -> Match:
        """A place as a match of the thing of that number."""
        first, last, via, term, cognate, sense = place
        here = tuple(self.spans[first : last + 1])
        return Match(number, self.lang, (first, last), here, self.text[here[0][0] : here[-1][1]], via, term, cognate, sense)

    def between(self, first: int, last: int) -> str:
        """The text from a first to a last token."""
        return self.text[self.spans[first][0] : self.spans[last][1]]

    def spans_of(self, places: Sequence[Place]) -> tuple[Span, ...]:
        """The spans of the words at some places: sorted, distinct."""
        if len(places) == 1:
            return tuple(self.spans[places[0].first : places[0].last + 1])
        return tuple(sorted({span for first, last, *_ in places for span in self.spans[first : last + 1]}))

    def answers(self, thing: Asked, weak: bool, exact: bool) -> tuple[Place, ...]:
        """Where a thing stands, by place."""
        if exact or thing.exact:
            own = list(self._exact(thing))
            carried: list[Place] = []
        else:
            mine = self.lang in thing.readings or thing.surface or self.lang in thing.cognates
            own = self._own(thing) if mine else []
            carried = self.through_terms(thing, weak) if thing.terms else []
            if thing.terms and not own and not carried and thing.relatives:
                carried = self._through_relatives(thing)
        if not own and not carried:
            return ()
        if len(own) + len(carried) > 1:
            here: dict[tuple[int, int], Place] = {}
            for place in own:
                known = here.get(place[:2])
                if known is None or (known.via != "exact" and place.via == "exact"):
                    here[place[:2]] = place
            # A word that stands there itself needs no term to explain it.
            standing = tuple(here)
            for place in carried:
                if not standing or not any(place.first <= first and last <= place.last for first, last in standing):
                    here.setdefault(place[:2], place)
            found = tuple([here[at] for at in sorted(here)]) if len(here) > 1 else tuple(here.values())
        else:
            found = (own[0],) if own else (carried[0],)
        return tuple([place._replace(via=thing.via) for place in found]) if thing.via is not None else found

    def _at(self, keys: Iterable[str]) -> list[int]:
        """The tokens that any of the keys stands at, ascending."""
        by_key = self._by_key
        if by_key is None:
            # A token, or tokens, by key; most keys stand once.
            by_key = self._by_key = {}
            for i, form in enumerate(self.forms):
                for key in form.keys:
                    known = by_key.get(key)
                    if known is None:
                        by_key[key] = i
                    elif isinstance(known, int):
                        by_key[key] = [known, i]
                    else:
                        known.append(i)
        here = [at for key in keys if (at := by_key.get(key)) is not None]
        if len(here) == 1:
            return [here[0]] if isinstance(here[0], int) else here[0]
        found: set[int] = set()
        for at in here:
            found.update((at,) if isinstance(at, int) else at)
        return sorted(found)

    def _own(self, thing: Asked) -> list[Place]:
        """Where the words stand themselves. A part of a compound answers with the whole compound."""
        found: list[Place] = []
        if thing.surface:
            found += [Place(i, i, "exact") for i, form in enumerate(self.forms) if form.form in thing.surface]
        words = thing.readings.get(self.lang)
        if words is not None:
            if len(words) == 1:
                for i in self._at(words[0].keys):
                    form = self.forms[i]
                    found.append(Place(i, i, "exact" if form.form == thing.forms[0] and not form.word.whole else "stem"))
            if len(words) > 1 or len(words[0].parts) > 1:
                found += self._runs(thing, tuple(part for word in words for part in word.parts))
        cognates = thing.cognates.get(self.lang)
        if cognates:
            found += [Place(i, i, "term", cognate=True) for i in self._at(cognates)]
        return found

    def _runs(self, thing: Asked, places: tuple[tuple[str, ...], ...]) -> Iterator[Place]:
        """Successive positions that hold one key of each place."""
        if self._slots is None:
            owners: list[int] = []
            at_slot: dict[str, list[int]] = {}
            for i, form in enumerate(self.forms):
                for part in form.word.parts:
                    for key in part:
                        at_slot.setdefault(key, []).append(len(owners))
                    owners.append(i)
            self._slots = owners, at_slot
        owners, at_slot = self._slots
        starts: set[int] | None = None
        for offset, place in enumerate(places):
            here = {slot - offset for key in place for slot in at_slot.get(key, ())}
            starts = here if starts is None else starts & here
            if not starts:
                return
        for start in sorted(starts or ()):
            first, last = owners[start], owners[start + len(places) - 1]
            forms = tuple(form.form for form in self.forms[first : last + 1])
            yield Place(first, last, "exact" if forms == thing.forms else "stem")

    def _exact(self, thing: Asked) -> Iterator[Place]:
        """Successive tokens with exactly the forms asked for."""
        size = len(thing.forms)
        for start in range(len(self.forms) - size + 1):
            if all(self.forms[start + j].form == form for j, form in enumerate(thing.forms)):
                yield Place(start, start + size - 1, "exact")

    def through_terms(self, thing: Asked, weak: bool) -> list[Place]:
        """Where a term stands whose other side holds the words asked for, in their order."""
        other: Lang = "ru" if self.lang == "kk" else "kk"
        words = thing.readings.get(other)
        if words is None or not self._links:
            return []
        carrying = thing.carried.get(other)
        if carrying is None:
            carrying = thing.carried[other] = self._store.term_keys.words(other, words)
        sizes = carrying.sizes if carrying.complete else carrying.among(self._linked())
        answers = self._standing(sizes)
        if not answers:
            return []
        if len(answers) == 1:
            return [
                Place(link.first, link.last, "term", link.term, False, "rarer" if link.weak else None)
                for link in answers
                if weak or not link.weak
            ]
        answers.sort(key=lambda link: (link.position, link.first, sizes[link.term], link))
        found: dict[tuple[int, int], Place] = {}
        for link in answers:
            if link.weak and not weak:
                continue
            for exact in self._narrowed(link, answers) if link.last > link.first else (link,):
                if (exact.first, exact.last) not in found:
                    sense: Sense | None = "rarer" if link.weak else None
                    found[exact.first, exact.last] = Place(exact.first, exact.last, "term", exact.term, False, sense)
        return list(found.values())

    def _through_relatives(self, thing: Asked) -> list[Place]:
        """Where a term stands whose other side holds a word of the family of the one asked for."""
        other: Lang = "ru" if self.lang == "kk" else "kk"
        keys = thing.relatives.get(other, ())
        if not keys or not self._links:
            return []
        carrying = self._store.term_keys.keys(other, keys).among(self._linked())
        answers = sorted(link for link in self._standing(carrying) if not link.weak)
        places = dict.fromkeys((e.first, e.last, e.term) for a in answers for e in self._narrowed(a, answers))
        return [Place(first, last, "term", term, False, "related") for first, last, term in places]

    def _narrowed(self, link: Link, answers: Sequence[Link]) -> list[Link]:
        """The shortest terms inside a term that answer by themselves: of a long term only the words asked for are marked."""
        size = link.last - link.first
        if not size:
            return [link]
        inside = [
            other
            for other in answers
            if link.first <= other.first
            and other.last <= link.last
            and other.last - other.first < size
            and self._store.term(other.term).term.status != "weak"
        ]
        shortest = min((other.last - other.first for other in inside), default=size)
        return [other for other in inside if other.last - other.first == shortest] or [link]

    def corresponding(self, thing: Asked, source: Side, there: Sequence[Sequence[Any]]) -> list[Place]:
        """What says the same as a thing that stands ``there`` (first token, last token, and what else) in the paired text."""
        return self.through_terms(thing, weak=True) or self._same_terms(source, there) or self._same_look(source, there)

    def _same_terms(self, source: Side, there: Sequence[Sequence[Any]]) -> list[Place]:
        """Where a term stands that covers a match in the paired text; of several such terms the shortest."""
        mine = self._linked()
        found: dict[tuple[int, int], Place] = {}
        for first, last, *_ in there:
            covering = [link for link in source._links.covering(first, last) if link.term in mine]
            if not covering:
                continue
            shortest = min(link.last - link.first for link in covering)
            terms = dict.fromkeys(link.term for link in covering if link.last - link.first == shortest)
            for link in (link for term in terms for link in self._links.of(term)):
                found.setdefault((link.first, link.last), Place(link.first, link.last, "term", link.term))
        return [found[place] for place in sorted(found)]

    def _same_look(self, source: Side, there: Sequence[Sequence[Any]]) -> list[Place]:
        """Single words that begin like a matched word of the paired text, where its letters are in both alphabets."""
        looks = {
            key[:_LOOK]
            for first, last, *_ in there
            if first == last
            for key in source.forms[first].word.keys
            if len(key) > _LOOK and not is_kazakh(key[:_LOOK])
        }
        if not looks:
            return []
        return [
            Place(i, i, "term", cognate=True)
            for i, form in enumerate(self.forms)
            if any(len(key) > _LOOK and key[:_LOOK] in looks for key in form.word.keys)
        ]

    def _linked(self) -> set[int]:
        """The terms that stand here."""
        # No frozen set: what it shares with the keys of a dictionary would be found by going through all of it.
        if self._termset is None:
            self._termset = set(self._links.terms)
        return self._termset

    def _standing(self, terms: Mapping[int, int]) -> list[Link]:
        """The links of some terms."""
        some: Collection[int] = terms
        if len(terms) > _FEW or self._termset is not None:
            some = self._linked() & terms.keys()
        return [link for term in some for link in self._links.of(term)]
