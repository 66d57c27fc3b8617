"""How Airflow, as this backend compiles for it, offers each feature of the language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipec.backend import NATIVE, Capability, emulated, refused

_NATIVE = (
    "python",
    "shell",
    "command",
    "decision",
    "group",
    "retry",
    "timeout",
    "trigger_rule.all_success",
    "trigger_rule.none_failed",
    "trigger_rule.none_failed_min_one_success",
    "trigger_rule.none_skipped",
    "trigger_rule.all_done",
    "trigger_rule.all_done_min_one_success",
    "trigger_rule.all_failed",
    "trigger_rule.all_skipped",
    "trigger_rule.one_success",
    "trigger_rule.one_failed",
    "trigger_rule.one_done",
    "trigger_rule.always",
    "option.env",
    "option.pool",
    "option.queue",
    "option.priority",
    "option.working_dir",
    "parameter",
    "parameter.required",
    "schedule.cron",
    "schedule.every",
    "start",
    "end",
    "catchup",
    "max_active_runs",
    "concurrency",
    "owner",
    "tags",
    "run.date",
    "run.timestamp",
    "run.interval_start",
    "run.interval_end",
    "run.id",
    "run.attempt",
    "run.pipeline",
    "run.url",
)

_EMULATED = {
    "gate": "a task that fails for good where a requirement does not hold",
    "finally": "teardown tasks behind all work, and a task `finally-verdict` through which their failure fails the run",
    "retry.on_exception": "a retry policy in the generated file; it names classes as the language does",
    "retry.on_exit_code": "the program is run by a helper in the generated file that knows its exit code",
    "retry.on_timeout": "a retry policy in the generated file",
    "require": "checked at the end of the task, which then fails for good",
    "option.tags": "Airflow has no tags of tasks; they stand in the task's documentation",
    "return": "a DAG run returns nothing; the outputs that the value is made of stay readable as XCom",
}

_NOT_LOWERED = "the Airflow backend of pipec does not lower it yet"
_RUN_IT_INSIDE = "run it from a python or shell task"

_REFUSED = {
    "image": (_NOT_LOWERED, "start the container from a shell task, or write the task as python"),
    "notebook": (_NOT_LOWERED, _RUN_IT_INSIDE),
    "sql": (_NOT_LOWERED, _RUN_IT_INSIDE),
    "sub_pipeline": (_NOT_LOWERED, "put the tasks into this pipeline, as components or in a group"),
    "approval": (_NOT_LOWERED, "end the pipeline before the approval and start a second one by hand"),
    "wait.file": (_NOT_LOWERED, "wait in a python task with a timeout and retries"),
    "wait.object": (_NOT_LOWERED, "wait in a python task with a timeout and retries"),
    "wait.task": (_NOT_LOWERED, "schedule this pipeline after the other one"),
    "wait.asset": (_NOT_LOWERED, "schedule this pipeline after the one that makes the asset"),
    "wait.message": (_NOT_LOWERED, "wait in a python task with a timeout and retries"),
    "wait.until": (_NOT_LOWERED, "use a schedule"),
    "wait.python": (_NOT_LOWERED, "wait in a python task with a timeout and retries"),
    "map": (_NOT_LOWERED, "use `for` over a list known when compiling, or loop in one task"),
    "race.skip_or_fail": (
        "Airflow lets timing decide whether such a task is skipped or upstream_failed, and with it the whole run",
        "add `order B -> decision` for the task B that may fail, or use trigger_rule = none_failed_min_one_success",
    ),
    "option.image": (_NOT_LOWERED, "remove the option: the task runs where the Airflow worker runs"),
    "option.resources": (_NOT_LOWERED, "remove the option, and bound the work with pool, queue or priority"),
    "option.secrets": (_NOT_LOWERED, "set the environment variable on the Airflow workers and read it with env()"),
    "option.volumes": (_NOT_LOWERED, "mount the volume on the Airflow workers"),
    "option.cache": (_NOT_LOWERED, "remove the option, and let the task look for its earlier result"),
    "option.produces": (_NOT_LOWERED, "remove the option, and schedule what follows by time"),
    "option.packages": (_NOT_LOWERED, "install the packages on the Airflow workers"),
    "option.deadline": (_NOT_LOWERED, "use timeout"),
    "schedule.asset": (_NOT_LOWERED, "use cron(…) or every(…)"),
    "schedule.combined": (_NOT_LOWERED, "use one cron(…) or every(…)"),
    "deadline": (_NOT_LOWERED, "use timeouts of tasks"),
    "alert": (_NOT_LOWERED, "send the message from a finally task"),
    "task_alert": (_NOT_LOWERED, "send the message from a task with trigger_rule = one_failed"),
}


def _entries() -> Iterator[tuple[str, Capability]]:
    yield from ((feature, NATIVE) for feature in _NATIVE)
    yield from ((feature, emulated(how)) for feature, how in _EMULATED.items())
    yield from ((feature, refused(reason, way_out)) for feature, (reason, way_out) in _REFUSED.items())


CAPABILITIES: Mapping[str, Capability] = dict(_entries())
