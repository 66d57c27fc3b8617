"""What `pipec plan` says of a pipeline: its shape, and what its estimates promise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipec.analysis.critical_path import Timing, durations, has_estimates, timing
from pipec.analysis.graph import run_upstream, upstream_map
from pipec.analysis.levels import levels, parallel_groups, width
from pipec.analysis.redundant import redundant_edges
from pipec.ir.model import BranchSide, Pipeline, Task

_ROUNDING = 9
"""Decimals of seconds: what is beyond them is noise of adding fractions."""


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A task in the plan. `estimate` is None where the task has none; `critical` where it has no slack."""

    id: str
    upstream: tuple[str, ...]
    level: int
    estimate: float | None
    earliest_start: float
    slack: float
    critical: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Times are seconds, or numbers of tasks where `unit` is "tasks" because no task has an estimate.

    `deadline_margin` is what the deadline leaves above the critical path, negative where it cannot be met, None without
    a deadline or without estimates.
    """

    pipeline: str
    unit: Literal["seconds", "tasks"]
    tasks: tuple[PlannedTask, ...]
    levels: tuple[tuple[str, ...], ...]
    parallel_groups: tuple[tuple[str, ...], ...]
    critical_path: tuple[str, ...]
    critical_path_length: float
    total_work: float
    width: int
    redundant_edges: tuple[tuple[str, str], ...]
    deadline: float | None
    deadline_margin: float | None

    def to_json(self) -> dict[str, Any]:
        """The plan as the published schema `plan.schema.json` says."""
        return {
            "pipeline": self.pipeline,
            "unit": self.unit,
            "tasks": [
                {
                    "id": task.id,
                    "upstream": list(task.upstream),
                    "level": task.level,
                    "estimate_s": task.estimate,
                    "earliest_start_s": task.earliest_start,
                    "slack_s": task.slack,
                    "critical": task.critical,
                }
                for task in self.tasks
            ],
            "levels": [list(level) for level in self.levels],
            "parallel_groups": [list(group) for group in self.parallel_groups],
            "critical_path": list(self.critical_path),
            "critical_path_s": self.critical_path_length,
            "total_work_s": self.total_work,
            "width": self.width,
            "redundant_edges": [list(edge) for edge in self.redundant_edges],
            "deadline_margin_s": self.deadline_margin,
        }


def plan(pipeline: Pipeline) -> Plan:
    """Everything about the shape and the times of a pipeline, as if each task ran once and took its estimate."""
    upstream = run_upstream(pipeline)
    duration = durations(pipeline)
    times = timing(upstream, duration)
    rows = levels(upstream)
    level = {id: index for index, row in enumerate(rows) for id in row}
    length = round(times.length, _ROUNDING)
    declared = upstream_map(pipeline)
    estimated = has_estimates(pipeline)
    margin = None
    if pipeline.deadline is not None and estimated:
        margin = round(pipeline.deadline - length, _ROUNDING)
    return Plan(
        pipeline=pipeline.name,
        unit="seconds" if estimated else "tasks",
        tasks=tuple(_planned_task(task, declared[task.id], level[task.id], times) for task in pipeline.tasks),
        levels=tuple(tuple(row) for row in rows),
        parallel_groups=tuple(_runnable_together(pipeline, declared)),
        critical_path=times.critical_path,
        critical_path_length=length,
        total_work=round(sum(duration.values()), _ROUNDING),
        width=width(upstream),
        redundant_edges=tuple(redundant_edges(pipeline)),
        deadline=pipeline.deadline,
        deadline_margin=margin,
    )


def _planned_task(task: Task, upstream: tuple[str, ...], level: int, times: Timing) -> PlannedTask:
    slack = round(times.slack(task.id), _ROUNDING)
    estimate = task.options.estimate
    return PlannedTask(
        id=task.id,
        upstream=upstream,
        level=level,
        estimate=None if estimate is None else estimate.likely,
        earliest_start=round(times.earliest_start[task.id], _ROUNDING),
        slack=slack,
        critical=slack == 0,
    )


def _runnable_together(pipeline: Pipeline, upstream: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """The parallel groups; tasks of different branches are none, since a run may take one of them only."""
    branches = {task.id: task.branches for task in pipeline.tasks}
    for group in parallel_groups(upstream):
        together: dict[tuple[BranchSide, ...], list[str]] = {}
        for id in group:
            together.setdefault(branches[id], []).append(id)
        yield from (tuple(ids) for ids in together.values() if len(ids) > 1)
