"""A comparison as plain values, as the published schema `diff.schema.json` says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipec.comparison.model import (
    Change,
    Comparison,
    EdgeChange,
    Measures,
    PipelineChange,
    Simulated,
    SlackChange,
    TaskChange,
    ThingChange,
    Times,
)
from pipec.comparison.summary import summary

FORMAT_VERSION = 1


def document(comparison: Comparison) -> dict[str, Any]:
    """The comparison for programs. Times are seconds, or numbers of tasks where `unit` is `tasks`."""
    return {
        "format_version": FORMAT_VERSION,
        "meaning_changed": comparison.has_effect,
        "summary": summary(comparison),
        "pipelines": [_pipeline(one) for one in comparison.pipelines],
        "tests": [_thing(one) for one in comparison.tests],
    }


def _pipeline(pipeline: PipelineChange) -> dict[str, Any]:
    runs = pipeline.next_runs
    return {
        "kind": pipeline.kind,
        "old": pipeline.old,
        "new": pipeline.new,
        "moved": pipeline.moved,
        "meaning_changed": pipeline.has_effect,
        "changes": _changes(pipeline.changes),
        **{
            f"{what}s": [_thing(thing) for thing in pipeline.things if thing.what == what]
            for what in ("parameter", "map", "group")
        },
        "tasks": [_task(task) for task in pipeline.tasks],
        "edges": [_edge(edge) for edge in pipeline.edges],
        "times": None if pipeline.times is None else _times(pipeline.times),
        "next_runs": None if runs is None else {"old": _listed(runs.old), "new": _listed(runs.new)},
    }


def _listed(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)


def _changes(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [
        {
            "field": change.field,
            "old": change.old,
            "new": change.new,
            "meaning_changed": change.has_effect,
            "varies": change.varies,
        }
        for change in changes
    ]


def _thing(thing: ThingChange) -> dict[str, Any]:
    return {"kind": thing.kind, "old": thing.old, "new": thing.new, "changes": _changes(thing.changes)}


def _task(task: TaskChange) -> dict[str, Any]:
    return {
        "kind": task.kind,
        "old": list(task.old),
        "new": list(task.new),
        "labels": list(task.labels),
        "changes": _changes(task.changes),
    }


def _edge(edge: EdgeChange) -> dict[str, Any]:
    return {
        "kind": edge.kind,
        "edges": [list(pair) for pair in edge.edges],
        "label": edge.label,
        "reads": edge.reads,
        "meaning_changed": edge.has_effect,
        "of_new_task": edge.of_new_task,
    }


def _times(times: Times) -> dict[str, Any]:
    return {
        "old": None if times.old is None else _measures(times.old),
        "new": None if times.new is None else _measures(times.new),
        "slack": [_slack(one) for one in times.slack],
        "simulated": _both_simulated(times.simulated),
    }


def _measures(measures: Measures) -> dict[str, Any]:
    return {
        "unit": measures.unit,
        "tasks": measures.tasks,
        "levels": measures.levels,
        "width": measures.width,
        "critical_path": list(measures.critical_path),
        "critical_path_s": measures.critical_path_length,
        "critical_path_max_s": measures.critical_path_max,
        "total_work_s": measures.total_work,
        "deadline_s": measures.deadline,
        "deadline_margin_s": measures.deadline_margin,
    }


def _both_simulated(sides: tuple[Simulated, Simulated] | None) -> dict[str, Any] | None:
    return None if sides is None else {"old": _simulated(sides[0]), "new": _simulated(sides[1])}


def _simulated(runs: Simulated) -> dict[str, Any]:
    return {
        "unit": runs.unit,
        "makespan_p50_s": round(runs.makespan_p50, 6),
        "makespan_p95_s": round(runs.makespan_p95, 6),
        "success": round(runs.success, 6),
        "late": None if runs.late is None else round(runs.late, 6),
    }


def _slack(one: SlackChange) -> dict[str, Any]:
    return {"old": one.old, "new": one.new, "old_slack_s": one.old_slack, "new_slack_s": one.new_slack}
