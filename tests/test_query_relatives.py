"""Words of one family: what is proposed, that only what the corpus holds is used, that it ranks below and says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import CORPUS, LAW
from lawsearch.hits import Results
from lawsearch.indexer import build
from lawsearch.law import Lang
from lawsearch.output.records import hit
from lawsearch.query.relatives import relatives
from lawsearch.search import Searcher
from lawsearch.terms.termbase import Term, written

TERMS = [
    Term("айқындау", "определять", "general", "general", "preferred"),
    Term("бекіту", "утверждение", "general", "general", "preferred"),
    Term("күзет", "охрана", "general", "general", "preferred"),
    Term("қызметкер", "работник", "general", "general", "preferred"),
    Term("жұмыскер", "работник", "general", "general", "weak"),
]


@pytest.mark.parametrize(
    ("word", "lang", "expected"),
    [
        ("реализоваться", "ru", "реализовать"),
        ("реализация", "ru", "реализовать"),
        ("реализовать", "ru", "реализация"),
        ("сопровождение", "ru", "сопровождать"),
        ("сопровождать", "ru", "сопровождение"),
        ("участие", "ru", "участвовать"),
        ("участвовать", "ru", "участие"),
        ("внесение", "ru", "вносить"),
        ("вносить", "ru", "внести"),
        ("рассмотрение", "ru", "рассматривать"),
        ("установление", "ru", "устанавливать"),
        ("возместить", "ru", "возмещение"),
        ("выдача", "ru", "выдавать"),
        ("неисполнение", "ru", "исполнение"),
        ("бюджетный", "ru", "бюджет"),
        ("отрасль", "ru", "отраслевой"),
        ("инвестиционный", "ru", "инвестиция"),
        ("регистрация", "ru", "регистрировать"),
        ("защищенность", "ru", "защищенный"),
        ("совместно", "ru", "совместный"),
        ("айқындал", "kk", "айқында"),
        ("айқында", "kk", "айқындал"),
        ("дамыт", "kk", "дамытыл"),
        ("жеткізілім", "kk", "жеткіз"),
        ("бюджеттік", "kk", "бюджет"),
        ("есептілік", "kk", "есеп"),
    ],
)
def test_proposed(word: str, lang: Lang, expected: str) -> None:
    assert expected in relatives(word, lang)


@given(st.text(alphabet="абвгдежзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі", max_size=24), st.sampled_from(["kk", "ru"]))
def test_never_the_word_itself_never_twice_never_empty(word: str, lang: Lang) -> None:
    found = relatives(word, lang)
    assert word not in found
    assert len(found) == len(set(found))
    assert all(found)


@pytest.fixture(scope="module")
def few_terms(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """The act's Kazakh text with a handful of terms."""
    root = tmp_path_factory.mktemp("relatives")
    act = root / "corpus" / LAW
    act.mkdir(parents=True)
    (act / "kaz.txt").write_bytes((CORPUS / LAW / "kaz.txt").read_bytes())
    (root / "terms.tsv").write_text(written(TERMS), encoding="utf-8")
    build([root / "corpus"], root / "index", terms=root / "terms.tsv")
    return Searcher(root / "index")


def senses(results: Results) -> list[str | None]:
    return [m.sense for h in results.hits for m in h.matched]


def test_a_word_without_a_term_is_found_through_its_family(few_terms: Searcher) -> None:
    by_verb, by_noun = few_terms.search("определять", limit=None), few_terms.search("определение", limit=None)
    assert by_verb.total
    assert {h.provision.id for h in by_noun.hits} == {h.provision.id for h in by_verb.hits}
    assert set(senses(by_verb)) == {None}
    assert set(senses(by_noun)) == {"related"}
    first = by_noun.hits[0]
    assert first.score < by_verb.hits[0].score
    assert first.highlights["kk"] == by_verb.hits[0].highlights["kk"]
    matched = hit(first, "определение")["matched"][0]
    assert (matched["via"], matched["sense"], matched["term"]["ru"]) == ("term", "related", "определять")


def test_a_family_nobody_mentions_finds_nothing(few_terms: Searcher) -> None:
    assert few_terms.search("опыление").total == 0


def test_rarer_senses_fill_up_a_short_list_and_rank_below(few_terms: Searcher) -> None:
    strong = few_terms.search("работник охраны", limit=None)
    kinds = [{m.sense for m in h.matched} for h in strong.hits]
    assert strong.scope == "provision"
    assert len(strong.hits) == strong.total <= 10
    filled = [i for i, kind in enumerate(kinds) if "rarer" in kind]
    assert filled
    assert filled == list(range(filled[0], len(kinds)))
    assert [h.score for h in strong.hits] == sorted((h.score for h in strong.hits), reverse=True)
    for limit in (1, 3, 7):
        some = few_terms.search("работник охраны", limit=limit)
        assert some.total == strong.total
        assert [(h.provision.id, h.score) for h in some.hits] == [(h.provision.id, h.score) for h in strong.hits[:limit]]


def test_a_list_that_is_long_enough_is_left_alone(few_terms: Searcher) -> None:
    assert few_terms.search("работник", limit=10).total > 10
    assert set(senses(few_terms.search("работник", limit=None))) == {None}


def test_words_that_the_texts_use_have_no_need_of_relatives(shipped_index: Path) -> None:
    with Searcher(shipped_index) as searcher:
        found = searcher.search("определяется", limit=None)
        assert found.concepts[0].relatives == {}
        assert "related" not in senses(found)
