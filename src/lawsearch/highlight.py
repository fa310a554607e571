"""Highlights: which words of a provision's own text answer to a query, and through what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from lawsearch.analysis.analyzer import Analyzer, Token, Word, word_keys
from lawsearch.analysis.letters import is_kazakh
from lawsearch.law import LANGS, Lang
from lawsearch.store.database import Store
from lawsearch.store.records import ProvisionRecord
from lawsearch.terms.linking import KeySets, Link, Links

Via = Literal["stem", "exact", "term", "keyboard", "spelling", "citation"]
#: How a term that led to a match says less than the word asked for: it has a word of its family, or it is a rarer sense.
Sense = Literal["related", "rarer"]
Span = tuple[int, int]

#: Loans that agree in so many letters are taken for the same word inside a pair of texts.
_LOOK = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A thing asked for: the words as typed and folded, their readings, look-alike keys.

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


@dataclass(frozen=True, slots=True)
class Match:
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


class Marked:
    """A provision's text made ready for marking: its tokens and links by key, in each language. Built once, used often."""

    def __init__(self, provision: ProvisionRecord, analyzer: Analyzer, store: Store) -> None:
        self.sides = {
            lang: _Side(lang, text, analyzer.tokens(text, lang), provision.links.get(lang, ()), store)
            for lang in LANGS
            if (text := provision.texts.get(lang)) is not None
        }

    def matches(self, asked: Sequence[Asked], *, weak: bool, exact: bool) -> list[Match]:
        """Every match in every language, by language, then place, then the order of ``asked``."""
        found: list[Match] = []
        for side in self.sides.values():
            here: dict[tuple[int, tuple[int, int]], Match] = {}
            for number, thing in enumerate(asked):
                own = side.exact(number, thing) if exact or thing.exact else side.own(number, thing)
                for match in own:
                    known = here.get((number, match.tokens))
                    if known is None or (known.via != "exact" and match.via == "exact"):
                        here[number, match.tokens] = match
                if exact or thing.exact or not thing.terms:
                    continue
                # A word that stands there itself needs no term to explain it.
                standing = {t for n, t in here if n == number}
                carried = list(side.through_terms(number, thing, weak))
                if not carried and not standing:
                    carried = list(side.through_relatives(number, thing))
                for match in carried:
                    if not any(match.tokens[0] <= first and last <= match.tokens[1] for first, last in standing):
                        here.setdefault((number, match.tokens), match)
            for place, match in here.items():
                via = asked[match.asked].via
                if via is not None:
                    here[place] = replace(match, via=via)
            found += sorted(here.values(), key=lambda m: (m.tokens, m.asked, m.via))
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
    for lang, side in theirs.sides.items():
        other: Lang = "ru" if lang == "kk" else "kk"
        source = (ours or theirs).sides.get(other)
        if source is None:
            continue
        here = {m.asked for m in found if m.lang == lang} if ours is None else set()
        for number, thing in enumerate(asked):
            there = [m for m in found if m.asked == number and m.lang == other]
            if number in here or not there:
                continue
            more += (
                list(side.through_terms(number, thing, weak=True))
                or side.same_terms(number, source, there)
                or side.same_look(number, source, there)
            )
    return more


