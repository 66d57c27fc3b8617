"""Who goes on although something before it was skipped: what they look at must not be skipped in Kubeflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipec.analysis.graph import downstream_map
from pipec.analysis.run_conditions import ALWAYS, RunConditions, implies, stands_in
from pipec.ir.expressions import outputs_used
from pipec.ir.model import Pipeline, Task

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
