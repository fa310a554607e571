"""Phrases that may be terms: runs of words of a text that make a noun phrase, with their dictionary form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from lawsearch.analysis import kazakh, stopwords
from lawsearch.analysis.analyzer import Token
from lawsearch.analysis.kazakh_sounds import VOWELS, harmony

_BREAK = re.compile(r"[,.;:()!?\n«»\"–—]")
MOST_WORDS = 5


class Phrase(NamedTuple):
    """Tokens ``first`` to ``last`` (inclusive) of a text, and the dictionary form of what they say."""

    first: int
    last: int
    form: str


def _runs(text: str, tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The stretches of tokens that no punctuation parts."""
    start = 0
    for i in range(1, len(tokens) + 1):
        if i == len(tokens) or _BREAK.search(text, tokens[i - 1].end, tokens[i].start):
            yield start, i
            start = i


def _printed(text: str, tokens: Sequence[Token]) -> list[str]:
    """The words as printed, but for the capital that only opens a sentence."""
    words = [text[t.start : t.end] for t in tokens]
    before = text[: tokens[0].start].rstrip(' "«(')
    if (not before or before[-1] in ".:;\n") and not words[0].isupper():
        words[0] = words[0][:1].lower() + words[0][1:]
    return words


# -- Russian --------------------------------------------------------------------------------------------------------------

#: Adjectives that point instead of naming.
_POINTING = frozenset(
    """настоящий данный указанный свой иной другой каждый весь все тот этот такой который какой любой сам самый один наш
    ваш их его ее соответствующий следующий вышеуказанный названный""".split()
)


@lru_cache(maxsize=1 << 15)
def _russian(form: str) -> tuple[Any, ...]:
    from lawsearch.analysis import russian

    return tuple(p for p in russian.parses(form) if p.score >= 0.02)


def _is(form: str, *parts: str) -> bool:
    return any(p.tag.POS in parts for p in _russian(form))


def russian_phrases(text: str, tokens: Sequence[Token]) -> list[Phrase]:
    """Noun phrases: a noun with the adjectives before it and the nouns (in a case) behind it; single adjectives too."""
    found = []
    for start, end in _runs(text, tokens):
        for first in range(start, end):
            if not _opens(tokens[first].form):
                continue
            for last in range(first, min(end, first + MOST_WORDS)):
                if not _may_stand_inside(tokens[last].form):
                    break
                form = _russian_form(text, tokens[first : last + 1])
                if form is not None:
                    found.append(Phrase(first, last, form))
    return found


def _opens(form: str) -> bool:
    return _may_stand_inside(form) and _is(form, "NOUN", "ADJF", "PRTF")


def _may_stand_inside(form: str) -> bool:
    parses = _russian(form)
    if not parses or form in stopwords.RUSSIAN or form[0].isdigit() or not form.replace("-", "").isalpha():
        return False
    best = parses[0]
    if best.tag.POS not in ("NOUN", "ADJF", "PRTF") or best.normal_form in _POINTING or "Apro" in best.tag:
        return False
    return not {"Surn", "Patr"} & set(best.tag.grammemes)


def _russian_form(text: str, tokens: Sequence[Token]) -> str | None:
    """The dictionary form, None where the words make no phrase: adjectives that agree, a head, nouns that depend on it."""
    words = _printed(text, tokens)
    best = [_russian(t.form)[0] for t in tokens]
    head = next((i for i, p in enumerate(best) if p.tag.POS == "NOUN"), None)
    if head is None:
        if len(tokens) > 1:
            return None
        # `основные` is of основной, though the dictionary has основный too.
        of_stress = [p for p in _russian(tokens[0].form) if p.normal_form.endswith("ой")]
        return _cased(words[0], _inflected((of_stress or best)[0], {"nomn", "sing", "masc"}))
    noun = best[head]
    if len(tokens) > head + 1 and not _depends(tokens[head + 1 :]):
        return None
    plural_only = "Pltm" in noun.tag
    number = "plur" if plural_only else "sing"
    shown = []
    for i, parse in enumerate(best[: head + 1]):
        if i < head:
            if noun.tag.case is not None and not any(
                p.tag.POS in ("ADJF", "PRTF") and p.tag.case == noun.tag.case for p in _russian(tokens[i].form)
            ):
                # Another case than the head's: not its adjective.
                cases = {p.tag.case for p in _russian(tokens[head].form) if p.tag.POS == "NOUN"}
                if not any(p.tag.case in cases for p in _russian(tokens[i].form) if p.tag.POS in ("ADJF", "PRTF")):
                    return None
            wanted = {"nomn", number} if number == "plur" else {"nomn", "sing", noun.tag.gender or "masc"}
            shown.append(_cased(words[i], _inflected(parse, wanted)))
        else:
            shown.append(_cased(words[i], _inflected(parse, {"nomn", number})))
    if any(s is None for s in shown):
        return None
    return " ".join([*(s for s in shown if s), *words[head + 1 :]])


def _depends(tokens: Sequence[Token]) -> bool:
    """True for the rest of a phrase behind its head: each noun in an oblique case, each adjective before such a noun."""
    if not _is(tokens[-1].form, "NOUN"):
        return False
    for token in tokens:
        cases = {p.tag.case for p in _russian(token.form) if p.tag.POS in ("NOUN", "ADJF", "PRTF")}
        if not cases & {"gent", "datv", "ablt"}:
            return False
    return True


def _inflected(parse: Any, wanted: set[str]) -> str | None:
    form = parse.inflect(wanted)
    return None if form is None else str(form.word).replace("ё", "е")


def _cased(printed: str, word: str | None) -> str | None:
    """``word`` with the capital that the printed form has (only proper names keep one inside a sentence)."""
    return word[:1].upper() + word[1:] if word and printed[:1].isupper() else word


