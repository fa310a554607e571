"""The forms of a store that are like another: that share its skeleton or a part of it, match a pattern, have its length."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from lawsearch.law import LANGS, Lang
from lawsearch.store.guarding import Rows
from lawsearch.store.records import FormRecord

#: More forms than these are not looked at where some that are near a word are asked for: the most used are taken.
_MOST_NEAR = 20_000


class Forms:
    """Looks for forms of one store, whose queries ``run`` runs."""

    def __init__(self, run: Callable[[str, Sequence[Any]], Rows]) -> None:
        self._run = run

    def with_skeleton(self, skeletons: Sequence[str]) -> list[FormRecord]:
        """The forms of either language that have one of the skeletons, most used first."""
        marks = ",".join("?" * len(skeletons))
        return self._some(f"skeleton IN ({marks})", tuple(skeletons), 200)

    def starting(self, bones: str, limit: int) -> list[FormRecord]:
        """The forms whose skeleton starts with ``bones``, most used first."""
        return self._some("skeleton>=? AND skeleton<?", (bones, bones + "\U0010ffff"), limit)

    def near(
        self,
        bones: str,
        head: int,
        tail: int,
        slack: int,
        keys: Collection[str] = (),
        letters: tuple[int, int] | None = None,
    ) -> list[FormRecord]:
        """The forms whose skeleton shares the first ``head`` or the last ``tail`` classes with ``bones`` (0: not asked
        for), and is at most ``slack`` longer or shorter; with ``keys`` only those that may have one of them as their first.
        ``letters``: nobody will miss those that have fewer or more."""
        found: dict[tuple[Lang, str], FormRecord] = {}
        for column, text in (("skeleton", bones[:head]), ("mirror", bones[::-1][:tail])):
            if text:
                values = (text, text + "\U0010ffff", len(bones) - slack, len(bones) + slack)
                near = f"{column}>=? AND {column}<? AND length({column}) BETWEEN ? AND ?"
                if keys and letters is not None and self._are_few(near, values):
                    records = self._with_keys(near, values, keys, letters)
                else:
                    records = self._some(near, values, _MOST_NEAR, keys)
                for form in records:
                    found[form.lang, form.form] = form
        return list(found.values())

    def _are_few(self, where: str, values: tuple[object, ...]) -> bool:
        """True where a condition on an index of forms, in which every column that it names is, is not true of too many."""
        sql = f"SELECT count(*) FROM (SELECT 1 FROM words WHERE {where} LIMIT ?)"
        return int(self._run(sql, (*values, _MOST_NEAR + 1)).fetchone()[0]) <= _MOST_NEAR

    def _with_keys(
        self, where: str, values: tuple[object, ...], keys: Collection[str], letters: tuple[int, int]
    ) -> list[FormRecord]:
        """As `_some`, in no order: rows of the table are looked up only for what the index says nothing against."""
        begins = " OR ".join(["substr(w.keys, 1, ?)=?"] * len(keys))
        sql = f"""SELECT w.lang, w.form, w.uses
            FROM (SELECT lang, form FROM words WHERE {where} AND length(form) BETWEEN ? AND ?) n
            CROSS JOIN words w ON w.lang=n.lang AND w.form=n.form WHERE {begins}"""
        begun = (value for key in keys for value in (len(key), key))
        return [FormRecord(*row) for row in self._run(sql, (*values, *letters, *begun))]

    def spellings_near(
        self, typed: str, kin: Sequence[str], bones: str, head: int, tail: int, slack: int
    ) -> set[tuple[Lang, str]]:
        """Those forms of `near` that may be one edit from ``typed`` by their length and their beginning, and nothing of
        them but their language. ``kin``: its first letter, and those that may stand for it beside another edit."""
        found: set[tuple[Lang, str]] = set()
        # Where it is the first letter that was edited, and not for its kin, the others are as they were.
        begins = f"""(substr(form, 1, 1) IN ({",".join("?" * len(kin))}) OR substr(form, 1, 2)=?
            OR substr(form, 2) IN (?, ?) OR form=?)"""
        asked = (len(typed) - 1, len(typed) + 1, *kin, typed[1::-1], typed[1:], typed, typed[1:])
        for column, text in (("skeleton", bones[:head]), ("mirror", bones[::-1][:tail])):
            if text:
                rows = self._run(
                    # Every column is in the column's index: no row of the table is looked at.
                    f"SELECT lang, form FROM words WHERE {column}>=? AND {column}<? AND length({column}) BETWEEN ? AND ? "
                    f"AND length(form) BETWEEN ? AND ? AND {begins}",
                    (text, text + "\U0010ffff", len(bones) - slack, len(bones) + slack, *asked),
                )
                found.update(rows.fetchall())
        return found

    def like(self, pattern: str, limit: int) -> list[FormRecord]:
        """The forms that stand in the corpus and match a GLOB pattern (``*`` and ``?``), in order."""
        literal = re.split(r"[*?]", pattern, maxsplit=1)[0]
        sql = "uses>0 AND form GLOB ?" + (" AND form>=? AND form<?" if literal else "")
        bounds = (literal, literal + "\U0010ffff") if literal else ()
        found = []
        for lang in LANGS:
            rows = self._run(
                f"SELECT lang, form, uses FROM words WHERE lang=? AND {sql} ORDER BY form LIMIT ?",
                (lang, pattern, *bounds, limit),
            )
            found += [FormRecord(*row) for row in rows]
        return found

    def _some(self, where: str, values: tuple[object, ...], limit: int, keys: Collection[str] = ()) -> list[FormRecord]:
        columns = "lang, form, uses, keys" if keys else "lang, form, uses"
        sql, values = f"SELECT {columns} FROM words WHERE {where} ORDER BY uses DESC, lang, form LIMIT ?", (*values, limit)
        if keys:
            # What is encoded (see `analysis.analyzer.Word`) begins with the first key.
            begins = " OR ".join(["substr(keys, 1, ?)=?"] * len(keys))
            sql = f"SELECT lang, form, uses FROM ({sql}) WHERE {begins}"
            values = (*values, *(value for key in keys for value in (len(key), key)))
        return [FormRecord(*row) for row in self._run(sql, values)]

    def of_length(self, least: int, most: int) -> list[FormRecord]:
        """The forms of the corpus that have so many letters."""
        return self._some("uses>0 AND length(form) BETWEEN ? AND ?", (least, most), -1)
