"""Edition notes: what changed, by which law, when."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawsearch.corpus.editions import expand_numbers, is_edition_note, is_repeal, law_number, parse_changes


@pytest.mark.parametrize(
    ("printed", "numbers"),
    [
        ("8-1) - 8-3)", ["8-1", "8-2", "8-3"]),
        ("5) -8)", ["5", "6", "7", "8"]),
        ("20-1)", ["20-1"]),
        ("1), 3)-5)", ["1", "3", "4", "5"]),
        ("7) және 9)", ["7", "9"]),
        ("5-1.", ["5-1"]),
        ("3. - 5.", ["3", "4", "5"]),
    ],
)
def test_ranges_lists_and_inserted_numbers(printed: str, numbers: list[str]) -> None:
    assert expand_numbers(printed) == numbers


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        (
            "2017.18.04. № 58-VI ҚР Заңымен 4) тармақша жаңа редакцияда (бұр.ред.қара)",
            [("subpoint", ("4",), "reworded", "58-VI", "2017-04-18", None)],
        ),
        (
            "2024.06.04. № 71-VIII ҚР Заңымен 3) тармақша өзгертілді (2024 ж. 8 маусымнан бастап қолданысқа енгізілді)",
            [("subpoint", ("3",), "amended", "71-VIII", "2024-04-06", "2024-06-08")],
        ),
        (
            "2018.12.07. № 180-VІ ҚР Заңымен 9-1-бап жаңа редакцияда (бұр.ред.қара)",
            [("article", ("9-1",), "reworded", "180-VI", "2018-07-12", None)],
        ),
        (
            "2021.29.06. № 58-VІІ ҚР Заңымен 4-тармақпен толықтырылды",
            [("point", ("4",), "added", "58-VII", "2021-06-29", None)],
        ),
        (
            "Подпункт 8-1) исключен Законом РК от 30.12.2021 № 95-VII (вводится в действие с 1 января 2022 г.)",
            [("subpoint", ("8-1",), "repealed", "95-VII", "2021-12-30", "2022-01-01")],
        ),
        (
            "Сноска. Пункт 2 в редакции Закона РК от 03.07.2017 № 84-VI.",
            [("point", ("2",), "reworded", "84-VI", "2017-07-03", None)],
        ),
        ("Осы баптың ережелері", []),
    ],
)
def test_notes_of_both_styles(note: str, expected: list[tuple[object, ...]]) -> None:
    told = [(c.kind, c.numbers, c.amendment) for c in parse_changes(note)]
    assert [(kind, numbers, a.action, a.law, a.date, a.effective) for kind, numbers, a in told] == expected


def test_what_is_a_note_and_what_is_not() -> None:
    assert is_edition_note("2014.29.12. № 269-V ҚР Заңымен 7) тармақша жаңа редакцияда")
    assert is_edition_note("Сноска. Статья 3 с изменением, внесенным Законом РК от 27.12.2019 № 292-VI.")
    assert not is_edition_note("2014 жылғы 23 сәуірдегі № 199-V Заң")
    assert is_repeal("2021.29.06. № 58-VІІ ҚР Заңымен алып тасталды (бұр.ред.қара)", "kk")
    assert is_repeal("Исключена Законом РК от 24.11.2021 № 75-VII.", "ru")
    assert not is_repeal("деп танылсын күші жойылды", "kk")


def test_law_numbers_are_latin() -> None:
    assert law_number("58-VІІ") == law_number("58-VII") == "58-VII"


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_changes_or_none(text: str) -> None:
    for change in parse_changes(text):
        assert change.amendment.law
