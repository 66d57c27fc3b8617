"""The nodes of expressions and types: one method for each rule of the grammar, of the same name."""

from __future__ import annotations

from typing import Any

from pipec.syntax.formatting.comments import Comments
from pipec.syntax.formatting.nodes import Bracketed, Chain, Conditional, Item, Leaf, Node, Pair, Row, Series, Unary
from pipec.syntax.tokens import Token

Children = list[Any]


class ValueGrouping:
    """Groups the tokens of the expressions and types of one source."""

    def __init__(self, comments: Comments) -> None:
        self.comments = comments

    def row(self, *parts: Item | None) -> Row:
        """Parts that are there, with a space between them."""
        there = [part for part in parts if part is not None]
        return Row([(" " if index else "", part) for index, part in enumerate(there)], self.comments)

    def tight(self, *parts: Item) -> Row:
        """Parts without a space between them."""
        return Row([("", part) for part in parts], self.comments)

    def pair(self, kind: str, key: Item, sign: Token, value: Item) -> Pair:
        return Pair(kind, key, sign, value, self.comments)

    def bracketed(self, children: Children) -> Bracketed:
        return Bracketed(children, self.comments)

    def series(self, children: Children) -> Series:
        return Series(children, self.comments)

    # --- expressions ---

    def name_reference(self, children: Children) -> Leaf:
        return Leaf(children[0])

    def literal(self, children: Children) -> Leaf:
        return Leaf(children[0])

    def text(self, children: Children) -> Leaf:
        return Leaf(children[0])

    def parenthesised(self, children: Children) -> Bracketed:
        return Bracketed(children, self.comments, ends_with_comma=False)

    def attribute(self, children: Children) -> Row:
        base, dot, name = children
        return self.member(base, [("", dot), ("", name)])

    def member(self, base: Node, parts: list[tuple[str, Item]]) -> Row:
        """What stands behind a value: `.name`, an index, arguments."""
        if type(base) is Row:
            base.extend(parts, self.comments)
            return base
        return Row([("", base), *parts], self.comments)

    def index(self, children: Children) -> Row:
        return self.member(children[0], [("", Bracketed(children[1:], self.comments, firm=True))])

    def splat(self, children: Children) -> Row:
        return self.member(children[0], [("", child) for child in children[1:]])

    def call(self, children: Children) -> Row:
        return self.member(children[0], [("", self.bracketed(children[1:]))])

    def named_argument(self, children: Children) -> Pair:
        return self.pair("argument", *children)

    def positional_argument(self, children: Children) -> Node:
        value: Node = children[0]
        return value

    def unary(self, children: Children) -> Unary:
        sign, operand = children
        if isinstance(operand, Unary):
            operand.add(sign, self.comments)
            return operand
        return Unary(sign, operand, self.comments)

    def chain(self, children: Children) -> Chain:
        operands: list[Node] = []
        operators: list[list[Token]] = []
        signs: list[Token] = []
        for child in children:
            if isinstance(child, Token):
                signs.append(child)
                continue
            if operands:
                operators.append(signs)
                signs = []
            operands.append(child)
        return Chain(operands, operators, self.comments)

    def conditional(self, children: Children) -> Conditional:
        test, mark, then, colon, otherwise = children
        if isinstance(otherwise, Conditional):
            otherwise.add(test, mark, then, colon, self.comments)
            return otherwise
        return Conditional(test, mark, then, colon, otherwise, self.comments)

    def list_display(self, children: Children) -> Bracketed:
        return self.bracketed(children)

    def map_display(self, children: Children) -> Bracketed:
        return self.bracketed(children)

    def named_entry(self, children: Children) -> Row:
        return Row([("", children[0]), ("", children[1]), (" ", children[2])], self.comments)

    def quoted_entry(self, children: Children) -> Row:
        return self.named_entry(children)

    # --- types ---

    def named_type(self, children: Children) -> Node:
        brackets = next((index for index, child in enumerate(children) if child.kind == "["), None)
        if brackets is None:
            return Leaf(children[0]) if len(children) == 1 else self.tight(*children)
        arguments = Bracketed(children[brackets:], self.comments, ends_with_comma=False, firm=True)
        return self.tight(*children[:brackets], arguments)

    def literal_type(self, children: Children) -> Node:
        text: Node = children[0]
        return text

    def union_type(self, children: Children) -> Chain:
        return self.chain(children)

    def optional_type(self, children: Children) -> Row:
        return self.tight(*children)
