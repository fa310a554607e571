"""Records: hits, provisions and terms as JSON objects and as rows, by the outside contract."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from lawsearch.analysis.letters import steers
from lawsearch.hits import Hit, MatchedWord, Results
from lawsearch.law import LANGS, Address, Amendment, Lang
from lawsearch.output.spreadsheet import neutral
from lawsearch.store.records import ActRecord, ArticleRecord, ProvisionRecord
from lawsearch.terms.termbase import Term

Record = dict[str, Any]


def both(values: Mapping[Lang, Any], absent: Any = None) -> Record:
    """``{"kk": …, "ru": …}`` with ``absent`` for a language that is not there."""
    return {lang: values.get(lang, absent) for lang in LANGS}


def amendment(value: Amendment) -> Record:
    """One amendment; ``scope`` only where it is the article or chapter as a whole that was changed."""
    record = {"action": value.action, "law": value.law, "date": value.date, "effective": value.effective}
    return record if value.scope == "provision" else {**record, "scope": value.scope}


def citation(address: Address) -> Record:
    """The place as cited in both languages."""
    return {lang: address.citation(lang) for lang in LANGS}


def provision(record: ProvisionRecord, article: ArticleRecord, act: ActRecord, other: ProvisionRecord | None = None) -> Record:
    """Where a provision stands, what it says, what became of it, and ``other``, its counterpart of another address."""
    address = record.address
    return {
        "law": act.law,
        "law_title": both(act.title),
        "chapter": article.chapter,
        "article": address.article,
        "article_title": both(article.title),
        "point": address.point,
        "subpoint": address.subpoint,
        "kind": record.kind,
        "address": str(address),
        "eid": address.eid,
        "citation": citation(address),
        "status": record.status,
        "amendments": [amendment(a) for a in record.amendments],
        "text": both(record.texts),
        "text_status": {lang: act.text_status.get(lang) if lang in record.texts else None for lang in LANGS},
        "confidence": record.confidence,
        "counterpart": None if other is None else counterpart(record, other, act),
    }


def counterpart(record: ProvisionRecord, other: ProvisionRecord, act: ActRecord) -> Record:
    """Where the other language says what a provision says, if not at its address."""
    assert record.counterpart is not None
    lang = next(iter(other.texts))
    return {
        "lang": lang,
        "address": str(other.address),
        "citation": citation(other.address),
        "confidence": record.counterpart.confidence,
        "text": other.texts[lang],
        "text_status": act.text_status.get(lang),
    }


def hit(value: Hit, query: str) -> Record:
    """A hit, in the contract's order of fields."""
    record = _hit(value, query)
    if record["counterpart"] is not None:
        record["counterpart"]["highlights"] = [list(s) for s in value.counterpart_highlights]
    return record


def _hit(value: Hit, query: str) -> Record:
    return {
        "type": "hit",
        "query": query,
        "rank": value.rank,
        "score": value.score,
        **provision(value.provision, value.article, value.act, value.counterpart),
        "highlights": {lang: [list(s) for s in value.highlights.get(lang, ())] for lang in LANGS},
        "matched": [_matched(m) for m in value.matched],
    }


def _matched(word: MatchedWord) -> Record:
    record: Record = {"query": word.query, "found": word.found, "lang": word.lang, "via": word.via}
    if word.term is not None:
        record["term"] = {"kk": word.term.kk, "ru": word.term.ru, "source": word.term.source}
    if word.sense is not None:
        record["sense"] = word.sense
    if word.term is not None and word.term.source == "learnt":
        record["learnt"] = True
    return record


def _written(word: MatchedWord) -> bytes:
    """A matched word as JSON, as `dump` gives it. It keeps that, for it comes again with its provision and what was asked."""
    term, sense = word.term, word.sense
    line = f'{{"query":{_quoted(word.query)},"found":{_quoted(word.found)},"lang":"{word.lang}","via":"{word.via}"'
    if term is not None:
        line += f',"term":{{"kk":{_quoted(term.kk)},"ru":{_quoted(term.ru)},"source":{_quoted(term.source)}}}'
    if sense is not None:
        line += f',"sense":"{sense}"'
    if term is not None and term.source == "learnt":
        line += ',"learnt":true'
    word.written.append(encoded(line + "}"))
    return word.written[0]


def encoded(line: str) -> bytes:
    """A line as UTF-8; what is no text (half a pair of code units, from a record of JSON) becomes a question mark."""
    return line.encode("utf-8", "replace")


class HitLines:
    """Hits as JSON in UTF-8, as `dump(hit(…))` gives them: what a provision says whatever it was found by is written once."""

    #: So many provisions are kept written (some kilobytes each).
    _KEPT = 4_000

    def __init__(self) -> None:
        self._written: dict[int, bytes] = {}

    def lines(self, values: Sequence[Hit], query: str) -> bytes:
        """The hits of one query of the searcher, a comma between them."""
        begun = encoded(f'{{"type":"hit","query":{dump(query)},"rank":')
        parts: list[bytes] = []
        for value in values:
            if parts:
                parts.append(b",")
            if value.counterpart is not None:
                parts.append(encoded(dump(hit(value, query))))
                continue
            kk = ",".join([f"[{a},{b}]" for a, b in value.highlights.get("kk", ())])
            ru = ",".join([f"[{a},{b}]" for a, b in value.highlights.get("ru", ())])
            parts += (
                begun,
                f'{value.rank},"score":{value.score!r},'.encode("ascii"),
                self._provision(value),
                f',"highlights":{{"kk":[{kk}],"ru":[{ru}]}},"matched":['.encode("ascii"),
                b",".join([m.written[0] if m.written else _written(m) for m in value.matched]),
                b"]}",
            )
        return b"".join(parts)

    def _provision(self, value: Hit) -> bytes:
        known = self._written.get(value.provision.id)
        if known is None:
            if len(self._written) >= self._KEPT:
                self._written.clear()
            known = encoded(dump(provision(value.provision, value.article, value.act))[1:-1])
            self._written[value.provision.id] = known
        return known


