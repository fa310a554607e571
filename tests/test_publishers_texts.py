"""Texts as publishers make them: one grammar whatever the format, and what exports, pages and Word files do to an act."""

from __future__ import annotations

import html
import io
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import SEED
from lawsearch.corpus.decoding import decoded
from lawsearch.corpus.docx import docx_lines
from lawsearch.corpus.files import discover, markdown_lines, read_lines, text_lines
from lawsearch.corpus.grammar import parse
from lawsearch.corpus.html import html_lines
from lawsearch.corpus.outline import Line, Outline
from lawsearch.corpus.reading import read_act
from lawsearch.indexer import build
from lawsearch.law import Address, Lang
from lawsearch.search import Searcher
from small_corpus import write_terms


def placed(outline: Outline) -> dict[str, str]:
    """What stands where, without the identifier of the act."""
    return {
        piece.place.partition("/")[2]: piece.version().text.replace("\u00ad", "")
        for section in outline.sections
        for piece in section.pieces
    }


def read(text: str, lang: Lang = "ru") -> dict[str, str]:
    return placed(parse(text_lines(text), lang, "X"))


def roles(outline: Outline, role: str) -> list[str]:
    return [line.text for line in outline.lines if line.role == role]


# -- one act, whatever it is written in


def word_document(paragraphs: list[str]) -> bytes:
    import docx

    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def page(paragraphs: list[str], tag: str = "p") -> bytes:
    parts = [html.escape(p) for p in paragraphs]
    body = "<br>".join(parts) if tag == "br" else "".join(f"<{tag}>{p}</{tag}>" for p in parts)
    return f"<body><div>{body}</div></body>".encode()


def as_file(text: str, encoding: str, end: str) -> list[Line]:
    return text_lines(decoded(text.replace("\n", end).encode(encoding))[0])


SOFT = str.maketrans({"п": "\u00adп"})
FORMS: dict[str, Callable[[list[str]], list[Line]]] = {
    "paragraphs of a page": lambda p: html_lines(page(p), "page"),
    "lines of a page": lambda p: html_lines(page(p, "br"), "page"),
    "Word": lambda p: docx_lines(word_document(p), "kaz.docx"),
    "Markdown": lambda p: markdown_lines("\n\n".join(re.sub(r"([*_`\\#])", r"\\\1", x) for x in p)),
    "windows-1251": lambda p: as_file("\n".join(p), "kz1048", "\r\n"),
    "UTF-16": lambda p: as_file("\n".join(p), "utf-16", "\r\n"),
    "old Mac": lambda p: as_file("\n".join(p), "utf-8-sig", "\r"),
    "soft hyphens": lambda p: text_lines(re.sub(r"(?m)^[\d-]+-бап", lambda m: m[0].translate(SOFT), "\n".join(p))),
    "no-break hyphens": lambda p: text_lines(re.sub(r"(?m)^[\d-]+-бап", lambda m: m[0].replace("-", "\u2011"), "\n".join(p))),
    "en dashes": lambda p: text_lines(re.sub(r"(?m)^[\d-]+-бап", lambda m: m[0].replace("-", "–"), "\n".join(p))),
    "no-break spaces": lambda p: text_lines(re.sub(r"(?m)^([\d-]+[.)]) ", "\\1\u00a0", "\n".join(p))),
    "broken titles": lambda p: text_lines(re.sub(r"(?m)^([\d-]+-бап\..{30,}?) (\w.*[^.;:])$", r"\1\n\2", "\n".join(p))),
}


@pytest.fixture(scope="module")
def seed_paragraphs() -> list[str]:
    # KZ-1048 has no letter for a few foreign ones of the text.
    lines = [line.text.replace("h", "һ").strip() for line in read_lines([SEED])]
    return [line.encode("kz1048", "ignore").decode("kz1048") for line in lines if line]


@pytest.mark.parametrize("form", FORMS)
def test_an_act_is_the_same_in_every_form(form: str, seed_paragraphs: list[str]) -> None:
    plain = parse(text_lines("\n".join(seed_paragraphs)), "kk", "X")
    other = parse(FORMS[form](seed_paragraphs), "kk", "X")
    assert placed(other) == placed(plain)
    assert len(placed(plain)) == 272
    assert [(s.number, s.title, s.chapter.title) for s in other.sections] == [
        (s.number, s.title, s.chapter.title) for s in plain.sections
    ]
    assert other.problems == plain.problems == []


def test_lines_that_were_broken_at_one_width_are_joined(seed_paragraphs: list[str]) -> None:
    wrapped = "\n\n".join(
        "\n".join(textwrap.wrap(p, 80, break_long_words=False, break_on_hyphens=False)) for p in seed_paragraphs
    )
    outline = parse(text_lines(wrapped), "kk", "X")
    plain = "\n".join(" ".join(p.split()) for p in seed_paragraphs)
    # Where a sentence ends with the line nothing tells whether its paragraph does.
    found, wanted = placed(outline), placed(parse(text_lines(plain), "kk", "X"))
    assert {k: v.replace("\n", " ") for k, v in found.items()} == {k: v.replace("\n", " ") for k, v in wanted.items()}
    assert sum(found[k] != wanted[k] for k in wanted) < 5
    assert [p.what for p in outline.problems] == ["lines are broken at 80 characters, and joined to paragraphs"]


