"""What a pipeline asks of the engine it is compiled for: one name a feature, for backends to answer."""

from __future__ import annotations

from collections.abc import Iterator

from pipec.analysis.races import Race, find_races
from pipec.frozen import Frozen
from pipec.ir.base import Location
from pipec.ir.expressions import Expression, RunReference, walk
from pipec.ir.model import (
    CombinedSchedule,
    CommandLine,
    GateCheck,
    Pipeline,
    PipelineCall,
    PythonFunction,
    Schedule,
    SecretReference,
    ShellScript,
    Task,
    WaitCondition,
)
from pipec.ir.traverse import location_of, pipeline_expressions, task_expressions

FEATURES: dict[str, str] = {
    "python": "python tasks",
    "shell": "shell tasks",
    "command": "command tasks",
    "image": "container image tasks",
    "notebook": "notebook tasks",
    "sql": "sql tasks",
    "sub_pipeline": "a pipeline as a task of another",
    "gate": "gates",
    "decision": "if and else decided in the run",
    "approval": "approvals by a person",
    "wait.file": "waiting for files",
    "wait.object": "waiting for objects of a store",
    "wait.task": "waiting for a task of another pipeline",
    "wait.asset": "waiting for an asset",
    "wait.message": "waiting for a message",
    "wait.until": "waiting for a time",
    "wait.python": "waiting for a Python predicate",
    "map": "map over a list known only in the run",
    "group": "groups",
    "finally": "finally tasks",
    "trigger_rule.all_success": "trigger rule all_success",
    "trigger_rule.none_failed": "trigger rule none_failed",
    "trigger_rule.none_failed_min_one_success": "trigger rule none_failed_min_one_success",
    "trigger_rule.none_skipped": "trigger rule none_skipped",
    "trigger_rule.all_done": "trigger rule all_done",
    "trigger_rule.all_done_min_one_success": "trigger rule all_done_min_one_success",
    "trigger_rule.all_failed": "trigger rule all_failed",
    "trigger_rule.all_skipped": "trigger rule all_skipped",
    "trigger_rule.one_success": "trigger rule one_success",
    "trigger_rule.one_failed": "trigger rule one_failed",
    "trigger_rule.one_done": "trigger rule one_done",
    "trigger_rule.always": "trigger rule always",
    "race.skip_or_fail": "a task whose upstream tasks may fail and be skipped in the same run",
    "retry": "retries with delay, backoff and cap",
    "retry.on_exception": "retries limited to named exceptions",
    "retry.on_exit_code": "retries limited to exit codes",
    "retry.on_timeout": "retries limited to timeouts",
    "timeout": "timeouts of an attempt",
    "require": "requirements on a task's own outputs",
    "option.image": "a container image for python, shell and command tasks",
    "option.resources": "cpu, memory and gpu of a task",
    "option.env": "environment variables",
    "option.secrets": "secrets",
    "option.volumes": "volumes",
    "option.pool": "pools",
    "option.queue": "queues",
    "option.priority": "priorities",
    "option.cache": "caching",
    "option.produces": "assets a task produces",
    "option.packages": "packages installed for a task",
    "option.working_dir": "working directory of a task",
    "option.deadline": "deadline of a task",
    "option.tags": "tags of a task",
    "parameter": "parameters",
    "parameter.required": "parameters without a default",
    "schedule.cron": "cron schedules",
    "schedule.every": "interval schedules",
    "schedule.asset": "asset schedules",
    "schedule.combined": "combined schedules",
    "start": "start date",
    "end": "end date",
    "catchup": "catchup",
    "max_active_runs": "limit of runs at once",
    "concurrency": "limit of tasks at once",
    "deadline": "deadline of the pipeline",
    "owner": "owner",
    "tags": "tags",
    "alert": "alerts of the pipeline",
    "task_alert": "alerts of a task",
    "return": "a value returned by the pipeline",
    "run.date": "run.date",
    "run.timestamp": "run.timestamp",
    "run.interval_start": "run.interval_start",
    "run.interval_end": "run.interval_end",
    "run.id": "run.id",
    "run.attempt": "run.attempt",
    "run.pipeline": "run.pipeline",
    "run.url": "run.url",
}
"""Feature name to what a person calls it. Every backend states its capability for every one of them."""


class FeatureUse(Frozen):
    """A place where a pipeline uses a feature. `subject` says what uses it, such as "task `train`".

    `detail` tells more where the feature alone does not say what is meant, `mend` how just this use could be avoided.
    """

    feature: str
    location: Location
    subject: str
    detail: str = ""
    mend: str = ""


