"""What a `for` loops over: lists of simple values, known when compiling."""

from __future__ import annotations

from pipec.diagnostics.model import Diagnostics
from pipec.ir.expressions import LiteralValue
from pipec.ir.types import ListType, LiteralUnion, ScalarType
from pipec.semantics.excerpts import excerpt
from pipec.semantics.expressions import Checker
from pipec.semantics.ordering import calls_env, names_in
from pipec.semantics.symbols import ConstantSymbol, ImportSymbol, Scope
from pipec.syntax import tree


def is_constant(node: tree.Expression, scope: Scope) -> bool:
    """Whether an expression reads nothing but constants."""
    return not calls_env(node) and all(
        isinstance(scope.find(name), ConstantSymbol | ImportSymbol) for name in names_in(node)
    )


def loop_values(variable: tree.LoopVariable, scope: Scope, diagnostics: Diagnostics) -> list[LiteralValue] | None:
    """The values of one loop variable, each of the narrowest type; None where its list is faulty."""
    if not is_constant(variable.iterable, scope):
        _report_not_constant(variable, scope, diagnostics)
        return None
    literal = Checker(diagnostics, scope).constant(variable.iterable, "the list of a `for`")
    if literal is None:
        return None
    if not isinstance(literal.value, list) or not isinstance(literal.type, ListType):
        diagnostics.error(
            "P0201", f"`for` needs a list, this is {literal.type}", variable.iterable.span, label=str(literal.type)
        )
        return None
    element = literal.type.element
    simple = isinstance(element, ScalarType | LiteralUnion)
    if not simple or any(isinstance(value, list | dict) or value is None for value in literal.value):
        diagnostics.error(
            "P0403",
            "a `for` needs simple values: they become the keys of its tasks",
            variable.iterable.span,
            label=str(literal.type),
        )
        return None
    if len(set(literal.value)) < len(literal.value):
        diagnostics.error(
            "P0403", "the list of a `for` holds a value twice", variable.iterable.span, label="keys must differ"
        )
        return None
    return [
        LiteralValue(value=value, type=LiteralUnion(values=(value,)) if isinstance(element, LiteralUnion) else element)
        for value in literal.value
    ]


def _report_not_constant(variable: tree.LoopVariable, scope: Scope, diagnostics: Diagnostics) -> None:
    """A list known only in the run, or a name that is nothing at all."""
    for name in sorted(names_in(variable.iterable)):
        if scope.find(name) is None and name != "run":
            Checker(diagnostics, scope).check(variable.iterable)
            return
    written = excerpt(variable.iterable.span)
    diagnostics.error(
        "P0402",
        f"`for` needs a list known when compiling, `{written}` is known only in the run",
        variable.iterable.span,
        label="known only in the run",
        help=f"use map: `map {variable.name.text} in {written} {{ … }}`",
    )
