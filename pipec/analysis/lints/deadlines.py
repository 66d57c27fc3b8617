"""P0451, L107, L108: deadlines that the estimates break, and retries that come too late for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipec.analysis.critical_path import EstimateKind, durations, timing
from pipec.analysis.graph import run_upstream
from pipec.analysis.lints.subject import Subject
from pipec.analysis.plan_text import duration_text
from pipec.frozen import Frozen
from pipec.ir.base import Location
from pipec.ir.model import Retry, Task
from pipec.ir.traverse import location_of

_SHOWN = 6
"""So many tasks of a chain are named."""
_BY: dict[EstimateKind, str] = {"min": " at best", "likely": " by the likely estimates"}
_COUNTED = 100
"""So many retries are added up: what waits longer than a deadline does so before."""


def deadline_below_critical_path(subject: Subject) -> None:
    """P0451: not even by the shortest estimates can a run keep the deadline of the pipeline or of a task."""
    for late in _late(subject, "min"):
        subject.report(
            "P0451",
            f"{late.what} cannot be kept: {late.why}",
            late.location,
            notes=(late.note,),
            help=late.help,
            severity="error",
        )


def deadline_below_likely_path(subject: Subject) -> None:
    """L108: a run keeps the deadline only where tasks take less time than is likely."""
    at_best = {late.location for late in _late(subject, "min")}
    for late in _late(subject, "likely"):
        if late.location not in at_best:
            subject.report(
                "L108", f"{late.what} is likely missed: {late.why}", late.location, notes=(late.note,), help=late.help
            )


class _Late(Frozen):
    """A deadline that is missed: what, why, and how to mend it."""

    what: str
    why: str
    note: str
    help: str
    location: Location


def _late(subject: Subject, kind: EstimateKind) -> Iterator[_Late]:
    """The deadlines that are missed where every task takes its estimate of this kind."""
    if not subject.is_estimated or not _has_deadline(subject):
        return
    duration = subject.durations if kind == "likely" else durations(subject.pipeline, kind)
    times = subject.timing if kind == "likely" else timing(run_upstream(subject.pipeline), duration)
    by_which = _BY[kind] if _has_spread(subject) else ""
    deadline = subject.pipeline.deadline
    if deadline is not None and times.length > deadline:
        yield _Late(
            what=f"the deadline of {duration_text(deadline)}",
            why=f"the tasks need {duration_text(times.length)} one after the other{by_which}",
            note=f"the critical path: {_chain(times.critical_path, duration)}",
            help="give more time, or make a task of this path shorter",
            location=location_of(subject.pipeline, "deadline"),
        )
    for task in subject.tasks:
        limit = task.options.deadline
        if limit is not None and (end := times.earliest_start[task.id] + duration[task.id]) > limit:
            yield _Late(
                what=f"the deadline of `{task.name}`, {duration_text(limit)},",
                why=f"it ends {duration_text(end)} after the start of the run{by_which or ' at best'}",
                note="the deadline of a task counts from the start of the run",
                help="give more time, or make what it waits for shorter",
                location=location_of(task, "deadline"),
            )


def _has_deadline(subject: Subject) -> bool:
    return subject.pipeline.deadline is not None or any(task.options.deadline is not None for task in subject.tasks)


def _has_spread(subject: Subject) -> bool:
    estimates = (task.options.estimate for task in subject.tasks)
    return any(estimate is not None and estimate.min < estimate.likely for estimate in estimates)


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


def _chain(path: Sequence[str], duration: Mapping[str, float]) -> str:
    """The tasks of a critical path that take time, with it."""
    parts = [f"{id} ({duration_text(duration[id])})" for id in path if duration[id] > 0]
    if len(parts) > _SHOWN:
        parts = [*parts[: _SHOWN - 1], f"{len(parts) - _SHOWN} more", parts[-1]]
    return " -> ".join(parts)
