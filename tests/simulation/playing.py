"""Simulates pipelines of a text with outcomes fixed beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipec.engine.capacity import Capacity
from pipec.engine.events import Failure
from pipec.engine.unknown import UNKNOWN
from pipec.ir.model import ApprovalRequest, Task
from pipec.parameters import complete_parameters
from pipec.simulation.driver import simulate
from pipec.simulation.outcomes import Outcome
from pipec.simulation.simulated import SimulatedRun
from tests.engine.driver import program
from tests.support.ir_builder import CONTEXT

ERROR = Failure("error", "it broke", ("builtins.RuntimeError", "builtins.Exception"))


class Fixed:
    """Outcomes by task: each attempt has its own, the last is that of all later ones.

    A number is that of seconds after which a task gives outputs that nobody knows, or a person says yes.
    """

    def __init__(self, outcomes: Mapping[str, Sequence[Outcome | float]]) -> None:
        self._outcomes = outcomes

    def __call__(self, task: Task, instance: str, attempt: int, inputs: Mapping[str, Any]) -> Outcome:
        given = self._outcomes.get(instance, self._outcomes.get(task.id, [0.0]))
        outcome = given[min(attempt, len(given)) - 1]
        if isinstance(outcome, Outcome):
            return outcome
        if isinstance(task.implementation, ApprovalRequest):
            return Outcome(outcome, True)
        return Outcome(outcome, {output.name: UNKNOWN for output in task.outputs})


def simulated(
    text: str,
    outcomes: Mapping[str, Sequence[Outcome | float]] | None = None,
    parameters: Mapping[str, Any] | None = None,
    slots: int | None = None,
    **options: Any,
) -> SimulatedRun:
    """A run of the last pipeline of a text."""
    found = program(text)
    pipeline = found.pipelines[found.own[-1]]
    values, problems = complete_parameters(pipeline, parameters or {}, CONTEXT)
    assert not problems
    options.setdefault("capacity", Capacity(slots=slots))
    return simulate(pipeline, found.pipelines, values, CONTEXT, Fixed(outcomes or {}), **options)


def times(run: SimulatedRun) -> str:
    """When each instance started and ended, in the order of their first start: `a:0-10 b:10-30`."""
    return " ".join(
        f"{id}:{run.tasks[id].started:g}-{run.tasks[id].ended:g}"
        for id in dict.fromkeys(run.starts)
        if run.tasks[id].ended is not None
    )


def states(run: SimulatedRun) -> str:
    """`a=success b=failed`, in the order they began to be."""
    return " ".join(f"{id}={task.state}" for id, task in run.tasks.items())
