"""What every command shares: where the index is, opening it, and turning errors into one line and an exit code."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found,unused-ignore]
import _thread
import io
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from lawsearch import places
from lawsearch.errors import IndexMissingError

if TYPE_CHECKING:
    from lawsearch.errors import QuerySyntaxError
    from lawsearch.search import Searcher

FOUND, NOTHING, ERROR, INTERRUPTED = 0, 1, 2, 130
#: Modules that have something to do when the interpreter ends.
_AT_THE_END = frozenset(("multiprocessing", "concurrent.futures", "coverage", "cProfile"))
#: Seconds after which an interrupt that was dropped comes again.
_SOON = 0.01


def note(text: str) -> None:
    """Say something that is not data, on stderr, without anything that could steer a terminal."""
    from lawsearch.output.layout import visible

    with suppress(OSError):
        sys.stderr.write(visible(text) + "\n")


def index_path(given: Path | None) -> Path:
    """The index folder meant: the option, else LAWSEARCH_INDEX, else the default place."""
    if given is not None:
        return given
    named = os.environ.get("LAWSEARCH_INDEX")
    return Path(named) if named else places.default_index()


def is_default(given: Path | None) -> bool:
    """True where neither the option nor the environment names an index."""
    return given is None and not os.environ.get("LAWSEARCH_INDEX")


def open_searcher(given: Path | None, *, verify: bool = False, settings: Mapping[str, object] | None = None) -> Searcher:
    """Open the index; the default one is built from the shipped corpus first where there is none."""
    from lawsearch.search import Searcher

    folder = index_path(given)
    collect_rarely()
    try:
        return Searcher(folder, verify=verify, settings=settings)
    except IndexMissingError:
        if not is_default(given):
            raise
    from lawsearch.indexer import build

    note(f"lawsearch: no index yet; building it from {places.default_corpus()} (some seconds, once)")
    build([places.default_corpus()], folder)
    return Searcher(folder, verify=verify)


def collect_rarely() -> None:
    """Look for garbage in cycles next to never: what a search makes is freed without. Python looks whenever there are so many
    objects more, and what grows are caches: each look would hold up some query for longer than all the rest of it takes."""
    import gc

    gc.freeze()
    gc.set_threshold(1_000_000, 20, 100)


class Tending:
    """When a process that answers many queries looks for garbage in cycles, of which a query leaves next to none: not when
    there are so many objects more, as Python does, for these are caches that fill up. It took a tenth of the time."""

    #: After so many answers the young objects are gone through, and after so many all of them.
    _YOUNG, _ALL = 10_000, 200_000

    def __init__(self) -> None:
        import gc

        gc.disable()
        gc.freeze()
        self._collect = gc.collect
        self._answers = 0

    def answered(self) -> None:
        """To be called after every answer."""
        self._answers += 1
        if self._answers % self._YOUNG == 0:
            self._collect(2 if self._answers % self._ALL == 0 else 0)


def guarded(main: Callable[[], int]) -> int:
    """Run a command and return its exit code; never a traceback for what a user or a damaged file can cause."""
    from lawsearch.errors import LawsearchError, QuerySyntaxError

    try:
        code = main()
        sys.stdout.flush()
    except LawsearchError as error:
        _flush()
        note(f"lawsearch: {' '.join(str(error).split())}")
        if isinstance(error, QuerySyntaxError):
            for line in pointed(error):
                note(line)
        return ERROR
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        _silence()
        return FOUND
    except KeyboardInterrupt:
        return _interrupted()
    except MemoryError:
        _silence()
        note("lawsearch: not enough memory; close other programs, or ask for fewer hits with -n")
        return ERROR
    except OSError as error:
        _silence()
        note(f"lawsearch: {error.filename or 'standard output'}: cannot be read or written ({error.strerror or error})")
        return ERROR
    except Exception as error:
        if isinstance(error.__cause__, KeyboardInterrupt):
            # Python 3.11 wraps what comes while it makes a class of a module that is being read.
            return _interrupted()
        # Typer's own exceptions, known by their shape: they come from whichever click it is built on.
        status = getattr(error, "exit_code", None)
        if not isinstance(status, int):
            raise
        if hasattr(error, "format_message"):
            _usage(error)
            return ERROR
        _flush()
        return status
    return code


def leave(code: int) -> NoReturn:
    """End the process. What it has kept to answer the next query is not taken apart first, object by object, which takes a
    sixth of the time of 6,000 queries: the system takes the memory back as a whole."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
        if _AT_THE_END.isdisjoint(sys.modules):
            os._exit(code)
    sys.exit(code)


def hear_interrupts() -> None:
    """Have an interrupt come again that came where Python drops what is raised (the callback of a weak reference, an object's
    end): it would write a traceback and be forgotten."""
    main = _thread.get_ident()

    def again() -> None:
        time.sleep(_SOON)
        if hasattr(_signal, "pthread_kill"):
            # A signal also ends what the main thread waits for.
            _signal.pthread_kill(main, _signal.SIGINT)
        else:
            _thread.interrupt_main()

    def dropped(what: Any) -> None:
        if issubclass(what.exc_type, KeyboardInterrupt):
            _thread.start_new_thread(again, ())
        else:
            sys.__unraisablehook__(what)

    sys.unraisablehook = dropped


def _interrupted() -> int:
    _flush()
    note("lawsearch: interrupted")
    return INTERRUPTED


def pointed(error: QuerySyntaxError) -> tuple[str, str]:
    """The query, as much of it as fits on a line, and below it carets under the part at fault."""
    from lawsearch.output.layout import visible

    first = max(0, error.start - 50)
    shown = visible(error.query[first : first + 70].replace("\n", " "))
    before = shown[: error.start - first]
    caret = "^" * max(1, min(error.end, first + 70) - error.start)
    return f"  {shown}", f"  {' ' * _cells(before)}{caret}"


def _cells(text: str) -> int:
    """How many cells a terminal gives to a text: none to marks that combine, two to wide signs."""
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _usage(error: Any) -> None:
    """Say what is wrong with a command line: one line and where to read on; the whole help where nothing was asked."""
    message = str(error.format_message())
    if "\n" in message:
        sys.stderr.write(message.rstrip() + "\n")
        return
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "lawsearch"
    note(f"{path}: {message.rstrip('.')}; see: {path} --help")


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        _silence()


def _silence() -> None:
    """Nothing more may be written to stdout, at exit neither: it would fail again."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_lines(lines: Iterable[str]) -> None:
    """Write data lines to stdout: as they are to a file or a pipe, with nothing that could steer it to a terminal."""
    if sys.stdout.isatty():
        from lawsearch.output.layout import visible

        lines = ("\t".join(map(visible, line.split("\t"))) for line in lines)
    for line in lines:
        sys.stdout.write(line)
        sys.stdout.write("\n")


def write_encoded(data: bytes) -> None:
    """Write encoded lines to stdout, which is no terminal and has been written to in no other way."""
    if not sys.stdout.writable():
        raise io.UnsupportedOperation("not writable")
    sys.stdout.buffer.write(data)


def prepare_streams() -> None:
    """A stream that was closed before we started (``>&-``) reads as empty, and tells who writes to it what is wrong."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 (open as long as the process)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, encoding="utf-8")  # noqa: SIM115 (not writable, on purpose)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def use_utf8() -> None:
    """Text goes in and out as UTF-8 whatever the locale says (LANG=C too), the command line's own words included."""
    sys.argv[1:] = [os.fsencode(word).decode("utf-8", "replace") for word in sys.argv[1:]]
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
