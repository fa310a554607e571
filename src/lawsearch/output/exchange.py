"""TMX 1.4b: aligned provisions as translation tools read them (LISA, TMX 1.4b specification, 2005)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from lxml import etree

from lawsearch import __version__
from lawsearch.law import LANGS
from lawsearch.store.pairs import Unit
from lawsearch.terms.tbx import clean

_XML = "{http://www.w3.org/XML/1998/namespace}"


def write_tmx(found: Iterable[Unit], stream: BinaryIO) -> int:
    """Write TMX 1.4b and return the number of translation units."""
    number = 0
    with etree.xmlfile(stream, encoding="UTF-8") as xml:
        xml.write_declaration()
        xml.write_doctype('<!DOCTYPE tmx SYSTEM "tmx14.dtd">')
        with xml.element("tmx", {"version": "1.4"}):
            header = etree.Element(
                "header",
                {
                    "creationtool": "lawsearch",
                    "creationtoolversion": __version__,
                    "segtype": "block",
                    "o-tmf": "lawsearch",
                    "adminlang": "en",
                    "srclang": "*all*",
                    "datatype": "plaintext",
                },
            )
            xml.write(header, pretty_print=True)
            with xml.element("body"):
                for unit in found:
                    xml.write(_unit(unit), pretty_print=True)
                    number += 1
    stream.write(b"\n")
    return number


def _unit(unit: Unit) -> etree._Element:
    address = str(unit.addresses["kk"])
    tu = etree.Element("tu", {"tuid": address if unit.paragraph is None else f"{address}#{unit.paragraph}"})
    _prop(tu, "x-confidence", f"{unit.confidence:.2f}")
    for lang in LANGS:
        tuv = etree.SubElement(tu, "tuv", {f"{_XML}lang": lang})
        _prop(tuv, "x-address", str(unit.addresses[lang]))
        _prop(tuv, "x-citation", unit.addresses[lang].citation(lang))
        if lang in unit.unofficial:
            _prop(tuv, "x-status", "unofficial")
        etree.SubElement(tuv, "seg").text = clean(unit.texts[lang])
    return tu


def _prop(parent: etree._Element, kind: str, text: str) -> None:
    etree.SubElement(parent, "prop", {"type": kind}).text = clean(text)
