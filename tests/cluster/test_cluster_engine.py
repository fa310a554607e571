"""The engine test-suite on a real cluster: random trees give the sets, scores and order of the default engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawsearch.engine import choice, chosen
from lawsearch.engine.base import AllOf, AnyOf, Key, Node, PostingsReader
from lawsearch.engine.opensearch import reading
from lawsearch.errors import IndexUnusableError
from test_engine import all_trees, documents, trees, written

from .conftest import ask, engine
from .nodes import Nodes

pytestmark = pytest.mark.cluster

Pair = tuple[PostingsReader, PostingsReader]


@pytest.fixture(scope="module", params=[1, 3], ids=["1 shard", "3 shards"])
def both(request: pytest.FixtureRequest, nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The same documents in the default engine and in the cluster."""
    nodes.start()
    readers = []
    for made in (choice.engine("whoosh"), engine(nodes, shards=request.param, alias="trees")):
        readers.append(made.reader(written(made, tmp_path_factory.mktemp("trees") / "postings")))
    yield readers[0], readers[1]
    for opened in readers:
        opened.close()


@given(tree=all_trees, limit=st.integers(1, 20), within=st.none() | st.sets(st.integers(0, 149)))
@settings(max_examples=150, deadline=None)
def test_a_tree_finds_what_the_default_engine_finds(both: Pair, tree: Node, limit: int, within: set[int] | None) -> None:
    plain, cluster = both
    everything = plain.search(tree, None, within)
    assert cluster.search(tree, None, within) == everything
    assert cluster.search(tree, limit, within) == plain.search(tree, limit, within)
    assert dict(cluster.scores(tree)) == dict(plain.scores(tree))
    assert len(cluster.scores(tree)) == len(plain.scores(tree))
    for number in range(0, 150, 30):
        assert cluster.scores(tree).get(number) == plain.scores(tree).get(number)


@given(tree=all_trees, limit=st.integers(1, 3), within=st.none() | st.sets(st.integers(0, 149)))
@settings(max_examples=50, deadline=None)
def test_with_more_matches_than_are_scored_the_count_is_right_and_the_order_by_score(
    both: Pair, tree: Node, limit: int, within: set[int] | None
) -> None:
    plain, cluster = both
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chosen, "CANDIDATES", 5)
        found = cluster.search(tree, limit, within)
        assert cluster.search(tree, limit, within) == found
    everything = plain.search(tree, None, within)
    assert found.total == everything.total
    assert len(found.top) == min(limit, found.total)
    assert set(found.top) <= set(everything.top)
    assert [*found.top] == sorted(found.top, key=lambda hit: (-hit[1], hit[0]))


