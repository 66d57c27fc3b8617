"""Edges that change nothing: what they order is ordered by other edges already."""

from __future__ import annotations

from pipec.analysis.graph import bits, topological_order, upstream_map
from pipec.ir.model import Pipeline, Task
from pipec.ir.traverse import tasks_read


def redundant_edges(pipeline: Pipeline) -> list[tuple[str, str]]:
    """Pairs (upstream, task) whose edge could be left out with no run changing, in source order."""
    return [(upstream, task) for upstream, task, _ in redundant_edges_and_ways(pipeline)]


def redundant_edges_and_ways(pipeline: Pipeline) -> list[tuple[str, str, str]]:
    """The same, each with a direct upstream task of the task, one that stays, which waits for the first one too.

    Another way leads from the one to the other, and every task on it including the last has the rule `all_success`, so
    whatever the first one's state is arrives by that way too. An edge that carries a value is never redundant, nor one
    that the language adds between a decision and its branch.
    """
    upstream = upstream_map(pipeline)
    tasks = {task.id: task for task in pipeline.tasks}
    position = {id: index for index, id in enumerate(tasks)}
    reach: dict[str, int] = {}
    found: dict[str, int] = {}
    for id in topological_order(upstream):
        reach[id] = found[id] = 0
        if tasks[id].trigger_rule != "all_success":
            continue
        direct = 0
        for parent in upstream[id]:
            direct |= 1 << position[parent]
            reach[id] |= reach[parent]
        found[id] = direct & reach[id]
        reach[id] |= direct
    ids = list(tasks)
    edges = []
    for id in ids:
        if found[id]:
            stays = [parent for parent in upstream[id] if not found[id] >> position[parent] & 1]
            for index in bits(found[id] & ~_needed(tasks[id], position)):
                edges.append((ids[index], id, next(parent for parent in stays if reach[parent] >> index & 1)))
    return edges


def _needed(task: Task, position: dict[str, int]) -> int:
    """The upstream tasks that a task needs for a value or for being a part of a branch."""
    needed = 0
    for id in tasks_read(task) | {side.decision for side in task.branches}:
        needed |= 1 << position[id]
    return needed
