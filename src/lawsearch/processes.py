"""Worker processes: started afresh, deaf to Ctrl-C (the parent tells them when to stop), gone when the parent is gone."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.pool import Pool


@contextmanager
def workers(jobs: int, start: Callable[..., None], arguments: tuple[Any, ...]) -> Iterator[Pool]:
    """A pool of ``jobs`` processes, each of which first runs ``start(*arguments)``; killed when the block is left.

    They are spawned, not forked: neither the parent's open files nor its locks are theirs.
    """
    with _without_interrupts():
        pool = multiprocessing.get_context("spawn").Pool(jobs, start, arguments)
    with pool:
        yield pool


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back; processes started meanwhile never hear it. What came meanwhile comes at the end."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
