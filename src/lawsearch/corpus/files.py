"""Files of a corpus: which of them make up an act, and their lines, format by format."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lawsearch.analysis.letters import is_kazakh
from lawsearch.corpus.decoding import decoded
from lawsearch.corpus.limits import check_lines, is_inside, plain_name, read_bytes
from lawsearch.corpus.outline import Line
from lawsearch.corpus.standing import bears_mark
from lawsearch.corpus.structure import raised
from lawsearch.corpus.wrapping import joined, width_of
from lawsearch.errors import CorpusError
from lawsearch.law import LANGS, Lang

_STEMS: dict[str, Lang] = {"kaz": "kk", "kk": "kk", "rus": "ru", "ru": "ru"}
#: The mark of an unofficial text is looked for in so many lines, of so many characters altogether.
_FIRST_LINES = 12
_FIRST_CHARACTERS = 16_384
_SAMPLE = 1 << 16
#: So many characters beside a raised number tell what it is.
_NEAR = 48
_NOT_ACTS = re.compile(r"(?:readme|license|licence|changelog|contributing|notice)\b", re.I)


@dataclass(frozen=True, slots=True)
class ActFiles:
    """The files of one act: its identifier, the files of each language in reading order, and its meta file.

    ``passed_over`` are files of a language that another file or folder was read for.
    ``unreadable`` says why there are none, where a folder that may hold acts cannot be read.
    """

    law: str
    texts: dict[Lang, tuple[Path, ...]]
    meta: Path | None = None
    lone: bool = False
    passed_over: tuple[Path, ...] = ()
    unreadable: str = ""

    @property
    def files(self) -> tuple[Path, ...]:
        """All files, in a fixed order."""
        texts = tuple(f for lang in LANGS for f in self.texts.get(lang, ()))
        return texts if self.meta is None else (*texts, self.meta)


#: Tells the language of a lone file where it is known.
Known = Callable[[Path], Lang | None]


def discover(paths: Sequence[Path], known: Known | None = None) -> list[ActFiles]:
    """The acts below ``paths``, sorted by path; a path may be a corpus folder, an act's folder, or a lone file.

    A lone file whose name does not say its language, and of which ``known`` does not tell it, is read to find out.
    Raises CorpusError for a path that does not exist or under which no act lies. Links that lead out of the path are
    not followed. Two acts of one name are told apart by ``~2``.
    """
    found: list[ActFiles] = []
    for path in paths:
        if not path.exists():
            raise CorpusError(f"{path}: no such file or folder; name a folder that holds acts")
        here = [_lone(path, known, given=True)] if path.is_file() else list(_below(path, path.resolve(), known))
        if not here:
            raise CorpusError(
                f"{path}: no act in this folder; that is a folder with kaz.txt or rus.txt (.md, .html, .docx) or one such file"
            )
        found += here
    seen: dict[str, int] = {}
    unique = []
    for act in found:
        n = seen[act.law] = seen.get(act.law, 0) + 1
        unique.append(act if n == 1 else replace(act, law=f"{act.law}~{n}"))
    return unique


def _below(folder: Path, root: Path, known: Known | None) -> Iterable[ActFiles]:
    """Acts in ``folder`` and below it, depth first in the order of names; the stack is explicit, however deep the tree."""
    stack = [folder]
    seen: set[tuple[int, int]] = set()
    while stack:
        here = stack.pop()
        try:
            # A link back to a folder above would lead round and round.
            state = here.stat()
            if (state.st_dev, state.st_ino) in seen:
                continue
            seen.add((state.st_dev, state.st_ino))
            entries = sorted(os.scandir(here), key=lambda e: e.name)
            entries = [e for e in entries if not e.name.startswith(".") and _inside(e, root)]
            act = _act_folder(here, entries, root)
        except OSError as error:
            unreadable = f"{here}: cannot be read ({error.strerror}); check its permissions"
            yield ActFiles(plain_name(here.name), {}, unreadable=unreadable)
            continue
        if act is not None:
            yield act
            continue
        for entry in entries:
            file = Path(entry.path)
            if entry.is_file() and file.suffix.lower() in READERS and not _NOT_ACTS.match(file.name):
                yield _lone(file, known)
        stack.extend(Path(e.path) for e in reversed(entries) if e.is_dir())


def _inside(entry: os.DirEntry[str], root: Path) -> bool:
    return not entry.is_symlink() or is_inside(Path(entry.path), root)


#: Which of several texts of one language is read: the formats that mark headings and notes before plain text.
_PREFERENCE = (".md", "", ".html", ".htm", ".docx", ".txt")


def _act_folder(folder: Path, entries: Sequence[os.DirEntry[str]], root: Path) -> ActFiles | None:
    texts: dict[Lang, tuple[Path, ...]] = {}
    passed_over: list[Path] = []
    named = [lang for entry in entries if (lang := _STEMS.get(Path(entry.name).stem.lower())) is not None]
    # Files are opened only where there is a choice to make.
    choice = len(set(named)) < len(named)
    for entry in sorted(entries, key=lambda e: (choice and _is_marked(e), _preference(e))):
        file = Path(entry.path)
        lang = _STEMS.get(file.stem.lower())
        if lang is None:
            continue
        parts: tuple[Path, ...] = ()
        if entry.is_file() and file.suffix.lower() in READERS:
            parts = (file,)
        elif entry.is_dir() and file.suffix == "":
            parts = tuple(
                sorted(p for p in file.iterdir() if p.is_file() and p.suffix.lower() in READERS and is_inside(p, root))
            )
        if parts and lang in texts:
            passed_over.append(file)
        elif parts:
            texts[lang] = parts
    if not texts:
        return None
    meta = folder / "meta.yaml"
    known = meta.is_file() and is_inside(meta, root)
    name = plain_name(folder.resolve().name)
    return ActFiles(name, texts, meta if known else None, passed_over=tuple(sorted(passed_over)))


def language_of(file: Path) -> Lang | None:
    """The language that a file's (or a split text's folder's) name says, as in ``kaz.txt``."""
    return _STEMS.get(file.stem.lower())


