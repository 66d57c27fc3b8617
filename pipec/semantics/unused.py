"""L150 to L152: parameters, consts and components that nothing reads.

A name counts as read wherever it stands in the block it belongs to, also where something further inside hides it and in
a branch that is left out when compiling: what is reported is read nowhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from pipec.diagnostics.model import Diagnostics, Fix, removal
from pipec.syntax import tree
from pipec.syntax.source import Span

_READ_NOTHING = frozenset(
    {
        "BinaryOperator",
        "LiteralKind",
        "Name",
        "Name | None",
        "Span",
        "TypeExpression",
        "TypeExpression | None",
        "UnaryOperator",
        "bool",
        "int",
        "str",
        "str | None",
    }
)
"""Types of fields that hold no names of consts, parameters or components."""  # fmt: skip


def unused_definitions(file: tree.File, diagnostics: Diagnostics) -> None:
    """Reports the consts and components of a file that nothing in it uses."""
    consts = {item.name.text: item for item in file.items if isinstance(item, tree.Const)}
    components = {item.name.text: item for item in file.items if isinstance(item, tree.Component)}
    unread = _unread({*consts, *components}, file.items, file.span.source.text)
    _report_consts(consts, unread, diagnostics)
    for name, component in components.items():
        if name in unread:
            diagnostics.warning(
                "L152",
                f"component `{name}` is not used",
                component.name.span,
                notes=("a component does nothing until a task places it",),
                help=f"place it, `task … = {name}`, or remove it",
                fix=_removal("remove the component", component.span, component.doc),
            )


def unused_in_pipeline(pipeline: tree.Pipeline, diagnostics: Diagnostics) -> None:
    """Reports the parameters of a pipeline that nothing in it reads, and consts of its blocks."""
    parameters = {parameter.name.text: parameter for parameter in pipeline.parameters}
    unread = _unread(parameters, (pipeline,), pipeline.span.source.text)
    for name, parameter in parameters.items():
        if name in unread:
            diagnostics.warning(
                "L150",
                f"parameter `{name}` of `{pipeline.name.text}` is not used",
                parameter.name.span,
                notes=("whoever gives it a value expects that it changes something",),
                help="read it, or leave it out",
            )
    for block in _blocks(pipeline.body):
        consts = {statement.name.text: statement for statement in block if isinstance(statement, tree.Const)}
        _report_consts(consts, _unread(consts, block, pipeline.span.source.text), diagnostics)


def _report_consts(consts: Mapping[str, tree.Const], unread: set[str], diagnostics: Diagnostics) -> None:
    for name, const in consts.items():
        if name in unread:
            diagnostics.warning(
                "L151",
                f"const `{name}` is not used",
                const.name.span,
                help="remove it",
                fix=_removal("remove the const", const.span, const.doc),
            )


def _removal(title: str, span: Span, doc: str | None) -> Fix | None:
    """None where a doc comment would be left behind, which would then document what stands below."""
    return Fix(title, (removal(span),)) if doc is None else None


def _unread(names: Iterable[str], nodes: Sequence[tree.Node], text: str) -> set[str]:
    """Those of the names that are read nowhere in the nodes. Looks no further than it must.

    `text` is the source: a name that stands in it once is not read, and needs no walk.
    """
    unread = set(names)
    if not unread:
        return unread
    written = Counter(re.findall(r"\w+", text))
    open_names = {name for name in unread if written[name] > 1}
    if open_names:
        for name in _names_read(nodes):
            if name in open_names:
                unread.remove(name)
                open_names.remove(name)
                if not open_names:
                    break
    return unread


def _names_read(nodes: Iterable[tree.Node]) -> Iterator[str]:
    """The bare names that expressions read, and those of inputs that stand for their own values."""
    pending: list[Any] = [*nodes]
    while pending:
        node = pending.pop()
        kind = node.__class__
        if kind is tree.NameReference:
            yield node.name
        elif kind is tuple:
            pending.extend(node)
        elif kind is tree.Binding and node.value is None:
            yield node.name.text
        else:
            pending.extend([getattr(node, name) for name in _parts(kind)])


@cache
def _parts(kind: type) -> tuple[str, ...]:
    """The fields of a kind of node in which names may be read: none of what is no node."""
    if not issubclass(kind, tree.Node):
        return ()
    return tuple(each.name for each in fields(kind) if each.type not in _READ_NOTHING)


def _blocks(body: Sequence[tree.Statement]) -> Iterator[Sequence[tree.Statement]]:
    """A block and the blocks inside it."""
    yield body
    for statement in body:
        match statement:
            case tree.If(then=then, otherwise=otherwise):
                yield from _blocks(then)
                yield from _blocks(otherwise or ())
            case tree.For(body=inner) | tree.Map(body=inner) | tree.Group(body=inner) | tree.Finally(body=inner):
                yield from _blocks(inner)
