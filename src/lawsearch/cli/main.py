"""The commands. Each parses its options, calls one function below, and returns an exit code."""

from __future__ import annotations

import copy
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from lawsearch import __version__
from lawsearch.cli import cluster, completion, session, terms
from lawsearch.errors import LawsearchError

app = typer.Typer(
    name="lawsearch",
    add_completion=True,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Search the law of Kazakhstan in Kazakh and in Russian: any word form, either language, exact to the sub-point.",
)

app.add_typer(terms.app, name="terms")

IndexOption = Annotated[
    Path | None,
    typer.Option("--index", metavar="DIR", help="The index folder (else LAWSEARCH_INDEX, else the default one)."),
]
ColorOption = Annotated[
    Literal["auto", "always", "never"], typer.Option("--color", help="Colours: only on a terminal, always, never.")
]
ShowOption = Annotated[
    Literal["kk", "ru", "both"] | None,
    typer.Option("--show", help="The language of the text shown (else the query's)."),
]
GuardOption = Annotated[
    bool,
    typer.Option(
        "--csv-guard/--no-csv-guard",
        help="With --format csv: put an apostrophe before what a spreadsheet would run as a formula.",
    ),
]
PagerOption = Annotated[
    bool | None,
    typer.Option(
        "--pager/--no-pager",
        help="Show text in $LAWSEARCH_PAGER or $PAGER, or never (else where it is longer than the screen).",
    ),
]
LawOption = Annotated[
    list[str] | None,
    typer.Option("--law", metavar="ID", help="Only this act; may be given several times.", autocompletion=completion.laws),
]
LiteralOption = Annotated[
    bool, typer.Option("--literal", help="Take the query as plain words: no operators, fields or patterns.")
]


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"lawsearch {__version__}\n")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    pass


@app.command()
def index(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH...]", help="Folders of acts, or single files (else the shipped corpus)."),
    ] = None,
    index_dir: IndexOption = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes to use; the index is the same whatever it is.")] = 1,
    learn: Annotated[
        bool, typer.Option("--learn", help="Also use pairs of terms learnt from acts in two languages, at lower weight.")
    ] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build anew even where nothing has changed.")] = False,
    engine: Annotated[
        Literal["whoosh", "tantivy", "opensearch"] | None,
        typer.Option("--engine", help="What keeps the postings (else that of the index, else whoosh)."),
    ] = None,
    url: cluster.UrlOption = None,
    alias: cluster.AliasOption = None,
    shards: cluster.ShardsOption = None,
    replicas: cluster.ReplicasOption = None,
    user: cluster.UserOption = None,
    ca_certs: cluster.CertificatesOption = None,
    dask: cluster.DaskOption = None,
) -> int:
    """Build the index from a corpus, or bring it up to date."""
    from lawsearch import places
    from lawsearch.cli.progress import watching
    from lawsearch.engine import choice
    from lawsearch.indexer import build, engine_of

    folder = session.index_path(index_dir)
    settings = cluster.given(url, user, ca_certs, alias=alias, shards=shards, replicas=replicas)
    name = engine or engine_of(folder)
    cluster.refuse(settings, name)
    chosen = choice.engine(name, settings)
    with watching() as on_progress:
        report = build(
            paths or [places.default_corpus()],
            folder,
            rebuild=rebuild,
            learn=learn,
            jobs=jobs,
            engine=chosen,
            dask=dask,
            on_progress=on_progress,
        )
    for line in report.failed:
        session.note(f"lawsearch: left out: {line}")
    for line in report.problems[:20]:
        session.note(f"lawsearch: note: {line}")
    if len(report.problems) > 20:
        session.note(f"lawsearch: note: {len(report.problems) - 20} more; `lawsearch info` lists them all")
    if report.fresh:
        learnt = f", {report.learnt} pairs of terms learnt" if learn else ""
        session.note(f"lawsearch: {report.acts} acts, {report.provisions} provisions indexed in {folder}{learnt}")
    else:
        session.note(f"lawsearch: nothing has changed; the index in {folder} is up to date")
    return session.ERROR if report.failed else session.FOUND


