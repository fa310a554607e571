"""Both languages at once: side by side or one above the other, what corresponds marked, the standing of a text told."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import CORPUS, LAW, Run
from lawsearch.highlight import Marked, Remembered, answering
from lawsearch.indexer import build
from lawsearch.ranking import asked_for
from lawsearch.search import Searcher


@pytest.fixture(scope="module")
def both(shipped_index: Path) -> Searcher:
    return Searcher(shipped_index)


def on_terminal(index: Path, width: int, *arguments: str) -> list[str]:
    """The lines that the command prints on a terminal of that width, without colours."""
    ours, theirs = pty.openpty()
    env = os.environ | {"LAWSEARCH_INDEX": str(index), "COLUMNS": str(width), "TERM": "xterm", "NO_COLOR": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", "from lawsearch.cli.main import run; run()", *arguments],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env=env,
    )
    os.close(theirs)
    data = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:
            break
        if not chunk:
            break
        data += chunk
    assert process.wait(60) == 0
    text = re.sub(r"\x1b\[[0-9;]*m", "", data.decode("utf-8"))
    return text.replace("\r\n", "\n").split("\n")


def test_side_by_side_on_a_wide_terminal(shipped_index: Path) -> None:
    lines = on_terminal(shipped_index, 150, "show", "6/1/25", "--show", "both")
    row = next(line for line in lines if "25) жеке және заңды" in line)
    assert "25) осуществлять контроль" in row
    assert row.index("25) осуществлять") == pytest.approx(75, abs=8)
    assert not re.search(r"[│┃|]", "".join(lines))


def test_one_above_the_other_on_a_narrow_terminal(shipped_index: Path) -> None:
    lines = on_terminal(shipped_index, 90, "show", "6/1/25", "--show", "both")
    kazakh = next(i for i, line in enumerate(lines) if "25) жеке және заңды" in line)
    russian = next(i for i, line in enumerate(lines) if "25) осуществлять контроль" in line)
    assert kazakh < russian
    assert all(len(line) <= 90 for line in lines)


def test_a_hit_on_a_wide_terminal(shipped_index: Path) -> None:
    lines = on_terminal(shipped_index, 160, "search", "служебное оружие", "--show", "both", "-n", "3")
    assert any("[kk]" in line and "[ru] неофициальный перевод" in line for line in lines)
    assert any("4) азаматтық" in line and "4) осуществляют" in line for line in lines)


def test_off_a_terminal_one_above_the_other(lawsearch: Run, shipped_index: Path) -> None:
    lines = lawsearch("search", "қызметтік қару", "--show", "both", "-n", "1", index=shipped_index).stdout.split("\n")
    kazakh, russian = (next(i for i, line in enumerate(lines) if tag in line) for tag in ("[kk]", "[ru] бейресми аударма"))
    assert kazakh < russian
    passage = "\n".join(lines[russian:])
    assert "служебного оружия" in passage


def test_an_article_pairs_paragraph_with_paragraph(lawsearch: Run, shipped_index: Path) -> None:
    lines = [line.strip() for line in lawsearch("show", "11/-/25", "--show", "both", index=shipped_index).stdout.split("\n")]
    at = lines.index("жол жүру құжатының үлгілерін;")
    assert lines[at + 1] == "образцы проездного документа;"


def test_one_language_is_shown_unless_both_are_asked_for(lawsearch: Run, shipped_index: Path) -> None:
    shown = lawsearch("search", "служебное оружие", "-n", "1", "--show", "kk", index=shipped_index).stdout
    assert "қару" in shown
    assert "служебного оружия" not in shown.split("арқылы")[0].split("по термину")[0]
    both = lawsearch("show", "6/1/25", "--show", "both", index=shipped_index).stdout
    assert "азаматтық" in both
    assert "гражданского" in both


# -- what is marked -------------------------------------------------------------------------------------------------------


def marked(searcher: Searcher, query: str, address: str, lang: str) -> list[str]:
    hits = {str(h.provision.address): h for h in searcher.search(query, limit=None).hits}
    hit = hits[address]
    text = hit.provision.texts[lang]  # type: ignore[index]
    return [text[a:b] for a, b in hit.highlights[lang]]  # type: ignore[index]


@pytest.mark.parametrize(
    ("query", "address", "kk", "ru"),
    [
        ("патроны", f"{LAW}/5/-/4", "патрондарының", "патронов"),
        ("патрон", f"{LAW}/5/-/4", "патрондарының", "патронов"),
        ("көші-қон", f"{LAW}/5/-/8-5", "көші-қоны", "миграции"),
        ("реадмиссия", f"{LAW}/5/-/8-4", "реадмиссия", "реадмиссии"),
        ("іздестіру", f"{LAW}/5/-/15", "іздестіруді", "розыск"),
    ],
)
def test_the_words_that_correspond_are_marked_on_both_sides(both: Searcher, query: str, address: str, kk: str, ru: str) -> None:
    assert any(kk in found for found in marked(both, query, address, "kk"))
    assert any(ru in found for found in marked(both, query, address, "ru"))


def test_of_a_long_term_only_the_words_asked_for_are_marked(both: Searcher) -> None:
    words = marked(both, "қоғамдық тәртіп", f"{LAW}/4/1/2", "ru")
    assert words == ["общественного", "порядка"]


def test_every_highlight_stands_in_its_own_text(both: Searcher) -> None:
    for query in ("полиция", "құжат", "безопасность дорожного движения", "полиция қызметі"):
        for hit in both.search(query, limit=None).hits:
            for lang, spans in hit.highlights.items():
                text = hit.provision.texts.get(lang, "")
                assert all(0 <= a < b <= len(text) for a, b in spans)
                assert list(spans) == sorted(spans)


def test_what_a_hit_says_does_not_depend_on_what_was_asked_before(both: Searcher, shipped_index: Path) -> None:
    # What a word comes to in a provision is kept: it must not tell of the query that it was first met in.
    queries = ["полиция қызметкері", "қызметкері", "сотрудник полиция", "полиция сотрудник полиция", '"полиция қызметкері"']
    queries += ["полиция AND қызметкері", "определяется полиция", "полиция қару шпага"]
    ways = [(query, exact) for exact in (True, False) for query in queries]
    for way in ways:
        both.search(way[0], exact=way[1])
    for query, exact in reversed(ways):
        with Searcher(shipped_index) as fresh:
            assert said(both, query, exact) == said(fresh, query, exact), (query, exact)


def said(searcher: Searcher, query: str, exact: bool) -> list[tuple[object, ...]]:
    return [
        (h.provision.id, h.score, h.highlights, h.title_highlights, h.matched, h.counterpart_highlights)
        for h in searcher.search(query, exact=exact).hits
    ]


def test_what_is_forgotten_is_found_again(both: Searcher) -> None:
    asked = [asked_for(c) for c in both.search("сотрудник полиции оружие қызмет").concepts]
    forgetful = Marked(both.store.provision(3), both.analyzer, both.store, Remembered(2))
    for _ in range(2):
        for thing in asked:
            for weak in (False, True):
                known = both.marked(3).standing(thing, weak, False)
                assert forgetful.standing(thing, weak, False).by_side == known.by_side
                assert forgetful.standing(thing, weak, False) is forgetful.standing(thing, weak, False)


def test_only_so_many_standings_are_remembered(both: Searcher) -> None:
    remembered = Remembered(3)
    one, other = (Marked(both.store.provision(n), both.analyzer, both.store, remembered) for n in (3, 4))
    things = [asked_for(c) for c in both.search("сотрудник полиции оружие қызмет").concepts]
    first = [one.standing(thing, True, False) for thing in things]
    assert one.standing(things[-1], True, False) is first[-1]
    for thing in things:
        other.standing(thing, True, False)
    again = one.standing(things[-1], True, False)
    assert again.by_side == first[-1].by_side
    assert again is not first[-1] or not again.somewhere
    del one
    for thing in things:
        other.standing(thing, False, False)


def test_nothing_corresponds_to_nothing(both: Searcher) -> None:
    assert answering([], [], both.marked(0)) == []


def test_an_exact_search_marks_only_the_forms_as_typed(both: Searcher) -> None:
    hit = both.search("патронов", exact=True).hits[0]
    assert hit.highlights["kk"] == ()
    text = hit.provision.texts["ru"]
    assert {text[a:b].lower() for a, b in hit.highlights["ru"]} == {"патронов"}


# -- the standing of a text --------------------------------------------------------------------------------------------


def test_records_tell_which_text_is_official(lawsearch: Run, shipped_index: Path) -> None:
    for arguments in (
        ("search", "оружие", "--format", "jsonl", "-n", "1"),
        ("show", "6/1/25", "--format", "jsonl"),
        ("export",),
    ):
        record = json.loads(lawsearch(*arguments, index=shipped_index).stdout.split("\n")[0])
        assert record["text_status"] == {"kk": "official", "ru": "unofficial"}
        assert 0.6 <= record["confidence"] <= 1
        assert record["counterpart"] is None


def test_the_mark_stands_over_every_russian_text_shown(lawsearch: Run, shipped_index: Path) -> None:
    for arguments in (("search", "оружие", "-n", "1"), ("show", "ст. 6 п. 1 пп. 25"), ("show", "6/1/25", "--show", "both")):
        assert "неофициальный перевод" in lawsearch(*arguments, index=shipped_index).stdout
    assert "неофициальный" not in lawsearch("search", "қару", "-n", "1", index=shipped_index).stdout


def test_info_tells_it(lawsearch: Run, shipped_index: Path) -> None:
    assert "unofficial ru" in lawsearch("info", index=shipped_index).stdout


def test_a_text_without_a_known_standing_bears_none(tmp_path: Path) -> None:
    act = tmp_path / "A1"
    act.mkdir()
    (act / "rus.md").write_text("### Статья 1. Оружие\n\nОружие хранится.\n", encoding="utf-8")
    build([tmp_path], tmp_path / "index")
    with Searcher(tmp_path / "index") as searcher:
        assert searcher.store.act_by_law("A1").text_status == {}  # type: ignore[union-attr]


# -- queries across languages ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def russian_only(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    root = tmp_path_factory.mktemp("russian")
    act = root / "corpus" / LAW
    act.mkdir(parents=True)
    (act / "rus.md").write_bytes((CORPUS / LAW / "rus.md").read_bytes())
    build([root / "corpus"], root / "index")
    return Searcher(root / "index")


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("жүргізуші куәлігі", "6/1/7"),
        ("кәмелетке толмаған", "9-1/1"),
        ("саусақ ізін тіркеу", "6/1/22"),
        ("қараусыз балалар", "6/1/11"),
        ("жедел-іздестіру қызметі", "5/-/13"),
        ("күмәнсыз орындау", "19/3"),
        ("лицензия", "5/-/10"),
        ("террористік", "5/-/7"),
    ],
)
def test_a_kazakh_query_finds_the_russian_text(russian_only: Searcher, query: str, address: str) -> None:
    found = [str(h.provision.address) for h in russian_only.search(query, limit=10).hits]
    assert f"{LAW}/{address}" in found


@pytest.mark.parametrize(
    ("query", "address"),
    [("полиция қызметі", "9-1/1"), ("полицейская қызмет", "9-1/1"), ("оружие айналымы", "5/-/4"), ("жол движение", "6/1/6")],
)
def test_a_mixed_query_finds_what_holds_both(
    searcher: Searcher, russian_only: Searcher, both: Searcher, query: str, address: str
) -> None:
    for each in (searcher, russian_only, both):
        found = [str(h.provision.address) for h in each.search(query, limit=10).hits]
        assert f"{LAW}/{address}" in found


def test_a_query_known_only_in_part_still_finds(searcher: Searcher) -> None:
    results = searcher.search("оружие абракадабровый", limit=3)
    assert results.relaxed
    assert any(m.query == "оружие" for m in results.hits[0].matched)


def test_a_rendering_that_the_paired_text_confirms_comes_first(both: Searcher) -> None:
    # `заң` may be rendered by a word that the Russian text does not use there; where it does use it, it stands first.
    hits = both.search("законных", lang="ru", limit=2).hits
    assert all("законн" in hit.provision.texts["ru"] for hit in hits)
