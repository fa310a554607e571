"""References: what an address or a citation names in an index."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lawsearch.errors import UnknownReferenceError
from lawsearch.law import Address, Lang
from lawsearch.query import citation
from lawsearch.store.database import ActRecord, ArticleRecord, ProvisionRecord, Store


@dataclass(frozen=True, slots=True)
class Place:
    """What a reference names: a whole act, a whole article, or the provisions that an address contains."""

    act: ActRecord
    article: ArticleRecord | None = None
    provisions: tuple[ProvisionRecord, ...] = ()


def places(text: str, store: Store) -> list[Place]:
    """Every place that ``text`` names: an act's identifier, an address, a citation.

    A citation names no act, so that it may name a place in several. Empty where it is no reference, or names nothing.
    """
    text = text.strip()
    act = store.act_by_law(text)
    if act is not None:
        return [Place(act)]
    head, slash, _ = text.partition("/")
    if slash:
        act = store.act_by_law(head)
        if act is not None:
            try:
                return _at(act, Address.parse(text), store)
            except ValueError:
                return []
    path = citation.parse_path(text)
    if path is not None:
        return [p for act in store.acts() for p in _at(act, _address(f"{act.law}/{path}"), store)]
    cited = citation.parse(text)
    if cited is None:
        return []
    found = []
    for act in store.acts():
        address = Address(act.law, cited.article, cited.point, cited.subpoint, "note" if cited.note else None)
        found += _at(act, address, store, loose=True)
    return found


def place(text: str, store: Store) -> Place | None:
    """The one place that ``text`` names; None where the index holds no such place.

    Raises UnknownReferenceError for what is no reference at all, names an act that is not there, or fits several acts.
    """
    found = places(text, store)
    if len(found) == 1:
        return found[0]
    shown = text.strip()[:80]
    if found:
        some = ", ".join(p.act.law for p in found[:5])
        raise UnknownReferenceError(f"{shown}: {len(found)} acts have such a place ({some}); write LAW/ARTICLE/POINT")
    law = shown.partition("/")[0]
    if citation.parse(text) is not None or citation.parse_path(text) is not None:
        return None
    if store.act_by_law(law) is not None and _address(text.strip()) is not None:
        return None
    raise UnknownReferenceError(
        f"{shown}: unknown act, address or citation; write LAW, LAW/6/1/25, 6-бап or ст. 6 (`lawsearch info` lists the acts)"
    )


def language(text: str) -> Lang:
    """The language that a reference is written in; Kazakh for an address."""
    return "ru" if re.search(r"(?i)\b(?:ст|п|пп|стать|пункт|подпункт)", text) else "kk"


def _address(text: str) -> Address | None:
    try:
        return Address.parse(text)
    except ValueError:
        return None


def _at(act: ActRecord, address: Address | None, store: Store, loose: bool = False) -> list[Place]:
    if address is None:
        return []
    if address.article is None and address.special is None and (address.point, address.subpoint) == (None, None):
        return [Place(act)]
    articles = store.articles(act.id) if address.article is None else store.articles_numbered(address.article, act.id)
    if loose and address.article is None:
        # `п. 5` alone is a citation only in acts that have no articles.
        articles = [a for a in articles if a.number is None]
    found = []
    for article in articles:
        provisions = [store.provision(n) for n in range(article.first, article.last + 1)]
        here = tuple(p for p in provisions if address.contains(p.address))
        if loose and not here and address.subpoint is not None and address.point is None:
            # A citation of a sub-point that leaves out the article's only point that has it.
            here = tuple(p for p in provisions if p.address.subpoint == address.subpoint)
        if here:
            whole = address.point is None and address.subpoint is None and address.special is None
            found.append(Place(act, article, tuple(provisions) if whole else here))
    return found
