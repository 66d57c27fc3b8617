"""The parts of a file as its layout sees them: all tokens in their order, grouped by where a line may be broken.

Every node knows its text on one line, `flat`. It is None where there is none: the node holds a comment or a text of
several lines, a comma before a closing bracket asks for a line for each item, or it is wider than any line.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipec.syntax.formatting.comments import Comments
from pipec.syntax.operators import LEVEL
from pipec.syntax.tokens import Token

LINE_WIDTH = 120
"""How many characters a line has at most, where it can be broken at all; a comment is left out of account."""


class Node:
    """The characters `start` up to `end` of the source; `breakable` says that it can stand on several lines."""

    __slots__ = ("breakable", "end", "flat", "start")

    start: int
    end: int
    flat: str | None
    breakable: bool

    def place(self, start: int, end: int, flat: str | None, comments: Comments) -> None:
        """Set where it is, and its text on one line if that can be."""
        self.start = start
        self.end = end
        self.flat = None if flat is None or len(flat) > LINE_WIDTH or comments.within(start, end) else flat

    def opening(self) -> int:
        """How wide its first line is, where it does not stand on one."""
        raise NotImplementedError


Item = Node | Token


def flat_text(item: Item) -> str | None:
    """The text of a token or node on one line; None where there is none."""
    return item.text if isinstance(item, Token) else item.flat


class Leaf(Node):
    """One token: a name, a number, a string."""

    __slots__ = ("text",)

    def __init__(self, token: Token) -> None:
        self.text = token.text.replace("\r\n", "\n")
        self.start = token.start
        self.end = token.end
        self.flat = None if "\n" in self.text else self.text
        self.breakable = False

    def opening(self) -> int:
        return len(self.text.partition("\n")[0])


class Row(Node):
    """Things side by side, each with the space before it, such as `base.name` or `name: type = default`."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[tuple[str, Item]], comments: Comments) -> None:
        self.parts = parts
        self.settle(comments)

    def settle(self, comments: Comments) -> None:
        """Take account of its parts, anew where one was added at the end."""
        flat: str | None = ""
        breakable = False
        for space, item in self.parts:
            text = item.text if isinstance(item, Token) else item.flat
            if not isinstance(item, Token) and item.breakable:
                breakable = True
            flat = None if flat is None or text is None else flat + space + text
        self.breakable = breakable
        self.place(self.parts[0][1].start, self.parts[-1][1].end, flat, comments)

    def extend(self, parts: list[tuple[str, Item]], comments: Comments) -> None:
        """Add parts at the end: in place, because a chain of members may be long."""
        self.parts += parts
        flat = self.flat
        for space, item in parts:
            text = flat_text(item)
            flat = None if flat is None or text is None else flat + space + text
            self.breakable = self.breakable or (isinstance(item, Node) and item.breakable)
        self.place(self.start, parts[-1][1].end, flat, comments)

    def broken_parts(self) -> list[int]:
        """The parts that cannot stand on one line; where all can, the last that need not."""
        forced = [index for index, (_, item) in enumerate(self.parts) if flat_text(item) is None]
        if forced:
            return forced
        can = [index for index, (_, item) in enumerate(self.parts) if isinstance(item, Node) and item.breakable]
        return can[-1:]

    def opening(self) -> int:
        return self.opening_from(0, self.broken_parts())

    def opening_from(self, first: int, broken: list[int]) -> int:
        """How wide the line is from this part on."""
        width = 0
        for index in range(first, len(self.parts)):
            space, item = self.parts[index]
            if index in broken and isinstance(item, Node):
                return width + len(space) + item.opening()
            width += len(space) + len(flat_text(item) or "")
        return width


class Pair(Row):
    """`key = value`; those that follow each other are aligned. `kind` is what they must have in common for that."""

    __slots__ = ("kind",)

    def __init__(self, kind: str, key: Item, sign: Token, value: Item, comments: Comments) -> None:
        self.kind = kind
        super().__init__([("", key), (" ", sign), (" ", value)], comments)

    @property
    def key_width(self) -> int | None:
        """How wide the key is; None where it takes more than a line."""
        key = flat_text(self.parts[0][1])
        return None if key is None else len(key)


class Unary(Node):
    """An operand behind its signs, the innermost of which comes first in `signs`."""

    __slots__ = ("operand", "signs")

    def __init__(self, sign: Token, operand: Node, comments: Comments) -> None:
        self.signs = [sign]
        self.operand = operand
        self.breakable = operand.breakable
        self.end = operand.end
        self.flat = operand.flat
        self.settle(comments)

    def add(self, sign: Token, comments: Comments) -> None:
        """Put one more sign before it: in place, because there may be many."""
        self.signs.append(sign)
        self.settle(comments)

    def settle(self, comments: Comments) -> None:
        sign = self.signs[-1]
        flat = None if self.flat is None else sign_text(sign) + self.flat
        self.place(sign.start, self.end, flat, comments)

    def opening(self) -> int:
        return sum(len(sign_text(sign)) for sign in self.signs) + self.operand.opening()


def sign_text(sign: Token) -> str:
    """The sign before an operand, with the space after it."""
    return sign.text if sign.text == "-" else f"{sign.text} "


