"""The headings of an act: annexes, parts, sections, chapters, paragraphs, articles, and titles that go on below them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lawsearch.corpus import editions
from lawsearch.corpus.contents import SENTENCE_END, caption_lines, contents_lines, quoted_lines
from lawsearch.corpus.outline import Heading, Line, Outline, Piece, Section
from lawsearch.corpus.structure import (
    POINT,
    POINT_RANGE,
    ROMAN_HEADING,
    SUBPOINT,
    SUBPOINT_LIST,
    WORDS,
    as_read,
    roman_in_latin,
)
from lawsearch.law import Address, Amendment, Lang, Problem, SourceLine, Status

#: The levels of headings, outermost first: an annex, the document that it is, the general or special part, sections and
#: sub-sections, (chapters,) paragraphs of a chapter.
_ANNEX, _DOCUMENT, _PART, _SECTION, _SUBSECTION, _CHAPTER, _PARAGRAPH = range(7)
#: The longest caption or title, and the shortest line that may have been broken in the middle of a title.
_LONGEST = 320
_LONGEST_REST = 200
_BROKEN = 40
_LONGEST_NUMBER = 4
_LONGEST_TITLE = 1_000
_MOST_OF_A_CHAPTER = 100
#: `утвержден приказом … от 5 мая 2021 года № 7`: what names the act in full is a caption wherever it stands.
_NAMED_IN_FULL = re.compile(r"\bот\s.*№\s*\S+\Z")


class Headings:
    """What headings make of the lines so far. ``section`` is the article being filled, ``piece`` the provision that a plain
    line belongs to."""

    def __init__(self, lines: Sequence[Line], lang: Lang, law: str) -> None:
        self.lines = lines
        self.law = law
        self.words = WORDS[lang]
        self.out = Outline(lang)
        self.levels: list[tuple[int, Heading]] = []
        self.annex: str | None = None
        #: How often each number of an annex came, and the least that did not.
        self.annexes: dict[str, int] = {}
        self.free_annex = 1
        self.captioned = False
        self.chapter = Heading(None, "")
        #: What edition notes say of the chapter as such; and the sections in it.
        self.chapter_amendments: list[Amendment] = []
        self.chapter_sections: list[Section] = []
        self.section: Section | None = None
        self.piece: Piece | None = None
        self.point: str | None = None
        self.pending: list[editions.Change] = []
        #: How many of them a provision has followed that they do not speak of.
        self.passed = 0
        self.untitled: Heading | Section | None = None
        #: What has a title that may go on in the next line, and the number and length of its last line.
        self.unfinished: tuple[Heading | Section, int, int] | None = None
        self.remarked = False
        #: Of each section the annex and the line that opened it; and the line of a title that stood below.
        self.opened: list[tuple[str | None, int]] = []
        self.titled_below: dict[int, int] = {}
        self.signed = False
        #: The last chapter that has but a number: `1. Общие положения`.
        self.bare_chapter = 0
        #: How many numbered paragraphs the note has that is being read, None outside of one.
        self.note_points: int | None = None
        self.used: dict[str, int] = {}
        #: The lines as they are shown and as the grammar reads them, and the place of the next one.
        both = [as_read(text, lang) if (text := line.text.strip()) else ("", "") for line in lines]
        self.texts = [text for text, _ in both]
        self.read = [read for _, read in both]
        self.following = 0
        self.quoted = quoted_lines(self.read)
        heads = [i for i, read in enumerate(self.read) if read and i not in self.quoted and self.words.may_head(read)]
        self.heads = frozenset(heads)
        self.contents = contents_lines(lines, self.read, heads, self.words)
        self.captions = caption_lines(self.read, heads, self.words)

    # -- what the parser of provisions has

    def settle_pending(self) -> None:
        raise NotImplementedError

    def settle_passed(self) -> None:
        raise NotImplementedError

    # -- headings

    def heading(self, line: Line, text: str, cyrillic: str) -> bool:
        """Place a line that is a heading of any level."""
        if self.signed and self._document(line, text, cyrillic):
            return True
        if self.following - 1 in self.heads and self._named_heading(line, text, cyrillic):
            return True
        if self.unfinished is not None and self._title_goes_on(line, text, cyrillic):
            return True
        if not line.heading and cyrillic[-1] in ".;:":
            # Most lines: no title ends so, and none that is not marked is a heading for anything else.
            return False
        return self._other_heading(line, text, cyrillic)

    def _named_heading(self, line: Line, text: str, cyrillic: str) -> bool:
        """The heading of an article, chapter, part or paragraph, or the caption of an annex."""
        match = self.words.article.match(cyrillic)
        if match:
            rest = cyrillic[match.end() :].strip()
            repealed = editions.is_repeal(rest, self.out.lang)
            if line.heading or repealed or _title_like(rest):
                self._article(line, match["n"], text[match.end() :].strip(), rest, repealed)
                return True
        match = self.words.articles.match(cyrillic)
        if match and editions.is_repeal(cyrillic[match.end() :], self.out.lang):
            self._repealed_articles(line, match["n"], text[match.end() :].strip(), cyrillic[match.end() :])
            return True
        match = self.words.chapter.match(cyrillic)
        if match and (_title_like(text[match.end() :]) or editions.is_repeal(cyrillic[match.end() :], self.out.lang)):
            self._chapter(line, roman_in_latin(match["n"]), text[match.end() :].strip())
            return True
        match = self.words.part.match(cyrillic)
        if match and _title_like(text[match.end() :]):
            heading = Heading(roman_in_latin(match["n"]) if match["n"] else match["name"], text)
            self._set_level(_PART if match["name"] else _SUBSECTION if match["sub"] else _SECTION, heading)
            self.leave_chapter(Heading(None, ""))
            self.open(None)
            self._entitled(heading, line, "" if match.end() == len(text) and not match["name"] else text)
            self.source(line, "heading")
            return True
        match = self.words.paragraph.match(cyrillic)
        if match and _title_like(text[match.end() :]):
            heading = Heading(match["n"] or match["m"], text)
            self._set_level(_PARAGRAPH, heading)
            self.open(None)
            self._entitled(heading, line, "" if match.end() == len(text) else text)
            self.source(line, "heading")
            return True
        return self._annex(line, text, cyrillic)

    def _other_heading(self, line: Line, text: str, cyrillic: str) -> bool:
        """A title below its number, the act's own, or a heading that names no level."""
        if self.untitled is not None and line.heading and self.title_below(line, text, cyrillic):
            return True
        if line.heading and self.out.title is None and self.section is None:
            self.out.title = text
            self.source(line, "front")
            return True
        if self._numbered_chapter(line, text, cyrillic):
            return True
        if line.heading and not POINT.match(cyrillic):
            # A heading that names neither article nor chapter: an annex, a section with a name of its own.
            self.leave_chapter(Heading(None, text))
            self.open(None)
            self.signed = False
            self.source(line, "heading")
            return True
        return False

    def _numbered_chapter(self, line: Line, text: str, cyrillic: str) -> bool:
        """A chapter that is only counted: `II. Порядок`, or `1. Общие положения` above a point 1."""
        if not cyrillic[0].isdigit() and not cyrillic.startswith(("I", "V", "X", "І", "Х")):
            return False
        point = POINT.match(cyrillic)
        match = point or ROMAN_HEADING.match(cyrillic)
        if match is None or len(text) > _LONGEST_REST or SENTENCE_END.search(text):
            return False
        below = POINT.match(self._next())
        if below is None:
            return False
        number = match["n"]
        if point is not None:
            if len(number) > _LONGEST_NUMBER or not number.isdecimal():
                return False
            again = below["n"] == number and (self.section is None or self.section.number is None)
            counted = self.bare_chapter and int(number) == self.bare_chapter + 1
            counted = counted and str(Address(self.law, None, number, None, None, self.annex)) in self.used
            if not (again or line.heading or counted):
                return False
            self.bare_chapter = int(number)
        self._chapter(line, roman_in_latin(number), text[match.end() :].strip())
        return True

    def _next(self) -> str:
        """The next line with a text, as the grammar reads it; empty at the end."""
        return next((read for read in self.read[self.following : self.following + 4] if read), "")

    def _chapter(self, line: Line, number: str, title: str) -> None:
        self.leave_chapter(Heading(number, title))
        self._set_level(_CHAPTER, None)
        own = self._taken(lambda c: c.kind == "chapter" and (not c.numbers or number in c.numbers))
        self.amend_chapter([c.amendment for c in own])
        self.open(None)
        self._entitled(self.chapter, line, title)
        self.source(line, "heading")

    def _taken(self, wanted: Callable[[editions.Change], bool]) -> list[editions.Change]:
        """The waiting changes that are wanted; the others go on waiting."""
        own = [c for c in self.pending if wanted(c)]
        self.passed -= sum(map(wanted, self.pending[: self.passed]))
        self.pending = [c for c in self.pending if not wanted(c)]
        return own

    def leave_chapter(self, chapter: Heading) -> None:
        """Go on under another chapter's heading, or under none."""
        self.chapter = chapter
        self.chapter_amendments = []
        self.chapter_sections = []

    def amend_chapter(self, amendments: Sequence[Amendment]) -> None:
        """What changed the chapter changed each of its articles, those before the note too."""
        scoped_ones = [scoped(amendment, "chapter") for amendment in amendments]
        if len(self.chapter_amendments) >= _MOST_OF_A_CHAPTER:
            return
        self.chapter_amendments += scoped_ones
        for section in self.chapter_sections:
            section.amendments += scoped_ones

    def _entitled(self, target: Heading | Section, line: Line, title: str) -> None:
        """Wait for the title in the next line where there is none yet, or for the rest of it."""
        self.untitled = None if title else target
        self.unfinished = (target, line.number, len(line.text)) if title and not SENTENCE_END.search(title) else None

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

    @property
    def begun(self) -> bool:
        """True where there is an act for an annex to belong to."""
        return self.signed or any(section.pieces for section in self.out.sections)

    def _document(self, line: Line, text: str, cyrillic: str) -> bool:
        """The title of a document behind the signature, without a caption: an agreement, behind the law that ratifies it."""
        if not self.words.document.match(cyrillic) or len(text) > _LONGEST or SENTENCE_END.search(text):
            return False
        self._enter_annex(line, None, text)
        assert self.section is not None
        self.section.title = text
        self._entitled(self.levels[0][1], line, text)
        return True

    def _annex(self, line: Line, text: str, cyrillic: str) -> bool:
        """A caption that opens an annex: its chapters, articles and points are counted anew, and addressed below it."""
        match = self.words.titled_annex.match(cyrillic)
        if match and self.begun and len(text) <= _LONGEST and not SENTENCE_END.search(text):
            self._enter_annex(line, match["n"], text[: match.end()].strip(" .:"))
            self._set_title(line, text[match.end() :])
            return True
        match = self.words.annex.match(cyrillic)
        number = match["n"] if match else None
        if match is None and not (self.words.approved.match(cyrillic) and self._names_the_act(line, cyrillic)):
            return False
        if not self.begun or len(text) > _LONGEST or SENTENCE_END.search(text):
            return False
        if match is None and self.captioned:
            # `Приложение 1 … Утверждены …`: one document with two lines of caption.
            return False
        self._enter_annex(line, number, text)
        self.captioned = True
        self._entitled(self.levels[0][1], line, "")
        return True

    def _enter_annex(self, line: Line, number: str | None, text: str) -> None:
        if number is None:
            while str(self.free_annex) in self.annexes:
                self.free_annex += 1
            number = str(self.free_annex)
        again = self.annexes[number] = self.annexes.get(number, 0) + 1
        if again > 1:
            self.problem(line.number, f"a second annex {number}, kept as annex-{number}~{again}")
            number = f"{number}~{again}"
        self.settle_pending()
        self.annex = number
        self.levels = []
        self._set_level(_ANNEX, Heading(number, text))
        self.leave_chapter(Heading(None, ""))
        self.signed = self.captioned = False
        self.bare_chapter = 0
        self.open(None)
        self.source(line, "heading")

    def _names_the_act(self, line: Line, cyrillic: str) -> bool:
        """True for `Утверждено …` that is sure to be a caption: marked, behind a signature, or with the act that it names."""
        if self.signed or line.heading or self.following - 2 in self.captions or _NAMED_IN_FULL.search(cyrillic):
            return True
        following = self._next()
        return bool(following) and following[0].islower() and bool(self.words.captioned.match(following))

    def _article(self, line: Line, number: str, title: str, read: str, repealed: bool) -> None:
        # `Статья 1. Внести в законодательные акты следующие изменения:` has no title, and the text begins at once.
        text = repealed or (title.endswith(":") and not line.heading)
        self.open(number, None if text or not title else title)
        assert self.section is not None
        self.signed = False
        self.source(line, "heading")
        own = self._taken(lambda c: c.kind in ("article", "unknown") and (not c.numbers or number in c.numbers))
        self.section.amendments += [scoped(c.amendment, "article") for c in own]
        self._entitled(self.section, line, title)
        if repealed:
            self.section.amendments += [scoped(c.amendment, "article") for c in editions.parse_changes(read)]
        if text:
            self.unfinished = None
            self.article_text(title, line.number, "repealed" if repealed else "in_force")

    def _repealed_articles(self, line: Line, printed: str, text: str, read: str) -> None:
        """`Статьи 5 - 7. Исключены …`: one printed line of several articles."""
        listed = editions.expand_numbers(printed)
        for number in editions.range_of(listed[0]) if len(listed) == 1 else listed:
            self.open(number)
            assert self.section is not None
            self.section.amendments += [scoped(c.amendment, "article") for c in editions.parse_changes(read)]
            self.article_text(text, line.number, "repealed")
        self.signed = False
        self.source(line, "heading")

    def article_text(self, text: str, number: int, status: Status) -> None:
        raise NotImplementedError

    # -- titles that stand or go on below

    def title_below(self, line: Line, text: str, cyrillic: str) -> bool:
        """A chapter or article whose heading line had no title: the next line is the title where it looks like one."""
        target, self.untitled = self.untitled, None
        if self.captioned and self.levels and target is self.levels[0][1]:
            return self._annex_title(line, text, cyrillic)
        if SENTENCE_END.search(text) or POINT.match(cyrillic) or SUBPOINT.match(cyrillic) or len(text) > 300:
            return False
        assert target is not None
        self._add_to_title(target, text)
        if isinstance(target, Section):
            self.titled_below[id(target)] = line.number
        self._entitled(target, line, text)
        self.source(line, "heading")
        return True

    def _title_goes_on(self, line: Line, text: str, cyrillic: str) -> bool:
        """The rest of a title that was broken: the next line, where it is no sentence and cannot be the text.

        It goes on in small letters, or all in capitals as the title is, or within the same paragraph of a page; or a long
        line is followed by one after which the text begins.
        """
        assert self.unfinished is not None
        (target, number, length), self.unfinished = self.unfinished, None
        if line.number != number + 1 or line.table or line.footnote or line.edition or SENTENCE_END.search(text):
            return False
        if len(text) > _LONGEST_REST or numbered_label(cyrillic) or text.startswith(("(", "*")):
            return False
        if editions.is_edition_note(cyrillic):
            return False
        title = target.title or ""
        if len(title) > _LONGEST_TITLE:
            return False
        broken = length >= _BROKEN and len(text) <= length and self._text_begins_next(len(text) * 2 <= length)
        capitals = text.isupper() and (title.isupper() or self._is_document(target))
        if not (text[0].islower() or line.broken or capitals or broken):
            return False
        self._add_to_title(target, text)
        self.unfinished = (target, line.number, len(line.text))
        self.source(line, "heading")
        return True

    def _text_begins_next(self, short: bool) -> bool:
        """True where the next line is blank or has a number; behind a short line also where it has a capital."""
        following = self.read[self.following] if self.following < len(self.read) else ""
        if not following or (short and following[0].isupper()):
            return True
        return POINT.match(following) is not None or SUBPOINT.match(following) is not None

    def _add_to_title(self, target: Heading | Section, text: str) -> None:
        target.title = f"{target.title} {text}" if target.title else text
        if self.section is not None and self._is_document(target):
            self.section.title = target.title

    def _is_document(self, target: Heading | Section) -> bool:
        return bool(self.levels) and self.levels[-1][0] in (_ANNEX, _DOCUMENT) and target is self.levels[-1][1]

    def _annex_title(self, line: Line, text: str, cyrillic: str) -> bool:
        """Below the caption of an annex: more of the caption, or the title of the document."""
        annex = self.levels[0][1]
        if numbered_label(cyrillic) is not None or len(text) > 300:
            return False
        enclosed = text.startswith("(") and text.endswith(")")
        if not line.heading and (text[0].islower() or enclosed or self.words.captioned.match(cyrillic)):
            self.untitled = annex
            self.source(line, "heading")
            return True
        if SENTENCE_END.search(text) and not line.heading:
            return False
        self._set_title(line, text)
        self.source(line, "heading")
        return True

    def _set_title(self, line: Line, text: str) -> None:
        document = Heading(None, text)
        self._set_level(_DOCUMENT, document)
        assert self.section is not None
        self.section.above, self.section.title = self._above, text
        self._entitled(document, line, text)

    # -- what is open

    def open(self, number: str | None, title: str | None = None) -> None:
        """Begin an article, or the part of a chapter that has none."""
        if number is not None and self.passed:
            self.settle_passed()
        if number is not None or self.section is None or self.section.number is not None or self.section.pieces:
            self.section = Section(number, title, self.chapter, self._above, self._below)
            self.section.amendments += self.chapter_amendments
            self.chapter_sections.append(self.section)
            self.out.sections.append(self.section)
            self.opened.append((self.annex, self.lines[self.following - 1].number if self.following else 0))
        else:
            self.section.chapter, self.section.above, self.section.below = self.chapter, self._above, self._below
        self.piece = None
        self.point = None
        self.note_points = None
        self.untitled = None
        self.unfinished = None

    def source(self, line: Line, role: str) -> None:
        """A line that is no provision's text."""
        self.out.lines.append(SourceLine(self.out.lang, line.number, role, line.text.strip()))  # type: ignore[arg-type]

    def problem(self, number: int, what: str) -> None:
        """Report what could not be placed for sure."""
        self.out.problems.append(Problem(self.out.lang, number, what))


def numbered_label(cyrillic: str) -> tuple[str, re.Match[str]] | None:
    """The number that a line begins with: of repealed sub-points or points, of a sub-point, of a point."""
    if not cyrillic[:1].isdigit():
        return None
    match = SUBPOINT.match(cyrillic)
    if match:
        # A list goes on behind its first number.
        several = SUBPOINT_LIST.match(cyrillic) if cyrillic[match.end() : match.end() + 1] in _GOES_ON else None
        return ("range", several) if several else ("sub", match)
    match = POINT.match(cyrillic)
    if match is None or cyrillic[match.end() : match.end() + 1] in _GOES_ON:
        several = POINT_RANGE.match(cyrillic)
        if several:
            return "points", several
    return ("point", match) if match else None


_GOES_ON = frozenset("-–—,жи")


def scoped(amendment: Amendment, scope: str) -> Amendment:
    """The amendment as one of a whole article or chapter."""
    return Amendment(amendment.action, amendment.law, amendment.date, amendment.effective, scope)  # type: ignore[arg-type]


def _title_like(rest: str) -> bool:
    """A heading's rest is a title, not the middle of a sentence (``5-бап ережелері …`` never matches: no full stop)."""
    return not rest or not rest[0].islower()
