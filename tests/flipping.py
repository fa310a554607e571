"""Damage every file of an index at random, and see what it answers.

    python tests/flipping.py [--cases N] [--seed S] [--engine NAME]

A case is one bit turned over, a file cut short, a block of zeros, or bytes added. Three ways: ``small``, an index as it is
opened usually; ``large``, one beyond the size that is hashed at every opening, damaged by way of the file system; ``decay``,
a large one that rots below the file system, which then reports no change: only the checks at reading are left. Writes one
line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from lawsearch.engine import choice
from lawsearch.errors import IndexUnusableError
from lawsearch.indexer import build
from lawsearch.store import generations
from small_corpus import answers, write_corpus, write_terms

WAYS = ("small", "large", "decay")


def damaged(data: bytes, rng: random.Random) -> tuple[str, bytes]:
    """What was done, and the damaged bytes."""
    how = rng.choice(("bit", "bit", "bit", "bit", "cut", "zeros", "more"))
    at = rng.randrange(len(data)) if data else 0
    if how == "bit" and data:
        return f"bit at {at}", data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1 :]
    if how == "zeros" and data:
        size = min(rng.choice((16, 512, 4096)), len(data) - at)
        return f"{size} zeros at {at}", data[:at] + bytes(size) + data[at + size :]
    if how == "more" or not data:
        return "bytes added", data + rng.randbytes(rng.randrange(1, 64))
    return f"cut at {at}", data[:at]


def run(cases: int, seed: int, way: str, engine: str = "whoosh") -> dict[str, Any]:
    """``cases`` damages in one way: what came of them, and what went wrong."""
    rng = random.Random(f"{seed} {way}")
    hashed = generations._ALWAYS_CHECKED
    generations._ALWAYS_CHECKED = hashed if way == "small" else 0
    outcomes: Counter[str] = Counter()
    touched: Counter[str] = Counter()
    wrong: list[str] = []
    try:
        with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as name:
            folder = Path(name)
            index = folder / "index"
            build([write_corpus(folder / "corpus", 0)], index, terms=write_terms(folder), engine=choice.engine(engine))
            right = answers(index)
            if way != "small":
                # Built a moment ago; noted as whole once the file system's clock has moved on.
                time.sleep(0.1)
                assert answers(index) == right
            files = sorted(p for p in index.rglob("*") if p.is_file() and (p.name == "CURRENT" or "generation-" in str(p)))
            assert (way != "small") == any(p.name == "checked.json" for p in files)
            while sum(outcomes.values()) < cases:
                # Every file is met often, large ones more often.
                file = rng.choice(files) if rng.random() < 0.5 else rng.choices(files, [f.stat().st_size + 1 for f in files])[0]
                whole = file.read_bytes()
                what, data = damaged(whole, rng)
                if data == whole:
                    continue
                touched[file.name] += 1
                file.write_bytes(data)
                if way == "decay" and file.name != "checked.json":
                    forget(index)
                try:
                    outcome = "right" if answers(index) == right else "wrong"
                except IndexUnusableError as error:
                    outcome = "refused" if "lawsearch index --index" in str(error) else "no way out named"
                except Exception as error:
                    outcome = f"{type(error).__name__}: {error}"
                outcomes[outcome] += 1
                if outcome not in ("right", "refused"):
                    wrong.append(f"{file.name}: {what}: {outcome}")
                file.write_bytes(whole)
                if way == "decay":
                    forget(index)
    finally:
        generations._ALWAYS_CHECKED = hashed
    return {"cases": sum(outcomes.values()), "outcomes": dict(outcomes), "files": dict(touched), "wrong": wrong[:20]}


def forget(index: Path) -> None:
    """Make what is noted about the files fit them as they are now."""
    for note in index.glob("generation-*/checked.json"):
        noted = json.loads(note.read_bytes())
        for name in noted["files"]:
            noted["files"][name] = generations._state((note.parent / name).stat())
        note.write_text(json.dumps(noted))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="cases of each way")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=choice.NAMES, default=choice.DEFAULT)
    chosen = parser.parse_args()
    told = {way: run(chosen.cases, chosen.seed, way, chosen.engine) for way in WAYS}
    print(json.dumps(told, indent=1))
    sys.exit(any(told[way]["wrong"] for way in ("small", "large")))
