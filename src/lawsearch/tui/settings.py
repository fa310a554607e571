"""Where the UI keeps what it remembers, and which colours a terminal calls for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from lawsearch.tui.painting import Theme


def state_folder(environment: Mapping[str, str] | None = None) -> Path | None:
    """`lawsearch` in the user's state folder (XDG_STATE_HOME, or ~/.local/state); None where no home is known."""
    env = os.environ if environment is None else environment
    named = env.get("XDG_STATE_HOME", "")
    try:
        base = Path(named) if named and Path(named).is_absolute() else Path.home() / ".local" / "state"
    except RuntimeError:
        return None
    return base / "lawsearch"


def theme_for(wanted: str, environment: Mapping[str, str] | None = None) -> Theme:
    """The theme to start with: the one asked for; else without colours where NO_COLOR is set, the terminal's own sixteen
    where it has no more, light where the terminal says that its background is (COLORFGBG), dark otherwise."""
    env = os.environ if environment is None else environment
    if env.get("NO_COLOR"):
        return "mono"
    if wanted in ("dark", "light", "ansi"):
        return wanted  # type: ignore[return-value]
    term = env.get("TERM", "")
    if env.get("COLORTERM", "") not in ("truecolor", "24bit") and "256" not in term and "kitty" not in term:
        return "ansi"
    background = env.get("COLORFGBG", "").rpartition(";")[2]
    return "light" if background in ("7", "15") else "dark"
