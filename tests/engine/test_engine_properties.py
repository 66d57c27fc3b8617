"""What holds for every pipeline, whatever its tasks do and in whatever order.

The states a run ends in are compared with a definition that knows no time: each task is judged by the final states of
its upstream tasks alone.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from pipec.engine.events import (
    FINAL,
    Event,
    RunFinished,
    StartAttempt,
    State,
    TaskChanged,
    WaitForRetry,
)
from pipec.engine.trigger_rules import decide
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import Decision, Pipeline, Retry, Task, TriggerRule
from tests.engine.driver import ERROR, Driver, Outcome, driver
from tests.support.ir_builder import decision, gate, pipeline, require, task

ORDER_FREE_RULES = sorted(set(get_args(TriggerRule)) - {"one_success", "one_failed", "one_done", "always"})


@dataclass(frozen=True)
class Scenario:
    """A pipeline with everything fixed that will happen in it, but not when."""

    pipeline: Pipeline
    outcomes: Mapping[str, Sequence[Outcome]]

    def play(self, seed: int, max_parallel: int | None = None, cancel_after: int | None = None) -> Driver:
        """Run it; the seed says which of the events that may come next does."""
        chance = random.Random(seed)

        def choose(waiting: Sequence[Event]) -> int:
            return chance.randrange(len(waiting))

        return driver(self.pipeline, self.outcomes, max_parallel=max_parallel).run(choose, cancel_after)


@st.composite
def scenarios(draw: st.DrawFn, rules: Sequence[TriggerRule] = get_args(TriggerRule)) -> Scenario:
    """Up to eight tasks, the last ones perhaps in `finally`: code, gates and decisions, with some tasks in branches."""
    size = draw(st.integers(1, 8))
    work = draw(st.integers(0, size))
    tasks: list[Task] = []
    outcomes: dict[str, list[Outcome]] = {}
    for number in range(size):
        upstream = [other for other in tasks if draw(st.booleans())]
        sides = [
            (other.id, draw(st.booleans()))
            for other in upstream
            if isinstance(other.implementation, Decision) and draw(st.booleans())
        ]
        name, after = f"t{number}", " ".join(other.id for other in upstream)
        is_finally = number >= work
        rule: TriggerRule = "all_done" if is_finally else draw(st.sampled_from(rules))
        match draw(st.sampled_from(["code", "code", "code", "decision", "gate"])):
            case "decision":
                chosen = draw(st.booleans())
                tasks.append(decision(name, chosen, after=after, rule=rule, side=sides, is_finally=is_finally))
            case "gate":
                held = require(draw(st.booleans()), source="held")
                tasks.append(gate(name, held, after=after, rule=rule, side=sides, is_finally=is_finally))
            case _:
                retry = Retry(max=draw(st.integers(0, 2)), delay=1)
                tasks.append(task(name, after=after, rule=rule, side=sides, retry=retry, is_finally=is_finally))
                outcomes[name] = [*[ERROR] * draw(st.integers(0, 3)), {}]
    return Scenario(pipeline(*tasks), outcomes)


def own_end(scenario: Scenario, found: Task) -> State:
    """How a task ends once it runs."""
    if isinstance(found.implementation, Decision):
        return "success"
    if found.requirements:
        condition = found.requirements[0].condition
        assert isinstance(condition, LiteralValue)
        return "success" if condition.value else "failed"
    attempts = 1 + (found.options.retry or Retry()).max
    return "success" if any(outcome == {} for outcome in scenario.outcomes[found.id][:attempts]) else "failed"


def is_untaken(found: Task, scenario: Scenario, states: Mapping[str, State]) -> bool:
    """Whether a decision right before a task chose the other side."""
    for side in found.branches:
        decided = scenario.pipeline.task(side.decision).implementation
        assert isinstance(decided, Decision)
        assert isinstance(decided.condition, LiteralValue)
        if states[side.decision] == "success" and decided.condition.value != side.taken:
            return True
    return False


def expected_states(scenario: Scenario) -> dict[str, State]:
    """The final state of every task, judged in upstream order with no notion of time."""
    states: dict[str, State] = {}
    for found in scenario.pipeline.tasks:
        upstream = [states[task_id] for task_id in found.upstream]
        failure_wins = found.trigger_rule in ("all_success", "none_failed", "none_failed_min_one_success")
        has_failure = "failed" in upstream or "upstream_failed" in upstream
        decided = "run" if found.is_finally else decide(found.trigger_rule, upstream)
        if is_untaken(found, scenario, states):
            decided = "upstream_failed" if failure_wins and has_failure and not found.is_finally else "skipped"
        assert decided != "wait"
        states[found.id] = own_end(scenario, found) if decided == "run" else decided
    return states


seeds = st.integers(0, 2**32)
limits = st.none() | st.integers(1, 3)


@given(scenarios(), seeds, limits)
def test_final_states_do_not_depend_on_time(scenario: Scenario, seed: int, limit: int | None) -> None:
    assert scenario.play(seed, limit).engine.states == expected_states(scenario)


@given(scenarios(ORDER_FREE_RULES), seeds, seeds, limits)
def test_two_orders_end_alike(scenario: Scenario, one: int, other: int, limit: int | None) -> None:
    first, second = scenario.play(one), scenario.play(other, limit)
    assert first.engine.states == second.engine.states
    assert first.finish == second.finish
    assert Counter(first.started) == Counter(second.started)
    for task_id in first.engine.states:
        assert first.engine.outputs(task_id) == second.engine.outputs(task_id)
        assert first.engine.attempts(task_id) == second.engine.attempts(task_id)


FOLLOWS: dict[State, set[State]] = {
    "pending": {"running", "success", "failed", "skipped", "upstream_failed"},
    "running": {"success", "failed", "up_for_retry"},
    "up_for_retry": {"running", "failed"},
    "success": set(),
    "failed": set(),
    "skipped": set(),
    "upstream_failed": set(),
}


@given(scenarios(), seeds, limits, st.none() | st.integers(0, 10))
def test_every_run_ends_properly(scenario: Scenario, seed: int, limit: int | None, cancel_after: int | None) -> None:
    run = scenario.play(seed, limit, cancel_after)
    known: dict[str, State] = dict.fromkeys(run.engine.states, "pending")
    for command in run.commands:
        match command:
            case TaskChanged(task=task_id, state=state):
                assert state in FOLLOWS[known[task_id]]
                known[task_id] = state
            case StartAttempt(task=task_id):
                assert known[task_id] == "running"
            case WaitForRetry(task=task_id):
                assert known[task_id] == "up_for_retry"
            case RunFinished():
                assert FINAL.issuperset(known.values())
        assert limit is None or Counter(known.values())["running"] <= limit
    assert known == run.engine.states
    assert run.finish.state == run.engine.run_state


@given(scenarios(), seeds, st.integers(0, 10))
def test_nothing_starts_after_cancelling(scenario: Scenario, seed: int, cancel_after: int) -> None:
    run, free = scenario.play(seed, cancel_after=cancel_after), scenario.play(seed)
    assert free.started[: len(run.started)] == run.started
    if run.commands != free.commands:
        assert run.finish.state == "failed"


@given(scenarios(), seeds, st.permutations([f"t{number}" for number in range(8)]), limits)
def test_names_mean_nothing(scenario: Scenario, seed: int, names: list[str], limit: int | None) -> None:
    renamed = {f"t{number}": f"x_{name}" for number, name in enumerate(names)}

    def rename(found: Task) -> Task:
        sides = [side.model_copy(update={"decision": renamed[side.decision]}) for side in found.branches]
        upstream = tuple(renamed[task_id] for task_id in found.upstream)
        new = {"id": renamed[found.id], "name": renamed[found.id], "upstream": upstream, "branches": tuple(sides)}
        return found.model_copy(update=new)

    other = Scenario(
        pipeline(*map(rename, scenario.pipeline.tasks)),
        {renamed[task_id]: outcomes for task_id, outcomes in scenario.outcomes.items()},
    )
    one, two = scenario.play(seed, limit), other.play(seed, limit)
    assert two.engine.states == {renamed[task_id]: state for task_id, state in one.engine.states.items()}
    assert two.started == [renamed[task_id] for task_id in one.started]
    assert two.finish == one.finish


@given(scenarios(), seeds)
@settings(max_examples=20)
def test_the_same_events_give_the_same_commands(scenario: Scenario, seed: int) -> None:
    assert scenario.play(seed, 2).commands == scenario.play(seed, 2).commands


def test_thousands_of_tasks() -> None:
    """Wide and deep: a task with 2,000 upstream tasks, and a chain of 2,000."""
    wide = [task(f"w{number}") for number in range(2_000)]
    join = task("join", after=" ".join(found.id for found in wide), rule="all_done")
    chain = [task("c0", after="join"), *(task(f"c{n}", after=f"c{n - 1}") for n in range(1, 2_000))]
    run = driver(pipeline(*wide, join, *chain, task("clean", is_finally=True)), max_parallel=8)
    run.run()
    assert run.finish.state == "success"
