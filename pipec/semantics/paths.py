"""Names and what is read from them: `x`, `task.output`, `task[*].output`, `file.const`, `value.key`, `value[0]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipec.diagnostics.model import Label
from pipec.ir.expressions import (
    Expression,
    IndexOperation,
    ItemReference,
    LiteralValue,
    OutputReference,
    ParameterReference,
)
from pipec.ir.types import STR, RecordType, Type
from pipec.semantics import symbols
from pipec.semantics.excerpts import one_line
from pipec.semantics.operators import index_type
from pipec.semantics.outputs import read_output
from pipec.semantics.run_fields import is_run, read_run_field
from pipec.semantics.selection import Selection, select
from pipec.semantics.typed import Phase, Typed
from pipec.semantics.types import may_be_null
from pipec.semantics.written_types import report_undefined
from pipec.syntax import tree

if TYPE_CHECKING:
    from pipec.semantics.expressions import Checker


def read_path(checker: Checker, node: tree.NameReference | tree.Attribute | tree.Index | tree.Splat) -> Typed | None:
    """The value a name or path stands for."""
    if is_run(node, checker.scope):
        return _run_path(checker, node)
    selection = select(node, checker.scope, checker.diagnostics)
    if selection == "faulty":
        return None
    if isinstance(selection, Selection):
        return read_output(checker, selection, None, node.span)
    match node:
        case tree.NameReference():
            return _name(checker, node)
        case tree.Attribute():
            return _attribute(checker, node)
        case tree.Index():
            return _index(checker, node)
        case tree.Splat():
            checker.diagnostics.error(
                "P0404", "`[*]` needs a task of a `for` or `map`", node.span, label="not such a task"
            )
            return None


def _run_path(checker: Checker, node: tree.Expression) -> Typed | None:
    """A fact of the run, or what is inside one."""
    match node:
        case tree.Attribute(base=tree.NameReference()):
            return read_run_field(checker, node)
        case tree.Attribute():
            return _member(checker, node)
        case tree.Index():
            return _index(checker, node)
    checker.diagnostics.error(
        "P0106", "`run` is no value by itself", node.span, help="name a fact of the run, such as `run.date`"
    )
    return None


def _name(checker: Checker, node: tree.NameReference) -> Typed | None:
    match checker.scope.find(node.name):
        case symbols.ConstantSymbol(value=value):
            return Typed(value, value.type, Phase.COMPILE, node.span) if value is not None else None
        case symbols.ParameterSymbol(name=name, type=type):
            if type is None:
                return None
            return Typed(ParameterReference(name=name, type=type), type, Phase.START, node.span)
        case symbols.ValueSymbol(value=bound):
            if bound is None:
                return None
            return Typed(bound.expression, bound.type, bound.phase, node.span, bound.may_be_skipped)
        case symbols.ItemSymbol(map=map, type=type):
            if type is None:
                return None
            return Typed(ItemReference(map=map, type=type), type, Phase.RUN, node.span)
        case symbols.OwnOutputSymbol(task=task, output=output, type=type):
            if type is None:
                return None
            reference = OutputReference(task=task, output=output, type=type)
            return Typed(reference, type, Phase.RUN, node.span)
        case None if any(one.name.text == node.name for one in checker.inputs):
            from pipec.semantics.own_inputs import report_own_input  # here, because a file without faults has none

            report_own_input(checker, node)
        case None:
            known = [*checker.scope.all_names(), "run"]
            checker.unknown_name("P0101", f"`{node.name}` is not defined", node, known)
        case symbol:
            checker.diagnostics.error(
                "P0106",
                f"`{node.name}` is a {symbols.kind_of(symbol)}, not a value",
                node.span,
                labels=(Label(symbol.span, "defined here"),),
            )
    return None


def _attribute(checker: Checker, node: tree.Attribute) -> Typed | None:
    """An output of a task, a const of an imported file, or what is inside a value."""
    selection = select(node.base, checker.scope, checker.diagnostics)
    if selection == "faulty":
        return None
    if isinstance(selection, Selection):
        return read_output(checker, selection, node.name, node.span)
    if isinstance(node.base, tree.NameReference):
        match checker.scope.find(node.base.name):
            case symbols.ImportSymbol() as imported:
                return _imported_value(checker, imported, node.base.name, node)
    return _member(checker, node)


def _imported_value(checker: Checker, imported: symbols.ImportSymbol, alias: str, node: tree.Attribute) -> Typed | None:
    imported.used = True
    if imported.module is None:
        return None
    names = imported.module.scope.names
    match names.get(node.name.text):
        case symbols.ConstantSymbol(value=value):
            return Typed(value, value.type, Phase.COMPILE, node.span) if value is not None else None
        case None:
            report_undefined(alias, node.name, list(names), checker.diagnostics)
        case symbol:
            checker.diagnostics.error(
                "P0106", f"`{alias}.{node.name.text}` is a {symbols.kind_of(symbol)}, not a value", node.span
            )
    return None


def _member(checker: Checker, node: tree.Attribute) -> Typed | None:
    """`value.name`."""
    typed = checker.check(node.base)
    if typed is None:
        return None
    name = node.name.text
    if may_be_null(typed.type):
        checker.possibly_null(typed, f"`.{name}` needs a value")
        return None
    key = LiteralValue(value=name, type=STR)
    found = _record_member(typed.type, key) or index_type(typed.type, STR)
    if found is None and isinstance(typed.type, RecordType):
        known = [field.name for field in typed.type.fields]
        checker.unknown_name("P0206", f"there is no `{name}` in {typed.type}", node.name, known)
        return None
    if found is None:
        checker.diagnostics.error("P0202", f"{typed.type} has no `.{name}`", node.name.span, label=f"of {typed.type}")
        return None
    operation = IndexOperation(base=typed.expression, index=key, source=one_line(node.span))
    return checker.fold(Typed(operation, found, typed.phase, node.span))


def _index(checker: Checker, node: tree.Index) -> Typed | None:
    """`value[key]`."""
    typed, key = checker.check(node.base), checker.check(node.index)
    if typed is None or key is None:
        return None
    if may_be_null(typed.type):
        checker.possibly_null(typed, "`[…]` needs a value")
        return None
    found = _record_member(typed.type, key.expression) or index_type(typed.type, key.type)
    if found is None:
        checker.diagnostics.error(
            "P0202", f"{typed.type} cannot be indexed by {key.type}", node.span, label=f"{typed.type}"
        )
        return None
    operation = IndexOperation(base=typed.expression, index=key.expression, source=one_line(node.span))
    return checker.fold(Typed(operation, found, max(typed.phase, key.phase), node.span))


def _record_member(type: Type, key: Expression) -> Type | None:
    """The type of what stands under a constant key of a record."""
    if isinstance(type, RecordType) and isinstance(key, LiteralValue):
        return next((field.type for field in type.fields if field.name == key.value), None)
    return None
