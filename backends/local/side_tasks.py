"""Code of the user's that runs beside the tasks of a pipeline: predicates of waits, callbacks of alerts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipec.engine.events import AttemptFailed, AttemptSucceeded
from pipec.ir.model import Task

from .execution.attempt import Launch
from .execution.executor import Executor
from .run_folder import file_name

Ended = Callable[[AttemptSucceeded | AttemptFailed], None]


class SideTasks:
    """Python functions run in the workers of the tasks; nothing of them is part of the run."""

    def __init__(self, executor: Executor, folder: Path) -> None:
        self._executor = executor
        self._folder = folder
        self._ended: dict[str, Ended] = {}
        self._count = 0

    def start(self, name: str, task: Task, inputs: Mapping[str, Any], ended: Ended) -> Callable[[], None]:
        """Run a function; what came of it goes to `ended`. Returns what breaks it off.

        `name` says what it is to people, in its process and in the name of its log.
        """
        self._count += 1
        id = f"{name} {self._count}"
        self._ended[id] = ended
        launch = Launch(
            id=id,
            task=task,
            attempt=1,
            inputs=dict(inputs),
            arguments=(),
            log=self._folder / f"{file_name(name)}.log",
            folder=self._folder / file_name(id),
        )
        self._executor.start(launch)

        def break_off() -> None:
            if self._ended.pop(id, None) is not None:
                self._ended[id] = lambda event: None
                self._executor.end(id)

        return break_off

    def owns(self, id: str) -> bool:
        return id in self._ended

    def report(self, event: AttemptSucceeded | AttemptFailed) -> None:
        """One of them has ended."""
        self._ended.pop(event.task)(event)
