"""Reading: the files of an act -> `law.Act`, its languages paired (`alignment`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lawsearch.analysis.letters import as_cyrillic
from lawsearch.corpus import grammar
from lawsearch.corpus.alignment import DOUBTFUL, align_paragraphs
from lawsearch.corpus.files import ActFiles, language_of, read_lines
from lawsearch.corpus.likeness import Says, plain_says
from lawsearch.corpus.limits import read_meta
from lawsearch.corpus.outline import Outline, Piece, Section
from lawsearch.corpus.pairing import Paired, pairs
from lawsearch.corpus.standing import text_status
from lawsearch.corpus.structure import TITLE, WORDS, counted
from lawsearch.errors import CorpusError
from lawsearch.law import LANGS, Act, Amendment, Article, Chapter, Counterpart, Lang, Problem, Provision


@dataclass(frozen=True, slots=True)
class Parsed:
    """An act's files, read and placed language by language, its languages not yet paired."""

    files: ActFiles
    meta: Mapping[str, object]
    outlines: Mapping[Lang, Outline]

    def texts(self, lang: Lang) -> Iterator[str]:
        """The texts of a language that the act's provisions and titles will have, and those that pairing may ask about."""
        outline = self.outlines.get(lang)
        for section in () if outline is None else outline.sections:
            if section.title:
                yield section.title
            for piece in section.pieces:
                yield piece.version().text
                if len(piece.paragraphs) > 1:
                    yield from (paragraph.text for paragraph in piece.paragraphs)


def read_act(files: ActFiles, says: Says = plain_says) -> Act:
    """Read one act; ``says`` tells what its texts say where the languages have to be paired by content.

    Raises CorpusError where a file cannot be read or holds no provision.
    """
    return paired(parse_act(files), says)


def parse_act(files: ActFiles) -> Parsed:
    """Read the files of an act. Raises CorpusError where one cannot be read or holds no provision."""
    if files.unreadable:
        raise CorpusError(files.unreadable)
    meta = {} if files.meta is None else read_meta(files.meta)
    outlines: dict[Lang, Outline] = {}
    for lang in LANGS:
        if lang in files.texts:
            outline = grammar.parse(read_lines(files.texts[lang]), lang, files.law)
            if not any(s.pieces for s in outline.sections):
                raise CorpusError(f"{files.texts[lang][0]}: no article, point or paragraph of an act found in it")
            outlines[lang] = outline
    return Parsed(files, meta, outlines)


def paired(parsed: Parsed, says: Says = plain_says) -> Act:
    """The act of what was read; ``says`` tells what its texts say where the languages have to be paired by content."""
    files, meta, outlines = parsed.files, parsed.meta, parsed.outlines
    articles, problems, unpaired = _Merger(outlines, says).run()
    titles = _titles(meta, outlines, files.law)
    problems += [
        Problem(lang, 1, f"{file.name} lies beside what was read for this language, and is not read")
        for file in files.passed_over
        for lang in LANGS
        if language_of(file) == lang
    ]
    status, remarks = text_status(outlines, meta)
    return Act(
        files.law,
        titles,
        meta,
        articles,
        tuple(line for o in outlines.values() for line in o.lines),
        (*(p for o in outlines.values() for p in o.problems), *problems, *remarks),
        status,
        unpaired,
    )


def _titles(meta: Mapping[str, object], outlines: Mapping[Lang, Outline], law: str) -> dict[Lang, str]:
    titles: dict[Lang, str] = {}
    given = meta.get("title")
    for lang, names in (("kk", ("kk", "kaz")), ("ru", ("ru", "rus"))):
        value = next((given[n] for n in names if n in given), None) if isinstance(given, dict) else None
        if value is None and lang in outlines:
            value = outlines[lang].title or _front_title(outlines[lang])  # type: ignore[index]
        if value:
            titles[lang] = str(value).strip()  # type: ignore[index]
    return titles or {next(iter(outlines)): law}


