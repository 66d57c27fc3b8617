"""Plays a case in the engine, its attempts ending in a random order."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from pipec.engine.capacity import Capacity
from pipec.engine.engine import Engine
from pipec.engine.events import (
    ApprovalAnswered,
    AttemptFailed,
    AttemptSucceeded,
    Command,
    Event,
    Failure,
    RetryDue,
    RunFinished,
    RunStarted,
    StartAttempt,
    WaitForRetry,
)
from pipec.ir.model import Pipeline, Task
from tests.differential.plans import Ending, Plan
from tests.differential.results import Result
from tests.support.ir_builder import CONTEXT

EXCEPTIONS: Mapping[Ending, type[Exception]] = {"error": RuntimeError, "busy": ConnectionError}
"""What an attempt raises."""


class EnginePlay:
    """One run in the engine; `started` are the instances whose attempts were started, in order."""

    def __init__(self, pipeline: Pipeline, plan: Plan, random: Random, slots: int | None = None) -> None:
        self._plan = plan
        self._random = random
        self._engine = Engine(pipeline, plan.parameters, CONTEXT, capacity=Capacity(slots=slots))
        self._waiting: list[Event] = []
        self._finished: RunFinished | None = None
        self.started: list[str] = []

    def run(self) -> Result:
        """Play to the end."""
        self._send(RunStarted())
        while self._waiting:
            assert self._finished is None, "the run finished while something was still to come"
            self._send(self._waiting.pop(self._random.randrange(len(self._waiting))))
        assert self._finished is not None, f"the run never finished: {dict(self._engine.states)}"
        return self._result(self._finished)

    def _send(self, event: Event) -> None:
        for command in self._engine.handle(event):
            self._obey(command)

    def _obey(self, command: Command) -> None:
        match command:
            case StartAttempt(task=instance, attempt=attempt):
                self.started.append(instance)
                task = self._engine.task(instance)
                self._waiting.append(self._end(task, instance, self._plan.ending(instance, attempt)))
            case WaitForRetry(task=instance):
                self._waiting.append(RetryDue(instance))
            case RunFinished():
                self._finished = command

    def _end(self, task: Task, instance: str, ending: Ending) -> Event:
        match ending:
            case "success" if task.implementation.kind == "approval":
                return ApprovalAnswered(instance, approved=True)
            case "skip" if task.implementation.kind == "approval":
                return ApprovalAnswered(instance, approved=False)
            case "success":
                value = self._plan.value(instance)
                return AttemptSucceeded(instance, {output.name: value for output in task.outputs})
            case "skip":
                return AttemptFailed(instance, Failure("timeout", "nothing came"))
            case _:
                raised = EXCEPTIONS[ending]
                names = tuple(f"{cls.__module__}.{cls.__qualname__}" for cls in raised.__mro__[:-1])
                return AttemptFailed(instance, Failure("error", "meant to fail", names))

    def _result(self, finished: RunFinished) -> Result:
        states: dict[str, dict[int, str]] = {}
        attempts = {}
        for instance, state in self._engine.states.items():
            task = self._engine.task(instance)
            index = instance.removeprefix(task.id).strip("[]")
            key = (task.id, int(index) if index else -1)
            states.setdefault(task.id, {})[key[1]] = state
            if task.implementation.kind == "python" and state in ("success", "failed"):
                attempts[key] = self._engine.attempts(instance)
        return Result(finished.state, states, attempts)


def play_engine(pipeline: Pipeline, plan: Plan, orders: int = 3) -> Result:
    """The one result of several random orders, some with few slots. Raises AssertionError where orders differ."""
    results = [EnginePlay(pipeline, plan, Random(order), slots=order or None).run() for order in range(orders)]
    for other in results[1:]:
        assert other == results[0], f"the order of events changed the result: {results[0]} and {other}"
    return results[0]
