"""The options of commands that may talk to a cluster. What they leave open comes from the environment and `lawsearch.toml`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lawsearch.errors import LawsearchError

UrlOption = Annotated[
    list[str] | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="With the engine opensearch: a node's address, https://HOST:9200; may be given several times (docs/scale.md).",
    ),
]
UserOption = Annotated[
    str | None,
    typer.Option("--user", help="Who to log in as; the password comes from LAWSEARCH_OPENSEARCH_PASSWORD or a file."),
]
CertificatesOption = Annotated[
    Path | None, typer.Option("--ca-certs", metavar="FILE", help="Certificates to trust instead of the system's (PEM).")
]
AliasOption = Annotated[
    str | None,
    typer.Option("--alias", metavar="NAME", help="The cluster's name for the newest index of this corpus (else lawsearch)."),
]
ShardsOption = Annotated[
    int | None, typer.Option("--shards", min=1, help="In how many parts the cluster keeps the index (else 1).")
]
ReplicasOption = Annotated[
    int | None, typer.Option("--replicas", min=0, help="How many further copies of each part it keeps (else 1).")
]
PartialOption = Annotated[
    bool,
    typer.Option("--allow-partial", help="With the engine opensearch: answer, and say so, even where parts do not respond."),
]
DaskOption = Annotated[
    str | None,
    typer.Option(
        "--dask",
        metavar="ADDRESS",
        help="Read and analyse on the workers of a Dask scheduler, HOST:8786; `local` starts --jobs workers here.",
    ),
]


def given(
    url: list[str] | None,
    user: str | None,
    ca_certs: Path | None,
    *,
    alias: str | None = None,
    shards: int | None = None,
    replicas: int | None = None,
    allow_partial: bool = False,
) -> dict[str, object]:
    """What the command line sets."""
    found = {
        "url": url or None,
        "user": user,
        "ca_certs": None if ca_certs is None else str(ca_certs),
        "alias": alias,
        "shards": shards,
        "replicas": replicas,
        "allow_partial": allow_partial or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def refuse(settings: dict[str, object], engine: str) -> None:
    """Raise LawsearchError where there are settings for a cluster but the engine has none."""
    if settings and engine != "opensearch":
        option = f"--{next(iter(settings)).replace('_', '-')}"
        raise LawsearchError(f"{option}: the engine {engine} has no cluster; add --engine opensearch, or leave {option} out")
