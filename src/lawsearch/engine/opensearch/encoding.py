"""What a document looks like in the cluster: one text a field, and how keys and their positions are read back from it.

A text is places parted by blanks; a place is the keys of one position joined by ``|``, or a lone backslash where none stands.
The cluster's analyser is the ``whitespace`` tokenizer, a filter that makes of a place its keys, all at one position, and one
that drops the backslashes but counts their positions. So what it stores is what an `engine.base.Document` says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any
from zlib import crc32

from lawsearch.engine.base import FIELDS, HEAD_FIELD
from lawsearch.engine.evaluate import K1
from lawsearch.engine.inverted import Inverted

NUMBER = "number"
NAMES = (*FIELDS, HEAD_FIELD)
_GAP = "\\"
#: Longer keys, and keys with a sign that parts them, are filed by their digest.
_LONGEST_KEY = 300
_PARTING = re.compile(r"[\s|\\\x00-\x1f\x7f-\xa0\u2000-\u200f\u2028-\u202f\u205f-\u206f\ufeff\ud800-\udfff]")

Texts = dict[str, str]


def filed(key: str) -> str:
    """A key as the cluster has it."""
    if _plain(key):
        return key
    return _GAP + sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=200_000)
def _plain(key: str) -> bool:
    return len(key) <= _LONGEST_KEY and _PARTING.search(key) is None


def documents(batch: Inverted) -> Iterator[Texts]:
    """The documents of a batch, in order, each as its texts by field."""
    each: list[dict[str, dict[int, list[str]]]] = [{} for _ in range(batch.size)]
    for name, lists in batch.fields.items():
        for key, numbers, frequencies, positions in lists:
            stored = filed(key)
            at = 0
            for number, frequency in zip(numbers, frequencies, strict=True):
                places = each[number].setdefault(name, {})
                for position in positions[at : at + frequency]:
                    places.setdefault(position, []).append(stored)
                at += frequency
    for fields in each:
        yield {name: _text(places) for name, places in fields.items()}


def _text(places: Mapping[int, list[str]]) -> str:
    return " ".join("|".join(places[n]) if n in places else _GAP for n in range(max(places) + 1))


def positions(text: str, key: str) -> list[int]:
    """Where a key (as `filed`) stands in a text, ascending."""
    # Most documents do not hold most keys: a look at the letters is far cheaper than taking the text apart.
    if key not in text:
        return []
    return [n for n, place in enumerate(text.split(" ")) if key in place and key in place.split("|")]


def length(text: str) -> int:
    """How many positions of a text have keys."""
    return len(text.split(" ")) - text.count(_GAP + " ") if text else 0


def checksum(number: int, texts: Mapping[str, str]) -> int:
    """A CRC-32 of a document and its number; those of all documents are combined by xor."""
    whole = "\n".join(f"{name} {texts[name]}" for name in sorted(texts))
    return crc32(f"{number}\n{whole}".encode())


def index_body(shards: int, replicas: int, about: Mapping[str, Any]) -> dict[str, Any]:
    """The settings and mappings of an index; ``about`` is kept in it as such."""
    similarity: dict[str, Any] = {
        f"b{round(b * 100)}": {"type": "BM25", "k1": K1, "b": b, "discount_overlaps": False} for _, b in FIELDS.values()
    }
    properties: dict[str, Any] = {NUMBER: {"type": "integer"}}
    for name in NAMES:
        properties[name] = {"type": "text", "analyzer": "places"}
        if name in FIELDS:
            properties[name]["similarity"] = f"b{round(FIELDS[name][1] * 100)}"
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            "refresh_interval": "-1",
            "codec": "best_compression",
            "analysis": {
                "tokenizer": {"places": {"type": "whitespace", "max_token_length": 1_000_000}},
                "filter": {
                    "keys": {"type": "pattern_capture", "preserve_original": False, "patterns": ["([^|]+)"]},
                    "gaps": {"type": "stop", "stopwords": [_GAP]},
                },
                "analyzer": {"places": {"type": "custom", "tokenizer": "places", "filter": ["keys", "gaps"]}},
            },
            "similarity": similarity,
        },
        "mappings": {"dynamic": "strict", "_meta": dict(about), "properties": properties},
    }


def dumped(value: Mapping[str, Any]) -> bytes:
    """A line of JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
