"""Filters: the documents that a field of a query (`article:6`, `amended:2020..2024`) lets through."""

from __future__ import annotations

from lawsearch.analysis import tokens
from lawsearch.analysis.analyzer import Analyzer
from lawsearch.analysis.letters import fold
from lawsearch.corpus.citing import order
from lawsearch.engine.base import PostingsReader
from lawsearch.errors import UnknownReferenceError
from lawsearch.law import Lang
from lawsearch.query.expand import concept
from lawsearch.query.lexer import LANG_NAMES, status_of
from lawsearch.query.tree import Filter, Item, QueryWord
from lawsearch.store.database import Store
from lawsearch.store.naming import acts_named


def documents(wanted: Filter, store: Store, analyzer: Analyzer, reader: PostingsReader) -> set[int]:
    """The numbers of the documents that ``wanted`` names, whatever its sign.

    Raises UnknownReferenceError for a law that the index does not hold.
    """
    value = wanted.value
    match wanted.field:
        case "article":
            return _articles(value, store)
        case "chapter":
            return store.documents_in_chapter(value) | store.documents_in_chapter(value.upper())
        case "law":
            acts = acts_named(value, store.acts_under, store.title_size)
            if not acts:
                raise UnknownReferenceError(f"{value}: no such act in the index; `lawsearch info` lists the acts it holds")
            return {n for act in acts for n in store.documents_of_act(act)}
        case "title":
            return _titled(value, store, analyzer, reader)
        case "status":
            status = status_of(value)
            if status == "any":
                return set(range(reader.document_count()))
            return store.documents_with_status(status)  # type: ignore[arg-type]
        case "amended":
            first, dots, last = value.partition("..")
            return store.documents_changed_between(first, last or ("9999" if dots else first))
        case "by":
            return store.documents_changed_by(fold(value.lstrip("№")))
        case _:
            name = LANG_NAMES.get(value.lower()) or LANG_NAMES[fold(value)]
            lang: Lang = "ru" if name == "ru" else "kk"
            return store.documents_in(lang)


def _articles(value: str, store: Store) -> set[int]:
    first, dots, last = value.partition("..")
    if not dots:
        return store.documents_in_articles(value)
    low, high = order(first), order(last)
    found: set[int] = set()
    for number in store.article_numbers():
        place = order(number)
        if low <= place and (place <= high or place[: len(high)] == high):
            found |= store.documents_in_articles(number)
    return found


def _titled(value: str, store: Store, analyzer: Analyzer, reader: PostingsReader) -> set[int]:
    words = tuple(QueryWord(w, fold(w)) for w in tokens.words(value))
    item = Item(value, words, phrase=len(words) > 1)
    heads = reader.scores(concept(item, None, analyzer, store, reader).in_title())
    articles = {store.article_of(n) for n in heads}
    return {n for a in articles for n in range(store.article(a).first, store.article(a).last + 1)}
