"""Every expression of a task or pipeline, with the key of `locations` that says where it was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipec.ir.base import Location
from pipec.ir.expressions import Expression, outputs_used
from pipec.ir.model import (
    ApprovalRequest,
    CommandLine,
    ContainerImage,
    Decision,
    Pipeline,
    PipelineCall,
    Program,
    Requirement,
    Task,
    WaitCondition,
)


def task_expressions(task: Task) -> Iterator[tuple[Location, Expression]]:
    """What a task computes in the run: inputs, its implementation's own expressions, then requirements."""
    for given in task.inputs:
        yield location_of(task, f"inputs.{given.name}"), given.value
    for expression in implementation_expressions(task):
        yield location_of(task, "implementation"), expression
    for requirement in task.requirements:
        for expression in requirement_expressions(requirement):
            yield requirement.location, expression


def implementation_expressions(task: Task) -> tuple[Expression, ...]:
    match task.implementation:
        case CommandLine(arguments=arguments):
            return arguments
        case ContainerImage(image=image, command=command, arguments=arguments):
            return (image, *command, *arguments)
        case Decision(condition=condition):
            return (condition,)
        case ApprovalRequest(message=message):
            return () if message is None else (message,)
        case WaitCondition(arguments=named):
            return tuple(named.values())
        case _:
            return ()


def requirement_expressions(requirement: Requirement) -> tuple[Expression, ...]:
    message = requirement.message
    return (requirement.condition,) if message is None else (requirement.condition, message)


def pipeline_expressions(pipeline: Pipeline) -> Iterator[tuple[Location, Expression]]:
    """What the pipeline itself computes, outside its tasks: defaults of parameters, items of maps, its return value."""
    for parameter in pipeline.parameters:
        if parameter.default is not None:
            yield parameter.location, parameter.default
    for region in pipeline.maps:
        yield region.location, region.items
    if pipeline.returns is not None:
        yield pipeline.locations.get("return", pipeline.location), pipeline.returns


def tasks_read(task: Task) -> set[str]:
    """The ids of the other tasks whose outputs this one's expressions read."""
    read = {reference.task for _, expression in task_expressions(task) for reference in outputs_used(expression)}
    return read - {task.id}


def is_upstream(task: str, other: str, upstream: Mapping[str, Sequence[str]]) -> bool:
    """Whether a task stands somewhere upstream of another, or is that one; `upstream` holds the direct ones of each."""
    if task in upstream[other]:
        return True
    seen, open_tasks = set[str](), [other]
    while open_tasks:
        current = open_tasks.pop()
        if current == task:
            return True
        if current not in seen:
            seen.add(current)
            open_tasks.extend(upstream[current])
    return False


def called_pipelines(program: Program, key: str) -> list[str]:
    """The keys of a pipeline and of all that it runs as parts of itself, directly or not, each once."""
    found: dict[str, None] = {}
    open_keys = [key]
    while open_keys:
        current = open_keys.pop()
        if current not in found:
            found[current] = None
            for task in program.pipelines[current].tasks:
                if isinstance(task.implementation, PipelineCall):
                    open_keys.append(task.implementation.pipeline)
    return list(found)


def location_of(thing: Task | Pipeline, key: str) -> Location:
    """Where an option or input was written, or the place of the whole thing where that is not known."""
    return thing.locations.get(key, thing.location)
