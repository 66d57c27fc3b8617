"""Order and reach in the graph of a pipeline. Sets of tasks are bitsets: Python integers, bit n for the n-th task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter

from pipec.ir.model import Pipeline


def upstream_map(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """The direct upstream tasks of every task, each once, in source order."""
    return {
        task.id: task.upstream if len(task.upstream) < 2 else tuple(dict.fromkeys(task.upstream))
        for task in pipeline.tasks
    }


def downstream_map(upstream: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The direct downstream tasks of every task."""
    downstream: dict[str, list[str]] = {task: [] for task in upstream}
    for task, parents in upstream.items():
        for parent in parents:
            downstream[parent].append(task)
    return downstream


def topological_order(upstream: Mapping[str, Sequence[str]]) -> list[str]:
    """Every task after its upstream tasks; the same order for the same graph. Raises graphlib.CycleError.

    It is the order of `graphlib.TopologicalSorter`, in a fraction of the time.
    """
    downstream: dict[str, list[str]] = {}
    for task, parents in upstream.items():
        downstream.setdefault(task, [])
        for parent in parents:
            downstream.setdefault(parent, []).append(task)
    awaited = {task: len(parents) for task, parents in upstream.items()}
    order = [task for task in downstream if not awaited.get(task)]
    for task in order:  # it grows while it is walked
        for child in downstream[task]:
            awaited[child] -= 1
            if not awaited[child]:
                order.append(child)
    if len(order) < len(downstream):
        TopologicalSorter(upstream).prepare()  # names the cycle in its error
    return order


def run_upstream(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """The upstream tasks as a run orders them: `finally` tasks also follow the last tasks outside `finally`."""
    upstream = upstream_map(pipeline)
    final = {task.id for task in pipeline.tasks if task.is_finally}
    if not final:
        return upstream
    downstream = downstream_map(upstream)
    last = tuple(task for task in upstream if task not in final and not set(downstream[task]) - final)
    for task in final:
        if not any(parent in final for parent in upstream[task]):
            upstream[task] = tuple(dict.fromkeys((*upstream[task], *last)))
    return upstream


def bits(bitset: int) -> Iterator[int]:
    """The positions of the bits that are set, lowest first."""
    while bitset:
        lowest = bitset & -bitset
        yield lowest.bit_length() - 1
        bitset ^= lowest


def ancestors(upstream: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Everything upstream of each task, direct or not, as a bitset over the tasks in the order of `upstream`."""
    position = {task: index for index, task in enumerate(upstream)}
    reach: dict[str, int] = {}
    for task in topological_order(upstream):
        found = 0
        for parent in upstream[task]:
            found |= reach[parent] | 1 << position[parent]
        reach[task] = found
    return reach


def reduced(upstream: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The graph without the edges that a longer way between the same two tasks makes superfluous for their order."""
    position = {task: index for index, task in enumerate(upstream)}
    reach = ancestors(upstream)
    slim: dict[str, tuple[str, ...]] = {}
    for task, parents in upstream.items():
        behind = 0
        for parent in parents:
            behind |= reach[parent]
        slim[task] = tuple(parent for parent in parents if not behind >> position[parent] & 1)
    return slim
