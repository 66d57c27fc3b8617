"""Whether a run as a whole failed, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipec.engine.evaluate import EvaluationError, Scope
from pipec.engine.events import Failure
from pipec.engine.graph import Graph
from pipec.engine.states import RunState
from pipec.engine.unknown import json_value
from pipec.ir.expressions import Expression

_NAMED = 5
"""So many failed tasks are named."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a pipeline in a run ended.

    `returns` is its value, `failure` says why it has none; `reason` says why it failed.
    """

    state: RunState
    returns: Any = None
    failure: Failure | None = None
    reason: str = ""


def verdict_of(graph: Graph, returns: Expression | None, scope: Scope) -> Verdict:
    """The verdict on a pipeline whose tasks are all final.

    It failed if a task that nothing outside `finally` follows is failed or upstream_failed: the leaves outside
    `finally`, and every task of `finally`; or if what it returns has no value.
    """
    decisive = [node for node in graph.nodes.values() if node.task.id in graph.leaves]
    failures = [node for node in decisive if node.state in ("failed", "upstream_failed")]
    if failures:
        ordered = sorted(failures, key=lambda node: (node.position, node.path))
        return Verdict("failed", reason=_names([node.id for node in ordered]))
    if returns is None:
        return Verdict("success")
    try:
        return Verdict("success", json_value(returns, scope))
    except EvaluationError as error:
        message = f"the return value: {error}"
        return Verdict("failed", failure=Failure("output", message), reason=message)


def _names(ids: list[str]) -> str:
    shown = ", ".join(ids[:_NAMED])
    return f"{shown} and {len(ids) - _NAMED} more" if len(ids) > _NAMED else shown
