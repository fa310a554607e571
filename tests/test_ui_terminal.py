"""The UI as a process: in a real terminal under tmux, in pipes, without a terminal; and the processes that answer it."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import LAW
from lawsearch.tui import start, wire
from lawsearch.tui.asking import AnswerError, GoneError, Process, SupersededError
from lawsearch.tui.questions import Wanted
from screens import drive

COMMAND = [sys.executable, "-c", "from lawsearch.cli.start import run; run()", "ui"]


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "LAWSEARCH_INDEX", "LC_ALL", "LC_MESSAGES", "TMUX")}
    return kept | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)} | more


def test_without_a_terminal_it_refuses(shipped_index: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--index", str(shipped_index)],
        stdin=subprocess.DEVNULL, capture_output=True, env=environment(), start_new_session=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.decode().splitlines() == [
        "lawsearch: ui: there is no terminal here to draw on; use `lawsearch search` in scripts and pipes"
    ]


def test_only_what_draws_the_first_screen_is_read_for_it(shipped_index: Path) -> None:
    told = "print(sorted({m.split('.')[0] for m in sys.modules} & {'textual', 'asyncio', 'sqlite3', 'pymorphy3', 'whoosh'}))\n"
    code = f"import sys, lawsearch.cli.main, lawsearch.tui.start, lawsearch.tui.wire\n{told}import lawsearch.tui.app\n{told}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment(), text=True, check=True)
    # The process that answers is started before Textual is read; nothing of the search is read for the first screen.
    assert done.stdout.splitlines() == ["[]", "['asyncio', 'textual']"]


# -- the processes that answer ------------------------------------------------------------------------------------------


def test_a_process_answers_and_newer_questions_take_the_place_of_older_ones(shipped_index: Path) -> None:
    async def run() -> None:
        process = Process(shipped_index)
        try:
            opened = await process.ask("open")
            assert opened.counts["provisions"] == 272
            asked = [
                asyncio.create_task(process.ask("search", lane="search", wanted=Wanted(query), limit=5))
                for query in ("полиция", "қару", "оружие", "ст. 6", "применение оружия")
            ]
            found = await asyncio.gather(*asked, return_exceptions=True)
            assert all(isinstance(f, SupersededError) for f in found[:-1])
            assert found[-1].hits[0].provision.address.article == "19"  # type: ignore[union-attr]
            # What is given up in the middle is given up at once, and the process goes on.
            for _ in range(5):
                long = asyncio.create_task(
                    process.ask("search", lane="search", wanted=Wanted("*ан* *ер* *ын* *ор*"), limit=500)
                )
                await asyncio.sleep(0.02)
                answer = await process.ask("search", lane="search", wanted=Wanted("полиция"), limit=5)
                assert len(answer.hits) == 5
                with pytest.raises(SupersededError):
                    await long
            with pytest.raises(AnswerError) as error:
                await process.ask("search", wanted=Wanted("a AND ("), limit=5)
            assert error.value.kind == "QuerySyntaxError"
        finally:
            process.close()

    asyncio.run(run())


def test_a_process_that_dies_is_replaced(shipped_index: Path) -> None:
    async def run() -> None:
        process = Process(shipped_index)
        try:
            await process.ask("open")
            assert process._process is not None
            process._process.kill()
            process._process.wait()
            with pytest.raises(GoneError):
                await process.ask("search", wanted=Wanted("қару"), limit=5)
            assert (await process.ask("search", wanted=Wanted("қару"), limit=5)).hits
        finally:
            process.close()

    asyncio.run(run())


def test_a_process_ends_with_the_screen(shipped_index: Path) -> None:
    process = wire.start(shipped_index)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=20) == 0


def test_the_screen_goes_on_when_its_process_dies(shipped_index: Path) -> None:
    process = Process(shipped_index)

    async def script(ui: object) -> None:
        app = ui.app  # type: ignore[attr-defined]
        await ui.ask("полиция")  # type: ignore[attr-defined]
        assert process._process is not None
        process._process.kill()
        process._process.wait()
        await ui.ask("қару")  # type: ignore[attr-defined]
        assert app.state.answer.wanted.text == "қару"

    drive(shipped_index, script, asking=process)


def test_a_fault_of_the_program_is_a_line_and_a_file(tmp_path: Path) -> None:
    try:
        raise ValueError("of ours")
    except ValueError as error:
        told = start._noted(error, tmp_path / "state")
    assert told == f"ui: ended by a fault of its own (ValueError: of ours); {tmp_path}/state/fault.txt has the details"
    assert "Traceback" in (tmp_path / "state" / "fault.txt").read_text()
    (tmp_path / "file").write_text("")
    assert "details" not in start._noted(ValueError("x"), tmp_path / "file" / "state")


# -- a real terminal ----------------------------------------------------------------------------------------------------


class Tmux:
    """A terminal under tmux, of its own server."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "tmux"

    def run(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self.socket), "-f", os.devnull, *words],
            capture_output=True, env=environment(LC_ALL="C.UTF-8"), check=False,
        )  # fmt: skip
        return done.stdout.decode()

    def begin(self, command: str, size: tuple[int, int] = (100, 30)) -> None:
        self.run("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), command)

    def keys(self, *keys: str) -> None:
        self.run("send-keys", *keys)

    def wait(self, *words: str, absent: str = "") -> str:
        """The screen, as soon as it holds all the words."""
        end = time.monotonic() + 30
        while True:
            screen = self.run("capture-pane", "-p")
            if all(word in screen for word in words) and not (absent and absent in screen):
                return screen
            assert time.monotonic() < end, f"no {words} on the screen:\n{screen}"
            time.sleep(0.05)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    terminal = Tmux(tmp_path)
    yield terminal
    terminal.run("kill-server")


def test_in_a_real_terminal(tmux: Tmux, shipped_index: Path, tmp_path: Path) -> None:
    line = " ".join(map(shlex.quote, [*COMMAND, "--index", str(shipped_index)]))
    state = f"XDG_STATE_HOME={shlex.quote(str(tmp_path / 'state'))} TERM=tmux-256color LC_ALL= LANG=ru_RU.UTF-8"
    # Its output goes through a pipe: it draws on the terminal all the same.
    tmux.begin(f"{state} {line} | sort > {shlex.quote(str(tmp_path / 'out'))}; echo DONE; cat {tmp_path / 'out'}; sleep 60")
    tmux.wait("положений: 272")
    tmux.keys("применение оружия")
    tmux.wait("1 из 5", "Статья 19", "› п. 4")
    # The Russian layout is still on: Enter goes to the list, letters are keys by their place.
    tmux.keys("Enter")
    tmux.keys("ь")
    tmux.wait("отмечено: 1", "2 из 5")
    tmux.keys("т")
    tmux.wait("совпадение")
    tmux.keys("д")
    tmux.wait("оба")
    tmux.run("resize-window", "-x", "70", "-y", "20")
    tmux.wait("оба")
    tmux.run("resize-window", "-x", "120", "-y", "40")
    tmux.wait("оба", "F1 помощь")
    # Kazakh letters are typed as they are.
    tmux.keys(".")
    tmux.keys("C-u")
    tmux.keys("қоғамдық тәртіп")
    tmux.wait("қоғамдық тәртіп", "1 из", absent="1 из 5 ")
    tmux.keys("Enter")
    tmux.keys("Space")
    tmux.wait("отмечено: 2")
    tmux.keys("й")
    screen = tmux.wait("DONE")
    printed = (tmp_path / "out").read_text().split()
    assert len(printed) == 2
    assert f"{LAW}/19/4" in printed
    assert "Traceback" not in screen
    assert '"қоғамдық тәртіп"' in (tmp_path / "state" / "lawsearch" / "history").read_text(encoding="utf-8")


def test_a_terminal_is_left_in_order(tmux: Tmux, shipped_index: Path, tmp_path: Path) -> None:
    line = " ".join(map(shlex.quote, [*COMMAND, "--index", str(shipped_index), "қару"]))
    tmux.begin(f"XDG_STATE_HOME={tmp_path} TERM=tmux-256color LANG=en_US.UTF-8 {line}; echo CODE $?; sleep 60")
    tmux.wait("1 of")
    tmux.keys("C-c")
    tmux.wait("CODE 130")


def test_a_terminal_is_left_in_order_when_the_program_is_ended(tmux: Tmux, shipped_index: Path, tmp_path: Path) -> None:
    line = " ".join(map(shlex.quote, [*COMMAND, "--index", str(shipped_index), "қару"]))
    pid = tmp_path / "pid"
    script = f"echo $$ > {pid}; XDG_STATE_HOME={tmp_path} TERM=tmux-256color exec {line}"
    tmux.begin(f"sh -c {shlex.quote(script)}; stty -a | tr ' ' '\\n' | grep -x echo; echo CODE; sleep 60")
    tmux.wait("1 of")
    os.kill(int(pid.read_text()), signal.SIGTERM)
    screen = tmux.wait("CODE")
    assert "echo" in screen.split()
    assert "Traceback" not in screen
