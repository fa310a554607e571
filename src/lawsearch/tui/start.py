"""Starting the UI: is there a terminal, where is the index; then the app; then the marked hits."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lawsearch.errors import LawsearchError

if TYPE_CHECKING:
    from lawsearch.hits import Hit
    from lawsearch.output.layout import Show
    from lawsearch.tui.texts import UiLang


def run(
    index: Path,
    query: str,
    *,
    corpus: Path | None,
    build_missing: bool,
    ui_lang: UiLang | None,
    show: Show | None,
    theme: str,
) -> tuple[int, list[Hit], str]:
    """Run the UI until the user leaves: the exit code, the marked hits, and what ended it where that was a fault of its own.

    Raises LawsearchError without a terminal.
    """
    with _terminal():
        # The index is opened by another process while this one still reads its own modules.
        from lawsearch.tui import wire

        started = wire.start(index)
        try:
            from lawsearch.tui.app import LawsearchUi
            from lawsearch.tui.asking import Process
            from lawsearch.tui.base import Setup
            from lawsearch.tui.settings import state_folder, theme_for
            from lawsearch.tui.texts import by_locale

            finder, reader = Process(index, started), Process(index)
            app = LawsearchUi(
                Setup(
                    finder,
                    reader,
                    index,
                    texts=ui_lang or by_locale(),
                    theme=theme_for(theme),
                    query=query,
                    state=state_folder(),
                    show=show,
                    corpus=corpus,
                    build_missing=build_missing,
                )
            )
            try:
                code = app.run()
            finally:
                finder.close()
                reader.close()
            marked = list(app.state.marked.values())
            if app.fault is not None:
                return 2, marked, _noted(app.fault, app.setup.state)
            return (code if code is not None else 0), marked, ""
        finally:
            if started.poll() is None:
                started.kill()
                started.wait()


def _noted(fault: BaseException, folder: Path | None) -> str:
    """Keep a fault's traceback in a file for whoever mends it, and say it in a line."""
    told = f"ui: ended by a fault of its own ({type(fault).__name__}: {fault})"
    if folder is None:
        return told
    file = folder / "fault.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(traceback.format_exception(fault)), encoding="utf-8")
    except OSError:
        return told
    return f"{told}; {file} has the details"


@contextmanager
def _terminal() -> Iterator[None]:
    """A terminal to draw on and to read keys from, wherever stdout goes: stdin and stderr, else the controlling terminal.

    Raises LawsearchError where there is none.
    """
    before = sys.__stdin__, sys.__stdout__, sys.__stderr__
    with ExitStack() as stack:
        try:
            if os.environ.get("TERM") == "dumb":
                raise OSError("TERM=dumb")
            if not sys.stdin.isatty():
                sys.__stdin__ = stack.enter_context(open("/dev/tty", encoding="utf-8"))  # type: ignore[misc]
            if not sys.stderr.isatty():
                sys.__stderr__ = stack.enter_context(open("/dev/tty", "w", encoding="utf-8"))  # type: ignore[misc]
            if not sys.stdout.isatty():
                # Where the terminal's size is asked for. What is printed in the end goes to `sys.stdout`.
                sys.__stdout__ = sys.__stderr__  # type: ignore[misc]
        except OSError:
            sys.__stdin__, sys.__stdout__, sys.__stderr__ = before  # type: ignore[misc]
            raise LawsearchError(
                "ui: there is no terminal here to draw on; use `lawsearch search` in scripts and pipes"
            ) from None
        # The size is the terminal's own, also when it changes; what a shell may have noted of it stays behind.
        for name in ("COLUMNS", "LINES"):
            os.environ.pop(name, None)
        try:
            yield
        finally:
            sys.__stdin__, sys.__stdout__, sys.__stderr__ = before  # type: ignore[misc]
