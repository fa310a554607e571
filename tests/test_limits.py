"""Where the machine ends: full disks, folders one may not write, odd places, interrupts, streams that are closed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lawsearch.cli import session
from lawsearch.indexer import build
from small_corpus import answers, write_corpus, write_terms

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits and signals of POSIX")
#: The real command; only its term base is a small one, so that a build takes a moment.
COMMAND = [
    sys.executable,
    "-c",
    "from lawsearch.cli.start import run\n"
    "import os\n"
    "if 'TERMS' in os.environ:\n"
    "    from pathlib import Path\n"
    "    from lawsearch.terms import termbase\n"
    "    termbase.builtin_path = lambda: Path(os.environ['TERMS'])\n"
    "run()",
]
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "LAWSEARCH_INDEX"} | {
    "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)
}


@pytest.fixture(autouse=True)
def small_terms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENVIRONMENT, "TERMS", str(write_terms(tmp_path)))


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    build([write_corpus(tmp_path / "c", 0)], folder, terms=write_terms(tmp_path))
    return folder


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(
        [*COMMAND, *arguments], stderr=subprocess.PIPE, timeout=60, check=False, **{"env": ENVIRONMENT, **options}
    )


def one_line(done: subprocess.CompletedProcess[bytes], *parts: str) -> None:
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert said.count("\n") == 1, said
    assert "Traceback" not in said
    for part in parts:
        assert part in said


def files_of_at_most(size: int) -> Callable[[], None]:
    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("size", [0, 3000, 30_000])
def test_no_room_for_a_file(index: Path, tmp_path: Path, size: int) -> None:
    before = answers(index)
    done = run("index", str(tmp_path / "c"), "--index", str(index), "--rebuild", preexec_fn=files_of_at_most(size))
    one_line(done, "cannot be written", "the index in use is as it was")
    assert answers(index, verify=True) == before
    assert len(list(index.glob("generation-*"))) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    index = small_disk / "index"
    build([write_corpus(tmp_path / "c", 0)], index, terms=write_terms(tmp_path))
    before = answers(index)
    # Room for a part of another generation, not for all of it.
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    (small_disk / "filler").write_bytes(bytes(free - 60_000))
    one_line(run("index", str(tmp_path / "c"), "--index", str(index), "--rebuild"), "cannot be written", "as it was")
    assert answers(index, verify=True) == before
    with pytest.raises(OSError, match="No space"):
        (small_disk / "more").write_bytes(bytes(1 << 20))
    one_line(run("index", str(tmp_path / "c"), "--index", str(index), "--rebuild"), "as it was")
    one_line(run("index", str(tmp_path / "c"), "--index", str(small_disk / "new")), "cannot be written")
    assert run("search", "-q", "полиция", "--index", str(index)).returncode == 0
    assert answers(index, verify=True) == before


def unprivileged() -> None:
    """Before a command starts: root, too, is held to the permissions of files."""
    if os.geteuid() == 0:
        import ctypes

        drop, override, search = 24, 1, 2
        libc = ctypes.CDLL(None)
        if libc.prctl(drop, override, 0, 0, 0) or libc.prctl(drop, search, 0, 0, 0):
            os._exit(77)


def test_folders_one_may_not_write_or_read(index: Path, tmp_path: Path) -> None:
    options = {"preexec_fn": unprivileged}
    before = answers(index)
    index.chmod(0o555)
    (tmp_path / "c").chmod(0o755)
    one_line(run("index", str(tmp_path / "c"), "--index", str(index), "--rebuild", **options), "cannot be written", "as it was")
    assert run("search", "-q", "полиция", "--index", str(index), **options).returncode == 0
    one_line(run("index", str(tmp_path / "c"), "--index", "/proc/1/lawsearch", **options), "cannot be written")
    next(index.glob("generation-*/store.sqlite")).chmod(0o000)
    one_line(run("search", "полиция", "--index", str(index), **options), "store.sqlite", "cannot be read")
    index.chmod(0o000)
    one_line(run("search", "полиция", "--index", str(index), **options), "read")
    index.chmod(0o755)
    next(index.glob("generation-*/store.sqlite")).chmod(0o644)
    assert answers(index, verify=True) == before


def test_acts_one_may_not_read(tmp_path: Path) -> None:
    options = {"preexec_fn": unprivileged}
    root = write_corpus(tmp_path / "c", 0)
    (root / "A2").chmod(0o000)
    (root / "A1" / "kaz.txt").chmod(0o644)
    write_corpus(root / "more", 1)
    (root / "more" / "A1" / "rus.txt").chmod(0o000)
    place = tmp_path / "made"
    if run("--version", **options).returncode == 77:
        pytest.skip("the permissions of root cannot be dropped here")
    done = run("index", str(root), "--index", str(place / "index"), **options)
    said = done.stderr.decode()
    (root / "A2").chmod(0o755)
    assert done.returncode == 2
    assert "left out" in said
    assert f"{root / 'A2'}: cannot be read (Permission denied)" in said
    assert "rus.txt: cannot be read (Permission denied)" in said
    assert run("search", "-q", "полиция", "--index", str(place / "index"), **options).returncode == 0


@pytest.mark.parametrize("name", ["мой индекс/қазақша ішкі", "$HOME;`x` 'b' \"c\""])
def test_an_index_at_an_odd_place(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    build([write_corpus(tmp_path / "корпус мой", 0)], folder, terms=write_terms(tmp_path))
    assert answers(folder)
    for environment in ({"LANG": "C"}, {"LC_ALL": "POSIX"}):
        env = {
            k: v
            for k, v in ENVIRONMENT.items()
            if not k.startswith("LC_") and k not in ("LANG", "PYTHONUTF8", "PYTHONIOENCODING")
        }
        done = run("search", "полиция", "-l", "--index", str(folder), env=env | environment)
        assert done.returncode == 0, done.stderr
        assert done.stdout.decode().splitlines()[0].startswith("A1/1")
    (folder / "CURRENT").write_text("x")
    import shlex

    said = run("search", "полиция", "--index", str(folder)).stderr.decode()
    command = said.split("rebuild it with: ")[1].strip()
    assert shlex.split(command) == ["lawsearch", "index", "--index", str(folder), "--rebuild"]


def test_no_home(index: Path, tmp_path: Path) -> None:
    env = {"PYTHONPATH": ENVIRONMENT["PYTHONPATH"], "PATH": os.environ["PATH"]}
    assert run("search", "-q", "полиция", "--index", str(index), env=env, cwd=tmp_path).returncode == 0
    done = run("info", "--index", str(index), env=env | {"HOME": "/nonexistent"}, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_index_where_a_file_is(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    one_line(run("search", "полиция", "--index", str(file)), "not a folder")
    one_line(run("index", str(write_corpus(tmp_path / "c", 0)), "--index", str(file)), "cannot be written", "--index")
    one_line(run("index", str(tmp_path / "c"), "--index", str(file / "below")), "cannot be written", "--index")


def interrupted(arguments: list[str], after: float) -> tuple[int, str]:
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENVIRONMENT)
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1].decode()
    # Killed by the signal is what a shell calls 130.
    return 130 if process.returncode == -signal.SIGINT else process.returncode, said


def test_an_interrupt_that_python_wraps(capsys: pytest.CaptureFixture[str]) -> None:
    """Python 3.11 makes a RuntimeError of what comes while it gives a class's members their names."""

    def interrupted_class() -> int:
        raise RuntimeError("Error calling __set_name__ on 'Field' instance 'paragraphs' in 'Piece'") from KeyboardInterrupt()

    assert session.guarded(interrupted_class) == session.INTERRUPTED
    assert capsys.readouterr().err == "lawsearch: interrupted\n"


