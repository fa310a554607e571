"""Forms that ship with their keys: those of the term base and of the shipped corpus.

Analysing them takes seconds, the Russian ones the loading of a dictionary too, and every fresh index needs them.
`python -m lawsearch.known_words` writes `known_words.tsv` anew (a line is a form, and its keys where they are not the form
itself); a test fails when it is stale. Keys that another analysis
made than this one are passed over, language by language, so that a stale file costs time and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import metadata, resources
from pathlib import Path

from lawsearch import places
from lawsearch.analysis.analyzer import Analyzer
from lawsearch.corpus.files import discover
from lawsearch.corpus.reading import read_act
from lawsearch.law import LANGS, Lang
from lawsearch.terms import termbase

FILE = Path(str(resources.files("lawsearch") / "known_words.tsv"))
#: What of `analysis/` decides a Russian word's keys; a Kazakh word's may depend on all the rest.
_RUSSIAN = ("analyzer", "letters", "tokens", "russian")
_NOT_KAZAKH = ("russian", "skeleton", "stopwords")


@cache
def analysis(lang: Lang) -> str:
    """A digest of all that decides the keys of a language's words: the program's own code and data, and its dictionary."""
    root = Path(str(resources.files("lawsearch.analysis")))
    digest = hashlib.sha256()
    for file in sorted(p for p in root.rglob("*") if p.suffix in (".py", ".tsv", ".txt", ".packed")):
        ours = file.stem.startswith(_RUSSIAN) if lang == "ru" else not file.stem.startswith(_NOT_KAZAKH)
        # The root lists are packed into one file, which is what the stemmer reads.
        if ours and file.parent.name != "roots":
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    if lang == "ru":
        for package in ("pymorphy3", "pymorphy3-dicts-ru"):
            digest.update(metadata.version(package).encode())
    return digest.hexdigest()[:32]


def shipped() -> dict[Lang, list[tuple[str, str]]]:
    """The forms of each language with their keys, encoded (`analyzer.Word`); none of a language whose analysis has changed."""
    return _read(FILE)


@lru_cache(maxsize=1)
def _read(file: Path) -> dict[Lang, list[tuple[str, str]]]:
    found: dict[Lang, list[tuple[str, str]]] = {lang: [] for lang in LANGS}
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return found
    of_language: list[tuple[str, str]] | None = None
    for line in lines:
        form, _, keys = line.partition("\t")
        if form.startswith("#"):
            of_language = next((found[lang] for lang in LANGS if line == f"# {lang} {analysis(lang)}"), None)
        elif form and of_language is not None:
            of_language.append((form, keys or form))
    return found


def _texts() -> Iterable[tuple[Lang, str]]:
    for term in termbase.load():
        yield "kk", term.kk
        yield "ru", term.ru
    for files in discover([places.default_corpus()]):
        act = read_act(files)
        for article in act.articles:
            yield from article.title.items()
            for provision in article.provisions:
                for lang in provision.versions:
                    yield lang, provision.text(lang) or ""


def written() -> str:
    """The file as this analysis would have it."""
    analyzer = Analyzer()
    for lang, text in _texts():
        analyzer.tokens(text, lang)
    lines = []
    for lang, found in analyzer.fresh().items():
        lines.append(f"# {lang} {analysis(lang)}")
        lines += [form if keys == form else f"{form}\t{keys}" for form, keys in sorted(found)]
    return "\n".join((*lines, ""))


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8", newline="\n")
