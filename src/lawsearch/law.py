"""The model: acts, chapters, articles, provisions, amendments, addresses. Imports nothing of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Lang = Literal["kk", "ru"]
LANGS: tuple[Lang, Lang] = ("kk", "ru")
Status = Literal["in_force", "repealed"]
Action = Literal["added", "amended", "reworded", "repealed"]
TextStatus = Literal["official", "unofficial"]
Kind = Literal["preamble", "opening", "point", "subpoint", "note"]

_NUMBER = re.compile(r"\d+(?:-\d+)*(?:~\d+)?\Z")
_SPECIAL = re.compile(r"(?:preamble|note)(?:-\d+)?\Z")
_ANNEX = re.compile(r"annex-(?P<n>\d+(?:-\d+)*(?:~\d+)?)\Z")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a provision stands: ``LAW[/annex-N]/ARTICLE[/POINT][/SUBPOINT]``, numbers as printed.

    What stands in an annex (a document that an order approves has its own articles or points 1, 2, 3) is named below
    ``annex-N``; an annex that the act does not number takes the next number that is free. Where there are no articles, as
    in orders and most annexes, the article is ``-``: ``V1400009999/-/2``, ``V1400009999/annex-1/-/2``.

    ``special`` is ``preamble``, ``note`` or ``note-2`` for what an act does not number. A ``~2`` behind a number marks the
    second provision of an article that the act itself gives that same number (lists that restart).
    """

    law: str
    article: str | None = None
    point: str | None = None
    subpoint: str | None = None
    special: str | None = None
    annex: str | None = None

    def __str__(self) -> str:
        parts = [self.law]
        if self.annex is not None:
            parts.append(f"annex-{self.annex}")
        if self.article is not None:
            parts.append(self.article)
        elif self.point is not None or self.subpoint is not None:
            parts.append("-")
        if self.point is not None:
            parts.append(self.point)
        elif self.subpoint is not None:
            parts.append("-")
        if self.subpoint is not None:
            parts.append(self.subpoint)
        if self.special is not None:
            parts.append(self.special)
        return "/".join(parts)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read ``Z1400000199/6/1/25``. Raises ValueError where the text has not that shape."""
        law, *rest = text.strip().strip("/").split("/")
        special = annex = None
        if rest and (in_annex := _ANNEX.match(rest[0])):
            annex = in_annex["n"]
            rest = rest[1:]
        if rest and _SPECIAL.match(rest[-1]):
            special = rest.pop()
        if not law or len(rest) > 3 or not all(part == "-" or _NUMBER.match(part) for part in rest):
            raise ValueError(f"not an address: {text}")
        numbers = [None if part == "-" else part for part in rest] + [None] * (3 - len(rest))
        if rest and rest[-1] == "-":
            raise ValueError(f"not an address: {text}")
        return cls(law, numbers[0], numbers[1], numbers[2], special, annex)

    def contains(self, other: Address) -> bool:
        """True where ``other`` is this place or lies below it (an article contains its points and notes)."""
        if self == other:
            return True
        if self.law != other.law or self.special is not None:
            return False
        if self.annex != other.annex:
            # The act contains its annexes; an article of its body contains no article of an annex.
            return self == Address(self.law)
        for mine, theirs in ((self.article, other.article), (self.point, other.point), (self.subpoint, other.subpoint)):
            if mine is not None and mine != theirs:
                return False
        # `5/-/3` names a sub-point that stands directly under the article, not every third sub-point in it.
        return not (self.subpoint is not None and self.point != other.point)

    @property
    def eid(self) -> str:
        """The identifier in Akoma Ntoso's naming convention, e.g. ``art_6__para_1__point_25``."""
        parts = []
        if self.annex is not None:
            parts.append(f"att_{self.annex}")
        if self.article is not None:
            parts.append(f"art_{self.article}")
        if self.point is not None:
            parts.append(f"para_{self.point}")
        if self.subpoint is not None:
            parts.append(f"point_{self.subpoint}")
        if self.special is not None:
            parts.append(self.special.replace("-", "_"))
        return "__".join(parts)

    @classmethod
    def parse_eid(cls, law: str, text: str) -> Address:
        """Read ``art_6__para_1__point_25`` as a place of an act. Raises ValueError where the text has not that shape."""
        numbers: dict[str, str] = {}
        special = None
        for part in text.strip().split("__"):
            name, _, number = part.partition("_")
            if name in ("att", "art", "para", "point") and number and name not in numbers and special is None:
                numbers[name] = number
            elif part and special is None and _SPECIAL.match(part.replace("_", "-")):
                special = part.replace("_", "-")
            else:
                raise ValueError(f"not an eId: {text}")
        return cls(law, numbers.get("art"), numbers.get("para"), numbers.get("point"), special, numbers.get("att"))

    def citation(self, lang: Lang) -> str:
        """The place as lawyers write it: ``6-бап, 1-тармақ, 25) тармақша`` or ``ст. 6, п. 1, пп. 25)``."""
        kk = lang == "kk"
        parts = []
        if self.annex is not None:
            parts.append(f"{_shown(self.annex)}-қосымша" if kk else f"прил. {_shown(self.annex)}")
        if self.article is not None:
            parts.append(f"{_shown(self.article)}-бап" if kk else f"ст. {_shown(self.article)}")
        if self.point is not None:
            parts.append(f"{_shown(self.point)}-тармақ" if kk else f"п. {_shown(self.point)}")
        if self.subpoint is not None:
            parts.append(f"{_shown(self.subpoint)}) тармақша" if kk else f"пп. {_shown(self.subpoint)})")
        if self.special is not None:
            name, _, number = self.special.partition("-")
            word = {"note": ("ескертпе", "примечание"), "preamble": ("кіріспе", "преамбула")}[name][0 if kk else 1]
            parts.append(f"{number}-{word}" if number and kk else f"{word} {number}".strip())
        return ", ".join(parts)


