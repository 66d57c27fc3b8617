"""From a place in the text that a string means to the place in the source where it is written."""

from __future__ import annotations

from pipec.syntax.source import Span
from pipec.syntax.strings import LONG_QUOTES


def line_span(string: Span, text: str, line: int, column: int, length: int) -> Span:
    """`length` characters from a line (from 1) and column (from 0) of the text that a string means.

    `string` is the string with its quotes. It is the whole of it where it has escapes, or is no string.
    """
    start = _offset(string, text, line, column)
    return string if start is None else Span(string.source, start, min(start + length, string.end))


def _offset(string: Span, text: str, line: int, column: int) -> int | None:
    written = string.text
    quotes = written[:3] if written[:3] in LONG_QUOTES else written[:1]
    if quotes[:1] not in ("'", '"') or not written.endswith(quotes):
        return None
    inside = written[len(quotes) : len(written) - len(quotes)]
    if quotes[0] == '"' and ("\\" in inside or "${" in inside):
        return None
    start = string.start + len(quotes)
    if quotes not in LONG_QUOTES:
        return start + column if line == 1 and inside == text else None
    return _offset_in_lines(inside, text, line, column, start)


def _offset_in_lines(inside: str, text: str, line: int, column: int, start: int) -> int | None:
    """The place in a string of many lines: a first line that is empty and what all lines begin with are left out."""
    written = inside.split("\n")
    meant = text.split("\n")
    dropped = len(written) - len(meant)
    index = line - 1
    if dropped not in (0, 1) or index >= len(meant):
        return None
    row = written[index + dropped].rstrip("\r")
    if not row.endswith(meant[index]):
        return None
    before = sum(len(one) + 1 for one in written[: index + dropped])
    return start + before + len(row) - len(meant[index]) + column
