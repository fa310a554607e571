"""Inversion of acts: files -> rows for the store and posting lists for the engine, a batch of acts at a time.

A batch knows its documents by their place in it, so that a worker can make it, a build can keep it for the next one, and
it is the same wherever in an index it comes to stand.
"""

from __future__ import annotations

import gc
import json
import struct
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lawsearch.analysis.analyzer import Analyzer
from lawsearch.corpus.alignment import DOUBTFUL
from lawsearch.corpus.files import ActFiles
from lawsearch.corpus.reading import Parsed, paired, parse_act
from lawsearch.engine.inverted import Inverted
from lawsearch.errors import CorpusError
from lawsearch.filing import Documents
from lawsearch.law import LANGS, Act, Lang
from lawsearch.store.crossing import Noted, noted, packed, unpacked
from lawsearch.store.naming import keys_of_act
from lawsearch.store.writing import ActRows
from lawsearch.terms.comparison import TermComparison
from lawsearch.terms.linking import KeySets
from lawsearch.terms.termbase import Term
from lawsearch.terms.texts import Language, languages

if TYPE_CHECKING:
    from lawsearch.terms.mining import Passage

_HEAD = struct.Struct("<II")


@dataclass(slots=True)
class InvertedAct:
    """An act's rows, what its readers could not place, and what it cites (documents counted from its own first)."""

    rows: ActRows
    problems: list[str]
    cited: list[Noted]


