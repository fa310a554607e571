"""Edition notes: which law changed what, how, and when, as publishers print it between the provisions.

Three styles occur. Those of the text exports stand before what they speak of. In Kazakh the target comes after each law and
the date is YEAR.DAY.MONTH, in Russian the target comes first::

    2016.29.03. № 479-V ҚР Заңымен 25) тармақша өзгертілді (бұр.ред.қара); 2018.24.05. № 156-VI ҚР Заңымен ...
    В подпункт 25) внесены изменения в соответствии с Законом РК от 29.03.16 г. № 479-V (см. стар. ред.); ...

The one of the national register starts with ``Ескерту.``/``Сноска.`` (``Ескертпе`` in some acts), has DAY.MONTH.YEAR, and
often stands at an article's end::

    Сноска. Статья 5 с изменениями, внесенными Законами РК от 29.09.2014 № 239-V (вводится в действие ...); от ...
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lawsearch.law import Action, Amendment, Lang

TargetKind = Literal["article", "point", "subpoint", "note", "chapter", "unknown"]

# A law's number: 71-VIII, 58-VІІ (Cyrillic І), 263-V ЗРК; an order's or a decision's: 77, ҚР ДСМ-12, С-25/3. Old notes have
# a Latin N for the sign.
_LAW = r"[№N]\s*(?P<law>\d+(?:-\d+)?\s*-\s*[IVXІХ]+)"
_ANY_ACT = r"[№N]\s*(?P<law>\d+(?:-\d+)?\s*-\s*[IVXІХ]+|(?:(?:ҚР|РК)\s+)?(?:[^\W\d_]{1,6}\s?-\s?)?\d+(?:[/-]\w+)*)"
_YEAR_FIRST = r"(?P<y>\d{4})\.(?P<d>\d{2})\.(?P<m>\d{2})\.?"
_DAY_FIRST = r"(?P<d2>\d{2})\.(?P<m2>\d{2})\.(?P<y2>\d{4}|\d{2}(?!\d))"
_CHANGE = re.compile(rf"(?:{_YEAR_FIRST}|{_DAY_FIRST})\s*(?:ж\.|г\.|года)?\s*{_ANY_ACT}")
_NOTE_START = re.compile(rf"(?:{_YEAR_FIRST})\s*{_LAW}")
_REGISTER_START = re.compile(r"[*\s]*(?:Ескерту|Сноска)\s*[.:]\s*", re.IGNORECASE)
#: What a note of the register begins with; most lines begin otherwise.
_FIRST_LETTERS = frozenset("ЕеСсПп*")
_OTHER_START = re.compile(r"(?:Ескертпе|Примечание)\s*[.:]\s*", re.IGNORECASE)
_EXPORT_START = re.compile(
    r"(?:В\s+)?(?:наименовани|заголов|преамбул|стать|пункт|подпункт|част|абзац|глав|раздел|параграф|закон|кодекс|примечани)\w*\b"
    r"[^.;:№]{0,120}?\b(?:внесен|изложен|дополнен|исключен|изменен|утратил)[^.;№]{0,100}?"
    r"\b(?:Закон|Кодекс|Указ|постановлени|приказ|решени)[^;№]{0,120}?\sот\s+\d{2}\.\d{2}\.\d{2}",
    re.IGNORECASE,
)
_OF_TITLE = re.compile(r"(?:заголов|тақырыб)", re.I)

_REPEALED: dict[Lang, re.Pattern[str]] = {
    "kk": re.compile(r"(?:ал(?:ын)?ып таста(?:лды|лған)|күші жойыл(?:ды|ған)|күшін жой(?:ды|ған))\b", re.I),
    "ru": re.compile(r"(?:исключ[её]н[аоы]?|утратил[аио]? силу|признан[аоы]? утратив\w+ силу)\b", re.I),
}
_MONTHS = {
    "қаңтар": 1, "ақпан": 2, "наурыз": 3, "сәуір": 4, "мамыр": 5, "маусым": 6, "шілде": 7, "тамыз": 8, "қыркүйек": 9,
    "қазан": 10, "қараша": 11, "желтоқсан": 12,
    "января": 1, "февраля": 2, "марта": 3, "апреля": 4, "мая": 5, "июня": 6, "июля": 7, "августа": 8, "сентября": 9,
    "октября": 10, "ноября": 11, "декабря": 12,
}  # fmt: skip
_MONTH_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_EFFECTIVE_KK = re.compile(rf"(?P<y>\d{{4}})\s*(?:ж\.|жылғы)?\s*(?P<d>\d{{1,2}})\s*(?P<month>{_MONTH_NAMES})\w*\s+бастап")
_EFFECTIVE_RU = re.compile(rf"с\s+(?P<d>\d{{1,2}})\s+(?P<month>{_MONTH_NAMES})\s+(?P<y>\d{{4}})")
_EFFECTIVE_DIGITS = re.compile(
    r"(?:(?<!\d)(?P<d>\d{2})\.(?P<m>\d{2})\.(?P<y>\d{4})\s*(?:ж\.)?\s*бастап"
    r"|(?:в действие|действует)\s+с\s+(?P<d2>\d{2})\.(?P<m2>\d{2})\.(?P<y2>\d{4}))"
)

_ACTIONS: tuple[tuple[Action, re.Pattern[str]], ...] = (
    (
        "repealed",
        re.compile(r"ал(?:ын)?ып тастал|күші жойыл|күшін жой|исключ[её]н|утратил[аио]? силу|признан\w* утративш", re.I),
    ),
    ("reworded", re.compile(r"жаңа редакцияда|жаңа редакция|редакцияда\b|в(?: новой)? редакции", re.I)),
    ("added", re.compile(r"толықтырылды|толықтырылған|дополнен", re.I)),
    ("amended", re.compile(r"өзгеріс|өзгертілді|өзгертулер|изменени|изменен", re.I)),
)

_N = r"\d+(?:-\d+)?"
#: No act has numbers of more digits: what looks like a range of such is two numbers.
_LONGEST_NUMBER = 4
_TARGETS: tuple[tuple[TargetKind, re.Pattern[str]], ...] = (
    ("subpoint", re.compile(rf"(?P<n>{_N})\)(?P<list>(?:\s*(?:,|-|және|и)\s*{_N}\))*)\s*тармақша", re.I)),
    ("point", re.compile(rf"(?P<n>{_N})(?P<list>(?:\s*(?:,|және)\s*{_N})*)-тармақ(?!ша)", re.I)),
    ("article", re.compile(rf"(?P<n>{_N})(?P<list>)-бап", re.I)),
    ("chapter", re.compile(rf"(?P<n>{_N})(?P<list>)-тарау", re.I)),
    ("note", re.compile(r"(?P<n>)(?P<list>)ескертпе", re.I)),
    ("subpoint", re.compile(rf"подпункт\w*\s+(?P<n>{_N})\)?(?P<list>(?:\s*(?:,|-|и)\s*{_N}\)?)*)", re.I)),
    ("point", re.compile(rf"пункт\w*\s+(?P<n>{_N})(?P<list>(?:\s*(?:,|и)\s*{_N})*)", re.I)),
    ("article", re.compile(rf"стать\w+\s+(?P<n>{_N})(?P<list>)", re.I)),
    ("chapter", re.compile(rf"глав\w+\s+(?P<n>{_N})(?P<list>)", re.I)),
    ("note", re.compile(r"(?P<n>)(?P<list>)примечани", re.I)),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One amendment and the thing that the note says it speaks of (``numbers`` empty where the note names none)."""

    kind: TargetKind
    numbers: tuple[str, ...]
    amendment: Amendment


