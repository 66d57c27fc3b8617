"""Who goes on although something before it was skipped: what they look at must not be skipped in Kubeflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipec.analysis.graph import downstream_map
from pipec.analysis.run_conditions import ALWAYS, RunConditions, implies, stands_in
from pipec.ir.expressions import outputs_used
from pipec.ir.model import ContainerImage, Pipeline, Task
from pipec.ir.traverse import task_expressions

from .branches import Branches


def looked_past(
    pipeline: Pipeline,
    upstream: Mapping[str, Sequence[str]],
    order: Sequence[str],
    conditions: RunConditions,
    branches: Branches,
) -> frozenset[str]:
    """The tasks that need a DAG around them which succeeds either way.

    They may be skipped, apart from the groups around them, and somebody goes on or may read an output then. Such a DAG
    goes on too: so does what is around the tasks before it.
    """
    tasks = {task.id: task for task in pipeline.tasks if not task.is_finally}
    downstream = downstream_map(upstream)
    returned = set() if pipeline.returns is None else {read.task for read in outputs_used(pipeline.returns)}
    found: set[str] = set()
    for id in reversed(order):
        if id not in tasks or branches.left(id, conditions.tasks[id]) == ALWAYS:
            continue
        task = tasks[id]
        own = conditions.whole(task)
        followers = [tasks[other] for other in downstream[id] if other in tasks]
        if (
            id in returned
            or any(_leaves(pipeline, task, other) for other in followers)
            or any(not implies(conditions.whole(other), own) for other in followers)
            or any(other.id in found and other.map == task.map for other in followers)
        ):
            found.add(id)
    return frozenset(found)


def _leaves(pipeline: Pipeline, task: Task, other: Task) -> bool:
    return task.map is not None and not stands_in(pipeline, other, task.map)


def given_to_images(pipeline: Pipeline) -> frozenset[tuple[str, str]]:
    """The tasks, with the names of outputs, that image tasks read."""
    images = [task for task in pipeline.tasks if isinstance(task.implementation, ContainerImage)]
    read = [expression for task in images for _, expression in task_expressions(task)]
    return frozenset((one.task, one.output) for expression in read for one in outputs_used(expression))


def collected_outputs(pipeline: Pipeline) -> frozenset[tuple[str, str]]:
    """The tasks in maps, with the names of outputs, of which anybody reads the list."""
    read = [expression for task in pipeline.tasks for _, expression in task_expressions(task)]
    read.extend(other.items for other in pipeline.maps)
    if pipeline.returns is not None:
        read.append(pipeline.returns)
    return frozenset((one.task, one.output) for expression in read for one in outputs_used(expression) if one.mapped)
