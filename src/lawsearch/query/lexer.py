"""The tokens of a query: words, phrases, patterns, fields with their values, operators and brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lawsearch.analysis import tokens
from lawsearch.analysis.letters import as_cyrillic, fold
from lawsearch.errors import QuerySyntaxError
from lawsearch.query.tree import Filter, Item, Mode, QueryWord

MAX_DISTANCE = 100
MAX_EDITS = 2

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
class Token:
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
CHUNK = re.compile(rf"[^\s{_QUOTES}()]+")
_LABEL = re.compile(r"(?:\A|[\s\"“„(,;–-])\d+(?:-\d+)*\Z")
_PATTERN = re.compile(r"[\w*?\-\u2010\u2011]*[*?][\w*?\-\u2010\u2011]*")
_FUZZY = re.compile(r"(?P<word>[^\s~]+)~(?P<edits>\d*)\Z")
#: Apostrophes are letters of one Latin alphabet for Kazakh (`qay'ipsizdik`), in front of or behind Latin letters.
_APOSTROPHE = re.compile("(?<=[A-Za-z])['\u2019\u02bc`](?=[A-Za-z])|(?<=[A-Za-z][aginoscuyAGINOSCUY])['\u2019\u02bc`]")
#: A query of words alone, whatever else a query may be.
PLAIN = re.compile(r"(?!(?:.*\s)?(?:AND|OR|NOT)(?:\s|\Z))\s*[^\W_]+(?:-[^\W_]+)*(?:\s+[^\W_]+(?:-[^\W_]+)*)*\s*\Z", re.S)
_PUNCTUATION = ".,;:!…«»'’<>/\\|"


def words_of(text: str) -> list[QueryWord]:
    """The words of a chunk; a Latin word with apostrophes in it is one word."""
    # U+02B9 is a letter to the tokenizer, so that it holds the word together; `query.keyboard` reads it.
    text = _APOSTROPHE.sub("\u02b9", text)
    return [QueryWord(w.replace("\u02b9", "'"), fold(w)) for w in tokens.words(text)]


class Lexer:
    """Cuts one query into tokens. Raises QuerySyntaxError, with the place, for what is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.closing = [m.start() for m in re.finditer(r"\)", text)]
        self.depth = 0

    def tokens(self) -> Iterator[Token]:
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

    def _one(self, at: int, start: int, sign: str, begins: bool) -> Token:
        text = self.text
        if text[at] == "(":
            self.depth += 1
            return Token("(", start, at + 1, sign=sign)
        if text[at] == ")":
            if self._is_label(at):
                return Token("leaf", start, at + 1, ())
            self.depth -= 1
            return Token(")", start, at + 1)
        if begins and not sign:
            operator = _OPERATOR.match(text, at)
            if operator:
                return Token("and" if operator[1] else "or" if operator[2] else "not", at, operator.end())
            near = _NEAR.match(text, at)
            if near:
                distance = int(near["n"])
                if not 1 <= distance <= MAX_DISTANCE:
                    raise self.error(at, near.end(), f"a distance is 1 to {MAX_DISTANCE} words, as in: қару w/5 полиция")
                return Token("near", at, near.end(), distance=distance, ordered=near["kind"].lower() == "pre")
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

    def _quoted(self, at: int, start: int, sign: str, mode: Mode) -> Token:
        match = _QUOTED.match(self.text, at)
        if match is None:
            raise self.error(at, at + 1, "this quotation mark is never closed; close it, or take it away")
        slack = None if match["slack"] is None else int(match["slack"])
        if slack is not None and slack > MAX_DISTANCE:
            raise self.error(match.start("slack"), match.end(), f"at most {MAX_DISTANCE} words may stand between, as in: ~5")
        words = tuple(words_of(match["text"]))
        if not words:
            return Token("leaf", start, match.end(), (), sign=sign)
        item = Item(match["text"].strip(), words, len(words) > 1, mode=mode, slack=slack, start=at, end=match.end())
        return Token("leaf", start, match.end(), (_signed(item, sign),), sign=sign)

    def _field(self, match: re.Match[str], start: int, sign: str) -> Token:
        at = match.end()
        name = FIELDS.get(fold(match["name"])) or FIELDS.get(match["name"].lower())
        if name is None:
            known = "article: chapter: law: title: status: amended: by: lang: exact: lemma:"
            raise self.error(match.start(), match.end(), f"no field has this name; fields are {known} (or take the colon away)")
        if name in ("exact", "lemma"):
            if self.text[at] in _QUOTES:
                return self._quoted(at, start, sign, name)  # type: ignore[arg-type]
            chunk = CHUNK.match(self.text, at)
            words = words_of(chunk[0]) if chunk else []
            if chunk is None or not words:
                raise self.error(match.start(), match.end(), f"a word must follow, as in: {match['name']}:полиция")
            items = tuple(
                _signed(Item(w.text, (w,), mode=name, start=match.start(), end=chunk.end()), sign)  # type: ignore[arg-type]
                for w in words
            )
            return Token("leaf", start, chunk.end(), items, sign=sign)
        quoted = _QUOTED.match(self.text, at) if self.text[at] in _QUOTES else None
        if quoted is not None:
            value, end = quoted["text"].strip(), quoted.end()
        else:
            chunk = CHUNK.match(self.text, at)
            if chunk is None:
                raise self.error(match.start(), at, f"a value must follow, as in: {match['name']}:{_EXAMPLES[name]}")
            value, end = chunk[0].rstrip(",;"), chunk.end()
        found = Filter(name, value, sign == "-", match.start(), end)
        self._check(found)
        return Token("leaf", start, end, (found,), sign=sign)

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

    def _chunk(self, at: int, start: int, sign: str) -> Token:
        match = CHUNK.match(self.text, at)
        assert match is not None
        text, end = match[0], match.end()
        fuzzy = _FUZZY.match(text.strip(_PUNCTUATION))
        if fuzzy and words_of(fuzzy["word"]):
            edits = int(fuzzy["edits"] or 1)
            if not 1 <= edits <= MAX_EDITS:
                raise self.error(at, end, f"~1 or ~{MAX_EDITS} letters may differ, as in: полиция~1")
            words = words_of(fuzzy["word"])
            items = [Item(w.text, (w,), mode="fuzzy", edits=edits, start=at, end=end) for w in words]
            return Token("leaf", start, end, tuple(_signed(i, sign) for i in items), sign=sign)
        bare = text.strip(_PUNCTUATION)
        if ("*" in bare or "?" in bare) and re.search(r"[^\W_]", bare) and not self._question(bare, end):
            if not _PATTERN.fullmatch(bare):
                raise self.error(at, end, "a pattern is one word with * and ? in it, as in: полиц* or *іздестіру")
            if len(re.findall(r"[^\W_]", bare)) < 2:
                raise self.error(at, end, "a pattern needs at least two letters, as in: по*")
            item = Item(bare, (QueryWord(bare, _folded_pattern(bare)),), mode="pattern", start=at, end=end)
            return Token("leaf", start, end, (_signed(item, sign),), sign=sign)
        items = [Item(w.text, (w,), start=at, end=end) for w in words_of(text)]
        return Token("leaf", start, end, tuple(_signed(i, sign) for i in items), sign=sign)

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
