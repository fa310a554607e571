"""Talking to the cluster: requests that outlive the loss of a node, bulk writes that can be repeated, errors in one line.

Every request here may be sent twice: documents are written under ids of their own, the rest only reads or sets a state.
"""

from __future__ import annotations

import base64
import logging
import random
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import opensearchpy
from opensearchpy import exceptions

from lawsearch.engine.opensearch.settings import Settings
from lawsearch.errors import IndexUnusableError, LawsearchError

#: One bulk request holds so many documents at the most, of so many bytes together.
_BULK_DOCUMENTS = 500
_BULK_BYTES = 4_000_000
#: Statuses that pass: too busy, or without a node for a moment.
_PASSING = (429, 502, 503, 504)
#: Seconds before the first repetition; each pause is twice as long as the one before it, up to the longest.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
#: Seconds for which a cluster that has never answered is waited for.
_FIRST_PATIENCE = 3.0
#: Seconds that an answer may take to arrive beyond the time that it took the cluster.
_GRACE = 2.0

#: What is told of why a connection failed.
_MARKS = (
    "certificate verify failed", "Hostname mismatch", "doesn't match", "Connection refused", "timed out", "WRONG_VERSION",
    "Name or service not known", "Temporary failure in name resolution", "No route to host", "Connection reset",
    "Remote end closed connection",
)  # fmt: skip

_T = TypeVar("_T")


