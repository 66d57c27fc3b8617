"""Structured logs: one JSON object a line."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

from pipec.backends.local.history.logs import JsonLog
from pipec.backends.local.observer import TaskUpdate
from pipec.backends.local.result import RunResult

from tests.support.ir_builder import pipeline

AT = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
HEAD = {"run_id": "run1", "pipeline": "etl"}


def lines(*calls: tuple[str, Any]) -> list[dict[str, Any]]:
    """What is written when an observer is told these things, after the start of a run."""
    stream = io.StringIO()
    log = JsonLog(stream)
    log.started(pipeline(name="etl"), "run1", AT)
    for method, arguments in calls:
        getattr(log, method)(*arguments)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_the_start_of_a_run() -> None:
    assert lines() == [{"time": "2026-01-02T03:04:05.678Z", "level": "info", "event": "run_started", **HEAD}]


def test_changes_of_tasks() -> None:
    [_, running, again, failed, cached] = lines(
        ("changed", [TaskUpdate("a", "running", 1, AT)]),
        ("changed", [TaskUpdate("a", "up_for_retry", 1, AT, 1.23456, 'no "luck"\nat all', 5.0)]),
        ("changed", [TaskUpdate("a", "failed", 2, AT, 2.0, "no luck")]),
        ("changed", [TaskUpdate("b", "success", 1, AT, cached_from="run0")]),
    )
    head = {"time": "2026-01-02T03:04:05.678Z", "event": "task_changed", **HEAD}
    assert running == {**head, "level": "info", "task": "a", "attempt": 1, "state": "running"}
    assert again == {
        **head,
        "level": "warning",
        "task": "a",
        "attempt": 1,
        "state": "up_for_retry",
        "seconds": 1.235,
        "retry_in": 5.0,
        "message": 'no "luck"\nat all',
    }
    assert (failed["level"], failed["message"]) == ("error", "no luck")
    assert cached["cached_from"] == "run0"


def test_everything_else_that_happens() -> None:
    written = lines(
        ("resumed", [["`a` has changed"]]),
        ("mapped", ["score", 25]),
        ("asked", ["ship", "Deploy?", "[y/n]"]),
        ("answered", ["ship", True, "ada"]),
        ("waiting", ["lots", "a file"]),
        ("deadline_missed", [None, 60.0]),
        ("alerted", ["slack", "no route to host"]),
        ("noticed", [["one", "two"]]),
        ("refresh", []),
        ("interrupted", []),
    )
    assert [(line["event"], line["level"]) for line in written[1:]] == [
        ("run_resumed", "info"),
        ("task_mapped", "info"),
        ("approval_asked", "info"),
        ("approval_answered", "info"),
        ("task_waiting", "info"),
        ("deadline_missed", "warning"),
        ("alert_sent", "warning"),
        ("notice", "info"),
        ("run_interrupted", "warning"),
    ]
    assert written[1]["changes"] == ["`a` has changed"]
    assert (written[2]["instances"], written[4]["by"], written[7]["message"]) == (25, "ada", "no route to host")


def test_the_end_of_a_run() -> None:
    result = RunResult(
        run_id="run1",
        pipeline="etl",
        state="failed",
        started_at="2026-01-02T03:04:05+00:00",
        ended_at="2026-01-02T04:04:06+01:00",
        duration_s=1.0,
        error="no value",
        tasks={},
    )
    [_, line] = lines(("finished", [result]))
    assert line == {
        "time": "2026-01-02T03:04:06.000Z",
        "level": "error",
        "event": "run_finished",
        **HEAD,
        "state": "failed",
        "seconds": 1.0,
        "message": "no value",
    }
