"""One attempt of a task while it runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pipec.engine.events import AttemptFailed, AttemptSucceeded, Failure
from pipec.ir.model import Task

from .failures import CANCELLED, log_failure, timeout_failure
from .loop import Timer
from .processes import Mark, ProcessTree
from .worker import open_log


@dataclass(frozen=True, slots=True)
class Launch:
    """What is to be run. `id` is that of the instance of `task`; `inputs` are in JSON form, `arguments` those of a
    command. `log` takes what it prints, `folder` is the attempt's own; both are absolute and are made when needed.
    """

    id: str
    task: Task
    attempt: int
    inputs: dict[str, Any]
    arguments: tuple[str, ...]
    log: Path
    folder: Path


@dataclass(slots=True, eq=False)
class Attempt:
    """How far an attempt is."""

    launch: Launch
    mark: Mark
    tree: ProcessTree | None = None
    """Its processes; None before it has any."""
    timer: Timer | None = None
    """For its timeout."""
    status: int | None = None
    """The return code of the leader."""
    answer: Mapping[str, Any] | None = None
    """What the worker of a python task said of it."""
    ended_by: Literal["timeout", "cancelled"] | None = None
    is_being_ended: bool = False
    endings: int = 0
    """How often its tree was ended."""

    def led_by(self, leader: int) -> None:
        """A process was started for this attempt, or took it on."""
        self.tree = ProcessTree(leader, self.mark)

    def end_failure(self) -> Failure | None:
        """The failure of an attempt that was ended from outside."""
        match self.ended_by:
            case "timeout":
                assert self.launch.task.options.timeout is not None
                return timeout_failure(self.launch.task.options.timeout)
            case "cancelled":
                return CANCELLED
            case None:
                return None

    def succeeded(self, outputs: dict[str, Any]) -> AttemptSucceeded:
        return AttemptSucceeded(self.launch.id, outputs)

    def failed(self, failure: Failure) -> AttemptFailed:
        """The event. The reason goes to the log too, since the process did not print it; if the log takes it."""
        try:
            log = open_log(str(self.launch.log))
            try:
                os.write(log, f"pipec: {failure.message}\n".encode("utf-8", "backslashreplace"))
            finally:
                os.close(log)
        except OSError as error:
            reason = log_failure(self.launch.log, error).message
            if failure.message != reason:
                failure = Failure(failure.kind, f"{failure.message}; {reason}", failure.exceptions, failure.exit_code)
        return AttemptFailed(self.launch.id, failure)
