"""L130 to L134: pipelines that run while nobody looks."""

from __future__ import annotations

from collections.abc import Iterator

from pipec.analysis.lints.subject import Subject
from pipec.analysis.plan_text import duration_text
from pipec.ir.model import Alert
from pipec.ir.traverse import location_of


def unlimited_catchup(subject: Subject) -> None:
    """L130: missed runs are made up for, all at once."""
    pipeline = subject.pipeline
    if pipeline.catchup and pipeline.schedule is not None and pipeline.max_active_runs is None:
        subject.report(
            "L130",
            f"`{pipeline.name}` makes up for all missed runs, and nothing limits how many go on at once",
            location_of(pipeline, "catchup"),
            notes=("the first deployment starts every run since `start`",),
            help="write `max_active_runs = 1`, or how many can go on side by side",
        )


def catchup_without_start(subject: Subject) -> None:
    """L131: there is no day since when runs would be missed."""
    pipeline = subject.pipeline
    if pipeline.catchup and pipeline.schedule is not None and pipeline.start is None:
        subject.report(
            "L131",
            f"`{pipeline.name}` has `catchup` and no `start`",
            location_of(pipeline, "catchup"),
            notes=("nothing says since when runs are missed, so each engine takes a day of its own",),
            help="write `start = 2026-01-01`, or the first day that there is data for",
        )


def no_owner(subject: Subject) -> None:
    """L132: nobody is named who answers for a scheduled pipeline."""
    pipeline = subject.pipeline
    if pipeline.schedule is not None and pipeline.owner is None:
        subject.report(
            "L132",
            f"`{pipeline.name}` runs by a schedule and has no owner",
            pipeline.location,
            notes=("when it fails at night, somebody has to know whom to ask",),
            help='write `owner = "team"`',
        )


def no_failure_alert(subject: Subject) -> None:
    """L133: nobody is told when a scheduled pipeline or one of its tasks fails."""
    pipeline = subject.pipeline
    if pipeline.schedule is not None and not any("failure" in alert.events for alert in _all_alerts(subject)):
        subject.report(
            "L133",
            f"`{pipeline.name}` runs by a schedule and tells nobody of a failure",
            pipeline.location,
            notes=("a failure that nobody hears of is found by those who miss the result",),
            help='write `on failure = slack("#channel")` or another channel',
        )


def silent_deadline(subject: Subject) -> None:
    """L134: a deadline does nothing but alert, and there is no alert for it."""
    pipeline = subject.pipeline
    if any("deadline" in alert.events for alert in pipeline.alerts):
        return
    if pipeline.deadline is not None:
        subject.report(
            "L134",
            f"nobody is told when `{pipeline.name}` misses its deadline of {duration_text(pipeline.deadline)}",
            location_of(pipeline, "deadline"),
            notes=("a missed deadline alerts and changes nothing else",),
            help='write `on deadline = slack("#channel")` or another channel',
        )
    for task in subject.tasks:
        limit = task.options.deadline
        if limit is not None and not any("deadline" in alert.events for alert in task.alerts):
            subject.report(
                "L134",
                f"nobody is told when `{task.name}` misses its deadline of {duration_text(limit)}",
                location_of(task, "deadline"),
                notes=("a missed deadline alerts and changes nothing else",),
                help='write `on deadline = slack("#channel")` or another channel, in the task or the pipeline',
            )


def _all_alerts(subject: Subject) -> Iterator[Alert]:
    yield from subject.pipeline.alerts
    for task in subject.tasks:
        yield from task.alerts
