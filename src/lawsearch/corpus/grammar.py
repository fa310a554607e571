"""The grammar of an act: chapters, articles, points, sub-points, notes and edition notes, in Kazakh and in Russian.

A reader hands over lines; `parse` places each of them. What it cannot place stays text of the provision before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lawsearch.analysis.letters import as_cyrillic
from lawsearch.corpus import editions
from lawsearch.corpus.outline import Heading, Line, Outline, Piece, Section
from lawsearch.corpus.structure import POINT, POINT_RANGE, SUBPOINT, SUBPOINT_LIST, WORDS
from lawsearch.law import Address, Amendment, Kind, Lang, Paragraph, Problem, SourceLine, Status

#: The levels of headings, outermost first: an annex, the document that it is, the general or special part, sections and
#: sub-sections, (chapters,) paragraphs of a chapter.
_ANNEX, _DOCUMENT, _PART, _SECTION, _SUBSECTION, _CHAPTER, _PARAGRAPH = range(7)
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
        self.words = WORDS[lang]
        self.out = Outline(lang)
        self.levels: list[tuple[int, Heading]] = []
        self.annex: str | None = None
        self.annexes: set[str] = set()
        self.captioned = False
        self.chapter = Heading(None, "")
        self.section: Section | None = None
        self.piece: Piece | None = None
        self.point: str | None = None
        self.pending: list[editions.Change] = []
        self.untitled: Heading | Section | None = None
        self.signed = False
        self.used: dict[str, int] = {}
        #: The lines as the grammar reads them, and the place of the next one.
        self._cyrillic = [as_cyrillic(line.text.strip()) if lang == "kk" else line.text.strip() for line in lines]
        self._following = 0

    def run(self) -> Outline:
        contents = self._contents_lines()
        for i, line in enumerate(self.lines):
            text = line.text.strip()
            if not text:
                continue
            self._following = i + 1
            if line.number in contents:
                self._source(line, "toc")
            else:
                self._place(line, text, self._cyrillic[i])
        self._settle_pending(None)
        return self.out

    def _contents_lines(self) -> set[int]:
        """The lines of an act's own table of contents: headings that come again, the same, further down.

        Annexes each have their `Глава 1. Общие положения`: what comes again behind a caption of an annex is not the same.
        """
        last: dict[tuple[str, str], int] = {}
        headings: list[tuple[tuple[str, str], int]] = []
        annex = 0
        for line, text in zip(self.lines, self._cyrillic, strict=True):
            if not self.words.may_head(text):
                continue
            annex += len(text) < 320 and bool(self.words.annex.match(text) or self.words.approved.match(text))
            for kind, pattern in (("a", self.words.article), ("c", self.words.chapter), ("p", self.words.part)):
                match = pattern.match(text)
                if match:
                    key = (f"{annex}{kind}{match['n']}", re.sub(r"\W+", " ", text[match.end() :]).strip().lower())
                    last[key] = line.number
                    headings.append((key, line.number))
                    break
        return {number for key, number in headings if last[key] != number}

    # -- one line ---------------------------------------------------------------------------------------------------

    def _place(self, line: Line, text: str, cyrillic: str) -> None:
        if line.table:
            self._table_row(line, text)
            return
        if line.signature or (self.section and self.section.pieces and self._signs(cyrillic)):
            self.signed = True
        if self._heading(line, text, cyrillic):
            return
        unofficial = line.edition and self._before_text() and not _may_be_note(text)
        if unofficial or (self.signed and not self._speaks_again(line, text, cyrillic)):
            # A remark quoted above the act's first words (what text this is) is no part of the act.
            self._source(line, "front")
            return
        if (line.edition and _may_be_note(text)) or editions.is_edition_note(cyrillic):
            self._edition(line, cyrillic)
            return
        if self.untitled is not None and self._title_below(line, text):
            return
        if self._before_text() and self._front(line, text, cyrillic):
            return
        self._numbered(line, text, cyrillic) or self._plain(line, text)

    def _signs(self, cyrillic: str) -> bool:
        """A signature, which may be parted behind the country's name."""
        if len(cyrillic) > 150 or not self.words.may_sign(cyrillic):
            return False
        if self.words.signature.match(cyrillic):
            return True
        if not self.words.state.match(cyrillic):
            return False
        following = next(filter(None, self._cyrillic[self._following : self._following + 3]), "")[:150]
        return bool(self.words.signature.match(f"{cyrillic} {following}"))

    def _heading(self, line: Line, text: str, cyrillic: str) -> bool:
        return (self.words.may_head(cyrillic) and self._named_heading(line, text, cyrillic)) or self._other_heading(
            line, text, cyrillic
        )

    def _named_heading(self, line: Line, text: str, cyrillic: str) -> bool:
        """The heading of an article, chapter, part or paragraph, or the caption of an annex."""
        match = self.words.article.match(cyrillic)
        if match and (line.heading or _title_like(text[match.end() :])):
            self._article(line, match["n"], text[match.end() :].strip())
            return True
        match = self.words.chapter.match(cyrillic)
        if match and _title_like(text[match.end() :]):
            self.chapter = Heading(match["n"], text[match.end() :].strip())
            self._set_level(_CHAPTER, None)
            self._open(None)
            self.untitled = self.chapter if not self.chapter.title else None
            self._source(line, "heading")
            return True
        match = self.words.part.match(cyrillic)
        if match and _title_like(text[match.end() :]):
            heading = Heading(match["n"] or match["name"], text)
            self._set_level(_PART if match["name"] else _SUBSECTION if match["sub"] else _SECTION, heading)
            self.chapter = Heading(None, "")
            self._open(None)
            self.untitled = heading if match.end() == len(text) and not match["name"] else None
            self._source(line, "heading")
            return True
        match = self.words.paragraph.match(cyrillic)
        if match and _title_like(text[match.end() :]):
            heading = Heading(match["n"] or match["m"], text)
            self._set_level(_PARAGRAPH, heading)
            self._open(None)
            self.untitled = heading if match.end() == len(text) else None
            self._source(line, "heading")
            return True
        return self._annex(line, text, cyrillic)

    def _other_heading(self, line: Line, text: str, cyrillic: str) -> bool:
        """A title below its number, the act's own, or a heading that names no level."""
        if self.untitled is not None and line.heading and self._title_below(line, text):
            return True
        if line.heading and self.out.title is None and self.section is None:
            self.out.title = text
            self._source(line, "front")
            return True
        if line.heading and not POINT.match(cyrillic):
            # A heading that names neither article nor chapter: an annex, a section with a name of its own.
            self.chapter = Heading(None, text)
            self._open(None)
            self.signed = False
            self._source(line, "heading")
            return True
        return False

    def _set_level(self, level: int, heading: Heading | None) -> None:
        """Enter a part, section, sub-section or paragraph; what was open at its level and below it is closed."""
        self.levels = [pair for pair in self.levels if pair[0] < level]
        if heading is not None:
            self.levels.append((level, heading))

    @property
    def _above(self) -> tuple[Heading, ...]:
        return tuple(heading for level, heading in self.levels if level < _CHAPTER)

    @property
    def _below(self) -> Heading | None:
        return next((heading for level, heading in self.levels if level > _CHAPTER), None)

    def _annex(self, line: Line, text: str, cyrillic: str) -> bool:
        """A caption that opens an annex: its chapters, articles and points are counted anew, and addressed below it."""
        begun = self.signed or any(section.pieces for section in self.out.sections)
        match = self.words.annex.match(cyrillic)
        number = match["n"] if match else None
        if match is None and not (self.words.approved.match(cyrillic) and (self.signed or line.heading)):
            return False
        if not begun or len(text) > 320 or _SENTENCE_END.search(text):
            return False
        if match is None and self.captioned:
            # `Приложение 1 … Утверждены …`: one document with two lines of caption.
            return False
        if number is None:
            number = str(next(n for n in range(1, len(self.annexes) + 2) if str(n) not in self.annexes))
        if number in self.annexes:
            again = next(n for n in range(2, len(self.annexes) + 3) if f"{number}~{n}" not in self.annexes)
            self._problem(line.number, f"a second annex {number}, kept as annex-{number}~{again}")
            number = f"{number}~{again}"
        self.annexes.add(number)
        self._settle_pending(None)
        self.annex = number
        self.levels = []
        self._set_level(_ANNEX, Heading(number, text))
        self.chapter = Heading(None, "")
        self.signed = False
        self.captioned = True
        self._open(None)
        self.untitled = self.levels[0][1]
        self._source(line, "heading")
        return True

    def _speaks_again(self, line: Line, text: str, cyrillic: str) -> bool:
        """Text behind a signature: kept, under no heading, and reported. Names, offices and dates there are no text."""
        if self._numbered_label(cyrillic) is None and (len(text) < 200 and not re.search(r"[.;:]\s*\Z", text)):
            return False
        if re.match(r"(?:\w\.\s*){1,2}[\w-]+\Z", text) or re.match(r"[«\"]?\d", text) or text.startswith(("(", "©", "РҚАО")):
            return False
        self.signed = False
        self.chapter = Heading(None, "")
        self._open(None)
        self._problem(line.number, "text behind the signature, kept under no heading")
        return True

    def _table_row(self, line: Line, text: str) -> None:
        """A row of a table belongs to the provision before it; behind a signature it is captions and names."""
        if self.signed:
            self._source(line, "front")
            return
        self.untitled = None
        self.captioned = False
        self._plain(line, text)

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

    def _before_text(self) -> bool:
        return self.section is None or (self.section.number is None and not self.section.pieces)

    def _title_below(self, line: Line, text: str) -> bool:
        """A chapter or article whose heading line had no title: the next line is the title where it looks like one."""
        target, self.untitled = self.untitled, None
        if self.captioned and self.levels and target is self.levels[0][1]:
            return self._annex_title(line, text)
        if _SENTENCE_END.search(text) or POINT.match(text) or SUBPOINT.match(text) or len(text) > 300:
            return False
        assert target is not None
        target.title = f"{target.title} {text}" if target.title else text
        self._source(line, "heading")
        return True

    def _annex_title(self, line: Line, text: str) -> bool:
        """Below the caption of an annex: more of the caption, or the title of the document."""
        annex = self.levels[0][1]
        cyrillic = as_cyrillic(text) if self.out.lang == "kk" else text
        if self._numbered_label(cyrillic) is not None or len(text) > 300:
            return False
        if not line.heading and (text[0].islower() or self.words.captioned.match(cyrillic)):
            self.untitled = annex
            self._source(line, "heading")
            return True
        if _SENTENCE_END.search(text) and not line.heading:
            return False
        self._set_level(_DOCUMENT, Heading(None, text))
        assert self.section is not None
        self.section.above, self.section.title = self._above, text
        self._source(line, "heading")
        return True

    def _front(self, line: Line, text: str, cyrillic: str) -> bool:
        """The title block: what stands before the first sentence of the act is no provision."""
        enclosed = text.startswith("(") and text.rstrip().endswith(")")
        if self.chapter.number is not None or (self.levels and not self.captioned):
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
            ("range", SUBPOINT_LIST),
            ("points", POINT_RANGE),
            ("sub", SUBPOINT),
            ("point", POINT),
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
            self.section = Section(number, title, self.chapter, self._above, self._below)
            self.out.sections.append(self.section)
        else:
            self.section.chapter, self.section.above, self.section.below = self.chapter, self._above, self._below
        self.piece = None
        self.point = None
        self.untitled = None

    def _start(self, kind: Kind, point: str | None, subpoint: str | None, label: str, status: Status) -> Piece:
        if self.section is None:
            self._open(None)
        assert self.section is not None
        special = kind if kind in ("preamble", "note") else None
        self.captioned = False
        address, place = self._unique(Address(self.law, self.section.number, point, subpoint, special, self.annex))
        piece = Piece(address, place, kind, status, label)
        self._settle_pending(piece)
        self.section.pieces.append(piece)
        self.piece = piece
        return piece

    def _unique(self, address: Address) -> tuple[Address, str]:
        """The address, and the same as written. Numbers that an article uses twice (lists that restart) get ``~2``; a second
        note is ``note-2``."""
        place = str(address)
        n = self.used[place] = self.used.get(place, 0) + 1
        if n > 1:
            address = self._again(address, n)
            place = str(address)
        return address, place

    def _again(self, address: Address, n: int) -> Address:
        if address.special is not None:
            return replace(address, point=None, subpoint=None, special=f"{address.special}-{n}")
        if address.subpoint is not None:
            return replace(address, subpoint=f"{address.subpoint}~{n}")
        if address.point is not None:
            self.point = f"{address.point}~{n}"
            return replace(address, point=self.point)
        return replace(address, article=f"{address.article}~{n}" if address.article else None)

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
