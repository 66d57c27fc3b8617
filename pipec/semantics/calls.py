"""Calls in expressions: the built-in functions, and `secret`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipec.ir.expressions import FunctionCall, LiteralValue
from pipec.ir.types import SECRET
from pipec.semantics.arguments import called_name
from pipec.semantics.excerpts import excerpt, one_line
from pipec.semantics.operators import FUNCTIONS, function_type
from pipec.semantics.typed import Phase, Typed
from pipec.semantics.types import may_be_null, without_null
from pipec.syntax import tree

if TYPE_CHECKING:
    from pipec.semantics.expressions import Checker


def read_call(checker: Checker, node: tree.Call) -> Typed | None:
    """A call of a built-in function, or of `secret`."""
    name = called_name(node)
    if name == "secret":
        return _secret(checker, node)
    if name not in FUNCTIONS:
        what = f"`{excerpt(node.function.span)}`"
        message = f"{what} is not a function of expressions"
        checker.unknown_name("P0101", message, node.function, list(FUNCTIONS), kind="function")
        return None
    arguments = [checker.check(argument.value) for argument in node.arguments]
    named = next((argument.name for argument in node.arguments if argument.name is not None), None)
    if named is not None:
        checker.diagnostics.error(
            "P0207", f"`{name}` takes no named arguments", named.span, help=f"call it as {FUNCTIONS[name]}"
        )
        return None
    given = [argument for argument in arguments if argument is not None]
    if len(given) < len(arguments):
        return None
    type = function_type(name, [argument.type for argument in given])
    if type is None:
        if function_type(name, [without_null(argument.type) for argument in given]) is not None:
            for argument in given:
                if may_be_null(argument.type):
                    checker.possibly_null(argument, f"`{name}` needs a value")
            return None
        shown = ", ".join(str(argument.type) for argument in given)
        checker.diagnostics.error(
            "P0207", f"`{name}` does not take ({shown})", node.span, help=f"call it as {FUNCTIONS[name]}"
        )
        return None
    call = FunctionCall(
        function=name, arguments=tuple(argument.expression for argument in given), source=one_line(node.span)
    )
    phase = max([Phase.START if name == "env" else Phase.COMPILE, *(argument.phase for argument in given)])
    return checker.fold(Typed(call, type, phase, node.span))


def _secret(checker: Checker, node: tree.Call) -> Typed | None:
    match node.arguments:
        case (tree.Argument(name=None, value=tree.Text() as text),) if text.plain:
            return Typed(LiteralValue(value=text.plain, type=SECRET), SECRET, Phase.START, node.span)
    checker.diagnostics.error("P0207", "`secret` takes the name of a secret", node.span, help='write secret("name")')
    return None