class _Side:
    """One language of a provision."""

    def __init__(self, lang: Lang, text: str, tokens: Sequence[Token], links: Sequence[Link], store: Store) -> None:
        self.lang = lang
        self.text = text
        self.tokens = tokens
        self.slots = [(i, part) for i, token in enumerate(tokens) for part in token.word.parts]
        self.by_key: dict[str, list[int]] = {}
        for i, token in enumerate(tokens):
            for key in word_keys(token.word):
                self.by_key.setdefault(key, []).append(i)
        self.at_slot: dict[str, list[int]] = {}
        for slot, (_, part) in enumerate(self.slots):
            for key in part:
                self.at_slot.setdefault(key, []).append(slot)
        self._links = links
        self._terms = links.terms if isinstance(links, Links) else [link.term for link in links]
        self._termset = frozenset(self._terms)
        self._store = store
        self._fetched = False
        self._by_term: dict[int, list[int]] | None = None

    def terms(self) -> Iterator[tuple[int, tuple[Span, ...]]]:
        """The terms in their order: each one's number and its words' spans, what is inside a longer one left out."""
        for link in sorted(self._links, key=lambda link: (link.first, -link.last, link.term)):
            if not link.weak:
                yield link.term, tuple((t.start, t.end) for t in self.tokens[link.first : link.last + 1])

    def own(self, number: int, thing: Asked) -> Iterator[Match]:
        """Where the words stand themselves. A part of a compound answers with the whole compound."""
        if thing.surface:
            for i, token in enumerate(self.tokens):
                if token.form in thing.surface:
                    yield self._match(number, i, i, "exact")
        words = thing.readings.get(self.lang)
        if words is not None:
            if len(words) == 1:
                for i in sorted({i for key in words[0].keys for i in self.by_key.get(key, ())}):
                    token = self.tokens[i]
                    simple = not token.word.whole
                    yield self._match(number, i, i, "exact" if simple and token.form == thing.forms[0] else "stem")
            places = tuple(part for word in words for part in word.parts)
            if len(places) > 1:
                yield from self._runs(number, thing, places)
        for i in sorted({i for key in thing.cognates.get(self.lang, ()) for i in self.by_key.get(key, ())}):
            yield self._match(number, i, i, "term", cognate=True)

    def _runs(self, number: int, thing: Asked, places: tuple[tuple[str, ...], ...]) -> Iterator[Match]:
        """Successive positions that hold one key of each place."""
        for start in sorted({slot for key in places[0] for slot in self.at_slot.get(key, ())}):
            if start + len(places) > len(self.slots):
                continue
            if all(not set(self.slots[start + j][1]).isdisjoint(place) for j, place in enumerate(places)):
                first, last = self.slots[start][0], self.slots[start + len(places) - 1][0]
                forms = tuple(t.form for t in self.tokens[first : last + 1])
                yield self._match(number, first, last, "exact" if forms == thing.forms else "stem")

    def exact(self, number: int, thing: Asked) -> Iterator[Match]:
        """Successive tokens with exactly the forms asked for."""
        size = len(thing.forms)
        for start in range(len(self.tokens) - size + 1):
            if all(self.tokens[start + j].form == form for j, form in enumerate(thing.forms)):
                yield self._match(number, start, start + size - 1, "exact")

    def through_terms(self, number: int, thing: Asked, weak: bool) -> Iterator[Match]:
        """Where a term stands whose other side holds the words asked for, in their order."""
        other: Lang = "ru" if self.lang == "kk" else "kk"
        words = thing.readings.get(other)
        if words is None or not self._links:
            return
        self._fetch()
        sizes = self._store.kept((other, words), lambda: _Carrying(other, words, self._store)).sizes()
        if self._termset.isdisjoint(sizes):
            return
        answers = self._standing(sizes)
        answers.sort(key=lambda link: (link.position, link.first, sizes[link.term], link))
        seen: set[tuple[int, int]] = set()
        for link in answers:
            if link.weak and not weak:
                continue
            for exact in self._narrowed(link, answers):
                if (exact.first, exact.last) not in seen:
                    seen.add((exact.first, exact.last))
                    sense: Sense | None = "rarer" if link.weak else None
                    yield self._match(number, exact.first, exact.last, "term", term=exact.term, sense=sense)

    def through_relatives(self, number: int, thing: Asked) -> Iterator[Match]:
        """Where a term stands whose other side holds a word of the family of the one asked for."""
        other: Lang = "ru" if self.lang == "kk" else "kk"
        keys = thing.relatives.get(other, ())
        if not keys or not self._links:
            return
        self._fetch()
        carrying = {term for key in keys for term in self._store.terms_with(key, other)}
        answers = sorted(link for link in self._standing(carrying) if not link.weak)
        for first, last, term in dict.fromkeys((e.first, e.last, e.term) for a in answers for e in self._narrowed(a, answers)):
            yield self._match(number, first, last, "term", term=term, sense="related")

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

    def same_terms(self, number: int, source: _Side, there: Sequence[Match]) -> list[Match]:
        """Where a term stands that covers a match in the paired text; of several such terms the shortest."""
        mine = self._termset
        found: dict[tuple[int, int], Match] = {}
        for match in there:
            covering = [link for link in source.covering(*match.tokens) if link.term in mine]
            if not covering:
                continue
            shortest = min(link.last - link.first for link in covering)
            terms = dict.fromkeys(link.term for link in covering if link.last - link.first == shortest)
            for link in (self._links[i] for term in terms for i in self._places_of(term)):
                found.setdefault((link.first, link.last), self._match(number, link.first, link.last, "term", term=link.term))
        return [found[place] for place in sorted(found)]

    def covering(self, first: int, last: int) -> list[Link]:
        """The links that hold the tokens from ``first`` to ``last``."""
        if isinstance(self._links, Links):
            return self._links.covering(first, last)
        return [link for link in self._links if link.first <= first and last <= link.last]

    def same_look(self, number: int, source: _Side, there: Sequence[Match]) -> list[Match]:
        """Single words that begin like a matched word of the paired text, where its letters are in both alphabets."""
        looks = {
            key[:_LOOK]
            for match in there
            if match.tokens[0] == match.tokens[1]
            for key in source.tokens[match.tokens[0]].word.keys
            if len(key) > _LOOK and not is_kazakh(key[:_LOOK])
        }
        return [
            self._match(number, i, i, "term", cognate=True)
            for i, token in enumerate(self.tokens)
            if any(len(key) > _LOOK and key[:_LOOK] in looks for key in token.word.keys)
        ]

    def _standing(self, terms: Collection[int]) -> list[Link]:
        """The links of some terms."""
        return [self._links[i] for term in self._termset.intersection(terms) for i in self._places_of(term)]

    def _places_of(self, term: int) -> Sequence[int]:
        """Which of the links are of a term."""
        if self._by_term is None:
            self._by_term = {}
            for i, its in enumerate(self._terms):
                self._by_term.setdefault(its, []).append(i)
        return self._by_term.get(term, ())

    def _fetch(self) -> None:
        if not self._fetched:
            self._store.fetch_terms(self._terms)
            self._fetched = True

    def _match(
        self,
        number: int,
        first: int,
        last: int,
        via: Via,
        term: int | None = None,
        cognate: bool = False,
        sense: Sense | None = None,
    ) -> Match:
        here = self.tokens[first : last + 1]
        spans = tuple((t.start, t.end) for t in here)
        return Match(
            number, self.lang, (first, last), spans, self.text[here[0].start : here[-1].end], via, term, cognate, sense
        )


