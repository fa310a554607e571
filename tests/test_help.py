"""The help is the reference: nothing undocumented, and what is made from it is up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from conftest import LAW, Run
from lawsearch.cli import manual
from lawsearch.cli.main import app

ROOT = Path(__file__).parents[1]


def every_command(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        whole = f"{above} {name}".strip()
        if hasattr(command, "commands"):
            yield from every_command(command, whole)
        else:
            # What a group does by itself is its `list`.
            yield whole.removesuffix(" list"), command


def test_every_option_and_argument_has_help_and_stands_in_the_reference() -> None:
    reference = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    seen = 0
    for name, command in every_command(get_command(app)):
        assert f"## lawsearch {name}\n" in reference
        section = reference.split(f"## lawsearch {name}\n")[1].split("\n## ")[0]
        assert command.help, name
        for parameter in command.params:
            if "--help" in parameter.opts:
                continue
            seen += 1
            assert parameter.help, f"{name}: {parameter.name} has no help"
            for option in parameter.opts if parameter.param_type_name == "option" else ():
                assert f"`{option}" in section or f", {option}" in section, f"{name}: {option} is not in docs/cli.md"
            assert parameter.help in section.replace("\\|", "|"), f"{name}: the help of {parameter.name} is not in docs/cli.md"
    assert seen > 40


@pytest.mark.parametrize(("file", "made"), list(zip(manual.FILES, (manual.markdown, manual.man), strict=True)))
def test_what_is_made_from_the_help_is_up_to_date(file: str, made: object) -> None:
    assert (ROOT / file).read_text(encoding="utf-8") == made(), "run: python -m lawsearch.cli.manual"  # type: ignore[operator]


def test_help_syntax_describes_every_field_and_operator(lawsearch: Run) -> None:
    from lawsearch.query.lexer import FIELDS

    text = lawsearch("help", "syntax").stdout
    for field in FIELDS.values():
        assert f"{field}:" in text
    for piece in ("AND", "OR", "NOT", "w/5", "pre/5", "~1", "*", "--literal", "--explain"):
        assert piece in text


def test_help_of_a_command_and_of_nothing(lawsearch: Run) -> None:
    assert "--refs" in lawsearch("help", "show").stdout
    assert "search" in lawsearch("help").stdout
    done = lawsearch("help", "nothing")
    assert done.returncode == 2
    assert "syntax" in done.stderr


@pytest.mark.parametrize(
    ("words", "place", "offered"),
    [
        (f"lawsearch show {LAW}/9", "2", f"{LAW}/9-1"),
        ("lawsearch show Z", "2", LAW),
        ("lawsearch search --law Z", "3", LAW),
        ("lawsearch search --lit", "2", "--literal"),
        ("lawsearch terms қоғамд", "2", "қоғамдық тәртіп"),
        ("lawsearch sea", "1", "search"),
    ],
)
def test_a_shell_is_offered_commands_options_acts_articles_and_terms(
    lawsearch: Run, words: str, place: str, offered: str
) -> None:
    done = lawsearch(_LAWSEARCH_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=place)
    assert done.returncode == 0
    assert offered in done.stdout.splitlines()
    assert done.stderr == ""


def test_a_shell_never_sees_an_error(lawsearch: Run, tmp_path: Path) -> None:
    done = lawsearch(
        index=tmp_path / "none", _LAWSEARCH_COMPLETE="complete_bash", COMP_WORDS="lawsearch show Z", COMP_CWORD="2"
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
