"""Reading: the files of an act -> `law.Act`, its languages paired by address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lawsearch.corpus import grammar
from lawsearch.corpus.files import ActFiles, language_of, read_lines
from lawsearch.corpus.limits import read_meta
from lawsearch.errors import CorpusError
from lawsearch.law import LANGS, Act, Amendment, Article, Chapter, Lang, Problem, Provision


def read_act(files: ActFiles) -> Act:
    """Read one act. Raises CorpusError where a file cannot be read or holds no provision."""
    if files.unreadable:
        raise CorpusError(files.unreadable)
    meta = {} if files.meta is None else read_meta(files.meta)
    outlines: dict[Lang, grammar.Outline] = {}
    for lang in LANGS:
        if lang in files.texts:
            outline = grammar.parse(read_lines(files.texts[lang]), lang, files.law)
            if not any(s.pieces for s in outline.sections):
                raise CorpusError(f"{files.texts[lang][0]}: no article, point or paragraph of an act found in it")
            outlines[lang] = outline
    articles, problems = _merge(outlines)
    titles = _titles(meta, outlines, files.law)
    problems += [
        Problem(lang, 1, f"{file.name} lies beside what was read for this language, and is not read")
        for file in files.passed_over
        for lang in LANGS
        if language_of(file) == lang
    ]
    return Act(
        files.law,
        titles,
        meta,
        articles,
        tuple(line for o in outlines.values() for line in o.lines),
        (*(p for o in outlines.values() for p in o.problems), *problems),
    )


def _titles(meta: Mapping[str, object], outlines: Mapping[Lang, grammar.Outline], law: str) -> dict[Lang, str]:
    titles: dict[Lang, str] = {}
    given = meta.get("title")
    for lang, names in (("kk", ("kk", "kaz")), ("ru", ("ru", "rus"))):
        value = next((given[n] for n in names if n in given), None) if isinstance(given, dict) else None
        if value is None and lang in outlines:
            value = outlines[lang].title  # type: ignore[index]
        if value:
            titles[lang] = str(value).strip()  # type: ignore[index]
    if not titles:
        lang = next(iter(outlines))
        front = [line.text for line in outlines[lang].lines if line.role == "front"]
        titles[lang] = front[1] if len(front) > 1 else front[0] if front else law
    return titles


# -- two languages, one act -------------------------------------------------------------------------------------------


def _merge(outlines: Mapping[Lang, grammar.Outline]) -> tuple[tuple[Article, ...], list[Problem]]:
    """Articles in the order of the first language, those of the other put behind the one they follow there."""
    problems: list[Problem] = []
    keyed = {lang: _by_key(_section_keys(o.sections)) for lang, o in outlines.items()}
    articles = []
    for key in _interleave([list(k) for k in keyed.values()]):
        sections = {lang: k[key] for lang, k in keyed.items() if key in k}
        if any(s.pieces for s in sections.values()):
            articles.append(_article(sections, problems))
    return tuple(articles), problems


def _section_keys(sections: Iterable[grammar.Section]) -> list[tuple[str, grammar.Section]]:
    """A key for each section that is the same in both languages: the article's number, or the chapter it opens."""
    keys = []
    for section in sections:
        if section.pieces:
            first = section.pieces[0].address
            place = section.number or f"/{first.point}/{first.subpoint}/{first.special}"
            keys.append((f"{first.annex}:{place}" if first.annex else place, section))
        elif section.number is not None:
            keys.append((section.number, section))
    return keys


def _by_key(pairs: list[tuple[str, grammar.Section]]) -> dict[str, grammar.Section]:
    keyed: dict[str, grammar.Section] = {}
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


def _article(sections: Mapping[Lang, grammar.Section], problems: list[Problem]) -> Article:
    first = next(iter(sections.values()))
    chapter = Chapter(
        first.chapter.number,
        {lang: s.chapter.title for lang, s in sections.items() if s.chapter.title},
        {lang: s.part.title for lang, s in sections.items() if s.part is not None},
    )
    amendments = _united([s.amendments for s in sections.values()])
    pieces = {lang: {str(p.address): p for p in s.pieces} for lang, s in sections.items()}
    provisions = []
    for key in _interleave([list(p) for p in pieces.values()]):
        here = {lang: p[key] for lang, p in pieces.items() if key in p}
        one = next(iter(here.values()))
        if len({p.status for p in here.values()}) > 1:
            lang, piece = next(iter(here.items()))
            problems.append(Problem(lang, piece.paragraphs[0].line, f"{key}: in force in one language, repealed in the other"))
        provisions.append(
            Provision(
                one.address,
                one.kind,
                one.status,
                _united([*(p.amendments for p in here.values()), amendments]),
                {lang: p.version() for lang, p in here.items()},
            )
        )
    titles = {lang: s.title for lang, s in sections.items() if s.title}
    return Article(first.number, titles, chapter, tuple(provisions), amendments)


def _united(lists: Iterable[Iterable[Amendment]]) -> tuple[Amendment, ...]:
    """All amendments once each, oldest first; both languages report the same ones."""
    seen: dict[tuple[str, str, str | None, str], Amendment] = {}
    for amendment in (a for amendments in lists for a in amendments):
        key = (amendment.action, amendment.law, amendment.date, amendment.scope)
        if key not in seen or (seen[key].effective is None and amendment.effective is not None):
            seen[key] = amendment
    return tuple(sorted(seen.values(), key=lambda a: (a.date or "", a.law, a.action)))
