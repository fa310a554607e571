"""`--explain`: what each word of a query was looked for as."""

from __future__ import annotations

from collections.abc import Iterator

from lawsearch.analysis.analyzer import Word
from lawsearch.output.layout import visible
from lawsearch.search import Results


def explained(found: Results) -> Iterator[str]:
    """One line for the query as a whole, then one for each word and language."""
    yield f"query {visible(found.query)!r}: language {found.lang}, found by {found.scope}, {found.total} in all"
    for concept in found.concepts:
        yield f"  {visible(concept.item.text)}{' (phrase)' if concept.item.phrase else ''}  idf {concept.idf:.2f}"
        for lang, words in concept.readings.items():
            yield f"    {lang}: " + " ".join(_keys(w) for w in words)
        for lang, keys in concept.cognates.items():
            yield f"    {lang}, by its look: {', '.join(keys)}"
    pairs = dict.fromkeys(
        f"    {m.query} → {m.found} ({m.via}{'' if m.term is None else f': {m.term.kk} = {m.term.ru}, {m.term.source}'})"
        for hit in found.hits
        for m in hit.matched
    )
    yield from map(visible, pairs)


def _keys(word: Word) -> str:
    whole = "|".join(word.whole)
    parts = "+".join("|".join(p) for p in word.parts)
    return f"{whole} ({parts})" if whole else parts