@app.command()
def search(
    query: Annotated[
        list[str],
        typer.Argument(
            metavar="QUERY...",
            help='Words, "phrases", AND OR NOT, fields (lawsearch help syntax), or a citation such as ст. 9-1.',
        ),
    ],
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many hits to show.")] = 10,
    lang: Annotated[Literal["auto", "kk", "ru"], typer.Option("--lang", help="The language of the query.")] = "auto",
    show_langs: ShowOption = None,
    law: LawOption = None,
    status: Annotated[
        Literal["in-force", "repealed", "any"], typer.Option("--status", help="Only provisions of this status.")
    ] = "any",
    exact: Annotated[bool, typer.Option("--exact", help="The forms as typed: no stemming, no terms.")] = False,
    literal: LiteralOption = False,
    context: Annotated[
        int, typer.Option("-C", "--context", min=0, help="Show so many neighbouring provisions before and behind.")
    ] = 0,
    kwic: Annotated[
        bool, typer.Option("-o", "--kwic", help="One line a match in its context, the matches below one another.")
    ] = False,
    stats: Annotated[bool, typer.Option("--stats", help="Show where all hits lie: a bar for each chapter.")] = False,
    list_only: Annotated[bool, typer.Option("-l", "--list", help="Print the addresses only.")] = False,
    count: Annotated[bool, typer.Option("-c", "--count", help="Print the number of hits only.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print nothing; the exit code tells.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say what each word was looked for as.")] = False,
    output: Annotated[
        Literal["text", "json", "jsonl", "csv", "tsv"], typer.Option("--format", help="Text for people, or records.")
    ] = "text",
    csv_guard: GuardOption = True,
    color: ColorOption = "auto",
    pager: PagerOption = None,
    links: Annotated[
        bool,
        typer.Option("--links", help="Make citations links to the act on the net, for terminals that follow them (OSC 8)."),
    ] = False,
    index_dir: IndexOption = None,
    url: cluster.UrlOption = None,
    user: cluster.UserOption = None,
    ca_certs: cluster.CertificatesOption = None,
    allow_partial: cluster.PartialOption = False,
) -> int:
    """Find provisions by words, phrases or citations, in either language."""
    from lawsearch.cli import printing

    asked: dict[str, Any] = {
        "lang": None if lang == "auto" else lang,
        "laws": law or (),
        "status": {"in-force": "in_force", "repealed": "repealed"}.get(status),
        "exact": exact,
        "literal": literal,
    }
    settings = cluster.given(url, user, ca_certs, allow_partial=allow_partial)
    with session.open_searcher(index_dir, settings=settings) as searcher:
        limited = 1 if count or quiet or stats else limit
        # Addresses and numbers tell nothing of what in a hit answers.
        marked = explain or not (list_only or count or quiet or stats)
        found = searcher.search(" ".join(query), limit=limited, marked=marked, **asked)
        if found.partial:
            # Said whatever else is kept quiet: a part must not pass for the whole.
            session.note(f"lawsearch: partial answer: {found.partial}")
        if not quiet:
            printing.mended(found)
            if explain:
                from lawsearch.output.explain import explained

                told = explained(found, searcher.terms_of(found.concepts))
                if output == "text":
                    session.write_lines([*told, ""])
                else:
                    for line in told:
                        session.note(line)
            if count:
                session.write_lines([str(found.total)])
            elif list_only:
                session.write_lines(str(h.provision.address) for h in found.hits)
            elif stats:
                documents = searcher.documents(" ".join(query), **asked)
                printing.chapters(documents, searcher.store, found.lang, printing.cells(output, csv_guard), color, pager)
            elif output == "text":
                printing.results(searcher, found, kwic, show_langs, context, color, pager, links)
            else:
                session.write_lines(printing.records_of(found, printing.cells(output, csv_guard)))
    return session.FOUND if found.total else session.NOTHING


