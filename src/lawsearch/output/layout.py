"""Lines for people: what a hit, an article or an act's contents looks like, before anything is known of colours.

A line is an indent and pieces of text with the names of their styles; `terminal` paints it, or it is printed as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lawsearch.analysis.letters import steers
from lawsearch.law import LANGS, Address, Amendment, Lang

if TYPE_CHECKING:
    from lawsearch.hits import Hit, MatchedWord, Results
    from lawsearch.sides import Span
    from lawsearch.store.database import Store
    from lawsearch.store.records import ActRecord, ArticleRecord, ProvisionRecord

Style = Literal[
    "", "rank", "citation", "title", "act", "label", "match", "context", "note", "repealed", "term", "heading", "reference",
    "pair",
]  # fmt: skip
Piece = tuple[str, Style]
Show = Literal["kk", "ru", "both"]


@dataclass(frozen=True, slots=True)
class Line:
    """``indent`` cells, then the pieces; ``names``: the act, the address and the language of its citation, where it has one."""

    indent: int
    pieces: tuple[Piece, ...]
    names: tuple[ActRecord, Address, Lang] | None = None

    @property
    def text(self) -> str:
        """The line without its styles."""
        return " " * self.indent + "".join(text for text, _ in self.pieces)


@dataclass(frozen=True, slots=True)
class Columns:
    """Two texts that belong together: side by side where there is room, else ``left`` above ``right``.

    ``names`` are printed over each text where they stand one above the other.
    """

    left: tuple[Line, ...]
    right: tuple[Line, ...]
    names: tuple[str, str] | None = None

    @property
    def stacked(self) -> Iterator[Line]:
        """The lines one above the other."""
        for number, lines in enumerate((self.left, self.right)):
            if lines:
                if self.names is not None:
                    yield Line(lines[0].indent, ((f"[{self.names[number]}]", "note"),))
                yield from lines


#: A paragraph longer than this (code points) is shown by the parts that hold matches.
LONG = 700
#: How much of a long paragraph is shown on each side of a match.
_AROUND = 160
_MOST_PARAGRAPHS = 3
_MOST_PAIRS = 2

_WORDS: dict[str, dict[Lang, str]] = {
    "repealed": {"kk": "күші жойылған", "ru": "утратил силу"},
    "added": {"kk": "толықтырылды", "ru": "дополнен"},
    "amended": {"kk": "өзгертілді", "ru": "изменен"},
    "reworded": {"kk": "жаңа редакцияда", "ru": "в новой редакции"},
    "removed": {"kk": "алып тасталды", "ru": "исключен"},
    "unofficial": {"kk": "бейресми аударма", "ru": "неофициальный перевод"},
    "no counterpart": {"kk": "сәйкес орын анықталмады", "ru": "соответствующее место не установлено"},
    "chapter": {"kk": "{}-тарау", "ru": "глава {}"},
    "law": {"kk": "№ {} Заң", "ru": "Закон № {}"},
    "effective": {"kk": "{} бастап күшінде", "ru": "действует с {}"},
    "relaxed": {
        "kk": "барлық сөзі бар орын табылмады; сөздердің кез келгені бойынша",
        "ru": "мест со всеми словами нет; найдено по любому из слов",
    },
    "absent": {"kk": "индекстелген актілерде мұндай орын жоқ", "ru": "в проиндексированных актах такого места нет"},
    "weaker senses": {"kk": "терминдердің сирек мағыналары бойынша", "ru": "найдено по редким значениям терминов"},
    "article": {"kk": "сөздер бір баптың әр жерінде", "ru": "слова стоят в разных местах одной статьи"},
    "found": {"kk": "{} табылды, {} көрсетілді", "ru": "найдено {}, показано {}"},
    "nothing": {"kk": "ештеңе табылмады", "ru": "ничего не найдено"},
    "keyboard": {"kk": "{} → {} (пернетақта)", "ru": "{} → {} (раскладка)"},
    "spelling": {"kk": "{} → {} (емле)", "ru": "{} → {} (опечатка)"},
    "meant": {"kk": "{}: мүмкін, {}?", "ru": "{}: возможно, {}?"},
    "through": {"kk": "термин арқылы", "ru": "по термину"},
}


def word(name: str, lang: Lang, *values: object) -> str:
    """A word of the screen in one language."""
    return _WORDS[name][lang].format(*values)


def visible(text: str) -> str:
    """``text`` with everything that could steer a terminal replaced by a visible sign, one to one (spans still fit)."""
    if text.isprintable():
        return text
    return text.translate(_VISIBLE)


class _Signs(dict[int, int]):
    """Per code point: itself, or the sign that stands for it."""

    def __missing__(self, code: int) -> int:
        self[code] = 0xFFFD if steers(chr(code)) else code
        return self[code]


_VISIBLE = _Signs({code: 0x2400 + code for code in range(0x20)} | {0x09: 0x20, 0x0A: 0x0A, 0x7F: 0x2421})


def shown_langs(hit_langs: Iterable[Lang], present: Sequence[Lang], query: Lang, show: Show | None) -> list[Lang]:
    """The languages of which a provision's text is shown: those asked for, else the query's, else where it was found."""
    if show == "both":
        return list(present)
    if show is not None:
        return [show] if show in present else list(present)
    if query in present:
        return [query]
    found = [lang for lang in hit_langs if lang in present]
    return found[:1] or list(present[:1])


# -- search -------------------------------------------------------------------------------------------------------------


def results(found: Results, store: Store, *, show: Show | None, context: int) -> Iterator[Line]:
    """All hits of a query."""
    for hit in found.hits:
        yield from hit_lines(hit, found.lang, store, show=show, context=context)
        yield Line(0, ())


def hit_lines(hit: Hit, lang: Lang, store: Store, *, show: Show | None, context: int) -> Iterator[Line]:
    """One hit: where it stands, its text with the matches, its history, the pairs that led to it."""
    yield from head_lines(hit, lang)
    present = present_langs(hit, show)
    langs = shown_langs([x for x in LANGS if hit.marks.get(x)], present, lang, show)
    title_lang = next((x for x in (lang, *langs, *LANGS) if x in hit.article.title), None)
    if title_lang is not None:
        title = hit.article.title[title_lang]
        yield Line(3, tuple(marked(title, hit.title_highlights.get(title_lang, ()), "title")))
    yield Line(3, (_act_line(hit, lang),))
    for shown in langs:
        note = text_note(hit, shown, lang, named=len(langs) > 1)
        if note:
            yield Line(3, ((note, "note"),))
        yield from passage(hit, shown, store, context)
    yield from tail_lines(hit, lang, langs)


def present_langs(hit: Hit, show: Show | None) -> list[Lang]:
    """The languages that a hit can be shown in: its own, and its counterpart's where that language is asked for."""
    own = hit.provision.texts
    other = hit.counterpart.texts if hit.counterpart is not None and (show == "both" or show in hit.counterpart.texts) else {}
    return [x for x in LANGS if x in own or x in other]


