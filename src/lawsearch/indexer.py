"""Corpus -> index: acts inverted in batches, by as many processes as wanted, and written by one, in order. Progress comes as
events, so that a terminal and a test can both listen.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lawsearch import __version__, known_words, making, places
from lawsearch.analysis.analyzer import Analyzer
from lawsearch.corpus.files import ActFiles, discover, language_of
from lawsearch.engine import choice
from lawsearch.engine.base import Engine, SharingWriter
from lawsearch.errors import CorpusError, IndexUnusableError, LawsearchError
from lawsearch.inversion import Batch, Inversion, Vocabulary
from lawsearch.law import LANGS, Lang
from lawsearch.making import Made, Words
from lawsearch.store import generations, prepared
from lawsearch.store.crossing import CrossReferences
from lawsearch.store.generations import POSTINGS_FOLDER, STORE_FILE
from lawsearch.store.prepared import Prepared
from lawsearch.store.writing import StoreWriter
from lawsearch.terms import termbase
from lawsearch.terms.termbase import Term

if TYPE_CHECKING:
    from multiprocessing.pool import AsyncResult, Pool

#: A batch ends where its files have so many bytes; or a quarter of it, at an act whose name says so, so that an act added or
#: removed moves the bounds of its own batch and not those of all that follow.
_BATCH_BYTES = 600_000
_ENDS = 4

#: A batch: the key under which it is kept, its acts.
Keyed = tuple[bytes, list[ActFiles]]


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` acts have been written, ``provisions`` in them; ``act`` is the one written last."""

    done: int
    total: int
    act: str
    provisions: int = 0


@dataclass(slots=True)
class Report:
    """What a build did. ``fresh`` is False where the index already was what the corpus asks for; ``reused`` counts acts that
    were taken from what earlier builds had prepared."""

    fresh: bool = True
    acts: int = 0
    provisions: int = 0
    learnt: int = 0
    reused: int = 0
    problems: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def build(
    corpus: Sequence[Path],
    index: Path,
    *,
    rebuild: bool = False,
    learn: bool = False,
    jobs: int = 1,
    engine: Engine | None = None,
    terms: Path | None = None,
    dask: str | None = None,
    on_progress: Callable[[Progress], None] = lambda event: None,
) -> Report:
    """Bring the index in ``index`` to what the acts under ``corpus`` say.

    ``learn`` also mines pairs of terms from acts in two languages and uses them at lower weight. ``jobs`` processes analyse;
    the index is the same whatever their number. A corpus, term base and program that have not changed since the last build
    are left alone, and acts that have not are not analysed again, unless ``rebuild`` is set. Acts that cannot be read are
    reported and left out; raises CorpusError where none can be, and then the index in use stays as it was. ``engine`` None
    is that of the index in use, else the default one. ``terms`` is a term file to use instead of the one that ships.
    ``dask`` is the address of a Dask scheduler whose workers read and analyse instead, or ``local``.
    """
    with _left_by_others(index) as work:
        # What has not been touched since an earlier build is not looked into.
        files = discover(corpus, None if work is None or rebuild else work.language)
        known = {f: _digest(f) if work is None else work.digest(f, _digest) for act in files for f in act.files}
    manifest = _manifest(index)
    engine = engine or choice.engine(str(manifest.get("engine", choice.DEFAULT)))
    engine_and_layout = f"{engine.name} {getattr(engine, 'layout', '')}".strip()
    own = places.user_terms()
    given = (
        (_digest(terms),) if terms is not None else (_digest(termbase.builtin_path()), _digest(own) if own.is_file() else b"")
    )
    here = program_here()
    analysis = _analysis()
    program = f"{here} {given}"
    fingerprint = _fingerprint(files, known, f"{program} {learn} {engine_and_layout}")
    if not rebuild and manifest.get("fingerprint") == fingerprint:
        generations.tidy(index)
        return Report(fresh=False)

    def built(rebuild: bool) -> Report:
        report = Report()
        with generations.building(index) as folder, making.no_search_for_garbage():
            if rebuild:
                prepared.drop(index)
            work = Prepared(index, f"{__version__} {analysis}")
            try:
                digests = {file: work.digest(file, _digest) for act in files for file in act.files}
                work.keep_digests()
                work.keep_languages(
                    (file, lang)
                    for act in files
                    if act.lone
                    for lang, texts in act.texts.items()
                    for file in texts
                    if language_of(file) is None
                )
                batches = list(_batches(files, digests, program))
                with _pool(index, jobs if dask is None and not all(work.has(key) for key, _ in batches) else 1) as pool:
                    name, vocabulary = _vocabulary(
                        work,
                        program,
                        lambda: termbase.combined(own) if terms is None else termbase.load(terms),
                        files if learn else (),
                    )
                    report.learnt = len(vocabulary.terms) - vocabulary.first_learnt
                    build = _Build(folder, engine, report, work, vocabulary, here)
                    build.run(len(files), build.inverted(batches, jobs, pool, name, dask), on_progress)
                facts = {
                    "engine": engine.name,
                    "fingerprint": fingerprint,
                    "acts": report.acts,
                    "provisions": report.provisions,
                    "corpus": [str(p) for p in corpus],
                }
                generations.seal(folder, facts)
                generations.switch(index, folder)
                work.finish()
            finally:
                work.close()
        return report

    try:
        return built(rebuild)
    except LawsearchError as error:
        if rebuild or error.__cause__ is None or not prepared.is_damage(error.__cause__):
            raise
    # What earlier builds left was too damaged to be read round.
    return built(True)


