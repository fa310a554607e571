"""What the tests share: the shipped act, an index of it, and the real command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lawsearch.corpus.files import discover
from lawsearch.corpus.reading import read_act
from lawsearch.indexer import build
from lawsearch.law import Act
from lawsearch.search import Searcher

CORPUS = Path(__file__).parents[1] / "corpus"
SEED = CORPUS / "Z1400000199" / "kaz.txt"
LAW = "Z1400000199"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what a plain run leaves out."""
    if "not cluster" in str(config.option.markexpr):
        terminalreporter.write_line(
            "left out: tests with a real OpenSearch cluster and Dask workers; scripts/opensearch-test runs them"
        )


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def seed_act(tmp_path_factory: pytest.TempPathFactory) -> Act:
    """The shipped act from its official Kazakh text alone."""
    folder = tmp_path_factory.mktemp("kazakh") / LAW
    folder.mkdir()
    (folder / "kaz.txt").write_bytes(SEED.read_bytes())
    (folder / "meta.yaml").write_bytes((SEED.parent / "meta.yaml").read_bytes())
    return read_act(discover([folder])[0])


@pytest.fixture(scope="session")
def kazakh_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the shipped act's official Kazakh text alone."""
    root = tmp_path_factory.mktemp("kazakh-corpus")
    (root / LAW).mkdir()
    (root / LAW / "kaz.txt").write_bytes(SEED.read_bytes())
    (root / LAW / "meta.yaml").write_bytes((SEED.parent / "meta.yaml").read_bytes())
    index = tmp_path_factory.mktemp("kazakh-index")
    build([root], index)
    return index


@pytest.fixture(scope="session")
def searcher(kazakh_index: Path) -> Iterator[Searcher]:
    with Searcher(kazakh_index) as opened:
        yield opened


@pytest.fixture(scope="session")
def shipped_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the corpus as it ships."""
    index = tmp_path_factory.mktemp("shipped-index")
    build([CORPUS], index)
    return index


@pytest.fixture
def lawsearch(kazakh_index: Path) -> Run:
    """Run the real command in a process of its own, on the Kazakh index unless told otherwise."""

    def run(
        *arguments: str, stdin: str | bytes | None = None, index: Path | None = kazakh_index, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        env = {k: v for k, v in os.environ.items() if k not in ("LAWSEARCH_INDEX", "NO_COLOR")}
        if index is not None:
            env["LAWSEARCH_INDEX"] = str(index)
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [sys.executable, "-c", "from lawsearch.cli.main import run; run()", *arguments],
            input=data,
            capture_output=True,
            env=env | environment,
            timeout=120,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")
        )

    return run
