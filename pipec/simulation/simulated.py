"""What came of a simulated run. Times are seconds since its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipec.engine.events import DeadlineMissed, Failure, SendAlert
from pipec.engine.states import RunState, State
from pipec.ir.model import Task


@dataclass(slots=True)
class SimulatedAttempt:
    """An attempt of an instance: `ready` since it might start, `ended` None where it never ends."""

    number: int
    inputs: Mapping[str, Any]
    ready: float
    started: float
    ended: float | None = None
    failure: Failure | None = None


@dataclass(slots=True)
class SimulatedTask:
    """An instance of a task. `ended` is when it was final, None where it never was."""

    id: str
    task: Task
    state: State
    attempts: list[SimulatedAttempt] = field(default_factory=list)
    started: float | None = None
    ended: float | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    failure: Failure | None = None

    @property
    def queued(self) -> float:
        """How long its attempts waited for capacity, in all."""
        return sum(attempt.started - attempt.ready for attempt in self.attempts)


@dataclass(slots=True)
class SimulatedRun:
    """`tasks` by the id of the instance, those that ran code in the order of `starts`.

    `state` is `running` where the run never ends, since something in it never does; then `makespan` is infinite.
    `needed` holds the outputs that are not known, by the instance, or the map, that needed them.
    """

    tasks: dict[str, SimulatedTask]
    state: RunState
    makespan: float
    starts: list[str]
    returns: Any = None
    failure: Failure | None = None
    needed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alerts: list[tuple[float, SendAlert]] = field(default_factory=list)
    missed_deadlines: list[tuple[float, DeadlineMissed]] = field(default_factory=list)
