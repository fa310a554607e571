"""The progress of a build, on stderr, when a person watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lawsearch.indexer import Progress


@contextmanager
def watching() -> Iterator[Callable[[Progress], None]]:
    """A callback for `indexer.build` that draws a bar with rate and time left on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda event: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("acts {task.fields[rate]}", markup=False),
        TimeRemainingColumn(),
    )
    started = time.monotonic()
    with Bar(*columns, console=Console(stderr=True, markup=False), transient=True) as bar:
        task = bar.add_task("lawsearch: indexing", total=None, rate="")

        def on_progress(event: Progress) -> None:
            rate = event.provisions / max(time.monotonic() - started, 0.001)
            bar.update(task, completed=event.done, total=event.total, rate=f"{rate:,.0f} provisions/s")

        yield on_progress
