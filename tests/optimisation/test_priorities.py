"""Priorities from the critical path, and that they change when tasks run but not what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipec.analysis.graph import run_upstream
from pipec.ir.model import Estimate, Pipeline, Task
from pipec.optimisation.priorities import with_priorities
from tests.engine.test_engine_properties import Scenario, limits, scenarios, seeds
from tests.optimisation.proof import before_and_after, runs_alike
from tests.support.ir_builder import pipeline, task


def lasting(task: Task, seconds: float) -> Task:
    estimate = Estimate(min=seconds, likely=seconds, max=seconds)
    return task.model_copy(update={"options": task.options.model_copy(update={"estimate": estimate})})


def priorities(pipeline: Pipeline) -> dict[str, int | None]:
    return {task.id: task.options.priority for task in with_priorities(pipeline)[0].tasks}


DIAMOND = (
    lasting(task("start"), 60),
    lasting(task("short", after="start"), 10),
    lasting(task("long", after="start"), 600),
    task("end", after="short long"),
)


def test_before_and_after(golden: Callable[[Path, str], None]) -> None:
    golden(*before_and_after("priorities", "nightly", "by_hand"))


def test_the_longest_way_to_the_end_goes_first() -> None:
    """60 s and the 600 s of `long` follow the beginning of `start`, and nothing takes time from `end` on."""
    made = pipeline(*DIAMOND)
    assert [task.options.priority for task in made.tasks] == [None] * 4
    assert priorities(made) == {"start": 4, "short": 2, "long": 3, "end": 1}
    assert [reason.message for reason in with_priorities(made)[1]] == [
        "`start` has the priority 4: from its start on the longest chain takes 11m",
        "`short` has the priority 2: from its start on the longest chain takes 10s",
        "`long` has the priority 3: from its start on the longest chain takes 10m",
        "`end` has the priority 1: from its start on the longest chain takes 0s",
    ]


@pytest.mark.parametrize(
    "made",
    [
        pipeline(task("a"), task("b", after="a")),
        pipeline(lasting(task("a"), 10), task("b", after="a", priority=3)),
        pipeline(),
    ],
    ids=["no estimate", "a priority of its own", "no task"],
)
def test_left_as_it_is(made: Pipeline) -> None:
    after, reasons = with_priorities(made)
    assert after is made
    assert list(reasons) == []


@st.composite
def estimated(draw: st.DrawFn) -> Scenario:
    scenario = draw(scenarios())
    tasks = tuple(lasting(task, draw(st.integers(0, 5))) for task in scenario.pipeline.tasks)
    return replace(scenario, pipeline=scenario.pipeline.model_copy(update={"tasks": tasks}))


@given(estimated(), seeds, seeds, limits)
def test_no_run_ends_in_another_way(scenario: Scenario, one: int, other: int, limit: int | None) -> None:
    runs_alike(scenario, with_priorities, (one, other), limit)


@given(estimated())
def test_nobody_goes_before_what_he_waits_for(scenario: Scenario) -> None:
    found = priorities(scenario.pipeline)
    for id, upstream in run_upstream(scenario.pipeline).items():
        for above in upstream:
            assert (found[above] or 0) >= (found[id] or 0)
