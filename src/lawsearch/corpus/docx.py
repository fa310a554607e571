"""Word documents (.docx) -> lines: paragraphs, automatic numbers, tables as text, footnotes behind what refers to them.

A paragraph's text is taken from its XML, not from its runs: tracked insertions, hyperlinks, fields and text boxes hold
words too. What a tracked change deleted is no text; what is struck through is, and is reported.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from lawsearch.corpus.outline import Line
from lawsearch.corpus.structure import STRUCK_REMARK, raised
from lawsearch.errors import CorpusError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
#: A document may unpack to so many bytes, and to so many times its size, and hold so many parts.
_LARGEST = 256 * 1024 * 1024
_RATIO = 200
_PARTS = 5_000
#: What encloses blocks, rows or cells without being one.
_ENCLOSING = tuple(f"{_W}{name}" for name in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"))
_HEADING_STYLES = ("heading", "title", "заголовок", "название")
#: The outline level of what is no heading.
_BODY_TEXT = "9"
_MOST_BASES = 12
#: So many pieces of text before a raised number tell what it is.
_NEAR = 8
_OFF = ("0", "false", "off")
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
          (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip


def docx_lines(data: bytes, where: str, offset: int = 0) -> list[Line]:
    """The paragraphs and table rows of a document in order, numbered from ``offset`` + 1.

    Raises CorpusError for what is no such document, or would unpack to more than an act can be.
    """
    _guard(data, where)
    import docx

    try:
        document = docx.Document(io.BytesIO(data))
        reader = _Reader(document, offset)
        lines = reader.run()
    except Exception as error:
        # A damaged package raises whatever the part that reads it raises (KeyError, XMLSyntaxError, BadZipFile, ...).
        raise CorpusError(f"{where}: not a readable .docx ({type(error).__name__}: {error}); save it again") from None
    if not lines:
        raise CorpusError(f"{where}: no text in this document; remove it or put the act's text in it")
    return lines


def _guard(data: bytes, where: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            size = sum(part.file_size for part in parts)
            if size > _LARGEST or (size > 1 << 20 and size > _RATIO * len(data)) or len(parts) > _PARTS:
                raise CorpusError(f"{where}: unpacks to {size:,} bytes in {len(parts):,} parts; no act is that large")
            for part in parts:
                # A part may say that it is smaller than it is: no more than it says is ever unpacked.
                with package.open(part) as stream:
                    left = part.file_size
                    while chunk := stream.read(1 << 20):
                        left -= len(chunk)
                    if left < 0:
                        raise CorpusError(f"{where}: damaged (the part {part.filename} is larger than it says)")
    except CorpusError:
        raise
    except Exception as error:
        raise CorpusError(f"{where}: not a .docx document ({error}); save it again as .docx") from None


class _Reader:
    def __init__(self, document: Any, offset: int) -> None:
        self._document = document
        self._offset = offset
        self._lines: list[Line] = []
        self._styles = {s.get(f"{_W}styleId"): s for s in document.styles.element.iterchildren(f"{_W}style")}
        self._numbering = _Numbering(document, self._styles)
        self._notes = dict(self._footnotes())
        #: What a paragraph holds whose mark a tracked change deleted: it goes on in the next.
        self._held: list[str] = []

    def run(self) -> list[Line]:
        for block in _content(self._document.element.body):
            self._block(block)
        self._let_go()
        for text in (text for texts in self._notes.values() for text in texts):
            self._emit(text, footnote=True)
        return self._lines

    def _emit(self, text: str, heading: bool = False, broken: bool = False, footnote: bool = False, remark: str = "") -> None:
        number = self._offset + len(self._lines) + 1
        self._lines.append(Line(text, number, heading=heading, broken=broken, footnote=footnote, remark=remark))

    def _block(self, block: Any) -> None:
        if block.tag == f"{_W}tbl":
            self._let_go()
            self._table(block)
            self._notes_to(block)
            return
        if block.tag != f"{_W}p":
            return
        heading = self._is_heading(block)
        texts = self._texts(block)
        if heading and texts:
            # One heading, however many lines it takes.
            texts = [" ".join(texts)]
        remark = STRUCK_REMARK if _has_struck(block) else ""
        for n, text in enumerate(texts):
            self._emit(text, heading=heading, broken=n > 0, remark=remark if not n else "")
        self._notes_to(block)

    def _let_go(self) -> None:
        for raw in "".join(self._held).split("\n"):
            if raw.strip():
                self._emit(raw.strip())
        self._held.clear()

    def _notes_to(self, block: Any) -> None:
        for reference in block.iter(f"{_W}footnoteReference", f"{_W}endnoteReference"):
            for text in self._notes.pop((reference.tag, reference.get(f"{_W}id")), ()):
                self._emit(text, footnote=True)

    def _texts(self, paragraph: Any) -> list[str]:
        """The lines of a paragraph with its number, and of the deleted end of the one before."""
        properties = paragraph.find(f"{_W}pPr")
        text = _text(paragraph)
        if properties is not None and properties.find(f"{_W}rPr/{_W}del") is not None:
            if text.strip():
                label = self._numbering.label(paragraph) if not self._held else ""
                self._held.append(f"{label} {text}" if label else text)
            return []
        # A paragraph whose end was deleted and the next are one, with the number of the first.
        label = "" if self._held else self._numbering.label(paragraph)
        text = "".join((*self._held, f"{label} {text}" if label else text))
        self._held.clear()
        return [line for raw in text.split("\n") if (line := raw.strip())]

    def _table(self, table: Any) -> None:
        rows: list[list[list[str]]] = []
        for row in _content(table):
            if row.tag != f"{_W}tr":
                continue
            cells = [self._cell(cell) for cell in _content(row) if cell.tag == f"{_W}tc"]
            if any(cells):
                rows.append(cells)
        if len(rows) <= 1 or all(sum(map(bool, row)) == 1 for row in rows):
            # One row, or one column with words in it, lays out a caption or a signature.
            for text in (text for row in rows for cell in row for text in cell):
                self._emit(text)
            return
        for row in rows:
            number = self._offset + len(self._lines) + 1
            self._lines.append(Line(" | ".join(" ".join(cell) for cell in row), number, table=True))

    def _cell(self, cell: Any) -> list[str]:
        """The lines of a cell, those of a table within it too."""
        found: list[str] = []
        stack = [*_content(cell)][::-1]
        while stack:
            block = stack.pop()
            if block.tag == f"{_W}p":
                found += self._texts(block)
            elif block.tag in (f"{_W}tbl", f"{_W}tr", f"{_W}tc"):
                stack += [*_content(block)][::-1]
        return found

    def _is_heading(self, paragraph: Any) -> bool:
        properties = paragraph.find(f"{_W}pPr")
        if properties is None:
            return False
        level = properties.find(f"{_W}outlineLvl")
        if level is not None:
            return str(level.get(f"{_W}val")) != _BODY_TEXT
        style = properties.find(f"{_W}pStyle")
        for one in _with_bases(None if style is None else style.get(f"{_W}val"), self._styles):
            name = one.find(f"{_W}name")
            if str(name.get(f"{_W}val") if name is not None else "").lower().startswith(_HEADING_STYLES):
                return True
            level = one.find(f"{_W}pPr/{_W}outlineLvl")
            if level is not None:
                return str(level.get(f"{_W}val")) != _BODY_TEXT
        return False

    def _footnotes(self) -> Iterator[tuple[tuple[str, str | None], list[str]]]:
        from lxml import etree

        for relation in self._document.part.rels.values():
            if relation.is_external or not relation.reltype.endswith(("/footnotes", "/endnotes")):
                continue
            kind = "footnote" if relation.reltype.endswith("/footnotes") else "endnote"
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            root = etree.fromstring(relation.target_part.blob, parser)
            for note in root.iterchildren(f"{_W}{kind}"):
                texts = [line for p in note.iter(f"{_W}p") for raw in _text(p).split("\n") if (line := raw.strip())]
                if texts:
                    yield (f"{_W}{kind}Reference", note.get(f"{_W}id")), texts


def _content(element: Any) -> Iterator[Any]:
    """The blocks, rows or cells of an element, those too that a content control, a tag or a tracked change encloses."""
    stack = [*element.iterchildren()][::-1]
    while stack:
        child = stack.pop()
        if child.tag in _ENCLOSING:
            stack += [*child.iterchildren()][::-1]
        else:
            yield child


def _with_bases(style_id: str | None, styles: Mapping[str, Any]) -> Iterator[Any]:
    """A style and those that it is based on."""
    for _ in range(_MOST_BASES):
        style = None if style_id is None else styles.get(style_id)
        if style is None:
            return
        yield style
        base = style.find(f"{_W}basedOn")
        style_id = None if base is None else base.get(f"{_W}val")


def _has_struck(paragraph: Any) -> bool:
    return any(
        (p := run.find(f"{_W}rPr")) is not None
        and any((s := p.find(f"{_W}{name}")) is not None and s.get(f"{_W}val") not in _OFF for name in ("strike", "dstrike"))
        and any((t.text or "").strip() for t in run.iterchildren(f"{_W}t"))
        for run in paragraph.iter(f"{_W}r")
    )


def _text(paragraph: Any) -> str:
    """A paragraph's text with its breaks; what stands in a text box has lines of its own."""
    pieces: list[str] = []
    skipped = 0
    for event, element in _walk(paragraph):
        tag = element.tag
        if tag in (_FALLBACK, f"{_W}del", f"{_W}moveFrom"):
            # The fallback repeats a text box for old programs; deleted text is no text.
            skipped += 1 if event == "start" else -1
        elif skipped:
            continue
        elif tag == f"{_W}p" and element is not paragraph:
            pieces.append("\n")
        elif event == "end":
            continue
        elif tag == f"{_W}t":
            pieces.append(_raised(element, pieces))
        elif tag == f"{_W}tab":
            pieces.append(" " if element.getparent().tag == f"{_W}r" else "")
        elif tag in (f"{_W}br", f"{_W}cr"):
            pieces.append("\n")
        elif tag == f"{_W}noBreakHyphen":
            pieces.append("-")
    return "".join(pieces)