def test_words_parted_at_the_end_of_a_line() -> None:
    lines = [
        "Статья 1. Понятия",
        *[
            "1. Полиция охраняет общественный порядок и законода-",
            "тельство, и кроме того она охраняет ещё и социально-",
            "экономические права.",
        ]
        * 20,
    ]
    found = [line.text for line in text_lines("\n".join(lines))]
    whole = (
        "1. Полиция охраняет общественный порядок и законода\u00adтельство, и кроме того она охраняет ещё и "
        "социально-экономические права."
    )
    assert found[:5] == ["Статья 1. Понятия", whole, "", "", whole]


@pytest.mark.parametrize("encoding", ["koi8-r", "cp866", "mac_cyrillic"])
def test_an_encoding_that_cannot_be_told_is_refused(encoding: str, seed_paragraphs: list[str]) -> None:
    text = re.sub("[әғқңөұүһі]", "и", "\n".join(seed_paragraphs[:40]), flags=re.I)
    with pytest.raises(UnicodeDecodeError):
        decoded(text.encode(encoding, "replace"))


def test_a_guessed_encoding_is_reported(tmp_path: Path) -> None:
    folder = tmp_path / "A1"
    folder.mkdir()
    text = "Статья 1. Понятия\n1. Полиция изымает оружие.\n2. Предупреждает правонарушения.\n" * 2
    (folder / "rus.txt").write_bytes(text.encode("cp1251"))
    (folder / "kaz.txt").write_text("1-бап. Ұғымдар\n1. Полиция қаруды алады.\n", encoding="utf-16")
    act = read_act(discover([folder])[0])
    assert [str(p) for p in (problem.what for problem in act.problems)] == [
        "rus.txt is not UTF-8; read as windows-1251 (KZ-1048)"
    ]
    assert act.provisions[0].text("kk") == "Полиция қаруды алады."
    assert act.provisions[0].text("ru") == "Полиция изымает оружие."


# -- headings


CODE = """ТРУДОВОЙ КОДЕКС
СОДЕРЖАНИЕ
ОБЩАЯ ЧАСТЬ
РАЗДЕЛ I. ОСНОВЫ
Глава 1. Общие положения
Статья 1. Понятия ........ 3
Статья 12-1. Исчисление сроков, установленных
настоящим Кодексом
ОСОБЕННАЯ ЧАСТЬ
РАЗДЕЛ VI-1. ДОГОВОР
§ 1. Заключение
Статья 123-1-1. Стороны

ОБЩАЯ ЧАСТЬ
РАЗДЕЛ I. ОСНОВЫ
Глава 1. Общие положения
Статья 1. Понятия
Труд – деятельность.
Статья 12-1. Исчисление сроков, установленных
настоящим Кодексом
1. Срок исчисляется в днях, предусмотренных подпунктом
2) пункта 2.
2. Не включаются:
1) праздники;
2) отпуск.
ОСОБЕННАЯ ЧАСТЬ
РАЗДЕЛ VI-1
ДОГОВОР
§ 1. Заключение
Статья 123-1-1. Стороны
Сторон две.
Статья 124 исключена Законом РК от 03.07.2017 № 84-VI.
Глава II. Общие положения
Cтатья 125. (Утратила силу Законом РК от 03.07.2017 № 84-VI)
Статья 126. Полномочия Правительства и местных исполнительных органов
Республики Казахстан
1.Правительство правит.
1 . Акимат исполняет.
"""


def test_a_code_with_its_contents() -> None:
    outline = parse(text_lines(CODE), "ru", "X")
    assert placed(outline) == {
        "1": "Труд – деятельность.",
        "12-1/1": "Срок исчисляется в днях, предусмотренных подпунктом\n2) пункта 2.",
        "12-1/2": "Не включаются:",
        "12-1/2/1": "праздники;",
        "12-1/2/2": "отпуск.",
        "123-1-1": "Сторон две.",
        "124": "исключена Законом РК от 03.07.2017 № 84-VI.",
        "125": "(Утратила силу Законом РК от 03.07.2017 № 84-VI)",
        "126/1": "Правительство правит.",
        "126/1~2": "Акимат исполняет.",
    }
    assert len(roles(outline, "toc")) == 11
    where = {s.number: ([h.title for h in s.above], s.chapter.number, s.title) for s in outline.sections if s.number}
    assert where["12-1"] == (
        ["ОБЩАЯ ЧАСТЬ", "РАЗДЕЛ I. ОСНОВЫ"], "1", "Исчисление сроков, установленных настоящим Кодексом",
    )  # fmt: skip
    assert where["123-1-1"][0] == ["ОСОБЕННАЯ ЧАСТЬ", "РАЗДЕЛ VI-1 ДОГОВОР"]
    assert where["126"][1:] == ("II", "Полномочия Правительства и местных исполнительных органов Республики Казахстан")
    repealed = {p.place: [a.law for a in s.amendments] for s in outline.sections for p in s.pieces if p.status == "repealed"}
    assert repealed == {"X/124": ["84-VI"], "X/125": ["84-VI"]}


