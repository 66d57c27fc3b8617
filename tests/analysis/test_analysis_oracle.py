"""Plans of random graphs against what looking at every path finds."""

from __future__ import annotations

from random import Random

import pytest

from pipec.analysis.antichain import largest_antichain
from pipec.analysis.graph import reduced
from pipec.analysis.levels import levels, width
from pipec.analysis.plan import plan
from tests.analysis import oracle
from tests.analysis.builders import from_edges

_GRAPHS = 2_000
_PARTS = 10
"""The graphs are looked at in so many tests, each with a seed of its own for every graph."""


@pytest.mark.parametrize("part", range(_PARTS))
def test_plans_are_those_of_all_paths(part: int) -> None:
    for seed in range(part, _GRAPHS, _PARTS):
        random = Random(seed)
        edges = oracle.random_graph(random, 8)
        seconds = {task: float(random.randint(0, 5)) for task in edges}
        check(edges, seconds, seed)


def check(edges: dict[str, tuple[str, ...]], seconds: dict[str, float], seed: int) -> None:
    found = plan(from_edges(edges, seconds))
    paths = oracle.paths(edges)
    whole = oracle.longest(edges, seconds)
    assert found.critical_path in paths, seed
    assert found.critical_path_length == oracle.length(found.critical_path, seconds) == whole, seed
    assert found.width == oracle.width(edges), seed
    assert set(found.redundant_edges) == set(_edges(edges)) - oracle.needed_edges(edges), seed
    assert reduced(edges) == oracle.reduced(edges), seed
    assert set(found.bottlenecks) == oracle.bottlenecks(edges), seed
    for task in found.tasks:
        through = max(oracle.length(path, seconds) for path in paths if task.id in path)
        assert task.earliest_start == oracle.earliest_start(edges, seconds, task.id), seed
        assert task.slack == whole - through, seed
        assert task.critical is (through == whole), seed
        assert task.level == oracle.level(edges, task.id), seed
        assert task.id in found.levels[task.level], seed
        assert task.dominator == oracle.dominator(edges, task.id), seed
        assert task.post_dominator == oracle.post_dominator(edges, task.id), seed
        own = seconds[task.id]
        assert task.later_if_doubled == oracle.longest(edges, seconds | {task.id: own * 2}) - whole, seed
        assert task.sooner_if_halved == whole - oracle.longest(edges, seconds | {task.id: own / 2}), seed
        assert task.drag == whole - oracle.longest(edges, seconds | {task.id: 0.0}), seed


def _edges(edges: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(parent, task) for task, parents in edges.items() for parent in parents]


@pytest.mark.parametrize("seed", range(20))
def test_a_largest_antichain_is_one_and_no_cover_of_chains_is_smaller(seed: int) -> None:
    """By Dilworth's theorem as many chains as the antichain has tasks are the proof that none is larger."""
    edges = oracle.random_graph(Random(f"wide {seed}"), 60)
    before = oracle.reach(edges)
    found = largest_antichain(edges)
    assert not any(one in before[other] for one in found for other in found)
    assert len(found) == width(edges) == len(edges) - len(_most_links(before))


def _most_links(before: dict[str, set[str]]) -> dict[str, str]:
    """A largest matching of tasks with later ones, by the plain method of augmenting paths."""
    earlier: dict[str, str] = {}

    def link(task: str, seen: set[str]) -> bool:
        for later in before:
            if task in before[later] and later not in seen:
                seen.add(later)
                if later not in earlier or link(earlier[later], seen):
                    earlier[later] = task
                    return True
        return False

    for task in before:
        link(task, set())
    return earlier


@pytest.mark.parametrize("seed", range(20))
def test_only_some_tasks_may_be_counted(seed: int) -> None:
    random = Random(f"counted {seed}")
    edges = oracle.random_graph(random, 8)
    counted = {task for task in edges if random.random() < 0.6} or set(edges)
    before = oracle.reach(edges)
    among = {task: tuple(other for other in before[task] if other in counted) for task in edges if task in counted}
    found = largest_antichain(edges, counted)
    assert set(found) <= counted
    assert len(found) == oracle.width(among)


def test_a_wide_graph_is_as_wide_as_it_is() -> None:
    size = 2_000
    assert width({f"t{index}": () for index in range(size)}) == size
    assert width({f"t{index}": (f"t{index - 1}",) if index else () for index in range(size)}) == 1
    ladder = {f"t{index}": (f"t{index - 7}",) if index >= 7 else () for index in range(size)}
    assert width(ladder) == 7
    assert len(levels(ladder)) == size // 7 + 1
