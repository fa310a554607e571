"""Terms: the term base that ships, and finding its terms in texts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawsearch.analysis.analyzer import Analyzer
from lawsearch.analysis.letters import fold
from lawsearch.law import Act, Lang
from lawsearch.terms import termbase
from lawsearch.terms.linking import Link, Linker, Links, key_sets
from lawsearch.terms.termbase import DOMAINS, Term, TermbaseError, parse
from lawsearch.terms.text_links import packed


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


def found(text: str, lang: Lang, terms: list[Term], analyzer: Analyzer) -> list[tuple[str, str, bool]]:
    tokens = analyzer.tokens(text, lang)
    links = Linker(terms, [key_sets(t.side(lang), lang, analyzer) for t in terms]).links(tokens, text)
    return [(terms[x.term].side(lang), text[tokens[x.first].start : tokens[x.last].end], x.weak) for x in links]


def as_packed(links: list[Link]) -> str:
    columns = [(x.term, x.first, x.last - x.first, x.position, x.weak) for x in links]
    return packed(np.array([0, len(links)]), np.array(columns, dtype=np.int64).reshape(-1, 5).T)[0]


def pair(kk: str, ru: str, status: str = "preferred") -> Term:
    return Term(kk, ru, "general", "general", status)  # type: ignore[arg-type]


TERMS = [
    pair("қоғамдық тәртіп", "общественный порядок"),
    pair("тәртіп", "порядок"),
    pair("тәртіп", "дисциплина", "weak"),
    pair("қару", "оружие"),
    pair("іс", "дело"),
    pair("ішкі істер органы", "орган внутренних дел"),
]


def test_a_term_is_found_in_any_case(analyzer: Analyzer) -> None:
    assert found("ішкі істер органдарының қаруын", "kk", TERMS, analyzer) == [
        ("ішкі істер органы", "ішкі істер органдарының", False),
        ("іс", "істер", True),
        ("қару", "қаруын", False),
    ]
    assert found("органам внутренних дел", "ru", TERMS, analyzer)[0] == (
        "орган внутренних дел",
        "органам внутренних дел",
        False,
    )


def test_an_editors_remark_holds_no_terms(analyzer: Analyzer) -> None:
    terms = [pair("алып тасталу", "исключаться"), pair("қарау", "рассмотрение")]
    text = "5) 2021.29.06. № 58-VІІ ҚР Заңымен алып тасталды (бұр.ред.қара)"
    assert [place for _, place, _ in found(text, "kk", terms, analyzer)] == ["алып тасталды"]
    assert [place for _, place, _ in found("істі қарады (қара)", "kk", terms, analyzer)] == ["қарады", "қара"]


def test_the_longest_term_wins(analyzer: Analyzer) -> None:
    assert found("қоғамдық тәртіпті", "kk", TERMS, analyzer) == [
        ("қоғамдық тәртіп", "қоғамдық тәртіпті", False),
        ("тәртіп", "тәртіпті", True),
    ]


def test_a_rarer_sense_and_a_part_of_a_compound_are_weak(analyzer: Analyzer) -> None:
    assert found("тәртібі", "kk", TERMS, analyzer) == [("тәртіп", "тәртібі", False), ("тәртіп", "тәртібі", True)]
    assert found("іс-қимылды", "kk", TERMS, analyzer) == [("іс", "іс-қимылды", True)]


def test_no_term_crosses_punctuation(analyzer: Analyzer) -> None:
    assert found("қоғамдық, тәртіп", "kk", TERMS, analyzer)[0][0] == "тәртіп"


def test_the_shipped_term_base_is_whole() -> None:
    terms = termbase.load()
    assert len(terms) >= 400
    assert len({(t.kk, t.ru) for t in terms}) == len(terms)
    assert {t.domain for t in terms} <= DOMAINS
    for term in terms:
        assert term.kk == term.kk.strip()
        assert not any(ch in "әғқңөұүһі" for ch in term.ru.lower())


def test_sources_are_places_of_the_act(seed_act: Act) -> None:
    places = {str(p.address) for p in seed_act.provisions}
    cited = [t.source for t in termbase.load() if t.source != "general"]
    assert len(cited) >= 400
    assert set(cited) <= places


@pytest.mark.parametrize(
    ("kk", "ru"),
    [
        ("қоғамдық тәртіп", "общественный порядок"),
        ("жедел-іздестіру қызметі", "оперативно-розыскная деятельность"),
        ("жергілікті полиция қызметі", "местная полицейская служба"),
        ("құқық бұзушылық", "правонарушение"),
        ("жүзеге асыру", "осуществление"),
    ],
)
def test_terms_that_no_lawyer_would_miss(kk: str, ru: str) -> None:
    assert any((fold(t.kk), t.ru) == (fold(kk), ru) for t in termbase.load())


@pytest.mark.parametrize(
    "lines",
    [
        ["kk\tru"],
        ["kk\tru\tdomain\tsource\tstatus\tnote", "бір\tодин"],
        ["kk\tru\tdomain\tsource\tstatus\tnote", "бір\t\tgeneral\tgeneral\tpreferred\t"],
        ["kk\tru\tdomain\tsource\tstatus\tnote", "бір\tодин\tgeneral\tgeneral\tbest\t"],
    ],
)
def test_a_bad_line_is_named(lines: list[str]) -> None:
    with pytest.raises(TermbaseError, match=r"file\.tsv:\d"):
        list(parse(lines, "file.tsv"))


def test_a_rarer_sense_is_not_meant_inside_a_longer_term(analyzer: Analyzer) -> None:
    assert [t for t, _, _ in found("қоғамдық тәртіпті сақтау", "kk", TERMS, analyzer)] == ["қоғамдық тәртіп", "тәртіп"]
    assert [(t, weak) for t, _, weak in found("тәртіпті сақтау", "kk", TERMS, analyzer)] == [
        ("тәртіп", False),
        ("тәртіп", True),
    ]


@given(
    st.lists(
        st.builds(Link, st.integers(0, 70_000), st.integers(0, 400), st.integers(400, 900), st.integers(0, 900), st.booleans())
    )
)
@settings(max_examples=50, deadline=None)
def test_links_read_back_from_their_columns(found: list[Link]) -> None:
    read = Links.unpacked(as_packed(found))
    assert list(read) == found
    assert list(read.terms) == [link.term for link in found]
    assert all(read.of(link.term) == [other for other in found if other.term == link.term] for link in found)
    assert list(Links.of_links(found)) == found


#: Numbers of which one's end and the next one's beginning look like a third.
awkward = st.sampled_from([0, 1, 0x0100, 0x0101, 0x0001_0000, 0x0101_0101, 257, 65_535])


@given(st.lists(st.builds(Link, awkward, st.integers(0, 30), st.just(0), st.just(0), st.booleans())), st.data())
@settings(max_examples=50, deadline=None)
def test_links_are_found_by_term_and_by_place(drawn: list[Link], data: st.DataObject) -> None:
    found = [
        link._replace(last=link.first + data.draw(st.integers(0, 6)), position=link.first)
        for link in sorted(drawn, key=lambda link: link.first)
    ]
    read = Links.unpacked(as_packed(found))
    for term in (0, 1, 0x0100, 0x0101, 0x0001_0000, 0x0101_0101, 257, 65_535):
        assert read.of(term) == [link for link in found if link.term == term]
    for first in range(0, 36, 5):
        for last in (first, first + 2):
            assert read.covering(first, last) == [link for link in found if link.first <= first and last <= link.last]


@pytest.mark.parametrize("text", ["x", "AAAA", "BQAAAEI=", as_packed([Link(1, 2, 3, 2, False)])[:-4]])
def test_what_is_no_columns_of_links_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Links.unpacked(text)
