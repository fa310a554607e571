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
#: So many forms of a language that were heard of are remembered in a process (some 150 bytes each), ...
_MOST_HEARD = 800_000
#: ... and so many by its analyser (some 400 bytes each).
_MOST_REMEMBERED = 20_000


class KnownForms:
    """The keys of the forms that need not be analysed: those that ship with the program, those that earlier builds met, and
    those that were heard of since. They are kept encoded, a third of the room of `Word`s."""

    def __init__(self, work: Prepared | None = None) -> None:
        ready = known_words.shipped()
        self._shipped = {lang: dict(ready[lang]) for lang in LANGS}
        self._heard: Mapping[Lang, dict[str, str]] = {lang: {} for lang in LANGS}
        self._met = work if work is not None and work.has_words() else None

    def look_up(self, form: str, lang: Lang) -> Word | None:
        """The keys of a form, None where it has to be analysed."""
        keys = self._shipped[lang].get(form) or self._heard[lang].get(form)
        if keys is None:
            return None if self._met is None else self._met.word(form, lang)
        return Word.decode(keys)

    def hear(self, words: Words) -> None:
        """Remember forms that were analysed, here or elsewhere."""
        for lang, some in words.items():
            if len(self._heard[lang]) > _MOST_HEARD:
                self._heard[lang].clear()
            self._heard[lang].update(some)

    def analyzer(self) -> Analyzer:
        """An analyser that looks forms up here. What it analyses is to be heard, it remembers little."""
        return Analyzer(self.look_up, most_known=_MOST_REMEMBERED)


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
_known: KnownForms | None = None
_inversion: tuple[str, Inversion] | None = None
_batches = 0


def start_worker(index: Path) -> None:
    """Get ready while the vocabulary is still being made: what every batch needs is loaded."""
    global _index, _known
    gc.disable()
    _index = index
    _known = KnownForms(Prepared(index, "", readonly=True))
    for lang in LANGS:
        # The first word loads what a language's words take.
        analyse("тапсырма", lang)


def work(acts: list[ActFiles], vocabulary: str, met: Sequence[Words]) -> Made:
    """Invert acts; ``vocabulary`` is the name under which it is kept beside the index, ``met`` the words of other batches."""
    global _inversion, _batches
    assert _index is not None
    assert _known is not None
    if _inversion is None or _inversion[0] != vocabulary:
        reader = Prepared(_index, "", readonly=True)
        decoded = decoded_vocabulary(reader.value(vocabulary) or b"")
        reader.close()
        if decoded is None:
            raise LawsearchError(f"{_index}: what earlier builds left cannot be read; {rebuild_hint(_index)}")
        _inversion = vocabulary, Inversion(decoded, _known.analyzer())
    for words in met:
        _known.hear(words)
    result = made(_inversion[1].batch(acts))
    _known.hear(result[1])
    _batches += 1
    swept(_batches)
    return result
