"""Searching the real law in both languages: what is found, in what order, through what, and where it is marked."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CORPUS
from lawsearch.analysis import tokens
from lawsearch.analysis.letters import fold
from lawsearch.errors import QueryError, UnknownReferenceError
from lawsearch.hits import Hit
from lawsearch.indexer import build
from lawsearch.search import Searcher


def first(searcher: Searcher, query: str) -> Hit:
    return searcher.search(query).hits[0]


def addresses(searcher: Searcher, query: str, **options: object) -> list[str]:
    found = searcher.search(query, limit=None, **options)  # type: ignore[arg-type]
    return [str(h.provision.address).partition("/")[2] for h in found.hits]


@pytest.mark.parametrize(
    ("query", "article"),
    [
        ("ішкі істер органдарының жүйесі", "7"),
        ("применение оружия", "19"),
        ("жедел-іздестіру", "5"),
        ("жедел-іздестіру қызметі", "5"),
        ("местная полицейская служба", "9-1"),
        ("жергілікті полиция қызметі", "9-1"),
        ("ст. 9-1", "9-1"),
        ("9-1-бап", "9-1"),
        ("министр внутренних дел", "9"),
        ("форменная одежда", "20"),
        ("жилищные права", "22"),
        ("водительское удостоверение", "6"),
    ],
)
def test_the_right_article_comes_first(searcher: Searcher, query: str, article: str) -> None:
    assert first(searcher, query).article.number == article


def test_latin_letters_inside_words_make_no_difference(searcher: Searcher) -> None:
    assert addresses(searcher, "iшкi iстер") == addresses(searcher, "ішкі істер") == addresses(searcher, "ІШКІ IСТЕР")
    assert "ішкі істер" in fold(first(searcher, "iшкi iстер").provision.texts["kk"].replace(" ", "-")).replace("-", " ")


def test_every_form_of_a_word_and_nothing_else_is_marked(searcher: Searcher) -> None:
    wanted = {}
    for record, _, _ in searcher.provisions():
        text = record.texts["kk"]
        spans = [s for s in tokens.spans(text) if re.match(r"қауіпсізді[кг]", fold(text[s[0] : s[1]]))]
        if spans:
            wanted[str(record.address)] = spans
    found = searcher.search("қауіпсіздік", limit=None).hits
    marked = {str(h.provision.address): list(h.highlights["kk"]) for h in found if h.highlights["kk"]}
    assert marked == wanted
    assert len(wanted) > 10


def test_a_russian_query_says_through_which_pair(searcher: Searcher) -> None:
    hit = first(searcher, "применение оружия")
    assert str(hit.provision.address) == "Z1400000199/19/4"
    pairs = {(m.query, m.term.kk, m.term.ru) for m in hit.matched if m.term}
    assert ("применение", "қолдану", "применение") in pairs
    assert ("оружия", "қару", "оружие") in pairs or any(q == "оружия" for q, _, _ in pairs)
    assert {m.via for m in hit.matched} == {"term"}
    assert hit.highlights["kk"]


def test_a_loan_that_no_term_covers_is_found_by_its_look(searcher: Searcher) -> None:
    hit = first(searcher, "стенды")
    assert "стенд" in hit.provision.texts["kk"]


def test_words_of_the_title_and_of_the_next_point_find_the_article(searcher: Searcher) -> None:
    # "құзыреті" stands in the title of article 12 only, "жиһаз" in one of its sub-points only.
    assert addresses(searcher, "құзыреті жиһаз") == ["12/1/5"]
    # Two words that no provision and no title has together: each of the two provisions of article 9 is found.
    found = searcher.search("нормативтік штат", limit=None)
    assert {h.article.number for h in found.hits} >= {"9"}
    both = [h for h in searcher.search("жемқорлыққа наградалар", limit=None).hits if h.article.number == "9"]
    assert {str(h.provision.address) for h in both} >= {"Z1400000199/9/2/14"}
    assert len(both) == 2


def test_all_words_first_and_any_word_only_where_that_finds_nothing(searcher: Searcher) -> None:
    strict = searcher.search("полиция инспекторы")
    assert (strict.relaxed, strict.scope) == (False, "provision")
    loose = searcher.search("полиция динозавр")
    assert (loose.relaxed, loose.scope) == (True, "any word")
    assert loose.total == searcher.search("полиция").total
    assert searcher.search("динозавр").total == 0


def test_a_phrase_stands_side_by_side(searcher: Searcher) -> None:
    found = searcher.search('"қоғамдық тәртіп"', limit=None)
    assert found.total >= 8
    for hit in found.hits:
        assert re.search(r"қоғамдық тәртіп", hit.provision.texts["kk"])
    assert found.total <= searcher.search("қоғамдық тәртіп", limit=None).total


def test_stop_words_are_not_demanded_but_never_keep_a_phrase_from_being_found(searcher: Searcher) -> None:
    assert addresses(searcher, "полиция және инспекторы") == addresses(searcher, "полиция инспекторы")
    assert searcher.search('"құқықтары мен бостандықтарын"').total > 0
    assert searcher.search("және").total > 0


def test_a_word_can_be_asked_away(searcher: Searcher) -> None:
    without = addresses(searcher, "полиция -инспекторы")
    assert set(without) == set(addresses(searcher, "полиция")) - set(addresses(searcher, "инспекторы"))


def test_exact_means_the_form_as_typed(searcher: Searcher) -> None:
    exact = searcher.search("полициясы", limit=None, exact=True)
    assert 0 < exact.total < searcher.search("полициясы", limit=None).total
    for hit in exact.hits:
        assert {fold(m.found) for m in hit.matched} == {"полициясы"}
    assert searcher.search("оружие", exact=True).total == 0


def test_filters(searcher: Searcher) -> None:
    repealed = searcher.search("алып тасталды", limit=None, status="repealed")
    assert repealed.total == sum(r.status == "repealed" for r, _, _ in searcher.provisions())
    assert {h.provision.status for h in repealed.hits} == {"repealed"}
    assert searcher.search("алып тасталды", status="in_force").scope != "provision"
    assert searcher.search("полиция", laws=["Z1400000199"]).total == searcher.search("полиция").total
    with pytest.raises(UnknownReferenceError):
        searcher.search("полиция", laws=["K950000001"])


def test_the_language_of_a_query(searcher: Searcher) -> None:
    assert searcher.search("қару").lang == "kk"
    assert searcher.search("оружие").lang == "ru"
    assert searcher.search("полиция", lang="ru").lang == "ru"
    # A word that may be both is searched as both.
    assert set(searcher.search("паспорт").concepts[0].readings) == {"kk", "ru"}


def test_citations_go_to_the_place(searcher: Searcher) -> None:
    assert addresses(searcher, "ст. 6 п. 1 пп. 25") == ["6/1/25"]
    assert addresses(searcher, "6-баптың 1-тармағының 25) тармақшасы") == ["6/1/25"]
    assert addresses(searcher, "9-1-бап") == ["9-1/1", "9-1/2", "9-1/3", "9-1/4"]
    assert searcher.search("6/1/25").scope == "citation"


@pytest.mark.parametrize("query", ["", "   ", "!!! ...", "«»", "-полиция", "а" * 5000, "слово " * 80])
def test_a_query_that_cannot_be_one(searcher: Searcher, query: str) -> None:
    with pytest.raises(QueryError):
        searcher.search(query)


def test_the_order_does_not_depend_on_how_many_are_wanted(searcher: Searcher) -> None:
    for query in ("ішкі істер", "право на защиту", "полиция"):
        ten = [(h.provision.id, h.score) for h in searcher.search(query, limit=10).hits]
        assert [(h.provision.id, h.score) for h in searcher.search(query, limit=40).hits][:10] == ten


def test_scores_fall_and_ranks_rise(searcher: Searcher) -> None:
    hits = searcher.search("ішкі істер органдары", limit=None).hits
    assert [h.rank for h in hits] == list(range(1, len(hits) + 1))
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)


WORDS = sorted(
    {w for line in (CORPUS / "Z1400000199" / "kaz.txt").read_text(encoding="utf-8").split() for w in tokens.words(line)}
)


@given(st.sampled_from(WORDS))
@settings(max_examples=150, deadline=None)
def test_every_printed_form_finds_its_own_provisions(searcher: Searcher, word: str) -> None:
    holding = {r.id for r, _, _ in searcher.provisions() if fold(word) in {fold(w) for w in tokens.words(r.texts["kk"])}}
    found = {h.provision.id for h in searcher.search(f'"{word}"', limit=None, lang="kk").hits}
    assert holding <= found


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_highlights_are_whole_words_sorted_and_apart(searcher: Searcher, words: list[str]) -> None:
    for hit in searcher.search(" ".join(words), limit=20).hits:
        for lang, spans in hit.highlights.items():
            boundaries = set(tokens.spans(hit.provision.texts.get(lang, "")))
            assert set(spans) <= boundaries
            assert list(spans) == sorted(spans)
            assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


def test_what_a_partial_answer_led_to_is_not_kept(kazakh_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Searcher(kazakh_index) as opened:
        whole = opened.search("оружие")
    with Searcher(kazakh_index) as opened, monkeypatch.context() as part:
        said = iter(["", "1 of 3 shards did not answer"])
        part.setattr(opened.reader, "missing", lambda: next(said))
        part.setattr(opened.reader, "document_frequency", lambda field, keys: 0)
        partial = opened.search("оружие")
        assert partial.partial
        assert [h.score for h in partial.hits] != [h.score for h in whole.hits]
        part.undo()
        again = opened.search("оружие")
        assert again.partial == ""
        told = [[(h.provision.address, h.score, h.highlights) for h in found.hits] for found in (again, whole)]
        assert told[0] == told[1]


def test_two_builds_answer_alike(tmp_path: Path, kazakh_index: Path, searcher: Searcher) -> None:
    folder = tmp_path / "Z1400000199"
    folder.mkdir()
    for name in ("kaz.txt", "meta.yaml"):
        (folder / name).write_bytes((CORPUS / "Z1400000199" / name).read_bytes())
    build([tmp_path], tmp_path / "index")
    with Searcher(tmp_path / "index") as other:
        for query in ("қауіпсіздік", "применение оружия", "ішкі істер органдары"):
            mine, theirs = searcher.search(query, limit=None), other.search(query, limit=None)
            assert [(h.provision.address, h.score, h.matched) for h in mine.hits] == [
                (h.provision.address, h.score, h.matched) for h in theirs.hits
            ]
