"""Words that no list holds: which of their cuts is likely, by rule alone.

Each letter kept has its price, against that of the suffixes cut off, so that long chains win over long stems; and what
stems look like counts: a vowel, final clusters, the ends of derived words, voicing.
"""

from __future__ import annotations

from lawsearch.analysis.kazakh_cuts import Cut, Reading
from lawsearch.analysis.kazakh_sounds import (
    CONSONANTS,
    FRONT,
    LONGEST_ELIDED,
    SWALLOWED,
    SYLLABIC,
    VOICED_TO_VOICELESS,
    VOICELESS_THAT_VOICE,
    WOMEN,
)
from lawsearch.analysis.kazakh_sounds import harmony as harmony_of
from lawsearch.analysis.kazakh_suffixes import NUMBER, TAIL

# Weights, in hundredths of the suffix tables' unit.
UNKNOWN = 900
UNKNOWN_MARGIN = 150  # guesses that cost so little more than the cheapest may be right as well
PER_LETTER = 260  # an unknown stem grows dearer with each letter it keeps, so long chains win over long stems
UNKNOWN_SHORT = (0, 900, 500, 150)
UNKNOWN_VERB = 250  # verbs are nearly a closed class: what is not listed is a noun or a name
UNKNOWN_DENOMINAL = 100  # save those made of nouns: -ла, -да, -та
UNKNOWN_CLUSTER = 150
UNKNOWN_MUTE = 900  # no vowel
UNKNOWN_CLASH = 250
UNKNOWN_UNVOICED = 300
UNKNOWN_NARROW = 300  # *жүрі-сі, *білі-мі: what ends so is sooner a noun in -ыс or -ым
UNKNOWN_PRESENT = 400  # *серпед-і: what ends so is a verb's present
UNKNOWN_ADJECTIVE = 400  # портативті: loans in -ив are adjectives with -ті, and hardly anything without
UNKNOWN_ATTRIBUTIVE = 300  # төменгі ends in a suffix, it is no *төменк's
UNKNOWN_DERIVED = 200  # rebate for a stem that ends like a derived word

#: The endings that verbs made of nouns have: -ла and its like.
FROM_NOUNS = frozenset(("ла", "ле", "да", "де", "та", "те"))
#: Before what г stands for к, and ғ for қ: loans keep г (педагогы, тренингі), and after a consonant -ғы is a suffix.
_BEFORE_VOICED = {"г": frozenset("әеөүіи"), "ғ": SYLLABIC}
_CLUSTER_FIRST = frozenset("рлнйсмң")  # what may open a final cluster of a native stem: қарт, халқ-, тұрп-
# Quality, agent, privative, possessing; the ends of learned loans.
_DERIVED_ENDS = (
    *("лық", "лік", "дық", "дік", "тық", "тік", "шы", "ші", "сыз", "сіз", "лы", "лі"),
    *("ция", "изм", "логия", "ист"),
)
_ADJECTIVE_STEMS = ("ив", "ивт", "аль")
_PRESENTS = frozenset(("ады", "еді", "йды", "йді"))
_ACCUSATIVES = frozenset(("ды", "ді", "ты", "ті"))
_SOUNDS_BY_CODE = {code: sounds for code, _, sounds in SWALLOWED.values()}
_ENDLESS = 1 << 40


def guessed(word: str, cuts: list[Cut], *, within: int = _ENDLESS) -> list[Reading]:
    """Read by rule alone: the price of each letter kept against that of the suffixes, and what stems look like.

    Readings that cost `within` more than the cheapest are left out.
    """
    found = []
    size = len(word)
    syllable = next((at for at, letter in enumerate(word) if letter in SYLLABIC), size)
    least = _ENDLESS
    for cost, at, tail, kind, swallowed, clash in reversed(cuts):  # short stems first: they are the cheapest
        cost += UNKNOWN + PER_LETTER * at
        if cost > least or kind == NUMBER:
            continue
        if clash:
            cost += clash * UNKNOWN_CLASH
        if kind != TAIL:
            cost += UNKNOWN_DENOMINAL if at > 3 and word[at - 2 : at] in FROM_NOUNS else UNKNOWN_VERB
        if at < 4:
            cost += UNKNOWN_SHORT[at]
        if cost > least:
            continue
        if at <= syllable:
            cost += UNKNOWN_MUTE
        stem = word[:at]
        last = word[at - 1]
        if at < size and kind == TAIL:
            if last in "ыі" and word[at] in "мс":
                cost += UNKNOWN_NARROW + (UNKNOWN_DERIVED if word[at - 2] == "л" else 0)  # no *об-лы-сы
            elif at == size - 1 and word[-3:] in _PRESENTS:
                cost += UNKNOWN_PRESENT
        if swallowed:
            sounds = _SOUNDS_BY_CODE[swallowed]
            stem += sounds[-1] if harmony_of(stem) == FRONT else sounds[0]
            cost += PER_LETTER
        elif at < size and word[at] in SYLLABIC:
            if last in VOICED_TO_VOICELESS:
                if last == "б" or word[at - 2] in _BEFORE_VOICED[last]:
                    stem = stem[:-1] + VOICED_TO_VOICELESS[last]
                elif word[at - 3 : at] != "инг" and word[at - 2] in CONSONANTS:
                    cost += UNKNOWN_ATTRIBUTIVE
            elif last in VOICELESS_THAT_VOICE:
                cost += UNKNOWN_UNVOICED
        elif last == "а" and stem.endswith(WOMEN[:2]) and len(stem) > LONGEST_ELIDED:
            stem = stem[:-1]
        if at > 2 and last in CONSONANTS and word[at - 2] in CONSONANTS and word[at - 2] not in _CLUSTER_FIRST:
            cost += UNKNOWN_CLUSTER
        if stem.endswith(_DERIVED_ENDS):
            cost -= UNKNOWN_DERIVED
        elif size - 3 < at < size and stem.endswith(_ADJECTIVE_STEMS) and word[size - 2 :] in _ACCUSATIVES:
            cost += UNKNOWN_ADJECTIVE
        if cost + within + UNKNOWN_DERIVED < least:
            least = cost + within + UNKNOWN_DERIVED
        found.append((cost, stem, at, tail, kind, swallowed, "unknown", clash))
    dearest = min(found)[0] + within
    return [Reading._make(guess) for guess in found if guess[0] <= dearest]
