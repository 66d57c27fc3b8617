"""Pipelines run as tasks: values in and out, failures, retries, timeouts, and what they share with what is around."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from pipec.engine.capacity import Capacity
from pipec.engine.engine import Engine
from pipec.engine.events import (
    AttemptFailed,
    AttemptSucceeded,
    CancelRun,
    EndAttempt,
    Failure,
    RetryDue,
    StartTimer,
    TaskChanged,
    WaitForRetry,
)
from pipec.ir.expressions import IndexOperation
from pipec.ir.model import PipelineCall
from tests.engine.driver import ENDED, ERROR, Outcome, driver, first, last, played, written
from tests.support.ir_builder import CONTEXT, expression, literal, parameter, pipeline, task

Outcomes = Mapping[str, Sequence[Outcome]]

CLEAN = """
pipeline clean(day: date, share: float = 0.5, place: str = "/data/${day}") -> { path: str, rows: int } {
  task scrub(day, place) -> { path: str, rows: int } = python("s:scrub")
  task check(share) after scrub = python("s:check")
  return { path: scrub.path, rows: scrub.rows }
}
pipeline all_of_it(day: date = 2026-05-01) {
  task cleaned(day) = clean { retry = { max: 1, delay: 5s } }
  task train(data = cleaned.path, rows = cleaned.rows) = python("s:train")
}
"""
SCRUBBED: Sequence[Outcome] = [{"path": "/clean", "rows": 7}]


# --- values --------------------------------------------------------------------------------------


def test_values_go_in_and_come_back() -> None:
    run = played(CLEAN, {"scrub": SCRUBBED})
    assert run.rows == "cleaned:S cleaned/scrub:S cleaned/check:S train:S"
    assert run.inputs("cleaned/scrub") == {"day": "2026-05-01", "place": "/data/2026-05-01"}
    assert run.inputs("cleaned/check") == {"share": 0.5}
    assert run.inputs("train") == {"data": "/clean", "rows": 7}
    assert run.engine.outputs("cleaned") == {"path": "/clean", "rows": 7}
    assert run.started == ["cleaned/scrub", "cleaned/check", "train"]
    assert run.engine.task("cleaned/scrub").id == "scrub"


def test_the_states_of_a_call() -> None:
    run = played(CLEAN, {"scrub": SCRUBBED})
    assert [command for command in run.commands if isinstance(command, TaskChanged) and command.task == "cleaned"] == [
        TaskChanged("cleaned", "running", 1),
        TaskChanged("cleaned", "success", 1, outputs={"path": "/clean", "rows": 7}),
    ]


@pytest.mark.parametrize(
    ("returned", "declared", "outputs", "read"),
    [
        ("scrub", "-> str", {"output": "/clean"}, "cleaned"),
        ('"${scrub}/${run.date}"', "-> str", {"output": "/clean/2026-01-02"}, "cleaned"),
        ("{ path: scrub }", "-> { path: str }", {"path": "/clean"}, "cleaned.path"),
    ],
)
def test_one_result_or_named_ones(returned: str, declared: str, outputs: dict[str, Any], read: str) -> None:
    text = f"""
    pipeline clean {declared} {{
      task scrub -> str = python("s:scrub")
      return {returned}
    }}
    pipeline p {{
      task cleaned = clean
      task train(data = {read}) = python("s:train")
    }}
    """
    run = played(text, {"scrub": [{"output": "/clean"}]})
    assert run.engine.outputs("cleaned") == outputs
    assert run.inputs("train") == {"data": next(iter(outputs.values()))}


def test_a_pipeline_without_tasks_is_over_at_once() -> None:
    called = pipeline(name="empty")
    tasks = (task("a", implementation=PipelineCall(pipeline="empty")), task("b", after="a"))
    assert driver(pipeline(*tasks), pipelines={"empty": called}).run().rows == "a:S b:S"


@pytest.mark.parametrize(
    ("inputs", "default", "message"),
    [
        ({"n": "[]"}, None, "input n: index 0 is outside a list of 0 in xs[0]"),
        ({}, "[]", "the default of `n` has no value: index 0 is outside a list of 0 in xs[0]"),
    ],
)
def test_parameters_without_a_value_fail_the_call(inputs: Any, default: Any, message: str) -> None:
    broken = IndexOperation(base=literal([], "list[int]"), index=expression(0), source="xs[0]")
    called = pipeline(task("x"), name="called", parameters=(parameter("n", default=broken if default else None),))
    call = task("a", inputs={"n": broken} if inputs else {}, implementation=PipelineCall(pipeline="called"))
    run = driver(pipeline(call, task("b", after="a")), pipelines={"called": called}).run()
    assert run.rows == "a:F b:U"
    assert run.failure("a") == Failure("input", message)


def test_a_pipeline_that_calls_an_unknown_one() -> None:
    called = pipeline(task("inner", implementation=PipelineCall(pipeline="nobody")), name="called")
    with pytest.raises(ValueError, match="task inner runs the unknown pipeline nobody"):
        Engine(
            pipeline(task("a", implementation=PipelineCall(pipeline="called"))),
            {},
            CONTEXT,
            pipelines={"called": called},
        )


# --- failures and retries ------------------------------------------------------------------------

THREE = """
pipeline inner {
  task a = python("s:a")
  task b = python("s:b")
  task c after a = python("s:c")
  task rescue after b = python("s:rescue") { trigger_rule = all_done }
  finally { task clean = python("s:clean") }
}
pipeline p {
  task call = inner RETRIES
  task after_all after call = python("s:after_all")
}
"""


@pytest.mark.parametrize(
    ("outcomes", "rows", "message"),
    [
        ({}, "call:S call/a:S call/b:S call/c:S call/rescue:S call/clean:S after_all:S", None),
        ({"b": [ERROR]}, "call:S call/a:S call/b:F call/c:S call/rescue:S call/clean:S after_all:S", None),
        (
            {"a": [ERROR]},
            "call:F call/a:F call/b:S call/c:U call/rescue:S call/clean:S after_all:U",
            "the pipeline inner failed: call/c",
        ),
        (
            {"c": [ERROR], "clean": [ERROR]},
            "call:F call/a:S call/b:S call/c:F call/rescue:S call/clean:F after_all:U",
            "the pipeline inner failed: call/c, call/clean",
        ),
    ],
)
@pytest.mark.parametrize("choose", [first, last])
def test_the_verdict_of_the_called_pipeline(outcomes: Outcomes, rows: str, message: str | None, choose: Any) -> None:
    run = played(THREE.replace("RETRIES", ""), outcomes, choose=choose)
    assert run.rows == rows
    assert run.failure("call") == (Failure("error", message) if message else None)
    assert run.finish.state == ("success" if message is None else "failed")


def test_a_retry_runs_all_of_it_anew() -> None:
    run = written(CLEAN, {"cleaned/check": [ERROR], "scrub": SCRUBBED}).start()
    run.end("cleaned/scrub")
    failed = Failure("error", "the pipeline clean failed: cleaned/check")
    assert run.end("cleaned/check") == [
        TaskChanged("cleaned/check", "failed", 1, ERROR),
        TaskChanged("cleaned", "up_for_retry", 1, failed),
        WaitForRetry("cleaned", 2, 5),
    ]
    run.send(RetryDue("cleaned"))
    assert run.running[-1] == "cleaned@2/scrub"
    run.end("cleaned@2/scrub")
    run.end("cleaned@2/check")
    assert run.engine.states == {
        "cleaned": "success",
        "train": "running",
        "cleaned/scrub": "success",
        "cleaned/check": "failed",
        "cleaned@2/scrub": "success",
        "cleaned@2/check": "success",
    }
    assert run.engine.attempts("cleaned") == 2


def test_retries_come_to_an_end() -> None:
    run = played(CLEAN, {"scrub": [ERROR]})
    assert run.rows == "cleaned:F cleaned/scrub:F cleaned/check:U cleaned@2/scrub:F cleaned@2/check:U train:U"
    assert run.failure("cleaned") == Failure("error", "the pipeline clean failed: cleaned@2/check")


def test_a_return_value_that_cannot_be_computed_fails_the_call() -> None:
    text = """
    pipeline inner -> { n: int } { task a -> list[int] = python("s:a")  return { n: a[0] } }
    pipeline p { task call = inner }
    """
    run = played(text, {"a": [{"output": []}]})
    assert run.rows == "call:F call/a:S"
    message = "the pipeline inner failed: the return value: index 0 is outside a list of 0 in a[0]"
    assert run.failure("call") == Failure("error", message)


def test_requirements_on_the_results_of_a_call() -> None:
    text = """
    pipeline inner -> { n: int } { task a -> int = python("s:a")  return { n: a } }
    pipeline p { task call = inner { require n > 5 else "only ${n}" } }
    """
    assert played(text, {"a": [{"output": 6}]}).rows == "call:S call/a:S"
    run = played(text, {"a": [{"output": 5}]})
    assert run.failure("call") == Failure("requirement", "only 5")


def test_requirements_on_the_parameters_of_a_called_pipeline() -> None:
    text = """
    pipeline inner(n: int) { require n > 5 else "only ${n}"  task a(n) = python("s:a") }
    pipeline p { task find -> int = python("s:find")  task call(n = find) = inner }
    """
    run = played(text, {"find": [{"output": 5}]})
    assert run.rows == "find:S call:F call/check_parameters:F call/a:U"


# --- timeouts ------------------------------------------------------------------------------------

TIMED = """
pipeline inner {
  task a = python("s:a") { retries = 2 }
  task b = python("s:b")
  task c after a = python("s:c") { trigger_rule = all_done }
  approval ok
  finally { task clean = python("s:clean") }
}
pipeline p {
  task call = inner { timeout = 90s  retry = { max: 1, on: ["timeout"] } }
  task after_all after call = python("s:after_all") { trigger_rule = all_done }
}
"""
LATE = Failure("timeout", "timed out after 90s")


def test_a_call_that_takes_too_long_is_ended() -> None:
    run = written(TIMED, {"a": [ERROR]}).start()
    assert StartTimer("timeout call", 90) in run.commands
    run.end("call/a")
    assert run.rows == "call:r call/a:R call/b:r call/c:. call/ok:r call/clean:. after_all:."
    commands = run.time("timeout call")
    assert [command for command in commands if isinstance(command, EndAttempt)] == [
        EndAttempt("call/b"),
        EndAttempt("call/ok"),
    ]
    assert run.rows == "call:r call/a:F call/b:r call/c:- call/ok:r call/clean:- after_all:."
    run.end("call/b")
    assert run.end("call/ok") == [
        TaskChanged("call/ok", "failed", 1, ENDED),
        TaskChanged("call", "up_for_retry", 1, LATE),
        WaitForRetry("call", 2, 0),
    ]
    run.send(RetryDue("call"))
    assert StartTimer("timeout call@2", 90) in run.commands
    run.time("timeout call@2")
    run.end("call@2/a", "call@2/b", "call@2/ok", "after_all")
    assert run.failure("call") == LATE
    assert run.rows.endswith("after_all:S")
    assert run.finish.state == "success"


def test_a_call_that_only_waits_for_a_retry_times_out_at_once() -> None:
    text = """
    pipeline inner { task a = python("s:a") { retry = { max: 2, delay: 1h } } }
    pipeline p { task call = inner { timeout = 90s } }
    """
    run = written(text, {"a": [ERROR]}).start()
    run.end("call/a")
    run.time("timeout call")
    assert run.rows == "call:F call/a:F"
    assert run.failure("call") == LATE
    assert run.send(RetryDue("call/a")) == []


def test_a_timer_of_an_attempt_that_is_over_is_no_event() -> None:
    run = written(TIMED.replace('on: ["timeout"]', "delay: 1s"), {"call/clean": [ERROR]}).start()
    run.end("call/a", "call/b", "call/ok", "call/c", "call/clean")
    assert run.engine.states["call"] == "up_for_retry"
    assert run.time("timeout call") == []
    run.send(RetryDue("call"))
    assert run.time("timeout call") == []
    assert run.engine.states["call@2/a"] == "running"
    assert run.go_on().engine.states["call"] == "success"
    assert run.time("timeout call@2") == []


def test_what_ended_well_in_spite_of_a_timeout() -> None:
    """The attempt had ended before it could be: it stands, the call is late all the same."""
    text = """
    pipeline inner -> { n: int } { task a -> int = python("s:a")  return { n: a } }
    pipeline p { task call = inner { timeout = 90s } }
    """
    run = written(text).start()
    run.time("timeout call")
    run.send(AttemptSucceeded("call/a", {"output": 1}))
    assert run.rows == "call:F call/a:S"
    assert run.failure("call") == LATE


def test_a_timeout_ends_calls_inside_as_well() -> None:
    text = """
    pipeline low { task a = python("s:a") }
    pipeline mid { task m = low { timeout = 10s } }
    pipeline p { task call = mid { timeout = 90s } }
    """
    run = written(text).start()
    assert run.timers == {"timeout call": 90, "timeout call/m": 10}
    assert run.time("timeout call") == [EndAttempt("call/m/a")]
    assert run.time("timeout call/m") == []
    run.end("call/m/a")
    assert run.rows == "call:F call/m:F call/m/a:F"
    assert run.failure("call") == LATE


def test_the_inner_one_of_two_times_out() -> None:
    text = """
    pipeline low { task a = python("s:a") }
    pipeline mid { task m = low { timeout = 10s }  task n after m = python("s:n") { trigger_rule = all_done } }
    pipeline p { task call = mid { timeout = 90s } }
    """
    run = written(text).start()
    run.time("timeout call/m")
    run.go_on()
    assert run.rows == "call:S call/m:F call/n:S call/m/a:F"
    assert run.failure("call/m") == Failure("timeout", "timed out after 10s")


# --- many calls ----------------------------------------------------------------------------------


def test_a_call_in_a_call_and_a_map_in_it() -> None:
    text = """
    pipeline low(x: int) -> { y: int } {
      map i in [x, x + 1] { task a(i) -> int = python("s:a") }
      return { y: len(a[*]) }
    }
    pipeline mid(x: int) -> { y: int } { task m(x) = low  return { y: m.y } }
    pipeline p { task call(x = 5) = mid  task end(y = call.y) = python("s:end") }
    """
    run = played(text, {"a": [{"output": 1}]})
    assert run.rows == "call:S call/m:S call/m/a:SS end:S"
    assert run.inputs("call/m/a[1]") == {"i": 6}
    assert run.inputs("end") == {"y": 2}


def test_a_call_for_each_item() -> None:
    text = """
    pipeline inner(x: int) -> { y: int } { task a(x) -> int = python("s:a")  return { y: a } }
    pipeline p(xs: list[int]) {
      map x in xs { task call(x) = inner }
      task all(ys = call[*].y) = python("s:all") { trigger_rule = all_done }
    }
    """
    run = played(text, {"a": [{"output": 1}], "call[1]/a": [ERROR]}, {"xs": [7, 8, 9]})
    assert run.rows == "call:SFS call/a:SFS all:S"
    assert run.inputs("call[2]/a") == {"x": 9}
    assert run.inputs("all") == {"ys": [1, None, 1]}
    assert run.failure("call[1]") == Failure("error", "the pipeline inner failed: call[1]/a")


# --- what they share -----------------------------------------------------------------------------

WIDE = """
pipeline inner {
  CONCURRENCY
  task a = python("s:a")
  task b = python("s:b")
  task c = python("s:c")
  approval ok
}
pipeline p {
  task one = inner
  task two = inner
  task x = python("s:x")
}
"""


@pytest.mark.parametrize(
    ("concurrency", "slots", "rows"),
    [
        ("", None, "one:r one/a:r one/b:r one/c:r one/ok:r two:r two/a:r two/b:r two/c:r two/ok:r x:r"),
        ("", 2, "one:r one/a:r one/b:r one/c:. one/ok:r two:r two/a:. two/b:. two/c:. two/ok:r x:."),
        ("concurrency = 1", None, "one:r one/a:r one/b:. one/c:. one/ok:r two:r two/a:r two/b:. two/c:. two/ok:r x:r"),
        ("concurrency = 2", None, "one:r one/a:r one/b:r one/c:. one/ok:r two:r two/a:r two/b:r two/c:. two/ok:r x:r"),
        ("concurrency = 2", 4, "one:r one/a:r one/b:r one/c:. one/ok:r two:r two/a:r two/b:r two/c:. two/ok:r x:."),
    ],
)
def test_slots_are_shared_and_each_call_keeps_to_its_concurrency(
    concurrency: str, slots: int | None, rows: str
) -> None:
    run = written(WIDE.replace("CONCURRENCY", concurrency), max_parallel=slots).start()
    assert run.rows == rows
    assert set(run.go_on().rows.replace("x:S", "").replace(" ", "")) >= {"S"}
    assert set(run.engine.states.values()) == {"success"}


def test_the_next_one_starts_when_one_of_the_same_call_ends() -> None:
    run = written(WIDE.replace("CONCURRENCY", "concurrency = 1")).start()
    run.end("one/a")
    assert run.rows == "one:r one/a:S one/b:r one/c:. one/ok:r two:r two/a:r two/b:. two/c:. two/ok:r x:r"
    run.end("two/a", "two/b")
    assert run.rows == "one:r one/a:S one/b:r one/c:. one/ok:r two:r two/a:S two/b:S two/c:r two/ok:r x:r"


@pytest.mark.parametrize(("outer", "inner", "at_once"), [(3, 2, 3), (1, 2, 1), (9, 1, 2), (9, 9, 6)])
def test_concurrency_of_a_call_holds_for_all_inside(outer: int, inner: int, at_once: int) -> None:
    text = f"""
    pipeline low {{ concurrency = {inner}  task a = python("s:a")  task b = python("s:b")  task c = python("s:c") }}
    pipeline mid {{ concurrency = {outer}  task m = low  task n = low }}
    pipeline p {{ task call = mid }}
    """
    run = written(text).start()
    most = 0
    while run.waiting:
        most = max(most, len(run.waiting))
        run.end(run.running[-1])
    assert most == at_once
    assert set(run.engine.states.values()) == {"success"}


def test_a_limit_that_is_reached_inside_leaves_room_to_others() -> None:
    """When wide/f ends there is room for one more of mid: not of one, which has its only one, so it is that of last."""
    text = """
    pipeline wide { task d = python("s:d")  task e = python("s:e")  task f = python("s:f") }
    pipeline one { concurrency = 1  task a = python("s:a")  task b = python("s:b")  task c = python("s:c") }
    pipeline last { task x = python("s:x") }
    pipeline mid { concurrency = 2  task wide = wide  task one = one  task last = last }
    pipeline p { task call = mid }
    """
    run = written(text).start()
    assert run.running == ["call/wide/d", "call/wide/e"]
    run.end("call/wide/d")
    assert run.running == ["call/wide/e", "call/wide/f"]
    run.end("call/wide/e")
    assert run.running == ["call/wide/f", "call/one/a"]
    run.end("call/wide/f")
    assert run.running == ["call/one/a", "call/last/x"]
    run.end("call/one/a")
    assert run.running == ["call/last/x", "call/one/b"]
    run.end("call/last/x")
    assert run.running == ["call/one/b"]
    run.end("call/one/b")
    assert run.running == ["call/one/c"]


def test_what_fits_goes_ahead_in_a_call_as_well() -> None:
    text = """
    pipeline inner {
      concurrency = 1
      task a = python("s:a")
      task b = python("s:b") { resources = { cpu: 1 } }
      task c = python("s:c")
    }
    pipeline p {
      task before = python("s:before")
      task hog after before = python("s:hog") { resources = { cpu: 1 } }
      task call = inner
    }
    """
    run = written(text, capacity=Capacity(cpu=1)).start()
    run.end("before", "call/a")
    assert run.running == ["hog", "call/c"]
    run.end("hog")
    assert run.running == ["call/c"]
    run.end("call/c")
    assert run.running == ["call/b"]


def test_a_task_that_fails_before_it_starts_gives_back_its_place() -> None:
    text = """
    pipeline inner(xs: list[int]) {
      concurrency = 1
      task a(x = xs[5]) = python("s:a")
      task b = python("s:b")
    }
    pipeline p { task call(xs = [1]) = inner }
    """
    run = written(text).start()
    assert run.rows == "call:r call/a:F call/b:r"


def test_priority_of_a_call_is_that_of_its_tasks() -> None:
    text = """
    pipeline inner { task a = python("s:a")  task b after a = python("s:b") }
    pipeline p { task x = python("s:x")  task y = python("s:y")  task call = inner }
    """
    assert played(text, max_parallel=1).started == ["x", "y", "call/a", "call/b"]
    assert played(text, max_parallel=1, priorities={"call": 2, "x": 1}).started == ["call/a", "call/b", "x", "y"]
    declared = text.replace("call = inner", "call = inner { priority = 1 }")
    assert played(declared, max_parallel=1).started == ["call/a", "call/b", "x", "y"]
    both = declared.replace('b after a = python("s:b")', 'b after a = python("s:b") { priority = -1 }')
    assert played(both, max_parallel=1).started == ["call/a", "x", "y", "call/b"]


# --- cancelling ----------------------------------------------------------------------------------


def test_cancelling_a_call() -> None:
    run = written(TIMED, {"a": [ERROR]}).start()
    run.end("call/a")
    run.send(CancelRun())
    assert run.rows == "call:r call/a:F call/b:r call/c:- call/ok:r call/clean:- after_all:-"
    assert run.time("timeout call") == []
    run.send(AttemptFailed("call/b", ENDED))
    run.send(AttemptFailed("call/ok", ENDED))
    assert run.rows == "call:F call/a:F call/b:F call/c:- call/ok:F call/clean:- after_all:-"
    assert run.failure("call") == Failure("cancelled", "the pipeline inner failed: it was stopped")
    assert run.finish.state == "failed"


def test_cancelling_calls_in_a_map_that_wait_for_a_slot() -> None:
    text = """
    pipeline inner(x: int) { concurrency = 1  task a(x) = python("s:a")  task b = python("s:b") }
    pipeline p(xs: list[int]) { map x in xs { max_parallel = 2  task call(x) = inner } }
    """
    run = written(text, parameters={"xs": [1, 2, 3]}, max_parallel=1).start()
    assert run.rows == "call:rr. call/a:r. call/b:.."
    run.send(CancelRun())
    run.send(AttemptSucceeded("call[0]/a"))
    assert run.rows == "call:FF- call/a:S- call/b:--"
    assert run.finish.state == "failed"
