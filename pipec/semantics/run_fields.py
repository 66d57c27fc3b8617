"""The facts of a run: `run.date` and the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipec.ir.expressions import RunField, RunReference
from pipec.ir.types import DATE, DATETIME, INT, STR, Type
from pipec.semantics.symbols import Scope
from pipec.semantics.typed import Phase, Typed
from pipec.syntax import tree

if TYPE_CHECKING:
    from pipec.semantics.expressions import Checker

RUN_FIELDS: dict[RunField, Type] = {
    "date": DATE,
    "timestamp": DATETIME,
    "interval_start": DATETIME,
    "interval_end": DATETIME,
    "id": STR,
    "attempt": INT,
    "pipeline": STR,
    "url": STR,
}


def read_run_field(checker: Checker, node: tree.Attribute) -> Typed | None:
    """`run.NAME`."""
    for name, type in RUN_FIELDS.items():
        if name == node.name.text:
            return Typed(RunReference(field=name, type=type), type, Phase.START, node.span)
    if checker.measures is not None:
        return checker.measures.of_run(checker, node, list(RUN_FIELDS))
    checker.unknown_name("P0101", f"`run` has no `{node.name.text}`", node.name, list(RUN_FIELDS), kind="run")
    return None


def is_run(node: tree.Expression, scope: Scope) -> bool:
    """Whether a path starts at `run`, unless something of the file is called so."""
    while isinstance(node, tree.Attribute | tree.Index | tree.Splat):
        node = node.base
    return isinstance(node, tree.NameReference) and node.name == "run" and scope.find("run") is None
