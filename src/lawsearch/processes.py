"""Worker processes: started afresh, deaf to Ctrl-C (the parent tells them when to stop), gone when the parent is gone."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

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
    jobs: int,
    start: Callable[..., Callable[[list[_T]], tuple[_R, bytes]]],
    arguments: tuple[Any, ...],
    items: Iterable[_T],
    most: int,
) -> Iterator[tuple[_R, bytes]]:
    """What ``jobs`` processes make of items, in the items' order. Each first runs ``start(*arguments)``, which gives what does
    a task, some items: something small, and bytes, which go through a pipe as they are.

    A pool of the standard library has three threads for this and wakes one of them to look at every worker after every result:
    a tenth of what a batch of searches takes. A task has ``most`` items, or as many as there are when a worker is free: nobody
    who waits for an answer before going on waits for ever. Items are read ahead by a thread, which may outlive the iteration
    where the next item never comes: their iterator must bear that. Results that wait for an earlier one are at most as many as
    the tasks that are out. Raises what a task or the reading of the items raised, behind the results before it, and
    LawsearchError when a process has gone.
    """
    team: list[_Worker] = []
    coming = _Coming(items, most)
    try:
        with _without_interrupts():
            coming.start()
            team += [_Worker(start, arguments) for _ in range(jobs)]
        yield from _in_order(team, coming)
    finally:
        coming.stop()
        for worker in team:
            worker.end()


def _in_order(team: list[_Worker], coming: _Coming[Any]) -> Iterator[Any]:
    from multiprocessing.connection import wait

    by_results: dict[Any, _Worker] = {worker.results: worker for worker in team}
    made: dict[int, Any] = {}
    given = wanted = 0
    held: bytes | None = None
    while True:
        wanting = False
        # Least busy first, so that nobody has two tasks while another has none.
        while given - wanted <= 3 * len(team):
            if held is None:
                some = coming.take()
                if not some:
                    wanting = not coming.ended
                    break
                held = pickle.dumps(some, pickle.HIGHEST_PROTOCOL)
            free = [worker for worker in team if worker.has_room(len(held))]
            if not free:
                break
            min(free, key=lambda worker: len(worker.out)).give(given, held)
            held = None
            given += 1
        if wanted == given and not wanting:
            coming.check()
            return
        for ready in wait([*(worker.results for worker in team if worker.out), *([coming.bell] if wanting else ())]):
            if ready is not coming.bell:
                number, result = by_results[ready].take()
                made[number] = result
        while wanted in made:
            result = made.pop(wanted)
            wanted += 1
            yield result


class _Coming(Generic[_T]):
    """Items, read ahead by a thread of their own: at most twice as many as a task may have. ``bell`` can be read where there
    are some, or will be no more."""

    def __init__(self, items: Iterable[_T], most: int) -> None:
        self.ended = False
        self.bell, self._rope = multiprocessing.Pipe(duplex=False)
        self._items = items
        self._most = most
        self._there: deque[_T] = deque()
        self._all_read = self._stopped = self._rung = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _read(self) -> None:
        try:
            for item in self._items:
                with self._changed:
                    self._changed.wait_for(lambda: len(self._there) < 2 * self._most or self._stopped)
                    if self._stopped:
                        return
                    self._there.append(item)
                    self._ring()
        except BaseException as error:
            self._error = error
        with self._changed:
            self._all_read = True
            self._ring()

    def _ring(self) -> None:
        if not self._rung and not self._stopped:
            self._rung = True
            self._rope.send_bytes(b"!")

    def take(self) -> list[_T]:
        """The items of a task: those that are there, if any."""
        with self._changed:
            if self._rung:
                self.bell.recv_bytes()
                self._rung = False
            some = [self._there.popleft() for _ in range(min(len(self._there), self._most))]
            self.ended = self._all_read and not self._there
            if self._there:
                self._ring()
            self._changed.notify()
        return some

    def check(self) -> None:
        """Raises what the reading of the items raised."""
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Read no more. What is being read is left to come or not."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
            self.bell.close()
            self._rope.close()


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
