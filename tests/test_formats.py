"""Reading HTML and .docx, orders and annexes, codes in parts, tables, split acts, several texts of one language."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Run
from lawsearch.corpus.docx import docx_lines
from lawsearch.corpus.files import discover, markdown_lines, read_lines, text_lines
from lawsearch.corpus.grammar import parse
from lawsearch.corpus.html import html_lines
from lawsearch.corpus.reading import read_act
from lawsearch.errors import CorpusError
from lawsearch.indexer import build
from lawsearch.law import Act, Address
from lawsearch.output.reading import points_of
from lawsearch.tui.answering import Answerer
from small_corpus import write_terms

DATA = Path(__file__).parent / "data_formats"
ORDER_RU = DATA / "order_ru.html"


def act_of(tmp_path: Path, **files: str | bytes) -> Act:
    """An act folder with those files (``kaz_md`` is kaz.md), read."""
    folder = tmp_path / "V2100022999"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        file = folder / name.replace("_", ".")
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_act(discover([folder])[0])


def texts(act: Act, lang: str = "ru") -> dict[str, str | None]:
    return {str(p.address).partition("/")[2]: p.text(lang) for p in act.provisions}  # type: ignore[arg-type]


# -- orders and their annexes, as HTML


def test_an_order_as_the_register_serves_it(tmp_path: Path) -> None:
    act = act_of(tmp_path, rus_html=ORDER_RU.read_bytes())
    found = texts(act)
    assert act.title == {"ru": "Об утверждении Правил ведения журнала пропусков"}
    assert list(found) == [
        "preamble", "-/1", "-/2", "-/2/1", "-/2/2", "-/3",
        "annex-1/-/1", "annex-1/-/2", "annex-1/-/3", "annex-2/-/1",
    ]  # fmt: skip
    assert found["-/1"] == "Утвердить прилагаемые Правила ведения журнала согласно приложению 1 к настоящему приказу."
    assert found["annex-1/-/1"] == "Правила определяют порядок ведения журнала."
    assert found["annex-1/-/2"] == "Журнал ведётся\nдежурным."
    assert found["annex-1/-/3"] == "Записи вносятся по форме:\n№ | Фамилия | Время\n1. | Иванов | 09:00\n2. | Серіков | 10:30"
    assert [line.role for line in act.lines if line.text.startswith("Сноска")] == ["edition"]
    assert not any("Главная" in (t or "") or "Институт" in (t or "") for t in found.values())


def test_the_chapters_of_an_annex_stand_in_it(tmp_path: Path) -> None:
    act = act_of(tmp_path, rus_html=ORDER_RU.read_bytes())
    chapters = [(a.chapter.above.get("ru"), a.chapter.number, a.chapter.title.get("ru")) for a in act.articles if a.provisions]
    assert (None, None, None) in chapters
    assert (("Приложение 1", "Правила ведения журнала пропусков"), "1", "Общие положения") in chapters
    assert (("Приложение 2", "Перечень сведений"), "1", "Общие положения") in chapters


@pytest.mark.parametrize(
    ("encoding", "declared"), [("cp1251", "windows-1251"), ("utf-8", "utf-8"), ("utf-16", "utf-8"), ("utf-8-sig", "koi8-r")]
)
def test_the_encoding_that_a_page_declares(encoding: str, declared: str) -> None:
    page = f'<html><head><meta charset="{declared}"></head><body><p>1-бап. &#1178;&#1201;қық</p></body></html>'
    if encoding == "cp1251":
        page = page.replace("қық", "&#1179;ы&#1179;")
    assert [line.text for line in html_lines(page.encode(encoding), "page")] == ["1-бап. Құқық"]


def test_a_page_that_is_not_what_it_declares() -> None:
    page = '<meta charset="utf-8"><p>Статья 1</p>'.encode("cp1251")
    with pytest.raises(CorpusError, match=r"kaz\.html: not utf-8 at byte"):
        html_lines(page, "kaz.html")
    with pytest.raises(CorpusError, match="unknown encoding klingon"):
        html_lines(b'<meta charset="klingon"><p>x</p>', "kaz.html")


def test_a_deeply_nested_page_is_read_whole_or_not_at_all() -> None:
    page = "<div>" * 1500 + "<p>1. Мәтін</p>" + "</div>" * 1500
    assert [line.text for line in html_lines(page.encode(), "page")] == ["1. Мәтін"]
    with pytest.raises(CorpusError, match="nest too deeply"):
        html_lines(page.replace("<div>", "<div><div>").encode(), "page")


words = st.lists(st.text("абвгқң <>&1.)", min_size=1, max_size=12), min_size=1, max_size=12)


@given(words)
def test_no_paragraph_of_a_page_is_lost(paragraphs: list[str]) -> None:
    import html

    page = "<body>" + "".join(f"<p>{html.escape(p)}</p>" for p in paragraphs) + "</body>"
    wanted = [" ".join(p.split()) for p in paragraphs if p.split()]
    if wanted:
        assert [" ".join(line.text.split()) for line in html_lines(page.encode(), "page")] == wanted


# -- .docx


def word_document() -> bytes:
    import docx
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    document = docx.Document()
    document.add_heading("О пропусках", level=0)
    document.add_heading("Глава 1. Общие положения", level=1)
    document.add_paragraph("Статья 1. Понятия")
    paragraph = document.add_paragraph("1. Пропуск выдаёт ")
    inserted = OxmlElement("w:ins")
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "начальник."
    run.append(text)
    inserted.append(run)
    paragraph._p.append(inserted)
    deleted = OxmlElement("w:del")
    run = OxmlElement("w:r")
    gone = OxmlElement("w:delText")
    gone.text = "дежурный."
    run.append(gone)
    deleted.append(run)
    paragraph._p.append(deleted)
    for text_of in ("первый случай;", "второй случай."):
        document.add_paragraph(text_of, style="List Number")
    table = document.add_table(rows=2, cols=2)
    for i, cell in enumerate(c for row in table.rows for c in row.cells):
        cell.text = ("1.", "Имя", "2.", "Время")[i]
    assert qn("w:p")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_a_word_document(tmp_path: Path) -> None:
    act = act_of(tmp_path, rus_docx=word_document())
    found = texts(act)
    assert act.title["ru"] == "О пропусках"
    assert found["1/1"] == "Пропуск выдаёт начальник."
    # Word counts `List Number` itself: the numbers are in no paragraph's text.
    assert list(found)[:3] == ["1/1", "1/1~2", "1/2"]
    assert found["1/2"] == "второй случай.\n1. | Имя\n2. | Время"


def test_a_package_that_is_no_document_or_a_bomb() -> None:
    with pytest.raises(CorpusError, match=r"not a \.docx document"):
        docx_lines(b"PK\x03\x04 broken", "kaz.docx")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"0" * (300 << 20))
    with pytest.raises(CorpusError, match="no act is that large"):
        docx_lines(stream.getvalue(), "kaz.docx")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("readme.txt", b"words")
    with pytest.raises(CorpusError, match=r"not a readable \.docx"):
        docx_lines(stream.getvalue(), "kaz.docx")


# -- structure, in every format


CODE_RU = """# Кодекс о примерах

