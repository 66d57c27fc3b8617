"""What `pipec plan` says of a pipeline: its shape, and what its estimates promise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pipec.analysis.assumptions import NOTHING_ASSUMED, Assumptions, Habit, Origin, Side
from pipec.analysis.bottlenecks import dominators, post_dominators, ways_around
from pipec.analysis.critical_path import EstimateKind, Timing, seconds_of
from pipec.analysis.graph import reduced, upstream_map
from pipec.analysis.levels import levels, parallel_groups
from pipec.analysis.reckoning import Reckoning
from pipec.analysis.redundant import redundant_edges
from pipec.ir.model import BranchSide, Decision, Pipeline, Program

_ROUNDING = 9
"""Decimals of seconds: what is beyond them is noise of adding fractions."""
_MOST_LOOKS = 200_000
"""So many tasks are looked at to tell what the sides of decisions take: of all decisions in small pipelines."""

KINDS: tuple[EstimateKind, ...] = ("min", "likely", "max")


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A task in the plan. Times are in the plan's unit.

    `estimate` is that of one instance, None where there is none, and `duration` what the plan reckons with: as many
    `waves` of instances as a map needs, 0 where the task does not run. `critical` where it has no slack. `attempts` is
    how many attempts of earlier runs the estimate is learnt from, None where it is not.

    `later_if_doubled` is how much later the run ends where the task takes twice as long, `sooner_if_halved` how much
    sooner where it takes half, `drag` how much sooner where it takes no time: less than its duration where another path
    is then the longest. They are None without estimates.

    `dominator` is the last task that every way to this one passes, `post_dominator` the first that every way from it
    passes; None where that is only the start or the end. Ways are those of the graph without superfluous edges.
    """

    id: str
    upstream: tuple[str, ...]
    level: int
    estimate: float | None
    earliest_start: float
    slack: float
    critical: bool
    runs: bool
    duration: float
    waves: int
    attempts: int | None
    later_if_doubled: float | None
    sooner_if_halved: float | None
    drag: float | None
    dominator: str | None
    post_dominator: str | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """The times of a run where every task takes one kind of its estimate. Seconds.

    `deadline_margin` is what the deadline leaves above the critical path, negative where it cannot be met, None without
    a deadline.
    """

    critical_path: tuple[str, ...]
    critical_path_length: float
    least_work: float
    total_work: float
    deadline_margin: float | None


@dataclass(frozen=True, slots=True)
class PlannedDecision:
    """A decision: the side that is taken for granted, or how long the longest run takes by either side.

    `worst` is the side of the longest run, None where both are as long. Times in the plan's unit, None where
    they were not worked out, which only happens for very many decisions. `habit` is what earlier runs chose.
    """

    id: str
    taken: bool | None
    origin: Origin | None
    length_if_true: float | None
    length_if_false: float | None
    worst: bool | None
    habit: Habit | None


@dataclass(frozen=True, slots=True)
class PlannedMap:
    """A map: how many items are reckoned with, None for one because nothing tells, and in how many waves they run."""

    name: str
    variable: str
    items: int | None
    origin: Origin | None
    max_parallel: int | None
    waves: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Times are seconds, or numbers of tasks where `unit` is "tasks" because no task has an estimate.

    They are those of the run that takes longest: of a decision that is not taken for granted it takes the worse side,
    never both. `total_work` is the most that the tasks of one run take together, `least_work` the least. `estimate` is
    the kind of estimate that the times are of; `outlooks` has those of every kind, none without estimates, and
    `has_spread` says whether they differ.

    `deadline_margin` is what the deadline leaves above the critical path, negative where it cannot be met, None without
    a deadline or without estimates. `bottlenecks` are the tasks that every way from start to end passes: each other
    one is before them or behind. `runs` is how many earlier runs were asked for durations, None where none was to be.
    `usual` has the times of a run where open decisions choose as they did in most earlier runs, None where none are
    known. `rejected` are approvals taken to be rejected.
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
    least_work: float
    estimate: EstimateKind
    outlooks: Mapping[EstimateKind, Outlook]
    bottlenecks: tuple[str, ...]
    decisions: tuple[PlannedDecision, ...]
    maps: tuple[PlannedMap, ...]
    runs: int | None
    usual: Outlook | None
    rejected: tuple[str, ...]

    @property
    def has_spread(self) -> bool:
        """Whether the best, the likely and the worst estimates differ."""
        return len({(outlook.critical_path_length, outlook.total_work) for outlook in self.outlooks.values()}) > 1

    def to_json(self) -> dict[str, Any]:
        """The plan as the published schema `plan.schema.json` says."""
        return {
            "pipeline": self.pipeline,
            "unit": self.unit,
            "tasks": [_task_json(task) for task in self.tasks],
            "levels": [list(level) for level in self.levels],
            "parallel_groups": [list(group) for group in self.parallel_groups],
            "critical_path": list(self.critical_path),
            "critical_path_s": self.critical_path_length,
            "total_work_s": self.total_work,
            "least_work_s": self.least_work,
            "width": self.width,
            "redundant_edges": [list(edge) for edge in self.redundant_edges],
            "deadline_margin_s": self.deadline_margin,
            "estimate": self.estimate,
            "estimates": {kind: _outlook_json(outlook) for kind, outlook in self.outlooks.items()},
            "bottlenecks": list(self.bottlenecks),
            "decisions": [
                {
                    "id": decision.id,
                    "taken": decision.taken,
                    "from": decision.origin,
                    "if_true_s": decision.length_if_true,
                    "if_false_s": decision.length_if_false,
                    "worst": decision.worst,
                    "true_in_runs": decision.habit.true if decision.habit else None,
                    "in_runs": decision.habit.all if decision.habit else None,
                }
                for decision in self.decisions
            ],
            "maps": [
                {
                    "name": region.name,
                    "variable": region.variable,
                    "items": region.items,
                    "from": region.origin,
                    "max_parallel": region.max_parallel,
                    "waves": region.waves,
                }
                for region in self.maps
            ],
            "runs": self.runs,
            "rejected": list(self.rejected),
            "usual": None if self.usual is None else _outlook_json(self.usual),
        }


