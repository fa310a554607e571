"""The query language: what each part of it finds, the trees it makes, the errors it points at."""

from __future__ import annotations

import pytest

from conftest import LAW, Run
from lawsearch.errors import LawsearchError, QueryError, QuerySyntaxError
from lawsearch.query import syntax
from lawsearch.query.tree import And, Close, Filter, Item, Not, Or
from lawsearch.search import Searcher


def found(searcher: Searcher, query: str, **options: object) -> set[str]:
    return {str(h.provision.address) for h in searcher.search(query, limit=None, **options).hits}  # type: ignore[arg-type]


def test_operators_bind_and_before_or() -> None:
    tree = syntax.parse("қару полиция OR оқ AND NOT заң").tree
    assert isinstance(tree, Or)
    left, right = tree.children
    assert isinstance(left, And)
    assert [c.text for c in left.children if isinstance(c, Item)] == ["қару", "полиция"]
    assert isinstance(right, And)
    assert isinstance(right.children[1], Not)


def test_brackets_and_nearness() -> None:
    tree = syntax.parse("(қару OR оқ) w/5 полиция pre/2 қызмет").tree
    assert isinstance(tree, Close)
    assert (tree.distance, tree.ordered) == (2, True)
    assert isinstance(tree.left, Close)
    assert isinstance(tree.left.left, Or)


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("article:9-1", "article", "9-1"),
        ("бап:9-1", "article", "9-1"),
        ("Статья:9-1", "article", "9-1"),
        ("тарау:2", "chapter", "2"),
        ("глава:2", "chapter", "2"),
        ("заң:199-V", "law", "199-V"),
        ('закон:"органах внутренних дел"', "law", "органах внутренних дел"),
        ("тақырып:полиция", "title", "полиция"),
        ("заголовок:полиция", "title", "полиция"),
        ("status:repealed", "status", "repealed"),
        ("amended:2020..2024", "amended", "2020..2024"),
        ("by:71-VIII", "by", "71-VIII"),
        ("тіл:kk", "lang", "kk"),
    ],
)
def test_fields_go_by_names_in_three_languages(query: str, field: str, value: str) -> None:
    tree = syntax.parse(query).tree
    assert isinstance(tree, Filter)
    assert (tree.field, tree.value) == (field, value)