## ОБЩАЯ ЧАСТЬ

## РАЗДЕЛ 1. ОБЩИЕ ПОЛОЖЕНИЯ

### Глава 1. Законодательство

#### Параграф 1. Основы

##### Статья 1. Цель

1. Кодекс даёт примеры.

> *Сноска. Статья 1 с изменениями, внесенными Законом РК от 29.09.2014 № 239-V.*

#### Параграф 2. Подробности

##### Статья 2. Подробность

Одна подробность:

   1) первая;

   *2) исключен Законом РК от 29.09.2014 № 239-V;*

## РАЗДЕЛ 2

## ОБЯЗАННОСТИ

##### Статья 3. Обязанность

Обязанность одна.

| Вид | Срок |
|-----|:----:|
| 1) малый | 3 дня |
"""


def test_a_code_in_parts_sections_and_paragraphs(tmp_path: Path) -> None:
    act = act_of(tmp_path, rus_md=CODE_RU)
    where = {a.number: (*a.chapter.above["ru"], a.chapter.number, a.chapter.below.get("ru")) for a in act.articles}
    assert where == {
        "1": ("ОБЩАЯ ЧАСТЬ", "РАЗДЕЛ 1. ОБЩИЕ ПОЛОЖЕНИЯ", "1", "Параграф 1. Основы"),
        "2": ("ОБЩАЯ ЧАСТЬ", "РАЗДЕЛ 1. ОБЩИЕ ПОЛОЖЕНИЯ", "1", "Параграф 2. Подробности"),
        "3": ("ОБЩАЯ ЧАСТЬ", "РАЗДЕЛ 2 ОБЯЗАННОСТИ", None, None),
    }
    provisions = {str(p.address): p for p in act.provisions}
    assert provisions["V2100022999/2/-/2"].status == "repealed"
    assert [a.law for a in provisions["V2100022999/1/1"].amendments] == ["239-V"]
    assert provisions["V2100022999/3"].text("ru") == "Обязанность одна.\nВид | Срок\n1) малый | 3 дня"


ORDER_KK = """Рұқсаттамалар туралы қағидаларды бекіту туралы

