"""What an item of a query is looked for as: its readings in each language, and words that look alike across languages."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, TypeVar

from lawsearch.analysis import stopwords
from lawsearch.analysis.analyzer import Analyzer, Word, analyse, word_keys
from lawsearch.analysis.letters import is_kazakh
from lawsearch.engine.base import FORM_MARK, AnyOf, Best, Key, Node, Phrase, PostingsReader
from lawsearch.errors import QueryError
from lawsearch.law import LANGS, Lang
from lawsearch.query.relatives import relatives
from lawsearch.query.tree import Item
from lawsearch.store.database import Store

_T = TypeVar("_T")

#: What the first key of an ambiguous form is worth, the second, the third.
_KEY_WEIGHTS = (1.0, 0.9, 0.8)
_COGNATE_WEIGHT = 0.7
#: Where terms alone find fewer provisions than this, their rarer senses fill up the list, below what was found.
FEW = 10
#: What a word of the same family is worth beside the word itself.
_RELATIVE_WEIGHT = 0.5
#: At most so many relatives of a word are looked for.
_MOST_RELATIVES = 6


@dataclass(frozen=True, slots=True)
class Concept:
    """An item with what it may mean: per language one `Word` for each of its words, and look-alike keys of a loan.

    ``surface`` are forms to be found as such, whatever they are filed under (`exact:`, patterns); ``lemmas`` are words that
    no term carries over to the other language; ``relatives`` are words of the same family that terms of the corpus hold;
    ``foreign``: the corpus has none of its words in their own language.
    """

    item: Item
    readings: Mapping[Lang, tuple[Word, ...]]
    cognates: Mapping[Lang, tuple[str, ...]] = field(default_factory=dict)
    idf: float = 1.0
    surface: Mapping[Lang, tuple[str, ...]] = field(default_factory=dict)
    lemmas: bool = False
    relatives: Mapping[Lang, tuple[str, ...]] = field(default_factory=dict)
    foreign: bool = False
    #: What was made of this very concept before: nodes, and what marking needs.
    made: dict[object, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        """What goes to another process: what was made of the concept belongs to this one's index."""
        return Concept, tuple(getattr(self, f.name) for f in fields(self) if f.init)

    def own(self, weak: bool) -> Node:
        """Where the item stands in a provision itself: its words, and the terms that carry it over from the other language."""
        return self.once(("own", weak), lambda: self._own(weak))

    def once(self, name: object, make: Callable[[], _T]) -> _T:
        """What ``make`` gives, made once."""
        found = self.made.get(name)
        if found is None:
            found = self.made[name] = make()
        return found

    def _own(self, weak: bool) -> Node:
        nodes: list[Node] = []
        for lang, words in self.readings.items():
            for name in self._fields(lang, weak):
                nodes += _nodes(name, words, self.idf)
        for lang, forms in self.surface.items():
            nodes += [Key(lang, FORM_MARK + form, self.idf) for form in forms]
        for lang, keys in self.cognates.items():
            nodes += [Key(lang, key, self.idf * _COGNATE_WEIGHT) for key in keys]
        for lang, keys in self.relatives.items():
            nodes += [Key(f"via_{lang}", key, self.idf * _RELATIVE_WEIGHT) for key in keys]
        return Best(tuple(nodes))

    def rarer(self) -> Node:
        """Where a rarer sense of a term, or a term inside a longer one, carries the item over."""
        nodes = [n for lang, words in self.readings.items() for n in _nodes(f"weak_{lang}", words, self.idf)]
        return Best(tuple(nodes))

    def _fields(self, lang: Lang, weak: bool) -> tuple[str, ...]:
        if self.lemmas:
            return (lang,)
        # A phrase is asked for as it stands: rarer senses of terms are for words.
        return (
            lang,
            f"via_{lang}",
            f"learnt_{lang}",
            f"doubted_{lang}",
            *((f"weak_{lang}",) if weak and not self.item.phrase else ()),
        )

    def in_title(self) -> Node:
        """Where the item stands in an article's title; the article's first provision answers for it."""
        nodes: list[Node] = []
        for lang, words in self.readings.items():
            nodes += _nodes(f"title_{lang}", words, self.idf)
        return Best(tuple(nodes))

    def context(self) -> Node:
        """Where the item stands in the article's title or in the words that lead in to the provision."""
        return self.once("context", self._context)

    def _context(self) -> Node:
        nodes: list[Node] = []
        for lang, forms in self.surface.items():
            nodes += [Key(f"context_{lang}", FORM_MARK + form, self.idf) for form in forms]
        for lang, words in self.readings.items():
            nodes += _nodes(f"context_{lang}", words, self.idf)
        for lang, keys in self.cognates.items():
            nodes += [Key(f"context_{lang}", key, self.idf * _COGNATE_WEIGHT) for key in keys]
        return Best(tuple(nodes))

    def anywhere(self, weak: bool) -> Node:
        """Either; a word that stands in both counts twice."""
        return self.once(("anywhere", weak), lambda: AnyOf((self.own(weak), self.context())))


