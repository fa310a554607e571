"""Nodes killed and restarted: nothing indexed is lost, nothing is doubled, and no part passes for the whole."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lawsearch import indexer
from lawsearch.errors import IndexUnusableError
from lawsearch.indexer import Progress, build

from .conftest import QUERIES, Corpus, answered, ask, engine, hits, searcher
from .nodes import Node, Nodes
from .test_cluster_answers import run

pytestmark = pytest.mark.cluster


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds of many batches."""
    monkeypatch.setattr(indexer, "_BATCH_BYTES", 6_000)


def holding_primary(nodes: Nodes, index: str) -> Node:
    """A node whose loss is felt: it holds the first copy of a part of the index."""
    shards = ask(nodes, f"/_cat/shards/{index}?format=json")
    name = next(s["node"] for s in shards if s["prirep"] == "p")
    return next(node for node in nodes.nodes if node.name == name)


def test_a_node_killed_during_a_build_loses_nothing(whole: Nodes, corpus: Corpus, tmp_path: Path) -> None:
    killed: list[Node] = []

    def kill(event: Progress) -> None:
        if event.done >= event.total // 3 and not killed:
            killed.append(holding_primary(whole, "lawsearch-*"))
            killed[0].kill()

    report = build([corpus.folder], tmp_path / "index", engine=engine(whole), on_progress=kill)
    assert killed
    assert report.provisions == corpus.provisions
    assert ask(whole, "/lawsearch/_count")["count"] == corpus.provisions
    whole.wait("yellow", nodes=2)
    with searcher(tmp_path / "index", whole) as opened:
        assert answered(opened) == corpus.answers
        opened.info(verify=True)
        killed[0].start()
        whole.wait("green", nodes=3)
        assert answered(opened) == corpus.answers


def test_a_node_killed_during_500_searches_loses_no_hit(whole: Nodes, corpus: Corpus, tmp_path: Path) -> None:
    build([corpus.folder], tmp_path / "index", engine=engine(whole))
    whole.wait("green", nodes=3)
    node = holding_primary(whole, "lawsearch-*")
    killer = threading.Thread(target=node.kill)
    with searcher(tmp_path / "index", whole) as opened:
        before = {query: opened.search(query, limit=10) for query in QUERIES}
        for number in range(500):
            if number == 150:
                killer.start()
            query = QUERIES[number % len(QUERIES)]
            if number % 20 == 0:
                assert hits(opened, query) == corpus.answers[query], (number, query)
            found = opened.search(query, limit=10)
            assert found.total == len(corpus.answers[query]), (number, query)
            assert found.hits == before[query].hits, (number, query)
        killer.join()
        assert not node.running
        whole.wait("yellow", nodes=2)
        node.start()
        whole.wait("green", nodes=3)
        assert answered(opened) == corpus.answers


def test_a_cluster_restarted_whole_answers_as_before(whole: Nodes, corpus: Corpus, tmp_path: Path) -> None:
    build([corpus.folder], tmp_path / "index", engine=engine(whole))
    with searcher(tmp_path / "index", whole, patience=1) as opened:
        assert answered(opened) == corpus.answers
        whole.stop()
        with pytest.raises(IndexUnusableError, match="cannot be reached"):
            opened.search("полиция")
        whole.start()
        assert answered(opened) == corpus.answers
        opened.info(verify=True)


