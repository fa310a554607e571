"""What a shell offers when Tab is pressed: acts, articles, terms. Only the store is opened, and a shell never sees an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lawsearch.errors import LawsearchError

if TYPE_CHECKING:
    from lawsearch.store.database import Store

Offer = tuple[str, str]
#: More would scroll the screen away.
_MOST = 200


def laws(ctx: Any, incomplete: str) -> list[Offer]:
    """Acts: identifier and title."""
    return _offered(ctx, lambda store: _laws(store, incomplete))


def places(ctx: Any, incomplete: str) -> list[Offer]:
    """Acts, and behind an act's identifier and a slash its articles, with their titles."""
    return _offered(ctx, lambda store: _places(store, incomplete))


def terms(ctx: Any, incomplete: str) -> list[Offer]:
    """Terms of either language that begin so, with the other side."""
    return _offered(ctx, lambda store: ((a, b.replace("[", "(")) for a, b in store.terms_starting(incomplete, _MOST)))


def _laws(store: Store, incomplete: str) -> Iterator[Offer]:
    for act in store.acts():
        if act.law.startswith(incomplete):
            yield act.law, _title(act.title)


def _places(store: Store, incomplete: str) -> Iterator[Offer]:
    law, slash, number = incomplete.partition("/")
    act = store.act_by_law(law) if slash else None
    if act is None:
        yield from _laws(store, incomplete)
        only = list(store.acts())
        if len(only) == 1 and only[0].law.startswith(incomplete):
            yield from _articles(store, only[0].id, only[0].law, "")
        return
    yield from _articles(store, act.id, law, number)


def _articles(store: Store, act: int, law: str, number: str) -> Iterator[Offer]:
    for article in store.articles(act):
        if article.number is not None and article.number.startswith(number):
            yield f"{law}/{article.number}", _title(article.title)


def _title(titles: Any) -> str:
    # What shells show as help goes through typer's own rendering: no bracket of a title may be markup there.
    return str(next(iter(titles.values()), "")).replace("[", "(").replace("]", ")")


def _offered(context: Any, offers: Callable[[Store], Iterator[Offer]]) -> list[Offer]:
    from lawsearch.cli import session
    from lawsearch.store import generations
    from lawsearch.store.database import Store

    given = (getattr(context, "params", None) or {}).get("index_dir")
    try:
        folder = generations.current(session.index_path(Path(given) if given else None)).folder
        store = Store(folder / generations.STORE_FILE)
        try:
            found = []
            for offer in offers(store):
                found.append(offer)
                if len(found) == _MOST:
                    break
            return found
        finally:
            store.close()
    except (LawsearchError, OSError, ValueError):
        return []
