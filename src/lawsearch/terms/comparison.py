"""What a text says, in keys that both languages share: what alignment by content compares."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lawsearch.analysis import stopwords
from lawsearch.analysis.analyzer import Token
from lawsearch.law import Lang
from lawsearch.terms.linking import KeySets, Link

#: Tokens and links of a text.
Analysed = Callable[[str, Lang], tuple[Sequence[Token], Sequence[Link]]]


class TermComparison:
    """Reads a Kazakh text as the Russian keys of its terms, a Russian text as its own keys.

    Calling it gives one set for each expression: a term's Russian words in turn, or the keys of one Russian word. Words of
    Kazakh that no term covers say nothing here.
    """

    def __init__(self, analysed: Analysed, russian: Sequence[KeySets]) -> None:
        """``russian`` are the key sets of each term's Russian side, by the term's number."""
        self._analysed = analysed
        self._russian = russian

    def __call__(self, text: str, lang: Lang) -> list[frozenset[str]]:
        tokens, links = self._analysed(text, lang)
        if lang == "ru":
            return [
                frozenset(part)
                for token in tokens
                if token.form not in stopwords.RUSSIAN and not token.form[0].isdigit()
                for part in token.word.parts
            ]
        # All renderings of what stands at one place are one expression: any of them will do on the other side.
        at: dict[int, set[str]] = {}
        for link in links:
            # Learnt pairs, numbered behind these, have no say: they were learnt from the pairing itself.
            for place in self._russian[link.term] if link.term < len(self._russian) else ():
                at.setdefault(link.first, set()).update(key for key in place if key not in stopwords.RUSSIAN)
        return [frozenset(keys) for _, keys in sorted(at.items()) if keys]
