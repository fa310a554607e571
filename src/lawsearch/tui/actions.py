"""What can be done in the UI and with which keys: the one list behind the bindings, the help, the palette and docs/ui.md.

Keys are named by what an English keyboard has on them; `tui.keyboards` adds what the same keys give on the Russian and the
Kazakh layout. The words for an action are in `texts.toml`, under ``action`` and its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["search", "hits", "reading", "panels", "taking along", "program"]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done: the name of the app's method (``action_NAME``), its keys, the first of them shown.

    Single signs work wherever the query line is not being typed in; function keys and Ctrl keys work everywhere.
    ``here``: the keys are the business of the widget that has the focus; they are listed, not bound for the whole app.
    """

    name: str
    keys: tuple[str, ...]
    group: Group
    here: bool = False
    in_footer: bool = False


ACTIONS: tuple[Action, ...] = (
    Action("edit_query", ("slash", "s"), "search", in_footer=True),
    Action("submit", ("enter",), "search", here=True),
    Action("older_query", ("up",), "search", here=True),
    Action("newer_query", ("down",), "search", here=True),
    Action("past_queries", ("h",), "search"),
    Action("filters", ("f6", "f"), "search", in_footer=True),
    Action("no_filters", ("F",), "search"),
    Action("go_to", ("f7", "g"), "search", in_footer=True),
    Action("move", ("up", "down", "k", "j"), "hits", here=True),
    Action("page", ("pageup", "pagedown", "home", "end"), "hits", here=True),
    Action("open", ("enter",), "hits", here=True),
    Action("follow", ("enter",), "reading", here=True),
    Action("next_match", ("f3", "n"), "hits", in_footer=True),
    Action("previous_match", ("shift+f3", "N"), "hits"),
    Action("mark", ("space", "m"), "hits", in_footer=True),
    Action("language", ("f2", "l"), "reading", in_footer=True),
    Action("next_article", ("right_square_bracket",), "reading"),
    Action("previous_article", ("left_square_bracket",), "reading"),
    Action("next_provision", ("right", "J"), "reading"),
    Action("previous_provision", ("left", "K"), "reading"),
    Action("references", ("f9", "r"), "reading", in_footer=True),
    Action("go_back", ("backspace", "b"), "reading"),
    Action("go_forward", ("w",), "reading"),
    Action("zoom", ("f11", "z"), "reading"),
    Action("contents", ("f4", "t"), "panels", in_footer=True),
    Action("terms", ("f5", "p"), "panels", in_footer=True),
    Action("amendments", ("f8", "a"), "panels"),
    Action("strip", ("u",), "panels"),
    Action("next_pane", ("tab",), "panels"),
    Action("previous_pane", ("shift+tab",), "panels"),
    Action("leave", ("escape",), "panels"),
    Action("copy_citation", ("c",), "taking along"),
    Action("copy_passage", ("v",), "taking along"),
    Action("copy_both", ("x",), "taking along"),
    Action("export", ("e",), "taking along"),
    Action("pager", ("o",), "taking along"),
    Action("help", ("f1", "question_mark"), "program", in_footer=True),
    Action("palette", ("f10", "colon", "ctrl+p"), "program"),
    Action("theme", ("f12", "d"), "program"),
    Action("rebuild", ("R",), "program"),
    Action("finish", ("q", "ctrl+q"), "program", in_footer=True),
    Action("abort", ("ctrl+c",), "program"),
)

GROUPS: tuple[Group, ...] = ("search", "hits", "reading", "panels", "taking along", "program")

_NAMES = {
    "full_stop": ".",
    "comma": ",",
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "backspace": "Backspace",
    "tab": "Tab",
}


def is_everywhere(key: str) -> bool:
    """Whether a key types nothing, so that it works in a line to type in as well: function keys, Ctrl keys, Esc, Tab."""
    last = key.rpartition("+")[2]
    return "ctrl+" in key or last in ("escape", "tab") or (last[0] == "f" and last[1:].isdigit())


def shown(key: str) -> str:
    """A key as it is printed on a keyboard: ``F3``, ``Shift+F3``, ``]``, ``n``."""
    head, plus, last = key.rpartition("+")
    name = _NAMES.get(last) or (last.upper() if len(last) > 1 else last)
    return f"{head.capitalize()}{plus}{name.upper() if head == 'ctrl' else name}"
