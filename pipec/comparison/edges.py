"""The edges that only one of two pipelines has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pipec.analysis.redundant import redundant_edges
from pipec.comparison.model import EdgeChange
from pipec.ir.model import Pipeline, Task
from pipec.ir.traverse import tasks_read

Edge = tuple[str, str]
"""Upstream and task."""


def edge_changes(old: Pipeline, new: Pipeline, pairs: Mapping[str, str]) -> tuple[EdgeChange, ...]:
    """The edges of tasks that changed, removed ones first; `pairs` holds the ids in `new` by those in `old`.

    An edge that other edges make superfluous changes nothing by coming or going: without all of those, both sides order
    their tasks by edges that both have.
    """
    back = {there: here for here, there in pairs.items()}
    gone = tuple(_only(old, pairs, _edges(new)))
    come = tuple(_only(new, back, _edges(old)))
    return (*_described("removed", gone, old, pairs), *_described("added", come, new, back))


def _edges(pipeline: Pipeline) -> set[Edge]:
    return {(upstream, task.id) for task in pipeline.tasks for upstream in task.upstream}


def _only(pipeline: Pipeline, partners: Mapping[str, str], others: set[Edge]) -> Iterator[Edge]:
    """The edges whose ends' partners have none between them."""
    for task in pipeline.tasks:
        partner = partners.get(task.id)
        for upstream in dict.fromkeys(task.upstream):
            if partner is None or (partners.get(upstream), partner) not in others:
                yield upstream, task.id


def _described(
    kind: Literal["added", "removed"], edges: tuple[Edge, ...], pipeline: Pipeline, partners: Mapping[str, str]
) -> Iterator[EdgeChange]:
    if not edges:
        return
    redundant = set(redundant_edges(pipeline))
    tasks: dict[str, Task] = {task.id: task for task in pipeline.tasks}
    for upstream, task in edges:
        yield EdgeChange(
            kind=kind,
            upstream=upstream,
            task=task,
            reads=upstream in tasks_read(tasks[task]),
            has_effect=(upstream, task) not in redundant,
            of_new_task=upstream not in partners or task not in partners,
        )
