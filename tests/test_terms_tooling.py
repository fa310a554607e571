"""Curating terms: the validator, taking in and giving out, a user's own terms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import CORPUS, LAW, Run
from lawsearch.corpus.files import discover
from lawsearch.corpus.reading import read_act
from lawsearch.indexer import build
from lawsearch.search import Searcher
from lawsearch.terms import termbase
from lawsearch.terms.intake import take_in
from lawsearch.terms.occurrence import Occurrences
from lawsearch.terms.termbase import COLUMNS
from lawsearch.terms.validation import Row, check, read_rows


def row(kk: str, ru: str, status: str = "preferred", source: str = "general", domain: str = "general", line: int = 2) -> Row:
    return Row(line, kk, ru, domain, source, status)


def rules(*rows: Row) -> set[str]:
    return {finding.rule for finding in check(rows)}


# -- rules ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kk", "ru"),
    [
        ("қару", "оружие"),
        ("азаматтық қару", "гражданское оружие"),
        ("жүзеге асыру", "осуществлять"),
        ("жүзеге асыру", "осуществление"),
        ("Ішкі істер министрлігі", "Министерство внутренних дел"),
        ("қарулы күштер", "вооруженные силы"),
        ("белгіленген", "установленный"),
        ("заңда белгіленген", "установленный законом"),
        ("заңмен", "законом"),
        ("шегінде", "в пределах"),
        ("ІІМ", "МВД"),
        ("Қазақстан Республикасы", "РК"),
        ("тиіс", "надлежит"),
        ("есірткі құралдарының заңсыз айналымы", "незаконный оборот наркотических средств"),
        ("денсаулыққа орташа ауырлықтағы зиян", "средней тяжести вред здоровью"),
        ("VIII бөлім", "раздел VIII"),
        ("өтпе", "переезд"),
        ("тергеуші", "следователь"),
    ],
)
def test_a_sound_pair_passes(kk: str, ru: str) -> None:
    assert rules(row(kk, ru)) == set()


@pytest.mark.parametrize(
    ("kk", "ru", "rule", "instead"),
    [
        ("қаруды", "оружие", "kk form", "қару"),
        ("полиция қызметкерлеріне", "сотрудники полиции", "kk form", "полиция қызметкерлері"),
        ("заңның", "закон", "kk form", "заң"),
        ("қару", "оружия", "ru form", None),
        ("қару", "оружием", "ru form", "оружие"),
        ("азаматтық қару", "гражданского оружия", "ru form", "гражданское оружие"),
        ("сақтау", "хранит", "ru form", "хранить"),
        ("қару", "opужие", "mixed letters", "оружие"),
        ("кaру", "оружие", "mixed letters", "кару"),
        ("қару", "қару", "mixed letters", None),
        ("қару ", "оружие", "edges", "қару"),
        ("қару", "оружие.", "edges", "оружие"),
        ("қару  түрі", "вид оружия", "edges", "қару түрі"),
        ("қару", "—", "empty", None),
        ("тауарлар, жұмыстар және көрсетілетін қызметтер", "товары", "unbalanced", None),
    ],
)
def test_an_unsound_pair_is_found(kk: str, ru: str, rule: str, instead: str | None) -> None:
    found = [f for f in check([row(kk, ru)]) if f.rule == rule]
    if (kk, ru) == ("қару", "оружия"):
        # The plural `оружия` has a nominative too: nothing is said.
        assert not found
        return
    assert found
    if instead is not None:
        assert found[0].instead == instead


def test_duplicates_and_second_preferred_pairs_are_found() -> None:
    rows = [
        row("қару", "оружие", line=2),
        row("қару", "оружие", "variant", line=3),
        row("қару", "вооружение", line=4),
        row("қару-жарақ", "оружие", line=5),
        row("Президент", "Президент", line=6),
        row("президент", "президент", line=7),
    ]
    found = {(f.row.line, f.rule) for f in check(rows)}
    assert found == {(3, "duplicate"), (4, "preferred kk"), (5, "preferred ru")}


def test_unknown_domains_and_statuses_are_found() -> None:
    assert rules(row("қару", "оружие", domain="army")) == {"domain"}
    assert rules(row("қару", "оружие", status="best")) == {"status"}


def test_sources_are_looked_up() -> None:
    occurrences = Occurrences([read_act(discover([CORPUS])[0])])
    found = check(
        [
            row("қызметтік қару", "служебное оружие", source=f"{LAW}/5/-/4", line=2),
            row("қызметтік қару", "служебное оружие", "variant", source=f"{LAW}/99/1", line=3),
            row("кеме", "судно", source=f"{LAW}/5/-/4", line=4),
            row("кеме", "корабль", "variant", source="Z9999/1", line=5),
            row("реадмиссия", "реадмиссия", source=f"{LAW}/5/-/4", line=6),
        ],
        occurrences,
    )
    told = {(f.row.line, f.rule): f.instead for f in found if f.rule == "source"}
    assert told == {(3, "source"): f"{LAW}/5/-/4", (4, "source"): told[4, "source"], (6, "source"): f"{LAW}/5/-/8-4"}


def test_broken_lines_are_findings_not_errors() -> None:
    rows, broken = read_rows("kk\tru\nқару\tоружие\n")
    assert rows == []
    assert [f.rule for f in broken] == ["header", "columns"]


def test_the_command_names_line_and_remedy(lawsearch: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.tsv"
    file.write_text("\t".join(COLUMNS) + "\nқаруды\tоружие\tpolice\tgeneral\tpreferred\t\n", encoding="utf-8")
    done = lawsearch("terms", "check", str(file))
    assert done.returncode == 1
    assert done.stdout == "mine.tsv:2: kk form: қаруды = оружие: қаруды: accusative (ды) at the end of a term; write: қару\n"
    file.write_text("\t".join(COLUMNS) + "\nқару\tоружие\tpolice\tgeneral\tpreferred\t\n", encoding="utf-8")
    assert lawsearch("terms", "check", str(file)).returncode == 0


def test_the_shipped_term_base_is_large_and_nearly_faultless() -> None:
    rows, broken = read_rows(termbase.builtin_path().read_text(encoding="utf-8"))
    assert len(rows) > 3000
    assert not broken
    faults = [f for f in check(rows) if not f.remark]
    assert len(faults) <= len(rows) // 1000, [f"{f.row.line}: {f.rule}: {f.what}" for f in faults[:10]]


# -- in and out -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "data" / "terms.tsv"


def test_imported_terms_are_used_by_the_next_index(lawsearch: Run, tmp_path: Path, own: Path) -> None:
    given = tmp_path / "given.tsv"
    given.write_text("kk\tru\nынтымақтастық орнату\tзавязывание партнерства\n", encoding="utf-8")
    env = {"LAWSEARCH_TERMS": str(own)}
    done = lawsearch("terms", "import", str(given), **env)
    assert done.returncode == 0
    assert "1 terms added" in done.stderr
    assert (
        own.read_text(encoding="utf-8").split("\n")[1]
        == "ынтымақтастық орнату\tзавязывание партнерства\tgeneral\timported\tpreferred\t"
    )
    index = tmp_path / "index"
    act = tmp_path / "corpus" / LAW
    act.mkdir(parents=True)
    (act / "kaz.txt").write_bytes((CORPUS / LAW / "kaz.txt").read_bytes())
    assert lawsearch("index", str(tmp_path / "corpus"), "--index", str(index), index=None).returncode == 0
    assert "up to date" not in lawsearch("index", str(tmp_path / "corpus"), "--index", str(index), index=None, **env).stderr
    found = lawsearch("search", "завязывание", "--format", "jsonl", index=index)
    hit = json.loads(found.stdout.split("\n")[0])
    assert hit["address"] == f"{LAW}/6/2/7"
    assert hit["matched"][0]["term"]["ru"] == "завязывание партнерства"


def test_what_is_known_is_not_added_twice(own: Path, tmp_path: Path) -> None:
    given = tmp_path / "given.tsv"
    given.write_text("kk\tru\tstatus\nқару\tоружие\tpreferred\nүлгі сөз\tобразцовое слово\tvariant\n", encoding="utf-8")
    first, second = take_in(given, own), take_in(given, own)
    assert (first.added, first.known) == (1, 1)
    assert (second.added, second.known) == (0, 2)
    assert [t.status for t in termbase.load(own)] == ["variant"]


def test_useless_pairs_are_left_out_with_a_reason(lawsearch: Run, own: Path, tmp_path: Path) -> None:
    given = tmp_path / "given.tsv"
    given.write_text("kk\tru\nқapу түрі\tвид оружия\n\tслово\nжаңа сөз\tновое слово\n", encoding="utf-8")
    done = lawsearch("terms", "import", str(given), LAWSEARCH_TERMS=str(own))
    assert done.returncode == 2
    assert "1 terms added" in done.stderr
    assert "given.tsv:2: қapу түрі = вид оружия: қapу: Latin and Cyrillic letters in one word" in done.stderr
    assert [t.kk for t in termbase.load(own)] == ["жаңа сөз"]


@pytest.mark.parametrize(
    ("content", "told"), [("қару\tоружие\n", "must name the columns"), ("\n", "empty"), ("# only\n", "no terms in it")]
)
def test_a_file_that_holds_no_terms_is_refused_in_one_line(
    lawsearch: Run, own: Path, tmp_path: Path, content: str, told: str
) -> None:
    given = tmp_path / "given.tsv"
    given.write_text(content, encoding="utf-8")
    done = lawsearch("terms", "import", str(given), LAWSEARCH_TERMS=str(own))
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not own.exists()


def test_export_gives_back_what_import_takes(lawsearch: Run, own: Path, tmp_path: Path) -> None:
    given = tmp_path / "given.tsv"
    given.write_text("kk\tru\nжаңа сөз\tновое слово\n", encoding="utf-8")
    env = {"LAWSEARCH_TERMS": str(own)}
    lawsearch("terms", "import", str(given), **env)
    for kind in ("tsv", "tbx"):
        out = lawsearch("terms", "export", "--own", "--format", kind, **env).stdout
        again = tmp_path / f"again.{kind}"
        again.write_text(out, encoding="utf-8")
        other = tmp_path / kind / "terms.tsv"
        assert lawsearch("terms", "import", str(again), LAWSEARCH_TERMS=str(other)).returncode == 0
        assert termbase.load(other) == termbase.load(own)


def test_the_whole_term_base_survives_its_own_table(tmp_path: Path) -> None:
    file = tmp_path / "all.tsv"
    file.write_text(termbase.written(termbase.load()), encoding="utf-8")
    assert termbase.load(file) == termbase.load()


def test_a_users_pair_replaces_the_shipped_one(own: Path) -> None:
    first = termbase.load()[0]
    own.parent.mkdir()
    own.write_text(termbase.written([termbase.Term(first.kk, first.ru, "police", "general", "weak", "өзім")]), encoding="utf-8")
    combined = termbase.combined(own)
    assert combined[0].note == "өзім"
    assert len(combined) == len(termbase.load())


def test_the_group_still_lists(lawsearch: Run) -> None:
    plain = lawsearch("terms", "азаматтық қару", "--format", "tsv")
    named = lawsearch("terms", "list", "азаматтық қару", "--format", "tsv")
    assert plain.stdout == named.stdout
    assert plain.stdout.startswith("\t".join(COLUMNS))
    assert "азаматтық қару\tгражданское оружие" in plain.stdout
    assert lawsearch("terms", "жоқтерминжоқ").returncode == 1


# -- learning ----------------------------------------------------------------------------------------------------------------


def test_learnt_pairs_find_at_once_and_say_so(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    (corpus / LAW).mkdir(parents=True)
    for name in ("kaz.txt", "rus.md"):
        (corpus / LAW / name).write_bytes((CORPUS / LAW / name).read_bytes())
    report = build([corpus], tmp_path / "index", learn=True)
    assert report.learnt > 0
    with Searcher(tmp_path / "index") as searcher:
        learnt = [t for t in searcher.terms() if t.source == "learnt"]
        assert len(learnt) == report.learnt
        assert all(t.status == "variant" for t in learnt)
        plain = [t for t in searcher.terms() if t.source != "learnt"]
        assert plain == list(termbase.load())
