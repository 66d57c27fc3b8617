"""What an attempt's failure says when it is the system's, not the task's own words."""

from __future__ import annotations

import errno
import signal
from pathlib import Path

from pipec.engine.events import Failure

from .worker import cannot_write


class StartError(Exception):
    """An attempt could not be started; the failure says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


CANCELLED = Failure("cancelled", "cancelled")


def timeout_failure(timeout: float) -> Failure:
    return Failure("timeout", f"timed out after {timeout:g}s")


def status_failure(status: int) -> Failure:
    """A process that ended badly. Death by a signal has the exit code shells and containers give it, 128 + number."""
    if status > 0:
        return Failure("error", f"exit code {status}", exit_code=status)
    number = -status
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = str(number)
    hint = "; the system does that when memory runs out" if number == signal.SIGKILL else ""
    return Failure("error", f"killed by signal {name}{hint}", exit_code=128 + number)


def start_failure(program: str, error: OSError | ValueError) -> Failure:
    """A program that could not be started."""
    match error:
        case FileNotFoundError():
            return Failure("error", f"command not found: {program}", exit_code=127)
        case PermissionError():
            return Failure("error", f"not allowed to execute: {program}", exit_code=126)
        case OSError(errno=errno.E2BIG):
            return Failure("input", f"cannot start {program}: the inputs are too large: give the path of a file")
        case OSError():
            return Failure("error", f"cannot start {program}: {error.strerror}")
        case _:
            return Failure("input", f"cannot start {program}: {error}: a value holds what no command line can")


def folder_failure(folder: str, error: OSError) -> Failure:
    """The folder of an attempt could not be made: a full disk, for one."""
    return Failure("error", f"cannot make the folder {folder}: {error.strerror}")


def log_failure(log: Path, error: OSError) -> Failure:
    """The log of an attempt could not be opened or written."""
    return Failure("error", cannot_write(str(log), error))
