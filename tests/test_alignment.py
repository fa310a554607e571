"""Pairing the languages of an act: by address where that holds, by content where it does not, never silently in doubt."""

from __future__ import annotations

import itertools
import json
import math
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CORPUS, LAW, SEED, Run
from lawsearch.analysis import tokens
from lawsearch.analysis.letters import fold
from lawsearch.corpus import likeness
from lawsearch.corpus.alignment import (
    DOUBTFUL,
    Entry,
    align_paragraphs,
    assignment,
    gale_church,
    pair_list,
)
from lawsearch.corpus.files import discover
from lawsearch.corpus.likeness import plain_expression, plain_says
from lawsearch.corpus.reading import read_act
from lawsearch.indexer import build
from lawsearch.law import LANGS, Act
from lawsearch.search import Searcher

KAZ = """# Үлгі заң

## 1-тарау. ЖАЛПЫ ЕРЕЖЕЛЕР

### 1-бап. Негізгі ұғымдар

Осы Заңда мынадай ұғымдар пайдаланылады:

1) азаматтық қару – азаматтардың өзін-өзі қорғауына арналған қару;

2) жүргізуші – көлік құралын басқаратын адам;

3) лицензия – қызметтің жекелеген түрімен айналысуға берілетін рұқсат;

4) полиция қызметкері – ішкі істер органдарында қызмет өткеретін азамат;

5) тұрғын үй – азаматтардың тұруына арналған үй-жай.

### 2-бап. Полицияның міндеттері

Полиция:

1) қоғамдық тәртіпті сақтайды;

2) жол қозғалысының қауіпсіздігін қамтамасыз етеді;

3) қылмыстардың алдын алады;

4) құжаттарды тіркейді.

### 3-бап. Құжаттар

Өтінішке мынадай құжаттар қоса беріледі:

жеке басты куәландыратын құжаттың көшірмесі;

медициналық анықтама;

мемлекеттік баждың төленгенін растайтын құжат.
"""

RUS = """# Закон-образец

## Глава 1. ОБЩИЕ ПОЛОЖЕНИЯ

### Статья 1. Основные понятия

В настоящем Законе используются следующие понятия:

1) водитель – лицо, управляющее транспортным средством;

2) гражданское оружие – оружие, предназначенное для самообороны граждан;

3) жилище – помещение, предназначенное для проживания граждан;

4) лицензия – разрешение на занятие отдельным видом деятельности;

5) сотрудник полиции – гражданин, проходящий службу в органах внутренних дел.

### Статья 2. Задачи полиции

Полиция:

1) охраняет общественный порядок;

2) предупреждает преступления;

3) регистрирует документы.

### Статья 3. Документы

К заявлению прилагаются следующие документы:

копия документа, удостоверяющего личность;

медицинская справка.

документ, подтверждающий уплату государственной пошлины.
"""


@pytest.fixture(scope="module")
def pattern_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pattern")
    act = root / "corpus" / "UZ1"
    act.mkdir(parents=True)
    (act / "kaz.md").write_text(KAZ, encoding="utf-8")
    (act / "rus.md").write_text(RUS, encoding="utf-8")
    build([root / "corpus"], root / "index")
    return root / "index"


@pytest.fixture(scope="module")
def pattern(pattern_index: Path) -> Searcher:
    return Searcher(pattern_index)


# -- the shipped act ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped_act() -> Act:
    return read_act(discover([CORPUS])[0])


def test_both_languages_of_the_shipped_act_have_the_same_addresses(tmp_path: Path) -> None:
    addresses = []
    for name in ("kaz.txt", "rus.md"):
        folder = tmp_path / name / LAW
        folder.mkdir(parents=True)
        (folder / name).write_bytes((CORPUS / LAW / name).read_bytes())
        act = read_act(discover([folder])[0])
        addresses.append([(str(p.address), p.kind, p.status) for p in act.provisions])
    assert addresses[0] == addresses[1]
    assert len(addresses[0]) > 270