class Cluster:
    """A connection to a cluster. Nothing is sent before the first request."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._answered = False
        # What it has to say reaches the user as one line of ours.
        warnings.simplefilter("ignore", exceptions.OpenSearchWarning)
        for name in ("opensearch", "urllib3"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        options: dict[str, Any] = {}
        if settings.api_key is not None:
            options["headers"] = {"Authorization": f"ApiKey {settings.api_key}"}
        elif settings.password is not None:
            # UTF-8, as the server reads it; the client's own way stops at Latin letters.
            basic = base64.b64encode(f"{settings.user}:{settings.password}".encode()).decode("ascii")
            options["headers"] = {"Authorization": f"Basic {basic}"}
        if any(url.startswith("https://") for url in settings.urls):
            options |= {"verify_certs": settings.verify_certs, "ssl_show_warn": False}
            if not settings.verify_certs:
                options["ssl_assert_hostname"] = False
            if settings.ca_certs is not None:
                if not Path(settings.ca_certs).is_file():
                    raise LawsearchError(f"{settings.ca_certs}: no such file; --ca-certs names one of certificates (PEM)")
                options["ca_certs"] = settings.ca_certs
        local = all(urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1") for url in settings.urls)
        try:
            self.client = opensearchpy.OpenSearch(
                list(settings.urls),
                # The cluster minds the time of a search itself, and then says what it has found so far.
                timeout=settings.timeout + _GRACE,
                max_retries=max(3, len(settings.urls)),
                # A node that hangs is not the only one, where several are named.
                retry_on_timeout=len(settings.urls) > 1,
                http_compress=not local,
                **options,
            )
        except (OSError, exceptions.ImproperlyConfigured) as error:
            raise LawsearchError(
                f"opensearch: {settings.ca_certs or self.where}: cannot be used ({getattr(error, 'strerror', None) or error}); "
                "--ca-certs names a file of certificates (PEM)"
            ) from None

    @property
    def where(self) -> str:
        """The cluster as users call it."""
        return self.settings.urls[0]

    def close(self) -> None:
        self.client.close()

    def call(self, ask: Callable[[opensearchpy.OpenSearch], _T], *, index: str | None = None) -> _T:
        """What ``ask`` returns, asked again while the cluster is busy or loses a node.

        Raises IndexUnusableError where it does not recover within the settings' patience, refuses us or the request, or has
        no ``index``.
        """
        pauses = self.pauses()
        while True:
            try:
                found = ask(self.client)
            except exceptions.OpenSearchException as error:
                if not _passes(error) or not next(pauses):
                    raise self.told(error, index) from None
            else:
                self._answered = True
                return found

    def pauses(self) -> Iterator[bool]:
        """Each time it is asked: True after a pause, or False where patience has run out."""
        started = time.monotonic()
        pause = _FIRST_PAUSE
        while True:
            patience = self.settings.patience if self._answered else min(_FIRST_PATIENCE, self.settings.patience)
            if time.monotonic() + pause - started > patience:
                yield False
            # Of a random length, so that many who wait do not all come back together.
            time.sleep(pause * (0.5 + random.random() / 2))
            pause = min(2 * pause, _LONGEST_PAUSE)
            yield True

    def told(self, error: Exception, index: str | None = None) -> LawsearchError:
        """An error of the client as one line that holds no secret."""
        status = getattr(error, "status_code", None)
        if isinstance(error, exceptions.SSLError):
            return IndexUnusableError(
                f"{self.where}: its certificate is not trusted ({_reason(error)}); name the authority that signed it with "
                "--ca-certs FILE"
            )
        if isinstance(error, exceptions.ConnectionTimeout):
            return IndexUnusableError(
                f"{self.where}: no answer within {self.settings.timeout:g} s; see to the cluster, or wait longer with --timeout"
            )
        if isinstance(error, exceptions.ConnectionError):
            return IndexUnusableError(f"{self.where}: cannot be reached ({_reason(error)}); is the cluster running there?")
        if status in (401, 403):
            what = "does not let us in" if status == 401 else "does not allow this"
            return IndexUnusableError(
                f"{self.where}: {what} ({status}); set LAWSEARCH_OPENSEARCH_USER and LAWSEARCH_OPENSEARCH_PASSWORD, or "
                "LAWSEARCH_OPENSEARCH_API_KEY, to those of a user who may"
            )
        if status == 404 and index is not None:
            return IndexUnusableError(
                f"{self.where}: has no index {index}; a later build may have replaced it: use that build's index folder, or "
                "build anew with: lawsearch index --engine opensearch --rebuild"
            )
        if status in _PASSING:
            return IndexUnusableError(
                f"{self.where}: cannot answer now ({_said(error)}), after {self.settings.patience:g} s of trying; "
                f"{self.see_or_take}"
            )
        if _out_of_time(error):
            return IndexUnusableError(f"{self.where}: {self.unfinished}; {self.see_or_take}")
        return IndexUnusableError(f"{self.where}: refuses the request ({_said(error)})")

    @property
    def unfinished(self) -> str:
        """What is told of a search that the cluster broke off."""
        return f"not all was looked through within {self.settings.timeout:g} s"

    @property
    def see_or_take(self) -> str:
        """What can be done about an answer that is not whole."""
        return f"see {self.where}/_cluster/health, or take what can be had with --allow-partial"

    # -- writing

    def write(self, index: str, documents: Iterable[tuple[int, Mapping[str, Any]]]) -> int:
        """Write documents under their numbers, each acknowledged by every copy in use; how many. Twice is as once."""
        count = 0
        for some in _chunks(documents):
            self._write(index, some)
            count += len(some)
        return count

    def _write(self, index: str, some: Sequence[tuple[str, bytes, bytes]]) -> None:
        pauses = self.pauses()
        left = some
        while left:
            body = b"".join(head + source for _, head, source in left)
            try:
                # Only ever into the index that this build has made: a name that is gone must not come back as another one.
                answer = self.client.bulk(
                    body=body, index=index, require_alias=True, filter_path="errors,items.*.status,items.*.error"
                )
            except exceptions.OpenSearchException as error:
                if not _passes(error) or not next(pauses):
                    raise self.told(error, index) from None
                continue
            self._answered = True
            items = [item["index"] for item in answer["items"]]
            again = []
            for one, item in zip(left, items, strict=True):
                if item["status"] in _PASSING:
                    again.append(one)
                elif item["status"] >= 300:
                    reason = item.get("error", {}).get("reason", item["status"])
                    raise IndexUnusableError(
                        f"{self.where}: did not take document {one[0]} ({' '.join(str(reason).split())[:200]})"
                    )
            if again and not next(pauses):
                raise IndexUnusableError(
                    f"{self.where}: too busy to take documents, after {self.settings.patience:g} s of trying"
                )
            left = again


def _chunks(documents: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[list[tuple[str, bytes, bytes]]]:
    from lawsearch.engine.opensearch.encoding import NUMBER, dumped

    some: list[tuple[str, bytes, bytes]] = []
    size = 0
    for number, texts in documents:
        source = dumped({NUMBER: number, **texts})
        some.append((str(number), dumped({"index": {"_id": str(number)}}), source))
        size += len(source)
        if len(some) >= _BULK_DOCUMENTS or size >= _BULK_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


def _passes(error: Exception) -> bool:
    """True for what may be over in a moment."""
    if isinstance(error, exceptions.SSLError):
        return False
    if isinstance(error, exceptions.ConnectionTimeout):
        return False
    return isinstance(error, exceptions.ConnectionError) or getattr(error, "status_code", None) in _PASSING


def _out_of_time(error: Exception) -> bool:
    """True for a search that the cluster broke off: where no partial answer is wanted it gives none, but this error."""
    info = getattr(error, "info", None)
    return isinstance(info, dict) and "Time exceeded" in str(info.get("error"))


def _reason(error: Exception) -> str:
    """Why a connection failed, without the address and whatever else a library quotes."""
    said = str(getattr(error, "error", error))
    for mark in _MARKS:
        if mark in said:
            return mark
    return type(error).__name__


def _said(error: Exception) -> str:
    """What the cluster said is wrong, in a few words."""
    info = getattr(error, "info", None)
    reason: object = getattr(error, "error", error)
    if isinstance(info, dict) and isinstance(info.get("error"), dict):
        causes = info["error"].get("root_cause") or [info["error"]]
        reason = causes[0].get("reason") or info["error"].get("reason") or reason
    return " ".join(f"{getattr(error, 'status_code', '')} {reason}".split())[:200]
