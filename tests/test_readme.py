"""What the README shows is what the program prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from conftest import Run

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```\n\$ lawsearch ([^\n|>]+)\n(.*?)^```", README, re.M | re.S)
TRIED = re.findall(r"^\| `lawsearch ([^`]+)` \|", README, re.M)


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[c for c, _ in SHOWN])
def test_outputs_are_real(lawsearch: Run, shipped_index: Path, command: str, output: str) -> None:
    done = lawsearch(*shlex.split(command), index=shipped_index)
    assert done.returncode == 0
    # The README shows a terminal's lines, a pipe gets them whole.
    assert done.stdout.split() == output.split()


@pytest.mark.parametrize("command", TRIED)
def test_what_it_says_to_try_finds_something(lawsearch: Run, shipped_index: Path, command: str) -> None:
    done = lawsearch(*shlex.split(command), index=shipped_index)
    assert (done.returncode, bool(done.stdout.strip())) == (0, True), done.stderr


def test_it_shows_and_says_to_try_things() -> None:
    assert SHOWN
    assert len(TRIED) == 10
