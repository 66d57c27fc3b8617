"""Places of the protocol and offsets of a text: lines count from 0, columns in the units that the client counts in."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from lsprotocol import types as lsp
from pygls.workspace import PositionCodec

from pipec.syntax.source import Span

_LINE_END = re.compile(r"\r\n|\n|\r")


class Positions:
    """The lines of one text. Those of the protocol end at `\\r` as well, which a `Source` takes for a blank."""

    def __init__(self, text: str, codec: PositionCodec) -> None:
        self.text = text
        self.codec = codec

    @cached_property
    def _lines(self) -> tuple[list[int], list[int]]:
        """Where the lines start, and where they end without their line ends."""
        starts, ends = [0], []
        for found in _LINE_END.finditer(self.text):
            ends.append(found.start())
            starts.append(found.end())
        return starts, [*ends, len(self.text)]

    def offset(self, position: lsp.Position) -> int:
        """The offset of a position; one past the end of its line or of the text is that end."""
        starts, ends = self._lines
        if position.line >= len(starts):
            return len(self.text)
        start, end = starts[position.line], ends[position.line]
        line = self.text[start:end]
        if line.isascii():
            return start + min(position.character, len(line))
        units = 0
        for index, character in enumerate(line):
            if units >= position.character:
                return start + index
            units += self.codec.client_num_units(character)
        return end

    def position(self, offset: int) -> lsp.Position:
        """The position of an offset; between the two characters of a line end it is the end of the line."""
        starts, ends = self._lines
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(starts, offset) - 1
        before = self.text[starts[line] : min(offset, ends[line])]
        return lsp.Position(line, len(before) if before.isascii() else self.codec.client_num_units(before))

    def range(self, start: int, end: int) -> lsp.Range:
        return lsp.Range(self.position(start), self.position(end))

    def range_of(self, span: Span) -> lsp.Range:
        """The range of a span of this text."""
        return self.range(span.start, span.end)
