"""When garbage is collected: in the pauses between keys, never under one.

Left to itself Python goes through young objects in the middle of a keystroke, and through an answer of some hundred hits for
longer than all the rest of the keystroke takes. Nearly all that an answer is made of is freed without the collector, by
reference counts; what forms cycles can wait.
"""

from __future__ import annotations

import gc
import time

#: Seconds between two looks, without a key before young objects are gone through, and before all objects are.
LOOK, PAUSE, AWAY = 0.2, 0.3, 300.0
#: Young objects that are gone through in some milliseconds; so few are not worth it.
_MANY, _FEW = 10_000, 1_000


class Collector:
    """Collects in pauses. One a process: it takes over from the automatic collector."""

    def __init__(self) -> None:
        self._last_input = time.monotonic()
        self._swept = True

    def start(self) -> None:
        """Take over. What there is (modules, widgets) stays as long as the program, and is not gone through any more."""
        gc.disable()
        gc.freeze()

    def stop(self) -> None:
        """Give the collector back to Python, with all objects in its care."""
        gc.unfreeze()
        gc.enable()

    def touched(self) -> None:
        """A key or the mouse was just used."""
        self._last_input = time.monotonic()
        self._swept = False

    def look(self) -> None:
        """Collect what this pause has time for. Called every `LOOK` seconds."""
        idle = time.monotonic() - self._last_input
        if idle < PAUSE:
            return
        young = gc.get_count()[0]
        if idle >= AWAY and not self._swept:
            # Nobody is there: now all that was set aside below.
            self._swept = True
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        elif young > _MANY:
            # Too many to go through while a key may come: set aside, which takes no time.
            gc.freeze()
        elif young > _FEW:
            gc.collect(0)