def is_edition_note(text: str) -> bool:
    """True for a line that is nothing but an edition note of either style."""
    text = text.strip()
    if text[:1].isdigit():
        return _NOTE_START.match(text) is not None
    if text[:1] in _FIRST_LETTERS and is_register_note(text):
        return True
    # Most lines are too long for one, or have no number of a law.
    return text[:1].isupper() and "№" in text and _EXPORT_START.match(text) is not None


def is_register_note(text: str) -> bool:
    """True for the register's style, whose note speaks of the article that it stands in.

    Some acts call it as they call the notes of an article; then the law with its date in figures tells it from one.
    """
    text = text.strip()
    if _REGISTER_START.match(text):
        return True
    label = _OTHER_START.match(text)
    return bool(
        label and _CHANGE.search(text) and not _NOTE_START.match(text, label.end()) and _action(text) not in (None, "repealed")
    )


def is_of_title(text: str) -> bool:
    """True where a note speaks of a heading only (``Заголовок главы 2 в редакции …``)."""
    return bool(_OF_TITLE.search(text))


def is_repeal(text: str, lang: Lang) -> bool:
    """True where a provision's whole text says only that it was repealed (``2021.29.06. № … алып тасталды``)."""
    text = text.strip(" *([–—-\u00a0\t")
    if text[:1].isdigit():
        return bool(_NOTE_START.match(text)) and _action(text) == "repealed"
    return bool(_REPEALED[lang].match(text))


def repeals_several(text: str) -> bool:
    """True where a repeal is worded for more than one provision (Russian has a plural for it)."""
    return bool(_SEVERAL.match(text.strip(" *([–—-\u00a0\t")))


_SEVERAL = re.compile(r"(?:исключ[её]ны|утратили силу|признаны утратив)", re.I)


def law_number(text: str) -> str:
    """A law's number with its Roman part in Latin letters, however it was printed: ``58-VІІ`` -> ``58-VII``."""
    text = "".join(text.split()).upper()
    number, dash, roman = text.rpartition("-")
    return f"{number}-{roman.translate(_ROMAN)}" if dash and not roman.strip("IVXІХ") else text


_ROMAN = str.maketrans("ІХ", "IX")


