"""The engine against a brute-force scan: random documents, random trees, equal sets, equal scores, equal order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawsearch.engine import choice, whoosh_engine
from lawsearch.engine.base import (
    FIELDS,
    AllOf,
    AnyOf,
    Best,
    Engine,
    Key,
    Near,
    Node,
    Numbered,
    Phrase,
    PostingsReader,
    Run,
    Together,
    Without,
)
from lawsearch.engine.inverted import Inverter
from lawsearch.engine.whoosh_engine import WhooshEngine

WORDS = ["a", "b", "c", "d", "e", "қару", "тәртіп", "л"]
NAMES = ("kk", "via_ru")
Doc = dict[str, list[tuple[str, int]]]


def documents() -> list[Doc]:
    rng = random.Random(7)
    return [{name: [(rng.choice(WORDS), p) for p in range(rng.randint(0, 9))] for name in NAMES} for _ in range(150)]


def written(engine: Engine, folder: Path) -> Path:
    """Half of the documents one by one, half of them as a batch."""
    writer = engine.writer(folder)
    docs = documents()
    for document in docs[:70]:
        writer.add(document)
    inverter = Inverter()
    for document in docs[70:]:
        inverter.add(document)
    writer.add_batch(inverter.inverted())
    writer.commit()
    return folder


@pytest.fixture(scope="module", params=["dictionaries", "arrays", "tantivy"])
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostingsReader]:
    if request.param == "tantivy":
        pytest.importorskip("tantivy")
    engine = choice.engine("tantivy" if request.param == "tantivy" else "whoosh")
    with feeding():
        folder = written(engine, tmp_path_factory.mktemp("postings"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whoosh_engine, "VECTORS_FROM", 0 if request.param == "arrays" else 1_000_000)
        opened = engine.reader(folder)
    yield opened
    opened.close()


@contextmanager
def asking(few: int) -> Iterator[None]:
    """An index on tantivy scores no more matches than so many, and of more those alone that are likely to be the best."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module("tantivy_engine"), "_FEW", few)
        yield


@contextmanager
def feeding() -> Iterator[None]:
    """tantivy is fed however few the documents are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module("impacts"), "FED_FROM", 0)
        yield


def module(name: str) -> ModuleType:
    return import_module(f"lawsearch.engine.{name}")


def saturated(tf: int, document: Doc, name: str, average: float) -> float:
    weight, b = FIELDS[name]
    return weight * tf * 2.2 / (tf + 1.2 * (1 - b + b * len(document[name]) / average))


def scanned(node: Node, document: Doc, average: dict[str, float]) -> float | None:
    """A document's score by looking at the document alone; None where it does not match."""
    match node:
        case Key(name, key, weight):
            tf = sum(k == key for k, _ in document[name])
            return weight * saturated(tf, document, name, average[name]) if tf else None
        case Phrase(name, places, weight):
            at = {p: k for k, p in document[name]}
            tf = sum(all(at.get(p + i) in place for i, place in enumerate(places)) for p in at)
            return weight * saturated(tf, document, name, average[name]) if tf else None
        case Without(child, excluded):
            return None if scanned(excluded, document, average) is not None else scanned(child, document, average)
        case Best(children) | AnyOf(children) | AllOf(children):
            each = [scanned(c, document, average) for c in children]
            got = [s for s in each if s is not None]
            if not got or (isinstance(node, AllOf) and len(got) < len(each)):
                return None
            return max(got) if isinstance(node, Best) else sum(got)


leaves = st.one_of(
    st.builds(Key, st.sampled_from(NAMES), st.sampled_from([*WORDS, "жоқ"]), st.floats(0.5, 2)),
    st.builds(
        Phrase,
        st.sampled_from(NAMES),
        st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=2, unique=True).map(tuple), min_size=2, max_size=3).map(
            tuple
        ),
    ),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        *(
            st.builds(kind, st.lists(inner, min_size=1, max_size=3).map(tuple))  # type: ignore[arg-type]
            for kind in (Best, AnyOf, AllOf)
        ),
        st.builds(Without, inner, inner),
    ),
    max_leaves=6,
)


