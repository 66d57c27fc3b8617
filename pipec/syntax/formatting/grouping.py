"""From the tokens of a file to the nodes of its layout: one method for each rule of the grammar, of the same name.

A method is given all children of its rule in order: tokens, nodes, and None for an optional part that is not there.
"""

from __future__ import annotations

from pipec.syntax.formatting.grouping_values import Children, ValueGrouping
from pipec.syntax.formatting.nodes import Bracketed, Item, Leaf, Node, Pair, Row
from pipec.syntax.formatting.statements import Block, Branch, If, Statement
from pipec.syntax.tokens import Token


class Grouping(ValueGrouping):
    """Groups the tokens of one source."""

    def statement(self, *segments: Node | None, block: Block | None = None, breaks_first: bool = False) -> Statement:
        there = [segment for segment in segments if segment is not None]
        return Statement(there, block, self.comments, breaks_first=breaks_first)

    def braces(self, children: Children, *, may_be_short: bool) -> Block:
        return Block(children[0], children[1:-1], children[-1], self.comments, may_be_short=may_be_short)

    # --- items of a file ---

    def file(self, children: Children) -> Children:
        return children

    def language(self, children: Children) -> Statement:
        return self.statement(self.row(*children))

    def import_file(self, children: Children) -> Statement:
        return self.statement(self.row(*children))

    def const(self, children: Children) -> Pair:
        keyword, name, colon, type_, sign, value = children
        return self.pair("const", self.row(keyword, self.typed(name, colon, type_)), sign, value)

    def typed(self, name: Token, colon: Token | None, type_: Node | None) -> Item:
        """`name: type`, or the name alone."""
        if colon is None or type_ is None:
            return Leaf(name)
        return Row([("", name), ("", colon), (" ", type_)], self.comments)

    def type_alias(self, children: Children) -> Pair:
        keyword, name, sign, type_ = children
        return self.pair("type", self.row(keyword, name), sign, type_)

    def component(self, children: Children) -> Statement:
        keyword, name, parameters, results, sign, implementation, body = children
        head, given = self.head(keyword, name, parameters), self.row(sign, implementation)
        return self.statement(head, results, given, block=body)

    def head(self, keyword: Token, name: Token, brackets: Bracketed | None) -> Row:
        """`task name(…)`."""
        parts: list[tuple[str, Item]] = [("", keyword), (" ", name)]
        return Row([*parts, ("", brackets)] if brackets else parts, self.comments)

    def pipeline(self, children: Children) -> Statement:
        keyword, name, parameters, results, block = children
        return self.statement(self.head(keyword, name, parameters), results, block=block, breaks_first=True)

    def test(self, children: Children) -> Statement:
        keyword, title, sign, pipeline = children[:4]
        block = self.braces(children[4:], may_be_short=False)
        return self.statement(self.row(keyword, title), self.row(sign, pipeline), block=block)

    def given_value(self, children: Children) -> Pair:
        keyword, subject, sign, value = children
        return self.pair("given", self.row(keyword, subject), sign, value)

    def given_state(self, children: Children) -> Statement:
        return self.statement(self.row(*children))

    def expect(self, children: Children) -> Statement:
        keyword, *subjects, sign, state = children
        segment = self.row(keyword, self.series(subjects))
        return self.statement(segment, self.row(sign, state) if sign else None)

    # --- pieces of declarations ---

    def parameters(self, children: Children) -> Bracketed:
        return self.bracketed(children)

    def parameter(self, children: Children) -> Row:
        name, colon, type_, sign, default = children
        return self.row(self.typed(name, colon, type_), sign, default)

    def single_result(self, children: Children) -> Row:
        return self.row(*children)

    def named_results(self, children: Children) -> Row:
        return self.row(children[0], self.bracketed(children[1:]))

    def field(self, children: Children) -> Item:
        return self.typed(*children)

    def inputs(self, children: Children) -> Bracketed:
        return self.bracketed(children)

    def binding(self, children: Children) -> Node:
        name, sign, value = children
        return Leaf(name) if sign is None else self.pair("argument", name, sign, value)

    def after(self, children: Children) -> Row:
        return self.row(children[0], self.series(children[1:]))

    def reference(self, children: Children) -> Node:
        name = Leaf(children[0])
        return name if len(children) == 1 else self.tight(name, Bracketed(children[1:], self.comments, firm=True))

    def link(self, children: Children) -> Node:
        only: Node = children[0]
        return only if len(children) == 1 else self.bracketed(children)

    def block(self, children: Children) -> Block:
        return self.braces(children, may_be_short=False)

    def body(self, children: Children) -> Block:
        return self.braces(children, may_be_short=True)

    # --- statements ---

    def option(self, children: Children) -> Pair:
        return self.pair("option", *children)

    def target(self, children: Children) -> Statement:
        return self.statement(self.row(*children[:2]), block=self.braces(children[2:], may_be_short=True))

    def require(self, children: Children) -> Statement:
        keyword, condition, sign, message = children
        return self.statement(self.row(keyword, condition), self.row(sign, message) if sign else None)

    def on(self, children: Children) -> Pair:
        keyword, *events, sign, value = children
        names = [Leaf(event) if event.kind == "NAME" else event for event in events]
        return self.pair("on", self.row(keyword, self.series(names)), sign, value)

    def task(self, children: Children) -> Statement:
        keyword, name, inputs, results, after, sign, implementation, body = children
        given = self.row(sign, implementation) if sign else None
        return self.statement(self.head(keyword, name, inputs), results, after, given, block=body)

    def wait(self, children: Children) -> Statement:
        keyword, name, after, sign, implementation, body = children
        return self.statement(self.head(keyword, name, None), after, self.row(sign, implementation), block=body)

    def gate(self, children: Children) -> Statement:
        keyword, name, after, body = children
        return self.statement(self.head(keyword, name, None), after, block=body)

    def approval(self, children: Children) -> Statement:
        return self.gate(children)

    def if_statement(self, children: Children) -> If:
        keyword, condition, sign, name, block, else_sign, otherwise = children
        segments: list[Node] = [self.row(keyword, condition)]
        if sign:
            segments.append(self.row(sign, name))
        if not isinstance(otherwise, If):
            made = If(segments, block, self.comments)
            if otherwise:
                made.branches.insert(0, Branch(else_sign, [], otherwise))
                made.end = otherwise.end
            return made
        inner = otherwise.branches[-1]
        otherwise.branches[-1] = Branch(else_sign, inner.segments, inner.block)
        otherwise.branches.append(Branch(None, segments, block))
        otherwise.start = keyword.start
        return otherwise

    def for_statement(self, children: Children) -> Statement:
        keyword, *variables, block = children
        return self.statement(self.row(keyword, self.series(variables)), block=block)

    def map_statement(self, children: Children) -> Statement:
        keyword, variable, block = children
        return self.statement(self.row(keyword, variable), block=block)

    def variable(self, children: Children) -> Row:
        return self.row(*children)

    def group(self, children: Children) -> Statement:
        keyword, name, block = children
        return self.statement(self.row(keyword, name), block=block)

    def finally_block(self, children: Children) -> Statement:
        keyword, block = children
        return self.statement(self.row(keyword), block=block)

    def order(self, children: Children) -> Statement:
        segments = [self.row(*children[index : index + 2]) for index in range(0, len(children), 2)]
        return self.statement(*segments)

    def return_statement(self, children: Children) -> Statement:
        return self.statement(self.row(*children))
