"""Which tasks stand side by side: levels, parallel groups and the width of a pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipec.analysis.antichain import largest_antichain
from pipec.analysis.graph import downstream_map, reduced, topological_order


def levels(upstream: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The tasks by the length of the longest chain before them; each level in the order of `upstream`."""
    level: dict[str, int] = {}
    for task in topological_order(upstream):
        level[task] = max((level[parent] + 1 for parent in upstream[task]), default=0)
    rows: list[list[str]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for task in upstream:
        rows[level[task]].append(task)
    return rows


def parallel_groups(upstream: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Groups of two and more tasks that stand between the same tasks: the brackets of `a -> [b, c] -> d`.

    Edges that a longer way makes superfluous do not count: reading a value of an early task leaves a group whole.
    Tasks that stand alone, with nothing before and after them, are no group.
    """
    slim = reduced(upstream)
    downstream = downstream_map(slim)
    groups: dict[tuple[frozenset[str], frozenset[str]], list[str]] = {}
    for task in upstream:
        around = (frozenset(slim[task]), frozenset(downstream[task]))
        if any(around):
            groups.setdefault(around, []).append(task)
    return [group for group in groups.values() if len(group) > 1]


def width(upstream: Mapping[str, Sequence[str]]) -> int:
    """The most tasks that can run at once: the largest set of tasks none of which is upstream of another."""
    return len(largest_antichain(upstream))
