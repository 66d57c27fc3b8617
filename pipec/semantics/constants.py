"""Constants: computed when compiling, replaceable from the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipec.diagnostics.model import Diagnostics
from pipec.ir.expressions import LiteralValue
from pipec.ir.types import LiteralUnion, Type
from pipec.semantics.definitions import define
from pipec.semantics.expressions import Checker
from pipec.semantics.operators import fits
from pipec.semantics.ordering import in_dependency_order, names_in
from pipec.semantics.symbols import ConstantSymbol, Scope
from pipec.semantics.typed import Phase, Typed
from pipec.semantics.types import is_text, widen
from pipec.semantics.written_types import resolve_type
from pipec.syntax import tree
from pipec.syntax.parser import parse_expression
from pipec.syntax.source import Source, Span


def define_constants(
    nodes: Iterable[tree.Const],
    scope: Scope,
    diagnostics: Diagnostics,
    given: Mapping[str, str] | None = None,
) -> None:
    """Enters the consts of a block into its scope; `given` are texts that replace values, by name."""
    replaced = given or {}
    ordered, circular = in_dependency_order(nodes, lambda node: names_in(node.value))
    for node in circular:
        diagnostics.error("P0401", f"const `{node.name.text}` depends on itself", node.name.span)
        define(scope, node.name, ConstantSymbol(None, node.name.span), diagnostics)
    for node in ordered:
        symbol = _constant(node, scope, diagnostics, replaced.get(node.name.text))
        define(scope, node.name, symbol, diagnostics)


def _constant(node: tree.Const, scope: Scope, diagnostics: Diagnostics, given: str | None) -> ConstantSymbol:
    """The symbol of a `const`; `given` is the text that replaces its value."""
    checker = Checker(diagnostics, scope)
    value = checker.constant(node.value, f"const `{node.name.text}`", may_be_secret=True)
    declared = resolve_type(node.type, scope, diagnostics) if node.type is not None else None
    if given is not None and value is not None:
        value = _given_value(node, given, declared or widen(value.type), scope, diagnostics)
    elif value is not None and declared is not None:
        typed = Typed(value, value.type, Phase.COMPILE, node.value.span)
        fitting = checker.require_type(typed, declared, f"const `{node.name.text}`")
        value = LiteralValue(value=value.value, type=declared) if fitting else None
    return ConstantSymbol(value, node.name.span)


def _given_value(
    node: tree.Const, given: str, type: Type, scope: Scope, diagnostics: Diagnostics
) -> LiteralValue | None:
    """A value from the command line: text as it is for text types, an expression of the language for the rest."""
    if is_text(type) and fits(LiteralUnion(values=(given,)), type):
        return LiteralValue(value=given, type=type)
    source = Source(f"-D {node.name.text}", given)
    found = Diagnostics()
    expression = parse_expression(source, found)
    value = Checker(found, scope).constant(expression, f"const `{node.name.text}`") if expression is not None else None
    if value is None or found.has_errors or not fits(value.type, type, empty_list=value.value == []):
        span = Span(source, 0, len(given))
        diagnostics.error(
            "P0201", f"const `{node.name.text}` needs {type}, `{given}` is not one", span, help=f"declared as {type}"
        )
        return None
    return LiteralValue(value=value.value, type=type)