@pytest.mark.parametrize(
    ("lang", "text", "places"),
    [
        ("ru", "Статьи 5 - 7. Исключены Законом РК от 03.07.2017 № 84-VI.", ["5", "6", "7"]),
        ("ru", "Статьи 5-7, 9 и 9-1 исключены Законом РК от 03.07.2017 № 84-VI.", ["5-7", "9", "9-1"]),
        ("ru", "Статьи 5-7 исключены.", ["5", "6", "7"]),
        ("kk", "5, 6-баптар. Алынып тасталды – ҚР 03.07.2017 № 84-VI Заңымен.", ["5", "6"]),
        ("ru", "Статья 1. А\n5-7. Исключены Законом РК от 03.07.2017 № 84-VI.", ["1/5", "1/6", "1/7"]),
        ("ru", "Статья 1. А\n5-7. Исключен Законом РК от 03.07.2017 № 84-VI.", ["1/5-7"]),
        ("ru", "Статья 1. А\nСтатьи 5-7 настоящего Закона применяются.", ["1"]),
    ],
)
def test_one_line_of_several_that_are_gone(lang: Lang, text: str, places: list[str]) -> None:
    outline = parse(text_lines(text), lang, "X")
    assert list(placed(outline)) == places
    assert all(p.status == "repealed" for s in outline.sections for p in s.pieces) == (places != ["1"])


@pytest.mark.parametrize(
    ("lang", "caption", "title"),
    [
        ("ru", "Приложение 2. Перечень документов", "Перечень документов"),
        ("ru", "Приложение № 2 к решению маслихата от 20.12.2022 г. № 5", None),
        ("kk", "Мәслихаттың 2022 ж. 20 желтоқсандағы № 5 шешіміне 2-қосымша", None),
        ("kk", "2-қосымша. Құжаттар тізбесі", "Құжаттар тізбесі"),
        ("kk", "№ 2 қосымша", None),
        ("kk", "Қызметтік куәліктер мен жетондар\nберу және оларды есепке алу\nқағидаларына\n2-қосымша", None),
    ],
)
def test_captions_of_annexes(lang: Lang, caption: str, title: str | None) -> None:
    outline = parse(text_lines(f"1. А.\n{caption}\n1. Б."), lang, "X")
    assert placed(outline) == {"-/1": "А.", "annex-2/-/1": "Б."}
    assert outline.sections[-1].title == title


def test_chapters_of_one_title_are_no_contents() -> None:
    outline = parse(
        text_lines(
            "Раздел 1. Первый\nГлава 1. Общие положения\nСтатья 1. А\nТекст.\n"
            "Раздел 2. Второй\nГлава 1. Общие положения\nСтатья 2. Б\nТекст."
        ),
        "ru",
        "X",
    )
    assert not roles(outline, "toc")
    assert [(s.chapter.title, s.above[0].title) for s in outline.sections if s.pieces] == [
        ("Общие положения", "Раздел 1. Первый"), ("Общие положения", "Раздел 2. Второй"),
    ]  # fmt: skip


def test_kazakh_parts_and_citations_at_the_beginning_of_a_line() -> None:
    outline = parse(
        text_lines(
            "І БӨЛІМ\nЖАЛПЫ ЕРЕЖЕЛЕР\n1-бап\n1. Осы баптың 2-тармағының\n1) тармақшасында көзделген жағдай.\n2. Мыналар:\n"
            "1) бір;\n2) алып тасталды - ҚР 12.01.2007 № 222-III Заңымен.\nII тарау. ҚОРЫТЫНДЫ\n2-бап алып тасталды."
        ),
        "kk",
        "X",
    )
    assert list(placed(outline)) == ["1/1", "1/2", "1/2/1", "1/2/2", "2"]
    assert [h.title for h in outline.sections[-1].above] == ["І БӨЛІМ ЖАЛПЫ ЕРЕЖЕЛЕР"]
    assert outline.sections[-1].chapter.number == "II"


@pytest.mark.parametrize(
    ("text", "chapters"),
    [
        ("1. Общие положения\n1. Музей есть.\n2. Он хранит.\n2. Управление\n3. Директор правит.", ["1", "2"]),
        ("I. Общие положения\n1. Форма носится.\nII. Летняя форма\n2. Рубашка.", ["I", "II"]),
        ("1. Министерство финансов\n2. Министерство юстиции\n3. Аппарат", [None]),
    ],
)
def test_chapters_that_have_but_a_number(text: str, chapters: list[str | None]) -> None:
    outline = parse(text_lines(f"О музее\nУтвердить:\n{text}"), "ru", "X")
    pointed = [s.chapter.number for s in outline.sections if any(piece.kind == "point" for piece in s.pieces)]
    assert list(dict.fromkeys(pointed)) == chapters
    assert all("~" not in place for place in placed(outline))


