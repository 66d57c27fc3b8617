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
    reasons = Needs(pipeline, decisions_fail=True).follow()[1]
    return {task.id: reasons[task.id] for task in pipeline.tasks if task.id in reasons}


class Needs:
    """What decisions must choose for tasks to run; `decisions_fail` says whether decisions may also fail to choose."""

    def __init__(self, pipeline: Pipeline, *, decisions_fail: bool) -> None:
        self._pipeline = pipeline
        self._decisions_fail = decisions_fail
        self._tasks = {task.id: task for task in pipeline.tasks}
        self._upstream = upstream_map(pipeline)
        self._order = topological_order(self._upstream)
        self._has_branches = any(task.branches for task in pipeline.tasks)
        rules = {task.trigger_rule for task in pipeline.tasks}
        self._skippable = may_be_skipped(pipeline) if "all_skipped" in rules else set()

    def sides(
        self, chosen: Mapping[str, bool], skipped: Collection[str] = (), rejected: Collection[str] = ()
    ) -> dict[str, Sides]:
        """The tasks that may run, each with the sides it needs, in source order.

        `chosen` says what decisions are known to choose, `skipped` names tasks known to be skipped, `rejected`
        approvals that are asked for and not given: what depends on them is skipped.
        """
        if not self._has_branches and not skipped and not rejected:
            return {id: frozenset() for id in self._tasks}
        needs = self.follow(chosen, skipped, rejected)[0]
        return {id: needs[id] for id in self._tasks if id in needs}

    def follow(
        self,
        chosen: Mapping[str, bool] = MappingProxyType({}),
        skipped: Collection[str] = (),
        rejected: Collection[str] = (),
    ) -> tuple[dict[str, Sides], dict[str, str]]:
        """What the tasks that may run need, and why the others never do."""
        needs: dict[str, Sides] = {}
        asked: dict[str, Sides] = {}
        reasons: dict[str, str] = {}
        for id in self._order:
            task, parents = self._tasks[id], self._upstream[id]
            reason = "it is skipped" if id in skipped else _untaken(task, parents, chosen)
            if reason is None:
                reason = _reason(task, parents, needs, self._skippable)
            if reason is None:
                needs[id] = _needed(task, parents, needs)
                if task.branches and not self._decisions_fail:
                    needs[id] |= {side for side in _own_sides(task, parents) if side[0] in needs}
                reason = _contradiction(needs[id])
            if reason is not None:
                reasons[id] = reason
                needs.pop(id, None)
            elif id in rejected:
                asked[id] = needs.pop(id)
        return needs | asked, reasons


def _contradiction(sides: Sides) -> str | None:
    if len(sides) < 2 or len({decision for decision, _ in sides}) == len(sides):
        return None
    decision = next(name for name, side in sorted(sides) if (name, not side) in sides)
    return f"it needs both sides of `{decision}`, and a run takes one"


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
