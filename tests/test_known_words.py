"""The keys that ship are those that this analysis gives, and a stale list is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from lawsearch import known_words
from lawsearch.analysis import tokens
from lawsearch.analysis.analyzer import analyse
from lawsearch.analysis.letters import fold
from lawsearch.law import LANGS
from lawsearch.terms import termbase


def test_the_list_is_up_to_date() -> None:
    headers = [line for line in known_words.FILE.read_text(encoding="utf-8").split("\n") if line.startswith("#")]
    assert headers == [f"# {lang} {known_words.analysis(lang)}" for lang in LANGS], "run: python -m lawsearch.known_words"


def test_it_has_every_form_of_the_term_base() -> None:
    ready = {lang: dict(words) for lang, words in known_words.shipped().items()}
    missing = {
        fold(word)
        for term in termbase.load()
        for lang in LANGS
        for word in tokens.words(term.side(lang))
        if fold(word) not in ready[lang]
    }
    assert not missing, "run: python -m lawsearch.known_words"


@pytest.mark.parametrize("lang", LANGS)
def test_its_keys_are_those_of_the_analysis(lang: str) -> None:
    words = known_words.shipped()[lang]  # type: ignore[index]
    assert len(words) > 5_000
    for form, keys in words[::40]:
        assert analyse(form, lang).encode() == keys  # type: ignore[arg-type]


def test_what_another_analysis_made_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = known_words.FILE.read_text(encoding="utf-8")
    stale = tmp_path / "known_words.tsv"
    stale.write_text(text.replace(known_words.analysis("ru"), "0" * 32), encoding="utf-8")
    monkeypatch.setattr(known_words, "FILE", stale)
    found = known_words.shipped()
    assert found["kk"]
    assert not found["ru"]
    monkeypatch.setattr(known_words, "FILE", tmp_path / "none.tsv")
    assert known_words.shipped() == {"kk": [], "ru": []}
