"""Corpus -> index: read, analyse, link, write. Progress comes as events, so that a terminal and a test can both listen."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from lawsearch import __version__
from lawsearch.analysis.analyzer import Analyzer, Token, postings
from lawsearch.corpus.files import ActFiles, discover
from lawsearch.corpus.reading import read_act
from lawsearch.engine.base import FORM_MARK, HEAD_FIELD, Engine
from lawsearch.engine.whoosh_engine import WhooshEngine
from lawsearch.errors import CorpusError, IndexUnusableError
from lawsearch.law import LANGS, Article, Lang, Provision
from lawsearch.store import generations
from lawsearch.store.crossing import CrossReferences
from lawsearch.store.database import KeySets, StoreWriter
from lawsearch.store.generations import POSTINGS_FOLDER, STORE_FILE
from lawsearch.store.naming import keys_of_act
from lawsearch.terms import termbase
from lawsearch.terms.linking import Link, Linker, key_sets

#: Positions left free between a title and a lead-in.
_GAP = 20


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` acts have been written; ``act`` is the one written last."""

    done: int
    total: int
    act: str


@dataclass(slots=True)
class Report:
    """What a build did. ``fresh`` is False where the index already was what the corpus asks for."""

    fresh: bool = True
    acts: int = 0
    provisions: int = 0
    problems: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def build(
    corpus: Sequence[Path],
    index: Path,
    *,
    rebuild: bool = False,
    engine: Engine | None = None,
    on_progress: Callable[[Progress], None] = lambda event: None,
) -> Report:
    """Bring the index in ``index`` to what the acts under ``corpus`` say.

    A corpus, term base and program that have not changed since the last build are left alone. Acts that cannot be read
    are reported and left out; raises CorpusError where none can be, and then the index in use stays as it was.
    """
    files = discover(corpus)
    fingerprint = _fingerprint(files)
    if not rebuild and _is_current(index, fingerprint):
        return Report(fresh=False)
    engine = engine or WhooshEngine()
    report = Report()
    with generations.building(index) as folder:
        _Build(folder, engine, report).run(files, on_progress)
        facts = {
            "engine": engine.name,
            "fingerprint": fingerprint,
            "acts": report.acts,
            "provisions": report.provisions,
            "corpus": [str(p) for p in corpus],
        }
        generations.seal(folder, facts)
        generations.switch(index, folder)
    return report


def _is_current(index: Path, fingerprint: str) -> bool:
    try:
        return bool(generations.current(index).manifest.get("fingerprint") == fingerprint)
    except IndexUnusableError:
        return False


def _fingerprint(acts: Iterable[ActFiles]) -> str:
    """A digest of all that decides what an index holds: the acts' files, the term base, the analysis and this version."""
    digest = hashlib.sha256(f"{__version__} {generations.FORMAT}".encode())
    for act in acts:
        digest.update(f"\0{act.law}\0{sorted(act.texts)}".encode())
        for file in act.files:
            digest.update(_digest(file))
    digest.update(_digest(termbase.builtin_path()))
    for package in ("lawsearch.analysis", "lawsearch.corpus", "lawsearch.store", "lawsearch.terms"):
        root = Path(str(resources.files(package)))
        for file in sorted(p for p in root.rglob("*") if p.is_file() and p.suffix in (".py", ".tsv", ".txt", ".json")):
            digest.update(_digest(file))
    return digest.hexdigest()


def _digest(file: Path) -> bytes:
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError as error:
        raise CorpusError(f"{file}: cannot be read ({error.strerror}); check its permissions") from None


def _with_forms(tokens: list[Token]) -> list[tuple[str, int]]:
    """The keys of a text, and its forms as such (``=форма``), each at its position; a bare ``=`` stands at the further
    positions of a compound, so that forms can be followed from one to the next."""
    found = postings(tokens)
    for token in tokens:
        found.append((f"{FORM_MARK}{token.form}", token.position))
        found += [(FORM_MARK, token.position + i) for i in range(1, len(token.word.parts))]
    return found


