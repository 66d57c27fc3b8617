"""At which heights edges enter and leave nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipec.pictures.scene import Edge, Node

Point = tuple[float, float]
Ports = dict[str, dict[str, float]]
"""By node, then by edge and end: the distance from the upper side of the node."""

IN, OUT = "in", "out"
_STEP = 10.0
_CORNER = 6.0
"""What stays free at the corners of nodes."""
_NEARLY = 1.5


def ports(edges: Sequence[Edge], nodes: Sequence[Node], routes: Mapping[str, Sequence[Point]]) -> Ports:
    """The ports of all nodes, in the order the routes have them; that of a critical edge is in the middle."""
    sides: dict[tuple[str, str], list[tuple[float, Edge]]] = {}
    for edge in edges:
        sides.setdefault((edge.source, OUT), []).append((routes[edge.key][0][1], edge))
        sides.setdefault((edge.target, IN), []).append((routes[edge.key][-1][1], edge))
    found: Ports = {node.key: {} for node in nodes}
    height = {node.key: node.height for node in nodes}
    for (node, end), side in sides.items():
        ordered = [edge for _, edge in sorted(side, key=lambda pair: pair[0])]
        for edge, offset in zip(ordered, _offsets(ordered, height[node]), strict=True):
            found[node][edge.key + end] = offset
    return found


def _offsets(edges: Sequence[Edge], height: float) -> list[float]:
    """Heights for edges from top to bottom, at equal distances."""
    middle = next((index for index, edge in enumerate(edges) if edge.style == "critical"), None)
    centre = (len(edges) - 1) / 2 if middle is None else middle
    farthest = max(centre, len(edges) - 1 - centre)
    step = min(_STEP, (height / 2 - _CORNER) / farthest) if farthest else 0.0
    return [float(round(height / 2 + (index - centre) * step)) for index in range(len(edges))]


def straightened(points: Sequence[Point]) -> tuple[Point, ...]:
    """The route without the steps of less than a pixel that stem from rounding at frames."""
    found = [points[0]]
    for x, y in points[1:]:
        before = found[-1]
        point = (before[0] if abs(x - before[0]) < _NEARLY else x, before[1] if abs(y - before[1]) < _NEARLY else y)
        if len(found) > 1 and (found[-2][0] == before[0] == point[0] or found[-2][1] == before[1] == point[1]):
            found.pop()
        if point != before or len(found) == 1:
            found.append(point)
    return tuple(found)
