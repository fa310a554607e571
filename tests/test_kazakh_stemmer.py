"""The Kazakh stemmer: a grammar in tables, properties of the keys, and the tables' own order."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawsearch.analysis import kazakh
from lawsearch.analysis import kazakh_lexicon as lexicon
from lawsearch.analysis import kazakh_suffixes as suffixes

DATA = Path(__file__).parent / "data_kazakh"
BARE = kazakh.Stemmer(lexicon.EMPTY)
KAZAKH = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"


def rows(name: str) -> list[object]:
    """Read a table of forms: `## phenomenon` heads a block; a 4th column `xfail` marks a known failure."""
    found: list[object] = []
    phenomenon = ""
    for line in (DATA / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            phenomenon = line[3:].partition(":")[0]
        elif line and not line.startswith("#"):
            form, lemma, path, *mark = [*line.split("\t"), "-"] if line.count("\t") == 1 else line.split("\t")
            marks = [pytest.mark.xfail(strict=True, reason="known failure")] if mark == ["xfail"] else []
            found.append(pytest.param(form, lemma, path, id=f"{phenomenon}: {form}", marks=marks))
    return found


@pytest.mark.parametrize(("form", "lemma", "path"), rows("nouns"))
def test_noun_forms(form: str, lemma: str, path: str) -> None:
    check(form, lemma, path)


@pytest.mark.parametrize(("form", "lemma", "path"), rows("verbs"))
def test_verb_forms(form: str, lemma: str, path: str) -> None:
    check(form, lemma, path)


@pytest.mark.parametrize(("form", "lemma", "path"), rows("homographs"))
def test_homographs(form: str, lemma: str, path: str) -> None:
    check(form, lemma, path)


@pytest.mark.parametrize(("form", "stem", "path"), rows("unlisted"))
def test_unlisted_words(form: str, stem: str, path: str) -> None:
    """By rule alone; the lexicon knows many of them, so it is taken away."""
    found = BARE.keys(form)
    assert stem in found
    assert len(found) <= 3
    assert not BARE.known(form)


def check(form: str, lemma: str, path: str) -> None:
    """The first key is the lemma (or one of `a|b`); where a path is given, the explanation names it."""
    assert kazakh.keys(form)[0] in lemma.split("|"), kazakh.rendered(kazakh.explain(form))
    if path != "-":
        steps = kazakh.explain(form).path
        names = [s.name for s in steps if s.name not in ("root", "compound (kept)") and not s.name.endswith("(kept)")]
        assert "+".join(names) == path, kazakh.rendered(kazakh.explain(form))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("іс-шараларын", ("іс-шара",)),
        ("іс-шара", ("іс-шара",)),
        ("іс-қимылдар", ("іс-қимыл",)),
        ("қадір-қасиетін", ("қадір-қасиет",)),
        ("қылмыстық-атқару", ("қылмыстық-атқару", "қылмыстық-атқар")),
        ("қр-ның", ("қр",)),
        ("қр", ("қр",)),
        ("ішм-нің", ("ішм",)),
        ("іім-ге", ("іім",)),
        ("бұұ-ның", ("бұұ",)),
        ("ақш-та", ("ақш",)),
        ("13-1-тарауына", ("13-1-тарау", "тарау")),
        ("9-бабының", ("9-бап", "бап")),
        ("5-ші", ("5",)),
        ("2024", ("2024",)),
        ("2024-тің", ("2024",)),
        ("58-vii", ("58-vii",)),
        ("-", ("-",)),
        ("-бап", ("-бап",)),
    ],
)
def test_hyphens_numbers_abbreviations(word: str, expected: tuple[str, ...]) -> None:
    assert set(kazakh.keys(word)) & set(expected)
    assert kazakh.keys(word)[0] in expected


def test_ambiguous_forms_have_several_keys() -> None:
    assert set(kazakh.keys("жылы")) == {"жыл", "жылы"}
    assert kazakh.keys("маңызды") == ("маңызды", "маңыз")
    assert kazakh.keys("қызметті") == ("қызмет", "қызметті")  # the accusative of so common a noun comes first
    assert kazakh.keys("заңды") == ("заңды", "заң")  # and the adjective where that is commoner still
    assert kazakh.keys("кезінде")[0] == "кез"
    assert kazakh.keys("бағаны") == ("баға", "баған")


def test_a_verbal_noun_goes_to_its_verb_unless_it_names_a_thing() -> None:
    assert kazakh.keys("жүргізуге")[0] == "жүргіз"
    assert kazakh.keys("тарауына") == ("тарау",)


def test_a_passive_brings_its_active_verb() -> None:
    assert kazakh.keys("белгіленген") == ("белгілен", "белгіле")
    assert kazakh.keys("тексерілетін") == ("тексеріл", "тексер")
    assert "негізде" not in kazakh.keys("негізделген")  # it would bring the locative of негіз along


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("мемлекеттік", "мемлекет"),
        ("қауіпсіздік", "қауіп"),
        ("қауіпсіздік", "қауіпсіз"),
        ("қызметтік", "қызмет"),
        ("қызметкер", "қызмет"),
        ("үшін", "үш"),
        ("қоғамдық", "қоғам"),
        ("қалалық", "қала"),
        ("асырап", "асырып"),
        ("басшылық", "басшы"),
        ("халықаралық", "халық"),
        ("колонтитулсыз", "колонтитул"),  # listed is the base alone
        ("төлеусіз", "төле"),
        ("технопарктік", "технопарк"),
        ("қорғады", "қорқады"),
    ],
)
def test_different_lexemes_stay_apart(one: str, other: str) -> None:
    assert not set(kazakh.keys(one)) & set(kazakh.keys(other))


@pytest.mark.parametrize(
    "forms",
    [
        "заң заңның заңдар заңымен заңдарының заңға заңнан",
        "орын орны орнында орындар орындарының орнынан",
        "құқық құқығы құқықтар құқығын құқықтарының құқыққа",
        "жой жою жоюға жояды жойған жойып жоятын жоймаған",
        "тап табу табады тауып тапқан таппады табатын",
        "оқыған оқиды оқитын оқып оқысын оқымаған",
        "ел еліміз еліміздің елдер елдегі елге",
        "акт актілер актінің актісі актілерді",
        "қауіп қаупі қауіптің қаупінен",
        "турист туристер туристі туристің туристтерге",
        "пароль паролі паролдер парольді парольдер",
        "асқаров асқарова асқаровтың асқароваға",
        "барамын барсам барсаңшы барарда барғысы барайықшы бармақшы",
    ],
)
def test_forms_of_one_lexeme_meet(forms: str) -> None:
    first, *rest = forms.split()
    for form in rest:
        assert set(kazakh.keys(first)) & set(kazakh.keys(form)), (first, form)


def test_unknown_words_are_stripped_by_rule() -> None:
    for form in ("глоссарийлердің", "глоссарийлерге", "глоссарийлерден"):
        assert BARE.keys(form) == ("глоссарий",)
    assert BARE.keys("министрлігінің") == ("министрлік",)
    assert not BARE.known("глоссарийлердің")


def test_known() -> None:
    assert kazakh.known("заңдарымыздан")
    assert kazakh.known("іс-шараларын")
    assert not kazakh.known("фывапролдың")
    assert not kazakh.known("")


def test_explanation_names_rule_and_rivals() -> None:
    text = kazakh.rendered(kazakh.explain("құқығының"))
    assert "құқық" in text.splitlines()[0]
    assert "voicing: құқығ- is құқық" in text
    assert "poss3" in text
    assert "genitive" in text
    assert any("rejected" in line for line in text.splitlines())
    assert "й merged" in kazakh.rendered(kazakh.explain("жоюға"))
    assert "elision" in kazakh.rendered(kazakh.explain("мүлкін"))


def test_explanation_agrees_with_keys() -> None:
    for word in ("заңымен", "жою", "қр-ның", "13-1-тарауына", "2024", "іс-шараларын", "фывапрға", "мен", "х"):
        assert kazakh.explain(word).keys == kazakh.keys(word)
        assert kazakh.rendered(kazakh.explain(word)).startswith(word)


def test_compiled_endings_are_up_to_date() -> None:
    """`python -m lawsearch.analysis.kazakh_suffixes` writes them anew."""
    assert suffixes.COMPILED.read_text(encoding="utf-8") == suffixes.compiled()


def test_packed_roots_are_up_to_date() -> None:
    """`python -m lawsearch.analysis.kazakh_lexicon` writes them anew."""
    assert lexicon.PACKED.read_text(encoding="utf-8") == lexicon.packed(lexicon.loaded())


def test_every_row_of_the_suffix_tables_has_a_comment() -> None:
    for name in ("nominal", "verbal", "derivation"):
        for row in suffixes.table(name):
            assert row.comment.strip(), row


def roots_of(kind: int, count: int) -> list[str]:
    """Take roots evenly from the lexicon: long enough to be unambiguous, in the given list only."""
    listed = [r for r, bits in lexicon.loaded().roots.items() if bits == kind and len(r) > 4 and r.isalpha()]
    return listed[:: max(1, len(listed) // count)]


@pytest.mark.parametrize("kind", [lexicon.NOMINAL, lexicon.VERB], ids=["nominal", "verb"])
def test_every_generated_form_is_read_back(kind: int) -> None:
    """The root is always among the readings of a form made from it, and nearly always among its keys."""
    stemmer = kazakh.Stemmer()
    total = missed = 0
    for root in roots_of(kind, 40):
        for form, chain in suffixes.generated(root, verb=kind == lexicon.VERB):
            readings = stemmer.reader.readings(form)
            if readings[0].basis == "closed":
                continue
            total += 1
            assert any(r.key == root for r in readings), (root, form, chain.steps)
            missed += root not in stemmer.keys(form)
    assert total > 5_000
    assert missed / total < 0.04


def test_generator_changes_sounds() -> None:
    forms = {form for form, _ in suffixes.generated("құқық", verb=False)}
    assert {"құқығы", "құқығының", "құқықтар", "құқыққа"} <= forms
    assert "құқықы" not in forms
    verb = {form for form, _ in suffixes.generated("жой", verb=True)}
    assert {"жою", "жояды", "жойған", "жоятын"} <= verb
    assert {"тауып", "табады"} <= {form for form, _ in suffixes.generated("тап", verb=True)}
    assert {"оқу", "оқиды", "оқитын", "оқып"} <= {form for form, _ in suffixes.generated("оқы", verb=True)}


words = st.text(alphabet=KAZAKH, min_size=1, max_size=24)


@given(st.one_of(words, st.text(max_size=30), st.text(alphabet=KAZAKH + "-0123456789.", max_size=20)))
@settings(max_examples=600, deadline=None)
def test_any_string_has_sound_keys(word: str) -> None:
    found = kazakh.keys(word)
    assert 1 <= len(found) <= 3
    assert len(set(found)) == len(found)
    assert all(found) or not word
    assert isinstance(kazakh.known(word), bool)
    assert kazakh.rendered(kazakh.explain(word))


def test_a_very_long_string_is_its_own_key() -> None:
    word = "заңдарының" * 500
    assert kazakh.keys(word) == (word,)
    assert kazakh.explain(word).keys == (word,)


def test_a_listed_roots_key_is_itself() -> None:
    words = lexicon.loaded()
    stemmer = kazakh.Stemmer(words)
    wrong = [
        root
        for root, bits in words.roots.items()
        if root not in words.closed and root.isalpha() and root not in stemmer.keys(root)
    ]
    assert wrong == []


def test_a_keys_own_key_is_itself() -> None:
    text = "".join(c if c.isalpha() else " " for c in (DATA / "nouns.tsv").read_text(encoding="utf-8"))
    for form in text.split():
        for key in kazakh.keys(form):
            assert key in kazakh.keys(key), (form, key)


def test_tables_load_quickly() -> None:
    """The goal is 15 ms; the bound leaves room for a busy machine."""
    best = 1.0
    for _ in range(5):
        stemmer = kazakh.Stemmer()
        start = time.perf_counter()
        stemmer.keys("заңымен")
        best = min(best, time.perf_counter() - start)
    assert best < 0.1


def test_root_lists_are_clean() -> None:
    """One lower-case root a line, no Latin look-alikes, no infinitives among the verbs' bare stems."""
    latin = set("abcdefghijklmnopqrstuvwxyzəó")
    for path in sorted(lexicon.ROOTS.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                root = line.partition("\t")[0].strip()
                assert root == root.lower(), (path.name, root)
                assert not set(root) & latin, (path.name, root)
