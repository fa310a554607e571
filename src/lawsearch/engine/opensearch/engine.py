"""The engine for clusters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lawsearch.engine.opensearch.reading import OpenSearchReader
from lawsearch.engine.opensearch.settings import settings
from lawsearch.engine.opensearch.writing import OpenSearchWriter


class OpenSearchEngine:
    """``given`` are the settings of the command line; see `settings`."""

    name = "opensearch"

    def __init__(self, given: Mapping[str, object] | None = None) -> None:
        self._given = dict(given or {})

    @property
    def layout(self) -> str:
        """What of the settings makes another index of the same corpus."""
        chosen = settings(self._given)
        return f"{chosen.alias} {chosen.shards}"

    def writer(self, folder: Path) -> OpenSearchWriter:
        return OpenSearchWriter(folder, settings(self._given))

    def reader(self, folder: Path) -> OpenSearchReader:
        return OpenSearchReader(folder, lambda: settings(self._given))