def test_a_title_without_a_text_is_kept_as_text() -> None:
    outline = parse(text_lines("Статья 1\nОстров – государство\n\nСтатья 2. Герб\nСтатья 3. Флаг\nФлаг синий."), "ru", "X")
    assert placed(outline) == {"1": "Остров – государство", "2": "Герб", "3": "Флаг синий."}
    assert [p.what for p in outline.problems] == ["article 2 has a title and no text"]


# -- orders and annexes


ORDER_KK = """Журнал нысанын бекіту туралы
БҰЙЫРАМЫН:
1. Журнал нысаны бекітілсін.
Қазақстан Республикасының
Көлік министрі М. Қарабаев
«КЕЛІСІЛДІ»
Қаржы министрлігі
Қазақстан Республикасы
Көлік министрінің
2022 жылғы 12 наурыздағы
№ 77 бұйрығына
1-қосымша
Журнал туралы
ЕРЕЖЕ
1. Журналды кезекші жүргізеді.
Журнал туралы ережеге
2-қосымша
Нысан
Журнал
Р/с №\tТегі\tКүні
1.\tИванов\t01.02.2022
Қазақстан Республикасы
Үкіметінің
2018 жылғы 7 тамыздағы
№ 490 қаулысымен
бекітілген
Комиссияның
ҚҰРАМЫ
Ахметов А.А. – төраға
"""


def test_captions_of_annexes_are_no_text_and_tables_are() -> None:
    outline = parse(text_lines(ORDER_KK), "kk", "X")
    assert placed(outline) == {
        "preamble": "БҰЙЫРАМЫН:",
        "-/1": "Журнал нысаны бекітілсін.",
        "annex-1/-/1": "Журналды кезекші жүргізеді.",
        "annex-2/preamble": "Р/с № | Тегі | Күні\n1. | Иванов | 01.02.2022",
        "annex-3/preamble": "Ахметов А.А. – төраға",
    }
    assert [s.title for s in outline.sections if s.title] == ["Журнал туралы ЕРЕЖЕ", "Журнал", "Комиссияның ҚҰРАМЫ"]
    assert outline.problems == []


def test_a_document_approved_without_a_signature_before_it() -> None:
    outline = parse(
        text_lines(
            "1. Утвердить:\nположение;\nсостав.\nПремьер-Министр Б. Сагинтаев\nУтверждено\nпостановлением Правительства\n"
            "от 7 августа 2018 года № 490\nПОЛОЖЕНИЕ\nо музее\n1. Музей хранит.\nУтвержден\nпостановлением Правительства\n"
            "от 7 августа 2018 года № 490\nСОСТАВ\nкомиссии\nМинистр культуры, председатель\nПредседатель\nАхметов А.А."
        ),
        "ru",
        "X",
    )
    assert placed(outline) == {
        "-/1": "Утвердить:\nположение;\nсостав.",
        "annex-1/-/1": "Музей хранит.",
        "annex-2/preamble": "Министр культуры, председатель\nПредседатель\nАхметов А.А.",
    }
    assert [s.title for s in outline.sections if s.title] == ["ПОЛОЖЕНИЕ о музее", "СОСТАВ комиссии"]


def test_a_kazakh_signature_over_several_lines() -> None:
    outline = parse(
        text_lines(
            "ШЕШІМ ҚАБЫЛДАДЫ:\n1. Тарифтер бекітілсін.\nОсы шешім жариялансын.\nАлматы облыстық\nмәслихатының\n"
            "сессия төрағасы\nА. Ахметов\nАлматы облыстық\nмәслихатының хатшысы\nС. Бескемпіров"
        ),
        "kk",
        "X",
    )
    assert placed(outline) == {"preamble": "ШЕШІМ ҚАБЫЛДАДЫ:", "-/1": "Тарифтер бекітілсін.\nОсы шешім жариялансын."}
    assert sorted(line.line for line in outline.lines if line.role == "front") == [4, 5, 6, 7, 8, 9, 10]


def test_an_agreement_behind_the_law_that_ratifies_it() -> None:
    assert read(
        "О ратификации Соглашения о рыбе\nРатифицировать Соглашение о рыбе.\nПрезидент Республики Казахстан Н. НАЗАРБАЕВ\n"
        "Астана, Акорда, 1 июня 2011 года\nСОГЛАШЕНИЕ\nо рыбе\nОстров и Материк, именуемые в дальнейшем Сторонами,\n"
        "согласились о нижеследующем:\nСтатья 1\nСтороны ловят рыбу."
    ) == {
        "preamble": "Ратифицировать Соглашение о рыбе.",
        "annex-1/preamble": "Остров и Материк, именуемые в дальнейшем Сторонами,\nсогласились о нижеследующем:",
        "annex-1/1": "Стороны ловят рыбу.",
    }