def _preference(entry: os.DirEntry[str]) -> tuple[int, str]:
    suffix = Path(entry.path).suffix.lower()
    return (_PREFERENCE.index(suffix) if suffix in _PREFERENCE else len(_PREFERENCE), entry.name)


def _is_marked(entry: os.DirEntry[str]) -> bool:
    """True for a file whose first lines mark it as unofficial: any other text of its language is preferred to it."""
    file = Path(entry.path)
    if file.stem.lower() not in _STEMS or not entry.is_file() or file.suffix.lower() not in READERS:
        return False
    try:
        with file.open(encoding="utf-8-sig", errors="replace") as stream:
            beginning = stream.read(_FIRST_CHARACTERS)
    except OSError:
        return False
    return any(bears_mark(line.lstrip("> #")) for line in beginning.split("\n", _FIRST_LINES)[:_FIRST_LINES])


def _lone(file: Path, known: Known | None, given: bool = False) -> ActFiles:
    if file.suffix.lower() not in READERS:
        raise CorpusError(f"{file}: files of this kind are not read; use one of {', '.join(sorted(READERS))}")
    lang = _STEMS.get(file.stem.lower()) or (known is not None and known(file)) or _language(file)
    meta = file.with_name("meta.yaml")
    if given and file.stem.lower() in _STEMS:
        return ActFiles(plain_name(file.resolve().parent.name), {lang: (file,)}, meta if meta.is_file() else None, lone=True)
    return ActFiles(plain_name(file.stem), {lang: (file,)}, lone=True)


def _language(file: Path) -> Lang:
    """Kazakh where its own letters are more than one in a hundred; Russian texts have none."""
    try:
        text = _sample(file).lower()
    except CorpusError:
        return "ru"  # it is read again, and reported, as an act
    letters = sum(ch.isalpha() for ch in text)
    return "kk" if sum(is_kazakh(ch) for ch in text) * 100 > letters else "ru"


def _sample(file: Path) -> str:
    """So much of a file's text that its language shows."""
    if file.suffix.lower() in (".txt", ".md"):
        beginning, end, _ = read_bytes(file)[:_SAMPLE].rpartition(b"\n")
        try:
            return decoded(beginning)[0] if end else read_text(file)
        except UnicodeDecodeError:
            return read_text(file)
    return "\n".join(line.text for line in read_lines([file]))


def read_text(file: Path) -> str:
    """The file's text, its lines ended by line feeds. Raises CorpusError for what is empty, unreadable or in no known encoding,
    saying at which byte."""
    return _text_and_encoding(file)[0]


