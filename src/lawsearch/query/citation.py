"""Citations as people type them, in Kazakh and in Russian, whole and abbreviated, in either order of the parts.

The grammar of the units is that of the texts (`corpus.citing`); what is added is that the whole of what was typed must be
the citation, with at most the name of an act before or behind it (`статья 9-1 закона об органах внутренних дел`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lawsearch.analysis.letters import as_cyrillic
from lawsearch.corpus.citing import Cited, Numbers, Unit, cited, numbers, plain, unit_at
from lawsearch.law import Lang

_N = r"\d++(?:-\d++)*+"
_SLASHED = re.compile(rf"(?:{_N}|-)(?:/(?:{_N}|-|note(?:-\d+)?)){{0,3}}\Z")
#: What only people write, never a text: a bare `25)`, `6-б.`, `6б`, `1-т.`, `бап 6`, `ч 1`.
_TYPED: tuple[tuple[Unit, Lang, re.Pattern[str]], ...] = tuple(
    (unit, lang, re.compile(pattern + r"(?!\w)", re.I))  # type: ignore[misc]
    for unit, lang, pattern in (
        ("subpoint", "kk", rf"(?P<n>{_N}\)(?:\s*[,\u2010-\u2014-]\s*{_N}\)?+)*+)"),
        ("article", "kk", rf"(?P<n>{_N})\s*-?\s*б(?:\.|(?!\w))"),
        ("point", "kk", rf"(?P<n>{_N})\s*-?\s*(?:т|тм|тарм)(?:\.|(?!\w))"),
        ("part", "ru", rf"ч\s*(?P<n>{_N})"),
        ("article", "kk", rf"(?:бап)\s+(?P<n>{_N})"),
        ("point", "kk", rf"(?:тармақ)\s+(?P<n>{_N})"),
        ("subpoint", "kk", rf"(?:тармақша|тш\.?)\s+(?P<n>{_N})\)?"),
    )
)
#: An annex, as places in it are cited: before what stands in it, or behind.
_ANNEX = re.compile(
    rf"(?:прил\.|приложени[еяюй]\w*)\s*№?\s*(?P<ru>{_N})(?![\w)])|(?P<kk>{_N})\s*-?\s*қосымша(?:ның|сы|сының|да|дағы)?(?!\w)",
    re.I,
)
_PREAMBLE = re.compile(r"(?:преамбула|кіріспе)\Z", re.I)
_BETWEEN = re.compile(r"[\s,;.]*")
_WORD_START = re.compile(r"(?<![\w-])[\w№«\"“„]")
#: What the words beside the units must hold to be the name of an act.
_ACT = re.compile(r"(?<!\w)(?:заң\w*|закон\w{0,4}|кодекс\w*|рк|қр)(?!\w)|\d{1,4}-[ivxlcdmіхсмIVXLCDMІХСМ]+", re.I)
#: An act's name by its initials: `ст. 6 ОВД`, `ст. 128 УПК РК`, `ҚПК 128-бап`.
_ABBREVIATION = re.compile(r"[А-ЯЁӘҒҚҢӨҰҮҺІ][А-ЯЁӘҒҚҢӨҰҮҺІот]{1,4}\Z")
#: What says that the act is this one, or any.
_NO_NAME = re.compile(
    r"(?<!\w)(?:осы|настоящ\w+|заң\w*|закон\w{0,4}|кодекс\w*|республик\w*|қазақстан\w*|казахстан\w*|рк|қр)(?!\w)", re.I
)
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Citation:
    """Places in some act: at least one of annex, article, point and sub-point is named, each one, several or a range.

    ``act`` is what was typed of the act's name, or None. Without ``annexes`` the act and all of them are meant; ``preamble`` is
    what stands in these before all numbers. ``lang`` is the language of the first unit that is named in words (`бап`, `п.`),
    None where there are numbers and brackets alone (`25)`).
    """

    cited: Cited
    act: str | None = None
    annexes: tuple[Numbers, ...] = ()
    preamble: bool = False
    lang: Lang | None = None


def parse(text: str) -> Citation | None:
    """The places that ``text``, as a whole, cites; None where it is anything else."""
    if len(text) > _LONGEST:
        return None
    text = text.strip()
    folded = _folded(text)
    annex = _ANNEX.search(folded)
    if annex is not None:
        return _in_annex(text, folded, annex)
    start = next((m.start() for m in _WORD_START.finditer(folded) if _unit_at(folded, m.start()) is not None), None)
    if start is None:
        return None
    found: dict[Unit, tuple[Numbers, ...]] = {}
    lang: Lang | None = None
    at = start
    while True:
        unit = _unit_at(folded, at)
        if unit is None:
            break
        name = unit[0]
        if name == "point" and unit[2]["n"].endswith(")"):
            # `п. 25) п. 1 ст. 6`: the bracket says what the abbreviation does not.
            name = "subpoint"
        if name in found:
            break
        found[name] = numbers(unit[2]["n"])
        lang = lang or _worded(unit)
        at = _after(folded, unit[2].end())
    rest = f"{text[:start]} {text[at:]}".strip(" ,;.")
    if not found.keys() & {"article", "part", "point", "subpoint"}:
        return None
    whole = cited(0, len(text), lang or "kk", found)
    if not rest:
        return Citation(whole, lang=lang)
    if not _ACT.search(as_cyrillic(rest)) and not _ACT.search(rest) and not _ABBREVIATION.match(as_cyrillic(rest)):
        return None
    if re.search(r"\d{1,4}-\w", rest) or re.search(r"[^\W\d]", _NO_NAME.sub("", plain(rest))):
        return Citation(whole, rest, lang=lang)
    return Citation(whole, lang=lang)


def language(text: str) -> Lang | None:
    """The language of the first unit in words that stands anywhere in ``text`` (`полиция ст. 6`), else of an annex; None where
    none does."""
    if len(text) > _LONGEST:
        return None
    folded = _folded(text)
    units = (_unit_at(folded, m.start()) for m in _WORD_START.finditer(folded))
    found = next((lang for unit in units if unit is not None and (lang := _worded(unit)) is not None), None)
    annex = _ANNEX.search(folded) if found is None else None
    return found if annex is None else "ru" if annex["ru"] else "kk"


def _folded(text: str) -> str:
    return plain(text) if not text.isascii() else as_cyrillic(text)


def _worded(unit: tuple[Unit, Lang, re.Match[str]]) -> Lang | None:
    """The language of a unit that is named in words, not by a bracket alone."""
    return unit[1] if any(map(str.isalpha, unit[2].group())) else None


def _in_annex(text: str, folded: str, annex: re.Match[str]) -> Citation | None:
    """A citation of an annex, or of places in it, which the rest of ``text`` cites."""
    numbers_of = numbers(annex["ru"] or annex["kk"])
    lang: Lang = "ru" if annex["ru"] else "kk"
    before, behind = folded[: annex.start()].strip(" ,;."), folded[annex.end() :].strip(" ,;.")
    rest = f"{text[: annex.start()]} {text[annex.end() :]}".strip(" ,;.")
    if not rest or _PREAMBLE.match(rest):
        return Citation(cited(0, len(text), lang, {}), None, numbers_of, bool(rest), lang)
    if before and behind:
        return None
    found = parse(rest)
    if found is None or found.annexes:
        return None
    first = found.lang if before else None
    return Citation(found.cited, found.act, numbers_of, lang=first or lang)


def _unit_at(text: str, at: int) -> tuple[Unit, Lang, re.Match[str]] | None:
    found = unit_at(text, at)
    if found is not None:
        return found
    for unit, lang, pattern in _TYPED:
        match = pattern.match(text, at)
        if match is not None:
            return unit, lang, match
    return None


def _after(text: str, at: int) -> int:
    between = _BETWEEN.match(text, at)
    return between.end() if between else at


def parse_path(text: str) -> str | None:
    """``6/1/25`` or ``9-1``: an address without its law, as a path; None where ``text`` is anything else."""
    path = text.strip()
    return path if _SLASHED.match(path) else None
