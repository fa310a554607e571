"""What a build does by arrays is what is done text by text and document by document: links, keys, posting lists."""

from __future__ import annotations

import sqlite3
import weakref
from array import array
from contextlib import closing
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawsearch import indexer, making
from lawsearch.analysis.analyzer import Analyzer, postings
from lawsearch.corpus.files import discover
from lawsearch.engine import blocks as engine_blocks
from lawsearch.engine import sorting, whoosh_engine
from lawsearch.engine.base import FIELDS, FORM_MARK, HEAD_FIELD
from lawsearch.engine.blocks import Blocks, Columns, Gathering
from lawsearch.engine.inverted import Inverted, Inverter, Lists
from lawsearch.engine.posting_lists import ListsReader, stored
from lawsearch.engine.sorting import Pairs, inverted
from lawsearch.indexer import build
from lawsearch.inversion import Inversion, Vocabulary
from lawsearch.law import LANGS, Lang
from lawsearch.terms import termbase
from lawsearch.terms import texts as text_tables
from lawsearch.terms.linking import Linker, Links, key_sets
from lawsearch.terms.termbase import Term
from lawsearch.terms.texts import Language
from small_corpus import write_corpus, write_terms

ANALYZER = Analyzer()
WORDS = {
    "kk": "іс ішкі істер органы қару қаруын мемлекеттік қызмет қызметтің жедел-іздестіру 9-1-бап 5 Interpol".split(),
    "ru": "дело внутренних дел орган органов оружие служба службы оперативно-розыскной 5 71-VIII Interpol".split(),
}
REMARKS = {"kk": "(бұр.ред.қара)", "ru": "(см. стар. ред.)"}


def texts_of(lang: Lang) -> st.SearchStrategy[str]:
    pieces = st.sampled_from([*WORDS[lang], *WORDS[lang], ",", ".", "\n", "(", "-", REMARKS[lang]])
    return st.lists(pieces, max_size=14).map(" ".join)


def terms_of(lang: Lang) -> st.SearchStrategy[list[Term]]:
    side = st.lists(st.sampled_from(WORDS[lang]), min_size=1, max_size=4).map(" ".join)
    status = st.sampled_from(["preferred", "weak"])
    return st.lists(st.builds(lambda text, status: Term(text, text, "general", "general", status), side, status), max_size=12)


