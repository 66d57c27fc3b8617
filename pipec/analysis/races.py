"""Tasks whose state an engine could let timing decide, because one upstream task is skipped while another one fails.

The language says that failure wins over skip, whatever came first. An engine that takes the first finished upstream
task that is no success (Airflow does for `all_success`) keeps that only where both cannot happen in one run. This
module finds where they can. It errs on the side of a race: what it does not name is safe.

A *skip origin* is something that happens in a run and makes tasks skipped: decision D choosing the other side than s;
a sensor that times out, an approval that is rejected; a rule such as `one_failed` that finds nothing to do; a map over
an empty list. For every task three sets of origins are computed along the graph, each a bitset:

- `may`: the task may be skipped because of the origin.
- `must`: when the origin happens the task is skipped: it stands in the branch not taken, or waits for what does.
- `safe`: when the origin happens the task did not fail, because the origin needed it: D chose only after D's upstream
  tasks went well, as far as the trigger rules on the way pass a failure on.

A task races when it has two upstream tasks K and F and an origin in `may` of K but in neither `must` nor `safe` of F.
`must` of a task presumes that the task itself does not race; one that does is reported first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipec.analysis.graph import bits, downstream_map, topological_order, upstream_map
from pipec.engine.trigger_rules import FAILURE_BEATS_SKIP, STARTS_EARLY
from pipec.frozen import Frozen
from pipec.ir.expressions import outputs_used
from pipec.ir.model import ApprovalRequest, Pipeline, Task, WaitCondition
from pipec.ir.traverse import is_upstream

_SKIPS_WITH_ANY = frozenset({"all_success", "none_skipped", "all_done_min_one_success"})
_SKIPS_WITH_ALL = frozenset({"none_failed_min_one_success", "one_success"})
_SKIPS_BY_ITSELF = frozenset({"all_failed", "all_skipped", "one_failed", "one_done"})


class Race(Frozen):
    """`task` waits for `skipped`, which may be skipped, and `failing`, which may fail in the same run.

    `decision` is what skips where it is a decision, and `mendable` says whether `failing` could be put before it. For
    an eager rule in a branch `failing` is the task outside that may set it off before the decision, and for `always`
    it is None. `is_list` says that `skipped` gives the list of the map around the task.
    """

    task: str
    skipped: str
    failing: str | None
    decision: str | None
    mendable: bool
    is_list: bool = False


class _Origin(Frozen):
    """Where skips come from: `name` is the decision, sensor, approval, task or map; `side` of a decision."""

    kind: str
    name: str
    side: bool = False


def find_races(pipeline: Pipeline) -> list[Race]:
    """At most one race a task, in source order. Takes time in proportion to tasks and edges."""
    if not _has_skips(pipeline):
        return []
    skips = _Skips(pipeline)
    return [race for task in pipeline.tasks if not task.is_finally for race in skips.races(task)]


def may_be_skipped(pipeline: Pipeline) -> set[str]:
    """The tasks that some run may skip."""
    if not _has_skips(pipeline):
        return set()
    skips = _Skips(pipeline)
    return {task for task, origins in skips.may.items() if origins}


def skipped_by_others(pipeline: Pipeline) -> set[str]:
    """The tasks that some run may skip before they begin: by what is upstream, by their rule, or by their branch.

    In a map a decision for the same item is not counted, nor is an empty list: then there is no instance.
    """
    if not _has_skips(pipeline):
        return set()
    skips = _Skips(pipeline)
    return {task.id for task in pipeline.tasks if not task.is_finally and skips.by_others(task)}


def _has_skips(pipeline: Pipeline) -> bool:
    """Whether skips may come from anywhere. Most pipelines are done with here."""
    return any(
        task.branches or task.map is not None or _skips_by_itself(task, task.upstream) for task in pipeline.tasks
    )


def _skips_by_itself(task: Task, parents: Sequence[str]) -> bool:
    """Whether a task may be skipped while no other one is: by the rule for its upstream tasks, or by what it does."""
    return (
        (task.trigger_rule in _SKIPS_BY_ITSELF and bool(parents))
        or isinstance(task.implementation, ApprovalRequest)
        or (isinstance(task.implementation, WaitCondition) and task.implementation.on_timeout == "skip")
    )


class _Skips:
    """The three sets of every task; see the module."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.tasks = {task.id: task for task in pipeline.tasks}
        self.sources = {
            region.name: tuple(dict.fromkeys(read.task for read in outputs_used(region.items)))
            for region in pipeline.maps
        }
        upstream = upstream_map(pipeline)
        self.upstream = {id: self._with_sources(self.tasks[id], parents) for id, parents in upstream.items()}
        self.order = topological_order(self.upstream)
        self.origins: dict[_Origin, int] = {}
        self.may: dict[str, int] = {}
        self.must: dict[str, int] = {}
        for id in self.order:
            self._follow(self.tasks[id])
        self.safe = self._safe_sets()
        self.names = list(self.origins)

    def _with_sources(self, task: Task, parents: tuple[str, ...]) -> tuple[str, ...]:
        """The list of a map fails or skips what is inside, whatever its rules: as if it were upstream of all of it."""
        return parents if task.map is None else tuple(dict.fromkeys((*self.sources[task.map], *parents)))

    # --- may and must ----------------------------------------------------------------------------

    def _bit(self, origin: _Origin) -> int:
        return 1 << self.origins.setdefault(origin, len(self.origins))

    def _follow(self, task: Task) -> None:
        parents = self.upstream[task.id]
        branch = 0
        for side in task.branches:
            branch |= self._bit(_Origin("decision", side.decision, side.taken))
        region = 0 if task.map is None else self._bit(_Origin("map", task.map))
        sources = () if task.map is None else self.sources[task.map]
        may, must = self._by_rule(task, tuple(parent for parent in parents if parent not in sources))
        for source in sources:
            may |= self.may[source]
            must |= self.must[source]
        own = self._by_itself(task, parents)
        self.may[task.id] = may | branch | region | own
        self.must[task.id] = must | branch | region | own

    def _by_rule(self, task: Task, parents: tuple[str, ...]) -> tuple[int, int]:
        """What a task's rule makes of the skips of its upstream tasks."""
        rule = task.trigger_rule
        if not parents or not (rule in _SKIPS_WITH_ANY or rule in _SKIPS_WITH_ALL):
            return 0, 0
        if rule in _SKIPS_WITH_ANY:
            may = must = 0
            for parent in parents:
                may |= self.may[parent]
                must |= self.must[parent]
            return may, must
        # Skipped only when all are: then each one's origins hold all causes, and the fewest say most.
        may = min((self.may[parent] for parent in parents), key=int.bit_count)
        must = self.must[parents[0]]
        for parent in parents[1:]:
            must &= self.must[parent]
        return may, must

    def _by_itself(self, task: Task, parents: tuple[str, ...]) -> int:
        return self._bit(_Origin("task", task.id)) if _skips_by_itself(task, parents) else 0

    def by_others(self, task: Task) -> bool:
        """Whether others may skip a task; see `skipped_by_others`."""
        parents = self.upstream[task.id]
        if task.trigger_rule in _SKIPS_BY_ITSELF and parents:
            return True
        if any(task.map is None or self.tasks[side.decision].map != task.map for side in task.branches):
            return True
        regions = {region.name: region for region in self.pipeline.maps}
        items = outputs_used(regions[task.map].items) if task.map is not None else ()
        may, _ = self._by_rule(task, parents)
        if task.map is not None:
            may &= ~self._bit(_Origin("map", task.map))
        return bool(may) or any(self.may[reference.task] for reference in items)

    # --- safe ------------------------------------------------------------------------------------

    def _safe_sets(self) -> dict[str, int]:
        safe = dict.fromkeys(self.tasks, 0)
        for origin in self.origins:
            for id in self._needed_by(origin):
                safe[id] |= self._bit(origin)
        downstream = downstream_map(self.upstream)
        for id in reversed(self.order):
            for child in downstream[id]:
                region = self.tasks[child].map
                is_source = region is not None and id in self.sources[region]
                if is_source or self.tasks[child].trigger_rule in FAILURE_BEATS_SKIP:
                    safe[id] |= safe[child]
        return safe

    def _needed_by(self, origin: _Origin) -> list[str]:
        """The tasks that cannot have failed when an origin happens."""
        if origin.kind == "map":
            return list(self.sources[origin.name])
        if self.tasks[origin.name].trigger_rule == "one_failed":
            return [origin.name, *self.upstream[origin.name]]
        return [origin.name]

    # --- races -----------------------------------------------------------------------------------

    def races(self, task: Task) -> Iterator[Race]:
        """The first race of a task, if it has one."""
        found = self._list_race(task) or self._branch_race(task) or self._upstream_race(task)
        if found is not None:
            yield found

    def _list_race(self, task: Task) -> Race | None:
        """A task in a map whose list may be missing, because what gives it was skipped, while a task outside fails."""
        if task.map is None or task.trigger_rule not in FAILURE_BEATS_SKIP:
            return None
        sources = self.sources[task.map]
        outside = [id for id in self.upstream[task.id] if id not in sources and self.tasks[id].map != task.map]
        for source in sources:
            for parent in outside:
                bit = self.may[source] & ~(self.safe[parent] | self.must[parent])
                if bit:
                    origin = self.names[(bit & -bit).bit_length() - 1]
                    decision = origin.name if origin.kind == "decision" else None
                    return Race(task.id, source, parent, decision, mendable=False, is_list=True)
        return None

    def _branch_race(self, task: Task) -> Race | None:
        """A task that a decision skips directly, while another upstream task outside the branch goes its own way."""
        parents = self.upstream[task.id]
        for side in task.branches:
            if side.decision not in parents:
                continue
            if task.trigger_rule == "always":
                return Race(task.id, task.id, None, side.decision, mendable=False)
            bit = self._bit(_Origin("decision", side.decision, side.taken))
            for parent in parents:
                if parent == side.decision or side in self.tasks[parent].branches:
                    continue
                safe = bool(self.safe[parent] & bit)
                starts_early = task.trigger_rule in STARTS_EARLY and not (task.trigger_rule == "one_failed" and safe)
                fails = task.trigger_rule in FAILURE_BEATS_SKIP and not (safe or self.must[parent] & bit)
                if starts_early or fails:
                    mendable = fails and not is_upstream(side.decision, parent, self.upstream)
                    return Race(task.id, task.id, parent, side.decision, mendable)
        return None

    def _upstream_race(self, task: Task) -> Race | None:
        if task.trigger_rule != "all_success":
            return None
        parents = self.upstream[task.id]
        own = self._direct_skips(task)
        fails = [~(self.safe[parent] | self.must[parent]) for parent in parents]
        after = [0] * (len(parents) + 1)
        for index in reversed(range(len(parents))):
            after[index] = after[index + 1] | fails[index]
        before = 0
        for index, parent in enumerate(parents):
            others = before | after[index + 1] | self._fails_in_other_instances(task, parent)
            candidates = self.may[parent] & others & ~own
            if candidates:
                return self._race(task, parent, candidates & -candidates)
            before |= fails[index]
        return None

    def _direct_skips(self, task: Task) -> int:
        """The decisions that skip the task directly, whatever its upstream tasks do; `_branch_race` looks at those."""
        found = 0
        for side in task.branches:
            if side.decision in self.upstream[task.id]:
                found |= self._bit(_Origin("decision", side.decision, side.taken))
        return found

    def _fails_in_other_instances(self, task: Task, parent: str) -> int:
        """Origins that may skip one instance of a mapped task while another instance of it fails."""
        region = self.tasks[parent].map
        if region is None or region == task.map:
            return 0
        found = 0
        for index in bits(self.may[parent]):
            origin = self.names[index]
            if origin.kind != "map" and self.tasks[origin.name].map == region:
                found |= 1 << index
        return found

    def _race(self, task: Task, skipped: str, bit: int) -> Race:
        origin = self.names[bit.bit_length() - 1]
        failing = next(
            (
                parent
                for parent in self.upstream[task.id]
                if parent != skipped and not (self.safe[parent] | self.must[parent]) & bit
            ),
            skipped,
        )
        decision = origin.name if origin.kind == "decision" else None
        mendable = decision is not None and failing != skipped and not is_upstream(decision, failing, self.upstream)
        return Race(task.id, skipped, failing, decision, mendable)
