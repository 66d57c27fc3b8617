"""What is said of plans, found by looking at every path and every set of tasks: slow, and too plain to be wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from random import Random

Edges = Mapping[str, tuple[str, ...]]
"""Task to its upstream tasks."""


def random_graph(random: Random, most: int) -> dict[str, tuple[str, ...]]:
    """A graph without cycles, sparse or dense, whose tasks are written in any order."""
    names = [f"t{number}" for number in range(random.randint(1, most))]
    density = random.choice((0.1, 0.25, 0.5, 0.8))
    upstream = {
        name: tuple(other for other in names[:number] if random.random() < density) for number, name in enumerate(names)
    }
    random.shuffle(names)
    return {name: upstream[name] for name in names}


def paths(edges: Edges) -> list[tuple[str, ...]]:
    """Every path from a task with nothing upstream to one with nothing downstream."""

    def extended(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        following = [task for task, parents in edges.items() if path[-1] in parents]
        if not following:
            yield path
        for task in following:
            yield from extended((*path, task))

    return [path for task, parents in edges.items() if not parents for path in extended((task,))]


def reach(edges: Edges) -> dict[str, set[str]]:
    """All that is upstream of every task, whatever the way."""
    found: dict[str, set[str]] = {}

    def of(task: str) -> set[str]:
        if task not in found:
            found[task] = set(edges[task]).union(*map(of, edges[task]))
        return found[task]

    for task in edges:
        of(task)
    return found


def length(path: tuple[str, ...], seconds: Mapping[str, float]) -> float:
    return sum(seconds[task] for task in path)


def longest(edges: Edges, seconds: Mapping[str, float]) -> float:
    return max(length(path, seconds) for path in paths(edges))


def earliest_start(edges: Edges, seconds: Mapping[str, float], task: str) -> float:
    return max(length(path[: path.index(task)], seconds) for path in paths(edges) if task in path)


def level(edges: Edges, task: str) -> int:
    return max(path.index(task) for path in paths(edges) if task in path)


def width(edges: Edges) -> int:
    """The size of the largest set of tasks none of which is upstream of another."""
    before = reach(edges)

    def is_apart(one: str, other: str) -> bool:
        return one not in before[other] and other not in before[one]

    chosen = (some for size in range(len(edges), 0, -1) for some in combinations(edges, size))
    return next(len(some) for some in chosen if all(is_apart(*pair) for pair in combinations(some, 2)))


def needed_edges(edges: Edges) -> set[tuple[str, str]]:
    """The edges that no other way replaces."""
    before = reach(edges)
    return {
        (parent, task)
        for task, parents in edges.items()
        for parent in parents
        if not any(parent in before[other] for other in parents)
    }


def reduced(edges: Edges) -> dict[str, tuple[str, ...]]:
    needed = needed_edges(edges)
    return {task: tuple(parent for parent in parents if (parent, task) in needed) for task, parents in edges.items()}


def bottlenecks(edges: Edges) -> set[str]:
    """The tasks on every path of the graph without superfluous edges."""
    return set.intersection(*map(set, paths(reduced(edges))))


def dominator(edges: Edges, task: str) -> str | None:
    """The last task but this one on every path to it, without superfluous edges."""
    ways = [path[: path.index(task)] for path in paths(reduced(edges)) if task in path]
    return next((one for one in reversed(ways[0]) if all(one in way for way in ways)), None)


def post_dominator(edges: Edges, task: str) -> str | None:
    ways = [path[path.index(task) + 1 :] for path in paths(reduced(edges)) if task in path]
    return next((one for one in ways[0] if all(one in way for way in ways)), None)
