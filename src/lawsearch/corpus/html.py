"""HTML as the register of normative acts (adilet.zan.kz) serves an act -> lines.

The register's pages hold the act in one container amid menus; its paragraphs are ``p``, its headings ``h1`` to ``h6``, its
edition notes stand in a class ``note`` or in red, and a layout table of one row carries a signature or the caption of an
annex; the act's title may stand above the container. Pages of other make are read by the same rules from their body. What is
struck through is text, and reported.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from lawsearch.corpus.outline import Line
from lawsearch.corpus.structure import STRUCK_REMARK, raised
from lawsearch.errors import CorpusError

#: A page above this size (bytes) is no act.
_LARGEST = 128 * 1024 * 1024
_CHARSET = re.compile(rb"""<(?:meta[^>]*?charset|\?xml[^>]*?encoding)\s*=\s*["']?\s*(?P<name>[A-Za-z0-9_:.-]+)""", re.I)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_RED = re.compile(r"color\s*:\s*(?:red|#f00\b|#ff0000|rgb\(\s*255\s*,\s*0\s*,\s*0\s*\))", re.I)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCKS = _HEADINGS | frozenset(
    """p div li ul ol dl dt dd blockquote pre section article table tbody thead tfoot tr td th caption main body center
    figure figcaption address hr fieldset""".split()
)
#: So many pieces of text, or characters, beside a raised number tell what it is.
_NEAR = 8
_MOST_DIGITS = 5
_STRUCK = frozenset(("s", "strike", "del"))
_MARK = re.compile(r"\d+\Z|\*+\Z")
_NO_TEXT = frozenset("script style noscript nav header footer form button select option template svg iframe head title".split())
_CONTAINERS = (
    "//article",
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' text ')]",
    "//*[@itemprop='articleBody']",
    "//main",
)