def test_a_part_never_passes_for_the_whole(whole: Nodes, corpus: Corpus, tmp_path: Path) -> None:
    index = tmp_path / "index"
    build([corpus.folder], index, engine=engine(whole, replicas=0, shards=3))
    node = holding_primary(whole, "lawsearch-*")
    node.kill()
    whole.wait("red", nodes=2)
    urls = [part for n in whole.nodes if n.running for part in ("--url", n.url)]
    environment = {"LAWSEARCH_OPENSEARCH_PATIENCE": "2"}
    for query in ("полиция", "полиция қызметкер", "полици*", "қызметкер NEAR/6 полиция"):
        refused = run("search", query, *urls, "--index", str(index), "--format", "jsonl", **environment)
        assert (refused.returncode, refused.stdout) == (2, ""), query
        assert "--allow-partial" in refused.stderr
        assert refused.stderr.count("\n") == 1
        marked = run("search", query, *urls, "--index", str(index), "--format", "jsonl", "--allow-partial", **environment)
        assert marked.returncode in (0, 1), marked.stderr
        assert "of 3 shards did not answer" in json.loads(marked.stdout.splitlines()[-1])["partial"]
        assert "partial answer" in marked.stderr
    queries = tmp_path / "queries"
    queries.write_text("полиция\nқару\n", encoding="utf-8")
    several = run("batch", str(queries), *urls, "--index", str(index), "--allow-partial", **environment)
    assert all("partial" in json.loads(line) for line in several.stdout.splitlines())
    assert run("batch", str(queries), *urls, "--index", str(index), **environment).returncode == 2
    with searcher(index, whole, allow_partial=True, patience=2) as opened:
        assert all("did not answer" in opened.search(query).partial for query in ("полиция", "қару", "қызметкер міндет"))
        node.start()
        whole.wait("green", nodes=3)
        # What was made out of the part is not what answers now.
        assert opened.search("полиция").partial == ""
        assert answered(opened) == corpus.answers
    with searcher(index, whole) as opened:
        assert answered(opened) == corpus.answers


def test_a_builder_killed_leaves_the_index_in_use_and_a_rerun_doubles_nothing(
    whole: Nodes, corpus: Corpus, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    build([corpus.folder], index, engine=engine(whole))
    (before,) = ask(whole, "/_alias/lawsearch")
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from lawsearch import indexer\n"
        "from lawsearch.engine import choice\n"
        "indexer._BATCH_BYTES = 6_000\n"
        "def die(event):\n"
        "    if event.done > event.total // 2: os._exit(9)\n"
        "engine = choice.engine('opensearch', {'url': sys.argv[3:], 'shards': 3})\n"
        "indexer.build([Path(sys.argv[1])], Path(sys.argv[2]), rebuild=True, engine=engine, on_progress=die)\n"
    )
    died = subprocess.run(
        [sys.executable, "-c", program, str(corpus.folder), str(index), *whole.urls], timeout=300, check=False
    )
    assert died.returncode == 9
    assert len(ask(whole, "/_cat/indices/lawsearch-*?format=json")) == 2
    assert list(ask(whole, "/_alias/lawsearch")) == [before]
    with searcher(index, whole) as opened:
        assert answered(opened) == corpus.answers
    build([corpus.folder], index, engine=engine(whole), rebuild=True)
    indexes = ask(whole, "/_cat/indices/lawsearch-*?format=json")
    assert len(indexes) == 2, "what the dead build left is gone; the index before stays for those who still read it"
    assert {int(each["docs.count"]) for each in indexes} == {corpus.provisions}
    with searcher(index, whole) as opened:
        assert answered(opened) == corpus.answers


def test_an_index_that_is_gone_from_the_cluster_is_told(whole: Nodes, corpus: Corpus, tmp_path: Path) -> None:
    build([corpus.folder], tmp_path / "index", engine=engine(whole))
    (name,) = ask(whole, "/_alias/lawsearch")
    ask(whole, f"/{name}", "DELETE")
    with searcher(tmp_path / "index", whole) as opened, pytest.raises(IndexUnusableError, match=f"has no index {name}"):
        opened.search("полиция")


def test_a_node_that_hangs_is_told(whole: Nodes, corpus: Corpus, tmp_path: Path) -> None:
    build([corpus.folder], tmp_path / "index", engine=engine(whole, shards=1, replicas=2))
    hung = whole.nodes[0]
    hung.pause()
    try:
        alone = run(
            "search", "полиция", "--url", hung.url, "--index", str(tmp_path / "index"), LAWSEARCH_OPENSEARCH_TIMEOUT="1"
        )
        assert (alone.returncode, alone.stdout) == (2, "")
        assert "no answer within 1 s" in alone.stderr
    finally:
        hung.resume()
    whole.wait("green", nodes=3)
    with searcher(tmp_path / "index", whole) as opened:
        assert answered(opened) == corpus.answers
