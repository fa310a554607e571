"""References: what an address or a citation names in an index."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lawsearch.analysis.letters import is_kazakh
from lawsearch.errors import UnknownReferenceError
from lawsearch.law import Address, Lang
from lawsearch.store.database import Store
from lawsearch.store.records import ActRecord, ArticleRecord, ProvisionRecord

if TYPE_CHECKING:
    from lawsearch.corpus.citing import Cited
    from lawsearch.query.citation import Citation

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


@dataclass(frozen=True, slots=True)
class Spot:
    """A `Place` by numbers alone, of which nothing but its addresses was read."""

    act: int
    article: int | None = None
    documents: tuple[int, ...] = ()
    whole: bool = False

    def place(self, store: Store) -> Place:
        """The place with its records."""
        article = None if self.article is None else store.article(self.article)
        return Place(store.act(self.act), article, tuple(store.provision(n) for n in self.documents), self.whole)


class Sought(NamedTuple):
    """What a text names: the places that are there; whether it names an article, an annex or an address, there or not; the
    language that the words of its citation are in, where it has any."""

    spots: list[Spot]
    named: bool
    worded: Lang | None = None


def places(text: str, store: Store) -> list[Place]:
    """Every place that ``text`` names: an act's identifier, an address, a citation.

    A citation names no act, so that it may name a place in several. Empty where it is no reference, or names nothing.
    """
    return [spot.place(store) for spot in sought(text, store).spots]


def sought(text: str, store: Store) -> Sought:
    """`places`, by numbers: in a large corpus `ст. 6` names thousands of provisions, of which few are looked at."""
    text = text.strip()
    act = store.act_by_law(text)
    if act is not None:
        return Sought([Spot(act.id)], True)
    numbered = any(map(str.isdecimal, text))
    eid = _EID.match(text)
    if eid is not None:
        if eid["law"] is None:
            return Sought(_at(store.act_numbers(), lambda law: _of_eid(law, eid["eid"]), store), numbered)
        act = store.act_by_law(eid["law"])
        here = [] if act is None else _at([(act.id, act.law)], lambda law: _of_eid(law, eid["eid"]), store)
        return Sought(here, numbered)
    head, slash, _ = text.partition("/")
    if slash:
        act = store.act_by_law(head)
        if act is not None:
            address = _address(text)
            return Sought(_at([(act.id, act.law)], lambda _: address, store), numbered and address is not None)
    if not numbered:
        # Every citation has a number: most queries need not even load the grammar.
        return Sought([], False)
    from lawsearch.query import citation
    from lawsearch.store.naming import acts_named

    path = citation.parse_path(text)
    if path is not None:
        # A number alone, with or without a hyphen, is more often a word of a text.
        return Sought(_at(store.act_numbers(), lambda law: _address(f"{law}/{path}"), store), bool(slash))
    found = citation.parse(text)
    if found is None:
        return Sought([], False)
    acts = None if found.act is None else acts_named(found.act, store.acts_under, store.title_size)
    if found.annexes:
        return Sought(_in_annexes(acts, found, store), True, found.lang)
    return Sought(_cited(acts, found.cited, store), bool(found.cited.articles), found.lang)


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
    """The language that a reference is written in: see `language_of`."""
    found = None
    if any(map(str.isdecimal, text)):
        from lawsearch.query import citation

        found = citation.parse(text)
    return language_of(text, None if found is None else found.lang)


def language_of(text: str, worded: Lang | None) -> Lang:
    """The language of a reference with citation words in ``worded``: `9-1-бап` is Kazakh without a Kazakh letter. Without any
    the letters tell; Kazakh for an address."""
    return worded or ("kk" if text.isascii() or is_kazakh(text.lower()) else "ru")


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


#: An article by its number in the store, as printed, with its first and its last document.
_Article = tuple[int, str | None, int, int]


def _articles(acts: Sequence[int] | None, store: Store, numbers: Sequence[str] | None = None) -> dict[int, list[_Article]]:
    """The articles of some acts, or of all, act by act, in the acts' order; of all acts only those with some ``numbers``,
    where these are given."""
    found: dict[int, list[_Article]] = {}
    if acts is not None:
        rows = [row for act in acts for row in store.article_places(act)]
    elif numbers is not None:
        rows = store.articles_numbered(numbers)
    else:
        rows = store.article_places()
    for number, act, printed, first, last in rows:
        found.setdefault(act, []).append((number, printed, first, last))
    return found


def _cited(acts: Sequence[int] | None, cited: Cited, store: Store) -> list[Spot]:
    """The places of some acts, or of all, that a citation comes to, one for each article."""
    from lawsearch.corpus.citing import order, within

    found = []
    # A range takes in what an act has inserted; a number alone is looked up.
    alone = [n.first for n in cited.articles] if not any(n.last is not None or n.open for n in cited.articles) else None
    for act, its in _articles(acts, store, alone or None).items():
        if cited.articles:
            printed = frozenset(number for _, number, _, _ in its if number is not None)
            wanted = sorted((n for n in printed if within(n, cited.articles, printed)), key=lambda n: (order(n), n))
            articles = [a for n in wanted for a in its if a[1] == n]
        else:
            # `п. 5` alone is a citation only in acts that have no articles.
            articles = [a for a in its if a[1] is None]
        for number, _, first, last in articles:
            if not (cited.points or cited.subpoints or cited.note):
                found.append(Spot(act, number, tuple(range(first, last + 1)), True))
                continue
            here = _cited_in(store.addresses_between(first, last), cited)
            if here:
                found.append(Spot(act, number, here))
    return found


def _in_annexes(acts: Sequence[int] | None, citation: Citation, store: Store) -> list[Spot]:
    """The places in annexes of some acts, or of all, that a citation comes to: one for an act's annexes as such, else one for
    each article in them."""
    from lawsearch.corpus.citing import within

    annexes, cited = citation.annexes, citation.cited
    rows = store.annexed() if acts is None else [row for act in acts for row in store.annexed(act)]
    whole = not (cited.articles or cited.points or cited.subpoints or cited.note)
    printed: dict[int, set[str]] = {}
    for _, act, _, _, address in rows:
        printed.setdefault(act, set()).add(address.annex or "")
    found: dict[tuple[int, int | None], list[tuple[int, Address]]] = {}
    for document, act, article, number, address in rows:
        if not within(address.annex, annexes, frozenset(printed[act])):
            continue
        if citation.preamble and not (address.special or "").startswith("preamble"):
            continue
        if cited.articles and not within(number, cited.articles, frozenset((number or "",))):
            continue
        if not (whole or cited.articles) and number is not None:
            # `прил. 1 п. 5`: a point that hangs under no article.
            continue
        found.setdefault((act, None if whole else article), []).append((document, address))
    spots = ((act, article, _cited_in(here, cited)) for (act, article), here in found.items())
    return [Spot(act, article, documents) for act, article, documents in spots if documents]


def _cited_in(here: list[tuple[int, Address]], cited: Cited) -> tuple[int, ...]:
    """Those of an article's documents that a citation means."""
    from lawsearch.corpus.citing import within

    if cited.points:
        points = frozenset(a.point for _, a in here if a.point is not None)
        here = [(n, a) for n, a in here if within(a.point, cited.points, points)]
    if cited.subpoints:
        numbers = frozenset(a.subpoint for _, a in here if a.subpoint is not None)
        those = [(n, a) for n, a in here if within(a.subpoint, cited.subpoints, numbers)]
        direct = [(n, a) for n, a in those if a.point is None]
        # Of `5-бап 3) тармақша` the one that hangs under the article itself is meant, where there is one.
        here = direct if direct and not cited.points else those
    if cited.note:
        here = [(n, a) for n, a in here if a.special is not None and a.special.startswith("note")]
    return tuple(n for n, _ in here)


def _at(acts: Sequence[tuple[int, str]], address_in: Callable[[str], Address | None], store: Store) -> list[Spot]:
    """The places of an address in some acts (number and identifier); ``address_in`` gives it for an act's identifier."""
    # The article is the same in every act.
    wanted = address_in(acts[0][1]) if acts else None
    named = None if wanted is None else wanted.article
    articles = _articles([act for act, _ in acts] if len(acts) == 1 else None, store, named and [named])
    found: list[Spot] = []
    for act, law in acts:
        address = address_in(law)
        if address is None:
            continue
        if address == Address(law):
            found.append(Spot(act))
            continue
        its = articles.get(act, [])
        if address.article is None and address.special is None and (address.point, address.subpoint) == (None, None):
            there = tuple(
                n for _, _, first, last in its for n, a in store.addresses_between(first, last) if a.annex == address.annex
            )
            if there:
                found.append(Spot(act, None, there))
            continue
        for number, printed, first, last in its:
            if address.article is None or printed == address.article:
                here = tuple(n for n, a in store.addresses_between(first, last) if address.contains(a))
                if here:
                    whole = address.point is None and address.subpoint is None and address.special is None
                    found.append(Spot(act, number, tuple(range(first, last + 1)) if whole else here, whole))
    return found
