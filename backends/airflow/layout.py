"""Laying calls, lists and dicts out on lines of at most 120 columns, as `ruff format` would leave them."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipec.frozen import Frozen

LINE_LENGTH = 120


class Call(Frozen):
    """`function(arguments)`; an argument without a name is positional."""

    function: str
    arguments: tuple[tuple[str | None, Node], ...] = ()


class ListNode(Frozen):
    items: tuple[Node, ...]


class DictNode(Frozen):
    """`{key: value}`; the keys are Python source already."""

    entries: tuple[tuple[str, Node], ...]


class Subscript(Frozen):
    """`call[key]`: one element of what a call gives."""

    base: str | Call | ListNode | DictNode | Subscript
    key: str


class Pieces(Frozen):
    """A conditional, in pieces that each begin with `if` or `else` but the first; it is broken between them."""

    pieces: tuple[str, ...]


Node = str | Pieces | Call | ListNode | DictNode | Subscript
"""Python source to be laid out; a str is printed as it is."""


def one_line(node: Node) -> str | None:
    """The node on a single line; None where a string literal in it goes over several."""
    if isinstance(node, str):
        return None if "\n" in node else node
    if isinstance(node, Pieces):
        return one_line(" ".join(node.pieces))
    return _joined(*_parts(node))


def _joined(opening: str, rows: list[tuple[str, Node]], closing: str) -> str | None:
    shown = []
    for prefix, value in rows:
        line = one_line(value)
        if line is None:
            return None
        shown.append(prefix + line)
    return opening + ", ".join(shown) + closing


def lay_out(node: Node, indent: int, before: int = 0, after: int = 0) -> str:
    """The node as text whose further lines stand `indent` columns in.

    `before` columns of its first line are taken already, and `after` columns follow its last.
    """
    if isinstance(node, str):
        return node
    room = LINE_LENGTH - before - after
    if isinstance(node, Pieces):
        return _within(one_line(node), room) or ("\n" + " " * indent).join(node.pieces)
    opening, rows, closing = _parts(node)
    line = _within(_joined(opening, rows, closing), room)
    if line is not None:
        return line
    if not rows:
        return opening + closing
    inner = indent + 4
    lines = [opening]
    for prefix, value in rows:
        lines.append(" " * inner + prefix + lay_out(value, inner, inner + len(prefix), 1) + ",")
    lines.append(" " * indent + closing)
    return "\n".join(lines)


def _within(line: str | None, room: int) -> str | None:
    return line if line is not None and len(line) <= room else None


def _parts(node: Call | ListNode | DictNode | Subscript) -> tuple[str, list[tuple[str, Node]], str]:
    match node:
        case Call(function=function, arguments=arguments):
            return f"{function}(", [(f"{name}=" if name else "", value) for name, value in arguments], ")"
        case ListNode(items=items):
            return "[", [("", item) for item in items], "]"
        case DictNode(entries=entries):
            return "{", [(f"{key}: ", value) for key, value in entries], "}"
        case Subscript(base=base, key=key):
            if isinstance(base, str):
                return base, [], f"[{key}]"
            opening, rows, closing = _parts(base)
            return opening, rows, f"{closing}[{key}]"


@dataclass(slots=True)
class Writer:
    """Lines of Python that grow downwards, `indent` columns in."""

    indent: int = 0
    lines: list[str] = field(default_factory=list)

    def line(self, text: str = "") -> None:
        """Add a line, or a text whose further lines are indented already."""
        self.lines.append(" " * self.indent + text if text else "")

    def statement(self, node: Node, before: str = "", after: str = "") -> None:
        """Add `before node after`, over several lines where one is too short."""
        self.line(before + lay_out(node, self.indent, self.indent + len(before), len(after)) + after)

    def nested(self) -> Writer:
        """A writer to the same lines, one level deeper."""
        return Writer(self.indent + 4, self.lines)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)