def _task_json(task: PlannedTask) -> dict[str, Any]:
    return {
        "id": task.id,
        "upstream": list(task.upstream),
        "level": task.level,
        "estimate_s": task.estimate,
        "earliest_start_s": task.earliest_start,
        "slack_s": task.slack,
        "critical": task.critical,
        "runs": task.runs,
        "duration_s": task.duration,
        "waves": task.waves,
        "learnt_from_attempts": task.attempts,
        "later_if_doubled_s": task.later_if_doubled,
        "sooner_if_halved_s": task.sooner_if_halved,
        "drag_s": task.drag,
        "dominator": task.dominator,
        "post_dominator": task.post_dominator,
    }


def _outlook_json(outlook: Outlook) -> dict[str, Any]:
    return {
        "critical_path": list(outlook.critical_path),
        "critical_path_s": outlook.critical_path_length,
        "total_work_s": outlook.total_work,
        "least_work_s": outlook.least_work,
        "deadline_margin_s": outlook.deadline_margin,
    }


def plan(
    pipeline: Pipeline,
    assumptions: Assumptions = NOTHING_ASSUMED,
    *,
    kind: EstimateKind = "likely",
    program: Program | None = None,
) -> Plan:
    """Everything about the shape and the times of a pipeline, as if each task took its estimate and nothing failed.

    `program` is what the pipeline stands in, for how long the pipelines take that it runs as a part of itself.
    """
    reckoning = Reckoning(pipeline, assumptions, program)
    duration = reckoning.durations(kind)
    worst = reckoning.worst_path(duration)
    running = reckoning.ways.needs(worst.chosen)
    times = reckoning.timing(duration, running)
    outlooks = {each: _outlook(reckoning, each) for each in KINDS} if reckoning.is_estimated else {}
    least_work, most_work = reckoning.work(kind)
    slim = reduced(reckoning.upstream)
    around = ways_around(slim, duration, times)
    rows = levels(reckoning.upstream)
    declared = upstream_map(pipeline)
    return Plan(
        pipeline=pipeline.name,
        unit="seconds" if reckoning.is_estimated else "tasks",
        tasks=tuple(_planned_tasks(reckoning, assumptions, kind, times, rows, slim, around)),
        levels=tuple(tuple(row) for row in rows),
        parallel_groups=tuple(_runnable_together(pipeline, declared)),
        critical_path=worst.tasks,
        critical_path_length=_rounded(worst.value),
        total_work=_rounded(most_work),
        width=round(reckoning.width().value),
        redundant_edges=tuple(redundant_edges(pipeline)),
        deadline=pipeline.deadline,
        deadline_margin=outlooks[kind].deadline_margin if outlooks else None,
        least_work=_rounded(least_work),
        estimate=kind,
        outlooks=outlooks,
        bottlenecks=tuple(task for task in around if around[task] is None),
        decisions=tuple(_decisions(reckoning, assumptions, duration)),
        maps=tuple(_maps(reckoning, assumptions)),
        runs=assumptions.runs,
        usual=_usual(reckoning, assumptions, kind, program),
        rejected=tuple(task.id for task in pipeline.tasks if task.id in assumptions.rejected),
    )


def _rounded(value: float) -> float:
    return round(value, _ROUNDING)


