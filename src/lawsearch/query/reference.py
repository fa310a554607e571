"""References: what an address or a citation names in an index."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lawsearch.errors import UnknownReferenceError
from lawsearch.law import Address, Lang
from lawsearch.store.database import Store
from lawsearch.store.records import ActRecord, ArticleRecord, ProvisionRecord

if TYPE_CHECKING:
    from lawsearch.corpus.citing import Cited

#: An identifier in Akoma Ntoso's naming, in one act or in any: `Z1400000199/art_6__para_1`, `art_9-1`.
_EID = re.compile(r"(?:(?P<law>[^/]+)/)?(?P<eid>(?:att|art|para|point)_[^/\s]+)\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """What a reference names: a whole act, a whole article, the provisions that an address contains, or (with no article)
    those of several. ``whole``: the article as such was named, not a part that happens to be all of it."""

    act: ActRecord
    article: ArticleRecord | None = None
    provisions: tuple[ProvisionRecord, ...] = ()
    whole: bool = False


def places(text: str, store: Store) -> list[Place]:
    """Every place that ``text`` names: an act's identifier, an address, a citation.

    A citation names no act, so that it may name a place in several. Empty where it is no reference, or names nothing.
    """
    text = text.strip()
    act = store.act_by_law(text)
    if act is not None:
        return [Place(act)]
    eid = _EID.match(text)
    if eid is not None:
        acts = list(store.acts()) if eid["law"] is None else [a for a in (store.act_by_law(eid["law"]),) if a is not None]
        return [p for act in acts for p in _at(act, _of_eid(act.law, eid["eid"]), store)]
    head, slash, _ = text.partition("/")
    if slash:
        act = store.act_by_law(head)
        if act is not None:
            try:
                return _at(act, Address.parse(text), store)
            except ValueError:
                return []
    if not any(map(str.isdecimal, text)):
        # Every citation has a number: most queries need not even load the grammar.
        return []
    from lawsearch.query import citation
    from lawsearch.store.naming import acts_named

    path = citation.parse_path(text)
    if path is not None:
        return [p for act in store.acts() for p in _at(act, _address(f"{act.law}/{path}"), store)]
    found = citation.parse(text)
    if found is None:
        return []
    acts = list(store.acts())
    if found.act is not None:
        acts = [store.act(n) for n in acts_named(found.act, store.acts_under, store.title_size)]
    return [p for act in acts for p in _cited(act, found.cited, store)]


def place(text: str, store: Store) -> Place | None:
    """The one place that ``text`` names; None where the index holds no such place.

    Raises UnknownReferenceError for what is no reference at all, names an act that is not there, or fits several acts.
    """
    found = places(text, store)
    if len(found) == 1:
        return found[0]
    if len({p.act.id for p in found}) == 1:
        # Several articles of one act (`ст. 5-7`): all of their provisions, under no one article.
        return Place(found[0].act, None, tuple(q for p in found for q in p.provisions))
    shown = text.strip()[:80]
    if found:
        some = ", ".join(p.act.law for p in found[:5])
        raise UnknownReferenceError(f"{shown}: {len(found)} acts have such a place ({some}); write LAW/ARTICLE/POINT")
    law = shown.partition("/")[0]
    from lawsearch.query import citation
    from lawsearch.store.naming import acts_named

    cited = citation.parse(text)
    if cited is not None and cited.act is not None and not acts_named(cited.act, store.acts_under, store.title_size):
        raise UnknownReferenceError(f"{shown}: the index holds no such act; `lawsearch info` lists the acts it holds")
    if cited is not None or citation.parse_path(text) is not None or _EID.match(text.strip()):
        return None
    if store.act_by_law(law) is not None and _address(text.strip()) is not None:
        return None
    raise UnknownReferenceError(
        f"{shown}: unknown act, address or citation; write LAW, LAW/6/1/25, 6-бап or ст. 6 (`lawsearch info` lists the acts)"
    )


def language(text: str) -> Lang:
    """The language that a reference is written in; Kazakh for an address."""
    return "ru" if re.search(r"(?i)\b(?:ст|п|пп|ч|стать|част|пункт|подпункт)", text) else "kk"


def _of_eid(law: str, text: str) -> Address | None:
    try:
        return Address.parse_eid(law, text)
    except ValueError:
        return None


def _address(text: str) -> Address | None:
    try:
        return Address.parse(text)
    except ValueError:
        return None


def _cited(act: ActRecord, cited: Cited, store: Store) -> list[Place]:
    """The places of an act that a citation comes to, one for each article."""
    from lawsearch.corpus.citing import order, within

    if cited.articles:
        printed = frozenset(store.article_numbers(act.id))
        wanted = [n for n in sorted(printed, key=order) if within(n, cited.articles, printed)]
        articles = [a for n in wanted for a in store.articles_numbered(n, act.id)]
    else:
        # `п. 5` alone is a citation only in acts that have no articles.
        articles = [a for a in store.articles(act.id) if a.number is None]
    found = []
    for article in articles:
        provisions = [store.provision(n) for n in range(article.first, article.last + 1)]
        here = tuple(provisions)
        if cited.points:
            points = frozenset(p.address.point for p in here if p.address.point is not None)
            here = tuple(p for p in here if within(p.address.point, cited.points, points))
        if cited.subpoints:
            numbers = frozenset(p.address.subpoint for p in here if p.address.subpoint is not None)
            those = tuple(p for p in here if within(p.address.subpoint, cited.subpoints, numbers))
            direct = tuple(p for p in those if p.address.point is None)
            # Of `5-бап 3) тармақша` the one that hangs under the article itself is meant, where there is one.
            here = direct if direct and not cited.points else those
        if cited.note:
            here = tuple(p for p in here if p.address.special is not None and p.address.special.startswith("note"))
        if here:
            found.append(Place(act, article, here, not (cited.points or cited.subpoints or cited.note)))
    return found


def _at(act: ActRecord, address: Address | None, store: Store) -> list[Place]:
    if address is None:
        return []
    if address == Address(act.law):
        return [Place(act)]
    if address.article is None and address.special is None and (address.point, address.subpoint) == (None, None):
        below = [store.provision(n) for n in store.documents_of_act(act.id)]
        there = tuple(p for p in below if p.address.annex == address.annex)
        return [Place(act, None, there)] if there else []
    articles = store.articles(act.id) if address.article is None else store.articles_numbered(address.article, act.id)
    found = []
    for article in articles:
        provisions = [store.provision(n) for n in range(article.first, article.last + 1)]
        here = tuple(p for p in provisions if address.contains(p.address))
        if here:
            whole = address.point is None and address.subpoint is None and address.special is None
            found.append(Place(act, article, tuple(provisions) if whole else here, whole))
    return found