@dataclass(slots=True)
class Batch:
    """Some acts, inverted: ``uses`` counts the forms of each language, ``failed`` says why acts were left out, ``words`` are
    forms that had to be analysed (encoded)."""

    acts: list[InvertedAct] = field(default_factory=list)
    postings: Inverted = field(default_factory=Inverted)
    uses: dict[Lang, Counter[str]] = field(default_factory=lambda: {lang: Counter() for lang in LANGS})
    failed: list[str] = field(default_factory=list)
    words: dict[Lang, list[tuple[str, str]]] = field(default_factory=dict)

    def encode(self) -> bytes:
        """Bytes that `decode` reads back, ``words`` left out."""
        # The rows' own data is JSON already, on one line each: it is not wrapped in JSON once more.
        rows = [a.rows.parted() for a in self.acts]
        head = {
            "acts": [[row, a.problems, [packed(c) for c in a.cited]] for (row, _), a in zip(rows, self.acts, strict=True)],
            "uses": self.uses,
            "failed": self.failed,
        }
        data = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        texts = "\n".join([line for _, lines in rows for line in lines]).encode("utf-8", "surrogatepass")
        return b"".join((_HEAD.pack(len(data), len(texts)), data, texts, self.postings.encode()))

    @classmethod
    def decode(cls, data: bytes) -> Batch:
        """Read what `encode` wrote. Raises ValueError, TypeError, KeyError or struct.error for anything else."""
        size, more = _HEAD.unpack_from(data)
        end = _HEAD.size + size
        head = json.loads(data[_HEAD.size : end].decode("utf-8", "surrogatepass"))
        lines = iter(data[end : end + more].decode("utf-8", "surrogatepass").split("\n"))
        acts = [
            InvertedAct(ActRows.joined(rows, lines), problems, [unpacked(c) for c in cited])
            for rows, problems, cited in head["acts"]
        ]
        uses = {lang: Counter(head["uses"][lang]) for lang in LANGS}
        return cls(acts, Inverted.decode(data[end + more :]), uses, head["failed"])


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms with the key sets of both sides, and all the forms of each side; the terms from ``first_learnt`` on were
    mined from the corpus itself."""

    terms: tuple[Term, ...]
    keys: Mapping[Lang, Sequence[KeySets]]
    forms: Mapping[Lang, Collection[str]]
    first_learnt: int

    @classmethod
    def of(cls, terms: Sequence[Term], analyzer: Analyzer) -> Vocabulary:
        """The vocabulary of a term base."""
        forms: dict[Lang, set[str]] = {lang: set() for lang in LANGS}
        keys = {lang: [_key_sets(t.side(lang), lang, analyzer, forms[lang]) for t in terms] for lang in LANGS}
        return cls(tuple(terms), keys, forms, len(terms))


class Inversion:
    """Reads, analyses, links and inverts acts. Every distinct form is analysed once."""

    def __init__(self, vocabulary: Vocabulary, analyzer: Analyzer) -> None:
        self.analyzer = analyzer
        self.vocabulary = vocabulary
        self._languages: dict[Lang, Language] = {}
        self._begin()

    def _begin(self) -> None:
        terms, keys, first_learnt = self.vocabulary.terms, self.vocabulary.keys, self.vocabulary.first_learnt
        self._languages = languages(self.analyzer, terms, keys, first_learnt)

    def batch(self, files: Iterable[ActFiles]) -> Batch:
        """Invert acts in their order; those that cannot be read are left out, with the reason."""
        batch = Batch()
        if any(language.crowded for language in self._languages.values()):
            self._languages.clear()
            _let_go()
            self._begin()
        parsed: list[Parsed] = []
        for one in files:
            try:
                parsed.append(parse_act(one))
            except CorpusError as error:
                # A file's name need not be text; what is reported is also stored.
                batch.failed.append(str(error).encode("utf-8", "backslashreplace").decode())
        says = self._comparison(parsed)
        documents = Documents(self._languages, says.texts, self.vocabulary.first_learnt)
        for each in parsed:
            batch.acts.append(self._act(paired(each, says), documents))
        batch.postings = documents.inverted()
        batch.uses = documents.uses()
        batch.words = self.analyzer.fresh()
        return batch

    def _comparison(self, parsed: Sequence[Parsed]) -> TermComparison:
        """What the texts of some acts say, all of them analysed."""
        texts = {
            lang: language.texts(list(dict.fromkeys(text for each in parsed for text in each.texts(lang))))
            for lang, language in self._languages.items()
        }
        return TermComparison(self._languages, texts)

    def passages(self, files: ActFiles) -> Iterator[Passage]:
        """The passages of an act that are surely one another's translation; none of an act that cannot be read."""
        from lawsearch.terms.mining import Passage  # paid for only by builds that learn

        try:
            parsed = parse_act(files)
        except CorpusError:
            # Reported when its turn comes.
            return
        act = paired(parsed, self._comparison([parsed]))
        for provision in act.provisions:
            if len(provision.versions) == len(LANGS) and (provision.confidence or 0.0) >= DOUBTFUL:
                kk, ru = (provision.versions[lang].paragraphs for lang in LANGS)
                beads = provision.beads or tuple((i, i + 1, i, i + 1) for i in range(len(kk)))
                for a, b, c, d in beads:
                    yield Passage(
                        str(provision.address), "\n".join(p.text for p in kk[a:b]), "\n".join(p.text for p in ru[c:d])
                    )

    def learnt(self, files: Iterable[ActFiles]) -> Vocabulary:
        """The vocabulary with what the acts in two languages teach."""
        from lawsearch.terms.mining import Known, mined

        passages = [p for f in files if len(f.texts) > 1 for p in self.passages(f)]
        terms, keys = self.vocabulary.terms, self.vocabulary.keys
        known = Known(terms, {lang: list(k) for lang, k in keys.items()})
        learnt = tuple(p.term() for p in mined(passages, known, analyzer=self.analyzer) if p.sure and not p.known)
        forms = {lang: set(self.vocabulary.forms[lang]) for lang in LANGS}
        more = {lang: [_key_sets(t.side(lang), lang, self.analyzer, forms[lang]) for t in learnt] for lang in LANGS}
        return Vocabulary((*terms, *learnt), {lang: [*keys[lang], *more[lang]] for lang in LANGS}, forms, len(terms))

    def _act(self, act: Act, documents: Documents) -> InvertedAct:
        problems = [f"{act.law} ({p.lang}) line {p.line}: {p.what}" for p in act.problems]
        number = act.meta.get("number") or act.meta.get("requisite")
        keys = keys_of_act(act.law, act.title, number, self.analyzer)
        rows = ActRows.of(act, problems, keys)
        cited: list[Noted] = []
        for article in act.articles:
            first = len(rows.provisions)
            for i, provision in enumerate(article.provisions):
                cited += noted(provision, first + i)
            rows.add(article, documents.add(article))
        return InvertedAct(rows, problems, cited)


def _let_go() -> None:
    """Free what nobody refers to any more but itself: tables know those whom they ask. Nothing else in a build looks for such
    garbage (`making`)."""
    if not gc.isenabled():
        gc.unfreeze()
        gc.collect()
        gc.freeze()


def _key_sets(text: str, lang: Lang, analyzer: Analyzer, forms: set[str]) -> KeySets:
    """The key sets of a term's side, one a position; its forms are added to ``forms``."""
    words = analyzer.words(text, lang)
    forms.update([form for form, _ in words])
    return tuple([part for _, word in words for part in word.parts])
