"""Making batches: acts inverted in this process or in workers, with the vocabulary that all of them share."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from lawsearch import known_words
from lawsearch.analysis.analyzer import Analyzer, Word, analyse
from lawsearch.corpus.files import ActFiles
from lawsearch.errors import LawsearchError, rebuild_hint
from lawsearch.inversion import Batch, Inversion, Vocabulary
from lawsearch.law import LANGS, Lang
from lawsearch.store import prepared
from lawsearch.store.prepared import Prepared
from lawsearch.terms.termbase import Term

#: How many batches may pass before what they left is searched for garbage in cycles (there is next to none).
_SEARCHED_EVERY = 50

#: Forms with their keys, encoded.
Words = dict[Lang, list[tuple[str, str]]]
#: A batch as a worker hands it over: compressed, the words it analysed, how many acts failed.
Made = tuple[bytes, Words, int]
#: So many forms that other workers met are remembered in each (some 150 bytes each).
_MOST_HEARD = 400_000


def analyzer(work: Prepared, heard: Mapping[Lang, Mapping[str, str]] | None = None) -> Analyzer:
    """An analyser that knows the forms that ship with the program, those that earlier builds met, and what it has ``heard``
    since (forms with their keys, encoded)."""
    ready = known_words.shipped()
    at_hand = {lang: dict(ready[lang]) for lang in LANGS}
    met = work.has_words()

    def look_up(form: str, lang: Lang) -> Word | None:
        keys = at_hand[lang].get(form)
        if keys is None and heard is not None:
            keys = heard[lang].get(form)
        if keys is None:
            return work.word(form, lang) if met else None
        return Word.decode(keys)

    return Analyzer(look_up)


def encode_vocabulary(vocabulary: Vocabulary) -> bytes:
    """A vocabulary as bytes, for other builds and other processes."""
    terms = [(t.kk, t.ru, t.domain, t.source, t.status, t.note) for t in vocabulary.terms]
    forms = {lang: sorted(forms) for lang, forms in vocabulary.forms.items()}
    whole = [terms, vocabulary.keys, forms, vocabulary.first_learnt]
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def decoded_vocabulary(data: bytes) -> Vocabulary | None:
    try:
        terms, encoded, forms, first_learnt = json.loads(data)
        keys = {lang: [tuple(map(tuple, sets)) for sets in encoded[lang]] for lang in LANGS}
        return Vocabulary(tuple(Term(*t) for t in terms), keys, {lang: forms[lang] for lang in LANGS}, int(first_learnt))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def made(batch: Batch) -> Made:
    """A batch as workers hand it over."""
    return prepared.compressed((batch.encode(),)), batch.words, len(batch.failed)


# -- garbage ------------------------------------------------------------------------------------------------------------


@contextmanager
def no_search_for_garbage() -> Iterator[None]:
    """While a build runs, no search for garbage in cycles: it would look at the whole vocabulary again and again, a third of
    the build's time. `swept` does what is needed."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()


def swept(batches: int) -> None:
    """To be called after each batch of a process, with how many there were. What stands after the first one, the vocabulary,
    is not looked at again."""
    if gc.isenabled():
        return
    if batches == 1:
        gc.freeze()
    elif batches % _SEARCHED_EVERY == 0:
        gc.collect(1)


# -- in a worker process --------------------------------------------------------------------------------------------------

_index: Path | None = None
_analyzer: Analyzer | None = None
_inversion: tuple[str, Inversion] | None = None
_heard: dict[Lang, dict[str, str]] = {lang: {} for lang in LANGS}
_batches = 0


def start_worker(index: Path) -> None:
    """Get ready while the vocabulary is still being made: what every batch needs is loaded."""
    global _index, _analyzer
    gc.disable()
    _index = index
    _analyzer = analyzer(Prepared(index, "", readonly=True), _heard)
    for lang in LANGS:
        # The first word loads what a language's words take.
        analyse("тапсырма", lang)


def work(acts: list[ActFiles], vocabulary: str, met: Sequence[Words]) -> Made:
    """Invert acts; ``vocabulary`` is the name under which it is kept beside the index, ``met`` the words of other batches."""
    global _inversion, _batches
    assert _index is not None
    assert _analyzer is not None
    if _inversion is None or _inversion[0] != vocabulary:
        reader = Prepared(_index, "", readonly=True)
        decoded = decoded_vocabulary(reader.value(vocabulary) or b"")
        reader.close()
        if decoded is None:
            raise LawsearchError(f"{_index}: what earlier builds left cannot be read; {rebuild_hint(_index)}")
        _inversion = vocabulary, Inversion(decoded, _analyzer)
    for words in met:
        for lang, some in words.items():
            if len(_heard[lang]) > _MOST_HEARD:
                _heard[lang].clear()
            _heard[lang].update(some)
    result = made(_inversion[1].batch(acts))
    _batches += 1
    swept(_batches)
    return result