@given(
    own=st.lists(trees, min_size=1, max_size=3),
    title=trees,
    together=trees,
    within=st.none() | st.sets(st.integers(0, 149)),
    size=st.integers(1, 12),
)
@settings(max_examples=40, deadline=None)
def test_words_spread_over_groups_are_found_alike(
    both: Pair, own: list[Node], title: Node, together: Node, within: set[int] | None, size: int
) -> None:
    groups = [n // size for n in range(150)]
    asked = (own, [AllOf((title, node)) for node in own], AllOf((*own, together)), groups, within)
    assert both[1].spread(*asked) == both[0].spread(*asked)


def test_frequencies_are_those_of_the_documents(both: Pair) -> None:
    plain, cluster = both
    assert cluster.document_count() == 150
    for keys in (["a"], ["a", "b"], ["қару", "тәртіп", "л"], ["жоқ", ""], ["a", "жоқ"]):
        assert cluster.document_frequency("kk", keys) == plain.document_frequency("kk", keys)


def test_lists_longer_than_one_answer_come_in_several(both: Pair) -> None:
    plain, cluster = both
    tree = AnyOf(tuple(Key("kk", word) for word in "abcde"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_PAGE", 7)
        patch.setattr(reading, "_PAGE_OF_TEXTS", 11)
        assert cluster.search(tree, None) == plain.search(tree, None)
        assert list(cluster.scores(tree)) == sorted(plain.scores(tree))


def test_more_keys_than_a_query_may_have_clauses(both: Pair) -> None:
    plain, cluster = both
    tree = AllOf((AnyOf((Key("kk", "a"), *(Key("kk", f"жоқ{n}") for n in range(3_000)))), Key("kk", "b", 0.5)))
    assert cluster.search(tree, 10) == plain.search(tree, 10)


def test_keys_of_any_letters_are_found(nodes: Nodes, tmp_path: Path) -> None:
    keys = [
        "a|b",
        "a b",
        "\\",
        "x" * 400,
        "қ\u2003ару",
        "\ud800",
        "=",
        "=қару",
        "a\x1fb",
        "\u00a0",
        "ﷺ",
        "😀",
        "null",
        '"',
        "*",
        "a:b",
    ]
    writers = (choice.engine("whoosh"), engine(nodes, shards=1, alias="letters"))
    found = []
    for number, made in enumerate(writers):
        writer = made.writer(tmp_path / str(number))
        for key in keys:
            writer.add({"kk": [(key, 3), ("бірге", 3), ("соң", 4)], "ru": [], "head": [("1", 0)]})
        writer.commit()
        opened = made.reader(tmp_path / str(number))
        found.append([dict(opened.scores(Key("kk", key))) for key in keys])
        opened.check()
        opened.close()
    assert found[0] == found[1]
    assert all(each for each in found[1])


def test_a_search_that_the_cluster_has_no_time_for_never_passes_for_whole(nodes: Nodes, tmp_path: Path) -> None:
    """More documents than the server looks at between two looks at its clock, and a filter that takes its time over each."""
    writer = engine(nodes, shards=1, replicas=0, alias="slow").writer(tmp_path)
    for _ in range(9_000):
        writer.add({"kk": [("a", 0)], "ru": [], "head": []})
    writer.commit()
    source = "int x = 0; for (int i = 0; i < 200000; i++) { x += i % 7 } return x >= 0"
    slow = {"script": {"script": {"lang": "painless", "source": source}}}

    def slowed(opened: Any) -> PostingsReader:
        client = opened._cluster.client
        plain = client.search

        def search(*, body: dict[str, Any], **others: Any) -> Any:
            return plain(body=body | {"query": {"bool": {"must": [body["query"]], "filter": [slow]}}}, **others)

        client.search = search
        return cast(PostingsReader, opened)

    def reader(**settings: object) -> PostingsReader:
        return slowed(engine(nodes, alias="slow", timeout=0.2, **settings).reader(tmp_path))

    refusing = reader()
    for ask_it in (lambda: refusing.search(Key("kk", "a"), 10), lambda: len(refusing.scores(Key("kk", "a")))):
        with pytest.raises(IndexUnusableError, match=r"not all was looked through within 0\.2 s.*--allow-partial"):
            ask_it()
    refusing.close()
    taking = reader(allow_partial=True)
    found = taking.search(Key("kk", "a"), 10)
    assert found.total < 9_000
    assert "not all was looked through" in taking.missing()
    assert taking.missing() == ""
    taking.close()


def test_check_tells_a_document_that_is_not_what_was_written(nodes: Nodes, tmp_path: Path) -> None:
    import opensearchpy

    made = engine(nodes, alias="checked")
    opened = made.reader(written(made, tmp_path / "postings"))
    opened.check()
    client = opensearchpy.OpenSearch(nodes.urls)
    client.indices.put_settings(index="checked", body={"index.blocks.write": False})
    client.index(index="checked", id="7", body={"number": 7, "kk": "a"}, params={"refresh": "true"})
    client.close()
    with pytest.raises(IndexUnusableError, match="not what was written"):
        opened.check()
    opened.close()


def test_a_rebuild_switches_the_alias_and_keeps_what_readers_hold(nodes: Nodes, tmp_path: Path) -> None:
    made = engine(nodes, alias="switched")
    names = []
    readers = []
    for number in range(3):
        readers.append(made.reader(written(made, tmp_path / str(number))))
        (name,) = ask(nodes, "/_alias/switched")
        names.append(name)
    assert len(set(names)) == 3
    assert len(readers[1].scores(Key("kk", "a"))) == len(readers[2].scores(Key("kk", "a"))) > 0
    for opened in readers:
        opened.close()
    # An index in use holds no more than what it was sealed with: nobody writes to it by chance.
    assert ask(nodes, f"/{names[2]}/_settings")[names[2]]["settings"]["index"]["blocks"]["write"] == "true"


def test_a_writer_that_gives_up_leaves_nothing(nodes: Nodes, tmp_path: Path) -> None:
    made = engine(nodes, alias="given-up")
    writer = made.writer(tmp_path / "postings")
    for document in documents():
        writer.add(document)
    writer.cancel()
    assert ask(nodes, "/_cat/indices/given-up-*?format=json") == []
    with pytest.raises(FileNotFoundError):
        made.reader(tmp_path / "postings")
