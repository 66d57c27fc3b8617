"""What tests reach of a pipeline: sides of decisions, ends of tasks, rules, requirements, answers, sizes of maps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from pipec.engine.evaluate import EvaluationError
from pipec.engine.unknown import items_value, truth
from pipec.frozen import Frozen
from pipec.ir.base import Location
from pipec.ir.model import ApprovalRequest, Decision, GateCheck, MapRegion, Pipeline, Task, WaitCondition
from pipec.simulation.simulated import SimulatedTask
from pipec.testing.doubts import Doubts
from pipec.testing.facts import Path
from pipec.testing.scene import Scene
from pipec.testing.wording import shown_condition

Kind = Literal["branch", "outcome", "trigger rule", "requirement", "approval", "map"]

KINDS: tuple[Kind, ...] = ("branch", "outcome", "trigger rule", "requirement", "approval", "map")


class Goal(Frozen):
    """Something a test can reach: a case of a task as it stands in the source, of a requirement or of a map."""

    kind: Kind
    subject: str
    case: str
    location: Location


@dataclass(slots=True)
class PipelineCoverage:
    """Of one pipeline: its goals in source order, and which of them were reached."""

    pipeline: str
    goals: tuple[Goal, ...]
    reached: set[Goal] = field(default_factory=set)

    @property
    def missing(self) -> list[Goal]:
        return [goal for goal in self.goals if goal not in self.reached]


def percent(coverages: Iterable[PipelineCoverage]) -> float:
    """How much was reached of all, 100 where there is nothing to reach."""
    found = list(coverages)
    total = sum(len(one.goals) for one in found)
    return 100.0 * sum(len(one.reached) for one in found) / total if total else 100.0


def goals_of(pipeline: Pipeline) -> tuple[Goal, ...]:
    """All there is to reach; instances of a loop count as one task."""
    skippable = _may_be_skipped(pipeline)
    goals: dict[Goal, None] = {}
    for task in pipeline.tasks:
        for kind, subject, case, location in _task_goals(pipeline, task, task.id in skippable):
            goals[Goal(kind, subject, case, location)] = None
    for region in pipeline.maps:
        for size in ("no item", "one item", "many items"):
            goals[Goal("map", _named(region), size, region.location)] = None
    return tuple(sorted(goals, key=lambda goal: (goal.location.file, goal.location.start)))


class Collector:
    """Notes what each run reaches."""

    def __init__(self, pipelines: Iterable[Pipeline]) -> None:
        self.found = {one.name: PipelineCoverage(one.name, goals_of(one)) for one in pipelines}
        self._known = {name: set(one.goals) for name, one in self.found.items()}

    def __call__(self, scene: Scene, doubts: Doubts) -> None:
        name = scene.played.pipeline.name
        if name in self.found:
            self.found[name].reached.update(goal for goal in reached(scene, doubts) if goal in self._known[name])


def reached(scene: Scene, doubts: Doubts) -> Iterator[Goal]:
    """What a run reached, without what hangs on values that nobody gave."""
    for task in scene.played.pipeline.tasks:
        if doubts.of(task.id) is None:
            for path, found in scene.instances.get(task.id, ()):
                for kind, subject, case, location in _reached_of(scene, task, path, found):
                    yield Goal(kind, subject, case, location)
    yield from _map_sizes(scene, doubts)


# --- what there is to reach ----------------------------------------------------------------------

_Parts = tuple[Kind, str, str, Location]


def _task_goals(pipeline: Pipeline, task: Task, may_be_skipped: bool) -> Iterator[_Parts]:
    if isinstance(task.implementation, Decision):
        for side in ("if", "else"):
            yield "branch", task.name, side, task.location
    elif isinstance(task.implementation, ApprovalRequest):
        for answer in ("approved", "rejected", *(("timeout",) if task.options.timeout is not None else ())):
            yield "approval", task.name, answer, task.location
    elif not isinstance(task.implementation, GateCheck):
        yield "outcome", task.name, "success", task.location
        if not (isinstance(task.implementation, WaitCondition) and task.implementation.on_timeout == "skip"):
            yield "outcome", task.name, "failed", task.location
        if may_be_skipped:
            yield "outcome", task.name, "skipped", task.location
    if task.trigger_rule != "all_success" and not task.is_finally and task.upstream:
        if not _stand_in_both_sides(pipeline, task.upstream):
            yield "trigger rule", task.name, _ALL, task.location
        yield "trigger rule", task.name, _NOT_ALL, task.location
    for requirement in task.requirements:
        for case in ("holds", "fails"):
            yield "requirement", requirement.source, case, requirement.location


_ALL, _NOT_ALL = "all before it succeeded", "not all before it succeeded"


def _stand_in_both_sides(pipeline: Pipeline, ids: Iterable[str]) -> bool:
    """Whether one of these tasks is always skipped: they stand in both sides of a decision."""
    wanted = set(ids)
    sides = {side for task in pipeline.tasks if task.id in wanted for side in task.branches}
    return any(side.model_copy(update={"taken": not side.taken}) in sides for side in sides)


def _may_be_skipped(pipeline: Pipeline) -> set[str]:
    """Tasks that some run skips: those of branches and maps, and what is skipped with them."""
    found: set[str] = set()
    for task in _in_order(pipeline):
        if _is_skipped_itself(task) or _is_skipped_with_others(task, found):
            found.add(task.id)
    return found


def _is_skipped_itself(task: Task) -> bool:
    match task.implementation:
        case ApprovalRequest() | WaitCondition(on_timeout="skip"):
            return True
        case Decision():
            return False
        case _:
            return bool(task.branches) or task.map is not None


def _is_skipped_with_others(task: Task, skippable: set[str]) -> bool:
    if task.trigger_rule == "all_success":
        return any(id in skippable for id in task.upstream)
    is_join = task.trigger_rule == "none_failed_min_one_success" and bool(task.upstream)
    return is_join and skippable.issuperset(task.upstream)


def _in_order(pipeline: Pipeline) -> Iterator[Task]:
    from graphlib import TopologicalSorter

    tasks = {task.id: task for task in pipeline.tasks}
    for id in TopologicalSorter({id: task.upstream for id, task in tasks.items()}).static_order():
        yield tasks[id]


# --- what a run reached --------------------------------------------------------------------------


def _reached_of(scene: Scene, task: Task, path: Path, found: SimulatedTask) -> Iterator[_Parts]:
    match task.implementation:
        case Decision():
            if found.state == "success":
                yield "branch", task.name, "if" if found.outputs.get("output") else "else", task.location
        case ApprovalRequest():
            answer = _answer(found)
            if answer is not None:
                yield "approval", task.name, answer, task.location
        case GateCheck():
            pass
        case _ if found.state != "upstream_failed":
            yield "outcome", task.name, found.state, task.location
    if task.trigger_rule != "all_success" and task.upstream:
        is_all = all(one.state == "success" for _, one in scene.upstream(task, path))
        yield "trigger rule", task.name, _ALL if is_all else _NOT_ALL, task.location
    yield from _requirements(scene, task, path, found)


def _answer(found: SimulatedTask) -> str | None:
    if found.failure is not None:
        return "timeout" if found.failure.kind == "timeout" else "rejected"
    if found.state != "success":
        return None
    return "timeout" if any(attempt.failure is not None for attempt in found.attempts) else "approved"


def _requirements(scene: Scene, task: Task, path: Path, found: SimulatedTask) -> Iterator[_Parts]:
    """What was required of it, where that could be looked at."""
    was_checked = found.state == "success" or (found.failure is not None and found.failure.kind == "requirement")
    if not task.requirements or not was_checked:
        return
    outputs = scene.played.facts.outputs(task, path)
    own: dict[tuple[str, str], Any] = {(task.id, name): value for name, value in outputs.items()}
    scope = scene.scope(path, task.map, own)
    for requirement in task.requirements:
        try:
            case = "holds" if truth(requirement.condition, scope) else "fails"
        except EvaluationError:
            continue
        yield "requirement", requirement.source, case, requirement.location


def _map_sizes(scene: Scene, doubts: Doubts) -> Iterator[Goal]:
    for region in scene.played.pipeline.maps:
        depth = len(scene.chain(region.parent))
        inside = [task for task in scene.played.pipeline.tasks if region.name in scene.chain(task.map)]
        if not inside or doubts.of(inside[0].id) is not None:
            continue
        counts: dict[Path, set[int]] = {}
        for path, found in scene.instances.get(inside[0].id, ()):
            if len(path) > depth:
                counts.setdefault(path[:depth], set()).add(path[depth])
            elif found.state == "skipped" and _is_empty(scene, region, path[:depth]):
                counts.setdefault(path[:depth], set())
        for count in map(len, counts.values()):
            size = "no item" if count == 0 else "one item" if count == 1 else "many items"
            yield Goal("map", _named(region), size, region.location)


def _named(region: MapRegion) -> str:
    return f"{region.variable} in {shown_condition(region.items)}"


def _is_empty(scene: Scene, region: MapRegion, path: Path) -> bool:
    """Whether a map had nothing to do, and not because something before it was skipped."""
    try:
        return items_value(region.items, scene.scope(path, region.parent)) == []
    except (EvaluationError, LookupError, TypeError):
        return False
