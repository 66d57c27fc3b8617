"""What decisions and eager trigger rules do to the tasks behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import pytest

from pipec.engine.events import AttemptFailed, AttemptSucceeded, Failure, RunStarted
from pipec.engine.states import State
from pipec.engine.trigger_rules import decide
from pipec.ir.model import Pipeline, Task, TriggerRule
from tests.engine.driver import ERROR, Outcome, driver, first, last
from tests.support.ir_builder import (
    binary,
    decision,
    output,
    pipeline,
    task,
)

BROKEN = binary(1, "/", 0, "1 / 0")


# --- if and else ---------------------------------------------------------------------------------


def if_else(rule: str = "none_failed_min_one_success") -> Pipeline:
    """check, then `if check > 5 { yes -> deep } else { no }`, joined by `join`."""
    return pipeline(
        task("check", outputs="int"),
        decision("d", binary(output("check"), ">", 5), after="check"),
        task("yes", after="d", side=[("d", True)]),
        task("deep", after="yes", side=[("d", True)]),
        task("no", after="d", side=[("d", False)]),
        Task.model_validate(task("join", after="deep no d").model_dump() | {"trigger_rule": rule}),
    )


@pytest.mark.parametrize(
    ("outcomes", "states", "verdict"),
    [
        (
            {"check": [{"output": 6}]},
            "check=success d=success yes=success deep=success no=skipped join=success",
            "success",
        ),
        (
            {"check": [{"output": 5}]},
            "check=success d=success yes=skipped deep=skipped no=success join=success",
            "success",
        ),
        (
            {"check": [{"output": 6}], "yes": [ERROR]},
            "check=success d=success yes=failed deep=upstream_failed no=skipped join=upstream_failed",
            "failed",
        ),
        (
            {"check": [ERROR]},
            "check=failed d=upstream_failed yes=upstream_failed deep=upstream_failed no=upstream_failed "
            "join=upstream_failed",
            "failed",
        ),
    ],
)
def test_if_else(outcomes: Mapping[str, Sequence[Outcome]], states: str, verdict: str) -> None:
    for choose in (first, last):
        run = driver(if_else(), outcomes).run(choose)
        assert run.states == states
        assert run.finish.state == verdict


@pytest.mark.parametrize(
    ("rule", "state"),
    [("all_success", "skipped"), ("none_failed", "success"), ("all_done", "success"), ("one_success", "success")],
)
def test_joins(rule: str, state: str) -> None:
    run = driver(if_else(rule), {"check": [{"output": 6}]}).run()
    assert run.engine.states["join"] == state
    assert run.engine.outputs("d") == {"output": True}


def test_a_condition_without_a_value_fails_the_decision() -> None:
    run = driver(pipeline(decision("d", BROKEN), task("yes", after="d", side=[("d", True)]))).run()
    assert run.states == "d=failed yes=upstream_failed"
    assert run.failure("d") == Failure("input", "division by zero in 1 / 0")


@pytest.mark.parametrize(
    ("outer", "inner", "states"),
    [
        (True, True, "outer=success inner=success a=success b=skipped c=skipped always_a=success join=success"),
        (True, False, "outer=success inner=success a=skipped b=success c=skipped always_a=skipped join=success"),
        (False, True, "outer=success inner=skipped a=skipped b=skipped c=success always_a=skipped join=success"),
    ],
)
def test_nested_if(outer: bool, inner: bool, states: str) -> None:
    run = driver(
        pipeline(
            decision("outer", outer),
            decision("inner", inner, after="outer", side=[("outer", True)]),
            task("a", after="inner", side=[("outer", True), ("inner", True)]),
            task("b", after="inner", side=[("outer", True), ("inner", False)]),
            task("c", after="outer", side=[("outer", False)]),
            task("always_a", after="outer inner", rule="all_done", side=[("outer", True), ("inner", True)]),
            task("join", after="a b c", rule="none_failed_min_one_success"),
        )
    ).run()
    assert run.states == states


@pytest.mark.parametrize(
    ("rule", "other", "state"),
    [
        ("all_success", {}, "skipped"),
        ("all_success", ERROR, "upstream_failed"),
        ("none_failed", {}, "skipped"),
        ("none_failed", ERROR, "upstream_failed"),
        ("none_failed_min_one_success", {}, "skipped"),
        ("none_failed_min_one_success", ERROR, "upstream_failed"),
        ("all_done", ERROR, "skipped"),
        ("one_success", {}, "skipped"),
        ("one_failed", ERROR, "skipped"),
        ("one_done", {}, "skipped"),
        ("none_skipped", {}, "skipped"),
        ("always", {}, "skipped"),
    ],
)
def test_the_side_not_taken_with_another_upstream_task(rule: Any, other: Outcome, state: str) -> None:
    tasks = (
        task("check", outputs="bool"),
        task("other"),
        decision("d", output("check", "bool"), after="check"),
        task("x", after="d other", rule=rule, side=[("d", True)]),
    )
    for choose in (first, last):
        run = driver(pipeline(*tasks), {"check": [{"output": False}], "other": [other]}).run(choose)
        assert run.engine.states["x"] == state
        assert "x" not in run.started


@pytest.mark.parametrize("rule", ["always", "one_success", "one_failed", "one_done"])
def test_no_task_of_a_branch_starts_before_the_decision(rule: Any) -> None:
    other: Outcome = ERROR if rule == "one_failed" else {}
    tasks = (
        task("check", outputs="bool"),
        task("other"),
        decision("d", output("check", "bool"), after="check"),
        task("x", after="d other", rule=rule, side=[("d", True)]),
    )
    run = driver(pipeline(*tasks), {"check": [{"output": True}], "other": [other]}).run(last)
    assert run.started == ["check", "other", "x"]
    assert run.engine.states["x"] == "success"


# --- eager rules ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "outcome", "starts"),
    [
        ("one_success", {}, True),
        ("one_success", ERROR, False),
        ("one_failed", ERROR, True),
        ("one_failed", {}, False),
        ("one_done", {}, True),
        ("one_done", ERROR, True),
        ("all_done", {}, False),
        ("none_failed", {}, False),
    ],
)
def test_eager_rules_start_before_all_upstream_tasks_are_final(rule: Any, outcome: Outcome, starts: bool) -> None:
    run = driver(pipeline(task("a"), task("b"), task("x", after="a b", rule=rule)))
    run.send(RunStarted())
    run.send(AttemptFailed("a", outcome) if isinstance(outcome, Failure) else AttemptSucceeded("a"))
    assert (run.started == ["a", "b", "x"]) is starts


@pytest.mark.parametrize("rule", get_args(TriggerRule))
@pytest.mark.parametrize("state", ["success", "failed", "skipped", "upstream_failed"])
def test_what_one_upstream_task_decides_is_decided_before_the_others_end(rule: TriggerRule, state: State) -> None:
    tasks = (
        task("first"),
        task("one", after="first", rule="one_failed" if state == "skipped" else "all_success"),
        task("slow"),
        task("x", after="one slow", rule=rule),
    )
    ends = {"upstream_failed": {"first": [ERROR]}, "failed": {"one": [ERROR]}}
    run = driver(pipeline(*tasks), ends.get(state, {})).start()
    run.end("first")
    if "one" in run.running:
        run.end("one")
    assert run.engine.states["one"] == state
    decided = decide(rule, [state, "running"])
    became: dict[str, State] = {"wait": "pending", "run": "running"}
    assert run.engine.states["x"] == became.get(decided, decided)


@pytest.mark.parametrize(("chosen", "state"), [(True, "running"), (False, "skipped")])
def test_a_decision_is_enough_where_the_others_do_not_matter(chosen: bool, state: str) -> None:
    tasks = (
        task("other"),
        task("slow"),
        task("check", outputs="bool"),
        decision("d", output("check", "bool"), after="check"),
        task("x", after="other d slow", rule="one_success", side=[("d", True)]),
    )
    run = driver(pipeline(*tasks), {"check": [{"output": chosen}]}).start()
    run.end("other")
    assert run.engine.states["x"] == "pending"
    run.end("check")
    assert run.engine.states["x"] == state


def test_one_decision_of_two_is_enough_to_skip() -> None:
    tasks = (
        task("other"),
        task("check", outputs="bool"),
        task("slow", outputs="bool"),
        decision("d", output("check", "bool"), after="check"),
        decision("e", output("slow", "bool"), after="slow"),
        task("x", after="other d e", rule="one_success", side=[("d", True), ("e", True)]),
    )
    run = driver(pipeline(*tasks), {"check": [{"output": False}], "slow": [{"output": True}]}).start()
    run.end("other", "check")
    assert run.states.endswith("d=success e=pending x=skipped")


def test_always_starts_at_once() -> None:
    run = driver(pipeline(task("a"), task("x", after="a", rule="always")))
    run.send(RunStarted())
    assert run.started == ["a", "x"]
