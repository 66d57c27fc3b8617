"""The tree, built bottom-up while the parser reduces: one method for each rule of the grammar, of the same name.

A method is given all children of its rule in order: tokens, nodes, what other methods returned, and None for an
optional part that is not there. A token without text was put in by the recovery; what needs it is Missing, and a
declaration without a name is left out of its block.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipec.diagnostics.model import Diagnostics
from pipec.frozen import Frozen
from pipec.syntax import tree
from pipec.syntax.expressions import ExpressionBuilder
from pipec.syntax.lexer import Tokens
from pipec.syntax.source import Source, Span
from pipec.syntax.tokens import Token

LANGUAGES = (1,)

Children = list[Any]


class Listed(Frozen):
    """Things that stand together between brackets or after a keyword."""

    span: Span
    items: tuple[Any, ...]


class TreeBuilder(ExpressionBuilder):
    """Builds the nodes of one source; `parse_fragment` parses the code of a `${…}`."""

    def __init__(
        self,
        source: Source,
        diagnostics: Diagnostics,
        tokens: Tokens,
        parse_fragment: Callable[[int, int], tree.Expression],
    ) -> None:
        super().__init__(source, diagnostics, parse_fragment)
        self.docs = tokens.docs
        self.trailing_docs = tokens.trailing_docs

    def documentation(self, span: Span) -> str | None:
        """The doc comments before something and after it on its last line."""
        before = self.docs.get(span.start)
        after = self.trailing_docs.get(span.end)
        return "\n".join(text for text in (before, after) if text is not None) if before or after else None

    def listed(self, children: Children, kind: type) -> Listed:
        return Listed(self.cover(children), tuple([child for child in children if isinstance(child, kind)]))

    # --- items of a file ---

    def file(self, children: Children) -> tree.File:
        items = tuple(child for child in children if isinstance(child, tree.Item | tree.Const))
        for item in items[1:]:
            if isinstance(item, tree.Language):
                self.diagnostics.error("P0017", "`language` must be the first thing in a file", item.span)
        return tree.File(self.source.span(0, len(self.source.text)), items)

    def language(self, children: Children) -> tree.Language:
        _, token = children
        number = self.literal([token])
        value = number.value if isinstance(number, tree.Literal) else None
        if token.text and value not in LANGUAGES:
            known = ", ".join(str(version) for version in LANGUAGES)
            self.diagnostics.error(
                "P0012",
                f"unknown language version {token.text}",
                token.span(self.source),
                help=f"known versions: {known}",
            )
        return tree.Language(self.cover(children), value if isinstance(value, int) else LANGUAGES[-1])

    def import_file(self, children: Children) -> tree.Import | None:
        _, path, _, alias = children
        self.require_plain(path, "the path of an import")
        return tree.Import(self.cover(children), path, self.name(alias)) if alias.text else None

    def const(self, children: Children) -> tree.Const | None:
        _, name, _, type_, _, value = children
        span = self.cover(children)
        return tree.Const(span, self.name(name), type_, value, self.documentation(span)) if name.text else None

    def type_alias(self, children: Children) -> tree.TypeAlias | None:
        _, name, _, type_ = children
        span = self.cover(children)
        return tree.TypeAlias(span, self.name(name), type_, self.documentation(span)) if name.text else None

    def component(self, children: Children) -> tree.Component | None:
        _, name, parameters, results, _, implementation, body = children
        span = self.cover(children)
        if not name.text:
            return None
        doc = self.documentation(span)
        return tree.Component(span, self.name(name), doc, _items(parameters), results, implementation, _items(body))

    def pipeline(self, children: Children) -> tree.Pipeline | None:
        _, name, parameters, results, block = children
        span = self.cover(children)
        if not name.text:
            return None
        doc = self.documentation(span)
        return tree.Pipeline(span, self.name(name), doc, _items(parameters), results, _items(block))

    def test(self, children: Children) -> tree.Test | None:
        title, pipeline = children[1], children[3]
        self.require_plain(title, "the title of a test")
        body = tuple(child for child in children if isinstance(child, tree.Given | tree.Expect | tree.Option))
        return tree.Test(self.cover(children), title, self.name(pipeline), body) if pipeline.text else None

    def given_value(self, children: Children) -> tree.Given:
        return tree.Given(self.cover(children), children[1], children[3], None)

    def given_state(self, children: Children) -> tree.Given:
        return tree.Given(self.cover(children), children[1], None, self.name(children[3]))

    def expect(self, children: Children) -> tree.Expect:
        subjects = tuple(child for child in children if isinstance(child, tree.Expression))
        state = children[-1]
        span = self.cover(children)
        if state is None and len(subjects) > 1:
            self.diagnostics.error(
                "P0003",
                "expected `is` and a state after several tasks",
                Span(self.source, span.end, span.end),
                help="write `expect a, b is success`, or one `expect` for each condition",
            )
        return tree.Expect(span, subjects, self.name(state) if state else None)

    # --- pieces of declarations ---

    def parameters(self, children: Children) -> Listed:
        return self.listed(children, tree.Parameter)

    def parameter(self, children: Children) -> tree.Parameter | None:
        name, _, type_, _, default = children
        span = self.cover(children)
        if not name.text:
            return None
        return tree.Parameter(span, self.name(name), type_, default, self.documentation(span))

    def single_result(self, children: Children) -> tree.Results:
        return tree.Results(self.cover(children), children[1], ())

    def named_results(self, children: Children) -> tree.Results:
        fields = tuple(child for child in children if isinstance(child, tree.Field))
        return tree.Results(self.cover(children), None, fields)

    def field(self, children: Children) -> tree.Field | None:
        name, _, type_ = children
        return tree.Field(self.cover(children), self.name(name), type_) if name.text else None

    def inputs(self, children: Children) -> Listed:
        return self.listed(children, tree.Binding)

    def binding(self, children: Children) -> tree.Binding | None:
        name, _, value = children
        return tree.Binding(self.cover(children), self.name(name), value) if name.text else None

    def after(self, children: Children) -> Listed:
        return self.listed(children, tree.Reference)

    def reference(self, children: Children) -> tree.Reference:
        keys = tuple([child for child in children[1:] if isinstance(child, tree.Expression)])
        return tree.Reference(self.cover(children), self.name(children[0]), keys)

    def link(self, children: Children) -> Listed:
        return self.listed(children, tree.Reference)

    def block(self, children: Children) -> Listed:
        return self.listed(children, tree.Statement)

    def body(self, children: Children) -> Listed:
        return self.listed(children, tree.Statement)

    # --- statements ---

    def option(self, children: Children) -> tree.Option | None:
        name, _, value = children
        return tree.Option(self.cover(children), self.name(name), value) if name.text else None

    def target(self, children: Children) -> tree.TargetBlock | None:
        name = children[1]
        options = tuple(child for child in children if isinstance(child, tree.Option))
        return tree.TargetBlock(self.cover(children), self.name(name), options) if name.text else None

    def require(self, children: Children) -> tree.Require:
        _, condition, _, message = children
        return tree.Require(self.cover(children), condition, message)

    def on(self, children: Children) -> tree.On:
        events = tuple(self.name(child) for child in children[1:] if isinstance(child, Token) and child.kind == "NAME")
        return tree.On(self.cover(children), events, children[-1])

    def task(self, children: Children) -> tree.Task | None:
        _, name, inputs, results, after, _, implementation, body = children
        span = self.cover(children)
        if not name.text:
            return None
        doc = self.documentation(span)
        return tree.Task(
            span, self.name(name), doc, _items(inputs), results, _items(after), implementation, _items(body)
        )

    def wait(self, children: Children) -> tree.Wait | None:
        _, name, after, _, implementation, body = children
        span = self.cover(children)
        if not name.text:
            return None
        return tree.Wait(span, self.name(name), self.documentation(span), _items(after), implementation, _items(body))

    def gate(self, children: Children) -> tree.Gate | None:
        _, name, after, body = children
        span = self.cover(children)
        doc = self.documentation(span)
        return tree.Gate(span, self.name(name), doc, _items(after), _items(body)) if name.text else None

    def approval(self, children: Children) -> tree.Approval | None:
        _, name, after, body = children
        span = self.cover(children)
        doc = self.documentation(span)
        return tree.Approval(span, self.name(name), doc, _items(after), _items(body)) if name.text else None

    def if_statement(self, children: Children) -> tree.If:
        _, condition, _, name, then, _, otherwise = children
        match otherwise:
            case tree.If():
                rest: tuple[tree.Statement, ...] | None = (otherwise,)
            case Listed():
                rest = otherwise.items
            case _:
                rest = None
        return tree.If(self.cover(children), condition, self.name(name) if name else None, _items(then), rest)

    def for_statement(self, children: Children) -> tree.For:
        variables = tuple(child for child in children if isinstance(child, tree.LoopVariable))
        return tree.For(self.cover(children), variables, _items(children[-1]))

    def map_statement(self, children: Children) -> tree.Map:
        _, variable, block = children
        return tree.Map(self.cover(children), variable, _items(block))

    def variable(self, children: Children) -> tree.LoopVariable:
        name, _, iterable = children
        return tree.LoopVariable(self.cover(children), self.name(name), iterable)

    def group(self, children: Children) -> tree.Group | None:
        _, name, block = children
        span = self.cover(children)
        return tree.Group(span, self.name(name), self.documentation(span), _items(block)) if name.text else None

    def finally_block(self, children: Children) -> tree.Finally:
        return tree.Finally(self.cover(children), _items(children[1]))

    def order(self, children: Children) -> tree.Order:
        links = tuple(child.items for child in children if isinstance(child, Listed))
        return tree.Order(self.cover(children), links)

    def return_statement(self, children: Children) -> tree.Return:
        return tree.Return(self.cover(children), children[1])


def _items(listed: Listed | None) -> tuple[Any, ...]:
    return () if listed is None else listed.items