@contextmanager
def _pool(index: Path, jobs: int) -> Iterator[Pool | None]:
    """As many workers as there are jobs; none for one. They get ready while the vocabulary is made."""
    if jobs <= 1:
        yield None
        return
    from lawsearch.processes import workers

    with workers(jobs, making.start_worker, (index,)) as pool:
        yield pool


def engine_of(index: Path) -> str:
    """The name of the engine of the index in use, else of the default one."""
    return str(_manifest(index).get("engine", choice.DEFAULT))


def program_here() -> str:
    """A digest of all of this installation that decides what acts come to."""
    return f"{_sources('analysis', 'corpus', 'terms', 'store', 'engine')} {_analysis()}"


def _analysis() -> str:
    return " ".join(known_words.analysis(lang) for lang in LANGS)


def _manifest(index: Path) -> dict[str, Any]:
    """The manifest of a whole index, or nothing."""
    try:
        generation = generations.current(index)
    except IndexUnusableError:
        return {}
    with generation.hold:
        return generation.manifest


@contextmanager
def _left_by_others(index: Path) -> Iterator[Prepared | None]:
    """What earlier builds kept, to read in; None where there is nothing."""
    try:
        work = Prepared(index, "", readonly=True) if (index / prepared.FILE).is_file() else None
    except Exception:
        work = None
    with nullcontext() if work is None else closing(work):
        yield work


def _fingerprint(acts: Iterable[ActFiles], digests: dict[Path, bytes], program: str) -> str:
    """A digest of all that decides what an index holds: the acts' files, the term base, the program, this version."""
    digest = hashlib.sha256(f"{__version__} {generations.FORMAT} {program}".encode())
    for act in acts:
        digest.update(_key_of(act, digests))
    return digest.hexdigest()


def _key_of(act: ActFiles, digests: dict[Path, bytes]) -> bytes:
    told = f"\0{act.law}\0{sorted(act.texts)}\0{act.unreadable}\0{[f.name for f in act.passed_over]}"
    return told.encode("utf-8", "surrogateescape") + b"".join(digests[file] for file in act.files)


def _sources(*packages: str) -> str:
    """A digest of the program's own code and data in some of its rooms, and of what stands between them."""
    digest = hashlib.sha256()
    root = Path(str(resources.files("lawsearch")))
    files = [p for name in packages for p in (root / name).rglob("*")]
    if len(packages) > 1:
        files += [root / name for name in ("law.py", "inversion.py", "filing.py", "making.py")]
    for file in sorted(p for p in files if p.is_file() and p.suffix in (".py", ".tsv", ".txt", ".json", ".packed")):
        if file.name != "kk_ru.tsv":
            digest.update(_digest(file))
    return digest.hexdigest()


