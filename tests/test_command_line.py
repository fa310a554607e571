"""The real command: records, exit codes, text off a terminal, pipes."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import LAW, Run

HIT_FIELDS = [
    "type", "query", "rank", "score", "law", "law_title", "chapter", "article", "article_title", "point", "subpoint",
    "address", "eid", "citation", "status", "amendments", "text", "highlights", "matched",
]  # fmt: skip


def records(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def test_jsonl_is_the_contracts(lawsearch: Run) -> None:
    done = lawsearch("search", "-n", "3", "--format", "jsonl", "оружие")
    assert done.returncode == 0
    *hits, summary = records(done.stdout)
    assert len(hits) == 3
    for hit in hits:
        assert [name for name in hit if name in HIT_FIELDS] == HIT_FIELDS
    hit = next(
        h for h in records(lawsearch("search", "--format", "jsonl", "-n", "50", "оружие").stdout) if h.get("subpoint") == "25"
    )
    assert hit["address"] == f"{LAW}/6/1/25"
    assert hit["eid"] == "art_6__para_1__point_25"
    assert hit["citation"] == {"kk": "6-бап, 1-тармақ, 25) тармақша", "ru": "ст. 6, п. 1, пп. 25)"}
    assert hit["amendments"][-1] == {  # type: ignore[index]
        "action": "amended", "law": "71-VIII", "date": "2024-04-06", "effective": "2024-06-08",
    }  # fmt: skip
    assert (hit["chapter"], hit["article"], hit["point"]) == ("2", "6", "1")
    assert hit["text"]["ru"] is None  # type: ignore[index]
    assert summary["type"] == "summary"
    assert (summary["lang"], summary["shown"], summary["relaxed"]) == ("ru", 3, False)
    assert isinstance(summary["seconds"], float)


def test_json_is_one_object(lawsearch: Run) -> None:
    whole = json.loads(lawsearch("search", "--format", "json", "полиция").stdout)
    assert whole["summary"]["total"] >= len(whole["hits"]) == whole["summary"]["shown"] > 0


def test_csv_and_tsv_have_one_row_a_hit(lawsearch: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(lawsearch("search", "--format", "csv", "-n", "4", "қару").stdout)))
    assert len(rows) == 4
    assert all(row["address"].startswith(LAW) for row in rows)
    lines = lawsearch("search", "--format", "tsv", "-n", "4", "қару").stdout.splitlines()
    assert len(lines) == 5
    assert len({line.count("\t") for line in lines}) == 1


def test_text_off_a_terminal_is_plain(lawsearch: Run) -> None:
    done = lawsearch("search", "применение оружия", "-n", "1")
    assert "\x1b" not in done.stdout
    assert done.stdout.startswith("1. ст. 19, п. 4")
    assert "қолдану = применение" in done.stdout
    assert max(map(len, done.stdout.splitlines())) > 200
    assert "\x1b[" in lawsearch("search", "--color", "always", "полиция", "-n", "1").stdout


def test_a_hit_shows_its_lead_in_history_and_repeal(lawsearch: Run) -> None:
    text = lawsearch("search", "6/1/25").stdout
    assert "1. Ішкі істер органдары өзінің құзыреті шегінде:" in text
    assert "25) жеке және заңды" in text
    assert "№ 71-VIII" in text
    assert "күші жойылған" in lawsearch("search", "5/-/8-2").stdout


def test_neighbours(lawsearch: Run) -> None:
    text = lawsearch("search", "6/1/25", "-C", "1").stdout
    assert "24) жол жүру құжатын" in text
    assert "26) мыналарды" in text


def test_a_long_provision_shows_the_part_with_the_match(lawsearch: Run) -> None:
    text = lawsearch("search", "-n", "1", "Егемен").stdout
    assert "Егемен" in text
    assert "1997 ж., № 7, 79-құжат" not in text


def test_short_outputs(lawsearch: Run) -> None:
    assert lawsearch("search", "-l", "-n", "2", "ст. 9-1").stdout.split() == [f"{LAW}/9-1/1", f"{LAW}/9-1/2"]
    assert int(lawsearch("search", "-c", "полиция").stdout) > 10
    quiet = lawsearch("search", "-q", "полиция")
    assert (quiet.returncode, quiet.stdout) == (0, "")
    for line in lawsearch("search", "-o", "полиция").stdout.splitlines():
        assert line.startswith(LAW)
        assert "полиция" in line.lower()


def test_explain_says_what_was_looked_for(lawsearch: Run) -> None:
    text = lawsearch("search", "--explain", "применение оружия").stdout
    assert "terms: қару = оружие (preferred)" in text
    assert "ru: применение" in text
    assert "қару = оружие" in text


def test_exit_codes(lawsearch: Run) -> None:
    assert lawsearch("search", "полиция").returncode == 0
    assert lawsearch("search", "динозавр").returncode == 1
    assert lawsearch("terms", "динозавр").returncode == 1
    assert lawsearch("show", "ст. 99").returncode == 1
    assert lawsearch("batch", stdin="динозавр\n").returncode == 1


def test_show(lawsearch: Run) -> None:
    contents = lawsearch("show", LAW).stdout
    assert "9-1-бап. Жергілікті полиция қызметі" in contents
    assert contents.count("-тарау.") == 7
    article = lawsearch("show", "9-1-бап").stdout
    assert article.count("Учаскелік полиция инспекторы") >= 2
    record = json.loads(lawsearch("show", "--format", "json", f"{LAW}/6/1/25").stdout)[0]
    assert record["point"] == "1"
    same = {lawsearch("show", ref).stdout for ref in ("6-бап 1-тармақ 25) тармақша", f"{LAW}/6/1/25", "6/1/25")}
    assert len(same) == 1
    assert lawsearch("show", "ст.", "21", "примечание").stdout.count("Ескертпе.") == 1


def test_terms(lawsearch: Run) -> None:
    assert "қоғамдық тәртіп = общественный порядок" in lawsearch("terms", "общественного порядка").stdout
    found = records(lawsearch("terms", "--format", "jsonl", "қару").stdout)
    assert {"kk", "ru", "source", "status", "domain", "note"} == set(found[0])
    assert any(t["ru"] == "оружие" for t in found)


def test_stem(lawsearch: Run, tmp_path: Path) -> None:
    done = lawsearch("stem", "--lang", "kk", stdin="органдарының\nқауіпсіздігі\nіс-шараларын\n\n")
    assert [line.partition("\t")[::2] for line in done.stdout.splitlines()] == [
        ("органдарының", "орган"),
        ("қауіпсіздігі", "қауіпсіздік"),
        ("іс-шараларын", "іс-шара"),
        ("", ""),
    ]
    file = tmp_path / "words"
    file.write_text("требованию\n", encoding="utf-8")
    assert lawsearch("stem", "--lang", "ru", str(file)).stdout == "требованию\tтребование\n"


def test_export_writes_every_provision(lawsearch: Run) -> None:
    found = records(lawsearch("export", "--format", "jsonl").stdout)
    assert len(found) == 272
    assert set(found[0]) >= {"law", "chapter", "article", "point", "subpoint", "address", "status", "amendments", "text"}


def test_info(lawsearch: Run) -> None:
    facts = json.loads(lawsearch("info", "--verify", "--format", "json").stdout)
    assert (facts["acts"], facts["provisions"], facts["verified"]) == (1, 272, True)
    assert LAW in lawsearch("info").stdout


def test_a_closed_pipe_is_no_error(kazakh_index: Path) -> None:
    command = [sys.executable, "-c", "from lawsearch.cli.main import run; run()", "export", "--index", str(kazakh_index)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        assert process.wait() == 0
    assert errors == b""


def test_any_locale(lawsearch: Run) -> None:
    assert (
        "полиция"
        in lawsearch("search", "полиция", LANG="C", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii").stdout.lower()
    )


@pytest.mark.parametrize("command", ["index", "search", "batch", "show", "terms", "stem", "export", "info"])
def test_every_option_has_help(lawsearch: Run, command: str) -> None:
    done = lawsearch(command, "--help")
    assert done.returncode == 0
    options = [line.split() for line in done.stdout.splitlines() if line.startswith("  -")]
    assert options
    for words in options:
        assert any(w[0].isupper() or w.islower() for w in words[1:] if not w.startswith(("-", "["))), words


def test_the_default_index_is_built_where_there_is_none(lawsearch: Run, tmp_path: Path) -> None:
    # Away from any checkout, with the package's own copy of the corpus or the checkout's.
    env = {"XDG_DATA_HOME": str(tmp_path / "data"), "HOME": str(tmp_path)}
    done = lawsearch("search", "-n", "1", "-l", "ст. 9-1", index=None, **env)
    assert done.returncode == 0
    assert done.stdout == f"{LAW}/9-1/1\n"
