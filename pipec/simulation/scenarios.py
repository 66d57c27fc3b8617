"""From a program to what is simulated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipec.engine.capacity import Capacity
from pipec.engine.context import run_context
from pipec.engine.unknown import Unknown
from pipec.ir.model import Pipeline, Program
from pipec.ir.traverse import called_pipelines
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
    """A pipeline as it is written. Parameters without a value are unknown; `moment` is the time the run is for.

    Raises ParameterError where a default has no value.
    """
    pipeline = program.pipelines[key]
    context = run_context(pipeline, moment, "simulated", "")
    missing = {
        parameter.name: Unknown((parameter.name,))
        for parameter in pipeline.parameters
        if parameter.default is None and parameter.name not in parameters
    }
    values, problems = complete_parameters(pipeline, {**parameters, **missing}, context)
    if problems:
        raise ParameterError(problems)
    called = {other: program.pipelines[other] for other in called_pipelines(program, key) if other != key}
    return Scenario(AS_WRITTEN, pipeline, called, values, context, capacity, assumptions)
