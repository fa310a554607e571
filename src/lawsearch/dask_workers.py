"""Building on the workers of a Dask scheduler: batches of acts are read, analysed, linked and inverted there, in any number
at once, and for an engine that other machines can write to they are written from there too.

Every task can be run twice: a batch is the same whoever makes it, and its documents are written under their own numbers. So
Dask gives what a lost worker had to others, and nothing is lost or doubled.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import distributed
from distributed.client import Client, Future

from lawsearch import making
from lawsearch.analysis.analyzer import Analyzer
from lawsearch.corpus.files import ActFiles
from lawsearch.engine.base import Share
from lawsearch.errors import LawsearchError
from lawsearch.inversion import Batch, Inversion
from lawsearch.making import Made
from lawsearch.store import prepared

LOCAL = "local"
#: So many batches for each thread of a worker are under way at once.
_AHEAD = 3
#: Seconds that the scheduler, and its first worker, are waited for.
_PATIENCE = 30
#: Seconds after which workers are counted again: they come and go.
_COUNTED_AGAIN = 2.0


_T = TypeVar("_T")


class Workers:
    """A connection to a scheduler, for one build. Every method raises LawsearchError where the scheduler is gone."""

    def __init__(self, client: Client, vocabulary: bytes, program: str) -> None:
        self._client = client
        self._program = program
        self._threads = 1
        self._counted = float("-inf")
        self._vocabulary = _telling(lambda: client.scatter(vocabulary, broadcast=False, hash=True))

    @property
    def ahead(self) -> int:
        """How many batches to have under way."""
        if time.monotonic() > self._counted + _COUNTED_AGAIN:
            self._threads = max(1, _telling(lambda: sum(self._client.ncores().values())))
            self._counted = time.monotonic()
        return _AHEAD * self._threads

    def invert(self, acts: Sequence[ActFiles]) -> Future:
        """Have a batch made; the result is `Made`."""
        return _telling(
            lambda: self._client.submit(_inverted, list(acts), self._vocabulary, self._program, pure=False, retries=2)
        )

    def write(self, made: Future, share: Share, first: int) -> Future:
        """Have a batch written, where it was made if that worker is still there; the result is what `account` takes."""
        return _telling(lambda: self._client.submit(_written, made, share, first, pure=False, retries=2))

    @staticmethod
    def result(future: Future) -> Any:
        """The result of a task. Raises LawsearchError where there will be none."""
        return _telling(future.result)


def _telling(ask: Callable[[], _T]) -> _T:
    """What ``ask`` returns; whatever goes wrong between here, the scheduler and the workers is a LawsearchError."""
    try:
        return ask()
    except LawsearchError:
        raise
    except Exception as error:
        raise _told(error) from error


@contextmanager
def connected(address: str, jobs: int, vocabulary: bytes, program: str) -> Iterator[Workers]:
    """Workers at the scheduler's address, or ``local``: as many processes here as ``jobs``."""
    # What workers come and go is the scheduler's to log; we report what the build comes to.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    here = None
    client = None
    try:
        try:
            if address == LOCAL:
                here = distributed.LocalCluster(
                    n_workers=jobs, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=logging.CRITICAL
                )
            client = Client(here or address, timeout=_PATIENCE, set_as_default=False)
            client.wait_for_workers(1, timeout=_PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            if client is None:
                raise LawsearchError(
                    f"dask: {address}: no scheduler answers there ({' '.join(str(error).split())[:120]}); start one with: "
                    "dask scheduler"
                ) from None
            raise LawsearchError(f"dask: {address}: has no workers; start some with: dask worker {address}") from None
        yield Workers(client, vocabulary, program)
    finally:
        for each in (client, here):
            if each is not None:
                with suppress(Exception):
                    each.close(timeout=10)


def _told(error: Exception) -> LawsearchError:
    kind = type(error).__name__
    if kind == "KilledWorker":
        return LawsearchError(
            "dask: a batch was lost with every worker that tried it; do they have memory enough? The index in use is as it was"
        )
    if isinstance(error, ConnectionError) or kind in (
        "FutureCancelledError",
        "CancelledError",
        "CommClosedError",
        "TimeoutError",
    ):
        return LawsearchError("dask: the scheduler is gone; start it and its workers again, and run the same command once more")
    if isinstance(error, ModuleNotFoundError):
        return LawsearchError(f"dask: a worker lacks the module {error.name}; install lawsearch and its extras there")
    return LawsearchError(
        f"dask: a worker failed ({kind}: {' '.join(str(error).split())[:200]}); the index in use is as it was"
    )


# -- on a worker -------------------------------------------------------------------------------------------------------

_inversion: tuple[bytes, Inversion] | None = None


def _inverted(acts: list[ActFiles], vocabulary: bytes, program: str) -> Made:
    return making.made(_ready(vocabulary, program).batch(acts))


def _ready(vocabulary: bytes, program: str) -> Inversion:
    """The linkers of a vocabulary, made once in a process."""
    global _inversion
    from lawsearch.indexer import program_here

    digest = hashlib.sha256(vocabulary).digest()
    if _inversion is None or _inversion[0] != digest:
        if program_here() != program:
            raise LawsearchError("dask: a worker runs another version of lawsearch; install the same one there")
        decoded = making.decoded_vocabulary(vocabulary)
        if decoded is None:
            raise LawsearchError("dask: what a worker was sent did not arrive whole")
        _inversion = (digest, Inversion(decoded, Analyzer(making.KnownForms().look_up)))
    return _inversion[1]


def _written(made: Made, share: Share, first: int) -> int:
    return share.write(Batch.decode(prepared.decompressed(made[0])).postings, first)
