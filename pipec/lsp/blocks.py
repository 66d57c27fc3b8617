"""The scopes of a file as it is written: one for each block, where compiling makes one for each turn of a loop.

They hold the symbols that compiling enters, so that names are looked up and typed by the same code. What a loop's
variable stands for differs from turn to turn: here it has no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipec.diagnostics.model import Diagnostics
from pipec.frozen import Frozen
from pipec.ir.types import ListType, Type
from pipec.semantics.constants import define_constants
from pipec.semantics.expressions import Checker
from pipec.semantics.placing import declared_tasks
from pipec.semantics.symbols import (
    ConstantSymbol,
    GroupSymbol,
    ItemSymbol,
    ParameterSymbol,
    Scope,
    Symbol,
    TaskSymbol,
)
from pipec.semantics.types import without_null
from pipec.semantics.written_types import resolve_type
from pipec.syntax import tree
from pipec.syntax.source import Span


class Block(Frozen, by_identity=True):
    """A scope and the part of the text where its names are known. `owner` is what declares it, None for the file."""

    span: Span
    scope: Scope
    owner: tree.Node | None


def header_scope(parameters: Iterable[tree.Parameter], around: Scope) -> Scope:
    """The scope of a pipeline or component with its parameters."""
    scope = Scope(around)
    for parameter in parameters:
        type = resolve_type(parameter.type, around, Diagnostics())
        _enter(scope, parameter.name, ParameterSymbol(parameter.name.text, type, parameter.name.span))
    return scope


def fill(scope: Scope, body: tuple[tree.Statement, ...]) -> None:
    """Enters what the statements of a block declare, in it and in blocks inside it that have no scope of their own."""
    inside = list(_without_scopes(body))
    for statement in inside:
        if isinstance(statement, tree.Group):
            _enter(scope, statement.name, GroupSymbol(statement.name.text, statement.name.span))
    for declared in declared_tasks(body):
        name = declared.node.name
        symbol = TaskSymbol(name.text, name.span, declared.node, scope, declared.depth, declared.is_mapped)
        _enter(scope, name, symbol)
    for decision in _decisions(body):
        if decision.name is not None:
            name = decision.name
            _enter(scope, name, TaskSymbol(name.text, name.span, decision, scope))
    define_constants([one for one in inside if isinstance(one, tree.Const)], scope, Diagnostics())


def loop_scope(node: tree.For | tree.Map, around: Scope) -> Scope:
    """The scope of a loop with its variables and what its body declares."""
    scope = Scope(around)
    if isinstance(node, tree.Map):
        name = node.variable.name
        _enter(scope, name, ItemSymbol(name.text, _element(node.variable.iterable, around), name.span))
    else:
        for variable in node.variables:
            _enter(scope, variable.name, ConstantSymbol(None, variable.name.span))
    fill(scope, node.body)
    return scope


def _enter(scope: Scope, name: tree.Name, symbol: Symbol) -> None:
    scope.names.setdefault(name.text, symbol)


def _element(iterable: tree.Expression, scope: Scope) -> Type | None:
    """The type of what a list holds."""
    typed = Checker(Diagnostics(), scope).check(iterable)
    listed = without_null(typed.type) if typed is not None else None
    return listed.element if isinstance(listed, ListType) else None


def _without_scopes(body: Iterable[tree.Statement]) -> Iterator[tree.Statement]:
    """The statements of a block and of those inside it that share its scope."""
    for statement in body:
        yield statement
        match statement:
            case tree.If(then=then, otherwise=otherwise):
                yield from _without_scopes((*then, *(otherwise or ())))
            case tree.Group(body=inner) | tree.Finally(body=inner):
                yield from _without_scopes(inner)


def _decisions(body: Iterable[tree.Statement]) -> Iterator[tree.If]:
    """Every `if` in a block, however deep."""
    for statement in body:
        match statement:
            case tree.If(then=then, otherwise=otherwise):
                yield statement
                yield from _decisions((*then, *(otherwise or ())))
            case tree.For(body=inner) | tree.Map(body=inner) | tree.Group(body=inner) | tree.Finally(body=inner):
                yield from _decisions(inner)
