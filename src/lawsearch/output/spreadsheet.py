"""Cells that a spreadsheet would run as a formula, made text (CWE-1236: "CSV injection")."""

from __future__ import annotations

import re

#: What opens a formula, in the width of Chinese and Japanese letters too.
_OPENERS = "=+\\-@＝＋－＠"
_UNSEEN = "\\s\\u00a0\\u200b-\\u200f\\u2060\\ufeff"
_AT_START = re.compile(rf"(?=[{_UNSEEN}]*[{_OPENERS}]|[\t\r\n])")
#: Where the system's list separator is a semicolon, as in Kazakhstan, a spreadsheet parts a comma-separated line there, and
#: then quotes hold nothing together. A dash before a space opens an item of a list, not a formula.
_INSIDE = re.compile(rf"([;\t\n][{_UNSEEN}]*)(?=[=@＝＠]|[+\-＋－](?!\s))")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?\Z")


def neutral(cell: str) -> str:
    """The cell with an apostrophe, which a spreadsheet takes for "this is text", before whatever would be a formula."""
    if cell.isalnum() or _NUMBER.match(cell):
        return cell
    if _AT_START.match(cell):
        cell = "'" + cell
    return _INSIDE.sub(r"\1'", cell)
