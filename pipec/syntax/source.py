"""Source files and the spans that point into them: what every diagnostic and every tree node refers to."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from pipec.frozen import Frozen


class Source(Frozen, by_identity=True):
    """One file as it was read.

    `path` is what a person is shown (relative where it can be); `text` is the whole text with its newlines as they are.
    Offsets count characters of `text` from 0; lines and columns count from 1.
    """

    path: str
    text: str

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        position = self.text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        return starts

    @property
    def line_count(self) -> int:
        return len(self._line_starts)

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a line without its line end."""
        start = self._line_starts[line - 1]
        end = self._line_starts[line] if line < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        return Span(self, start, end)

    def become(self, text: str) -> None:
        """Take the next version of the text: spans before the first change go on to be right, all others are wrong."""
        object.__setattr__(self, "text", text)
        self.__dict__.pop("_line_starts", None)


@dataclass(slots=True, unsafe_hash=True)
class Span:
    """The characters `start` up to but not including `end` of a source.

    It is never changed, and not frozen only because that would double the time it takes to make one: of nothing else
    are there as many.
    """

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of another one in the same source."""
        return Span(self.source, self.start, other.end)