# -- Kazakh ---------------------------------------------------------------------------------------------------------------

_KAZAKH_POINTING = frozenset(
    """осы бұл ол сол өз өзі өзге басқа барлық әр әрбір кез келген тиісті тиіс мынадай осындай мұндай сондай бір екі жоқ
    бар қажет керек мүмкін болып табылады түрде арқылы бойынша туралы жөніндегі жөнінде үшін кейін дейін негізінде
    мақсатында шеңберінде орай байланысты сәйкес қатысты алғанда қоса оның олардың егер ретінде түрінде ғана қарай
    жағдайда жағдайларда тұрғыдан атынан атап айтқанда өзара сондай-ақ арналған оған басында кезінде""".split()
)
_CASES = frozenset(
    ("genitive", "dative", "accusative", "locative", "ablative", "instrumental", "attributive", "link", "belonging")
)
_INNER = frozenset(("poss3", "plural", "verbal noun"))
_ADJECTIVAL = (
    "лық", "лік", "дық", "дік", "тық", "тік", "лы", "лі", "ды", "ді", "ты", "ті", "сыз", "сіз", "ғы", "гі", "қы", "кі",
    "ған", "ген", "қан", "кен", "атын", "етін", "йтын", "йтін",
)  # fmt: skip


def kazakh_phrases(text: str, tokens: Sequence[Token]) -> list[Phrase]:
    """Runs of words whose last is a noun or a verbal noun (the head stands last), and single adjectives."""
    found = []
    for start, end in _runs(text, tokens):
        for last in range(start, end):
            for first in range(last, max(start, last - MOST_WORDS + 1) - 1, -1):
                word = tokens[first].form
                if word in _KAZAKH_POINTING or word in stopwords.KAZAKH or not word.replace("-", "").isalpha():
                    break
                form = _kazakh_form(text, tokens[first : last + 1])
                if form is not None:
                    found.append(Phrase(first, last, form))
    return found


@lru_cache(maxsize=1 << 15)
def _path(form: str) -> tuple[tuple[str, str], ...]:
    return tuple((step.text, step.name) for step in kazakh.explain(form).path)


def _kazakh_form(text: str, tokens: Sequence[Token]) -> str | None:
    """The dictionary form: the last word without case, number, and a possessive that nothing in the phrase asks for."""
    words = _printed(text, tokens)
    path = _path(tokens[-1].form)
    names = [name for _, name in path[1:]]
    if len(tokens) > 1 and not _opens_kazakh(tokens[0].form, verbal="verbal noun" in names):
        return None
    if any(name not in _CASES and name not in _INNER and not name.endswith("(kept)") for name in names):
        return None
    if any(_owned_outside(tokens, i) for i in range(len(tokens) - 1)):
        return None
    possessed = "poss3" in names and (
        (len(tokens) > 1 and not _adjectival(tokens[-2].form)) or any(_path(t.form)[-1][1] == "genitive" for t in tokens[:-1])
    )
    stem = _stem(tokens[-1].form, path)
    last = _possessed(stem) if possessed else stem
    printed = words[-1]
    last = last[:1].upper() + last[1:] if printed[:1].isupper() and len(tokens) == 1 else last
    return " ".join([*(w if w[:1].isupper() else w.lower() for w in words[:-1]), last])


def _opens_kazakh(form: str, *, verbal: bool) -> bool:
    """False for a word whose case ties it to what stands outside the phrase; a verbal noun has an object."""
    names = [name for _, name in _path(form)[1:]]
    if verbal and names[-1:] == ["accusative"]:
        return True
    return (
        not names
        or names[-1] in ("genitive", "dative", "poss3", "plural", "attributive", "belonging", "verbal noun")
        or all(name.endswith("(kept)") or "participle" in name for name in names)
    )


def _adjectival(form: str) -> bool:
    names = [name for _, name in _path(form)[1:]]
    return form.endswith(_ADJECTIVAL) and not (names and names[-1] in ("genitive", "accusative"))


def _owned_outside(tokens: Sequence[Token], place: int) -> bool:
    """True for a possessive object whose owner the phrase lacks: `дамуына | жәрдемдесу` of `елдің дамуына`."""
    names = [name for _, name in _path(tokens[place].form)[1:]]
    if "poss3" not in names or names[-1] not in ("accusative", "dative"):
        return False
    return place == 0 or _adjectival(tokens[place - 1].form)


def cuts_compound(form: str, following: str) -> bool:
    """True where a bare verbal noun is followed by a noun that its possessive ties to it: `іске асырылу | барысы`."""
    names = [name for _, name in _path(form)[1:]]
    return names[-1:] == ["verbal noun"] and "poss3" in [name for _, name in _path(following)[1:]]


def _stem(form: str, path: Sequence[tuple[str, str]]) -> str:
    stem = path[0][0]
    for text, name in path[1:]:
        if name == "verbal noun":
            # As printed: the ending may have changed the stem (оқы + у is оқу).
            tail = "".join(t for t, _ in path[path.index((text, name)) + 1 :])
            return form.removesuffix(tail)
        if name.endswith("(kept)"):
            stem += text
    return stem


def _possessed(stem: str) -> str:
    """A noun with the possessive of the third person: министрлік -> министрлігі, сала -> саласы."""
    from lawsearch.analysis.kazakh_sounds import FRONT

    front = harmony(stem) == FRONT
    if stem[-1] in VOWELS and stem[-1] not in "уи":
        return stem + ("сі" if front else "сы")
    if stem.endswith(("у", "и")):
        return stem + ("і" if front else "ы")
    voiced = {"қ": "ғ", "к": "г", "п": "б"}
    return stem[:-1] + voiced.get(stem[-1], stem[-1]) + ("і" if front else "ы")
