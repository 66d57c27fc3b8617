"""Puts statements on lines: blocks, headers in segments, and what is aligned with its neighbours."""

from __future__ import annotations

from collections.abc import Sequence

from pipec.syntax.formatting.comments import Comments
from pipec.syntax.formatting.lines import Lines
from pipec.syntax.formatting.nodes import LINE_WIDTH, Node, Pair, Row
from pipec.syntax.formatting.statements import Block, If, Statement
from pipec.syntax.formatting.writing import INDENT, ExpressionWriter, aligned
from pipec.syntax.tokens import Token

_LARGE = frozenset({"component", "pipeline", "test"})


class StatementWriter:
    """Writes a whole file."""

    def __init__(self, comments: Comments) -> None:
        self.comments = comments
        self.expressions = ExpressionWriter(comments)
        self.lines: Lines = self.expressions.lines

    def file(self, items: Sequence[Node], end: int) -> str:
        """The text of a file of these items, which ends at that offset."""
        self.statements(items, 0, 0, are_items=True)
        self.lines.newline(0)
        self.lines.lead(items[-1].end if items else 0, end, is_first=not items, is_last=True)
        return self.lines.joined()

    def statements(self, statements: Sequence[Node], indent: int, end: int, *, are_items: bool = False) -> None:
        """Each statement on lines of its own; the first stands behind what ends at that offset."""
        lines = self.lines
        paddings = self.paddings(statements, indent)
        for index, statement in enumerate(statements):
            lines.newline(indent)
            if are_items and index and self.belong_apart(statements[index - 1], statement):
                lines.blank()
            lines.lead(end, statement.start, is_first=index == 0)
            self.statement(statement, indent, paddings[index])
            end = statement.end

    def belong_apart(self, above: Node, below: Node) -> bool:
        """Whether an empty line is missing between two items of a file."""
        return (_is_large(above) or _is_large(below)) and not self.comments.part(above.end, below.start)

    def statement(self, statement: Node, indent: int, padding: int) -> None:
        lines = self.lines
        lines.continuation = indent + INDENT
        match statement:
            case Pair(flat=str() as flat) if lines.fits(len(flat) + padding):
                lines.item(statement, flat, padding, statement.key_width or 0)
            case Statement(flat=str() as flat) if lines.fits(len(flat) + padding):
                lines.item(statement, flat, padding, _name_width(statement) or 0)
            case Pair() | Statement() if self.keeps_its_line(statement):
                lines.put(statement.start, self.comments.text[statement.start : statement.end], statement.end)
            case Pair():
                self.expressions.write(statement, 0, padding)
            case Statement():
                self.header(statement, indent)
                if statement.block:
                    self.block(statement.block, indent)
            case If():
                self.branches(statement, indent)

    def keeps_its_line(self, statement: Node) -> bool:
        """Whether a comment for pipec, about what begins in its line, stands behind a statement of one line."""
        comment = self.comments.behind.get(statement.end, "")
        return "pipec:" in comment and self.comments.text.find("\n", statement.start, statement.end) < 0

    def header(self, statement: Statement, indent: int) -> None:
        segments = statement.segments
        tail = len(" {") if statement.block else 0
        breaks_first = statement.breaks_first and not self.lines.fits(_width(segments) + tail)
        hang = 2 * INDENT if statement.block and len(segments) == 1 else INDENT
        self.segments(segments, tail, indent + hang, breaks_first=breaks_first)

    def segments(self, segments: list[Node], tail: int, continuation: int, *, breaks_first: bool = False) -> None:
        """As many segments on each line as fit; what follows them needs so much room."""
        lines = self.lines
        lines.continuation = continuation
        for index, segment in enumerate(segments):
            room = tail if index == len(segments) - 1 else 0
            if index:
                lines.settle(segment.start)
                lines.space()
                self.expressions.make_room(segment, room, continuation)
            self.expressions.write(segment, LINE_WIDTH if breaks_first and index == 0 else room)
            lines.continuation = continuation

    def branches(self, statement: If, indent: int) -> None:
        lines = self.lines
        for sign, segments, block in reversed(statement.branches):
            if sign:
                lines.continuation = indent
                lines.space()
                lines.token(sign)
                lines.space()
            self.segments(segments, len(" {"), indent + 2 * INDENT)
            self.block(block, indent)

    def block(self, block: Block, indent: int) -> None:
        """A block, its opening brace on the line of the header."""
        lines = self.lines
        lines.continuation = indent
        lines.space()
        if block.flat == "{}":
            lines.item(block, block.flat)
            return
        lines.token(block.opener)
        self.statements(block.statements, indent + INDENT, block.opener.end)
        lines.newline(indent + INDENT)
        lines.lead(block.opener.end, block.closer.start, is_first=not block.statements, is_last=True)
        lines.newline(indent)
        lines.token(block.closer)

    # --- alignment ---

    def paddings(self, statements: Sequence[Node], indent: int) -> list[int]:
        """How many spaces each statement needs before its `=` to have it below that of its neighbours."""
        paddings: list[int] = []
        run: list[Node] = []
        kinds = [_kind(statement, indent) for statement in statements]
        for index, (statement, kind) in enumerate(zip(statements, kinds, strict=True)):
            if run and (kind != kinds[index - 1] or self.comments.part(run[-1].end, statement.start)):
                paddings += _run_paddings(run, indent)
                run = []
            if kind is None:
                paddings.append(0)
            else:
                run.append(statement)
        return paddings + _run_paddings(run, indent)


def _kind(statement: Node, indent: int) -> str | None:
    """What statements must have in common to be aligned; None for those that never are."""
    match statement:
        case Pair():
            return statement.kind
        case Statement() if _keyword(statement) == "task" and _fits(statement, indent):
            return "task"
        case _:
            return None


def _run_paddings(run: list[Node], indent: int) -> list[int]:
    """Those of statements of one kind; tasks are aligned if each is a name and an implementation on one line."""
    widths = [statement.key_width if isinstance(statement, Pair) else _name_width(statement) for statement in run]
    paddings = aligned(widths)
    for statement, width, padding in zip(run, widths, paddings, strict=True):
        if isinstance(statement, Statement) and (width is None or not _fits(statement, indent + padding)):
            return [0] * len(run)
    return paddings


def _fits(statement: Node, indent: int) -> bool:
    return statement.flat is not None and indent + len(statement.flat) <= LINE_WIDTH


def _name_width(statement: Node) -> int | None:
    """How wide `task name` is, where nothing stands between it and `=`."""
    match statement:
        case Statement(segments=[Row(parts=[_, _]) as head, Row(parts=[(_, Token(text="=")), _])]):
            return None if head.flat is None else len(head.flat)
        case _:
            return None


def _keyword(statement: Statement) -> str:
    match statement.segments[0]:
        case Row(parts=[(_, Token(text=text)), *_]):
            return text
        case _:
            return ""


def _is_large(item: Node) -> bool:
    return isinstance(item, Statement) and _keyword(item) in _LARGE


def _width(segments: list[Node]) -> int:
    """How wide segments are side by side, up to where the first of them breaks."""
    width = -1
    for segment in segments:
        if segment.flat is None:
            return width + 1 + segment.opening()
        width += 1 + len(segment.flat)
    return width
