"""What the tests with a real cluster share: three nodes on loopback, a corpus of many acts, and an index of it on this machine
to compare with. `scripts/opensearch-test` says where the server is and runs them."""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from lawsearch import indexer
from lawsearch.engine import choice
from lawsearch.indexer import build
from lawsearch.law import Act
from lawsearch.search import Searcher

from .nodes import HOME_VARIABLE, JAVA_VARIABLE, Nodes

# Without the extras nothing here can be imported; without the server nothing here can run.
if any(find_spec(name) is None for name in ("opensearchpy", "pyroaring", "distributed")):
    collect_ignore_glob = ["test_*.py"]

QUERIES = (
    "полиция", "қару", "оружие", '"қоғамдық тәртіп"', "применение оружия", "қызметкер міндет", "водительское удостоверение",
    "қауіпсіздік -полиция", "полици*", "қызметкер NEAR/6 полиция", "құқық бұзушылық", "тіркеу OR есеп", "ст. 3", "өкілеттік заң",
)  # fmt: skip


@pytest.fixture(scope="session")
def nodes() -> Iterator[Nodes]:
    for variable in (HOME_VARIABLE, JAVA_VARIABLE):
        if not os.environ.get(variable):
            pytest.fail(f"{variable} is not set; run scripts/opensearch-test, which sets it")
    folder = Path(tempfile.mkdtemp(prefix="lawsearch-nodes-"))
    started = Nodes(folder)
    try:
        started.start()
        # A copy that was lost with its node stays so until the node is back: what is seen in between does not depend on time.
        waiting = {"settings": {"index.unassigned.node_left.delayed_timeout": "1h"}}
        ask(started, "/_index_template/waiting", "PUT", {"index_patterns": ["*"], "template": waiting})
        yield started
    finally:
        started.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def whole(nodes: Nodes) -> Nodes:
    """The cluster with all its nodes running and no index in it."""
    nodes.start()
    ask(nodes, "/_all?expand_wildcards=open&ignore_unavailable=true", "DELETE")
    nodes.wait("green", nodes=len(nodes.nodes))
    return nodes


def ask(nodes: Nodes, path: str, method: str = "GET", body: object = None) -> Any:
    """What a node that runs answers to a plain request."""
    url = next(node.url for node in nodes.nodes if node.running)
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def engine(nodes: Nodes, **settings: object) -> Any:
    """The engine, knowing every node."""
    return choice.engine("opensearch", {"url": nodes.urls, "shards": 3, "replicas": 1, **settings})


def searcher(index: Path, nodes: Nodes, **settings: object) -> Searcher:
    return Searcher(index, settings={"url": nodes.urls, **settings})


@dataclass(frozen=True)
class Corpus:
    """A folder of acts, and what a build on this machine makes of it."""

    folder: Path
    index: Path
    acts: int
    provisions: int
    answers: dict[str, list[tuple[str, float]]]


def answered(opened: Searcher, limit: int | None = None) -> dict[str, list[tuple[str, float]]]:
    """Addresses and scores, in order, of all that each query finds."""
    return {query: hits(opened, query, limit) for query in QUERIES}


def hits(opened: Searcher, query: str, limit: int | None = None) -> list[tuple[str, float]]:
    return [(str(h.provision.address), h.score) for h in opened.search(query, limit=limit).hits]


@pytest.fixture(scope="session")
def corpus(seed_act: Act, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """Acts of the shipped act's own provisions, put together by chance; a batch is an act or two."""
    rng = random.Random(11)
    texts = [" ".join(p.text("kk").split()) for p in seed_act.provisions if len(p.text("kk") or "") > 40]
    root = tmp_path_factory.mktemp("many-acts")
    for number in range(90):
        lines = []
        for article in range(1, rng.randint(3, 7)):
            lines.append(f"{article}-бап. {' '.join(rng.choice(texts).split()[2:7])}")
            lines += [f"{point}. {rng.choice(texts).lstrip('0123456789.)- ')}" for point in range(1, rng.randint(2, 6))]
        folder = root / f"T{number:03}"
        folder.mkdir()
        (folder / "kaz.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexer, "_BATCH_BYTES", 6_000)
        index = tmp_path_factory.mktemp("many-acts-index")
        report = build([root], index)
        with Searcher(index) as opened:
            answers = answered(opened)
        yield Corpus(root, index, report.acts, report.provisions, answers)
