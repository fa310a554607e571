"""Ranking: one query's way through the steps, from all words in one provision to any word, best hits first.

Scores are the engine's; what is added here is how close together the words stand, and that an article's first provision
stands for an article whose title holds every word.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from lawsearch.engine.base import HEAD_FIELD, AllOf, AnyOf, Found, Key, Node, PostingsReader
from lawsearch.highlight import Marked, Standing
from lawsearch.query.expand import FEW, Concept, filling
from lawsearch.sides import Asked
from lawsearch.store.database import Store

#: Hits: document, score, where in it each thing asked for stands (empty where that was not asked).
Scored: TypeAlias = list[tuple[int, float, tuple[Standing, ...]]]

#: How the words of a query had to be taken for it to find something.
Scope = Literal["provision", "article", "weaker senses", "any word", "citation", "none"]

#: At least so many of the best matches are ranked again by closeness, whatever number is wanted.
_RERANKED = 50
#: What a provision found by a rarer sense is worth, beside the least of those found by the others.
_FILLING = 0.5
#: What a match is worth whose words are spread over an article, beside one whose words stand in one provision.
_SPREAD = 0.2
#: How much standing side by side adds to a score at the most.
_CLOSENESS = 0.6
#: How much more the first provision of an article is worth whose title (or lead-in) holds every word.
_TITLE = 0.5


def asked_for(concept: Concept) -> Asked:
    """A concept as marking needs it."""
    return concept.once("asked", lambda: _asked_for(concept))


def _asked_for(concept: Concept) -> Asked:
    item = concept.item
    return Asked(
        item.text,
        tuple(w.form for w in item.words),
        concept.readings,
        concept.cognates,
        frozenset(form for forms in concept.surface.values() for form in forms),
        exact=item.mode == "exact" and len(item.words) > 1,
        terms=not concept.lemmas,
        via=next((w.correction for w in item.words if w.correction), None),
        relatives=concept.relatives,
    )


class Ranking:
    """One query's way through the steps: one provision, one article, weaker senses, any word."""

    def __init__(
        self,
        store: Store,
        reader: PostingsReader,
        marked: Callable[[int], Marked],
        concepts: tuple[Concept, ...],
        within: Collection[int] | None,
        limit: int | None,
        exact: bool,
        ranked: bool = True,
        marked_hits: bool = True,
    ) -> None:
        """``marked`` gives a provision's text ready for marking; ``within``: only these documents; ``limit`` None: all hits;
        ``exact``: the forms as typed; ``ranked`` False: neither marked nor ranked by closeness, for who only counts;
        ``marked_hits`` False: ranked, but without what in each hit answers."""
        self.store = store
        self.reader = reader
        self.marked = marked
        self.concepts = concepts
        self.asked = tuple(asked_for(c) for c in concepts)
        self.within = within
        self.limit = limit
        self.exact = exact
        self.wanted_ranked = ranked
        self.wanted_marked = marked_hits
        self.depth = None if limit is None else max(limit, _RERANKED)
        self._trees: dict[bool, Node] = {}

    def run(self, relaxed: bool = True) -> tuple[Scope, Scored, int]:
        """The step that found something, its best hits with their matches, and how many there are in all; ``relaxed`` False:
        the first step alone."""
        steps: tuple[tuple[Scope, bool], ...] = (("provision", False), ("weaker senses", True))
        if self.exact:
            return self._exact()
        if not relaxed:
            scored, total = self._together(False)
            return ("provision" if total else "none"), self._ranked(scored, False), total
        for scope, weak in steps:
            scored, total = self._together(weak)
            spread = self._spread(weak, scored) if len(self.concepts) > 1 else Found((), 0)
            if total or spread.total:
                ranked = self._ranked([*scored, *spread.top], weak)
                found = scope if total or weak else "article"
                total += spread.total
                if not weak and total < FEW and any(c.foreign for c in self.concepts):
                    more = self._filling({number for number, _ in (*scored, *spread.top)}, FEW - total)
                    least = ranked[-1][1] if ranked else 1.0
                    ranked += [(number, min(score, least) * _FILLING, its) for number, score, its in more]
                    return found, ranked[: self.limit], total + len(more)
                return found, ranked, total
        required = [c.anywhere(True) for c in self.concepts if c.item.required]
        if len(self.concepts) > max(1, len(required)):
            any_word = AnyOf(tuple(c.anywhere(True) for c in self.concepts))
            found_any = self.reader.search(AllOf((any_word, *required)), self.depth, self.within)
            if found_any.total:
                return "any word", self._ranked(found_any.top, True), found_any.total
        return "none", [], 0

    def _filling(self, found: Collection[int], room: int) -> Scored:
        """The best of what rarer senses find beside ``found`` (see `query.expand.filling`)."""
        if len(self.concepts) == 1:
            # What a word stands for does not depend on where it is looked for.
            everywhere = found if self.within is None else self.reader.scores(self._tree(False))
            best = filling(self.concepts[0], self.reader, everywhere)
            if self.within is not None:
                best = [hit for hit in best if hit[0] in self.within]
            return [(n, score, (self.marked(n).standing(self.asked[0], True, False),)) for n, score in best]
        scored = self.reader.search(self._tree(True), len(found) + _RERANKED, self.within).top
        return self._ranked([hit for hit in scored if hit[0] not in found], True)[:room]

    def strict(self, tree: Node) -> tuple[Scope, Scored, int]:
        """The best hits of a planned tree, in the order that the words asked for give."""
        found = self.reader.search(tree, self.depth, self.within)
        if not self.concepts:
            return ("provision" if found.total else "none"), [(n, s, ()) for n, s in found.top[: self.limit]], found.total
        return ("provision" if found.total else "none"), self._ranked(found.top, True), found.total

    def _tree(self, weak: bool) -> Node:
        """Every word in the provision or in what stands over it; at least one in the provision itself, unless it is the
        first of its article, which then stands for the article."""
        if weak not in self._trees:
            self._trees[weak] = self._whole_tree(weak)
        return self._trees[weak]

    def _whole_tree(self, weak: bool) -> Node:
        everywhere = tuple(c.anywhere(weak) for c in self.concepts)
        somewhere = AnyOf((*(c.own(weak) for c in self.concepts), Key(HEAD_FIELD, "1", 0.0)))
        return AllOf((*everywhere, somewhere))

    def _together(self, weak: bool) -> tuple[tuple[tuple[int, float], ...], int]:
        found = self.reader.search(self._tree(weak), self.depth, self.within)
        return found.top, found.total

    def _spread(self, weak: bool, scored: Sequence[tuple[int, float]]) -> Found:
        """Articles that hold every word, but in no one provision: of each the fewest provisions that hold them all. Those that
        cannot come in among the best beside ``scored``, whatever else speaks for them, are only counted."""
        least = 0.0
        if self.wanted_ranked and self.limit is not None and len(scored) >= max(self.limit, FEW):
            least = scored[self.limit - 1][1] / (_SPREAD * (1.0 + _TITLE) * (1.0 + _CLOSENESS)) - 1e-6
        own = [c.own(weak) for c in self.concepts]
        titles = [c.context() for c in self.concepts]
        found = self.reader.spread(own, titles, self._tree(weak), self.store.articles_of(), self.within, least)
        return Found(tuple((number, _SPREAD * score) for number, score in found.top), found.total)

    def _ranked(self, scored: Sequence[tuple[int, float]], weak: bool) -> Scored:
        if not self.wanted_ranked:
            return [(number, score, ()) for number, score in scored]
        likely = self._likely(scored)
        if len(self.concepts) == 1:
            likely.sort(key=lambda one: (-round(one[0], 9), one[1]))
            return [(number, score, self._standings(number, weak)) for score, number, _ in likely[: self.limit]]
        # What cannot come in among the best any more, however close its words stand, need not be marked.
        close: list[tuple[int, float, tuple[Standing, ...]]] = []
        best: list[float] = []
        for bound, number, (score, factor) in sorted(likely, key=lambda one: (-one[0], one[1])):
            if self.limit is not None and len(best) == self.limit and bound * (1.0 + _CLOSENESS) < best[0] - 1e-6:
                break
            marked = self.marked(number)
            standings = marked.standings(self.asked, weak=weak, exact=self.exact)
            final = score * self._closeness(marked, standings) * factor
            close.append((number, final, standings if self.wanted_marked or self.exact else ()))
            if self.limit is not None:
                (heapq.heappush if len(best) < self.limit else heapq.heappushpop)(best, final)
        close.sort(key=lambda hit: (-round(hit[1], 9), hit[0]))
        return close if self.limit is None else close[: self.limit]

    def _likely(self, scored: Sequence[tuple[int, float]]) -> list[tuple[float, int, tuple[float, float]]]:
        """What may come in among the best: score with the title's factor, document, and both apart."""
        titled = self._titled([number for number, _ in scored])
        if titled:
            weighed = [(score * (f := titled.get(number, 1.0)), number, (score, f)) for number, score in scored]
        else:
            weighed = [(score, number, (score, 1.0)) for number, score in scored]
        if self.limit is None or len(weighed) <= self.limit:
            return weighed
        # Closeness takes nothing away: so much the last of the best has at least. They mostly come in order.
        least = sorted([one[0] for one in weighed], reverse=True)[self.limit - 1] - 1e-6
        reach = 1.0 + _CLOSENESS if len(self.concepts) > 1 else 1.0
        return [one for one in weighed if one[0] * reach >= least]

    def _standings(self, number: int, weak: bool) -> tuple[Standing, ...]:
        if not self.wanted_marked and not self.exact:
            return ()
        return self.marked(number).standings(self.asked, weak=weak, exact=self.exact)

    def _closeness(self, marked: Marked, standings: Sequence[Standing]) -> float:
        """A factor of 1 and more: how close together the words stand."""
        wanted = len(self.concepts)
        return 1.0 + _CLOSENESS * max([_tightest(its, wanted) for its in marked.places(standings)], default=0.0)

    def _titled(self, numbers: Collection[int]) -> Mapping[int, float]:
        """More for the first provision of an article whose title holds every word: it stands for the article."""
        holding = self.reader.scores(AllOf(tuple(c.context() for c in self.concepts)))
        if not holding:
            return {}
        article_of = self.store.articles_of()
        titled = set(holding).intersection(numbers)
        return {n: 1.0 + _TITLE for n in titled if not n or article_of[n - 1] != article_of[n]}

    def _exact(self) -> tuple[Scope, Scored, int]:
        """Only the forms as typed: found through their keys, then compared with the text itself."""
        tree = AllOf(tuple(replace(c, cognates={}).own(False) for c in self.concepts))
        kept = []
        for number, score in self.reader.search(tree, None, self.within).top:
            found = self._standings(number, False)
            if all(one.somewhere for one in found):
                kept.append((number, score * self._closeness(self.marked(number), found), found))
        kept.sort(key=lambda hit: (-round(hit[1], 9), hit[0]))
        return ("provision" if kept else "none"), kept if self.limit is None else kept[: self.limit], len(kept)


def _tightest(ordered: Sequence[tuple[int, int, bool, int]], wanted: int) -> float:
    """How tightly words stand: 1 where they fill the shortest stretch of tokens that holds one match of each.

    ``ordered``: by place, as `Marked.places` has them. Stretches that hold only some of the words count by their share.
    """
    best = 0.0
    # The latest place of each word, in their order: the first of them is where the stretch begins.
    latest: dict[int, tuple[int, int]] = {}
    single = all(one[0] == one[1] for one in ordered)
    for first, last, _, number in ordered:
        latest.pop(number, None)
        latest[number] = first, last
        share = len(latest) / wanted
        if len(latest) > 1 and share > best:
            places = latest.values()
            start = next(iter(places))[0]
            if single:
                if share * len(latest) / (last - start + 1) <= best:
                    # Even if no two stand at one place.
                    continue
                end, filled = last, len({a for a, _ in places})
            else:
                end, filled = max([b for _, b in places]), len({t for a, b in places for t in range(a, b + 1)})
            best = max(best, share * filled / (end - start + 1))
    return best
