"""The table of keys in docs/ui.md, made from the list of actions.

`python -m lawsearch.tui.reference` writes it; with ``--check`` it exits with 1 where the file is not what the list says.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lawsearch.tui.actions import ACTIONS, GROUPS, shown
from lawsearch.tui.keyboards import same_key
from lawsearch.tui.texts import Texts

FILE = Path("docs/ui.md")
_BEGIN, _END = "<!-- keys -->\n", "<!-- end of keys -->\n"


def table() -> str:
    """The keys of every action, group by group; for letters what they are on the Cyrillic layouts."""
    texts = Texts("en")
    lines = ["| keys | on a Cyrillic layout | does |", "| --- | --- | --- |"]
    for group in GROUPS:
        lines.append(f"| **{texts(f'group.{group}')}** | | |")
        for action in ACTIONS:
            if action.group == group:
                keys = " ".join(f"`{shown(key)}`" for key in action.keys)
                others = " ".join(f"`{shown(name)}`" for key in action.keys for name in same_key(key)[1:])
                lines.append(f"| {keys} | {others} | {texts(f'action.{action.name}')} |")
    return "\n".join(lines) + "\n"


def renewed(text: str) -> str:
    """The file's text with the table as it should be. Raises ValueError where it has no place for one."""
    before, begin, rest = text.partition(_BEGIN)
    _, end, behind = rest.partition(_END)
    if not begin or not end:
        raise ValueError("no place for the table of keys")
    return before + _BEGIN + table() + _END + behind


def main(arguments: list[str]) -> int:
    """Write the table, or tell whether it is up to date."""
    text = FILE.read_text(encoding="utf-8")
    if "--check" in arguments:
        return int(renewed(text) != text)
    FILE.write_text(renewed(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