def test_titles_of_both_languages(tmp_path: Path) -> None:
    folder = tmp_path / "A1"
    folder.mkdir()
    (folder / "kaz.txt").write_text("Журнал туралы\nБҰЙЫРАМЫН:\n1. Бір.\n", encoding="utf-8")
    (folder / "rus.txt").write_text("Утверждены\nприказом министра\nПравила учета\n— 1 —\n1. Один.\n", encoding="utf-8")
    act = read_act(discover([folder])[0])
    assert act.title == {"kk": "Журнал туралы", "ru": "Правила учета"}
    assert [(line.role, line.text) for line in act.lines][-1] == ("label", "— 1 —")


def test_chapters_meet_though_the_languages_count_points_differently(tmp_path: Path) -> None:
    folder = tmp_path / "A1"
    folder.mkdir()
    (folder / "kaz.txt").write_text(
        "БҰЙЫРАМЫН:\n1. Бір 2011.\n1-тарау. А\n2. Екі 2012.\nІІ тарау. Б\n3. Үш 2013.\n3-1. Үш жарым 2014.", encoding="utf-8"
    )
    (folder / "rus.txt").write_text(
        "1. Один 2011.\nГлава 1. А\n2. Два 2012.\n3. Лишний.\nГлава II. Б\n4. Три 2013.\n5. Три с половиной 2014.",
        encoding="utf-8",
    )
    act = read_act(discover([folder])[0])
    assert [(a.chapter.number, len(a.provisions)) for a in act.articles] == [(None, 2), ("1", 2), ("II", 4)]
    assert {str(p.address): str(p.counterpart.address) for p in act.provisions if p.counterpart} == {
        "A1/-/3": "A1/-/4", "A1/-/4": "A1/-/3", "A1/-/3-1": "A1/-/5", "A1/-/5": "A1/-/3-1",
    }  # fmt: skip
    assert {str(p.address) for p in act.provisions if len(p.versions) == 2} == {"A1/-/1", "A1/-/2"}


AMENDING = """Статья 1. Внести в законодательные акты следующие изменения:
1. В Земельный кодекс:
1) статью 5 изложить в следующей редакции:
«Статья 5. Пасеки
1. Пасека стоит «на траве».
2. Порядок определяет:
1) акимат.»;
2) дополнить пунктом 3-1 следующего содержания:
"3-1. Пчеловод:
1) ведет журнал.";
3) слово "мед" исключить.
2. В Закон «О налогах»:
1) статью 8 исключить.
Статья 2. Закон вводится в действие с 1 января.
"""


def test_what_a_law_quotes_is_its_text() -> None:
    assert read(AMENDING) == {
        "1": "Внести в законодательные акты следующие изменения:",
        "1/1": "В Земельный кодекс:",
        "1/1/1": "статью 5 изложить в следующей редакции:\n«Статья 5. Пасеки\n1. Пасека стоит «на траве».\n"
        "2. Порядок определяет:\n1) акимат.»;",
        "1/1/2": 'дополнить пунктом 3-1 следующего содержания:\n"3-1. Пчеловод:\n1) ведет журнал.";',
        "1/1/3": 'слово "мед" исключить.',
        "1/2": "В Закон «О налогах»:",
        "1/2/1": "статью 8 исключить.",
        "2": "Закон вводится в действие с 1 января.",
    }
    # A mark that nothing closes opens no quotation.
    forgotten = read(AMENDING.replace("акимат.»;", "акимат.").replace("«на траве»", "на траве"))
    assert "2" in forgotten


def test_a_note_counts_its_own_paragraphs() -> None:
    assert read(
        "Статья 9. А\n1. Раз.\n2. Два:\n1) три.\nПримечания.\n1. Под лицом:\n1) лицо.\n2. Под годом.\nСтатья 10. Б\nВ."
    ) == {
        "9/1": "Раз.",
        "9/2": "Два:",
        "9/2/1": "три.",
        "9/note": "\n1. Под лицом:\n1) лицо.\n2. Под годом.",
        "10": "В.",
    }


# -- edition notes and remarks


NOTES = """О музее
Сноска. Заголовок - в редакции приказа Министра культуры РК от 05.07.2023 № 77.
Примечание ИЗПИ!
Порядок введения в действие см. п. 3.
Глава 1. Общие положения
Сноска. Глава 1 с изменениями, внесенными приказом Министра культуры РК от 06.08.2024 № ҚР ДСМ-12 (вводится в действие с 01.01.2025).
1. Музей хранит.
Сноска. Пункт 1 - в редакции приказа Министра культуры РК от 05.07.2023 № 77 (вводится в действие с 01.08.2023); с изменениями, внесенными приказами от 01.02.2024 № С-25/3; от 02.02.2024 № 8.
Глава 2 исключена приказом Министра культуры РК от 05.07.2023 № 77.
Глава 3. Прочее
Сноска. Заголовок главы 3 в редакции приказа Министра культуры РК от 05.07.2023 № 77.
2. Прочее.
"""


