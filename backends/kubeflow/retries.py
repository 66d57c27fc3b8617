"""Where the attempts of a task are made: by Kubeflow, each in a pod of its own, or inside one container."""

from __future__ import annotations

from typing import Any

from pipec.analysis.simple_pods import waits_whole_seconds
from pipec.ir.expressions import RunReference, walk
from pipec.ir.model import CommandLine, PythonFunction, ShellScript, Task
from pipec.ir.traverse import task_expressions


def tries_inside(task: Task) -> bool:
    """Whether attempts are made inside the container.

    Kubeflow tells no task its attempt, tries every failure again, and knows neither a cap of waits nor fractions.
    """
    retry = task.options.retry
    if (
        retry is None
        or retry.max == 0
        or not isinstance(task.implementation, PythonFunction | ShellScript | CommandLine)
    ):
        return False
    reads = (part for _, expression in task_expressions(task) for part in walk(expression))
    if retry.on is not None or not waits_whole_seconds(retry):
        return True
    return any(isinstance(part, RunReference) and part.field == "attempt" for part in reads)


def attempts_request(task: Task) -> dict[str, Any]:
    """What the program in the container has to know of attempts; empty where Kubeflow makes them."""
    retry = task.options.retry
    if retry is None or not tries_inside(task):
        return {}
    fields = {"max": retry.max, "delay": retry.delay, "backoff": retry.backoff, "max_delay": retry.max_delay}
    return {"retry": {**fields, "on": retry.on}, "timeout": task.options.timeout}
