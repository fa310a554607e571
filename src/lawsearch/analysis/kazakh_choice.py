"""Which of a word's readings become its keys.

The cheapest reading always does. Beside it stand readings that cost nearly the same (the form is truly ambiguous), and
the origin of a stem that is an inflected form become a word: the verb of a verbal noun (жүргізу), the noun of a
postposition (кезінде), the numeral of an ordinal (екінші). Last comes the active verb of a passive.
"""

from __future__ import annotations

from lawsearch.analysis.kazakh_cuts import Reading
from lawsearch.analysis.kazakh_lexicon import COMMON, FROZEN, THING, VERB
from lawsearch.analysis.kazakh_readings import Reader
from lawsearch.analysis.kazakh_sounds import SYLLABIC, VOICED_TO_VOICELESS, VOWELS
from lawsearch.analysis.kazakh_suffixes import FINITE, NOMINALISER, NUMBER, TAIL

MAX_KEYS = 3
CLOSE = 35  # a rival reading this near to the best becomes a key too
CLOSE_TO_WHOLE = 110  # the same where the word is itself a listed root: жылы is warm, and a year's
# What a stem that is itself an inflected form may be cheaper by than the reading that shows of what.
NOMINALISED = 300
COMMON_FORM = 260
FROZEN_CASE = 650
FROZEN_CONVERB = 300
LONGEST_PLAIN = 3  # letters of one suffix
SHORTEST_VERBAL, SYLLABLES = 5, 3  # an unlisted noun in -у that is no longer is a thing: тау, бояу

_ACCUSATIVES = frozenset(("ды", "ді", "ты", "ті"))
_PRIVATIVES = frozenset(("сыз", "сіз"))
_LOCAL_CASES = frozenset(("на", "не", "да", "де", "ан", "ен", "ғы", "гі", "ша", "ше"))


def chosen(reader: Reader, word: str) -> list[Reading]:
    """Return the readings that give a word of letters its keys, best first; one a key, at most three."""
    readings = reader.readings(word)
    if len(readings) < 2:
        return readings
    best = readings[0]
    if best.basis == "unknown":
        # Where an unlisted noun ends cannot be known, so it is filed under each likely end; a verb's is surer.
        likely = {reading.key: reading for reading in reversed(readings) if reading.kind == TAIL and not reading.clash}
        return [best, *sorted(reading for key, reading in likely.items() if key != best.key)][:MAX_KEYS]
    first: list[Reading] = []
    found = [best]
    taken = {best.key}
    whole: Reading | None = None
    guess = readings.pop() if readings[-1].basis == "unknown" else None
    thing = bool(reader.bits(best.key) & THING)
    for rival in readings[1:]:
        if rival.key in taken or (thing and rival.kind == NOMINALISER):
            continue
        if rival.basis == "listed" and not first and _shows_origin(reader, rival, best, word):
            # The accusative of a noun comes after an adjective (маңызды), save of one commoner than that (жұмысты).
            commoner = reader.bits(rival.key) & COMMON and not reader.bits(word) & COMMON
            (found if word[rival.cut :] in _ACCUSATIVES and not commoner else first).append(rival)
            taken.add(rival.key)
        elif best.basis == "closed" or _close(rival, best, word):
            found.append(rival)
            taken.add(rival.key)
        elif rival.key == word and rival.kind == FINITE:
            whole = rival
    found = first + found
    if guess is not None and guess.kind == TAIL and guess.key not in taken and _stands(reader, guess.key):
        found.append(guess)
    if whole is not None:  # a verb's bare stem is a key wherever it stands, so it must be found by itself
        found[MAX_KEYS - 1 :] = [whole]
    return found[:MAX_KEYS]