def test_every_paragraph_of_the_shipped_act_has_its_counterpart(shipped_act: Act) -> None:
    for provision in shipped_act.provisions:
        counts = {lang: len(version.paragraphs) for lang, version in provision.versions.items()}
        assert counts["kk"] == counts["ru"], provision.address


def test_titles_of_chapters_and_articles_stand_in_both_languages(shipped_act: Act) -> None:
    for article in shipped_act.articles:
        if article.number is not None:
            assert set(article.title) == {"kk", "ru"}, article.number
            assert set(article.chapter.title) == {"kk", "ru"}, article.number


def test_the_shipped_rendering_is_marked_as_unofficial(shipped_act: Act) -> None:
    assert shipped_act.text_status == {"kk": "official", "ru": "unofficial"}
    assert not any("Неофициальный" in (p.text("ru") or "") for p in shipped_act.provisions)


def test_an_official_text_put_there_replaces_the_rendering(tmp_path: Path) -> None:
    folder = tmp_path / LAW
    folder.mkdir()
    for file in ("kaz.txt", "rus.md", "meta.yaml"):
        (folder / file).write_bytes((CORPUS / LAW / file).read_bytes())
    official = (folder / "rus.md").read_text(encoding="utf-8").replace("обязаны:", "обязаны (официально):")
    lines = [line for line in official.split("\n") if not line.startswith("> Неофициальный")]
    # Under another name beside the rendering ...
    (folder / "rus.txt").write_text("\n".join(line.lstrip("# ") for line in lines), encoding="utf-8")
    beside = read_act(discover([folder])[0])
    # ... or over it.
    (folder / "rus.txt").unlink()
    (folder / "rus.md").write_text("\n".join(lines), encoding="utf-8")
    over = read_act(discover([folder])[0])
    for act in (beside, over):
        point = next(p for p in act.provisions if str(p.address) == f"{LAW}/6/1")
        assert "официально" in (point.text("ru") or "")
        assert act.text_status == {"kk": "official"}
        assert any("meta.yaml" in p.what for p in act.problems)


# -- lists sorted by each language's own alphabet ----------------------------------------------------------------------


DEFINITIONS = {"1": "2", "2": "1", "3": "4", "4": "5", "5": "3"}


def test_definitions_are_paired_by_what_they_say(pattern: Searcher) -> None:
    for kk, ru in DEFINITIONS.items():
        record = pattern.store.provision_at(f"UZ1/1/-/{kk}", "kk")
        assert record is not None
        assert set(record.texts) == {"kk"}
        other = pattern.store.counterpart(record)
        assert other is not None
        assert record.counterpart is not None
        assert str(other.address) == f"UZ1/1/-/{ru}"
        assert set(other.texts) == {"ru"}
        assert record.counterpart.confidence >= DOUBTFUL
        assert pattern.store.counterpart(other) == record


def test_no_record_holds_texts_that_are_not_one_anothers_translation(pattern: Searcher) -> None:
    for provision, _, _ in pattern.provisions():
        if provision.address.article == "1" and provision.kind == "subpoint":
            assert len(provision.texts) == 1
        assert (provision.confidence is not None) == (len(provision.texts) == 2)


def test_a_hit_shows_its_true_counterpart(lawsearch: Run, pattern_index: Path) -> None:
    found = lawsearch("search", "водитель", "--index", str(pattern_index), "--format", "json", "-n", "1")
    hit = json.loads(found.stdout)["hits"][0]
    assert hit["address"] == "UZ1/1/-/1"
    assert hit["text"]["kk"] is None
    assert hit["counterpart"]["lang"] == "kk"
    assert hit["counterpart"]["address"] == "UZ1/1/-/2"
    text, spans = hit["counterpart"]["text"], hit["counterpart"]["highlights"]
    assert [text[a:b] for a, b in spans] == ["жүргізуші"]
    shown = lawsearch("search", "водитель", "--index", str(pattern_index), "--show", "both", "-n", "1").stdout
    assert "2) жүргізуші – көлік құралын басқаратын адам;" in shown
    assert "1) водитель – лицо, управляющее транспортным средством;" in shown
    assert "азаматтық қару" not in shown


