"""The tree as a compact S-expression, and a walk over its nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from pipec.diagnostics.model import Diagnostics
from pipec.syntax import tree
from pipec.syntax.parser import parse
from pipec.syntax.source import Source


def dump(value: object) -> str:
    """The tree of an expression or type, else `(Kind field=value …)` without the fields that are None or empty."""
    match value:
        case tree.Name(text=text) | tree.NameReference(name=text):
            return text
        case tree.Literal(kind=kind, value=literal):
            return f"{literal}:{kind}"
        case tree.Text(parts=parts, interpolates=interpolates):
            quote = '"' if interpolates else "'"
            return quote + "".join(part if isinstance(part, str) else f"${{{dump(part)}}}" for part in parts) + quote
        case tree.Binary(operator=operator, left=left, right=right):
            return form(operator, left, right)
        case tree.Unary(operator=operator, operand=operand):
            return form(operator, operand)
        case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
            return form("?:", condition, then, otherwise)
        case tree.Attribute(base=base, name=name):
            return form(".", base, name)
        case tree.Index(base=base, index=index):
            return form("index", base, index)
        case tree.Splat(base=base):
            return form("splat", base)
        case tree.Call(function=function, arguments=arguments):
            return form("call", function, *arguments)
        case tree.ListDisplay(items=items):
            return form("list", *items)
        case tree.MapDisplay(entries=entries):
            return form("map", *entries)
        case tree.NamedType(parts=parts, arguments=arguments):
            dotted = ".".join(part.text for part in parts)
            return form(dotted, *arguments) if arguments else dotted
        case tree.OptionalType(inner=inner):
            return form("?", inner)
        case tree.UnionType(members=members):
            return form("|", *members)
        case tree.LiteralType(value=literal):
            return repr(literal)
        case tree.Reference(name=name, keys=keys):
            return form("index", name, *keys) if keys else dump(name)
        case (
            tree.Argument(name=name, value=inner)
            | tree.Binding(name=name, value=inner)
            | tree.Entry(key=name, value=inner)
        ):
            return "=".join(dump(part) for part in (name, inner) if part is not None)
        case tree.Field(name=name, type=type_):
            return f"{dump(name)}:{dump(type_)}"
        case tree.Results(single=single, fields=fields_):
            return dump(fields_ if single is None else single)
        case tree.Node():
            shown = [(f.name, getattr(value, f.name)) for f in fields(value) if f.name != "span"]
            return form(
                type(value).__name__, *(f"{name}={dump(field)}" for name, field in shown if field not in (None, ()))
            )
        case tuple():
            return "[" + " ".join(dump(item) for item in value) + "]"
        case _:
            return str(value)


def form(head: str, *parts: object) -> str:
    return f"({' '.join([head, *map(dump, parts)])})"


def children(node: tree.Node) -> Iterator[tree.Node]:
    """The nodes right below a node, in the order of its fields."""
    pending = [getattr(node, f.name) for f in fields(node) if f.name != "span"]
    while pending:
        value = pending.pop(0)
        if isinstance(value, tree.Node):
            yield value
        elif isinstance(value, tuple):
            pending = [*value, *pending]


def walk(node: tree.Node) -> Iterator[tree.Node]:
    """A node and all nodes below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def parsed(text: str) -> tree.File:
    """The tree of a text without faults."""
    diagnostics = Diagnostics()
    file = parse(Source("test.pipe", text), diagnostics)
    assert [(d.code, d.message) for d in diagnostics.found] == []
    assert file is not None
    return file


def faults(text: str) -> list[tuple[str, int, int]]:
    """Code, line and column of each fault of a text."""
    diagnostics = Diagnostics()
    parse(Source("test.pipe", text), diagnostics)
    return [(d.code, *d.span.source.position(d.span.start)) for d in diagnostics.sorted()]