def test_notes_of_chapters_orders_and_publishers() -> None:
    outline = parse(text_lines(NOTES), "ru", "X")
    assert placed(outline) == {"-/1": "Музей хранит.", "-/2": "Прочее."}
    assert outline.problems == []
    first, second = [s for s in outline.sections if s.pieces]
    assert [(a.action, a.law, a.scope) for a in first.amendments] == [("amended", "ҚРДСМ-12", "chapter")]
    assert [(a.action, a.law, a.effective) for a in first.pieces[0].amendments] == [
        ("reworded", "77", "2023-08-01"),
        ("amended", "С-25/3", None),
        ("amended", "8", None),
    ]
    assert second.amendments == second.pieces[0].amendments == []
    assert "Порядок введения в действие см. п. 3." in roles(outline, "edition")


EXPORT = """ЗАКОН РЕСПУБЛИКИ КАЗАХСТАН
О садоводстве
В статью 1 внесены изменения в соответствии с Законом РК от 29.12.14 г. № 272-V (введены в действие с 1 января 2015 г.) (см. стар. ред.)
Статья 1. Понятия
Понятия таковы:
Подпункт 1 изложен в редакции Закона РК от 04.07.18 г. № 171-VI (см. стар. ред.)
1) сад;
Статья дополнена подпунктом 1-1 в соответствии с Законом РК от 04.07.18 г. № 171-VI
1-1) питомник;
2) исключен в соответствии с Законом РК от 29.06.21 г. № 58-VII (см. стар. ред.)
Пункт 3 исключен в соответствии с Законом РК от 29.06.21 г. № 59-VII
Пункт 9 изложен в редакции Закона РК от 29.06.98 г. № 60-I
4. Лес.
Закон дополнен статьей 2-1 в соответствии с Законом РК от 05.05.15 г. № 312-V
Статья 2-1. Сады
См.: Правила разведения садов от 1 мая 2015 года № 5
3. Пункты 2 и 3 статьи 5 изложены в приложении к Закону.
9. Сады охраняют.
"""


def test_the_notes_of_a_russian_export_stand_before_what_they_speak_of() -> None:
    outline = parse(text_lines(EXPORT), "ru", "X")
    assert {p.place: [(a.action, a.law, a.date) for a in p.amendments] for s in outline.sections for p in s.pieces} == {
        "X/1": [],
        "X/1/-/1": [("reworded", "171-VI", "2018-07-04")],
        "X/1/-/1-1": [("added", "171-VI", "2018-07-04")],
        "X/1/-/2": [("repealed", "58-VII", "2021-06-29")],
        "X/1/4": [],
        "X/2-1/3": [],
        "X/2-1/9": [],
    }
    first, second = outline.sections
    assert [(a.action, a.law, a.effective) for a in first.amendments] == [
        ("amended", "272-V", "2015-01-01"),
        # The point is gone, its number too: what changed is the article.
        ("amended", "59-VII", None),
        ("reworded", "60-I", None),
    ]
    assert [(a.action, a.law) for a in second.amendments] == [("added", "312-V")]
    assert [p.what for p in outline.problems] == ["edition note speaks of what is not there: point 9"]
    assert first.amendments[-1].date == "1998-06-29"


def test_a_note_that_is_called_as_those_of_articles_are() -> None:
    text = (
        "5-бап. Аты\n1. Бір.\nЕскертпе. 5-бапқа өзгеріс енгізілді – ҚР 29.09.2014 № 239-V Заңымен.\n"
        "Ескертпе. Осы баптың мақсаттары үшін 2014 жылғы 23 сәуірдегі № 199-V Заң қолданылады.\n6-бап. Аты\nЕкі."
    )
    outline = parse(text_lines(text), "kk", "X")
    assert list(placed(outline)) == ["5/1", "5/note", "6"]
    assert [[a.law for a in s.amendments] for s in outline.sections] == [["239-V"], []]


# -- whatever stands beside whatever


POOL = sorted(
    {line for text in (CODE, ORDER_KK, AMENDING, NOTES, EXPORT) for line in text.splitlines()}
    | {"Приложение 1", "Форма", "Примечания.", "1.", "«", '"', "5) - 8) исключены", "Статьи 5 - 7. Исключены", "I. Аб", "1. Аб"}
    | {
        "СОГЛАШЕНИЕ",
        "(форма)",
        "\u00ad",
        "12–1-бап. Аты",
        "алып тасталды",
        "Текст.",
        "продолжение",
        "- 5 -",
        "ЗҚАИ-ның ескертпесі!",
    }
)
marked_lines = st.builds(
    lambda text, mark: (text, mark),
    st.sampled_from(POOL),
    st.sampled_from(["", "", "", "heading", "edition", "table", "footnote", "broken", "signature"]),
)


@given(st.lists(marked_lines, max_size=30), st.sampled_from(["kk", "ru"]))
@settings(max_examples=150, deadline=None)
def test_whatever_stands_beside_it_every_line_is_placed(texts: list[tuple[str, str]], lang: Lang) -> None:
    lines = [Line(text, i)._replace(**{mark: True} if mark else {}) for i, (text, mark) in enumerate(texts, 1)]
    outline = parse(lines, lang, "X")
    pieces = [piece for section in outline.sections for piece in section.pieces]
    found = {line.line for line in outline.lines} | {p.line for piece in pieces for p in piece.paragraphs}
    assert found == {line.number for line in lines if line.text.strip()}
    assert len({piece.place for piece in pieces}) == len(pieces)
    assert all(str(Address.parse(piece.place)) == piece.place and piece.paragraphs for piece in pieces)