def _raised(element: Any, before: list[str]) -> str:
    text = element.text or ""
    if text.strip().isdecimal():
        place = element.getparent().find(f"{_W}rPr/{_W}vertAlign")
        if place is not None and place.get(f"{_W}val") == "superscript":
            following = element.getparent().getnext()
            behind = "" if following is None else "".join(following.itertext(f"{_W}t"))
            return raised("".join(before[-_NEAR:]).rpartition("\n")[2].rstrip(), text.strip(), behind)
    return text


def _walk(element: Any) -> Any:
    from lxml import etree

    return etree.iterwalk(element, events=("start", "end"))


class _Numbering:
    """The numbers that Word counts itself: they stand in no paragraph's text, and are the act's numbers all the same.

    Lists of one kind are counted together, unless one is told to start anew.
    """

    def __init__(self, document: Any, styles: Mapping[str, Any]) -> None:
        self._levels: dict[tuple[str, int], tuple[int, str, str]] = {}
        self._lists: dict[str, str] = {}
        self._anew: dict[tuple[str, int], int] = {}
        self._counts: dict[tuple[str, int], int] = {}
        self._styles = styles
        for relation in document.part.rels.values():
            if not relation.is_external and relation.reltype.endswith("/numbering"):
                self._read(relation.target_part.element)

    def _read(self, root: Any) -> None:
        for kind in root.iterchildren(f"{_W}abstractNum"):
            for level in kind.iterchildren(f"{_W}lvl"):
                values = {c.tag: c.get(f"{_W}val") for c in level.iterchildren()}
                self._levels[kind.get(f"{_W}abstractNumId"), int(level.get(f"{_W}ilvl"))] = (
                    int(values.get(f"{_W}start") or 1),
                    values.get(f"{_W}numFmt") or "decimal",
                    values.get(f"{_W}lvlText") or "",
                )
        for one in root.iterchildren(f"{_W}num"):
            kind = one.find(f"{_W}abstractNumId")
            if kind is not None:
                self._lists[one.get(f"{_W}numId")] = kind.get(f"{_W}val")
            for override in one.iterchildren(f"{_W}lvlOverride"):
                start = override.find(f"{_W}startOverride")
                if start is not None:
                    self._anew[one.get(f"{_W}numId"), int(override.get(f"{_W}ilvl"))] = int(start.get(f"{_W}val"))

    def _of(self, paragraph: Any) -> tuple[str, int]:
        """The list and the level of a paragraph, its own or its style's; an empty list where there is none."""
        own = paragraph.find(f"{_W}pPr/{_W}numPr")
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        styled = (
            s.find(f"{_W}pPr/{_W}numPr") for s in _with_bases(None if style is None else style.get(f"{_W}val"), self._styles)
        )
        number = level = None
        for found in (own, *styled):
            if found is None:
                continue
            values = {c.tag: c.get(f"{_W}val") for c in found.iterchildren()}
            number = number if number is not None else values.get(f"{_W}numId")
            level = level if level is not None else values.get(f"{_W}ilvl")
        return number or "", int(level or 0)

    def label(self, paragraph: Any) -> str:
        """The number that stands before a paragraph, counted on; empty for a paragraph without one, and for bullets."""
        number, level = self._of(paragraph)
        kind = self._lists.get(number)
        if kind is None or (kind, level) not in self._levels:
            return ""
        start, style_of, pattern = self._levels[kind, level]
        anew = self._anew.pop((number, level), None)
        if anew is not None:
            self._counts[kind, level] = anew - 1
        self._counts[kind, level] = self._counts.get((kind, level), start - 1) + 1
        for deeper in [k for k in self._counts if k[0] == kind and k[1] > level]:
            del self._counts[deeper]
        if style_of in ("bullet", "none"):
            return ""
        for i in range(level + 1):
            first, how, _ = self._levels.get((kind, i), (1, "decimal", ""))
            pattern = pattern.replace(f"%{i + 1}", _counted(self._counts.get((kind, i), first), how))
        return pattern


def _counted(value: int, how: str) -> str:
    if how in ("upperRoman", "lowerRoman"):
        text = ""
        for size, letters in _ROMAN:
            text += letters * (value // size)
            value %= size
        return text if how == "upperRoman" else text.lower()
    if how in ("upperLetter", "lowerLetter"):
        letter = chr(ord("A") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letter if how == "upperLetter" else letter.lower()
    if how == "russianLower":
        return "абвгдежзиклмнопрстуфхцчшщэюя"[(value - 1) % 29]
    return str(value)
