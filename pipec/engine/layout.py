"""What a pipeline says of its maps before any list is known: which tasks and maps stand in which."""

from __future__ import annotations

from collections import defaultdict

from pipec.ir.expressions import outputs_used
from pipec.ir.model import Pipeline

Chain = tuple[str, ...]
"""The names of the maps around a task or a map, outermost first."""


class Layout:
    """`tasks` and `regions` are those of the pipeline by id and name.

    `chains` holds the maps around each task, `sources` the tasks that the list of each map is read from, `tasks_in` and
    `regions_in` what stands in each map, however deep. `leaves` are the tasks that none outside `finally` depends on.
    `late` holds, for maps that limit their items, the tasks inside that wait for some outside which wait for all items:
    they belong to no item, for an item that waited for them would hold up what they wait for.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self.tasks = {task.id: task for task in pipeline.tasks}
        self.regions = {region.name: region for region in pipeline.maps}
        self.chains = {task.id: self.chain(task.map) for task in pipeline.tasks}
        self.sources = {
            region.name: tuple(dict.fromkeys(output.task for output in outputs_used(region.items)))
            for region in pipeline.maps
        }
        self.tasks_in: dict[str, list[str]] = {name: [] for name in self.regions}
        self.regions_in: dict[str, list[str]] = {name: [] for name in self.regions}
        for task, around in self.chains.items():
            for name in around:
                self.tasks_in[name].append(task)
        for inner, region in self.regions.items():
            for name in self.chain(region.parent):
                self.regions_in[name].append(inner)
        self.leaves = self._leaves()
        self.late = self._late()

    def chain(self, region: str | None) -> Chain:
        """A map and those around it; none for None."""
        chain: Chain = ()
        while region is not None:
            chain = (region, *chain)
            region = self.regions[region].parent
        return chain

    def _leaves(self) -> frozenset[str]:
        followed = {upstream for task in self.tasks.values() if not task.is_finally for upstream in task.upstream}
        return frozenset(self.tasks.keys() - followed)

    def _late(self) -> dict[str, set[str]]:
        limited = [name for name, region in self.regions.items() if region.max_parallel is not None]
        downstream: defaultdict[str, list[str]] = defaultdict(list)
        for task in self.tasks.values() if limited else ():
            sources = [source for name in self.chains[task.id] for source in self.sources[name]]
            for upstream in (*task.upstream, *sources):
                downstream[upstream].append(task.id)
        late: dict[str, set[str]] = {}
        for name in limited:
            inside = set(self.tasks_in[name])
            pending = [task for member in inside for task in downstream[member] if task not in inside]
            reached: set[str] = set()
            while pending:
                task_id = pending.pop()
                if task_id not in reached:
                    reached.add(task_id)
                    pending.extend(downstream[task_id])
            late[name] = reached & inside
        return late


def common(one: Chain, other: Chain) -> int:
    """How many maps two chains have in common."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count
