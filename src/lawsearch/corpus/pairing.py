"""Pairing: which pieces of an act's articles in one language go with which of the other (`alignment`), the texts of all
articles compared at once (`likeness`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lawsearch.corpus.alignment import Entry, comparable, pair_list
from lawsearch.corpus.likeness import Likeness, Says
from lawsearch.corpus.outline import Piece

#: Two pieces that say the same, and how sure that is.
Paired = tuple[Piece, Piece, float]
#: What a list is called: the kind of its pieces, or the points in Kazakh and in Russian whose sub-points they are.
_Name = tuple[str | None, str | None]


def pairs(articles: Iterable[tuple[Sequence[Piece], Sequence[Piece]]], says: Says) -> list[list[Paired]]:
    """The pairs of each article, whose pieces in both languages are given."""
    waiting = [_Lists(kk, ru) for kk, ru in articles]
    likely = [(one, name, sides) for one in waiting for name, sides in one.likely()]
    found = says.likenesses([([e.text for e in kk.entries], [e.text for e in ru.entries]) for _, _, (kk, ru) in likely])
    for (one, name, _), likeness in zip(likely, found, strict=True):
        one.likenesses[name] = likeness
    return [one.paired(says) for one in waiting]


class _Side:
    """The pieces of a list in one language."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.entries = [Entry(p.place, p.version().text, p.status == "repealed") for p in pieces]


class _Lists:
    """The lists of an article: its pieces by kind, and the sub-points of each of its points."""

    def __init__(self, kk: Sequence[Piece], ru: Sequence[Piece]) -> None:
        self._kinds = [(kind, _of_kind(kk, kind), _of_kind(ru, kind)) for kind in ("preamble", "opening", "note", "point")]
        self._kk, self._ru = _by_point(kk), _by_point(ru)
        self.likenesses: dict[_Name, Likeness] = {}

    def likely(self) -> Iterator[tuple[_Name, tuple[_Side, _Side]]]:
        """The lists that will be compared, as far as can be told before any is paired: points mostly go with those of the same
        number."""
        for kind, kk, ru in self._kinds:
            if comparable(kk.entries, ru.entries):
                yield (kind, kind), (kk, ru)
        for point, kk in self._kk.items():
            if point in self._ru and comparable(kk.entries, self._ru[point].entries):
                yield (point, point), (kk, self._ru[point])

    def paired(self, says: Says) -> list[Paired]:
        """The pairs: list by list, from the top down, so that a point's sub-points follow the point."""
        found: list[Paired] = []
        point_of: dict[str | None, str | None] = {}
        for kind, kk, ru in self._kinds:
            for pair in self._list((kind, kind), kk, ru, says):
                found.append(pair)
                if kind == "point":
                    point_of[pair[0].address.point] = pair[1].address.point
        for point, kk in self._kk.items():
            other = point_of.get(point, point)
            if other in self._ru:
                found += self._list((point, other), kk, self._ru[other], says)
        return found

    def _list(self, name: _Name, kk: _Side, ru: _Side, says: Says) -> Iterator[Paired]:
        for pair in pair_list(kk.entries, ru.entries, says, self.likenesses.get(name)):
            if pair.kk is not None and pair.ru is not None:
                yield kk.pieces[pair.kk], ru.pieces[pair.ru], pair.confidence


def _of_kind(pieces: Sequence[Piece], kind: str) -> _Side:
    return _Side([p for p in pieces if p.kind == kind])


def _by_point(pieces: Iterable[Piece]) -> dict[str | None, _Side]:
    grouped: dict[str | None, list[Piece]] = {}
    for piece in pieces:
        if piece.kind == "subpoint":
            grouped.setdefault(piece.address.point, []).append(piece)
    return {point: _Side(some) for point, some in grouped.items()}
