"""Trees as OpenSearch has them: queries that find every match of a tree, and nothing else unless it asks for nearness.

Scores serve to choose which documents are looked at first; `evaluate` gives those their own. A tree's weights hold idf
already, so the one that BM25 brings is divided out.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

from pyroaring import BitMap

from lawsearch.engine import chosen
from lawsearch.engine.base import AllOf, AnyOf, Best, Key, Near, Node, Phrase, Without
from lawsearch.engine.evaluate import field_weight
from lawsearch.engine.opensearch.encoding import NUMBER, filed

Query = dict[str, Any]
#: Up to so many numbers are listed; more go as a bitmap.
_LISTED = 500
#: A tree of more leaves than this is asked with its keys in lists, which OpenSearch does not score.
MANY_LEAVES = 400
_NOTHING: Query = {"match_none": {}}


class Queries(chosen.Queries[Query]):
    """Makes queries of trees. ``frequency`` says how many documents have a key in a field, ``holding`` how many have the
    field."""

    def __init__(self, frequency: Callable[[str, str], int], holding: Callable[[str], int]) -> None:
        self._frequency = frequency
        self._holding = holding
        self._listed = False

    def is_exact(self, tree: Node) -> bool:
        """True where the query finds the matches alone: the tree asks for no nearness."""
        return not chosen.has(tree, Near)

    def among(self, tree: Node, documents: Collection[int] | None) -> Query:
        """What finds a tree's matches among some documents (None: all)."""
        self._listed = leaves(tree) > MANY_LEAVES
        found = self.query(tree)
        return found if documents is None else {"bool": {"must": [found], "filter": [self.numbered(documents)]}}

    def each(self, children: Sequence[Node]) -> list[Query]:
        if not self._listed:
            return super().each(children)
        by_field: dict[str, list[str]] = {}
        for child in children:
            if isinstance(child, Key):
                by_field.setdefault(child.field, []).append(filed(child.key))
        lists: list[Query] = [{"terms": {field: sorted(set(keys))}} for field, keys in by_field.items()]
        return lists + [self.query(c) for c in children if not isinstance(c, Key)]

    def key(self, field: str, key: str, weight: float) -> Query:
        frequency = self._frequency(field, key)
        if not frequency:
            return _NOTHING
        if weight <= 0.0:
            return {"constant_score": {"filter": {"term": {field: filed(key)}}, "boost": 0.0}}
        return {"term": {field: {"value": filed(key), "boost": self._boost(field, weight, [frequency])}}}

    def phrase(self, field: str, places: Sequence[Sequence[str]], weight: float) -> Query:
        known = [[key for key in dict.fromkeys(place) if self._frequency(field, key)] for place in places]
        if not known or not all(known):
            return _NOTHING
        clauses: list[Query] = []
        for place in known:
            terms: list[Query] = [{"span_term": {field: filed(key)}} for key in place]
            clauses.append(terms[0] if len(terms) == 1 else {"span_or": {"clauses": terms}})
        boost = self._boost(field, weight, [self._frequency(field, key) for place in known for key in place])
        return {"span_near": {"clauses": clauses, "slop": 0, "in_order": True, "boost": boost}}

    def _boost(self, field: str, weight: float, frequencies: Sequence[int]) -> float:
        size = self._holding(field)
        idf = sum(math.log(1 + (size - f + 0.5) / (f + 0.5)) for f in frequencies)
        return max(weight, 0.0) * field_weight(field) / max(idf, 1e-6)

    def numbered(self, documents: Collection[int]) -> Query:
        return numbered(documents)

    def all_of(self, queries: Sequence[Query]) -> Query:
        if not queries or _NOTHING in queries:
            return _NOTHING
        return queries[0] if len(queries) == 1 else {"bool": {"must": list(queries)}}

    def any_of(self, queries: Sequence[Query]) -> Query:
        some = [q for q in queries if q != _NOTHING]
        if not some:
            return _NOTHING
        return some[0] if len(some) == 1 else {"bool": {"should": some, "minimum_should_match": 1}}

    def best_of(self, queries: Sequence[Query]) -> Query:
        some = [q for q in queries if q != _NOTHING]
        if not some:
            return _NOTHING
        return some[0] if len(some) == 1 else {"dis_max": {"queries": some}}

    def without(self, kept: Query, gone: Query) -> Query:
        return {"bool": {"must": [kept], "must_not": [gone]}}


def numbered(documents: Collection[int]) -> Query:
    """The documents of these numbers; scores nothing."""
    if not documents:
        return _NOTHING
    if isinstance(documents, range) and documents.step == 1:
        inner: Query = {"range": {NUMBER: {"gte": documents.start, "lt": documents.stop}}}
    elif len(documents) <= _LISTED:
        inner = {"terms": {NUMBER: sorted(documents)}}
    else:
        packed = base64.b64encode(BitMap(documents).serialize()).decode("ascii")
        inner = {"terms": {NUMBER: [packed], "value_type": "bitmap"}}
    return {"constant_score": {"filter": inner, "boost": 0.0}}


def leaves(tree: Node) -> int:
    """How many keys and phrases a tree has."""
    match tree:
        case Best(children) | AnyOf(children) | AllOf(children):
            return sum(map(leaves, children))
        case Without(child, excluded):
            return leaves(child) + leaves(excluded)
        case Phrase(_, places):
            return sum(map(len, places))
        case _:
            return 1
