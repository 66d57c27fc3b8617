"""Puts expressions and types on lines: on one where they fit, else broken where it hurts least."""

from __future__ import annotations

from collections.abc import Sequence

from pipec.syntax.formatting.comments import Comments
from pipec.syntax.formatting.lines import Lines
from pipec.syntax.formatting.nodes import (
    LINE_WIDTH,
    Bracketed,
    Chain,
    Conditional,
    Item,
    Leaf,
    Node,
    Pair,
    Row,
    Series,
    Unary,
    flat_text,
    sign_text,
)

INDENT = 2


class ExpressionWriter:
    """Writes nodes at the end of the present line; `tail` is the room that is needed behind them on the last one."""

    def __init__(self, comments: Comments) -> None:
        self.comments = comments
        self.lines = Lines(comments)

    def write(self, node: Item, tail: int = 0, padding: int = 0) -> None:
        """Write a node, with spaces after the key of a pair."""
        lines = self.lines
        lines.settle(node.start)
        text = flat_text(node)
        if text is not None and (
            not (isinstance(node, Node) and node.breakable) or lines.fits(len(text) + padding + tail)
        ):
            lines.item(node, text, padding, node.key_width or 0 if isinstance(node, Pair) else 0)
            return
        match node:
            case Row():
                self.row(node, tail, padding)
            case Bracketed():
                self.bracketed(node, tail)
            case Chain():
                self.chain(node, tail)
            case Leaf():
                lines.put(node.start, node.text, node.end)
            case Series():
                self.series(node, tail)
            case Conditional():
                self.conditional(node, tail)
            case Unary():
                self.unary(node, tail)

    def row(self, row: Row, tail: int, padding: int) -> None:
        lines = self.lines
        broken = row.broken_parts()
        for index, (space, item) in enumerate(row.parts):
            if space:
                lines.space()
            if index in broken:
                self.write(item, row.opening_from(index + 1, broken) + tail)
            else:
                lines.item(item, flat_text(item) or "")
            if index == 0:
                lines.text += " " * padding

    def unary(self, unary: Unary, tail: int) -> None:
        for sign in reversed(unary.signs):
            self.lines.token(sign)
            if sign_text(sign).endswith(" "):
                self.lines.space()
        self.write(unary.operand, tail)

    def chain(self, chain: Chain, tail: int) -> None:
        """One line for each operand of the loosest operators."""
        lines = self.lines
        continuation = lines.continuation
        operands, operators = chain.loosest(self.comments)
        for index, operand in enumerate(operands):
            if index:
                lines.newline(continuation)
                for sign in operators[index - 1]:
                    lines.token(sign)
                    lines.space()
            lines.continuation = continuation + INDENT
            self.write(operand, tail if index == len(operators) else 0)
        lines.continuation = continuation

    def conditional(self, conditional: Conditional, tail: int) -> None:
        lines = self.lines
        continuation = lines.continuation
        lines.continuation += INDENT
        for test, mark, then, colon in reversed(conditional.branches):
            self.write(test)
            for sign, value in ((mark, then), (colon, None)):
                lines.newline(continuation)
                lines.token(sign)
                lines.space()
                if value:
                    self.write(value)
        self.write(conditional.otherwise, tail)
        lines.continuation = continuation

    def make_room(self, node: Node, tail: int, continuation: int) -> None:
        """Begin a line for a node that does not fit on this one, unless it is broken and its first line does."""
        lines = self.lines
        flat = node.flat
        if flat is None or continuation + len(flat) + tail > LINE_WIDTH:
            if not lines.fits(node.opening()):
                lines.newline(continuation)
        elif not lines.fits(len(flat) + tail):
            lines.newline(continuation)

    def series(self, series: Series, tail: int) -> None:
        """As many items on a line as fit."""
        lines = self.lines
        continuation = lines.continuation
        lines.continuation += INDENT
        for index, item in enumerate(series.items):
            room = tail if index == len(series.commas) else 1
            if index:
                lines.space()
                self.make_room(item, room, continuation)
            self.write(item, room)
            if index < len(series.commas):
                lines.comma(series.commas[index])
        lines.continuation = continuation

    # --- brackets ---

    def bracketed(self, node: Bracketed, tail: int) -> None:
        lines = self.lines
        outer, continuation = lines.indent, lines.continuation
        if self.hugs(node):
            self.hug(node, tail)
            return
        lines.token(node.opener)
        inner = outer + INDENT
        lines.continuation = inner if node.opener.text == "(" and not node.ends_with_comma else inner + INDENT
        self.items(node, inner)
        lines.newline(inner)
        lines.lead(node.opener.end, node.closer.start, is_first=not node.items, is_last=True)
        lines.newline(outer)
        lines.token(node.closer)
        lines.continuation = continuation

    def items(self, node: Bracketed, inner: int) -> None:
        """A line for each item, or the rows that a list was written in."""
        lines = self.lines
        paddings = self.paddings(node)
        rows = self.rows(node, inner)
        end = node.opener.end
        for index, item in enumerate(node.items):
            comma = node.commas[index] if index < len(node.commas) else None
            needs_comma = node.ends_with_comma or index < len(node.items) - 1
            if index in rows:
                lines.space()
            else:
                lines.newline(inner)
                lines.lead(end, item.start, is_first=index == 0)
            self.write(item, int(needs_comma), paddings[index])
            if needs_comma:
                lines.comma(comma)
            end = comma.end if comma else item.end

    def paddings(self, node: Bracketed) -> list[int]:
        """How many spaces each item needs to have its `=` below that of its neighbours; an empty line parts them."""
        paddings = [0] * len(node.items)
        run: list[int] = []
        for index, item in enumerate(node.items):
            if index and self.comments.part(node.commas[index - 1].end, item.start):
                _pad(node.items, run, paddings)
                run = []
            if isinstance(item, Pair):
                run.append(index)
        _pad(node.items, run, paddings)
        return paddings

    def rows(self, node: Bracketed, inner: int) -> set[int]:
        """The items of a list that stay on the line of the one before, where all its rows are short and simple."""
        if node.opener.text != "[" or not all(is_simple(item) for item in node.items):
            return set()
        text = self.comments.text
        together = {
            index
            for index in range(1, len(node.items))
            if text.find("\n", node.commas[index - 1].end, node.items[index].start) < 0
            and not self.comments.within(node.items[index - 1].end, node.items[index].start)
        }
        if len(together) == len(node.items) - 1:
            return set()
        width = 0
        for index, item in enumerate(node.items):
            width = (width + 1 if index in together else inner) + len(item.flat or "") + 1
            if width > LINE_WIDTH:
                return set()
        return together

    def hugs(self, node: Bracketed) -> bool:
        """Whether brackets open and close on the lines of what they hold."""
        if not node.hugs() or not self.lines.fits(node.opening()):
            return False
        ends = [node.opener.end, *(end for item in node.items for end in (item.start, item.end)), node.closer.start]
        between = zip(ends[::2], ends[1::2], strict=True)
        return not any(self.comments.within(start, end) for start, end in between)

    def hug(self, node: Bracketed, tail: int) -> None:
        self.lines.token(node.opener)
        for index, item in enumerate(node.items):
            if index:
                self.lines.comma(node.commas[index - 1])
                self.lines.space()
            self.write(item, tail + 1)
        self.lines.token(node.closer)


def is_simple(node: Node) -> bool:
    """A name, a number, a string, or such a thing with a sign."""
    return node.flat is not None and isinstance(node.operand if isinstance(node, Unary) else node, Leaf)


def aligned(widths: Sequence[int | None]) -> list[int]:
    """How many spaces each key needs to be as wide as the widest; none where it has no width of its own."""
    widest = max((width for width in widths if width is not None), default=0)
    return [0 if width is None else widest - width for width in widths]


def _pad(items: list[Node], run: list[int], paddings: list[int]) -> None:
    widths = [item.key_width if isinstance(item := items[index], Pair) else None for index in run]
    for index, padding in zip(run, aligned(widths), strict=True):
        paddings[index] = padding
