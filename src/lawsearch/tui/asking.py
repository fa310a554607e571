"""Asking an index without waiting: a process that answers, and what becomes of its answers in the screen's own loop."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from lawsearch.tui import wire
from lawsearch.tui.questions import Question, Reply

if TYPE_CHECKING:
    from lawsearch.tui.answering import Answerer


class AnswerError(Exception):
    """A question that could not be answered: the error's kind (its class) and what it says."""

    def __init__(self, kind: str, said: str) -> None:
        super().__init__(said)
        self.kind = kind


class SupersededError(Exception):
    """A question that was given up for a newer one."""


class GoneError(Exception):
    """The process that answers has ended; the next question starts another."""


Progress = Callable[[Any], None]


class Asking(Protocol):
    """Where questions go."""

    async def ask(self, what: str, *, lane: str = "", progress: Progress | None = None, **arguments: Any) -> Any:
        """The answer of a method of `answering.Answerer`. Of the questions in one ``lane`` only the newest counts: older ones
        raise SupersededError. Raises AnswerError, GoneError."""

    def start(self) -> None:
        """Make ready; answers come sooner then."""

    def close(self) -> None:
        """No more questions."""


class Process:
    """A process that answers, started when it is first needed and again where it has ended.

    One question is out at a time; those that wait are kept here, so that a newer one of the same lane replaces them.
    """

    def __init__(self, index: Path, process: subprocess.Popen[bytes] | None = None) -> None:
        """``process``: one that is under way already (see `wire.start`)."""
        self.index = index
        self._process = process
        self._loop: asyncio.AbstractEventLoop | None = None
        self._number = 0
        self._waiting: list[tuple[Question, str, asyncio.Future[Any], Progress | None]] = []
        self._out: tuple[Question, str, asyncio.Future[Any], Progress | None] | None = None
        self._given_up = False
        self._ready = False

    def start(self) -> None:
        if self._process is not None:
            return
        self._ready = False
        self._process = wire.start(self.index)

    def _listen(self) -> None:
        """Read replies on a thread, from when there is a loop to give them to."""
        assert self._process is not None
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        if getattr(self._process, "listener", None) is None:
            listener = threading.Thread(target=_read, args=(self._process, self._loop, self._arrived), daemon=True)
            self._process.listener = listener  # type: ignore[attr-defined]
            listener.start()

    async def ask(self, what: str, *, lane: str = "", progress: Progress | None = None, **arguments: Any) -> Any:
        self._number += 1
        question = Question(self._number, what, arguments)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if lane:
            for item in [w for w in self._waiting if w[1] == lane]:
                self._waiting.remove(item)
                _set(item[2], SupersededError())
            if self._out is not None and self._out[1] == lane:
                _set(self._out[2], SupersededError())
                self._give_up()
        self._waiting.append((question, lane, future, progress))
        self._next()
        return await future

    def _give_up(self) -> None:
        # Before it listens to the signal, the signal would end it.
        if self._ready and not self._given_up and wire.GIVE_UP is not None and self._process is not None:
            self._given_up = True
            with suppress(ProcessLookupError):
                self._process.send_signal(wire.GIVE_UP)

    def _next(self) -> None:
        if self._out is not None or not self._waiting:
            return
        self.start()
        self._listen()
        assert self._process is not None
        assert self._process.stdin is not None
        self._out = self._waiting.pop(0)
        self._given_up = False
        try:
            wire.send(self._process.stdin, self._out[0])
        except (BrokenPipeError, OSError):
            self._ended(self._process)

    def _arrived(self, process: subprocess.Popen[bytes], reply: Reply | None) -> None:
        if process is not self._process:
            return
        if reply is None:
            self._ended(process)
            return
        self._ready = True
        if self._out is None or reply.number != self._out[0].number:
            return
        if reply.kind == "superseded" and not self._given_up:
            # The signal was for the question before this one.
            self._waiting.insert(0, self._out)
            self._out = None
            self._next()
            return
        _, _, future, progress = self._out
        if reply.kind == "progress":
            if progress is not None:
                progress(reply.value)
            return
        self._out = None
        _set(future, _outcome(reply))
        self._next()

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        """It died under the question at hand; those that wait are put to the next one."""
        with suppress(OSError):
            process.kill()
        _close(process)
        self._process = None
        if self._out is not None:
            _set(self._out[2], GoneError())
            self._out = None
        self._next()

    def close(self) -> None:
        process, self._process = self._process, None
        self._waiting.clear()
        if process is not None:
            with suppress(OSError):
                process.kill()
            process.wait()
            _close(process)


def _outcome(reply: Reply) -> Any:
    if reply.kind == "error":
        return AnswerError(str(reply.value), reply.error)
    return SupersededError() if reply.kind == "superseded" else reply.value


def _set(future: asyncio.Future[Any], outcome: Any) -> None:
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _close(process: subprocess.Popen[bytes]) -> None:
    streams: tuple[IO[bytes] | None, ...] = (process.stdin, process.stdout)
    for stream in streams:
        if stream is not None:
            with suppress(OSError):
                stream.close()


def _read(process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop, arrived: Callable[..., None]) -> None:
    assert process.stdout is not None
    while True:
        try:
            reply = wire.receive(process.stdout)
        except Exception:
            reply = None
        # The loop is closed when the program ends.
        try:
            loop.call_soon_threadsafe(arrived, process, reply)
        except RuntimeError:
            return
        if reply is None:
            return


class Direct:
    """Answers in this very process: for a system that can start no other, and for tests."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer

    def start(self) -> None:
        pass

    async def ask(self, what: str, *, lane: str = "", progress: Progress | None = None, **arguments: Any) -> Any:
        from lawsearch.tui import answering

        await asyncio.sleep(0)
        reply = answering.answered(self._answerer, Question(0, what, arguments), progress or (lambda value: None))
        outcome = _outcome(reply)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self) -> None:
        pass