@pytest.mark.parametrize("lang", LANGS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_links_and_keys_of_many_texts_are_those_of_each(lang: Lang, data: st.DataObject) -> None:
    terms = data.draw(terms_of(lang))
    learnt = data.draw(st.integers(0, len(terms)))
    texts = list(dict.fromkeys(data.draw(st.lists(texts_of(lang), max_size=6))))
    keys = {each: [key_sets(t.side(lang), lang, ANALYZER) for t in terms] for each in LANGS}
    language = Language(lang, ANALYZER, terms, keys, learnt)
    found = language.texts(texts)
    first, more = Linker(terms[:learnt], keys[lang][:learnt]), Linker(terms[learnt:], keys[lang][learnt:])
    for number, text in enumerate(texts):
        tokens = ANALYZER.tokens(text, lang)
        links = first.links(tokens, text) + [link._replace(term=link.term + learnt) for link in more.links(tokens, text)]
        assert list(Links.unpacked(found.packed_links[number])) == links
        a, b = found.pair_ends[number : number + 2]
        forms = [(f"{FORM_MARK}{t.form}", t.position) for t in tokens]
        forms += [(FORM_MARK, t.position + i) for t in tokens for i in range(1, len(t.word.parts))]
        pairs = zip((language.keys[k] for k in found.keys[a:b]), found.positions[a:b].tolist(), strict=True)
        assert sorted(pairs) == sorted([*postings(tokens), *forms])


_FIELDS = ("kk", "ru", HEAD_FIELD)
DOCUMENTS = st.lists(
    st.dictionaries(
        st.sampled_from(_FIELDS), st.lists(st.tuples(st.sampled_from("абвгд"), st.integers(0, 400)), max_size=8), max_size=3
    ),
    max_size=12,
)


def by_documents(documents: list[dict[str, list[tuple[str, int]]]]) -> Inverted:
    inverter = Inverter()
    for document in documents:
        inverter.add(document)
    return inverter.inverted()


@settings(max_examples=80, deadline=None)
@given(documents=DOCUMENTS, cut=st.integers(0, 12), marks=st.sampled_from([0, 16]), short=st.sampled_from([2, 1 << 16]))
def test_pairs_are_sorted_into_the_lists_that_documents_give(
    documents: list[dict[str, list[tuple[str, int]]]], cut: int, marks: int, short: int
) -> None:
    import numpy as np

    keys = list("дгвба")
    fields = {}
    for name in _FIELDS:
        rows = [(keys.index(k), n, p) for n, document in enumerate(documents) for k, p in document.get(name, ())]
        fields[name] = Pairs(*np.array(rows, dtype=np.int64).reshape(-1, 3).T), keys
    whole = by_documents(documents)
    with mock.patch.object(sorting, "_MOST_MARKS", marks), mock.patch.object(sorting, "_SHORT", short):
        assert inverted(len(documents), fields) == whole
    assert Inverted.decode(whole.encode()) == whole

    gathering = Gathering()
    for part in (documents[:cut], documents[cut:]):
        gathering.add(by_documents(part))
    found = gathering.fields()
    assert {name: as_lists(lists) for name, lists in found.items()} == whole.fields


def as_lists(columns: Columns) -> Lists:
    return Lists([key.decode() for key in columns.keys], *(array("I", column.tolist()) for column in columns[1:]))


#: Keys that begin alike for longer than a file has keys, and one whose UTF-8 comes before what its letters come before.
_LONG_KEYS = ["а" * 600 + end for end in "абв"] + ["а" * 511 + "\ue000", "\U0001f600", "\udc00", "я"]


@settings(max_examples=60, deadline=None)
@given(
    blocks=st.lists(
        st.lists(
            st.dictionaries(
                st.sampled_from(_FIELDS),
                st.lists(st.tuples(st.sampled_from(_LONG_KEYS), st.integers(0, 300)), max_size=12),
                max_size=2,
            ),
            max_size=6,
        ),
        max_size=5,
    ),
    piece=st.integers(1, 20),
)
def test_blocks_put_aside_are_merged_into_the_lists_of_one(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[list[dict[str, list[tuple[str, int]]]]], piece: int
) -> None:
    folder = tmp_path_factory.mktemp("blocks")
    together = Blocks(folder / "blocks")
    first = 0
    with mock.patch.object(engine_blocks, "_PIECE", piece):
        for documents in blocks:
            gathering = Gathering(first)
            gathering.add(by_documents(documents))
            together.add(first, gathering.fields())
            first += len(documents)
        found: dict[str, list[Columns]] = {}
        for name, lists in together.merged():
            found.setdefault(name, []).append(lists)
    assert list(found) == sorted(found)
    together.close()
    assert not list(folder.iterdir())
    expected = by_documents([document for documents in blocks for document in documents])
    assert set(found) == set(expected.fields)
    for name, lists in expected.fields.items():
        by_key = sorted((stored(key), *rest) for key, *rest in lists)
        keys = [key for part in found[name] for key in part.keys]
        assert keys == [key for key, *_ in by_key]
        for column, place in ((3, 1), (4, 2), (5, 3)):
            values = [number for part in found[name] for number in part[column].tolist()]
            assert values == [number for row in by_key for number in row[place]]
        for column, place in ((1, 1), (2, 3)):
            counts = [number for part in found[name] for number in part[column].tolist()]
            assert counts == [len(row[place]) for row in by_key]


def test_blocks_that_are_written_one_by_one_make_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [{name: [(f"k{(n * i) % 7}", i) for i in range(n % 5 + 1)] for name in FIELDS} for n in range(600)]
    files = []
    for block in (10**9, 40):
        monkeypatch.setattr(whoosh_engine, "_BLOCK", block)
        writer = whoosh_engine.WhooshWriter(tmp_path / str(block))
        for start in range(0, len(documents), 70):
            writer.add_batch(by_documents(documents[start : start + 70]))
        writer.commit()
        files.append(tmp_path / str(block) / whoosh_engine.LISTS_FILE)
    assert files[0].read_bytes() == files[1].read_bytes()
    reader = ListsReader(files[0])
    assert reader.documents == len(documents)
    assert list(reader.postings("kk", "k0")[3]) == [0]
    reader.close()


def test_what_a_build_forgets_it_finds_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that remembers no words from one batch to the next, and one with workers, make what any other makes."""
    monkeypatch.setattr(indexer, "_BATCH_BYTES", 1)
    corpus, terms = write_corpus(tmp_path / "c", 0), write_terms(tmp_path)
    made = []
    for name, most, jobs in (("one", 120_000, 1), ("two", 0, 1), ("three", 120_000, 2)):
        monkeypatch.setattr(text_tables, "_MOST_KNOWN", most)
        build([corpus], tmp_path / name, terms=terms, jobs=jobs)
        folder = next((tmp_path / name).glob("generation-*"))
        with closing(sqlite3.connect(folder / "store.sqlite")) as db:
            tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")]
            rows = {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
        made.append((rows, (folder / "postings" / whoosh_engine.LISTS_FILE).read_bytes()))
    assert made[0] == made[1] == made[2]


def test_what_a_build_forgets_is_freed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its tables refer to one another, and a build looks for no garbage in cycles."""
    monkeypatch.setattr(text_tables, "_MOST_KNOWN", 0)
    files = discover([write_corpus(tmp_path / "c", 0)])
    with making.no_search_for_garbage():
        analyzer = Analyzer()
        inversion = Inversion(Vocabulary.of(termbase.load(write_terms(tmp_path)), analyzer), analyzer)
        tables = []
        for number in (1, 2, 3):
            inversion.batch(files)
            making.swept(number)
            tables.append(weakref.ref(inversion._languages["kk"]))
        assert [table() is None for table in tables] == [True, True, False]


def test_a_form_that_was_heard_of_is_not_analysed_again() -> None:
    known = making.KnownForms()
    first = known.analyzer()
    words = {form: first.word(form, "kk") for form in ("тапқырлатпағандарыңыздан", "былғақтатқаныңызды-ай")}
    fresh = first.fresh()
    assert {form for form, _ in fresh["kk"]} == set(words)
    known.hear(fresh)
    second = known.analyzer()
    assert {form: second.word(form, "kk") for form in words} == words
    assert second.fresh() == {"kk": [], "ru": []}
    assert second.word("қаруын", "kk") == first.word("қаруын", "kk")
