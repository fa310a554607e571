"""Sounds of Kazakh: classes of finals, vowel harmony, and the alternations a suffix causes in its stem.

Everything here speaks of written, lower-case Kazakh. A *surface* stem is what is left of a word when a suffix is cut
off (`құқығ|ы`); a *restored* stem is the dictionary's (`құқық`). Each alternation is a small named function from the
surface stem to the stems it may stand for; `ALTERNATIONS` lists them in the order they are tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

BACK_VOWELS = "аоұы"
FRONT_VOWELS = "әеөүіэ"
# `я` and `ё` are written in loans and at seams such as қой-а -> қоя, where the vowel inside is back.
VOWELS = BACK_VOWELS + FRONT_VOWELS + "яё"
# `и у ю` are a vowel and a glide at once (ый, ұу, йұу): a suffix treats them as consonants (би-і, тау-ы, жою-ы).
GLIDES = "уию"

SYLLABIC = frozenset(VOWELS + GLIDES)

#: One bit for each class of final sound that the suffix tables name.
CLASS_BITS = {"V": 1, "R": 2, "L": 4, "M": 8, "Z": 16, "T": 32, "D": 64, "K": 128}
CONSONANT_BITS = 2 | 4 | 8 | 16 | 32 | 64

_CLASS_LETTERS = {
    "V": VOWELS,
    "R": "рйуию",
    "L": "л",
    "M": "мнң",
    "Z": "зж",
    "T": "кқпстфхһцчшщ",
    "D": "бвгғд",
}
CLASS_OF: dict[str, int] = {letter: CLASS_BITS[name] for name, letters in _CLASS_LETTERS.items() for letter in letters}

ANY, BACK, FRONT = 0, 1, 2
HARMONY_OF: dict[str, int] = (
    dict.fromkeys(BACK_VOWELS + "я", BACK) | dict.fromkeys(FRONT_VOWELS, FRONT) | dict.fromkeys("иё", ANY)
)

VOICED_TO_VOICELESS = {"б": "п", "г": "к", "ғ": "қ"}
VOICED_OF = {voiceless: voiced for voiced, voiceless in VOICED_TO_VOICELESS.items()}
VOICELESS_THAT_VOICE = "пкқ"
LONGEST_ELIDED = 5
DOUBLED = frozenset("слмнтпф")
MERGED = {"с": "т", "з": "д"}
WOMEN = ("ова", "ева", "ина")  # ends of surnames
CONSONANTS = frozenset("бвгғджзйклмнңпрстфхһцчшщқ")


def final_class(stem: str) -> int:
    """Return the class bits of a stem's end; K is added to the class proper, 0 means the end is no Kazakh letter."""
    if not stem:
        return 0
    last = stem[-1]
    if last in "ьъ":
        return (CLASS_OF.get(stem[-2], 32) if len(stem) > 1 else 32) | 128
    bits = CLASS_OF.get(last, 0)
    if len(stem) > 2 and last in CONSONANTS and stem[-2] in CONSONANTS:
        bits |= 128
    return bits


def harmony(stem: str) -> int:
    """Return BACK or FRONT by the last vowel that shows it, ANY where none does (or `и`, which goes with either)."""
    for letter in reversed(stem):
        value = HARMONY_OF.get(letter)
        if value is not None:
            return value
    return ANY


def devoiced(surface: str) -> Iterator[str]:
    """кітаб-ы is кітап, құқығ-ы is құқық, министрліг-і is министрлік: п к қ voice between vowels, and there only.

    қорғ-ады is no form of қорқ-, nor is күзг-і one of *күзк.
    """
    if surface[-1:] in VOICED_TO_VOICELESS and surface[-2:-1] in SYLLABIC:
        yield surface[:-1] + VOICED_TO_VOICELESS[surface[-1]]


def elidable(surface: str) -> bool:
    """Tell whether a surface stem may have lost a narrow vowel: short, or a compound of орын, and ending like one."""
    if not 2 < len(surface) < LONGEST_ELIDED and not surface.endswith("орн"):
        return False
    before, last = surface[-2], surface[-1]
    return (before == "у" and last in "зспрт") or (before in CONSONANTS and last in "нқкпзлр" and before != last)


def filled(surface: str) -> Iterator[str]:
    """орн-ы is орын, халқ-ы is халық, ауз-ы is ауыз: a narrow vowel of a short stem's last syllable falls out.

    The glide `у` may hide a front vowel after a back one: қауп-і is қауіп.
    """
    if elidable(surface):
        front = harmony(surface) == FRONT
        for vowel in "і" if front else "ыі" if surface[-2] == "у" else "ы":
            yield surface[:-1] + vowel + surface[-1]


def softened(surface: str) -> Iterator[str]:
    """автомобил-і is автомобиль, парол-дер is пароль: a loan's soft sign falls before a vowel, of late before any suffix."""
    if surface[-1:] in ("л", "н", "р", "т", "с"):
        yield surface + "ь"


def merged(surface: str) -> Iterator[str]:
    """турис-тер is турист, поез-дар is поезд: a loan's last т or д is written once before a suffix in т or д."""
    if len(surface) > LONGEST_ELIDED - 2 and surface[-1] in MERGED:
        yield surface + MERGED[surface[-1]]


def doubled(surface: str) -> Iterator[str]:
    """процес-ке is процесс, конгрес-і is конгресс: a loan's double consonant is written once before a suffix."""
    if surface and surface[-1] in DOUBLED:
        yield surface + surface[-1]


def masculine(surface: str) -> Iterator[str]:
    """асқарова is асқаров: a surname of a woman and that of her brother are one word."""
    if len(surface) > LONGEST_ELIDED and surface.endswith(WOMEN):
        yield surface[:-1]


#: Alternations of a stem's end, in the order they are tried. Voicing and elision are met before a suffix that begins
#: with a vowel; a soft sign after л and the second of a double consonant fall before any, the т of -ст before one in т.
ALTERNATIONS: tuple[tuple[str, Callable[[str], Iterator[str]]], ...] = (
    ("voicing", devoiced),
    ("elision", filled),
    ("soft sign", softened),
    ("double consonant", doubled),
    ("final т or д merged", merged),
    ("surname", masculine),
)

#: What a suffix swallowed, by the mark in the tables: the code of the compiled rows, and the sounds to give back.
SWALLOWED: dict[str, tuple[int, str, tuple[str, ...]]] = {
    "": (0, "", ("",)),
    "й": (1, "й merged into я or ю", ("й",)),
    "ы": (2, "final ы or і merged into the suffix", ("ы", "і")),
    "п": (3, "п weakened to у", ("п",)),
}
