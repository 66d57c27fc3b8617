"""Who is told of a run while it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipec.engine.states import State
from pipec.ir.model import Pipeline

from .result import RunResult


@dataclass(frozen=True, slots=True)
class TaskUpdate:
    """An instance of a task has a new state. `seconds` is how long the attempt that ended ran, None where none did.

    `retry_in` is the wait before the next attempt. A success may be `restored` from the part of the run before it was
    resumed, or that of the run `cached_from`: then nothing ran.
    """

    task: str
    state: State
    attempt: int
    at: datetime
    seconds: float | None = None
    message: str | None = None
    retry_in: float | None = None
    restored: bool = False
    cached_from: str | None = None


class Observer:
    """Told in order, from the thread that runs the pipeline; what is not overridden is of no interest."""

    refresh_seconds: float | None = None
    """How often `refresh` is wanted; None for never."""

    def started(self, pipeline: Pipeline, run_id: str, at: datetime) -> None:
        pass

    def resumed(self, changes: Sequence[str]) -> None:
        """After `started`: the run was taken up again; lines say what of the pipeline has changed since."""

    def changed(self, update: TaskUpdate) -> None:
        pass

    def mapped(self, task: str, count: int) -> None:
        """The task is now so many instances."""

    def asked(self, task: str, question: str, how_to_answer: str) -> None:
        """An approval waits for a person."""

    def answered(self, task: str, approved: bool, by: str) -> None:
        """An approval was given or refused, by whom."""

    def waiting(self, task: str, description: str) -> None:
        """A wait has begun to look for something."""

    def deadline_missed(self, task: str | None, seconds: float) -> None:
        """A task, or the run, is not over so long after the run began."""

    def alerted(self, channel: str, error: str | None) -> None:
        """People were told, or why they could not be."""

    def noticed(self, lines: Sequence[str]) -> None:
        """Something to be known of the run that is no change of a task."""

    def refresh(self) -> None:
        """Time has passed."""

    def interrupted(self) -> None:
        """The run was told to stop; what runs is being ended."""

    def finished(self, result: RunResult) -> None:
        pass
