"""What a pipeline asks of the engine it is compiled for: one name a feature, for backends to answer."""

from __future__ import annotations

from collections.abc import Container, Iterator

from pipec.analysis.feature_names import FEATURES, FeatureUse
from pipec.analysis.filled_in import texts_filled_in
from pipec.analysis.graph import upstream_map
from pipec.analysis.levels import width
from pipec.analysis.races import Race, find_races, skipped_by_others
from pipec.analysis.schedule_features import schedule_features, scheduled_assets
from pipec.analysis.task_features import item_features, place_uses, run_uses, task_uses, uri_uses
from pipec.analysis.waiting_for_success import Demand, demands_on_waiting
from pipec.engine.trigger_rules import STARTS_EARLY
from pipec.ir.model import (
    Pipeline,
    PipelineCall,
    Program,
    Task,
)
from pipec.ir.traverse import called_pipelines, location_of, pipeline_expressions


def features_used(pipeline: Pipeline, is_part: bool = False, among: Container[str] = FEATURES) -> list[FeatureUse]:
    """Every use of a feature, each once a place in the source, tasks first in source order, then the pipeline.

    `is_part` says that the pipeline is run as a task of another one, `among` which features are asked for.
    """
    uses: list[FeatureUse] = []
    for task in pipeline.tasks:
        uses.extend(task_uses(task, among))
        uses.extend(place_uses(task, pipeline, among))
    uses.extend(_pipeline_uses(pipeline))
    if is_part:
        uses.extend(_part_uses(pipeline))
    uses.extend(_skip_alert_uses(pipeline))
    tasks = {task.id: task for task in pipeline.tasks}
    if "concurrency.reached" in among and pipeline.concurrency is not None and _may_reach(pipeline):
        location = location_of(pipeline, "concurrency")
        uses.append(FeatureUse("concurrency.reached", location, f"pipeline `{pipeline.name}`"))
    if any(feature in among for feature in ("map.skipped", "finally.reads", "rule.after_failure")):
        uses.extend(_demand_use(tasks[demand.task], demand) for demand in demands_on_waiting(pipeline))
    if "text.placeholder" in among:
        for text in texts_filled_in(pipeline):
            uses.append(FeatureUse("text.placeholder", text.location, text.subject, f"`{text.shown}`"))
    uses.extend(_race_use(tasks[race.task], race) for race in find_races(pipeline))
    asked = [use for use in reversed(uses) if use.feature in among]
    return list({(use.feature, use.location): use for use in asked}.values())[::-1]


# --- pipelines run as tasks ----------------------------------------------------------------------


def _part_uses(pipeline: Pipeline) -> Iterator[FeatureUse]:
    """What a pipeline says of its runs that is to count where it is a part of another one's."""
    subject = f"pipeline `{pipeline.name}`, run as a task"
    final = next((task for task in pipeline.tasks if task.is_finally), None)
    if final is not None:
        yield FeatureUse("sub_pipeline.has_finally", final.location, subject)
    for key in ("concurrency", "deadline"):
        if getattr(pipeline, key) is not None:
            yield FeatureUse("sub_pipeline.limits", location_of(pipeline, key), subject)
    for alert in pipeline.alerts:
        if {"failure", "success", "deadline"} & set(alert.events):
            yield FeatureUse("sub_pipeline.alert", alert.location, subject)


def mapped_call_uses(program: Program, key: str) -> list[FeatureUse]:
    """What calls in a map bring into it: maps and rules of the pipelines called. Also of calls in these."""
    uses = []
    for caller in called_pipelines(program, key):
        for task in program.pipelines[caller].tasks:
            if isinstance(task.implementation, PipelineCall) and task.map is not None:
                place = location_of(task, "implementation")
                for feature, detail in _brought_into_map(program, task.implementation.pipeline):
                    uses.append(FeatureUse(feature, place, f"task `{task.id}`", detail))
    return uses


