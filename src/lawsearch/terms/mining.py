"""Mining: new pairs proposed from aligned texts.

Words are aligned (`wordalign`), phrases of both sides that the links tie to one another and to nothing else become
candidates (as in phrase-based translation: Och and Ney, "The alignment template approach", Computational Linguistics 30,
2004); what is kept is associated beyond chance (log-likelihood ratio: Dunning, Computational Linguistics 19, 1993) and
preferred in both directions.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from lawsearch.analysis import stopwords
from lawsearch.analysis.analyzer import Analyzer, Token
from lawsearch.analysis.letters import is_kazakh
from lawsearch.law import LANGS, Lang
from lawsearch.terms import wordalign
from lawsearch.terms.linking import KeySets, Linker
from lawsearch.terms.phrases import Phrase, cuts_compound, kazakh_phrases, russian_phrases
from lawsearch.terms.termbase import COLUMNS, Term

#: Two words of so many equal first letters are taken for the same loan beforehand.
_LOAN = 5
_KNOWN_WEIGHT = 3.0
_PART_WEIGHT = 0.6
_LOAN_WEIGHT = 2.0
#: The least that the links of a phrase pair are believed in on the average, by how often the pair was seen.
_BELIEF = {1: 0.55, 2: 0.45}
_BELIEF_OFTEN = 0.35
#: The least log-likelihood ratio: 6.63 is chance once in a hundred.
_LEAST_LLR = 6.63
#: The share of an expression's occurrences that must go with the pair, in each direction.
_LEAST_SHARE = 0.5
#: Two words are a fixed combination from so many occurrences on, where one has so great a share of the other's.
_FIXED_LEAST = 3
_FIXED_SHARE = 0.85
#: Kazakh verbs that only make a verb of the word before them.
_LIGHT = frozenset(("ет", "ету", "бол", "болу", "сал", "салу", "қыл", "қылу", "асыр", "асыру", "асырыл", "асырылу"))
#: Proposals of this score are used by `index --learn`.
_SURE = 0.75
_EXAMPLES = 2
_EXAMPLE_LENGTH = 160


class Passage(NamedTuple):
    """Two texts that say the same, and the address where the Kazakh one stands."""

    address: str
    kk: str
    ru: str


@dataclass(slots=True)
class Proposal:
    """A pair of expressions in dictionary form, what speaks for it, and where it was seen."""

    kk: str
    ru: str
    score: float
    count: int
    kk_count: int
    ru_count: int
    llr: float
    known: bool
    examples: tuple[Passage, ...] = ()

    @property
    def sure(self) -> bool:
        """True for a pair that is used without a person's review: its words well believed, or seen again."""
        return self.score >= _SURE

    def term(self) -> Term:
        """The pair as a term that a search uses at lower weight."""
        return Term(self.kk, self.ru, "general", "learnt", "variant", "learnt")


@dataclass(slots=True)
class _Seen:
    beliefs: list[float] = field(default_factory=list)
    passages: list[int] = field(default_factory=list)
    sets: tuple[KeySets, KeySets] = ((), ())
    kk: Counter[str] = field(default_factory=Counter)
    ru: Counter[str] = field(default_factory=Counter)


