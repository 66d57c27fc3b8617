"""From a program to what is simulated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipec.engine.capacity import Capacity
from pipec.engine.context import run_context
from pipec.engine.unknown import Unknown
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import Decision, Pipeline, Program, Task
from pipec.ir.traverse import called_pipelines
from pipec.ir.types import BOOL
from pipec.parameters import ParameterError, complete_parameters
from pipec.simulation.assumptions import Assumptions
from pipec.simulation.study import Scenario

AS_WRITTEN = "as written"


def pipelines_of(program: Program, key: str) -> list[Pipeline]:
    """A pipeline and those it runs as tasks, itself first."""
    return [program.pipelines[called] for called in called_pipelines(program, key)]


def scenario_of(
    program: Program,
    key: str,
    *,
    parameters: Mapping[str, Any],
    moment: datetime,
    capacity: Capacity,
    assumptions: Assumptions,
) -> Scenario:
    """A pipeline as it is written, save for decisions that are given, which decide so whatever they read.

    Parameters without a value are unknown; `moment` is the time the run is for.

    Raises ParameterError where a default has no value.
    """
    pipeline = _decided(program.pipelines[key], assumptions.answers)
    context = run_context(pipeline, moment, "simulated", "")
    missing = {
        parameter.name: Unknown((parameter.name,))
        for parameter in pipeline.parameters
        if parameter.default is None and parameter.name not in parameters
    }
    values, problems = complete_parameters(pipeline, {**parameters, **missing}, context)
    if problems:
        raise ParameterError(problems)
    others = [other for other in called_pipelines(program, key) if other != key]
    called = {other: _decided(program.pipelines[other], assumptions.answers) for other in others}
    return Scenario(AS_WRITTEN, pipeline, called, values, context, capacity, assumptions)


def _decided(pipeline: Pipeline, answers: Mapping[str, bool]) -> Pipeline:
    def of(task: Task) -> Task:
        if task.id not in answers or not isinstance(task.implementation, Decision):
            return task
        decision = Decision(condition=LiteralValue(value=answers[task.id], type=BOOL))
        return task.model_copy(update={"implementation": decision})

    return pipeline.model_copy(update={"tasks": tuple(map(of, pipeline.tasks))}) if answers else pipeline
