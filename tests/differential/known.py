"""Where Airflow is known to do otherwise than the language, and why: all else must be the same.

**Races.** Airflow takes the first finished upstream task that is no success: `pipec.analysis.races`.

**Mapped task groups** (Airflow 3.3.2; shown by `test_differential_facts`). Before a task in such a group is expanded,
Airflow decides for one placeholder of all its instances:

- By `one_success`, `one_failed`, `one_done` and `none_failed_min_one_success` the placeholder looks at all instances
  upstream, of every item: one failure is enough for all of `none_failed_min_one_success` to be upstream_failed.
- By the other rules it looks only at what is upstream outside the group. `all_done_min_one_success` finds no success
  there and is upstream_failed, unless one succeeded outside.
- A placeholder waits for the list only where the task that gives it is directly upstream. What may start before is
  expanded too early: `Cannot expand … missing upstream values`, and it is upstream_failed.
- Where the task that gives the list did not succeed, it depends on what Airflow looks at first whether a task in the
  group is skipped by its rule or upstream_failed with the list.

(A branch operator in a mapped group skips nothing, and `always` is refused there: the cases avoid both.)
"""

from __future__ import annotations

from collections.abc import Iterable

from pipec.analysis.races import find_races
from pipec.engine.states import State
from pipec.engine.trigger_rules import STARTS_EARLY, decide
from pipec.ir.expressions import outputs_used
from pipec.ir.model import Pipeline, Task
from tests.differential.plans import Case
from tests.differential.results import Result

_LOOKS_AT_ALL_ITEMS = frozenset({"one_success", "one_failed", "one_done", "none_failed_min_one_success"})


def hazards(case: Case, engine: Result) -> dict[str, str]:
    """The tasks for which Airflow is known to do otherwise, or may, by the result in the engine; and why."""
    found = _Hazards(case.pipeline, engine)
    reasons = {race.task: "race" for race in find_races(case.pipeline)}
    for task in case.pipeline.tasks:
        reason = found.reason(task)
        if reason is not None:
            reasons.setdefault(task.id, reason)
    return reasons


def unexplained(case: Case, engine: Result, different: Iterable[str]) -> set[str]:
    """Those of the tasks that differ which are no hazard, nor depend on a hazard that differs."""
    known = hazards(case, engine)
    left = set(different)
    explained = {task for task in left if task in known}
    upstream = {task.id: set(task.upstream) for task in case.pipeline.tasks}
    frontier = set(explained)
    while frontier:
        frontier = {task for task in left - explained if upstream[task] & explained}
        explained |= frontier
    return left - explained


class _Hazards:
    def __init__(self, pipeline: Pipeline, engine: Result) -> None:
        self._tasks = {task.id: task for task in pipeline.tasks}
        self._engine = engine
        self._sources = {region.name: {read.task for read in outputs_used(region.items)} for region in pipeline.maps}

    def reason(self, task: Task) -> str | None:
        """Why Airflow may do otherwise for a task, whatever becomes of its upstream tasks."""
        if task.map is None:
            return None
        if self._may_be_expanded_too_early(task):
            return "expanded too early"
        if any(self._states(source) != ["success"] for source in self._sources[task.map]):
            return "no list"
        if self._is_decided_as_a_whole(task):
            return "decided for all items"
        return None

    def _may_be_expanded_too_early(self, task: Task) -> bool:
        assert task.map is not None
        if not self._sources[task.map]:
            return False
        if task.trigger_rule in STARTS_EARLY:
            return bool(self._outside(task)) or self._has_early_placeholder(task)
        if self._sources[task.map] & set(task.upstream):
            return False
        return task.trigger_rule != "all_success" and self._has_early_placeholder(task)

    def _has_early_placeholder(self, task: Task) -> bool:
        """Whether a task upstream in the same map may be final before the list is known."""
        inside = [self._tasks[id] for id in task.upstream if self._tasks[id].map == task.map]
        return any(self._outside(above) or self._has_early_placeholder(above) for above in inside)

    def _outside(self, task: Task) -> list[str]:
        """The upstream tasks outside the map, but for those that give its list."""
        assert task.map is not None
        sources = self._sources[task.map]
        return [id for id in task.upstream if id not in sources and self._tasks[id].map != task.map]

    def _is_decided_as_a_whole(self, task: Task) -> bool:
        looks_at_all = task.trigger_rule in _LOOKS_AT_ALL_ITEMS
        upstream = [id for id in task.upstream if looks_at_all or self._tasks[id].map != task.map]
        states = [state for id in upstream for state in self._states(id)]
        if not task.upstream:
            return False
        if states:
            decided = decide(task.trigger_rule, states)
        else:
            decided = "upstream_failed" if task.trigger_rule == "all_done_min_one_success" else "run"
        return decided != "run" and set(self._states(task.id)) != {decided}

    def _states(self, task: str) -> list[State]:
        return list(self._engine.states[task].values())  # type: ignore[arg-type]  # the engine's states are States
