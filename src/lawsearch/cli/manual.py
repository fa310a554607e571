"""The reference made from the commands themselves: `docs/cli.md` and the man page.

`python -m lawsearch.cli.manual` writes them; with ``--check`` it exits with 1 where they are not what the commands say.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

from lawsearch import __version__

#: Where each file goes, from the project's folder.
FILES = ("docs/cli.md", "docs/lawsearch.1")


@dataclass(frozen=True, slots=True)
class Parameter:
    """An option (``--limit N``) or an argument (``QUERY...``) as it is written, and what it does."""

    written: str
    does: str
    argument: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name, what it does, its parameters in the order of its help."""

    name: str
    does: str
    parameters: tuple[Parameter, ...]

    @property
    def usage(self) -> str:
        """How it is called."""
        return " ".join(["lawsearch", self.name, "[OPTIONS]", *(p.written for p in self.parameters if p.argument)])


def commands() -> tuple[Command, ...]:
    """Every command, read from the functions that typer calls: the same whichever version of it is installed."""
    from lawsearch.cli.main import app

    return tuple(_commands(app, ""))


def _commands(app: typer.Typer, group: str) -> Iterator[Command]:
    for info in app.registered_commands:
        function = info.callback
        if function is not None and not info.hidden:
            name = info.name or function.__name__.replace("_", "-")
            # A group's `list` is what the group does by itself.
            whole = " ".join(filter(None, (group, name if not group or name != "list" else "")))
            yield Command(whole, inspect.getdoc(function) or "", tuple(_parameters(function)))
    for part in app.registered_groups:
        if part.typer_instance is not None:
            yield from _commands(part.typer_instance, str(part.name))


def own_options() -> tuple[Parameter, ...]:
    """The options of the program itself."""
    from lawsearch.cli.main import app

    callback = app.registered_callback
    function = callback.callback if callback is not None else None
    completing = (
        Parameter("--install-completion", "Install completion for the current shell."),
        Parameter("--show-completion", "Show completion for the current shell, to copy it or to change the installation."),
    )
    return (*(_parameters(function) if function is not None else ()), *completing)


def _parameters(function: Callable[..., object]) -> Iterator[Parameter]:
    hints = get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        kind, about = get_args(hints[name])[:2]
        if isinstance(about, typer.models.ArgumentInfo):
            yield Parameter(about.metavar or name.upper(), about.help or "", True)
            continue
        yield Parameter(_written(name, kind, about), (about.help or "") + _default(kind, parameter.default))
    yield Parameter("-h, --help", "Show the help.")


def _written(name: str, kind: Any, about: Any) -> str:
    # Inside Annotated, typer takes the first name for the default, and sets it right later.
    first = (about.default,) if isinstance(about.default, str) and about.default.startswith("-") else ()
    names = ", ".join((*first, *(about.param_decls or ()))) or "--" + name.replace("_", "-")
    if kind is bool:
        return names
    choices = next((get_args(k) for k in (kind, *get_args(kind)) if get_origin(k) is Literal), None)
    if choices:
        return f"{names} {'|'.join(choices)}"
    return f"{names} {about.metavar or ('N' if kind is int else 'TEXT')}"


def _default(kind: Any, value: object) -> str:
    return f" Default: {value}." if kind is not bool and isinstance(value, (str, int)) else ""


def syntax() -> str:
    """The description of the query language."""
    return (resources.files("lawsearch.query") / "syntax.txt").read_text(encoding="utf-8")


def topic(name: str) -> str | None:
    """The help of a topic: `syntax`, or a command; None where there is none of that name."""
    if name == "syntax":
        return syntax()
    found = next((c for c in commands() if c.name == name), None)
    if found is None:
        return None
    lines = [f"Usage: {found.usage}", "", f"  {found.does}", ""]
    width = max(len(p.written) for p in found.parameters)
    lines += [f"  {p.written:{width}}  {p.does}" for p in found.parameters]
    return "\n".join(lines) + "\n"