def test_an_article_is_shown_with_each_definition_beside_its_counterpart(lawsearch: Run, pattern_index: Path) -> None:
    lines = lawsearch("show", "UZ1/1", "--index", str(pattern_index), "--show", "both").stdout.splitlines()
    starts = [line.strip()[:12] for line in lines if line.strip()[1:2] == ")"]
    assert starts == [
        "1) азаматтық", "2) гражданск",
        "2) жүргізуші", "1) водитель ",
        "3) лицензия ", "4) лицензия ",
        "4) полиция қ", "5) сотрудник",
        "5) тұрғын үй", "3) жилище – ",
    ]  # fmt: skip


# -- a number that one side lacks --------------------------------------------------------------------------------------


def test_a_missing_number_shifts_no_pair(pattern: Searcher) -> None:
    pairs = {}
    for provision, article, _ in pattern.provisions():
        if article.number == "2" and provision.kind == "subpoint" and "kk" in provision.texts:
            other = pattern.store.counterpart(provision) or (provision if "ru" in provision.texts else None)
            pairs[provision.address.subpoint] = None if other is None else other.texts["ru"]
    assert pairs == {
        "1": "охраняет общественный порядок;",
        "2": None,
        "3": "предупреждает преступления;",
        "4": "регистрирует документы.",
    }


def test_what_stays_unpaired_is_reported(lawsearch: Run, pattern_index: Path) -> None:
    told = lawsearch("info", "--index", str(pattern_index), "--format", "json").stdout
    unpaired = json.loads(told)["unpaired"]
    assert "UZ1 kk: UZ1/2/-/2: no counterpart found" in unpaired
    assert not any("/3/" in line for line in unpaired)


def test_the_shipped_act_has_nothing_unpaired(shipped_index: Path) -> None:
    with Searcher(shipped_index) as searcher:
        assert searcher.info()["unpaired"] == []
        assert all(p.confidence is not None and p.confidence >= DOUBTFUL for p, _, _ in searcher.provisions())


def test_a_sole_point_is_paired_by_its_place(tmp_path: Path) -> None:
    act = tmp_path / "A1"
    act.mkdir()
    (act / "kaz.md").write_text("# Заң\n\n### 1-бап. Бір\n\n1. Бірінші сөйлем.\n", encoding="utf-8")
    (act / "rus.md").write_text("# Закон\n\n### Статья 1. Один\n\n1. Первое предложение.\n\n2. Второе.\n", encoding="utf-8")
    read = read_act(discover([act])[0])
    assert [set(p.versions) for p in read.provisions] == [{"kk", "ru"}, {"ru"}]
    assert read.unpaired == ("ru: A1/2: no counterpart found",) or "ru: A1/1/2: no counterpart found" in read.unpaired


def test_an_article_in_one_language_only_is_reported(tmp_path: Path) -> None:
    act = tmp_path / "A1"
    act.mkdir()
    (act / "kaz.md").write_text("### 1-бап. Бір\n\nМәтін.\n\n### 2-бап. Екі\n\nМәтін.\n", encoding="utf-8")
    (act / "rus.md").write_text("### Статья 1. Один\n\nТекст.\n", encoding="utf-8")
    assert read_act(discover([act])[0]).unpaired == ("kk: A1/2: the whole article is in one language",)


# -- lists of the shipped act, disturbed -------------------------------------------------------------------------------


def _entries(act: Act, lang: str, article: str, point: str | None) -> list[tuple[str, str]]:
    return [
        (str(p.address), p.text(lang) or "")  # type: ignore[arg-type]
        for p in act.provisions
        if p.address.article == article and p.address.point == point and p.kind == "subpoint" and p.status == "in_force"
    ]


@pytest.fixture(scope="module")
def says(shipped_index: Path):  # type: ignore[no-untyped-def]
    from lawsearch.analysis.analyzer import Analyzer
    from lawsearch.terms.comparison import TermComparison
    from lawsearch.terms.texts import languages

    searcher = Searcher(shipped_index)
    records = list(searcher.store.terms())
    analyzer = Analyzer(searcher.store.word)
    terms, keys = [r.term for r in records], {lang: [r.keys[lang] for r in records] for lang in LANGS}
    both = languages(analyzer, terms, keys, len(terms))
    return TermComparison(both, {lang: language.texts([]) for lang, language in both.items()})


