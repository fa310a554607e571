"""A pager for what does not fit on the screen, as other command-line programs have it."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from lawsearch.output import terminal

if TYPE_CHECKING:
    from lawsearch.output.layout import Columns, Line
    from lawsearch.output.terminal import Color

#: Pagers that show colours as they come.
_COLOURFUL = frozenset({"less", "most", "moar", "bat", "delta", "ov"})


class _Screenful(io.StringIO):
    """What would go to the terminal, kept to be counted."""

    def isatty(self) -> bool:
        return True


def command() -> list[str] | None:
    """The pager: LAWSEARCH_PAGER, else PAGER, else `less` where there is one; None where `cat` or nothing is asked for."""
    for name in ("LAWSEARCH_PAGER", "PAGER"):
        given = os.environ.get(name)
        if given is not None:
            try:
                words = shlex.split(given)
            except ValueError:
                words = []
            return words if words and words[0] != "cat" and shutil.which(words[0]) else None
    return ["less"] if shutil.which("less") else None


def write(lines: Iterable[Line | Columns], color: Color, wanted: bool | None, links: bool = False) -> None:
    """Write lines to stdout, through a pager where they are longer than the screen (``wanted`` None), always (True: on a
    terminal) or never (False).

    Only where a person sits at both ends: keys must reach the pager.
    """
    words = command() if wanted is not False and sys.stdout.isatty() and sys.stdin.isatty() else None
    if words is None or os.environ.get("TERM") == "dumb":
        terminal.write(lines, color, links=links)
        return
    colourful = os.path.basename(words[0]) in _COLOURFUL
    screenful = _Screenful()
    terminal.write(lines, "never" if color == "auto" and not colourful else color, screenful, links=links and colourful)
    text = screenful.getvalue()
    if wanted or text.count("\n") >= shutil.get_terminal_size().lines:
        _page(words, text)
    else:
        sys.stdout.write(text)


def _page(words: list[str], text: str) -> None:
    sys.stdout.flush()
    # As git has it: stay on the screen when it ends, show colours, leave at once where all fits.
    env = {"LESS": "FRX", "LV": "-c", "LESSCHARSET": "utf-8"} | dict(os.environ)
    try:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, env=env)
    except OSError:
        sys.stdout.write(text)
        return
    assert process.stdin is not None
    # Whoever leaves the pager has seen enough.
    with suppress(BrokenPipeError), process.stdin:
        process.stdin.write(text.encode())
    while True:
        try:
            process.wait()
            return
        except KeyboardInterrupt:
            # Ctrl-C is the pager's as long as it runs.
            continue
