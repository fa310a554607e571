"""Derivational relatives: words of one family with a word, as candidates to be looked up.

A law says in Kazakh with a verb what it says in Russian with a noun, in the passive what it says in the active: `определяется
органом` is `орган айқындайды`, `сопровождение` may be filed under `сопровождать`. The rules here propose words of a word's
family by its ending; most proposals are no words at all. The caller keeps those that the index knows, so that a rule may
propose freely and no list of families is needed. A relative says something weaker than the word, and is worth less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from lawsearch.law import Lang

#: The shortest stem that an ending may be taken from.
_SHORTEST = 3


@lru_cache(maxsize=4_096)
def relatives(key: str, lang: Lang) -> tuple[str, ...]:
    """What may be of one family with a key, the closest first; never the key itself."""
    if len(key) < _SHORTEST + 1 or not key.isalpha():
        return ()
    proposed = _russian(key) if lang == "ru" else _kazakh(key)
    return tuple(dict.fromkeys(word for word in proposed if word != key and len(word) >= _SHORTEST))


# -- Russian

#: Verbs of motion and the like, whose aspects and nouns differ inside the root: each line is one family's endings.
_FAMILIES = tuple(
    tuple(line.split())
    for line in """\
носить нести несение
водить вести ведение вод
возить везти воз
ходить йти хождение ход
лагать ложить ложение
бирать брать бор бирание
принимать принять принятие прием
нанимать нанять наем
нимать нять нятие
давать дать дача дание
пускать пустить пуск
ставлять ставить ставление ставка
купать купить купка
менять менить мена менение
писывать писать писание пись писка
сылать слать сылка
держивать держать держание держка
плачивать платить плата
влекать влечь влечение
зывать звать зыв
езжать ехать езд
ступать ступить ступление
лучать лучить лучение
нашивать носить ношение
читывать честь чет
крывать крыть крытие
мывать мыть мывание
вивать вить витие
стигать стичь стижение
говаривать говорить говор
сматривать смотреть смотрение смотр
лечивать лечить лечение
ращать ратить ращение рат
речь чинять чинить чинение
суждать судить суждение
грожать грозить гроза
являть явить явление
изготавливать изготовлять изготовить изготовление
предоставлять предоставить предоставление
представлять представить представление""".splitlines()
)
_BY_ENDING = tuple(
    sorted(
        ((ending, tuple(e for e in family if e != ending)) for family in _FAMILIES for ending in family),
        key=lambda pair: -len(pair[0]),
    )
)
#: What stands before -ение, and what stands there in the verb in -ить.
_SOFTENED = (
    ("щ", ("т", "ст", "ск")), ("жд", ("д",)), ("ж", ("д", "з", "г")), ("ч", ("т", "к")), ("ш", ("с",)),
    ("вл", ("в",)), ("бл", ("б",)), ("пл", ("п",)), ("мл", ("м",)),
)  # fmt: skip
_HARDENED = (
    ("ст", ("щ",)), ("т", ("щ", "ч")), ("д", ("жд", "ж")), ("з", ("ж",)), ("с", ("ш",)),
    ("в", ("вл",)), ("б", ("бл",)), ("п", ("пл",)), ("м", ("мл",)),
)  # fmt: skip
#: Ending -> endings of relatives, for nouns, adjectives and adverbs; the longest that fits is used, and then the general ones.
_RULES: tuple[tuple[str, str], ...] = (
    ("ционный", "ция цировать"), ("сионный", "сия"), ("зионный", "зия"), ("ионный", "ия"),
    ("иональный", "ия"), ("альный", "ия а"), ("иальный", "ия ие"), ("ический", "ия ика"), ("истический", "изм ист ия"),
    ("ительный", "ение ить ять ательство"), ("ательный", "ание ать"), ("ительский", "итель ительство ить"),
    ("енческий", "ение"), ("ческий", "ка ество чество"), ("ский", "ство а я ь"), ("ственный", "ство"), ("енный", "енность"),
    ("ечный", "ка ец"), ("очный", "ка"), ("ичный", "ица ик"), ("ной", "а я о е ь ы"), ("ный", "а я о е ь ие ия ость"),
    ("овый", "а ы о"), ("евой", "ь я е"), ("овой", "а ы"), ("евый", "я ь"), ("ий", "а я"), ("ый", "ость о"),
    ("ционно", "ционный"), ("ски", "ский"), ("но", "ный ной ность"), ("о", "ый ой ость"), ("е", "ий"),
    ("анность", "ать"), ("енность", "енный ить"), ("имость", "имый ить ять"), ("емость", "емый ть"), ("ость", "ый ой ий о"),
    ("уемый", "овать"), ("емый", "ть"), ("имый", "ить ять ать имость"),
    ("изация", "изовать изировать изационный"), ("ация", "овать ировать ационный"), ("кция", "ктировать кционный"),
    ("ция", "тить ционный цировать"), ("сия", "сионный"), ("зия", "зионный"), ("ия", "ический иальный иальный ийный ный"),
    ("ика", "ический"), ("изм", "истический"), ("итель", "ительский ительство"),
    ("ительство", "ить ительный"), ("ательство", "ать ательный"), ("ество", "ать ить еский"),
    ("ство", "ить ский ственный"),
    ("ирование", "ировать ированный"), ("ование", "овать"), ("ание", "ать ывать аться ательный"), ("яние", "ять"),
    ("ировка", "ировать"), ("овка", "овать овить"), ("лка", "лить"),
    ("ействие", "ействовать"), ("ие", "вовать ный"), ("тие", "ть вать"),
    ("ка", "ить ять ать ывать ивать лять очный"), ("ь", "ный евой"), ("а", "ный ной овый ский ить"), ("я", "ный евой"),
    ("о", "ный ной"),
)  # fmt: skip
_ENDINGS = tuple(sorted(((a, tuple(b.split())) for a, b in _RULES), key=lambda rule: -len(rule[0])))


def _russian(word: str) -> Iterator[str]:
    if word.startswith("не") and len(word) > 6:
        # Kazakh denies inside the verb, and its stem stays: `неисполнение` is `орындамау`, filed with `орындау`.
        yield word[2:]
        yield from _russian(word[2:])
    if word.endswith(("ться", "тись", "чься")):
        plain = word[:-2]
        yield plain
        yield from _russian_verb(plain)
        return
    if word.endswith(("ть", "ти", "чь")) and not word.endswith(("ость", "есть")):
        yield f"{word}ся"
        yield from _russian_verb(word)
        return
    yield from _inside_root(word)
    if word.endswith("ение"):
        yield from _of_ение(word[:-4])
    fitting = [(ending, others) for ending, others in _ENDINGS if word.endswith(ending)]
    for ending, others in fitting:
        stem = word[: len(word) - len(ending)]
        if len(stem) >= _SHORTEST:
            yield from (stem + other for other in others)
    if word.endswith(("ный", "ной", "ский", "овый", "овой")):
        yield word[:-3] if word.endswith(("ный", "ной")) else word[:-4]
    elif word[-1] not in "аеиоуыэюяйьъ":
        yield from (word + ending for ending in ("ный", "ной", "овый", "овой", "ский", "ировать"))


def _inside_root(word: str) -> Iterator[str]:
    for ending, others in _BY_ENDING:
        if word.endswith(ending) and len(word) > len(ending):
            stem = word[: len(word) - len(ending)]
            if len(stem) >= 1:
                yield from (stem + other for other in others)
                return


def _of_ение(stem: str) -> Iterator[str]:
    """The verbs of a noun in -ение."""
    for ending in ("ить", "ять", "ать", "еть", "ивать"):
        yield stem + ending
    for soft, hards in _SOFTENED:
        if stem.endswith(soft):
            yield from (f"{stem[: len(stem) - len(soft)]}{hard}ить" for hard in hards)
    darkened = _with_last_vowel(stem, "о", "а")
    if darkened:
        yield f"{darkened}ивать"
    yield f"{stem}ительный"


def _russian_verb(word: str) -> Iterator[str]:
    yield from _inside_root(word)
    if word.endswith("овать"):
        stem = word[:-5]
        yield from (stem + e for e in ("ование", "ация", "овка", "ие", "овывать"))
        if stem.endswith("ир"):
            yield from (stem[:-2] + e for e in ("ация", "ия", "", "ный"))
            yield f"{stem}ованный"
        if stem.endswith("в"):
            yield f"{stem[:-1]}ие"
            yield f"{stem}о"
    elif word.endswith("авать"):
        yield from (word[:-5] + e for e in ("ать", "ание", "ача"))
    elif word.endswith(("ывать", "ивать")):
        stem = word[:-5]
        for root in (stem, _with_last_vowel(stem, "а", "о")):
            if root:
                yield from (root + e for e in ("ать", "ание", "ить", "ение", "ка", "еть", "овать"))
                if root.endswith("л"):
                    yield f"{root[:-1]}ить"
    elif word.endswith("ать"):
        stem = word[:-3]
        yield from (stem + e for e in ("ание", "ить", "ение", "ывать", "ка", "ательство", "ество", "ство"))
        yield from (root + "ить" for root in _exchanged(stem, _SOFTENED))
    elif word.endswith("ять"):
        stem = word[:-3]
        yield from (stem + e for e in ("ение", "ить", "яние", "ка"))
        if stem.endswith("л"):
            yield f"{stem[:-1]}ить"
            yield f"{stem[:-1]}ка"
    elif word.endswith("ить"):
        stem = word[:-3]
        yield from (stem + e for e in ("ение", "ять", "ать", "ивать", "ка", "ство", "ительство"))
        for root in _exchanged(stem, _HARDENED):
            yield from (root + e for e in ("ение", "ать", "ять"))
        darkened = _with_last_vowel(stem, "о", "а")
        if darkened:
            yield f"{darkened}ивать"
            yield f"{darkened}ливать"
    elif word.endswith("еть"):
        yield from (word[:-3] + e for e in ("ение", "ивать"))


def _exchanged(stem: str, table: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    for ending, others in table:
        if stem.endswith(ending):
            yield from (stem[: len(stem) - len(ending)] + other for other in others)


def _with_last_vowel(stem: str, old: str, new: str) -> str:
    """``stem`` with its last vowel, where that is ``old``, exchanged; else nothing."""
    for i in range(len(stem) - 1, 0, -1):
        if stem[i] in "аеиоуыэюя":
            return f"{stem[:i]}{new}{stem[i + 1 :]}" if stem[i] == old else ""
    return ""


# -- Kazakh

_VOWELS = "аәеёиоөуұүыіэюя"
_BACK = "аоұыуёюя"
_PASSIVE = ("ыл", "іл", "ын", "ін")
_CAUSATIVE = ("тыр", "тір", "дыр", "дір", "ғыз", "гіз", "қыз", "кіз")
_RELATIONAL = ("лық", "лік", "дық", "дік", "тық", "тік")
_POSSESSING = ("лы", "лі", "ды", "ді", "ты", "ті")
_NOMINAL = ("ым", "ім", "ма", "ме", "ба", "бе", "па", "пе", "м")


def _kazakh(word: str) -> Iterator[str]:
    yield from _without_voice(word)
    for endings in (_RELATIONAL, _POSSESSING):
        for ending in endings:
            if word.endswith(ending):
                stem = word[: -len(ending)]
                yield stem
                yield from (stem[: -len(e)] for e in _POSSESSING if stem.endswith(e))
    for ending in _NOMINAL:
        if word.endswith(ending):
            stem = word[: -len(ending)]
            yield stem
            yield from _without_voice(stem)
    if word[-1] in "аей":
        yield word[:-1]
    back = next((c in _BACK for c in reversed(word) if c in _VOWELS), True)
    y, a = ("ы", "ы") if back else ("і", "і")
    if word[-1] in _VOWELS:
        yield from (f"{word}л", f"{word}н", f"{word}т")
        yield f"{word}л{'ық' if back else 'ік'}"
        yield f"{word}л{y}"
    else:
        yield from (f"{word}{y}л", f"{word}{a}н", f"{word}т{y}р", f"{word}д{y}р", f"{word}{y}м")
        consonant = "т" if word[-1] in "бвгдкқпстфхцчшщ" else "л" if word[-1] in "руй" else "д"
        yield f"{word}{consonant}{'ық' if back else 'ік'}"
        yield f"{word}{consonant}{y}"


def _without_voice(word: str) -> Iterator[str]:
    for ending in (*_PASSIVE, *_CAUSATIVE):
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            yield word[: -len(ending)]
    if len(word) > 3 and word[-1] in "лнт" and word[-2] in _VOWELS:
        yield word[:-1]
