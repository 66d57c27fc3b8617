"""What a `wait` waits for."""

from __future__ import annotations

from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import hint
from pipec.ir.expressions import Expression
from pipec.ir.types import DATETIME, JSON, STR, Type
from pipec.semantics.arguments import called_name
from pipec.semantics.excerpts import excerpt
from pipec.semantics.expressions import Checker
from pipec.syntax import tree

_CONDITIONS: dict[str, tuple[str, Type, str]] = {
    "file": ("glob", STR, 'file("/data/*.csv")'),
    "object": ("uri", STR, 'object("s3://bucket/key")'),
    "task": ("task", STR, 'task("pipeline.task")'),
    "asset": ("uri", STR, 'asset("s3://bucket/key")'),
    "message": ("topic", STR, 'message("topic")'),
    "until": ("time", DATETIME, "until(run.timestamp + 2h)"),
    "python": ("function", STR, 'python("module:predicate")'),
}
"""Constructor: the name and type of its positional argument, and how it is written."""


def read_wait(
    node: tree.Expression, checker: Checker, diagnostics: Diagnostics
) -> tuple[str, dict[str, Expression]] | None:
    """The constructor's name and its arguments by name; None where it is faulty."""
    name = called_name(node) or ""
    if not isinstance(node, tree.Call) or name not in _CONDITIONS:
        diagnostics.error(
            "P0307",
            f"`{name or excerpt(node.span)}` is nothing that can be waited for",
            node.span,
            help=hint(name, _CONDITIONS, f"write {', '.join(form for _, _, form in _CONDITIONS.values())}"),
        )
        return None
    key, type, form = _CONDITIONS[name]
    arguments: dict[str, Expression] = {}
    positional = [argument for argument in node.arguments if argument.name is None]
    if len(positional) != 1:
        diagnostics.error("P0308", f"`{name}` is not called like this", node.span, help=f"write {form}")
        return None
    for argument in node.arguments:
        wanted = type if argument.name is None else JSON
        typed = checker.check_as(argument.value, wanted, f"`{name}`")
        if typed is None:
            return None
        arguments[argument.name.text if argument.name is not None else key] = typed.expression
    return name, arguments
