"""Alerts and deadlines: who is told of what, and when nobody is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from pipec.engine.events import CancelRun, DeadlineMissed, RunFinished, StartTimer
from tests.engine.driver import ENDED, ERROR, Driver, Outcome, played, written

# --- alerts of tasks and of the run --------------------------------------------------------------

EVERYTHING = """
pipeline p(flag: bool = true) {
  on failure, success, retry, skipped = slack("#all")
  task a = python("s:a") {
    retries = 1
    on failure, success, retry = slack("#a")
  }
  task b after a = python("s:b") { on failure, skipped = slack("#b") }
  if flag { task c = python("s:c") } else { task d = python("s:d") { on skipped = slack("#d") } }
}
"""


@pytest.mark.parametrize(
    ("outcomes", "alerts"),
    [
        (
            {},
            [
                "#d skipped d: task d was skipped",
                "#all skipped d: task d was skipped",
                "#a success a: task a succeeded",
                "#all success: p succeeded",
            ],
        ),
        (
            {"a": [ERROR, {}]},
            [
                "#d skipped d: task d was skipped",
                "#all skipped d: task d was skipped",
                "#a retry a: task a failed and is tried again: it broke",
                "#all retry a: task a failed and is tried again: it broke",
                "#a success a: task a succeeded",
                "#all success: p succeeded",
            ],
        ),
        (
            {"a": [ERROR]},
            [
                "#d skipped d: task d was skipped",
                "#all skipped d: task d was skipped",
                "#a retry a: task a failed and is tried again: it broke",
                "#all retry a: task a failed and is tried again: it broke",
                "#a failure a: task a failed: it broke",
                "#all failure: p failed: b",
            ],
        ),
        (
            {"b": [ERROR]},
            [
                "#d skipped d: task d was skipped",
                "#all skipped d: task d was skipped",
                "#a success a: task a succeeded",
                "#b failure b: task b failed: it broke",
                "#all failure: p failed: b",
            ],
        ),
    ],
)
def test_who_is_told_of_what(outcomes: Mapping[str, Sequence[Outcome]], alerts: list[str]) -> None:
    run = played(EVERYTHING, outcomes)
    assert run.alerts == alerts
    assert isinstance(run.commands[-1], RunFinished)


@pytest.mark.parametrize(
    ("ends", "alerts"),
    [
        (False, ["#x skipped ship: task ship was skipped: rejected"]),
        (True, ["#x success ship: task ship succeeded"]),
    ],
)
def test_alerts_of_approvals(ends: bool, alerts: list[str]) -> None:
    text = 'pipeline p { approval ship { on success, skipped = slack("#x") } }'
    assert played(text, {"ship": [ends]}).alerts == alerts


def test_one_event_may_go_to_several_channels() -> None:
    text = """
    pipeline p {
      on failure = [slack("#one"), slack("#two")]
      on failure, success = slack("#three")
      task a = python("s:a")
    }
    """
    assert played(text, {"a": [ERROR]}).alerts == [f"#{name} failure: p failed: a" for name in ("one", "two", "three")]


def test_a_failure_that_was_made_good_is_none_of_the_run() -> None:
    text = """
    pipeline p {
      on failure, success = slack("#x")
      task a = python("s:a") { on failure = slack("#a") }
      task b after a = python("s:b") { trigger_rule = all_done }
    }
    """
    assert played(text, {"a": [ERROR]}).alerts == ["#a failure a: task a failed: it broke", "#x success: p succeeded"]


def test_the_reason_names_instances_in_source_and_item_order() -> None:
    text = """
    pipeline p(xs: list[int]) {
      on failure = slack("#x")
      map x in xs { task a(x) = python("s:a") }
      task b = python("s:b")
      task c after b = python("s:c")
    }
    """
    message = "#x failure: p failed: a[0], a[1], a[2], a[3], a[4] and 3 more"
    for choose in (lambda waiting: 0, lambda waiting: len(waiting) - 1):
        assert played(text, {"a": [ERROR], "b": [ERROR]}, {"xs": list(range(7))}, choose).alerts == [message]


def test_a_return_value_that_is_none_is_the_reason() -> None:
    text = (
        'pipeline p -> { n: int } { on failure = slack("#x")  task a -> list[int] = python("s:a")  return { n: a[0] } }'
    )
    message = "#x failure: p failed: the return value: index 0 is outside a list of 0 in a[0]"
    assert played(text, {"a": [{"output": []}]}).alerts == [message]


def test_alerts_of_a_called_pipeline_are_about_the_task_that_runs_it() -> None:
    text = """
    pipeline inner {
      on failure, success = slack("#inner")
      task a = python("s:a") { on failure = slack("#a") }
    }
    pipeline p {
      on failure, success = slack("#p")
      task call = inner { retries = 1  on retry = slack("#call") }
    }
    """
    assert played(text, {"call/a": [ERROR]}).alerts == [
        "#a failure call/a: task call/a failed: it broke",
        "#inner failure call: inner failed: call/a",
        "#call retry call: task call failed and is tried again: the pipeline inner failed: call/a",
        "#inner success call: inner succeeded",
        "#p success: p succeeded",
    ]


def test_nobody_is_told_of_a_run_that_is_cancelled() -> None:
    run = written(EVERYTHING, {"a": [ERROR]}).start()
    told = len(run.alerts)
    run.send(CancelRun())
    run.go_on()
    assert len(run.alerts) == told
    assert run.finish.state == "failed"


# --- deadlines -----------------------------------------------------------------------------------

LATE = """
pipeline p {
  deadline = 1h
  on deadline = slack("#p")
  task a = python("s:a") { deadline = 10m  on deadline = slack("#a") }
  task b after a = python("s:b") { deadline = 20m }
}
"""


def missed(run: Driver) -> list[tuple[str | None, float]]:
    return [(command.task, command.seconds) for command in run.commands if isinstance(command, DeadlineMissed)]


def test_deadlines_are_timers_from_the_start() -> None:
    run = written(LATE).start()
    assert run.commands[:3] == [
        StartTimer("deadline", 3600),
        StartTimer("deadline a", 600),
        StartTimer("deadline b", 1200),
    ]


@pytest.mark.parametrize(
    ("ended", "late", "alerts"),
    [
        (
            [],
            [("a", 600), ("b", 1200), (None, 3600)],
            [
                "#a deadline a: task a did not end within 600s from the start of p",
                "#p deadline a: task a did not end within 600s from the start of p",
                "#p deadline b: task b did not end within 1200s from the start of p",
                "#p deadline: p did not end within its deadline of 3600s",
            ],
        ),
        (
            ["a"],
            [("b", 1200), (None, 3600)],
            [
                "#p deadline b: task b did not end within 1200s from the start of p",
                "#p deadline: p did not end within its deadline of 3600s",
            ],
        ),
        (["a", "b"], [], []),
    ],
)
def test_deadlines_that_are_missed(ended: list[str], late: Any, alerts: list[str]) -> None:
    run = written(LATE).start()
    run.end(*ended)
    for timer in ("deadline a", "deadline b", "deadline"):
        run.time(timer)
    assert missed(run) == late
    assert run.alerts == alerts
    assert run.go_on().engine.run_state == "success"


def test_a_deadline_is_missed_once() -> None:
    run = written(LATE).start()
    assert len(run.time("deadline")) == 2
    assert run.time("deadline") == []
    assert run.time("deadline nobody") == []


def test_no_deadline_of_a_run_that_is_cancelled() -> None:
    run = written(LATE).start()
    run.send(CancelRun())
    assert [*run.time("deadline"), *run.time("deadline a")] == []


def test_a_deadline_holds_for_every_instance() -> None:
    text = """
    pipeline p(xs: list[int]) { map x in xs { task a(x) = python("s:a") { deadline = 10m } } }
    """
    run = written(text, parameters={"xs": [1, 2]}).start()
    run.end("a[0]")
    assert run.time("deadline a") == [DeadlineMissed("a", 600)]


def test_deadlines_in_a_called_pipeline_count_from_its_start() -> None:
    text = """
    pipeline inner {
      deadline = 5m
      on deadline = slack("#inner")
      task a = python("s:a") { deadline = 1m }
    }
    pipeline p { task before = python("s:before")  task call after before = inner { retries = 1 } }
    """
    run = written(text, {"call/a": [ENDED]}).start()
    assert run.timers == {}
    run.end("before")
    assert run.timers == {"deadline call/": 300, "deadline call/a": 60}
    run.time("deadline call/a")
    run.time("deadline call/")
    assert missed(run) == [("call/a", 60), ("call", 300)]
    assert run.alerts == [
        "#inner deadline call/a: task call/a did not end within 60s from the start of inner",
        "#inner deadline call: inner did not end within its deadline of 300s",
    ]
    run.end("call/a", "call")
    assert run.timers.keys() >= {"deadline call@2/", "deadline call@2/a"}
    run.go_on()
    assert run.time("deadline call@2/") == []
