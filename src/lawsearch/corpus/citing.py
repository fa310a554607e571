"""Citations: how Kazakh and Russian texts, and people, name places in acts. One grammar for both.

A citation is a chain of units (article, part, point, sub-point, paragraph, note), each a number, a list or a range, in either
order, and perhaps the act they belong to: this one, one by its title in quotes, one by its number, a code by its name.

Codes call the points of an article its parts (часть, бөлік), and number them in words as often as not; the points of a part are
sub-points. A paragraph (абзац) has no address: a citation of one leads to the provision that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from lawsearch.analysis.letters import as_cyrillic
from lawsearch.law import Lang

Unit = Literal["article", "part", "point", "subpoint", "paragraph", "note"]

#: Numbers and lists give nothing back (possessive): each dash has one reading, and a long row of numbers is read once.
_N = r"\d++(?:-\d++)*+"
#: A list: numbers with commas, conjunctions or dashes between them. `1) - 3)` and `5 - 7` are ranges; `9-1` is a number.
_AND = r"(?:\s*,\s*(?:және\s+|и\s+)?|\s+(?:және|мен|бен|пен|немесе|и|или)\s+|\s*[-\u2013\u2014]\s*(?=\d))"
_LIST = rf"{_N}\)?+(?:{_AND}{_N}\)?+)*+"
_WORD = r"[а-яёәғқңөұүһі]*"
#: Ordinals as texts write them, by the beginnings that tell them apart.
_ORDINALS: dict[str, str] = {
    word: str(number)
    for words in (
        "перв втор трет четверт пят шест седьм восьм девят десят одиннадцат двенадцат тринадцат четырнадцат пятнадцат",
        "бірінші екінші үшінші төртінші бесінші алтыншы жетінші сегізінші тоғызыншы оныншы",
    )
    for number, word in enumerate(words.split(), 1)
}
_RU_ENDS = r"(?:ь(?:я|ей|ю|его|ему|ем|им|и|их|ими)|ий|ая|ой|ую|ый|ого|ому|ом|ым|ые|ых|ыми)"
_KK_ORDINALS, _RU_ORDINALS = ("|".join(w for w in _ORDINALS if w.endswith(("ы", "і")) == kk) for kk in (True, False))
_ORDINAL = rf"(?:(?:{_RU_ORDINALS}){_RU_ENDS}|{_KK_ORDINALS})"
_ORDINAL_LIST = rf"{_ORDINAL}(?:(?:\s*,\s*|\s+(?:және|мен|бен|пен|немесе|и|или)\s+){_ORDINAL})*+"
_COUNTED = rf"(?:{_LIST}|{_ORDINAL_LIST})"
_PART_RU = r"(?:част(?:ь|и|ью|ей|ям|ями|ях)|ч\.)"
_PARAGRAPH_RU = rf"(?:абзац{_WORD}|абз\.)"
_PART_KK = rf"бөлі(?:к|г){_WORD}"
_END = r"(?![\w])"
_UNITS: tuple[tuple[Unit, Lang, re.Pattern[str]], ...] = tuple(
    (unit, lang, re.compile(pattern + _END, re.I))  # type: ignore[misc]
    for unit, lang, pattern in (
        ("subpoint", "ru", rf"(?:подпункт{_WORD}|подп\.?|пп\.?|п/п|п\.\s?п\.?)\s*(?P<n>{_LIST})"),
        ("part", "ru", rf"{_PART_RU}\s*(?P<n>{_COUNTED})"),
        ("part", "ru", rf"(?P<n>{_ORDINAL_LIST})\s+част(?:ь|и|ью|ей|ям|ями|ях)"),
        ("paragraph", "ru", rf"{_PARAGRAPH_RU}\s*(?P<n>{_COUNTED})"),
        ("paragraph", "ru", rf"(?P<n>{_ORDINAL_LIST})\s+абзац{_WORD}"),
        ("point", "ru", rf"(?:пункт{_WORD}|п\.?)\s*(?P<n>{_LIST})\.?"),
        ("article", "ru", rf"(?:стать(?:я|и|е|ю|ей|ями|ям|ях|ею)|статей|ст\.?|ст\.\s?ст\.?)\s*(?P<n>{_LIST})"),
        ("subpoint", "kk", rf"(?P<n>{_LIST})\s*-?\s*(?:тармақша{_WORD}|тшс?\.?)"),
        ("part", "kk", rf"(?P<n>{_COUNTED})\s*-?\s*{_PART_KK}"),
        ("paragraph", "kk", rf"(?P<n>{_COUNTED})\s*-?\s*(?:абзац{_WORD}|азат\s+жол{_WORD})"),
        ("point", "kk", rf"(?P<n>{_LIST})\s*-?\s*тарма(?:қ(?:тың|қа|та|тан|тағы|ты|пен|тар{_WORD})?|ғы{_WORD})"),
        ("article", "kk", rf"(?P<n>{_LIST})\s*-?\s*ба[пб](?:ы|ын|ына|ында|ынан|ының|тың|тың|қа|та|тан|ты|тар{_WORD}|пен)?"),
        ("note", "ru", rf"(?P<n>)(?:примечани{_WORD}|прим\.?)(?:\s+к(?=\s))?"),
        ("note", "kk", rf"(?P<n>)(?:ескертпе{_WORD})"),
    )
)
#: What may stand between two units of one citation, and behind the last.
_BETWEEN = re.compile(r"\s*[,;.]?\s*")
_OWN: tuple[tuple[str, Unit | Literal["act"], re.Pattern[str]], ...] = tuple(
    (where, unit, re.compile(pattern, re.I))  # type: ignore[misc]
    for where, unit, pattern in (
        ("after", "act", rf"\s*настояще(?:го|му|м|й|ю)\s+(?:закон|кодекс){_WORD}"),
        ("after", "article", rf"\s*настояще(?:го|му|м|й|ю)\s+стать{_WORD}"),
        ("after", "point", rf"\s*настояще(?:го|му|м|й|ю)\s+(?:пункт|част){_WORD}"),
        ("before", "act", rf"осы\s+(?:заң|кодекс){_WORD}\s*\Z"),
        ("before", "article", rf"осы\s+бап{_WORD}\s*\Z"),
        ("before", "point", rf"осы\s+(?:тармақ(?!ша)|бөлік){_WORD}\s*\Z"),
    )
)
_QUOTED = r"[«\"“„](?P<title>[^«»\"“”„\n]{4,250})[»\"”“]"
_ACT = rf"(?:заң|кодекс|закон){_WORD}"
_TITLED_BEFORE = re.compile(rf"{_QUOTED}\s+(?:Қазақстан\s+Республикасы(?:ның)?\s+|ҚР\s+)?{_ACT}\s*\Z", re.I)
_TITLED_AFTER = re.compile(
    rf"\s*(?:Конституционн{_WORD}\s+)?{_ACT}\s+(?:Республики\s+Казахстан\s+|РК\s+)?(?:от\s[^\"«“\n]{{0,40}})?{_QUOTED}", re.I
)
_LAW_NUMBER = r"(?P<number>\d{1,4}-(?:[IVXLCDMІХСМivxlcdm]+))"
_NUMBERED_BEFORE = re.compile(rf"(?:№\s*)?{_LAW_NUMBER}\s+(?:ҚР\s+|Қазақстан\s+Республикасы(?:ның)?\s+)?{_ACT}\s*\Z", re.I)
_NUMBERED_AFTER = re.compile(rf"\s*{_ACT}\s+(?:РК\s+|Республики\s+Казахстан\s+)?(?:от\s[^№\n]{{0,40}})?№\s*{_LAW_NUMBER}", re.I)
_QUOTE = re.compile('[«"“„]')
_NUMBER_AND_DASH = re.compile(r"\d-")
#: An act named without a place in it; and what a text that names one so is sure to have.
_ACTS: tuple[tuple[Lang, re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (lang, re.compile(pattern.pattern.removesuffix(r"\s*\Z").removeprefix(r"\s*"), re.I), sign)  # type: ignore[misc]
    for lang, pattern, sign in (
        ("ru", _TITLED_AFTER, _QUOTE),
        ("ru", _NUMBERED_AFTER, _NUMBER_AND_DASH),
        ("kk", _TITLED_BEFORE, _QUOTE),
        ("kk", _NUMBERED_BEFORE, _NUMBER_AND_DASH),
    )
)
#: A code by its name alone: `статьи 5 Уголовного кодекса`, `Қылмыстық кодекстің 5-бабы`.
_CODE_AFTER = re.compile(r"\s*(?P<title>[А-ЯЁ][а-яё]+(?:-[а-яё]+)?ого\s+кодекса)(?!\w)")
_CODE_BEFORE = re.compile(r"(?P<title>[А-ЯЁӘҒҚҢӨҰҮҺІ][а-яёәғқңөұүһі]+(?:-[а-яёәғқңөұүһі]+)?\s+кодекс)(?:інің|тің)\s*\Z")
_OTHER_AFTER = re.compile(
    r"\s*(?:[а-яё]+(?:ого|его)\s+)?(?:закона|кодекса|законов|кодексов)(?!\w)"
    r"|\s*настоящ(?:его|их)\s+(?:правил|положени|инструкци|приказ)",
    re.I,
)
_OTHER_BEFORE = re.compile(r"(?:заңының|кодексінің|кодекстің|заңдарының|кодекстерінің|қағидалардың|қағидаларының)\s*\Z", re.I)


@dataclass(frozen=True, slots=True)
class Numbers:
    """``first`` to ``last`` (None: one number) as printed; ``open`` where `5-7` may be a number or a range."""

    first: str
    last: str | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation in a text: its span, its language, the numbers of each unit, and the act.

    ``act`` is None (the text's own), ``title:…`` or ``number:…``; ``own`` names the unit that the text says is its own
    (`осы баптың 2-тармағы`).
    """

    start: int
    end: int
    lang: Lang
    articles: tuple[Numbers, ...] = ()
    points: tuple[Numbers, ...] = ()
    subpoints: tuple[Numbers, ...] = ()
    note: bool = False
    act: str | None = None
    own: str | None = None


