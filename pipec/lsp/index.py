"""Where each name of a file is declared and where it is used."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipec.frozen import Frozen
from pipec.lsp.blocks import Block
from pipec.semantics.symbols import Scope, Symbol
from pipec.syntax import tree
from pipec.syntax.source import Span

Kind = Literal[
    "task", "parameter", "const", "variable", "item", "group", "import", "component", "pipeline", "type",
    "output", "input", "own parameter",
]  # fmt: skip
"""What a name stands for. An `own parameter` is one of a component, which the code of its tasks knows by name."""


@dataclass(eq=False)
class Definition:
    """A name with the place where it is declared, which may lie in another file.

    `node` is what declares it. `symbol` and `scope` are where it is entered; names that stand outside all scopes,
    as outputs do, have none.
    """

    kind: Kind
    name: str
    span: Span
    node: tree.Node
    symbol: Symbol | None = None
    scope: Scope | None = None
    occurrences: list[Occurrence] = field(default_factory=list)
    """In the file of the index, in the order of the text."""

    @property
    def doc(self) -> str | None:
        """What its doc comment says."""
        doc = getattr(self.node, "doc", None)
        return doc if isinstance(doc, str) else None


class Occurrence(Frozen, by_identity=True):
    """A place where a name is written. A `shorthand` is an input that is the name and its value at once."""

    span: Span
    definition: Definition
    declares: bool = False
    shorthand: bool = False


class Index:
    """All occurrences and blocks of one file."""

    def __init__(self, occurrences: Sequence[Occurrence], blocks: Sequence[Block]) -> None:
        self.occurrences = sorted(occurrences, key=lambda one: one.span.start)
        self._starts = [one.span.start for one in self.occurrences]
        self.blocks = blocks

    def take_apart(self) -> None:
        """Undoes the circles in it, so that its memory is free when it is no longer used."""
        for occurrence in self.occurrences:
            occurrence.definition.occurrences.clear()
        for block in self.blocks:
            block.scope.names.clear()

    def at(self, offset: int) -> Occurrence | None:
        """The name that the offset stands in, or right behind."""
        last = bisect_right(self._starts, offset) - 1
        for position in (last, last - 1):
            if position >= 0 and self.occurrences[position].span.end >= offset:
                return self.occurrences[position]
        return None

    def block_at(self, offset: int) -> Block | None:
        """The innermost block around an offset."""
        around = [block for block in self.blocks if block.span.start <= offset <= block.span.end]
        # of blocks of one length the last is the innermost: an outer one is entered before those inside it
        return min(reversed(around), key=lambda block: block.span.end - block.span.start, default=None)

    def pipeline_at(self, offset: int) -> tree.Pipeline | None:
        """The pipeline around an offset."""
        for block in self.blocks:
            if isinstance(block.owner, tree.Pipeline) and block.span.start <= offset <= block.span.end:
                return block.owner
        return None