class Known:
    """The term base as mining needs it: which words are known to answer to one another, where its terms stand."""

    def __init__(self, terms: Sequence[Term], keys: Mapping[Lang, Sequence[KeySets]]) -> None:
        """``keys`` are the key sets of the terms' sides, in the order of ``terms``."""
        self._words: dict[tuple[str, str], float] = {}
        self._pairs: dict[str, list[tuple[KeySets, KeySets]]] = defaultdict(list)
        self._linkers = {lang: Linker(terms, keys[lang]) for lang in LANGS}
        for kk, ru in zip(keys["kk"], keys["ru"], strict=True):
            weight = _KNOWN_WEIGHT if len(kk) == len(ru) == 1 else _PART_WEIGHT / max(len(kk), len(ru), 1)
            for a in {key for place in kk for key in place}:
                for b in {key for place in ru for key in place}:
                    if weight > self._words.get((a, b), 0.0):
                        self._words[a, b] = weight
            for first in dict.fromkeys(kk[0] if kk else ()):
                self._pairs[first].append((kk, ru))

    def prior(self, kk: str, ru: str) -> float:
        """How often a pair of words counts as seen beforehand."""
        weight = self._words.get((kk, ru), 0.0)
        if not weight and ("-" in kk or "-" in ru):
            weight = max(self._words.get((a, b), 0.0) for a in kk.split("-") for b in ru.split("-")) / 2
        if len(kk) > _LOAN and kk[:_LOAN] == ru[:_LOAN] and not is_kazakh(kk[:_LOAN]):
            weight = max(weight, _LOAN_WEIGHT)
        return weight

    def has(self, kk: KeySets, ru: KeySets) -> bool:
        """True where the term base has the pair of these key sets, in any form."""
        candidates = [pair for key in dict.fromkeys(kk[0] if kk else ()) for pair in self._pairs.get(key, ())]
        return any(_fits(a, kk) and _fits(b, ru) for a, b in candidates)

    def standing(self, tokens: Sequence[Token], text: str, lang: Lang) -> set[tuple[int, int]]:
        """First and last token of each place where a term of several words stands."""
        links = self._linkers[lang].links(tokens, text)
        return {(link.first, link.last) for link in links if not link.weak and link.last > link.first}


def _fits(sets: KeySets, others: KeySets) -> bool:
    return len(sets) == len(others) and all(not set(a).isdisjoint(b) for a, b in zip(sets, others, strict=True))


def mined(
    passages: Iterable[Passage],
    known: Known,
    *,
    analyzer: Analyzer | None = None,
    engine: Literal["own", "thot"] = "own",
    least: int = 1,
) -> list[Proposal]:
    """Pairs proposed from passages, best first. ``least``: in at least so many passages.

    Holds all passages and the tables of Model 1 in memory: meant for some thousands of provisions at a time.
    """
    analyzer = analyzer or Analyzer()
    texts = [p for p in dict.fromkeys(passages) if p.kk.strip() and p.ru.strip()]
    tokens = [(analyzer.tokens(p.kk, "kk"), analyzer.tokens(p.ru, "ru")) for p in texts]
    content = [(_content(a, "kk"), _content(b, "ru")) for a, b in tokens]
    bitext = [([_key(a[i]) for i in x], [_key(b[j]) for j in y]) for (a, b), (x, y) in zip(tokens, content, strict=True)]
    align = wordalign.aligned_by_thot if engine == "thot" else wordalign.aligned
    fixed = {lang: _fixed([t[side] for t in tokens], [p[side + 1] for p in texts]) for side, lang in enumerate(LANGS)}
    seen: dict[tuple[tuple[str, ...], tuple[str, ...]], _Seen] = defaultdict(_Seen)
    occurs: dict[Lang, Counter[tuple[str, ...]]] = {"kk": Counter(), "ru": Counter()}
    for number, found in enumerate(align(bitext, known.prior)):
        (kk, ru), (kk_content, ru_content) = tokens[number], content[number]
        links = [wordalign.WordLink(kk_content[x.kk], ru_content[x.ru], x.belief) for x in found]
        phrases = {"kk": kazakh_phrases(texts[number].kk, kk), "ru": russian_phrases(texts[number].ru, ru)}
        whole: dict[str, list[Phrase]] = {}
        for lang, side, text in (("kk", kk, texts[number].kk), ("ru", ru, texts[number].ru)):
            occurs[lang].update({_keys(side, p) for p in phrases[lang]})  # type: ignore[index]
            whole[lang] = _whole(phrases[lang], side, text, known.standing(side, text, lang), fixed[lang], lang)  # type: ignore[arg-type,index]
        for one, other, belief in _tied(whole["kk"], whole["ru"], links, set(kk_content), set(ru_content)):
            here = seen[_keys(kk, one), _keys(ru, other)]
            here.sets = here.sets if here.passages else (_sets(kk, one), _sets(ru, other))
            here.kk[one.form] += 1
            here.ru[other.form] += 1
            here.beliefs.append(belief)
            if not here.passages or here.passages[-1] != number:
                here.passages.append(number)
    proposals = []
    for (a, b), its in seen.items():
        proposal = _weighed(a, b, its, occurs, len(texts), known)
        if proposal is not None and proposal.count >= least:
            proposal.examples = tuple(texts[n] for n in its.passages[:_EXAMPLES])
            proposals.append(proposal)
    return _best(proposals)