# -- pages


PAGE = """<html><body><div class="slogan"><h1>О воде</h1><p>Закон Республики Казахстан от 3 марта 2020 года № 301-VІ.</p></div>
<div class="text"><article>
<p><font color="red">Осы Заңның қолданысқа енгізілу тәртібін қараңыз.</font></p><p>ОГЛАВЛЕНИЕ</p>
<p>Закон о воде.</p><p><b>Статья&nbsp;1. Основные понятия, используемые<br>В настоящем Законе</b></p>
<p>1.&nbsp;Объём 5 м<sup>3</sup> сооружений<sup>1</sup> <s>старых</s>:<br>1) первый;</p>
<p><b>Статья 12<sup>1</sup>. Тарифы</b></p><h3>Глава 2.<br>ПРОЧЕЕ</h3><p>10<sup>6</sup> литров.</p>
</article></div></body></html>"""


def test_a_page_of_the_register(tmp_path: Path) -> None:
    (tmp_path / "A1").mkdir()
    (tmp_path / "A1" / "rus.html").write_text(PAGE, encoding="utf-8")
    act = read_act(discover([tmp_path / "A1"])[0])
    assert act.title == {"ru": "О воде"}
    assert {str(p.address).partition("/")[2]: p.text("ru") for p in act.provisions} == {
        "preamble": "Закон о воде.",
        "1/1": "Объём 5 м3 сооружений 1 старых:",
        "1/1/1": "первый;",
        "12-1": "Тарифы",
        "preamble-2": "10⁶ литров.",
    }
    assert act.articles[1].title == {"ru": "Основные понятия, используемые В настоящем Законе"}
    assert act.articles[-1].chapter.title == {"ru": "ПРОЧЕЕ"}
    assert [p.what for p in act.problems] == [
        "struck-through words are kept as text", "article 12-1 has a title and no text",
    ]  # fmt: skip


def test_lists_and_preformatted_text_of_a_page() -> None:
    page = (
        b"<ol start=3><li>a</li><li><p>b</p><ul><li>c</li></ul></li></ol><ol type=a><li>d</li></ol>"
        b"<pre>Law\n1. e\r\n2. <b>f\ng</b></pre>"
    )
    assert [line.text for line in html_lines(page, "page")] == ["3. a", "4. b", "c", "d", "Law", "1. e", "2. f", "g"]


def test_marks_of_html_in_markdown() -> None:
    text = "1.&nbsp;Тишина [стоит](https://adilet.zan.kz/rus).\n| а<br>б | в&amp;г |\n```\n---\n__Статья 2.__ *Шум*\n_____ (подпись)"
    assert [line.text for line in markdown_lines(text)] == [
        "1.\u00a0Тишина стоит.", "а б | в&г", "", "", "Статья 2. Шум", "_____ (подпись)",
    ]  # fmt: skip


# -- Word


