"""Instances of a `for` whose functions differ in constants and in the instances they read: one function for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipec.analysis.pods import runs_in_pod
from pipec.frozen import Frozen
from pipec.ir.expressions import Expression, ItemReference, LiteralValue, OutputReference, walk
from pipec.ir.model import CommandLine, Options, Pipeline, PythonFunction, ShellScript, Task
from pipec.ir.rewriting import rewrite, rewrite_implementation, rewrite_requirement
from pipec.ir.traverse import task_expressions
from pipec.ir.types import FLOAT

_SHARED_KINDS = (PythonFunction, ShellScript, CommandLine)


class Loop(Frozen):
    """One function for the instances `tasks`.

    `task` is what the function does: the first instance, with items where the constants differ. `constants` holds their
    values in JSON form by instance and input, `reads` by instance what it reads where the first one reads something.
    """

    name: str
    tasks: tuple[str, ...]
    task: Task
    constants: Mapping[str, Mapping[str, Any]]
    reads: Mapping[str, Mapping[str, str]]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs that are parameters of the function."""
        return tuple(next(iter(self.constants.values())))

    def item(self, name: str) -> str:
        """What stands for an input in `names.items`."""
        return _item(self.tasks[0], name)


def _item(first: str, name: str) -> str:
    return f"{first}:{name}"


def find_loops(pipeline: Pipeline) -> list[Loop]:
    """The loops of a pipeline whose instances can share a function, in source order."""
    instances: dict[tuple[Any, ...], list[Task]] = {}
    for task in pipeline.tasks:
        is_plain = isinstance(task.implementation, _SHARED_KINDS) and task.map is None and not task.is_finally
        if task.keys and is_plain and not runs_in_pod(task):
            instances.setdefault((task.name, task.group), []).append(task)
    found = (_loop(name, tasks) for (name, _), tasks in instances.items() if len(tasks) > 1)
    return [loop for loop in found if loop is not None]


def _loop(name: str, tasks: Sequence[Task]) -> Loop | None:
    first = tasks[0]
    if any(_fixed(task) != _fixed(first) for task in tasks):
        return None
    differing = _differing_constants(tasks)
    if differing is None:
        return None
    reads = {task.id: _matching_reads(first, task) for task in tasks}
    items = {name: _item(first.id, name) for name in differing}
    shared = _as_first(first, {}, items)
    for task in tasks:
        matching = reads[task.id]
        if matching is None or _computed(_as_first(task, matching, items)) != _computed(shared):
            return None
    constants = {task.id: _constants(task, differing) for task in tasks}
    known = {id: {theirs: mine for mine, theirs in (matching or {}).items()} for id, matching in reads.items()}
    return Loop(name, tuple(task.id for task in tasks), shared, constants, known)


def _constants(task: Task, names: Sequence[str]) -> dict[str, Any]:
    """The values of inputs that are constants, in JSON form; an int given for a float is one."""
    return {
        one.name: float(one.value.value) if one.type == FLOAT and one.value.value is not None else one.value.value
        for one in task.inputs
        if one.name in names and isinstance(one.value, LiteralValue)
    }


def _fixed(task: Task) -> tuple[Any, ...]:
    """What must be the same in all instances."""
    options = task.options
    body = options.model_copy(update={name: getattr(Options(), name) for name in _OF_DECORATORS})
    has_retries = options.retry is not None and options.retry.max > 0
    names = [one.name for one in task.inputs]
    return (task.doc, task.outputs, task.single_output, body, has_retries, names)


_OF_DECORATORS = ("retry", "timeout", "pool", "queue", "priority", "estimate", "failure_rate", "produces", "deadline")
"""Options that no body of a function looks at."""


def _differing_constants(tasks: Sequence[Task]) -> list[str] | None:
    """The inputs that are constants in all instances, not the same ones; None where they are not of one type."""
    differing = []
    for number, given in enumerate(tasks[0].inputs):
        values = [task.inputs[number].value for task in tasks]
        if all(isinstance(value, LiteralValue) for value in values) and any(value != values[0] for value in values):
            if any(task.inputs[number].type != given.type for task in tasks):
                return None
            differing.append(given.name)
    return differing


def _matching_reads(first: Task, other: Task) -> dict[str, str] | None:
    """The tasks that `other` reads, each with what `first` reads in its place; None where they do not match."""
    matching = {other.id: first.id}
    ones, others = list(_references(first)), list(_references(other))
    if len(ones) != len(others):
        return None
    for one, theirs in zip(ones, others, strict=True):
        if matching.setdefault(theirs.task, one.task) != one.task:
            return None
    return matching if len(set(matching.values())) == len(matching) else None


def _references(task: Task) -> Iterable[OutputReference]:
    for _, expression in task_expressions(task):
        yield from (part for part in walk(expression) if isinstance(part, OutputReference))


def _as_first(task: Task, matching: Mapping[str, str], items: Mapping[str, str]) -> Task:
    """The task with the reads of the first instance, and items for the constants that differ."""

    def replace(part: Expression) -> Expression:
        if isinstance(part, OutputReference):
            return part.model_copy(update={"task": matching.get(part.task, part.task)})
        return part

    inputs = tuple(
        one.model_copy(update={"value": ItemReference(map=items[one.name], type=one.type)})
        if one.name in items
        else one.model_copy(update={"value": rewrite(one.value, replace)})
        for one in task.inputs
    )
    return task.model_copy(
        update={
            "inputs": inputs,
            "implementation": rewrite_implementation(task.implementation, replace),
            "requirements": tuple(rewrite_requirement(one, replace) for one in task.requirements),
        }
    )


def _computed(task: Task) -> tuple[Any, ...]:
    requirements = [(one.condition, one.message, one.source) for one in task.requirements]
    return task.inputs, task.implementation, requirements