@pytest.mark.parametrize(("article", "point"), [("5", None), ("6", "1"), ("9", "2"), ("11", None)])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_list_in_another_order_is_paired_again(shipped_act: Act, says, article: str, point: str | None, seed: int) -> None:  # type: ignore[no-untyped-def]
    kk, ru = _entries(shipped_act, "kk", article, point), _entries(shipped_act, "ru", article, point)
    random.Random(seed).shuffle(ru)
    one = [Entry(str(i), text) for i, (_, text) in enumerate(kk, 1)]
    other = [Entry(str(i), text) for i, (_, text) in enumerate(ru, 1)]
    pairs = pair_list(one, other, says)
    wrong = [p for p in pairs if p.kk is not None and p.ru is not None and kk[p.kk][0] != ru[p.ru][0]]
    right = [p for p in pairs if p.kk is not None and p.ru is not None and kk[p.kk][0] == ru[p.ru][0]]
    assert not wrong
    assert len(right) >= 0.95 * len(kk)


@pytest.mark.parametrize("gone", [0, 7, 20])
def test_a_list_renumbered_behind_a_gap_is_paired_again(shipped_act: Act, says, gone: int) -> None:  # type: ignore[no-untyped-def]
    kk, ru = _entries(shipped_act, "kk", "6", "1"), _entries(shipped_act, "ru", "6", "1")
    removed = ru.pop(gone)[0]
    pairs = pair_list(
        [Entry(str(i), t) for i, (_, t) in enumerate(kk, 1)], [Entry(str(i), t) for i, (_, t) in enumerate(ru, 1)], says
    )
    for pair in pairs:
        assert pair.kk is not None
        if pair.ru is None:
            assert kk[pair.kk][0] == removed
        else:
            assert kk[pair.kk][0] == ru[pair.ru][0]


# -- properties -----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 5).flatmap(lambda m: st.lists(st.lists(st.floats(0, 1), min_size=m, max_size=m), max_size=5)))
def test_assignment_is_the_best_there_is(worth: list[list[float]]) -> None:
    pairs = assignment(worth)
    size = min(len(worth), len(worth[0])) if worth and worth[0] else 0
    assert len(pairs) == size
    assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == size
    if size:
        rows, columns = range(len(worth)), range(len(worth[0]))
        best = max(
            sum(worth[r][c] for r, c in zip(some, others, strict=True))
            for some in itertools.combinations(rows, size)
            for others in itertools.permutations(columns, size)
        )
        assert sum(worth[r][c] for r, c in pairs) == pytest.approx(best)


WORDS = st.sampled_from(["лицензия", "№ 15", "Interpol", "прокурор", "қару", "тәртіп", "", "оружие", "2020 жылғы"])
TEXTS = st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=7)


@given(TEXTS, TEXTS, st.data())
@settings(max_examples=60)
def test_every_entry_is_in_exactly_one_pair(kk: list[str], ru: list[str], data: st.DataObject) -> None:
    def entries(texts: list[str]) -> list[Entry]:
        numbers = data.draw(st.permutations([str(i) for i in range(len(texts))]))
        return [Entry(n, t, data.draw(st.booleans())) for n, t in zip(numbers, texts, strict=True)]

    one, other = entries(kk), entries(ru)
    pairs = pair_list(one, other, plain_says)
    assert sorted(p.kk for p in pairs if p.kk is not None) == list(range(len(one)))
    assert sorted(p.ru for p in pairs if p.ru is not None) == list(range(len(other)))
    assert all(0 <= p.confidence <= 1 for p in pairs)
    assert all((p.confidence > 0) == (p.kk is not None and p.ru is not None) for p in pairs)
    assert pairs == pair_list(one, other, plain_says)


