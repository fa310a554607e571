"""Which of a word's readings become its keys.

The cheapest reading always does. Beside it stand readings that cost nearly the same (the form is truly ambiguous), and
the origin of a stem that is an inflected form become a word: the verb of a verbal noun (жүргізу), the noun of a
postposition (кезінде), the numeral of an ordinal (екінші).
"""

from __future__ import annotations

from lawsearch.analysis.kazakh_lexicon import FROZEN, VERB
from lawsearch.analysis.kazakh_readings import Reader, Reading
from lawsearch.analysis.kazakh_suffixes import FINITE, NOMINALISER, NUMBER, TAIL

MAX_KEYS = 3
CLOSE = 60  # a rival reading this near to the best becomes a key too
CLOSE_TO_WHOLE = 110  # the same where the word is itself a listed root: жылы is warm, and a year's
# What a stem that is itself an inflected form may be cheaper by than the reading that shows of what.
NOMINALISED = 300
FROZEN_CASE = 650
FROZEN_CONVERB = 300

_ACCUSATIVES = frozenset(("ды", "ді", "ты", "ті"))
_PRIVATIVES = frozenset(("сыз", "сіз"))
_LOCAL_CASES = frozenset(("на", "не", "да", "де", "ан", "ен", "ғы", "гі", "ша", "ше"))


def chosen(reader: Reader, word: str) -> list[Reading]:
    """Return the readings that give a word of letters its keys, best first; one a key, at most three."""
    readings = reader.readings(word)
    if len(readings) < 2 or readings[0].basis == "unknown":
        return readings[:1]
    best = readings[0]
    first: list[Reading] = []
    found = [best]
    taken = {best.key}
    whole: Reading | None = None
    for rival in readings[1:]:
        if rival.key in taken:
            continue
        if best.basis == "closed" or _close(rival, best, word):
            found.append(rival)
            taken.add(rival.key)
        elif rival.basis == "listed" and not first and _shows_origin(reader, rival, best, word):
            (found if word[rival.cut :] in _ACCUSATIVES else first).append(rival)
            taken.add(rival.key)
        elif rival.key == word and rival.kind == FINITE:
            whole = rival
    found = first + found
    if whole is not None:  # a verb's bare stem is a key wherever it stands, so it must be found by itself
        found[MAX_KEYS - 1 :] = [whole]
    return found[:MAX_KEYS]


def _close(rival: Reading, best: Reading, word: str) -> bool:
    """Tell whether a rival costs so little more than the best reading that the form is truly ambiguous."""
    return rival.basis == best.basis and rival.cost - best.cost <= (CLOSE_TO_WHOLE if best.key == word else CLOSE)


def _shows_origin(reader: Reader, rival: Reading, best: Reading, word: str) -> bool:
    """Tell whether the best reading's stem is an inflected form that became a word, and the rival shows of what."""
    gap = rival.cost - best.cost
    if best.kind != TAIL:
        return False
    if rival.kind == NOMINALISER:  # жүргізу is жүргіз-у, сотталған is сотта-л-ған
        return rival.tail == best.cut and gap <= NOMINALISED
    if rival.cut >= best.cut:
        return False
    if rival.kind == NUMBER:  # екінші, екіншісі, бесеу
        return True
    if not reader.bits(best.key) & FROZEN or len(best.key) != best.cut:
        return False
    ending = word[rival.cut : best.cut]
    if best.key != word:
        return ending[-2:] in ("ғы", "гі") and len(ending) > 3
    if rival.kind != TAIL:  # бірлесіп
        return ending[-1] == "п" and len(rival.key) > 3 and gap <= FROZEN_CONVERB
    if ending in _ACCUSATIVES:  # қызметті: having a rank, or the service as an object
        return len(rival.key) == rival.cut
    if gap > FROZEN_CASE or ending in _PRIVATIVES:
        return False
    if len(ending) > 2 and ending[-2:] in _LOCAL_CASES:
        return True
    return len(rival.key) == rival.cut > 3
