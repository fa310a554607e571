"""Highlights: which words of a provision's own text answer to a query, and through what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lawsearch.analysis.analyzer import Analyzer, Token, Word
from lawsearch.law import LANGS, Lang
from lawsearch.store.database import ProvisionRecord, Store

Via = Literal["stem", "exact", "term", "keyboard", "spelling", "citation"]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A thing asked for: the words as typed and folded, their readings, look-alike keys."""

    text: str
    forms: tuple[str, ...]
    readings: Mapping[Lang, tuple[Word, ...]]
    cognates: Mapping[Lang, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Match:
    """A place in a text that answers to one thing asked for.

    ``spans`` are code points, one a word; ``tokens`` the first and last token; ``term`` the term's number where it was
    found through the term base; ``cognate`` where only the look of a loan led there.
    """

    asked: int
    lang: Lang
    tokens: tuple[int, int]
    spans: tuple[Span, ...]
    found: str
    via: Via
    term: int | None = None
    cognate: bool = False


def matches(
    provision: ProvisionRecord, asked: Sequence[Asked], analyzer: Analyzer, store: Store, *, weak: bool, exact: bool
) -> list[Match]:
    """Every match in every language of a provision, by language, then place, then the order of ``asked``."""
    found: list[Match] = []
    for lang in LANGS:
        text = provision.texts.get(lang)
        if text is None:
            continue
        tokens = analyzer.tokens(text, lang)
        here: list[Match] = []
        for number, thing in enumerate(asked):
            here += _own(number, thing, lang, text, tokens, exact)
            if not exact:
                here += _through_terms(number, thing, lang, text, tokens, provision, store, weak)
        found += sorted(here, key=lambda m: (m.tokens, m.asked, m.via))
    return found


def spans(found: Iterable[Match], lang: Lang) -> list[Span]:
    """The spans to highlight in one language's text: sorted, distinct, not overlapping."""
    return sorted({s for m in found if m.lang == lang for s in m.spans})


def _own(number: int, thing: Asked, lang: Lang, text: str, tokens: Sequence[Token], exact: bool) -> Iterable[Match]:
    """Where the words stand themselves. A part of a compound answers with the whole compound."""
    words = thing.readings.get(lang)
    if exact:
        yield from _sequences(number, thing, lang, text, tokens)
        return
    if words is not None:
        if len(words) == 1:
            whole, places = frozenset(words[0].keys), words[0].parts
            for i, token in enumerate(tokens):
                simple = not token.word.whole
                if not whole.isdisjoint(token.word.keys) or any(not whole.isdisjoint(p) for p in token.word.parts):
                    via: Via = "exact" if simple and token.form == thing.forms[0] else "stem"
                    yield _match(number, lang, text, tokens, i, i, via)
        else:
            places = tuple(part for word in words for part in word.parts)
        if len(places) > 1:
            yield from _runs(number, thing, lang, text, tokens, places)
    keys = frozenset(thing.cognates.get(lang, ()))
    if keys:
        for i, token in enumerate(tokens):
            if not keys.isdisjoint(token.word.keys):
                yield _match(number, lang, text, tokens, i, i, "term", cognate=True)


def _runs(
    number: int, thing: Asked, lang: Lang, text: str, tokens: Sequence[Token], places: tuple[tuple[str, ...], ...]
) -> Iterable[Match]:
    """Successive positions that hold one key of each place."""
    slots = [(i, frozenset(part)) for i, token in enumerate(tokens) for part in token.word.parts]
    for start in range(len(slots) - len(places) + 1):
        if all(not slots[start + j][1].isdisjoint(place) for j, place in enumerate(places)):
            first, last = slots[start][0], slots[start + len(places) - 1][0]
            forms = tuple(t.form for t in tokens[first : last + 1])
            yield _match(number, lang, text, tokens, first, last, "exact" if forms == thing.forms else "stem")


def _sequences(number: int, thing: Asked, lang: Lang, text: str, tokens: Sequence[Token]) -> Iterable[Match]:
    """Successive tokens with exactly the forms asked for."""
    size = len(thing.forms)
    for start in range(len(tokens) - size + 1):
        if all(tokens[start + j].form == form for j, form in enumerate(thing.forms)):
            yield _match(number, lang, text, tokens, start, start + size - 1, "exact")


def _through_terms(
    number: int,
    thing: Asked,
    lang: Lang,
    text: str,
    tokens: Sequence[Token],
    provision: ProvisionRecord,
    store: Store,
    weak: bool,
) -> Iterable[Match]:
    """Where a term stands whose other side holds the words asked for, in their order."""
    other: Lang = "ru" if lang == "kk" else "kk"
    words = thing.readings.get(other)
    if words is None:
        return
    places = [frozenset(part) for word in words for part in word.parts]
    whole = frozenset(words[0].keys) if len(words) == 1 else frozenset()
    seen: set[tuple[int, int]] = set()
    for link in provision.links.get(lang, ()):
        if (link.weak and not weak) or (link.first, link.last) in seen:
            continue
        sets = store.term(link.term).keys[other]
        if any(not whole.isdisjoint(s) for s in sets) or any(
            all(not places[j].isdisjoint(sets[start + j]) for j in range(len(places)))
            for start in range(len(sets) - len(places) + 1)
        ):
            seen.add((link.first, link.last))
            yield _match(number, lang, text, tokens, link.first, link.last, "term", term=link.term)


def _match(
    number: int,
    lang: Lang,
    text: str,
    tokens: Sequence[Token],
    first: int,
    last: int,
    via: Via,
    term: int | None = None,
    cognate: bool = False,
) -> Match:
    return Match(
        number,
        lang,
        (first, last),
        tuple((t.start, t.end) for t in tokens[first : last + 1]),
        text[tokens[first].start : tokens[last].end],
        via,
        term,
        cognate,
    )
