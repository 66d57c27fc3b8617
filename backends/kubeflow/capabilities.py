"""How Kubeflow, as this backend compiles for it, offers each feature of the language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipec.backend import NATIVE, Capability, emulated, refused

from .pod_capabilities import PODS
from .schedule_capabilities import SCHEDULES

_NATIVE = (
    "python",
    "shell",
    "command",
    "sub_pipeline",
    "decision",
    "map",
    "map.nested",
    "map.max_parallel",
    "group",
    "trigger_rule.all_success",
    "race.skip_or_fail",
    "race.map_list",
    "option.image",
    "option.resources",
    "resources.without_image",
    "resources.of_executor",
    "option.env",
    "option.cache",
    "parameter",
    "parameter.required",
    "return",
    "run.id",
    "run.date",
    "run.timestamp",
    "run.pipeline",
    "retry.backoff",
)

_EMULATED = {
    "concurrency": "nothing has to be done where never more tasks are ready than may run",
    "wait.python": "a task that calls the predicate again and again; its pod is there all the time",
    "gate": "a task that fails where a requirement does not hold",
    "require": "checked at the end of the task, which then fails; such a task is tried again inside one container",
    "finally": "an exit task; its own failure does not fail the run on a cluster",
    "run.attempt": "a task that is tried again knows it where its attempts are made inside one container",
    "retry.on_exception": "the attempts are made inside one container, each in a process of its own",
    "retry.on_exit_code": "the attempts are made inside one container, each in a process of its own",
    "retry.on_timeout": "the attempts are made inside one container, each in a process of its own",
    "map.trigger_rule": "a condition over the decisions for the same item",
    "trigger_rule.none_failed": "a task that may be skipped stands in a small DAG that succeeds either way",
    "trigger_rule.none_failed_min_one_success": "a condition over the decisions upstream",
    "trigger_rule.one_success": "a condition over the decisions upstream",
    "option.priority": "pods start as the cluster has room for them; a priority is a hint",
    "option.tags": "tags of tasks are for people; Kubeflow has no place for them",
    "owner": "for people: in the description of the pipeline",
    "tags": "for people: in the description of the pipeline",
    "tags.long": "for people: in the description of the pipeline",
}

_NO_SENSORS = "Kubeflow has no sensors"
_LOOK_YOURSELF = 'look from Python: wait ready = python("checks:is_there")'
_ONLY_SUCCESS = "tasks of Kubeflow wait for the success of others; none runs because of a failure"
_FINALLY = "use a `finally` task, or let the task upstream succeed and give its result as an output"

_REFUSED: dict[str, tuple[str, str]] = {
    "text.placeholder": (
        "Kubeflow, Argo or Kubernetes would put something else in place of a part of it",
        "give the text as an input of a python, shell or command task, or put it together in the task's code",
    ),
    **{
        f"wait.{kind}": (_NO_SENSORS, _LOOK_YOURSELF)
        for kind in ("file", "object", "task", "asset", "message", "until")
    },
    **dict.fromkeys(
        ("alert", "task_alert", "alert.skipped", "sub_pipeline.alert"),
        ("Kubeflow tells nobody", "tell people from a `finally` task, or by what watches the cluster"),
    ),
    "sub_pipeline.limits": (
        "Kubeflow limits neither the tasks nor the time of a part",
        "leave the limits out, or give them to the pipeline that calls it",
    ),
    "map.one_failed": (_ONLY_SUCCESS, _FINALLY),
    "race.starts_early": (
        "the condition of a task is looked at when all that it waits for has succeeded",
        "add `order` so that what sets the task off follows the decision, or use another trigger rule",
    ),
    **dict.fromkeys(
        ("option.produces", "asset.uri", "asset.unicode"),
        ("Kubeflow keeps artifacts, and starts nothing when one is new", "give the URI as an output"),
    ),
    **{
        f"run.interval_{end}": ("Kubeflow knows when a run was due, and of no interval", "use run.timestamp")
        for end in ("start", "end")
    },
    "run.url": ("a run of Kubeflow does not know where its pages are", "use run.id, which they show"),
    "rule.after_failure": (_ONLY_SUCCESS, _FINALLY),
    "map.skipped": (
        "a loop of Kubeflow says no more than that all went well or that something failed",
        "give what the task needs to know as an output of a task in the map, and use trigger_rule = none_failed",
    ),
    "sub_pipeline.has_finally": (
        "Kubeflow has exit handlers around a whole run alone",
        "put the finally tasks into the pipeline that calls it",
    ),
    "sub_pipeline.finally": (
        "an exit task that is a pipeline would be no exit task of Kubeflow",
        "put its tasks into the finally block",
    ),
    "sub_pipeline.retry": (
        "Kubeflow's cluster tries single tasks again, not parts of a pipeline",
        "set retries = 0 for it, and retries for the tasks inside",
    ),
    "sub_pipeline.timeout": (
        "timeouts of Kubeflow are those of pods",
        "set timeouts for the tasks inside",
    ),
    "approval": (
        "Kubeflow asks nobody",
        "split the pipeline where a person decides, and start the second part when they did",
    ),
    "concurrency.reached": (
        "Kubeflow starts every task that is ready, as far as the cluster has room",
        "put an `order` between tasks, or leave the limit to a quota of the namespace",
    ),
    "finally.reads": (
        "an exit task runs without the outputs of tasks that may have failed",
        "give it parameters, `run.id`, or a place that both know",
    ),
    **{
        f"trigger_rule.{rule}": (_ONLY_SUCCESS, _FINALLY)
        for rule in (
            "none_skipped",
            "all_done",
            "all_done_min_one_success",
            "all_failed",
            "all_skipped",
            "one_failed",
            "one_done",
            "always",
        )
    },
}


def _entries() -> Iterator[tuple[str, Capability]]:
    from pipec.analysis.feature_names import FEATURES

    known = {
        **dict.fromkeys(_NATIVE, NATIVE),
        **{feature: emulated(how) for feature, how in _EMULATED.items()},
        **{feature: refused(reason, way_out) for feature, (reason, way_out) in _REFUSED.items()},
        **SCHEDULES,
        **PODS,
    }
    for feature in FEATURES:
        yield feature, known[feature]


CAPABILITIES: Mapping[str, Capability] = dict(_entries())
