"""Citations as people write them, in Kazakh and in Russian, whole and abbreviated, in either order of the parts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lawsearch.analysis.letters import as_cyrillic

_N = r"\d+(?:-\d+)*"
_UNITS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (unit, re.compile(pattern + r"(?=[\s,;.]|\Z)[,;.]?\s*", re.I))
    for unit, pattern in (
        ("subpoint", rf"(?:подпункт[а-я]*|подп|пп|п/п|п\.\s?п)\.?\s*(?P<n>{_N})\)?"),
        ("subpoint", rf"(?P<n>{_N})\s*\)?\s*-?\s*(?:тармақша[а-яәғқңөұүһі]*|тшс?)"),
        ("point", rf"(?:пункт[а-я]*|п)\.?\s*(?P<n>{_N})\.?"),
        ("point", rf"(?P<n>{_N})\s*-?\s*(?:тармақ|тармағ)(?!ша)[а-яәғқңөұүһі]*"),
        ("article", rf"(?:стать[а-я]+|ст)\.?\s*(?P<n>{_N})"),
        ("article", rf"(?P<n>{_N})\s*-?\s*ба[пб][а-яәғқңөұүһі]*"),
        ("note", r"(?P<n>)(?:примечани[а-я]*|прим\.?|ескертпе[а-яәғқңөұүһі]*)"),
    )
)
_SLASHED = re.compile(rf"(?:{_N}|-)(?:/(?:{_N}|-|note(?:-\d+)?)){{0,3}}\Z")


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in some act: at least one of article, point and sub-point is named."""

    article: str | None = None
    point: str | None = None
    subpoint: str | None = None
    note: bool = False


def parse(text: str) -> Citation | None:
    """The place that ``text``, as a whole, cites; None where it is anything else."""
    rest = as_cyrillic(text.strip()) if not text.isascii() else text.strip()
    rest = re.sub(r"[\u00a0\u202f]", " ", rest)
    rest = re.sub(r"[\u2010-\u2013]", "-", rest)
    if not rest or len(rest) > 200:
        return None
    found: dict[str, str] = {}
    while rest:
        for unit, pattern in _UNITS:
            match = pattern.match(rest)
            if match and unit not in found:
                found[unit] = match["n"]
                rest = rest[match.end() :]
                break
        else:
            return None
    if not found.keys() & {"article", "point", "subpoint"}:
        return None
    return Citation(found.get("article"), found.get("point"), found.get("subpoint"), "note" in found)


def parse_path(text: str) -> str | None:
    """``6/1/25`` or ``9-1``: an address without its law, as a path; None where ``text`` is anything else."""
    path = text.strip()
    return path if _SLASHED.match(path) else None
