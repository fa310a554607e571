"""Checking a term file: what is wrong with which line, and what to write instead.

Each rule is a small function over one row (`ROW_RULES`) or over all rows (`FILE_RULES`). Heads of Russian expressions are
judged by pymorphy3's parses, last words of Kazakh ones by the stemmer's path: a rule speaks only where no reading is sound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from lawsearch.analysis import kazakh
from lawsearch.analysis.letters import KAZAKH_ONLY, as_cyrillic, fold, roman
from lawsearch.law import LANGS, Lang
from lawsearch.terms.termbase import COLUMNS, DOMAINS, FREE_SOURCES, STATUSES

if TYPE_CHECKING:
    from lawsearch.terms.occurrence import Occurrences


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a term file, whatever it holds."""

    line: int
    kk: str
    ru: str
    domain: str
    source: str
    status: str
    note: str = ""

    def side(self, lang: Lang) -> str:
        return self.kk if lang == "kk" else self.ru


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of a line, and what to write instead (empty where only a person can tell).

    A ``remark`` is worth knowing but no fault of the line.
    """

    row: Row
    rule: str
    what: str
    instead: str = ""
    remark: bool = False


RowRule = Callable[[Row], Iterator[Finding]]

_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z\u0180-\u024f\u0250-\u02af]")
_EDGES = re.compile(r"\A[\s.,;:!?–—-]|[\s.,;:!?–—]\Z|\s{2,}|[\u0000-\u001f\u00a0\u00ad\u200b-\u200f\u2028-\u202f\ufeff]")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
#: A side with so many more words may be so many times as long as the other (characters); more words still are too many.
_LONG = 4
_LONGER = 6.0
_MORE_WORDS = 5


def read_rows(text: str) -> tuple[list[Row], list[Finding]]:
    """The rows of a term file and the lines that are none. Never raises: a broken line is a finding."""
    rows: list[Row] = []
    broken: list[Finding] = []
    begun = False
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        row = Row(number, *(c for c in (*cells, *[""] * len(COLUMNS))[: len(COLUMNS)]))
        if not begun:
            begun = True
            if tuple(cells) != COLUMNS:
                broken.append(Finding(row, "header", "the first line does not name the columns", "\t".join(COLUMNS)))
            continue
        if len(cells) != len(COLUMNS):
            broken.append(Finding(row, "columns", f"{len(cells)} columns where {len(COLUMNS)} belong"))
            continue
        rows.append(row)
    return rows, broken


def check(rows: Sequence[Row], occurrences: Occurrences | None = None) -> list[Finding]:
    """All findings, by line. ``occurrences`` (None: sources are not looked up) knows the acts that sources name."""
    found = [f for row in rows for rule in ROW_RULES for f in rule(row)]
    for rule in FILE_RULES:
        found += rule(rows)
    if occurrences is not None:
        found += [f for row in rows for f in _source(row, occurrences)]
    return sorted(found, key=lambda f: (f.row.line, f.rule))


# -- rules for one row --------------------------------------------------------------------------------------------------


def empty_side(row: Row) -> Iterator[Finding]:
    """Both sides say something."""
    for lang in LANGS:
        if not _WORDS.search(row.side(lang)):
            yield Finding(row, "empty", f"the {lang} side has no word")


def edges(row: Row) -> Iterator[Finding]:
    """No stray spaces, punctuation or invisible characters."""
    for lang in LANGS:
        text = row.side(lang)
        if text and _EDGES.search(text):
            clean = re.sub(r"[\u0000-\u001f\u00ad\u200b-\u200f\u2028-\u202f\ufeff]", "", text)
            yield Finding(
                row,
                "edges",
                f"stray space, punctuation or invisible character in {lang}",
                " ".join(clean.split()).strip(" .,;:!?–—-"),
            )


def mixed_letters(row: Row) -> Iterator[Finding]:
    """No word mixes alphabets; Russian has no Kazakh letter."""
    for lang in LANGS:
        for word in re.findall(r"[^\W_]+", row.side(lang)):
            if _CYRILLIC.search(word) and _LATIN.search(word) and roman(word) is None:
                yield Finding(row, "mixed letters", f"{word}: Latin and Cyrillic letters in one word", as_cyrillic(word))
    alien = sorted({ch for ch in row.ru.lower() if ch in KAZAKH_ONLY})
    if alien:
        yield Finding(row, "mixed letters", f"Kazakh letters in the Russian side: {' '.join(alien)}")


def unbalanced(row: Row) -> Iterator[Finding]:
    """The sides are of comparable length, abbreviations apart."""
    kk, ru = row.kk.strip(), row.ru.strip()
    if not kk or not ru or _abbreviated(kk) or _abbreviated(ru):
        return
    many = abs(len(kk.split()) - len(ru.split()))
    if many > _MORE_WORDS or (many >= _LONG and max(len(kk), len(ru)) > _LONGER * min(len(kk), len(ru))):
        yield Finding(row, "unbalanced", f"{len(kk.split())} words against {len(ru.split())}")


def _abbreviated(text: str) -> bool:
    return any(len(w) > 1 and w.isupper() for w in _WORDS.findall(text))


def known_values(row: Row) -> Iterator[Finding]:
    """Domain and status are among those that there are."""
    if row.domain not in DOMAINS:
        yield Finding(row, "domain", f"unknown domain {row.domain!r}; one of {', '.join(sorted(DOMAINS))}")
    if row.status not in STATUSES:
        yield Finding(row, "status", f"unknown status {row.status!r}; one of {', '.join(STATUSES)}")


#: Cases that never end a term; those that may, in an adverb (`заңмен`, `мақсатында`), are faulted only beside a noun.
_INNER_CASES = frozenset(("genitive", "accusative"))
_CASES = _INNER_CASES | {"dative", "locative", "ablative", "instrumental"}
_FINITE = frozenset(("past", "present3", "conditional", "optative", "intention", "desiderative", "converb a", "converb p"))


def kazakh_form(row: Row) -> Iterator[Finding]:
    """The last Kazakh word is in dictionary form: nominative, verbal noun in -у, or a participle used as an adjective."""
    words = _WORDS.findall(row.kk)
    if not words or words[-1].isupper() or _head_class(row.ru) in ("adverbial", "attribute"):
        return
    last = fold(words[-1])
    suffix = _oblique(last)
    if suffix is None:
        return
    name, piece = suffix
    if name not in _INNER_CASES and _head_class(row.ru) == "oblique":
        return
    instead = _with_last(row.kk, words[-1], last.removesuffix(piece))
    yield Finding(row, "kk form", f"{words[-1]}: {name} ({piece}) at the end of a term", instead)


@lru_cache(maxsize=1 << 16)
def _oblique(word: str) -> tuple[str, str] | None:
    """The case ending or finite verb ending that ``word`` ends in by its best reading, where none ends in a sound form."""
    if word in _sound_forms() or ("-" in word and not kazakh.known(word)):
        return None
    explanation = kazakh.explain(word)
    if explanation.basis not in ("listed", "derived") or word in explanation.keys or len(explanation.path) < 2:
        return None
    last = explanation.path[-1]
    if not last.text:
        # A bare stem is an order only by the way: `өтпе` is a crossing first.
        return None
    if not _ends_oblique(explanation.path) or any(not _ends_oblique(r.path) for r in explanation.others):
        return None
    if last.name not in _CASES and ("-" in word or word.endswith(_ABSTRACT)):
        # `достастық` is a noun, whatever verb could be read into it; nor is a pair of verbs (`ұрып-соқты`) a sentence.
        return None
    return last.name, last.text


_ABSTRACT = ("лық", "лік", "дық", "дік", "тық", "тік")


def _ends_oblique(path: Sequence[Any]) -> bool:
    name = path[-1].name if path else ""
    return name in _CASES or name in _FINITE or name.startswith(("person", "imperative"))


def _with_last(text: str, last: str, stem: str) -> str:
    head = text[: text.rindex(last)]
    return f"{head}{last[: len(stem)]}"


#: Kazakh words that are a predicate by themselves.
_PREDICATIVES = frozenset(("бар", "жоқ", "тиіс", "қажет", "керек", "мүмкін"))
_TRUNCATED = re.compile(r"\w-(?:\W|\Z)")
_PREPOSITIONS = frozenset(
    """в во на с со к ко о об обо от до из у за по под над при для без через между среди против вместо кроме после перед
    около ради сверх путем вследствие согласно вопреки вне внутри мимо сквозь помимо исходя ввиду несмотря не ни также
    как если либо или и что чтобы наряду тем""".split()
)


@lru_cache(maxsize=1 << 16)
def _head_class(russian: str) -> str:
    """What a Russian expression is by its head: ``noun`` and ``verb`` are dictionary forms, ``attribute`` an adjective or
    participle (with what depends on it), ``adverbial`` begins with a preposition or is an adverb; ``oblique`` and
    ``finite`` are forms that no dictionary lists; ``unknown`` where the dictionary lacks the word that decides.
    """
    words = _WORDS.findall(russian)
    forms = [fold(w) for w in words]
    if not forms or _TRUNCATED.search(russian) or russian in _sound_forms():
        return "unknown"
    if forms[0] in _PREPOSITIONS or (len(forms) <= 2 and _is(forms[0], "ADVB", "PREP", "CONJ", "PRCL", "PRED", "GRND", "COMP")):
        return "adverbial"
    if any(_is(form, "INFN") for form in forms[:3]):
        return "verb"
    attribute = False
    for i, form in enumerate(forms):
        parses = _parses(form)
        if not parses or words[i].isupper() or "-" in form:
            return "unknown"
        if form in _PREPOSITIONS:
            break
        if any(p.tag.POS == "NOUN" and (p.tag.case == "nomn" or p.normal_form.replace("ё", "е") == form) for p in parses):
            return "noun"
        if any(p.tag.POS in ("ADJF", "PRTF", "ADJS", "PRTS", "NUMR", "NPRO") and p.tag.case in (None, "nomn") for p in parses):
            attribute = True
        elif _is(form, "NOUN", "ADJF", "PRTF"):
            # Behind a nominative adjective or participle anything oblique depends on it: `установленный законом`.
            if not attribute and _later_noun(forms[i + 1 :]):
                return "noun"
            return "attribute" if attribute else "oblique"
        elif _is(form, "VERB"):
            return "finite"
        elif not _is(form, "ADVB", "PRCL", "CONJ", "COMP", "PRED", "NUMR"):
            return "unknown"
    return "attribute" if attribute else "adverbial"


def _later_noun(forms: Sequence[str]) -> bool:
    """True where a nominative follows an attribute in the genitive: `средней тяжести вред`."""
    for form in forms:
        if form in _PREPOSITIONS:
            return False
        parses = [p for p in _parses(form) if p.tag.POS == "NOUN"]
        if parses and parses[0].tag.case in ("nomn", "accs"):
            return True
    return False


@cache
def _sound_forms() -> frozenset[str]:
    """Expressions and last words that the rules would misjudge."""
    text = (resources.files("lawsearch.terms") / "sound_forms.txt").read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def russian_form(row: Row) -> Iterator[Finding]:
    """The head of the Russian side is in dictionary form: nominative, infinitive; or it is an adverbial expression."""
    kind = _head_class(row.ru)
    words = _WORDS.findall(row.ru)
    last = fold((_WORDS.findall(row.kk) or [""])[-1])
    if kind in ("finite", "oblique") and last in _PREDICATIVES:
        # `құқығы бар = имеет право`, `тиіс = должен`: Kazakh has no other form either.
        return
    if kind == "finite":
        verb = next(p for w in words for p in _parses(fold(w)) if p.tag.POS == "VERB")
        yield Finding(row, "ru form", f"{verb.word}: a finite verb", row.ru.replace(verb.word, verb.normal_form, 1))
    elif kind == "oblique":
        if _oblique(last) is not None or _attributive(last):
            # `тәсілмен = способом`, `жалпы пайдаланылатын = общего пользования`: both sides are used so.
            return
        yield Finding(row, "ru form", f"{words[0]}: not the nominative", _inflected(row.ru, words))


def _attributive(word: str) -> bool:
    if word.endswith(("лы", "лі", "ды", "ді", "ты", "ті")):
        return True
    return bool(word) and kazakh.explain(word).path[-1].name in (
        "present participle",
        "past participle",
        "attributive",
        "belonging",
        "aorist",
    )


def _is(form: str, *parts: str) -> bool:
    return any(p.tag.POS in parts for p in _parses(form))


def _inflected(text: str, words: Sequence[str]) -> str:
    """``text`` with its first noun, and the adjectives before it, put into the nominative."""
    chosen: list[tuple[str, Any]] = []
    for word in words:
        parses = _parses(fold(word))
        noun = next((p for p in parses if p.tag.POS == "NOUN"), None)
        chosen.append((word, noun or parses[0]))
        if noun is not None:
            break
    number = chosen[-1][1].tag.number
    for word, parse in chosen:
        form = parse.inflect({"nomn", number} if number else {"nomn"})
        if form is not None:
            text = text.replace(word, form.word, 1)
    return text


@lru_cache(maxsize=1 << 16)
def _parses(word: str) -> list[Any]:
    """pymorphy3's parses of a word, best first; words that its dictionary lacks have none."""
    from lawsearch.analysis import russian

    return russian.parses(word) if russian.known(word) else []