@given(tree=trees, limit=st.integers(1, 20), within=st.none() | st.sets(st.integers(0, 149)))
@settings(max_examples=300, deadline=None)
def test_a_tree_finds_what_a_scan_finds(reader: PostingsReader, tree: Node, limit: int, within: set[int] | None) -> None:
    docs = documents()
    average = {}
    for name in NAMES:
        filled = [len(d[name]) for d in docs if d[name]]
        average[name] = sum(filled) / len(filled)
    expected = {n: s for n, d in enumerate(docs) if (s := scanned(tree, d, average)) is not None}
    assert reader.scores(tree) == pytest.approx(expected)
    kept = {n: s for n, s in expected.items() if within is None or n in within}
    everything = reader.search(tree, None, within)
    assert dict(everything.top) == pytest.approx(kept)
    assert everything.total == len(kept)
    assert reader.search(tree, limit, within).top == everything.top[:limit]
    assert reader.search(tree, limit, within).total == len(kept)


def test_document_numbers_are_places_in_the_order_written(reader: PostingsReader) -> None:
    assert reader.document_count() == 150
    holding = [n for n, d in enumerate(documents()) if any(k == "қару" for k, _ in d["kk"])]
    assert sorted(reader.scores(Key("kk", "қару"))) == holding
    assert reader.document_frequency("kk", ["қару"]) == len(holding)
    assert reader.document_frequency("kk", ["жоқ", ""]) == 0


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PostingsReader, PostingsReader]]:
    """One index read by dictionaries and by arrays."""
    folder = written(WhooshEngine(), tmp_path_factory.mktemp("both"))
    readers = []
    for least in (1_000_000, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(whoosh_engine, "VECTORS_FROM", least)
            readers.append(WhooshEngine().reader(folder))
    yield readers[0], readers[1]
    for opened in readers:
        opened.close()


near = st.builds(
    Near,
    st.builds(
        Together,
        st.lists(
            st.builds(Run, st.just("kk"), st.sampled_from([(("a",),), (("b",),), (("a", "c"), ("d",))])), min_size=2, max_size=3
        ).map(tuple),
        st.integers(0, 4),
        st.booleans(),
    ),
    st.just("kk"),
)
numbered = st.builds(Numbered, st.frozensets(st.integers(0, 149)))
all_trees = st.recursive(
    leaves | near | numbered,
    lambda inner: st.one_of(
        *(st.builds(kind, st.lists(inner, min_size=1, max_size=3).map(tuple)) for kind in (Best, AnyOf, AllOf)),  # type: ignore[arg-type]
        st.builds(Without, inner, inner),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PostingsReader, PostingsReader]]:
    """The same documents in the default engine and in tantivy."""
    pytest.importorskip("tantivy")
    readers = []
    for name in ("whoosh", "tantivy"):
        engine = choice.engine(name)
        with feeding():
            readers.append(engine.reader(written(engine, tmp_path_factory.mktemp(name))))
    yield readers[0], readers[1]
    for opened in readers:
        opened.close()


@given(
    tree=all_trees,
    limit=st.integers(1, 20),
    within=st.none() | st.sets(st.integers(0, 149)),
)
@settings(max_examples=100, deadline=None)
def test_tantivy_answers_as_the_default_engine_does(
    engines: tuple[PostingsReader, PostingsReader], tree: Node, limit: int, within: set[int] | None
) -> None:
    compared(*engines, tree, limit, within)


def compared(plain: PostingsReader, other: PostingsReader, tree: Node, limit: int, within: set[int] | None) -> None:
    expected, found = plain.scores(tree), other.scores(tree)
    for number in range(0, plain.document_count(), 50):
        assert found.get(number) == expected.get(number)
    assert dict(found) == dict(expected)
    assert len(found) == len(expected)
    assert other.search(tree, limit, within) == plain.search(tree, limit, within)
    assert other.search(tree, None, within) == plain.search(tree, None, within)


@given(tree=all_trees, limit=st.integers(1, 3), within=st.none() | st.sets(st.integers(0, 149)))
@settings(max_examples=80, deadline=None)
def test_tantivy_counts_right_and_orders_what_it_looks_at(
    engines: tuple[PostingsReader, PostingsReader], tree: Node, limit: int, within: set[int] | None
) -> None:
    """With more matches than are looked at: the same number, and of the hits each with its right score, best first."""
    plain, other = engines
    with asking(-1), pytest.MonkeyPatch.context() as patch:
        patch.setattr(module("chosen"), "CANDIDATES", 5)
        found = other.search(tree, limit, within)
    everything = plain.search(tree, None, within)
    assert found.total == everything.total
    assert len(found.top) == min(limit, found.total)
    assert set(found.top) <= set(everything.top)
    assert [*found.top] == sorted(found.top, key=lambda hit: (-hit[1], hit[0]))


@given(tree=all_trees, limit=st.integers(1, 20), within=st.none() | st.sets(st.integers(0, 149)))
@settings(max_examples=300, deadline=None)
def test_arrays_answer_as_dictionaries_do_to_the_last_bit(
    both: tuple[PostingsReader, PostingsReader], tree: Node, limit: int, within: set[int] | None
) -> None:
    plain, vectors = both
    assert dict(vectors.scores(tree)) == dict(plain.scores(tree))
    assert vectors.search(tree, limit, within) == plain.search(tree, limit, within)
    assert vectors.search(tree, None, within) == plain.search(tree, None, within)


@given(
    own=st.lists(trees, min_size=1, max_size=3),
    title=trees,
    together=trees,
    within=st.none() | st.sets(st.integers(0, 149)),
    size=st.integers(1, 12),
)
@settings(max_examples=200, deadline=None)
def test_words_spread_over_groups_are_found_alike(
    both: tuple[PostingsReader, PostingsReader],
    own: list[Node],
    title: Node,
    together: Node,
    within: set[int] | None,
    size: int,
) -> None:
    groups = [n // size for n in range(150)]
    titles = [AllOf((title, node)) for node in own]
    asked = (own, titles, AllOf((*own, together)), groups, within)
    assert both[1].spread(*asked) == both[0].spread(*asked)


@given(
    own=st.lists(trees, min_size=1, max_size=3),
    title=trees,
    together=trees,
    within=st.none() | st.sets(st.integers(0, 149)),
    size=st.integers(1, 12),
)
@settings(max_examples=60, deadline=None)
def test_words_spread_over_groups_are_found_by_tantivy_too(
    engines: tuple[PostingsReader, PostingsReader],
    own: list[Node],
    title: Node,
    together: Node,
    within: set[int] | None,
    size: int,
) -> None:
    groups = [n // size for n in range(150)]
    titles = [AllOf((title, node)) for node in own]
    asked = (own, titles, AllOf((*own, together)), groups, within)
    assert engines[1].spread(*asked) == engines[0].spread(*asked)


def test_tantivy_counts_and_places_beyond_a_byte_or_two(tmp_path: Path) -> None:
    """A key that stands very often in one provision, and one that stands very far behind."""
    pytest.importorskip("tantivy")
    long: Doc = {"kk": [*(("a", p) for p in range(0, 1_400, 2)), ("b", 1), ("b", 70_000), ("c", 70_001)]}
    readers = []
    for name in ("whoosh", "tantivy"):
        writer = choice.engine(name).writer(tmp_path / name)
        for document in (*documents()[:5], long, {}, *documents()[5:20]):
            writer.add(document)
        writer.commit()
        readers.append(choice.engine(name).reader(tmp_path / name))
    for tree in (Key("kk", "a"), Key("kk", "b"), Phrase("kk", (("b",), ("c",))), Phrase("kk", (("a",), ("b",), ("a",)))):
        compared(readers[0], readers[1], tree, 30, None)
    for reader in readers:
        reader.check()
        reader.close()


def test_tantivy_writes_nothing_into_a_folder_that_it_reads(tmp_path: Path) -> None:
    pytest.importorskip("tantivy")
    with feeding():
        folder = written(choice.engine("tantivy"), tmp_path / "postings")
    before = sorted((p, p.stat().st_mtime_ns) for p in folder.rglob("*"))
    with asking(-1):
        reader = choice.engine("tantivy").reader(folder)
        assert reader.search(Key("kk", "a"), 3).total
        reader.close()
    assert sorted((p, p.stat().st_mtime_ns) for p in folder.rglob("*")) == before
