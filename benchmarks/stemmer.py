"""How fast the Kazakh stemmer is, and how well it does with and without its lexicon.

    python benchmarks/stemmer.py                          speed only
    python benchmarks/stemmer.py --gold FILE.tsv ...      and pair-wise F1: with the root lists, with the first key alone,
                                                          with a share of the roots taken away at random, without any

All times are of the processor, on one core: rates are the best of several passes, loading has processes of its own.

A gold file has tab-separated columns `form  frequency  lemma1|lemma2|...  note`; forms are scored by type: two forms
should share a key exactly when their lemma sets meet. Pairs whose sets meet but whose first lemmas differ are left out,
pairs of different lexemes count only where the forms begin with the same two letters, function words (note `stop`)
are left out.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

from lawsearch.analysis import kazakh
from lawsearch.analysis import kazakh_lexicon as lexicon
from lawsearch.analysis import kazakh_suffixes as suffixes

SHARES = (0.1, 0.25, 0.5)
DRAWS = 3
Row = tuple[str, tuple[str, ...]]
LOAD = "import time; from lawsearch.analysis import kazakh; t = time.process_time(); kazakh.keys('заңымен'); print(time.process_time() - t)"


def gold_rows(path: Path) -> list[Row]:
    """Read a gold file: forms with their lemmas, function words left out."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if line and not line.startswith("#") and not (len(cells) > 3 and cells[3].startswith("stop")):
            rows.append((cells[0], tuple(cells[2].split("|"))))
    return rows


def scored(rows: list[Row], keys: Callable[[str], tuple[str, ...]]) -> tuple[float, float, float, float]:
    """Return precision, recall, F1 over pairs, and the share of forms whose first key is one of their lemmas."""
    found = [set(keys(form)) for form, _ in rows]
    right = sum(keys(form)[0] in lemmas for form, lemmas in rows) / len(rows)
    hits = extra = missed = 0
    for i, j in _candidates(rows, found):
        (one, lemmas), (other, others) = rows[i], rows[j]
        together = bool(found[i] & found[j])
        if set(lemmas) & set(others):
            if lemmas[0] == others[0]:
                hits += together
                missed += not together
        elif together and one[:2] == other[:2]:
            extra += 1
    precision = hits / (hits + extra) if hits + extra else 1.0
    recall = hits / (hits + missed) if hits + missed else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall or 1), right


def _candidates(rows: list[Row], found: list[set[str]]) -> Iterator[tuple[int, int]]:
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, (_, lemmas) in enumerate(rows):
        for lemma in lemmas:
            groups["lemma", lemma].append(i)
        for key in found[i]:
            groups["key", key].append(i)
    yield from {pair for group in groups.values() for pair in combinations(group, 2)}


def distinct_forms(count: int = 40_000) -> list[str]:
    """Spell forms of roots spread over the lexicon by the suffix tables, as a text would not repeat them."""
    listed = list(lexicon.loaded().roots.items())
    forms: dict[str, None] = {}
    for root, bits in listed[:: max(1, len(listed) // 400)]:
        verb = bits == lexicon.VERB
        chains = sorted(suffixes.generated(root, verb=verb), key=lambda pair: pair[1].cost)
        for form, _ in chains[: count // 300]:
            forms[form] = None
    return list(forms)[:count]


def rate(keys: Callable[[str], tuple[str, ...]], forms: list[str]) -> float:
    """Return words a second of processor time in one pass."""
    gc.collect()
    start = time.process_time()
    for form in forms:
        keys(form)
    return len(forms) / (time.process_time() - start)


def without(words: lexicon.Lexicon, share: float, seed: int) -> lexicon.Lexicon:
    """Take away a share of the roots at random; forms with their lemmas (pronouns, numerals, postpositions) stay."""
    draw = random.Random(seed)
    kept = {root: bits for root, bits in sorted(words.roots.items()) if root in words.closed or draw.random() >= share}
    return lexicon.Lexicon(kept, words.closed)


def stemmers(words: lexicon.Lexicon) -> Iterator[tuple[str, list[Callable[[str], tuple[str, ...]]]]]:
    """Yield what is scored: a name, and the ways to get keys whose scores are averaged."""
    shipped = kazakh.Stemmer()
    yield "with lexicon", [shipped.keys]
    yield "first key alone", [lambda form: shipped.keys(form)[:1]]
    for share in SHARES:
        yield f"{share:.0%} of roots away", [kazakh.Stemmer(without(words, share, seed)).keys for seed in range(DRAWS)]
    yield "without", [kazakh.Stemmer(lexicon.EMPTY).keys]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", nargs="*", type=Path, default=[], help="gold files to score")
    options = parser.parse_args()
    loads = [float(subprocess.check_output([sys.executable, "-c", LOAD])) for _ in range(7)]
    forms = distinct_forms()
    cold = max(rate(kazakh.Stemmer().keys, forms) for _ in range(3))
    kazakh.keys.cache_clear()
    rate(kazakh.keys, forms)
    warm = max(rate(kazakh.keys, forms) for _ in range(5))
    words = lexicon.loaded()
    print(f"roots                       {len(words.roots):>12,}")
    print(f"closed forms                {len(words.closed):>12,}")
    print(f"chains of suffixes          {len(suffixes.chains()):>12,}")
    print(
        f"tables loaded, first word   {statistics.median(loads) * 1000:>12.1f} ms (median of {len(loads)} processes, least {min(loads) * 1000:.1f})"
    )
    print(f"cold, distinct forms        {cold:>12,.0f} /s ({len(forms):,} forms, tables loading included)")
    print(f"warm, from the cache        {warm:>12,.0f} /s")
    for path in options.gold:
        rows = gold_rows(path)
        print(f"{path.name}: {len(rows):,} types")
        for name, ways in stemmers(words):
            scores = [scored(rows, keys) for keys in ways]
            precision, recall, f1, right = (statistics.mean(column) for column in zip(*scores, strict=True))
            print(f"  {name:<18} P {precision:.4f}  R {recall:.4f}  F1 {f1:.4f}  lemma {right:.4f}")


if __name__ == "__main__":
    main()