def _nodes(name: str, words: tuple[Word, ...], weight: float) -> Iterator[Node]:
    places = tuple(part for word in words for part in word.parts)
    if len(words) == 1:
        for key, factor in zip(words[0].keys, _KEY_WEIGHTS, strict=False):
            yield Key(name, key, weight * factor)
    if len(places) > 1:
        yield Phrase(name, places, weight)


def filling(found: Concept, reader: PostingsReader, numbers: Collection[int]) -> list[tuple[int, float]]:
    """The best of what a concept's rarer senses find beside ``numbers``, all that it finds without them, up to `FEW` in all.

    Only where a word's own language does not have it: then it is found through terms alone, and which of a word's senses is
    meant shows in neither text.
    """
    if not found.foreign or found.item.phrase or found.item.mode != "stem" or len(numbers) >= FEW:
        return []
    scored = reader.search(found.rarer(), FEW, None).top
    return [hit for hit in scored if hit[0] not in numbers][: FEW - len(numbers)]


def languages(form: str, store: Store) -> tuple[Lang, ...]:
    """The languages that a folded form may belong to: by its letters, then by the vocabularies, else both."""
    if is_kazakh(form):
        return ("kk",)
    if not form.isalpha() and "-" not in form:
        return LANGS
    if form.isascii():
        return LANGS
    known = [lang for lang in LANGS if store.word(form, lang) is not None or _in_dictionary(form, lang)]
    return tuple(known) or LANGS


def _in_dictionary(form: str, lang: Lang) -> bool:
    if lang == "kk":
        from lawsearch.analysis import kazakh

        return kazakh.known(form)
    from lawsearch.analysis import russian

    return russian.known(form)


def is_stop_word(item: Item) -> bool:
    """True for a single word that a query of words need not demand."""
    return not item.phrase and (item.words[0].form in stopwords.KAZAKH or item.words[0].form in stopwords.RUSSIAN)


def concept(item: Item, lang: Lang | None, analyzer: Analyzer, store: Store, reader: PostingsReader) -> Concept:
    """What ``item`` is looked for as, in ``lang`` or (None) in every language it may belong to, with its idf."""
    # Where in the query it stands is nothing to what it means.
    about = (
        "concept", item.text, item.words, item.phrase, item.excluded, item.required, item.mode, item.slack, item.edits, lang,
    )  # fmt: skip
    return store.kept(about, lambda: _concept(replace(item, start=0, end=0), lang, analyzer, store, reader))


def _concept(item: Item, lang: Lang | None, analyzer: Analyzer, store: Store, reader: PostingsReader) -> Concept:
    if item.mode == "lemma":
        keys = {x: tuple(Word(((w.form.replace("ё", "е") if x == "ru" else w.form,),)) for w in item.words) for x in LANGS}
        readings_of = {x: words for x, words in keys.items() if lang in (None, x)}
        idf = _idf(readings_of, {}, reader.document_frequency, reader.document_count())
        return Concept(item, readings_of, idf=idf, lemmas=True)
    if item.mode != "stem":
        return _surface(item, lang, store, reader)
    if lang is not None:
        langs: tuple[Lang, ...] = (lang,)
    else:
        each = [languages(w.form, store) for w in item.words]
        langs = tuple(x for x in LANGS if all(x in e for e in each))
    readings = {x: tuple(analyzer.word(w.form, x) for w in item.words) for x in langs}
    single = len(item.words) == 1
    # The same is asked again and again.
    frequency: Frequency = cache(reader.document_frequency)
    cognates = _cognates(readings, store, frequency) if single else {}
    family = _relatives(readings, frequency) if single else {}
    foreign = not any(all(frequency(x, word_keys(word)) for word in words) for x, words in readings.items())
    idf = _idf(readings, cognates, frequency, reader.document_count())
    return Concept(item, readings, cognates, idf, relatives=family, foreign=foreign)


#: So many forms one query may expand to; more would say little and take long.
MAX_FORMS = 5_000


def _surface(item: Item, lang: Lang | None, store: Store, reader: PostingsReader) -> Concept:
    """The forms of the corpus that a pattern, a fuzzy or an exact word comes to."""
    if item.mode == "pattern":
        records = store.forms.like(item.words[0].form, MAX_FORMS + 1)
        if len(records) > MAX_FORMS:
            raise QueryError(f"query: `{item.text}` matches more than {MAX_FORMS:,} forms; write more letters of it")
        found = [(r.lang, r.form) for r in records]
    elif item.mode == "fuzzy":
        from lawsearch.query.spelling import within_edits

        found = [(r.lang, r.form) for r in within_edits(item.words[0].form, item.edits, store) if r.uses]
    elif len(item.words) == 1:
        found = [(x, item.words[0].form) for x in LANGS]
    else:
        return _exact_phrase(item, lang)
    forms = {x: tuple(form for its, form in found if its == x) for x in LANGS if lang in (None, x)}
    surface = {x: its for x, its in forms.items() if its}
    total = reader.document_count()
    marked = {x: [FORM_MARK + form for form in its] for x, its in surface.items()}
    frequency = max((reader.document_frequency(x, keys) for x, keys in marked.items()), default=0)
    return Concept(item, {}, idf=math.log(1 + (total - frequency + 0.5) / (frequency + 0.5)), surface=surface)


