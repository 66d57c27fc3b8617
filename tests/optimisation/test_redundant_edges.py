"""Edges that are left out, and that no run is another one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given

from pipec.analysis.graph import ancestors, upstream_map
from pipec.optimisation.redundant_edges import without_redundant_edges
from tests.engine.test_engine_properties import Scenario, limits, scenarios, seeds
from tests.optimisation.proof import before_and_after, random_text_runs_alike, runs_alike


def test_before_and_after(golden: Callable[[Path, str], None]) -> None:
    """Kept are edges with values, of other rules, and of branches."""
    golden(*before_and_after("redundant-edges", "etl"))


@given(scenarios(), seeds, seeds, limits)
def test_no_run_is_another_one(scenario: Scenario, one: int, other: int, limit: int | None) -> None:
    runs_alike(scenario, without_redundant_edges, (one, other), limit)


@given(scenarios(["all_success"]), seeds, seeds, limits)
def test_nor_is_one_of_plain_tasks(scenario: Scenario, one: int, other: int, limit: int | None) -> None:
    runs_alike(scenario, without_redundant_edges, (one, other), limit)


def test_nor_is_one_where_values_are_read() -> None:
    changed = [random_text_runs_alike(seed, without_redundant_edges) for seed in range(60)]
    assert sum(changed) > 5


@given(scenarios())
def test_everything_still_comes_after_what_it_came_after(scenario: Scenario) -> None:
    after, reasons = without_redundant_edges(scenario.pipeline)
    assert ancestors(upstream_map(after)) == ancestors(upstream_map(scenario.pipeline))
    left_out = sum(len(task.upstream) for task in scenario.pipeline.tasks) - sum(
        len(task.upstream) for task in after.tasks
    )
    assert len(list(reasons)) == left_out
    assert without_redundant_edges(after)[0] == after
