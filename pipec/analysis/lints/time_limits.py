"""L103 to L106: tasks that may hang for ever, and limits that do not fit what they limit."""

from __future__ import annotations

from pipec.analysis.lints.kinds import gpus, is_code
from pipec.analysis.lints.subject import Subject
from pipec.analysis.plan_text import duration_text
from pipec.ir.model import ApprovalRequest, WaitCondition
from pipec.ir.traverse import location_of

_LONG = 3600.0
"""From so many seconds on a task is long."""


def endless_wait(subject: Subject) -> None:
    """L103: a wait or an approval without timeout. A wait for a time ends by itself."""
    for task in subject.tasks:
        if task.options.timeout is not None:
            continue
        match task.implementation:
            case ApprovalRequest():
                what = "a person answers"
            case WaitCondition(condition=condition) if condition != "until":
                what = "what it waits for is there"
            case _:
                continue
        subject.report(
            "L103",
            f"`{task.name}` has no timeout: it waits until {what}, be it for ever",
            task.location,
            notes=("a run that never ends keeps the next ones waiting, and nobody is told",),
            help="write `timeout = 24h`, or how long it may take, and `on_timeout`",
        )


def endless_work(subject: Subject) -> None:
    """L104: a long task, or one that holds a GPU, without timeout."""
    for task in subject.tasks:
        options = task.options
        if options.timeout is not None or not is_code(task):
            continue
        if options.estimate is not None and options.estimate.likely >= _LONG:
            why = f"is expected to take {duration_text(options.estimate.likely)}"
        elif gpus(task) and not (options.estimate and options.estimate.likely < _LONG):
            why = "holds a GPU"
        else:
            continue
        estimate = options.estimate.likely if options.estimate is not None else _LONG
        subject.report(
            "L104",
            f"task `{task.name}` {why} and has no timeout",
            task.location,
            notes=("an attempt that hangs holds its machine until somebody looks",),
            help=f"write `timeout = {duration_text(2 * estimate)}`, or how long an attempt may take",
        )


def timeout_below_estimate(subject: Subject) -> None:
    """L105: an attempt is ended before it is expected to be through."""
    for task in subject.tasks:
        timeout, estimate = task.options.timeout, task.options.estimate
        if timeout is not None and estimate is not None and estimate.likely > timeout:
            subject.report(
                "L105",
                f"task `{task.name}` is expected to take {duration_text(estimate.likely)}, "
                f"and its timeout is {duration_text(timeout)}",
                location_of(task, "timeout"),
                notes=("a timeout ends the attempt, which then failed",),
                help="give a longer timeout or a better estimate",
            )


def poll_beyond_timeout(subject: Subject) -> None:
    """L106: a wait that looks only once."""
    for task in subject.tasks:
        timeout, implementation = task.options.timeout, task.implementation
        if timeout is not None and isinstance(implementation, WaitCondition) and implementation.poll >= timeout:
            subject.report(
                "L106",
                f"`{task.name}` looks only once: it looks every {duration_text(implementation.poll)}, "
                f"and its timeout is {duration_text(timeout)}",
                location_of(task, "poll" if "poll" in task.locations else "timeout"),
                help="give a shorter `poll` or a longer `timeout`",
            )
