"""Which of a great many matches hold the most of what a tree asks for, by bitmaps.

A node's weight counts for every document that has it, however often and in however long a text. The sums are made for all
documents at once, a bit of them a bitmap (bit-slicing: O'Neil, Quass: "Improved query performance with variant indexes",
SIGMOD 1997), and so are the highest found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from lawsearch.engine.base import AllOf, AnyOf, Best, Key, Near, Node, Numbered, Phrase, Without
from lawsearch.engine.chosen import Numbers
from lawsearch.engine.evaluate import field_weight
from lawsearch.engine.sets import counted, unpacked

#: The highest weight, as a whole number.
_HIGHEST = 4
#: What weighs no less than this share of another counts as that.
_ALIKE = 0.7


def fullest(tree: Node, matching: Numbers, words: Callable[[Node], Numbers], most: int) -> Numbers:
    """Of the matches of a tree those that hold the most of it, so many in which nothing is preferred to its equals: no more
    than ``most``. Ascending."""
    weights: dict[Node, float] = {}
    for node, weight in _weights(tree):
        weights[node] = weights.get(node, 0.0) + weight
    top = max(weights.values(), default=0.0)
    slices: list[Numbers] = []
    for node, weight in weights.items():
        whole = round(weight / top * _HIGHEST) if top else 0
        its = words(node)
        for bit in range(whole.bit_length()):
            if whole >> bit & 1:
                _add(slices, bit, its)
    sure, equal = np.zeros_like(matching), matching
    for one in reversed(slices):
        here = equal & one
        if counted(sure | here) > most:
            equal = here
        else:
            sure |= here
            equal = equal & ~one
    both = sure | equal
    return unpacked(both if counted(both) <= most else sure)


def _add(slices: list[Numbers], bit: int, carried: Numbers) -> None:
    """Add ``2 ** bit`` to the sums of some documents."""
    while True:
        while len(slices) <= bit:
            slices.append(np.zeros_like(carried))
        above = slices[bit] & carried
        slices[bit] ^= carried
        if not above.any():
            return
        carried, bit = above, bit + 1


def _weights(tree: Node) -> Iterator[tuple[Node, float]]:
    """Nodes, and what each adds to the sum of a document that has it."""
    match tree:
        case Key(field, _, weight) | Phrase(field, _, weight) | Near(_, field, weight):
            yield tree, weight * field_weight(field)
        case AnyOf(children) | AllOf(children):
            for child in children:
                yield from _weights(child)
        case Without(child, _):
            yield from _weights(child)
        case Best(children):
            # The best of those that are there: what the first group weighs more than the next is for the first alone.
            groups: list[tuple[float, list[Node]]] = []
            for weight, child in sorted(((_heaviest(child), child) for child in children), key=lambda one: -one[0]):
                if groups and weight >= _ALIKE * groups[-1][0]:
                    groups[-1][1].append(child)
                else:
                    groups.append((weight, [child]))
            had: list[Node] = []
            for i, (weight, some) in enumerate(groups):
                had += some
                yield AnyOf(tuple(had)), weight - (groups[i + 1][0] if i + 1 < len(groups) else 0.0)
        case Numbered():
            return


def _heaviest(tree: Node) -> float:
    return max((weight for _, weight in _weights(tree)), default=0.0)