def keys_of(reader: Reader, word: str) -> tuple[str, ...]:
    """Return the keys of a word of letters: those of the chosen readings, then the verb that one of them comes from.

    That is the active verb of a passive, or the verb of an action that no list knows.
    """
    readings = chosen(reader, word)
    found = [reading.key for reading in readings]
    if len(found) < MAX_KEYS:
        for reading in readings:
            if reading.kind != TAIL or (reading.basis == "closed" and reading.key != word):
                active = active_of(reader, reading.key)
                if active and active not in found:
                    found.append(active)
    if readings[0].basis == "unknown" and (verb := _verb_of(found[0])):
        found.append(verb)
    return tuple(found[:MAX_KEYS]) or (word,)


def _verb_of(noun: str) -> str:
    """Return the verb that a long unlisted noun in -у or -ю looks made from, "" where it is none."""
    if len(noun) < SHORTEST_VERBAL or noun[-1] not in "ую" or sum(letter in SYLLABIC for letter in noun) < SYLLABLES:
        return ""
    return noun[:-1] if noun[-1] == "у" else noun[:-1] + "й"


def active_of(reader: Reader, stem: str) -> str:
    """Return the verb whose passive a stem is (белгілен- is белгіле-н-), "" where it is none.

    What a law says is done (белгіленеді) and the doing of it (белгілеу) are sought together. Only the regular passive
    counts: -ыл after consonants, -л after vowels, -ын after л, -н after -ла; other stems in -н are verbs of their own.
    A verb that looks like another word (негізде is also the locative of негіз) would bring that word along.
    """
    if not reader.bits(stem) & VERB and not reader.derived(stem, VERB).cost:
        return ""
    for active in _actives(stem):
        if reader.bits(active) & VERB:
            first = reader.readings(active)[0]
            plain = first.key == active and not reader.bits(active) & FROZEN and first.basis != "closed"
            return active if plain else ""
    return ""


def _actives(stem: str) -> list[str]:
    base, short = stem[:-2], stem[:-1]
    end = stem[-2:]
    if len(stem) > 4 and (end in ("ыл", "іл") or (end in ("ын", "ін") and base[-1] == "л")):
        return [base, base[:-1] + VOICED_TO_VOICELESS.get(base[-1], base[-1])]
    regular = short[-1:] in VOWELS if stem[-1] == "л" else stem[-1] == "н" and short[-2:] in ("ла", "ле")
    if len(short) > 3 and regular:
        return [short]
    return []


def _close(rival: Reading, best: Reading, word: str) -> bool:
    """Tell whether a rival costs so little more than the best reading that the form is truly ambiguous."""
    return rival.basis == best.basis and rival.cost - best.cost <= (CLOSE_TO_WHOLE if best.key == word else CLOSE)


def _stands(reader: Reader, stem: str) -> bool:
    """Tell whether a guessed stem would be a key of itself: қолы, cut from a rare form of қол, would not."""
    readings = reader.readings(stem)
    return any(reading.key == stem for reading in (readings[0], readings[-1]))


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
    if best.key == word and reader.bits(rival.key) & COMMON and not reader.bits(word) & (COMMON | FROZEN):
        return rival.kind == TAIL and gap <= COMMON_FORM  # жылға: to the year, seldom a brook
    if not reader.bits(best.key) & FROZEN or len(best.key) != best.cut:
        return False
    ending = word[rival.cut : best.cut]
    if best.key != word:
        return ending[-2:] in ("ғы", "гі") and len(ending) > 3
    if rival.kind != TAIL:  # бірлесіп
        return ending[-1] == "п" and len(rival.key) > 3 and gap <= FROZEN_CONVERB
    if ending in _ACCUSATIVES:  # қызметті: having a rank, or the service as an object
        return len(rival.key) == rival.cut
    if gap > FROZEN_CASE or ending in _PRIVATIVES or ending[-1] in "мң":  # масаң is no mosquito of yours
        return False
    if len(ending) > 2 and ending[-2:] in _LOCAL_CASES:
        return True
    plain = rival.cut > 3 or reader.bits(rival.key) & COMMON  # қыста: in winter
    return len(rival.key) == rival.cut and bool(plain) and len(ending) <= LONGEST_PLAIN
