"""The analyser: keys, positions, compounds, both languages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawsearch.analysis.analyzer import Analyzer, Word, analyse, postings
from lawsearch.law import Lang


def keys(form: str, lang: Lang) -> tuple[str, ...]:
    return analyse(form, lang).keys


@pytest.mark.parametrize(
    ("forms", "lang"),
    [
        (["орган", "органдарының", "органдары", "органдарда"], "kk"),
        (["қауіпсіздік", "қауіпсіздігін", "қауіпсіздікті"], "kk"),
        (["тәртіп", "тәртібі", "тәртіпті"], "kk"),
        (["оружие", "оружия", "оружием"], "ru"),
        (["требование", "требованию", "требований"], "ru"),
        (["учет", "учёт", "учёта"], "ru"),
    ],
)
def test_forms_of_a_word_meet(forms: list[str], lang: Lang) -> None:
    shared = set(keys(forms[0], lang))
    for form in forms[1:]:
        assert shared & set(keys(form, lang)), form


def test_words_that_must_not_meet() -> None:
    assert not set(keys("мемлекеттік", "kk")) & set(keys("мемлекет", "kk"))
    assert not set(keys("қауіпсіздік", "kk")) & set(keys("қауіп", "kk"))


def test_a_compound_is_filed_whole_and_by_part() -> None:
    analyzer = Analyzer()
    found = analyzer.tokens("жедел-іздестіру қызметін", "kk")
    filed = postings(found)
    whole = [k for k, p in filed if "-" in k]
    assert whole
    assert [position for key, position in filed if key == "қызмет"] == [2]
    apart = postings(analyzer.tokens("жедел іздестіру қызметін", "kk"))
    assert {(k, p) for k, p in apart} <= {(k, p) for k, p in filed}


def test_numbers_and_abbreviations() -> None:
    assert analyse("9-1-бап", "kk").parts == (("9-1",), keys("бап", "kk"))
    assert keys("58-vii", "kk") == ("58-vii",)
    assert keys("2024", "ru") == ("2024",)
    assert set(keys("қр-ның", "kk")) & set(keys("қр", "kk"))


def test_what_another_index_knows_is_not_analysed_again() -> None:
    told = Word((("нечто",),))
    analyzer = Analyzer(lambda form, lang: told if form == "слово" else None)
    assert analyzer.word("слово", "ru") is told
    assert analyzer.word("слова", "ru").keys == ("слово",)


@given(st.text(alphabet="абвгәіңғүұқөһйцукенzx-19", min_size=1, max_size=20), st.sampled_from(["kk", "ru"]))
@settings(max_examples=200, deadline=None)
def test_every_word_has_keys_that_read_back(form: str, lang: Lang) -> None:
    word = analyse(form, lang)
    assert all(part and all(part) for part in word.parts)
    assert Word.decode(word.encode()) == word
