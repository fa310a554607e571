"""The structural words of an act: how chapters, articles, points, annexes, notes and signatures begin in either language."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lawsearch.analysis.letters import as_cyrillic
from lawsearch.law import Lang

_N = r"\d+(?:-\d+)*"
#: A Roman numeral in letters of either alphabet, and what was inserted behind it (`VI-1`).
_R = r"[IVXІХ]+(?:-\d+)*"
_CAPITAL = 'A-ZА-ЯЁӘҒҚҢӨҰҮҺІ«"“„'


@dataclass(frozen=True, slots=True)
class Words:
    """The structural words of one language, to be matched on a line whose look-alikes are Cyrillic letters.

    ``part`` are the levels above a chapter (part, section, sub-section), ``paragraph`` the one below it. ``annex`` is the
    caption of a document that the act adopts: numbered, or with its title, or (``approved``) one that only says what approved
    it; ``captioned`` is a line that goes on with such a caption, ``leads_in`` one that begins it. ``requisites`` say who
    adopted the act when; ``document`` is the title of one that follows the act without a caption. ``articles`` are those
    that one line says are gone. ``remark`` begins a publisher's remark, ``remarked`` is what such a remark says,
    ``reference`` one that only points elsewhere.

    Most lines are none of these, which is told at one look: no heading or caption begins otherwise than ``begins`` or ends
    otherwise than one of ``ends``; no signature or state lacks all of ``signs`` (lower case).
    """

    begins: re.Pattern[str]
    ends: tuple[str, ...]
    signs: tuple[str, ...]
    part: re.Pattern[str]
    paragraph: re.Pattern[str]
    annex: re.Pattern[str]
    titled_annex: re.Pattern[str]
    approved: re.Pattern[str]
    requisites: re.Pattern[str]
    document: re.Pattern[str]
    captioned: re.Pattern[str]
    leads_in: re.Pattern[str]
    remark: re.Pattern[str]
    remarked: re.Pattern[str]
    reference: re.Pattern[str]
    chapter: re.Pattern[str]
    article: re.Pattern[str]
    articles: re.Pattern[str]
    note: re.Pattern[str]
    edition_remark: re.Pattern[str]
    signature: re.Pattern[str]
    state: re.Pattern[str]

    def may_head(self, line: str) -> bool:
        """False for a line that is surely no heading of any level, and no caption of an annex."""
        return self.begins.match(line) is not None or line[-12:].lower().endswith(self.ends)

    def may_sign(self, line: str) -> bool:
        """False for a line that is surely no signature, and not the first part of one."""
        return any(map(line.lower().__contains__, self.signs))


WORDS: dict[Lang, Words] = {
    "kk": Words(
        begins=re.compile(
            rf"(?:{_N}|{_R})\s*-?\s*(?:бөлім|кіші|параграф|тарау|бап|қосымша)|{_N}\s*[-–,]\s*\d[\d\s,–-]*-\s*баптар|§|ЖАЛПЫ|ЕРЕКШЕ",
            re.I,
        ),
        ends=("қосымша", "бұйрығымен", "қаулысымен", "шешімімен", "жарлығымен", "өкімімен", "бекітілген"),
        signs=("президент", "министр", "әкімі", "төрағасы", "хатшысы", "м.", "республикасы"),
        part=re.compile(
            rf"(?:(?P<n>{_N}|{_R})\s*-?\s*(?:бөлім|(?P<sub>кіші бөлім))"
            r"|(?P<name>ЖАЛПЫ БӨЛІК|ЕРЕКШЕ БӨЛІК))(?![\w-])[.:]?\s*",
            re.I,
        ),
        paragraph=re.compile(rf"(?:(?P<n>{_N})\s*-\s*параграф(?![\w-])|§\s*(?P<m>{_N}))[.:]?\s*", re.I),
        annex=re.compile(
            rf"(?:(?:[^.;:!?]|(?<=\bж)\.){{2,300}}[нғқгк][аеә]\s+)?(?:(?:№\s*)?(?P<n>{_N})\s*-?\s*)?қосымша\Z", re.I
        ),
        titled_annex=re.compile(rf"(?P<n>{_N})\s*-\s*қосымша[.:]\s+(?=[{_CAPITAL}])", re.I),
        approved=re.compile(
            r"(?:[^.;:!?]{2,200}\s)?(?:(?:бұйрығымен|қаулысымен|шешімімен|жарлығымен|өкімімен)(?:\s+бекітілген)?|бекітілген)\Z",
            re.I,
        ),
        leads_in=re.compile(
            r"(?:Қазақстан Республикасы|[ндт][ыі]ң|[ғқнгк][ае]|№\s*\S+|\d{4}\s+жылғы\s+\d[^.;:!?]*"
            r"|(?:бұйрығ|қаулыс|шешім|жарлығ|өкім)[ыі]мен)\Z",
            re.I,
        ),
        remark=re.compile(r"(?:ЗҚАИ|РҚАИ|РҚАО|ҚР ЗҚАИ|«?ПАРАГРАФ»?)\s*-?\s*(?:ның|ның\s)?\s*ескертпесі\s*[!.:]?\s*\Z", re.I),
        reference=re.compile(r"(?:(?:Сондай-ақ\s+)?Қараңыз|Қар\.)\s*:", re.I),
        remarked=re.compile(r"қараңыз|көзделген|көзделіп отыр|қолданыста|қолданысқа енгіз|тоқтатыл", re.I),
        requisites=re.compile(
            r"(?=.{0,300}?\d{4}\s*(?:жылғы|ж\.)).{0,300}?№\s*\S{1,30}.{0,20}?(?:Заңы|Кодексі|Жарлығы|қаулысы|өкімі|бұйрығы|шешімі)(?!\w)"
            r"|.{0,200}?(?:Заңы|Кодексі)\s+\d{4}\s*(?:жылғы|ж\.).{0,40}?№",
            re.I,
        ),
        document=re.compile(r"(?:[^.;:!?]{0,200}\s)?(?:КЕЛІСІМ[ІИ]?|КОНВЕНЦИЯ(?:СЫ)?|ХАТТАМА(?:СЫ)?|ШАРТ(?:Ы)?|ЖАРҒЫ(?:СЫ)?)\Z"),
        captioned=re.compile(
            r"нысан\Z|[^.;:!?]{2,300}(?:бұйры[ғк]ына|қаулысына|шешіміне|жарлығына|өкіміне|заңына|кодексіне|қағидаларына"
            r"|ережесіне|ережелеріне|нұсқаулығына)\Z|\d{4}\s+жылғы\s+\d",
            re.I,
        ),
        chapter=re.compile(rf"(?P<n>{_N}|{_R})\s*-?\s*тарау(?![\w-])[.:]?\s*", re.I),
        articles=re.compile(r"(?P<n>\d[\d\s,–-]*?)\s*-\s*баптар[.:]?\s*", re.I),
        article=re.compile(rf"(?P<n>{_N})\s*-\s*бап(?![\w-])[.:]?\s*", re.I),
        note=re.compile(r"(?P<label>Ескертпе(?:лер)?\s*[.:])\s*", re.I),
        edition_remark=re.compile(r"Осы редакция\b", re.I),
        state=re.compile(r"Қазақстан Республикасы(?:ның)?\Z", re.I),
        signature=re.compile(
            r"(?:Қазақстан Республикасы(?:ның)?\s*)?(?:(?:[\w-]+\s+){0,5}?(?:Президенті|Премьер-Министрі|министрі?|әкімі"
            r"|төрағасы|хатшысы|м\.\s*а\.))\s*(?:(?:\w\.\s*){1,2}[\w-]+\s*)?\Z",
            re.I,
        ),
    ),
    "ru": Words(
        begins=re.compile(r"Раздел|Подраздел|ОБЩАЯ|ОСОБЕННАЯ|Параграф|§|Приложение|Утвержд|Глава|Стать[яи]", re.I),
        ends=(),
        signs=("президент", "министр", "аким", "председатель", "секретарь"),
        part=re.compile(
            rf"(?:(?:Раздел|(?P<sub>Подраздел))\s+(?P<n>{_N}|{_R})"
            r"|(?P<name>ОБЩАЯ ЧАСТЬ|ОСОБЕННАЯ ЧАСТЬ))(?![\w-])[.:]?\s*",
            re.I,
        ),
        paragraph=re.compile(rf"(?:Параграф\s+(?P<n>{_N})(?![\w-])|§\s*(?P<m>{_N}))[.:]?\s*", re.I),
        annex=re.compile(
            rf"Приложение(?:\s*№?\s*(?P<n>{_N}))?(?:\s+к\s[^.;:!?]*(?:(?:\.(?=\d)|(?<=\bг)\.)[^.;:!?]*)*)?\Z", re.I
        ),
        titled_annex=re.compile(rf"Приложение\s*№?\s*(?P<n>{_N})[.:]\s+(?=[{_CAPITAL}])", re.I),
        approved=re.compile(
            r"Утвержд[её]н[аоы]?(?:\s+(?:\S+\s+)?(?:приказом|постановлением|решением|указом|распоряжением)"
            r"[^;:!?]*)?(?<![.])\Z",
            re.I,
        ),
        requisites=re.compile(
            r"(?:(?:Конституционный|Совместный|Нормативное)\s+)?(?:Закон|Кодекс|Указ|Постановление|Распоряжение|Приказ|Решение)\s"
            r".{0,400}?\bот\s+\d.{0,60}?№\s*\S",
            re.I,
        ),
        document=re.compile(r"(?:СОГЛАШЕНИЕ|КОНВЕНЦИЯ|ПРОТОКОЛ|ДОГОВОР|УСТАВ|ХАРТИЯ|МЕМОРАНДУМ)(?!\w)"),
        captioned=re.compile(
            r"форма\Z|к\s+\w+|от\s+\d|№|(?:Министра|Правительства|Республики)\s"
            r"|(?:приказ|указ)(?:у|ом)\s|(?:постановлени|решени|распоряжени)(?:ю|ем)\s",
            re.I,
        ),
        leads_in=re.compile(r"(?!)"),
        remark=re.compile(r"Примечание\s+(?:РЦПИ|ИЗПИ|РЦИП|«?ПАРАГРАФ»?)\s*[!.:]?\s*\Z", re.I),
        reference=re.compile(r"См\.(?:\s+также)?\s*:", re.I),
        remarked=re.compile(r"\bсм\.|предусм|в действие|действу[ею]т|действовал|приостанов|утрачива\w+ силу", re.I),
        chapter=re.compile(rf"Глава\s+(?P<n>{_N}|{_R})(?![\w-])[.:]?\s*", re.I),
        articles=re.compile(rf"Статьи\s+(?P<n>{_N}(?:\s*(?:[-–,]|и)\s*{_N})*)[.:]?\s*", re.I),
        article=re.compile(rf"Статья\s+(?P<n>{_N})(?![\w-])[.:]?\s*", re.I),
        note=re.compile(r"(?P<label>Примечани[ея]\s*[.:])\s*", re.I),
        edition_remark=re.compile(r"(?:Настоящая|Данная) редакция\b", re.I),
        state=re.compile(r"(?:Президент|Премьер-Министр|Министр(?:\s+\w+){0,4})\Z", re.I),
        signature=re.compile(
            r"(?:Президент|Премьер-Министр|(?:И\.\s*о\.\s*)?Министра?|Аким|Председатель|Секретарь)(?:\s+[\w-]+){0,6}?"
            r"\s*(?:(?:\w\.\s*){1,2}[\w-]+\s*)?\Z",
            re.I,
        ),
    ),
}  # fmt: skip

#: How the title of an act is worded.
TITLE: dict[Lang, re.Pattern[str]] = {
    "kk": re.compile(r".*\s(?:туралы|кодексі|конституциясы)\Z", re.I),
    "ru": re.compile(r"(?:О|Об|Обо)\s.|.*\b(?:Кодекс|Конституция)\b", re.I),
}

#: How a table of contents is headed.
CONTENTS = re.compile(r"(?:содержание|оглавление|мазмұны)\s*:?\Z", re.I)
#: What a printed page adds: its number, unmistakably.
PAGE_MARK = re.compile(
    r"(?:[-–—]\s*\d{1,4}\s*[-–—]|(?:страница|стр\.|бет)\s*\d{1,4}(?:\s*(?:/|из)\s*\d{1,4})?|\d{1,4}\s*-\s*бет)\Z", re.I
)
#: A heading that has a Roman numeral and no word that says its level: `II. Порядок учета`.
ROMAN_HEADING = re.compile(rf"(?P<n>[IVXІХ]+)\.\s+(?=[{_CAPITAL}])")

POINT = re.compile(rf"(?P<label>(?P<n>{_N})(?:\.(?=[\s{_CAPITAL}])|\s\.(?=\s*[{_CAPITAL}])))\s*")
POINT_RANGE = re.compile(rf"(?P<label>{_N}\.\s*[-–—]\s*{_N}\.)\s*")
# `… 2-тармағының / 1) тармақшасында`: a line that was broken within a citation begins no sub-point.
SUBPOINT = re.compile(rf"(?P<label>(?P<n>{_N})\s?\))(?!\s*тармақша)\s*")
SUBPOINT_LIST = re.compile(rf"(?P<label>{_N}\)(?:\s*(?:[-–—,]|және|и)\s*{_N}\))+)\s*")
#: A line that was broken behind the word whose number begins the next one: `в соответствии с подпунктом / 3) пункта 2`.
CITING = re.compile(r"(?:подпункт|пункт)\w*(?:\s+\d[\d), -]*)?(?:\s+и)?\s*\Z", re.I)

#: What readers report of struck-through words.
STRUCK_REMARK = "struck-through words are kept as text"

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_LEADING = re.compile(rf"\A(?:{_INVISIBLE.pattern}|\s)+")
_LATIN = re.compile("[ACEHKMOPTXYaceopxyh]")
#: What is not as it is read, of which most lines have nothing: signs of no width, and dashes behind a digit.
_ODD = re.compile(rf"{_INVISIBLE.pattern}|[0-9]\s?[\u2010-\u2015\u2212]")
#: A dash that stands for the hyphen of a number (`12–1-бап`, `Статья 12–1`), at the beginning of a line.
_NUMBER_DASH = re.compile(
    r"(?:(?<=\d)|(?<=\d\s))[\u2010-\u2015\u2212](?=\s?(?:\d+\s?[-\u2010-\u2015]\s?)?(?:бап|тарау|бөлім|кіші|параграф|қосымша))"
    r"|(?<=\d)[\u2010\u2011](?=\d)",
    re.I,
)
_HEADED_DASH = re.compile(r"((?:Статья|Глава|Раздел|Параграф|Приложение)\s+\d+)[\u2010-\u2015\u2212](?=\d)", re.I)
#: How much of a line is looked at for its structural words.
_HEAD = 40


def as_read(text: str, lang: Lang) -> tuple[str, str]:
    """A line, stripped, as it is shown, and as the grammar reads it: of the same length, look-alikes Cyrillic, hyphens plain.

    Signs of no width are taken out of a number or structural word that begins the line (`Ста\u00adтья 5`), and nowhere else.
    """
    odd = _ODD.search(text, 0, _HEAD)
    if odd:
        text = _without_invisible_head(text, lang)
    if lang == "kk":
        read = as_cyrillic(text)
    else:
        read = as_cyrillic(text[:16]) + text[16:] if _LATIN.search(text, 0, 16) else text
    if odd:
        head = _HEADED_DASH.sub(r"\1-", _NUMBER_DASH.sub("-", read[:_HEAD]))
        read = head + read[_HEAD:]
    return text, read


def _without_invisible_head(text: str, lang: Lang) -> str:
    if not _INVISIBLE.search(text, 0, _HEAD):
        return text
    text = _LEADING.sub("", text) or text
    clean = _INVISIBLE.sub("", text)
    read = as_cyrillic(clean)
    words = WORDS[lang]
    patterns = (words.article, words.chapter, words.part, words.paragraph, words.annex, words.note, POINT, SUBPOINT)
    match = next(filter(None, (pattern.match(read) for pattern in patterns)), None)
    if match is None:
        return text
    visible = 0
    for i, sign in enumerate(text):
        if visible == match.end():
            return clean[:visible] + text[i:]
        visible += not _INVISIBLE.match(sign)
    return clean


def raised(before: str, digits: str, behind: str) -> str:
    """A raised number as it is written between two texts: an inserted number (`Статья 12¹` is 12-1), a unit (`м3`), a power, or
    a note's mark, which must not grow together with its word."""
    if _NUMBERED.search(before) or (before.strip().isdecimal() and _LABEL_END.match(behind)):
        return f"-{digits}"
    if before[-1:].isdigit():
        return digits.translate(_SUPERSCRIPT)
    return f" {digits}" if _WHOLE_WORD.search(before) else digits


_NUMBERED = re.compile(r"(?:стать|глав|пункт|параграф)\w*\s+\d+(?:-\d+)*\Z", re.I)
_LABEL_END = re.compile(r"[.)]|\s?-\s?(?:бап|тарау|тармақ)")
_WHOLE_WORD = re.compile(r"[^\W\d_]{4}\Z")
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def roman_in_latin(number: str) -> str:
    """A heading's number with its Roman numeral, if it is one, in Latin capitals."""
    return number if number.isdecimal() else number.upper().translate(_ROMAN)


_ROMAN = str.maketrans("ІХ", "IX")


_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}


def counted(number: str) -> str:
    """A heading's number in Arabic figures, `VI-1` as `6-1`; a name (`ОБЩАЯ ЧАСТЬ`) counts as nothing."""
    first, dash, rest = number.partition("-")
    if first.strip("IVX"):
        return number if first.partition("~")[0].isdecimal() else ""
    values = [_ROMAN_VALUES[sign] for sign in first]
    return f"{sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))}{dash}{rest}"
