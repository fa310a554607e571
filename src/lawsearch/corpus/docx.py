"""Word documents (.docx) -> lines: paragraphs, automatic numbers, tables as text, footnotes.

A paragraph's text is taken from its XML, not from its runs: tracked insertions, hyperlinks, fields and text boxes hold
words too. What a tracked change deleted is no text.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from lawsearch.corpus.outline import Line
from lawsearch.errors import CorpusError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
#: A document may unpack to so many bytes, and to so many times its size, and hold so many parts.
_LARGEST = 256 * 1024 * 1024
_RATIO = 200
_PARTS = 5_000
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
          (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip


def docx_lines(data: bytes, where: str, offset: int = 0) -> list[Line]:
    """The paragraphs and table rows of a document in order, numbered from ``offset`` + 1; footnotes follow the text.

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
        self._numbering = _Numbering(document)

    def run(self) -> list[Line]:
        for block in self._document.element.body.iterchildren():
            self._block(block)
        for text in self._footnotes():
            self._emit(text)
        return self._lines

    def _emit(self, text: str, **marks: bool) -> None:
        self._lines.append(Line(text, self._offset + len(self._lines) + 1, **marks))

    def _block(self, block: Any) -> None:
        if block.tag == f"{_W}p":
            label = self._numbering.label(block)
            for text in _paragraph_texts(block, label):
                self._emit(text, heading=self._is_heading(block))
        elif block.tag == f"{_W}tbl":
            self._table(block)
        elif block.tag == f"{_W}sdt":
            for content in block.iterchildren(f"{_W}sdtContent"):
                for inner in content.iterchildren():
                    self._block(inner)

    def _table(self, table: Any) -> None:
        rows = []
        for row in table.iterchildren(f"{_W}tr"):
            cells = []
            for cell in row.iterchildren(f"{_W}tc"):
                paragraphs = list(cell.iter(f"{_W}p"))
                cells.append([t for p in paragraphs for t in _paragraph_texts(p, self._numbering.label(p))])
            if any(cells):
                rows.append(cells)
        if len(rows) <= 1 or all(sum(map(bool, row)) == 1 for row in rows):
            # One row, or one column with words in it, lays out a caption or a signature.
            for text in (text for row in rows for cell in row for text in cell):
                self._emit(text)
            return
        for row in rows:
            self._emit(" | ".join(" ".join(cell) for cell in row), table=True)

    def _is_heading(self, paragraph: Any) -> bool:
        properties = paragraph.find(f"{_W}pPr")
        if properties is None:
            return False
        if properties.find(f"{_W}outlineLvl") is not None:
            return True
        style = properties.find(f"{_W}pStyle")
        if style is None:
            return False
        name = self._style_name(style.get(f"{_W}val"))
        return name.lower().startswith(("heading", "title", "заголовок", "название"))

    def _style_name(self, style_id: str | None) -> str:
        for style in self._document.styles.element.iterchildren(f"{_W}style"):
            if style.get(f"{_W}styleId") == style_id:
                name = style.find(f"{_W}name")
                return str(name.get(f"{_W}val")) if name is not None else ""
        return style_id or ""

    def _footnotes(self) -> Iterator[str]:
        from lxml import etree

        for relation in self._document.part.rels.values():
            if relation.is_external or not relation.reltype.endswith(("/footnotes", "/endnotes")):
                continue
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            root = etree.fromstring(relation.target_part.blob, parser)
            for paragraph in root.iter(f"{_W}p"):
                yield from _paragraph_texts(paragraph, "")


def _paragraph_texts(paragraph: Any, label: str) -> list[str]:
    """The printed lines of a paragraph (a break within it parts it), the automatic number before the first."""
    pieces = [f"{label} "] if label else []
    skipped = 0
    for event, element in _walk(paragraph):
        tag = element.tag
        if tag in (_FALLBACK, f"{_W}del", f"{_W}moveFrom"):
            # The fallback repeats a text box for old programs; deleted text is no text.
            skipped += 1 if event == "start" else -1
        elif skipped or event == "end":
            continue
        elif tag == f"{_W}t":
            pieces.append(element.text or "")
        elif tag == f"{_W}tab":
            pieces.append(" " if element.getparent().tag == f"{_W}r" else "")
        elif tag in (f"{_W}br", f"{_W}cr"):
            pieces.append("\n")
        elif tag == f"{_W}noBreakHyphen":
            pieces.append("-")
    return [text for line in "".join(pieces).split("\n") if (text := line.strip())]


def _walk(element: Any) -> Any:
    from lxml import etree

    return etree.iterwalk(element, events=("start", "end"))


class _Numbering:
    """The numbers that Word counts itself: they stand in no paragraph's text, and are the act's numbers all the same."""

    def __init__(self, document: Any) -> None:
        self._levels: dict[tuple[str, int], tuple[int, str, str]] = {}
        self._lists: dict[str, str] = {}
        self._counts: dict[tuple[str, int], int] = {}
        self._by_style: dict[str, Any] = {}
        for style in document.styles.element.iterchildren(f"{_W}style"):
            numbered = style.find(f"{_W}pPr/{_W}numPr")
            if numbered is not None:
                self._by_style[str(style.get(f"{_W}styleId"))] = numbered
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

    def label(self, paragraph: Any) -> str:
        """The number that stands before a paragraph, counted on; empty for a paragraph without one, and for bullets."""
        numbered = paragraph.find(f"{_W}pPr/{_W}numPr")
        if numbered is None:
            style = paragraph.find(f"{_W}pPr/{_W}pStyle")
            numbered = self._by_style.get(style.get(f"{_W}val")) if style is not None else None
        if numbered is None:
            return ""
        values = {c.tag: c.get(f"{_W}val") for c in numbered.iterchildren()}
        number, level = values.get(f"{_W}numId") or "0", int(values.get(f"{_W}ilvl") or 0)
        kind = self._lists.get(number)
        if kind is None or (kind, level) not in self._levels:
            return ""
        start, style_of, pattern = self._levels[kind, level]
        self._counts[number, level] = self._counts.get((number, level), start - 1) + 1
        for deeper in [k for k in self._counts if k[0] == number and k[1] > level]:
            del self._counts[deeper]
        if style_of in ("bullet", "none"):
            return ""
        for i in range(level + 1):
            first, how, _ = self._levels.get((kind, i), (1, "decimal", ""))
            pattern = pattern.replace(f"%{i + 1}", _counted(self._counts.get((number, i), first), how))
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
