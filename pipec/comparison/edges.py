"""The edges that only one of two pipelines has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Literal

from pipec.analysis.redundant import redundant_edges
from pipec.comparison.families import Families
from pipec.comparison.model import EdgeChange
from pipec.ir.model import Pipeline
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
    """The edges with what they are for; those between the same families, and of the same use, together."""
    if not edges:
        return
    redundant = set(redundant_edges(pipeline))
    families = Families(pipeline)
    read = {id: tasks_read(families.tasks[id]) for id in {task for _, task in edges}}
    together: dict[tuple[str, str, bool, bool, bool], list[Edge]] = defaultdict(list)
    for upstream, task in edges:
        names = families.tasks[upstream].name, families.tasks[task].name
        uses = upstream in read[task], (upstream, task) not in redundant, task not in partners
        together[*names, *uses].append((upstream, task))
    for (_, _, reads, has_effect, of_new_task), found in together.items():
        for label, group in _labelled(found, families):
            yield EdgeChange(kind, group, label, reads, has_effect, of_new_task)


def _labelled(edges: list[Edge], families: Families) -> Iterator[tuple[str, tuple[Edge, ...]]]:
    """Edges as one where both ends have one label, else each by itself."""
    ends = [families.labels(dict.fromkeys(ids)) for ids in zip(*edges, strict=True)]
    if all(len(labels) == 1 for labels in ends):
        yield f"{ends[0][0]} -> {ends[1][0]}", tuple(edges)
    else:
        yield from ((f"{upstream} -> {task}", ((upstream, task),)) for upstream, task in edges)
