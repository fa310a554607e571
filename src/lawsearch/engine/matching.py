"""Trees over what `term_lists` keeps: which documents match, by bitmaps; and what they score, by `vectors`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from lawsearch.engine.base import AllOf, AnyOf, Best, Key, Near, Node, Numbered, Phrase, Without
from lawsearch.engine.chosen import Numbers
from lawsearch.engine.evaluate import K1, field_weight
from lawsearch.engine.runs import spans
from lawsearch.engine.sets import Asked, packed, unpacked, words_for
from lawsearch.engine.term_lists import Term, TermsReader
from lawsearch.engine.vectors import Cache, Vector, VectorEvaluator
from lawsearch.errors import damaged

#: Bitmaps of trees that are kept, in bytes; lists that are taken apart by document.
_CACHED = 32_000_000
_BY_DOCUMENT = 200
#: Bits of a number that counts places; and so many before the first, for a phrase that would begin there.
_HALF, _SLACK = 32, 1 << 16
_NONE, _NO_SCORES = np.empty(0, dtype=np.int64), np.empty(0)


def _merged(parts: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    """Of parts each ascending without repetition: the numbers in any, and those in more than one. (A stable sort merges.)"""
    if len(parts) == 1:
        return parts[0], _NONE
    together = np.concatenate(parts)
    together.sort(kind="stable")
    again = together[1:] == together[:-1]
    return together[np.concatenate(([True], ~again))] if len(together) else together, together[1:][again]


class Trees:
    """Which documents match a tree, as a bitmap that is nobody's to change. What asks for places comes from ``whole``."""

    def __init__(self, lists: TermsReader, whole: Whole) -> None:
        self._lists = lists
        self._whole = whole
        self._known = Cache(_CACHED)
        self._none = np.zeros(words_for(lists.size), dtype=np.uint64)

    def words(self, tree: Node) -> Numbers:
        """The documents that match."""
        if isinstance(tree, Key):
            term = self._lists.term(tree.field, tree.key)
            return self._none if term is None else self._lists.set(term).words()
        known = self._known.get(tree)
        if known is None:
            known = self._matching(tree)
            self._known.keep(tree, known.nbytes, known)
        return known  # type: ignore[no-any-return]

    def _matching(self, tree: Node) -> Numbers:
        match tree:
            case Best(children) | AnyOf(children):
                found = self._none.copy()
                for child in children:
                    found |= self.words(child)
                return found
            case AllOf(children):
                found = self.words(children[0])
                for child in children[1:]:
                    found = found & self.words(child)
                return found
            case Without(child, excluded):
                return self.words(child) & ~self.words(excluded)
            case Numbered(documents):
                here = [number for number in documents if 0 <= number < self._lists.size]
                return packed(np.array(here, dtype=np.int64), self._lists.size)
            case _:
                return packed(self._whole.scores(tree).documents, self._lists.size)


class _Source:
    """A `vectors.ArraySource` but for what is asked document by document."""

    def frequencies(self, field: str, key: str) -> Mapping[int, int]:
        raise NotImplementedError

    def positions(self, field: str, key: str, document: int) -> Sequence[int]:
        raise NotImplementedError


class _All(_Source):
    """All documents."""

    def __init__(self, lists: TermsReader) -> None:
        self._lists = lists
        self._by_document: dict[tuple[str, str], dict[int, Sequence[int]]] = {}

    def document_count(self) -> int:
        return self._lists.size

    def length(self, field: str) -> Any:
        return self._lists.lengths(field)

    def arrays(self, field: str, key: str) -> tuple[Any, Any, Any]:
        """Gaps between documents, frequencies, and no positions."""
        term = self._lists.term(field, key)
        if term is None:
            return (), (), ()
        return np.diff(self._lists.set(term).documents(), prepend=0), self._lists.frequencies(term), ()

    def frequencies(self, field: str, key: str) -> Mapping[int, int]:
        return {document: len(some) for document, some in self._postings(field, key).items()}

    def positions(self, field: str, key: str, document: int) -> Sequence[int]:
        return self._postings(field, key)[document]

    def _postings(self, field: str, key: str) -> dict[int, Sequence[int]]:
        known = self._by_document.get((field, key))
        if known is None:
            term = self._lists.term(field, key)
            known = {}
            if term is not None:
                positions = self._lists.positions(term).tolist()
                ends = [0, *np.cumsum(self._lists.frequencies(term), dtype=np.int64).tolist()]
                documents = self._lists.set(term).documents().tolist()
                known = {document: positions[a:b] for document, (a, b) in zip(documents, pairwise(ends), strict=True)}
            if len(self._by_document) > _BY_DOCUMENT:
                self._by_document.clear()
            self._by_document[field, key] = known
        return known


