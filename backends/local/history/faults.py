"""What failed in a run: why, and how the log ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..store.records import AttemptRecord
from .rows import Row

MOST_FAULTS = 20
"""So many are shown; with more one looks at the log of one."""

LogTail = Callable[[AttemptRecord], Sequence[str]]
"""The last lines of the log of an attempt."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An instance that failed. `log` is the path of its last log, relative to the folder of the run."""

    instance: str
    message: str
    tail: Sequence[str]
    log: str | None


def faults(rows: Iterable[Row], log_tail: LogTail) -> tuple[list[Fault], int]:
    """The first ones, and how many more there are."""
    failed = [(task, message) for row in rows for task, message in row.errors()]
    shown = []
    for task, message in failed[:MOST_FAULTS]:
        last = task.attempts[-1] if task.attempts else None
        shown.append(Fault(task.task, message, log_tail(last) if last else (), last.log if last else None))
    return shown, len(failed) - len(shown)