_ORDINAL_WORD = re.compile(_ORDINAL, re.I)
_ITEM = re.compile(rf"(?P<n>{_N})(?P<close>\)?)")


def numbers(text: str) -> tuple[Numbers, ...]:
    """The numbers of a list: ``1), 3) - 5)``, ``5, 7-9``, ``первая и вторая``."""
    if not any(map(str.isdecimal, text)):
        named = (m.group().lower() for m in _ORDINAL_WORD.finditer(text))
        # The longest beginning: `пятнадцатая` begins like `пятая` too.
        return tuple(Numbers(_ORDINALS[max((w for w in _ORDINALS if name.startswith(w)), key=len)]) for name in named)
    found: list[Numbers] = []
    at = 0
    for match in _ITEM.finditer(text):
        between = text[at : match.start()]
        at = match.end()
        if found and re.search("[-\u2013\u2014]", between) and found[-1].last is None:
            found[-1] = Numbers(found[-1].first, match["n"])
        else:
            first, dash, last = match["n"].rpartition("-")
            open_range = bool(dash) and "-" not in first and int(first) < int(last)
            found.append(Numbers(match["n"], None, open_range))
    return tuple(found)


def unit_at(text: str, at: int) -> tuple[Unit, Lang, re.Match[str]] | None:
    """The unit that begins at a place of ``text`` (look-alikes already Cyrillic)."""
    for unit, lang, pattern in _UNITS:
        match = pattern.match(text, at)
        if match is not None:
            return unit, lang, match
    return None


