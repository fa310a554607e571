"""Queries as people type them: without Kazakh letters, in Latin, on the wrong layout, with slips."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from conftest import Run
from lawsearch.query import keyboard, spelling
from lawsearch.search import Searcher

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import mistyping


def first(searcher: Searcher, query: str) -> str | None:
    return mistyping.first_hit(searcher, query)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("кауипсиздик", "қауіпсіздік"),
        ("ишки истер", "ішкі істер"),
        ("ИШКИ ИСТЕР", "ішкі істер"),
        ("когамдык тартип", "қоғамдық тәртіп"),
        ("кару", "қару"),
        ("қауипсиздик", "қауіпсіздік"),
        ("кызметкерлердин", "қызметкерлердің"),
        ("qauipsizdik", "қауіпсіздік"),
        ("Qauıpsızdık", "қауіпсіздік"),
        ("qaýipsizdik", "қауіпсіздік"),
        ("qay'ipsizdik", "қауіпсіздік"),
        ("qay\u2019ipsizdik", "қауіпсіздік"),
        ("qawipsizdik", "қауіпсіздік"),
        ("kauipsizdik", "қауіпсіздік"),
        ("qogamdyq tartip", "қоғамдық тәртіп"),
        ("kogamdik tartip", "қоғамдық тәртіп"),
        ("politsiya", "полиция"),
        ("polisiya", "полиция"),
        ("gjkbwbz", "полиция"),
        ("GJKBWBZ", "полиция"),
        ("jhe;bt", "оружие"),
        ("0fhe", "қару"),
        ("0fe3gc3pl3r", "қауіпсіздік"),
        ("3ir3 3cnth", "ішкі істер"),
        ("rfebgcbplbr", "қауіпсіздік"),
    ],
)
def test_what_was_typed_finds_what_was_meant(searcher: Searcher, typed: str, meant: str) -> None:
    wanted = searcher.search(meant, limit=None)
    results = searcher.search(typed, limit=None)
    assert [h.provision.id for h in results.hits] == [h.provision.id for h in wanted.hits]
    assert {m.via for m in results.mended} == {"keyboard"}
    assert {m.via for m in results.hits[0].matched} == {"keyboard"}
    assert " ".join(m.query for m in results.hits[0].matched).lower() != meant


def test_a_form_that_no_text_has_is_put_together(searcher: Searcher) -> None:
    """The index has қауіпсіздік and some forms of it, but not this one."""
    assert searcher.store.word("қауіпсіздіктерден", "kk") is None
    results = searcher.search("кауипсиздиктерден")
    assert [m.taken for m in results.mended] == ["қауіпсіздіктерден"]
    assert [h.provision.id for h in results.hits] == [h.provision.id for h in searcher.search("қауіпсіздіктерден").hits]
    assert results.hits


def test_no_word_that_exists_is_given_up(searcher: Searcher) -> None:
    for provision, _, _ in searcher.provisions():
        words = provision.texts.get("kk", "").split()[:3]
        results = searcher.search(" ".join(words), limit=1, literal=True) if any(w.isalpha() for w in words) else None
        assert results is None or not results.mended
    for word in ("хан", "балаларға", "министрлерге", "отырысында", "стандарттар", "собака", "дерево"):
        assert not searcher.search(word).mended, word


def test_the_correction_is_said(lawsearch: Run) -> None:
    done = lawsearch("search", "--format", "jsonl", "-n", "1", "ишки истер")
    assert done.returncode == 0
    assert "ишки → ішкі" in done.stderr
    assert '"via":"keyboard"' in done.stdout.splitlines()[0]
    assert '"mended":[{"query":"ишки","taken":"ішкі","via":"keyboard"}' in done.stdout.splitlines()[1]
    assert lawsearch("search", "-q", "ишки истер").stderr == ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("полицея", "полиция"), ("қауіпсіздк", "қауіпсіздік"), ("қызметкерлрі", "қызметкерлері"), ("минстрлігі", "министрлігі")],
)
def test_one_slip_is_mended_and_said(searcher: Searcher, typed: str, meant: str) -> None:
    results = searcher.search(typed)
    assert [m.via for m in results.mended] == ["spelling"]
    assert [h.provision.id for h in results.hits] == [h.provision.id for h in searcher.search(meant).hits]
    assert {m.via for m in results.hits[0].matched} == {"spelling"}


def test_where_no_word_stands_out_words_are_suggested(searcher: Searcher, lawsearch: Run) -> None:
    results = searcher.search("тыс")
    assert not results.mended
    word = next(
        s
        for s in ("аға", "оғза", "бас", "алу", "ору", "тас", "қаз")
        if searcher.search(s).suggested and not searcher.search(s).total
    )
    done = lawsearch("search", word)
    assert done.returncode == 1
    assert f"{word}: " in done.stderr


def test_exact_mends_nothing(searcher: Searcher) -> None:
    assert searcher.search("кауипсиздик", exact=True).total == 0


def test_distances() -> None:
    assert spelling.edits("полиция", "полиция", 2) == 0
    assert spelling.edits("полцияи", "полиция", 2) == 2
    assert spelling.edits("оплиция", "полиция", 2) == 1
    assert spelling.edits("жол", "полиция", 2) is None
    assert spelling.distance("кару", "қару", 2) < spelling.distance("нару", "қару", 2)


def test_the_nearest_words_are_all_found_without_a_scan(searcher: Searcher) -> None:
    """One edit from a word: the look-up by halves finds exactly what comparing with every form of the corpus finds."""
    random_ = random.Random(2)
    every = [r for r in searcher.store.forms.of_length(1, 100) if r.uses]
    forms = sorted({r.form for r in every if len(r.form) > 3 and r.form.isalpha()})
    for form in random_.sample(forms, 60):
        typed = mistyping.one_error(form, random_)
        got = {(r.lang, r.form) for r in spelling.within_edits(typed, 1, searcher.store)}
        assert got == {(r.lang, r.form) for r in every if spelling.edits(typed, r.form, 1) is not None}, typed


def test_neighbours_and_their_lexemes_are_those_of_all_suggestions(searcher: Searcher) -> None:
    store = searcher.store
    typed_words = ("полицияны", "сотрудник", "органдары", "закона", "службы", "қызметі", "полция", "ұлт")
    # Its first letter lost, twice, swapped, exchanged for a neighbour on the keyboard, for its kin, for any other.
    for typed in (*typed_words, "олиция", "пполиция", "оплиция", "нолиция", "гызметі", "жолиция"):
        every = spelling.suggestions(typed, store)
        near = spelling.neighbours(typed, store)
        assert {(s.lang, s.form) for s in every if s.edits <= 1} <= set(near), typed
        assert all((spelling.edits(typed, form, 2) or 0) <= 2 for _, form in near)
        keys = sorted({word.keys[0] for lang, form in near if (word := store.word(form, lang))})
        of_keys = [s for s in every if (word := store.word(s.form, s.lang)) and word.keys[0] in keys]
        assert (spelling.commoner(typed, store, keys) if keys else []) == of_keys, typed


def test_skeletons_of_latin_reach_the_skeleton_of_the_word() -> None:
    from lawsearch.analysis.skeleton import skeleton

    for typed in ("qogamdyq", "qoģamdyq".replace("ģ", "ğ"), "kogamdik", "qoghamdyq", "когамдык"):
        assert skeleton("қоғамдық") in keyboard.skeletons(typed)


@pytest.mark.parametrize("seed", [7, 11])
def test_the_goals_of_typing_are_reached(searcher: Searcher, seed: int) -> None:
    """The benchmark's own measure, on fewer words."""
    random_ = random.Random(seed)
    queries = mistyping.samples(searcher, 80, random_)
    share, _, wrong = mistyping.measured(searcher, queries, lambda q: mistyping.retyped(q, mistyping.RUSSIAN_KEYS))
    assert share >= 0.95, wrong
    for name, table in mistyping.LATIN.items():
        share, _, wrong = mistyping.measured(searcher, queries, lambda q, table=table: mistyping.retyped(q, table))  # type: ignore[misc]
        assert share >= 0.95, (name, wrong)
    share, _, wrong = mistyping.measured(searcher, queries, lambda q: mistyping.one_error(q, random_))
    assert share >= 0.80, wrong
