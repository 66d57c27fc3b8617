"""The outline of a file, and what can be folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lsprotocol import types as lsp

from pipec.diagnostics.model import Diagnostics
from pipec.lsp.documents import Document
from pipec.semantics.excerpts import excerpt
from pipec.syntax import tree
from pipec.syntax.lexer import tokenize
from pipec.syntax.tokens import CLOSER, TEXTS

_KIND = lsp.SymbolKind


def document_symbols(document: Document) -> list[lsp.DocumentSymbol]:
    """Everything that a file declares, nested as it is written."""
    if document.module is None:
        return []
    return [symbol for item in document.module.file.items for symbol in _item(document, item)]


def _item(document: Document, item: tree.Node) -> Iterator[lsp.DocumentSymbol]:
    match item:
        case tree.Import(alias=alias, path=path):
            yield _symbol(document, item, alias, _KIND.Module, detail=path.plain or "")
        case tree.Const(name=name, value=value):
            yield _symbol(document, item, name, _KIND.Constant, detail=excerpt(value.span))
        case tree.TypeAlias(name=name, type=type):
            yield _symbol(document, item, name, _KIND.TypeParameter, detail=excerpt(type.span))
        case tree.Component(name=name, parameters=parameters):
            children = [_symbol(document, one, one.name, _KIND.Variable) for one in parameters]
            yield _symbol(document, item, name, _KIND.Class, children, "component")
        case tree.Pipeline(name=name, parameters=parameters, body=body):
            children = [_symbol(document, one, one.name, _KIND.Variable) for one in parameters]
            yield _symbol(document, item, name, _KIND.Class, [*children, *_statements(document, body)], "pipeline")
        case tree.Test(title=title):
            yield _symbol(document, item, tree.Name(title.span, title.plain or "test"), _KIND.Method, detail="test")


def _statements(document: Document, body: Iterable[tree.Statement]) -> Iterator[lsp.DocumentSymbol]:
    for statement in body:
        match statement:
            case tree.Const(name=name, value=value):
                yield _symbol(document, statement, name, _KIND.Constant, detail=excerpt(value.span))
            case tree.Task(name=name) | tree.Wait(name=name) | tree.Gate(name=name) | tree.Approval(name=name):
                word = type(statement).__name__.lower()
                yield _symbol(document, statement, name, _KIND.Function, detail=word)
            case tree.Group(name=name, body=inner):
                yield _symbol(document, statement, name, _KIND.Namespace, [*_statements(document, inner)], "group")
            case tree.If(condition=condition, name=name, then=then, otherwise=otherwise):
                inside = [*_statements(document, (*then, *(otherwise or ())))]
                shown = name or tree.Name(condition.span, f"if {excerpt(condition.span)}")
                yield _symbol(document, statement, shown, _KIND.Operator, inside, "if")
            case tree.For(variables=variables, body=inner) if variables:
                span = variables[0].span.to(variables[-1].span)
                shown = tree.Name(span, f"for {excerpt(span)}")
                yield _symbol(document, statement, shown, _KIND.Array, [*_statements(document, inner)])
            case tree.Map(variable=variable, body=inner):
                shown = tree.Name(variable.span, f"map {excerpt(variable.span)}")
                yield _symbol(document, statement, shown, _KIND.Array, [*_statements(document, inner)])
            case tree.Finally(body=inner):
                shown = tree.Name(statement.span.source.span(statement.span.start, statement.span.start + 7), "finally")
                yield _symbol(document, statement, shown, _KIND.Event, [*_statements(document, inner)])


def _symbol(
    document: Document,
    node: tree.Node,
    name: tree.Name,
    kind: lsp.SymbolKind,
    children: list[lsp.DocumentSymbol] | None = None,
    detail: str = "",
) -> lsp.DocumentSymbol:
    whole = document.positions.range_of(node.span)
    return lsp.DocumentSymbol(
        name=name.text or "…",
        kind=kind,
        range=whole,
        selection_range=document.positions.range_of(name.span),
        detail=detail or None,
        children=children or None,
    )


def folding_ranges(document: Document) -> list[lsp.FoldingRange]:
    """Brackets, long strings and comments that go over several lines."""
    ranges: list[lsp.FoldingRange] = []
    opened: list[int] = []
    for token in tokenize(document.source, Diagnostics()).items:
        if token.kind in CLOSER:
            opened.append(token.start)
        elif token.kind in CLOSER.values() and opened:
            first = document.positions.position(opened.pop()).line
            last = document.positions.position(token.start).line - 1  # the closing bracket stays in sight
            if last > first:
                ranges.append(lsp.FoldingRange(first, last))
        elif token.kind in TEXTS:
            first, last = (document.positions.position(place).line for place in (token.start, token.end))
            if last > first:
                ranges.append(lsp.FoldingRange(first, last))
    return [*ranges, *_comments(document)]


def _comments(document: Document) -> Iterator[lsp.FoldingRange]:
    """Comments that stand alone on lines below each other."""
    first: int | None = None
    lines = document.text.split("\n")
    for number, line in enumerate([*lines, ""]):
        if line.lstrip().startswith("#"):
            first = number if first is None else first
        elif first is not None:
            if number - 1 > first:
                yield lsp.FoldingRange(first, number - 1, kind=lsp.FoldingRangeKind.Comment)
            first = None