def _text_and_encoding(file: Path) -> tuple[str, str]:
    data = read_bytes(file)
    try:
        text, encoding = decoded(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CorpusError(
            f"{file}: not UTF-8 at byte {error.start} (line {line}, 0x{data[error.start]:02x}); convert the file to UTF-8"
        ) from None
    if not text.strip():
        raise CorpusError(f"{file}: the file is empty; remove it or put the act's text in it")
    return text, encoding


def read_lines(files: Sequence[Path]) -> list[Line]:
    """The lines of an act's text in one language; line numbers go on from file to file where it is split.

    Of HTML and .docx, which have no lines, paragraphs are numbered.
    """
    lines: list[Line] = []
    offset = 0
    for file in files:
        read, count = READERS[file.suffix.lower()](file, offset)
        check_lines(file, read)
        lines += read
        offset += count
    return lines


# -- formats ----------------------------------------------------------------------------------------------------------

_BOOKMARK = re.compile(r"\[bookmark: [^\[\]\n]*\]")


_ONLY_LABEL = re.compile(r"\d[\d-]*\s?[.)]\Z")


def text_lines(text: str, offset: int = 0) -> list[Line]:
    """Plain text as publishers export it: a paragraph a line; ``[bookmark: …]`` marks are the export's, not the act's.

    Two lines or more with tabs between words are rows of a table. Lines that were broken at one width are joined.
    """
    lines = text.split("\n")
    width = width_of(lines)
    if width is not None:
        lines = joined(lines, width)
    if "[bookmark: " in text:
        lines = [_BOOKMARK.sub("", raw) for raw in lines]
    rows = _tabbed(lines) if "\t" in text else frozenset()
    found = [Line(_cells(raw) if i in rows else raw, offset + i, table=i in rows) for i, raw in enumerate(lines, 1)]
    if width is not None:
        found[0] = found[0]._replace(remark=f"lines are broken at {width} characters, and joined to paragraphs")
    return found


def _cells(raw: str) -> str:
    return " | ".join(cell.strip() for cell in raw.strip().split("\t"))


def _tabbed(lines: Sequence[str]) -> frozenset[int]:
    """The numbers of the lines that are rows of a table."""
    rows = set()
    for i, raw in enumerate(lines, 1):
        cells = [cell.strip() for cell in raw.split("\t") if not cell.isspace() and cell] if "\t" in raw else ()
        # A tab also parts a number from the text that it numbers.
        if len(cells) > 2 or (len(cells) == 2 and not _ONLY_LABEL.match(cells[0])):
            rows.add(i)
    return frozenset(i for i in rows if i - 1 in rows or i + 1 in rows)


_HEADING = re.compile(r"#{1,6}\s+")
_ANCHOR = re.compile(r"<a\s+(?:id|name)=\"[^\"]*\">\s*</a>")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>|~])")
_EMPHASIS = re.compile(r"(?P<mark>\*{1,3}|_{1,3})(?P<text>\S(?:.*\S)?)(?P=mark)\Z")
_INNER_EMPHASIS = re.compile(r"(?<![\w*\\])(?P<mark>\*{1,3})(?=[^\s*])(?P<text>[^*]*[^\s*\\])(?P=mark)(?![\w*])")
_UNDERLINED = re.compile(r"(?<![\w_\\])__(?=[^\s_])(?P<text>[^_]*[^\s_\\])__(?![\w_])")
_LINK = re.compile(r"!?\[(?P<text>[^\[\]\n]*)\]\((?:https?://|mailto:|[#/.])[^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")
#: Marks of HTML that Markdown lets stand: a break is a space, raised numbers are told apart, the rest marks nothing.
_BREAK = re.compile(r"<br\s*/?>", re.I)
_RAISED = re.compile(r"<sup>\s*(\d+|\*+)\s*</sup>", re.I)
_TAG = re.compile(r"</?(?:a|b|i|u|s|em|strong|span|font|sub|sup|small|big|p|div|center|del|ins|mark)\b[^<>]*>", re.I)
#: Lines that only draw: the fence of preformatted text, a rule.
_DRAWN = re.compile(r"(?:```|~~~)\w*\Z|-{3,}\Z|\*{3,}\Z|(?:[-*]\s){2,}[-*]\Z")
_TABLE_RULE = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\Z")
_NAME = re.compile(r"(?:\w\.\s*){1,2}[\w-]+\Z")
_PRESIDENT = re.compile(r".*(?:Президент|Премьер-Министр|Министр|Әкім|Аким)", re.I)


