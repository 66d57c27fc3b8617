"""Waits for a time: Airflow's own `DateTimeSensor`.

The deferrable one is more punctual, but knows no timeout and needs a triggerer. `soft_fail` means what `on_timeout =
skip` does, since there is nothing else in this sensor that it would skip.
"""

from __future__ import annotations

from pipec.ir.model import Task, WaitCondition

from ..literals import timedelta_source
from ..setting import Arguments, Fields, Setting, Written
from .timing import RESCHEDULED_FROM, timeout_source


def is_time(task: Task) -> bool:
    """Whether a task waits for a time."""
    return isinstance(task.implementation, WaitCondition) and task.implementation.condition == "until"


def write_until(task: Task, setting: Setting) -> Written:
    """The sensor. It looks at the end of its timeout too, where that is shorter than the time between two looks."""
    wait = task.implementation
    assert isinstance(wait, WaitCondition)
    fields = Fields(task, setting)
    timeout = task.options.timeout
    interval = wait.poll if timeout is None else min(wait.poll, timeout)
    arguments: Arguments = [
        ("target_time", fields.text("time", wait.arguments["time"])),
        *([("mode", '"reschedule"')] if interval >= RESCHEDULED_FROM else []),
        ("poke_interval", timedelta_source(interval)),
        ("timeout", timeout_source(task)),
    ]
    if wait.on_timeout == "skip":
        arguments.append(("soft_fail", "True"))
    operator = setting.operator("DateTimeSensor", task, arguments)
    return Written(task, operator, functions=fields.functions(), macros=fields.macros())
