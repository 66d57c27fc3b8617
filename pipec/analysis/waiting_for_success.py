"""Where a pipeline asks for more of an engine than waiting for success, and conditions over decisions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from pipec.analysis.run_conditions import (
    ALWAYS,
    WHATEVER_SKIPPED,
    RunConditions,
    implies,
    run_conditions,
    stands_in,
)
from pipec.frozen import Frozen
from pipec.ir.expressions import outputs_used
from pipec.ir.model import Pipeline, Task
from pipec.ir.traverse import task_expressions, tasks_read


class Demand(Frozen):
    """What is asked, as a name of a feature, by which task, and about which other one; empty where it is none."""

    feature: str
    task: str
    other: str


def demands_on_waiting(pipeline: Pipeline) -> Iterator[Demand]:
    """Every such place, tasks in source order."""
    conditions: RunConditions | None = None
    tasks = {task.id: task for task in pipeline.tasks}
    returned = {read.task for read in outputs_used(pipeline.returns)} if pipeline.returns is not None else set()
    for task in pipeline.tasks:
        if task.is_finally and task.id in returned:
            yield Demand("finally.reads", task.id, "")
        elif task.is_finally:
            yield from (Demand("finally.reads", task.id, read) for read in sorted(_read_outside(task, tasks)))
        elif task.trigger_rule == "one_success":
            yield from _beside_failures(task, tasks)
        left = [] if task.is_finally else [id for id in task.upstream if _is_left(pipeline, task, tasks[id])]
        if left:
            conditions = conditions or run_conditions(pipeline)
            yield from _past_maps(task, left, tasks, conditions)


def _read_outside(task: Task, tasks: dict[str, Task]) -> set[str]:
    """The tasks outside `finally` that one of `finally` reads, and those of `finally` that it follows."""
    read = {one.task for _, expression in task_expressions(task) for one in outputs_used(expression)} | tasks_read(task)
    final = {id for id in task.upstream if tasks[id].is_finally}
    return {id for id in read - {task.id} if not tasks[id].is_finally} | final


def _beside_failures(task: Task, tasks: dict[str, Task]) -> Iterator[Demand]:
    """One of the upstream tasks may succeed while another one fails: unless they stand in different branches."""
    for one, other in combinations(task.upstream, 2):
        is_about_decisions = "decision" in (tasks[one].implementation.kind, tasks[other].implementation.kind)
        if not is_about_decisions and not _exclude_each_other(tasks[one], tasks[other]):
            yield Demand("rule.after_failure", task.id, other)
            return


def _exclude_each_other(one: Task, other: Task) -> bool:
    sides = {side.decision: side.taken for side in one.branches}
    return any(sides.get(side.decision, side.taken) != side.taken for side in other.branches)


def _is_left(pipeline: Pipeline, task: Task, upstream: Task) -> bool:
    """Whether a task follows one of a map that it does not stand in."""
    return upstream.map is not None and not stands_in(pipeline, task, upstream.map)


def _past_maps(task: Task, upstream: list[str], tasks: dict[str, Task], conditions: RunConditions) -> Iterator[Demand]:
    """The task goes on although a map before it was skipped, or has to know which of its instances were."""
    for id in upstream:
        region = tasks[id].map
        assert region is not None
        is_told = implies(conditions.tasks[task.id], conditions.behind[region])
        is_same_for_all = conditions.tasks[id] == ALWAYS
        if task.trigger_rule in WHATEVER_SKIPPED:
            if conditions.maps[region] != ALWAYS:
                yield Demand("map.skipped", task.id, id)
        elif not is_told or not is_same_for_all:
            yield Demand("map.skipped", task.id, id)
