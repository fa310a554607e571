"""The text of a file of plain text or Markdown: UTF-8, UTF-16 behind its mark, or one byte a letter as Windows wrote it."""

from __future__ import annotations

import codecs
import re

#: Windows' Cyrillic code page with the Kazakh letters (KZ-1048, STRK1048): the Russian letters of windows-1251, and Kazakh ones
#: in place of those of other languages.
_WINDOWS = "kz1048"
_LETTERS = re.compile("[А-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі]")
_SMALL = re.compile("[а-яёәғқңөұүһі]")
#: What no Kazakh or Russian text has: a file with these is in another encoding, or damaged.
_FOREIGN = re.compile("[ЂЃѓЉЊЏђљњџ\x00-\x08\x0e-\x1f\x7f]")
#: Fewer letters do not show what encoding they are in.
_FEWEST = 100
_ENDS = "\r\x0b\x0c\u2028\u2029"
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\u2028\u2029]")


def decoded(data: bytes) -> tuple[str, str]:
    """The text of ``data`` with plain line ends, and, where it is neither UTF-8 nor UTF-16 with its mark, the encoding's name.

    Raises UnicodeDecodeError, for UTF-8, where it is surely none of the three.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not data.startswith(codecs.BOM_UTF32_LE):
        try:
            return _plain_ends(data.decode("utf-16")), ""
        except UnicodeDecodeError:
            data.decode("utf-8")
            raise
    try:
        return _plain_ends(data.decode("utf-8-sig")), ""
    except UnicodeDecodeError:
        text = _as_windows(data)
        if text is None:
            raise
        return _plain_ends(text), "windows-1251"


def _plain_ends(text: str) -> str:
    """``text`` with a line feed for each end of a line: of Windows, of old Macs, of a page, within a paragraph."""
    return _LINE_ENDS.sub("\n", text) if any(map(text.__contains__, _ENDS)) else text


def _as_windows(data: bytes) -> str | None:
    """``data`` in windows-1251 or its Kazakh kin, where it reads as Kazakh or Russian: letters, most of them small."""
    try:
        text = data.decode(_WINDOWS)
    except UnicodeDecodeError:
        return None
    letters = len(_LETTERS.findall(text))
    beyond = sum(byte >= 0x80 for byte in data)
    if letters < _FEWEST or letters * 10 < beyond * 9 or _FOREIGN.search(text):
        return None
    return text if len(_SMALL.findall(text)) * 2 > letters else None