def test_an_interrupt_that_python_drops() -> None:
    """What is raised in the callback of a weak reference goes nowhere but to stderr."""
    program = """
import sys, time, weakref
from lawsearch.cli import session

class One: pass

def main():
    def raising(_):
        raise KeyboardInterrupt
    one = One()
    kept = weakref.ref(one, raising)
    del one
    time.sleep(20)
    return 0

session.hear_interrupts()
sys.exit(session.guarded(main))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (session.INTERRUPTED, "lawsearch: interrupted\n")


def test_ctrl_c_at_any_time(index: Path, tmp_path: Path) -> None:
    """From the moment when the interpreter has started: before that the program has no say."""
    before = answers(index)
    rng = random.Random(8)
    for number in range(10):
        after = 0.1 + rng.random() * (0.2 if number % 2 else 0.5)
        arguments = ["search", "полиция"] if number % 2 else ["index", str(tmp_path / "c"), "--rebuild"]
        code, said = interrupted([*arguments, "--index", str(index)], after)
        assert code in (130, 0), said
        assert "Traceback" not in said
        if code == 130:
            assert said in ("", "lawsearch: interrupted\n")
        assert answers(index, verify=True) is not None
        assert len(list(index.glob("generation-*"))) == 1
    assert answers(index, verify=True) == before


def test_closed_and_full_streams(index: Path) -> None:
    where = ("--index", str(index))
    with Path("/dev/full").open("wb") as full:
        one_line(run("export", *where, stdout=full), "No space left")
        one_line(run("search", "полиция", *where, stdout=full), "No space left")
    read, write = os.pipe()
    os.close(read)
    done = run("export", *where, stdout=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")
    closed = subprocess.run(["sh", "-c", f'"$@" >&-', "sh", *COMMAND, "search", "полиция", *where], stderr=subprocess.PIPE, env=ENVIRONMENT, check=False)  # fmt: skip  # noqa: F541
    one_line(closed, "standard output")
    for redirect, arguments in (("<&-", ["batch"]), ("2>&-", ["search", "-q", "жоқсөз"]), (">&-", ["search", "-q", "полиция"])):
        done = subprocess.run(["sh", "-c", f'"$@" {redirect}', "sh", *COMMAND, *arguments, *where], stdout=subprocess.PIPE, env=ENVIRONMENT, check=False)  # fmt: skip
        assert done.returncode in (0, 1)


def test_little_memory(index: Path) -> None:
    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (400 * 1024 * 1024, 400 * 1024 * 1024))

    done = run("search", "-q", "полиция", "--index", str(index), preexec_fn=limit)
    assert done.returncode == 0, done.stderr
