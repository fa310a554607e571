"""TBX: terms as other terminology tools read and write them.

Written: TBX-Basic (ISO 30042:2019, DCA style), one concept entry a pair. Read: that and its forerunner (`martif`, `termEntry`,
`langSet`, `tig`/`ntig`), whatever other data categories a file holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from lawsearch.law import LANGS, Lang
from lawsearch.terms.termbase import DOMAINS, STATUSES, Term, TermbaseError

NAMESPACE = "urn:iso:std:iso:30042:ed-2"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_TO_ADMN = {
    "preferred": "preferredTerm-admn-sts",
    "variant": "admittedTerm-admn-sts",
    "weak": "admittedTerm-admn-sts",
}
#: TBX-Basic has no value for a rarer sense: the status as we have it stands in `projectSubset`.
_SUBSET = "lawsearch:"
_LANGUAGES: dict[str, Lang] = {"kk": "kk", "kaz": "kk", "ru": "ru", "rus": "ru"}
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """``text`` with every character that XML cannot hold replaced by U+FFFD."""
    return _FORBIDDEN.sub("\ufffd", text)


def write(terms: Iterable[Term], stream: BinaryIO, title: str = "lawsearch: Kazakh-Russian legal terms") -> int:
    """Write TBX-Basic and return the number of entries."""
    stream.write(
        f'<?xml version=\'1.0\' encoding=\'UTF-8\'?>\n<tbx type="TBX-Basic" style="dca" xml:lang="kk" '
        f'xmlns="{NAMESPACE}">\n'.encode()
    )
    # The parts are made without a namespace of their own: they inherit the root's.
    stream.write(etree.tostring(_header(title), pretty_print=True, encoding="UTF-8", xml_declaration=False))
    stream.write(b"<text>\n<body>\n")
    number = 0
    for number, term in enumerate(terms, 1):
        stream.write(etree.tostring(_entry(term, number), pretty_print=True, encoding="UTF-8", xml_declaration=False))
    stream.write(b"</body>\n</text>\n</tbx>\n")
    return number


def _under(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, name, attributes)
    if text is not None:
        child.text = clean(text)
    return child


def _header(title: str) -> etree._Element:
    header = etree.Element("tbxHeader")
    description = _under(header, "fileDesc")
    _under(_under(description, "titleStmt"), "title", title)
    _under(_under(description, "sourceDesc"), "p", "lawsearch term base")
    return header


def _entry(term: Term, number: int) -> etree._Element:
    entry = etree.Element("conceptEntry", id=f"c{number}")
    _under(entry, "descrip", term.domain, type="subjectField")
    if term.note:
        _under(entry, "note", term.note)
    for lang in LANGS:
        section = _under(entry, "langSec")
        section.set(f"{_XML}lang", lang)
        one = _under(section, "termSec")
        _under(one, "term", term.side(lang))
        _under(one, "termNote", _TO_ADMN[term.status], type="administrativeStatus")
        _under(one, "admin", term.source, type="source")
        _under(one, "admin", _SUBSET + term.status, type="projectSubset")
    return entry


def read(file: Path) -> list[Term]:
    """The Kazakh-Russian pairs of a TBX file.

    Entries with several terms on a side give every pair of them. Raises TermbaseError for what is no TBX.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        tree = etree.parse(str(file), parser)
    except OSError as error:
        raise TermbaseError(f"{file}: cannot be read ({error}); name a TBX or TSV file") from None
    except etree.XMLSyntaxError as error:
        raise TermbaseError(f"{file}: not XML ({error.msg}); name a TBX or TSV file") from None
    root = tree.getroot()
    if _name(root) not in ("tbx", "martif"):
        raise TermbaseError(f"{file}: no TBX file (its root is <{_name(root)}>); export TBX-Basic from the tool it comes from")
    return [term for entry in root.iter() if _name(entry) in ("conceptEntry", "termEntry") for term in _pairs(entry)]


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _pairs(entry: etree._Element) -> Iterator[Term]:
    domain = next((_text(e).lower() for e in entry if e.get("type") == "subjectField"), "")
    note = next((_text(e) for e in entry if _name(e) == "note"), "")
    sides: dict[Lang, list[tuple[str, str, str]]] = {"kk": [], "ru": []}
    for section in entry:
        lang = _LANGUAGES.get(section.get(f"{_XML}lang", "").lower().replace("_", "-").split("-")[0])
        if _name(section) not in ("langSec", "langSet") or lang is None:
            continue
        for one in section:
            if _name(one) in ("termSec", "tig", "ntig"):
                term = next((_text(e) for e in one.iter() if _name(e) == "term"), "")
                if term:
                    sides[lang].append((term, _status(one), _source(one)))
    for kk, kk_status, source in sides["kk"]:
        for ru, ru_status, _ in sides["ru"]:
            status = max(kk_status, ru_status, key=STATUSES.index)
            yield Term(kk, ru, domain if domain in DOMAINS else "general", source or "imported", status, note)  # type: ignore[arg-type]


def _text(element: etree._Element) -> str:
    return " ".join("".join(str(t) for t in element.itertext()).split())


def _status(one: etree._Element) -> str:
    for element in one.iter():
        if element.get("type") == "projectSubset" and _text(element).startswith(_SUBSET):
            status = _text(element).removeprefix(_SUBSET)
            if status in STATUSES:
                return status
    for element in one.iter():
        if element.get("type") in ("administrativeStatus", "normativeAuthorization"):
            said = _text(element).lower()
            if said.startswith(("admitted", "standardized")):
                return "variant"
            if said.startswith(("deprecated", "superseded")):
                return "weak"
    return "preferred"


def _source(one: etree._Element) -> str:
    return next((_text(e) for e in one.iter() if e.get("type") == "source"), "")