def text_note(hit: Hit, shown: Lang, lang: Lang, *, named: bool) -> str:
    """What is said over a hit's text in one language: its name, where it stands if elsewhere, that it is unofficial."""
    told = [f"[{shown}]"] if named else []
    if hit.counterpart is not None and shown in hit.counterpart.texts:
        told.append(hit.counterpart.address.citation(shown))
    if hit.act.text_status.get(shown) == "unofficial":
        told.append(word("unofficial", lang))
    return " ".join(told)


def head_lines(hit: Hit, lang: Lang) -> Iterator[Line]:
    """Where a hit stands."""
    address = hit.provision.address
    place = address.citation(lang) or str(address)
    head: list[Piece] = [(f"{hit.rank}. ", "rank"), (visible(place), "citation")]
    if hit.provision.status == "repealed":
        head.append((f"  [{word('repealed', lang)}]", "repealed"))
    yield Line(0, (*head, (f"  {visible(str(address))}", "context")), (hit.act, address, lang))


def tail_lines(hit: Hit, lang: Lang, shown: Collection[Lang]) -> Iterator[Line]:
    """A hit's history, and the pairs that led to what is marked in the languages ``shown``."""
    yield from history(hit.provision.amendments, lang, 3)
    yield from _pairs(hit, lang, shown)


def _act_line(hit: Hit, lang: Lang) -> Piece:
    title = hit.act.title.get(lang) or next(iter(hit.act.title.values()), hit.act.law)
    chapter = "" if hit.article.chapter is None else f" · {word('chapter', lang, hit.article.chapter)}"
    return (visible(title + chapter), "act")


def passage(hit: Hit, lang: Lang, store: Store, context: int) -> Iterator[Line]:
    """A hit's text in one language, its counterpart's where it has none itself, with what leads in to it or stands around."""
    provision = hit.provision
    if lang not in provision.texts and hit.counterpart is not None:
        provision = hit.counterpart
    article = store.article(provision.article)
    if context:
        before, after = _neighbours(provision, article, lang, store, context)
    else:
        lead = _lead_in(provision, article, lang, store)
        before, after = ([] if lead is None else [(lead, lang)]), []
    for neighbour, its_lang in before:
        yield Line(3, (*labelled(neighbour, its_lang, shorten=not context),))
    text = provision.texts[lang]
    marks = hit.marks.get(lang, ())
    label = provision.labels.get(lang, "")
    shown = 0
    skipped = False
    for number, (start, end) in enumerate(_paragraphs(text)):
        here = [(a - start, b - start) for a, b in marks if start <= a < end]
        if not context and number and (not here or shown >= _MOST_PARAGRAPHS):
            skipped = True
            continue
        pieces: list[Piece] = [(f"{label} ", "label")] if number == 0 and label else []
        if skipped:
            pieces.insert(0, ("… ", "context"))
            skipped = False
        paragraph = text[start:end]
        cut = not context and len(paragraph) > LONG
        pieces += _parts(paragraph, here) if cut else marked(paragraph, here)
        shown += 1
        yield Line(3 if number == 0 else 5, tuple(pieces))
    if skipped:
        yield Line(5, (("…", "context"),))
    for neighbour, its_lang in after:
        yield Line(3, (*labelled(neighbour, its_lang, shorten=False),))