def plain(text: str) -> str:
    """``text`` as the grammar reads it, of the same length: Cyrillic letters, plain spaces and dashes."""
    folded = as_cyrillic(text)
    return folded.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2011", "-").replace("\u2010", "-")


_STEP = re.compile(rf"{_LIST}|\w+")
_WORDS_OF_UNITS = rf"подп|пп|п/п|пункт|п\.|част|ч\.|абз|стать|статей|ст\.|{_ORDINAL}(?!\w)"
# In lower-case letters. What a citation may begin with is asked only where a letter or digit that can begin one begins a word:
# the engine skips the others without trying.
_FIRST_LETTERS = "".join(sorted({"п", "ч", "а", "с", *(word[0] for word in _ORDINALS)}))
_START = re.compile(rf"[{_FIRST_LETTERS}\d](?<![\w-].)(?<=(?=(?:{_WORDS_OF_UNITS}|\d)).)", re.S)
_START_WITH_WORD = re.compile(rf"[{_FIRST_LETTERS}](?<![\w-].)(?<=(?=(?:{_WORDS_OF_UNITS})).)", re.S)


def citations(text: str) -> list[Cited]:
    """Every citation in a provision's text, in order: of places, and of other acts as such by title or number.

    Numbers of nothing (dates, sums) are none.
    """
    folded = plain(text)
    letters = _lower(folded)
    found = list(_of_places(text, folded, letters))
    for lang, pattern, sign in _ACTS if any(map(letters.__contains__, _ACT_STEMS)) else ():
        for match in pattern.finditer(folded) if sign.search(folded) else ():
            if not any(c.start < match.end() and match.start() < c.end for c in found):
                name = match.groupdict()
                act = f"number:{name['number']}" if "number" in name else f"title:{text[slice(*match.span('title'))]}"
                found.append(Cited(match.start(), match.end(), lang, act=act))
    return sorted(found, key=lambda c: (c.start, c.end))


