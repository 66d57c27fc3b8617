"""Whole runs: how tasks start, fail and are tried again, and what the run comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from pipec.engine.engine import Engine
from pipec.engine.events import (
    ApprovalAnswered,
    AttemptFailed,
    AttemptSucceeded,
    CancelRun,
    Failure,
    RetryDue,
    RunFinished,
    RunStarted,
    StartAttempt,
    TaskChanged,
    WaitForRetry,
)
from pipec.ir.expressions import DictEntry, DictExpression, Interpolation
from pipec.ir.model import ContainerImage, Pipeline, PipelineCall, Retry, Task
from tests.engine.driver import ERROR, Outcome, driver, last
from tests.support.ir_builder import (
    CONTEXT,
    binary,
    command,
    decision,
    gate,
    literal,
    output,
    parameter,
    parameter_value,
    pipeline,
    require,
    run_value,
    task,
)

BROKEN = binary(1, "/", 0, "1 / 0")


# --- one task after the other --------------------------------------------------------------------


def test_commands_of_a_small_run() -> None:
    engine = Engine(
        pipeline(
            task("a", inputs={"day": run_value("date")}, outputs="int"),
            task("b", inputs={"rows": output("a")}),
        ),
        {},
        CONTEXT,
    )
    assert engine.handle(RunStarted()) == [
        TaskChanged("a", "running", 1),
        StartAttempt("a", 1, {"day": "2026-01-02"}),
    ]
    assert engine.states == {"a": "running", "b": "pending"}
    assert engine.handle(AttemptSucceeded("a", {"output": 5})) == [
        TaskChanged("a", "success", 1, outputs={"output": 5}),
        TaskChanged("b", "running", 1),
        StartAttempt("b", 1, {"rows": 5}),
    ]
    assert engine.handle(AttemptSucceeded("b")) == [
        TaskChanged("b", "success", 1, outputs={}),
        RunFinished("success"),
    ]
    assert engine.run_state == "success"
    assert engine.states == {"a": "success", "b": "success"}
    assert engine.outputs("a") == {"output": 5}
    assert [engine.attempts("a"), engine.attempts("b")] == [1, 1]


def test_an_upstream_task_named_twice_is_one() -> None:
    b = task("b", after="a").model_copy(update={"upstream": ("a", "a")})
    assert driver(pipeline(task("a"), b)).run().states == "a=success b=success"


def test_a_pipeline_without_tasks_succeeds() -> None:
    assert Engine(pipeline(), {}, CONTEXT).handle(RunStarted()) == [RunFinished("success")]


def test_inputs_and_arguments() -> None:
    image = ContainerImage(image=literal("train:1"), command=(literal("fit"),), arguments=(parameter_value("n"),))
    run = driver(
        pipeline(
            task("a", inputs={"n": parameter_value("n"), "wait": literal(90, "duration"), "try": run_value("attempt")}),
            command("b", "echo", Interpolation(parts=(literal("n="), parameter_value("n"))), "{{ x }} $y"),
            task("c", implementation=image),
            parameters=(parameter("n"),),
        ),
        parameters={"n": 3},
    )
    starts = [command for command in run.send(RunStarted()) if isinstance(command, StartAttempt)]
    assert starts == [
        StartAttempt("a", 1, {"n": 3, "wait": 90, "try": 1}),
        StartAttempt("b", 1, {}, ("echo", "n=3", "{{ x }} $y")),
        StartAttempt("c", 1, {}, ("fit", "3")),
    ]


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (task("a", inputs={"ok": 1, "x": BROKEN}, retry=Retry(max=3)), "input x: division by zero in 1 / 0"),
        (task("a", inputs={"x": binary(1e308, "*", 10)}), "input x: inf is not a JSON value"),
        (command("a", "echo", BROKEN), "division by zero in 1 / 0"),
    ],
)
def test_an_input_without_a_value_fails_the_task(broken: Task, message: str) -> None:
    run = driver(pipeline(broken, task("b", after="a"))).run()
    assert run.states == "a=failed b=upstream_failed"
    assert run.failure("a") == Failure("input", message)
    assert run.started == []
    assert run.engine.attempts("a") == 1


# --- retries -------------------------------------------------------------------------------------


def test_retries_wait_longer_each_time() -> None:
    retry = Retry(max=4, delay=30, backoff=2, max_delay=100)
    run = driver(pipeline(task("a", inputs={"n": run_value("attempt")}, retry=retry)), {"a": [ERROR]}).run()
    assert run.commands == [
        TaskChanged("a", "running", 1),
        StartAttempt("a", 1, {"n": 1}),
        TaskChanged("a", "up_for_retry", 1, ERROR),
        WaitForRetry("a", 2, 30),
        TaskChanged("a", "running", 2),
        StartAttempt("a", 2, {"n": 2}),
        TaskChanged("a", "up_for_retry", 2, ERROR),
        WaitForRetry("a", 3, 60),
        TaskChanged("a", "running", 3),
        StartAttempt("a", 3, {"n": 3}),
        TaskChanged("a", "up_for_retry", 3, ERROR),
        WaitForRetry("a", 4, 100),
        TaskChanged("a", "running", 4),
        StartAttempt("a", 4, {"n": 4}),
        TaskChanged("a", "up_for_retry", 4, ERROR),
        WaitForRetry("a", 5, 100),
        TaskChanged("a", "running", 5),
        StartAttempt("a", 5, {"n": 5}),
        TaskChanged("a", "failed", 5, ERROR),
        RunFinished("failed"),
    ]


@pytest.mark.parametrize(
    ("retry", "outcomes", "state", "attempts"),
    [
        (None, [ERROR, {}], "failed", 1),
        (Retry(max=2), [{}], "success", 1),
        (Retry(max=2), [ERROR, {}], "success", 2),
        (Retry(max=2), [ERROR, ERROR, {}], "success", 3),
        (Retry(max=2), [ERROR, ERROR, ERROR, {}], "failed", 3),
        (Retry(max=2, on=("RuntimeError",)), [ERROR, {}], "success", 2),
        (Retry(max=2, on=("KeyError",)), [ERROR, {}], "failed", 1),
        (Retry(max=2), [Failure("timeout", ""), {}], "success", 2),
        (Retry(max=2), [Failure("output", ""), {}], "failed", 1),
    ],
)
def test_attempts(retry: Retry | None, outcomes: Sequence[Outcome], state: str, attempts: int) -> None:
    run = driver(pipeline(task("a", retry=retry)), {"a": outcomes}).run()
    assert run.engine.states["a"] == state
    assert run.engine.attempts("a") == attempts


# --- requirements --------------------------------------------------------------------------------


def auc_above(threshold: float, message: Any = None) -> Any:
    return require(binary(output("a.auc", "float"), ">", threshold), message, source=f"auc > {threshold}")


@pytest.mark.parametrize(
    ("requirements", "message"),
    [
        ([auc_above(0.5)], None),
        ([auc_above(0.9)], "auc > 0.9"),
        ([auc_above(0.9, "too weak")], "too weak"),
        ([auc_above(0.9, Interpolation(parts=(literal("auc "), output("a.auc", "float"))))], "auc 0.7"),
        ([auc_above(0.9), auc_above(0.5), auc_above(0.8)], "auc > 0.9\nauc > 0.8"),
        ([require(BROKEN, source="1 / 0")], "1 / 0: division by zero in 1 / 0"),
        ([require(False, BROKEN, source="never")], "never: division by zero in 1 / 0"),
    ],
)
def test_requirements_on_own_outputs(requirements: Sequence[Any], message: str | None) -> None:
    a = task("a", outputs={"auc": "float"}, require=requirements, retry=Retry(max=2))
    b = task("b", inputs={"auc": output("a.auc", "float")}, rule="all_done")
    run = driver(pipeline(a, b), {"a": [{"auc": 0.7}]}).run()
    starts = {command.task: command.inputs for command in run.commands if isinstance(command, StartAttempt)}
    if message is None:
        assert run.states == "a=success b=success"
        assert starts["b"] == {"auc": 0.7}
    else:
        assert run.states == "a=failed b=success"
        assert run.failure("a") == Failure("requirement", message)
        assert run.engine.attempts("a") == 1
        assert run.engine.outputs("a") == {}
        assert starts["b"] == {"auc": None}


def test_a_gate_reports_every_requirement_that_fails() -> None:
    rows = output("a.rows")
    quality = gate(
        "quality",
        require(binary(rows, ">", 100), Interpolation(parts=(literal("only "), rows, literal(" rows")))),
        require(binary(rows, ">", 5), source="rows > 5"),
        require(binary(binary(rows, "%", 3), "==", 0), source="rows % 3 == 0"),
        after="a",
    )
    run = driver(pipeline(task("a", outputs={"rows": "int"}), quality, task("b", after="quality")))
    run.send(RunStarted())
    assert run.send(AttemptSucceeded("a", {"rows": 10})) == [
        TaskChanged("a", "success", 1, outputs={"rows": 10}),
        TaskChanged("quality", "failed", 1, Failure("requirement", "only 10 rows\nrows % 3 == 0")),
        TaskChanged("b", "upstream_failed", 0),
        RunFinished("failed"),
    ]


def test_a_gate_without_requirements_is_a_join() -> None:
    run = driver(pipeline(task("a"), task("b"), gate("join", after="a b"), task("c", after="join"))).run(last)
    assert run.states == "a=success b=success join=success c=success"
    assert run.started == ["a", "b", "c"]


# --- finally and the verdict ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "states", "verdict"),
    [
        ({}, "a=success b=success clean=success report=success", "success"),
        ({"a": [ERROR]}, "a=failed b=upstream_failed clean=success report=success", "failed"),
        ({"clean": [ERROR]}, "a=success b=success clean=failed report=success", "failed"),
        ({"b": [ERROR], "report": [ERROR]}, "a=success b=failed clean=success report=failed", "failed"),
    ],
)
def test_finally(outcomes: Mapping[str, Sequence[Outcome]], states: str, verdict: str) -> None:
    tasks = (
        task("a"),
        task("b", after="a"),
        task("clean", is_finally=True, rule="all_done"),
        task("report", after="clean a", is_finally=True, rule="all_done"),
    )
    run = driver(pipeline(*tasks), outcomes).run()
    assert run.states == states
    assert run.finish.state == verdict
    assert run.started[-2:] == ["clean", "report"]


def test_finally_waits_for_all_other_tasks() -> None:
    run = driver(pipeline(task("clean", after="a", is_finally=True, rule="all_done"), task("a"), task("b")))
    run.send(RunStarted())
    run.send(AttemptSucceeded("a"))
    assert run.started == ["a", "b"]
    assert run.engine.run_state == "running"
    run.send(AttemptFailed("b", ERROR))
    assert run.started == ["a", "b", "clean"]


def test_finally_alone() -> None:
    assert driver(pipeline(task("clean", is_finally=True))).run().states == "clean=success"


def test_if_inside_finally() -> None:
    tasks = (
        task("a"),
        decision("d", False, is_finally=True, rule="all_done"),
        task("yes", after="d", is_finally=True, rule="all_done", side=[("d", True)]),
        task("no", after="d", is_finally=True, rule="all_done", side=[("d", False)]),
    )
    assert driver(pipeline(*tasks)).run().states == "a=success d=success yes=skipped no=success"


@pytest.mark.parametrize(
    ("tasks", "failing", "verdict"),
    [
        ([task("a"), task("b", after="a")], "a", "failed"),
        ([task("a"), task("b", after="a")], "b", "failed"),
        ([task("a"), task("b", after="a", rule="all_done")], "a", "success"),
        ([task("a"), task("b", after="a", rule="all_failed")], "a", "success"),
        ([task("a"), task("b", after="a", rule="all_failed")], "", "success"),
        ([task("a"), task("b", after="a", rule="all_done"), task("c", after="a")], "a", "failed"),
        ([task("a"), task("b"), task("c", after="b")], "a", "failed"),
        ([task("a"), task("f", after="a", is_finally=True)], "a", "failed"),
        ([task("a"), task("f", after="a", is_finally=True)], "f", "failed"),
        ([task("a"), task("f", is_finally=True), task("g", after="f", is_finally=True)], "f", "failed"),
        ([decision("d", False), task("yes", after="d", side=[("d", True)])], "", "success"),
    ],
)
def test_verdict(tasks: Sequence[Task], failing: str, verdict: str) -> None:
    assert driver(pipeline(*tasks), {failing: [ERROR]}).run().finish.state == verdict


def test_return_value() -> None:
    value = DictExpression(entries=(DictEntry(key="rows", value=output("a.rows")),))
    tasks = pipeline(task("a", outputs={"rows": "int"}), returns=value)
    assert driver(tasks, {"a": [{"rows": 3}]}).run().finish == RunFinished("success", {"rows": 3})
    assert driver(tasks, {"a": [ERROR]}).run().finish == RunFinished("failed")


def test_a_return_value_that_cannot_be_computed_fails_the_run() -> None:
    run = driver(pipeline(task("a"), returns=BROKEN)).run()
    failure = Failure("output", "the return value: division by zero in 1 / 0")
    assert run.finish == RunFinished("failed", None, failure)
    assert run.engine.run_state == "failed"


# --- slots and order -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("max_parallel", "concurrency", "at_once"),
    [(None, None, 4), (2, None, 2), (None, 3, 3), (2, 3, 2), (3, 2, 2), (9, None, 4)],
)
def test_slots(max_parallel: int | None, concurrency: int | None, at_once: int) -> None:
    tasks = pipeline(*(task(name) for name in "abcd"), concurrency=concurrency)
    run = driver(tasks, max_parallel=max_parallel)
    run.send(RunStarted())
    assert len(run.started) == at_once


def test_order_of_starting() -> None:
    tasks = pipeline(task("a"), task("b"), task("c", priority=5), task("d", priority=-1), task("e", priority=5))
    run = driver(tasks, max_parallel=1, priorities={"b": 1.5, "e": 0.5, "d": 9}).run()
    assert run.started == ["e", "c", "b", "a", "d"]


def test_a_task_waiting_for_its_retry_holds_no_slot() -> None:
    tasks = pipeline(task("a", retry=Retry(max=1, delay=5)), task("b"), task("c"))
    run = driver(tasks, {"a": [ERROR, {}]}, max_parallel=1)
    run.send(RunStarted())
    run.send(AttemptFailed("a", ERROR))
    assert run.started == ["a", "b"]
    run.send(RetryDue("a"))
    run.send(RetryDue("a"))
    assert run.started == ["a", "b"]
    run.send(AttemptSucceeded("b"))
    assert run.started == ["a", "b", "a"]
    run.send(AttemptSucceeded("a"))
    assert run.started == ["a", "b", "a", "c"]


def test_decisions_and_gates_need_no_slot() -> None:
    tasks = pipeline(task("a"), decision("d", True), gate("g"), task("b", after="d g", side=[("d", True)]))
    run = driver(tasks, max_parallel=1)
    run.send(RunStarted())
    assert run.states == "a=running d=success g=success b=pending"


# --- cancelling and wrong use --------------------------------------------------------------------


def test_cancelling() -> None:
    tasks = (
        task("a"),
        task("b", retry=Retry(max=3)),
        task("c", retry=Retry(max=3)),
        task("d", after="a", rule="all_done"),
        task("clean", is_finally=True),
    )
    run = driver(pipeline(*tasks))
    run.send(RunStarted())
    run.send(AttemptFailed("b", ERROR))
    assert run.send(CancelRun()) == [
        TaskChanged("b", "failed", 1, Failure("cancelled", "the run was cancelled before the next attempt")),
        TaskChanged("d", "skipped", 0),
        TaskChanged("clean", "skipped", 0),
    ]
    assert run.send(CancelRun()) == []
    assert run.send(RetryDue("b")) == []
    ended = Failure("error", "killed", exit_code=-15)
    assert run.send(AttemptFailed("c", ended)) == [
        TaskChanged("c", "failed", 1, Failure("cancelled", "killed", exit_code=-15)),
    ]
    assert run.send(AttemptSucceeded("a")) == [TaskChanged("a", "success", 1, outputs={}), RunFinished("failed")]
    assert run.send(CancelRun()) == []
    assert run.engine.run_state == "failed"


def test_cancelling_before_the_start() -> None:
    run = driver(pipeline(task("a")))
    assert run.send(CancelRun()) == [TaskChanged("a", "skipped", 0), RunFinished("failed")]


@pytest.mark.parametrize(
    "event", [AttemptSucceeded("b"), AttemptFailed("b", ERROR), ApprovalAnswered("b", True), RunStarted()]
)
def test_events_that_cannot_be(event: Any) -> None:
    run = driver(pipeline(task("a"), task("b", after="a")))
    run.send(RunStarted())
    with pytest.raises(ValueError, match=r"no attempt of b is running|the run was started before"):
        run.send(event)
    with pytest.raises(ValueError, match="no attempt of nobody is running: it is unknown"):
        run.send(AttemptSucceeded("nobody"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (pipeline(task("a", implementation=PipelineCall(pipeline="x"))), "task a runs the unknown pipeline x"),
        (pipeline(task("a", after="b")), "task a has the unknown upstream task b"),
        (pipeline(parameters=(parameter("n"), parameter("m", default=1))), "parameters without a value: n, m"),
    ],
)
def test_pipelines_that_cannot_be_played(wrong: Pipeline, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Engine(wrong, {}, CONTEXT)