def _content(tokens: Sequence[Token], lang: Lang) -> list[int]:
    stop = stopwords.KAZAKH if lang == "kk" else stopwords.RUSSIAN
    return [i for i, t in enumerate(tokens) if t.form not in stop and not t.form[0].isdigit()]


def _key(token: Token) -> str:
    return token.word.keys[0]


def _keys(tokens: Sequence[Token], phrase: Phrase) -> tuple[str, ...]:
    return tuple(_key(t) for t in tokens[phrase.first : phrase.last + 1])


#: What stands before a word, and behind it, wherever the word stands (None: different things).
_Fixed = tuple[Mapping[str, str], Mapping[str, str]]


def _fixed(texts: Sequence[Sequence[Token]], printed: Sequence[str]) -> _Fixed:
    """Words that (almost) never stand without a certain neighbour: a phrase that ends between the two is a fragment."""
    alone: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for tokens, text in zip(texts, printed, strict=True):
        keys = [_key(t) for t in tokens]
        alone.update(keys)
        for i in range(1, len(tokens)):
            if text[tokens[i - 1].end : tokens[i].start].isspace():
                pairs[keys[i - 1], keys[i]] += 1
    before = {b: a for (a, b), n in pairs.items() if n >= _FIXED_LEAST and n >= _FIXED_SHARE * alone[b]}
    after = {a: b for (a, b), n in pairs.items() if n >= _FIXED_LEAST and n >= _FIXED_SHARE * alone[a]}
    return before, after


def _whole(
    phrases: Sequence[Phrase], tokens: Sequence[Token], text: str, terms: set[tuple[int, int]], fixed: _Fixed, lang: Lang
) -> list[Phrase]:
    """The phrases that are no fragments of something larger: of a fixed combination, or of a known term."""
    before, after = fixed
    kept = []
    for phrase in phrases:
        first, last = phrase.first, phrase.last
        previous = _key(tokens[first - 1]) if first else None
        following = _key(tokens[last + 1]) if last + 1 < len(tokens) else None
        if previous is not None and before.get(_key(tokens[first])) == previous:
            continue
        if following is not None and after.get(_key(tokens[last])) == following:
            continue
        if lang == "kk" and following in _LIGHT and text[tokens[last].end : tokens[last + 1].start].isspace():
            continue
        if any(
            (a < first <= b < last) or (first < a <= last < b) or (a <= first and last <= b and (a, b) != (first, last))
            for a, b in terms
        ):
            continue
        if lang == "kk" and following is not None and cuts_compound(tokens[last].form, tokens[last + 1].form):
            continue
        kept.append(phrase)
    return kept


def _sets(tokens: Sequence[Token], phrase: Phrase) -> KeySets:
    return tuple(part for t in tokens[phrase.first : phrase.last + 1] for part in t.word.parts)


def _tied(
    kk: Sequence[Phrase], ru: Sequence[Phrase], links: Sequence[wordalign.WordLink], kk_content: set[int], ru_content: set[int]
) -> Iterable[tuple[Phrase, Phrase, float]]:
    """Phrases that the strong links tie to one another and to nothing outside, every word of both tied."""
    strong = [x for x in links if x.belief >= 0.3]
    of_kk: dict[int, list[wordalign.WordLink]] = defaultdict(list)
    of_ru: dict[int, list[wordalign.WordLink]] = defaultdict(list)
    for link in strong:
        of_kk[link.kk].append(link)
        of_ru[link.ru].append(link)
    by_reach: dict[tuple[int, int], list[Phrase]] = defaultdict(list)
    for phrase in ru:
        by_reach[phrase.first, phrase.last].append(phrase)
    for one in kk:
        inside = range(one.first, one.last + 1)
        its = [x for i in inside for x in of_kk[i]]
        if not its:
            continue
        first, last = min(x.ru for x in its), max(x.ru for x in its)
        for other in by_reach.get((first, last), ()):
            there = range(first, last + 1)
            back = [x for j in there for x in of_ru[j]]
            if any(not one.first <= x.kk <= one.last for x in back):
                continue
            loose = sum(1 for i in inside if i in kk_content and not of_kk[i])
            loose += sum(1 for j in there if j in ru_content and not of_ru[j])
            size = len(inside) + len(there)
            if loose and (size < 5 or loose > 1):
                continue
            beliefs = [max(x.belief for x in of_kk[i]) for i in inside if of_kk[i]]
            beliefs += [max(x.belief for x in of_ru[j]) for j in there if of_ru[j]]
            yield one, other, sum(beliefs) / (len(beliefs) + loose)


