"""Levels, critical path, slack, groups, width and redundant edges: by hand and against networkx and brute force."""

from __future__ import annotations

from itertools import combinations

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipec.analysis.critical_path import durations, remaining_times, timing
from pipec.analysis.graph import ancestors, bits, downstream_map, reduced, topological_order
from pipec.analysis.levels import levels, parallel_groups, width
from pipec.analysis.plan import plan
from pipec.analysis.redundant import redundant_edges
from tests.analysis.builders import WAFER_TEST, WAFER_TEST_V2, decision, from_edges, pipeline, task

Edges = dict[str, tuple[str, ...]]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Edges, dict[str, float]]:
    """Up to eight tasks whose upstream tasks stand before them, with whole seconds."""
    size = draw(st.integers(1, 8))
    edges: Edges = {}
    for index in range(size):
        parents = draw(st.sets(st.integers(0, index - 1))) if index else set()
        edges[f"t{index}"] = tuple(f"t{parent}" for parent in sorted(parents))
    return edges, {name: float(draw(st.integers(0, 5))) for name in edges}


def paths(edges: Edges) -> list[list[str]]:
    """Every chain from a first task, by brute force."""
    found: list[list[str]] = []
    downstream = downstream_map(edges)

    def extend(path: list[str]) -> None:
        found.append(path)
        for child in downstream[path[-1]]:
            extend([*path, child])

    for task_id, parents in edges.items():
        if not parents:
            extend([task_id])
    return found


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_times_are_those_of_all_chains(graph: tuple[Edges, dict[str, float]]) -> None:
    edges, seconds = graph
    chains = paths(edges)
    times = timing(edges, seconds)
    longest = max(sum(seconds[id] for id in chain) for chain in chains)
    assert times.length == longest
    assert sum(seconds[id] for id in times.critical_path) == longest
    assert list(times.critical_path) in chains
    for id in edges:
        through = [sum(seconds[step] for step in chain[: chain.index(id)]) for chain in chains if id in chain]
        assert times.earliest_start[id] == max(through)
        longest_through = max(sum(seconds[step] for step in chain) for chain in chains if id in chain)
        assert times.slack(id) == longest - longest_through


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_shape_is_that_of_networkx_and_brute_force(graph: tuple[Edges, dict[str, float]]) -> None:
    edges, _ = graph
    oracle: networkx.DiGraph[str] = networkx.DiGraph()
    oracle.add_nodes_from(edges)
    oracle.add_edges_from((parent, id) for id, parents in edges.items() for parent in parents)

    assert [sorted(level) for level in levels(edges)] == [
        sorted(generation) for generation in networkx.topological_generations(oracle)
    ]
    names = list(edges)
    reach = {id: {names[bit] for bit in bits(found)} for id, found in ancestors(edges).items()}
    assert reach == {id: networkx.ancestors(oracle, id) for id in edges}
    widest = max(
        size
        for size in range(1, len(edges) + 1)
        for chosen in combinations(edges, size)
        if not any(left in reach[right] or right in reach[left] for left, right in combinations(chosen, 2))
    )
    assert width(edges) == widest
    kept = set(networkx.transitive_reduction(oracle).edges)
    assert {(parent, id) for id, parents in reduced(edges).items() for parent in parents} == kept
    assert set(redundant_edges(from_edges(edges))) == set(oracle.edges) - kept


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_remaining_time_is_the_longest_chain_from_a_task(graph: tuple[Edges, dict[str, float]]) -> None:
    edges, seconds = graph
    remaining = remaining_times(from_edges(edges, seconds))
    chains = paths(edges)
    for id in edges:
        tails = [chain[chain.index(id) :] for chain in chains if id in chain]
        assert remaining[id] == max(sum(seconds[step] for step in tail) for tail in tails)


def test_topological_order_puts_upstream_first_and_does_not_change() -> None:
    edges = {"c": ("b",), "a": (), "b": ("a",)}
    assert topological_order(edges) == topological_order(dict(edges)) == ["a", "b", "c"]


def test_wafer_test() -> None:
    found = plan(WAFER_TEST)
    assert len(found.tasks) == 7
    assert found.unit == "tasks"
    assert found.parallel_groups == (("detect_outliers", "predict_yield"),)
    assert len(found.critical_path) == 6
    assert found.critical_path_length == 6
    assert found.width == 2