class Whole(VectorEvaluator):
    """Evaluates over all documents. Phrases are looked for in the documents that have a key of every place."""

    def __init__(self, lists: TermsReader) -> None:
        super().__init__(_All(lists))
        self._of = lists

    def _norm(self, field: str) -> tuple[float, float]:
        return self._of.norms((field,))[field]

    def _phrase_vector(self, phrase: Phrase) -> Vector:
        field, of = phrase.field, self._of
        places = [[term for key in place if (term := of.term(field, key)) is not None] for place in phrase.places]
        if not all(places):
            return Vector(_NONE, _NO_SCORES)
        each = [(offset, terms) for offset, terms in enumerate(places)]
        each.sort(key=lambda place: sum(term.used for term in place[1]))
        here = self._any_of(each[0][1])
        for _, terms in each[1:]:
            here = here & self._any_of(terms)
        documents = unpacked(here)
        asked = Asked(documents)
        common: Numbers | None = None
        for offset, terms in each:
            begins = _merged([self._begins(term, asked) for term in terms])[0] - offset
            common = begins if common is None else _merged([common, begins])[1]
            if not len(common):
                return Vector(_NONE, _NO_SCORES)
        assert common is not None
        number = common >> _HALF
        starts = np.flatnonzero(np.diff(number, prepend=-1))
        tf = np.diff(starts, append=len(number)).astype(np.float64)
        holding = documents[number[starts]]
        constant, slope = self._norm(field)
        factor = phrase.weight * field_weight(field)
        return Vector(holding, factor * tf * (K1 + 1) / (tf + constant + slope * self._lengths(field)[holding]))

    def _any_of(self, terms: Sequence[Term]) -> Numbers:
        found = self._of.set(terms[0]).words()
        for term in terms[1:]:
            found = found | self._of.set(term).words()
        return found

    def _begins(self, term: Term, asked: Asked) -> Numbers:
        """Where a term stands in some documents, as numbers of which the high half counts the documents."""
        here, at = self._of.set(term).among(asked)
        frequencies, positions = self._of.frequencies(term), self._of.positions(term)
        ends = np.cumsum(frequencies, dtype=np.int64)
        if int(ends[-1]) != len(positions):
            raise damaged(self._of.folder, "a list does not add up")
        many = frequencies[at].astype(np.int64)
        return (np.repeat(here, many) << _HALF) + _SLACK + positions[spans(ends[at] - many, many)]


class _Few(_Source):
    """Some documents, counted from 0, of which `SomeEvaluator` knows what they hold."""

    def __init__(self, lists: TermsReader, documents: Numbers) -> None:
        self._lists = lists
        self._documents = documents

    def document_count(self) -> int:
        return len(self._documents)

    def length(self, field: str) -> Any:
        lengths = self._lists.lengths(field)
        return lengths[self._documents] if len(lengths) else ()

    def arrays(self, field: str, key: str) -> tuple[Any, Any, Any]:
        raise NotImplementedError


class SomeEvaluator(VectorEvaluator):
    """Evaluates over some documents (ascending), counted from 0. What asks for places comes from ``whole``."""

    def __init__(self, lists: TermsReader, documents: Numbers, whole: Whole) -> None:
        super().__init__(_Few(lists, documents))
        self._of = lists
        self._whole = whole
        self._asked = Asked(documents)

    def _norm(self, field: str) -> tuple[float, float]:
        return self._of.norms((field,))[field]

    def _scored(self, field: str, key: str) -> tuple[Numbers, Any]:
        known = self._lists.get((field, key))
        if known is None:
            term = self._of.term(field, key)
            if term is None:
                known = _NONE, _NO_SCORES
            else:
                here, at = self._of.set(term).among(self._asked)
                if len(self._of.lengths(field)):
                    tf = self._of.frequencies(term)[at].astype(np.float64)
                    constant, slope = self._norm(field)
                    known = here, tf * (K1 + 1) / (tf + constant + slope * self._lengths(field)[here])
                else:
                    known = here, np.ones(len(here))
            self._lists.keep((field, key), 2 * len(known[0]), known)
        return known  # type: ignore[no-any-return]

    def _evaluated(self, tree: Node) -> Vector:
        if not isinstance(tree, Phrase | Near):
            return super()._evaluated(tree)
        found, documents = self._whole.scores(tree), self._asked.documents
        if len(found) < len(documents):
            at = np.minimum(np.searchsorted(documents, found.documents), max(0, len(documents) - 1))
            there = np.flatnonzero(documents[at] == found.documents) if len(documents) else _NONE
            return Vector(at[there], found.scores[there])
        here = np.flatnonzero(found.holds(documents))
        return Vector(here, found.at(documents[here]))
