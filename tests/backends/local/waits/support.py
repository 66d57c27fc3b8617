"""An event loop moved by hand, a history of runs, and what waits are made of in tests."""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipec.backends.local.waits.conditions import PredicateCall, condition_for
from pipec.backends.local.waits.contract import Condition, Surroundings

from pipec.engine.events import RunContext
from pipec.ir.model import Task, WaitCondition
from tests.semantics.support import good

CONTEXT = RunContext(
    id="r1",
    pipeline="p",
    date="2026-01-01",
    timestamp="2026-01-01T02:00:00+01:00",
    interval_start="2026-01-01T00:00:00+00:00",
    interval_end="2026-01-02T00:00:00+00:00",
)


@dataclass
class HandTimer:
    delay: float
    callback: Callable[[], None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass
class HandLoop:
    """Timers are due when the test says so; what threads report waits until it asks."""

    timers: list[HandTimer] = field(default_factory=list)
    reports: queue.Queue[Callable[[], None]] = field(default_factory=queue.Queue)

    def call_later(self, delay: float, callback: Callable[[], None]) -> HandTimer:
        timer = HandTimer(delay, callback)
        self.timers.append(timer)
        return timer

    def call_soon_threadsafe(self, callback: Callable[[], None]) -> None:
        self.reports.put(callback)

    def hear(self) -> None:
        """Take in the next report of a thread."""
        self.reports.get(timeout=30)()

    def pending(self) -> list[float]:
        """The delays of the timers that are still to come."""
        return [timer.delay for timer in self.timers if not timer.is_cancelled]

    def fire(self, index: int) -> None:
        """The time of a pending timer is over."""
        timer = [timer for timer in self.timers if not timer.is_cancelled][index]
        self.timers.remove(timer)
        timer.callback()


@dataclass
class History:
    """Answers as it is told, and remembers what it was asked."""

    succeeded: set[tuple[str, str, str]] = field(default_factory=set)
    updated: dict[str, float] = field(default_factory=dict)

    def task_succeeded(self, pipeline: str, task: str, date: str) -> bool:
        return (pipeline, task, date) in self.succeeded

    def asset_updated(self, uri: str, since: float) -> bool:
        return self.updated.get(uri, float("-inf")) >= since


def waiting(text: str) -> Task:
    """The task of `wait w = <text>`."""
    return good(f"pipeline p {{ wait w = {text} }}").tasks[0]


def arguments(task: Task) -> dict[str, Any]:
    """The arguments of a wait whose arguments are all known when compiling, in JSON form."""
    assert isinstance(task.implementation, WaitCondition)
    return {name: value.value for name, value in task.implementation.arguments.items()}  # type: ignore[union-attr]


def made(
    text: str,
    folder: Path = Path(),
    history: History | None = None,
    environment: Mapping[str, str] | None = None,
    inputs: Mapping[str, Any] | None = None,
) -> Condition | PredicateCall:
    """The condition of `wait w = <text>`; `inputs` replace what is known only in the run."""
    task = waiting(text)
    surroundings = Surroundings(folder, CONTEXT, history or History(), environment or {})
    return condition_for(task, arguments(task) if inputs is None else inputs, surroundings)
