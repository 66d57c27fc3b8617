"""What happened in a run so far, with the times the engine does not know."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipec.engine.events import RunFinished, State, TaskChanged
from pipec.ir.model import Pipeline

from .result import RunResult, TaskResult
from .store import RunFolder


@dataclass
class _TaskRecord:
    state: State = "pending"
    attempts: int = 0
    last_process: int = 0
    """The last attempt that had a process: those of decisions and gates have none."""
    log: Path | None = None
    """Of that attempt."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    attempt_began: float | None = None
    """When the attempt under way began, by the monotonic clock."""
    last_attempt: float | None = None
    """Seconds the last attempt to end ran."""
    duration: float = 0.0
    outputs: dict[str, Any] = field(default_factory=dict)
    error: str | None = None


class Record:
    """Collects the events of one run; `result` turns them into what is kept."""

    def __init__(
        self,
        pipeline: Pipeline,
        run_id: str,
        started: datetime,
        parameters: Mapping[str, Any],
        run_folder: RunFolder,
    ) -> None:
        self._pipeline = pipeline
        self._run_id = run_id
        self._started = started
        self._began = time.monotonic()
        self._parameters = dict(parameters)
        self._run_folder = run_folder
        self._tasks = {task.id: _TaskRecord() for task in pipeline.tasks}

    def attempt_started(self, task: str, attempt: int) -> None:
        record = self._tasks[task]
        record.last_process = attempt
        record.log = self._run_folder.log(task, attempt)
        record.attempt_began = time.monotonic()
        record.started_at = record.started_at or datetime.now(UTC)

    def attempt_ended(self, task: str) -> None:
        record = self._tasks[task]
        assert record.attempt_began is not None
        record.last_attempt = time.monotonic() - record.attempt_began
        record.duration += record.last_attempt
        record.attempt_began = None
        record.ended_at = datetime.now(UTC)

    def task_changed(self, change: TaskChanged) -> None:
        record = self._tasks[change.task]
        record.state = change.state
        record.attempts = change.attempt
        record.error = change.failure.message if change.failure else None
        if change.outputs is not None:
            record.outputs = dict(change.outputs)

    def attempt_seconds(self, task: str, attempt: int) -> float | None:
        """How long the process of the last attempt ran; None where `attempt` had none."""
        record = self._tasks[task]
        return record.last_attempt if record.last_process == attempt else None

    def result(self, finished: RunFinished | None, interrupted: bool) -> RunResult:
        """The run as it ended."""
        state = finished.state if finished is not None and finished.state == "success" else "failed"
        return RunResult(
            run_id=self._run_id,
            pipeline=self._pipeline.name,
            state=state,
            interrupted=interrupted,
            started_at=self._started.isoformat(),
            ended_at=datetime.now(UTC).isoformat(),
            duration_s=round(time.monotonic() - self._began, 3),
            parameters=self._parameters,
            returns=finished.returns if finished is not None else None,
            error=finished.failure.message if finished is not None and finished.failure else None,
            tasks={task: _task_result(record) for task, record in self._tasks.items()},
        )


def _task_result(record: _TaskRecord) -> TaskResult:
    return TaskResult(
        state=record.state,
        attempts=record.attempts,
        started_at=_text(record.started_at),
        ended_at=_text(record.ended_at),
        duration_s=round(record.duration, 3),
        outputs=record.outputs,
        error=record.error,
        log=str(record.log) if record.log is not None else None,
    )


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