def _front_title(outline: Outline) -> str | None:
    """The title among the lines before an act's first words: one that is worded as titles are, else the second (the first
    says what kind of act it is), else the first. What says who approved the act, and when, is none of them."""
    words = WORDS[outline.lang]
    begins = min((p.line for s in outline.sections for piece in s.pieces for p in piece.paragraphs), default=0)
    front = []
    for line in outline.lines:
        if line.role == "front" and line.line < begins:
            read = as_cyrillic(line.text) if outline.lang == "kk" else line.text
            if TITLE[outline.lang].match(read):
                return line.text
            if read[0].isalpha() and not (read[0].islower() or words.approved.match(read) or words.requisites.match(read)):
                front.append(line.text)
    return front[1] if len(front) > 1 else front[0] if front else None


# -- two languages, one act -------------------------------------------------------------------------------------------


class _Merger:
    """Two outlines -> articles: those of the first language in their order, those of the other behind the one they follow."""

    def __init__(self, outlines: Mapping[Lang, Outline], says: Says) -> None:
        self.outlines = outlines
        self.says = says
        self.problems: list[Problem] = []
        self.unpaired: list[str] = []

    def run(self) -> tuple[tuple[Article, ...], list[Problem], tuple[str, ...]]:
        keyed = _keyed(self.outlines)
        sections = [
            {lang: k[key] for lang, k in keyed.items() if key in k} for key in _interleave([list(k) for k in keyed.values()])
        ]
        sections = [some for some in sections if any(s.pieces for s in some.values())]
        found = iter(pairs([(s["kk"].pieces, s["ru"].pieces) for s in sections if len(s) == 2], self.says))
        articles = [self._article(some, next(found) if len(some) == 2 else []) for some in sections]
        return tuple(articles), self.problems, tuple(self.unpaired)

    def _article(self, sections: Mapping[Lang, Section], found: Iterable[Paired]) -> Article:
        first = next(iter(sections.values()))
        chapter = Chapter(
            first.chapter.number,
            {lang: s.chapter.title for lang, s in sections.items() if s.chapter.title},
            {lang: tuple(heading.title for heading in s.above) for lang, s in sections.items() if s.above},
            {lang: s.below.title for lang, s in sections.items() if s.below is not None},
        )
        amendments = _united([s.amendments for s in sections.values()])
        if len(sections) == 2:
            provisions = self._paired(sections["kk"].pieces, sections["ru"].pieces, found, amendments)
        else:
            if len(self.outlines) == 2:
                self.unpaired.append(f"{next(iter(sections))}: {first.pieces[0].address}: the whole article is in one language")
            provisions = [
                Provision(p.address, p.kind, p.status, _united([p.amendments, amendments]), {lang: p.version()})
                for lang, s in sections.items()
                for p in s.pieces
            ]
        titles = {lang: s.title for lang, s in sections.items() if s.title}
        return Article(first.number, titles, chapter, tuple(provisions), amendments)

    def _paired(
        self, kk: list[Piece], ru: list[Piece], together: Iterable[Paired], amendments: tuple[Amendment, ...]
    ) -> list[Provision]:
        """The provisions of an article that both languages have."""
        partner: dict[Lang, dict[str, tuple[Piece, float]]] = {"kk": {}, "ru": {}}
        for ours, theirs, confidence in together:
            partner["kk"][ours.place] = (theirs, confidence)
            partner["ru"][theirs.place] = (ours, confidence)
        at: dict[Lang, dict[str, Piece]] = {
            "kk": {p.place: p for p in kk},
            "ru": {p.place: p for p in ru},
        }
        provisions = []
        for key in _interleave([list(at["kk"]), list(at["ru"])]):
            one, other = at["kk"].get(key), at["ru"].get(key)
            if one is not None and other is not None and key in partner["kk"] and partner["kk"][key][0] is other:
                provisions.append(self._both(one, other, partner["kk"][key][1], amendments))
                continue
            for lang in LANGS:
                piece = at[lang].get(key)
                if piece is None:
                    continue
                found = partner[lang].get(key)
                counterpart = None if found is None else Counterpart(found[0].address, found[1])
                if found is None:
                    self.unpaired.append(f"{lang}: {key}: no counterpart found")
                elif found[1] < DOUBTFUL:
                    self.unpaired.append(f"{lang}: {key}: paired with {found[0].address} in doubt ({found[1]:.2f})")
                own = _united([piece.amendments, amendments])
                provisions.append(
                    Provision(piece.address, piece.kind, piece.status, own, {lang: piece.version()}, None, counterpart)
                )
        return provisions

    def _both(self, kk: Piece, ru: Piece, confidence: float, amendments: tuple[Amendment, ...]) -> Provision:
        if kk.status != ru.status:
            where = kk.paragraphs[0].line if kk.paragraphs else 0
            self.problems.append(Problem("kk", where, f"{kk.address}: in force in one language, repealed in the other"))
        elif confidence < DOUBTFUL:
            self.unpaired.append(f"{kk.address}: the two languages are paired in doubt ({confidence:.2f})")
        beads = align_paragraphs([p.text for p in kk.paragraphs], [p.text for p in ru.paragraphs], self.says)
        plain = len(kk.paragraphs) == len(ru.paragraphs) == len(beads) and all(
            b[:4] == (i, i + 1, i, i + 1) for i, b in enumerate(beads)
        )
        return Provision(
            kk.address,
            kk.kind,
            kk.status,
            _united([kk.amendments, ru.amendments, amendments]),
            {"kk": kk.version(), "ru": ru.version()},
            confidence,
            None,
            () if plain else tuple(b[:4] for b in beads),
        )


