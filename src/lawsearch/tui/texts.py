"""The UI's own words in Kazakh, Russian and English: data (`texts.toml`), by the locale or as told."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Literal

UiLang = Literal["kk", "ru", "en"]
UI_LANGS: tuple[UiLang, ...] = ("kk", "ru", "en")


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, dict[UiLang, str]]]:
    return tomllib.loads((resources.files("lawsearch.tui") / "texts.toml").read_text(encoding="utf-8"))


class Texts:
    """The words in one language."""

    def __init__(self, lang: UiLang) -> None:
        self.lang = lang

    def __call__(self, name: str, *values: object) -> str:
        """A text by its name (``section.name``, or a name of the section ``screen``), its places filled."""
        section, dot, key = name.rpartition(".")
        text = _table()[section if dot else "screen"][key][self.lang]
        return text.format(*values) if values else text


def names() -> dict[str, dict[str, dict[UiLang, str]]]:
    """Every text there is, by section, name and language."""
    return _table()


def by_locale(environment: Mapping[str, str] | None = None) -> UiLang:
    """The language that the locale asks for (LC_ALL, else LC_MESSAGES, else LANG); English for any but ours."""
    env = os.environ if environment is None else environment
    named = next((env[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if env.get(name)), "")
    code = named.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    return code if code in ("kk", "ru") else "en"  # type: ignore[return-value]
