"""Garbage is collected while nobody types: in pauses, and all of it only when nobody is there."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from lawsearch.tui import collecting


class Knot:
    """An object in a cycle, which only the collector frees."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [100.0]
    monkeypatch.setattr(collecting.time, "monotonic", lambda: now[0])
    yield now
    gc.unfreeze()
    gc.enable()


def knots(count: int) -> list[weakref.ref[Knot]]:
    return [weakref.ref(Knot()) for _ in range(count)]


def test_nothing_is_collected_under_a_key_and_the_young_in_a_pause(clock: list[float]) -> None:
    collector = collecting.Collector()
    collector.start()
    assert not gc.isenabled()
    collector.touched()
    made = knots(2_000)
    collector.look()
    assert all(ref() is not None for ref in made)
    clock[0] += 2 * collecting.PAUSE
    collector.look()
    assert all(ref() is None for ref in made)
    collector.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_many_objects_are_set_aside_and_collected_when_nobody_is_there(clock: list[float]) -> None:
    collector = collecting.Collector()
    collector.start()
    collector.touched()
    made = knots(40_000)
    clock[0] += 2 * collecting.PAUSE
    collector.look()
    assert all(ref() is not None for ref in made)
    clock[0] += 2 * collecting.AWAY
    collector.look()
    assert all(ref() is None for ref in made)
    collector.stop()
