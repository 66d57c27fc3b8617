"""Whom the language wants told of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipec.engine.events import AlertEvent, Failure, SendAlert
from pipec.engine.states import RunState, State
from pipec.ir.model import Alert, Pipeline, Task

_TASK_EVENTS: dict[State, AlertEvent] = {
    "success": "success",
    "failed": "failure",
    "skipped": "skipped",
    "up_for_retry": "retry",
}


def task_alerts(pipeline: Pipeline, task: Task, id: str, state: State, failure: Failure | None) -> Iterator[SendAlert]:
    """The alerts of a task that has a new state: its own, and the pipeline's for `retry` and `skipped`.

    `failure` and `success` of a pipeline are those of the run. A task that is upstream_failed did not fail itself.
    """
    event = _TASK_EVENTS.get(state)
    if event is None or not (task.alerts or pipeline.alerts):
        return
    message = f"task {id} {_words(state)}" + (f": {failure.message}" if failure is not None else "")
    alerts = task.alerts + (pipeline.alerts if event in ("retry", "skipped") else ())
    yield from _listening(alerts, event, id, message)


def run_alerts(pipeline: Pipeline, caller: str | None, state: RunState, reason: str) -> Iterator[SendAlert]:
    """The alerts of a run that is over, or of a pipeline that `caller` runs; `reason` says why it failed."""
    event: AlertEvent = "success" if state == "success" else "failure"
    message = f"{pipeline.name} succeeded" if state == "success" else f"{pipeline.name} failed: {reason}"
    yield from _listening(pipeline.alerts, event, caller, message)


def deadline_alerts(pipeline: Pipeline, task: Task | None, id: str | None, seconds: float) -> Iterator[SendAlert]:
    """The alerts of a deadline that was missed: of a task, its own and the pipeline's, or of the pipeline.

    `id` is the task's, or of the task that runs the pipeline.
    """
    if task is None:
        message = f"{pipeline.name} did not end within its deadline of {seconds:g}s"
        yield from _listening(pipeline.alerts, "deadline", id, message)
    else:
        message = f"task {id} did not end within {seconds:g}s from the start of {pipeline.name}"
        yield from _listening(task.alerts + pipeline.alerts, "deadline", id, message)


def _listening(alerts: Iterable[Alert], event: AlertEvent, task: str | None, message: str) -> Iterator[SendAlert]:
    for alert in alerts:
        if event in alert.events:
            yield SendAlert(alert, event, task, message)


def _words(state: State) -> str:
    match state:
        case "success":
            return "succeeded"
        case "skipped":
            return "was skipped"
        case "up_for_retry":
            return "failed and is tried again"
        case _:
            return "failed"
