"""How many slots are proposed, against schedules worked out by hand and bounds that hold for each."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipec.analysis.critical_path import durations, timing
from pipec.analysis.graph import run_upstream
from pipec.ir.model import GateCheck, Options, Pipeline, Task
from pipec.optimisation.slots import Proposal, makespan, proposals, reasons
from tests.optimisation.test_priorities import lasting
from tests.support.ir_builder import pipeline, task


def work(id: str, seconds: float, after: str = "", pool: str | None = None) -> Task:
    made = lasting(task(id, after=after), seconds)
    return made.model_copy(update={"options": Options(estimate=made.options.estimate, pool=pool)})


FAN = pipeline(
    work("a", 10),
    work("b", 50, "a"),
    work("c", 50, "a"),
    work("d", 50, "a"),
    work("e", 100, "a"),
    work("f", 1, "b c d e"),
)
"""10 s, then 50, 50, 50 and 100 s side by side, then 1 s: a fourth slot saves nothing."""


@pytest.mark.parametrize(("slots", "seconds"), [(1, 261), (2, 161), (3, 111), (4, 111), (9, 111)])
def test_with_so_many_slots(slots: int, seconds: float) -> None:
    assert makespan(FAN, slots) == seconds


def test_a_proposal() -> None:
    assert list(proposals(FAN)) == [Proposal(None, 3, 111, 161, 261)]
    assert [one.message for one in reasons(FAN)] == [
        "`p` has a use for 3 slots: the run takes 1m51s, with 2 slots 50s longer, with 1 slot 2m30s longer"
    ]


def test_pools_have_one_each() -> None:
    """Of the three in `gpu` two would do side by side while `long` runs."""
    made = pipeline(work("x", 30, pool="gpu"), work("y", 30, pool="gpu"), work("z", 30, pool="gpu"), work("long", 60))
    assert [one.message for one in reasons(made)] == [
        "`p` has a use for 3 slots: the run takes 1m, with 2 slots 30s longer, with 1 slot 1m30s longer",
        "pool `gpu` has a use for 2 slots: the run takes 1m, with 1 slot 30s longer",
    ]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (pipeline(task("a"), task("b")), []),
        (pipeline(), []),
        (pipeline(work("a", 5), work("b", 5, "a")), [Proposal(None, 1, 10, None, 10)]),
        (pipeline(work("a", 5), task("b", implementation=GateCheck())), [Proposal(None, 1, 5, None, 5)]),
    ],
    ids=["no estimates", "no tasks", "a chain", "a gate takes none"],
)
def test_simple_cases(made: Pipeline, expected: list[Proposal]) -> None:
    assert list(proposals(made)) == expected


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    tasks: list[Task] = []
    for number in range(draw(st.integers(1, 10))):
        after = " ".join(other.id for other in tasks if draw(st.integers(0, 3)) == 0)
        tasks.append(work(f"t{number}", draw(st.integers(0, 9)), after))
    return pipeline(*tasks)


@given(pipelines(), st.integers(1, 6))
def test_bounds_of_every_schedule(made: Pipeline, slots: int) -> None:
    """Never below the critical path or the shared out work, never above what Graham showed of list schedules."""
    duration = durations(made)
    length, total = timing(run_upstream(made), duration).length, sum(duration.values())
    found = makespan(made, slots)
    assert max(length, total / slots) <= found + 1e-9
    assert found <= total / slots + length * (slots - 1) / slots + 1e-9
    assert makespan(made, 1) == total
    assert makespan(made, len(made.tasks)) == length


@given(pipelines())
def test_what_is_proposed_is_as_short_as_can_be(made: Pipeline) -> None:
    [proposal] = proposals(made)
    assert makespan(made, proposal.slots) == makespan(made, len(made.tasks)) == proposal.makespan
    if proposal.fewer is not None:
        assert proposal.fewer > proposal.makespan


def test_thousands_of_tasks() -> None:
    rows, columns = 50, 200
    tasks = [
        work(f"t{row}_{column}", 1 + row % 3, f"t{row - 1}_{column}" if row else "")
        for row, column in product(range(rows), range(columns))
    ]
    [proposal] = proposals(pipeline(*tasks))
    assert proposal.slots == columns