def _digest(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        # Its act is left out when it is read; until the file can be read the index is not the same.
        return f"{error.strerror}".encode()


def _vocabulary(
    work: Prepared, program: str, load: Callable[[], Sequence[Term]], learn_from: Sequence[ActFiles]
) -> tuple[str, Vocabulary]:
    """The terms with their keys, as an earlier build left them where ``program`` (with the term files) is the same; and the
    name under which they are kept, for workers."""
    name = "terms:" + hashlib.sha256(program.encode()).hexdigest()
    kept = work.value(name)
    vocabulary = None if kept is None else making.decoded_vocabulary(kept)
    if vocabulary is None:
        analyzer = Analyzer(making.KnownForms(work).look_up)
        vocabulary = Vocabulary.of(load(), analyzer)
        work.keep_words(analyzer.fresh())
        work.keep_value(name, making.encode_vocabulary(vocabulary))
    if learn_from:
        analyzer = Analyzer(making.KnownForms(work).look_up)
        vocabulary = Inversion(vocabulary, analyzer).learnt(learn_from)
        work.keep_words(analyzer.fresh())
        name = "learnt:" + name
        work.keep_value(name, making.encode_vocabulary(vocabulary))
    return name, vocabulary


def _batches(files: Iterable[ActFiles], digests: dict[Path, bytes], program: str) -> Iterator[tuple[bytes, list[ActFiles]]]:
    """Acts by batches, each with the key under which it is kept."""
    some: list[ActFiles] = []
    size = 0
    for act in files:
        some.append(act)
        size += sum(_size(file) for file in act.files)
        ends = zlib.crc32(act.law.encode("utf-8", "surrogateescape")) % _ENDS == 0
        if size >= _BATCH_BYTES or (ends and size >= _BATCH_BYTES // 4):
            yield _batch_key(some, digests, program), some
            some, size = [], 0
    if some:
        yield _batch_key(some, digests, program), some


def _batch_key(acts: Iterable[ActFiles], digests: dict[Path, bytes], program: str) -> bytes:
    digest = hashlib.sha256(program.encode())
    for act in acts:
        digest.update(_key_of(act, digests))
    return digest.digest()


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


class _Build:
    """One build into one fresh folder."""

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        report: Report,
        work: Prepared,
        vocabulary: Vocabulary,
        program: str,
    ) -> None:
        self.report = report
        self.work = work
        self.vocabulary = vocabulary
        self.program = program
        self.store = StoreWriter(folder / STORE_FILE)
        self.postings = engine.writer(folder / POSTINGS_FOLDER)
        self.uses: dict[Lang, Counter[str]] = {lang: Counter() for lang in LANGS}
        self.crossing = CrossReferences(self.store)

    def run(self, total: int, inverted: Iterator[list[ActFiles]], on_progress: Callable[[Progress], None]) -> None:
        """Write ``total`` acts as they come, and what is known when all are there."""
        done = 0
        try:
            for number, acts in enumerate(inverted, 1):
                done += len(acts)
                making.swept(number)
                on_progress(Progress(done, total, acts[-1].law, self.report.provisions))
            if not self.report.acts:
                raise CorpusError(self.report.failed[0])
            self._finish()
        except BaseException:
            self.postings.cancel()
            self.store.abandon()
            raise
        self.store.close()
        self.postings.commit()

    def inverted(
        self, batches: Sequence[Keyed], jobs: int, pool: Pool | None, vocabulary: str, dask: str | None
    ) -> Iterator[list[ActFiles]]:
        """Write the batches in order: those that an earlier build has prepared, the others made here, or ahead of their turn
        by workers. Yields the acts of each."""
        if dask is not None and not all(self.work.has(key) for key, _ in batches):
            return self._by_dask(batches, dask, jobs)
        return self._here(batches) if pool is None else self._by_workers(batches, jobs, pool, vocabulary)

    def _here(self, batches: Sequence[Keyed]) -> Iterator[list[ActFiles]]:
        known: making.KnownForms | None = None
        inversion: Inversion | None = None
        for key, acts in batches:
            batch = self._kept(key, acts)
            if batch is None:
                known = known or making.KnownForms(self.work)
                inversion = inversion or Inversion(self.vocabulary, known.analyzer())
                batch = inversion.batch(acts)
                known.hear(batch.words)
                self._keep(key, making.made(batch))
            self._write(batch)
            yield acts

    def _by_workers(self, batches: Sequence[Keyed], jobs: int, pool: Pool, vocabulary: str) -> Iterator[list[ActFiles]]:
        from lawsearch.processes import crew, result_of

        started = crew(pool)
        #: The words of the last batches, so that hardly one is analysed by two workers.
        met: deque[Words] = deque(maxlen=2 * jobs)

        def asked(acts: list[ActFiles]) -> AsyncResult[Made]:
            return pool.apply_async(making.work, (acts, vocabulary, list(met)))

        def made(key: bytes, pending: AsyncResult[Made]) -> Batch:
            result = result_of(pool, pending, started)
            met.append(result[1])
            return self._taken(key, result)

        ahead = 0
        window: deque[tuple[bytes, list[ActFiles], AsyncResult[Made] | None]] = deque()
        while window or ahead < len(batches):
            # A bounded window, so that what workers have made does not pile up.
            while ahead < len(batches) and len(window) <= 2 * jobs:
                key, acts = batches[ahead]
                window.append((key, acts, None if self.work.has(key) else asked(acts)))
                ahead += 1
            key, acts, pending = window.popleft()
            batch = self._kept(key, acts) if pending is None else made(key, pending)
            self._write(batch if batch is not None else made(key, asked(acts)))
            yield acts

    def _by_dask(self, batches: Sequence[Keyed], address: str, jobs: int) -> Iterator[list[ActFiles]]:
        """The same by the workers of a Dask scheduler, who also write, where the engine lets them."""
        try:
            from lawsearch.dask_workers import connected
        except ImportError as error:
            if error.name not in ("dask", "distributed"):
                raise
            raise LawsearchError("--dask: Dask is not installed; install it with: pip install 'lawsearch[dask]'") from None
        sharing = cast(SharingWriter, self.postings) if hasattr(self.postings, "share") else None
        writing: deque[tuple[Any, Batch]] = deque()
        here: Inversion | None = None
        with connected(address, jobs, making.encode_vocabulary(self.vocabulary), self.program) as workers:

            def settle(left: int) -> None:
                """See that batches are written, in their order, until so many are under way."""
                while sharing is not None and len(writing) > left:
                    future, written = writing.popleft()
                    sharing.account(written.postings, workers.result(future))

            ahead = 0
            window: deque[tuple[bytes, list[ActFiles], Any]] = deque()
            while window or ahead < len(batches):
                while ahead < len(batches) and len(window) < workers.ahead:
                    key, acts = batches[ahead]
                    window.append((key, acts, None if self.work.has(key) else workers.invert(acts)))
                    ahead += 1
                key, acts, pending = window.popleft()
                batch = self._kept(key, acts) if pending is None else None
                written_there = False
                if batch is None:
                    result: Made | None = None if pending is None else workers.result(pending)
                    # What a worker could not read may only be out of its reach.
                    if result is None or result[2]:
                        here = here or Inversion(self.vocabulary, Analyzer(making.KnownForms(self.work).look_up))
                        result = making.made(here.batch(acts))
                    elif sharing is not None:
                        written_there = True
                    batch = self._taken(key, result)
                if sharing is not None and written_there:
                    first = self.report.provisions
                    writing.append((workers.write(pending, sharing.share(), first), batch))
                    self._write(batch, postings=False)
                else:
                    settle(0)
                    self._write(batch)
                settle(workers.ahead)
                yield acts
            settle(0)

    def _kept(self, key: bytes, acts: Sequence[ActFiles]) -> Batch | None:
        data = self.work.batch(key)
        if data is None:
            return None
        try:
            batch = Batch.decode(data)
        except (ValueError, TypeError, KeyError, IndexError, struct.error):
            return None
        self.report.reused += len(acts)
        return batch

    def _keep(self, key: bytes, made: Made) -> None:
        data, words, failed = made
        self.work.keep_words(words)
        if not failed:
            # What could not be read is tried again by the next build.
            self.work.keep_batch(key, data)

    def _taken(self, key: bytes, made: Made) -> Batch:
        """Keep a batch that a worker made, and read it."""
        self._keep(key, made)
        return Batch.decode(prepared.decompressed(made[0]))

    def _write(self, batch: Batch, *, postings: bool = True) -> None:
        for act in batch.acts:
            self.crossing.add(act.cited, self.store.acts, self.store.provisions)
            self.store.add(act.rows)
            self.report.acts += 1
            self.report.provisions += len(act.rows.provisions)
            self.report.problems += act.problems
        self.report.failed += batch.failed
        if postings:
            self.postings.add_batch(batch.postings)
        for lang in LANGS:
            self.uses[lang].update(batch.uses[lang])

    def _finish(self) -> None:
        analyzer = Analyzer(making.KnownForms(self.work).look_up)
        shipped = known_words.shipped()
        for lang in LANGS:
            known = dict(shipped[lang])
            known.update(self.work.words(lang))
            forms = sorted({*self.uses[lang], *self.vocabulary.forms[lang]})
            words = [known[form] if form in known else analyzer.word(form, lang).encode() for form in forms]
            self.store.add_words(lang, forms, words, self.uses[lang])
        self.crossing.resolve()
        keys = self.vocabulary.keys
        self.store.add_terms(zip(self.vocabulary.terms, keys["kk"], keys["ru"], strict=True))
        self.store.add_facts({"failed": self.report.failed})
