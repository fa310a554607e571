"""`lawsearch terms`: the term base listed, checked, taken in and given out, and new terms proposed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from lawsearch.cli import completion, session


def _offered(ctx: Any, incomplete: str) -> list[completion.Offer]:
    """Behind `lawsearch terms`: its commands and the terms themselves."""
    commands = [(str(c.name or c.callback.__name__), "") for c in app.registered_commands if c.callback is not None]
    return [c for c in commands if incomplete and c[0].startswith(incomplete)] + completion.terms(ctx, incomplete)


class _TermsGroup(TyperGroup):
    """`lawsearch terms WORDS` lists, as ever; the first word is a command only where it is the name of one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return list(super().parse_args(ctx, args))


app = typer.Typer(
    name="terms",
    cls=_TermsGroup,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="List the aligned terms, all or those that match (`lawsearch terms оружие`); check, import, export, mine.",
)

IndexOption = Annotated[
    Path | None,
    typer.Option("--index", metavar="DIR", help="The index folder (else LAWSEARCH_INDEX, else the default one)."),
]


@app.command("list")
def listed(
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="[QUERY]", help="Only terms with these words, in either language.", autocompletion=_offered),
    ] = None,
    output: Annotated[
        Literal["text", "json", "jsonl", "csv", "tsv"], typer.Option("--format", help="Text for people, or records.")
    ] = "text",
    index_dir: IndexOption = None,
) -> int:
    """List the aligned terms of the index, all or those that match (the word `list` may be left out)."""
    from lawsearch.output import records

    with session.open_searcher(index_dir) as searcher:
        found = searcher.terms(" ".join(query or []))
        if output == "text":
            session.write_lines(f"{t.kk} = {t.ru}  [{t.domain}; {t.source}; {t.status}]" for t in found)
        elif output in ("csv", "tsv"):
            names = ("kk", "ru", "domain", "source", "status", "note")
            session.write_lines(records.rows([names, *([records.term(t)[n] for n in names] for t in found)], output))
        else:
            session.write_lines(records.listed([records.term(t) for t in found], output))
    return session.FOUND if found else session.NOTHING


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A term file (else the one that ships).")] = None,
    corpus: Annotated[
        list[Path] | None, typer.Option("--corpus", metavar="PATH", help="Acts that sources name (else the shipped ones).")
    ] = None,
    remarks: Annotated[bool, typer.Option("--remarks", help="Also print what is worth knowing but no fault.")] = False,
    output: Annotated[Literal["text", "tsv"], typer.Option("--format", help="Text for people, or records.")] = "text",
) -> int:
    """Check a term file; say what is wrong with which line and what to write instead. Exit code 1 where anything is."""
    from lawsearch import places
    from lawsearch.corpus.files import discover, read_text
    from lawsearch.corpus.reading import read_act
    from lawsearch.output import records
    from lawsearch.terms import termbase, validation
    from lawsearch.terms.occurrence import Occurrences

    path = file or termbase.builtin_path()
    rows, broken = validation.read_rows(read_text(path))
    acts = [read_act(found) for found in discover(corpus or [places.default_corpus()])]
    findings = [*broken, *validation.check(rows, Occurrences(acts))]
    shown = [f for f in findings if remarks or not f.remark]
    if output == "tsv":
        names = ("line", "rule", "kk", "ru", "what", "instead")
        cells = ([str(f.row.line), f.rule, f.row.kk, f.row.ru, f.what, f.instead] for f in shown)
        session.write_lines(records.rows([names, *cells], "tsv"))
    else:
        for f in shown:
            instead = f"; write: {f.instead}" if f.instead else ""
            session.write_lines([f"{path.name}:{f.row.line}: {f.rule}: {f.row.kk} = {f.row.ru}: {f.what}{instead}"])
    faults = sum(not f.remark for f in findings)
    session.note(f"lawsearch: {len(rows)} terms checked, {faults} findings, {len(findings) - faults} remarks")
    return session.NOTHING if faults else session.FOUND


@app.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A TSV (also one that `terms mine` wrote) or TBX file.")],
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FILE", help="The term file to add to (else your own, see `terms export`).")
    ] = None,
) -> int:
    """Add the terms of a file to your own term file, which `index` uses beside the one that ships."""
    from lawsearch import places
    from lawsearch.terms import intake

    target = into or places.user_terms()
    report = intake.take_in(file, target)
    for line in report.refused:
        session.note(f"lawsearch: left out: {line}")
    session.note(
        f"lawsearch: {report.added} terms added to {target}, {report.known} known already, {len(report.refused)} left out; "
        "`lawsearch index` puts them to use"
    )
    return session.ERROR if report.refused else session.FOUND


@app.command("export")
def give_out(
    output: Annotated[Literal["tsv", "tbx"], typer.Option("--format", help="Our own table, or TBX-Basic.")] = "tsv",
    own: Annotated[bool, typer.Option("--own", help="Only the terms of your own term file.")] = False,
) -> int:
    """Write out the term base with your own terms, as the next `index` will use it."""
    from lawsearch import places
    from lawsearch.terms import termbase

    mine = places.user_terms()
    if own:
        terms = termbase.load(mine) if mine.is_file() else ()
        session.note(f"lawsearch: your own terms: {mine}")
    else:
        terms = termbase.combined(mine)
    if output == "tsv":
        sys.stdout.write(termbase.written(terms))
    else:
        from lawsearch.terms import tbx

        tbx.write(terms, sys.stdout.buffer)
    return session.FOUND


@app.command()
def mine(
    act: Annotated[list[str] | None, typer.Option("--act", metavar="ID", help="Only this act; may be given often.")] = None,
    new: Annotated[bool, typer.Option("--new", help="Only pairs that the term base does not have yet.")] = False,
    least: Annotated[int, typer.Option("--least", min=1, help="In at least so many provisions.")] = 1,
    limit: Annotated[int | None, typer.Option("-n", "--limit", min=1, help="At most so many pairs.")] = None,
    engine: Annotated[
        Literal["own", "thot"], typer.Option("--aligner", help="Our own word alignment, or sil-thot (`lawsearch[mining]`).")
    ] = "own",
    index_dir: IndexOption = None,
) -> int:
    """Propose new pairs from the aligned provisions of the index, best first, as a TSV to review and `terms import`."""
    from lawsearch.terms import mining

    with session.open_searcher(index_dir) as searcher:
        proposals = mining.mined(searcher.pairs(act or ()), searcher.known_terms(), engine=engine, least=least)
        # What is new comes first; what the texts confirm of the term base follows, marked.
        shown = [p for p in sorted(proposals, key=lambda p: p.known) if not (new and p.known)][:limit]
        session.write_lines(mining.table(shown))
    fresh = sum(not p.known for p in shown)
    session.note(f"lawsearch: {len(shown)} pairs, {fresh} of them new; delete wrong lines, then: lawsearch terms import FILE")
    return session.FOUND if shown else session.NOTHING
