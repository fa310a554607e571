"""`lawsearch stem`: words in, words with keys out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import IO, Literal

from lawsearch.analysis import tokens
from lawsearch.analysis.analyzer import Analyzer
from lawsearch.analysis.letters import fold, is_kazakh
from lawsearch.errors import QueryError
from lawsearch.law import Lang


def explained(text: str) -> Iterator[str]:
    """How each word of ``text`` is taken apart: the root and its suffixes, and the strippings that were rejected and why."""
    from lawsearch.analysis import kazakh

    printed = tokens.words(text)
    if not printed:
        raise QueryError(f"{text[:40]!r}: no word in it; name a word, such as: органдарының")
    for word in printed:
        yield from kazakh.rendered(kazakh.explain(fold(word))).splitlines()


def keyed(stream: IO[bytes], lang: Literal["auto", "kk", "ru"]) -> None:
    """Write ``word<TAB>key`` for each line; several keys of an ambiguous word joined by ``|``, several words by a space."""
    analyzer = Analyzer()
    out: list[str] = []
    for raw in stream:
        word = raw.decode("utf-8", "replace").rstrip("\r\n")
        printed = tokens.words(word)
        if len(printed) == 1:
            keys = _keys(printed[0], lang, analyzer)
        else:
            keys = " ".join(_keys(w, lang, analyzer) for w in printed) or word.strip()
        out.append(f"{word}\t{keys}\n")
        if len(out) >= 4096:
            sys.stdout.write("".join(out))
            out.clear()
    sys.stdout.write("".join(out))


def _keys(printed: str, lang: Literal["auto", "kk", "ru"], analyzer: Analyzer) -> str:
    form = fold(printed)
    return "|".join(analyzer.word(form, _language(form) if lang == "auto" else lang).keys)


def _language(form: str) -> Lang:
    """By letters, then by the dictionaries; Kazakh where both or neither know the word."""
    from lawsearch.analysis import kazakh, russian

    return "kk" if is_kazakh(form) or kazakh.known(form) or not russian.known(form) else "ru"
