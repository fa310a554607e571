"""The query language: text -> a small tree, every node with its place in the text.

Our own recursive descent instead of Whoosh's parser: that one never fails (an unclosed bracket or an unknown field becomes
words, or vanishes), and its nodes do not know the columns that an error must point at.

A query of words, phrases, `-excluded` and `+required` ones and top-level filters is *plain*: it may be relaxed. Anything
else (`AND OR NOT`, brackets around them, `w/5`, patterns, `exact:` …) is *strict* and means what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from lawsearch.analysis import tokens
from lawsearch.analysis.letters import as_cyrillic, fold
from lawsearch.errors import QueryError, QuerySyntaxError

#: Longer than any sentence of a law; beyond it a query is a mistake (a file piped in whole).
MAX_CHARACTERS = 4_000
MAX_WORDS = 64
MAX_DEPTH = 40
MAX_EXPANDED = 10
MAX_DISTANCE = 100
MAX_EDITS = 2

Mode = Literal["stem", "exact", "lemma", "pattern", "fuzzy"]
Correction = Literal["keyboard", "spelling"]

#: The fields, by each name they go by (folded).
FIELDS: dict[str, str] = {
    name: field
    for field, names in {
        "article": "article бап статья",
        "chapter": "chapter тарау глава",
        "law": "law act заң закон акт",
        "title": "title тақырып заголовок",
        "status": "status мәртебе күй статус",
        "amended": "amended өзгертілген изменен изменён",
        "by": "by арқылы законом",
        "lang": "lang тіл язык",
        "exact": "exact дәл точно",
        "lemma": "lemma лемма",
    }.items()
    for name in names.split()
}


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word as typed, its folded form (mended where ``correction`` says so)."""

    text: str
    form: str
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is asked for (or, with ``excluded``, asked away): a word, or the words of a phrase in their order.

    ``slack`` (`"…"~5`): the words may stand in any order with so many others between them. ``edits`` (`word~1`): letters
    that may differ. ``start`` and ``end`` are its place in the query.
    """

    text: str
    words: tuple[QueryWord, ...]
    phrase: bool = False
    excluded: bool = False
    required: bool = False
    mode: Mode = "stem"
    slack: int | None = None
    edits: int = 0
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    """A field with the value asked for; ``excluded`` at the top level, behind a minus."""

    field: str
    value: str
    excluded: bool = False
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Not:
    """Everything but ``child``."""

    child: Tree


@dataclass(frozen=True, slots=True)
class And:
    """All of the children."""

    children: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the children."""

    children: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Close:
    """``left`` and ``right`` at most ``distance`` words apart (1: side by side); in that order where ``ordered``."""

    left: Tree
    right: Tree
    distance: int
    ordered: bool = False
    start: int = 0
    end: int = 0


