"""Why a word has the keys it has: its path of root and suffixes, and the strippings that lost."""

from __future__ import annotations

from dataclasses import dataclass

from lawsearch.analysis import kazakh_suffixes as suffixes
from lawsearch.analysis.kazakh_choice import chosen, keys_of
from lawsearch.analysis.kazakh_cuts import Reading
from lawsearch.analysis.kazakh_lexicon import NOMINAL, VERB
from lawsearch.analysis.kazakh_readings import Reader
from lawsearch.analysis.kazakh_sounds import ALTERNATIONS, SWALLOWED, final_class, harmony
from lawsearch.analysis.kazakh_suffixes import FINITE, NOMINALISER, TAIL


@dataclass(frozen=True)
class Step:
    """One piece of a word: its text, the suffix's name (`root` for the stem), and the rule that changed a sound."""

    text: str
    name: str
    rule: str = ""


@dataclass(frozen=True)
class Rejected:
    """A stripping that was not chosen: the key it would give, its pieces, and why not."""

    key: str
    path: tuple[Step, ...]
    reason: str


@dataclass(frozen=True)
class Explanation:
    """How a word came to its keys."""

    word: str
    keys: tuple[str, ...]
    basis: str
    path: tuple[Step, ...]
    others: tuple[Rejected, ...]
    rejected: tuple[Rejected, ...]


def explained(reader: Reader, word: str, found: tuple[str, ...], limit: int = 6) -> Explanation:
    """Explain the keys `found` of a word: the path to the first, to the others, and up to `limit` rejected ones."""
    head, _, last = word.rpartition("-")
    if not last.isalpha() or (head and found[0] == head):
        path: tuple[Step, ...] = (Step(found[0], "root"),)
        if found[0] != word:
            path += (Step(last, "suffix of an abbreviation or number"),)
        return Explanation(word, found, "shape", path, (), ())
    before = (Step(f"{head}-", "first part"),) if head else ()
    readings = chosen(reader, last)
    best = readings[0]
    taken = {reading.key for reading in readings}
    others = [Rejected(r.key, _path(reader, last, r), _reason(r, best, chosen=True)) for r in readings[1:]]
    for key in keys_of(reader, last)[len(readings) :]:
        taken.add(key)
        others.append(Rejected(key, (Step(key, "root"),), f"the verb that {best.key} comes from"))
    rejected: list[Rejected] = []
    for rival in reader.every_reading(last):
        if rival.key not in taken and len(rejected) < limit:
            taken.add(rival.key)
            rejected.append(Rejected(rival.key, _path(reader, last, rival), _reason(rival, best)))
    return Explanation(word, found, best.basis, before + _path(reader, last, best), tuple(others), tuple(rejected))


def _path(reader: Reader, word: str, reading: Reading) -> tuple[Step, ...]:
    if reading.basis == "closed":
        regular = [r for r in reader.every_reading(word) if r.key == reading.key and r.basis == "listed"]
        if not regular:
            return (Step(reading.key, "root", "" if reading.key == word else f"closed list: {word}"),)
        reading = regular[0]
    steps = [*_stem_steps(reader, reading), *_suffix_steps(word, reading)]
    return tuple(steps)


def _stem_steps(reader: Reader, reading: Reading) -> list[Step]:
    """Name the stem, and how it is built where it is not listed."""
    steps: list[Step] = []
    stem, kind = reading.key, VERB if reading.kind in (FINITE, NOMINALISER) else NOMINAL
    if reading.basis == "derived":
        while not reader.bits(stem) & kind:
            built = reader.built(stem, kind, 2 if not steps else 1)
            if not built.cost:
                break
            steps.insert(0, Step(built.suffix, f"{built.name} (kept)"))
            stem, kind = built.base, built.base_kind
    return [Step(stem, "root"), *steps]


def _suffix_steps(word: str, reading: Reading) -> list[Step]:
    """Name the suffixes behind the stem; the rule that restored the stem stands with the first of them."""
    surface, key = word[: reading.cut], reading.key
    rule = _restoring_rule(surface, key)
    runs: list[tuple[str, int, int, str]] = []
    if reading.kind == NOMINALISER:
        runs.append((word[reading.cut : reading.tail], NOMINALISER, reading.swallowed, surface))
        runs.append((word[reading.tail :], TAIL, 0, word[: reading.tail]))
    else:
        runs.append((word[reading.cut :], reading.kind, reading.swallowed, surface))
    steps: list[Step] = []
    for text, kind, swallowed, before in runs:
        chain = suffixes.chain_for(text, kind, swallowed, final_class(before), harmony(before))
        if chain is None and text[-1:] in ("ғ", "г"):
            text = text[:-1] + {"ғ": "қ", "г": "к"}[text[-1]]
            chain = suffixes.chain_for(text, kind, swallowed, final_class(before), harmony(before))
        for name, piece in chain.steps if chain else (("suffix", text),) if text else ():
            if piece or name == "imperative":
                steps.append(Step(piece, name, rule))
                rule = ""
    return steps


def _restoring_rule(surface: str, key: str) -> str:
    """Say which alternation leads from the surface stem to the key."""
    if surface == key:
        return ""
    for name, alternation in ALTERNATIONS:
        if any(stem == key for stem in alternation(surface)):
            return f"{name}: {surface}- is {key}"
    for _, words, sounds in SWALLOWED.values():
        if words and any(surface + sound == key for sound in sounds):
            return f"{words}: {surface}- is {key}"
    return f"{surface}- is {key}"


def _reason(rival: Reading, best: Reading, *, chosen: bool = False) -> str:
    """Say why a reading lost, or comes second."""
    if rival.basis == "unknown" and best.basis != "unknown":
        if chosen:
            return f"by rule alone, as the reading by {best.key} is rare"
        return f"{rival.key} is neither listed nor built from a listed root"
    reasons = []
    if rival.clash:
        reasons.append("breaks vowel harmony")
    if rival.basis == "derived" and best.basis == "listed":
        reasons.append(f"{rival.key} is not listed itself")
    gap = (rival.cost - best.cost) / 100
    if best.basis == "closed":
        reasons.append("listed beside it" if rival.basis == "closed" else "the closed list decides")
    elif gap >= 0:
        reasons.append(f"dearer by {gap:.1f}")
    else:
        reasons.append(f"cheaper by {-gap:.1f}, but {rival.key} is itself {best.key} inflected")
    return "; ".join(reasons)


def rendered(explanation: Explanation) -> str:
    """Write an explanation as plain text, a line for the word, one a piece, one a rival."""
    lines = [f"{explanation.word} -> {' | '.join(explanation.keys)}  ({explanation.basis})"]
    width = max((len(step.text) for step in explanation.path), default=0) + 1
    for number, step in enumerate(explanation.path):
        text = step.text if number == 0 or step.name in ("root", "first part") else f"-{step.text}"
        lines.append(f"  {text:<{width}}  {step.name}" + (f"  [{step.rule}]" if step.rule else ""))
    for title, rivals in (("also", explanation.others), ("rejected", explanation.rejected)):
        lines += [f"  {title}: {_spelled(r.path)} -> {r.key}: {r.reason}" for r in rivals]
    return "\n".join(lines)


def _spelled(path: tuple[Step, ...]) -> str:
    return " + ".join(f"{step.text} ({step.name})" if step.name != "root" else step.text for step in path)
