"""What values that are given make of a run: the decisions that can then be made, the lists that are then known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipec.analysis.assumptions import Items, Origin, Side
from pipec.analysis.graph import topological_order, upstream_map
from pipec.analysis.never_runs import Needs
from pipec.ir.expressions import Expression, OutputReference, ParameterReference, walk
from pipec.ir.model import Decision, Pipeline


@dataclass(frozen=True, slots=True)
class GivenValues:
    """What is said of a run, in JSON form: by parameter, by task and output, by decision and by map.

    `rejected` are approvals.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    sides: Mapping[str, bool] = field(default_factory=dict)
    items: Mapping[str, int] = field(default_factory=dict)
    rejected: frozenset[str] = frozenset()


def sides_given(pipeline: Pipeline, given: GivenValues) -> dict[str, Side]:
    """The decisions whose side is given or follows from what is given, in source order.

    Parameters that are not given have their defaults, but a decision that reads nothing given stays open: another run
    may decide it otherwise. Tasks that are then skipped leave nothing behind.
    """
    found = {decision: Side(taken, "given") for decision, taken in given.sides.items()}
    if given.parameters or given.outputs or given.sides or given.rejected:
        tasks = {task.id: task for task in pipeline.tasks}
        values, made = _Values(pipeline, given, given.sides), len(found)
        for id in topological_order(upstream_map(pipeline)):
            implementation = tasks[id].implementation
            if isinstance(implementation, Decision) and id not in found:
                if len(found) > made:
                    made = len(found)
                    values = _Values(pipeline, given, {decision: side.taken for decision, side in found.items()})
                taken = None if id in values.skipped else values.truth(implementation.condition)
                if taken is not None and values.reads_given(implementation.condition):
                    found[id] = Side(taken, "given")
    return {task.id: found[task.id] for task in pipeline.tasks if task.id in found}


def items_given(pipeline: Pipeline, given: GivenValues, sides: Mapping[str, Side]) -> dict[str, Items]:
    """By map: how many items are given, follow from what is given, or from the defaults of parameters."""
    found: dict[str, Items] = {}
    if pipeline.maps:
        values = _Values(pipeline, given, {decision: side.taken for decision, side in sides.items()})
        for region in pipeline.maps:
            if region.name in given.items:
                found[region.name] = Items(given.items[region.name], "given")
            elif (number := values.length(region.items)) is not None:
                origin: Origin = "given" if values.reads_given(region.items) else "default"
                found[region.name] = Items(number, origin)
    return found


class _Values:
    """What can be computed before a run where some values are given and some sides of decisions are known."""

    def __init__(self, pipeline: Pipeline, given: GivenValues, sides: Mapping[str, bool]) -> None:
        from pipec.engine.unknown import UNKNOWN, UncertainScope

        self.skipped = {task.id for task in pipeline.tasks}
        self.skipped -= Needs(pipeline, decisions_fail=False).sides(sides, rejected=given.rejected).keys()
        self._given = given
        outputs = dict(_outputs(pipeline, UNKNOWN))
        for task, output in outputs:
            if task in self.skipped:
                outputs[task, output] = None
        self._scope = UncertainScope(parameters=_parameters(pipeline, given), outputs=outputs | dict(given.outputs))

    def truth(self, condition: Expression) -> bool | None:
        """Whether a condition holds; None where that is not known, or it cannot be computed."""
        from pipec.engine.evaluate import EvaluationError
        from pipec.engine.unknown import truth

        try:
            return truth(condition, self._scope)
        except EvaluationError:
            return None

    def length(self, items: Expression) -> int | None:
        """How many items a list has; None where that is not known, or it cannot be computed."""
        from pipec.engine.evaluate import EvaluationError
        from pipec.engine.unknown import items_value

        try:
            return len(items_value(items, self._scope))
        except EvaluationError:
            return None

    def reads_given(self, expression: Expression) -> bool:
        """Whether an expression reads something given, or what is skipped because of it."""
        return any(
            (isinstance(part, ParameterReference) and part.name in self._given.parameters)
            or (
                isinstance(part, OutputReference)
                and ((part.task, part.output) in self._given.outputs or part.task in self.skipped)
            )
            for part in walk(expression)
        )


def _parameters(pipeline: Pipeline, given: GivenValues) -> dict[str, Any]:
    """The values of parameters, unknown where a default hangs on the run or there is none."""
    from pipec.engine.evaluate import EvaluationError
    from pipec.engine.unknown import UNKNOWN, UncertainScope, json_value

    values: dict[str, Any] = {}
    for parameter in pipeline.parameters:
        values[parameter.name] = given.parameters.get(parameter.name, UNKNOWN)
        if parameter.name not in given.parameters and parameter.default is not None:
            try:
                values[parameter.name] = json_value(parameter.default, UncertainScope(parameters=values))
            except EvaluationError:
                continue
    return values


def _outputs(pipeline: Pipeline, value: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    for task in pipeline.tasks:
        yield from (((task.id, output.name), value) for output in task.outputs)
