"""Pairs: what says the same in both languages, provision by provision or paragraph by paragraph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lawsearch.law import LANGS, Address, Lang
from lawsearch.store.database import Store
from lawsearch.store.records import ActRecord, ArticleRecord, ProvisionRecord


class Unit(NamedTuple):
    """Two texts that say the same: where each stands, how sure their pairing is, and which of them are unofficial."""

    addresses: dict[Lang, Address]
    texts: dict[Lang, str]
    confidence: float
    unofficial: tuple[Lang, ...]
    paragraph: int | None = None


def units(
    provisions: Iterable[tuple[ProvisionRecord, ArticleRecord, ActRecord]], store: Store, *, paragraphs: bool = False
) -> Iterator[Unit]:
    """The pairs among some provisions, in their order; each pair once, whatever addresses its sides have.

    With ``paragraphs``, one unit for each pair of paragraphs instead of one for each pair of provisions.
    """
    for provision, _, act in provisions:
        sides = dict.fromkeys(provision.texts, provision)
        other = store.counterpart(provision)
        confidence = provision.confidence
        if other is not None:
            if "kk" not in provision.texts:
                continue
            sides |= dict.fromkeys(other.texts, other)
            confidence = provision.counterpart.confidence if provision.counterpart is not None else None
        if len(sides) != len(LANGS) or confidence is None:
            continue
        unofficial = tuple(lang for lang in LANGS if act.text_status.get(lang) == "unofficial")
        addresses = {lang: p.address for lang, p in sides.items()}
        texts = {lang: p.texts[lang] for lang, p in sides.items()}
        if not paragraphs:
            yield Unit(addresses, texts, confidence, unofficial)
            continue
        for number, pair in enumerate(_paragraph_pairs(texts, provision.beads), 1):
            yield Unit(addresses, pair, confidence, unofficial, number)


def _paragraph_pairs(texts: dict[Lang, str], beads: tuple[tuple[int, int, int, int], ...]) -> Iterator[dict[Lang, str]]:
    kk, ru = texts["kk"].split("\n"), texts["ru"].split("\n")
    if not beads and len(kk) != len(ru):
        yield texts
        return
    for a, b, c, d in beads or [(i, i + 1, i, i + 1) for i in range(len(kk))]:
        pair: dict[Lang, str] = {"kk": "\n".join(kk[a:b]), "ru": "\n".join(ru[c:d])}
        if all(text.strip() for text in pair.values()):
            yield pair
