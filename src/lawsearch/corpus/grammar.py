"""The grammar of an act: chapters, articles, points, sub-points, notes and edition notes, in Kazakh and in Russian.

A reader hands over lines; `parse` places each of them. What it cannot place stays text of the provision before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lawsearch.analysis.letters import as_cyrillic
from lawsearch.corpus import editions
from lawsearch.law import Address, Amendment, Kind, Lang, Paragraph, Problem, SourceLine, Status, Version


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a source: ``text`` without the format's own marks, its 1-based number, and what the format says of it."""

    text: str
    number: int
    heading: bool = False
    edition: bool = False
    signature: bool = False


@dataclass(slots=True)
class Piece:
    """A provision in one language, on its way to a `law.Provision`."""

    address: Address
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
    """An article (``number`` None before the first) with its pieces, in one language."""

    number: str | None
    title: str | None
    chapter: Heading
    part: Heading | None
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


_N = r"\d+(?:-\d+)*"


@dataclass(frozen=True, slots=True)
class Words:
    """The structural words of one language, to be matched on a line whose look-alikes are Cyrillic letters."""

    part: re.Pattern[str]
    chapter: re.Pattern[str]
    article: re.Pattern[str]
    note: re.Pattern[str]
    edition_remark: re.Pattern[str]
    signature: re.Pattern[str]


_WORDS: dict[Lang, Words] = {
    "kk": Words(
        part=re.compile(
            rf"(?:(?P<n>{_N})\s*-\s*(?:бөлім|кіші бөлім|параграф)"
            r"|(?P<name>ЖАЛПЫ БӨЛІК|ЕРЕКШЕ БӨЛІК))(?![\w-])[.:]?\s*",
            re.I,
        ),
        chapter=re.compile(rf"(?P<n>{_N})\s*-\s*тарау(?![\w-])[.:]?\s*", re.I),
        article=re.compile(rf"(?P<n>{_N})\s*-\s*бап(?![\w-])[.:]?\s*", re.I),
        note=re.compile(r"(?P<label>Ескертпе(?:лер)?\s*[.:])\s*", re.I),
        edition_remark=re.compile(r"Осы редакция\b", re.I),
        signature=re.compile(r"Қазақстан Республикасының\s*Президенті\s*(?:\w\.\s*\w+\s*)?\Z", re.I),
    ),
    "ru": Words(
        part=re.compile(
            rf"(?:(?:Раздел|Подраздел|Параграф)\s+(?P<n>{_N}|[IVXІХ]+)"
            r"|(?P<name>ОБЩАЯ ЧАСТЬ|ОСОБЕННАЯ ЧАСТЬ))(?![\w-])[.:]?\s*",
            re.I,
        ),
        chapter=re.compile(rf"Глава\s+(?P<n>{_N})(?![\w-])[.:]?\s*", re.I),
        article=re.compile(rf"Статья\s+(?P<n>{_N})(?![\w-])[.:]?\s*", re.I),
        note=re.compile(r"(?P<label>Примечани[ея]\s*[.:])\s*", re.I),
        edition_remark=re.compile(r"(?:Настоящая|Данная) редакция\b", re.I),
        signature=re.compile(r"Президент\s*Республики\s*Казахстан\s*(?:\w\.\s*\w+\s*)?\Z", re.I),
    ),
}  # fmt: skip

_POINT = re.compile(rf"(?P<label>(?P<n>{_N})\.)(?=\s)\s*")
_POINT_RANGE = re.compile(rf"(?P<label>{_N}\.\s*[-–—]\s*{_N}\.)\s*")
_SUBPOINT = re.compile(rf"(?P<label>(?P<n>{_N})\))\s*")
_SUBPOINT_LIST = re.compile(rf"(?P<label>{_N}\)(?:\s*(?:[-–—,]|және|и)\s*{_N}\))+)\s*")
_SENTENCE_END = re.compile(r"[.;:!?…]\s*\Z")


def parse(lines: Sequence[Line], lang: Lang, law: str) -> Outline:
    """Place every line of one text of an act.

    Raises nothing: any sequence of lines gives an outline. Time is linear in the input.
    """
    return _Parser(lines, lang, law).run()