@app.command()
def ui(
    query: Annotated[list[str] | None, typer.Argument(metavar="[QUERY...]", help="A query to start with.")] = None,
    ui_lang: Annotated[
        Literal["kk", "ru", "en"] | None, typer.Option("--ui-lang", help="The language of the screen (else the locale's).")
    ] = None,
    show_langs: ShowOption = None,
    theme: Annotated[
        Literal["auto", "dark", "light", "ansi"],
        typer.Option("--theme", help="Colours: as the terminal calls for, dark, light, its own sixteen (NO_COLOR: none)."),
    ] = "auto",
    output: Annotated[
        Literal["list", "jsonl", "csv", "tsv"],
        typer.Option("--format", help="How the marked hits are printed on leaving: addresses, or records."),
    ] = "list",
    csv_guard: GuardOption = True,
    index_dir: IndexOption = None,
) -> int:
    """Search and read on the full screen; on leaving, the marked hits are printed."""
    from lawsearch import places
    from lawsearch.tui import start

    default = session.is_default(index_dir)
    code, marked, fault = start.run(
        session.index_path(index_dir),
        " ".join(query or ()),
        corpus=places.default_corpus() if default else None,
        build_missing=default,
        ui_lang=ui_lang,
        show=show_langs,
        theme=theme,
    )
    if fault:
        session.note(f"lawsearch: {' '.join(fault.split())}")
    if code != session.INTERRUPTED:
        from lawsearch.cli import printing

        session.write_lines(printing.marked(marked, printing.cells(output, csv_guard)))
    return code


@app.command()
def batch(
    source: Annotated[str, typer.Argument(metavar="[FILE]", help="A file of queries, or - for stdin.")] = "-",
    kind: Annotated[
        Literal["lines", "jsonl", "csv"], typer.Option("--input", help="One query a line, or records with a `query`.")
    ] = "lines",
    output: Annotated[Literal["jsonl", "csv", "tsv"], typer.Option("--format", help="What the records look like.")] = "jsonl",
    csv_guard: GuardOption = True,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many hits for each query.")] = 10,
    literal: LiteralOption = False,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes to use; the output is the same whatever it is.")] = 1,
    index_dir: IndexOption = None,
    url: cluster.UrlOption = None,
    user: cluster.UserOption = None,
    ca_certs: cluster.CertificatesOption = None,
    allow_partial: cluster.PartialOption = False,
) -> int:
    """Answer many queries: records out, in input order."""
    from lawsearch.cli import batch as batch_run
    from lawsearch.cli import printing

    settings = cluster.given(url, user, ca_certs, allow_partial=allow_partial)
    with session.open_searcher(index_dir, settings=settings) as searcher:
        cells = printing.cells(output, csv_guard)
        folder = session.index_path(index_dir)
        return batch_run.run(folder, source, kind, cells, limit, jobs, searcher, literal=literal, settings=settings)


@app.command()
def show(
    ref: Annotated[
        list[str],
        typer.Argument(
            metavar="REF",
            help="An act, an address (LAW/6/1/25), or a citation (ст. 6 п. 1).",
            autocompletion=completion.places,
        ),
    ],
    refs: Annotated[bool, typer.Option("--refs", help="List what it cites and what cites it instead of its text.")] = False,
    show_langs: ShowOption = None,
    output: Annotated[Literal["text", "json", "jsonl"], typer.Option("--format", help="Text for people, or records.")] = "text",
    color: ColorOption = "auto",
    pager: PagerOption = None,
    index_dir: IndexOption = None,
) -> int:
    """Show an act's contents, an article, or a provision."""
    from lawsearch.cli import showing

    with session.open_searcher(index_dir) as searcher:
        return showing.run(searcher, " ".join(ref), show_langs, output, color, pager, refs=refs)


@app.command()
def stem(
    source: Annotated[str, typer.Argument(metavar="[FILE]", help="A file of words, one a line, or - for stdin.")] = "-",
    lang: Annotated[Literal["auto", "kk", "ru"], typer.Option("--lang", help="The language of the words.")] = "auto",
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="WORD", help="Print how a Kazakh word is taken apart, and why."),
    ] = None,
) -> int:
    """Print each word with the key that the index files it under."""
    from lawsearch.cli.stemming import explained, keyed

    if explain is not None:
        session.write_lines(explained(explain))
        return session.FOUND

    if source == "-":
        keyed(sys.stdin.buffer, lang)
        return session.FOUND
    try:
        with Path(source).open("rb") as stream:
            keyed(stream, lang)
    except OSError as error:
        raise LawsearchError(f"{source}: cannot be read ({error.strerror}); name a file of words, or - for stdin") from None
    return session.FOUND