def markdown() -> str:
    """`docs/cli.md`."""
    lines = [
        "# The commands",
        "",
        "Made from the program's own help by `python -m lawsearch.cli.manual`; do not edit it by hand.",
        "",
        _about(),
        "",
        "| command | does |",
        "| --- | --- |",
        *(f"| [`{c.name}`](#lawsearch-{c.name.replace(' ', '-')}) | {c.does} |" for c in commands()),
        "",
        "Options of `lawsearch` itself:",
        "",
        *_table(own_options()),
    ]
    for c in commands():
        lines += ["", f"## lawsearch {c.name}", "", c.does, "", "```", c.usage, "```", "", *_table(c.parameters)]
    lines += ["", "## The query language", "", "```", syntax().rstrip(), "```", ""]
    lines += ["## Exit codes", "", *(f"- {code}: {meaning}" for code, meaning in _EXITS), ""]
    return "\n".join(lines)


_EXITS = (
    ("0", "found, or done"),
    ("1", "nothing found"),
    ("2", "wrong usage, bad input, or an index that cannot be used"),
    ("130", "interrupted"),
)


def _about() -> str:
    from lawsearch.cli.main import app

    return str(app.info.help)


def _table(parameters: Iterable[Parameter]) -> list[str]:
    bar = "\\|"
    rows = [f"| `{p.written.replace('|', bar)}` | {p.does.replace('|', bar)} |" for p in parameters]
    return ["| | |", "| --- | --- |", *rows]


def man() -> str:
    """The man page, in man(7)'s own markup."""
    lines = [
        f'.TH LAWSEARCH 1 "" "lawsearch {__version__}" "User commands"',
        ".SH NAME",
        r"lawsearch \- search the law of Kazakhstan in Kazakh and in Russian",
        ".SH SYNOPSIS",
        *(line for c in commands() for line in (f".B {_escaped(c.usage)}", ".br")),
        ".SH DESCRIPTION",
        _escaped(_about()),
        ".SH OPTIONS",
        *_listed(own_options()),
    ]
    for c in commands():
        lines += [f".SH COMMAND {c.name.upper()}", _escaped(c.does), ".PP", f".B {_escaped(c.usage)}", *_listed(c.parameters)]
    lines += [".SH QUERIES", ".nf", *(_escaped(line) for line in syntax().splitlines()), ".fi"]
    lines += [".SH EXIT STATUS", *(line for code, meaning in _EXITS for line in (".TP", f".B {code}", meaning))]
    lines += [
        ".SH ENVIRONMENT",
        ".TP",
        ".B LAWSEARCH_INDEX",
        "The index folder, where no option names one.",
        ".TP",
        ".B LAWSEARCH_CONFIG",
        "The file of settings (else lawsearch/lawsearch.toml in the user\\'s configuration folder).",
        ".TP",
        ".B LAWSEARCH_OPENSEARCH_URL, \\&..._USER, \\&..._PASSWORD, \\&..._API_KEY and others",
        "The cluster of the engine opensearch, and how to log in there: docs/scale.md.",
        ".TP",
        ".B NO_COLOR",
        "No colours on a terminal.",
        "",
    ]
    return "\n".join(lines)


def _listed(parameters: Iterable[Parameter]) -> Iterator[str]:
    for parameter in parameters:
        yield ".TP"
        yield f".B {_escaped(parameter.written)}"
        yield _escaped(parameter.does)


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` tell whether they are up to date."""
    texts = dict(zip(FILES, (markdown(), man()), strict=True))
    stale = [name for name, text in texts.items() if not Path(name).is_file() or Path(name).read_text("utf-8") != text]
    if "--check" in arguments:
        for name in stale:
            sys.stderr.write(f"{name} is not what the commands say; run: python -m lawsearch.cli.manual\n")
        return 1 if stale else 0
    for name in stale:
        Path(name).write_text(texts[name], encoding="utf-8")
        sys.stdout.write(f"{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
