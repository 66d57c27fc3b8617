"""Where the attempts of a task are made: by Kubeflow, each in a pod of its own, or inside one container."""

from __future__ import annotations

from typing import Any

from pipec.analysis.simple_pods import reads_attempt, waits_whole_seconds
from pipec.ir.model import CommandLine, PythonFunction, ShellScript, Task


def tries_inside(task: Task) -> bool:
    """Whether attempts are made inside the container.

    Kubeflow tells no task its attempt, tries every failure again, that of a requirement too, and knows neither a cap of
    waits nor fractions.
    """
    retry = task.options.retry
    if (
        retry is None
        or retry.max == 0
        or not isinstance(task.implementation, PythonFunction | ShellScript | CommandLine)
    ):
        return False
    return retry.on is not None or bool(task.requirements) or not waits_whole_seconds(retry) or reads_attempt(task)


def attempts_request(task: Task) -> dict[str, Any]:
    """What the program in the container has to know of attempts; empty where Kubeflow makes them."""
    retry = task.options.retry
    if retry is None or not tries_inside(task):
        return {}
    fields = {"max": retry.max, "delay": retry.delay, "backoff": retry.backoff, "max_delay": retry.max_delay}
    return {"retry": {**fields, "on": retry.on}, "timeout": task.options.timeout}