class _Parser:
    """Walks the lines once. ``section`` is the article being filled, ``piece`` the provision that a plain line belongs to."""

    def __init__(self, lines: Sequence[Line], lang: Lang, law: str) -> None:
        self.lines = lines
        self.law = law
        self.words = _WORDS[lang]
        self.out = Outline(lang)
        self.part: Heading | None = None
        self.chapter = Heading(None, "")
        self.section: Section | None = None
        self.piece: Piece | None = None
        self.point: str | None = None
        self.pending: list[editions.Change] = []
        self.untitled: Heading | Section | None = None
        self.signed = False
        self.used: dict[str, int] = {}

    def run(self) -> Outline:
        contents = self._contents_lines()
        for line in self.lines:
            text = line.text.strip()
            if not text:
                continue
            if line.number in contents:
                self._source(line, "toc")
            else:
                self._place(line, text, as_cyrillic(text) if self.out.lang == "kk" else text)
        self._settle_pending(None)
        return self.out

    def _contents_lines(self) -> set[int]:
        """The lines of an act's own table of contents: headings that come again, the same, further down."""
        last: dict[tuple[str, str], int] = {}
        headings: list[tuple[tuple[str, str], int]] = []
        for line in self.lines:
            text = as_cyrillic(line.text.strip()) if self.out.lang == "kk" else line.text.strip()
            for kind, pattern in (("a", self.words.article), ("c", self.words.chapter), ("p", self.words.part)):
                match = pattern.match(text)
                if match:
                    key = (f"{kind}{match['n']}", re.sub(r"\W+", " ", text[match.end() :]).strip().lower())
                    last[key] = line.number
                    headings.append((key, line.number))
                    break
        return {number for key, number in headings if last[key] != number}

    # -- one line ---------------------------------------------------------------------------------------------------

    def _place(self, line: Line, text: str, cyrillic: str) -> None:
        if line.signature or (self.section and self.section.number and self.words.signature.match(cyrillic)):
            self.signed = True
        if self._heading(line, text, cyrillic):
            return
        if self.signed:
            self._source(line, "front")
            return
        if (line.edition and _may_be_note(text)) or editions.is_edition_note(cyrillic):
            self._edition(line, cyrillic)
            return
        if self.untitled is not None and self._title_below(line, text):
            return
        begun = self.section is not None and (self.section.number is not None or self.section.pieces)
        if not begun and self._front(line, text, cyrillic):
            return
        self._numbered(line, text, cyrillic) or self._plain(line, text)

    def _heading(self, line: Line, text: str, cyrillic: str) -> bool:
        match = self.words.article.match(cyrillic)
        if match and (line.heading or _title_like(text[match.end() :])):
            self._article(line, match["n"], text[match.end() :].strip())
            return True
        match = self.words.chapter.match(cyrillic)
        if match and _title_like(text[match.end() :]):
            self.chapter = Heading(match["n"], text[match.end() :].strip())
            self._open(None)
            self.untitled = self.chapter if not self.chapter.title else None
            self._source(line, "heading")
            return True
        match = self.words.part.match(cyrillic)
        if match and _title_like(text[match.end() :]):
            self.part = Heading(match["n"] or match["name"], text)
            self._open(None)
            self._source(line, "heading")
            return True
        if line.heading and self.out.title is None and self.section is None:
            self.out.title = text
            self._source(line, "front")
            return True
        if line.heading and not _POINT.match(cyrillic):
            # A heading that names neither article nor chapter: an annex, a section with a name of its own.
            self.chapter = Heading(None, text)
            self._open(None)
            self.signed = False
            self._source(line, "heading")
            return True
        return False

    def _article(self, line: Line, number: str, title: str) -> None:
        repealed = editions.is_repeal(title, self.out.lang)
        self._open(number, None if repealed or not title else title)
        assert self.section is not None
        self.untitled = self.section if not title else None
        self.signed = False
        self._source(line, "heading")
        own = [c for c in self.pending if c.kind in ("article", "unknown") and (not c.numbers or number in c.numbers)]
        self.pending = [c for c in self.pending if c not in own]
        self.section.amendments += [_scoped(c.amendment, "article") for c in own]
        if repealed:
            self.section.amendments += [_scoped(c.amendment, "article") for c in editions.parse_changes(as_cyrillic(title))]
            self._start("opening", None, None, "", "repealed").paragraphs.append(Paragraph(title, line.number))

    def _title_below(self, line: Line, text: str) -> bool:
        """A chapter or article whose heading line had no title: the next line is the title where it looks like one."""
        target, self.untitled = self.untitled, None
        if _SENTENCE_END.search(text) or _POINT.match(text) or _SUBPOINT.match(text) or len(text) > 300:
            return False
        assert target is not None
        target.title = text
        self._source(line, "heading")
        return True

    def _front(self, line: Line, text: str, cyrillic: str) -> bool:
        """The title block: what stands before the first sentence of the act is no provision."""
        enclosed = text.startswith("(") and text.rstrip().endswith(")")
        if self.chapter.number is not None or self.part is not None:
            return False
        titled = enclosed or self.words.edition_remark.match(cyrillic) or not _SENTENCE_END.search(text)
        if titled and self._numbered_label(cyrillic) is None:
            self._source(line, "front")
            return True
        return False

    # -- edition notes ------------------------------------------------------------------------------------------------

    def _edition(self, line: Line, cyrillic: str) -> None:
        self._source(line, "edition")
        changes = editions.parse_changes(cyrillic)
        if not changes:
            self._problem(line.number, f"edition note not understood: {line.text.strip()[:80]}")
        if not editions.is_register_note(cyrillic):
            self.pending += changes
            return
        # The register prints its notes below what they speak of.
        for change in changes:
            if self.section is None or change.kind == "chapter":
                self.pending.append(change)
                continue
            target = self._piece_for(change)
            if target is not None:
                target.amendments.append(change.amendment)
            elif change.kind in ("article", "unknown"):
                self.section.amendments.append(_scoped(change.amendment, "article"))
            else:
                self._problem(
                    line.number, f"edition note speaks of what is not there: {change.kind} {', '.join(change.numbers)}"
                )
                self.section.amendments.append(_scoped(change.amendment, "article"))

    def _piece_for(self, change: editions.Change) -> Piece | None:
        assert self.section is not None
        for piece in reversed(self.section.pieces):
            if _speaks_of(change, piece):
                return piece
        return None

    def _settle_pending(self, upcoming: Piece | None) -> None:
        """Give each waiting amendment to the piece that it speaks of; at an article's end, to the article, with a report."""
        if upcoming is not None:
            for change in self.pending:
                if _speaks_of(change, upcoming) or change.kind == "unknown":
                    upcoming.amendments.append(change.amendment)
            self.pending = [c for c in self.pending if not (_speaks_of(c, upcoming) or c.kind == "unknown")]
            return
        for change in self.pending:
            if self.section is not None:
                self.section.amendments.append(_scoped(change.amendment, "article"))
                self._problem(
                    self.lines[-1].number,
                    f"edition note speaks of what is not there: {change.kind} {' '.join(change.numbers)}",
                )
        self.pending = []

    # -- provisions ---------------------------------------------------------------------------------------------------

    def _numbered_label(self, cyrillic: str) -> tuple[str, re.Match[str]] | None:
        for kind, pattern in (
            ("range", _SUBPOINT_LIST),
            ("points", _POINT_RANGE),
            ("sub", _SUBPOINT),
            ("point", _POINT),
        ):
            match = pattern.match(cyrillic)
            if match:
                return kind, match
        match = self.words.note.match(cyrillic)
        return ("note", match) if match else None

    def _numbered(self, line: Line, text: str, cyrillic: str) -> bool:
        found = self._numbered_label(cyrillic)
        if found is None:
            return False
        kind, match = found
        label, body = text[: match.end("label")], text[match.end() :]
        repealed = editions.is_repeal(cyrillic[match.end() :], self.out.lang)
        status: Status = "repealed" if repealed else "in_force"
        changes = [c.amendment for c in editions.parse_changes(cyrillic[match.end() :])] if repealed else []
        if kind in ("range", "points") and not repealed:
            # `1), 2) және 3) тармақшаларда …` opens a sentence; it is no list of numbers of provisions.
            return False
        numbers = editions.expand_numbers(label) if kind in ("range", "points") else [match["n"]] if kind != "note" else [""]
        for number in numbers:
            if kind in ("sub", "range"):
                piece = self._start("subpoint", self.point, number, label, status)
            elif kind == "note":
                piece = self._start("note", None, None, label, status)
            else:
                self.point = number
                piece = self._start("point", number, None, label, status)
            piece.amendments += changes
            if body or kind == "note" or repealed:
                piece.paragraphs.append(Paragraph(body, line.number))
            else:
                piece.paragraphs.append(Paragraph("", line.number))
        return True

    def _plain(self, line: Line, text: str) -> bool:
        if self.section is None:
            self._open(None)
        assert self.section is not None
        if self.piece is None:
            kind: Kind = "opening" if self.section.number is not None else "preamble"
            self._start(kind, None, None, "", "repealed" if editions.is_repeal(text, self.out.lang) else "in_force")
        assert self.piece is not None
        if self.piece.status == "repealed" and self.piece.kind != "opening":
            # Text never belongs to a provision that is gone: it goes on with what the repealed number interrupted.
            living = next((p for p in reversed(self.section.pieces) if p.status == "in_force"), None)
            if living is not None:
                living.paragraphs.append(Paragraph(text, line.number))
                self._problem(line.number, "text behind a repealed provision, kept with the provision before it")
                return True
        self.piece.paragraphs.append(Paragraph(text, line.number))
        return True

    def _open(self, number: str | None, title: str | None = None) -> None:
        if number is not None or self.section is None or self.section.number is not None or self.section.pieces:
            self.section = Section(number, title, self.chapter, self.part)
            self.out.sections.append(self.section)
        else:
            self.section.chapter, self.section.part = self.chapter, self.part
        self.piece = None
        self.point = None
        self.untitled = None

    def _start(self, kind: Kind, point: str | None, subpoint: str | None, label: str, status: Status) -> Piece:
        if self.section is None:
            self._open(None)
        assert self.section is not None
        special = kind if kind in ("preamble", "note") else None
        address = self._unique(Address(self.law, self.section.number, point, subpoint, special))
        piece = Piece(address, kind, status, label)
        self._settle_pending(piece)
        self.section.pieces.append(piece)
        self.piece = piece
        return piece

    def _unique(self, address: Address) -> Address:
        """Numbers that an article uses twice (lists that restart) get ``~2``; a second note is ``note-2``."""
        n = self.used.get(str(address), 0) + 1
        self.used[str(address)] = n
        if n == 1:
            return address
        if address.special is not None:
            return Address(address.law, address.article, special=f"{address.special}-{n}")
        if address.subpoint is not None:
            return Address(address.law, address.article, address.point, f"{address.subpoint}~{n}")
        if address.point is not None:
            self.point = f"{address.point}~{n}"
            return Address(address.law, address.article, self.point)
        return Address(address.law, f"{address.article}~{n}" if address.article else None)

    def _source(self, line: Line, role: str) -> None:
        self.out.lines.append(SourceLine(self.out.lang, line.number, role, line.text.strip()))  # type: ignore[arg-type]

    def _problem(self, number: int, what: str) -> None:
        self.out.problems.append(Problem(self.out.lang, number, what))


def _speaks_of(change: editions.Change, piece: Piece) -> bool:
    if change.kind == "subpoint":
        return piece.kind == "subpoint" and _plain_number(piece.address.subpoint) in change.numbers
    if change.kind == "point":
        return piece.kind == "point" and _plain_number(piece.address.point) in change.numbers
    return change.kind == "note" and piece.kind == "note"


def _plain_number(number: str | None) -> str:
    return (number or "").partition("~")[0]


def _scoped(amendment: Amendment, scope: str) -> Amendment:
    return Amendment(amendment.action, amendment.law, amendment.date, amendment.effective, scope)  # type: ignore[arg-type]


def _title_like(rest: str) -> bool:
    """A heading's rest is a title, not the middle of a sentence (``5-бап ережелері …`` never matches: no full stop)."""
    return not rest or not rest[0].islower()


def _may_be_note(text: str) -> bool:
    return bool(re.search(r"№|Ескерту|Сноска|Ескертпе|Примечание", text))
