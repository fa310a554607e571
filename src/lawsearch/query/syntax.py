"""The query language: text -> a small tree, every node with its place in the text.

Our own recursive descent instead of Whoosh's parser: that one never fails (an unclosed bracket or an unknown field becomes
words, or vanishes), and its nodes do not know the columns that an error must point at.

A query of words, phrases, `-excluded` and `+required` ones and top-level filters is *plain*: it may be relaxed. Anything
else (`AND OR NOT`, brackets around them, `w/5`, patterns, `exact:` …) is *strict* and means what it says.
"""

from __future__ import annotations

from lawsearch.errors import QueryError, QuerySyntaxError
from lawsearch.query.lexer import CHUNK, PLAIN, Lexer, Token, words_of
from lawsearch.query.tree import And, Close, Filter, Item, Not, Or, Query, Tree, clauses, leaves

#: Longer than any sentence of a law; beyond it a query is a mistake (a file piped in whole).
MAX_CHARACTERS = 4_000
MAX_WORDS = 64
MAX_DEPTH = 40
MAX_EXPANDED = 10


class _Parser:
    """or := and (OR and)* · and := clause (AND? clause)* · clause := NOT* near · near := atom (w/N atom)*"""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lexer = Lexer(text)
        self.tokens = [t for t in self.lexer.tokens() if t.kind != "leaf" or t.leaves]
        self.at = 0
        self.depth = 0
        self.strict = False

    def parse(self) -> Tree:
        tree = self._or()
        if self.at < len(self.tokens):
            token = self.tokens[self.at]
            raise self._error(token, "this bracket closes nothing; take it away, or open one before it")
        return tree

    def _peek(self) -> str:
        return self.tokens[self.at].kind if self.at < len(self.tokens) else "end"

    def _take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def _error(self, token: Token | None, what: str) -> QuerySyntaxError:
        start, end = (len(self.text), len(self.text)) if token is None else (token.start, token.end)
        return QuerySyntaxError(self.text, start, end, what)

    def _here(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _or(self) -> Tree:
        found = [self._and()]
        while self._peek() == "or":
            self._take()
            self.strict = True
            found.append(self._and())
        return found[0] if len(found) == 1 else Or(tuple(found))

    def _and(self) -> Tree:
        found = self._clause()
        while True:
            kind = self._peek()
            if kind == "and":
                self._take()
                self.strict = True
                if self._peek() == "and":
                    raise self._error(self._here(), "two operators side by side; put a word between them")
                found += self._clause()
            elif kind in ("leaf", "(", "not"):
                found += self._clause()
            else:
                break
        return found[0] if len(found) == 1 else And(tuple(found))

    def _clause(self) -> list[Tree]:
        """One clause; more than one child only where a chunk of text holds several words (`іс/шара`)."""
        negated = False
        while self._peek() == "not":
            self._take()
            self.strict = True
            negated = not negated
        atoms, sign, start = self._atom()
        while self._peek() == "near":
            token = self._take()
            self.strict = True
            right, right_sign, _ = self._atom()
            if sign or right_sign:
                raise self._error(token, "no + or - may stand beside w/N; take it away")
            left = atoms[0] if len(atoms) == 1 else And(tuple(atoms))
            other = right[0] if len(right) == 1 else And(tuple(right))
            for side in (left, other):
                self._closable(side, token)
            atoms = [Close(left, other, token.distance, token.ordered, start, self.tokens[self.at - 1].end)]
        if negated:
            whole = atoms[0] if len(atoms) == 1 else And(tuple(atoms))
            return [Not(whole)]
        return atoms

    def _closable(self, side: Tree, token: Token) -> None:
        """Only what stands at places of a text can be near something."""
        match side:
            case Item(excluded=False):
                return
            case Or(children):
                for child in children:
                    self._closable(child, token)
            case Close():
                return
            case _:
                raise self._error(
                    token, "only words, phrases and (a OR b) can be near one another; bracket them, as in: (a OR b) w/5 c"
                )

    def _atom(self) -> tuple[list[Tree], str, int]:
        token = self._here()
        if token is None or token.kind in ("and", "or", "near", ")"):
            what = "a word is missing here" if token is None else "a word is missing before this"
            raise self._error(token, f"{what}; write one, as in: қару AND полиция")
        self._take()
        if token.kind == "leaf":
            return list(token.leaves), token.sign, token.start
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self._error(token, f"more than {MAX_DEPTH} brackets inside one another; take some away")
        if self._peek() == ")":
            raise self._error(token, "nothing stands between these brackets; write a word, or take them away")
        inner = self._or()
        if self._peek() != ")":
            raise self._error(token, "this bracket is never closed; close it, or take it away")
        self._take()
        self.depth -= 1
        if token.sign == "-":
            self.strict = True
            return [Not(inner)], "-", token.start
        return [inner], token.sign, token.start


def parse(text: str, *, literal: bool = False) -> Query:
    """Parse a query; ``literal`` takes all of it as plain words.

    Raises QueryError for a query that is too long or holds no word, QuerySyntaxError (with the place) for a malformed one.
    """
    if len(text) > MAX_CHARACTERS:
        raise QueryError(
            f"query: {len(text):,} characters, more than {MAX_CHARACTERS:,}; search for a few words, or use `lawsearch batch`"
        )
    if literal:
        items = tuple(Item(w.text, (w,)) for w in words_of(text))
        _bounded(text, items)
        return Query(text, And(items), False, items, ())
    if PLAIN.match(text):
        items = tuple(
            Item(w.text, (w,), start=chunk.start(), end=chunk.end())
            for chunk in CHUNK.finditer(text)
            for w in words_of(chunk[0])
        )
        _bounded(text, items)
        return Query(text, items[0] if len(items) == 1 else And(items), False, items, ())
    parser = _Parser(text)
    if not any(token.leaves for token in parser.tokens):
        _bounded(text, ())
    tree = parser.parse()
    found = tuple(leaves(tree))
    items = tuple(leaf for leaf in found if isinstance(leaf, Item))
    filters = tuple(leaf for leaf in found if isinstance(leaf, Filter))
    _bounded(text, items, filters)
    flat = tuple(clauses(tree))
    strict = (
        parser.strict
        or any(not isinstance(leaf, (Item, Filter)) for leaf in flat)
        or any(item.mode != "stem" or item.slack is not None for item in items)
        or not any(not item.excluded for item in items)
    )
    return Query(text, tree, strict, items, filters)


def _bounded(text: str, items: tuple[Item, ...], filters: tuple[Filter, ...] = ()) -> None:
    if not items and not filters:
        shown = text.strip()[:40]
        raise QueryError(f"query {shown!r}: no word to search for; type at least one word, such as: полиция")
    if sum(len(item.words) for item in items) + len(filters) > MAX_WORDS:
        raise QueryError(f"query: more than {MAX_WORDS} words; search for a few of them")
    costly = sum(item.mode in ("fuzzy", "pattern") for item in items)
    if costly > MAX_EXPANDED:
        raise QueryError(f"query: {costly} patterns and fuzzy words, more than {MAX_EXPANDED}; leave some out")
