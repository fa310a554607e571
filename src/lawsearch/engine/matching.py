"""Trees over what `term_lists` keeps: which documents match, by bitmaps; and what they score, by `vectors`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from lawsearch.engine.base import AllOf, AnyOf, Best, Key, Node, Numbered, Phrase, Without
from lawsearch.engine.chosen import Numbers
from lawsearch.engine.evaluate import K1, field_weight
from lawsearch.engine.runs import spans
from lawsearch.engine.sets import packed, unpacked, words_for
from lawsearch.engine.term_lists import Term, TermsReader
from lawsearch.engine.vectors import Cache, Vector, VectorEvaluator
from lawsearch.errors import damaged

#: Bitmaps of trees that are kept, in bytes; lists that are taken apart by document.
_CACHED = 32_000_000
_BY_DOCUMENT = 200
#: Bits of a number that counts places; and so many before the first, for a phrase that would begin there.
_HALF, _SLACK = 32, 1 << 16
_NONE = np.empty(0, dtype=np.int64)


class Trees:
    """Which documents match a tree of keys, as a bitmap that is nobody's to change."""

    def __init__(self, lists: TermsReader) -> None:
        self._lists = lists
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
                return self._any(children)
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
                raise ValueError("a tree that asks for more than keys")

    def _any(self, children: Sequence[Node]) -> Numbers:
        """The documents of any child. Those of rare keys are put together before they become a bitmap."""
        found = self._none.copy()
        rare = []
        for child in children:
            if isinstance(child, Key):
                term = self._lists.term(child.field, child.key)
                if term is None:
                    continue
                its = self._lists.set(term)
                if its.is_listed():
                    rare.append(its.documents())
                    continue
            found |= self.words(child)
        if rare:
            found |= packed(np.concatenate(rare), self._lists.size)
        return found


class _Source:
    """A `vectors.ArraySource` but for what is asked document by document."""

    def frequencies(self, field: str, key: str) -> Mapping[int, int]:
        raise NotImplementedError

    def positions(self, field: str, key: str, document: int) -> Sequence[int]:
        raise NotImplementedError


class Some(_Source):
    """Some documents (ascending), counted from 0; knows no positions."""

    def __init__(self, lists: TermsReader, documents: Numbers) -> None:
        self._lists = lists
        self._documents = documents

    def document_count(self) -> int:
        return len(self._documents)

    def length(self, field: str) -> Any:
        lengths = self._lists.lengths(field)
        return lengths[self._documents] if len(lengths) else ()

    def arrays(self, field: str, key: str) -> tuple[Any, Any, Any]:
        """Gaps between documents, frequencies, and no positions."""
        term = self._lists.term(field, key)
        if term is None:
            return (), (), ()
        here, at = self._lists.set(term).among(self._documents)
        return np.diff(here, prepend=0), self._lists.frequencies(term)[at], ()


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
        here: Numbers | None = None
        for terms in sorted(places, key=lambda some: sum(term.used for term in some)):
            words = np.zeros(words_for(of.size), dtype=np.uint64)
            for term in terms:
                words |= of.set(term).words()
            here = words if here is None else here & words
        documents = _NONE if here is None else unpacked(here)
        common: Numbers | None = None
        for offset, terms in enumerate(places):
            if not len(documents):
                break
            begins = np.concatenate([self._begins(term, documents) for term in terms]) - offset
            begins = np.unique(begins) if len(terms) > 1 else begins
            if common is None or not len(begins):
                common = begins
            else:
                common = common[begins[np.minimum(np.searchsorted(begins, common), len(begins) - 1)] == common]
        if common is None or not len(common):
            return Vector(_NONE, np.empty(0))
        number = common >> _HALF
        starts = np.flatnonzero(np.diff(number, prepend=-1))
        tf = np.diff(starts, append=len(number)).astype(np.float64)
        holding = documents[number[starts]]
        constant, slope = self._norm(field)
        factor = phrase.weight * field_weight(field)
        return Vector(holding, factor * tf * (K1 + 1) / (tf + constant + slope * self._lengths(field)[holding]))

    def _begins(self, term: Term, documents: Numbers) -> Numbers:
        """Where a term stands in some documents, as numbers of which the high half counts the documents."""
        here, at = self._of.set(term).among(documents)
        frequencies, positions = self._of.frequencies(term), self._of.positions(term)
        ends = np.cumsum(frequencies, dtype=np.int64)
        if int(ends[-1]) != len(positions):
            raise damaged(self._of.folder, "a list does not add up")
        many = frequencies[at].astype(np.int64)
        return (np.repeat(here, many) << _HALF) + _SLACK + positions[spans(ends[at] - many, many)]
