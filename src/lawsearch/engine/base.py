"""The seam: what an engine is given (documents of keys), what it is asked (a query tree), what it answers.

A document is one provision, numbered from 0 in the order written; its fields hold keys with positions. An engine knows
nothing of languages: every engine that is fed these keys gives the same matches.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from lawsearch.engine.inverted import Inverted

#: The fields, each with what it weighs in a score and how much a long text counts against it (BM25F's b).
#: ``kk``/``ru`` are the provision's own words, ``via_*`` the other side of the terms in it, ``learnt_*`` that of pairs
#: mined from aligned acts, ``doubted_*`` that of terms which the paired text does not confirm, ``weak_*`` the rarer senses
#: and the parts of longer terms, ``context_*`` the article's title and the words that lead in to a list; ``title_*`` the
#: article's title, on its first provision alone.
FIELDS: dict[str, tuple[float, float]] = {
    "kk": (1.0, 0.6),
    "ru": (1.0, 0.6),
    "via_kk": (0.85, 0.4),
    "via_ru": (0.85, 0.4),
    "learnt_kk": (0.5, 0.4),
    "learnt_ru": (0.5, 0.4),
    "doubted_kk": (0.35, 0.4),
    "doubted_ru": (0.35, 0.4),
    "weak_kk": (0.35, 0.4),
    "weak_ru": (0.35, 0.4),
    "context_kk": (0.3, 0.2),
    "context_ru": (0.3, 0.2),
    "title_kk": (0.3, 0.2),
    "title_ru": (0.3, 0.2),
}
HEAD_FIELD = "head"
#: Stands before a form that is filed as such, beside its keys.
FORM_MARK = "="

Document: TypeAlias = Mapping[str, Sequence[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Key:
    """A key in a field, worth ``weight`` times its saturated frequency."""

    field: str
    key: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Phrase:
    """Keys at successive positions of one field; each place may offer several keys."""

    field: str
    places: tuple[tuple[str, ...], ...]
    weight: float = 1.0


class _Branch:
    """A node of several children, whose hash is reckoned once: evaluated trees are kept by it."""

    __slots__ = ("_hash", "children")

    def __init__(self, children: tuple[Node, ...]) -> None:
        self.children = children
        self._hash = hash((type(self).__name__, children))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._hash == other._hash and self.children == other.children

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.children!r})"

    def __reduce__(self) -> tuple[type, tuple[tuple[Node, ...]]]:
        # Hashes of texts differ from process to process.
        return type(self), (self.children,)


class Best(_Branch):
    """Any of the children; scores as the best of them."""

    __slots__ = ()
    __match_args__ = ("children",)


class AnyOf(_Branch):
    """Any of the children; scores as their sum."""

    __slots__ = ()
    __match_args__ = ("children",)


class AllOf(_Branch):
    """All of the children; scores as their sum."""

    __slots__ = ()
    __match_args__ = ("children",)


@dataclass(frozen=True, slots=True)
class Without:
    """What matches ``child`` and not ``excluded``; scores as ``child``."""

    child: Node
    excluded: Node


@dataclass(frozen=True, slots=True)
class Numbered:
    """The documents of these numbers; scores nothing."""

    documents: frozenset[int]


@dataclass(frozen=True, slots=True)
class Run:
    """Keys at successive positions, as a part of `Near`: where it stands is an interval of positions."""

    field: str
    places: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Any of the children's intervals. Their fields must count positions alike."""

    children: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """A stretch that holds one interval of each child, no two beginning at one position, with at most ``slack`` positions
    in it beside theirs; in the children's order where ``ordered``."""

    children: tuple[Interval, ...]
    slack: int
    ordered: bool = False


Interval: TypeAlias = Run | Either | Together


@dataclass(frozen=True, slots=True)
class Near:
    """Documents where the interval stands; scores by the number of places where it begins, in ``field``."""

    interval: Interval
    field: str
    weight: float = 1.0


Node: TypeAlias = Key | Phrase | Best | AnyOf | AllOf | Without | Numbered | Near


@dataclass(frozen=True, slots=True)
class Found:
    """The best matches (document number, score), best first, ties by number; and how many there are in all."""

    top: tuple[tuple[int, float], ...]
    total: int


class PostingsWriter(Protocol):
    """Writes documents in order. Nothing is readable before `commit`; an engine dropped before it leaves no index."""

    def add(self, document: Document) -> None: ...

    def add_batch(self, batch: Inverted) -> None:
        """Add documents that are inverted already."""
        ...

    def commit(self) -> None: ...

    def cancel(self) -> None: ...


class Share(Protocol):
    """What another process needs to write a part of an index; it can be pickled and holds no secret."""

    def write(self, batch: Inverted, first: int) -> int:
        """Write the documents of a batch, numbered from ``first``; twice is as once. Returns what `account` is to hear."""
        ...


class SharingWriter(PostingsWriter, Protocol):
    """A writer to whose index other processes can write too."""

    def share(self) -> Share: ...

    def account(self, batch: Inverted, written: int) -> None:
        """Take note of the next batch, which a share has written."""
        ...


class PostingsReader(Protocol):
    """Reads one committed index."""

    def search(self, tree: Node, limit: int | None, within: Collection[int] | None = None) -> Found:
        """The best ``limit`` matches (None: all), and how many there are, among the documents of ``within`` (None: all)."""
        ...

    def scores(self, tree: Node) -> Mapping[int, float]:
        """Every match with its score."""
        ...

    def spread(
        self,
        own: Sequence[Node],
        titles: Sequence[Node],
        together: Node,
        groups: Sequence[int],
        within: Collection[int] | None = None,
        least: float = 0.0,
    ) -> Found:
        """Groups of documents that hold every node, but in no one document; see `evaluate.Evaluator.spread`. What scores less
        than ``least`` is only counted."""
        ...

    def document_frequency(self, field: str, keys: Sequence[str]) -> int:
        """In how many documents any of the keys stands."""
        ...

    def document_count(self) -> int: ...

    def missing(self) -> str:
        """What the answers since this was last asked lacked; empty where they were whole, as they always are on one machine."""
        ...

    def check(self) -> None:
        """Read everything there is. Raises IndexUnusableError for the first part that is damaged."""
        ...

    def close(self) -> None: ...


class Engine(Protocol):
    """Makes writers and readers of an index folder."""

    name: str

    def writer(self, folder: Path) -> PostingsWriter: ...

    def reader(self, folder: Path) -> PostingsReader: ...
