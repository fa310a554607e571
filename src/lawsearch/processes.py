"""Worker processes: started afresh, deaf to Ctrl-C (the parent tells them when to stop), gone when the parent is gone."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from lawsearch.errors import LawsearchError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.pool import AsyncResult, Pool

#: How many seconds a result may be waited for before the workers are looked at.
_PATIENCE = 0.5
#: So many bytes of tasks may wait in a worker's pipe: they fit into it on every system, and sending them never waits.
_WAITING = 8_000
#: Room in the pipe that a worker's results come through, where a system lets it be said: a result goes through in one piece.
_ROOM = 1 << 20
_R = TypeVar("_R")
_T = TypeVar("_T")


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
            raise _gone()
    return pending.get()


def in_order(
    jobs: int, start: Callable[..., Callable[[_T], tuple[_R, bytes]]], arguments: tuple[Any, ...], tasks: Iterable[_T]
) -> Iterator[tuple[_R, bytes]]:
    """What ``jobs`` processes make of tasks, in the tasks' order. Each first runs ``start(*arguments)``, which gives what does
    a task: something small, and bytes, which go through a pipe as they are.

    A pool of the standard library has three threads for this and wakes one of them to look at every worker after every result:
    a tenth of what a batch of searches takes. Tasks are read as they are needed; results that wait for an earlier one are at
    most as many as the tasks that are out. Raises what a task raised, and LawsearchError when a process has gone.
    """
    team: list[_Worker] = []
    try:
        with _without_interrupts():
            team += [_Worker(start, arguments) for _ in range(jobs)]
        yield from _in_order(team, iter(tasks))
    finally:
        for worker in team:
            worker.end()


def _in_order(team: list[_Worker], tasks: Iterator[Any]) -> Iterator[Any]:
    from multiprocessing.connection import wait

    by_results: dict[Any, _Worker] = {worker.results: worker for worker in team}
    made: dict[int, Any] = {}
    given = wanted = 0
    held: bytes | None = None
    more = True
    while True:
        # Least busy first, so that nobody has two tasks while another has none.
        while more and given - wanted <= 3 * len(team):
            if held is None:
                task = next(tasks, None)
                if task is None:
                    more = False
                    break
                held = pickle.dumps(task, pickle.HIGHEST_PROTOCOL)
            free = [worker for worker in team if worker.has_room(len(held))]
            if not free:
                break
            min(free, key=lambda worker: len(worker.out)).give(given, held)
            held = None
            given += 1
        if wanted == given:
            return
        for ready in wait([worker.results for worker in team if worker.out]):
            number, result = by_results[ready].take()
            made[number] = result
        while wanted in made:
            result = made.pop(wanted)
            wanted += 1
            yield result


class _Worker:
    """One process, with the tasks that are out to it (number and size)."""

    def __init__(self, start: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        context = multiprocessing.get_context("spawn")
        theirs, self.tasks = context.Pipe(duplex=False)
        self.results, back = context.Pipe(duplex=False)
        _widen(back)
        self.out: deque[tuple[int, int]] = deque()
        self._process = context.Process(target=_serve, args=(theirs, back, start, arguments), daemon=True)
        self._process.start()
        # Ours alone are left: a process that has gone ends its pipes.
        theirs.close()
        back.close()

    def has_room(self, size: int) -> bool:
        """True where a task of that size can be given without waiting until it is taken."""
        return not self.out or (len(self.out) == 1 and self.out[0][1] + size <= _WAITING)

    def give(self, number: int, task: bytes) -> None:
        self.out.append((number, len(task)))
        try:
            self.tasks.send_bytes(task)
        except OSError:
            # It may have said why it has gone.
            if self.results.poll(_PATIENCE):
                self.take()
            raise _gone() from None

    def take(self) -> tuple[int, Any]:
        """The next result, with its task's number."""
        try:
            told, data = pickle.loads(self.results.recv_bytes()), self.results.recv_bytes()
        except (EOFError, OSError):
            raise _gone() from None
        if isinstance(told, BaseException):
            raise told
        return self.out.popleft()[0], (told, data)

    def end(self) -> None:
        for pipe in (self.tasks, self.results):
            pipe.close()
        self._process.terminate()
        self._process.join()


def _serve(tasks: Connection, results: Connection, start: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """What a worker runs, until there are no more tasks or nobody is there to hear of them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, BrokenPipeError, ConnectionError):
        try:
            work = start(*arguments)
            while True:
                told, data = work(pickle.loads(tasks.recv_bytes()))
                results.send_bytes(pickle.dumps(told, pickle.HIGHEST_PROTOCOL))
                results.send_bytes(data)
        except (EOFError, BrokenPipeError, ConnectionError):
            raise
        except Exception as error:
            results.send_bytes(pickle.dumps(error))
            results.send_bytes(b"")


def _widen(pipe: Connection) -> None:
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _ROOM)


def _gone() -> LawsearchError:
    return LawsearchError(
        "a worker process has gone (had it memory enough?); nothing that was indexed is lost: run the same command "
        "again, with fewer --jobs"
    )


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back; processes started meanwhile never hear it. What came meanwhile comes at the end."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    # Where it is started meanwhile, the tracker of the standard library lets interrupts in again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