Tree: TypeAlias = Item | Filter | Not | And | Or | Close


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. Plain: ``items`` and ``filters`` are all there is. Strict: ``tree`` says it, ``items`` are its leaves."""

    text: str
    tree: Tree
    strict: bool
    items: tuple[Item, ...]
    filters: tuple[Filter, ...]

    @property
    def negative(self) -> bool:
        """True where everything is asked away and nothing else makes the query strict: `-қару`."""
        return all(isinstance(leaf, Item) and leaf.excluded and leaf.mode == "stem" for leaf in _flat(self.tree))


# -- tokens ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Token:
    """``kind``: ``(``, ``)``, ``and``, ``or``, ``not``, ``near``, ``leaf`` (one or more items or a filter)."""

    kind: str
    start: int
    end: int
    leaves: tuple[Item | Filter, ...] = ()
    distance: int = 0
    ordered: bool = False
    sign: str = ""


_QUOTES = '"“”„'
_SPACE = re.compile(r"\s+")
_OPERATOR = re.compile(r"(?:(AND|&&)|(OR|\|\|)|(NOT))(?=[\s()\"“„]|\Z)")
_NEAR = re.compile(r"(?P<kind>[wW]|pre|PRE)/(?P<n>\d+)(?=[\s()\"“„]|\Z)")
_FIELD = re.compile(r"(?P<name>[^\W\d_]+):(?=(?P<value>\S))")
_QUOTED = re.compile(rf"[{_QUOTES}](?P<text>[^{_QUOTES}]*)[{_QUOTES}](?:~(?P<slack>\d+))?")
_CHUNK = re.compile(rf"[^\s{_QUOTES}()]+")
_LABEL = re.compile(r"(?:\A|[\s\"“„(,;–-])\d+(?:-\d+)*\Z")
_PATTERN = re.compile(r"[\w*?\-\u2010\u2011]*[*?][\w*?\-\u2010\u2011]*")
_FUZZY = re.compile(r"(?P<word>[^\s~]+)~(?P<edits>\d*)\Z")
#: Apostrophes are letters of one Latin alphabet for Kazakh (`qay'ipsizdik`), in front of or behind Latin letters.
_APOSTROPHE = re.compile("(?<=[A-Za-z])['\u2019\u02bc`](?=[A-Za-z])|(?<=[A-Za-z][aginoscuyAGINOSCUY])['\u2019\u02bc`]")
#: A query of words alone, whatever else a query may be.
_PLAIN = re.compile(r"(?!(?:.*\s)?(?:AND|OR|NOT)(?:\s|\Z))\s*[^\W_]+(?:-[^\W_]+)*(?:\s+[^\W_]+(?:-[^\W_]+)*)*\s*\Z", re.S)
_PUNCTUATION = ".,;:!…«»'’<>/\\|"


def _words(text: str) -> list[QueryWord]:
    """The words of a chunk; a Latin word with apostrophes in it is one word."""
    # U+02B9 is a letter to the tokenizer, so that it holds the word together; `query.keyboard` reads it.
    text = _APOSTROPHE.sub("\u02b9", text)
    return [QueryWord(w.replace("\u02b9", "'"), fold(w)) for w in tokens.words(text)]


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.closing = [m.start() for m in re.finditer(r"\)", text)]
        self.depth = 0

    def tokens(self) -> Iterator[_Token]:
        text, at = self.text, 0
        while at < len(text):
            space = _SPACE.match(text, at)
            if space:
                at = space.end()
                continue
            begins = at == 0 or text[at - 1].isspace() or text[at - 1] in "("
            sign = ""
            start = at
            if begins and text[at] in "+-" and at + 1 < len(text) and (text[at + 1] in _QUOTES + "(" or text[at + 1].isalnum()):
                sign = text[at]
                at += 1
            found = self._one(at, start, sign, begins)
            yield found
            at = found.end

    def _one(self, at: int, start: int, sign: str, begins: bool) -> _Token:
        text = self.text
        if text[at] == "(":
            self.depth += 1
            return _Token("(", start, at + 1, sign=sign)
        if text[at] == ")":
            if self._is_label(at):
                return _Token("leaf", start, at + 1, ())
            self.depth -= 1
            return _Token(")", start, at + 1)
        if begins and not sign:
            operator = _OPERATOR.match(text, at)
            if operator:
                return _Token("and" if operator[1] else "or" if operator[2] else "not", at, operator.end())
            near = _NEAR.match(text, at)
            if near:
                distance = int(near["n"])
                if not 1 <= distance <= MAX_DISTANCE:
                    raise self.error(at, near.end(), f"a distance is 1 to {MAX_DISTANCE} words, as in: қару w/5 полиция")
                return _Token("near", at, near.end(), distance=distance, ordered=near["kind"].lower() == "pre")
        if text[at] in _QUOTES:
            return self._quoted(at, start, sign, "stem")
        field = _FIELD.match(text, at)
        if field and (begins or sign):
            return self._field(field, start, sign)
        return self._chunk(at, start, sign)

    def _is_label(self, at: int) -> bool:
        """True for the bracket of a printed label (`25)`), where it closes nothing that is open."""
        if not _LABEL.search(self.text[max(0, at - 12) : at]):
            return False
        return sum(place >= at for place in self.closing) > self.depth

    def _quoted(self, at: int, start: int, sign: str, mode: Mode) -> _Token:
        match = _QUOTED.match(self.text, at)
        if match is None:
            raise self.error(at, at + 1, "this quotation mark is never closed; close it, or take it away")
        slack = None if match["slack"] is None else int(match["slack"])
        if slack is not None and slack > MAX_DISTANCE:
            raise self.error(match.start("slack"), match.end(), f"at most {MAX_DISTANCE} words may stand between, as in: ~5")
        words = tuple(_words(match["text"]))
        if not words:
            return _Token("leaf", start, match.end(), (), sign=sign)
        item = Item(match["text"].strip(), words, len(words) > 1, mode=mode, slack=slack, start=at, end=match.end())
        return _Token("leaf", start, match.end(), (_signed(item, sign),), sign=sign)

    def _field(self, match: re.Match[str], start: int, sign: str) -> _Token:
        at = match.end()
        name = FIELDS.get(fold(match["name"])) or FIELDS.get(match["name"].lower())
        if name is None:
            known = "article: chapter: law: title: status: amended: by: lang: exact: lemma:"
            raise self.error(match.start(), match.end(), f"no field has this name; fields are {known} (or take the colon away)")
        if name in ("exact", "lemma"):
            if self.text[at] in _QUOTES:
                return self._quoted(at, start, sign, name)  # type: ignore[arg-type]
            chunk = _CHUNK.match(self.text, at)
            words = _words(chunk[0]) if chunk else []
            if chunk is None or not words:
                raise self.error(match.start(), match.end(), f"a word must follow, as in: {match['name']}:полиция")
            items = tuple(
                _signed(Item(w.text, (w,), mode=name, start=match.start(), end=chunk.end()), sign)  # type: ignore[arg-type]
                for w in words
            )
            return _Token("leaf", start, chunk.end(), items, sign=sign)
        quoted = _QUOTED.match(self.text, at) if self.text[at] in _QUOTES else None
        if quoted is not None:
            value, end = quoted["text"].strip(), quoted.end()
        else:
            chunk = _CHUNK.match(self.text, at)
            if chunk is None:
                raise self.error(match.start(), at, f"a value must follow, as in: {match['name']}:{_EXAMPLES[name]}")
            value, end = chunk[0].rstrip(",;"), chunk.end()
        found = Filter(name, value, sign == "-", match.start(), end)
        self._check(found)
        return _Token("leaf", start, end, (found,), sign=sign)

    def _check(self, found: Filter) -> None:
        rule = _VALUES.get(found.field)
        value = found.value
        good = bool(value) if rule is None else rule.match(as_cyrillic(value) if found.field in ("by",) else value)
        if found.field == "status":
            good = status_of(value) is not None
        elif found.field == "lang":
            good = fold(value) in LANG_NAMES or value.lower() in LANG_NAMES
        if not good:
            raise self.error(
                found.start,
                found.end,
                f"`{value}` is no value of {found.field}:; write as in: {found.field}:{_EXAMPLES[found.field]}",
            )

    def _chunk(self, at: int, start: int, sign: str) -> _Token:
        match = _CHUNK.match(self.text, at)
        assert match is not None
        text, end = match[0], match.end()
        fuzzy = _FUZZY.match(text.strip(_PUNCTUATION))
        if fuzzy and _words(fuzzy["word"]):
            edits = int(fuzzy["edits"] or 1)
            if not 1 <= edits <= MAX_EDITS:
                raise self.error(at, end, f"~1 or ~{MAX_EDITS} letters may differ, as in: полиция~1")
            words = _words(fuzzy["word"])
            items = [Item(w.text, (w,), mode="fuzzy", edits=edits, start=at, end=end) for w in words]
            return _Token("leaf", start, end, tuple(_signed(i, sign) for i in items), sign=sign)
        bare = text.strip(_PUNCTUATION)
        if ("*" in bare or "?" in bare) and re.search(r"[^\W_]", bare) and not self._question(bare, end):
            if not _PATTERN.fullmatch(bare):
                raise self.error(at, end, "a pattern is one word with * and ? in it, as in: полиц* or *іздестіру")
            if len(re.findall(r"[^\W_]", bare)) < 2:
                raise self.error(at, end, "a pattern needs at least two letters, as in: по*")
            item = Item(bare, (QueryWord(bare, _folded_pattern(bare)),), mode="pattern", start=at, end=end)
            return _Token("leaf", start, end, (_signed(item, sign),), sign=sign)
        items = [Item(w.text, (w,), start=at, end=end) for w in _words(text)]
        return _Token("leaf", start, end, tuple(_signed(i, sign) for i in items), sign=sign)

    def _question(self, bare: str, end: int) -> bool:
        """True for the question mark that closes a question: the last sign of three words and more."""
        return (
            bare.endswith("?")
            and not re.search(r"[*?]", bare[:-1].rstrip("?"))
            and not self.text[end:].strip()
            and len(self.text.split()) >= 3
        )

    def error(self, start: int, end: int, what: str) -> QuerySyntaxError:
        return QuerySyntaxError(self.text, start, end, what)


_EXAMPLES = {
    "article": "6",
    "chapter": "2",
    "law": "Z1400000199",
    "title": "полиция",
    "status": "in-force",
    "amended": "2020..2024",
    "by": "71-VIII",
    "lang": "kk",
    "exact": "полиция",
    "lemma": "полиция",
}
_DAY = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
_VALUES = {
    "article": re.compile(r"\d+(?:-\d+)*(?:\.\.\d+(?:-\d+)*)?\Z"),
    "chapter": re.compile(r"[\w-]{1,12}\Z"),
    "amended": re.compile(rf"(?:{_DAY}(?:\.\.(?:{_DAY})?)?|\.\.{_DAY})\Z"),
    "by": re.compile(r"№?\d{1,4}(?:-\w+)?\Z"),
    "title": re.compile(r".*[^\W_]"),
    "law": re.compile(r".*[^\W_]"),
}
LANG_NAMES = {
    **dict.fromkeys("kk kaz қаз қазақ қазақша казахский".split(), "kk"),
    **dict.fromkeys("ru rus рус орыс орысша русский".split(), "ru"),
}
_STATUSES = {
    "in_force": "in-force in_force inforce қолданыста күшінде действует действующий".split(),
    "repealed": "repealed жойылған күші-жойылған утратил недействующий исключен алынған".split(),
    "any": ["any"],
}


def status_of(value: str) -> str | None:
    """``in_force``, ``repealed`` or ``any`` by any of their names, else None."""
    lowered = value.lower()
    return next((s for s, names in _STATUSES.items() if lowered in names or fold(value) in names), None)


def _folded_pattern(pattern: str) -> str:
    letters = re.sub(r"[*?]", "", pattern)
    text = as_cyrillic(pattern) if re.search("[\u0400-\u052f]", letters) else pattern
    folded = re.sub("[\u2010\u2011]", "-", text.lower())
    return re.sub(r"\*{2,}", "*", folded)


def _signed(item: Item, sign: str) -> Item:
    return replace(item, excluded=sign == "-", required=sign == "+") if sign else item


# -- the tree ----------------------------------------------------------------------------------------------------------


class _Parser:
    """or := and (OR and)* · and := clause (AND? clause)* · clause := NOT* near · near := atom (w/N atom)*"""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lexer = _Lexer(text)
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

    def _take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def _error(self, token: _Token | None, what: str) -> QuerySyntaxError:
        start, end = (len(self.text), len(self.text)) if token is None else (token.start, token.end)
        return QuerySyntaxError(self.text, start, end, what)

    def _here(self) -> _Token | None:
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

    def _closable(self, side: Tree, token: _Token) -> None:
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
        items = tuple(Item(w.text, (w,)) for w in _words(text))
        _bounded(text, items)
        return Query(text, And(items), False, items, ())
    if _PLAIN.match(text):
        items = tuple(
            Item(w.text, (w,), start=chunk.start(), end=chunk.end())
            for chunk in _CHUNK.finditer(text)
            for w in _words(chunk[0])
        )
        _bounded(text, items)
        return Query(text, items[0] if len(items) == 1 else And(items), False, items, ())
    parser = _Parser(text)
    if not any(token.leaves for token in parser.tokens):
        _bounded(text, ())
    tree = parser.parse()
    leaves = tuple(_leaves(tree))
    items = tuple(leaf for leaf in leaves if isinstance(leaf, Item))
    filters = tuple(leaf for leaf in leaves if isinstance(leaf, Filter))
    _bounded(text, items, filters)
    flat = tuple(_flat(tree))
    strict = (
        parser.strict
        or any(not isinstance(leaf, (Item, Filter)) for leaf in flat)
        or any(item.mode != "stem" or item.slack is not None for item in items)
        or not any(not item.excluded for item in items)
    )
    return Query(text, tree, strict, items, filters)


def _flat(tree: Tree) -> Iterator[Tree]:
    """The clauses of nested conjunctions."""
    if isinstance(tree, And):
        for child in tree.children:
            yield from _flat(child)
    else:
        yield tree


def _leaves(tree: Tree) -> Iterator[Item | Filter]:
    match tree:
        case Item() | Filter():
            yield tree
        case Not(child):
            yield from _leaves(child)
        case And(children) | Or(children):
            for child in children:
                yield from _leaves(child)
        case Close(left, right):
            yield from _leaves(left)
            yield from _leaves(right)


def rebuilt(tree: Tree, items: Sequence[Item]) -> Tree:
    """``tree`` with its items replaced by as many others, in their order."""
    left = iter(items)

    def walk(node: Tree) -> Tree:
        match node:
            case Item():
                return next(left)
            case Filter():
                return node
            case Not(child):
                return Not(walk(child))
            case And(children):
                return And(tuple(walk(c) for c in children))
            case Or(children):
                return Or(tuple(walk(c) for c in children))
            case Close():
                side = walk(node.left)
                return replace(node, left=side, right=walk(node.right))

    return walk(tree)


def _bounded(text: str, items: tuple[Item, ...], filters: tuple[Filter, ...] = ()) -> None:
    if not items and not filters:
        shown = text.strip()[:40]
        raise QueryError(f"query {shown!r}: no word to search for; type at least one word, such as: полиция")
    if sum(len(item.words) for item in items) + len(filters) > MAX_WORDS:
        raise QueryError(f"query: more than {MAX_WORDS} words; search for a few of them")
    costly = sum(item.mode in ("fuzzy", "pattern") for item in items)
    if costly > MAX_EXPANDED:
        raise QueryError(f"query: {costly} patterns and fuzzy words, more than {MAX_EXPANDED}; leave some out")
