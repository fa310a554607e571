"""The text of a query -> its words and phrases."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lawsearch.analysis import tokens
from lawsearch.analysis.letters import fold
from lawsearch.errors import QueryError

#: Longer than any sentence of a law; beyond it a query is a mistake (a file piped in whole).
MAX_CHARACTERS = 4_000
MAX_WORDS = 64

_ITEM = re.compile(r"(?P<minus>(?<!\S)-(?=[\"“„]|\w))?(?:[\"“„](?P<phrase>[^\"“”„]*)[\"“”]|(?P<plain>[^\s\"“”„]+)|[\"“”„])")


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word as typed and its folded form."""

    text: str
    form: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is asked for (or, with ``excluded``, asked away): a word, or the words of a phrase in their order."""

    text: str
    words: tuple[QueryWord, ...]
    phrase: bool = False
    excluded: bool = False


def parse(text: str) -> tuple[Item, ...]:
    """The items of a query in order. Raises QueryError for a query that is too long or holds no word."""
    if len(text) > MAX_CHARACTERS:
        raise QueryError(
            f"query: {len(text):,} characters, more than {MAX_CHARACTERS:,}; search for a few words, or use `lawsearch batch`"
        )
    items: list[Item] = []
    for match in _ITEM.finditer(text):
        source = match["phrase"] if match["phrase"] is not None else match["plain"]
        if source is None:
            continue
        words = tuple(QueryWord(w, fold(w)) for w in tokens.words(source))
        if not words:
            continue
        excluded = match["minus"] is not None
        if match["phrase"] is not None:
            items.append(Item(source.strip(), words, phrase=len(words) > 1, excluded=excluded))
        else:
            items += [Item(w.text, (w,), excluded=excluded) for w in words]
    if not any(not item.excluded for item in items):
        shown = text.strip()[:40]
        raise QueryError(f"query {shown!r}: no word to search for; type at least one word, such as: полиция")
    if sum(len(item.words) for item in items) > MAX_WORDS:
        raise QueryError(f"query: more than {MAX_WORDS} words; search for a few of them")
    return tuple(items)
