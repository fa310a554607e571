"""Taking terms in: the terms of a file are checked one by one and added to a term file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lawsearch.corpus.files import read_text
from lawsearch.terms import termbase, validation
from lawsearch.terms.termbase import COLUMNS, DOMAINS, STATUSES, Term, TermbaseError


@dataclass(slots=True)
class Intake:
    """How many terms were added, how many were there already, and which were refused, with the reason."""

    added: int = 0
    known: int = 0
    refused: list[str] = field(default_factory=list)


#: Findings that make a pair useless; the others are a matter for `terms check`.
_FATAL = ("empty", "mixed letters", "edges")


def take_in(file: Path, target: Path) -> Intake:
    """Add the terms of a TSV or TBX file to the term file ``target``, which is made where it is absent.

    Raises TermbaseError where ``file`` is neither, or ``target`` cannot be written; then nothing has changed.
    """
    report = Intake()
    terms = list(termbase.load(target)) if target.is_file() else []
    known = {(t.kk, t.ru) for t in terms} | {(t.kk, t.ru) for t in termbase.load()}
    for where, term in _read(file):
        row = validation.Row(0, term.kk, term.ru, term.domain, term.source, term.status, term.note)
        faults = [f for rule in validation.ROW_RULES for f in rule(row) if f.rule in _FATAL]
        if faults:
            report.refused.append(f"{where}: {term.kk} = {term.ru}: {faults[0].what}")
        elif (term.kk, term.ru) in known:
            report.known += 1
        else:
            known.add((term.kk, term.ru))
            terms.append(term)
            report.added += 1
    if report.added:
        _replace(target, termbase.written(terms))
    return report


def _read(file: Path) -> Iterator[tuple[str, Term]]:
    if file.suffix.lower() in (".tbx", ".xml"):
        from lawsearch.terms import tbx

        for number, term in enumerate(tbx.read(file), 1):
            yield f"{file} entry {number}", term
        return
    yield from _table(file)


def _table(file: Path) -> Iterator[tuple[str, Term]]:
    """A TSV whose first line names at least the columns kk and ru; what other columns of ours it lacks is filled in."""
    header: list[str] | None = None
    for number, line in enumerate(read_text(file).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [c.strip() for c in line.split("\t")]
        if header is None:
            header = cells
            if not {"kk", "ru"} <= set(header):
                raise TermbaseError(f"{file}:{number}: the first line must name the columns, at least kk and ru (TAB between)")
            continue
        given = dict(zip(header, cells, strict=False))
        domain, status = given.get("domain", ""), given.get("status", "")
        yield (
            f"{file}:{number}",
            Term(
                given.get("kk", ""),
                given.get("ru", ""),
                domain if domain in DOMAINS else "general",
                given.get("source") or "imported",
                status if status in STATUSES else "preferred",  # type: ignore[arg-type]
                given.get("note", ""),
            ),
        )
    if header is None:
        raise TermbaseError(f"{file}: no terms in it; its first line must name the columns {' '.join(COLUMNS)}")


def _replace(file: Path, text: str) -> None:
    """Write the file whole or not at all."""
    part = file.with_name(f"{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        os.replace(part, file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise TermbaseError(f"{file}: cannot be written ({error.strerror}); check the folder or set LAWSEARCH_TERMS") from None
