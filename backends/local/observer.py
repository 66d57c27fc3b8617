"""Who is told of a run while it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipec.engine.events import State
from pipec.ir.model import Pipeline

from .result import RunResult


@dataclass(frozen=True, slots=True)
class TaskUpdate:
    """A task has a new state. `seconds` is how long the attempt that ended ran, None where none did; `retry_in` the
    wait before the next one.
    """

    task: str
    state: State
    attempt: int
    at: datetime
    seconds: float | None = None
    message: str | None = None
    retry_in: float | None = None


class Observer(Protocol):
    """Told in order, from the thread that runs the pipeline."""

    @property
    def refresh_seconds(self) -> float | None:
        """How often `refresh` is wanted; None for never."""
        ...

    def started(self, pipeline: Pipeline, run_id: str, at: datetime) -> None: ...

    def changed(self, update: TaskUpdate) -> None: ...

    def refresh(self) -> None: ...

    def interrupted(self) -> None:
        """The run was told to stop; what runs is being ended."""
        ...

    def finished(self, result: RunResult) -> None: ...


class Silent:
    """Told everything, says nothing."""

    refresh_seconds: float | None = None

    def started(self, pipeline: Pipeline, run_id: str, at: datetime) -> None:
        pass

    def changed(self, update: TaskUpdate) -> None:
        pass

    def refresh(self) -> None:
        pass

    def interrupted(self) -> None:
        pass

    def finished(self, result: RunResult) -> None:
        pass
