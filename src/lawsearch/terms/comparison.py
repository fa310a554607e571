"""What a text says, in keys that both languages share: what alignment by content compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np  # only a build comes here

from lawsearch.corpus.likeness import Said, Says
from lawsearch.engine.ragged import ends_of, taken
from lawsearch.law import Lang
from lawsearch.terms.texts import Language, Texts


class TermComparison(Says):
    """Reads a Kazakh text as the Russian keys of its terms, a Russian text as its own keys.

    A text says one thing for each expression: a term's Russian words, or the keys of one Russian word; then what looks alike in
    both languages. Words of Kazakh that no term covers say nothing beyond that.
    """

    def __init__(self, languages: Mapping[Lang, Language], texts: Mapping[Lang, Texts]) -> None:
        """``texts`` are those of each language that were analysed beforehand; others are when they are asked for."""
        self._languages = languages
        self.texts = texts

    def said(self, texts: Mapping[Lang, Sequence[str]]) -> Mapping[Lang, Said]:
        """See `Says.said`."""
        return {lang: self._said(some, lang) for lang, some in texts.items()}

    def _said(self, texts: Sequence[str], lang: Lang) -> Said:
        known = self.texts[lang]
        if not all(text in known.numbers for text in texts):
            known = self._languages[lang].texts(list(dict.fromkeys(texts)))
        ends, expressions, keys = known.said
        numbers = np.array([known.numbers[text] for text in texts], dtype=np.int64)
        _, places = taken(ends, numbers)
        return Said(ends_of(ends[numbers + 1] - ends[numbers]), expressions[places], keys)
