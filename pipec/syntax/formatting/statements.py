"""Statements and blocks as their layout sees them."""

from __future__ import annotations

from typing import NamedTuple

from pipec.syntax.formatting.comments import Comments
from pipec.syntax.formatting.nodes import Node, Pair
from pipec.syntax.tokens import Token


class Block(Node):
    """Statements between braces.

    It stands on one line if it `may_be_short` and was written so: with nothing but options, or one statement.
    """

    __slots__ = ("closer", "opener", "statements")

    def __init__(
        self, opener: Token, statements: list[Node], closer: Token, comments: Comments, *, may_be_short: bool
    ) -> None:
        self.opener = opener
        self.statements = statements
        self.closer = closer
        self.breakable = True
        flat = "{}" if not statements else None
        if may_be_short and statements and comments.text.find("\n", opener.end, statements[0].start) < 0:
            flat = self._joined()
        self.place(opener.start, closer.end, flat, comments)

    def _joined(self) -> str | None:
        texts = [statement.flat for statement in self.statements if statement.flat is not None]
        options = all(isinstance(statement, Pair) and statement.kind == "option" for statement in self.statements)
        if len(texts) < len(self.statements) or not (options or len(texts) == 1):
            return None
        return f"{{ {'  '.join(texts)} }}"


class Statement(Node):
    """A statement of some segments, each of which may begin a line, and maybe a block.

    `breaks_first` says that the brackets of its first segment are broken before a line begins with another one.
    """

    __slots__ = ("block", "breaks_first", "segments")

    def __init__(
        self, segments: list[Node], block: Block | None, comments: Comments, *, breaks_first: bool = False
    ) -> None:
        self.segments = segments
        self.block = block
        self.breaks_first = breaks_first
        self.breakable = True
        parts: list[Node] = [*segments, block] if block else segments
        texts = [part.flat for part in parts if part.flat is not None]
        flat = " ".join(texts) if len(texts) == len(parts) else None
        self.place(segments[0].start, parts[-1].end, flat, comments)


class Branch(NamedTuple):
    """`else`, unless it is the first, the condition, unless it is the last, and the block."""

    sign: Token | None
    segments: list[Node]
    block: Block


class If(Node):
    """All branches of an `if`, the last of which comes first: there may be many."""

    __slots__ = ("branches",)

    def __init__(self, segments: list[Node], block: Block, comments: Comments) -> None:
        self.branches = [Branch(None, segments, block)]
        self.breakable = True
        self.place(segments[0].start, block.end, None, comments)