def _shown(number: str) -> str:
    return number.partition("~")[0]


@dataclass(frozen=True, slots=True)
class Amendment:
    """One change of a provision by a later law. Dates are ISO (``2024-04-06``)."""

    action: Action
    law: str
    date: str | None = None
    effective: str | None = None
    scope: Literal["provision", "article", "chapter"] = "provision"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One printed paragraph: its text without the provision's number, and its 1-based line in the source file."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Version:
    """A provision in one language: its printed label (``25)``) and its paragraphs.

    A repealed range (``8-1) - 8-3)``) is one printed line that belongs to several provisions: ``label`` holds it whole.
    """

    label: str
    paragraphs: tuple[Paragraph, ...]

    @property
    def text(self) -> str:
        """The provision's text as in the source, paragraphs separated by a line feed."""
        return self.paragraphs[0].text if len(self.paragraphs) == 1 else "\n".join([p.text for p in self.paragraphs])


@dataclass(frozen=True, slots=True)
class Counterpart:
    """Where the other language says what a provision says, if not at its address; ``confidence`` is between 0 and 1."""

    address: Address
    confidence: float


@dataclass(frozen=True, slots=True)
class Provision:
    """The smallest addressable piece of an act.

    ``versions`` never holds texts that are not one another's translation: where the languages use one number for different
    things, there are two provisions of that address, each with its `counterpart`. ``confidence`` says how sure it is that
    two versions are a pair (None with one version). ``beads`` pair the paragraphs, as (kk start, kk end, ru start, ru end),
    where that is not one to one.
    """

    address: Address
    kind: Kind
    status: Status
    amendments: tuple[Amendment, ...]
    versions: Mapping[Lang, Version]
    confidence: float | None = None
    counterpart: Counterpart | None = None
    beads: tuple[tuple[int, int, int, int], ...] = ()

    def text(self, lang: Lang) -> str | None:
        """The text in one language, or None where that language is absent."""
        version = self.versions.get(lang)
        return None if version is None else version.text


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter's number as printed and its titles.

    ``above`` are the headings it stands under, as printed and outermost first: annex, part, section; ``below`` is the
    paragraph (``параграф``) of it that is meant, as printed.
    """

    number: str | None
    title: Mapping[Lang, str]
    above: Mapping[Lang, tuple[str, ...]] = field(default_factory=dict)
    below: Mapping[Lang, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Article:
    """An article with its provisions in the act's order. ``number`` is None for what stands before the first article."""

    number: str | None
    title: Mapping[Lang, str]
    chapter: Chapter
    provisions: tuple[Provision, ...]
    amendments: tuple[Amendment, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the source that is no provision's text: ``role`` is front, toc, heading, edition (note or remark), or
    label (the number of a page)."""

    lang: Lang
    line: int
    role: Literal["front", "toc", "heading", "edition", "label"]
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What a reader could not place: kept as text all the same, and reported."""

    lang: Lang
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Act:
    """One law in one or two languages.

    ``text_status`` says whether a language's text is the official one, where that is known; ``unpaired`` are lines on what
    the two languages could not be paired in, or not for sure.
    """

    law: str
    title: Mapping[Lang, str]
    meta: Mapping[str, object]
    articles: tuple[Article, ...]
    lines: tuple[SourceLine, ...] = ()
    problems: tuple[Problem, ...] = ()
    text_status: Mapping[Lang, TextStatus] = field(default_factory=dict)
    unpaired: tuple[str, ...] = ()

    @property
    def provisions(self) -> tuple[Provision, ...]:
        """All provisions in the act's order."""
        return tuple(p for a in self.articles for p in a.provisions)

    @property
    def langs(self) -> tuple[Lang, ...]:
        """The languages that at least one provision has."""
        return tuple(lang for lang in LANGS if any(lang in p.versions for p in self.provisions))