БҰЙЫРАМЫН:
1. Қоса беріліп отырған қағидалар бекітілсін.
2. Осы бұйрық қол қойылған күнінен бастап қолданысқа енгізіледі.
Қазақстан Республикасының
Ішкі істер министрі С. Серіков
Қазақстан Республикасы
Ішкі істер министрінің
2021 жылғы 5 мамырдағы
№ 123 бұйрығына
1-қосымша
Рұқсаттамалар қағидалары
1-тарау. Жалпы ережелер
1. Қағидалар тәртіпті айқындайды.
2. Журналды кезекші жүргізеді.
"""


def test_a_kazakh_order_with_an_annex_and_its_russian_side(tmp_path: Path) -> None:
    act = act_of(tmp_path, kaz_txt=ORDER_KK, rus_html=ORDER_RU.read_bytes())
    both = {str(p.address).partition("/")[2]: set(p.versions) for p in act.provisions}
    assert both["annex-1/-/1"] == {"kk", "ru"}
    assert both["-/1"] == {"kk", "ru"}
    kk = texts(act, "kk")
    assert kk["annex-1/-/2"] == "Журналды кезекші жүргізеді."
    assert kk["-/2"] == "Осы бұйрық қол қойылған күнінен бастап қолданысқа енгізіледі."
    annex = next(a for a in act.articles if a.title)
    assert annex.title == {"kk": "Рұқсаттамалар қағидалары", "ru": "Правила ведения журнала пропусков"}
    (tmp_path / "alone").mkdir()
    alone = act_of(tmp_path / "alone", kaz_txt=ORDER_KK)
    assert alone.title == {"kk": "Рұқсаттамалар туралы қағидаларды бекіту туралы"}


ORDER_TXT = """Об утверждении Правил учета оружия
1. Утвердить прилагаемые Правила.
Министр внутренних дел Е. Петров
Приложение 1
к приказу Министра внутренних дел
от 5 марта 2021 года № 123
Форма
Правила учета оружия
Раздел 1. Общие положения
Глава 1. Порядок учета
Параграф 1. Учет гражданского оружия
1. Настоящие Правила определяют порядок учета.
Параграф 2. Учет служебного оружия
2. Служебное оружие учитывается отдельно.
Раздел 2. Заключительные положения
3. Споры решает суд.
Приложение 2
к приказу
1. Здесь названия нет.
"""


@pytest.mark.parametrize(
    ("title", "lang"),
    [
        ("Указания по заполнению формы", "ru"),
        ("Решение о выдаче разрешения", "ru"),
        ("Министр обороны: перечень должностей", "ru"),
        ("2021 жылғы жоспар", "kk"),
    ],
)
def test_a_title_that_begins_as_captions_do_is_a_title(title: str, lang: str) -> None:
    caption = "Приложение 1\nк приказу Министра\nот 5 марта 2021 года" if lang == "ru" else "1-қосымша\n2021 жылғы 5 наурыздағы"
    outline = parse(text_lines(f"1. X.\n{caption}\n{title}\n1. Y."), lang, "X")  # type: ignore[arg-type]
    assert [section.title for section in outline.sections if section.pieces] == [None, title]


def test_an_annex_has_its_title_sections_and_paragraphs(tmp_path: Path, lawsearch: Run) -> None:
    act = act_of(tmp_path, rus_txt=ORDER_TXT)
    assert act.title == {"ru": "Об утверждении Правил учета оружия"}
    where = [
        (a.title.get("ru"), *a.chapter.above.get("ru", ()), a.chapter.number, a.chapter.below.get("ru")) for a in act.articles
    ]
    one = ("Приложение 1", "Правила учета оружия")
    assert where == [
        (None, None, None),
        ("Правила учета оружия", *one, "Раздел 1. Общие положения", "1", "Параграф 1. Учет гражданского оружия"),
        (None, *one, "Раздел 1. Общие положения", "1", "Параграф 2. Учет служебного оружия"),
        (None, *one, "Раздел 2. Заключительные положения", None, None),
        (None, "Приложение 2", None, None),
    ]
    index = tmp_path / "index"
    build([tmp_path / act.law], index, terms=write_terms(tmp_path))
    assert lawsearch("show", f"{act.law}/annex-1", index=index).stdout.splitlines() == [
        "Об утверждении Правил учета оружия",
        "Приложение 1",
        "Правила учета оружия",
        "Раздел 1. Общие положения",
        "Глава 1. Порядок учета",
        "Параграф 1. Учет гражданского оружия",
        "",
        "1. Настоящие Правила определяют порядок учета.",
        "",
        "Параграф 2. Учет служебного оружия",
        "",
        "2. Служебное оружие учитывается отдельно.",
        "",
        "Раздел 2. Заключительные положения",
        "",
        "3. Споры решает суд.",
        "",
    ]
    contents = lawsearch("show", act.law, index=index).stdout
    assert contents.index("Раздел 2. Заключительные") < contents.index("3. Споры решает суд.") < contents.index("прил. 2")
    listed = Answerer(index).contents(0)
    assert [points_of(listed.points.get(a.id), "ru") for a in listed.articles] == ["п. 1", "п. 1", "п. 2", "п. 3", "п. 1"]
    assert points_of(("1", "3"), "kk") == "1–3-тармақ"
    # An annex is found by its title.
    first, *_ = lawsearch("search", "-l", "правила", "учета", "оружия", index=index).stdout.splitlines()
    assert first == f"{act.law}/annex-1/-/1"


@pytest.mark.parametrize("sentence", ["Приложение 1 к настоящему Закону исключить.", "Бұйрыққа 1-қосымша алып тасталсын;"])
def test_a_sentence_that_speaks_of_an_annex_opens_none(sentence: str) -> None:
    lang = "ru" if sentence.startswith("П") else "kk"
    outline = parse(text_lines(f"1. Первое.\n2. {sentence}\n{sentence}\n3. Третье."), lang, "X")  # type: ignore[arg-type]
    assert [str(p.address) for s in outline.sections for p in s.pieces] == ["X/-/1", "X/-/2", "X/-/3"]


def test_text_behind_a_signature_is_kept_and_reported(tmp_path: Path) -> None:
    text = "Статья 1. Цель\nЦель одна.\nПрезидент Республики Казахстан\nА. Петров\nАстана\nЭто примечание редакции: закон применяется с оговоркой.\n"
    act = act_of(tmp_path, rus_txt=text)
    assert "Это примечание редакции: закон применяется с оговоркой." in [p.text("ru") for p in act.provisions]
    assert [p.what for p in act.problems] == ["text behind the signature, kept under no heading"]


def test_a_split_act_is_one(tmp_path: Path) -> None:
    folder = tmp_path / "K1"
    (folder / "kaz").mkdir(parents=True)
    (folder / "kaz" / "001.md").write_text("# Кодекс\n\n### 1-бап. Бір\n\nБірінші мәтін.\n", encoding="utf-8")
    (folder / "kaz" / "002.md").write_text("### 2-бап. Екі\n\nЕкінші мәтін.\n", encoding="utf-8")
    act = read_act(discover([folder])[0])
    assert {str(p.address): p.text("kk") for p in act.provisions} == {"K1/1": "Бірінші мәтін.", "K1/2": "Екінші мәтін."}


def test_of_several_texts_of_one_language_one_is_read_and_the_others_are_reported(tmp_path: Path) -> None:
    act = act_of(tmp_path, kaz_txt="1-бап. Бір\nЖай мәтін.\n", kaz_md="### 1-бап. Бір\n\nБелгіленген мәтін.\n")
    assert [p.text("kk") for p in act.provisions] == ["Белгіленген мәтін."]
    assert [p.what for p in act.problems] == ["kaz.txt lies beside what was read for this language, and is not read"]


def test_a_lone_file_of_each_format_tells_its_language(tmp_path: Path) -> None:
    (tmp_path / "V1.html").write_bytes(ORDER_RU.read_bytes())
    (tmp_path / "V2.docx").write_bytes(word_document())
    (tmp_path / "V3.txt").write_text(ORDER_KK, encoding="utf-8")
    assert [(a.law, *a.texts) for a in discover([tmp_path])] == [("V1", "ru"), ("V2", "ru"), ("V3", "kk")]
    assert all(read_lines(next(iter(a.texts.values()))) for a in discover([tmp_path]))


def test_marks_inside_a_line_of_markdown_are_no_text() -> None:
    lines = [line.text for line in markdown_lines("**1.** Құжат *берілді*.\n8\\-1) *исключен*\nбаға* және* бір\n2 * 3 * 4")]
    assert lines == ["1. Құжат берілді.", "8-1) исключен", "баға* және* бір", "2 * 3 * 4"]


# -- addresses


@pytest.mark.parametrize(
    ("address", "kk", "ru", "eid"),
    [
        ("V1/annex-1/-/2/3", "1-қосымша, 2-тармақ, 3) тармақша", "прил. 1, п. 2, пп. 3)", "att_1__para_2__point_3"),
        ("V1/annex-2-1/4", "2-1-қосымша, 4-бап", "прил. 2-1, ст. 4", "att_2-1__art_4"),
        ("V1/annex-1", "1-қосымша", "прил. 1", "att_1"),
    ],
)
def test_addresses_in_annexes(address: str, kk: str, ru: str, eid: str) -> None:
    read = Address.parse(address)
    assert (str(read), read.citation("kk"), read.citation("ru"), read.eid) == (address, kk, ru, eid)


def test_what_contains_an_annex() -> None:
    here = Address.parse("V1/annex-1/-/2")
    assert Address.parse("V1").contains(here)
    assert Address.parse("V1/annex-1").contains(here)
    assert not Address.parse("V1/annex-2").contains(here)
    assert not Address.parse("V1/-/2").contains(here)
    assert not here.contains(Address.parse("V1/-/2"))


def test_annexes_and_points_without_articles_are_shown(tmp_path: Path, lawsearch: Run) -> None:
    act = tmp_path / "c" / "V1"
    act.mkdir(parents=True)
    text = """# О журнале учета

    1. Утвердить правила согласно приложению 1 к настоящему приказу.

    2. Приказ вводится в действие со дня опубликования.

    Приложение 1
    к приказу

    Правила

    1. Учет ведется в журнале.

    2. Журнал хранится пять лет.
    """
    (act / "rus.md").write_text("\n".join(line.strip() for line in text.splitlines()), encoding="utf-8")
    build([tmp_path / "c"], tmp_path / "index", terms=write_terms(tmp_path))
    contents = lawsearch("show", "V1", index=tmp_path / "index").stdout
    assert "1. Утвердить правила" in contents
    assert contents.index("прил. 1  V1/annex-1") < contents.index("2. Журнал хранится")
    annex = lawsearch("show", "V1/annex-1", index=tmp_path / "index").stdout
    assert "Учет ведется" in annex
    assert "Утвердить" not in annex
    assert lawsearch("show", "V1/annex-2", index=tmp_path / "index").returncode == 1


def test_a_repealed_range_is_one_line_of_an_article(lawsearch: Run, shipped_index: Path) -> None:
    for options, lines in ((("--show", "kk"), 1), (("--show", "both"), 2)):
        assert lawsearch("show", "5", *options, index=shipped_index).stdout.count("8-1) - 8-3)") == lines
    assert "8-1) - 8-3)" in lawsearch("show", "5/-/8-2", index=shipped_index).stdout
