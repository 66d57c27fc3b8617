"""One run in virtual time: when things start and end, what ends them, and what is told."""

from __future__ import annotations

import pytest

from pipec.engine.capacity import Capacity
from pipec.engine.events import Failure
from pipec.simulation.outcomes import Outcome
from tests.simulation.playing import ERROR, simulated, states, times

DIAMOND = """
pipeline p {
  task a = python("s:a")
  task b after a = python("s:b")
  task c after a = python("s:c")
  task d after b, c = python("s:d")
}
"""
SECONDS = {"a": [10.0], "b": [20.0], "c": [30.0], "d": [5.0]}


@pytest.mark.parametrize(
    ("slots", "expected", "queued"),
    [
        (None, "a:0-10 b:10-30 c:10-40 d:40-45", 0),
        (1, "a:0-10 b:10-30 c:30-60 d:60-65", 20),
    ],
)
def test_times(slots: int | None, expected: str, queued: float) -> None:
    run = simulated(DIAMOND, SECONDS, slots=slots)
    assert times(run) == expected
    assert run.makespan == run.tasks["d"].ended
    assert run.tasks["c"].queued == queued
    assert run.state == "success"


def test_priorities_say_who_goes_first() -> None:
    run = simulated(DIAMOND, SECONDS, slots=1, priorities={"b": 1.0, "c": 2.0})
    assert run.starts == ["a", "c", "b", "d"]


def test_overhead_is_of_code_alone() -> None:
    text = "pipeline p { approval ask  task a after ask = python('s:a') { timeout = 10s } }"
    run = simulated(text, {"ask": [100.0], "a": [10.0]}, task_overhead=20.0)
    assert times(run) == "ask:0-100 a:100-130"
    assert run.state == "success"


def test_retries_take_their_time() -> None:
    text = "pipeline p { task a = python('s:a') { retry = { max: 2, delay: 10s, backoff: 2 } } }"
    run = simulated(text, {"a": [Outcome(5.0, ERROR), Outcome(5.0, ERROR), 5.0]})
    assert [(attempt.started, attempt.ended) for attempt in run.tasks["a"].attempts] == [(0, 5), (15, 20), (40, 45)]
    assert [attempt.failure for attempt in run.tasks["a"].attempts] == [ERROR, ERROR, None]
    assert run.tasks["a"].queued == 0
    assert states(run) == "a=success"


@pytest.mark.parametrize(("seconds", "state", "ended"), [(60.0, "success", 60), (61.0, "failed", 60)])
def test_an_attempt_ends_by_its_timeout(seconds: float, state: str, ended: float) -> None:
    run = simulated("pipeline p { task a = python('s:a') { timeout = 60s } }", {"a": [seconds]})
    assert (run.state, run.makespan) == (state, ended)
    assert run.tasks["a"].failure == (Failure("timeout", "timed out after 60s") if state == "failed" else None)


@pytest.mark.parametrize(
    ("on_timeout", "expected"),
    [
        ("fail", "ask=failed a=upstream_failed"),
        ("approve", "ask=success a=success"),
        ("reject", "ask=skipped a=skipped"),
    ],
)
def test_nobody_answers(on_timeout: str, expected: str) -> None:
    text = (
        f"pipeline p {{ approval ask {{ timeout = 1h  on_timeout = {on_timeout} }} task a after ask = python('s:a') }}"
    )
    run = simulated(text, {"ask": [float("inf")]})
    assert states(run) == expected
    assert run.makespan == 3600


def test_what_never_ends() -> None:
    run = simulated("pipeline p { approval ask  task a after ask = python('s:a') }", {"ask": [float("inf")]})
    assert (run.state, run.makespan) == ("running", float("inf"))
    assert run.tasks["ask"].attempts[0].ended is None
    assert states(run) == "ask=running a=pending"


@pytest.mark.parametrize(("seconds", "missed"), [(60.0, []), (61.0, [(60.0, None), (60.0, "a")])])
def test_deadlines(seconds: float, missed: list[tuple[float, str | None]]) -> None:
    text = """
    pipeline p {
      deadline = 60s
      on deadline = slack("#late")
      task a = python("s:a") { deadline = 60s }
    }
    """
    run = simulated(text, {"a": [seconds]})
    assert [(at, command.task) for at, command in run.missed_deadlines] == missed
    assert [(at, command.task) for at, command in run.alerts] == missed
    assert run.state == "success"


CALLED = """
pipeline inner { task x = python("s:x")  task y after x = python("s:y") }
pipeline outer { task a = inner { timeout = 60s  retries = 1 } }
"""


def test_a_called_pipeline_ends_by_its_timeout() -> None:
    run = simulated(CALLED, {"a/x": [50.0], "a/y": [20.0], "a@2/x": [10.0], "a@2/y": [10.0]})
    assert times(run) == "a/x:0-50 a/y:50-60 a@2/x:60-70 a@2/y:70-80"
    assert run.tasks["a/y"].failure == Failure("cancelled", "ended")
    assert (run.state, run.makespan) == ("success", 80)
    assert run.tasks["a"].started == 0


def test_capacity_is_shared() -> None:
    text = """
    pipeline p {
      defaults = { resources: { cpu: 2 } }
      task a = python("s:a")
      task b = python("s:b")
      task c = python("s:c") { resources = { cpu: 1 } }
    }
    """
    run = simulated(text, {"a": [10.0], "b": [10.0], "c": [10.0]}, capacity=Capacity(cpu=3))
    assert times(run) == "a:0-10 c:0-10 b:10-20"
