"""A run as structured log: one JSON object a line, for `pipec run --log-format json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from pipec.ir.model import Pipeline

from ..observer import Observer, TaskUpdate
from ..result import RunResult
from ..streams import Output

Level = Literal["info", "warning", "error"]

_LEVELS: dict[str, Level] = {"failed": "error", "upstream_failed": "error", "up_for_retry": "warning"}


class JsonLog(Observer):
    """An observer that writes to a stream as things happen.

    Every line has time (ISO 8601, UTC), level, event, run_id and pipeline; further facts where there are such: task,
    attempt, state, seconds, retry_in, message, restored, cached_from, instances, approved, by, channel, changes.
    """

    def __init__(self, stream: Output) -> None:
        self._stream = stream
        self._run_id = ""
        self._pipeline = ""

    def started(self, pipeline: Pipeline, run_id: str, at: datetime) -> None:
        self._pipeline, self._run_id = pipeline.name, run_id
        self._write("info", "run_started", at)

    def resumed(self, changes: Sequence[str]) -> None:
        self._write("info", "run_resumed", changes=list(changes))

    def changed(self, update: TaskUpdate) -> None:
        self._write(
            _LEVELS.get(update.state, "info"),
            "task_changed",
            update.at,
            task=update.task,
            attempt=update.attempt,
            state=update.state,
            seconds=_rounded(update.seconds),
            retry_in=_rounded(update.retry_in),
            message=update.message,
            restored=update.restored or None,
            cached_from=update.cached_from,
        )

    def mapped(self, task: str, count: int) -> None:
        self._write("info", "task_mapped", task=task, instances=count)

    def asked(self, task: str, question: str, how_to_answer: str) -> None:
        self._write("info", "approval_asked", task=task, message=f"{question} {how_to_answer}")

    def answered(self, task: str, approved: bool, by: str) -> None:
        self._write("info", "approval_answered", task=task, approved=approved, by=by)

    def waiting(self, task: str, description: str) -> None:
        self._write("info", "task_waiting", task=task, message=description)

    def deadline_missed(self, task: str | None, seconds: float) -> None:
        self._write("warning", "deadline_missed", task=task, seconds=seconds)

    def alerted(self, channel: str, error: str | None) -> None:
        self._write("warning" if error else "info", "alert_sent", channel=channel, message=error)

    def noticed(self, lines: Sequence[str]) -> None:
        self._write("info", "notice", message="\n".join(lines))

    def interrupted(self) -> None:
        self._write("warning", "run_interrupted")

    def finished(self, result: RunResult) -> None:
        level: Level = "info" if result.state == "success" else "error"
        at = datetime.fromisoformat(result.ended_at) if result.ended_at else None
        seconds = _rounded(result.duration_s)
        self._write(level, "run_finished", at, state=result.state, seconds=seconds, message=result.error)

    def _write(self, level: Level, event: str, at: datetime | None = None, **facts: Any) -> None:
        line = {
            "time": (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": level,
            "event": event,
            "run_id": self._run_id,
            "pipeline": self._pipeline,
            **{name: value for name, value in facts.items() if value is not None},
        }
        print(json.dumps(line), file=self._stream, flush=True)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
