"""What a pipeline returns, against what it declares to return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipec.diagnostics.model import Label
from pipec.ir.assignable import contains_secret
from pipec.ir.types import RecordType, Type
from pipec.semantics.expressions import Checker
from pipec.semantics.headers import read_results
from pipec.semantics.symbols import Scope
from pipec.semantics.typed import Typed
from pipec.syntax import tree


def read_returns(node: tree.Pipeline, file_scope: Scope, checker: Checker) -> Typed | None:
    """The returned expression, its `span` that of the whole statement; None where nothing sound is returned.

    `checker` types it in the scope of the pipeline's body, `file_scope` holds the types that a header may name.
    """
    declared = read_results(node.results, file_scope, checker.diagnostics)
    statement = _only_return(node, checker)
    typed = checker.check(statement.value) if statement is not None else None
    if statement is None or typed is None:
        return None
    if contains_secret(typed.type):
        checker.diagnostics.error("P0210", "what the pipeline returns cannot hold a secret", typed.span)
        return None
    if declared.single_output and (single := declared.outputs["output"]) is not None:
        typed = checker.fitted(typed, single, "what the pipeline returns") or typed
    elif declared.outputs:
        _check_fields(node, typed.type, declared.outputs, statement, checker)
    return replace(typed, span=statement.span)


def _only_return(node: tree.Pipeline, checker: Checker) -> tree.Return | None:
    """The first `return` of the body; reports further ones, and none where one is declared."""
    statements = [statement for statement in node.body if isinstance(statement, tree.Return)]
    for extra in statements[1:]:
        checker.diagnostics.error(
            "P0405", "a pipeline returns once", extra.span, labels=(Label(statements[0].span, "first here"),)
        )
    if not statements and node.results is not None:
        checker.diagnostics.error(
            "P0412",
            f"pipeline `{node.name.text}` declares what it returns and has no `return`",
            node.results.span,
            help="add `return …` to its body",
        )
    return statements[0] if statements else None


def _check_fields(
    node: tree.Pipeline, type: Type, declared: Mapping[str, Type | None], statement: tree.Return, checker: Checker
) -> None:
    fields = {field.name for field in type.fields} if isinstance(type, RecordType) else set()
    if not isinstance(statement.value, tree.MapDisplay) or fields != set(declared):
        checker.diagnostics.error(
            "P0412",
            f"pipeline `{node.name.text}` declares {', '.join(declared)}, and returns {type}",
            statement.span,
            help=f"return {{ {', '.join(f'{name}: …' for name in declared)} }}",
        )
        return
    for entry in statement.value.entries:
        wanted = declared[entry.key.text]
        if wanted is not None:
            checker.check_as(entry.value, wanted, f"`{entry.key.text}`")