def summary(results: Results) -> Record:
    """What a whole query came to."""
    return {
        "type": "summary",
        "query": results.query,
        "lang": results.lang,
        "total": results.total,
        "shown": len(results.hits),
        "relaxed": results.relaxed,
        "scope": results.scope,
        "seconds": round(results.seconds, 4),
        **mended(results),
    }


def mended(results: Results) -> Record:
    """Words that were taken for others (``mended``) and words that may have been meant (``suggested``), where there are any;
    what of the index did not answer (``partial``), and that a cited place is not there (``absent``)."""
    record: Record = {"partial": results.partial} if results.partial else {}
    if results.absent:
        record["absent"] = True
    if results.mended:
        record["mended"] = [{"query": m.typed, "taken": m.taken, "via": m.via} for m in results.mended]
    if results.suggested:
        record["suggested"] = [{"query": s.typed, "words": list(s.words)} for s in results.suggested]
    return record


def exported(record: ProvisionRecord, article: ArticleRecord, act: ActRecord, other: ProvisionRecord | None = None) -> Record:
    """A provision as `export --format jsonl` writes it."""
    whole = provision(record, article, act, other)
    names = (
        "law", "chapter", "article", "point", "subpoint", "kind", "address", "status", "amendments", "text", "text_status",
        "confidence", "counterpart",
    )  # fmt: skip
    return {name: whole[name] for name in names}


def term(value: Term) -> Record:
    """A term of the term base."""
    return {
        "kk": value.kk,
        "ru": value.ru,
        "domain": value.domain,
        "source": value.source,
        "status": value.status,
        "note": value.note,
    }


def contents(act: ActRecord, articles: Iterable[ArticleRecord], kind: str) -> Iterable[str]:
    """An act's contents as lines of JSON: one record an article, or one list."""
    found = [
        {
            "law": act.law,
            "chapter": a.chapter,
            "chapter_title": both(a.chapter_title),
            "above": {lang: list(a.above.get(lang, ())) for lang in LANGS},
            "below": both(a.below),
            "article": a.number,
            "article_title": both(a.title),
            "provisions": a.last - a.first + 1,
        }
        for a in articles
    ]
    return listed(found, kind)


def listed(found: Sequence[Record], kind: str) -> Iterable[str]:
    """Records as JSON: a line each (jsonl), or one list (json)."""
    if kind == "json":
        return ["[" + ",".join(dump(r) for r in found) + "]"]
    return [dump(r) for r in found]


def told(facts: Mapping[str, Any]) -> Iterable[str]:
    """Facts about an index as lines for people."""
    for name, value in facts.items():
        if isinstance(value, (list, tuple)):
            yield f"{name}: {len(value)}"
            yield from (f"  {_told(item)}" for item in value)
        else:
            yield f"{name}: {_told(value)}"


def _told(value: object) -> str:
    from lawsearch.output.layout import visible

    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_told(v)}" for k, v in value.items())
    return visible(str(value))


def dump(record: Record | list[Record] | str) -> str:
    """One line of JSON, as UTF-8 has it. Control characters and the bidirectional ones stay escaped."""
    text = _encode(record)
    return text.translate(_ESCAPED) if not text.isprintable() else text


#: What words are as JSON: those of one query come again in its other hits.
_quoted: Callable[[str], str] = lru_cache(maxsize=20_000)(dump)

#: Made once: `json.dumps` makes one for every record.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class _Escapes(dict[int, str]):
    """Per code point: itself, or its JSON escape where it is no letter or sign but steers what shows it."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        self[code] = sign if not steers(sign) else json.dumps(sign)[1:-1]
        return self[code]


_ESCAPED = _Escapes({0x7F: "\\u007f"})

#: The columns of rows (CSV, TSV), in this order.
HIT_COLUMNS = (
    "rank", "score", "law", "address", "eid", "chapter", "article", "point", "subpoint", "status", "citation_kk",
    "citation_ru", "article_title_kk", "article_title_ru", "text_kk", "text_ru", "matched", "amendments",
)  # fmt: skip


def hit_row(record: Record) -> list[str]:
    """A hit's record as cells of `HIT_COLUMNS`."""
    cells = dict(record)
    for name in ("citation", "article_title", "text"):
        for lang in LANGS:
            cells[f"{name}_{lang}"] = record[name][lang]
    cells["matched"] = "; ".join(f"{m['query']}={m['found']} ({m['via']})" for m in record["matched"])
    cells["amendments"] = "; ".join(f"{a['action']} {a['law']} {a['date']}" for a in record["amendments"])
    return [_cell(cells.get(name)) for name in HIT_COLUMNS]


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def row(cells: Sequence[str], kind: str) -> str:
    """One line of ``csv`` (RFC 4180 quoting; no cell is a formula), of ``plain csv`` (every cell as it is), or of ``tsv``
    (tabs and line feeds inside a cell become spaces).
    """
    if kind == "tsv":
        return "\t".join(" ".join(c.split("\n")).replace("\t", " ").replace("\r", " ") for c in cells)
    buffer = io.StringIO()
    # The terminator is named although it is cut off again: a cell is quoted for the line ends that are in it.
    csv.writer(buffer, lineterminator="\r\n").writerow(cells if kind == "plain csv" else map(neutral, cells))
    return buffer.getvalue()[:-2]


def rows(records: Iterable[Sequence[str]], kind: str) -> Iterable[str]:
    """Lines of CSV or TSV."""
    return (row(cells, kind) for cells in records)