class _Carrying:
    """The terms one side of which holds the words asked for, in their order: of those that the store has read so far."""

    def __init__(self, lang: Lang, words: tuple[Word, ...], store: Store) -> None:
        self._lang = lang
        self._store = store
        self._places = tuple(part for word in words for part in word.parts)
        self._whole = set(words[0].keys) if len(words) == 1 else set()
        self._looked_at = dict.fromkeys((*self._whole, *self._places[0]), 0)
        self._sizes: dict[int, int] = {}

    def sizes(self) -> Mapping[int, int]:
        """Each with how many places that side has."""
        for key, done in self._looked_at.items():
            terms = self._store.terms_with(key, self._lang)
            for term in terms[done:]:
                sets = self._store.term(term).keys[self._lang]
                if any(not self._whole.isdisjoint(s) for s in sets) or _holds_run(sets, self._places):
                    self._sizes[term] = len(sets)
            self._looked_at[key] = len(terms)
        return self._sizes


def _holds_run(sets: KeySets, places: tuple[tuple[str, ...], ...]) -> bool:
    return any(
        all(not set(places[j]).isdisjoint(sets[start + j]) for j in range(len(places)))
        for start in range(len(sets) - len(places) + 1)
    )


def spans(found: Iterable[Match], lang: Lang) -> list[Span]:
    """The spans to highlight in one language's text: sorted, distinct, not overlapping."""
    return sorted({s for m in found if m.lang == lang for s in m.spans})
