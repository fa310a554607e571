"""How often a query typed badly finds what the same query typed well finds first.

    python benchmarks/mistyping.py [--index DIR] [--words 200] [--seed 1] [--worst 10]

Takes words and two-word phrases of an index's own Kazakh texts (as many of each as make up the number), and types each
without Kazakh letters, in Latin (five ways), on the wrong layout (two ways), in capitals, and with one random error: a
letter left out, put in, exchanged for any other, or two transposed. A sample counts as right where the first hit is the
one that the right spelling gives. Prints the share for each way, and with --worst what went wrong.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lawsearch import places
from lawsearch.analysis import tokens
from lawsearch.analysis.letters import fold
from lawsearch.analysis.stopwords import KAZAKH
from lawsearch.search import Searcher

RUSSIAN_KEYS = dict(zip("әғқңөұүһі", "агкноуухи", strict=True))
_COMMON = dict(zip("абвгдежзклмнопрстфхцчшыэ", "a b v g d e j z k l m n o p r s t f h ts ch sh y e".split(), strict=True))
_COMMON |= {"ю": "yu", "я": "ya", "ь": "", "ъ": "", "щ": "shch", "ё": "yo"}
#: The alphabet of 2021 with its diacritics; without them; that of 2018; that of 2017 with apostrophes; an ad-hoc one.
LATIN: dict[str, dict[str, str]] = {
    "latin 2021": _COMMON
    | {"ш": "ş", "ч": "ç", "ә": "ä", "ғ": "ğ", "қ": "q", "ң": "ñ", "ө": "ö", "ұ": "ū", "ү": "ü", "і": "ı"}
    | {"һ": "h", "и": "i", "й": "i", "у": "u", "ц": "ts", "я": "ia", "ю": "iu", "щ": "şş"},
    "latin 2021, plain": _COMMON
    | {"ә": "a", "ғ": "g", "қ": "q", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "і": "i", "һ": "h", "и": "i", "й": "i", "у": "u"},
    "latin 2018": _COMMON
    | {"ә": "á", "ғ": "ǵ", "қ": "q", "ң": "ń", "ө": "ó", "ұ": "u", "ү": "ú", "і": "i", "һ": "h", "и": "ı", "й": "ı", "у": "ý"}
    | {"я": "ıa", "ю": "ıý"},
    "latin 2017": _COMMON
    | {"ә": "a'", "ғ": "g'", "қ": "q", "ң": "n'", "ө": "o'", "ұ": "u", "ү": "u'", "і": "i", "һ": "h", "и": "i'", "й": "i'"}
    | {"у": "y'", "ш": "s'", "ч": "c'"},
    "latin, ad hoc": _COMMON
    | {"ә": "a", "ғ": "gh", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "і": "i", "һ": "h", "и": "i", "й": "y", "у": "w"}
    | {"ж": "zh", "х": "kh"},
}
_US, _RU = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.", "ёйцукенгшщзхъфывапролджэячсмитьбю"
_BACK = dict(zip(_RU, _US, strict=True))
_KAZAKH_BACK = _BACK | dict(zip("әіңғүұқөһ", "234589" + "0-=", strict=True))
_LETTERS = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"


def retyped(text: str, table: dict[str, str]) -> str:
    """``text`` with each letter as ``table`` has it."""
    return "".join(table.get(letter, letter) for letter in text)


def one_error(text: str, random_: random.Random) -> str:
    """``text`` with one random slip in one of its words; all kinds, places and letters alike."""
    at = random_.choice([i for i, letter in enumerate(text) if letter.isalpha()])
    kind = random_.choice(("left out", "put in", "exchanged", "transposed"))
    if kind == "left out":
        return text[:at] + text[at + 1 :]
    if kind == "transposed" and at + 1 < len(text) and text[at + 1].isalpha() and text[at] != text[at + 1]:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    letter = random_.choice([x for x in _LETTERS if x != text[at]])
    return text[:at] + letter + text[at if kind == "put in" else at + 1 :]


def samples(searcher: Searcher, number: int, random_: random.Random) -> list[str]:
    """Words and pairs of neighbouring words of the Kazakh texts: half and half, distinct, lower case, no stop words."""
    words: set[str] = set()
    pairs: set[str] = set()
    for provision, _, _ in searcher.provisions():
        text = provision.texts.get("kk", "")
        spans = tokens.spans(text)
        forms = [fold(text[a:b]) for a, b in spans]
        good = [len(f) > 2 and f.isalpha() and not f.isascii() and f not in KAZAKH for f in forms]
        words.update(f for f, g in zip(forms, good, strict=True) if g)
        for i in range(len(forms) - 1):
            if good[i] and good[i + 1] and text[spans[i][1] : spans[i + 1][0]] == " ":
                pairs.add(f"{forms[i]} {forms[i + 1]}")
    half = number // 2
    return random_.sample(sorted(words), min(number - half, len(words))) + random_.sample(sorted(pairs), min(half, len(pairs)))


def first_hit(searcher: Searcher, query: str) -> str | None:
    """The address of the first hit, or None."""
    hits = searcher.search(query, limit=1).hits
    return str(hits[0].provision.address) if hits else None


def measured(
    searcher: Searcher, queries: list[str], typed: Callable[[str], str]
) -> tuple[float, float, list[tuple[str, str, str | None, str | None]]]:
    """The share of ``queries`` whose first hit stays, milliseconds a query, and those whose first hit does not."""
    wrong = []
    counted = 0
    started = time.perf_counter()
    for query in queries:
        right = first_hit(searcher, query)
        bad = typed(query)
        counted += 1
        got = first_hit(searcher, bad) if bad.strip() else None
        if got != right:
            wrong.append((query, bad, right, got))
    spent = (time.perf_counter() - started) / max(1, counted) * 1000
    return 1 - len(wrong) / max(1, counted), spent, wrong


def main() -> int:
    """Print the shares; exit code 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=places.default_index())
    parser.add_argument("--words", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worst", type=int, default=0)
    options = parser.parse_args()
    random_ = random.Random(options.seed)
    goals = {"without Kazakh letters": 0.95, "one random error": 0.85} | dict.fromkeys(LATIN, 0.95)
    missed = False
    with Searcher(options.index) as searcher:
        queries = samples(searcher, options.words, random_)
        ways: dict[str, Callable[[str], str]] = {"without Kazakh letters": lambda q: retyped(q, RUSSIAN_KEYS)}
        for name, table in LATIN.items():
            ways[name] = lambda q, table=table: retyped(q, table)  # type: ignore[misc]
        ways["keys of the Kazakh layout"] = lambda q: retyped(q, _KAZAKH_BACK)
        ways["keys of the Russian layout"] = lambda q: retyped(retyped(q, RUSSIAN_KEYS), _BACK)
        ways["capitals"] = str.upper
        ways["one random error"] = lambda q: one_error(q, random_)
        for name, typed in ways.items():
            share, spent, wrong = measured(searcher, queries, typed)
            goal = goals.get(name)
            missed |= goal is not None and share < goal
            aim = "" if goal is None else f"  (goal {goal:.0%})"
            print(f"{name:28} {share:6.1%} of {len(queries)}  {spent:5.1f} ms for both queries{aim}")
            for query, bad, right, got in wrong[: options.worst]:
                print(f"    {query} / {bad}: {got} instead of {right}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
