"""Filing: provisions as documents, which keys each of them has in which field at which positions, for a batch of acts at once.

What a provision holds is told by the numbers of its texts (`terms.texts`); the keys themselves are taken out of the tables of
all texts when the batch is whole, field by field.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np  # only a build comes here

from lawsearch.corpus.alignment import DOUBTFUL
from lawsearch.engine.base import HEAD_FIELD
from lawsearch.engine.inverted import Inverted
from lawsearch.engine.ragged import Chosen, Numbers, taken
from lawsearch.engine.sorting import Pairs, inverted
from lawsearch.law import LANGS, Article, Lang
from lawsearch.terms.texts import Language, Texts

#: Positions left free between a title and a lead-in.
_GAP = 20
_OTHER: dict[Lang, Lang] = {"kk": "ru", "ru": "kk"}


class _Places:
    """Texts as they stand in documents: the document, the text's number, the position at which it begins."""

    def __init__(self) -> None:
        self._columns = (array("q"), array("q"), array("q"))

    def add(self, document: int, text: int, start: int = 0) -> None:
        for column, value in zip(self._columns, (document, text, start), strict=True):
            column.append(value)

    def arrays(self) -> tuple[Numbers, ...]:
        return tuple(np.array(column, dtype=np.int64) for column in self._columns)


class _Links(NamedTuple):
    """Links in documents: document, term, position, whether weak."""

    documents: Numbers
    terms: Numbers
    positions: Numbers
    weak: Numbers


