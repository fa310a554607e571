"""Between the screen and the process that answers: how it is started, and how questions and replies go back and forth.

Nothing is imported here that takes time: the process is on its way before the screen's own modules are read.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

#: The signal that gives the question at hand up (where the system has it).
GIVE_UP: int | None = getattr(signal, "SIGUSR1", None)
_SIZE = struct.Struct(">I")


def send(stream: IO[bytes], message: object) -> None:
    """Write one message."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_SIZE.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read one message. Raises EOFError where the other side is gone."""
    head = stream.read(_SIZE.size)
    if len(head) < _SIZE.size:
        raise EOFError
    size = _SIZE.unpack(head)[0]
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)


def start(index: Path) -> subprocess.Popen[bytes]:
    """A process that answers questions about an index: see `answering.serve`."""
    # It runs this same installation: what is importable here is importable there.
    path = os.pathsep.join(dict.fromkeys(p for p in sys.path if p))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "lawsearch.tui.answering", str(index.absolute())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": path},
        # Ctrl-C and Ctrl-Z in the terminal are not its business.
        start_new_session=os.name == "posix",
    )
