"""Plays a pipeline on the engine with outcomes fixed beforehand, in whatever order a test likes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipec.engine.capacity import Capacity
from pipec.engine.engine import Engine
from pipec.engine.events import (
    AttemptFailed,
    AttemptSucceeded,
    CancelRun,
    Command,
    Event,
    Failure,
    RetryDue,
    RunFinished,
    RunStarted,
    StartAttempt,
    TaskChanged,
    WaitForRetry,
)
from pipec.ir.model import Pipeline
from tests.support.ir_builder import CONTEXT

Outcome = Failure | Mapping[str, Any]
"""How an attempt ends: with a failure, or with outputs."""

ERROR = Failure("error", "it broke", ("builtins.RuntimeError", "builtins.Exception"))

Choose = Callable[[Sequence[Event]], int]
"""Which of the events that may come next does come next."""


def first(waiting: Sequence[Event]) -> int:
    return 0


def last(waiting: Sequence[Event]) -> int:
    return len(waiting) - 1


@dataclass
class Driver:
    """A run under way: what was commanded so far, and the events that may come next."""

    engine: Engine
    outcomes: Mapping[str, Sequence[Outcome]]
    commands: list[Command] = field(default_factory=list)
    waiting: list[Event] = field(default_factory=list)

    def send(self, event: Event) -> list[Command]:
        commands = self.engine.handle(event)
        self.commands.extend(commands)
        for command in commands:
            match command:
                case StartAttempt(task=task, attempt=attempt):
                    self.waiting.append(self._end_of(task, attempt))
                case WaitForRetry(task=task):
                    self.waiting.append(RetryDue(task))
        return commands

    def _end_of(self, task: str, attempt: int) -> Event:
        outcomes = self.outcomes.get(task, [{}])
        outcome = outcomes[min(attempt, len(outcomes)) - 1]
        if isinstance(outcome, Failure):
            return AttemptFailed(task, outcome)
        return AttemptSucceeded(task, dict(outcome))

    def run(self, choose: Choose = first, cancel_after: int | None = None) -> Driver:
        """Play to the end, cancelling after so many events."""
        self.send(RunStarted())
        sent = 0
        while self.waiting or sent == cancel_after:
            if sent == cancel_after:
                self.send(CancelRun())
            else:
                self.send(self.waiting.pop(choose(self.waiting)))
            sent += 1
        return self

    @property
    def states(self) -> str:
        """The states of all tasks in one line: `a=success b=failed`."""
        return " ".join(f"{task}={state}" for task, state in self.engine.states.items())

    @property
    def started(self) -> list[str]:
        """The tasks whose attempts were started, in order."""
        return [command.task for command in self.commands if isinstance(command, StartAttempt)]

    @property
    def finish(self) -> RunFinished:
        """How the run ended; it must have done so once, with its last command."""
        finished = [command for command in self.commands if isinstance(command, RunFinished)]
        assert len(finished) == 1
        assert self.commands[-1] is finished[0]
        return finished[0]

    def failure(self, task: str) -> Failure | None:
        """Why a task is in the state it is in."""
        changes = [command for command in self.commands if isinstance(command, TaskChanged) and command.task == task]
        return changes[-1].failure


def driver(
    pipeline: Pipeline,
    outcomes: Mapping[str, Sequence[Outcome]] | None = None,
    parameters: Mapping[str, Any] | None = None,
    max_parallel: int | None = None,
    **options: Any,
) -> Driver:
    """A run not yet started.

    Attempts without an outcome succeed; the last outcome of a task is that of all its later attempts.
    """
    options.setdefault("capacity", Capacity(slots=max_parallel))
    return Driver(Engine(pipeline, parameters or {}, CONTEXT, **options), outcomes or {})
