"""The tree of a query: what was asked for, every node with its place in the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Mode = Literal["stem", "exact", "lemma", "pattern", "fuzzy"]
Correction = Literal["keyboard", "spelling"]


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word as typed, its folded form (mended where ``correction`` says so)."""

    text: str
    form: str
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is asked for (or, with ``excluded``, asked away): a word, or the words of a phrase in their order.

    ``slack`` (`"…"~5`): the words may stand in any order with so many others between them. ``edits`` (`word~1`): letters
    that may differ. ``start`` and ``end`` are its place in the query.
    """

    text: str
    words: tuple[QueryWord, ...]
    phrase: bool = False
    excluded: bool = False
    required: bool = False
    mode: Mode = "stem"
    slack: int | None = None
    edits: int = 0
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    """A field with the value asked for; ``excluded`` at the top level, behind a minus."""

    field: str
    value: str
    excluded: bool = False
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Not:
    """Everything but ``child``."""

    child: Tree


@dataclass(frozen=True, slots=True)
class And:
    """All of the children."""

    children: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the children."""

    children: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Close:
    """``left`` and ``right`` at most ``distance`` words apart (1: side by side); in that order where ``ordered``."""

    left: Tree
    right: Tree
    distance: int
    ordered: bool = False
    start: int = 0
    end: int = 0


Tree: TypeAlias = Item | Filter | Not | And | Or | Close


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. Plain: ``items`` and ``filters`` are all there is. Strict: ``tree`` says it, ``items`` are its leaves."""

    text: str
    tree: Tree
    strict: bool
    items: tuple[Item, ...]
    filters: tuple[Filter, ...]

    @property
    def negative(self) -> bool:
        """True where everything is asked away and nothing else makes the query strict: `-қару`."""
        return all(isinstance(leaf, Item) and leaf.excluded and leaf.mode == "stem" for leaf in clauses(self.tree))


def clauses(tree: Tree) -> Iterator[Tree]:
    """The clauses of nested conjunctions."""
    if isinstance(tree, And):
        for child in tree.children:
            yield from clauses(child)
    else:
        yield tree


def leaves(tree: Tree) -> Iterator[Item | Filter]:
    """The items and filters of a tree, in their order."""
    match tree:
        case Item() | Filter():
            yield tree
        case Not(child):
            yield from leaves(child)
        case And(children) | Or(children):
            for child in children:
                yield from leaves(child)
        case Close(left, right):
            yield from leaves(left)
            yield from leaves(right)


def rebuilt(tree: Tree, items: Sequence[Item]) -> Tree:
    """``tree`` with its items replaced by as many others, in their order."""
    left = iter(items)

    def walk(node: Tree) -> Tree:
        match node:
            case Item():
                return next(left)
            case Filter():
                return node
            case Not(child):
                return Not(walk(child))
            case And(children):
                return And(tuple(walk(c) for c in children))
            case Or(children):
                return Or(tuple(walk(c) for c in children))
            case Close():
                side = walk(node.left)
                return replace(node, left=side, right=walk(node.right))

    return walk(tree)
