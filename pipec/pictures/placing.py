"""Where everything of a scene goes: a layered drawing from left to right, with few crossings, by the layout kernel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipec.frozen import Frozen
from pipec.pictures import sizes
from pipec.pictures.elk.engine import NoPictureError, layout_kernel
from pipec.pictures.ports import IN, OUT, Point, Ports, ports, straightened
from pipec.pictures.scene import Edge, Frame, Node, Scene
from pipec.pictures.text_width import text_width

_OPTIONS = {
    "elk.algorithm": "layered",
    "elk.direction": "RIGHT",
    "elk.edgeRouting": "ORTHOGONAL",
    "elk.hierarchyHandling": "INCLUDE_CHILDREN",
    "elk.json.shapeCoords": "ROOT",
    "elk.json.edgeCoords": "ROOT",
    "elk.padding": "[top=0,left=0,bottom=0,right=0]",
    "elk.randomSeed": "1",
    "elk.spacing.nodeNode": "20",
    "elk.spacing.edgeNode": "14",
    "elk.spacing.edgeEdge": "10",
    "elk.layered.spacing.nodeNodeBetweenLayers": "40",
    "elk.layered.spacing.edgeNodeBetweenLayers": "16",
    "elk.layered.spacing.edgeEdgeBetweenLayers": "10",
    "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
    "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
    "elk.layered.crossingMinimization.greedySwitch.type": "TWO_SIDED",
}
_FINE, _LARGE = 150, 600
"""Up to so many nodes there is time for a second drawing; from so many on only for a quick one, which is higher."""

_MOST = 3000
"""More nodes would take longer than anybody waits."""

_DENSE = {
    "elk.spacing.nodeNode": "14",
    "elk.spacing.edgeNode": "10",
    "elk.spacing.edgeEdge": "6",
    "elk.layered.spacing.edgeNodeBetweenLayers": "12",
    "elk.layered.spacing.edgeEdgeBetweenLayers": "6",
}
_QUICK = {"elk.layered.nodePlacement.strategy": "BRANDES_KOEPF"}

_PRIORITY = {"critical": "10", "plain": "2", "faint": "1", "hidden": "0"}
"""Edges of a higher priority are the straighter and the shorter ones."""


class Rectangle(Frozen):
    x: float
    y: float
    width: float
    height: float


class Placed(Frozen):
    """Rectangles of nodes and frames by key; the points an edge runs through and the place of its label, likewise."""

    rectangles: dict[str, Rectangle]
    routes: dict[str, tuple[Point, ...]]
    labels: dict[str, Rectangle]
    width: float
    height: float


def place(scene: Scene) -> Placed:
    """Places a scene, its upper left corner at 0, 0. Raises NoPictureError: too large, or no extra.

    A first drawing finds the order of everything. In the second the critical path enters and leaves its nodes in the
    middle of their sides, so that its nodes stand in one line.
    """
    nodes = list(all_nodes(scene))
    if len(nodes) > _MOST:
        message = f"{len(nodes):,} boxes are more than the {_MOST:,} that can be drawn: --format dot has no limit"
        raise NoPictureError(message)
    with layout_kernel() as layout:
        if len(nodes) > _FINE:
            quick = _QUICK if len(nodes) > _LARGE else {}
            return _placed(layout(_graph(scene, _OPTIONS | _DENSE | quick, {})))
        first = _placed(layout(_graph(scene, _OPTIONS, {})))
        return _placed(layout(_graph(scene, _OPTIONS, ports(scene.edges, nodes, first.routes))))


def all_nodes(scene: Scene) -> Iterator[Node]:
    """Every node, in or outside frames."""

    def inside(members: tuple[Node | Frame, ...]) -> Iterator[Node]:
        for member in members:
            if isinstance(member, Node):
                yield member
            else:
                yield from inside(member.members)

    return inside(scene.members)


def _graph(scene: Scene, options: dict[str, str], fixed: Ports) -> dict[str, Any]:
    return {
        "id": "root",
        "layoutOptions": options,
        "children": [_child(member, fixed) for member in scene.members],
        "edges": [_edge(edge, is_fixed=bool(fixed)) for edge in scene.edges],
    }


def _placed(laid_out: dict[str, Any]) -> Placed:
    rectangles = {child["id"]: _rectangle(child) for child in _children(laid_out)}
    routes: dict[str, tuple[Point, ...]] = {}
    labels: dict[str, Rectangle] = {}
    for edge in laid_out["edges"]:
        (section,) = edge["sections"]
        points = [section["startPoint"], *section.get("bendPoints", []), section["endPoint"]]
        routes[edge["id"]] = straightened([(point["x"], point["y"]) for point in points])
        for label in edge.get("labels", []):
            labels[edge["id"]] = _rectangle(label)
    return Placed(rectangles, routes, labels, laid_out["width"], laid_out["height"])


def _child(member: Node | Frame, fixed: Ports) -> dict[str, Any]:
    if isinstance(member, Node):
        node: dict[str, Any] = {"id": member.key, "width": member.width, "height": member.height}
        if fixed:
            node["ports"] = [_port(member, name, height) for name, height in fixed[member.key].items()]
            node["layoutOptions"] = {"elk.portConstraints": "FIXED_POS"}
        return node
    pad = sizes.FRAME_PAD
    title = text_width(f"{member.title}  {member.note}", sizes.FRAME_TITLE_SIZE, is_bold=True) + 2 * pad
    return {
        "id": member.key,
        "children": [_child(inner, fixed) for inner in member.members],
        "layoutOptions": {
            "elk.padding": f"[top={sizes.FRAME_HEAD},left={pad},bottom={pad},right={pad}]",
            "elk.nodeSize.constraints": "MINIMUM_SIZE",
            "elk.nodeSize.minimum": f"({title:.0f},0)",
        },
    }


def _port(node: Node, name: str, height: float) -> dict[str, Any]:
    is_out = name.endswith(OUT)
    return {
        "id": name,
        "x": node.width if is_out else 0,
        "y": height,
        "layoutOptions": {"elk.port.side": "EAST" if is_out else "WEST"},
    }


def _edge(edge: Edge, *, is_fixed: bool) -> dict[str, Any]:
    priority = _PRIORITY[edge.style]
    written: dict[str, Any] = {
        "id": edge.key,
        "sources": [edge.key + OUT if is_fixed else edge.source],
        "targets": [edge.key + IN if is_fixed else edge.target],
        "layoutOptions": {
            "elk.layered.priority.straightness": priority,
            "elk.layered.priority.shortness": priority,
        },
    }
    if edge.label:
        width, height = sizes.EDGE_LABEL
        written["labels"] = [
            {
                "text": edge.label,
                "width": width,
                "height": height,
                "layoutOptions": {"elk.edgeLabels.inline": "true"},
            }
        ]
    return written


def _children(graph: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for child in graph.get("children", []):
        yield child
        yield from _children(child)


def _rectangle(shape: dict[str, Any]) -> Rectangle:
    return Rectangle(shape["x"], shape["y"], shape["width"], shape["height"])
