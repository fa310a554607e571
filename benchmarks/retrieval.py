"""Does a query in one language find the right provisions?

usage: python benchmarks/retrieval.py [--act corpus/Z1400000199] [--queries 400] [--worst 10] [--withhold 25]

Queries are the act's own expressions, content words and pairs of adjacent content words of one language's text,
thinned out evenly. A provision is relevant where the words stand side by side in its text in that language, in any form.
Measured: Russian queries on the act in both languages; Russian queries on its Kazakh text alone and Kazakh queries on its
Russian text alone (what only terms and loans can find); mixed queries, one word of each language. Reported: recall@10,
MRR@10, the share of queries without a hit.

``--withhold 25`` leaves a quarter of the term base's pairs out (always the same ones): what a text looks like whose
words the term base knows less well, and what loans and words of one family then find.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from lawsearch.analysis import stopwords
from lawsearch.analysis.analyzer import Analyzer
from lawsearch.corpus.files import discover
from lawsearch.corpus.reading import read_act
from lawsearch.indexer import build
from lawsearch.law import Act, Lang
from lawsearch.search import Searcher
from lawsearch.terms import termbase

Query = tuple[str, frozenset[str]]
_MOST_RELEVANT = 10


def expressions(act: Act, lang: Lang, analyzer: Analyzer) -> dict[tuple[str, ...], tuple[str, set[str]]]:
    """Expressions of one and two words by their keys: as first printed, and the addresses that have them."""
    stop = stopwords.KAZAKH if lang == "kk" else stopwords.RUSSIAN
    found: dict[tuple[str, ...], tuple[str, set[str]]] = {}
    for provision in act.provisions:
        text = provision.text(lang) or ""
        if provision.status == "repealed":
            continue
        tokens = analyzer.tokens(text, lang)
        for size in (1, 2):
            for i in range(len(tokens) - size + 1):
                here = tokens[i : i + size]
                if any(t.form in stop or not t.form.isalpha() or len(t.form) < 3 for t in here):
                    continue
                if size == 2 and not text[here[0].end : here[1].start].isspace():
                    continue
                keys = tuple(t.word.keys[0] for t in here)
                printed = text[here[0].start : here[-1].end].lower()
                found.setdefault(keys, (printed, set()))[1].add(str(provision.address))
    return found


def queries(act: Act, lang: Lang, analyzer: Analyzer, wanted: int) -> list[Query]:
    """At most ``wanted`` queries, spread evenly over the act's expressions."""
    found = [
        (text, frozenset(at)) for _, (text, at) in sorted(expressions(act, lang, analyzer).items()) if len(at) <= _MOST_RELEVANT
    ]
    step = max(1, len(found) // wanted)
    return found[::step][:wanted]


def mixed(act: Act, analyzer: Analyzer, wanted: int) -> list[Query]:
    """A Kazakh word and a Russian word that stand in the same provision, both rare."""
    words = {
        lang: {k: v for k, v in expressions(act, lang, analyzer).items() if len(k) == 1 and 2 <= len(v[1]) <= _MOST_RELEVANT}
        for lang in ("kk", "ru")
    }
    found = []
    for _, (kk, at_kk) in sorted(words["kk"].items()):
        for _, (ru, at_ru) in sorted(words["ru"].items()):
            if len(at_kk & at_ru) == 1:
                found.append((f"{kk} {ru}", frozenset(at_kk & at_ru)))
    step = max(1, len(found) // wanted)
    return found[::step][:wanted]


def measured(name: str, asked: Sequence[Query], index: Path, worst: int) -> None:
    recall = reciprocal = none = 0.0
    rows = []
    with Searcher(index) as searcher:
        for text, relevant in asked:
            hits = [str(h.provision.address) for h in searcher.search(text, limit=10).hits]
            right = [h in relevant for h in hits]
            share = sum(right) / min(10, len(relevant))
            recall += share
            reciprocal += next((1 / (i + 1) for i, r in enumerate(right) if r), 0.0)
            none += not hits
            rows.append((share, text, sorted(relevant)[:2], hits[:2]))
    n = len(asked)
    print(f"{name}: queries {n}  recall@10 {recall / n:.3f}  MRR@10 {reciprocal / n:.3f}  no hit {none / n:.3f}")
    for share, text, relevant_, hits in sorted(rows)[:worst]:
        print(f"    {share:.2f}  {text}  wanted {relevant_}  got {hits}")


def withheld(share: int, root: Path) -> Path:
    """A term file without ``share`` percent of the pairs that ship, chosen by their checksums."""
    kept = [t for t in termbase.load() if zlib.crc32(f"{t.kk}\t{t.ru}".encode()) % 100 >= share]
    file = root / "terms.tsv"
    file.write_text(termbase.written(kept), encoding="utf-8")
    return file


def indexed(act: Path, names: Iterable[str], root: Path, terms: Path | None) -> Path:
    """An index of an act's folder with only the files of those languages."""
    kept = root / "-".join(names) / act.name
    kept.mkdir(parents=True)
    for file in act.iterdir():
        if file.stem in (*names, "meta"):
            shutil.copy(file, kept)
    index = root / f"index-{'-'.join(names)}"
    build([kept], index, terms=terms)
    return index


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--act", type=Path, default=Path(__file__).parents[1] / "corpus" / "Z1400000199")
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--worst", type=int, default=0)
    parser.add_argument("--withhold", type=int, default=0, metavar="PERCENT")
    given = parser.parse_args()
    act = read_act(discover([given.act])[0])
    analyzer = Analyzer()
    russian = queries(act, "ru", analyzer, given.queries)
    kazakh = queries(act, "kk", analyzer, given.queries)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        terms = withheld(given.withhold, root) if given.withhold else None
        both = indexed(given.act, ("kaz", "rus"), root, terms)
        kk_only = indexed(given.act, ("kaz",), root, terms)
        ru_only = indexed(given.act, ("rus",), root, terms)
        measured("Russian queries, both languages", russian, both, given.worst)
        measured("Kazakh queries, both languages ", kazakh, both, given.worst)
        measured("Russian queries, Kazakh text   ", russian, kk_only, given.worst)
        measured("Kazakh queries, Russian text   ", kazakh, ru_only, given.worst)
        measured("mixed queries, both languages  ", mixed(act, analyzer, given.queries), both, given.worst)
        measured("mixed queries, Kazakh text     ", mixed(act, analyzer, given.queries), kk_only, given.worst)


if __name__ == "__main__":
    main()
