"""Where things are by default: the corpus that ships, and the index."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path


def checkout() -> Path | None:
    """The project's own folder where the program runs from a checkout (or inside one), else None."""
    here = Path(__file__).resolve().parents[2]
    for folder in (here, Path.cwd(), *Path.cwd().parents):
        project = folder / "pyproject.toml"
        if (folder / "corpus").is_dir() and project.is_file():
            try:
                if 'name = "lawsearch"' in project.read_text(encoding="utf-8"):
                    return folder
            except (OSError, UnicodeDecodeError):
                continue
    return None


def default_corpus() -> Path:
    """The corpus that ships with the project: `corpus/` of a checkout, else the copy inside the package."""
    root = checkout()
    return root / "corpus" if root is not None else Path(str(resources.files("lawsearch") / "shipped_corpus"))


def default_index() -> Path:
    """`index/` of a checkout, else the user's data folder (XDG_DATA_HOME, or ~/.local/share)."""
    root = checkout()
    if root is not None:
        return root / "index"
    return _data_folder() / "lawsearch" / "index"


def _data_folder() -> Path:
    data = os.environ.get("XDG_DATA_HOME")
    try:
        return Path(data) if data and Path(data).is_absolute() else Path.home() / ".local" / "share"
    except RuntimeError:
        # No home folder is known: better a folder here than no answer.
        return Path.cwd()


def user_terms() -> Path:
    """A user's own term file: LAWSEARCH_TERMS, else `lawsearch/terms.tsv` in the user's data folder."""
    named = os.environ.get("LAWSEARCH_TERMS")
    return Path(named) if named else _data_folder() / "lawsearch" / "terms.tsv"


def settings_file() -> Path:
    """The file of settings: LAWSEARCH_CONFIG, else `lawsearch/lawsearch.toml` in the user's configuration folder. Never one of
    the folder that a command happens to run in: that may be anybody's."""
    named = os.environ.get("LAWSEARCH_CONFIG")
    if named:
        return Path(named)
    config = os.environ.get("XDG_CONFIG_HOME")
    try:
        root = Path(config) if config and Path(config).is_absolute() else Path.home() / ".config"
    except RuntimeError:
        root = _data_folder()
    return root / "lawsearch" / "lawsearch.toml"
