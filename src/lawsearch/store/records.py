"""The records that a store gives: acts, articles, provisions, terms, forms, cross-references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lawsearch.law import Address, Amendment, Counterpart, Kind, Lang, Status, TextStatus
from lawsearch.terms.linking import KeySets, Link
from lawsearch.terms.termbase import Term


@dataclass(frozen=True, slots=True)
class ActRecord:
    """An act as stored. ``problems`` are what its readers could not place, ``unpaired`` what its languages do not share."""

    id: int
    law: str
    title: Mapping[Lang, str]
    meta: Mapping[str, Any]
    langs: tuple[Lang, ...]
    problems: tuple[str, ...] = ()
    text_status: Mapping[Lang, TextStatus] = field(default_factory=dict)
    unpaired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article as stored; ``first`` and ``last`` are the document numbers of its provisions, both inclusive.

    ``above`` and ``below`` are as in `law.Chapter`.
    """

    id: int
    act: int
    number: str | None
    first: int
    last: int
    title: Mapping[Lang, str]
    chapter: str | None
    chapter_title: Mapping[Lang, str]
    above: Mapping[Lang, Sequence[str]] = field(default_factory=dict)
    below: Mapping[Lang, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProvisionRecord:
    """A provision as stored; ``id`` is its document number in the postings.

    ``confidence``, ``counterpart`` and ``beads`` are as in `law.Provision`.
    """

    id: int
    article: int
    address: Address
    kind: Kind
    status: Status
    amendments: tuple[Amendment, ...]
    labels: Mapping[Lang, str]
    texts: Mapping[Lang, str]
    links: Mapping[Lang, Sequence[Link]]
    confidence: float | None = None
    counterpart: Counterpart | None = None
    beads: tuple[tuple[int, int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TermRecord:
    """A term with the key sets of both sides, one set a position."""

    id: int
    term: Term
    keys: Mapping[Lang, KeySets]


@dataclass(frozen=True, slots=True)
class FormRecord:
    """A form of the vocabulary; ``uses`` is how often the corpus has it (0: only the term base does)."""

    lang: Lang
    form: str
    uses: int


@dataclass(frozen=True, slots=True)
class ReferenceRecord:
    """A cross-reference: the document and language it stands in, its span there, the address cited and its act's number."""

    provision: int
    lang: Lang
    start: int
    end: int
    target: str
    act: int
