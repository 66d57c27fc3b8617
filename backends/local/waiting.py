"""Waits of a run: each drives itself on the runner's event loop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipec.engine.events import AttemptFailed, AttemptSucceeded, Failure, StartAttempt
from pipec.ir.model import Task, WaitCondition

from .execution.loop import Loop
from .observer import Observer
from .side_tasks import SideTasks
from .store.store import RunStore
from .waits.conditions import PredicateCall, condition_for
from .waits.contract import Surroundings, WaitError
from .waits.waiter import Look, Seen, Waiter

Report = Callable[[AttemptSucceeded | AttemptFailed, Callable[[], None] | None], None]
"""Takes the end of a wait, and what is to be called once it is kept."""


class StoredHistory:
    """What waits ask of other runs. Looks are made in threads of their own, so each opens the store for itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def task_succeeded(self, pipeline: str, task: str, date: str) -> bool:
        store = RunStore.open_existing(self._folder)
        try:
            return store.task_succeeded(pipeline, task, date)
        finally:
            store.close()

    def asset_updated(self, uri: str, since: float) -> bool:
        store = RunStore.open_existing(self._folder)
        try:
            return store.asset_updated(uri, since)
        finally:
            store.close()


class Waits:
    """All waits of one run under way."""

    def __init__(
        self, loop: Loop, surroundings: Surroundings, side_tasks: SideTasks, observer: Observer, report: Report
    ) -> None:
        self._loop = loop
        self._surroundings = surroundings
        self._side_tasks = side_tasks
        self._observer = observer
        self._report = report
        self._waiters: dict[str, Waiter] = {}

    def begin(self, start: StartAttempt, task: Task) -> None:
        """Look for the first time."""
        assert isinstance(task.implementation, WaitCondition)
        try:
            condition = condition_for(task, start.inputs, self._surroundings)
        except WaitError as error:
            self._report(AttemptFailed(start.task, error.failure), None)
            return
        look = self._predicate_look(start.task, condition) if isinstance(condition, PredicateCall) else None
        waiter = Waiter(
            self._loop,
            start.task,
            condition,
            task.implementation.poll,
            task.options.timeout,
            self._met,
            self._failed,
            look,
        )
        self._waiters[start.task] = waiter
        self._observer.waiting(start.task, condition.describe())
        waiter.start()

    def cancel(self, task: str) -> bool:
        """Wait no longer; false where nobody waited."""
        waiter = self._waiters.pop(task, None)
        if waiter is not None:
            waiter.cancel()
            self._report(AttemptFailed(task, Failure("cancelled", "cancelled")), None)
        return waiter is not None

    def cancel_all(self) -> None:
        for task in list(self._waiters):
            self.cancel(task)

    def _met(self, event: AttemptSucceeded, taken: Callable[[], None]) -> None:
        del self._waiters[event.task]
        self._report(event, taken)

    def _failed(self, event: AttemptFailed) -> None:
        del self._waiters[event.task]
        self._report(event, None)

    def _predicate_look(self, task: str, call: PredicateCall) -> Look:
        """Looks by calling the predicate as a python task of its own."""

        def look(report: Callable[[Seen], None]) -> Callable[[], None]:
            return self._side_tasks.start(
                f"{task} looks", call.task, call.inputs, lambda event: report(call.result(event))
            )

        return look
