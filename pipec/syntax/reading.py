"""From the bytes of a file to its text, and back."""

from __future__ import annotations

import codecs
import os
import re
import stat
from pathlib import Path

_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
FOREIGN_BYTES = re.compile("[\udc80-\udcff]+")
"""What bytes that are no UTF-8 text become: a character for each, which stands in no such text itself."""


class NoTextError(Exception):
    """A file that is no text at all. The message says why."""


def read_source(path: Path) -> str:
    """The text of a file. Raises OSError where it cannot be read, NoTextError where it is no text."""
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise NoTextError("it is a device or pipe, no file: give its text on stdin")  # which might never end
    return decoded(path.read_bytes())


def decoded(content: bytes) -> str:
    """The text of UTF-8 bytes, without a byte order mark and with its line ends as they are.

    Bytes that are none become FOREIGN_BYTES. Raises NoTextError where all of it is in another encoding.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            raise NoTextError(f"it is {name} text: save it as UTF-8")
    return content.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """The bytes that a text was read from, without a byte order mark."""
    return text.encode("utf-8", "surrogateescape")