class _Build:
    """One build into one fresh folder."""

    def __init__(self, folder: Path, engine: Engine, report: Report) -> None:
        self.report = report
        self.analyzer = Analyzer()
        self.terms: tuple[termbase.Term, ...] = ()
        self.keys: dict[Lang, list[KeySets]] = {}
        self.linkers: dict[Lang, Linker] = {}
        self.store = StoreWriter(folder / STORE_FILE)
        self.postings = engine.writer(folder / POSTINGS_FOLDER)
        self.uses: dict[Lang, Counter[str]] = {lang: Counter() for lang in LANGS}
        self.crossing = CrossReferences(self.store)

    def run(self, files: Sequence[ActFiles], on_progress: Callable[[Progress], None]) -> None:
        try:
            for done, act_files in enumerate(files, 1):
                self._act(act_files)
                on_progress(Progress(done, len(files), act_files.law))
            if not self.report.acts:
                raise CorpusError(self.report.failed[0])
            for lang in LANGS:
                self.store.add_words(lang, self.analyzer.vocabulary(lang), self.uses[lang])
            self.crossing.resolve()
            self.store.add_terms(zip(self.terms, self.keys["kk"], self.keys["ru"], strict=True))
            self.store.add_facts({"failed": self.report.failed})
        except BaseException:
            self.postings.cancel()
            self.store.abandon()
            raise
        self.store.close()
        self.postings.commit()

    def _load_terms(self) -> None:
        """Analyse the term base: some seconds that a corpus without a readable act does not pay."""
        self.terms = termbase.load()
        self.keys = {lang: [key_sets(t.side(lang), lang, self.analyzer) for t in self.terms] for lang in LANGS}
        self.linkers = {lang: Linker(self.terms, lang, self.analyzer) for lang in LANGS}

    def _act(self, files: ActFiles) -> None:
        try:
            act = read_act(files)
        except CorpusError as error:
            self.report.failed.append(str(error))
            return
        if not self.linkers:
            self._load_terms()
        problems = [f"{act.law} ({p.lang}) line {p.line}: {p.what}" for p in act.problems]
        self.store.add_act(act, problems, keys_of_act(act.law, act.title, act.meta.get("number") or act.meta.get("requisite")))
        for article in act.articles:
            self._article(article)
        self.report.acts += 1
        self.report.provisions += len(act.provisions)
        self.report.problems += problems

    def _article(self, article: Article) -> None:
        titles = {lang: self._analysed(article.title.get(lang, ""), lang) for lang in LANGS}
        for lang in LANGS:
            self.uses[lang].update(token.form for token in titles[lang][0])
        all_links = []
        lead: Provision | None = None
        for number, provision in enumerate(article.provisions):
            if provision.kind in ("point", "opening"):
                lead = provision
            context = [titles]
            if provision.kind == "subpoint" and lead is not None:
                context.append({lang: self._analysed(lead.text(lang) or "", lang) for lang in LANGS})
            document: dict[str, list[tuple[str, int]]] = {HEAD_FIELD: [("1", 0)] if number == 0 else []}
            links: dict[Lang, list[Link]] = {}
            for lang in LANGS:
                tokens, links[lang] = self._analysed(provision.text(lang) or "", lang)
                document[lang] = _with_forms(tokens)
                self.uses[lang].update(token.form for token in tokens)
                self.crossing.add(provision, lang)
                if number == 0:
                    document[f"title_{lang}"] = _with_forms(titles[lang][0])
                document |= self._other_side(links[lang], lang)
            document |= self._context(context)
            self.postings.add(document)
            self.crossing.next_document()
            all_links.append(links)
        self.store.add_article(article, all_links)

    def _analysed(self, text: str, lang: Lang) -> tuple[list[Token], list[Link]]:
        if not text:
            return [], []
        tokens = self.analyzer.tokens(text, lang)
        return tokens, self.linkers[lang].links(tokens, text)

    def _other_side(self, links: Iterable[Link], lang: Lang) -> dict[str, list[tuple[str, int]]]:
        """The other language's keys of the terms in a text, at the text's own positions: closeness still means something."""
        other: Lang = "ru" if lang == "kk" else "kk"
        strong: set[tuple[int, str]] = set()
        weak: set[tuple[int, str]] = set()
        for link in links:
            for offset, keys in enumerate(self.keys[other][link.term]):
                (weak if link.weak else strong).update((link.position + offset, key) for key in keys)
        return {
            f"via_{other}": [(key, position) for position, key in sorted(strong)],
            f"weak_{other}": [(key, position) for position, key in sorted(weak - strong)],
        }

    def _context(self, parts: Sequence[Mapping[Lang, tuple[list[Token], list[Link]]]]) -> dict[str, list[tuple[str, int]]]:
        """The words of an article's title and of what leads in to a list, both languages' sides of their terms included.

        Positions of one part follow those of the part before it, with a gap that no phrase crosses.
        """
        found: dict[Lang, set[tuple[int, str]]] = {lang: set() for lang in LANGS}
        start = 0
        for part in parts:
            end = start
            for lang, (tokens, links) in part.items():
                found[lang].update((start + position, key) for key, position in _with_forms(tokens))
                if tokens:
                    end = max(end, start + tokens[-1].position + len(tokens[-1].word.parts))
                other: Lang = "ru" if lang == "kk" else "kk"
                for link in links:
                    if not link.weak:
                        for offset, keys in enumerate(self.keys[other][link.term]):
                            found[other].update((start + link.position + offset, key) for key in keys)
            start = end + _GAP
        return {f"context_{lang}": [(key, position) for position, key in sorted(pairs)] for lang, pairs in found.items()}