def features_used(pipeline: Pipeline) -> list[FeatureUse]:
    """Every use of a feature, each once a place in the source, tasks first in source order, then the pipeline."""
    uses: list[FeatureUse] = []
    for task in pipeline.tasks:
        uses.extend(_task_uses(task))
    uses.extend(_pipeline_uses(pipeline))
    tasks = {task.id: task for task in pipeline.tasks}
    uses.extend(_race_use(tasks[race.task], race) for race in find_races(pipeline))
    return list({(use.feature, use.location): use for use in reversed(uses)}.values())[::-1]


# --- tasks ---------------------------------------------------------------------------------------


def _task_uses(task: Task) -> Iterator[FeatureUse]:
    subject = f"task `{task.id}`"

    def use(feature: str, key: str) -> FeatureUse:
        return FeatureUse(feature, location_of(task, key), subject)

    yield use(_implementation_feature(task), "implementation")
    if task.is_finally:
        yield FeatureUse("finally", task.location, subject)
    else:
        yield use(f"trigger_rule.{task.trigger_rule}", "trigger_rule")
    if task.requirements and not isinstance(task.implementation, GateCheck):
        yield FeatureUse("require", task.requirements[0].location, subject)
    if task.alerts:
        yield FeatureUse("task_alert", task.alerts[0].location, subject)
    yield from (use(feature, key) for feature, key in _option_features(task))
    for location, expression in task_expressions(task):
        yield from _run_uses(expression, location, subject)


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
            yield f"option.{name}", name


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


def _retry_limit(limit: str | int) -> str:
    if isinstance(limit, int):
        return "retry.on_exit_code"
    return "retry.on_timeout" if limit == "timeout" else "retry.on_exception"


def _run_uses(expression: Expression, location: Location, subject: str) -> Iterator[FeatureUse]:
    for part in walk(expression):
        if isinstance(part, RunReference):
            yield FeatureUse(f"run.{part.field}", location, subject)


# --- pipelines -----------------------------------------------------------------------------------


def _pipeline_uses(pipeline: Pipeline) -> Iterator[FeatureUse]:
    subject = f"pipeline `{pipeline.name}`"

    def use(feature: str, key: str) -> FeatureUse:
        return FeatureUse(feature, location_of(pipeline, key), subject)

    for parameter in pipeline.parameters:
        yield FeatureUse("parameter", parameter.location, f"parameter `{parameter.name}`")
        if parameter.default is None:
            yield FeatureUse("parameter.required", parameter.location, f"parameter `{parameter.name}`")
    for group in pipeline.groups:
        yield FeatureUse("group", group.location, f"group `{group.name}`")
    for region in pipeline.maps:
        yield FeatureUse("map", region.location, f"map `{region.name}`")
    for feature in _schedule_features(pipeline.schedule):
        yield use(feature, "schedule")
    for key in ("start", "end", "max_active_runs", "concurrency", "deadline", "owner"):
        if getattr(pipeline, key) is not None:
            yield use(key, key)
    if pipeline.catchup:
        yield use("catchup", "catchup")
    if pipeline.tags:
        yield use("tags", "tags")
    for alert in pipeline.alerts:
        yield FeatureUse("alert", alert.location, subject)
    if pipeline.returns is not None:
        yield use("return", "return")
    for location, expression in pipeline_expressions(pipeline):
        yield from _run_uses(expression, location, subject)


def _schedule_features(schedule: Schedule | None) -> Iterator[str]:
    match schedule:
        case None:
            return
        case CombinedSchedule(members=members):
            yield "schedule.combined"
            for member in members:
                yield from _schedule_features(member)
        case _:
            yield f"schedule.{schedule.kind}"


# --- races ---------------------------------------------------------------------------------------


def _race_use(task: Task, race: Race) -> FeatureUse:
    return FeatureUse(
        "race.skip_or_fail",
        location_of(task, "trigger_rule"),
        f"task `{race.task}`",
        _race_detail(race),
        f"`order {race.failing} -> {race.decision}` lets `{race.decision}` wait" if race.mendable else "",
    )


def _race_detail(race: Race) -> str:
    decision = f"`{race.decision}`"
    if race.failing is None:
        return f"with the rule always it may start before {decision} skips it"
    if race.skipped == race.task:
        return f"{decision} may skip it while `{race.failing}`, outside the branch, fails or sets it off"
    if race.skipped == race.failing:
        return f"an instance of `{race.skipped}` may be skipped while another one fails"
    by = "" if race.decision is None else f" by {decision}"
    return f"`{race.skipped}` may be skipped{by} while `{race.failing}` fails"
