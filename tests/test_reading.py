"""Reading: the shipped act as structure, nothing lost, and the same grammar in both languages and formats."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import LAW, SEED
from lawsearch.corpus.files import discover, markdown_lines, text_lines
from lawsearch.corpus.grammar import parse
from lawsearch.corpus.outline import Line
from lawsearch.corpus.reading import read_act
from lawsearch.law import Act, Address, Provision


def at(act: Act, place: str) -> Provision:
    return next(p for p in act.provisions if str(p.address) == f"{LAW}/{place}")


def test_chapters_and_articles(seed_act: Act) -> None:
    articles = [a.number for a in seed_act.articles if a.number]
    assert articles == [*map(str, range(1, 10)), "9-1", *map(str, range(10, 26))]
    chapters = list(dict.fromkeys(a.chapter.number for a in seed_act.articles if a.chapter.number))
    assert chapters == list("1234567")
    assert seed_act.problems == ()


def test_provisions_in_force_and_repealed(seed_act: Act) -> None:
    kinds = Counter((p.kind, p.status) for p in seed_act.provisions)
    in_force = sum(
        n for (kind, status), n in kinds.items() if status == "in_force" and kind in ("opening", "point", "subpoint")
    )
    assert in_force == 242
    assert kinds["preamble", "in_force"] == 1
    assert kinds["note", "in_force"] == 1
    assert kinds["note", "repealed"] == 1
    assert all(p.text("kk") for p in seed_act.provisions)
    assert len({str(p.address) for p in seed_act.provisions}) == len(seed_act.provisions)


def source_lines() -> dict[int, str]:
    """The source's lines that hold something, without the export's bookmarks, by number."""
    lines = enumerate(SEED.read_text(encoding="utf-8").split("\n"), 1)
    clean = ((n, re.sub(r"\[bookmark: [^\]]*\]", "", line).strip()) for n, line in lines)
    return {n: line for n, line in clean if line}


def test_nothing_is_lost(seed_act: Act) -> None:
    """The pieces, put together again, are the source, line by line: every line is one provision's or has a role."""
    together = {line.line: line.text for line in seed_act.lines}
    for provision in seed_act.provisions:
        version = provision.versions["kk"]
        for number, paragraph in enumerate(version.paragraphs):
            label = version.label if number == 0 else ""
            line = re.sub(r"\s+", " ", f"{label} {paragraph.text}".strip())
            # The numbers of a repealed range share one printed line.
            assert together.setdefault(paragraph.line, line) == line
    expected = {n: re.sub(r"\s+", " ", line) for n, line in source_lines().items()}
    assert {n: re.sub(r"\s+", " ", line) for n, line in together.items()} == expected


def test_contents_and_bookmarks_are_no_text(seed_act: Act) -> None:
    assert sum(line.role == "toc" for line in seed_act.lines) == 33
    everything = "\n".join(p.text("kk") or "" for p in seed_act.provisions)
    assert "bookmark" not in everything
    titles = {a.title["kk"] for a in seed_act.articles if a.number}
    assert len(titles) == 26
    assert not [p for p in seed_act.provisions if p.text("kk") in titles]


def test_text_is_the_sources_own(seed_act: Act) -> None:
    assert at(seed_act, "1/2").text("kk") == (
        "Ішкі істер органдары өз өкілеттіктерін жүзеге асыруы кезінде олардың қызметіне араласуға тыйым салынады."
    )
    # Latin letters stay where the source has them.
    assert "жедел-iздестiру қызметiн" in (at(seed_act, "5/-/13").text("kk") or "")


@pytest.mark.parametrize(
    ("place", "beginning"),
    [
        ("preamble", "Осы Заң Қазақстан Республикасы"),
        ("3", "Ішкі істер органдарының қызметі Қазақстан"),
        ("5", "Ішкі істер органдары Қазақстан Республикасының заңнамасына сәйкес"),
        ("5/-/8-4", "Қазақстан Республикасы ратификациялаған реадмиссия"),
        ("6/1/28-1", "Қазақстан Республикасы Қарулы Күштерінің"),
        ("6/2/25-1", "ішкі істер органдарының есебінде тұрған"),
        ("9/2/3-1", "Қазақстан Республикасының құқық қорғау"),
        ("9-1/3", "Учаскелік полиция инспекторы тиісті"),
        ("11/-/25", "мыналарды:\nқұрылымдар мен штаттарды"),
        ("21/note", "Осы баптың 2-тармағында"),
    ],
)
def test_addresses(seed_act: Act, place: str, beginning: str) -> None:
    assert (at(seed_act, place).text("kk") or "").startswith(beginning)


