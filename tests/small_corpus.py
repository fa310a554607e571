"""A corpus of two short acts and a term base of a few pairs, in two editions: what the tests of reliability build from."""

from __future__ import annotations

from pathlib import Path

from lawsearch.errors import IndexMissingError
from lawsearch.search import Searcher

TERMS = (
    "kk\tru\tdomain\tsource\tstatus\tnote\n"
    "полиция\tполиция\tpolice\tgeneral\tpreferred\t\n"
    "қару\tоружие\tpolice\tgeneral\tpreferred\t\n"
    "құқық бұзушылық\tправонарушение\tpolice\tgeneral\tpreferred\t\n"
)
EDITIONS = (
    ("1-бап. Полицияның міндеттері\n1. Полиция қаруды алып қояды.\n2. Құқық бұзушылықтың алдын алады:\n1) қоғамдық орында;\n2) көшеде.\n",
     "Статья 1. Задачи\n1. Полиция изымает оружие.\n2. Предупреждает правонарушения.\n"),
    ("1-бап. Полицияның міндеттері\n1. Полиция құжаттарды тексереді.\n2. Қаруды тіркейді.\n3. Жол қозғалысын реттейді.\n",
     "Статья 1. Задачи\n1. Полиция проверяет документы.\n2. Регистрирует оружие.\n3. Регулирует движение.\n"),
)  # fmt: skip
QUERIES = ("полиция", "қару", "оружие", '"құқық бұзушылық"', "тіркеу", "көше", "ст. 1")


def write_terms(folder: Path) -> Path:
    """The term base as a file."""
    file = folder / "terms.tsv"
    file.write_text(TERMS, encoding="utf-8")
    return file


def write_corpus(root: Path, edition: int) -> Path:
    """Acts A1 (both languages) and A2 (Kazakh, the same in both editions)."""
    for law, name, text in (
        ("A1", "kaz.txt", EDITIONS[edition][0]),
        ("A1", "rus.txt", EDITIONS[edition][1]),
        ("A1", "meta.yaml", "title:\n  kk: Полиция туралы\n  ru: О полиции\n"),
        ("A2", "kaz.txt", "5-бап. Жауаптылық\n1. Қаруды заңсыз сақтағаны үшін жауаптылық.\n"),
    ):
        file = root / law / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def names_in(index: Path) -> list[str]:
    """The names in an index's folder, without what builds keep for one another beside it."""
    return sorted(p.name for p in index.iterdir() if not p.name.startswith("prepared."))


def answers(index: Path, *, verify: bool = False) -> dict[str, list[tuple[str, str]]] | None:
    """What the index answers to each query: addresses and texts in order; None where there is no index."""
    try:
        with Searcher(index, verify=verify) as searcher:
            return {
                query: [
                    (str(hit.provision.address), "|".join(hit.provision.texts.values()), str(hit.highlights))
                    for hit in searcher.search(query, limit=None).hits
                ]
                for query in QUERIES
            }  # type: ignore[return-value]
    except IndexMissingError:
        return None
