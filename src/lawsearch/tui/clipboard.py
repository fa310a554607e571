"""Copying: OSC 52 to the terminal, the system's own command where there is one, and a file that is always there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from lawsearch.tui.history import private

#: The commands that take text for a clipboard on stdin, and what tells that the one fits here.
_COMMANDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
    ("", ("pbcopy",)),
    ("", ("clip.exe",)),
)
_LAST_COPIED = "copied.txt"


def command(environment: Mapping[str, str] | None = None) -> tuple[str, ...] | None:
    """The system's command for copying, or None."""
    env = os.environ if environment is None else environment
    for variable, words in _COMMANDS:
        if (not variable or env.get(variable)) and shutil.which(words[0], path=env.get("PATH")):
            return words
    return None


def by_command(text: str) -> bool:
    """Copy with the system's own command; False where there is none or it fails."""
    words = command()
    if words is None:
        return False
    data = text.encode("utf-16-le" if words[0] == "clip.exe" else "utf-8")
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(words, input=data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=2, check=False)
        return done.returncode == 0
    return False


def kept(text: str, folder: Path) -> Path | None:
    """Keep the text in a file, for terminals that do not take OSC 52: where, or None where it cannot be written."""
    file = folder / _LAST_COPIED
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        with open(file, "w", encoding="utf-8", opener=private) as stream:
            stream.write(text + "\n")
        return file
    return None