ROW_RULES: tuple[RowRule, ...] = (empty_side, edges, mixed_letters, unbalanced, known_values, kazakh_form, russian_form)


# -- rules for the whole file ---------------------------------------------------------------------------------------------


def duplicates(rows: Sequence[Row]) -> Iterator[Finding]:
    """No pair stands twice."""
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = (_same(row.kk), _same(row.ru))
        if key in first:
            yield Finding(row, "duplicate", f"the same pair as in line {first[key].line}", "remove the line")
        else:
            first[key] = row


def one_preferred(rows: Sequence[Row]) -> Iterator[Finding]:
    """At most one pair of a Kazakh expression is preferred, and at most one of a Russian one."""
    for lang in LANGS:
        first: dict[str, Row] = {}
        seen: set[tuple[str, str]] = set()
        for row in rows:
            pair = (_same(row.kk), _same(row.ru))
            if row.status != "preferred" or pair in seen:
                continue
            seen.add(pair)
            key = _same(row.side(lang))
            if key in first:
                other = first[key]
                shown = f"{other.kk} = {other.ru}"
                yield Finding(
                    row, f"preferred {lang}", f"{row.side(lang)} has a preferred pair in line {other.line} ({shown})", "variant"
                )
            else:
                first[key] = row


def _same(text: str) -> str:
    """What two spellings of one expression have in common. Capitals count: `Президент` is an office, `президент` a word."""
    return " ".join(w if w[:1].isupper() and not w.isupper() else fold(w) for w in text.split())


FILE_RULES: tuple[Callable[[Sequence[Row]], Iterable[Finding]], ...] = (duplicates, one_preferred)


# -- sources --------------------------------------------------------------------------------------------------------------


def _source(row: Row, occurrences: Occurrences) -> Iterator[Finding]:
    if row.source in FREE_SOURCES or not row.source:
        if not row.source:
            yield Finding(row, "source", "no source", "general")
        return
    if not occurrences.has_law(row.source):
        return
    if not occurrences.has(row.source):
        yield Finding(row, "source", f"{row.source}: no such provision", occurrences.first(row.kk) or "general")
    elif not occurrences.holds(row.source, row.kk):
        seen = occurrences.seems_to_hold(row.source, row.kk)
        instead = "" if seen else occurrences.first(row.kk) or "general"
        what = f"{row.kk} does not occur in {row.source}" + (" in a form that its key answers to" if seen else "")
        yield Finding(row, "source", what, instead, remark=seen)
