"""When a task runs, as long as nothing fails: which way which decisions must have gone.

Engines whose tasks wait for the success of others alone (Kubeflow's do) have no trigger rules. Where failures always
keep what follows from running, a task's fate is known from the decisions, and from which lists of maps are empty.

A condition is a set of clauses, one of which must hold; a clause is a set of choices, all of which must hold. A choice
names a decision and the side taken, a map and that its list has items, or a wait or approval and that it went well.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipec.analysis.graph import topological_order, upstream_map
from pipec.frozen import Frozen
from pipec.ir.expressions import ListExpression, LiteralValue, outputs_used
from pipec.ir.model import ApprovalRequest, MapRegion, Pipeline, Task, WaitCondition

Choice = tuple[str, bool]
Condition = frozenset[frozenset[Choice]]

ALWAYS: Condition = frozenset({frozenset()})

AFTER_SUCCESS = frozenset({"all_success", "none_skipped"})
"""Rules by which a task runs when nothing upstream was skipped, as long as nothing fails."""
AFTER_ANY = frozenset({"none_failed_min_one_success", "one_success"})
WHATEVER_SKIPPED = frozenset({"none_failed", "all_done"})


class RunConditions(Frozen):
    """`tasks` holds the condition of each task outside `finally`, `maps` that under which a map has its list, `behind`
    that under which the list has items too, so that what follows all_success of a map runs.

    Of tasks in a map it is that of an instance once the map runs.
    """

    tasks: dict[str, Condition]
    maps: dict[str, Condition]
    behind: dict[str, Condition]

    def whole(self, task: Task) -> Condition:
        """The condition of a task; of an instance in a map with that of the map."""
        own = self.tasks[task.id]
        return own if task.map is None else both(own, self.maps[task.map])


def run_conditions(pipeline: Pipeline) -> RunConditions:
    """The conditions of all tasks and maps. Rules that look for failures or skips are taken for all_success."""
    return _Conditions(pipeline).found()


def stands_in(pipeline: Pipeline, task: Task, region: str) -> bool:
    """Whether a task stands in a map, or in one inside of it."""
    parents = {one.name: one.parent for one in pipeline.maps}
    around = task.map
    while around is not None and around != region:
        around = parents[around]
    return around == region


def both(one: Condition, other: Condition) -> Condition:
    """What holds where both do; never where they contradict each other."""
    return _simplified(
        left | right for left in one for right in other if not any((name, not side) in left for name, side in right)
    )


def either(conditions: Iterable[Condition]) -> Condition:
    """What holds where one of them does."""
    return _simplified(clause for condition in conditions for clause in condition)


def implies(one: Condition, other: Condition) -> bool:
    """Whether the other holds wherever the first does, as far as their clauses show."""
    return all(any(wide <= narrow for wide in other) for narrow in one)


def without(condition: Condition, around: Condition) -> Condition:
    """A condition without the choices that all clauses of another one have made, which holds around it."""
    made: frozenset[Choice] = frozenset.intersection(*around) if around else frozenset()
    return frozenset(clause - made for clause in condition)


def choices_in(condition: Condition) -> list[Choice]:
    """Every choice that a condition names, once, in order of names."""
    return sorted({choice for clause in condition for choice in clause})


def _simplified(clauses: Iterable[frozenset[Choice]]) -> Condition:
    """Without clauses that others hold already; two that differ in the side of one decision alone become one."""
    left = set(clauses)
    merged = True
    while merged:
        merged = False
        for clause in sorted(left, key=lambda one: (len(one), sorted(one))):
            for name, side in sorted(clause):
                rest = clause - {(name, side)}
                if rest | {(name, not side)} in left:
                    left -= {clause, rest | {(name, not side)}}
                    left.add(rest)
                    merged = True
                    break
            if merged:
                break
    return frozenset(one for one in left if not any(other < one for other in left))


class _Conditions:
    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.tasks = {task.id: task for task in pipeline.tasks if not task.is_finally}
        self.regions = {region.name: region for region in pipeline.maps}
        self.known: dict[str, Condition] = {}
        self.maps: dict[str, Condition] = {}

    def found(self) -> RunConditions:
        for id in topological_order(upstream_map(self.pipeline)):
            if id in self.tasks:
                self.known[id] = self._of_task(self.tasks[id])
        for region in self.pipeline.maps:
            self._of_map(region.name)
        behind = {region.name: self._behind(region.name) for region in self.pipeline.maps}
        return RunConditions(self.known, self.maps, behind)

    def _of_task(self, task: Task) -> Condition:
        """By the branches it stands in and by its rule; choices made around its map are those of the map."""
        own = both(frozenset({frozenset(self._sides(task))}), self._by_rule(task))
        return own if task.map is None else without(own, self._of_map(task.map))

    def _sides(self, task: Task) -> list[Choice]:
        return [(side.decision, side.taken) for side in task.branches]

    def _by_rule(self, task: Task) -> Condition:
        upstream = [self._seen_from(task, id) for id in task.upstream if id in self.known]
        if not upstream or task.trigger_rule in WHATEVER_SKIPPED:
            return ALWAYS
        if task.trigger_rule in AFTER_ANY:
            return either(upstream)
        found = ALWAYS
        for condition in upstream:
            found = both(found, condition)
        return found

    def _seen_from(self, task: Task, id: str) -> Condition:
        """The condition of an upstream task; from outside of its map the list must be there and have items."""
        region, known = self.tasks[id].map, self.known[id]
        if _may_skip_itself(self.tasks[id]):
            known = both(known, frozenset({frozenset({(id, True)})}))
        if region is None or stands_in(self.pipeline, task, region):
            return known
        return self._behind(region)

    def _behind(self, name: str) -> Condition:
        has_items: Condition = ALWAYS if _never_empty(self.regions[name]) else frozenset({frozenset({(name, True)})})
        return both(self._of_map(name), has_items)

    def _of_map(self, name: str) -> Condition:
        """When the list is computed: where all that it is read from ran, and the branch around it is taken."""
        if name not in self.maps:
            inside = [task for task in self.tasks.values() if task.map == name]
            own = {task.id for task in inside}
            common = set.intersection(*(set(self._sides(task)) for task in inside)) if inside else set()
            found: Condition = frozenset({frozenset(side for side in common if side[0] not in own)})
            for read in outputs_used(self.regions[name].items):
                if read.task in self.known:
                    found = both(found, self.known[read.task])
            self.maps[name] = found
        return self.maps[name]


def _may_skip_itself(task: Task) -> bool:
    """Whether a task is skipped by what it does: a wait by its timeout, an approval where a person rejects."""
    return isinstance(task.implementation, ApprovalRequest) or (
        isinstance(task.implementation, WaitCondition) and task.implementation.on_timeout == "skip"
    )


def _never_empty(region: MapRegion) -> bool:
    """Whether the list of a map is written with items."""
    match region.items:
        case LiteralValue(value=value):
            return bool(value)
        case ListExpression(items=items):
            return bool(items)
        case _:
            return False