def _paragraphs(text: str) -> Iterator[Span]:
    start = 0
    for paragraph in text.split("\n"):
        yield start, start + len(paragraph)
        start += len(paragraph) + 1


def _lead_in(provision: ProvisionRecord, article: ArticleRecord, lang: Lang, store: Store) -> ProvisionRecord | None:
    """The point (or opening words) that a sub-point's sentence began in."""
    if provision.kind != "subpoint":
        return None
    for number in range(provision.id - 1, article.first - 1, -1):
        before = store.provision(number)
        if before.kind in ("point", "opening") and lang in before.texts:
            return before
    return None


def _neighbours(
    provision: ProvisionRecord, article: ArticleRecord, lang: Lang, store: Store, context: int
) -> tuple[list[tuple[ProvisionRecord, Lang]], list[tuple[ProvisionRecord, Lang]]]:
    here = provision.id
    before = [store.provision(n) for n in range(max(article.first, here - context), here)]
    after = [store.provision(n) for n in range(here + 1, min(article.last, here + context) + 1)]
    return ([(p, lang) for p in before if lang in p.texts], [(p, lang) for p in after if lang in p.texts])


def labelled(provision: ProvisionRecord, lang: Lang, *, shorten: bool) -> Iterator[Piece]:
    label = provision.labels.get(lang, "")
    text = provision.texts.get(lang, "").replace("\n", " ")
    if shorten and len(text) > 120:
        text = text[:110].rsplit(" ", 1)[0] + " …"
    style: Style = "repealed" if provision.status == "repealed" else "context"
    yield (visible(f"{label} {text}".strip()), style)


def marked(text: str, marks: Iterable[Span], style: Style = "") -> list[Piece]:
    """``text`` in pieces, the spans of ``marks`` in the style of a match."""
    pieces: list[Piece] = []
    text = visible(text)
    at = 0
    for start, end in marks:
        if start > at:
            pieces.append((text[at:start], style))
        pieces.append((text[start:end], "match"))
        at = end
    if at < len(text):
        pieces.append((text[at:], style))
    return pieces


def _parts(text: str, marks: Sequence[Span]) -> list[Piece]:
    """The parts of a long paragraph around its matches (or its beginning), cut at spaces."""
    wanted = list(marks) or [(0, 0)]
    windows: list[list[int]] = []
    for start, end in wanted:
        left = 0 if start <= _AROUND else text.rfind(" ", 0, start - _AROUND) + 1
        right = len(text) if end + _AROUND >= len(text) else text.find(" ", end + _AROUND)
        right = len(text) if right < 0 else right
        if windows and left <= windows[-1][1] + 1:
            windows[-1][1] = max(windows[-1][1], right)
        else:
            windows.append([left, right])
    pieces: list[Piece] = []
    for left, right in windows:
        pieces.append(("… " if left and not pieces else " … " if left else "", "context"))
        pieces += marked(text[left:right], [(a - left, b - left) for a, b in marks if left <= a and b <= right])
    if windows[-1][1] < len(text):
        pieces.append((" …", "context"))
    return [p for p in pieces if p[0]]


def history(amendments: Sequence[Amendment], lang: Lang, indent: int) -> Iterator[Line]:
    if not amendments:
        return
    told = []
    for a in amendments[-3:]:
        action = word("removed" if a.action == "repealed" else a.action, lang)
        effective = f", {word('effective', lang, a.effective)}" if a.effective else ""
        told.append(f"{action}: {word('law', lang, a.law)}, {a.date or '?'}{effective}")
    more = f"(+{len(amendments) - 3}) " if len(amendments) > 3 else ""
    yield Line(indent, ((more + "; ".join(told), "note"),))


def _pairs(hit: Hit, lang: Lang, shown: Collection[Lang]) -> Iterator[Line]:
    """The pairs that led to what is marked in the languages ``shown``, for each word of the query the plainest first."""
    by_word: dict[str, list[str]] = {}
    # A word that stands in a text itself needs no pair to explain it there.
    standing = {(m.query, m.lang) for m in hit.matched if m.term is None}
    for m in sorted((m for m in hit.matched if m.term is not None and m.lang in shown), key=_plainness):
        if m.term is None or (m.query, m.lang) in standing:
            continue
        pair = f"{visible(m.term.kk)} = {visible(m.term.ru)}"
        known = by_word.setdefault(m.query, [])
        if pair not in known and len(known) < _MOST_PAIRS:
            known.append(pair)
    if by_word:
        told = "; ".join(f"{visible(asked)} → {', '.join(pairs)}" for asked, pairs in by_word.items())
        yield Line(3, ((f"{word('through', lang)}: {told}", "term"),))


def _plainness(matched: MatchedWord) -> int:
    """Terms of one word first."""
    return 0 if matched.term is None else len(matched.term.kk.split()) + len(matched.term.ru.split())
