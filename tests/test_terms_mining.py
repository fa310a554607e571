"""Mining: pairs proposed from aligned texts."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import LAW, Run
from lawsearch.analysis.analyzer import Analyzer
from lawsearch.search import Searcher
from lawsearch.terms import termbase
from lawsearch.terms.intake import take_in
from lawsearch.terms.mining import TABLE, Known, Passage, Proposal, log_likelihood, mined, table
from lawsearch.terms.phrases import kazakh_phrases, russian_phrases
from lawsearch.terms.wordalign import ThotMissingError, aligned, links, translation_table


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.fixture(scope="module")
def proposals(shipped_index: Path) -> list[Proposal]:
    with Searcher(shipped_index) as searcher:
        return mined(searcher.pairs(), searcher.known_terms())


NOTHING = Known((), {"kk": (), "ru": ()})

#: Sentences made for this test: each word stands in several of them.
PASSAGES = [
    Passage(f"A/{n}", kk, ru)
    for n, (kk, ru) in enumerate(
        [
            ("Маман аспапты тексереді.", "Специалист проверяет прибор."),
            ("Маман есеп жазады.", "Специалист пишет отчет."),
            ("Аспап тексеріледі.", "Прибор проверяется."),
            ("Есеп жазылады.", "Отчет пишется."),
            ("Аспап сатылады.", "Прибор продается."),
            ("Маман келеді.", "Специалист приходит."),
            ("Есеп сақталады.", "Отчет хранится."),
            ("Аспап пен есеп сақталады.", "Прибор и отчет хранятся."),
        ]
    )
]


# -- word alignment -------------------------------------------------------------------------------------------------------


def test_words_that_go_together_are_aligned_without_any_knowledge() -> None:
    bitext = [
        (["маман", "аспап", "тексер"], ["специалист", "прибор", "проверять"]),
        (["маман", "есеп", "жаз"], ["специалист", "отчет", "писать"]),
        (["аспап", "сат"], ["прибор", "продавать"]),
        (["есеп", "сат"], ["отчет", "продавать"]),
    ]
    found = list(aligned(bitext, lambda a, b: 0.0))
    for (kk, ru), its in zip(bitext, found, strict=True):
        best = {kk[x.kk]: ru[x.ru] for x in sorted(its, key=lambda x: x.belief)}
        assert best.get("аспап", "прибор") == "прибор"
        assert best.get("есеп", "отчет") == "отчет"
    assert {(0, 0), (1, 1)} <= {(x.kk, x.ru) for x in found[0]}


def test_what_is_known_beforehand_decides_what_counts_cannot() -> None:
    bitext = [(["қару", "сақта"], ["хранение", "оружие"])]
    known = {("қару", "оружие"): 3.0}
    (its,) = aligned(bitext, lambda a, b: known.get((a, b), 0.0))
    assert {(x.kk, x.ru) for x in its if x.belief > 0.5} == {(0, 1), (1, 0)}


@given(
    st.lists(st.tuples(st.lists(st.sampled_from("abcd"), max_size=4), st.lists(st.sampled_from("xyz"), max_size=4)), max_size=5)
)
def test_tables_are_probabilities_and_beliefs_stay_in_bounds(bitext: list[tuple[list[str], list[str]]]) -> None:
    to_ru = translation_table(bitext, lambda a, b: 0.0, rounds=2)
    to_kk = translation_table([(b, a) for a, b in bitext], lambda a, b: 0.0, rounds=2)
    assert all(abs(sum(row.values()) - 1) < 1e-6 for row in to_ru.values() if row)
    for kk, ru in bitext:
        assert all(0 < x.belief <= 1 + 1e-9 for x in links(kk, ru, to_ru, to_kk))


# -- phrases ----------------------------------------------------------------------------------------------------------------


def forms(text: str, lang: str, analyzer: Analyzer) -> set[str]:
    find = kazakh_phrases if lang == "kk" else russian_phrases
    return {p.form for p in find(text, analyzer.tokens(text, lang))}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Осуществляют контроль за оборотом гражданского оружия.", "гражданское оружие"),
        ("в порядке, установленном правилами дорожного движения", "дорожное движение"),
        ("изъятие огнестрельного оружия", "изъятие огнестрельного оружия"),
        ("международными договорами", "международный договор"),
    ],
)
def test_russian_phrases_are_given_in_dictionary_form(text: str, form: str, analyzer: Analyzer) -> None:
    assert form in forms(text, "ru", analyzer)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("халықаралық шарттармен", "халықаралық шарт"),
        ("полиция қызметкерлеріне", "полиция қызметкері"),
        ("бақылау жүйесін", "бақылау жүйесі"),
        ("құжаттарды тіркеуге", "құжаттарды тіркеу"),
        ("сараптамаға", "сараптама"),
    ],
)
def test_kazakh_phrases_are_given_in_dictionary_form(text: str, form: str, analyzer: Analyzer) -> None:
    assert form in forms(text, "kk", analyzer)


def test_no_phrase_crosses_punctuation_or_begins_with_a_preposition(analyzer: Analyzer) -> None:
    found = forms("контроль, оружие в обороте", "ru", analyzer)
    assert not any("," in f or f.startswith("в ") for f in found)
    assert "контроль оружие" not in found


# -- proposals --------------------------------------------------------------------------------------------------------------


def test_words_are_learnt_from_a_few_sentences(analyzer: Analyzer) -> None:
    found = {(p.kk, p.ru) for p in mined(PASSAGES, NOTHING, analyzer=analyzer)}
    assert {("маман", "специалист"), ("аспап", "прибор"), ("есеп", "отчет")} <= found


def test_the_shipped_act_confirms_the_term_base(proposals: list[Proposal]) -> None:
    known = [p for p in proposals if p.known]
    assert len(proposals) >= 100
    assert len(known) >= len(proposals) // 3
    assert {("жүргізуші куәлігі", "водительское удостоверение"), ("экстремизм", "экстремизм")} & {(p.kk, p.ru) for p in known}


def test_a_term_taken_out_of_the_term_base_is_found_again(shipped_index: Path, analyzer: Analyzer) -> None:
    """Every tenth single-word pair that the act confirms is hidden, and most of them must come back."""
    with Searcher(shipped_index) as searcher:
        passages = list(searcher.pairs())
        records = list(searcher.store.terms())
        sure = [
            (p.kk, p.ru) for p in mined(passages, searcher.known_terms()) if p.known and p.count >= 2 and " " not in p.kk + p.ru
        ]
    hidden = set(random.Random(4).sample(sure, max(5, len(sure) // 10)))
    left = [r for r in records if (r.term.kk.lower(), r.term.ru.lower()) not in hidden]
    known = Known([r.term for r in left], {lang: [r.keys[lang] for r in left] for lang in ("kk", "ru")})  # type: ignore[misc]
    again = {(p.kk, p.ru) for p in mined(passages, known)}
    assert len(hidden & again) >= len(hidden) / 2


def test_each_proposal_has_its_evidence(proposals: list[Proposal]) -> None:
    for p in proposals:
        assert 1 <= p.count <= min(p.kk_count, p.ru_count)
        assert p.llr > 0
        assert 1 <= len(p.examples) <= 2
    assert proposals == sorted(proposals, key=lambda p: (-p.score, -p.count, p.kk, p.ru))


def test_rows_are_what_import_reads(proposals: list[Proposal], tmp_path: Path) -> None:
    file = tmp_path / "reviewed.tsv"
    new = [p for p in proposals if not p.known][:5]
    file.write_text("\n".join(table(new)), encoding="utf-8")
    assert file.read_text(encoding="utf-8").split("\n")[0].split("\t") == list(TABLE)
    own = tmp_path / "terms.tsv"
    assert take_in(file, own).added == len(new)
    assert [(t.kk, t.ru, t.status) for t in termbase.load(own)] == [(p.kk, p.ru, "variant") for p in new]
    assert all(t.source.startswith(LAW) for t in termbase.load(own))


def test_the_command_prints_the_same_each_time(lawsearch: Run, shipped_index: Path) -> None:
    first = lawsearch("terms", "mine", "--act", LAW, "--new", index=shipped_index, PYTHONHASHSEED="1")
    second = lawsearch("terms", "mine", "--act", LAW, "--new", index=shipped_index, PYTHONHASHSEED="2")
    assert first.returncode == 0
    assert first.stdout == second.stdout
    assert "terms import FILE" in first.stderr


def test_an_index_in_one_language_teaches_nothing(lawsearch: Run, kazakh_index: Path) -> None:
    assert lawsearch("terms", "mine", index=kazakh_index).returncode == 1


def test_an_unknown_act_is_named(lawsearch: Run, shipped_index: Path) -> None:
    done = lawsearch("terms", "mine", "--act", "Z0", index=shipped_index)
    assert done.returncode == 2
    assert "Z0" in done.stderr


def test_log_likelihood_is_that_of_the_definition() -> None:
    # A perfect association of 10 in 100: 2 * (10 ln 10 + 90 ln (10/9)) ... = 2 * N * H(0.1).
    assert log_likelihood(10, 0, 0, 90) == pytest.approx(65.016, abs=0.01)
    assert log_likelihood(1, 9, 9, 81) == pytest.approx(0.0, abs=1e-9)
    assert log_likelihood(0, 10, 10, 80) == 0.0


def test_sil_thot_aligns_too_or_its_absence_is_said(lawsearch: Run, shipped_index: Path) -> None:
    pytest.importorskip("thot", reason="the optional extra lawsearch[mining]")
    done = lawsearch("terms", "mine", "--aligner", "thot", "-n", "200", "--index", str(shipped_index))
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) > 100


def test_without_sil_thot_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "thot.alignment", None)
    with pytest.raises(ThotMissingError, match=r"pip install 'lawsearch\[mining\]'"):
        mined(PASSAGES, NOTHING, engine="thot")
