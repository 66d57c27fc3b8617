"""Edges that order what others order already are left out.

An edge stays that carries a value, or that a branch hangs on: `pipec.analysis.redundant` says which change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pipec.analysis.redundant import redundant_edges_and_ways
from pipec.ir.model import Pipeline, Task
from pipec.optimisation.reasons import Reason

NAME = "redundant-edges"


def without_redundant_edges(pipeline: Pipeline) -> tuple[Pipeline, Iterable[Reason]]:
    """The pipeline without the edges that change nothing."""
    found: dict[str, dict[str, str]] = {}
    for upstream, task, way in redundant_edges_and_ways(pipeline):
        found.setdefault(task, {})[upstream] = way
    if not found:
        return pipeline, ()
    tasks = tuple(_without(task, found[task.id]) if task.id in found else task for task in pipeline.tasks)
    return pipeline.model_copy(update={"tasks": tasks}), _reasons(pipeline, found)


def _without(task: Task, superfluous: Mapping[str, str]) -> Task:
    return task.model_copy(update={"upstream": tuple(id for id in task.upstream if id not in superfluous)})


def _reasons(pipeline: Pipeline, found: Mapping[str, Mapping[str, str]]) -> Iterator[Reason]:
    for task in pipeline.tasks:
        for upstream, way in found.get(task.id, {}).items():
            message = f"`{upstream} -> {task.id}` left out: `{task.id}` waits for `{way}`, which follows `{upstream}`"
            yield Reason(NAME, message, task.location)
