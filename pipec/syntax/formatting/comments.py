"""The comments of a source, which the lexer drops: each by the token that it stands before or behind."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

from pipec.syntax.tokens import Token

_COMMENT = re.compile(r"#[^\n]*")


class OwnLine(NamedTuple):
    """A comment on a line of its own; `after_blank` says that an empty line stands before it."""

    text: str
    after_blank: bool


class Leading(NamedTuple):
    """The comments on the lines before a token; `blank_below` says that an empty line follows the last of them."""

    lines: list[OwnLine]
    blank_below: bool


class Comments:
    """The comments of a source.

    `before` holds those on lines of their own by the offset where the next token starts, `behind` those that follow a
    token on its line by the offset where that ends. Whoever writes a comment takes it out.
    """

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.before: dict[int, Leading] = {}
        self.behind: dict[int, str] = {}
        self.offsets: list[int] = []
        end = 0
        for index, token in enumerate(tokens):
            if text.find("#", end, token.start) >= 0:
                self._collect(end, token.start, is_first=index == 0)
            end = token.end

    def _collect(self, start: int, end: int, is_first: bool) -> None:
        """The comments between two tokens, the first of which ends at `start`."""
        lines: list[OwnLine] = []
        above = start
        for found in _COMMENT.finditer(self.text, start, end):
            offset = found.start()
            self.offsets.append(offset)
            if lines or is_first or self.text.find("\n", start, offset) >= 0:
                lines.append(OwnLine(found.group().rstrip(), self.has_blank_line(above, offset)))
            else:
                self.behind[start] = found.group().rstrip()
            above = found.end()
        if lines:
            self.before[end] = Leading(lines, self.has_blank_line(above, end))

    def within(self, start: int, end: int) -> bool:
        """Whether a comment stands between these offsets."""
        index = bisect_left(self.offsets, start)
        return index < len(self.offsets) and self.offsets[index] < end

    def part(self, end: int, start: int) -> bool:
        """Whether an empty line stands between something that ends and something that starts there."""
        leading = self.before.get(start)
        if leading is None:
            return self.has_blank_line(end, start)
        return leading.blank_below or any(comment.after_blank for comment in leading.lines)

    def has_blank_line(self, start: int, end: int) -> bool:
        """Whether an empty line stands between two offsets, with blanks and at most one comment between them."""
        return self.text.count("\n", start, end) > 1
