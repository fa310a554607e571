"""Where the cluster is and how to log in there: from options, else the environment, else `lawsearch.toml`.

Secrets come from the environment or from files, never from a command line, and are never shown. An index folder does not say
where to connect: one that someone else made could name any machine, and would be sent the password.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lawsearch.errors import LawsearchError
from lawsearch.places import settings_file

#: Every setting by name; in the environment it is LAWSEARCH_OPENSEARCH_ and the name in capitals.
_PREFIX = "LAWSEARCH_OPENSEARCH_"
_TABLE = "opensearch"
_ALIAS = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}\Z")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach a cluster and how an index is laid out there."""

    urls: tuple[str, ...] = ()
    #: The name that always means the newest index of the corpus.
    alias: str = "lawsearch"
    shards: int = 1
    replicas: int = 1
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    #: A file of certificates to trust instead of the system's.
    ca_certs: str | None = None
    verify_certs: bool = True
    #: Seconds that one request may take.
    timeout: float = 30.0
    #: Seconds for which a request is tried again while the cluster loses a node or is too busy.
    patience: float = 60.0
    #: Answers from the parts of an index that could be reached, marked as such, instead of an error.
    allow_partial: bool = False

    def without_secrets(self) -> Settings:
        """What may be sent to other machines. They log in with secrets of their own."""
        return replace(self, password=None, api_key=None)

    def with_secrets(self) -> Settings:
        """With the secrets that this process' own environment and files hold."""
        return replace(self, **_secrets(*_sources()))


#: What an option, a variable or a line of the file may set, with its type.
_KINDS: dict[str, type] = {
    "url": str, "alias": str, "shards": int, "replicas": int, "user": str, "ca_certs": str, "verify_certs": bool,
    "timeout": float, "patience": float, "allow_partial": bool,
}  # fmt: skip
_SECRETS = ("password", "api_key")


def settings(given: Mapping[str, object] | None = None) -> Settings:
    """The settings in force; ``given`` are those of the command line (None where an option was not used).

    Raises LawsearchError for a setting that makes no sense, or where no URL is set.
    """
    table, environment = _sources()
    found: dict[str, Any] = {}
    for name, kind in _KINDS.items():
        for where, value in (
            (f"--{name.replace('_', '-')}", (given or {}).get(name)),
            (f"{_PREFIX}{name.upper()}", environment.get(f"{_PREFIX}{name.upper()}") or None),
            (f"{settings_file()}: {name}", table.get(name)),
        ):
            if value is not None and value != [] and value != ():
                found[name] = _urls(value, where) if name == "url" else _value(value, kind, where)
                break
    urls = found.pop("url", ())
    if not urls:
        raise LawsearchError(
            "opensearch: no address of a cluster; give --url https://HOST:9200, or set LAWSEARCH_OPENSEARCH_URL, or write "
            f'url = "https://HOST:9200" under [opensearch] in {settings_file()}'
        )
    chosen = Settings(urls=urls, **found, **_secrets(table, environment))
    if not _ALIAS.match(chosen.alias):
        raise LawsearchError(
            f"opensearch: alias {chosen.alias[:40]!r}: must be lower-case letters, digits, - and _, beginning with one of the "
            "first two"
        )
    for name, least in (("shards", 1), ("replicas", 0), ("timeout", 0.001), ("patience", 0)):
        if getattr(chosen, name) < least:
            raise LawsearchError(f"opensearch: {name} must be at least {least}")
    if chosen.password is not None and chosen.user is None:
        raise LawsearchError(f"opensearch: a password but no user; set {_PREFIX}USER")
    _refuse_plain_secrets(chosen)
    return chosen


def _sources() -> tuple[Mapping[str, Any], Mapping[str, str]]:
    return _table(settings_file()), os.environ


def _table(file: Path) -> Mapping[str, Any]:
    try:
        with file.open("rb") as stream:
            table = tomllib.load(stream).get(_TABLE, {})
    except FileNotFoundError:
        if os.environ.get("LAWSEARCH_CONFIG"):
            raise LawsearchError(f"{file}: no such file; LAWSEARCH_CONFIG names it") from None
        return {}
    except OSError as error:
        raise LawsearchError(f"{file}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # The message may not quote the file: a password may stand in it.
        line = re.search(r"line \d+", str(error))
        raise LawsearchError(f"{file}: not TOML{f' ({line[0]})' if line else ''}") from None
    if not isinstance(table, dict):
        raise LawsearchError(f"{file}: [{_TABLE}] must be a table")
    known = {*_KINDS, *_SECRETS, *(f"{name}_file" for name in _SECRETS)}
    unknown = sorted(table.keys() - known)
    if unknown:
        raise LawsearchError(f"{file}: [{_TABLE}] has no setting {unknown[0][:40]!r}; there are: {', '.join(sorted(known))}")
    return table


def _secrets(table: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """The password and the key, each None where none is set."""
    found: dict[str, Any] = {}
    for name in _SECRETS:
        variable = f"{_PREFIX}{name.upper()}"
        file = environment.get(f"{variable}_FILE")
        if environment.get(variable):
            found[name] = environment[variable]
        elif file:
            found[name] = _read_secret(file, f"{variable}_FILE")
        elif table.get(name):
            found[name] = str(table[name])
        elif table.get(f"{name}_file"):
            found[name] = _read_secret(str(table[f"{name}_file"]), f"{settings_file()}: {name}_file")
        else:
            found[name] = None
    return found


def _read_secret(file: str, where: str) -> str:
    try:
        secret = Path(file).read_text("utf-8").strip()
    except OSError as error:
        raise LawsearchError(f"{file}: cannot be read ({error.strerror}); {where} names it") from None
    except UnicodeDecodeError:
        raise LawsearchError(f"{file}: not UTF-8; {where} names it") from None
    if not secret:
        raise LawsearchError(f"{file}: empty; {where} names it")
    return secret


def _urls(value: object, where: str) -> tuple[str, ...]:
    listed: Sequence[object] = value.split(",") if isinstance(value, str) else value if isinstance(value, (list, tuple)) else ()
    found = []
    for one in listed:
        url = str(one).strip().rstrip("/")
        try:
            parts = urlsplit(url)
            named = parts.hostname and (parts.port or True)
        except ValueError:
            parts, named = None, None
        if parts is not None and "@" in parts.netloc:
            # Not echoed: others can read what is on a screen or in a log.
            raise LawsearchError(
                f"{where}: no user or password in an address; set {_PREFIX}USER and {_PREFIX}PASSWORD "
                f"(or {_PREFIX}PASSWORD_FILE)"
            )
        if parts is None or parts.scheme not in ("http", "https") or not named or parts.query or parts.fragment:
            raise LawsearchError(f"{where}: {url[:60]!r} is no address; write it as https://HOST:9200")
        found.append(url)
    if not found:
        raise LawsearchError(f"{where}: no address in it; write it as https://HOST:9200")
    return tuple(found)


def _value(value: object, kind: type, where: str) -> object:
    try:
        if kind is bool:
            if isinstance(value, bool):
                return value
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[str(value).strip().lower()]
        if isinstance(value, bool):
            raise ValueError
        return kind(value)
    except (ValueError, KeyError, TypeError):
        named = {bool: "true or false", int: "a whole number", float: "a number"}.get(kind, "a text")
        raise LawsearchError(f"{where}: must be {named}") from None


def _refuse_plain_secrets(chosen: Settings) -> None:
    if chosen.password is None and chosen.api_key is None:
        return
    for url in chosen.urls:
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise LawsearchError(f"opensearch: {url}: a password or key would cross the network unencrypted; use https://")