def test_wafer_test_v2() -> None:
    found = plan(WAFER_TEST_V2)
    assert (found.total_work, found.critical_path_length, found.width) == (260, 160, 3)
    assert found.critical_path == ("parse", "validate", "features", "train_rf", "ensemble", "report")
    assert found.parallel_groups == (("train_rf", "train_xgb", "train_lgbm"),)
    assert all(task.critical for task in found.tasks)


def test_slack_of_the_shorter_side() -> None:
    edges = {"a": [], "long": ["a"], "short": ["a"], "z": ["long", "short"]}
    found = plan(from_edges(edges, {"a": 1, "long": 9, "short": 2, "z": 1}))
    assert {task.id: task.slack for task in found.tasks} == {"a": 0, "long": 0, "short": 7, "z": 0}
    assert [task.id for task in found.tasks if not task.critical] == ["short"]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ({}, {"a": 1, "b": 1}),
        ({"a": 30.0}, {"a": 30, "b": 0}),
        ({"a": 0.0}, {"a": 0, "b": 0}),
    ],
    ids=["no task has an estimate", "one has", "one has an estimate of nothing"],
)
def test_what_tasks_without_an_estimate_count(seconds: dict[str, float], expected: dict[str, float]) -> None:
    assert durations(from_edges({"a": [], "b": ["a"]}, seconds)) == expected


def test_finally_follows_everything() -> None:
    found = plan(
        pipeline(
            task("work", seconds=5),
            task("other", seconds=9),
            task("cleanup", rule="all_done", is_finally=True, seconds=1),
            task("notify", "cleanup", rule="all_done", is_finally=True, seconds=1),
        )
    )
    assert found.levels == (("work", "other"), ("cleanup",), ("notify",))
    assert found.critical_path == ("other", "cleanup", "notify")
    assert found.tasks[2].upstream == ()
    assert found.critical_path_length == 11


@pytest.mark.parametrize(
    ("seconds", "deadline", "margin"), [(60, 100.0, 40), (60, 50.0, -10), (60, None, None), (None, 100.0, None)]
)
def test_deadline_margin(seconds: float | None, deadline: float | None, margin: float | None) -> None:
    assert plan(pipeline(task("a", seconds=seconds), deadline=deadline)).deadline_margin == margin


REDUNDANT = {
    "a chain makes the direct edge redundant": (
        [task("a"), task("b", "a"), task("c", "a", "b")],
        [("a", "c")],
    ),
    "an edge that carries a value is needed": (
        [task("a"), task("b", "a"), task("c", "a", "b", reads=["a"])],
        [],
    ),
    "a task that runs after failures does not pass them on": (
        [task("a"), task("b", "a", rule="all_done"), task("c", "a", "b")],
        [],
    ),
    "another rule counts its upstream tasks": (
        [task("a"), task("b", "a"), task("c", "a", "b", rule="one_failed")],
        [],
    ),
    "the edge from a decision to its branch is the language's own": (
        [decision("d"), task("x", "d", sides=[("d", True)]), task("y", "d", "x", sides=[("d", True)])],
        [],
    ),
}


@pytest.mark.parametrize("case", REDUNDANT)
def test_redundant_edges(case: str) -> None:
    tasks, expected = REDUNDANT[case]
    assert redundant_edges(pipeline(*tasks)) == expected


def test_groups_need_something_around_them() -> None:
    assert parallel_groups({"a": (), "b": ()}) == []
    assert parallel_groups({"a": (), "b": ("a",), "c": ("a",)}) == [["b", "c"]]
    assert parallel_groups({"a": (), "b": ("a",), "c": ("a",), "d": ("c",)}) == []


def test_a_value_of_an_early_task_leaves_a_group_whole() -> None:
    assert parallel_groups({"a": (), "b": ("a",), "c": ("b", "a"), "d": ("b",), "e": ("c", "d")}) == [["c", "d"]]


def test_thousands_of_tasks_are_planned() -> None:
    edges = {f"t{i}": tuple({f"t{i * 7 // 11}", f"t{i - 1 - i % 50}"}) if i > 60 else () for i in range(3_000)}
    assert len(plan(from_edges(edges)).tasks) == 3_000


def test_tasks_of_different_branches_are_no_group() -> None:
    tasks = [
        decision("d"),
        task("a", "d", sides=[("d", True)]),
        task("b", "d", sides=[("d", True)]),
        task("c", "d", sides=[("d", False)]),
        task("e", "a", "b", "c", rule="none_failed_min_one_success"),
    ]
    assert plan(pipeline(*tasks)).parallel_groups == (("a", "b"),)