def _exact_phrase(item: Item, lang: Lang | None) -> Concept:
    """The forms of a phrase as such, side by side. A hyphen compound takes as many positions as it has parts."""
    readings: dict[Lang, tuple[Word, ...]] = {}
    for x in LANGS:
        if lang in (None, x):
            places: list[Word] = []
            for word in item.words:
                places.append(Word(((FORM_MARK + word.form,),)))
                places += [Word(((FORM_MARK,),)) for _ in analyse(word.form, x).parts[1:]]
            readings[x] = tuple(places)
    return Concept(item, readings, lemmas=True)


#: In how many documents any of some keys stands in a field.
Frequency = Callable[[str, tuple[str, ...]], int]


def _idf(
    readings: Mapping[Lang, tuple[Word, ...]], cognates: Mapping[Lang, tuple[str, ...]], frequency: Frequency, total: int
) -> float:
    """BM25's idf of the item's rarest word, by the documents of ``total`` that have it in any language."""
    found = 0
    for lang, words in readings.items():
        for name in (lang, f"via_{lang}", f"learnt_{lang}"):
            counts = [max([frequency(name, part) for part in (word.keys, *word.parts)]) for word in words]
            found = max(found, min(counts))
    for lang, keys in cognates.items():
        found = max(found, frequency(lang, keys))
    return math.log(1 + (total - found + 0.5) / (found + 0.5))


def _relatives(readings: Mapping[Lang, tuple[Word, ...]], frequency: Frequency) -> dict[Lang, tuple[str, ...]]:
    """Words of the same family that the terms of the corpus hold; see `query.relatives`."""
    found: dict[Lang, tuple[str, ...]] = {}
    for lang, (word,) in readings.items():
        if word.whole:
            continue
        # A word that the corpus itself uses, and terms too, is found by itself.
        if frequency(lang, word.keys) and any(frequency(f"{kind}_{lang}", word.keys) for kind in ("via", "learnt", "doubted")):
            continue
        same: dict[str, None] = {}
        for key in word.keys:
            for other in relatives(key, lang):
                if other not in word.keys and frequency(f"via_{lang}", (other,)):
                    same[other] = None
        if same:
            found[lang] = tuple(same)[:_MOST_RELATIVES]
    return found


# -- loans that no term covers ----------------------------------------------------------------------------------------

_RUSSIAN_ENDINGS = (
    "истический", "ический", "ительный", "альный", "ональный", "арный", "орный", "ивный", "ировать", "изировать",
    "ированный", "ирование", "овать", "ование", "ский", "ной", "ный", "ия", "ие", "а", "я", "о", "е", "ь",
)  # fmt: skip
_KAZAKH_TAILS = frozenset(
    """а я ь ия ие лық лік дық дік тық тік ық ік калық икалық ялық иялық алық ист истік изм ист изация ация ла ле да де та
    те лан лау лен дан ден тан тен лас лес ли ик ика он ональдық альдық алдық арлық ар ор дау""".split()
) | {""}
_KAZAKH_ENDINGS = ("икалық", "иялық", "калық", "ялық", "алық", "лық", "лік", "дық", "дік", "тық", "тік", "ық", "ік", "")
_RUSSIAN_TAILS = frozenset(
    "ный ской ский ической ический истический альный овый ия ика ие а я о ь ировать изировать овать ация ность".split()
) | {""}
_SHORTEST = 5


def _cognates(readings: Mapping[Lang, tuple[Word, ...]], store: Store, frequency: Frequency) -> dict[Lang, tuple[str, ...]]:
    """Keys of the other language that look like the word, where no term of the term base covers it.

    Loans differ in their endings alone (`террористический`/`террористік`, `лицензирование`/`лицензия`): the word's stem is
    looked up among the other language's keys, and what follows it there must be an ending that such loans take.
    """
    found: dict[Lang, tuple[str, ...]] = {}
    for lang, words in readings.items():
        keys = words[0].keys
        if any(frequency(f"{kind}_{lang}", keys) for kind in ("via", "learnt", "doubted", "weak")):
            continue
        other: Lang = "ru" if lang == "kk" else "kk"
        if other in readings:
            continue
        endings, tails = (_RUSSIAN_ENDINGS, _KAZAKH_TAILS) if lang == "ru" else (_KAZAKH_ENDINGS, _RUSSIAN_TAILS)
        same: dict[str, None] = {}
        for key in keys:
            for ending in sorted((e for e in {*endings, ""} if key.endswith(e)), key=len):
                stem = key[: len(key) - len(ending)]
                if len(stem) < _SHORTEST or is_kazakh(stem):
                    continue
                same.update((k, None) for k in store.keys_starting(stem, other) if k[len(stem) :] in tails)
        if same:
            found[other] = tuple(same)
    return found
