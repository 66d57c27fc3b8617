"""What a run cannot pass by: the tasks that stand on every way, and what the ways round the others take.

A way leads from a task with nothing upstream to one with nothing downstream, as if one start stood before all tasks and
one end behind them. All is said of a graph without superfluous edges (`reduced`): an edge past a task that stands
between its ends all the same, such as that of a value read early and late, is no way round it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipec.analysis.critical_path import Timing
from pipec.analysis.graph import downstream_map, topological_order


def ways_around(
    upstream: Mapping[str, Sequence[str]], duration: Mapping[str, float], times: Timing
) -> dict[str, float | None]:
    """For every task the length of the longest way that does not pass it, in seconds; None where each one does.

    In one order of the tasks a way past the task at place p steps over p once, from a task before to one behind it. So
    every edge stands for the longest way along it, and each place takes the longest of the edges that step over it.
    """
    order = topological_order(upstream)
    place = {task: index for index, task in enumerate(order)}
    downstream = downstream_map(upstream)
    steps: list[tuple[float, int, int]] = []
    for task in order:
        tail = times.length - times.latest_start[task]
        if not upstream[task]:
            steps.append((tail, -1, place[task]))
        for parent in upstream[task]:
            steps.append((times.earliest_start[parent] + duration[parent] + tail, place[parent], place[task]))
        if not downstream[task]:
            steps.append((times.earliest_start[task] + duration[task], place[task], len(order)))
    steps.sort(key=lambda step: -step[0])
    longest: list[float | None] = [None] * len(order)
    free = list(range(len(order) + 1))  # by place: a place at or behind it that may still be without a length
    for length, before, behind in steps:
        at = _first_free(free, before + 1)
        while at < behind:
            longest[at] = length
            free[at] = at + 1
            at = _first_free(free, at)
    return {task: longest[place[task]] for task in upstream}


def _first_free(free: list[int], start: int) -> int:
    found = start
    while free[found] != found:
        found = free[found]
    while free[start] != found:
        free[start], start = found, free[start]
    return found


def dominators(upstream: Mapping[str, Sequence[str]]) -> dict[str, str | None]:
    """For every task the last one before it that every way to it passes; None where that is only the start."""
    depth: dict[str, int] = {}
    found: dict[str, str | None] = {}
    leap: dict[str, str | None] = {}  # to one further up, so that a climb takes a number of steps like log(depth)

    def common(one: str | None, other: str | None) -> str | None:
        """The nearest task that dominates both, or is one of them and dominates the other."""
        while one is not None and other is not None and one != other:
            if depth[one] < depth[other]:
                one, other = other, one
            if depth[one] > depth[other]:
                above = leap[one]
                one = above if above is not None and depth[above] >= depth[other] else found[one]
            elif leap[one] != leap[other]:
                one, other = leap[one], leap[other]
            else:
                one, other = found[one], found[other]
        return one if one == other else None

    for task in topological_order(upstream):
        nearest = None
        for index, parent in enumerate(upstream[task]):
            nearest = parent if index == 0 else common(nearest, parent)
        found[task] = nearest
        depth[task] = 0 if nearest is None else depth[nearest] + 1
        leap[task] = nearest
        if nearest is not None and (above := leap[nearest]) is not None:
            further = leap[above]
            if further is not None and depth[nearest] - depth[above] == depth[above] - depth[further]:
                leap[task] = further
    return {task: found[task] for task in upstream}


def post_dominators(upstream: Mapping[str, Sequence[str]]) -> dict[str, str | None]:
    """For every task the first one behind it that every way from it passes; None where that is only the end."""
    return dominators(downstream_map(upstream))
