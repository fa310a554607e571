"""The outline of an act in one language: the lines that a reader hands over, and what the grammar makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from lawsearch.law import Address, Amendment, Kind, Lang, Paragraph, Problem, SourceLine, Status, Version


class Line(NamedTuple):
    """One line of a source: ``text`` without the format's own marks, its 1-based number, and what the format says of it.

    ``table`` is a row of a table, ``footnote`` a note to the line before: text, whatever number it begins with. ``broken``: it
    goes on behind a line break within a paragraph. ``remark`` is what the reader has to report of it.
    """

    text: str
    number: int
    heading: bool = False
    edition: bool = False
    signature: bool = False
    table: bool = False
    footnote: bool = False
    broken: bool = False
    remark: str = ""


@dataclass(slots=True)
class Piece:
    """A provision in one language, on its way to a `law.Provision`. ``place`` is its address as written."""

    address: Address
    place: str
    kind: Kind
    status: Status
    label: str
    paragraphs: list[Paragraph] = field(default_factory=list)
    amendments: list[Amendment] = field(default_factory=list)

    def version(self) -> Version:
        return Version(self.label, tuple(self.paragraphs))


@dataclass(slots=True)
class Heading:
    """A chapter's or section's number (None where it has none) and title, as printed."""

    number: str | None
    title: str


@dataclass(slots=True)
class Section:
    """An article (``number`` None before the first) with its pieces, in one language.

    ``above`` are the headings over its chapter, outermost first (annex, part, section), ``below`` the paragraph of the chapter.
    """

    number: str | None
    title: str | None
    chapter: Heading
    above: tuple[Heading, ...]
    below: Heading | None
    pieces: list[Piece] = field(default_factory=list)
    amendments: list[Amendment] = field(default_factory=list)


@dataclass(slots=True)
class Outline:
    """One act's text in one language, every line placed."""

    lang: Lang
    title: str | None = None
    sections: list[Section] = field(default_factory=list)
    lines: list[SourceLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
