"""What is asked of any file of a corpus before it is read: bounds on size, lines and nesting, no links out of the corpus.

The largest codes have some 3 MB and paragraphs of some 20,000 characters; whatever is beyond these bounds is no act, and
must not cost the others the memory and the time to find that out.
"""

from __future__ import annotations

import datetime
import os
import stat
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from lawsearch.corpus.outline import Line
from lawsearch.errors import CorpusError

#: The most bytes of one file of a text, and of a meta file.
MOST_BYTES = 64 * 1024 * 1024
MOST_META_BYTES = 256 * 1024
#: The longest paragraph, in characters.
LONGEST_LINE = 1_000_000
#: How deep a meta file's values may nest.
_DEEPEST_META = 40


def read_bytes(file: Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of a regular file. Raises CorpusError for one that cannot be read or is too large."""
    try:
        # Not blocking: a pipe that someone put there would wait for ever to be opened.
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise CorpusError(f"{file}: not a regular file; remove it from the corpus")
            # Asked first: a file that is far too large costs no memory. One that grows meanwhile is bounded all the same.
            too_large = os.fstat(handle).st_size > most
            data = b"" if too_large else stream.read(most + 1)
    except OSError as error:
        raise CorpusError(f"{file}: cannot be read ({error.strerror}); check its permissions") from None
    if too_large or len(data) > most:
        raise CorpusError(f"{file}: more than {most // 1024:,} KB; no act is that long: split it or remove it from the corpus")
    return data


def check_lines(file: Path, lines: Iterable[Line]) -> None:
    """Raises CorpusError where a line is longer than any paragraph of a law."""
    for line in lines:
        if len(line.text) > LONGEST_LINE:
            raise CorpusError(
                f"{file}: line {line.number} has {len(line.text):,} characters, more than {LONGEST_LINE:,}; "
                "put each paragraph on a line of its own"
            )


def is_inside(path: Path, root: Path) -> bool:
    """True where ``path``, all links followed, lies below ``root`` (which has no links in it); False for a broken link."""
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):
        return False


def plain_name(name: str) -> str:
    """A file's name as an identifier: what is no letter or sign of any script becomes ``\ufffd``, so that no address can steer
    a terminal, break a line or pretend to be another.
    """
    return name if name.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in name)


def read_meta(file: Path) -> dict[str, object]:
    """The keys and values of a meta file, as JSON has them. Raises CorpusError for one that is not such a file."""
    import yaml  # paid for only where an act has a meta file

    data = read_bytes(file, MOST_META_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{file}: not UTF-8 at byte {error.start}; convert the file to UTF-8") from None
    try:
        values = yaml.load(text, Loader=_meta_loader())
    except _RefusedError as error:
        raise CorpusError(f"{file}: {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark is not None else "somewhere"
        raise CorpusError(f"{file}: not YAML ({where}: {getattr(error, 'problem', error)}); mend it") from None
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        # A date such as 2024-99-99, a number of 5,000 digits.
        raise CorpusError(f"{file}: not YAML ({' '.join(str(error).split())[:80]}); mend it") from None
    if not isinstance(values, dict):
        raise CorpusError(f"{file}: must hold keys and values such as `title:`; mend it")
    return {_text(str(k)): _plain(v) for k, v in values.items()}


class _RefusedError(Exception):
    """Says what a meta file has that none may have."""


@cache
def _meta_loader() -> type[Any]:
    import yaml

    class Loader(yaml.SafeLoader):
        """Refuses what nests too deep, and aliases, before any value is built: ten nested lists of ten aliases each are ten
        thousand million values."""

        depth = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            event = self.peek_event()  # type: ignore[no-untyped-call]
            if isinstance(event, yaml.AliasEvent):
                raise _RefusedError(f"uses an alias (*{event.anchor}); write it out")
            nests = isinstance(event, yaml.CollectionStartEvent)
            self.depth += nests
            if self.depth > _DEEPEST_META:
                raise _RefusedError(f"nests more than {_DEEPEST_META} deep; mend it")
            node = super().compose_node(parent, index)
            self.depth -= nests
            return node

    return Loader


def _text(value: str) -> str:
    """A text that can be stored: YAML can write half of a surrogate pair."""
    return value.encode("utf-8", "replace").decode()


def _plain(value: object) -> object:
    """A YAML value as JSON has it (dates as ISO text)."""
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, dict):
        return {_text(str(k)): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(v) for v in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value if isinstance(value, (int, float, bool)) or value is None else _text(str(value))
