"""L120 to L122: tasks that are given too much, or cut too small or too large."""

from __future__ import annotations

from pipec.analysis.lints.kinds import gpus, is_code
from pipec.analysis.lints.subject import Subject
from pipec.analysis.plan_text import duration_text
from pipec.ir.traverse import location_of

_CHECKS = frozenset(
    {"alert", "check", "checks", "notify", "report", "summary", "validate", "validation", "verification", "verify"}
)
"""Words for work that does not train."""
_SHORT = 300.0
"""A check of up to so many seconds computes little."""
_SMALL = 5.0
"""Below so many seconds starting a task takes longer than the task, where each has a machine of its own."""
_LONG = 43_200.0
"""Above so many seconds a failure near the end costs a day."""


def gpu_for_a_check(subject: Subject) -> None:
    """L120: a GPU for a short task whose name says that it checks or reports."""
    for task in subject.tasks:
        estimate = task.options.estimate
        if estimate is None or estimate.likely > _SHORT or not gpus(task) or not _CHECKS & set(task.name.split("_")):
            continue
        subject.report(
            "L120",
            f"task `{task.name}` holds a GPU for a check of {duration_text(estimate.likely)}",
            location_of(task, "resources"),
            notes=("a GPU costs many times what a processor does, and trainings wait for it",),
            help="write `resources = { gpu: 0 }`, or do the check where the GPU is held already",
        )


def too_small(subject: Subject) -> None:
    """L121: a task of a few seconds, for targets that start a machine for each."""
    for task in subject.tasks:
        estimate = task.options.estimate
        if estimate is not None and estimate.likely < _SMALL and is_code(task):
            subject.report(
                "L121",
                f"task `{task.name}` takes only {duration_text(estimate.likely)}",
                location_of(task, "estimate"),
                notes=("where every task is a container of its own, starting it takes longer",),
                help="join it with the task before or after it",
            )


def too_long(subject: Subject) -> None:
    """L122: a task of more than half a day."""
    for task in subject.tasks:
        estimate = task.options.estimate
        if estimate is not None and estimate.likely > _LONG and is_code(task):
            subject.report(
                "L122",
                f"task `{task.name}` takes {duration_text(estimate.likely)} in one piece",
                location_of(task, "estimate"),
                notes=("a failure near its end loses all of it",),
                help="cut it into tasks that hand on what they have done",
            )
