"""P0451, L107: deadlines that the estimates break, and retries that come too late for them."""

from __future__ import annotations

from collections.abc import Iterator

from pipec.analysis.lints.subject import Subject
from pipec.analysis.plan_text import duration_text
from pipec.ir.model import Retry, Task
from pipec.ir.traverse import location_of

_SHOWN = 6
"""So many tasks of a chain are named."""
_COUNTED = 100
"""So many retries are added up: what waits longer than a deadline does so before."""


def deadline_below_critical_path(subject: Subject) -> None:
    """P0451: by the estimates, no run can keep the deadline of the pipeline or of a task."""
    if not subject.is_estimated:
        return
    deadline = subject.pipeline.deadline
    if deadline is not None and subject.timing.length > deadline:
        subject.report(
            "P0451",
            f"the deadline of {duration_text(deadline)} cannot be kept: "
            f"the tasks need {duration_text(subject.timing.length)} one after the other",
            location_of(subject.pipeline, "deadline"),
            notes=(f"the critical path: {_chain(subject)}",),
            help="give more time, or make a task of this path shorter",
            severity="error",
        )
    for task in subject.tasks:
        limit = task.options.deadline
        if limit is None:
            continue
        end = subject.timing.earliest_start[task.id] + subject.durations[task.id]
        if end > limit:
            subject.report(
                "P0451",
                f"the deadline of `{task.name}`, {duration_text(limit)}, cannot be kept: "
                f"it ends {duration_text(end)} after the start of the run at best",
                location_of(task, "deadline"),
                notes=("the deadline of a task counts from the start of the run",),
                help="give more time, or make what it waits for shorter",
                severity="error",
            )


def retries_beyond_limit(subject: Subject) -> None:
    """L107: the last attempt would end after the deadline even if every one before it failed at once."""
    from pipec.engine.retries import retry_delay  # which brings the engine, for files with a deadline and retries

    for task, retry, limit in _limited(subject):
        attempt = subject.durations[task.id]
        start = subject.timing.earliest_start[task.id] + attempt
        if start > limit:  # it is late without any retry: that is another fault
            continue
        end = start
        for number in range(1, min(retry.max, _COUNTED) + 1):
            end += retry_delay(retry, number)
            if end > limit:
                subject.report(
                    "L107",
                    f"retry {number} of `{task.name}` comes too late for the deadline of {duration_text(limit)}",
                    location_of(task, "retry"),
                    notes=(
                        f"even if all attempts before it fail at once, it ends {duration_text(end)} "
                        "after the start of the run at best",
                    ),
                    help=f"allow {number - 1} retries, wait less before them, or give more time",
                )
                break


def _limited(subject: Subject) -> Iterator[tuple[Task, Retry, float]]:
    """The tasks with retries and the deadline that comes first for them."""
    whole = subject.pipeline.deadline
    for task in subject.tasks:
        limits = [limit for limit in (whole, task.options.deadline) if limit is not None]
        if task.options.retry is not None and limits:
            yield task, task.options.retry, min(limits)


def _chain(subject: Subject) -> str:
    """The tasks of the critical path that take time, with it."""
    parts = [
        f"{id} ({duration_text(subject.durations[id])})"
        for id in subject.timing.critical_path
        if subject.durations[id] > 0
    ]
    if len(parts) > _SHOWN:
        parts = [*parts[: _SHOWN - 1], f"{len(parts) - _SHOWN} more", parts[-1]]
    return " -> ".join(parts)