def _weighed(
    kk: tuple[str, ...],
    ru: tuple[str, ...],
    seen: _Seen,
    occurs: dict[Lang, Counter[tuple[str, ...]]],
    total: int,
    known: Known,
) -> Proposal | None:
    both = len(seen.passages)
    of_kk, of_ru = max(occurs["kk"][kk], both), max(occurs["ru"][ru], both)
    llr = log_likelihood(both, of_kk - both, of_ru - both, total - of_kk - of_ru + both)
    belief = sum(seen.beliefs) / len(seen.beliefs)
    share = min(both / of_kk, both / of_ru)
    if llr < _LEAST_LLR or share < _LEAST_SHARE or belief < _BELIEF.get(both, _BELIEF_OFTEN):
        return None
    score = belief * share**0.5 * (1 + math.log2(both) / 4)
    form_kk = min(seen.kk, key=lambda f: (-seen.kk[f], len(f), f))
    form_ru = min(seen.ru, key=lambda f: (-seen.ru[f], len(f), f))
    return Proposal(form_kk, form_ru, round(score, 3), both, of_kk, of_ru, round(llr, 1), known.has(*seen.sets))


def log_likelihood(both: int, first: int, second: int, neither: int) -> float:
    """Dunning's log-likelihood ratio of a 2x2 table (0 and more; 0 too where the two avoid one another)."""
    total = both + first + second + neither
    expected = (both + first) * (both + second) / total
    if both <= expected:
        return 0.0
    sums = (both + first, second + neither, both + second, first + neither)
    cells = sum(n * math.log(n) for n in (both, first, second, neither) if n)
    margins = sum(n * math.log(n) for n in sums if n)
    return max(0.0, 2 * (cells - margins + total * math.log(total)))


def _best(proposals: Iterable[Proposal]) -> list[Proposal]:
    """By score; of several pairs of one expression only those that come near the best."""
    ranked = sorted(proposals, key=lambda p: (-p.score, -p.count, p.kk, p.ru))
    top: dict[tuple[Lang, str], float] = {}
    kept = []
    for p in ranked:
        if any(p.score < 0.8 * top.get((lang, side), 0.0) for lang, side in (("kk", p.kk), ("ru", p.ru))):  # type: ignore[arg-type]
            continue
        top.setdefault(("kk", p.kk), p.score)
        top.setdefault(("ru", p.ru), p.score)
        kept.append(p)
    return kept


#: The columns of a proposal's row: those of a term, then what speaks for it.
TABLE = (*COLUMNS, "score", "count", "kk_count", "ru_count", "llr", "known", "example1", "example2")


def table(proposals: Iterable[Proposal]) -> Iterable[str]:
    """Proposals as lines of TSV that a person reviews and `terms import` reads."""
    yield "\t".join(TABLE)
    for p in proposals:
        source = p.examples[0].address if p.examples else "learnt"
        shown = [_example(e) for e in p.examples]
        cells = [p.kk, p.ru, "general", source, "variant", "mined", f"{p.score:.3f}", p.count, p.kk_count, p.ru_count]
        cells += [f"{p.llr:.1f}", "yes" if p.known else "", *shown, *[""] * (_EXAMPLES - len(shown))]
        yield "\t".join(" ".join(str(c).split()) for c in cells)


def _example(passage: Passage) -> str:
    def short(text: str) -> str:
        text = " ".join(text.split())
        return text if len(text) <= _EXAMPLE_LENGTH else text[:_EXAMPLE_LENGTH].rsplit(" ", 1)[0] + " …"

    return f"{passage.address}: {short(passage.kk)} ‖ {short(passage.ru)}"
