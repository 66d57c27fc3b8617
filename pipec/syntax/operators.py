"""From a flat chain of operands and operators to a tree, by precedence."""

from __future__ import annotations

from typing import cast

from pipec.diagnostics.model import Diagnostics, Edit, Fix, Label
from pipec.syntax import tree
from pipec.syntax.source import Source, Span
from pipec.syntax.tokens import COMPARISONS, Token

_LEVELS: tuple[tuple[str, ...], ...] = (
    ("??",),
    ("or",),
    ("and",),
    ("not",),
    tuple(sorted(COMPARISONS)),
    ("+", "-"),
    ("*", "/", "%"),
)
LEVEL = {operator: level for level, operators in enumerate(_LEVELS) for operator in operators}
"""How tightly an operator binds: the loosest have the smallest number."""

_NOT = LEVEL["not"]
_COMPARISON = LEVEL["=="]


def climb(source: Source, parts: list[Token | tree.Expression], diagnostics: Diagnostics) -> tree.Expression:
    """The tree of `parts`, operands with operators between them; operators of one level group from the left.

    `not` binds looser than comparisons: `not a == b` is `not (a == b)`.
    """
    if len(parts) == 3 and not isinstance(parts[0], tree.Unary) and not isinstance(parts[2], tree.Unary):
        left, sign, right = parts
        assert isinstance(left, tree.Expression)
        assert isinstance(sign, Token)
        assert isinstance(right, tree.Expression)
        span = Span(source, left.span.start, right.span.end)
        return tree.Binary(span, cast(tree.BinaryOperator, sign.kind), left, right)
    return _Climber(source, parts, diagnostics).expression(0)


class _Climber:
    def __init__(self, source: Source, parts: list[Token | tree.Expression], diagnostics: Diagnostics) -> None:
        self.source = source
        self.diagnostics = diagnostics
        self.parts = self.joined(parts)
        self.position = 0

    def joined(self, parts: list[Token | tree.Expression]) -> list[Token | tree.Expression]:
        """The parts with `not` and `in` made one operator, and each bare `not` taken off its operand again."""
        result: list[Token | tree.Expression] = []
        for part in parts:
            previous = result[-1] if result else None
            if isinstance(part, Token) and part.kind == "in" and isinstance(previous, Token) and previous.kind == "not":
                result[-1] = Token("not in", "not in", previous.start, part.end)
                continue
            while isinstance(part, tree.Unary) and part.operator == "not" and self.source.text[part.span.start] != "(":
                result.append(Token("not", "not", part.span.start, part.span.start + 3))
                part = part.operand
            result.append(part)
        return result

    def expression(self, level: int) -> tree.Expression:
        """The longest expression from here whose operators bind at least as tightly as `level`."""
        left = self.operand(level)
        while self.position < len(self.parts):
            sign = self.parts[self.position]
            assert isinstance(sign, Token)
            if LEVEL[sign.kind] < level:
                break
            self.position += 1
            right = self.expression(LEVEL[sign.kind] + 1)
            middle = self.chained(left) if LEVEL[sign.kind] == _COMPARISON else None
            if middle is None:
                left = self.binary(left, sign.kind, right)
            else:  # read as what the fix writes, so that nobody stumbles over a comparison with a bool as well
                self.report_chain(left, middle, sign, right)
                left = self.binary(left, "and", self.binary(middle, sign.kind, right))
        return left

    def binary(self, left: tree.Expression, operator: str, right: tree.Expression) -> tree.Binary:
        span = Span(self.source, left.span.start, right.span.end)
        return tree.Binary(span, cast(tree.BinaryOperator, operator), left, right)

    def operand(self, level: int) -> tree.Expression:
        part = self.parts[self.position]
        self.position += 1
        if isinstance(part, tree.Expression):
            return part
        operand = self.expression(_NOT)
        span = Span(self.source, part.start, operand.span.end)
        if level > _NOT:
            report_bare_not(span, self.diagnostics)
        return tree.Unary(span, "not", operand)

    def chained(self, left: tree.Expression) -> tree.Expression | None:
        """The right side of a comparison that is the left side of another one; None where it is no comparison."""
        match left:
            case (
                tree.Binary(operator="and", right=tree.Binary(operator=operator, right=middle))
                | tree.Binary(operator=operator, right=middle)
            ) if operator in COMPARISONS and self.source.text[left.span.start] != "(":
                return middle
            case _:
                return None

    def report_chain(self, left: tree.Expression, middle: tree.Expression, sign: Token, right: tree.Expression) -> None:
        text = f"{left.span.text} and {middle.span.text} {sign.kind} {right.span.text}"
        whole = Span(self.source, left.span.start, right.span.end)
        self.diagnostics.error(
            "P0013",
            "comparisons cannot be chained",
            sign.span(self.source),
            labels=(Label(left.span, "this is a comparison already"),),
            help=f"write `{text}`" if "\n" not in text and len(text) <= 80 else "join two comparisons with `and`",
            fix=Fix("join two comparisons with `and`", (Edit(whole, text),)),
        )


def report_bare_not(span: Span, diagnostics: Diagnostics) -> None:
    """Report a `not …` without parentheses as an operand of something that binds tighter, P0015."""
    before, after = Span(span.source, span.start, span.start), Span(span.source, span.end, span.end)
    diagnostics.error(
        "P0015",
        "`not` after an operator needs parentheses",
        Span(span.source, span.start, span.start + len("not")),
        help="`not` binds looser than comparisons and arithmetic",
        fix=Fix("put it in parentheses", (Edit(before, "("), Edit(after, ")"))),
    )
