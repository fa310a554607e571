"""Filling an index of the cluster, and what stays beside the store: which index it is, and how many documents have each key.

Each build fills an index of its own, by an alias that only it has; the last step takes that alias away, seals the index and
points the corpus' alias to it, all at once. A build that dies leaves an index that the next one removes.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from opensearchpy import exceptions

from lawsearch.engine.base import Document
from lawsearch.engine.inverted import Inverted, Inverter
from lawsearch.engine.opensearch.cluster import Cluster
from lawsearch.engine.opensearch.encoding import NAMES, checksum, documents, index_body
from lawsearch.engine.opensearch.settings import Settings
from lawsearch.engine.posting_lists import ListsWriter, bodies, stored
from lawsearch.errors import GENERATION_PREFIX, LawsearchError

CLUSTER_FILE, KEYS_FILE = "cluster.json", "keys"
_BUILDING = ".building"
_ID_FILE = "cluster.id"
#: Documents of one batch where they come one by one.
_BATCH = 500
#: Seconds after which an unfinished index of another builder is taken for abandoned.
_ABANDONED = 24 * 3600
#: Seconds that merging a shard into one segment may take.
_MERGING = 6 * 3600


@dataclass(frozen=True, slots=True)
class ClusterShare:
    """What another process needs to write documents of a build: the same call twice changes nothing."""

    settings: Settings
    target: str

    def write(self, batch: Inverted, first: int) -> int:
        """Write the documents of a batch, numbered from ``first``; the xor of their checksums."""
        cluster = Cluster(self.settings.with_secrets())
        try:
            return _written(cluster, self.target, batch, first)
        finally:
            cluster.close()


def _written(cluster: Cluster, target: str, batch: Inverted, first: int) -> int:
    total = 0

    def numbered() -> Iterator[tuple[int, dict[str, str]]]:
        nonlocal total
        for number, texts in enumerate(documents(batch), first):
            total ^= checksum(number, texts)
            yield number, texts

    cluster.write(target, numbered())
    return total


class OpenSearchWriter:
    """Fills a new index; `commit` makes it the one that the alias means."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._settings = settings
        self._cluster = Cluster(settings)
        self._inverter = Inverter()
        self._size = 0
        self._checksum = 0
        self._frequencies: dict[str, dict[str, int]] = {name: {} for name in NAMES}
        #: By field: how many documents have it, how many positions they have in all.
        self._filled: dict[str, list[int]] = {name: [0, 0] for name in NAMES}
        self._builder = _builder(_index_folder(folder))
        if settings.alias in self._indexes(settings.alias):
            raise LawsearchError(
                f"{self._cluster.where}: has an index named {settings.alias}; choose another name with --alias"
            )
        self._sweep(keep=set())
        self._index = f"{settings.alias}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(4)}"
        self._target = self._index + _BUILDING
        body = index_body(settings.shards, settings.replicas, {"builder": self._builder, "started": int(time.time())})
        body["aliases"] = {self._target: {}}
        self._call(lambda c: c.indices.create(index=self._index, body=body, params={"request_timeout": 60}), already=True)

    def _call(self, ask: Any, *, already: bool = False) -> Any:
        try:
            return self._cluster.call(ask, index=self._index)
        except LawsearchError as error:
            # Asked again after an answer that was lost, it is there already.
            if already and "already exists" in str(error):
                return None
            raise

    # -- the seam

    def add(self, document: Document) -> None:
        self._inverter.add(document)
        if self._inverter.size >= _BATCH:
            self._end_documents()

    def add_batch(self, batch: Inverted) -> None:
        self._end_documents()
        self.account(batch, _written(self._cluster, self._target, batch, self._size))

    def share(self) -> ClusterShare:
        """What other processes need to write a part of this build. They call it with documents that `account` then hears of."""
        self._end_documents()
        return ClusterShare(self._settings.without_secrets(), self._target)

    def account(self, batch: Inverted, written: int) -> None:
        """Take note of the next batch, which a `ClusterShare` has written (and said ``written``)."""
        self._size += batch.size
        self._checksum ^= written
        for name, lists in batch.fields.items():
            known = self._frequencies[name]
            for key, count in zip(lists.keys, lists.documents_of, strict=True):
                known[key] = known.get(key, 0) + count
            _, lengths = batch.lengths[name]
            self._filled[name][0] += len(lengths)
            self._filled[name][1] += sum(lengths)

    def _end_documents(self) -> None:
        if self._inverter.size:
            batch = self._inverter.inverted()
            self._inverter = Inverter()
            self.account(batch, _written(self._cluster, self._target, batch, self._size))

    def commit(self) -> None:
        self._end_documents()
        index = self._index
        self._call(lambda c: c.indices.refresh(index=index))
        # One segment without deleted documents: statistics, and so every order, are the same in every copy of a shard.
        self._call(lambda c: c.indices.forcemerge(index=index, max_num_segments=1, params={"request_timeout": _MERGING}))
        self._call(lambda c: c.indices.refresh(index=index))
        counted = self._call(lambda c: c.count(index=index))
        if counted["_shards"]["failed"] or counted["count"] != self._size:
            raise LawsearchError(
                f"{self._cluster.where}: index {index} holds {counted['count']} of {self._size} documents; the index in use is "
                "as it was"
            )
        self._write_files()
        self._call(
            lambda c: c.indices.put_settings(index=index, body={"index.blocks.write": True, "index.refresh_interval": "1s"})
        )
        before = self._aliased()
        actions: list[dict[str, Any]] = [{"remove": {"index": index, "alias": self._target, "must_exist": False}}]
        actions += [{"remove": {"index": old, "alias": self._settings.alias, "must_exist": False}} for old in sorted(before)]
        actions.append({"add": {"index": index, "alias": self._settings.alias}})
        self._call(lambda c: c.indices.update_aliases(body={"actions": actions}))
        self._sweep(keep={index, *before, *_named_by_generations(self._folder)})
        self._cluster.close()

    def cancel(self) -> None:
        # Where this fails the next build removes it.
        with suppress(exceptions.OpenSearchException):
            self._cluster.client.indices.delete(index=self._index, params={"request_timeout": 10})
        self._cluster.close()

    # -- files

    def _write_files(self) -> None:
        about = {
            "index": self._index,
            "alias": self._settings.alias,
            "documents": self._size,
            "checksum": self._checksum,
            "fields": self._filled,
        }
        (self._folder / CLUSTER_FILE).write_text(json.dumps(about, indent=1), encoding="ascii")
        with (self._folder / KEYS_FILE).open("wb") as stream:
            writer = ListsWriter(stream)
            for name in NAMES:
                writer.start_field(name)
                if not self._frequencies[name]:
                    continue
                keys, counts = zip(*sorted((stored(key), count) for key, count in self._frequencies[name].items()), strict=True)
                one = np.ones(len(keys), dtype=np.uint32)
                for key, body in zip(keys, bodies(one, one, one - one, one, np.array(counts)), strict=True):
                    writer.add(key, body)
            writer.close(self._size, {})

    # -- older indexes

    def _aliased(self) -> set[str]:
        """The indexes that the alias means now."""
        found = self._cluster.call(lambda c: c.indices.get_alias(index=f"{self._settings.alias}-*"))
        return {name for name, its in found.items() if self._settings.alias in its["aliases"]}

    def _indexes(self, pattern: str) -> dict[str, Any]:
        found = self._cluster.call(
            lambda c: c.indices.get(index=pattern, params={"ignore_unavailable": "true", "allow_no_indices": "true"})
        )
        return dict(found)

    def _sweep(self, keep: set[str]) -> None:
        """Remove indexes of this corpus that nobody uses: those of builds that died and, where ``keep`` names what is in
        use, those before them."""
        alias = self._settings.alias
        ours = re.compile(rf"{re.escape(alias)}-\d{{8}}-\d{{6}}-[0-9a-f]{{8}}")
        for name, its in sorted(self._indexes(f"{alias}-*").items()):
            about = its.get("mappings", {}).get("_meta", {})
            if name in keep or not ours.fullmatch(name) or "builder" not in about or alias in its["aliases"]:
                continue
            unfinished = name + _BUILDING in its["aliases"]
            if about["builder"] == self._builder:
                dead = unfinished or bool(keep)
            else:
                # Another folder's: it may be at work on it, or answer from it.
                dead = unfinished and time.time() - about.get("started", 0) > _ABANDONED
            if dead:
                self._cluster.call(lambda c, name=name: c.indices.delete(index=name, params={"ignore_unavailable": "true"}))  # type: ignore[misc]


def _index_folder(folder: Path) -> Path:
    whole = folder.resolve()
    return next((p.parent for p in whole.parents if p.name.startswith(GENERATION_PREFIX)), whole)


def _builder(index: Path) -> str:
    """What tells the builds of one index folder from those of others, wherever they run."""
    file = index / _ID_FILE
    try:
        known = file.read_text("ascii").strip()
        if re.fullmatch(r"[0-9a-f]{16}", known):
            return known
    except (OSError, UnicodeDecodeError):
        pass
    made = secrets.token_hex(8)
    file.write_text(made + "\n", encoding="ascii")
    return made


def _named_by_generations(folder: Path) -> set[str]:
    """The indexes that the generations of an index folder were built with: readers may hold any of them."""
    found = set()
    for file in _index_folder(folder).glob(f"{GENERATION_PREFIX}*/*/{CLUSTER_FILE}"):
        try:
            found.add(str(json.loads(file.read_bytes())["index"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found
