"""What single tasks ask of the engine that a pipeline is compiled for."""

from __future__ import annotations

from collections.abc import Container, Iterator

from pipec.analysis.asset_uris import uri_fault
from pipec.analysis.feature_names import FeatureUse
from pipec.analysis.pods import demands, executor_starts_pod, pod_faults, runs_in_pod, secret_files
from pipec.analysis.simple_pods import DEMANDED, pod_demands
from pipec.ir.base import Location
from pipec.ir.expressions import Expression, LiteralValue, RunReference, walk
from pipec.ir.model import (
    NO_OPTIONS,
    CommandLine,
    GateCheck,
    Pipeline,
    PipelineCall,
    PythonFunction,
    SecretReference,
    ShellScript,
    SqlQuery,
    Task,
    WaitCondition,
)
from pipec.ir.traverse import location_of, task_expressions


def task_uses(task: Task, among: Container[str]) -> Iterator[FeatureUse]:
    subject = f"task `{task.id}`"

    def use(feature: str, key: str) -> FeatureUse:
        return FeatureUse(feature, location_of(task, key), subject)

    # What every task has is only made where it is asked for.
    if (implementation := _implementation_feature(task)) in among:
        yield use(implementation, "implementation")
    if task.is_finally:
        yield FeatureUse("finally", task.location, subject)
    elif (rule := f"trigger_rule.{task.trigger_rule}") in among:
        yield use(rule, "trigger_rule")
    if isinstance(task.implementation, PipelineCall):
        yield from (use(feature, key) for feature, key in _call_features(task))
    if task.map is not None:
        detail = f"trigger_rule = {task.trigger_rule} in a map"
        for feature in item_features(task):
            yield FeatureUse(feature, location_of(task, "trigger_rule"), subject, detail)
    if task.requirements and not isinstance(task.implementation, GateCheck):
        yield FeatureUse("require", task.requirements[0].location, subject)
    if task.alerts:
        yield FeatureUse("task_alert", task.alerts[0].location, subject)
    if task.options is not NO_OPTIONS:
        yield from (use(feature, key) for feature, key in _option_features(task))
        for uri in task.options.produces:
            yield from uri_uses(uri, location_of(task, "produces"), subject)
    match task.implementation:
        case WaitCondition(condition="asset", arguments={"uri": LiteralValue(value=str(uri))}):
            yield from uri_uses(uri, location_of(task, "implementation"), subject)
    for location, expression in task_expressions(task):
        yield from run_uses(expression, location, subject)


_RULES_OF_ITEMS = (
    "all_success",
    "none_failed",
    "none_failed_min_one_success",
    "none_skipped",
    "all_done",
    "one_failed",
)
"""Rules by which an engine that decides for all items of a map at once comes to the same as one that does not."""


def item_features(task: Task) -> Iterator[str]:
    """What the rule of a task that stands in a map, or is part of what does, asks for."""
    if task.upstream and task.trigger_rule not in _RULES_OF_ITEMS:
        yield "map.trigger_rule"
    if task.upstream and task.trigger_rule == "one_failed":
        yield "map.one_failed"


def _call_features(task: Task) -> Iterator[tuple[str, str]]:
    """What a pipeline run as a task asks for as a whole, each with its key in `locations`."""
    if task.options.retry is not None and task.options.retry.max > 0:
        yield "sub_pipeline.retry", "retry"
    if task.options.timeout is not None:
        yield "sub_pipeline.timeout", "timeout"
    if task.is_finally:
        yield "sub_pipeline.finally", "implementation"
    if any({"failure", "retry", "deadline"} & set(alert.events) for alert in task.alerts):
        yield "sub_pipeline.alert", "implementation"


def _implementation_feature(task: Task) -> str:
    match task.implementation:
        case PipelineCall():
            return "sub_pipeline"
        case WaitCondition(condition=condition):
            return f"wait.{condition}"
        case implementation:
            return implementation.kind


def _option_features(task: Task) -> Iterator[tuple[str, str]]:
    """The features behind the options of a task, each with its key in `locations`."""
    options = task.options
    if options.retry is not None and options.retry.max > 0:
        yield "retry", "retry"
        if options.retry.backoff not in (1, 2) and options.retry.delay > 0:
            yield "retry.backoff", "retry"
        for limit in options.retry.on or ():
            yield _retry_limit(limit), "retry"
    if options.timeout is not None:
        yield "timeout", "timeout"
    if options.image is not None and isinstance(task.implementation, PythonFunction | ShellScript | CommandLine):
        yield "option.image", "image"
    if any(isinstance(value, SecretReference) for value in options.env.values()):
        yield "option.secrets", "env"
    for name in _PLAIN_OPTIONS:
        if getattr(options, name) not in (None, (), {}):
            is_age = name == "cache" and not isinstance(options.cache, bool)
            yield "cache.age" if is_age else f"option.{name}", name


_PLAIN_OPTIONS = (
    "resources",
    "env",
    "secrets",
    "volumes",
    "pool",
    "queue",
    "priority",
    "cache",
    "produces",
    "packages",
    "working_dir",
    "deadline",
    "tags",
)
"""Options of a task that are a feature of their own name wherever they are set."""


def place_uses(task: Task, pipeline: Pipeline, among: Container[str]) -> Iterator[FeatureUse]:
    """What depends on where the task's code runs: in an image, or wherever the engine runs tasks."""
    subject, options = f"task `{task.id}`", task.options
    has_targets = bool(pipeline.targets or task.targets)
    if options is NO_OPTIONS and not has_targets and task.implementation.kind in ("shell", "python"):
        return

    def use(feature: str, key: str) -> FeatureUse:
        return FeatureUse(feature, location_of(task, key), subject)

    in_pod, gets_pod = runs_in_pod(task), executor_starts_pod(task, pipeline)
    if in_pod or gets_pod:
        for fault in pod_faults(task, in_pod):
            yield FeatureUse("pod.form", location_of(task, fault.option), subject, fault.what, fault.mend)
    if demands(options.resources) and not in_pod:
        yield use("resources.of_executor" if gets_pod else "resources.without_image", "resources")
    if options.volumes and not in_pod and not gets_pod:
        yield use("volumes.without_image", "volumes")
    if secret_files(task) and not in_pod:
        yield use("secrets.as_files", "secrets")
    for demand in pod_demands(task) if any(feature in among for feature in DEMANDED) else ():
        yield FeatureUse(demand.feature, location_of(task, demand.key), subject, demand.what, demand.mend)
    if options.packages and (in_pod or not isinstance(task.implementation, PythonFunction)):
        yield use("packages.of_program", "packages")
    match task.implementation:
        case SqlQuery(connection=None):
            yield use("sql.without_connection", "implementation")


def _retry_limit(limit: str | int) -> str:
    if isinstance(limit, int):
        return "retry.on_exit_code"
    return "retry.on_timeout" if limit == "timeout" else "retry.on_exception"


def run_uses(expression: Expression, location: Location, subject: str) -> Iterator[FeatureUse]:
    for part in walk(expression):
        if isinstance(part, RunReference):
            yield FeatureUse(f"run.{part.field}", location, subject)


def uri_uses(uri: str, location: Location, subject: str) -> Iterator[FeatureUse]:
    fault = uri_fault(uri)
    if not uri.isascii():
        yield FeatureUse("asset.unicode", location, subject)
    if fault is not None:
        yield FeatureUse("asset.uri", location, subject, f"`{uri}` {fault.what}", fault.mend)