def _outlook(reckoning: Reckoning, kind: EstimateKind) -> Outlook:
    worst = reckoning.worst_path(reckoning.durations(kind))
    least, most = reckoning.work(kind)
    length, deadline = _rounded(worst.value), reckoning.pipeline.deadline
    margin = None if deadline is None else _rounded(deadline - length)
    return Outlook(worst.tasks, length, _rounded(least), _rounded(most), margin)


def _usual(
    reckoning: Reckoning, assumptions: Assumptions, kind: EstimateKind, program: Program | None
) -> Outlook | None:
    """The times where open decisions choose as in most earlier runs."""
    habits = {id: assumptions.habits[id] for id in reckoning.ways.open_decisions if id in assumptions.habits}
    if not habits or not reckoning.is_estimated:
        return None
    sides = {id: Side(2 * habit.true >= habit.all, "runs") for id, habit in habits.items()}
    chosen = replace(assumptions, sides={**assumptions.sides, **sides})
    return _outlook(Reckoning(reckoning.pipeline, chosen, program), kind)


def _planned_tasks(
    reckoning: Reckoning,
    assumptions: Assumptions,
    kind: EstimateKind,
    times: Timing,
    rows: Sequence[Sequence[str]],
    slim: Mapping[str, Sequence[str]],
    around: Mapping[str, float | None],
) -> Iterator[PlannedTask]:
    level = {id: index for index, row in enumerate(rows) for id in row}
    before, behind = dominators(slim), post_dominators(slim)
    declared = upstream_map(reckoning.pipeline)
    duration = reckoning.durations(kind)
    running = reckoning.ways.tasks
    for task in reckoning.pipeline.tasks:
        id = task.id
        estimate = reckoning.estimates[id]
        takes = duration[id] if id in running else 0.0
        slack = _rounded(times.slack(id))
        drag = _rounded(max(min(takes, times.length - (around[id] or 0.0)), 0.0))
        known = reckoning.is_estimated
        yield PlannedTask(
            id=id,
            upstream=declared[id],
            level=level[id],
            estimate=None if estimate is None else seconds_of(estimate, kind),
            earliest_start=_rounded(times.earliest_start[id]),
            slack=slack,
            critical=slack == 0 and id in running,
            runs=id in running,
            duration=_rounded(takes),
            waves=1 if task.map is None else reckoning.repeats[task.map].waves,
            attempts=assumptions.learnt[id].attempts if id in assumptions.learnt else None,
            later_if_doubled=_rounded(max(takes - slack, 0.0)) if known else None,
            sooner_if_halved=_rounded(min(takes / 2, drag)) if known else None,
            drag=drag if known else None,
            dominator=before[id],
            post_dominator=behind[id],
        )


def _decisions(
    reckoning: Reckoning, assumptions: Assumptions, duration: Mapping[str, float]
) -> Iterator[PlannedDecision]:
    """Every decision in source order. Only sides that the worst path does not take need another look."""
    ways = reckoning.ways
    worst = reckoning.worst_path(duration)
    needed = ways.sides_of(worst.tasks, worst.chosen)
    looks = 0
    for task in reckoning.pipeline.tasks:
        id = task.id
        if not isinstance(task.implementation, Decision):
            continue
        if id in assumptions.sides:
            side = assumptions.sides[id]
            yield PlannedDecision(id, side.taken, side.origin, None, None, None, assumptions.habits.get(id))
        elif id in ways.open_decisions:
            length: dict[bool, float | None] = {True: _rounded(worst.value), False: _rounded(worst.value)}
            if id in needed:
                looks += len(duration)
                other = None if looks > _MOST_LOOKS else reckoning.worst_path(duration, {id: not needed[id]}).value
                length[not needed[id]] = None if other is None else _rounded(other)
            worst_side = needed.get(id) if length[True] != length[False] else None
            habit = assumptions.habits.get(id)
            yield PlannedDecision(id, None, None, length[True], length[False], worst_side, habit)


def _maps(reckoning: Reckoning, assumptions: Assumptions) -> Iterator[PlannedMap]:
    for region in reckoning.pipeline.maps:
        items = assumptions.items.get(region.name)
        yield PlannedMap(
            region.name,
            region.variable,
            items.number if items else None,
            items.origin if items else None,
            region.max_parallel,
            reckoning.repeats[region.name].waves,
        )


def _runnable_together(pipeline: Pipeline, upstream: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """The parallel groups; tasks of different branches are none, since a run may take one of them only."""
    branches = {task.id: task.branches for task in pipeline.tasks}
    for group in parallel_groups(upstream):
        together: dict[tuple[BranchSide, ...], list[str]] = {}
        for id in group:
            together.setdefault(branches[id], []).append(id)
        yield from (tuple(ids) for ids in together.values() if len(ids) > 1)