def parse_changes(text: str) -> list[Change]:
    """Every amendment that an edition note, or a repealed provision's text, reports, in the order printed.

    A law that is printed without a target shares the next one's (``A (…); B (…) 2-тармақ өзгертілді``). Returns an empty
    list where no law is named.
    """
    starts = list(_CHANGE.finditer(text))
    if not starts:
        return []
    stops = [match.start() for match in starts[1:]] + [len(text)]
    tails = [text[match.end() : stop] for match, stop in zip(starts, stops, strict=True)]
    lead = _REGISTER_START.sub("", text[: starts[0].start()])
    told = _told_before(lead, tails) if _action(lead) is not None else _told_behind(tails)
    return [
        Change(what[1], what[2], Amendment(what[0], law_number(match["law"]), _date(match), _effective(tail)))
        for match, tail, what in zip(starts, tails, told, strict=True)
        if what is not None
    ]


_Told = tuple[Action, TargetKind, tuple[str, ...]]


def _told_before(lead: str, tails: Sequence[str]) -> list[_Told | None]:
    """What each law did where that stands before it: `Статья 5 в редакции Закона A; с изменениями, внесенными B; от C`.

    What a law's number is followed by speaks of the laws behind it, unless these are none.
    """
    action = _action(lead)
    assert action is not None
    told: list[_Told | None] = [(action, *_target(lead))]
    for tail in tails[:-1]:
        plain = _IN_BRACKETS.sub(" ", tail)
        before = told[-1]
        assert before is not None
        kind, numbers = _target(plain)
        told.append((_action(plain) or before[0], *((kind, numbers) if kind != "unknown" else before[1:])))
    return told


def _told_behind(tails: Sequence[str]) -> list[_Told | None]:
    """What each law did where that stands behind it; a law without shares the next one's."""
    told: list[_Told | None] = []
    carried: _Told | None = None
    for tail in reversed(tails):
        action = _action(_IN_BRACKETS.sub(" ", tail))
        if action is not None:
            carried = (action, *_target(tail))
        told.append(carried)
    return told[::-1]


_DATE_IN_BRACKETS = re.compile(r"\([^()\d]*\d{4}[^()]*\)")
_IN_BRACKETS = re.compile(r"\([^()]*\)")


def _action(text: str) -> Action | None:
    for name, pattern in _ACTIONS:
        if pattern.search(text):
            return name
    return None


def _target(text: str) -> tuple[TargetKind, tuple[str, ...]]:
    text = _DATE_IN_BRACKETS.sub(" ", text)
    for kind, pattern in _TARGETS:
        match = pattern.search(text)
        if match:
            if not match["n"]:
                return kind, ()
            return kind, tuple(expand_numbers(match["n"] + match["list"]))
    return "unknown", ()


def expand_numbers(text: str) -> list[str]:
    """The numbers that a printed list or range names: ``8-1) - 8-3)`` -> 8-1, 8-2, 8-3; ``5) -8)`` -> 5, 6, 7, 8.

    A hyphen inside a number (no space, no bracket before it) is part of that number.
    """
    numbers: list[str] = []
    end = 0
    for match in re.finditer(_N, text):
        if numbers and re.search(r"[-–—]", text[end : match.start()]):
            numbers.extend(_between(numbers[-1], match[0]))
        numbers.append(match[0])
        end = match.end()
    return numbers


def range_of(number: str) -> list[str]:
    """The numbers of `5-7` where that is known to be a range, not the inserted number 5-7."""
    first, dash, last = number.partition("-")
    whole = dash and last.isdecimal() and max(len(first), len(last)) <= _LONGEST_NUMBER and int(first) < int(last)
    return [first, *_between(first, last), last] if whole else [number]


def _between(first: str, last: str) -> list[str]:
    base1, _, sub1 = first.partition("-")
    base2, _, sub2 = last.partition("-")
    if max(map(len, (base1, sub1, base2, sub2))) > _LONGEST_NUMBER:
        return []
    if base1 == base2 and sub2:
        return [f"{base1}-{i}" for i in range(int(sub1 or 0) + 1, int(sub2))]
    # Inserted numbers (7-1, 7-2) that a range spans are not named in it and cannot be guessed.
    return [str(i) for i in range(int(base1) + 1, int(base2))]


def _date(match: re.Match[str]) -> str | None:
    if match["y"]:
        year, day, month = match["y"], match["d"], match["m"]
        if int(month) > 12:
            # Old notes of the register have the month first.
            day, month = month, day
    else:
        year, day, month = match["y2"], match["d2"], match["m2"]
        if len(year) == 2:
            year = f"19{year}" if int(year) > _LATEST_YEAR else f"20{year}"
    return _iso(int(year), int(month), int(day))


#: Years of two figures after this one are of the last century.
_LATEST_YEAR = 60


def _iso(year: int, month: int, day: int) -> str | None:
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else None


def _effective(text: str) -> str | None:
    for pattern in (_EFFECTIVE_KK, _EFFECTIVE_RU):
        match = pattern.search(text)
        if match:
            return _iso(int(match["y"]), _MONTHS[match["month"]], int(match["d"]))
    match = _EFFECTIVE_DIGITS.search(text)
    if match:
        if match["y"]:
            return _iso(int(match["y"]), int(match["m"]), int(match["d"]))
        return _iso(int(match["y2"]), int(match["m2"]), int(match["d2"]))
    return None
