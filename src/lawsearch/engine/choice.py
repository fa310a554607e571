"""The engines by name. Each is imported when it is asked for, and not before."""

from __future__ import annotations

from lawsearch.engine.base import Engine
from lawsearch.errors import LawsearchError

DEFAULT = "whoosh"
NAMES = (DEFAULT, "tantivy")


def engine(name: str) -> Engine:
    """The engine of a name. Raises LawsearchError for one that is not known or not installed."""
    if name == DEFAULT:
        from lawsearch.engine.whoosh_engine import WhooshEngine

        return WhooshEngine()
    if name == "tantivy":
        try:
            from lawsearch.engine.tantivy_engine import TantivyEngine
        except ImportError as error:
            if error.name != "tantivy":
                raise
            raise LawsearchError(
                "the engine tantivy is not installed; install it with: pip install 'lawsearch[tantivy]', or build an index of "
                "the default one with: lawsearch index --engine whoosh"
            ) from None
        return TantivyEngine()
    raise LawsearchError(f"no engine {name[:40]!r}; there are: {', '.join(NAMES)}")
