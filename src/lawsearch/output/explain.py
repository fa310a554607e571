"""`--explain`: what each word of a query was looked for as."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lawsearch.analysis.analyzer import Word
from lawsearch.hits import Results
from lawsearch.output.layout import visible
from lawsearch.query.tree import And, Close, Filter, Item, Not, Or, Tree
from lawsearch.terms.termbase import Term

_MOST_FORMS = 30
_MOST_TERMS = 12


def explained(found: Results, terms: Sequence[Sequence[Term]]) -> Iterator[str]:
    """How a query was understood: its tree, each word's keys in both languages, terms and expansions, what was mended.

    ``terms`` are those of each of the concepts that were searched for (`Searcher.terms_of`).
    """
    yield f"query {visible(found.query)!r}: language {found.lang}, found by {found.scope}, {found.total} in all"
    if found.parsed is not None:
        yield f"  {'strict' if found.parsed.strict else 'plain (may be relaxed)'}:"
        yield from _tree(found.parsed.tree, 2)
    for m in found.mended:
        yield f"  {visible(m.typed)} taken for {m.taken} ({m.via})"
    for s in found.suggested:
        yield f"  {visible(s.typed)}: perhaps {', '.join(s.words)}"
    for concept, carried in zip(found.concepts, terms, strict=True):
        kind = " (phrase)" if concept.item.phrase else "" if concept.item.mode == "stem" else f" ({concept.item.mode})"
        yield f"  {visible(concept.item.text)}{kind}  idf {concept.idf:.2f}"
        for lang, words in concept.readings.items():
            yield f"    {lang}: " + " ".join(_keys(w) for w in words)
        for lang, keys in concept.cognates.items():
            yield f"    {lang}, by its look: {', '.join(keys)}"
        for lang, keys in concept.relatives.items():
            yield f"    {lang}, of one family: {', '.join(keys)}"
        for lang, forms in concept.surface.items():
            more = f" (+{len(forms) - _MOST_FORMS})" if len(forms) > _MOST_FORMS else ""
            yield f"    {lang}, {len(forms)} forms: {', '.join(forms[:_MOST_FORMS])}{more}"
        if carried:
            more = f" (+{len(carried) - _MOST_TERMS})" if len(carried) > _MOST_TERMS else ""
            yield visible("    terms: " + "; ".join(f"{t.kk} = {t.ru} ({t.status})" for t in carried[:_MOST_TERMS]) + more)
    pairs = dict.fromkeys(
        f"    {m.query} → {m.found} ({m.via}{'' if m.sense is None else f', {m.sense}'}"
        f"{'' if m.term is None else f': {m.term.kk} = {m.term.ru}, {m.term.source}'})"
        for hit in found.hits
        for m in hit.matched
    )
    yield from map(visible, pairs)


def _tree(node: Tree, depth: int) -> Iterator[str]:
    """A query's tree, one node a line."""
    indent = "  " * depth
    match node:
        case Item():
            sign = "-" if node.excluded else "+" if node.required else ""
            mode = "" if node.mode == "stem" else f" {node.mode}" + (f" ~{node.edits}" if node.edits else "")
            slack = "" if node.slack is None else f" ~{node.slack}"
            yield f"{indent}{sign}{'phrase' if node.phrase else 'word'}{mode}{slack}: {visible(node.text)}"
        case Filter():
            yield f"{indent}{'-' if node.excluded else ''}field {node.field}: {visible(node.value)}"
        case Not(child):
            yield f"{indent}NOT"
            yield from _tree(child, depth + 1)
        case And(children) | Or(children):
            yield f"{indent}{'AND' if isinstance(node, And) else 'OR'}"
            for child in children:
                yield from _tree(child, depth + 1)
        case Close():
            yield f"{indent}{'pre' if node.ordered else 'w'}/{node.distance}"
            yield from _tree(node.left, depth + 1)
            yield from _tree(node.right, depth + 1)


def _keys(word: Word) -> str:
    whole = "|".join(word.whole)
    parts = "+".join("|".join(p) for p in word.parts)
    return f"{whole} ({parts})" if whole else parts
