"""Answering from an index of the cluster: it finds documents and says which are likely to be the best, `evaluate` scores them.

The texts of those documents come along, and `evaluate` gives them the very scores that the default engine does; so the best
hits are exact where a tree has no more than `CANDIDATES` matches, and else the best among that many. Nothing depends on which
copy of a shard was asked. A part that does not answer is an error, or with `allow_partial` is told by `missing`.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lawsearch.engine.base import FIELDS, AllOf, AnyOf, Best, Found, Key, Near, Node, Numbered, Phrase, Without
from lawsearch.engine.chosen import ChoosingReader, ChosenEvaluator, Numbers, best_first, candidates
from lawsearch.engine.evaluate import Evaluator, norm
from lawsearch.engine.opensearch import encoding
from lawsearch.engine.opensearch.cluster import Cluster
from lawsearch.engine.opensearch.encoding import NAMES, NUMBER, Texts, filed
from lawsearch.engine.opensearch.queries import MANY_LEAVES, Queries, Query, leaves, numbered
from lawsearch.engine.opensearch.settings import Settings
from lawsearch.engine.opensearch.writing import CLUSTER_FILE, KEYS_FILE
from lawsearch.engine.posting_lists import ListsReader
from lawsearch.errors import IndexUnusableError, damaged

#: With more than this, all matches are scored.
_MOST_CANDIDATES = 5_000
#: One answer holds so many numbers, or so many documents' texts, at the most; longer lists come in several.
_PAGE = 10_000
_PAGE_OF_TEXTS = 1_000
#: The cache of texts holds so many letters.
_CACHED_LETTERS = 40_000_000
_CACHED_COUNTS = 50_000
_INDEX_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}\Z")


class OpenSearchReader(ChoosingReader):
    """Reads one index. Files beside the store say which; the cluster is asked when the first query needs it.

    Raises IndexUnusableError where the files are damaged, the cluster cannot be reached, or parts of the index do not answer.
    """

    def __init__(self, folder: Path, settings: Callable[[], Settings]) -> None:
        self._folder = folder
        self._settings = settings
        self._connected: Cluster | None = None
        self._keys = ListsReader(folder / KEYS_FILE)
        try:
            self._about = _about(folder / CLUSTER_FILE)
            if self._about["documents"] != self._keys.documents:
                raise damaged(folder / CLUSTER_FILE, "its parts do not belong together")
        except BaseException:
            self._keys.close()
            raise
        self._index: str = self._about["index"]
        self._queries = Queries(self._frequency, lambda field: self._about["fields"].get(field, (0, 0))[0])
        self._known_frequencies: dict[tuple[str, str], int] = {}
        self._counts: dict[tuple[str, tuple[str, ...]], int] = {}
        self._texts: OrderedDict[int, Texts] = OrderedDict()
        self._letters = 0
        self._missing: list[str] = []
        # The same copies answer one reader as long as they can: what they have cached serves again.
        self._session = secrets.token_hex(8)
        self._norms = {}
        for field in FIELDS:
            filled, positions = self._about["fields"].get(field, (0, 0))
            self._norms[field] = norm(field, positions / filled if filled else 1.0)

    @property
    def _cluster(self) -> Cluster:
        if self._connected is None:
            self._connected = Cluster(self._settings())
        return self._connected

    # -- the seam

    def search(self, tree: Node, limit: int | None, within: Collection[int] | None = None) -> Found:
        """The best ``limit`` matches among ``within``, ties by document number, and how many there are in all."""
        wanted = _MOST_CANDIDATES + 1 if limit is None else candidates(limit)
        if wanted > _MOST_CANDIDATES or not self.is_exact(tree) or leaves(tree) > MANY_LEAVES:
            scores = self._looked_through(tree, self._queries.among(tree, within))
            return Found(best_first(scores, limit), len(scores))
        answer = self._ask(self._queries.among(tree, within), wanted, texts=True, best=True)
        numbers = self._kept(answer)
        return Found(best_first(self.scored(tree, numbers), limit), int(answer["hits"]["total"]["value"]))

    def document_frequency(self, field: str, keys: Sequence[str]) -> int:
        known = [key for key in dict.fromkeys(keys) if self._frequency(field, key)]
        if len(known) <= 1:
            return sum(self._frequency(field, key) for key in known)
        asked = (field, tuple(known))
        count = self._counts.get(asked)
        if count is None:
            if len(self._counts) > _CACHED_COUNTS:
                self._counts.clear()
            count = self._counted({"terms": {field: [filed(key) for key in known]}})
            if not self._missing:
                self._counts[asked] = count
        return count

    def document_count(self) -> int:
        return int(self._about["documents"])

    def missing(self) -> str:
        """What the answers since this was last asked lacked; empty where they were whole."""
        told, self._missing = self._missing, []
        return "; ".join(dict.fromkeys(told))

    def check(self) -> None:
        """Read every document that the cluster has. Raises IndexUnusableError where they are not those that were written."""
        for _ in self._keys.vocabulary():
            pass
        total = count = 0
        for answer in self._pages({"match_all": {}}, texts=True):
            for hit in answer["hits"]["hits"]:
                texts = dict(hit["_source"])
                number = int(texts.pop(NUMBER))
                total ^= encoding.checksum(number, texts)
                count += 1
        if (count, total) != (self._about["documents"], self._about["checksum"]):
            raise IndexUnusableError(
                f"{self._cluster.where}: index {self._index} is not what was written to it ({count} documents); build it anew "
                "with: lawsearch index --engine opensearch --rebuild"
            )

    def close(self) -> None:
        if self._connected is not None:
            self._connected.close()
            self._connected = None
        self._keys.close()

    # -- asking

    def _ask(
        self, query: Query, size: int, *, texts: bool = False, best: bool = False, after: int | None = None, count: bool = True
    ) -> dict[str, Any]:
        """One answer, whole or its gaps noted: documents in the order of their scores (``best``) or of their numbers, those
        that follow ``after``."""
        settings = self._cluster.settings
        body: dict[str, Any] = {
            "query": query,
            "size": size,
            "_source": texts,
            "track_total_hits": count,
            "sort": [{"_score": "desc"}, {NUMBER: "asc"}] if best else [{NUMBER: "asc"}],
            "timeout": self._time(),
        }
        if after is not None:
            body["search_after"] = [after]
        parameters = {
            "search_type": "dfs_query_then_fetch" if best else "query_then_fetch",
            "allow_partial_search_results": "true" if settings.allow_partial else "false",
            "preference": self._session,
        }
        answer: dict[str, Any] = self._cluster.call(
            lambda c: c.search(index=self._index, body=body, params=parameters), index=self._index
        )
        self._see_that_it_is_whole(answer)
        return answer

    def _time(self) -> str:
        """How long the cluster may look, as it is told."""
        return f"{max(1, round(self._cluster.settings.timeout * 1000))}ms"

    def _see_that_it_is_whole(self, answer: Mapping[str, Any]) -> None:
        shards = answer["_shards"]
        absent = shards["total"] - shards["successful"]
        gaps = []
        if absent or shards["failed"]:
            gaps.append(f"{max(absent, shards['failed'])} of {shards['total']} shards did not answer")
        if answer.get("timed_out"):
            gaps.append(self._cluster.unfinished)
        if gaps and not self._cluster.settings.allow_partial:
            raise IndexUnusableError(f"{self._cluster.where}: {' and '.join(gaps)}; {self._cluster.see_or_take}")
        self._missing += gaps

    def _pages(self, query: Query, *, texts: bool) -> Iterator[dict[str, Any]]:
        """All matches, by number, page by page."""
        size = _PAGE_OF_TEXTS if texts else _PAGE
        after: int | None = None
        while True:
            answer = self._ask(query, size, texts=texts, after=after, count=False)
            hits = answer["hits"]["hits"]
            if hits:
                yield answer
            if len(hits) < size:
                return
            after = int(hits[-1]["sort"][-1])

    def _numbers(self, query: Query) -> list[int]:
        """The numbers of all matches, ascending."""
        return [int(hit["sort"][-1]) for answer in self._pages(query, texts=False) for hit in answer["hits"]["hits"]]

    def _counted(self, query: Query) -> int:
        settings = self._cluster.settings
        body = {"query": query, "size": 0, "track_total_hits": True, "timeout": self._time()}
        parameters = {
            "allow_partial_search_results": "true" if settings.allow_partial else "false",
            "preference": self._session,
        }
        answer = self._cluster.call(lambda c: c.search(index=self._index, body=body, params=parameters), index=self._index)
        self._see_that_it_is_whole(answer)
        return int(answer["hits"]["total"]["value"])

    def _frequency(self, field: str, key: str) -> int:
        asked = (field, key)
        known = self._known_frequencies.get(asked)
        if known is None:
            found = self._keys.arrays(field, key)[2] if key else ()
            if len(self._known_frequencies) > _CACHED_COUNTS:
                self._known_frequencies.clear()
            known = self._known_frequencies[asked] = int(found[0]) if found else 0
        return known

    def most(self, tree: Node) -> int:
        """No more documents than this match."""
        match tree:
            case Key(field, key):
                return self._frequency(field, key)
            case Phrase(field, places):
                return min((sum(self._frequency(field, key) for key in place) for place in places), default=0)
            case Best(children) | AnyOf(children):
                return min(self.document_count(), sum(map(self.most, children)))
            case AllOf(children):
                return min(map(self.most, children), default=0)
            case Numbered(documents):
                return len(documents)
            case Without(child):
                return self.most(child)
            case Near():
                return self.document_count()

    # -- texts of documents

    def _kept(self, answer: Mapping[str, Any]) -> list[int]:
        """Have the texts of an answer's documents at hand; their numbers."""
        numbers = []
        for hit in answer["hits"]["hits"]:
            texts = dict(hit["_source"])
            number = int(texts.pop(NUMBER))
            numbers.append(number)
            if number not in self._texts:
                self._letters += sum(map(len, texts.values()))
            self._texts[number] = texts
        return numbers

    def texts(self, documents: Iterable[int]) -> dict[int, Texts]:
        """The texts of documents; none of one that a partial answer lacks."""
        wanted = list(documents)
        absent = [n for n in wanted if n not in self._texts]
        if absent:
            for answer in self._pages(numbered(absent), texts=True):
                self._kept(answer)
        found = {n: self._texts[n] for n in wanted if n in self._texts}
        for number in found:
            self._texts.move_to_end(number)
        while self._letters > _CACHED_LETTERS and len(self._texts) > 1:
            _, gone = self._texts.popitem(last=False)
            self._letters -= sum(map(len, gone.values()))
        return found

    # -- scoring

    def is_exact(self, tree: Node) -> bool:
        return self._queries.is_exact(tree)

    def found(self, tree: Node, among: Numbers | None) -> Numbers:
        query = self._queries.among(tree, None if among is None else among.tolist())
        return np.asarray(self._numbers(query), dtype=np.int64)

    def matches(self, tree: Node) -> list[int]:
        # Texts come along with what is found: they are not fetched by number again.
        return (
            super().matches(tree)
            if self.is_exact(tree)
            else sorted(self._looked_through(tree, self._queries.among(tree, None)))
        )

    def count(self, tree: Node) -> int:
        return self._counted(self._queries.among(tree, None))

    def evaluator(self, trees: Iterable[Node], documents: Sequence[int]) -> Evaluator:
        texts = self.texts(documents)
        return ChosenEvaluator(_Texts(texts), self._norms, texts)

    def scored(self, tree: Node, documents: Sequence[int]) -> dict[int, float]:
        found: dict[int, float] = {}
        for start in range(0, len(documents), _PAGE_OF_TEXTS):
            found.update(self.evaluator((tree,), documents[start : start + _PAGE_OF_TEXTS]).scores(tree))
        return found

    def _looked_through(self, tree: Node, query: Query) -> dict[int, float]:
        """Those that match of all that a query finds, with their scores."""
        found: dict[int, float] = {}
        for answer in self._pages(query, texts=True):
            found.update(self.scored(tree, self._kept(answer)))
        return found


