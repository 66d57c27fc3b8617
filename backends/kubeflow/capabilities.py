"""How Kubeflow, as this backend compiles for it, offers each feature of the language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipec.backend import NATIVE, Capability, emulated, refused

_NATIVE = (
    "python",
    "shell",
    "command",
    "image",
    "sub_pipeline",
    "decision",
    "map",
    "map.nested",
    "map.max_parallel",
    "group",
    "trigger_rule.all_success",
    "race.skip_or_fail",
    "race.map_list",
    "timeout",
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
    "retry",
    "retry.backoff",
)

_EMULATED = {
    "gate": "a task that fails where a requirement does not hold",
    "require": "checked at the end of the task, which then fails; Kubeflow tries it again as any other failure",
    "finally": "an exit task, or a DAG of them",
    "trigger_rule.none_failed": "a task that may be skipped stands in a small DAG that succeeds either way",
    "trigger_rule.none_failed_min_one_success": "a condition over the decisions upstream",
    "trigger_rule.one_success": "a condition over the decisions upstream",
    "option.priority": "pods start as the cluster has room for them; a priority is a hint",
    "option.tags": "tags of tasks are for people; Kubeflow has no place for them",
    "owner": "for people: in the description of the pipeline",
    "tags": "for people: in the description of the pipeline",
    "tags.long": "for people: in the description of the pipeline",
}

_ONLY_SUCCESS = "tasks of Kubeflow wait for the success of others; none runs because of a failure"
_FINALLY = "use a `finally` task, or let the task upstream succeed and give its result as an output"

_REFUSED: dict[str, tuple[str, str]] = {
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

_NOT_YET = "the Kubeflow backend of pipec does not lower it yet"


def _entries() -> Iterator[tuple[str, Capability]]:
    from pipec.analysis.features import FEATURES

    known = {
        **dict.fromkeys(_NATIVE, NATIVE),
        **{feature: emulated(how) for feature, how in _EMULATED.items()},
        **{feature: refused(reason, way_out) for feature, (reason, way_out) in _REFUSED.items()},
    }
    for feature in FEATURES:
        yield feature, known.get(feature, refused(_NOT_YET, "run it from a task, or compile for another target"))


CAPABILITIES: Mapping[str, Capability] = dict(_entries())