def test_unnumbered_paragraphs_belong_to_what_they_follow(seed_act: Act) -> None:
    assert len(at(seed_act, "6/1/26").versions["kk"].paragraphs) == 13
    assert len(at(seed_act, "11/-/25").versions["kk"].paragraphs) == 34
    assert len(at(seed_act, "21/note").versions["kk"].paragraphs) == 2


def test_repealed_ranges_are_one_line_of_several_provisions(seed_act: Act) -> None:
    for place in ("5/-/8-1", "5/-/8-2", "5/-/8-3", "10/-/5", "10/-/6", "10/-/7", "10/-/8"):
        assert at(seed_act, place).status == "repealed"
    assert at(seed_act, "5/-/8-2").versions["kk"].label == "8-1) - 8-3)"
    assert at(seed_act, "7/5-1").kind == "point"
    assert at(seed_act, "22/note").status == "repealed"


def test_amendments_of_the_provision_they_speak_of(seed_act: Act) -> None:
    found = [(a.action, a.law, a.date, a.effective) for a in at(seed_act, "6/1/25").amendments]
    assert found == [
        ("amended", "479-V", "2016-03-29", None),
        ("reworded", "156-VI", "2018-05-24", None),
        ("amended", "71-VIII", "2024-04-06", "2024-06-08"),
    ]
    # Laws printed without a target share the next one's; Roman numerals are Latin whatever they were printed in.
    shared = [(a.action, a.law, a.effective) for a in at(seed_act, "7/2").amendments]
    assert shared == [("amended", "388-V", "2016-01-01"), ("amended", "180-VI", None)]
    assert [(a.action, a.law, a.date) for a in at(seed_act, "7/5-1").amendments] == [("repealed", "58-VII", "2021-06-29")]
    assert [a.action for a in at(seed_act, "21/note").amendments] == ["added"]
    assert len(at(seed_act, "11/-/25").amendments) == 13


def test_an_articles_amendment_is_its_provisions_too(seed_act: Act) -> None:
    article = next(a for a in seed_act.articles if a.number == "9-1")
    assert [(a.action, a.law) for a in article.amendments] == [("reworded", "180-VI")]
    assert [(a.law, a.scope) for a in at(seed_act, "9-1/2").amendments] == [("180-VI", "article")]
    assert [(a.law, a.scope) for a in at(seed_act, "9-1/4").amendments] == [("180-VI", "article"), ("58-VII", "provision")]


def test_every_edition_note_of_the_source_is_an_amendment(seed_act: Act) -> None:
    told = sum(len(re.findall(r"№ \d+-[IVXІ]+ ҚР Заңымен", line)) for line in source_lines().values())
    ranges = 2 + 3  # two lines report one repeal for three and for four provisions
    known = sum(sum(a.scope == "provision" for a in p.amendments) for p in seed_act.provisions)
    articles = sum(len(a.amendments) for a in seed_act.articles)
    assert known + articles == told + ranges


RUSSIAN = """\
# О проверке

Настоящий Закон регулирует проверки.

## Раздел 1. ОБЩАЯ ЧАСТЬ

## Глава 1. ОБЩИЕ ПОЛОЖЕНИЯ

<a id="st1"></a>

### Статья 1. Понятия

> *Сноска. Статья 1 с изменениями, внесенными Законами РК от 29.09.2014 № 239-V; от 04.12.2015 № 435-V (вводится в действие с 01.01.2016).*

1. В настоящем Законе:

   1) проверка – действие;

   *2) исключен Законом РК от 30.12.2021 № 95-VII;*

   3-1) орган – учреждение.

Абзац без номера.

Примечание. Для целей настоящей статьи.

### Статья 1-1. Исключена Законом РК от 24.11.2021 № 75-VII.

### Статья 2. Порядок

Порядок определяется Правительством.

**Президент**

**Н. НАЗАРБАЕВ**
"""


