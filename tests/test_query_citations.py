"""Citations that people type, and cross-references that texts make."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import LAW, Run
from lawsearch.corpus.citing import citations
from lawsearch.indexer import build
from lawsearch.query import reference
from lawsearch.search import Searcher
from small_corpus import write_terms


@pytest.mark.parametrize(
    "text",
    [
        "6-баптың 1-тармағының 25) тармақшасы",
        "6-бап 1-тармақ 25) тармақша",
        "6 бап 1 тармақ 25 тармақша",
        "6-б. 1-т. 25)",
        "ст.6 п.1 пп.25",
        "ст. 6, п. 1, пп. 25)",
        "подпункт 25) пункта 1 статьи 6",
        "пп. 25 п. 1 ст. 6",
        "6/1/25",
        f"{LAW}/6/1/25",
        "подпункт 25) пункта 1 статьи 6 Закона РК «Об органах внутренних дел Республики Казахстан»",
        "ішкі істер органдары туралы заңның 6-бабының 1-тармағының 25) тармақшасы",
        "199-V заңының 6-бабының 1-тармағының 25) тармақшасы",
        "подпункт 25) пункта 1 статьи 6 Закона № 199-V",
        "CТ.6 П.1 ПП.25",
    ],
)
def test_every_way_to_cite_a_subpoint(searcher: Searcher, text: str) -> None:
    results = searcher.search(text)
    assert results.scope == "citation"
    assert [str(h.provision.address) for h in results.hits] == [f"{LAW}/6/1/25"]
    assert {m.via for m in results.hits[0].matched} == {"citation"}


@pytest.mark.parametrize(
    ("text", "articles"),
    [
        ("9-1-бап", ["9-1"]),
        ("статья 9-1 закона об органах внутренних дел", ["9-1"]),
        ("ст. 5-7", ["5", "6", "7"]),
        ("ст. 5 – 7", ["5", "6", "7"]),
        ("ст. 8-10", ["8", "9", "9-1", "10"]),
        ("ст. 5, 7 и 9", ["5", "7", "9"]),
        ("5, 7 және 9-баптар", ["5", "7", "9"]),
        ("9-1", ["9-1"]),
    ],
)
def test_lists_and_ranges_of_articles(searcher: Searcher, text: str, articles: list[str]) -> None:
    hits = searcher.search(text, limit=None).hits
    assert list(dict.fromkeys(h.article.number for h in hits)) == articles


def test_ranges_of_subpoints(searcher: Searcher) -> None:
    hits = searcher.search("6-бап 1-тармақ 1) - 3)", limit=None).hits
    assert [str(h.provision.address) for h in hits] == [f"{LAW}/6/1/{n}" for n in (1, 2, 3)]
    assert [str(h.provision.address) for h in searcher.search("подпункты 1) и 3) пункта 1 статьи 6", limit=None).hits] == [
        f"{LAW}/6/1/{n}" for n in (1, 3)
    ]


@pytest.mark.parametrize("text", ["статья 5 уголовного кодекса", "статья", "1 пункт", "5 полиция", "25) тармақша полиция"])
def test_what_is_no_citation_of_this_act_is_words(searcher: Searcher, text: str) -> None:
    assert searcher.search(text).scope != "citation"


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("ст. 999", "ru"),
        ("999-бап", "kk"),
        ("ст. 6 п. 99", "ru"),
        ("п. 99 ст. 6 закона об органах внутренних дел", "ru"),
        ("ст. 128 УПК", "ru"),
        ("6/1/99", "kk"),
        (f"{LAW}/999", "kk"),
        ("art_999", "kk"),
        ("прил. 1 п. 3", "ru"),
        ("1-қосымша, 3-тармақ", "kk"),
    ],
)
def test_a_place_that_is_not_there_is_told_and_not_made_up_for(searcher: Searcher, text: str, lang: str) -> None:
    results = searcher.search(text)
    assert results.absent
    assert (results.total, results.scope, results.lang) == (0, "none", lang)
    assert searcher.documents(text) == []


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("9-1-бап", "kk"),
        ("9-1 бап", "kk"),
        ("6б", "kk"),
        ("25) 6-бап", "kk"),
        ("ст. 9-1", "ru"),
        ("cт. 6", "ru"),
        ("ct. 6", "ru"),
        ("ст. 6 25)", "ru"),
        ("п. 25) п. 1 ст. 6", "ru"),
        ("6/1/25", "kk"),
        ("art_9-1", "kk"),
        (LAW, "kk"),
    ],
)
def test_a_place_is_answered_in_the_language_of_the_words_that_cite_it(searcher: Searcher, text: str, lang: str) -> None:
    results = searcher.search(text)
    assert (results.scope, results.lang) == ("citation", lang)
    assert {m.lang for m in results.hits[0].matched} == {lang}
    assert searcher.search(text, lang="ru").lang == "ru"


@pytest.mark.parametrize(
    ("text", "lang"), [("прил. 7", "ru"), ("7-қосымша", "kk"), ("3-тармақ прил. 7", "kk"), ("1) прил. 7", "ru")]
)
def test_an_annex_has_the_language_of_its_words(text: str, lang: str) -> None:
    assert reference.language(text) == lang


@pytest.mark.parametrize(("text", "lang"), [("пп. 25) полиция", "ru"), ("полиция 7-б.", "kk"), ("25) полиция", "kk")])
def test_words_of_a_citation_tell_the_language_of_words_that_are_both(searcher: Searcher, text: str, lang: str) -> None:
    results = searcher.search(text)
    assert results.scope != "citation"
    assert results.lang == lang


def test_texts_that_name_an_absent_place_are_found(shipped_index: Path) -> None:
    with Searcher(shipped_index) as searcher:
        results = searcher.search("ст. 184")
        assert (results.absent, results.scope) == (True, "provision")
        assert all("184" in (h.provision.texts.get("ru", "") + h.provision.texts.get("kk", "")) for h in results.hits)
        assert searcher.documents("ст. 184") == [h.provision.id for h in results.hits]
        assert not searcher.search("ст. 184", literal=True).absent
        # A number with a hyphen is a word of the texts, and so is a point that names no article.
        assert not any(searcher.search(text).absent for text in ("77-1", "п. 99", "ст. 6", "полиция"))


def test_an_absent_place_is_a_note_and_a_field(lawsearch: Run) -> None:
    found = lawsearch("search", "ст. 999")
    assert found.returncode == 1
    assert not found.stdout
    assert found.stderr.splitlines() == ["в проиндексированных актах такого места нет", "ничего не найдено"]
    assert json.loads(lawsearch("search", "ст. 999", "--format", "jsonl").stdout)["absent"] is True
    first, second = map(json.loads, lawsearch("batch", "-", stdin="ст. 999\nст. 6\n").stdout.splitlines())
    assert (first["absent"], first["total"]) == (True, 0)
    assert "absent" not in second


def test_an_act_that_is_not_there_is_an_error_to_show(lawsearch: Run) -> None:
    done = lawsearch("show", "статья", "5", "уголовного", "кодекса")
    assert done.returncode == 2
    assert "no such act" in done.stderr
    assert lawsearch("show", "ст. 200").returncode == 1


def test_show_takes_a_range(lawsearch: Run) -> None:
    found = json.loads(lawsearch("show", "ст. 8-10", "--format", "json").stdout)
    assert list(dict.fromkeys(p["article"] for p in found)) == ["8", "9", "9-1", "10"]
    assert "9-1-бап" in lawsearch("show", "ст. 8-10", "--show", "kk").stdout


# -- in texts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cited", "articles", "points", "subpoints", "act", "own"),
    [
        ("Осы баптың 2-тармағында көрсетілген", "Осы баптың 2-тармағында", "", "2", "", None, "article"),
        (
            "осы Заңның 6-бабының 1-тармағының 25) тармақшасында",
            "осы Заңның 6-бабының 1-тармағының 25) тармақшасында",
            "6",
            "1",
            "25",
            None,
            "act",
        ),
        (
            "«Күзет қызметі туралы» Қазақстан Республикасы Заңының 1-3-бабында көрсетілген",
            "«Күзет қызметі туралы» Қазақстан Республикасы Заңының 1-3-бабында",
            "1-3",
            "",
            "",
            "title:Күзет қызметі туралы",
            None,
        ),
        ("1), 2) және 3) тармақшаларында көзделген", "1), 2) және 3) тармақшаларында", "", "", "1 2 3", None, None),
        ("в пункте 2 настоящей статьи", "пункте 2 настоящей статьи", "", "2", "", None, "article"),
        ("подпунктами 1), 2) и 3) пункта 1 статьи 6 настоящего Закона,", None, "6", "1", "1 2 3", None, "act"),
        ("статьи 5 Уголовного кодекса", None, "5", "", "", "title:Уголовного кодекса", None),
        ("статьи 5 прежнего закона", "статьи 5", "5", "", "", "other:", None),
        (
            'статьей 9 Закона Республики Казахстан "О правоохранительной службе" и',
            'статьей 9 Закона Республики Казахстан "О правоохранительной службе"',
            "9",
            "",
            "",
            "title:О правоохранительной службе",
            None,
        ),
    ],
)
def test_citations_in_texts(
    text: str, cited: str | None, articles: str, points: str, subpoints: str, act: str | None, own: str | None
) -> None:
    (found,) = citations(text)
    if cited is not None:
        assert text[found.start : found.end] == cited
    for numbers, wanted in ((found.articles, articles), (found.points, points), (found.subpoints, subpoints)):
        assert [n.first for n in numbers] == wanted.split()
    assert (found.act, found.own) == (act, own)


@pytest.mark.parametrize(
    "text", ["2014 жылғы 23 сәуірде", "10 жұмыс күні", "500 000 тенге", "в течение 5 дней", "7 тармақталған жол"]
)
def test_numbers_of_nothing_are_no_citations(text: str) -> None:
    assert not citations(text)


@pytest.fixture(scope="module")
def two_acts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("two-acts")
    for law, number, title, text in (
        (
            "Z1",
            "10-I",
            "О первой службе",
            "Статья 1. Служба\n1. Служба действует по статье 2 настоящего Закона.\n2. Пункт 1 настоящей статьи не применяется.\n"
            "Статья 2. Порядок\n1. Порядок определяется:\n1) законом;\n2) подпунктом 1) настоящего пункта.\n",
        ),
        (
            "Z2",
            "20-II",
            "О второй службе",
            "Статья 1. Связь\n1. Служба действует по пункту 1 статьи 2 Закона Республики Казахстан «О первой службе».\n"
            "2. Смотри статьи 1-2 Закона № 10-I и статью 5 Уголовного кодекса.\n"
            "3. Порядок определяется Законом Республики Казахстан «О первой службе» и Законом «О третьей службе».\n",
        ),
    ):
        folder = root / law
        folder.mkdir()
        (folder / "rus.txt").write_text(text, encoding="utf-8")
        (folder / "meta.yaml").write_text(f'title:\n  ru: {title}\nnumber: "{number}"\n', encoding="utf-8")
    index = tmp_path_factory.mktemp("two-acts-index")
    build([root], index)
    return index


def test_an_article_of_many_acts_is_looked_up_as_it_is_found_act_by_act(tmp_path: Path) -> None:
    for law in ("A", "B", "C"):
        (tmp_path / "c" / law).mkdir(parents=True)
        text = "".join(f"Статья {n}. Служба {law}\n1. Пункт.\n2. Пункт.\n" for n in ("1", "6", "6-1", "60", "6", "7"))
        (tmp_path / "c" / law / "rus.txt").write_text(text, encoding="utf-8")
    build([tmp_path / "c"], tmp_path / "index", terms=write_terms(tmp_path))
    with Searcher(tmp_path / "index") as searcher:
        for text in ("ст. 6", "ст. 6 п. 2", "ст. 6-1", "ст. 60 и 7", "ст. 6-7", "6/2", "art_6__para_2"):
            every = searcher.search(text, limit=None).hits
            by_act = [hit for law in ("A", "B", "C") for hit in searcher.search(text, limit=None, laws=[law]).hits]
            assert [hit.provision.id for hit in every] == [hit.provision.id for hit in by_act] != []
        numbers = {row[2] for row in searcher.store.article_places()}
        assert numbers == {"1", "6", "6-1", "60", "7"}
        assert searcher.store.articles_numbered(["7", "6"]) == [
            r for r in searcher.store.article_places() if r[2] in ("6", "7")
        ]


def test_cross_references_are_listed_both_ways(two_acts: Path, lawsearch: Run) -> None:
    def refs(reference: str) -> dict[str, list[dict[str, object]]]:
        done = lawsearch("show", reference, "--refs", "--format", "json", index=two_acts)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)[0]  # type: ignore[no-any-return]

    one = refs("Z1/2/1")
    assert [(c["address"], c["text"]) for c in one["cited_by"]] == [
        ("Z1/2/1/2", "подпунктом 1) настоящего пункта"),
        ("Z2/1/1", "пункту 1 статьи 2 Закона Республики Казахстан «О первой службе»"),
    ]
    assert [c["address"] for c in refs("Z1/1/2")["cites"]] == ["Z1/1/1"]
    assert [c["address"] for c in refs("Z1/1/1")["cites"]] == ["Z1/2"]
    assert [c["address"] for c in refs("Z2/1/2")["cites"]] == ["Z1/1", "Z1/2"]
    assert [c["from"] for c in refs("Z1/2")["cited_by"]] == ["Z1/1/1", "Z1/2/1/2", "Z2/1/1", "Z2/1/2"]
    assert [(c["address"], c["text"]) for c in refs("Z2/1/3")["cites"]] == [
        ("Z1", "Законом Республики Казахстан «О первой службе»")
    ]
    assert len(refs("Z1")["cited_by"]) == 7
    assert len(refs("Z2")["cites"]) == 4
    told = lawsearch("show", "Z2/1", "--refs", index=two_acts)
    assert "Ссылается на:" in told.stdout or "Мыналарға сілтейді:" in told.stdout
    assert "Z1/2/1" in told.stdout


def test_an_act_is_named_by_its_title_or_its_number(two_acts: Path) -> None:
    with Searcher(two_acts) as searcher:
        for text in ("статья 1 закона о второй службе", "ст. 1 Закона № 20-II", "ст. 1 закона РК «О второй службе»"):
            assert [str(h.provision.address) for h in searcher.search(text).hits] == [f"Z2/1/{n}" for n in (1, 2, 3)], text
        assert {h.act.law for h in searcher.search("ст. 1").hits} == {"Z1", "Z2"}


def test_references_of_the_shipped_act(searcher: Searcher) -> None:
    found = [r for n in range(searcher.reader.document_count()) for r in searcher.store.cited_by(n)]
    assert ("Z1400000199/21/note", "Z1400000199/21/2") in {
        (str(searcher.store.provision(r.provision).address), r.target) for r in found
    }
    for record in found:
        assert searcher.store.provision(record.provision).texts[record.lang][record.start : record.end]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("ст 6 ч 1 п 25", ["6/1/25"]),
        ("пункт 25) части первой статьи 6", ["6/1/25"]),
        ("п. 25) п. 1 ст. 6", ["6/1/25"]),
        ("6-баптың бірінші бөлігінің 25) тармағы", ["6/1/25"]),
        ("6б 1т 25тш", ["6/1/25"]),
        ("пп. 25 п. 1 ст. 6 закона об ОВД", ["6/1/25"]),
        ("пп. 25 п. 1 ст. 6 ОВД", ["6/1/25"]),
        ("ҚР ІІО туралы Заңның 6-бабы 1-тармағы 25) тармақшасы", ["6/1/25"]),
        ("абзац второй пункта 2 статьи 7", ["7/2"]),
        ("7-баптың 2-тармағының екінші абзацы", ["7/2"]),
        ("примечание к статье 21", ["21/note"]),
        ("art_6__para_1__point_25", ["6/1/25"]),
        (f"{LAW}/art_21__note", ["21/note"]),
    ],
)
def test_parts_paragraphs_ordinals_and_abbreviated_acts(searcher: Searcher, text: str, addresses: list[str]) -> None:
    results = searcher.search(text)
    assert results.scope == "citation"
    assert [str(h.provision.address) for h in results.hits] == [f"{LAW}/{a}" for a in addresses]


def test_every_provision_is_found_by_its_own_address_eid_and_citations(searcher: Searcher) -> None:
    for number in range(searcher.reader.document_count()):
        address = searcher.store.provision(number).address
        ways = [str(address), *(c for lang in ("kk", "ru") if address.article and (c := address.citation(lang)))]
        if address.article:
            ways += [address.eid, f"{LAW}/{address.eid}"]
        for way in ways:
            assert str(address) in {str(h.provision.address) for h in searcher.search(way, limit=None).hits}, way


@pytest.mark.parametrize(
    ("text", "articles", "points", "subpoints", "act", "own"),
    [
        ("Осы баптың бірінші және екінші бөліктерінде көзделген", "", "1 2", "", None, "article"),
        ("частями первой и второй настоящей статьи", "", "1 2", "", None, "article"),
        ("пунктом 2) части третьей статьи 128 Уголовно-процессуального кодекса", "128", "3", "2", "title:Уголовно-процессуального кодекса", None),
        ("частью пятнадцатой статьи 3", "3", "15", "", None, None),
        ("Қылмыстық кодекстің 5-бабының үшінші бөлігі", "5", "3", "", "title:Қылмыстық кодекс", None),
        ("абзаце втором пункта 3 статьи 5 настоящего Закона", "5", "3", "", None, "act"),
    ],
)  # fmt: skip
def test_parts_and_codes_cited_in_texts(
    text: str, articles: str, points: str, subpoints: str, act: str | None, own: str | None
) -> None:
    test_citations_in_texts(text, None, articles, points, subpoints, act, own)


@pytest.mark.parametrize(
    "text", ["екінші рет жіберілген", "в первой очереди, части имущества", "в третьем квартале", "бес бөліктен"]
)
def test_ordinals_of_nothing_are_no_citations(text: str) -> None:
    assert not citations(text)


def test_a_code_is_cited_by_its_name(tmp_path: Path) -> None:
    for law, title, text in (
        ("K1", "Уголовный кодекс Республики Казахстан", "Статья 5. Срок\n1. Срок исчисляется годами.\n2. Исключений нет.\n"),
        ("K2", "Уголовно-процессуальный кодекс Республики Казахстан", "Статья 5. Порядок\n1. Срок по части второй статьи 5 Уголовного кодекса.\n"),
    ):  # fmt: skip
        (tmp_path / "c" / law).mkdir(parents=True)
        (tmp_path / "c" / law / "rus.txt").write_text(text, encoding="utf-8")
        (tmp_path / "c" / law / "meta.yaml").write_text(f"title:\n  ru: {title}\n", encoding="utf-8")
    build([tmp_path / "c"], tmp_path / "index", terms=write_terms(tmp_path))
    with Searcher(tmp_path / "index") as opened:
        assert [r.target for r in opened.store.cited_by(2)] == ["K1/5/2"]
        for text, address in (
            ("ч. 2 ст. 5 УК РК", "K1/5/2"),
            ("ст. 5 УПК", "K2/5/1"),
            ("ч. 1 ст. 5 уголовного кодекса", "K1/5/1"),
        ):
            assert [str(h.provision.address) for h in opened.search(text).hits] == [address], text
