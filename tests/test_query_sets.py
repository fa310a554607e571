"""What queries find as sets: laws that must hold between queries, an oracle that scans every text, a fuzzer."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from functools import lru_cache
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lawsearch.analysis import tokens
from lawsearch.analysis.analyzer import word_keys
from lawsearch.analysis.letters import fold
from lawsearch.analysis.stopwords import KAZAKH, RUSSIAN
from lawsearch.errors import LawsearchError
from lawsearch.law import LANGS
from lawsearch.search import Searcher

_CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def found(searcher: Searcher, query: str) -> frozenset[int]:
    return frozenset(h.provision.id for h in searcher.search(query, limit=None).hits)


@lru_cache(maxsize=4)
def vocabulary(searcher: Searcher) -> tuple[str, ...]:
    forms = set()
    for provision, _, _ in searcher.provisions():
        forms.update(fold(w) for text in provision.texts.values() for w in tokens.words(text))
    return tuple(sorted(f for f in forms if len(f) > 2 and f.isalpha() and not f.isascii() and f not in KAZAKH | RUSSIAN))


@lru_cache(maxsize=4)
def texts(searcher: Searcher) -> tuple[tuple[int, str, tuple[str, ...]], ...]:
    """Document, language and folded words of every text."""
    return tuple(
        (provision.id, lang, tuple(fold(w) for w in tokens.words(text)))
        for provision, _, _ in searcher.provisions()
        for lang, text in provision.texts.items()
    )


def words(searcher: Searcher) -> st.SearchStrategy[str]:
    return st.sampled_from(vocabulary(searcher))


@_CALM
@given(data=st.data())
def test_and_or_not_are_set_operations(searcher: Searcher, data: st.DataObject) -> None:
    a, b = data.draw(words(searcher)), data.draw(words(searcher))
    in_a, in_b = found(searcher, a), found(searcher, b)
    everything = frozenset(range(searcher.reader.document_count()))
    assert found(searcher, f"{a} AND {b}") == in_a & in_b
    assert found(searcher, f"{a} OR {b}") == in_a | in_b
    assert found(searcher, f"NOT {a}") == everything - in_a
    assert found(searcher, f"{a} NOT {b}") == in_a - in_b
    assert found(searcher, f"({a} OR {b}) AND NOT ({a} AND {b})") == in_a ^ in_b
    assert found(searcher, f"{a} -{b}") <= in_a - in_b


@_CALM
@given(data=st.data())
def test_a_phrase_lies_within_its_nearness_within_and(searcher: Searcher, data: st.DataObject) -> None:
    document, _, forms = data.draw(st.sampled_from([t for t in texts(searcher) if len(t[2]) > 3]))
    at = data.draw(st.integers(0, len(forms) - 2))
    pair = forms[at : at + 2]
    if not all(f.isalpha() for f in pair):
        return
    a, b = pair
    phrase = found(searcher, f'"{a} {b}"')
    assert document in phrase
    slack = found(searcher, f'"{a} {b}"~3')
    assert phrase <= slack <= found(searcher, f'"{a} {b}"~30') <= found(searcher, f"{a} AND {b}")


def test_every_form_in_the_corpus_finds_its_own_provisions(searcher: Searcher) -> None:
    where: dict[str, set[int]] = {}
    for document, _, forms in texts(searcher):
        for form in forms:
            if form.isalpha() and len(form) > 1:
                where.setdefault(form, set()).add(document)
    assert len(where) > 1000
    for form, documents in sorted(where.items())[:: max(1, len(where) // 700)]:
        assert documents <= found(searcher, form), form


@_CALM
@given(data=st.data())
def test_case_lookalikes_and_order_make_no_difference(searcher: Searcher, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(words(searcher), min_size=1, max_size=3))
    query = " ".join(chosen)
    expected = [(h.provision.id, h.score) for h in searcher.search(query, limit=None).hits]
    for other in (query.upper(), query.title(), query.replace("і", "i").replace("о", "o").replace("ә", "ə").replace("а", "a")):
        assert [(h.provision.id, h.score) for h in searcher.search(other, limit=None).hits] == expected, other
    shuffled = " ".join(data.draw(st.permutations(chosen)))
    assert sorted(n for n, _ in expected) == sorted(found(searcher, shuffled))


# -- the oracle --------------------------------------------------------------------------------------------------------


class Scan:
    """Answers strict queries of lemmas, exact forms and patterns by looking at every word of every text."""

    def __init__(self, searcher: Searcher) -> None:
        self.searcher = searcher
        self.all = frozenset(range(searcher.reader.document_count()))
        self.own: list[tuple[int, str, list[tuple[str, frozenset[str]]]]] = []
        for provision, article, _ in searcher.provisions():
            for lang in LANGS:
                read = [provision.texts.get(lang, "")]
                if provision.id == article.first:
                    read.append(article.title.get(lang, ""))
                for text in read:
                    forms = [fold(w) for w in tokens.words(text)]
                    # Exactly those keys that single words are filed under; compounds also by their parts.
                    keyed = [(f, frozenset(word_keys(searcher.analyzer.word(f, lang)))) for f in forms]
                    self.own.append((provision.id, lang, keyed))

    def lemma(self, key: str) -> frozenset[int]:
        return frozenset(n for n, _, ws in self.own if any(key in keys for _, keys in ws))

    def exact(self, form: str) -> frozenset[int]:
        return frozenset(n for n, _, ws in self.own if any(form == f for f, _ in ws))

    def beginning(self, start: str) -> frozenset[int]:
        return frozenset(n for n, _, ws in self.own if any(f.startswith(start) for f, _ in ws))

    def holding(self, part: str) -> frozenset[int]:
        return frozenset(n for n, _, ws in self.own if any(part in f for f, _ in ws))

    def side_by_side(self, a: str, b: str) -> frozenset[int]:
        return frozenset(n for n, _, ws in self.own if any((x[0], y[0]) == (a, b) for x, y in pairwise(ws)))


@pytest.fixture(scope="module")
def scan(searcher: Searcher) -> Scan:
    return Scan(searcher)


def test_random_queries_find_what_a_scan_of_every_text_finds(searcher: Searcher, scan: Scan) -> None:
    random_ = random.Random(5)
    forms = vocabulary(searcher)
    pairs = [(a, b) for _, _, ws in texts(searcher) for a, b in pairwise(ws) if a in forms and b in forms]

    def leaf() -> tuple[str, frozenset[int]]:
        form = random_.choice(forms)
        match random_.randrange(5):
            case 0:
                return f"exact:{form}", scan.exact(form)
            case 1:
                key = searcher.analyzer.word(form, "kk").keys[0]
                return f"lemma:{key}", scan.lemma(key)
            case 2:
                start = form[: max(3, len(form) // 2)]
                return f"{start}*", scan.beginning(start)
            case 3:
                part = form[1:4] if len(form) > 4 else form[:3]
                return f"*{part}*", scan.holding(part)
            case _:
                a, b = random_.choice(pairs)
                return f'exact:"{a} {b}"', scan.side_by_side(a, b)

    def tree(depth: int) -> tuple[str, frozenset[int]]:
        if depth == 0 or random_.random() < 0.25:
            return leaf()
        left, right = tree(depth - 1), tree(depth - 1)
        match random_.randrange(3):
            case 0:
                return f"({left[0]} AND {right[0]})", left[1] & right[1]
            case 1:
                return f"({left[0]} OR {right[0]})", left[1] | right[1]
            case _:
                return f"({left[0]} AND NOT {right[0]})", left[1] - right[1]

    hits = 0
    for _ in range(200):
        query, expected = tree(random_.randrange(4))
        assert found(searcher, query) == expected, query
        hits += bool(expected)
    assert hits > 100


# -- the fuzzer --------------------------------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    """AND OR NOT && || ( ) " “ ” „ ~ ~1 ~5 * ? + - : w/5 w/999 pre/3 қару* *қару* қ?ру полиция~1 полиция~2 article:6 бап:9-1 amended:2020..
    amended:..2021 by:71-VIII law:199-V law:x status:repealed status:? lang:kk title:полиция exact: exact:қару lemma:қару foo:бар
    қару полиция полицею оружие кауипсиздик qauipsizdik gjkbwbz jhe;bt ішкі істер ст. 6 п. 1 25) 1) - 3) 9-1-бап 6/1/25 ' ` ; [ ]
    \\ / \x00 \u202e \u0301 \U0001f600 ʹ ½ ٣ ß İ ﬁ""".split()
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    query=st.one_of(
        st.lists(_PIECES, max_size=25).map(" ".join),
        st.lists(_PIECES, max_size=25).map("".join),
        st.text(max_size=60),
        st.tuples(st.text(alphabet='()"*?~+-:/ аб', max_size=60), _PIECES).map("".join),
    ),
    exact=st.booleans(),
)
def test_any_text_is_a_result_or_a_clean_error_within_a_second(searcher: Searcher, query: str, exact: bool) -> None:
    started = time.process_time()
    with suppress(LawsearchError):
        results = searcher.search(query, exact=exact)
        assert results.total >= len(results.hits)
        for hit in results.hits:
            for lang, marks in hit.highlights.items():
                assert all(0 <= a < b <= len(hit.provision.texts[lang]) for a, b in marks)
    assert time.process_time() - started <= 1.0


@pytest.mark.parametrize(
    "query",
    [
        "(" * 2000 + "қару",
        "NOT " * 900 + "қару",
        "қару " * 64,
        " OR ".join(["*а*е*"] * 60),
        '"' + "және " * 60 + '"~100',
        " w/100 ".join(["және"] * 30),
        "қару~2 " * 60,
        "*" * 500 + "аб" + "?" * 500,
        "а" * 3900,
        "кауипсиздик" * 300,
        "qauipsizdik" * 300,
    ],
    ids=lambda q: q[:12],
)
def test_costly_queries_answer_within_a_second(searcher: Searcher, query: str) -> None:
    started = time.process_time()
    with suppress(LawsearchError):
        searcher.search(query)
    assert time.process_time() - started <= 1.0


def test_a_letter_without_a_name_is_a_word_like_any_other(searcher: Searcher) -> None:
    assert searcher.search("\U00017000").total == 0
    assert searcher.search("\U00017000полиция").total >= 0


RUSSIAN_WORDS = "медицина оружия жалоба задержание граждане определяется имущества выдача обращение надзор".split()


@pytest.mark.parametrize(("a", "b"), list(pairwise(RUSSIAN_WORDS)))
def test_set_operations_hold_for_words_that_only_terms_carry_over(searcher: Searcher, a: str, b: str) -> None:
    in_a, in_b = found(searcher, a), found(searcher, b)
    assert found(searcher, f"{a} AND {b}") == in_a & in_b
    assert found(searcher, f"{a} OR {b}") == in_a | in_b
    assert found(searcher, f"{a} NOT {b}") == in_a - in_b
    assert found(searcher, f"{a} -{b}") <= in_a - in_b
    assert found(searcher, f"{a} status:in-force") <= in_a
