"""Which acts a title, a part of one, or a number names. The same look-up serves the build (cross-references between acts)
and a query (`law:`, `статья 5 закона об органах внутренних дел`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from lawsearch.analysis import stopwords, tokens
from lawsearch.analysis.analyzer import Analyzer, analyse, word_keys
from lawsearch.analysis.letters import fold
from lawsearch.law import LANGS, Lang

#: Words that every title may have and none is told by.
_COMMON = re.compile(r"(?:заң(?:[ыіндғт].*)?|закон.{0,3}|республика.*|республики|қазақстан.*|казахстан.*|рк|қр)\Z")
# A numeral of one letter is folded as a letter (`10-I` -> `10-і`).
_NUMBER = re.compile(r"\d{1,4}-[ivxlcdmі]+\Z")
#: Abbreviations are of runs of words among so many at a title's beginning, of so many initials at most.
_ABBREVIATED = 10
_INITIALS = 5


def keys_of_act(law: str, titles: Mapping[Lang, str], number: object, analyzer: Analyzer) -> set[str]:
    """What an act is found under: its identifier, its number, the keys of its titles' words."""
    found = {f"={law.casefold()}"}
    if isinstance(number, str):
        found |= {f"№{fold(word)}" for word in tokens.words(number) if _NUMBER.match(fold(word))}
    for lang, title in titles.items():
        for form in _telling(title):
            found.update(word_keys(analyzer.word(form, lang)))
        found |= {f"~{short}" for short in _abbreviations(title)}
    return found


def _telling(text: str) -> list[str]:
    return [f for f in _naming(text) if f not in stopwords.KAZAKH and f not in stopwords.RUSSIAN]


def _naming(text: str) -> list[str]:
    forms = [fold(word) for word in tokens.words(text)]
    return [f for f in forms if not _COMMON.match(f) and not _NUMBER.match(f)]


def _abbreviations(title: str) -> set[str]:
    """What people may call an act, or what it is about, by initials: `овд`, `гк`, `упк`, `коап`, `әқбтк`."""
    found = set()
    for words in (_telling(title), _naming(title)):
        initials = [part[0] for word in words[:_ABBREVIATED] for part in word.split("-") if part]
        for start in range(len(initials)):
            found |= {"".join(initials[start:end]) for end in range(start + 2, min(start + _INITIALS, len(initials)) + 1)}
    return found


def acts_named(name: str, acts_under: Callable[[str], Collection[int]], title_size: Callable[[int], int]) -> list[int]:
    """The acts that ``name`` names: by identifier, by number, or by words all of which stand in the title, as such or as the
    initials of several (`закон об ОВД`).

    Of several whose titles hold the words, those are meant whose titles have the fewest other words.
    """
    exact = acts_under(f"={name.strip().casefold()}")
    if exact:
        return sorted(exact)
    for word in tokens.words(name):
        if _NUMBER.match(fold(word)):
            return sorted(acts_under(f"№{fold(word)}"))
    forms = _telling(name)
    if not forms:
        return []
    common: set[int] | None = None
    for form in forms:
        here: set[int] = set()
        for lang in LANGS:
            for key in analyse(form, lang).keys:
                here.update(acts_under(key))
        if not here and len(form) <= _INITIALS:
            here.update(acts_under(f"~{form}"))
        common = here if common is None else common & here
        if not common:
            return []
    found = sorted(common or ())
    fewest = min((title_size(act) for act in found), default=0)
    return [act for act in found if title_size(act) == fewest]
