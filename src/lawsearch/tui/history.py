"""The queries of before, kept in the user's state folder: bounded, written whole, unharmed by damage."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_MOST = 500
_LONGEST = 1000
_LARGEST_FILE = 4 * 1024 * 1024


class History:
    """Queries, the newest last, each once. One JSON string a line; a line that is none is left out."""

    def __init__(self, file: Path | None) -> None:
        """``file`` None: kept as long as the program runs."""
        self._file = file
        self.queries: list[str] = list(dict.fromkeys(_read(file)))[-_MOST:]

    def add(self, query: str) -> None:
        """Note a query as the newest; what another program has noted meanwhile is kept."""
        query = query.strip()[:_LONGEST]
        if not query or (self.queries and self.queries[-1] == query):
            return
        found = dict.fromkeys([*self.queries, *_read(self._file)] if self._file is not None else self.queries)
        found.pop(query, None)
        self.queries = [*found, query][-_MOST:]
        self._write()

    def _write(self) -> None:
        if self._file is None:
            return
        # A history that cannot be written is no reason to stop.
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new = self._file.with_name(f"{self._file.name}.{os.getpid()}")
            try:
                with open(new, "w", encoding="utf-8", opener=private) as stream:
                    stream.writelines(json.dumps(query, ensure_ascii=False) + "\n" for query in self.queries)
                os.replace(new, self._file)
            finally:
                new.unlink(missing_ok=True)


def private(path: str, flags: int) -> int:
    """An opener for files that only their owner may read."""
    return os.open(path, flags, 0o600)


def _read(file: Path | None) -> Iterator[str]:
    if file is None:
        return
    try:
        with file.open("rb") as stream:
            data = stream.read(_LARGEST_FILE)
    except OSError:
        return
    for line in data.split(b"\n"):
        try:
            query = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(query, str) and query.strip():
            yield query[:_LONGEST]
