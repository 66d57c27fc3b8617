"""Runs a command in a process of its own and says what it took."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""With bytecode cached, as on a user's machine: compiling the program itself is not what is measured."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: seconds, of its children too, and MiB."""

    cpu: float
    wall: float
    peak: float


@dataclass(frozen=True, slots=True)
class Finished:
    """A process that is over, and what it wrote to stdout."""

    cost: Cost
    output: str


def medians(costs: list[Cost]) -> tuple[float, float, float]:
    """CPU and wall seconds and MiB, each the median of its own."""
    cpu, wall, peak = zip(*((cost.cpu, cost.wall, cost.peak) for cost in costs), strict=True)
    return statistics.median(cpu), statistics.median(wall), statistics.median(peak)


class FailedError(Exception):
    """A process did not exit with 0, or took too long; the message ends with what it wrote."""


def run(command: list[str], *, folder: Path | None = None, environment: Mapping[str, str] | None = None) -> Finished:
    """Run a command in a folder and wait. Raises FailedError where it does not exit with 0.

    The peak is that of its largest process.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        child = os.fork()
        if child == 0:
            _become(
                command, folder or Path.cwd(), {**ENVIRONMENT, **(environment or {})}, output.fileno(), errors.fileno()
            )
        _, status, usage = os.wait4(child, 0)
        wall = time.perf_counter() - began
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
        if code := os.waitstatus_to_exitcode(status):
            errors.seek(0)
            said = (text + errors.read().decode("utf-8", "replace")).strip()
            raise FailedError(f"exit {code}: {' '.join(command)}\n{said[-2000:]}")
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss: bytes there, KiB elsewhere
    return Finished(Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * unit / 2**20), text)


def _become(command: list[str], folder: Path, environment: Mapping[str, str], output: int, errors: int) -> None:
    """In the new process: be that command."""
    try:
        os.chdir(folder)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(errors, 2)
        os.execvpe(command[0], command, environment)
    finally:
        os._exit(127)