def word_order() -> bytes:
    import docx
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls, qn

    w = nsdecls("w")
    document = docx.Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="{text}"/></w:lvl>'
        for i, text in enumerate(("%1.", "%2)"))
    )
    first = numbering.find(qn("w:num"))
    first.addprevious(parse_xml(f'<w:abstractNum {w} w:abstractNumId="70">{levels}</w:abstractNum>'))
    for number, anew in ((70, ""), (71, ""), (72, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>')):
        numbering.append(parse_xml(f'<w:num {w} w:numId="{number}"><w:abstractNumId w:val="70"/>{anew}</w:num>'))

    def numbered(text: str, number: int = 70, level: int = 0, more: str = "") -> None:
        properties = f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>{more}</w:pPr>'
        document.element.body.append(parse_xml(f"<w:p {w}>{properties}{text}</w:p>"))

    def run(text: str, more: str = "") -> str:
        return f"<w:r>{more}<w:t>{text}</w:t></w:r>"

    gone = '<w:del w:id="1" w:author="x"><w:r><w:delText>удалено</w:delText></w:r></w:del>'
    numbered(run("Утвердить:"))
    numbered(run("перечень") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + run("."), level=1)
    numbered(gone, more='<w:rPr><w:del w:id="2" w:author="x"/></w:rPr>')
    numbered(run("Контроль возложить "), more='<w:rPr><w:del w:id="3" w:author="x"/></w:rPr>')
    numbered(run("на отдел."))
    numbered(run("Приказ действует."), number=71)
    document.element.body.append(document.add_paragraph("Министр труда\tА. Бекова")._p)
    box = "".join(f"<w:p>{run(t)}</w:p>" for t in ("Приложение 1", "к приказу Министра труда"))
    box = f"<w:pict><w:txbxContent>{box}</w:txbxContent></w:pict>"
    document.element.body.append(parse_xml(f"<w:p {w}><w:r>{box}</w:r></w:p>"))
    heading = document.add_heading("Перечень профессий,", 1)
    heading.runs[0].add_break()
    heading.add_run("вредных для здоровья")
    document.element.body.append(heading._p)
    numbered(run("Профессии таковы.", "<w:rPr><w:strike/></w:rPr>"), number=72, more='<w:outlineLvl w:val="9"/>')
    table = document.add_table(rows=2, cols=2)
    for i, cell in enumerate(c for row in table.rows for c in row.cells):
        cell.text = ("Код", "Профессия", "1.", "сварщик")[i]
    cell = table.rows[0].cells[1]._tc
    control = parse_xml(f"<w:sdt {w}><w:sdtContent/></w:sdt>")
    cell.getparent().replace(cell, control)
    control[0].append(cell)
    document.element.body.append(table._tbl)
    document.element.body.append(parse_xml(f"<w:customXml {w}><w:p>{run('Абзац в обёртке.')}</w:p></w:customXml>"))
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    notes = f'<w:footnotes {w}><w:footnote w:id="2"><w:p>{run("1) прилагается.")}</w:p></w:footnote></w:footnotes>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), document.part.package)
    document.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_an_order_that_word_numbers() -> None:
    outline = parse(docx_lines(word_order(), "rus.docx"), "ru", "X")
    assert placed(outline) == {
        "-/1": "Утвердить:",
        "-/1/1": "перечень.\n1) прилагается.",
        "-/2": "Контроль возложить на отдел.",
        "-/3": "Приказ действует.",
        "annex-1/-/1": "Профессии таковы.\nКод | Профессия\n1. | сварщик\nАбзац в обёртке.",
    }
    assert [s.title for s in outline.sections if s.title] == ["Перечень профессий, вредных для здоровья"]
    assert [p.what for p in outline.problems] == ["struck-through words are kept as text"]


# -- as a user meets them


@pytest.fixture(scope="module")
def publishers(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    root = tmp_path_factory.mktemp("publishers")
    for law, name, text in (("O1", "kaz.txt", ORDER_KK), ("K1", "rus.txt", CODE), ("A1", "rus.txt", AMENDING)):
        (root / "c" / law).mkdir(parents=True)
        (root / "c" / law / name).write_text(text, encoding="utf-8")
    build([root / "c"], root / "index", terms=write_terms(root))
    return Searcher(root / "index")


@pytest.mark.parametrize(
    ("citation", "places"),
    [
        ("прил. 1 п. 1", ["O1/annex-1/-/1"]),
        ("1-қосымша, 1-тармақ", ["O1/annex-1/-/1"]),
        ("п. 1 приложения 1", ["O1/annex-1/-/1"]),
        ("прил. 2, преамбула", ["O1/annex-2/preamble"]),
        ("приложение № 3", ["O1/annex-3/preamble"]),
        ("ст. 12-1 п. 2 пп. 2)", ["K1/12-1/2/2"]),
        ("статья 123-1-1", ["K1/123-1-1"]),
        ("пп. 2) п. 1 ст. 1", ["A1/1/1/2"]),
    ],
)
def test_citations_lead_there(publishers: Searcher, citation: str, places: list[str]) -> None:
    results = publishers.search(citation)
    assert (results.scope, [str(hit.provision.address) for hit in results.hits]) == ("citation", places)


def test_every_place_is_found_by_its_own_citation(publishers: Searcher) -> None:
    for document in range(publishers.info()["provisions"]):  # type: ignore[operator]
        address = publishers.store.provision(document).address
        if address.annex is not None:
            for lang in ("kk", "ru"):
                assert document in publishers.documents(address.citation(lang))  # type: ignore[arg-type]


def test_an_unchanged_file_is_not_looked_into_for_its_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lawsearch.corpus import files
    from lawsearch.store import prepared

    monkeypatch.setattr(prepared, "_FRESH", 0)
    corpus = tmp_path / "c"
    corpus.mkdir()
    (corpus / "V1.txt").write_text("1-бап. Қару\n1. Полиция қаруды алады.\n", encoding="utf-8")
    (corpus / "V2.html").write_text("<p>Статья 1. Оружие</p><p>1. Полиция.</p>", encoding="utf-8")
    told: list[str] = []
    sample = files._sample

    def look(file: Path) -> str:
        told.append(file.name)
        return sample(file)

    monkeypatch.setattr(files, "_sample", look)
    terms, index = write_terms(tmp_path), tmp_path / "index"
    build([corpus], index, terms=terms)
    assert told == ["V1.txt", "V2.html"]
    assert not build([corpus], index, terms=terms).fresh
    assert told == ["V1.txt", "V2.html"]
    (corpus / "V2.html").write_text("<p>1-бап. Қару</p><p>1. Полиция қаруды алады.</p>", encoding="utf-8")
    assert build([corpus], index, terms=terms).fresh
    assert told == ["V1.txt", "V2.html", "V2.html"]
    with Searcher(index) as searcher:
        assert [str(h.provision.address) for h in searcher.search("қару", lang="kk").hits] == ["V1/1/1", "V2/1/1"]
