"""What a text says, in keys that both languages share: what alignment by content compares."""

from __future__ import annotations

from collections.abc import Mapping

from lawsearch.law import Lang
from lawsearch.terms.texts import Expression, Language, Texts


class TermComparison:
    """Reads a Kazakh text as the Russian keys of its terms, a Russian text as its own keys.

    Calling it gives one set for each expression: a term's Russian words, or the keys of one Russian word; then what looks alike
    in both languages. Words of Kazakh that no term covers say nothing beyond that.
    """

    def __init__(self, languages: Mapping[Lang, Language], texts: Mapping[Lang, Texts]) -> None:
        """``texts`` are those of each language that were analysed beforehand; others are when they are asked for."""
        self._languages = languages
        self.texts = texts

    def __call__(self, text: str, lang: Lang) -> list[Expression]:
        language, texts = self._languages[lang], self.texts[lang]
        number = texts.numbers.get(text)
        if number is None:
            texts, number = language.texts([text]), 0
        return language.expressions(texts, number)
