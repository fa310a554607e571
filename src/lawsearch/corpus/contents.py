"""What of an act's lines is told by the lines around it: its own table of contents, captions of annexes, what it quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lawsearch.corpus.outline import Line
from lawsearch.corpus.structure import POINT, SUBPOINT, Words

SENTENCE_END = re.compile(r"[.;:!?…]\s*\Z")
#: Dots, a tab or underscores before the number of a page.
_LEADERS = re.compile(r"(?:\.{2,}|…+|\t|_{2,})[\s.…_]*\d*\s*\Z")
_LONGEST_TITLE = 320
_LONGEST_CAPTION_LINE = 150
_MOST_CAPTION_LINES = 8
#: A heading in a table of contents: its line's place, its annex and level, number and title.
_Entry = tuple[int, tuple[int, str], str, str]


def contents_lines(lines: Sequence[Line], read: Sequence[str], heads: Sequence[int], words: Words) -> set[int]:
    """The numbers of the lines of an act's tables of contents; ``heads`` are the places of the lines that may be headings.

    These are headings in a row, with no text between them, that come again further down with the same number and title. A
    single heading that comes again is none (`Глава 1. Общие положения` in each section). Annexes each have theirs: what comes
    again behind a caption of an annex is not the same.
    """
    entries: list[_Entry] = []
    annex = 0
    for i in heads:
        text = read[i]
        if len(text) < _LONGEST_TITLE and (words.annex.match(text) or words.approved.match(text)):
            annex += 1
        for kind, pattern in (("a", words.article), ("c", words.chapter), ("p", words.part)):
            match = pattern.match(text)
            if match:
                number = match["n"] or (match["name"] if kind == "p" else "") or ""
                title = re.sub(r"\W+", " ", _LEADERS.sub("", text[match.end() :])).strip().lower()
                entries.append((i, (annex, kind), number.upper(), title))
                break
    again = _coming_again(entries)
    return _runs(lines, read, {i: (level, i in again) for i, level, _, _ in entries}, words) if len(again) > 1 else set()


def _coming_again(entries: Sequence[_Entry]) -> set[int]:
    """The places of the headings that come again further down: same level and number, and one title begins with the other."""
    again: set[int] = set()
    later: dict[tuple[tuple[int, str], str], list[str]] = {}
    for i, level, number, title in reversed(entries):
        titles = later.setdefault((level, number), [])
        if any(t.startswith(title) or title.startswith(t) for t in titles):
            again.add(i)
        if len(titles) < 8:
            titles.append(title)
    return again


def _runs(
    lines: Sequence[Line], read: Sequence[str], headings: dict[int, tuple[tuple[int, str], bool]], words: Words
) -> set[int]:
    found: set[int] = set()
    run: list[int] = []
    last = max(i for i, (_, again) in headings.items() if again)
    for i, text in enumerate(read):
        if not text:
            continue
        if i > last and not run:
            break
        heading = i in headings or (words.may_head(text) and words.paragraph.match(text) is not None)
        if heading or (run and not lines[i].table and len(text) < _LONGEST_TITLE and _is_loose(text)):
            run.append(i)
            continue
        found |= _contents_of(lines, read, run, headings)
        run = []
    return found | _contents_of(lines, read, run, headings)


def _is_loose(text: str) -> bool:
    return not (SENTENCE_END.search(text) or POINT.match(text) or SUBPOINT.match(text))


def _contents_of(
    lines: Sequence[Line], read: Sequence[str], run: Sequence[int], headings: dict[int, tuple[tuple[int, str], bool]]
) -> set[int]:
    """Of a run of headings and lines between them, those up to the last that comes again."""
    levels: dict[tuple[int, str], list[int]] = {}
    for i in run:
        if i in headings and headings[i][1]:
            levels.setdefault(headings[i][0], []).append(i)
    ends = [places[-1] for places in levels.values() if len(places) > 1]
    if not ends:
        return set()
    end = max(ends)
    found = {lines[i].number for i in run if i <= end}
    for i in run:
        if i > end and read[i][0].islower() and lines[i].number == lines[i - 1].number + 1:
            # The rest of the last title.
            found.add(lines[i].number)
            end = i
        elif i > end:
            break
    return found


def caption_lines(read: Sequence[str], heads: Sequence[int], words: Words) -> set[int]:
    """The places of lines that lead in to the caption of an annex and belong to it.

    In Kazakh the act is named before the word for an annex, line by line: `Көлік министрінің / 2022 жылғы 12 наурыздағы /
    № 77 бұйрығына / 1-қосымша`. What is named may be broken anywhere: a line in small letters goes on with the one above it.
    """
    found: set[int] = set()
    for i in heads:
        if not (words.annex.match(read[i]) or words.approved.match(read[i])):
            continue
        below = ""
        for at in range(i - 1, max(-1, i - 1 - _MOST_CAPTION_LINES), -1):
            before = read[at]
            leads_in = words.leads_in.search(before) or below[:1].islower()
            if before and (len(before) > _LONGEST_CAPTION_LINE or not leads_in or not _is_loose(before)):
                break
            found.add(at)
            below = before
    return found


#: Quotation marks that differ at beginning and end, and those that do not.
_MARKS = str.maketrans("“„”", "««»")
_OPENS = ("«", "“", "„", '"')
_CLOSED = re.compile(r"[»\"]\s*[.;,]?\s*\Z")
#: No act quotes more lines of another at once: a mark that is not closed by then was forgotten.
_LONGEST_QUOTATION = 600


def quoted_lines(read: Sequence[str]) -> frozenset[int]:
    """The places of lines within a quotation that begins on an earlier line and ends on this or a later one.

    A law that amends others quotes their new articles and points, with numbers of their own: these are its text. A quotation
    begins where a line does, or behind a colon, and ends where a line does.
    """
    openers = [i for i, text in enumerate(read) if text and (text[0] in _OPENS or ": «" in text or ': "' in text)]
    if not openers:
        return frozenset()
    closing = _closing(read)
    found: set[int] = set()
    end = -1
    for i in openers:
        if i > end and closing[i] > i and closing[i] - i <= _LONGEST_QUOTATION and _CLOSED.search(read[closing[i]]):
            end = closing[i]
            found.update(range(i + 1, end + 1))
    return frozenset(found)


def _closing(read: Sequence[str]) -> list[int]:
    """For each line that opens a quotation the line in which that is closed, for any other, and where there is none, itself."""
    closing = list(range(len(read)))
    #: Lines with what they left open, and how much was open before; the last line with an odd number of straight marks.
    open_before: list[tuple[int, int]] = []
    depth = 0
    straight: int | None = None
    for i, text in enumerate(read):
        if text.count('"') % 2:
            if straight is not None:
                closing[straight] = i
            straight = i
        marked = text.translate(_MARKS)
        before, depth = depth, depth + marked.count("«") - marked.count("»")
        while open_before and depth <= open_before[-1][1]:
            closing[open_before.pop()[0]] = i
        if depth > before:
            open_before.append((i, before))
    return closing
