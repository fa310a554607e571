"""Worker processes: started afresh, deaf to Ctrl-C (the parent tells them when to stop), gone when the parent is gone."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from lawsearch.errors import LawsearchError

if TYPE_CHECKING:
    from multiprocessing.pool import AsyncResult, Pool

#: How many seconds a result may be waited for before the workers are looked at.
_PATIENCE = 0.5
_R = TypeVar("_R")


@contextmanager
def workers(jobs: int, start: Callable[..., None], arguments: tuple[Any, ...]) -> Iterator[Pool]:
    """A pool of ``jobs`` processes, each of which first runs ``start(*arguments)``; killed when the block is left.

    They are spawned, not forked: neither the parent's open files nor its locks are theirs.
    """
    with _without_interrupts():
        pool = multiprocessing.get_context("spawn").Pool(jobs, start, arguments)
    with pool:
        yield pool


def crew(pool: Pool) -> frozenset[int | None]:
    """The processes of a pool."""
    return frozenset(process.pid for process in list(pool._pool))  # type: ignore[attr-defined]


def result_of(pool: Pool, pending: AsyncResult[_R], started: frozenset[int | None]) -> _R:
    """Wait for what a pool makes. Raises LawsearchError when one of the processes that it had ``started`` (`crew`) has gone: a
    pool starts another in its place, but what that one was at never comes."""
    while not pending.ready():
        pending.wait(_PATIENCE)
        if not pending.ready() and not started <= crew(pool):
            raise LawsearchError(
                "a worker process has gone (had it memory enough?); nothing that was indexed is lost: run the same command "
                "again, with fewer --jobs"
            )
    return pending.get()


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
