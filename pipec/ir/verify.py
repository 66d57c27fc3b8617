"""What every IR must satisfy: a fault here is a bug of the pass that made it, not of the user."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from pipec.ir.assignable import assignable
from pipec.ir.expressions import (
    Expression,
    ItemReference,
    LiteralValue,
    OutputReference,
    ParameterReference,
    RunReference,
    walk,
)
from pipec.ir.model import (
    Decision,
    Estimate,
    Options,
    Pipeline,
    PipelineCall,
    Program,
    Task,
    TestCase,
    WaitCondition,
)
from pipec.ir.traverse import is_upstream, pipeline_expressions, task_expressions
from pipec.ir.types import JSON, ListType, OptionalType, Type, optional


def verify(program: Program) -> list[str]:
    """What is wrong with an IR, one sentence a fault; empty when it is good."""
    faults = [f"`own` names `{name}`, which is no pipeline" for name in program.own if name not in program.pipelines]
    for key, pipeline in program.pipelines.items():
        faults.extend(f"pipeline `{key}`: {fault}" for fault in _pipeline_faults(pipeline, program))
    for test in program.tests:
        faults.extend(f"test `{test.title}`: {fault}" for fault in _test_faults(test, program))
    return faults


def _test_faults(test: TestCase, program: Program) -> Iterator[str]:
    if test.pipeline not in program.pipelines:
        yield f"`{test.pipeline}` is no pipeline"
        return
    pipeline = program.pipelines[test.pipeline]
    tasks = {task.id for task in pipeline.tasks}
    parameters = {parameter.name for parameter in pipeline.parameters}
    for given in test.givens:
        if sum(one is not None for one in (given.task, given.parameter, given.fact)) != 1:
            yield "something is given of not exactly one of a task, a parameter and the run"
        if given.task is not None and given.task not in tasks:
            yield f"`{given.task}` is no task"
        if given.parameter is not None and given.parameter not in parameters:
            yield f"`{given.parameter}` is no parameter"
    for expectation in test.expectations:
        if (expectation.condition is None) != (expectation.state is not None):
            yield f"`{expectation.source}` is neither a state nor a condition"
        named = [re.sub(r"(\[\d+\])+$", "", id) if id not in tasks else id for id in expectation.tasks if id != "run"]
        yield from (f"`{id}` is no task" for id in named if id not in tasks)


def _pipeline_faults(pipeline: Pipeline, program: Program) -> Iterator[str]:
    yield from _repeated("task", (task.id for task in pipeline.tasks))
    yield from _repeated("parameter", (parameter.name for parameter in pipeline.parameters))
    yield from _repeated("group", (group.name for group in pipeline.groups))
    yield from _repeated("map", (region.name for region in pipeline.maps))
    yield from _name_faults(pipeline, program)
    for name in ("deadline", "max_active_runs", "concurrency"):
        value = getattr(pipeline, name)
        if value is not None and value <= 0:
            yield f"`{name}` is {value}, not above 0"
    graph_faults = list(_graph_faults(pipeline))
    yield from graph_faults
    if not graph_faults:
        yield from _Expressions(pipeline).faults()
    for task in pipeline.tasks:
        yield from (f"task `{task.id}`: {fault}" for fault in _task_faults(task))


def _repeated(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{what} `{name}` stands {count} times"


# --- names and graph -----------------------------------------------------------------------------


def _name_faults(pipeline: Pipeline, program: Program) -> Iterator[str]:
    groups = {group.name for group in pipeline.groups}
    maps = {region.name for region in pipeline.maps}
    decisions = {task.id for task in pipeline.tasks if isinstance(task.implementation, Decision)}
    for group in pipeline.groups:
        if group.parent is not None and group.parent not in groups:
            yield f"group `{group.name}` stands in `{group.parent}`, which is no group"
    for region in pipeline.maps:
        if region.parent is not None and region.parent not in maps:
            yield f"map `{region.name}` stands in `{region.parent}`, which is no map"
    for task in pipeline.tasks:
        if task.group is not None and task.group not in groups:
            yield f"task `{task.id}` stands in `{task.group}`, which is no group"
        if task.map is not None and task.map not in maps:
            yield f"task `{task.id}` stands in `{task.map}`, which is no map"
        for side in task.branches:
            if side.decision not in decisions:
                yield f"task `{task.id}` stands in a branch of `{side.decision}`, which is no decision"
        match task.implementation:
            case PipelineCall(pipeline=called) if called not in program.pipelines:
                yield f"task `{task.id}` runs `{called}`, which is no pipeline"


def _graph_faults(pipeline: Pipeline) -> Iterator[str]:
    tasks = {task.id: task for task in pipeline.tasks}
    for task in pipeline.tasks:
        yield from (f"task `{task.id}`: {fault}" for fault in _repeated("upstream", task.upstream))
        for parent in task.upstream:
            if parent not in tasks:
                yield f"task `{task.id}` has the upstream `{parent}`, which is no task"
            elif tasks[parent].is_finally and not task.is_finally:
                yield f"task `{task.id}` waits for `{parent}` of `finally`"
    try:
        TopologicalSorter({id: task.upstream for id, task in tasks.items()}).prepare()
    except CycleError as error:
        yield "tasks in a circle: " + " -> ".join(reversed(error.args[1]))


# --- tasks ---------------------------------------------------------------------------------------


def _task_faults(task: Task) -> Iterator[str]:
    yield from _repeated("input", (given.name for given in task.inputs))
    yield from _repeated("output", (output.name for output in task.outputs))
    if task.single_output and [output.name for output in task.outputs] != ["output"]:
        yield "a single unnamed output must be called `output`"
    if task.id != task.name and not task.keys:
        yield f"its id differs from its name `{task.name}`, and it has no keys"
    yield from _option_faults(task.options)
    if isinstance(task.implementation, WaitCondition) and task.implementation.poll <= 0:
        yield f"`poll` is {task.implementation.poll}, not above 0"


def _option_faults(options: Options) -> Iterator[str]:
    retry = options.retry
    if retry is not None:
        if min(retry.max, retry.delay, retry.max_delay or 0) < 0:
            yield "`retry` holds a number below 0"
        if retry.backoff < 1:
            yield f"`retry.backoff` is {retry.backoff}, below 1"
    for name in ("timeout", "deadline"):
        value = getattr(options, name)
        if value is not None and value <= 0:
            yield f"`{name}` is {value}, not above 0"
    match options.estimate:
        case Estimate(min=least, likely=likely, max=most) if not 0 <= least <= likely <= most:
            yield f"`estimate` is not in order: {least}, {likely}, {most}"
    if options.failure_rate is not None and not 0 <= options.failure_rate <= 1:
        yield f"`failure_rate` is {options.failure_rate}, not between 0 and 1"


# --- expressions ---------------------------------------------------------------------------------


class _Expressions:
    """Checks that references name what exists, is computed before, and has the type they say."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.tasks = {task.id: task for task in pipeline.tasks}
        self.upstream = {task.id: task.upstream for task in pipeline.tasks}
        self.parameters = {parameter.name: parameter.type for parameter in pipeline.parameters}
        self.maps = {region.name: region for region in pipeline.maps}

    def faults(self) -> Iterator[str]:
        for task in self.pipeline.tasks:
            for _, expression in task_expressions(task):
                yield from (f"task `{task.id}` {fault}" for fault in self._in_task(expression, task))
            yield from (f"task `{task.id}`: {fault}" for fault in self._input_faults(task))
        for _, expression in pipeline_expressions(self.pipeline):
            for part in walk(expression):
                yield from self._reference(part)

    def _input_faults(self, task: Task) -> Iterator[str]:
        for given in task.inputs:
            found = type_of(given.value)
            if found is not None and not assignable(found, given.type):
                yield f"input `{given.name}` is {given.type}, its value {found}"

    def _in_task(self, expression: Expression, task: Task) -> Iterator[str]:
        for part in walk(expression):
            yield from self._reference(part)
            if isinstance(part, OutputReference) and part.task in self.tasks:
                if part.task != task.id and not is_upstream(part.task, task.id, self.upstream):
                    yield f"reads `{part.task}`, which is not upstream of it"
            elif isinstance(part, ItemReference) and not self._is_inside(task, part.map):
                yield f"reads the item of map `{part.map}`, in which it does not stand"

    def _reference(self, part: Expression) -> Iterator[str]:
        """Faults of one reference, wherever it stands."""
        match part:
            case ParameterReference(name=name, type=type):
                if name not in self.parameters:
                    yield f"reads the parameter `{name}`, which there is not"
                elif type != self.parameters[name]:
                    yield f"reads the parameter `{name}` as {type}, it is {self.parameters[name]}"
            case ItemReference(map=name, type=type):
                if name not in self.maps:
                    yield f"reads the item of `{name}`, which is no map"
                elif type != self.maps[name].item_type:
                    yield f"reads the item of `{name}` as {type}, it is {self.maps[name].item_type}"
            case OutputReference():
                yield from self._output(part)
            case _:
                return

    def _output(self, part: OutputReference) -> Iterator[str]:
        if part.task not in self.tasks:
            yield f"reads `{part.task}`, which is no task"
            return
        task = self.tasks[part.task]
        declared = next((output.type for output in task.outputs if output.name == part.output), None)
        if declared is None and isinstance(task.implementation, Decision) and part.output == "output":
            return
        if declared is None:
            yield f"reads `{part.task}.{part.output}`, which is no output"
        elif part.type not in _seen_as(declared, part.mapped):
            yield f"reads `{part.task}.{part.output}` as {part.type}, it is {declared}"
        elif part.mapped and task.map is None:
            yield f"reads `{part.task}` as mapped, and it is not in a map"

    def _is_inside(self, task: Task, region: str) -> bool:
        current = task.map
        while current is not None and current != region:
            current = self.maps[current].parent
        return current == region


def _seen_as(declared: Type, mapped: bool) -> tuple[Type, ...]:
    """The types as which an output may be read: possibly null where its task may not have run."""
    if not mapped:
        return (declared, optional(declared))
    return tuple(ListType(element=element) for element in (declared, optional(declared)))


def type_of(expression: Expression) -> Type | None:
    """The type of an expression where it says so itself; None for one that is computed, and for json."""
    match expression:
        case LiteralValue(type=type) | ParameterReference(type=type) | RunReference(type=type):
            found: Type = type
        case OutputReference(type=type) | ItemReference(type=type):
            found = type
        case _:
            return None
    inner = found.inner if isinstance(found, OptionalType) else found
    return None if inner == JSON else found