def _lower(text: str) -> str:
    """``text`` in lower case, letter by letter."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(ch if len(ch.lower()) > 1 else ch.lower() for ch in text)


#: Stems without which no act is named, and no unit in Kazakh; those of units whose numbers may be words.
_ACT_STEMS = ("заң", "кодекс", "закон")
_KK_STEMS = ("тарма", "тшс", "бөлі", "абзац", "азат", "бап", "баб", "ескертпе")
_COUNTED_STEMS = ("част", "ч.", "бөлі", "абз", "азат")
_DIGIT = re.compile(r"\d")


def _of_places(text: str, folded: str, letters: str) -> Iterator[Cited]:
    """``letters`` is ``folded`` in lower case. Most texts cite nothing: that is told by what they do not contain."""
    if not any(map(letters.__contains__, _COUNTED_STEMS)) and _DIGIT.search(folded) is None:
        return
    # Only a unit in Kazakh begins with its number.
    begin = _START if any(map(letters.__contains__, _KK_STEMS)) else _START_WITH_WORD
    at = 0
    while True:
        start = begin.search(letters, at)
        if start is None:
            return
        chain = _chain(folded, start.start())
        if chain is None:
            # On over this list or word, so that `2014 жылғы 5-бап` is tried again at its second number.
            step = _STEP.match(folded, start.start())
            at = step.end() if step else start.end()
            continue
        at = chain.end
        yield _of_act(folded, text, chain)


def _chain(text: str, start: int) -> Cited | None:
    found: dict[Unit, tuple[Numbers, ...]] = {}
    lang: Lang | None = None
    at = end = start
    while True:
        unit = unit_at(text, at)
        if unit is None or unit[0] in found or (lang is not None and unit[1] != lang):
            break
        lang = unit[1]
        found[unit[0]] = numbers(unit[2]["n"])
        end = unit[2].end()
        between = re.compile(r"\s*,?\s*").match(text, end)
        at = between.end() if between else end
    if lang is None or not found.keys() - {"note", "paragraph"}:
        return None
    return cited(start, end, lang, found)


def cited(start: int, end: int, lang: Lang, found: Mapping[Unit, tuple[Numbers, ...]]) -> Cited:
    """The citation that a chain's units come to. The parts of an article are its points, and their points sub-points."""
    points, subpoints = found.get("point", ()), found.get("subpoint", ())
    if "part" in found:
        points, subpoints = found["part"], subpoints or points
    return Cited(start, end, lang, found.get("article", ()), points, subpoints, "note" in found)


def _of_act(folded: str, text: str, cited: Cited) -> Cited:
    """``cited`` with the act it names, or the unit of the text's own that it hangs under."""
    before = folded[max(0, cited.start - 320) : cited.start]
    offset = max(0, cited.start - 320)
    for where, unit, pattern in _OWN:
        match = pattern.match(folded, cited.end) if where == "after" else pattern.search(before)
        if match is not None:
            start = cited.start if where == "after" else offset + match.start()
            return replace(cited, start=start, end=match.end() if where == "after" else cited.end, own=unit)
    for pattern in (_TITLED_AFTER, _NUMBERED_AFTER, _TITLED_BEFORE, _NUMBERED_BEFORE):
        after = pattern in (_TITLED_AFTER, _NUMBERED_AFTER)
        match = pattern.match(folded, cited.end) if after else pattern.search(before)
        if match is not None:
            shift = 0 if after else offset
            if "title" in match.groupdict():
                name = f"title:{text[shift + match.start('title') : shift + match.end('title')]}"
            else:
                name = f"number:{match['number']}"
            if after:
                return replace(cited, end=match.end(), act=name)
            return replace(cited, start=shift + match.start(), act=name)
    code = _CODE_AFTER.match(folded, cited.end)
    if code is not None:
        return replace(cited, end=code.end(), act=f"title:{code['title']}")
    code = _CODE_BEFORE.search(before)
    if code is not None:
        return replace(cited, start=offset + code.start(), act=f"title:{code['title']}")
    if _OTHER_AFTER.match(folded, cited.end) or _OTHER_BEFORE.search(before):
        # Some other act, not named in a way that can be looked up (`статьи 5 этого закона`).
        return replace(cited, act="other:")
    return cited


# -- what a citation comes to in one act -------------------------------------------------------------------------------


def order(number: str) -> tuple[int, ...]:
    """A number as printed, for comparing: 9 < 9-1 < 10."""
    return tuple(int(part) for part in number.partition("~")[0].split("-"))


def within(number: str | None, wanted: tuple[Numbers, ...], printed: frozenset[str]) -> bool:
    """True where ``number`` is among the wanted ones; ``printed`` are the numbers that the act has at that level.

    `5-7` is the inserted number 5-7 where the act has one, else the range.
    """
    if number is None:
        return False
    for want in wanted:
        if want.last is not None:
            first, last = want.first, want.last
        elif want.open and want.first not in printed:
            first, _, last = want.first.rpartition("-")
        else:
            first, last = want.first, ""
        if not last:
            if number.partition("~")[0] == first:
                return True
            continue
        # A range takes in the numbers inserted behind its last one: 5-7 holds 7-1.
        place, end = order(number), order(last)
        if order(first) <= place and (place <= end or place[: len(end)] == end):
            return True
    return False
