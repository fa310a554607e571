"""How soon is the terminal UI there, and does it ever stand still?

usage: python benchmarks/ui.py INDEX [--repeat 7] [--queries FILE]

Start: from the command's start to the first screen, in a terminal of its own (a pty); beside it, in the same run, what
starting Python, importing Textual and `lawsearch --version` take, so that a busy machine can be told from a slow program.

Typing: the real app without a terminal, its answers from processes as always. Queries are typed letter by letter. All the
while a clock in the app's own loop says how long it was kept waiting: the longest wait is how long the screen stood still.
Given twice: as time went by, and as what the app's own thread worked meanwhile (other programs on the machine make the
first longer, not the second). Then: from the pause in typing to the first hits in the list, and to the article on the right.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

QUERIES = (
    "применение оружия",
    "қоғамдық тәртіп",
    "водительское удостоверение",
    "полиция",
    "кауипсиздик",
    "государственный контроль",
    "мемлекеттік тізілім",
    "ст. 6 п. 1",
    "закон*",
)
#: Seconds between two keys: a fast typist's.
KEY = 0.09


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from lawsearch.cli.start import run; run()", *arguments]


def first_screen(index: Path) -> float:
    """Seconds from the command's start until the query line is drawn."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "XDG_STATE_HOME": "/nonexistent"}
    started = time.perf_counter()
    process = subprocess.Popen(
        command("ui", "--index", str(index)),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    )
    os.close(theirs)
    seen = b""
    while "❯".encode() not in seen:
        seen += os.read(ours, 65536)
    took = time.perf_counter() - started
    os.write(ours, b"\x11")
    try:
        while os.read(ours, 65536):
            pass
    except OSError:
        pass
    process.wait()
    os.close(ours)
    return took


def timed(words: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def starts(index: Path, repeat: int) -> None:
    rivals = {
        "python": [sys.executable, "-c", ""],
        "import textual.app": [sys.executable, "-c", "import textual.app"],
        "lawsearch --version": command("--version"),
    }
    times: dict[str, list[float]] = {"first screen": []} | {name: [] for name in rivals}
    for _ in range(repeat):
        times["first screen"].append(first_screen(index))
        for name, words in rivals.items():
            times[name].append(timed(words))
    print(f"{'start (s)':24}{'min':>8}{'median':>8}")
    for name, values in times.items():
        print(f"{name:24}{min(values):8.3f}{statistics.median(values):8.3f}")


async def typing(index: Path, queries: tuple[str, ...]) -> None:
    from textual.events import Key
    from textual.keys import _character_to_key

    from lawsearch.tui.app import LawsearchUi
    from lawsearch.tui.asking import Process
    from lawsearch.tui.base import Setup
    from lawsearch.tui.searching import PAUSE

    finder, reader = Process(index), Process(index)
    finder.start()
    app = LawsearchUi(Setup(finder, reader, index, texts="ru"))
    #: Each turn of the loop: how long it kept the clock waiting, and how much of that was work.
    waits: list[tuple[float, float]] = []

    async def clock() -> None:
        while True:
            before, worked = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.001)
            waits.append((time.perf_counter() - before - 0.001, time.thread_time() - worked))

    print(f"\n{'typing':30}{'hits (ms)':>10}{'article (ms)':>14}{'longest wait (ms)':>19}{'longest work (ms)':>19}")
    async with app.run_test(size=(140, 45)) as pilot:
        while app.state.opened is None:
            await asyncio.sleep(0.01)
        await asyncio.sleep(2)
        ticking = asyncio.create_task(clock())
        for query in queries:
            app.query_line.value = ""
            await asyncio.sleep(1)
            waits.clear()
            for sign in query:
                last = time.perf_counter()
                app.post_message(Key(_character_to_key(sign), sign))
                await asyncio.sleep(KEY)
            hits = article = float("nan")
            while time.perf_counter() - last < 5:
                answer = app.state.answer
                if hits != hits and answer is not None and answer.wanted.text == query:
                    hits = time.perf_counter() - last - PAUSE
                if hits == hits and app._asked_with is answer:
                    article = time.perf_counter() - last - PAUSE
                    break
                await asyncio.sleep(0.002)
            await asyncio.sleep(1)
            print(f"{query:30}{hits * 1000:10.0f}{article * 1000:14.0f}{longest(waits)}")
        # The list is walked through, articles are opened, the languages change.
        await pilot.press("enter")
        app.query_line.value = "полиция"
        await asyncio.sleep(1)
        for name, keys_pressed in (("down 30 times", ["down"] * 30), ("n 20 times", ["n"] * 20), ("l, l, l", ["l"] * 3)):
            waits.clear()
            app.focus_list()
            for key in keys_pressed:
                await pilot.press(key)
                await asyncio.sleep(KEY)
            await asyncio.sleep(0.5)
            print(f"{name:54}{longest(waits)}")
        ticking.cancel()
    finder.close()
    reader.close()


def longest(waits: list[tuple[float, float]]) -> str:
    """The longest wait and the longest work, in milliseconds."""
    return f"{max(w for w, _ in waits) * 1000:19.1f}{max(w for _, w in waits) * 1000:19.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--queries", type=Path, help="a file of queries to type, one a line")
    given = parser.parse_args()
    queries = tuple(given.queries.read_text(encoding="utf-8").split("\n")) if given.queries else QUERIES
    starts(given.index, given.repeat)
    asyncio.run(typing(given.index, tuple(q for q in queries if q.strip())))


if __name__ == "__main__":
    main()