def _brought_into_map(program: Program, key: str) -> Iterator[tuple[str, str]]:
    """The features that a pipeline run in a map uses there."""
    called = [program.pipelines[inner] for inner in called_pipelines(program, key)]
    if any(pipeline.maps for pipeline in called):
        yield "map.nested", f"`{key}` has a map itself"
    for task in (task for pipeline in called for task in pipeline.tasks):
        for feature in item_features(task) if task.trigger_rule != "always" and not task.is_finally else ():
            yield feature, f"`{task.id}` of `{key}` has trigger_rule = {task.trigger_rule}"


# --- pipelines -----------------------------------------------------------------------------------


_LONG_TAG = 100
"""More characters a tag has nowhere that stores it in a column."""


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
        subject_of_map = f"map over `{region.variable}`"
        yield FeatureUse("map", region.location, subject_of_map)
        if region.parent is not None:
            yield FeatureUse("map.nested", region.location, subject_of_map)
        inside = [task for task in pipeline.tasks if task.map == region.name]
        is_single = len(inside) == 1 and not isinstance(inside[0].implementation, PipelineCall)
        if region.max_parallel is not None and not is_single:
            yield FeatureUse("map.max_parallel", region.location, subject_of_map)
    for feature in schedule_features(pipeline.schedule):
        yield use(feature, "schedule")
    for uri in scheduled_assets(pipeline.schedule):
        yield from uri_uses(uri, location_of(pipeline, "schedule"), subject)
    for key in ("start", "end", "max_active_runs", "concurrency", "deadline", "owner"):
        if getattr(pipeline, key) is not None:
            yield use(key, key)
    if pipeline.catchup:
        yield use("catchup", "catchup")
    if pipeline.tags:
        yield use("tags", "tags")
    if any(len(tag) > _LONG_TAG for tag in pipeline.tags):
        yield use("tags.long", "tags")
    for alert in pipeline.alerts:
        yield FeatureUse("alert", alert.location, subject)
    if pipeline.returns is not None:
        yield use("return", "return")
    for location, expression in pipeline_expressions(pipeline):
        yield from run_uses(expression, location, subject)


def _may_reach(pipeline: Pipeline) -> bool:
    """Whether more tasks may be ready at once than the limit lets run."""
    assert pipeline.concurrency is not None
    if pipeline.maps or any(isinstance(task.implementation, PipelineCall) for task in pipeline.tasks):
        return True
    return width(upstream_map(pipeline)) > pipeline.concurrency


# --- alerts --------------------------------------------------------------------------------------


def _skip_alert_uses(pipeline: Pipeline) -> Iterator[FeatureUse]:
    """Alerts for `skipped` of tasks that need not even begin to be skipped."""
    of_all = [alert for alert in pipeline.alerts if "skipped" in alert.events]
    if not of_all and not any("skipped" in alert.events for task in pipeline.tasks for alert in task.alerts):
        return
    by_others = skipped_by_others(pipeline)
    for task in pipeline.tasks:
        if task.id in by_others:
            for alert in (*task.alerts, *of_all):
                if "skipped" in alert.events:
                    yield FeatureUse("alert.skipped", alert.location, f"task `{task.id}`")


# --- what others than success is waited for ----------------------------------------------------------


def _demand_use(task: Task, demand: Demand) -> FeatureUse:
    details = {
        "map.skipped": f"with the rule {task.trigger_rule} it depends on what became of `{demand.other}`",
        "finally.reads": f"it needs `{demand.other}`, which may have failed"
        if demand.other
        else "the pipeline returns what it gives",
        "rule.after_failure": f"with the rule {task.trigger_rule} it runs although `{demand.other}` fails",
    }
    return FeatureUse(demand.feature, location_of(task, "trigger_rule"), f"task `{task.id}`", details[demand.feature])


# --- races ---------------------------------------------------------------------------------------


def _race_use(task: Task, race: Race) -> FeatureUse:
    feature = "race.starts_early" if task.trigger_rule in STARTS_EARLY else "race.skip_or_fail"
    return FeatureUse(
        "race.map_list" if race.is_list else feature,
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
