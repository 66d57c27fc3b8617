"""The nodes of expressions and types, built bottom-up: one method for each rule of the grammar, of the same name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from pipec.diagnostics.model import Diagnostics
from pipec.syntax import tree
from pipec.syntax.literals import KINDS, MalformedLiteralError, literal_value
from pipec.syntax.operators import climb, report_bare_not
from pipec.syntax.source import Source, Span
from pipec.syntax.strings import LONG_QUOTES, string_pieces
from pipec.syntax.tokens import Token

Children = list[Any]


class ExpressionBuilder:
    """Builds the expressions and types of one source; `parse_fragment` parses the code of a `${…}`."""

    def __init__(
        self, source: Source, diagnostics: Diagnostics, parse_fragment: Callable[[int, int], tree.Expression]
    ) -> None:
        self.source = source
        self.diagnostics = diagnostics
        self.parse_fragment = parse_fragment

    def cover(self, children: Children) -> Span:
        """From the start of the first child that is there to the end of the last."""
        first, last = 0, -1
        while children[first] is None:
            first += 1
        while children[last] is None:
            last -= 1
        start, end = children[first], children[last]
        return Span(
            self.source,
            start.start if isinstance(start, Token) else start.span.start,
            end.end if isinstance(end, Token) else end.span.end,
        )

    def name(self, token: Token) -> tree.Name:
        return tree.Name(Span(self.source, token.start, token.end), token.text)

    # --- expressions ---

    def name_reference(self, children: Children) -> tree.Expression:
        token = children[0]
        span = Span(self.source, token.start, token.end)
        return tree.NameReference(span, token.text) if token.text else tree.Missing(span)

    def literal(self, children: Children) -> tree.Expression:
        token = children[0]
        span = Span(self.source, token.start, token.end)
        if not token.text:
            return tree.Missing(span)
        try:
            return tree.Literal(span, KINDS[token.kind], literal_value(token.kind, token.text))
        except MalformedLiteralError as fault:
            self.diagnostics.error("P0008", str(fault), span)
            return tree.Missing(span)

    def text(self, children: Children) -> tree.Text:
        token = children[0]
        written = token.text
        quotes = written[:3] if token.kind.startswith("LONG") else written[:1]
        interpolates = quotes[0] == '"'
        span = Span(self.source, token.start, token.end)
        if quotes not in LONG_QUOTES and not (interpolates and ("\\" in written or "${" in written)):
            return tree.Text(span, (written[1:-1],), interpolates)
        start = token.start + len(quotes)
        parts: list[str | tree.Expression] = []
        for piece in string_pieces(
            self.source, start, start + len(written) - 2 * len(quotes), quotes, self.diagnostics
        ):
            if not isinstance(piece, str):
                parts.append(self.parse_fragment(piece.start, piece.end))
            elif piece:
                parts.append(piece)
        return tree.Text(span, tuple(parts) or ("",), interpolates)

    def parenthesised(self, children: Children) -> Any:
        """What stands in parentheses, which become a part of its span."""
        return replace(children[1], span=self.cover(children))

    def attribute(self, children: Children) -> tree.Expression:
        base, _, name = children
        span = Span(self.source, base.span.start, name.end)
        return tree.Attribute(span, base, self.name(name)) if name.text else tree.Missing(span)

    def index(self, children: Children) -> tree.Index:
        """`base[key]`; several keys are one list of keys."""
        keys = tuple(child for child in children[2:] if isinstance(child, tree.Expression))
        index = keys[0] if len(keys) == 1 else tree.ListDisplay(keys[0].span.to(keys[-1].span), keys)
        return tree.Index(self.cover(children), children[0], index)

    def splat(self, children: Children) -> tree.Splat:
        return tree.Splat(self.cover(children), children[0])

    def call(self, children: Children) -> tree.Call:
        arguments = tuple([child for child in children if isinstance(child, tree.Argument)])
        return tree.Call(self.cover(children), children[0], arguments)

    def named_argument(self, children: Children) -> tree.Argument:
        name, _, value = children
        return tree.Argument(self.cover(children), self.name(name), value)

    def positional_argument(self, children: Children) -> tree.Argument:
        return tree.Argument(children[0].span, None, children[0])

    def unary(self, children: Children) -> tree.Expression:
        sign, operand = children
        span = Span(self.source, sign.start, operand.span.end)
        bare_not = isinstance(operand, tree.Unary) and self.source.text.startswith("not", operand.span.start)
        if sign.kind == "-" and bare_not:
            report_bare_not(operand.span, self.diagnostics)
        return tree.Unary(span, cast(tree.UnaryOperator, sign.kind), operand)

    def chain(self, children: Children) -> tree.Expression:
        return climb(self.source, children, self.diagnostics)

    def conditional(self, children: Children) -> tree.Conditional:
        condition, _, then, _, otherwise = children
        return tree.Conditional(self.cover(children), condition, then, otherwise)

    def list_display(self, children: Children) -> tree.ListDisplay:
        items = tuple(child for child in children if isinstance(child, tree.Expression))
        return tree.ListDisplay(self.cover(children), items)

    def map_display(self, children: Children) -> tree.MapDisplay:
        entries = tuple(child for child in children if isinstance(child, tree.Entry))
        return tree.MapDisplay(self.cover(children), entries)

    def named_entry(self, children: Children) -> tree.Entry:
        key, _, value = children
        return tree.Entry(self.cover(children), self.name(key), value)

    def quoted_entry(self, children: Children) -> tree.Entry:
        key, _, value = children
        self.require_plain(key, "a key of a map")
        return tree.Entry(self.cover(children), tree.Name(key.span, key.plain or ""), value)

    def require_plain(self, text: tree.Text, what: str) -> None:
        if text.plain is None:
            self.diagnostics.error(
                "P0016",
                f"{what} must not interpolate",
                text.span,
                help="write it out; a literal `${` is written `$${` or stands in a `'…'` string",
            )

    # --- types ---

    def named_type(self, children: Children) -> tree.TypeExpression:
        names = tuple(self.name(child) for child in children if isinstance(child, Token) and child.kind == "NAME")
        arguments = tuple(child for child in children if isinstance(child, tree.TypeExpression))
        span = self.cover(children)
        return tree.NamedType(span, names, arguments) if all(n.text for n in names) else tree.MissingType(span)

    def literal_type(self, children: Children) -> tree.LiteralType:
        text = children[0]
        self.require_plain(text, "a string in a type")
        return tree.LiteralType(text.span, text.plain or "")

    def union_type(self, children: Children) -> tree.UnionType:
        members = tuple(child for child in children if isinstance(child, tree.TypeExpression))
        return tree.UnionType(self.cover(children), members)

    def optional_type(self, children: Children) -> tree.OptionalType:
        return tree.OptionalType(self.cover(children), children[0])
