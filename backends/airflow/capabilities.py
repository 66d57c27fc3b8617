"""How Airflow, as this backend compiles for it, offers each feature of the language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pipec.backend import NATIVE, Capability, emulated, refused

from .versions import VERSIONS

_NATIVE = (
    "python",
    "shell",
    "command",
    "image",
    "image.entrypoint",
    "image.retry",
    "sql",
    "option.image",
    "option.resources",
    "resources.of_executor",
    "option.volumes",
    "volumes.host_path",
    "volumes.sub_path",
    "volumes.read_only",
    "volumes.name",
    "secrets.file_names",
    "affinity.beyond_nodes",
    "pod.form_without_image",
    "map",
    "map.one_failed",
    "map.skipped",
    "sub_pipeline.has_finally",
    "finally.reads",
    "rule.after_failure",
    "decision",
    "group",
    "retry",
    "retry.backoff",
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
    "asset.unicode",
    "parameter",
    "parameter.required",
    "text.placeholder",
    "schedule.cron",
    "schedule.timezone",
    "schedule.every",
    "schedule.asset",
    "schedule.combined",
    "schedule.several_crons",
    "start",
    "end",
    "catchup",
    "max_active_runs",
    "concurrency",
    "concurrency.reached",
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
    "notebook": "papermill runs it in the task; the notebook as it was run is not kept",
    "option.secrets": "in an image a key of a Kubernetes Secret, else a Variable of Airflow, read when the task runs",
    "option.packages": "a virtual environment is made for the task, on top of what the worker has",
    "alert": "callbacks in the generated file that tell people by the notifiers of Airflow's providers",
    "task_alert": "callbacks in the generated file that tell people by the notifiers of Airflow's providers",
    "deadline": "a deadline alert; it counts from when the run was queued, which is earlier than its start where "
    "max_active_runs lets it wait, and needs an executor that runs callbacks",
    "sub_pipeline": "its tasks are put into the DAG, in a task group, between a first that gives the parameters and a"
    " last one that gives what it returns; the last one is upstream_failed, not failed, where the pipeline failed",
    "gate": "a task that fails for good where a requirement does not hold",
    "finally": "teardown tasks behind all work, and a task `finally-verdict` through which their failure fails the run",
    "race.skip_or_fail": "the task waits by the rule none_failed, and is skipped by a check before it runs",
    "retry.on_exception": "a retry policy in the generated file; it names classes as the language does",
    "retry.on_exit_code": "the program is run by a helper in the generated file that knows its exit code",
    "retry.on_timeout": "a retry policy in the generated file",
    "approval": "a human-in-the-loop operator that is skipped where somebody rejects; approvers are ids of users as "
    "the auth manager has them",
    "wait.file": "a sensor in the generated file; the worker that looks must have the path",
    "wait.object": "a sensor in the generated file; Airflow's providers or fsspec must know the store",
    "wait.task": "a sensor in the generated file that looks for runs of the same date",
    "wait.asset": "a sensor in the generated file; an update that somebody tells Airflow of counts too",
    "wait.message": "a sensor in the generated file; the workers need confluent-kafka, and settings of Kafka are those "
    "of the connection kafka_default",
    "wait.until": "a sensor that looks every `poll`, so that it may be as much late",
    "wait.python": "a sensor in the generated file",
    "require": "checked at the end of the task, which then fails for good",
    "option.tags": "Airflow has no tags of tasks; they stand in the task's documentation",
    "return": "a DAG run returns nothing; the outputs that the value is made of stay readable as XCom",
}

_NOT_LOWERED = "the Airflow backend of pipec does not lower it yet"
_RUN_IT_INSIDE = "run it from a python or shell task"
_NOT_KEPT = "Airflow keeps no results for other runs to use"
_LOOK_YOURSELF = "remove the option, and let the task look for its earlier result"

_REFUSED = {
    "resources.without_image": (
        "the task takes what its worker has",
        'give the task an `image`, or write target airflow { executor = "KubernetesExecutor" } where Airflow has it',
    ),
    "volumes.without_image": (
        "the task sees what its worker sees",
        'give the task an `image`, or write target airflow { executor = "KubernetesExecutor" } where Airflow has it',
    ),
    "secrets.as_files": (
        "nothing is mounted for a task that runs in a worker",
        "give the task an `image`, or take the secret as an environment variable",
    ),
    "pod.form": ("Kubernetes would not take it", "correct it"),
    "packages.of_program": (
        "packages are installed for Python functions in the workers alone",
        "have them in the image, or on the workers",
    ),
    "image.packages": ("nothing is installed in an image", "have them in the image"),
    "sql.without_connection": (
        "Airflow runs queries over a connection that it knows by name",
        'name it: sql("…", conn = "warehouse")',
    ),
    "option.cache": (_NOT_KEPT, _LOOK_YOURSELF),
    "cache.age": (_NOT_KEPT, _LOOK_YOURSELF),
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
    "tags.long": ("a tag of Airflow has at most 100 characters", "shorten the tag"),
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
    "race.starts_early": (
        "a branch operator skips what is directly behind it when it gets there, which may be too late for such a rule",
        "add `order` so that what sets the task off follows the decision, or use another trigger rule",
    ),
    "race.map_list": (
        "Airflow lets timing decide whether such a task is skipped with the list or upstream_failed by the other one",
        "put the task that may fail upstream of the one that gives the list",
    ),
}


def _entries() -> Iterator[tuple[str, Capability]]:
    yield from ((feature, NATIVE) for feature in _NATIVE)
    yield from ((feature, emulated(how)) for feature, how in _EMULATED.items())
    yield from ((feature, refused(reason, way_out)) for feature, (reason, way_out) in _REFUSED.items())


def _with_versions(feature: str, capability: Capability) -> Capability:
    """The answer for the newest Airflow with those of the versions that offer the feature otherwise."""
    others = {
        name: version.capabilities[feature] for name, version in VERSIONS.items() if feature in version.capabilities
    }
    return replace(capability, other_versions=others) if others else capability


CAPABILITIES: Mapping[str, Capability] = {
    feature: _with_versions(feature, capability) for feature, capability in _entries()
}
