"""How long waits wait."""

from __future__ import annotations

from pipec.ir.model import Task

from ..layout import Node
from ..literals import timedelta_source

RESCHEDULED_FROM = 30.0
"""Seconds between two looks from which on a sensor gives its worker back; `embedded_waits` says why."""


def timeout_source(task: Task) -> Node:
    """The `timeout` of a sensor. Without one Airflow would give up after a week."""
    return "FOR_EVER" if task.options.timeout is None else timedelta_source(task.options.timeout)
