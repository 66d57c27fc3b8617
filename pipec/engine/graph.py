"""The tasks of a run as nodes that know what is final upstream of them; maps make them more as their lists are known.

Instances of a task in a map have many upstream instances in common. What they share is kept once, as a group of
upstream instances with counts, so that a map over many items costs no more than the sum of its instances.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from pipec.engine.items import Item, ItemLimit
from pipec.engine.layout import Chain, Layout, common
from pipec.engine.states import State
from pipec.engine.trigger_rules import StateCounts
from pipec.ir.model import MapRegion, Pipeline, Task

Path = tuple[int, ...]
"""The index of an item in each map around an instance, outermost first; shorter while a list is not known."""

Place = tuple[tuple[int, Path], ...]
"""Where an instance stands in source and item order: its own place behind that of each pipeline call around it."""


@dataclass(slots=True, eq=False)
class UpstreamGroup:
    """Direct upstream instances that the members, instances of one task or map, have in common.

    They stand in the `depth` outermost maps around the members. `sides` holds, for each decision among them, the side
    that the members stand in; `open_decisions` of them are not final, `is_untaken` is true once one took the other.
    """

    depth: int
    sides: dict[str, bool]
    counts: StateCounts = field(default_factory=lambda: StateCounts(total=0))
    open_decisions: int = 0
    is_untaken: bool = False
    members: dict[Node | RegionNode, None] = field(default_factory=dict)

    def expect(self, upstream: Node) -> None:
        """Count one more upstream instance, which is not final."""
        self.counts.total += 1
        self.open_decisions += upstream.task.id in self.sides
        upstream.downstream.append(self)

    def ended(self, upstream: Node, chosen: bool | None) -> bool:
        """Note that one is final, `chosen` is the side it took where it decided one; whether that may matter."""
        before = self._signature()
        self.counts.add(upstream.state)
        if upstream.task.id in self.sides:
            self.open_decisions -= 1
            self.is_untaken = self.is_untaken or chosen not in (None, self.sides[upstream.task.id])
        return self._signature() != before

    def _signature(self) -> tuple[bool, ...]:
        """All that decisions look at: how many there are of a state matters to none."""
        counts = self.counts
        return (
            counts.success > 0,
            counts.failed > 0,
            counts.skipped > 0,
            counts.upstream_failed > 0,
            counts.all_final,
            self.open_decisions > 0,
            self.is_untaken,
        )


@dataclass(slots=True, eq=False)
class RegionNode:
    """A map in a run, for each item of the maps around it one.

    It is open until its list is known. `empty` also stands for a list that a skipped task would have given; `faulty`
    for one that could not be computed, `fault` says why.
    """

    region: MapRegion
    path: Path
    groups: list[UpstreamGroup]
    limit: ItemLimit | None = None
    state: Literal["open", "expanded", "empty", "upstream_failed", "faulty"] = "open"
    fault: str = ""


@dataclass(slots=True, eq=False)
class Node:
    """An instance of a task, or of a task in a map whose list is not known: then `region` is that map.

    `limits` are the items it belongs to of maps that limit how many run at once. `is_ready` is true from the moment it
    may start until it does. Attempts up to `earlier_attempts` were made before the run was resumed.
    """

    id: str
    task: Task
    path: Path
    position: int
    groups: list[UpstreamGroup]
    region: RegionNode | None = None
    limits: tuple[Item, ...] = ()
    downstream: list[UpstreamGroup] = field(default_factory=list)
    state: State = "pending"
    attempt: int = 0
    earlier_attempts: int = 0
    is_ready: bool = False

    @property
    def counts(self) -> StateCounts:
        """What is final upstream."""
        if len(self.groups) == 1:
            return self.groups[0].counts
        found = StateCounts(total=0)
        for group in self.groups:
            found.join(group.counts)
        return found

    @property
    def has_open_decision(self) -> bool:
        return any(group.open_decisions for group in self.groups)

    @property
    def is_untaken(self) -> bool:
        """Whether a decision directly upstream chose the other side."""
        return any(group.is_untaken for group in self.groups)


class Graph:
    """The nodes of one pipeline in a run.

    Raises ValueError where an upstream task is not there.
    """

    def __init__(self, pipeline: Pipeline, prefix: str = "") -> None:
        self._prefix = prefix
        self._layout = Layout(pipeline)
        self._lists: dict[tuple[str, Path], list[Any]] = {}
        self.nodes: dict[str, Node] = {}
        """Every node by its id."""
        self._instances: dict[tuple[str, Path], Node] = {}
        self._region_nodes: dict[tuple[str, Path], RegionNode] = {}
        self.leaves = self._layout.leaves
        """Ids of the tasks that no task outside `finally` depends on."""
        self._build(pipeline)

    def outermost_regions(self) -> list[RegionNode]:
        """The maps that stand in no other."""
        return [node for node in self._region_nodes.values() if node.region.parent is None]

    def instances_of(self, task: str) -> Iterator[Node]:
        """Every node of a task, in item order."""
        yield from (self._instances[task, path] for path in self._paths(task, ()))

    def inside(self, region: RegionNode) -> list[Node]:
        """The nodes that stand for the tasks in a map whose list is not known."""
        return [self._instances[task, region.path] for task in self._layout.tasks_in[region.region.name]]

    def regions_inside(self, region: RegionNode) -> list[RegionNode]:
        """The maps right inside one that was expanded."""
        name = region.region.name
        inner = [found for found in self._layout.regions_in[name] if self._layout.regions[found].parent == name]
        count = len(self._lists[name, region.path])
        return [self._region_nodes[found, (*region.path, index)] for index in range(count) for found in inner]

    def around(self, region: RegionNode) -> Chain:
        """The names of the maps around a map, outermost first."""
        return self._layout.chain(region.region.parent)

    def chain(self, task: str) -> Chain:
        """The names of the maps around a task, outermost first."""
        return self._layout.chains[task]

    def items(self, node: Node | RegionNode) -> dict[str, Any]:
        """The current item of every map around a node, by the map's name."""
        chain = self._layout.chains[node.task.id] if isinstance(node, Node) else self._layout.chain(node.region.parent)
        return {name: self._lists[name, node.path[:depth]][node.path[depth]] for depth, name in enumerate(chain)}

    def read(self, task: str, path: Path, around: Chain) -> Node | list[Node]:
        """What an expression inside the maps `around`, at the items `path`, means by a task.

        The one instance it shares all maps with, or those of all items of the maps that it stands outside of.
        """
        chain = self._layout.chains[task]
        depth = common(chain, around)
        if depth == len(chain):
            return self._instances[task, path[:depth]]
        paths = self._paths(task, path[:depth])
        return [self._instances[task, found] for found in paths if len(found) == len(chain)]

    def expand(self, region: RegionNode, items: list[Any]) -> list[tuple[Node, list[Node]]]:
        """Make every task in a map one instance an item; each node that was, and those that stand for it now."""
        name, depth = region.region.name, len(region.path)
        self._lists[name, region.path] = items
        region.state = "expanded"
        inner = self._layout.regions_in[name]
        for found in inner:
            self._expand_region(self._region_nodes.pop((found, region.path)), depth, len(items))
        limits = [Item(region.limit) for _ in items] if region.limit is not None else []
        replaced: list[tuple[Node, list[Node]]] = []
        for task in self._layout.tasks_in[name]:
            unexpanded = self._instances.pop((task, region.path))
            del self.nodes[unexpanded.id]
            replaced.append((unexpanded, self._replace(unexpanded, depth, len(items), limits)))
        for unexpanded, nodes in replaced:
            for node in nodes:
                self._connect(unexpanded.task.upstream, node, depth + 1)
        for found in inner:
            for index in range(len(items)):
                self._connect(self._layout.sources[found], self._region_nodes[found, (*region.path, index)], depth + 1)
        return replaced

    # --- building --------------------------------------------------------------------------------

    def _build(self, pipeline: Pipeline) -> None:
        for region in pipeline.maps:
            groups = [UpstreamGroup(depth, {}) for depth in range(len(self._layout.chain(region.parent)) + 1)]
            self._add_region(RegionNode(region, (), groups))
        for position, task in enumerate(pipeline.tasks):
            upstream = set(task.upstream)
            sides = {side.decision: side.taken for side in task.branches if side.decision in upstream}
            groups = [UpstreamGroup(depth, sides) for depth in range(len(self._layout.chains[task.id]) + 1)]
            self._add(Node(task.id, task, (), position, groups))
        for task in pipeline.tasks:
            for upstream_id in task.upstream:
                if upstream_id not in self._layout.tasks:
                    raise ValueError(f"task {task.id} has the unknown upstream task {upstream_id}")
            self._connect(task.upstream, self._instances[task.id, ()], 0)
        for region in pipeline.maps:
            self._connect(self._layout.sources[region.name], self._region_nodes[region.name, ()], 0)

    def _add(self, node: Node) -> None:
        chain = self._layout.chains[node.task.id]
        indexes = "".join(f"[{index}]" for index in node.path)
        node.id = f"{self._prefix}{node.task.id}{indexes}"
        if len(node.path) < len(chain):
            node.region = self._region_nodes[chain[len(node.path)], node.path]
        self.nodes[node.id] = self._instances[node.task.id, node.path] = node
        for group in node.groups:
            group.members[node] = None

    def _add_region(self, node: RegionNode) -> None:
        if len(node.path) == len(self._layout.chain(node.region.parent)) and node.region.max_parallel is not None:
            node.limit = ItemLimit(node.region.max_parallel)
        self._region_nodes[node.region.name, node.path] = node
        for group in node.groups:
            group.members[node] = None

    def _connect(self, upstream: tuple[str, ...], node: Node | RegionNode, depth: int) -> None:
        """Link a node to its upstream instances in at least `depth` maps in common."""
        own = self._layout.chains[node.task.id] if isinstance(node, Node) else self._layout.chain(node.region.parent)
        for task in dict.fromkeys(upstream):
            shared = common(self._layout.chains[task], own)
            if shared >= depth:
                node.groups[shared].expect(self._instances[task, node.path[:shared]])

    # --- expanding -------------------------------------------------------------------------------

    def _replace(self, unexpanded: Node, depth: int, count: int, items: list[Item]) -> list[Node]:
        is_late = unexpanded.task.id in self._layout.late.get(self._layout.chains[unexpanded.task.id][depth], ())
        limits = items if not is_late else []
        outside = [group for group in unexpanded.downstream if group.depth <= depth]
        for group in outside:
            group.counts.total += count - 1
            if unexpanded.task.id in group.sides:
                group.open_decisions += count - 1
        nodes = []
        for index in range(count):
            node = Node(
                "",
                unexpanded.task,
                (*unexpanded.path, index),
                unexpanded.position,
                self._groups_of_item(unexpanded, depth),
                limits=(*unexpanded.limits, *limits[index : index + 1]),
                downstream=list(outside),
            )
            self._add(node)
            nodes.append(node)
        for item in unexpanded.limits:
            item.unfinished += count - 1
        for item in limits:
            item.unfinished += 1
        return nodes

    def _expand_region(self, unexpanded: RegionNode, depth: int, count: int) -> None:
        groups = [self._groups_of_item(unexpanded, depth) for _ in range(count)]
        for index in range(count):
            self._add_region(RegionNode(unexpanded.region, (*unexpanded.path, index), groups[index]))

    def _groups_of_item(self, unexpanded: Node | RegionNode, depth: int) -> list[UpstreamGroup]:
        """What an instance has upstream: shared with all others outside the map of this depth, its own inside."""
        for group in unexpanded.groups:
            group.members.pop(unexpanded, None)
        own = [UpstreamGroup(group.depth, group.sides) for group in unexpanded.groups[depth + 1 :]]
        return [*unexpanded.groups[: depth + 1], *own]

    # --- maps ------------------------------------------------------------------------------------

    def _paths(self, task: str, start: Path) -> list[Path]:
        """The paths of all nodes of a task below one path, in item order."""
        paths = [start]
        for name in self._layout.chains[task][len(start) :]:
            paths = [
                longer
                for path in paths
                for longer in (
                    [(*path, index) for index in range(len(self._lists[name, path]))]
                    if (name, path) in self._lists
                    else [path]
                )
            ]
        return paths