def markdown_lines(text: str, offset: int = 0) -> list[Line]:
    """The Markdown of the national corpus: ``#`` headings, ``<a id>`` anchors, ``> *edition notes*``, indented sub-points."""
    lines = []
    for i, raw in enumerate(text.split("\n"), 1):
        if raw.lstrip().startswith("|"):
            lines.append(_table_row(raw.strip(), offset + i))
            continue
        line = (_without_html(raw) if "<" in raw or "&" in raw else raw).strip()
        if line.startswith(("`", "~", "-", "*")) and _DRAWN.match(line):
            lines.append(Line("", offset + i))
            continue
        heading = _HEADING.match(line) if line.startswith("#") else None
        if heading:
            line = line[heading.end() :].rstrip("# ")
        quoted = line.startswith(">")
        if quoted:
            line = line.lstrip("> ")
        emphasis = _EMPHASIS.match(line) if line.startswith(("*", "_")) else None
        bold = False
        if emphasis and emphasis["mark"] not in emphasis["text"]:
            line, bold = emphasis["text"], len(emphasis["mark"]) == 2
        elif "*" in line:
            line = _INNER_EMPHASIS.sub(r"\g<text>", line)
        if "__" in line:
            line = _UNDERLINED.sub(r"\g<text>", line)
        if "](" in line:
            line = _LINK.sub(r"\g<text>", line)
        if "\\" in line:
            line = _ESCAPE.sub(r"\1", line)
        signature = bold and len(line) < 120 and bool(_NAME.match(line) or _PRESIDENT.match(line))
        lines.append(Line(line, offset + i, heading=bool(heading), edition=quoted, signature=signature))
    return lines


def _table_row(raw: str, number: int) -> Line:
    """A row of a table as text, its cells parted by `` | ``; the rule below the head of a table is no text."""
    if _TABLE_RULE.match(raw):
        return Line("", number)
    cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", raw.strip("|"))]
    return Line(
        " | ".join(_ESCAPE.sub(r"\1", _LINK.sub(r"\g<text>", _without_html(cell))) for cell in cells), number, table=True
    )


def _without_html(text: str) -> str:
    """``text`` without the tags and with the characters of the HTML in it; the register's anchors are one kind."""
    if "<" in text:
        text = _BREAK.sub(" ", _ANCHOR.sub("", text))
        text = _RAISED.sub(
            lambda m: raised(m.string[max(0, m.start() - _NEAR) : m.start()], m[1], m.string[m.end() : m.end() + _NEAR]), text
        )
        text = _TAG.sub("", text)
    return html.unescape(text) if "&" in text and ";" in text else text


def _remarked(file: Path, lines: list[Line], encoding: str) -> list[Line]:
    """The lines, of which the first tells where the encoding had to be guessed."""
    if encoding and lines:
        told = f"{lines[0].remark}; " if lines[0].remark else ""
        lines[0] = lines[0]._replace(remark=f"{told}{file.name} is not UTF-8; read as {encoding} (KZ-1048)")
    return lines


def _text(file: Path, offset: int) -> tuple[list[Line], int]:
    text, encoding = _text_and_encoding(file)
    return _remarked(file, text_lines(text, offset), encoding), text.count("\n") + 1


def _markdown(file: Path, offset: int) -> tuple[list[Line], int]:
    text, encoding = _text_and_encoding(file)
    return _remarked(file, markdown_lines(text, offset), encoding), text.count("\n") + 1


def _html(file: Path, offset: int) -> tuple[list[Line], int]:
    from lawsearch.corpus.html import html_lines  # lxml is paid for only by such files

    lines = html_lines(read_bytes(file), str(file), offset)
    return lines, len(lines)


def _docx(file: Path, offset: int) -> tuple[list[Line], int]:
    from lawsearch.corpus.docx import docx_lines  # likewise

    lines = docx_lines(read_bytes(file), str(file), offset)
    return lines, len(lines)


#: Per suffix: the lines of a file, their numbers behind ``offset``, and how many numbers the file takes.
READERS: dict[str, Callable[[Path, int], tuple[list[Line], int]]] = {
    ".txt": _text,
    ".md": _markdown,
    ".html": _html,
    ".htm": _html,
    ".docx": _docx,
}
