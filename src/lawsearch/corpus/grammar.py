"""The grammar of an act: chapters, articles, points, sub-points, notes and edition notes, in Kazakh and in Russian.

A reader hands over lines; `parse` places each of them. What it cannot place stays text of the provision before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lawsearch.corpus import editions
from lawsearch.corpus.contents import SENTENCE_END
from lawsearch.corpus.headings import Headings, numbered_label, scoped
from lawsearch.corpus.outline import Heading, Line, Outline, Piece, Section
from lawsearch.corpus.structure import CITING, CONTENTS, PAGE_MARK
from lawsearch.law import Address, Kind, Lang, Paragraph, SourceLine, Status

#: What stands in an article; and how many notes wait at most for what they speak of.
_OF_AN_ARTICLE = ("point", "subpoint", "note")
_MOST_PENDING = 200
#: So many provisions back a note of the register may speak of one.
_MOST_BEFORE_A_NOTE = 1_000
_LONGEST_REMARK = 60
_LONGEST_OFFICE = 40
_NAME = re.compile(r"(?:\w\.\s*){1,2}[\w-]+\s*\Z")
#: Whose office a signature names in Kazakh.
_BODY = re.compile(
    r"мәслихат|облыс|аудан|қала|ауыл|округ|министрл|комитет|агентті|департамент|әкімд|республика|үкімет|кеңес", re.I
)
#: What stands below a signature beside names: a date, a number, what a register adds.
_DATED = re.compile(r"[«\"]?\d{1,2}[»\"]?\.?\s*\w+\s+\d{4}|\d{4}\s*(?:ж|г)|\d{1,2}\.\d{1,2}\.\d{4}|№|[(©]|РҚАО")


def parse(lines: Sequence[Line], lang: Lang, law: str) -> Outline:
    """Place every line of one text of an act.

    Raises nothing: any sequence of lines gives an outline. Time is linear in the input.
    """
    return _Parser(lines, lang, law).run()


class _Parser(Headings):
    """Walks the lines once."""

    def run(self) -> Outline:
        for i, line in enumerate(self.lines):
            if line.remark:
                self.problem(line.number, line.remark)
            text, cyrillic = self.texts[i], self.read[i]
            if not text:
                continue
            self.following = i + 1
            if line.number in self.contents or (len(text) < 20 and CONTENTS.match(cyrillic)):
                self.source(line, "toc")
            elif len(text) < 24 and not line.table and PAGE_MARK.match(cyrillic):
                self.source(line, "label")
            elif i in self.captions and self.begun:
                self.source(line, "heading")
            else:
                self._place(line, text, cyrillic)
        self.settle_pending()
        self._keep_titles()
        return self.out

    # -- one line ---------------------------------------------------------------------------------------------------

    def _place(self, line: Line, text: str, cyrillic: str) -> None:
        signs = bool(self.section and self.section.pieces and self._signs(cyrillic))
        if (line.table and not signs) or line.footnote:
            self._apart(line, text)
            return
        if self.following - 1 in self.quoted and not self._before_text():
            self._plain(line, text)
            return
        if line.signature or signs:
            if not self.signed:
                self._take_back(line)
            self.signed = True
        if (self.remarked or len(cyrillic) < _LONGEST_REMARK) and self._publishers_remark(line, cyrillic):
            return
        if self.words.reference.match(cyrillic):
            self.source(line, "edition")
            return
        if self.heading(line, text, cyrillic):
            return
        unofficial = line.edition and self._before_text() and not _may_be_note(text)
        if unofficial or (self.signed and not self._speaks_again(line, text, cyrillic)):
            # A remark quoted above the act's first words (what text this is) is no part of the act.
            self.source(line, "edition" if line.edition else "front")
            return
        if (line.edition and _may_be_note(text)) or editions.is_edition_note(cyrillic):
            self._edition(line, cyrillic)
            return
        if self.untitled is not None and self.title_below(line, text, cyrillic):
            return
        if self._before_text() and self._front(line, text, cyrillic):
            return
        self._numbered(line, text, cyrillic) or self._plain(line, text)

    def _publishers_remark(self, line: Line, cyrillic: str) -> bool:
        """`Примечание ИЗПИ!` and what it says below: of changes to come and of dates, no part of the act."""
        if self.words.remark.match(cyrillic):
            self.remarked = True
        elif self.remarked and (line.edition or self.words.remarked.search(cyrillic)) and not line.heading:
            self.remarked = line.edition
        else:
            self.remarked = False
            return False
        self.source(line, "edition")
        return True

    def _signs(self, cyrillic: str) -> bool:
        """A signature, which may be parted behind the country's name."""
        if len(cyrillic) > 150 or not self.words.may_sign(cyrillic):
            return False
        following = next(filter(None, self.read[self.following : self.following + 3]), "")[:150]
        if not self.words.signature.match(cyrillic):
            if not self.words.state.match(cyrillic):
                return False
            if not self.words.signature.match(f"{cyrillic} {following}"):
                return False
        # In an annex an office alone is a member of a commission, or a line of a form.
        return self.annex is None or bool(_NAME.search(cyrillic) or _NAME.search(following))

    def _take_back(self, line: Line) -> None:
        """What stands above the office of a signature and names whose it is: in Kazakh that comes first."""
        piece = self.piece
        number = line.number
        while piece is not None and len(piece.paragraphs) > 1:
            last = piece.paragraphs[-1]
            if number - last.line > 2 or len(last.text) > _LONGEST_OFFICE * 2 or SENTENCE_END.search(last.text):
                return
            if not _BODY.search(last.text) or " | " in last.text:
                return
            number = last.line
            piece.paragraphs.pop()
            self.out.lines.append(SourceLine(self.out.lang, last.line, "front", last.text))

    def _speaks_again(self, line: Line, text: str, cyrillic: str) -> bool:
        """Text behind a signature: kept, under no heading, and reported. Names, offices and dates there are no text."""
        ends = text[-1] in ".;:" or (text[-1] == "," and len(text) > _LONGEST_OFFICE)
        if self._label(cyrillic) is None and not ends and len(text) < 200:
            return False
        if re.match(r"(?:\w\.\s*){1,2}[\w-]+\Z", text) or _DATED.match(text):
            return False
        self.signed = False
        self.leave_chapter(Heading(None, ""))
        self.open(None)
        self.problem(line.number, "text behind the signature, kept under no heading")
        return True

    def _apart(self, line: Line, text: str) -> None:
        """A row of a table, or a footnote, belongs to the provision before it; behind a signature it is captions and names."""
        if self.signed:
            self.source(line, "front")
            return
        self.untitled = None
        self.captioned = False
        self._plain(line, text)

    def _before_text(self) -> bool:
        return self.section is None or (self.section.number is None and not self.section.pieces)

    def _front(self, line: Line, text: str, cyrillic: str) -> bool:
        """The title block: what stands before the first sentence of the act is no provision."""
        enclosed = text.startswith("(") and text.rstrip().endswith(")")
        if self.chapter.number is not None or self.levels:
            return False
        titled = enclosed or self.words.edition_remark.match(cyrillic) or not SENTENCE_END.search(text)
        if (titled or self.words.requisites.match(cyrillic)) and self._label(cyrillic) is None:
            self.source(line, "front")
            return True
        return False

    # -- edition notes ------------------------------------------------------------------------------------------------

    def _edition(self, line: Line, cyrillic: str) -> None:
        self.source(line, "edition")
        changes = editions.parse_changes(cyrillic)
        if not changes and not self.words.remarked.search(cyrillic):
            self.problem(line.number, f"edition note not understood: {line.text.strip()[:80]}")
        if not editions.is_register_note(cyrillic):
            self.pending += [c for c in changes if not self._is_gone(c)]
            changes = []
        if len(self.pending) > _MOST_PENDING:
            self.settle_pending()
        # The register prints its notes below what they speak of.
        for change in changes:
            if change.kind == "chapter":
                self._chapter_changed(change, cyrillic)
            elif self.section is None:
                # What names nothing, below the act's title, speaks of that or of the whole act.
                self.pending += [change] if change.kind != "unknown" else []
            elif (target := self._piece_for(change)) is not None:
                target.amendments.append(change.amendment)
            else:
                if change.kind not in ("article", "unknown"):
                    self.problem(
                        line.number, f"edition note speaks of what is not there: {change.kind} {', '.join(change.numbers)}"
                    )
                self.section.amendments.append(scoped(change.amendment, "article"))

    def _is_gone(self, change: editions.Change) -> bool:
        """True where a note that stands alone says that a point is gone: no number will follow it. It changed its article."""
        if change.amendment.action != "repealed" or change.kind not in ("point", "subpoint") or self.section is None:
            return False
        following = numbered_label(self._next())
        if following is not None and following[1].groupdict().get("n") in change.numbers:
            return False
        self.section.amendments.append(scoped(replace(change.amendment, action="amended"), "article"))
        return True

    def _chapter_changed(self, change: editions.Change, cyrillic: str) -> None:
        if editions.is_of_title(cyrillic):
            return
        if self.chapter.number is not None and (not change.numbers or self.chapter.number in change.numbers):
            self.amend_chapter([change.amendment])
        elif change.amendment.action != "repealed":
            # A chapter that is gone has no heading either.
            self.pending.append(change)

    def _piece_for(self, change: editions.Change) -> Piece | None:
        assert self.section is not None
        for piece in reversed(self.section.pieces[-_MOST_BEFORE_A_NOTE:]):
            if _speaks_of(change, piece):
                return piece
        return None

    def settle_pending(self, upcoming: Piece | None = None) -> None:
        """Give each waiting amendment to the piece that it speaks of; at an article's end, to the article, with a report."""
        if upcoming is not None:
            for change in self.pending:
                if _speaks_of(change, upcoming) or change.kind == "unknown":
                    upcoming.amendments.append(change.amendment)
            self.pending = [c for c in self.pending if not (_speaks_of(c, upcoming) or c.kind == "unknown")]
            return
        self._leave(self.pending)
        self.pending = []
        self.passed = 0

    def settle_passed(self) -> None:
        """At an article's end: what spoke of none of its provisions, though some followed, speaks of none of the next one's."""
        passed, others = self.pending[: self.passed], self.pending[self.passed :]
        self._leave([c for c in passed if c.kind in _OF_AN_ARTICLE])
        self.pending = [c for c in passed if c.kind not in _OF_AN_ARTICLE] + others
        self.passed = 0

    def _leave(self, changes: list[editions.Change]) -> None:
        for change in changes if self.section is not None else ():
            assert self.section is not None
            if change.kind != "chapter":
                self.section.amendments.append(scoped(change.amendment, "article"))
            self.problem(
                self.lines[self.following - 1].number,
                f"edition note speaks of what is not there: {change.kind} {' '.join(change.numbers)}",
            )

    # -- provisions ---------------------------------------------------------------------------------------------------

    def _label(self, cyrillic: str) -> tuple[str, re.Match[str]] | None:
        found = numbered_label(cyrillic)
        if found is None:
            match = self.words.note.match(cyrillic)
            return ("note", match) if match else None
        # The line before may be broken behind the word whose number begins this one.
        before = self.read[self.following - 2] if self.following > 1 else ""
        return None if before and before[-1] not in ".;:" and CITING.search(before[-60:]) else found

    def _numbered(self, line: Line, text: str, cyrillic: str) -> bool:
        found = self._label(cyrillic)
        if found is None:
            return False
        kind, match = found
        if self._in_note(kind, match):
            return False
        label, body = text[: match.end("label")], text[match.end() :]
        repealed = editions.is_repeal(cyrillic[match.end() :], self.out.lang)
        status: Status = "repealed" if repealed else "in_force"
        changes = [c.amendment for c in editions.parse_changes(cyrillic[match.end() :])] if repealed else []
        if kind in ("range", "points") and not repealed:
            # `1), 2) және 3) тармақшаларда …` opens a sentence; it is no list of numbers of provisions.
            return False
        if kind in ("range", "points"):
            numbers = editions.expand_numbers(label)
        elif kind == "note":
            numbers = [""]
        elif repealed and editions.repeals_several(cyrillic[match.end() :]):
            numbers = editions.range_of(match["n"])
        else:
            numbers = [match["n"]]
        if self.section is None:
            self.open(None)
        for number in numbers:
            if kind in ("sub", "range"):
                piece = self._start("subpoint", self.point, number, label, status)
            elif kind == "note":
                piece = self._start("note", None, None, label, status)
            else:
                self.point = number
                piece = self._start("point", number, None, label, status)
            piece.amendments += changes
            piece.paragraphs.append(Paragraph(body, line.number))
        return True

    def _in_note(self, kind: str, match: re.Match[str]) -> bool:
        """True for a number that counts a note's own paragraphs: `Примечания. / 1. … / 2. …` below points 1 and 2."""
        if kind == "note":
            self.note_points = 0 if match.end() == len(match.string) or match.string.endswith(":") else None
        elif self.note_points is not None:
            if kind == "point" and match["n"] == str(self.note_points + 1):
                self.note_points += 1
                return True
            if kind == "sub" and self.note_points:
                return True
            self.note_points = None
        return False

    def _plain(self, line: Line, text: str) -> bool:
        if self.section is None:
            self.open(None)
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
                self.problem(line.number, "text behind a repealed provision, kept with the provision before it")
                return True
        self.piece.paragraphs.append(Paragraph(text, line.number))
        return True

    def _start(self, kind: Kind, point: str | None, subpoint: str | None, label: str, status: Status) -> Piece:
        if self.section is None:
            self.open(None)
        assert self.section is not None
        special = kind if kind in ("preamble", "note") else None
        self.captioned = False
        address, place = self._unique(Address(self.law, self.section.number, point, subpoint, special, self.annex))
        piece = Piece(address, place, kind, status, label)
        self.settle_pending(piece)
        self.passed = len(self.pending)
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

    def article_text(self, text: str, number: int, status: Status) -> None:
        """An article whose text stands on the line of its number: it is gone, or it has no title."""
        self._start("opening", None, None, "", status).paragraphs.append(Paragraph(text, number))

    def _keep_titles(self) -> None:
        """An article, or an annex, of which nothing came but a title: that is its text."""
        with_text = {(annex, section.number) for section, (annex, _) in self._opened() if section.pieces}
        annexes = {annex for annex, _ in with_text}
        for section, (annex, number) in self._opened():
            if section.pieces or not (section.title or annex):
                continue
            if (annex, section.number) in with_text or (section.number is None and (annex is None or annex in annexes)):
                continue
            below = self.titled_below.get(id(section))
            if below is None and not SENTENCE_END.search(section.title or ""):
                what = f"article {section.number} has" if section.number else f"annex {annex} has"
                self.problem(number, f"{what} a title and no text")
            self.section, self.annex = section, annex
            kind: Kind = "opening" if section.number is not None else "preamble"
            text = section.title or section.above[0].title
            self._start(kind, None, None, "", "in_force").paragraphs.append(Paragraph(text, below or number))
            section.title = None
            with_text.add((annex, section.number))
            annexes.add(annex)

    def _opened(self) -> list[tuple[Section, tuple[str | None, int]]]:
        return list(zip(self.out.sections, self.opened, strict=True))


def _speaks_of(change: editions.Change, piece: Piece) -> bool:
    if change.kind == "subpoint":
        return piece.kind == "subpoint" and _plain_number(piece.address.subpoint) in change.numbers
    if change.kind == "point":
        return piece.kind == "point" and _plain_number(piece.address.point) in change.numbers
    return change.kind == "note" and piece.kind == "note"


def _plain_number(number: str | None) -> str:
    return (number or "").partition("~")[0]


def _may_be_note(text: str) -> bool:
    return bool(re.search(r"№|Ескерту|Сноска|Ескертпе|Примечание", text))
