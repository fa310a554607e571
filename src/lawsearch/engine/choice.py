"""The engines by name. Each is imported when it is asked for, and not before."""

from __future__ import annotations

from collections.abc import Mapping

from lawsearch.engine.base import Engine
from lawsearch.errors import LawsearchError

DEFAULT = "whoosh"
NAMES = (DEFAULT, "tantivy", "opensearch")


def engine(name: str, given: Mapping[str, object] | None = None) -> Engine:
    """The engine of a name; ``given`` are settings of a command line, for one that has any.

    Raises LawsearchError for one that is not known or not installed.
    """
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
    if name == "opensearch":
        try:
            from lawsearch.engine.opensearch.engine import OpenSearchEngine
        except ImportError as error:
            if error.name not in ("opensearchpy", "pyroaring"):
                raise
            raise LawsearchError(
                "the engine opensearch is not installed; install it with: pip install 'lawsearch[opensearch]', or build an "
                "index of the default one with: lawsearch index --engine whoosh"
            ) from None
        return OpenSearchEngine(given)
    raise LawsearchError(f"no engine {name[:40]!r}; there are: {', '.join(NAMES)}")
