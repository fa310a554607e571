"""Cross-references for people and as records: what a provision cites, and what cites it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lawsearch.law import Address, Lang
from lawsearch.output.layout import Line, visible
from lawsearch.output.records import Record, citation
from lawsearch.query.reference import Place
from lawsearch.store.database import Store
from lawsearch.store.records import ReferenceRecord

_WORDS: dict[str, dict[Lang, str]] = {
    "cites": {"kk": "Мыналарға сілтейді:", "ru": "Ссылается на:"},
    "cited_by": {"kk": "Бұған сілтейтіндер:", "ru": "На это ссылаются:"},
    "none": {"kk": "сілтеме жоқ", "ru": "ссылок нет"},
}


@dataclass(frozen=True, slots=True)
class CrossReference:
    """``source`` cites ``target`` with the words ``text`` of its text in one language (``span``: where they stand)."""

    source: Address
    target: Address
    lang: Lang
    text: str
    span: tuple[int, int]


def cites(place: Place, store: Store) -> list[CrossReference]:
    """What the provisions of a place (of a whole act: all of them) cite, in their order."""
    whole_act = place.article is None and not place.provisions
    numbers = store.documents_of_act(place.act.id) if whole_act else [p.id for p in place.provisions]
    return [_read(record, store) for number in numbers for record in store.cited_by(number)]


def cited_by(place: Place, store: Store) -> list[CrossReference]:
    """What cites a place or anything below it, in the corpus' order."""
    article = place.article
    if article is None:
        targets = [str(p.address) for p in place.provisions] or [place.act.law]
    elif article.number is not None and place.whole:
        targets = [str(Address(place.act.law, article.number))]
    else:
        targets = [str(p.address) for p in place.provisions]
    found = {r: None for target in targets for r in store.citing(place.act.id, target)}
    ordered = sorted(found, key=lambda r: (r.provision, r.lang, r.start, r.target))
    return [_read(record, store) for record in ordered]


def _read(record: ReferenceRecord, store: Store) -> CrossReference:
    provision = store.provision(record.provision)
    text = provision.texts[record.lang][record.start : record.end]
    return CrossReference(provision.address, Address.parse(record.target), record.lang, text, (record.start, record.end))


def lines(place: Place, store: Store, lang: Lang) -> Iterator[Line]:
    """Both lists for people; what is cited in the same words in one place is one line."""
    for name, found in (("cites", cites(place, store)), ("cited_by", cited_by(place, store))):
        yield Line(0, ((_WORDS[name][lang], "heading"),))
        shown = dict.fromkeys(
            ((r.target if name == "cites" else r.source), r.source if name == "cites" else r.target, r.text) for r in found
        )
        for there, _, text in shown:
            place_there = there.citation(lang) or there.law
            yield Line(
                2,
                (
                    (visible(place_there), "citation"),
                    (f"  {visible(str(there))}", "context"),
                    (f"  «{visible(text)}»", ""),
                ),
            )
        if not shown:
            yield Line(2, ((_WORDS["none"][lang], "context"),))
        yield Line(0, ())


def record(place: Place, store: Store) -> Record:
    """Both lists as a record; addresses with their citations in both languages."""
    return {
        "cites": [_record(r, r.target) for r in cites(place, store)],
        "cited_by": [_record(r, r.source) for r in cited_by(place, store)],
    }


def _record(found: CrossReference, there: Address) -> Record:
    return {
        "address": str(there),
        "law": there.law,
        "citation": citation(there),
        "from": str(found.source),
        "lang": found.lang,
        "text": found.text,
        "span": list(found.span),
    }
