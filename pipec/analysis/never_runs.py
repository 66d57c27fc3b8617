"""Tasks that no run can ever start, and what decisions must have chosen for the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from pipec.analysis.graph import topological_order, upstream_map
from pipec.analysis.races import may_be_skipped
from pipec.ir.model import Pipeline, Task

_NEEDS_ALL = frozenset({"all_success"})
_NEEDS_ONE = frozenset({"none_failed_min_one_success", "one_success", "all_done_min_one_success"})

Sides = frozenset[tuple[str, bool]]
"""What decisions must have chosen for a task to run: decision and side."""


def never_runs(pipeline: Pipeline) -> dict[str, str]:
    """The tasks that can never run, each with the reason, in source order.

    A task is named when it needs both sides of one decision, waits for one that never runs, or has the rule
    `all_skipped` over a task that is never skipped. What is not named may run.
    """
    if not any(task.branches or task.trigger_rule == "all_skipped" for task in pipeline.tasks):
        return {}  # nothing to wait for in vain
    reasons = _follow(pipeline)[1]
    return {task.id: reasons[task.id] for task in pipeline.tasks if task.id in reasons}


def sides_needed(pipeline: Pipeline, chosen: Mapping[str, bool], skipped: Collection[str] = ()) -> dict[str, Sides]:
    """The tasks that may run where no decision fails, each with what these must choose for that, in source order.

    `chosen` says what decisions are known to choose, `skipped` names tasks known to be skipped.
    """
    if not any(task.branches for task in pipeline.tasks) and not skipped:
        return {task.id: frozenset() for task in pipeline.tasks}
    needs = _follow(pipeline, chosen, skipped, decisions_fail=False)[0]
    return {task.id: needs[task.id] for task in pipeline.tasks if task.id in needs}


def _follow(
    pipeline: Pipeline,
    chosen: Mapping[str, bool] = MappingProxyType({}),
    skipped: Collection[str] = (),
    *,
    decisions_fail: bool = True,
) -> tuple[dict[str, Sides], dict[str, str]]:
    """What the tasks that may run need, and why the others never do."""
    upstream = upstream_map(pipeline)
    tasks = {task.id: task for task in pipeline.tasks}
    skippable = may_be_skipped(pipeline)
    needs: dict[str, Sides] = {}
    reasons: dict[str, str] = {}
    for id in topological_order(upstream):
        reason = _untaken(tasks[id], upstream[id], chosen)
        if id in skipped:
            reason = "it is skipped"
        if reason is None:
            reason = _reason(tasks[id], upstream[id], needs, skippable)
        if reason is None:
            needs[id] = _needed(tasks[id], upstream[id], needs)
            if not decisions_fail:
                needs[id] |= {side for side in _own_sides(tasks[id], upstream[id]) if side[0] in needs}
            contradiction = next((name for name, side in sorted(needs[id]) if (name, not side) in needs[id]), None)
            if contradiction is not None:
                reason = f"it needs both sides of `{contradiction}`, and a run takes one"
        if reason is not None:
            reasons[id] = reason
            needs.pop(id, None)
    return needs, reasons


def _untaken(task: Task, parents: tuple[str, ...], chosen: Mapping[str, bool]) -> str | None:
    """Why a task right behind a decision is skipped: whatever its rule, when the other side was chosen."""
    for side in task.branches:
        if side.decision in parents and chosen.get(side.decision, side.taken) != side.taken:
            return f"`{side.decision}` takes the other side"
    return None


def _reason(task: Task, parents: tuple[str, ...], needs: dict[str, Sides], skippable: set[str]) -> str | None:
    """Why a task cannot run, seen from its upstream tasks alone. Those that can run have an entry in `needs`."""
    dead = [parent for parent in parents if parent not in needs]
    if task.trigger_rule in _NEEDS_ALL and dead:
        return f"it needs `{dead[0]}`, which never runs"
    if task.trigger_rule in _NEEDS_ONE and parents and len(dead) == len(parents):
        return "none of its upstream tasks ever runs"
    if task.trigger_rule == "all_skipped":
        certain = next((parent for parent in parents if parent in needs and parent not in skippable), None)
        if certain is not None:
            return f"it needs `{certain}` to be skipped, which never happens"
    return None


def _needed(task: Task, parents: tuple[str, ...], needs: dict[str, Sides]) -> Sides:
    """The sides without which a task cannot run. Only `all_success` needs its decision to have decided at all."""
    known = [needs[parent] for parent in parents if parent in needs]
    if task.trigger_rule in _NEEDS_ALL:
        return _own_sides(task, parents).union(*known)
    if task.trigger_rule in _NEEDS_ONE and known:
        return frozenset.intersection(*known)
    return frozenset()


def _own_sides(task: Task, parents: tuple[str, ...]) -> Sides:
    """The sides that a task stands right behind the decisions of: unless these fail, it is skipped on the others."""
    return frozenset((side.decision, side.taken) for side in task.branches if side.decision in parents)