def _keyed(outlines: Mapping[Lang, Outline]) -> dict[Lang, dict[str, Section]]:
    """The sections of each language by keys that are the same in both: an article's number, else the headings that a section
    stands under (languages may count points differently), else the number that it begins with."""
    keyed = {
        lang: _by_key((_heading_key(s), s) for s in outline.sections if s.pieces or s.number is not None)
        for lang, outline in outlines.items()
    }
    if len(keyed) < 2:
        return keyed
    shared = keyed["kk"].keys() & keyed["ru"].keys()
    return {
        lang: _by_key((key if key in shared else _first_key(section), section) for key, section in sections.items())
        for lang, sections in keyed.items()
    }


def _heading_key(section: Section) -> str:
    annex = section.pieces[0].address.annex if section.pieces else None
    if section.number is not None:
        place = section.number
    elif section.chapter.number is None and section.chapter.title:
        return _first_key(section)
    else:
        headings = (*section.above, section.chapter, *((section.below,) if section.below is not None else ()))
        place = "#" + "/".join(counted(h.number) for h in headings if h.number is not None)
    return f"{annex}:{place}" if annex else place


def _first_key(section: Section) -> str:
    if not section.pieces:
        return section.number or ""
    first = section.pieces[0].address
    place = section.number or f"/{first.point}/{first.subpoint}/{first.special}"
    return f"{first.annex}:{place}" if first.annex else place


def _by_key(pairs: Iterable[tuple[str, Section]]) -> dict[str, Section]:
    keyed: dict[str, Section] = {}
    for key, section in pairs:
        n = 1
        unique = key
        while unique in keyed:
            n += 1
            unique = f"{key}~{n}"
        keyed[unique] = section
    return keyed


def _interleave(orders: list[list[str]]) -> list[str]:
    """One order that keeps the first list's and puts each key that only a later list has behind its predecessor there."""
    merged = list(orders[0])
    for order in orders[1:]:
        known = set(merged)
        after: dict[str | None, list[str]] = {}
        previous: str | None = None
        for key in order:
            if key in known:
                previous = key
            else:
                after.setdefault(previous, []).append(key)
        if after:
            merged = after.get(None, []) + [k for key in merged for k in (key, *after.get(key, ()))]
    return merged


def _united(lists: Iterable[Iterable[Amendment]]) -> tuple[Amendment, ...]:
    """All amendments once each, oldest first; both languages report the same ones."""
    seen: dict[tuple[str, str, str | None, str], Amendment] = {}
    for amendment in (a for amendments in lists for a in amendments):
        key = (amendment.action, amendment.law, amendment.date, amendment.scope)
        if key not in seen or (seen[key].effective is None and amendment.effective is not None):
            seen[key] = amendment
    return tuple(sorted(seen.values(), key=lambda a: (a.date or "", a.law, a.action)))
