"""Where terms occur: the provisions of acts by the keys of their texts, for checking and proposing sources."""

from __future__ import annotations

from collections.abc import Iterable

from lawsearch.analysis.analyzer import Analyzer
from lawsearch.analysis.letters import fold
from lawsearch.analysis.tokens import words
from lawsearch.law import Act, Address, Lang
from lawsearch.terms.linking import KeySets, key_sets

_Slots = list[tuple[str, ...]]


class Occurrences:
    """The Kazakh texts (and titles) of some acts, ready to be asked for terms."""

    def __init__(self, acts: Iterable[Act], analyzer: Analyzer | None = None, lang: Lang = "kk") -> None:
        self._analyzer = analyzer or Analyzer()
        self._lang = lang
        self._slots: dict[str, list[_Slots]] = {}
        self._by_key: dict[str, list[str]] = {}
        self._laws: set[str] = set()
        self._words: dict[str, list[str]] = {}
        for act in acts:
            self._laws.add(act.law)
            for article in act.articles:
                title = article.title.get(lang, "")
                for number, provision in enumerate(article.provisions):
                    label = provision.versions[lang].label if lang in provision.versions else ""
                    texts = [
                        f"{label} {provision.text(lang) or ''}",
                        *([title, article.chapter.title.get(lang, "")] if not number else []),
                    ]
                    self._add(str(provision.address), texts)
                    self._words.setdefault(str(provision.address), []).extend(fold(w) for t in texts for w in words(t))

    def _add(self, address: str, texts: Iterable[str]) -> None:
        for text in texts:
            slots = list(key_sets(text, self._lang, self._analyzer))
            if slots:
                self._slots.setdefault(address, []).append(slots)
                for key in {key for slot in slots for key in slot}:
                    self._by_key.setdefault(key, []).append(address)

    def has_law(self, source: str) -> bool:
        """True where the source names an act that is here."""
        return source.split("/")[0] in self._laws

    def has(self, source: str) -> bool:
        """True where the address names, or contains, a provision that is here."""
        if source in self._slots:
            return True
        try:
            place = Address.parse(source)
        except ValueError:
            return False
        return any(place.contains(Address.parse(a)) for a in self._slots)

    def holds(self, source: str, term: str) -> bool:
        """True where the term occurs, in any form, in the provision or in what the address contains."""
        sets = key_sets(term, self._lang, self._analyzer)
        if source in self._slots and any(_holds(slots, sets) for slots in self._slots[source]):
            return True
        place = Address.parse(source)
        return any(
            _holds(slots, sets) for a, texts in self._slots.items() if place.contains(Address.parse(a)) for slots in texts
        )

    def seems_to_hold(self, source: str, term: str) -> bool:
        """True where words that begin like the term's stand in a row there, whatever their keys are."""
        place = Address.parse(source)
        wanted = [fold(w) for w in words(term)]
        return any(
            _looks_alike(here[i : i + len(wanted)], wanted)
            for address, here in self._words.items()
            if address == source or place.contains(Address.parse(address))
            for i in range(len(here) - len(wanted) + 1)
        )

    def first(self, term: str) -> str | None:
        """The first provision that the term occurs in, or None."""
        sets = key_sets(term, self._lang, self._analyzer)
        if not sets:
            return None
        candidates = {a for key in sets[0] for a in self._by_key.get(key, ())}
        return next((a for a in self._slots if a in candidates and any(_holds(s, sets) for s in self._slots[a])), None)


def _looks_alike(here: list[str], wanted: list[str]) -> bool:
    return all(t.startswith(w[: max(3, len(w) - 2)]) for t, w in zip(here, wanted, strict=True))


def _holds(slots: _Slots, sets: KeySets) -> bool:
    """True where successive slots share a key with each place of the term."""
    return any(
        all(not set(slots[i + j]).isdisjoint(place) for j, place in enumerate(sets)) for i in range(len(slots) - len(sets) + 1)
    )
