"""Sets of documents as bitmaps and lists, and which matches hold the most of a tree, against plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawsearch.engine import presence
from lawsearch.engine.base import AllOf, AnyOf, Best, Key, Node
from lawsearch.engine.sets import Asked, DocumentSet, counted, holds, is_bitmap, packed, unpacked

SIZE = 20_000
# Few, many, and neighbours.
some_documents = st.one_of(
    st.sets(st.integers(0, SIZE - 1), max_size=40),
    st.tuples(st.integers(0, SIZE - 1), st.integers(1, 1_500), st.integers(1, 5)).map(
        lambda one: set(range(one[0], min(SIZE, one[0] + one[1] * one[2]), one[2]))
    ),
)


@settings(max_examples=40, deadline=None)
@given(documents=some_documents, other=some_documents)
def test_a_bitmap_has_the_documents_it_is_made_of(documents: set[int], other: set[int]) -> None:
    words = packed(np.array(sorted(documents), dtype=np.int64), SIZE)
    assert unpacked(words).tolist() == sorted(documents)
    assert counted(words) == len(documents)
    asked = np.array(sorted(other), dtype=np.int64)
    assert holds(words, asked).tolist() == [n in documents for n in sorted(other)]


@settings(max_examples=40, deadline=None)
@given(documents=some_documents.filter(bool), other=some_documents)
def test_a_set_says_where_documents_stand_in_it(documents: set[int], other: set[int]) -> None:
    numbers = np.array(sorted(documents), dtype=np.int64)
    bitmap = bool(is_bitmap(len(documents), SIZE))
    data = packed(numbers, SIZE).tobytes() if bitmap else numbers.astype("<u4").tobytes()
    held = DocumentSet(data, bitmap, SIZE)
    here, at = held.among(Asked(np.array(sorted(other), dtype=np.int64)))
    assert [sorted(other)[i] for i in here.tolist()] == sorted(documents & other)
    assert [sorted(documents)[i] for i in at.tolist()] == sorted(documents & other)
    assert held.documents().tolist() == sorted(documents)
    assert unpacked(held.words()).tolist() == sorted(documents)


A, B, C, D = (Key("kk", key, weight) for key, weight in (("a", 4.0), ("b", 4.0), ("c", 2.0), ("d", 1.0)))


@pytest.mark.parametrize(
    "tree", [A, AnyOf((A, B, C)), AllOf((A, AnyOf((B, C)))), AnyOf((Best((A, C)), D)), AnyOf((A, B, C, D))]
)
@settings(max_examples=40, deadline=None)
@given(sets=st.lists(st.sets(st.integers(0, 199), max_size=120), min_size=4, max_size=4), most=st.integers(1, 150))
def test_matches_that_hold_the_most_come_first(tree: Node, sets: list[set[int]], most: int) -> None:
    """No match that is left out holds more than one that is chosen, nor as much."""
    held = dict(zip((A, B, C, D), sets, strict=True))

    def documents(node: Node) -> set[int]:
        if isinstance(node, Key):
            return held[node]
        assert isinstance(node, Best | AnyOf | AllOf)
        parts = [documents(child) for child in node.children]
        return set.intersection(*parts) if isinstance(node, AllOf) else set().union(*parts)

    def words(node: Node) -> np.ndarray:
        return packed(np.array(sorted(documents(node)), dtype=np.int64), 200)

    def worth(number: int, node: Node) -> float:
        if isinstance(node, Key):
            return node.weight if number in held[node] else 0.0
        assert isinstance(node, Best | AnyOf | AllOf)
        parts = [worth(number, child) for child in node.children]
        return max(parts) if isinstance(node, Best) else sum(parts)

    matches = documents(tree)
    chosen = presence.fullest(tree, words(tree), words, most).tolist()
    assert chosen == sorted(set(chosen) & matches)
    assert len(chosen) <= most
    left = {worth(number, tree) for number in matches - set(chosen)}
    if left:
        assert all(worth(number, tree) > max(left) for number in chosen)
        assert len(chosen) + sum(worth(number, tree) == max(left) for number in matches - set(chosen)) > most
    else:
        assert len(matches) <= most