def _about(file: Path) -> dict[str, Any]:
    try:
        told = json.loads(file.read_bytes())
        fields = {str(name): (int(filled), int(positions)) for name, (filled, positions) in told["fields"].items()}
        about = {
            "index": str(told["index"]),
            "documents": int(told["documents"]),
            "checksum": int(told["checksum"]),
            "fields": {name: fields[name] for name in NAMES if name in fields},
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise damaged(file, "it does not say which index of the cluster it belongs to") from None
    # The name becomes a part of addresses that are asked.
    if not _INDEX_NAME.match(str(about["index"])):
        raise damaged(file, "no name of an index")
    return about


class _Texts:
    """Some documents as an `evaluate.PostingSource`."""

    def __init__(self, texts: Mapping[int, Texts]) -> None:
        self._texts = texts
        self._known: dict[tuple[str, str], dict[int, list[int]]] = {}
        self._lengths: dict[str, dict[int, int]] = {}

    def frequencies(self, field: str, key: str) -> Mapping[int, int]:
        return {number: len(places) for number, places in self._postings(field, key).items()}

    def positions(self, field: str, key: str, document: int) -> Sequence[int]:
        return self._postings(field, key)[document]

    def length(self, field: str) -> Any:
        """By document; empty for a field that is no text."""
        if field not in FIELDS:
            return ()
        known = self._lengths.get(field)
        if known is None:
            known = {number: encoding.length(texts.get(field, "")) for number, texts in self._texts.items()}
            self._lengths[field] = known
        return known

    def _postings(self, field: str, key: str) -> dict[int, list[int]]:
        known = self._known.get((field, key))
        if known is None:
            stored = filed(key)
            found = ((number, encoding.positions(texts.get(field, ""), stored)) for number, texts in self._texts.items())
            known = self._known[field, key] = {number: places for number, places in found if places} if key else {}
        return known