def html_lines(data: bytes, where: str, offset: int = 0) -> list[Line]:
    """The paragraphs of a page in order, numbered from ``offset`` + 1.

    Raises CorpusError where the page is empty, too large, or not in the encoding that it declares.
    """
    if len(data) > _LARGEST:
        raise CorpusError(f"{where}: {len(data):,} bytes are too many for one act; split the file")
    text = _DECLARATION.sub("", _decoded(data, where))
    if not text.strip():
        raise CorpusError(f"{where}: the file is empty; remove it or put the act's text in it")
    try:
        # Without `huge_tree` the parser silently stops at deep nesting and long text.
        parser = HTMLParser(huge_tree=True, remove_comments=True)
        root = document_fromstring(text, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise CorpusError(f"{where}: not HTML ({error}); save the page again") from None
    if any("depth" in entry.message for entry in parser.error_log):
        raise CorpusError(f"{where}: its elements nest too deeply to be read whole; save the page again")
    container = _container(root)
    walk = _Walk(offset)
    for element in _title_above(root, container):
        walk.run(element)
    lines = walk.run(container)
    if not lines:
        raise CorpusError(f"{where}: no text in this page; save the page with the act's text in it")
    return lines


def _decoded(data: bytes, where: str) -> str:
    """The text: by the byte order mark, else by the encoding declared, else as UTF-8."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return _decode(data, name, where)
    declared = _CHARSET.search(data, 0, 4096)
    if declared is None:
        return _decode(data, "utf-8", where)
    name = declared["name"].decode("ascii")
    try:
        codecs.lookup(name)
    except LookupError:
        raise CorpusError(f"{where}: declares the unknown encoding {name}; convert the file to UTF-8") from None
    return _decode(data, name, where)


def _decode(data: bytes, name: str, where: str) -> str:
    try:
        text, _ = codecs.lookup(name).decode(data)
    except (UnicodeError, TypeError, ValueError) as error:
        place = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        raise CorpusError(f"{where}: not {name}{place}, though it says so; convert the file to UTF-8") from None
    if not isinstance(text, str):
        raise CorpusError(f"{where}: {name} is no encoding of text; convert the file to UTF-8")
    return text


def _container(root: Any) -> Any:
    """The element that holds the act: the largest of the first kind of container that has most of the page's words."""
    whole = len(root.text_content())
    for path in _CONTAINERS:
        found = max(root.xpath(path), key=lambda e: len(e.text_content()), default=None)
        if found is not None and len(found.text_content()) * 3 > whole:
            return found
    body = root.find("body")
    return root if body is None else body


def _title_above(root: Any, container: Any) -> list[Any]:
    """The title of the act, and what stands below it in the same box, where the register puts them above the container."""
    if root.tag != "html" or container.tag == "body" or container.find(".//h1") is not None:
        return []
    heads = [h for h in root.iter("h1") if not any(a.tag in _NO_TEXT for a in h.iterancestors()) and h.text_content().strip()]
    if len(heads) != 1 or heads[0].getparent().tag == "body":
        return heads if len(heads) == 1 else []
    return [heads[0], *heads[0].itersiblings("p")]


class _Walk:
    """One pass over the elements, without recursion: pages nest as deep as they like."""

    def __init__(self, offset: int) -> None:
        self._lines: list[Line] = []
        self._offset = offset
        self._words: list[str] = []
        self._heading = 0
        self._note = 0
        self._red_only = True
        self._broken = False
        self._struck = self._pre = 0
        self._lists: list[int | None] = []
        self._label = ""
        self._has_struck = False

    def run(self, container: Any) -> list[Line]:
        skipped: Any = None
        for event, element in etree.iterwalk(container, events=("start", "end")):
            tag = element.tag if isinstance(element.tag, str) else ""
            if skipped is not None:
                if event == "end" and element is skipped:
                    skipped = None
                    self._add(element.tail if element is not container else None)
                continue
            if event == "start":
                if tag in _NO_TEXT or not tag or (tag == "table" and element is not container):
                    if tag == "table":
                        self._flush()
                        self._table(element)
                    skipped = element
                    continue
                self._start(element, tag)
                self._add(element.text)
            else:
                self._end(element, tag)
                if element is not container:
                    self._add(element.tail)
        self._flush()
        return self._lines

    def _start(self, element: Any, tag: str) -> None:
        if tag in _BLOCKS:
            self._flush()
            self._pre += tag == "pre"
        elif tag == "br" and self._heading:
            # One heading, however many lines it takes.
            self._words.append(" ")
        elif tag == "br":
            begun = self._broken or any(map(str.strip, self._words))
            self._flush()
            self._broken = begun
        elif tag == "sup":
            mark = (element.text or "").strip()
            if _MARK.match(mark) and not len(element):
                before = _SPACE.sub(" ", "".join(self._words[-_NEAR:])).strip()
                element.text = raised(before, mark, (element.tail or "")[:_NEAR])
        if tag in ("ol", "ul"):
            self._lists.append(_first_number(element))
        elif tag == "li" and self._lists and self._lists[-1] is not None:
            # The number that a browser shows is the act's, though it stands in no text.
            self._label = f"{self._lists[-1]}. "
            self._lists[-1] += 1
        self._struck += tag in _STRUCK
        self._heading += tag in _HEADINGS
        self._note += _is_note(element)

    def _end(self, element: Any, tag: str) -> None:
        if tag in _BLOCKS:
            self._flush()
            self._pre -= tag == "pre"
        if tag in ("ol", "ul") and self._lists:
            self._lists.pop()
        self._struck -= tag in _STRUCK
        self._heading -= tag in _HEADINGS
        self._note -= _is_note(element)

    def _add(self, text: str | None) -> None:
        if text and self._pre and "\n" in text:
            first, *rest = text.replace("\r", "").split("\n")
            self._add(first)
            for line in rest:
                self._flush()
                self._add(line)
        elif text:
            self._words.append(text)
            self._has_struck = self._has_struck or bool(self._struck and text.strip())
            if not self._note and text.strip():
                self._red_only = False

    def _flush(self) -> None:
        text = _SPACE.sub(" ", "".join(self._words)).strip()
        if text:
            remark = STRUCK_REMARK if self._has_struck else ""
            text, self._label = self._label + text, ""
            self._emit(text, heading=bool(self._heading), edition=self._red_only, broken=self._broken, remark=remark)
        self._words.clear()
        self._red_only = True
        self._broken = self._has_struck = False

    def _emit(
        self,
        text: str,
        heading: bool = False,
        edition: bool = False,
        broken: bool = False,
        table: bool = False,
        remark: str = "",
    ) -> None:
        number = self._offset + len(self._lines) + 1
        self._lines.append(Line(text, number, heading=heading, edition=edition, broken=broken, table=table, remark=remark))

    def _table(self, table: Any) -> None:
        """A table's rows as text; what only lays out a caption or a signature as paragraphs."""
        rows = [[_CellWalk(0).run(cell) for cell in row.iterchildren("td", "th")] for row in _rows(table)]
        for caption in table.iterchildren("caption"):
            text = _SPACE.sub(" ", caption.text_content()).strip()
            if text:
                self._emit(text)
        rows = [row for row in rows if any(row)]
        if len(rows) <= 1 or all(sum(map(bool, row)) == 1 for row in rows):
            for line in (line for row in rows for cell in row for line in cell):
                self._emit(line.text, line.heading, line.edition, line.broken, remark=line.remark)
            return
        for row in rows:
            remark = next((line.remark for cell in row for line in cell if line.remark), "")
            self._emit(" | ".join(" ".join(line.text for line in cell) for cell in row), table=True, remark=remark)


def _first_number(item_list: Any) -> int | None:
    """The number that a browser counts a list from; None for marks and letters."""
    if item_list.tag != "ol" or (item_list.get("type") or "1") != "1" or "list-style" in (item_list.get("style") or ""):
        return None
    first = item_list.get("start") or "1"
    return int(first) if first.isdecimal() and len(first) < _MOST_DIGITS else None


def _rows(table: Any) -> list[Any]:
    return [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]


class _CellWalk(_Walk):
    """The paragraphs of a cell, those of a table within it too."""

    def _table(self, table: Any) -> None:
        for row in _rows(table):
            text = " | ".join(_SPACE.sub(" ", c.text_content()).strip() for c in row.iterchildren("td", "th"))
            if text.strip(" |"):
                self._emit(text)


def _is_note(element: Any) -> bool:
    """True for what the register marks as an edition note: a class of that name, or red."""
    classes = (element.get("class") or "").lower().split()
    if "note" in classes:
        return True
    return bool(_RED.search(element.get("style") or "")) or (element.get("color") or "").lower() in ("red", "#ff0000")