class Documents:
    """The provisions of a batch in their order."""

    def __init__(self, languages: Mapping[Lang, Language], texts: Mapping[Lang, Texts], first_learnt: int) -> None:
        """``texts`` must have every text and title of the articles that are added."""
        self._languages = languages
        self._texts = texts
        self._first_learnt = first_learnt
        self._paired = array("b")
        self._heads: list[int] = []
        self._own = {lang: _Places() for lang in LANGS}
        self._titles = {lang: _Places() for lang in LANGS}
        self._contexts = {lang: _Places() for lang in LANGS}
        #: Titles are used once an article, however many of its provisions have them for context.
        self._used = {lang: array("q") for lang in LANGS}

    def add(self, article: Article) -> list[dict[Lang, str]]:
        """Add an article's provisions; returns the links of each as `text_links.packed` has them."""
        titles = {lang: self._number(article.title.get(lang), lang) for lang in LANGS}
        for lang, title in titles.items():
            if title is not None:
                self._used[lang].append(title)
        end = self._end(titles, 0)
        found: list[dict[Lang, str]] = []
        lead: dict[Lang, int | None] | None = None
        for place, provision in enumerate(article.provisions):
            document = len(self._paired)
            self._paired.append(provision.confidence is not None and provision.confidence >= DOUBTFUL)
            texts = {lang: self._number(provision.text(lang), lang) for lang in LANGS}
            if provision.kind in ("point", "opening"):
                lead = texts
            if place == 0:
                self._heads.append(document)
            links: dict[Lang, str] = {}
            for lang, text in texts.items():
                title = titles[lang]
                if title is not None:
                    self._contexts[lang].add(document, title)
                    if place == 0:
                        self._titles[lang].add(document, title)
                if provision.kind == "subpoint" and lead is not None:
                    leading = lead[lang]
                    if leading is not None:
                        self._contexts[lang].add(document, leading, end + _GAP)
                if text is not None:
                    self._own[lang].add(document, text)
                    self._used[lang].append(text)
                    links[lang] = self._texts[lang].packed_links[text]
            found.append(links)
        return found

    def _number(self, text: str | None, lang: Lang) -> int | None:
        return self._texts[lang].numbers[text] if text else None

    def _end(self, part: Mapping[Lang, int | None], start: int) -> int:
        """The position behind the longer of a part's texts."""
        return (
            max(start + int(self._texts[lang].slots[number]) for lang, number in part.items() if number is not None)
            if any(number is not None for number in part.values())
            else start
        )

    def uses(self) -> dict[Lang, Counter[str]]:
        """How often each form stands in the texts, and in the titles of the articles."""
        found: dict[Lang, Counter[str]] = {}
        for lang in LANGS:
            texts, forms = self._texts[lang], self._languages[lang].forms.forms
            _, at = taken(texts.token_ends, np.array(self._used[lang], dtype=np.int64))
            counts = np.bincount(texts.forms[at], minlength=1)
            some = np.flatnonzero(counts)
            found[lang] = Counter(
                {forms[number]: count for number, count in zip(some.tolist(), counts[some].tolist(), strict=True)}
            )
        return found

    def inverted(self) -> Inverted:
        """All documents inverted. Positions of one part of a context follow those of the part before it, with a gap that no
        phrase crosses."""
        fields: dict[str, Pairs] = {}
        links: dict[Lang, _Links] = {}
        context: dict[Lang, list[Pairs]] = {lang: [] for lang in LANGS}
        for lang in LANGS:
            fields[lang] = self._keys(lang, self._own[lang].arrays())
            fields[f"title_{lang}"] = self._keys(lang, self._titles[lang].arrays())
            links[lang] = self._links(lang, self._own[lang].arrays())
            context[lang].append(self._keys(lang, self._contexts[lang].arrays()))
            around = self._links(lang, self._contexts[lang].arrays())
            sure = (around.weak == 0) & (around.terms < self._first_learnt)
            context[_OTHER[lang]].append(self._sides(_OTHER[lang], _Links(*(column[sure] for column in around)))[0])
        for lang in LANGS:
            fields[f"context_{lang}"] = Pairs.joined(context[lang])
            other = _OTHER[lang]
            fields |= self._other_side(other, links[lang], fields[other])
        by_language = {name: (pairs, self._languages[_language(name)].keys) for name, pairs in fields.items()}
        heads = np.array(self._heads, dtype=np.int64)
        nothing = np.zeros(len(heads), dtype=np.int64)
        return inverted(len(self._paired), {**by_language, HEAD_FIELD: (Pairs(nothing, heads, nothing), ["1"])})

    def _keys(self, lang: Lang, places: tuple[Numbers, ...]) -> Pairs:
        """The keys of texts, and their forms as such, where the texts stand."""
        documents, numbers, starts = places
        texts = self._texts[lang]
        owners, at = taken(texts.pair_ends, numbers)
        return Pairs(texts.keys[at], documents[owners], texts.positions[at] + starts[owners])

    def _links(self, lang: Lang, places: tuple[Numbers, ...]) -> _Links:
        documents, numbers, starts = places
        texts = self._texts[lang]
        owners, at = taken(texts.link_ends, numbers)
        return _Links(documents[owners], texts.terms[at], texts.places[at] + starts[owners], texts.weak[at])

    def _sides(self, lang: Lang, links: _Links) -> tuple[Pairs, Numbers, Numbers]:
        """The keys of one side of the terms that are linked, at the text's own positions: closeness still means something.

        Also which link each comes from, and its place in the term.
        """
        owners, keys, offsets = self._languages[lang].sides.taken(links.terms)
        return Pairs(keys, links.documents[owners], links.positions[owners] + offsets), owners, offsets

    def _other_side(self, lang: Lang, links: _Links, said: Pairs) -> dict[str, Pairs]:
        """The fields of the other language's keys of the terms in the documents' texts; ``said`` are the keys of the texts in
        that language: where the two are a pair, a rendering that the other text does not use is doubtful."""
        pairs, owners, offsets = self._sides(lang, links)
        learnt = links.terms >= self._first_learnt
        strong = ~learnt & (links.weak == 0)
        doubted = strong & self._unsaid(lang, pairs, owners, offsets, links, strong, said)
        strong = strong & ~doubted
        kinds = {"via": strong, "learnt": learnt, "doubted": doubted, "weak": ~learnt & (links.weak != 0)}
        found = {kind: pairs.where(chosen[owners]) for kind, chosen in kinds.items()}
        # What the stronger fields have anywhere in the text need not stand in the weaker ones again.
        plain = np.sort(self._codes(lang, found["via"]))
        return {
            f"{kind}_{lang}": some if kind == "via" else some.where(~_among(self._codes(lang, some), plain))
            for kind, some in found.items()
        }

    def _unsaid(
        self, lang: Lang, pairs: Pairs, owners: Numbers, offsets: Numbers, links: _Links, strong: Chosen, said: Pairs
    ) -> Chosen:
        """Of each link, whether a place of its term has no key in the paired text."""
        asked = strong & (np.array(self._paired, dtype=np.int64)[links.documents] != 0)
        chosen = np.flatnonzero(asked[owners])
        unsaid = np.zeros(len(links.terms), dtype=bool)
        if len(chosen):
            hit = _among(self._codes(lang, pairs.where(chosen)), np.sort(self._codes(lang, said)))
            of, place = owners[chosen], offsets[chosen]
            first = np.concatenate(([0], np.flatnonzero((of[1:] != of[:-1]) | (place[1:] != place[:-1])) + 1))
            missed = ~np.logical_or.reduceat(hit, first)
            unsaid[of[first[missed]]] = True
        return unsaid

    def _codes(self, lang: Lang, pairs: Pairs) -> Numbers:
        """One number for the document and the key of each pair."""
        return pairs.documents * len(self._languages[lang].keys) + pairs.keys


def _language(field: str) -> Lang:
    return "kk" if field.endswith("kk") else "ru"


def _among(values: Numbers, others: Numbers) -> Chosen:
    """Whether each of some numbers is among others, which come sorted."""
    if not len(others):
        return np.zeros(len(values), dtype=bool)
    at = np.searchsorted(others, values)
    at[at == len(others)] = 0
    found: Chosen = others[at] == values
    return found
