"""Letters and tokens: look-alikes, Roman numerals, case, invisible characters; where words begin and end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawsearch.analysis import tokens
from lawsearch.analysis.letters import as_cyrillic, fold, roman


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("iшкi", "ішкі"),
        ("IШКІ", "ішкі"),
        ("icтep", "істер"),
        ("Ic", "іс"),
        ("жиhазбен", "жиһазбен"),
        ("ƏДІЛЕТ", "әділет"),
        ("Kазақстан", "қазақстан".replace("қ", "к", 1)),
        ("VІІ", "vii"),
        ("58-VІІ", "58-vii"),
        ("58-VII", "58-vii"),
        ("ІІМ", "іім"),
        ("СІМ", "сім"),
        ("ҚР-ның", "қр-ның"),
        ("қадiр-қасиет", "қадір-қасиет"),
        ("Interpol", "interpol"),
        ("Қазақ\u00adстан", "қазақстан"),
        ("Қазақ\u200bстан", "қазақстан"),
        ("и\u0306", "й"),
    ],
)
def test_folding(printed: str, folded: str) -> None:
    assert fold(printed) == folded


def test_roman_numerals_of_either_alphabet() -> None:
    assert roman("ХІ") == roman("XI") == "xi"
    assert roman("ІІМ") is None
    assert roman("МІС") is None


@pytest.mark.parametrize(
    "marked",
    [
        "|9-1-бап|. |Жергілікті| |полиция|",
        "|8-1|) - |8-3|) |алып| |тасталды|",
        "«|Заң| |атымен|» |деген|",
        "№ |71-VIII|, |58-VІІ|",
        "|жедел-iздестiру| – |қызмет|",
        "|ҚР-ның|\u00a0|Заңы|",
        "|а|_|б|/|в|",
        "|қауіп\u00adсіз|;",
    ],
)
def test_where_words_stand(marked: str) -> None:
    text = marked.replace("|", "")
    assert "".join(marked.split("|")) == text
    assert tokens.words(text) == marked.split("|")[1::2]


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_spans_are_sorted_apart_and_never_empty(text: str) -> None:
    last = -1
    for start, end in tokens.spans(text):
        assert last < start < end <= len(text)
        last = end - 1
        assert fold(text[start:end])


@given(st.text(max_size=100))
@settings(max_examples=300, deadline=None)
def test_folding_twice_is_folding_once_and_look_alikes_keep_places(text: str) -> None:
    for word in tokens.words(text):
        once = fold(word)
        assert fold(once) == once or roman(word.strip("-")) is not None or any(roman(p) for p in once.upper().split("-"))
    assert len(as_cyrillic(text)) == len(text)
