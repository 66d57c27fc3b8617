"""Plays a run on the engine by a clock of its own: no code runs, nothing waits, nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import Any

from pipec.engine.capacity import Capacity
from pipec.engine.engine import Engine
from pipec.engine.events import (
    ApprovalAnswered,
    AttemptFailed,
    AttemptSucceeded,
    Command,
    DeadlineMissed,
    EndAttempt,
    Event,
    Failure,
    RetryDue,
    RunContext,
    RunFinished,
    RunStarted,
    SendAlert,
    StartAttempt,
    StartTimer,
    TaskChanged,
    TimerDue,
    WaitForRetry,
)
from pipec.engine.states import FINAL
from pipec.engine.unknown import Guess
from pipec.ir.model import ApprovalRequest, Pipeline, Task, WaitCondition
from pipec.simulation.outcomes import Outcome, Outcomes
from pipec.simulation.simulated import SimulatedAttempt, SimulatedRun, SimulatedTask

_ENDS, _TIMERS = 0, 1
"""What ends at the very moment of a deadline or a timeout is in time."""


def simulate(
    pipeline: Pipeline,
    pipelines: Mapping[str, Pipeline],
    parameters: Mapping[str, Any],
    context: RunContext,
    outcomes: Outcomes,
    *,
    capacity: Capacity | None = None,
    priorities: Mapping[str, float] | None = None,
    task_overhead: float = 0.0,
    guess: Guess | None = None,
) -> SimulatedRun:
    """Play one run of a pipeline to its end.

    `parameters` holds the value of every parameter (`pipec.parameters.complete_parameters`), `pipelines` those that are
    run as tasks, by their keys. Each attempt of code takes `task_overhead` seconds more than its outcome says, which do
    not count for its timeout. What takes longer than its timeout is ended then. `guess` decides what hangs on outputs
    that are not known. Raises ValueError as `Engine` does.
    """
    driver = _Driver(outcomes, task_overhead)
    engine = Engine(
        pipeline,
        parameters,
        context,
        pipelines=pipelines,
        capacity=capacity,
        priorities=priorities,
        is_certain=False,
        guess=guess,
        when_ready=driver.note_ready,
    )
    return driver.play(engine)


class _Driver:
    _engine: Engine

    def __init__(self, outcomes: Outcomes, task_overhead: float) -> None:
        self._outcomes = outcomes
        self._task_overhead = task_overhead
        self._now = 0.0
        self._count = 0
        self._events: list[tuple[float, int, int, Event]] = []
        self._ready: dict[str, float] = {}
        self._running: dict[str, SimulatedAttempt] = {}
        self._run = SimulatedRun({}, "running", float("inf"), [])

    def play(self, engine: Engine) -> SimulatedRun:
        """Whatever is due next happens, until the run is over or nothing more will happen."""
        self._engine = engine
        self._send(RunStarted())
        while self._events and self._run.state == "running":
            self._now, _, _, event = heappop(self._events)
            if self._is_due(event):
                self._send(event)
        for id, state in self._engine.states.items():
            if id not in self._run.tasks:
                self._run.tasks[id] = SimulatedTask(id, self._engine.task(id), state)
        self._run.needed = self._engine.needed
        return self._run

    def note_ready(self, instance: str) -> None:
        """An instance may start from now on."""
        self._ready[instance] = self._now

    def _later(self, seconds: float, kind: int, event: Event) -> None:
        self._count += 1
        heappush(self._events, (self._now + seconds, kind, self._count, event))

    def _is_due(self, event: Event) -> bool:
        """Whether an event is still to come: the end of an attempt that was ended is not."""
        return not isinstance(event, AttemptSucceeded | AttemptFailed | ApprovalAnswered) or event.task in self._running

    def _send(self, event: Event) -> None:
        if isinstance(event, AttemptSucceeded | AttemptFailed | ApprovalAnswered):
            attempt = self._running.pop(event.task)
            attempt.ended = self._now
            if isinstance(event, AttemptFailed):
                attempt.failure = event.failure
        for command in self._engine.handle(event):
            self._execute(command)

    def _execute(self, command: Command) -> None:
        match command:
            case StartAttempt():
                self._start(command)
            case EndAttempt(task=task):
                self._later(0.0, _ENDS, AttemptFailed(task, Failure("cancelled", "ended")))
            case WaitForRetry(task=task, delay=delay):
                self._later(delay, _ENDS, RetryDue(task))
            case StartTimer(timer=timer, delay=delay):
                self._later(delay, _TIMERS, TimerDue(timer))
            case TaskChanged():
                self._change(command)
            case DeadlineMissed():
                self._run.missed_deadlines.append((self._now, command))
            case SendAlert():
                self._run.alerts.append((self._now, command))
            case RunFinished(state=state, returns=returns, failure=failure):
                self._run.state, self._run.returns, self._run.failure = state, returns, failure
                self._run.makespan = self._now

    def _change(self, change: TaskChanged) -> None:
        found = self._run.tasks.get(change.task)
        if found is None:
            found = SimulatedTask(change.task, self._engine.task(change.task), change.state)
            self._run.tasks[change.task] = found
        found.state = change.state
        found.failure = change.failure
        if change.outputs is not None:
            found.outputs = change.outputs
        if change.state in FINAL:
            found.ended = self._now
        elif change.state == "running" and found.started is None:
            found.started = self._now

    def _start(self, start: StartAttempt) -> None:
        found = self._run.tasks[start.task]
        attempt = SimulatedAttempt(start.attempt, start.inputs, self._ready.get(start.task, self._now), self._now)
        found.attempts.append(attempt)
        self._running[start.task] = attempt
        self._run.starts.append(start.task)
        outcome = self._outcomes(found.task, start.task, start.attempt, start.inputs)
        seconds, event = _end(found.task, start.task, outcome)
        if not isinstance(found.task.implementation, ApprovalRequest | WaitCondition):
            seconds += self._task_overhead
        if seconds != float("inf"):
            self._later(seconds, _ENDS, event)


def _end(task: Task, instance: str, outcome: Outcome) -> tuple[float, Event]:
    """After how long an attempt ends, and how: by its timeout at the latest."""
    timeout = task.options.timeout
    if timeout is not None and outcome.seconds > timeout:
        return timeout, AttemptFailed(instance, Failure("timeout", f"timed out after {timeout:g}s"))
    match outcome.result:
        case Failure() as failure:
            return outcome.seconds, AttemptFailed(instance, failure)
        case bool() as approved:
            return outcome.seconds, ApprovalAnswered(instance, approved)
        case outputs:
            return outcome.seconds, AttemptSucceeded(instance, dict(outputs))
