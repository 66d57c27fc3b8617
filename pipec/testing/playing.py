"""Plays the run that a test speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipec.engine.evaluate import EvaluationError
from pipec.engine.unknown import UNKNOWN, UncertainScope, Unknown, UnknownValueError, json_value
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import (
    Decision,
    GateCheck,
    Given,
    Pipeline,
    PipelineCall,
    Program,
    Requirement,
    ShellScript,
    Task,
    TestCase,
)
from pipec.ir.types import BOOL, STR
from pipec.parameters import complete_parameters
from pipec.simulation.driver import simulate
from pipec.simulation.simulated import SimulatedRun
from pipec.testing.facts import Facts, GivenError, context_of

_GIVEN = "given"


@dataclass
class Played:
    """A test and the run of it. `pipeline` is the one that was played: what is given of decisions is part of it."""

    case: TestCase
    pipeline: Pipeline
    facts: Facts
    run: SimulatedRun
    tasks: Mapping[str, Task] = field(init=False)

    def __post_init__(self) -> None:
        self.tasks = {task.id: task for task in self.pipeline.tasks}


def play(program: Program, case: TestCase) -> Played:
    """Raises GivenError where something given, or a default that follows from it, has no value."""
    pipeline = with_given(program.pipelines[case.pipeline], case)
    context = context_of(pipeline, case)
    given: dict[str, Any] = {}
    for one in case.givens:
        if one.parameter is not None and one.value is not None:
            given[one.parameter] = _parameter_value(one)
    for parameter in pipeline.parameters:
        if parameter.default is None:
            given.setdefault(parameter.name, UNKNOWN)
    parameters, problems = complete_parameters(pipeline, given, context)
    if problems:
        raise GivenError(Given(location=case.location), problems[0].message)
    facts = Facts(case, pipeline, context, parameters)
    run = simulate(pipeline, program.pipelines, parameters, context, facts, guess=_NoGuess())
    return Played(case, pipeline, facts, run)


def _parameter_value(given: Given) -> Any:
    assert given.value is not None
    try:
        return json_value(given.value, UncertainScope())
    except EvaluationError as error:
        raise GivenError(given, str(error)) from error


class _NoGuess:
    """What a task requires of its own outputs holds where nobody gave them. Nothing else is guessed."""

    def decision(self, instance: str) -> bool:
        raise UnknownValueError(Unknown())

    def items(self, region: str) -> int:
        raise UnknownValueError(Unknown())

    def requirement(self, instance: str, source: str) -> bool:
        return True


def with_given(pipeline: Pipeline, case: TestCase) -> Pipeline:
    """The pipeline with decisions and gates that turn out as given, and given pipelines as tasks of their own."""
    givens: dict[str, list[Given]] = {}
    for given in case.givens:
        if given.task is not None:
            givens.setdefault(given.task, []).append(given)
    if not givens:
        return pipeline
    tasks = tuple(_with_given(task, givens[task.id]) if task.id in givens else task for task in pipeline.tasks)
    is_same = all(one is other for one, other in zip(tasks, pipeline.tasks, strict=True))
    return pipeline if is_same else pipeline.model_copy(update={"tasks": tasks})


def _with_given(task: Task, givens: list[Given]) -> Task:
    match task.implementation:
        case PipelineCall():
            return task.model_copy(update={"implementation": ShellScript(text="")})
        case Decision():
            sides = [given.value for given in givens if given.value is not None]
            return task.model_copy(update={"implementation": Decision(condition=sides[-1])}) if sides else task
        case GateCheck():
            failing = tuple(_failing(given) for given in givens if given.state == "failed")
            return task.model_copy(update={"requirements": failing}) if givens else task
        case _:
            return task


def _failing(given: Given) -> Requirement:
    return Requirement(
        condition=LiteralValue(value=False, type=BOOL),
        message=LiteralValue(value="given as failed", type=STR),
        source=_GIVEN,
        location=given.location,
    )