@pytest.mark.parametrize(
    ("query", "column", "says"),
    [
        ("қару AND (полиция OR оқ", 10, "never closed"),
        ("қару OR", 8, "missing"),
        ("AND қару", 1, "missing"),
        ("қару AND AND оқ", 10, "side by side"),
        ("(қару OR оқ))", 13, "closes nothing"),
        ("қару () оқ", 6, "nothing stands"),
        ('қару "полиция', 6, "never closed"),
        ("foo:бар", 1, "no field"),
        ("amended:былтыр", 1, "amended:2020..2024"),
        ("status:ескі", 1, "status:in-force"),
        ("полиция~7", 1, "~1 or ~2"),
        ("қару w/0 оқ", 6, "1 to 100"),
        ("қару w/5 (оқ AND заң)", 6, "near"),
        ("а*", 1, "two letters"),
        ("по*ли/ц*", 1, "one word"),
    ],
)
def test_errors_name_the_column_and_what_to_do(query: str, column: int, says: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        syntax.parse(query)
    assert caught.value.start + 1 == column
    assert says in str(caught.value)
    assert f"column {column}:" in str(caught.value)


def test_the_command_draws_carets_below_the_fault(lawsearch: Run) -> None:
    done = lawsearch("search", "қару AND (полиция OR")
    assert done.returncode == 2
    assert done.stdout == ""
    message, query, carets = done.stderr.splitlines()
    assert message.startswith("lawsearch: query, column ")
    assert query.strip() == "қару AND (полиция OR"
    column = int(message.split("column ")[1].split(":")[0])
    assert carets.index("^") - 2 == column - 1


def test_a_malformed_query_in_a_batch_is_one_record(lawsearch: Run) -> None:
    done = lawsearch("batch", "-", stdin="қару AND\nқару\n")
    assert done.returncode == 2
    first, second = done.stdout.splitlines()
    assert '"error":"query, column 9:' in first
    assert '"total":' in second


@pytest.mark.parametrize(
    "text",
    [
        "25) тармақша",
        "6-баптың 25) тармақшасында көрсетілген қару",
        "полиция (бұдан әрі) қызметі",
        "министрді кім тағайындайды?",
    ],
)
def test_prose_stays_plain_words(text: str) -> None:
    query = syntax.parse(text)
    assert not query.strict
    assert [w.text for i in query.items for w in i.words] == [
        w.text for i in syntax.parse(text, literal=True).items for w in i.words
    ]


def test_literal_takes_operators_as_words(searcher: Searcher) -> None:
    query = syntax.parse('қару AND (полиция "foo:', literal=True)
    assert not query.strict
    assert [i.text for i in query.items] == ["қару", "AND", "полиция", "foo"]
    assert searcher.search("полиция (", literal=True).total == searcher.search("полиция").total


def test_an_operator_in_small_letters_is_a_word() -> None:
    assert not syntax.parse("қару or полиция").strict


def test_patterns(searcher: Searcher) -> None:
    assert found(searcher, "полиц*") == found(searcher, "exact:полиция OR exact:полициясы OR полиц*")
    assert found(searcher, "*іздестіру") <= found(searcher, "*іздестір*")
    assert found(searcher, "по?иция") == found(searcher, "exact:полиция")
    assert found(searcher, "ПОЛИЦ*") == found(searcher, "полиц*")
    with pytest.raises(QueryError):
        searcher.search("а?")


def test_fuzzy_finds_what_is_so_many_edits_away(searcher: Searcher) -> None:
    assert found(searcher, "полиция~1") >= found(searcher, "exact:полиция")
    assert found(searcher, "полицея~1") == found(searcher, "exact:полиция")
    assert found(searcher, "поалицея~2") >= found(searcher, "exact:полиция")
    assert not found(searcher, "поалицея~1")


def test_exact_and_lemma(searcher: Searcher) -> None:
    exact = found(searcher, "exact:қаруын")
    assert exact
    assert exact < found(searcher, "қаруын")
    assert found(searcher, "lemma:қару") == found(searcher, "қару")
    assert not found(searcher, "lemma:қаруын")
    assert found(searcher, 'exact:"ішкі істер"') <= found(searcher, '"ішкі істер"')
    # A lemma is not carried over by terms.
    assert found(searcher, "оружие")
    assert not found(searcher, "lemma:оружие")


def test_nearness_widens_with_its_distance(searcher: Searcher) -> None:
    side = found(searcher, "жергілікті w/1 полиция")
    assert side == found(searcher, '"жергілікті полиция" OR "полиция жергілікті"')
    assert side <= found(searcher, "жергілікті w/5 полиция") <= found(searcher, "жергілікті w/50 полиция")
    assert found(searcher, "полиция pre/5 қызмет") <= found(searcher, "полиция w/5 қызмет")
    assert found(searcher, "полиция pre/5 қызмет") | found(searcher, "қызмет pre/5 полиция") == found(
        searcher, "полиция w/5 қызмет"
    )
    assert found(searcher, '"полиция қызмет"~4') == found(searcher, "полиция w/5 қызмет")


def test_nearness_works_through_terms(searcher: Searcher) -> None:
    both = found(searcher, "оружие w/8 средство")
    assert both
    assert both <= found(searcher, "оружие AND средство")


def test_fields_are_filters(searcher: Searcher) -> None:
    everything = found(searcher, "NOT блокчейндік")
    assert found(searcher, "article:6") == {a for a in everything if a.startswith(f"{LAW}/6/") or a == f"{LAW}/6"}
    assert found(searcher, "article:6..8") == {a for a in everything if a.split("/")[1] in ("6", "7", "8")}
    assert found(searcher, "қару article:6") == found(searcher, "article:6 AND қару")
    assert found(searcher, "status:repealed") == found(searcher, "NOT блокчейндік", status="repealed")
    assert found(searcher, "-status:repealed қару") == found(searcher, "қару", status="in_force")
    assert found(searcher, "law:199-V") == found(searcher, f"law:{LAW}") == everything
    assert found(searcher, "lang:kk") == everything
    assert found(searcher, "lang:ru") == set()
    assert found(searcher, "title:полиция") >= {a for a in everything if a.startswith(f"{LAW}/9-1/")}
    assert found(searcher, "тарау:2") == found(searcher, "article:4..6")
    with pytest.raises(LawsearchError, match="no such act"):
        searcher.search("law:нетакого қару")


def test_amendments_are_found_by_law_and_by_date(searcher: Searcher) -> None:
    hits = searcher.search("by:71-VIII", limit=None).hits
    assert hits
    assert all(any(a.law == "71-VIII" for a in h.provision.amendments) for h in hits)
    everything = searcher.search("NOT блокчейндік", limit=None).hits
    for query, first, last in (("amended:2021", "2021", "2021"), ("amended:2020..2022", "2020", "2022")):
        dated = {
            str(h.provision.address)
            for h in everything
            if any(a.date is not None and first <= a.date[:4] <= last for a in h.provision.amendments)
        }
        assert dated
        assert found(searcher, query) == dated
    assert found(searcher, "amended:2020..2022") == set().union(*(found(searcher, f"amended:{y}") for y in (2020, 2021, 2022)))


def test_required_words_survive_relaxing(searcher: Searcher) -> None:
    loose = searcher.search("қару полиция космодром", limit=None)
    tight = searcher.search("+қару полиция космодром", limit=None)
    assert loose.relaxed
    assert tight.relaxed
    weapon = {h.provision.id for h in searcher.search("қару космодром", limit=None).hits}
    police = {h.provision.id for h in searcher.search("полиция космодром", limit=None).hits}
    assert {h.provision.id for h in tight.hits} == weapon
    assert {h.provision.id for h in loose.hits} == weapon | police > weapon


def test_what_is_asked_away_is_no_reason_to_relax(searcher: Searcher) -> None:
    assert searcher.search("полиция").total
    assert searcher.search("полиция -полиция").total == 0


def test_explain_prints_the_tree_and_the_expansions(lawsearch: Run) -> None:
    done = lawsearch("search", "-n", "1", "--explain", "(полиц* OR оружие) AND кауипсиздик article:9-1")
    assert done.returncode == 0
    for piece in ("AND", "OR", "word pattern: полиц*", "field article: 9-1", "ru: оружие", "taken for қауіпсіздік (keyboard)"):
        assert piece in done.stdout
    assert "кауипсиздик → қауіпсіздік" in done.stderr
