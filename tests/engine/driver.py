"""Plays a pipeline on the engine with outcomes fixed beforehand, in whatever order a test likes.

`written` and `played` start from the language: the last pipeline of the text, with those above it for it to call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pipec
from pipec.engine.capacity import Capacity
from pipec.engine.engine import Engine
from pipec.engine.events import (
    ApprovalAnswered,
    AttemptFailed,
    AttemptSucceeded,
    CancelRun,
    Command,
    EndAttempt,
    Event,
    Failure,
    RetryDue,
    RunFinished,
    RunStarted,
    SendAlert,
    StartAttempt,
    StartTimer,
    TaskChanged,
    TaskMapped,
    TimerDue,
    WaitForRetry,
)
from pipec.engine.states import State
from pipec.ir.model import ApprovalRequest, Pipeline, Program
from pipec.parameters import complete_parameters
from tests.support.ir_builder import CONTEXT

Outcome = Failure | Mapping[str, Any] | bool
"""How an attempt ends: with a failure, with outputs, or with the answer of a person."""

ERROR = Failure("error", "it broke", ("builtins.RuntimeError", "builtins.Exception"))
TIMEOUT = Failure("timeout", "timed out after 60s")
ENDED = Failure("cancelled", "ended")

LETTERS: Mapping[State, str] = {
    "pending": ".",
    "running": "r",
    "up_for_retry": "R",
    "success": "S",
    "failed": "F",
    "skipped": "-",
    "upstream_failed": "U",
}

Choose = Callable[[Sequence[Event]], int]
"""Which of the events that may come next does come next."""


def first(waiting: Sequence[Event]) -> int:
    return 0


def last(waiting: Sequence[Event]) -> int:
    return len(waiting) - 1


@dataclass
class Driver:
    """A run under way: what was commanded so far, and the events that may come next.

    Timers are due when a test says so. An outcome of a task is that of all its instances that have none of their own.
    """

    engine: Engine
    outcomes: Mapping[str, Sequence[Outcome]]
    pipeline: Pipeline
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
                case EndAttempt(task=task):
                    [position] = [number for number, event in enumerate(self.waiting) if _task(event) == task]
                    self.waiting[position] = AttemptFailed(task, ENDED)
        return commands

    def start(self) -> Driver:
        self.send(RunStarted())
        return self

    def end(self, *tasks: str) -> list[Command]:
        """Let what runs, or waits for its retry, go on with its outcome; the commands of all of it."""
        commands = []
        for task in tasks:
            [event] = [event for event in self.waiting if _task(event) == task]
            self.waiting.remove(event)
            commands.extend(self.send(event))
        return commands

    def time(self, timer: str) -> list[Command]:
        """A timer is due."""
        return self.send(TimerDue(timer))

    def _end_of(self, task: str, attempt: int) -> Event:
        found = self.engine.task(task)
        is_approval = isinstance(found.implementation, ApprovalRequest)
        outcomes = self.outcomes.get(task, self.outcomes.get(found.id, [True if is_approval else {}]))
        match outcomes[min(attempt, len(outcomes)) - 1]:
            case Failure() as failure:
                return AttemptFailed(task, failure)
            case bool() as approved:
                return ApprovalAnswered(task, approved)
            case outputs:
                return AttemptSucceeded(task, dict(outputs))

    def run(self, choose: Choose = first, cancel_after: int | None = None) -> Driver:
        """Play to the end, cancelling after so many events."""
        self.send(RunStarted())
        return self.go_on(choose, cancel_after)

    def go_on(self, choose: Choose = first, cancel_after: int | None = None) -> Driver:
        """Play a run that was started to the end."""
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
    def rows(self) -> str:
        """The states of all tasks in source order, a letter for each instance in item order: `find:S score:SFS best:U`.

        The tasks of a pipeline run as a task follow that task, those of pipelines it runs itself at the end.
        """
        positions = {task.id: number for number, task in enumerate(self.pipeline.tasks)}
        rows: dict[str, dict[tuple[int, ...], str]] = {}
        for instance, state in self.engine.states.items():
            indexes = tuple(map(int, re.findall(r"\[(\d+)\]", instance)))
            rows.setdefault(re.sub(r"\[\d+\]", "", instance), {})[indexes] = LETTERS[state]
        ordered = sorted(rows.items(), key=lambda row: positions[row[0].partition("/")[0].partition("@")[0]])
        return " ".join(f"{task}:{''.join(letters[index] for index in sorted(letters))}" for task, letters in ordered)

    @property
    def running(self) -> list[str]:
        """What runs, or waits for its retry, in the order it began to."""
        return [_task(event) for event in self.waiting]

    @property
    def mapped(self) -> list[tuple[str, int]]:
        return [(command.task, command.count) for command in self.commands if isinstance(command, TaskMapped)]

    @property
    def timers(self) -> dict[str, float]:
        return {command.timer: command.delay for command in self.commands if isinstance(command, StartTimer)}

    @property
    def alerts(self) -> list[str]:
        """What people are told: `#channel event task: message`."""
        return [_alert(command) for command in self.commands if isinstance(command, SendAlert)]

    def inputs(self, task: str) -> dict[str, Any]:
        """Those of the last attempt that was started."""
        return [command for command in self.commands if isinstance(command, StartAttempt) and command.task == task][
            -1
        ].inputs

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
    return Driver(Engine(pipeline, parameters or {}, CONTEXT, **options), outcomes or {}, pipeline)


@cache
def program(text: str) -> Program:
    """The program of a text without errors."""
    loaded = pipec.load("test.pipe", text=text)
    assert not loaded.diagnostics.has_errors, [found.message for found in loaded.diagnostics.sorted()]
    assert loaded.program is not None
    return loaded.program


def written(
    text: str,
    outcomes: Mapping[str, Sequence[Outcome]] | None = None,
    parameters: Mapping[str, Any] | None = None,
    **options: Any,
) -> Driver:
    """A run, not yet started, of the last pipeline of a text. Parameters that are not given have their defaults."""
    found = program(text)
    last_one = found.pipelines[found.own[-1]]
    values, problems = complete_parameters(last_one, parameters or {}, CONTEXT)
    assert not problems
    return driver(last_one, outcomes, values, pipelines=found.pipelines, **options)


def played(
    text: str,
    outcomes: Mapping[str, Sequence[Outcome]] | None = None,
    parameters: Mapping[str, Any] | None = None,
    choose: Choose = first,
    **options: Any,
) -> Driver:
    """`written`, played to the end."""
    return written(text, outcomes, parameters, **options).run(choose)


def _task(event: Event) -> str:
    assert isinstance(event, AttemptSucceeded | AttemptFailed | ApprovalAnswered | RetryDue)
    return event.task


def _alert(command: SendAlert) -> str:
    about = "" if command.task is None else f" {command.task}"
    return f"{command.alert.arguments['channel']} {command.event}{about}: {command.message}"