class Bracketed(Node):
    """Items between brackets; on several lines each has its own, and a comma where `ends_with_comma`.

    A comma for each item says that the last one has one too: then it stands on several lines. `firm` brackets are not
    broken for want of room, as those of an index.
    """

    __slots__ = ("closer", "commas", "ends_with_comma", "items", "opener")

    def __init__(
        self, children: Sequence[Item], comments: Comments, *, ends_with_comma: bool = True, firm: bool = False
    ) -> None:
        opener, closer = children[0], children[-1]
        assert isinstance(opener, Token)
        assert isinstance(closer, Token)
        self.opener = opener
        self.closer = closer
        self.items = [child for child in children if isinstance(child, Node)]
        self.commas = [child for child in children[1:-1] if isinstance(child, Token)]
        self.ends_with_comma = ends_with_comma
        flat = None if self.items and len(self.commas) == len(self.items) else self._joined()
        self.place(opener.start, closer.end, flat, comments)
        self.breakable = self.flat is None or bool(self.items and not firm)

    def _joined(self) -> str | None:
        texts = [item.flat for item in self.items if item.flat is not None]
        if len(texts) < len(self.items):
            return None
        padding = " " if texts and self.opener.text == "{" else ""
        return f"{self.opener.text}{padding}{', '.join(texts)}{padding}{self.closer.text}"

    def hugs(self) -> bool:
        """Whether its items stay on the line of the bracket: a list or a map alone, a text of several lines."""
        if self.opener.text != "(" or len(self.commas) == len(self.items):
            return False
        match self.items:
            case [Bracketed(opener=opener)]:
                return opener.text != "("
            case items:
                long_text = any(isinstance(item, Leaf) and item.flat is None for item in items)
                return long_text and all(isinstance(item, Leaf) or not item.breakable for item in items)

    def opening(self) -> int:
        width = 1
        if not self.hugs():
            return width
        for item in self.items:
            if item.flat is None or len(self.items) == 1:
                return width + item.opening()
            width += len(item.flat) + 2
        return width


class Series(Node):
    """Items with commas between them and no brackets around."""

    __slots__ = ("commas", "items")

    def __init__(self, children: Sequence[Item], comments: Comments) -> None:
        self.items = [child for child in children if isinstance(child, Node)]
        self.commas = [child for child in children if isinstance(child, Token)]
        texts = [item.flat for item in self.items if item.flat is not None]
        flat = ", ".join(texts) if len(texts) == len(self.items) else None
        self.breakable = len(self.items) > 1
        self.place(self.items[0].start, self.items[-1].end, flat, comments)

    def opening(self) -> int:
        return opening_width(self.items[0])


class Chain(Node):
    """Operands with operators between them; `not in` are two tokens. A line is broken before the loosest of them."""

    __slots__ = ("operands", "operators")

    def __init__(self, operands: list[Node], operators: list[list[Token]], comments: Comments) -> None:
        self.operands = operands
        self.operators = operators
        self.breakable = True
        flat = operands[0].flat
        for signs, operand in zip(operators, operands[1:], strict=True):
            if flat is None or operand.flat is None or len(flat) > LINE_WIDTH:
                flat = None
                break
            flat = f"{flat} {' '.join([sign.text for sign in signs])} {operand.flat}"
        self.place(operands[0].start, operands[-1].end, flat, comments)

    def loosest(self, comments: Comments) -> tuple[list[Node], list[list[Token]]]:
        """The operands of its loosest operators, and these."""
        levels = [LEVEL.get(signs[-1].text, 0) for signs in self.operators]
        loosest = min(levels)
        operands: list[Node] = []
        first = 0
        breaks = [index for index, level in enumerate(levels) if level == loosest]
        for index in [*breaks, len(levels)]:
            inner = self.operands[first : index + 1]
            operands.append(inner[0] if len(inner) == 1 else Chain(inner, self.operators[first:index], comments))
            first = index + 1
        return operands, [self.operators[index] for index in breaks]

    def opening(self) -> int:
        return opening_width(self.operands[0])


class Conditional(Node):
    """`test ? value : test ? value : value`: `otherwise`, and the others with their signs, the last of them first."""

    __slots__ = ("branches", "otherwise")

    def __init__(self, test: Node, mark: Token, then: Node, colon: Token, otherwise: Node, comments: Comments) -> None:
        self.branches = [(test, mark, then, colon)]
        self.otherwise = otherwise
        self.breakable = True
        self.end = otherwise.end
        self.flat = otherwise.flat
        self.settle(comments)

    def add(self, test: Node, mark: Token, then: Node, colon: Token, comments: Comments) -> None:
        """Put one more test before it: in place, because there may be many."""
        self.branches.append((test, mark, then, colon))
        self.settle(comments)

    def settle(self, comments: Comments) -> None:
        test, _, then, _ = self.branches[-1]
        parts = (test.flat, then.flat, self.flat)
        flat = None if None in parts else f"{test.flat} ? {then.flat} : {self.flat}"
        self.place(test.start, self.end, flat, comments)

    def opening(self) -> int:
        return opening_width(self.branches[-1][0])


def opening_width(node: Node) -> int:
    """How wide the first line of a node is, which stands on one if it can."""
    return node.opening() if node.flat is None else len(node.flat)
