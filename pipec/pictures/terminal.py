"""The graph of a pipeline in characters, as `git log --graph` draws: a line a task, lanes for what waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipec.analysis.plan import Plan
from pipec.ir.model import Pipeline
from pipec.pictures.building import scene_of
from pipec.pictures.nodes import times_text
from pipec.pictures.placing import all_nodes
from pipec.pictures.scene import Edge, Node

_MOST_NODES, _MOST_LANES = 60, 16
_MARKS = {("task", True): "●", ("task", False): "○", ("decision", True): "◆", ("decision", False): "◇"}
_TURNS = {
    # from the left, to the right, upwards, downwards
    (True, False, False, True): "╮",
    (False, True, False, True): "╭",
    (True, False, True, False): "╯",
    (False, True, True, False): "╰",
    (True, False, True, True): "┤",
    (False, True, True, True): "├",
    (True, True, True, True): "┼",
    (True, True, False, True): "┬",
    (True, True, True, False): "┴",
    (True, True, False, False): "─",
    (False, False, True, True): "│",
}


def graph_text(pipeline: Pipeline, plan: Plan) -> str:
    """The graph, a line for each task or bundle, or a line that says why there is none. Each ends in a newline."""
    scene = scene_of(pipeline, plan)
    nodes = sorted(all_nodes(scene), key=lambda node: (_level(plan, node), int(node.key[1:])))
    edges = [edge for edge in scene.edges if edge.style in ("plain", "critical")]
    drawn = list(_rows(nodes, edges)) if len(nodes) <= _MOST_NODES else []
    width = max((len(lanes) for lanes, _ in drawn), default=0)
    if len(nodes) > _MOST_NODES or width > 2 * _MOST_LANES:
        return "the graph is too large for a terminal: draw it with --format html\n"
    times = {task.id: times_text(plan, task) for task in plan.tasks}
    said = {edge.target: edge.label for edge in edges if edge.label}
    final = {task.id for task in pipeline.tasks if task.is_finally}
    lines = []
    for lanes, node in drawn:
        text = ""
        if node is not None:
            side = "finally" if node.tasks[0] in final else said.get(node.key, "")
            text = (f"{side}: " if side else "") + _text(node, times)
        lines.append(f"{lanes:<{width}}  {text}".rstrip())
    return "".join(f"{line}\n" for line in lines)


def _level(plan: Plan, node: Node) -> int:
    return next(task.level for task in plan.tasks if task.id == node.tasks[0])


def _text(node: Node, times: dict[str, str]) -> str:
    name = node.tasks[0] if len(node.tasks) == 1 else f"{node.title} {node.keys}"
    time = times[node.tasks[0]] if len(node.tasks) == 1 else node.detail
    condition = f"  if {node.detail}" if node.shape == "decision" else ""
    return f"{name}{condition}  {time}"


def _rows(nodes: Sequence[Node], edges: Sequence[Edge]) -> Iterator[tuple[str, Node | None]]:
    """The lanes of each line, and the node it is of; None for lines that only lead from one lane to another.

    A lane is of the node that it leads to, whoever else joins it on its way.
    """
    children: dict[str, list[str]] = {node.key: [] for node in nodes}
    for edge in sorted(edges, key=lambda edge: edge.style != "critical"):  # the critical path keeps its lane
        children[edge.source].append(edge.target)
    lanes: list[str | None] = []
    for node in nodes:
        column = lanes.index(node.key) if node.key in lanes else _free(lanes)
        _set(lanes, column, node.key)
        mark = _MARKS["decision" if node.shape == "decision" else "task", node.tone == "critical"]
        yield _spaced([mark if index == column else "│" if lane else " " for index, lane in enumerate(lanes)]), node
        before = list(lanes)
        lanes[column] = None
        joined = [lanes.index(child) for child in children[node.key] if child in lanes]
        opened = []
        for child in children[node.key]:
            if child not in lanes:
                place = column if lanes[column] is None else _free(lanes)
                _set(lanes, place, child)
                opened.append(place)
        ends = [place for place in (*joined, *opened) if place != column]
        if ends:
            yield _turning(column, ends, before, lanes), None
        while lanes and lanes[-1] is None:
            lanes.pop()


def _free(lanes: list[str | None]) -> int:
    return lanes.index(None) if None in lanes else len(lanes)


def _set(lanes: list[str | None], place: int, key: str) -> None:
    lanes.extend([None] * (place + 1 - len(lanes)))
    lanes[place] = key


def _turning(column: int, ends: Sequence[int], before: Sequence[str | None], after: Sequence[str | None]) -> str:
    """The line below a node that leads from its lane to others; lanes that it only crosses stand in front."""
    first, last = min(column, *ends), max(column, *ends)
    line = ""
    for index in range(max(len(before), len(after))):
        above = index < len(before) and before[index] is not None
        below = index < len(after) and after[index] is not None
        is_part = index == column or index in ends
        left, right = first < index <= last, first <= index < last
        if is_part or not above:
            line += _TURNS.get((left, right, above, below), " ")
        else:
            line += "│"
        line += "─" if right else " "
    return line.rstrip()


def _spaced(marks: Sequence[str]) -> str:
    return " ".join(marks).rstrip()
