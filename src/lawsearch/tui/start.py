"""Starting the UI: is there a terminal, where is the index; then the app; then the marked hits."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lawsearch.errors import LawsearchError

if TYPE_CHECKING:
    from lawsearch.output.layout import Show
    from lawsearch.search import Hit
    from lawsearch.tui.texts import UiLang

Printed = Literal["list", "text", "jsonl", "csv", "tsv"]


def run(
    index: Path,
    query: str,
    *,
    corpus: Path | None,
    build_missing: bool,
    ui_lang: UiLang | None,
    show: Show | None,
    theme: str,
) -> tuple[int, list[Hit]]:
    """Run the UI until the user leaves: the exit code and the marked hits. Raises LawsearchError without a terminal."""
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
            return (code if code is not None else app.return_code or 0), list(app.state.marked.values())
        finally:
            if started.poll() is None:
                started.kill()
                started.wait()


@contextmanager
def _terminal() -> Iterator[None]:
    """A terminal to draw on and to read keys from, wherever stdout goes: stdin and stderr, else the controlling terminal.

    Raises LawsearchError where there is none.
    """
    before = sys.__stdin__, sys.__stderr__
    with ExitStack() as stack:
        try:
            if os.environ.get("TERM") == "dumb":
                raise OSError("TERM=dumb")
            if not sys.stdin.isatty():
                sys.__stdin__ = stack.enter_context(open("/dev/tty", encoding="utf-8"))  # type: ignore[misc]
            if not sys.stderr.isatty():
                sys.__stderr__ = stack.enter_context(open("/dev/tty", "w", encoding="utf-8"))  # type: ignore[misc]
        except OSError:
            sys.__stdin__, sys.__stderr__ = before  # type: ignore[misc]
            raise LawsearchError(
                "ui: there is no terminal here to draw on; use `lawsearch search` in scripts and pipes"
            ) from None
        try:
            yield
        finally:
            sys.__stdin__, sys.__stderr__ = before  # type: ignore[misc]
