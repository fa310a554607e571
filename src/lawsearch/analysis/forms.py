"""The forms of a language by number: what a build knows of each is made once, and a text is a row of numbers."""

from __future__ import annotations

from collections.abc import Callable

from lawsearch.analysis import tokens as tokenizer
from lawsearch.analysis.analyzer import Analyzer, Word
from lawsearch.analysis.letters import fold
from lawsearch.law import Lang

#: Stands in a scanned text for a sign that no term crosses.
BREAK = -1


class Forms:
    """The forms met so far. ``on_new`` is called once for each, in the order of their numbers."""

    def __init__(self, lang: Lang, analyzer: Analyzer, on_new: Callable[[str, Word], None]) -> None:
        self.forms: list[str] = []
        self._lang = lang
        self._analyzer = analyzer
        self._on_new = on_new
        self._numbers: dict[str, int] = {}
        self._printed = _Printed(self)

    def __len__(self) -> int:
        return len(self._printed)

    def scan(self, text: str) -> list[int]:
        """The numbers of a text's words in order, with `BREAK` for each sign between them that no term crosses."""
        return list(map(self._printed.__getitem__, tokenizer.words_and_breaks(text)))

    def number(self, printed: str) -> int:
        """The number of a word as printed, or `BREAK` for a sign."""
        if printed in tokenizer.BREAKS:
            return BREAK
        form = fold(printed)
        number = self._numbers.get(form)
        if number is None:
            word = self._analyzer.word(form, self._lang)
            number = self._numbers[form] = len(self.forms)
            self.forms.append(form)
            self._on_new(form, word)
        return number


class _Printed(dict[str, int]):
    """Word as printed -> its form's number."""

    def __init__(self, forms: Forms) -> None:
        super().__init__()
        self._forms = forms

    def __missing__(self, printed: str) -> int:
        number = self[printed] = self._forms.number(printed)
        return number
