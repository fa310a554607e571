"""The term base: Kazakh expressions and the Russian expressions aligned with them, both in dictionary form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal, get_args

from lawsearch.errors import LawsearchError
from lawsearch.law import Lang

TermStatus = Literal["preferred", "variant", "weak"]
COLUMNS = ("kk", "ru", "domain", "source", "status", "note")
#: What a term may name as its source instead of an address.
FREE_SOURCES = frozenset(("general", "learnt", "imported"))
STATUSES: tuple[str, ...] = get_args(TermStatus)
DOMAINS = frozenset(
    """general state police criminal administrative procedure civil labour land tax finance economy social education health
    transport migration environment information military international culture construction agriculture energy family
    customs personal""".split()
)


class TermbaseError(LawsearchError):
    """A term file that cannot be read as one."""


@dataclass(frozen=True, slots=True)
class Term:
    """One pair. ``source`` is the address of a provision where the term occurs, or ``general``.

    ``status``: ``preferred`` is the usual equivalent, ``variant`` is also right (a synonym, another aspect of the verb, its
    verbal noun), ``weak`` is a rarer sense, which a search uses only when the others find nothing.
    """

    kk: str
    ru: str
    domain: str
    source: str
    status: TermStatus
    note: str = ""

    def side(self, lang: Lang) -> str:
        """The expression in one language."""
        return self.kk if lang == "kk" else self.ru


def builtin_path() -> Path:
    """The file that ships with the program."""
    return Path(str(resources.files("lawsearch.terms") / "kk_ru.tsv"))


def load(path: Path | None = None) -> tuple[Term, ...]:
    """The terms of a TSV file (default: the one that ships), in its order. Raises TermbaseError naming the line."""
    path = path or builtin_path()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TermbaseError(f"{path}: cannot be read as a term file ({error}); restore it") from None
    return tuple(parse(text.splitlines(), str(path)))


def combined(own: Path | None) -> tuple[Term, ...]:
    """The terms that ship, with a user's own from ``own`` (None or absent: none).

    A pair that both files have keeps its place and is as the user's file says.
    """
    shipped = load()
    if own is None or not own.is_file():
        return shipped
    mine = {(t.kk, t.ru): t for t in load(own)}
    return (*(mine.pop((t.kk, t.ru), t) for t in shipped), *mine.values())


def written(terms: Iterable[Term]) -> str:
    """A term file with these terms, as `load` reads it."""
    rows = ["\t".join(COLUMNS)]
    rows += ["\t".join(_cell(c) for c in (t.kk, t.ru, t.domain, t.source, t.status, t.note)) for t in terms]
    return "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split())


def parse(lines: Iterable[str], where: str) -> Iterable[Term]:
    """Terms from TSV lines whose first line names the columns; ``#`` opens a comment line."""
    header: list[str] | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if header is None:
            header = cells
            if tuple(cells) != COLUMNS:
                raise TermbaseError(f"{where}:{number}: the first line must name the columns {' '.join(COLUMNS)} (TAB between)")
            continue
        if len(cells) != len(COLUMNS):
            raise TermbaseError(
                f"{where}:{number}: {len(cells)} columns where {len(COLUMNS)} belong (TAB between); mend the line"
            )
        kk, ru, domain, source, status, note = (c.strip() for c in cells)
        if not kk or not ru:
            raise TermbaseError(f"{where}:{number}: one side of the pair is empty; fill it in or remove the line")
        if status not in STATUSES:
            raise TermbaseError(f"{where}:{number}: status {status!r} is none of {', '.join(STATUSES)}")
        yield Term(kk, ru, domain, source, status, note)  # type: ignore[arg-type]