@app.command()
def export(
    output: Annotated[
        Literal["jsonl", "tmx", "tbx"],
        typer.Option("--format", help="jsonl: every provision; tmx: the aligned ones (TMX 1.4b); tbx: every term (TBX-Basic)."),
    ] = "jsonl",
    law: LawOption = None,
    paragraphs: Annotated[
        bool, typer.Option("--paragraphs", help="With tmx: one unit for each pair of paragraphs, not of provisions.")
    ] = False,
    index_dir: IndexOption = None,
) -> int:
    """Write out everything the index holds."""
    from lawsearch.output import records

    with session.open_searcher(index_dir) as searcher:
        provisions = searcher.provisions(law or ())
        if output == "tmx":
            from lawsearch.output import exchange
            from lawsearch.store.pairs import units

            exchange.write_tmx(units(provisions, searcher.store, paragraphs=paragraphs), sys.stdout.buffer)
        elif output == "tbx":
            from lawsearch.terms import tbx

            tbx.write(searcher.terms(), sys.stdout.buffer)
        else:
            counterpart = searcher.store.counterpart
            session.write_lines(records.dump(records.exported(*item, counterpart(item[0]))) for item in provisions)
    return session.FOUND


@app.command()
def info(
    verify: Annotated[bool, typer.Option("--verify", help="Check every byte of the index.")] = False,
    output: Annotated[Literal["text", "json"], typer.Option("--format", help="Text for people, or a record.")] = "text",
    index_dir: IndexOption = None,
) -> int:
    """Say what the index holds and whether it is whole."""
    from lawsearch.output import records

    with session.open_searcher(index_dir, verify=verify) as searcher:
        facts = searcher.info(verify=verify)
    if output == "json":
        session.write_lines([records.dump(facts)])
    else:
        session.write_lines(records.told(facts))
    return session.FOUND


@app.command("help")
def help_(
    name: Annotated[str | None, typer.Argument(metavar="[TOPIC]", help="`syntax` (the query language), or a command.")] = None,
) -> int:
    """Show the help of a command, or describe the query language (help syntax)."""
    from lawsearch.cli import manual

    if name is None:
        session.write_lines([f"{c.name:8} {c.does}" for c in manual.commands()])
        session.write_lines(["", "lawsearch help COMMAND tells of one; lawsearch help syntax describes the query language."])
        return session.FOUND
    told = manual.topic(name)
    if told is None:
        known = ", ".join(("syntax", *(c.name for c in manual.commands())))
        raise LawsearchError(f"help: no topic {name}; topics are {known}")
    sys.stdout.write(told)
    return session.FOUND


def run() -> None:
    """The console script."""
    session.prepare_streams()
    session.use_utf8()
    session.hear_interrupts()
    session.leave(session.guarded(_command_line))


def _only(name: str) -> typer.Typer:
    """The commands with only the one of that name, where there is one: reading the options of all the others takes typer a
    tenth of a search's time, and nothing asks for them.
    """
    asked = [c for c in app.registered_commands if c.name == name or (c.callback is not None and c.callback.__name__ == name)]
    if len(asked) != 1:
        return app
    one = copy.copy(app)
    one.registered_commands, one.registered_groups = asked, []
    return one


def _command_line() -> int:
    """Parse and run, outside typer's own error handling: it would turn a closed pipe into exit code 1."""
    if "_LAWSEARCH_COMPLETE" in os.environ:
        # A shell asks what to offer: typer answers, and leaves.
        app(prog_name="lawsearch")
    command = typer.main.get_command(_only(sys.argv[1] if len(sys.argv) > 1 else ""))
    with command.make_context("lawsearch", sys.argv[1:]) as context:
        code = command.invoke(context)
    return code if isinstance(code, int) else session.FOUND
