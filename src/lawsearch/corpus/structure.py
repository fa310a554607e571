"""The structural words of an act: how chapters, articles, points, annexes, notes and signatures begin in either language."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lawsearch.law import Lang

_N = r"\d+(?:-\d+)*"


@dataclass(frozen=True, slots=True)
class Words:
    """The structural words of one language, to be matched on a line whose look-alikes are Cyrillic letters.

    ``part`` are the levels above a chapter (part, section, sub-section), ``paragraph`` the one below it. ``annex`` is the
    caption of a document that the act adopts: numbered, or (``approved``) one that only says what approved it; ``captioned``
    is a line that goes on with such a caption.

    Most lines are none of these, which is told at one look: no heading or caption begins otherwise than ``begins`` or ends
    otherwise than one of ``ends``; no signature or state lacks all of ``signs`` (lower case).
    """

    begins: re.Pattern[str]
    ends: tuple[str, ...]
    signs: tuple[str, ...]
    part: re.Pattern[str]
    paragraph: re.Pattern[str]
    annex: re.Pattern[str]
    approved: re.Pattern[str]
    captioned: re.Pattern[str]
    chapter: re.Pattern[str]
    article: re.Pattern[str]
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
        begins=re.compile(rf"(?:{_N}|[IVXІХ]+)\s*-\s*(?:бөлім|кіші|параграф|тарау|бап)|§|ЖАЛПЫ|ЕРЕКШЕ", re.I),
        ends=("қосымша", "бұйрығымен", "қаулысымен", "шешімімен", "жарлығымен", "өкімімен", "бекітілген"),
        signs=("президент", "министр", "әкімі", "төрағасы", "хатшысы", "м.", "республикасы"),
        part=re.compile(
            rf"(?:(?P<n>{_N}|[IVXІХ]+)\s*-\s*(?:бөлім|(?P<sub>кіші бөлім))"
            r"|(?P<name>ЖАЛПЫ БӨЛІК|ЕРЕКШЕ БӨЛІК))(?![\w-])[.:]?\s*",
            re.I,
        ),
        paragraph=re.compile(rf"(?:(?P<n>{_N})\s*-\s*параграф(?![\w-])|§\s*(?P<m>{_N}))[.:]?\s*", re.I),
        annex=re.compile(rf"(?:[^.;:!?]{{2,300}}[нғқ][аеә]\s+)?(?:(?P<n>{_N})\s*-\s*)?қосымша\Z", re.I),
        approved=re.compile(
            r"(?:[^.;:!?]{2,200}\s)?(?:(?:бұйрығымен|қаулысымен|шешімімен|жарлығымен|өкімімен)(?:\s+бекітілген)?|бекітілген)\Z",
            re.I,
        ),
        captioned=re.compile(
            r"нысан\Z|[^.;:!?]{2,300}(?:бұйры[ғк]ына|қаулысына|шешіміне|жарлығына|өкіміне|заңына|кодексіне|қағидаларына"
            r"|ережесіне|ережелеріне|нұсқаулығына)\Z|\d{4}\s+жылғы\s+\d",
            re.I,
        ),
        chapter=re.compile(rf"(?P<n>{_N})\s*-\s*тарау(?![\w-])[.:]?\s*", re.I),
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
        begins=re.compile(r"Раздел|Подраздел|ОБЩАЯ|ОСОБЕННАЯ|Параграф|§|Приложение|Утвержд|Глава|Статья", re.I),
        ends=(),
        signs=("президент", "министр", "аким", "председатель", "секретарь"),
        part=re.compile(
            rf"(?:(?:Раздел|(?P<sub>Подраздел))\s+(?P<n>{_N}|[IVXІХ]+)"
            r"|(?P<name>ОБЩАЯ ЧАСТЬ|ОСОБЕННАЯ ЧАСТЬ))(?![\w-])[.:]?\s*",
            re.I,
        ),
        paragraph=re.compile(rf"(?:Параграф\s+(?P<n>{_N})(?![\w-])|§\s*(?P<m>{_N}))[.:]?\s*", re.I),
        annex=re.compile(rf"Приложение(?:\s*№?\s*(?P<n>{_N}))?(?:\s+к\s[^.;:!?]*(?:\.\d[^.;:!?]*)*)?\Z", re.I),
        approved=re.compile(
            r"Утвержд[её]н[аоы]?(?:\s+(?:\S+\s+)?(?:приказом|постановлением|решением|указом|распоряжением)"
            r"[^;:!?]*)?(?<![.])\Z",
            re.I,
        ),
        captioned=re.compile(
            r"форма\Z|к\s+\w+|от\s+\d|№|(?:Министра|Правительства|Республики)\s"
            r"|(?:приказ|указ)(?:у|ом)\s|(?:постановлени|решени|распоряжени)(?:ю|ем)\s",
            re.I,
        ),
        chapter=re.compile(rf"Глава\s+(?P<n>{_N})(?![\w-])[.:]?\s*", re.I),
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

POINT = re.compile(rf"(?P<label>(?P<n>{_N})\.)(?=\s)\s*")
POINT_RANGE = re.compile(rf"(?P<label>{_N}\.\s*[-–—]\s*{_N}\.)\s*")
SUBPOINT = re.compile(rf"(?P<label>(?P<n>{_N})\))\s*")
SUBPOINT_LIST = re.compile(rf"(?P<label>{_N}\)(?:\s*(?:[-–—,]|және|и)\s*{_N}\))+)\s*")
