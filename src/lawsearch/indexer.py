"""Corpus -> index: read, analyse, link, write. Progress comes as events, so that a terminal and a test can both listen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from lawsearch import __version__, places
from lawsearch.analysis.analyzer import Analyzer, Token, postings
from lawsearch.corpus.alignment import DOUBTFUL
from lawsearch.corpus.files import ActFiles, discover
from lawsearch.corpus.reading import read_act
from lawsearch.engine.base import HEAD_FIELD, Engine
from lawsearch.engine.whoosh_engine import WhooshEngine
from lawsearch.errors import CorpusError, IndexUnusableError
from lawsearch.law import LANGS, Article, Lang, Provision
from lawsearch.store import generations
from lawsearch.store.database import KeySets, StoreWriter
from lawsearch.terms import termbase
from lawsearch.terms.comparison import TermComparison
from lawsearch.terms.linking import Link, Linker, key_sets

if TYPE_CHECKING:
    from lawsearch.terms.mining import Passage

#: The names that the files of a generation go by.
STORE_FILE = "store.sqlite"
POSTINGS_FOLDER = "postings"
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
    learnt: int = 0
    problems: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def build(
    corpus: Sequence[Path],
    index: Path,
    *,
    rebuild: bool = False,
    learn: bool = False,
    engine: Engine | None = None,
    on_progress: Callable[[Progress], None] = lambda event: None,
) -> Report:
    """Bring the index in ``index`` to what the acts under ``corpus`` say.

    ``learn`` also mines pairs of terms from acts in two languages and uses them at lower weight.
    A corpus, term base and program that have not changed since the last build are left alone. Acts that cannot be read
    are reported and left out; raises CorpusError where none can be, and then the index in use stays as it was.
    """
    files = discover(corpus)
    fingerprint = _fingerprint(files, learn)
    if not rebuild and _is_current(index, fingerprint):
        return Report(fresh=False)
    engine = engine or WhooshEngine()
    report = Report()
    with generations.building(index) as folder:
        _Build(folder, engine, report, files if learn else ()).run(files, on_progress)
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


def _fingerprint(acts: Iterable[ActFiles], learn: bool) -> str:
    """A digest of all that decides what an index holds: the acts' files, the term base, the analysis and this version."""
    digest = hashlib.sha256(f"{__version__} {generations.FORMAT} {learn}".encode())
    for act in acts:
        digest.update(f"\0{act.law}\0{sorted(act.texts)}".encode())
        for file in act.files:
            digest.update(_digest(file))
    digest.update(_digest(termbase.builtin_path()))
    own = places.user_terms()
    digest.update(_digest(own) if own.is_file() else b"")
    for package in ("lawsearch.analysis", "lawsearch.corpus", "lawsearch.terms"):
        root = Path(str(resources.files(package)))
        for file in sorted(p for p in root.rglob("*") if p.is_file() and p.suffix in (".py", ".tsv", ".txt", ".json")):
            digest.update(_digest(file))
    return digest.hexdigest()


def _digest(file: Path) -> bytes:
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError as error:
        raise CorpusError(f"{file}: cannot be read ({error.strerror}); check its permissions") from None


