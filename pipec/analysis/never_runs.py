"""Tasks that no run can ever start."""

from __future__ import annotations

from pipec.analysis.graph import topological_order, upstream_map
from pipec.analysis.races import may_be_skipped
from pipec.ir.model import Pipeline, Task

_NEEDS_ALL = frozenset({"all_success"})
_NEEDS_ONE = frozenset({"none_failed_min_one_success", "one_success", "all_done_min_one_success"})

_Sides = frozenset[tuple[str, bool]]
"""What decisions must have chosen for a task to run: decision and side."""


def never_runs(pipeline: Pipeline) -> dict[str, str]:
    """The tasks that can never run, each with the reason, in source order.

    A task is named when it needs both sides of one decision, waits for one that never runs, or has the rule
    `all_skipped` over a task that is never skipped. What is not named may run.
    """
    if not any(task.branches or task.trigger_rule == "all_skipped" for task in pipeline.tasks):
        return {}  # nothing to wait for in vain
    upstream = upstream_map(pipeline)
    tasks = {task.id: task for task in pipeline.tasks}
    skippable = may_be_skipped(pipeline)
    needs: dict[str, _Sides] = {}
    reasons: dict[str, str] = {}
    for id in topological_order(upstream):
        reason = _reason(tasks[id], upstream[id], needs, skippable)
        if reason is None:
            needs[id] = _needed(tasks[id], upstream[id], needs)
            contradiction = next((name for name, side in sorted(needs[id]) if (name, not side) in needs[id]), None)
            if contradiction is not None:
                reason = f"it needs both sides of `{contradiction}`, and a run takes one"
        if reason is not None:
            reasons[id] = reason
            needs.pop(id, None)
    return {task.id: reasons[task.id] for task in pipeline.tasks if task.id in reasons}


def _reason(task: Task, parents: tuple[str, ...], needs: dict[str, _Sides], skippable: set[str]) -> str | None:
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


def _needed(task: Task, parents: tuple[str, ...], needs: dict[str, _Sides]) -> _Sides:
    """The sides without which a task cannot run. Only `all_success` needs its decision to have decided at all."""
    known = [needs[parent] for parent in parents if parent in needs]
    if task.trigger_rule in _NEEDS_ALL:
        own = frozenset((side.decision, side.taken) for side in task.branches if side.decision in parents)
        return own.union(*known)
    if task.trigger_rule in _NEEDS_ONE and known:
        return frozenset.intersection(*known)
    return frozenset()
