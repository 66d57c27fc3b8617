"""The scene of a pipeline: which tasks are drawn as one, what frames what, and which edges matter how much."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from pipec.analysis.graph import downstream_map, reduced
from pipec.analysis.plan import Plan
from pipec.ir.model import Pipeline, Task
from pipec.pictures.frames import Surround, surrounds
from pipec.pictures.nodes import bundle_node, task_node
from pipec.pictures.scene import Edge, Frame, Label, Node, Scene, Style

_BUNDLE_MIN = 4
"""From how many instances on they are drawn as one."""


def scene_of(pipeline: Pipeline, plan: Plan) -> Scene:
    """All there is to draw of a pipeline, in source order: the same for the same pipeline."""
    frames = surrounds(pipeline)
    upstream = {task.id: task.upstream for task in plan.tasks}
    planned = {task.id: task for task in plan.tasks}
    nodes: list[Node] = []
    for tasks in _drawn_together(pipeline, upstream, frames):
        key = f"n{len(nodes)}"
        if len(tasks) == 1:
            nodes.append(task_node(key, plan, planned[tasks[0].id], tasks[0]))
        else:
            nodes.append(bundle_node(key, plan, [planned[task.id] for task in tasks], tasks))
    node_of = {task: node for node in nodes for task in node.tasks}
    edges = [*_edges(pipeline, plan, upstream, node_of), *_towards_finally(pipeline, plan, node_of)]
    return Scene(members=_framed(nodes, frames), edges=tuple(edges))


def _drawn_together(
    pipeline: Pipeline, upstream: Mapping[str, tuple[str, ...]], frames: list[Surround]
) -> list[list[Task]]:
    """Tasks one by one, but those instances of a loop together that stand between the same tasks."""
    downstream = downstream_map(upstream)
    alike: dict[object, list[Task]] = {}
    for task in pipeline.tasks:
        place = (tuple(sorted(upstream[task.id])), tuple(sorted(downstream[task.id])), task.branches)
        around = tuple(index for index, frame in enumerate(frames) if task.id in frame.tasks)
        key = (task.name, place, around) if task.keys else task.id
        alike.setdefault(key, []).append(task)
    together: list[list[Task]] = []
    for tasks in alike.values():
        together.extend([tasks] if len(tasks) >= _BUNDLE_MIN else ([task] for task in tasks))
    return together


def _framed(nodes: list[Node], frames: list[Surround]) -> tuple[Node | Frame, ...]:
    """The nodes in their frames; a frame stands where its first node does."""
    outermost: list[int] = []
    inner: dict[int, list[int]] = {index: [] for index in range(len(frames))}
    for index, frame in enumerate(frames):
        outer = [other for other in range(index) if frame.tasks <= frames[other].tasks]
        (inner[outer[-1]] if outer else outermost).append(index)

    def members(inside: list[Node], candidates: list[int]) -> tuple[Node | Frame, ...]:
        found: list[Node | Frame] = []
        placed: set[int] = set()
        for node in inside:
            index = next((one for one in candidates if node.tasks[0] in frames[one].tasks), None)
            if index is None:
                found.append(node)
            elif index not in placed:
                placed.add(index)
                frame = frames[index]
                own = [each for each in inside if each.tasks[0] in frame.tasks]
                content = members(own, inner[index])
                found.append(Frame(f"f{index}", frame.kind, frame.title, frame.note, frame.doc, content))
        return tuple(found)

    return members(nodes, outermost)


def _edges(
    pipeline: Pipeline, plan: Plan, upstream: Mapping[str, tuple[str, ...]], node_of: Mapping[str, Node]
) -> list[Edge]:
    needed = reduced(upstream)
    critical = set(pairwise(plan.critical_path))
    found: dict[tuple[str, str], Edge] = {}
    for task in pipeline.tasks:
        sides = {side.decision: side.taken for side in task.branches}
        kept = set(needed[task.id])
        for parent in upstream[task.id]:
            ends = (node_of[parent].key, node_of[task.id].key)
            label: Label = "" if parent not in sides else "yes" if sides[parent] else "no"
            style: Style = "critical" if (parent, task.id) in critical else "plain" if parent in kept else "faint"
            if ends not in found or style == "critical":
                found[ends] = Edge(f"e{len(found)}", *ends, label=label, style=style)
    return list(found.values())


def _towards_finally(pipeline: Pipeline, plan: Plan, node_of: Mapping[str, Node]) -> list[Edge]:
    """An unseen edge from the end of the rest to `finally`, which would stand at the beginning else."""
    final = [task.id for task in pipeline.tasks if task.is_finally]
    level = {task.id: task.level for task in plan.tasks}
    rest = [task.id for task in pipeline.tasks if not task.is_finally]
    if not final or not rest:
        return []
    last = max(rest, key=lambda task: (level[task], task in plan.critical_path))
    first = min(level[task] for task in final)
    starts = [task for task in final if level[task] == first]
    end = node_of[last].key
    return [Edge(f"h{number}", end, node_of[task].key, style="hidden") for number, task in enumerate(starts)]
