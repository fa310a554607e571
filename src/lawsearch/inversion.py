"""Inversion of acts: files -> rows for the store and posting lists for the engine, a batch of acts at a time.

A batch knows its documents by their place in it, so that a worker can make it, a build can keep it for the next one, and
it is the same wherever in an index it comes to stand.
"""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field

from lawsearch.analysis.analyzer import Analyzer, Token, Word
from lawsearch.corpus.alignment import DOUBTFUL
from lawsearch.corpus.files import ActFiles
from lawsearch.corpus.reading import read_act
from lawsearch.engine.base import FORM_MARK, HEAD_FIELD
from lawsearch.engine.inverted import Inverted, Inverter
from lawsearch.errors import CorpusError
from lawsearch.law import LANGS, Act, Article, Lang, Provision
from lawsearch.store.crossing import Noted, noted, packed, unpacked
from lawsearch.store.naming import keys_of_act
from lawsearch.store.writing import ActRows
from lawsearch.terms.comparison import TermComparison
from lawsearch.terms.linking import KeySets, Link, Linker
from lawsearch.terms.mining import Known, Passage, mined
from lawsearch.terms.termbase import Term

#: Positions left free between a title and a lead-in.
_GAP = 20
_HEAD = struct.Struct("<I")

Analysed = tuple[list[Token], list[Link]]
Pair = tuple[str, int]


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
        head = {
            "acts": [[astuple(a.rows), a.problems, [packed(c) for c in a.cited]] for a in self.acts],
            "uses": self.uses,
            "failed": self.failed,
        }
        data = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        return b"".join((_HEAD.pack(len(data)), data, self.postings.encode()))

    @classmethod
    def decode(cls, data: bytes) -> Batch:
        """Read what `encode` wrote. Raises ValueError, TypeError, KeyError or struct.error for anything else."""
        (size,) = _HEAD.unpack_from(data)
        head = json.loads(data[_HEAD.size : _HEAD.size + size].decode("utf-8", "surrogatepass"))
        acts = [InvertedAct(ActRows(*rows), problems, [unpacked(c) for c in cited]) for rows, problems, cited in head["acts"]]
        uses = {lang: Counter(head["uses"][lang]) for lang in LANGS}
        return cls(acts, Inverted.decode(data[_HEAD.size + size :]), uses, head["failed"])


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
        first = self._first_learnt = vocabulary.first_learnt
        terms, keys = vocabulary.terms, vocabulary.keys
        self._linkers = {lang: Linker(terms[:first], keys[lang][:first]) for lang in LANGS}
        # Learnt pairs are linked beside the term base's, so that none of them ever hides a pair that a person wrote.
        self._learnt_linkers = {lang: Linker(terms[first:], keys[lang][first:]) for lang in LANGS} if len(terms) > first else {}
        # What one act's texts were analysed as: pairing its languages and indexing them need the same.
        self._known: dict[tuple[Lang, str], Analysed] = {}
        self._says = TermComparison(self._analysed, keys["ru"])
        self._filed: dict[Lang, dict[str, tuple[Pair, ...]]] = {lang: {} for lang in LANGS}
        self._sides: dict[Lang, dict[int, tuple[Pair, ...]]] = {lang: {} for lang in LANGS}

    def batch(self, files: Iterable[ActFiles]) -> Batch:
        """Invert acts in their order; those that cannot be read are left out, with the reason."""
        batch = Batch()
        inverter = Inverter()
        for one in files:
            try:
                act = read_act(one, self._says)
            except CorpusError as error:
                # A file's name need not be text; what is reported is also stored.
                batch.failed.append(str(error).encode("utf-8", "backslashreplace").decode())
                continue
            batch.acts.append(self._act(act, inverter, batch.uses))
            self._known.clear()
        batch.postings = inverter.inverted()
        batch.words = self.analyzer.fresh()
        return batch

    def passages(self, files: ActFiles) -> Iterator[Passage]:
        """The passages of an act that are surely one another's translation; none of an act that cannot be read."""
        try:
            act = read_act(files, self._says)
        except CorpusError:
            # Reported when its turn comes.
            return
        for provision in act.provisions:
            if len(provision.versions) == len(LANGS) and (provision.confidence or 0.0) >= DOUBTFUL:
                kk, ru = (provision.versions[lang].paragraphs for lang in LANGS)
                beads = provision.beads or tuple((i, i + 1, i, i + 1) for i in range(len(kk)))
                for a, b, c, d in beads:
                    yield Passage(
                        str(provision.address), "\n".join(p.text for p in kk[a:b]), "\n".join(p.text for p in ru[c:d])
                    )
        self._known.clear()

    def learnt(self, files: Iterable[ActFiles]) -> Vocabulary:
        """The vocabulary with what the acts in two languages teach."""
        passages = [p for f in files if len(f.texts) > 1 for p in self.passages(f)]
        terms, keys = self.vocabulary.terms, self.vocabulary.keys
        known = Known(terms, {lang: list(k) for lang, k in keys.items()})
        learnt = tuple(p.term() for p in mined(passages, known, analyzer=self.analyzer) if p.sure and not p.known)
        forms = {lang: set(self.vocabulary.forms[lang]) for lang in LANGS}
        more = {lang: [_key_sets(t.side(lang), lang, self.analyzer, forms[lang]) for t in learnt] for lang in LANGS}
        return Vocabulary((*terms, *learnt), {lang: [*keys[lang], *more[lang]] for lang in LANGS}, forms, len(terms))

    # -- one act

    def _act(self, act: Act, inverter: Inverter, uses: Mapping[Lang, Counter[str]]) -> InvertedAct:
        problems = [f"{act.law} ({p.lang}) line {p.line}: {p.what}" for p in act.problems]
        keys = keys_of_act(act.law, act.title, act.meta.get("number") or act.meta.get("requisite"))
        rows = ActRows.of(act, problems, keys)
        cited: list[Noted] = []
        for article in act.articles:
            first = len(rows.provisions)
            for i, provision in enumerate(article.provisions):
                cited += noted(provision, first + i)
            rows.add(article, self._article(article, inverter, uses))
        return InvertedAct(rows, problems, cited)

    def _article(self, article: Article, inverter: Inverter, uses: Mapping[Lang, Counter[str]]) -> list[dict[Lang, list[Link]]]:
        """Invert an article's provisions; returns the links of each."""
        titles = {lang: self._analysed(article.title.get(lang, ""), lang) for lang in LANGS}
        title_pairs = {lang: self._pairs(titles[lang][0], lang) for lang in LANGS}
        for lang in LANGS:
            uses[lang].update(token.form for token in titles[lang][0])
        over_article, end = self._context(titles, 0)
        all_links = []
        lead: Provision | None = None
        over_list: dict[Lang, set[Pair]] | None = None
        for number, provision in enumerate(article.provisions):
            if provision.kind in ("point", "opening"):
                lead, over_list = provision, None
            context = over_article
            if provision.kind == "subpoint" and lead is not None:
                if over_list is None:
                    led = {lang: self._analysed(lead.text(lang) or "", lang) for lang in LANGS}
                    more, _ = self._context(led, end + _GAP)
                    over_list = {lang: over_article[lang] | more[lang] for lang in LANGS}
                context = over_list
            document: dict[str, Sequence[Pair]] = {HEAD_FIELD: [("1", 0)] if number == 0 else []}
            links: dict[Lang, list[Link]] = {}
            for lang in LANGS:
                tokens, links[lang] = self._analysed(provision.text(lang) or "", lang)
                document[lang] = self._pairs(tokens, lang)
                uses[lang].update([token.form for token in tokens])
                if number == 0:
                    document[f"title_{lang}"] = title_pairs[lang]
                document[f"context_{lang}"] = tuple(context[lang])
            paired = provision.confidence is not None and provision.confidence >= DOUBTFUL
            said = {lang: {key for key, _ in document[lang]} if paired else None for lang in LANGS}
            document |= self._other_side(links["kk"], "kk", said["ru"]) | self._other_side(links["ru"], "ru", said["kk"])
            inverter.add(document)
            all_links.append(links)
        return all_links

    def _analysed(self, text: str, lang: Lang) -> Analysed:
        if not text:
            return [], []
        known = self._known.get((lang, text))
        if known is None:
            tokens = self.analyzer.tokens(text, lang)
            links = self._linkers[lang].links(tokens, text)
            if self._learnt_linkers:
                more = self._learnt_linkers[lang].links(tokens, text)
                links += [link._replace(term=link.term + self._first_learnt) for link in more]
            known = self._known[lang, text] = tokens, links
        return known

    def _pairs(self, tokens: Sequence[Token], lang: Lang) -> list[Pair]:
        """The keys of a text, and its forms as such (``=форма``), each at its position; a bare ``=`` stands at the further
        positions of a compound, so that forms can be followed from one to the next."""
        known = self._filed[lang]
        found: list[Pair] = []
        for _, _, position, form, word in tokens:
            filed = known.get(form)
            if filed is None:
                filed = known[form] = _filed(form, word)
            for key, offset in filed:
                found.append((key, position + offset))
        return found

    def _side(self, term: int, lang: Lang) -> tuple[Pair, ...]:
        """The keys of one side of a term, each with its offset."""
        known = self._sides[lang].get(term)
        if known is None:
            sets = self.vocabulary.keys[lang][term]
            known = self._sides[lang][term] = tuple((key, offset) for offset, keys in enumerate(sets) for key in keys)
        return known

    def _other_side(self, links: Iterable[Link], lang: Lang, said: set[str] | None) -> dict[str, Sequence[Pair]]:
        """The other language's keys of the terms in a text, at the text's own positions: closeness still means something.

        ``said`` are the keys of the paired text, where there is one: a rendering that it does not use is doubtful.
        """
        other: Lang = "ru" if lang == "kk" else "kk"
        strong: set[Pair] = set()
        weak: set[Pair] = set()
        learnt: set[Pair] = set()
        doubted: set[Pair] = set()
        for term, _, _, position, is_weak in links:
            kind = learnt if term >= self._first_learnt else weak if is_weak else strong
            if kind is strong and said is not None and any(said.isdisjoint(k) for k in self.vocabulary.keys[other][term]):
                kind = doubted
            for key, offset in self._side(term, other):
                kind.add((key, position + offset))
        # What the stronger fields have anywhere in the text need not stand in the weaker ones again.
        plain = {key for key, _ in strong}
        return {
            f"via_{other}": tuple(strong),
            f"learnt_{other}": tuple(pair for pair in learnt if pair[0] not in plain),
            f"doubted_{other}": tuple(pair for pair in doubted if pair[0] not in plain),
            f"weak_{other}": tuple(pair for pair in weak if pair[0] not in plain),
        }

    def _context(self, part: Mapping[Lang, Analysed], start: int) -> tuple[dict[Lang, set[Pair]], int]:
        """The words of an article's title or of what leads in to a list, both languages' sides of their terms included, at
        positions from ``start``; and the position behind the longer of them.

        Positions of one part follow those of the part before it, with a gap that no phrase crosses.
        """
        found: dict[Lang, set[Pair]] = {lang: set() for lang in LANGS}
        end = start
        for lang, (tokens, links) in part.items():
            found[lang].update((key, start + position) for key, position in self._pairs(tokens, lang))
            if tokens:
                end = max(end, start + tokens[-1].position + len(tokens[-1].word.parts))
            other: Lang = "ru" if lang == "kk" else "kk"
            for link in links:
                if not link.weak and link.term < self._first_learnt:
                    at = start + link.position
                    found[other].update((key, at + offset) for key, offset in self._side(link.term, other))
        return found, end


def _key_sets(text: str, lang: Lang, analyzer: Analyzer, forms: set[str]) -> KeySets:
    """The key sets of a term's side, one a position; its forms are added to ``forms``."""
    tokens = analyzer.tokens(text, lang)
    forms.update(token.form for token in tokens)
    return tuple(part for token in tokens for part in token.word.parts)


def _filed(form: str, word: Word) -> tuple[Pair, ...]:
    found: list[Pair] = [(key, 0) for key in word.whole]
    found += [(key, i) for i, part in enumerate(word.parts) for key in part]
    found.append((f"{FORM_MARK}{form}", 0))
    found += [(FORM_MARK, i) for i in range(1, len(word.parts))]
    return tuple(found)