class _Build:
    """One build into one fresh folder."""

    def __init__(self, folder: Path, engine: Engine, report: Report, learn_from: Sequence[ActFiles] = ()) -> None:
        self.report = report
        self.analyzer = Analyzer()
        self.learn_from = learn_from
        self.terms: tuple[termbase.Term, ...] = ()
        self.keys: dict[Lang, list[KeySets]] = {}
        self.linkers: dict[Lang, Linker] = {}
        # Learnt pairs are linked beside the term base's, so that none of them ever hides a pair that a person wrote.
        self.learnt_linkers: dict[Lang, Linker] = {}
        self.first_learnt = 0
        # What one act's texts were analysed as: pairing its languages and indexing them need the same.
        self._known: dict[tuple[Lang, str], tuple[list[Token], list[Link]]] = {}
        self._comparison: TermComparison | None = None
        self.store = StoreWriter(folder / STORE_FILE)
        self.postings = engine.writer(folder / POSTINGS_FOLDER)

    def run(self, files: Sequence[ActFiles], on_progress: Callable[[Progress], None]) -> None:
        try:
            for done, act_files in enumerate(files, 1):
                self._act(act_files)
                on_progress(Progress(done, len(files), act_files.law))
            if not self.report.acts:
                raise CorpusError(self.report.failed[0])
            for lang in LANGS:
                self.store.add_words(lang, self.analyzer.vocabulary(lang))
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
        if self.linkers:
            return
        self.terms = termbase.combined(places.user_terms())
        self.first_learnt = len(self.terms)
        self.keys = {lang: [key_sets(t.side(lang), lang, self.analyzer) for t in self.terms] for lang in LANGS}
        self.linkers = {lang: Linker(self.terms, self.keys[lang]) for lang in LANGS}
        self._comparison = TermComparison(self._analysed, self.keys["ru"])
        if self.learn_from:
            self._learn(self.learn_from)

    def _says(self, text: str, lang: Lang) -> Sequence[frozenset[str]]:
        """What a text says, where the languages of an act have to be compared."""
        self._load_terms()
        assert self._comparison is not None
        return self._comparison(text, lang)

    def _act(self, files: ActFiles) -> None:
        try:
            act = read_act(files, self._says)
        except CorpusError as error:
            self.report.failed.append(str(error))
            return
        self._load_terms()
        problems = [f"{act.law} ({p.lang}) line {p.line}: {p.what}" for p in act.problems]
        self.store.add_act(act, problems)
        for article in act.articles:
            self._article(article)
        self._known.clear()
        self.report.acts += 1
        self.report.provisions += len(act.provisions)
        self.report.problems += problems

    def _article(self, article: Article) -> None:
        titles = {lang: self._analysed(article.title.get(lang, ""), lang) for lang in LANGS}
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
            sides = {lang: self._analysed(provision.text(lang) or "", lang) for lang in LANGS}
            for lang, (tokens, found) in sides.items():
                document[lang] = postings(tokens)
                links[lang] = found
            paired = provision.confidence is not None and provision.confidence >= DOUBTFUL
            said = {lang: {key for key, _ in document[lang]} if paired else None for lang in LANGS}
            document |= self._other_side(links["kk"], "kk", said["ru"]) | self._other_side(links["ru"], "ru", said["kk"])
            document |= self._context(context)
            self.postings.add(document)
            all_links.append(links)
        self.store.add_article(article, all_links)

    def _analysed(self, text: str, lang: Lang) -> tuple[list[Token], list[Link]]:
        if not text:
            return [], []
        known = self._known.get((lang, text))
        if known is None:
            tokens = self.analyzer.tokens(text, lang)
            links = self.linkers[lang].links(tokens, text)
            if self.learnt_linkers:
                more = self.learnt_linkers[lang].links(tokens, text)
                links += [link._replace(term=link.term + self.first_learnt) for link in more]
            known = self._known[lang, text] = tokens, links
        return known

    def _learn(self, files: Iterable[ActFiles]) -> None:
        """Mine the acts in two languages and add what they teach to the terms."""
        from lawsearch.terms import mining

        passages = [p for f in files if len(f.texts) > 1 for p in self._passages(f)]
        known = mining.Known(self.terms, self.keys)
        learnt = tuple(p.term() for p in mining.mined(passages, known, analyzer=self.analyzer) if p.sure and not p.known)
        keys = {lang: [key_sets(t.side(lang), lang, self.analyzer) for t in learnt] for lang in LANGS}
        self.learnt_linkers = {lang: Linker(learnt, keys[lang]) for lang in LANGS}
        self.terms = (*self.terms, *learnt)
        self.keys = {lang: [*self.keys[lang], *keys[lang]] for lang in LANGS}
        self.report.learnt = len(learnt)
        self._known.clear()

    def _passages(self, files: ActFiles) -> Iterator[Passage]:
        try:
            act = read_act(files, self._says)
        except CorpusError:
            # Reported when its turn comes.
            return
        from lawsearch.terms.mining import Passage

        for provision in act.provisions:
            if len(provision.versions) == len(LANGS) and (provision.confidence or 0.0) >= DOUBTFUL:
                kk, ru = (provision.versions[lang].paragraphs for lang in LANGS)
                beads = provision.beads or tuple((i, i + 1, i, i + 1) for i in range(len(kk)))
                for a, b, c, d in beads:
                    yield Passage(
                        str(provision.address), "\n".join(p.text for p in kk[a:b]), "\n".join(p.text for p in ru[c:d])
                    )
        self._known.clear()

    def _other_side(self, links: Iterable[Link], lang: Lang, said: set[str] | None) -> dict[str, list[tuple[str, int]]]:
        """The other language's keys of the terms in a text, at the text's own positions: closeness still means something.

        ``said`` are the keys of the paired text, where there is one: a rendering that it does not use is doubtful.
        """
        other: Lang = "ru" if lang == "kk" else "kk"
        strong: set[tuple[int, str]] = set()
        weak: set[tuple[int, str]] = set()
        learnt: set[tuple[int, str]] = set()
        doubted: set[tuple[int, str]] = set()
        for link in links:
            kind = learnt if link.term >= self.first_learnt else weak if link.weak else strong
            if kind is strong and said is not None and any(said.isdisjoint(k) for k in self.keys[other][link.term]):
                kind = doubted
            for offset, keys in enumerate(self.keys[other][link.term]):
                kind.update((link.position + offset, key) for key in keys)
        # What the stronger fields have anywhere in the text need not stand in the weaker ones again.
        plain = {key for _, key in strong}
        return {
            f"via_{other}": [(key, position) for position, key in sorted(strong)],
            f"learnt_{other}": [(key, position) for position, key in sorted(learnt) if key not in plain],
            f"doubted_{other}": [(key, position) for position, key in sorted(doubted) if key not in plain],
            f"weak_{other}": [(key, position) for position, key in sorted(weak) if key not in plain],
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
                found[lang].update((start + position, key) for key, position in postings(tokens))
                if tokens:
                    end = max(end, start + tokens[-1].position + len(tokens[-1].word.parts))
                other: Lang = "ru" if lang == "kk" else "kk"
                for link in links:
                    if not link.weak and link.term < self.first_learnt:
                        for offset, keys in enumerate(self.keys[other][link.term]):
                            found[other].update((start + link.position + offset, key) for key in keys)
            start = end + _GAP
        return {f"context_{lang}": [(key, position) for position, key in sorted(pairs)] for lang, pairs in found.items()}