def test_the_russian_side(tmp_path: Path) -> None:
    file = tmp_path / "X1" / "rus.md"
    file.parent.mkdir()
    file.write_text(RUSSIAN, encoding="utf-8")
    act = read_act(discover([tmp_path])[0])
    found = {str(p.address): (p.kind, p.status, p.text("ru")) for p in act.provisions}
    assert found == {
        "X1/preamble": ("preamble", "in_force", "Настоящий Закон регулирует проверки."),
        "X1/1/1": ("point", "in_force", "В настоящем Законе:"),
        "X1/1/1/1": ("subpoint", "in_force", "проверка – действие;"),
        "X1/1/1/2": ("subpoint", "repealed", "исключен Законом РК от 30.12.2021 № 95-VII;"),
        "X1/1/1/3-1": ("subpoint", "in_force", "орган – учреждение.\nАбзац без номера."),
        "X1/1/note": ("note", "in_force", "Для целей настоящей статьи."),
        "X1/1-1": ("opening", "repealed", "Исключена Законом РК от 24.11.2021 № 75-VII."),
        "X1/2": ("opening", "in_force", "Порядок определяется Правительством."),
    }
    assert act.title == {"ru": "О проверке"}
    first = next(a for a in act.articles if a.number == "1")
    assert [(a.law, a.date, a.effective) for a in first.amendments] == [
        ("239-V", "2014-09-29", None),
        ("435-V", "2015-12-04", "2016-01-01"),
    ]
    assert first.chapter.number == "1"
    assert first.chapter.above == {"ru": ("Раздел 1. ОБЩАЯ ЧАСТЬ",)}
    assert [line.text for line in act.lines if line.role == "front"] == ["О проверке", "Президент", "Н. НАЗАРБАЕВ"]


def test_two_languages_meet_by_address(tmp_path: Path) -> None:
    folder = tmp_path / "X2"
    folder.mkdir()
    (folder / "kaz.txt").write_text("1-бап. Тақырып\n1. Бірінші.\n2. Екінші.\n", encoding="utf-8")
    (folder / "rus.txt").write_text("Статья 1. Название\n1. Первый.\n1-1. Лишний.\n2. Второй.\n", encoding="utf-8")
    (folder / "meta.yaml").write_text("title:\n  kaz: Заң\n  rus: Закон\napproved_on: 2020-01-02\n", encoding="utf-8")
    act = read_act(discover([folder])[0])
    assert act.title == {"kk": "Заң", "ru": "Закон"}
    assert act.meta["approved_on"] == "2020-01-02"
    assert [(str(p.address), p.text("kk"), p.text("ru")) for p in act.provisions] == [
        ("X2/1/1", "Бірінші.", "Первый."),
        ("X2/1/1-1", None, "Лишний."),
        ("X2/1/2", "Екінші.", "Второй."),
    ]
    assert act.articles[0].title == {"kk": "Тақырып", "ru": "Название"}


def test_numbers_that_a_list_uses_twice() -> None:
    lines = text_lines("5-бап. Аты\nБірінші бөлік:\n1) бір;\n2) екі.\nЕкінші бөлік:\n1) үш;\n2) төрт.\n")
    pieces = parse(lines, "kk", "L").sections[0].pieces
    assert [str(p.address) for p in pieces] == ["L/5", "L/5/-/1", "L/5/-/2", "L/5/-/1~2", "L/5/-/2~2"]
    assert Address.parse("L/5/-/1~2").citation("kk") == "5-бап, 1) тармақша"


@given(st.lists(st.text(max_size=60), max_size=20), st.sampled_from(["kk", "ru"]))
@settings(max_examples=150, deadline=None)
def test_any_lines_give_an_outline_that_keeps_them(texts: list[str], lang: str) -> None:
    lines = [Line(t, i) for i, t in enumerate(texts, 1)]
    outline = parse(lines, lang, "L")  # type: ignore[arg-type]
    placed = {line.line for line in outline.lines}
    placed |= {p.line for s in outline.sections for piece in s.pieces for p in piece.paragraphs}
    assert placed == {i for i, t in enumerate(texts, 1) if t.strip()}


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_markdown_keeps_every_line(text: str) -> None:
    assert [line.number for line in markdown_lines(text)] == list(range(1, text.count("\n") + 2))


@given(
    st.builds(
        Address,
        law=st.from_regex(r"[A-Z]\d{1,9}", fullmatch=True),
        article=st.none() | st.from_regex(r"\d{1,3}(-\d{1,2})?", fullmatch=True),
        point=st.none() | st.from_regex(r"\d{1,3}(-\d{1,2})?(~\d)?", fullmatch=True),
        subpoint=st.none() | st.from_regex(r"\d{1,3}(-\d{1,2})?(~\d)?", fullmatch=True),
        special=st.none() | st.sampled_from(["note", "note-2", "preamble"]),
    )
)
def test_an_address_reads_back(address: Address) -> None:
    assert Address.parse(str(address)) == address
    assert address.contains(address)
