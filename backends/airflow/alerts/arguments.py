"""Alerts and deadlines as arguments. What happens when is Airflow's affair, what is said is in `embedded_alerts`.

Callbacks stand at the task or DAG they are about, never in `default_args`: those are part of the serialized DAG.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipec.ir.model import Alert, ApprovalRequest, Pipeline, Task, WaitCondition

from ..layout import Call, DictNode, ListNode, Node
from ..literals import py, timedelta_source
from .channels import CLASSES, channel_arguments

_Arguments = list[tuple[str, Node]]

RUN_EVENTS = ("failure", "success")
"""The events of a run that Airflow has callbacks for."""


def dag_arguments(pipeline: Pipeline) -> _Arguments:
    """`on_failure_callback`, `on_success_callback` and `deadline`, those that are needed."""
    of_run: _Arguments = [("of_run", "True")]
    arguments: _Arguments = [
        (f"on_{event}_callback", ListNode(tuple(_callback(alert, event, of_run) for alert in alerts)))
        for event in RUN_EVENTS
        if (alerts := _listening(pipeline.alerts, event))
    ]
    if pipeline.deadline is not None:
        arguments.append(("deadline", _deadline(pipeline, pipeline.deadline)))
    return arguments


def task_arguments(task: Task) -> _Arguments:
    """`on_failure_callback`, `on_retry_callback`, `on_success_callback` and `on_skipped_callback`, those needed.

    What the pipeline's alerts tell of each task is among the task's own by now, see `inlining`.
    """
    if not task.alerts:
        return []
    # Airflow's id of an instance of a `for` is not what the language calls it.
    about: _Arguments = [("task", py(task.id))] if task.keys else []
    told = {
        "failure": _listening(task.alerts, "failure"),
        "retry": _listening(task.alerts, "retry") if _is_retried(task) else [],
        "success": _listening(task.alerts, "success"),
        "skipped": _listening(task.alerts, "skipped") if _skips_itself(task) else [],
    }
    return [
        (f"on_{event}_callback", ListNode(tuple(_callback(alert, event, about) for alert in alerts)))
        for event, alerts in told.items()
        if alerts
    ]


def _listening(alerts: Iterable[Alert], event: str) -> list[Alert]:
    return [alert for alert in alerts if event in alert.events]


def _callback(alert: Alert, event: str, about: _Arguments) -> Node:
    return Call(CLASSES[alert.channel], ((None, py(event)), *channel_arguments(alert), *about))


def _is_retried(task: Task) -> bool:
    retry = task.options.retry
    return retry is not None and retry.max > 0 and task.implementation.kind not in ("decision", "gate")


def _skips_itself(task: Task) -> bool:
    """Whether the task may raise a skip; what others skip never gets as far as a callback, see `alert.skipped`."""
    match task.implementation:
        case ApprovalRequest() | WaitCondition(on_timeout="skip"):
            return True
        case _:
            return task.map is not None


# --- deadlines -----------------------------------------------------------------------------------


def _deadline(pipeline: Pipeline, seconds: float) -> Node:
    """One deadline alert for each channel; where nobody is told, the log is."""
    alerts = _listening(pipeline.alerts, "deadline")
    callbacks = [(CLASSES[alert.channel], channel_arguments(alert)) for alert in alerts] or [("LogAlert", [])]
    nodes = tuple(_deadline_alert(name, arguments, seconds) for name, arguments in callbacks)
    return nodes[0] if len(nodes) == 1 else ListNode(nodes)


def _deadline_alert(name: str, arguments: _Arguments, seconds: float) -> Node:
    given = [("event", py("deadline")), *arguments, ("seconds", py(seconds))]
    kwargs = DictNode(tuple((py(key), node) for key, node in given))
    return Call(
        "DeadlineAlert",
        (
            ("reference", "DeadlineReference.DAGRUN_QUEUED_AT"),
            ("interval", timedelta_source(seconds)),
            ("callback", Call("SyncCallback", ((None, name), ("kwargs", kwargs)))),
        ),
    )
