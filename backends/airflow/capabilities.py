"""How Airflow, as this backend compiles for it, offers each feature of the language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipec.backend import NATIVE, Capability, emulated, refused

_NATIVE = (
    "python",
    "shell",
    "command",
    "map",
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
    "option.produces",
    "parameter",
    "parameter.required",
    "schedule.cron",
    "schedule.every",
    "schedule.asset",
    "schedule.combined",
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
    "alert": "callbacks in the generated file that tell people by the notifiers of Airflow's providers",
    "task_alert": "callbacks in the generated file that tell people by the notifiers of Airflow's providers",
    "deadline": "a deadline alert; it counts from when the run was queued, which is earlier than its start where "
    "max_active_runs lets it wait, and needs an executor that runs callbacks",
    "sub_pipeline": "its tasks are put into the DAG, in a task group, between a first task that gives the parameters and"
    " a last one that gives what it returns; the last one is upstream_failed, not failed, where the pipeline failed",
    "gate": "a task that fails for good where a requirement does not hold",
    "finally": "teardown tasks behind all work, and a task `finally-verdict` through which their failure fails the run",
    "race.skip_or_fail": "the task waits by the rule none_failed, and is skipped by a check before it runs",
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
    "schedule.time_and": (
        "in Airflow a time is always enough for a run",
        'use the time alone and begin with `wait ready = asset("uri")`',
    ),
    "schedule.several_intervals": (
        "a DAG has one timetable, and none holds an interval and other times",
        "write all times as cron(…)",
    ),
    "schedule.several_zones": (
        "a DAG has one timetable, and its times are in one time zone",
        "write all times in one time zone, or make two pipelines",
    ),
    "asset.uri": (
        "in Airflow it would be another asset or none",
        "use a plain name, such as `daily_lots`",
    ),
    "alert.skipped": (
        "Airflow calls nobody for a task that is skipped before it begins",
        "send the message from a task after it with trigger_rule = all_skipped",
    ),
    "option.deadline": (
        "deadlines of Airflow are those of runs",
        "use the pipeline's deadline, or a timeout of the task",
    ),
    "image": (_NOT_LOWERED, "start the container from a shell task, or write the task as python"),
    "notebook": (_NOT_LOWERED, _RUN_IT_INSIDE),
    "sql": (_NOT_LOWERED, _RUN_IT_INSIDE),
    "sub_pipeline.retry": (
        "its tasks become tasks of this DAG, and Airflow tries single tasks again",
        "set retries = 0 for it, and retries for the tasks inside",
    ),
    "sub_pipeline.timeout": (
        "its tasks become tasks of this DAG, and Airflow's timeouts are those of single tasks",
        "set timeouts for the tasks inside",
    ),
    "sub_pipeline.finally": (
        "its tasks become tasks of this DAG, and teardown tasks cannot have branches, rules or a finally of their own",
        "put its tasks into the finally block, or run it as a task outside",
    ),
    "sub_pipeline.alert": (
        "its tasks become tasks of this DAG, which has one set of callbacks",
        "put the alert on the tasks inside, or on the pipeline that calls it",
    ),
    "sub_pipeline.limits": (
        "its tasks become tasks of this DAG, which has one limit and one deadline",
        "set a pool for its tasks, and the deadline on the pipeline that calls it",
    ),
    "map.nested": (
        "a mapped task group cannot stand in another one",
        "make one list of all items in a task and map over that, or loop inside the task",
    ),
    "map.max_parallel": (
        "Airflow limits how many instances of one task run at once, not how many items are begun",
        "put the work of an item into one task, or give the tasks a pool with as many slots",
    ),
    "map.trigger_rule": (
        "before Airflow expands a mapped task group it decides once for all items by such a rule",
        "use all_success, none_failed, none_failed_min_one_success, none_skipped, all_done or one_failed,"
        " or put the task behind the map",
    ),
    "approval": (_NOT_LOWERED, "end the pipeline before the approval and start a second one by hand"),
    "wait.file": (_NOT_LOWERED, "wait in a python task with a timeout and retries"),
    "wait.object": (_NOT_LOWERED, "wait in a python task with a timeout and retries"),
    "wait.task": (_NOT_LOWERED, "schedule this pipeline after the other one"),
    "wait.asset": (_NOT_LOWERED, "schedule this pipeline after the one that makes the asset"),
    "wait.message": (_NOT_LOWERED, "wait in a python task with a timeout and retries"),
    "wait.until": (_NOT_LOWERED, "use a schedule"),
    "wait.python": (_NOT_LOWERED, "wait in a python task with a timeout and retries"),
    "race.starts_early": (
        "a branch operator skips what is directly behind it when it gets there, which may be too late for such a rule",
        "add `order` so that what sets the task off follows the decision, or use another trigger rule",
    ),
    "race.map_list": (
        "Airflow lets timing decide whether such a task is skipped with the list or upstream_failed by the other one",
        "put the task that may fail upstream of the one that gives the list",
    ),
    "option.image": (_NOT_LOWERED, "remove the option: the task runs where the Airflow worker runs"),
    "option.resources": (_NOT_LOWERED, "remove the option, and bound the work with pool, queue or priority"),
    "option.secrets": (_NOT_LOWERED, "set the environment variable on the Airflow workers and read it with env()"),
    "option.volumes": (_NOT_LOWERED, "mount the volume on the Airflow workers"),
    "option.cache": (_NOT_LOWERED, "remove the option, and let the task look for its earlier result"),
    "option.packages": (_NOT_LOWERED, "install the packages on the Airflow workers"),
}


def _entries() -> Iterator[tuple[str, Capability]]:
    yield from ((feature, NATIVE) for feature in _NATIVE)
    yield from ((feature, emulated(how)) for feature, how in _EMULATED.items())
    yield from ((feature, refused(reason, way_out)) for feature, (reason, way_out) in _REFUSED.items())


CAPABILITIES: Mapping[str, Capability] = dict(_entries())