@given(TEXTS, TEXTS)
@settings(max_examples=60)
def test_beads_cover_both_sides_in_order(kk: list[str], ru: list[str]) -> None:
    beads = align_paragraphs(kk, ru)
    at_kk = at_ru = 0
    for bead in beads:
        assert (bead.kk_start, bead.ru_start) == (at_kk, at_ru)
        at_kk, at_ru = bead.kk_end, bead.ru_end
        assert 0 <= bead.confidence <= 1
    assert (at_kk, at_ru) == (len(kk), len(ru))


def test_paragraphs_of_which_one_is_split_are_aligned(says) -> None:  # type: ignore[no-untyped-def]
    kk = [
        "Сотрудниктер қару алып жүреді.",
        "Арнаулы құралдарды қолдану тәртібі заңда айқындалады.",
        "Жүргізуші куәлігі беріледі.",
    ]
    ru = ["Порядок применения специальных средств определяется законом.", "Выдаются водительские удостоверения."]
    beads = align_paragraphs(kk, ru, says)
    assert [b[:4] for b in beads] == [(0, 1, 0, 0), (1, 2, 0, 1), (2, 3, 1, 2)]
    assert beads[0].confidence == 0


def test_equal_lengths_are_likelier_translations() -> None:
    assert gale_church(100, 100) < gale_church(100, 110) < gale_church(100, 160)
    assert gale_church(100, 120) == gale_church(120, 100)


def test_the_official_kazakh_text_is_as_its_publisher_exports_it() -> None:
    assert SEED.read_bytes().startswith(b"\xef\xbb\xbf") or "[bookmark" in SEED.read_text(encoding="utf-8-sig")[:40]


# -- likeness: by arrays as by the book -----------------------------------------------------------------------------------


def _likeness_by_the_book(kk: list[str], ru: list[str]) -> list[list[float | None]]:
    """What `likeness` computes, text by text and expression by expression."""

    def expressions(text: str) -> list[frozenset[str]]:
        return list(dict.fromkeys(filter(None, map(plain_expression, map(fold, tokens.words(text))))))

    sides = [[expressions(t) for t in kk], [expressions(t) for t in ru]]

    def covered(texts: list[list[frozenset[str]]], others: list[list[frozenset[str]]], i: int, j: int) -> float:
        weights = [math.log((len(texts) + 1) / sum(e in t for t in texts)) for e in texts[i]]
        there = frozenset().union(*others[j])
        return sum(w for e, w in zip(texts[i], weights, strict=True) if e & there) / sum(weights)

    def score(i: int, j: int) -> float | None:
        if not sides[0][i] or not sides[1][j]:
            return None
        one, other = covered(*sides, i, j), covered(sides[1], sides[0], j, i)
        return 2 * one * other / (one + other) if one and other else 0.0

    return [[score(i, j) for j in range(len(ru))] for i in range(len(kk))]


SOME_TEXTS = st.lists(st.lists(WORDS, max_size=6).map(" ".join), min_size=1, max_size=6)


@given(st.lists(st.tuples(SOME_TEXTS, SOME_TEXTS), max_size=5))
@settings(max_examples=60)
def test_many_lists_are_compared_as_each_by_itself(lists: list[tuple[list[str], list[str]]]) -> None:
    found = plain_says.likenesses(lists)
    assert [one.scores for one in found] == [one.scores for each in lists for one in plain_says.likenesses([each])]
    for one, (kk, ru) in zip(found, lists, strict=True):
        expected = _likeness_by_the_book(kk, ru)
        assert [[s is None for s in row] for row in one.scores] == [[s is None for s in row] for row in expected]
        assert [s for row in one.scores for s in row if s is not None] == pytest.approx(
            [s for row in expected for s in row if s is not None]
        )


def test_lists_too_many_to_be_compared_at_once_are_compared_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = [([f"лицензия {i}", "прокурор"], [f"лицензии {i}", "прокуроры 2020"]) for i in range(9)]
    at_once = plain_says.likenesses(lists)
    monkeypatch.setattr(likeness, "_MOST_AT_ONCE", 9)
    assert plain_says.likenesses(lists) == at_once
    assert len(at_once) == len(lists)
