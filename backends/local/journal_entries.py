"""What the commands of the engine are as entries of the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pipec.engine.events import Command, DeadlineMissed, Failure, RunFinished, StartAttempt, TaskChanged, TaskMapped
from pipec.ir.model import ApprovalRequest, Task, WaitCondition

from .store.records import Entry


def entries_of(command: Command, task: Task | None, at: float, log: str | None, interrupted: bool) -> Iterator[Entry]:
    """The facts of a command at a Unix time.

    `task` is that of the instance it is about, `log` the path of the log of an attempt that starts, relative to the
    folder of the run.
    """
    match command:
        case TaskChanged():
            yield _state(command, at)
            if command.state == "success" and task is not None and not command.restored:
                yield from (Entry("asset", at, command.task, data={"uri": uri}) for uri in task.options.produces)
        case StartAttempt(task=id, attempt=attempt, inputs=inputs, arguments=arguments) if task is not None:
            has_log = not isinstance(task.implementation, ApprovalRequest | WaitCondition)
            started: dict[str, Any] = {"inputs": inputs, "arguments": arguments, "log": log if has_log else None}
            yield Entry("attempt_started", at, id, attempt, started)
            if isinstance(task.implementation, ApprovalRequest):
                asked = {"message": inputs.get("message", ""), "approvers": list(task.implementation.approvers)}
                yield Entry("approval_asked", at, id, attempt, asked)
        case TaskMapped(task=id, count=count):
            yield Entry("mapped", at, id, data={"count": count})
        case DeadlineMissed(task=late, seconds=seconds):
            yield Entry("deadline", at, late or "", data={"seconds": seconds})
        case RunFinished(state=state, returns=returns, failure=failure):
            error = failure.message if failure is not None else None
            ended = {"state": state, "returns": returns, "error": error, "interrupted": interrupted}
            yield Entry("ended", at, data=ended)


def attempt_ended(change: TaskChanged, at: float, cached_from: str | None) -> Entry:
    """An attempt is over, as the task's new state says: an approval that was refused counts as failed."""
    data: dict[str, Any] = {"state": "success" if change.state == "success" else "failed"}
    if change.failure is not None:
        data["failure"] = _failure(change.failure)
    if cached_from is not None:
        data["cached_from"] = cached_from
    return Entry("attempt_ended", at, change.task, change.attempt, data)


def _state(change: TaskChanged, at: float) -> Entry:
    data: dict[str, Any] = {"state": change.state}
    if change.failure is not None:
        data["failure"] = _failure(change.failure)
    if change.outputs is not None:
        data["outputs"] = change.outputs
    if change.restored:
        data["restored"] = True
    return Entry("state", at, change.task, change.attempt, data)


def _failure(failure: Failure) -> dict[str, Any]:
    return {name: value for name, value in asdict(failure).items() if value not in (None, ())}
