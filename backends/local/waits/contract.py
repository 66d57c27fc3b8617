"""What a wait is made of: the condition it looks at, what comes of a look, and what conditions may ask."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pipec.engine.events import Failure, FailureKind, RunContext


class WaitError(Exception):
    """A wait that can never end well, however long it lasts; `failure` is that of its attempt."""

    def __init__(self, message: str, kind: FailureKind = "input", exceptions: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.failure = Failure(kind, message, exceptions)


def _nothing() -> None:
    """There is nothing to be told that it was taken."""


@dataclass(frozen=True, slots=True)
class Met:
    """What was waited for is there. `outputs` are those of the wait.

    `taken` is to be called once the success is kept: only then is a message gone from its queue. It returns at once.
    """

    outputs: dict[str, Any] = field(default_factory=dict)
    taken: Callable[[], None] = _nothing


class Condition(ABC):
    """What a wait looks at."""

    @abstractmethod
    def describe(self) -> str:
        """What it does, in one line: `waits for /data/*.csv`."""

    @abstractmethod
    def check(self) -> Met | None:
        """Look once; None while it is not there. It may block, and is called in a thread of its own.

        Raises WaitError where looking again is of no use, and anything else where it may be.
        """

    def seconds_left(self) -> float | None:
        """How long until the next look is worth while; None where nobody knows."""
        return None

    def close(self) -> None:  # noqa: B027  # most have nothing to let go of
        """Nobody waits any more: let go of connections. Returns at once; a look may be under way in another thread."""


class RunHistory(Protocol):
    """What conditions ask the store of runs. Called in threads other than that of the runner."""

    def task_succeeded(self, pipeline: str, task: str, date: str) -> bool:
        """Whether the task (its id) succeeded in a run of the pipeline whose `run.date` is `date`."""
        ...

    def asset_updated(self, uri: str, since: float) -> bool:
        """Whether a task that produces the asset succeeded at or after `since` (Unix time)."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the conditions of a run stand in. `folder` is that of the `.pipe` file."""

    folder: Path
    context: RunContext
    history: RunHistory
    environment: Mapping[str, str]
