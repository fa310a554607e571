"""What standing a text has: official, or somebody's rendering. A text that is not official says so in its first lines."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lawsearch.corpus.outline import Outline
from lawsearch.law import Lang, Problem, TextStatus

#: The mark that an unofficial text bears before its first provision (`> Неофициальный перевод …`).
_MARK = re.compile(r"\W*(?:неофициальн\w+\s+(?:перевод|текст)|бейресми\s+(?:аударма|мәтін)|unofficial\b)", re.I)


def bears_mark(text: str) -> bool:
    """True for a line that marks a text as unofficial."""
    return bool(_MARK.match(text))


def text_status(outlines: Mapping[Lang, Outline], meta: Mapping[str, object]) -> tuple[dict[Lang, TextStatus], list[Problem]]:
    """Each language's standing where it is known, and what contradicts it.

    The mark in the text decides. The meta file's ``status`` only adds what the text does not say: a text without the mark
    that the meta file still calls unofficial has been replaced, which is reported and taken as unknown.
    """
    found: dict[Lang, TextStatus] = {}
    problems: list[Problem] = []
    given = meta.get("status")
    for lang, outline in outlines.items():
        if any(line.role in ("front", "edition") and bears_mark(line.text) for line in outline.lines):
            found[lang] = "unofficial"
            continue
        said = str(given.get(lang) or "").strip().lower() if isinstance(given, Mapping) else ""
        if said.startswith(("unofficial", "неофициальн", "бейресми")):
            problems.append(
                Problem(lang, 1, "meta.yaml calls this text unofficial, but the text bears no such mark; mend `status` there")
            )
        elif said.startswith(("official", "официальн", "ресми")):
            found[lang] = "official"
    return found, problems
