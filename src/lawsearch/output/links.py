"""Where an act can be read on the net, for hyperlinks in a terminal (OSC 8)."""

from __future__ import annotations

import re
from urllib.parse import quote

from lawsearch.law import Lang
from lawsearch.store.records import ActRecord

#: The publisher's identifiers, and its pages.
_PUBLISHED = re.compile(r"[A-Z]\d{10}\Z")
_PAGE = "https://adilet.zan.kz/{}/docs/{}"
_NAMES: dict[Lang, tuple[str, str]] = {"kk": ("kk", "kaz"), "ru": ("ru", "rus")}
#: What may stand in an address besides letters and digits; everything else is written as %XX, so that it steers nothing.
_PLAIN = "-._~:/?#[]@!$&'()*+,;=%"


def page(act: ActRecord, lang: Lang) -> str | None:
    """The address that the act's own `meta.yaml` gives as its source in a language, else its page with the publisher; None
    where neither is known."""
    source = act.meta.get("source")
    if isinstance(source, dict):
        for name in _NAMES[lang]:
            given = source.get(name)
            if isinstance(given, str) and re.match(r"https?://[^\s]+\Z", given):
                return quote(given, safe=_PLAIN)
    return _PAGE.format(_NAMES[lang][1], act.law) if _PUBLISHED.match(act.law) else None
