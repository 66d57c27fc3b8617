"""What theory says of the length of a run, on random graphs: one slot, as many as wanted, and in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pipec.analysis.critical_path import remaining_times, timing
from pipec.analysis.graph import upstream_map
from pipec.engine.capacity import Capacity
from pipec.ir.model import Estimate, Options, Pipeline, Task
from pipec.optimisation.slots import makespan
from pipec.simulation.assumptions import Assumptions
from pipec.simulation.chance import Chance, Manners
from pipec.simulation.criticality import critical_chain
from pipec.simulation.driver import simulate
from pipec.simulation.simulated import SimulatedRun
from tests.support.ir_builder import CONTEXT, pipeline, task

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Graph:
    """A pipeline of tasks with point estimates, the longest chain of them and their sum, in seconds."""

    pipeline: Pipeline
    longest: float
    work: float
    priorities: Mapping[str, float]

    def played(self, slots: int | None) -> SimulatedRun:
        chance = Chance(Manners([self.pipeline], Assumptions()), seed=0, run=0)
        capacity = Capacity(slots=slots)
        return simulate(self.pipeline, {}, {}, CONTEXT, chance, capacity=capacity, priorities=self.priorities)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Up to 14 tasks whose upstream tasks stand before them; priorities are those of `pipec run`, or any at all."""
    size = draw(st.integers(1, 14))
    tasks: list[Task] = []
    seconds: dict[str, float] = {}
    for index in range(size):
        parents = draw(st.sets(st.integers(0, index - 1), max_size=4)) if index else set()
        one = task(f"t{index}", after=" ".join(f"t{parent}" for parent in sorted(parents)))
        seconds[one.id] = length = float(draw(st.integers(0, 9)))
        estimate = Estimate(min=length, likely=length, max=length)
        tasks.append(one.model_copy(update={"options": Options(estimate=estimate)}))
    made = pipeline(*tasks)
    priorities = draw(st.sampled_from([remaining_times(made), dict.fromkeys(seconds, 0.0)]))
    if draw(st.booleans()):
        priorities = {id: float(draw(st.integers(0, 3))) for id in seconds}
    return Graph(made, timing(upstream_map(made), seconds).length, sum(seconds.values()), priorities)


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_one_slot_takes_all_the_work(graph: Graph) -> None:
    assert graph.played(slots=1).makespan == graph.work


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_slots_without_limit_take_the_critical_path(graph: Graph) -> None:
    run = graph.played(slots=None)
    assert run.makespan == graph.longest
    assert sum(one.queued for one in run.tasks.values()) == 0


@settings(max_examples=150, deadline=None)
@given(graphs(), st.integers(1, 6))
def test_in_between_no_task_idles_without_need(graph: Graph, slots: int) -> None:
    """Graham's bound of list scheduling: whatever the priorities, no slot is empty while a task may start."""
    length = graph.played(slots).makespan
    assert length >= max(graph.longest, graph.work / slots) - _ROUNDING
    assert length <= graph.work / slots + (1 - 1 / slots) * graph.longest + _ROUNDING


@settings(max_examples=60, deadline=None)
@given(graphs(), st.integers(1, 4))
def test_the_critical_chain_has_no_gap(graph: Graph, slots: int) -> None:
    """Each task of it starts when the one before it ends, the first one at the start of the run."""
    run = graph.played(slots)
    chain = [run.tasks[id] for id in critical_chain(run)]
    assert chain[0].started == 0
    assert chain[-1].ended == run.makespan
    assert all(before.ended == after.started for before, after in pairwise(chain))


@settings(max_examples=60, deadline=None)
@given(graphs(), st.integers(1, 4))
def test_never_more_at_once_than_there_are_slots(graph: Graph, slots: int) -> None:
    run = graph.played(slots)
    attempts = [attempt for one in run.tasks.values() for attempt in one.attempts]
    for moment in {attempt.started for attempt in attempts}:
        running = [one for one in attempts if one.started <= moment and moment < (one.ended or 0.0)]
        assert len(running) <= slots


@settings(max_examples=150, deadline=None)
@given(graphs(), st.integers(1, 6))
def test_what_proposals_of_slots_play_is_the_same(graph: Graph, slots: int) -> None:
    """They play by a schedule of their own, which is quick enough to try many numbers of slots on large pipelines."""
    by_remaining = replace(graph, priorities=remaining_times(graph.pipeline))
    assert by_remaining.played(slots).makespan == makespan(graph.pipeline, slots)
