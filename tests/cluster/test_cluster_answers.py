"""One corpus in every engine: the same matches for every query, and how far the best ten agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lawsearch.engine import choice
from lawsearch.indexer import build
from lawsearch.search import Searcher

from .conftest import QUERIES, Corpus, answered, ask, engine, hits, searcher
from .nodes import Nodes

pytestmark = pytest.mark.cluster

SHIPPED = Path(__file__).parents[2] / "corpus"
SEED_QUERIES = (
    *QUERIES, "применение огнестрельного оружия", "охрана общественного порядка", "жүргізуші куәлігі", "права полиции",
    "қылмыстық құқық бұзушылықтарды анықтау", "article:6 полиция", "status:repealed заң", "тіркеу есепке алу", "iшкi iстер",
    "кауипсиздик", "exact:қаруын", "полици? w/5 қызмет*", "служба в органах внутренних дел", "ст. 6 п. 1", "оружие OR полиция",
)  # fmt: skip


@pytest.fixture(scope="module")
def shipped(nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Searcher]]:
    """The shipped act in the three engines."""
    nodes.start()
    opened = {}
    for name in ("whoosh", "tantivy", "opensearch"):
        index = tmp_path_factory.mktemp(name)
        build([SHIPPED], index, engine=engine(nodes, alias="shipped") if name == "opensearch" else choice.engine(name))
        opened[name] = searcher(index, nodes)
    yield opened
    for each in opened.values():
        each.close()


def test_the_shipped_act_gives_the_same_matches_in_every_engine(
    shipped: dict[str, Searcher], capsys: pytest.CaptureFixture[str]
) -> None:
    overlap: dict[str, list[float]] = {"tantivy": [], "opensearch": []}
    for query in SEED_QUERIES:
        expected = hits(shipped["whoosh"], query)
        for name, shares in overlap.items():
            found = hits(shipped[name], query)
            assert sorted(address for address, _ in found) == sorted(address for address, _ in expected), (name, query)
            best = {address for address, _ in expected[:10]}
            shares.append(len(best & {address for address, _ in hits(shipped[name], query, 10)}) / (len(best) or 1))
            if not best:
                shares[-1] = 1.0
    with capsys.disabled():
        for name, shares in overlap.items():
            print(
                f"\n{name}: the best ten of {len(shares)} queries agree with the default engine's to {sum(shares) / len(shares):.1%}"
            )
    assert min(overlap["opensearch"]) == 1.0


def test_order_and_scores_are_the_same_too(shipped: dict[str, Searcher]) -> None:
    for query in SEED_QUERIES:
        assert hits(shipped["opensearch"], query, 10) == hits(shipped["whoosh"], query, 10), query


def test_filters_by_law_and_status(shipped: dict[str, Searcher]) -> None:
    for status in ("in_force", "repealed"):
        for query in ("заң", "полиция қызмет", "өкілеттік"):
            found = [
                [
                    str(h.provision.address)
                    for h in shipped[name].search(query, limit=50, status=status, laws=["Z1400000199"]).hits
                ]  # type: ignore[arg-type]
                for name in ("whoosh", "opensearch")
            ]
            assert found[0] == found[1]


def test_the_index_is_verified_to_the_last_document(shipped: dict[str, Searcher]) -> None:
    assert shipped["opensearch"].info(verify=True)["verified"]


def test_many_acts_give_the_same_matches(whole: Nodes, corpus: Corpus, tmp_path: Path) -> None:
    report = build([corpus.folder], tmp_path / "index", engine=engine(whole))
    assert (report.acts, report.provisions) == (corpus.acts, corpus.provisions)
    with searcher(tmp_path / "index", whole) as opened:
        assert answered(opened) == corpus.answers


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real command."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("LAWSEARCH_")} | environment
    command = [sys.executable, "-c", "from lawsearch.cli.main import run; run()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=300, check=False)


def test_the_command_line(whole: Nodes, tmp_path: Path) -> None:
    index = str(tmp_path / "index")
    urls = [part for url in whole.urls for part in ("--url", url)]
    built = run("index", "--engine", "opensearch", *urls, "--shards", "2", "--alias", "law", "--index", index)
    assert built.returncode == 0, built.stderr
    assert built.stderr.startswith("lawsearch: 1 acts, ")
    found = run("search", "полиция", *urls, "--index", index, "-l")
    assert found.returncode == 0, found.stderr
    assert found.stdout == run("search", "полиция", "--index", index, "-l", LAWSEARCH_OPENSEARCH_URL=whole.urls[1]).stdout
    assert found.stdout.count("Z1400000199/") == 10
    (name,) = ask(whole, "/_alias/law")
    assert ask(whole, f"/{name}/_settings")[name]["settings"]["index"]["number_of_shards"] == "2"
    again = run("index", *urls, "--alias", "law", "--shards", "2", "--index", index)
    assert "nothing has changed" in again.stderr
    shown = run("show", "9-1-бап", "--index", index)
    assert shown.returncode == 0, "what stands in the store is shown without the cluster"
    settings = tmp_path / "lawsearch.toml"
    settings.write_text(f'[opensearch]\nurl = "{whole.urls[0]}"\n', encoding="utf-8")
    queries = tmp_path / "queries"
    queries.write_text("полиция\nқару\n", encoding="utf-8")
    several = run("batch", str(queries), "--jobs", "2", "--index", index, LAWSEARCH_CONFIG=str(settings))
    assert [json.loads(line)["query"] for line in several.stdout.splitlines()] == ["полиция", "қару"]
    nowhere = run("search", "полиция", "--index", index, LAWSEARCH_CONFIG=str(tmp_path / "none.toml"))
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert nowhere.stderr.count("\n") == 1
