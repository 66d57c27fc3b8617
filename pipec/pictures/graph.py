"""The picture of the graph of a pipeline: frames, edges, nodes, a heading and a legend."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from pipec.analysis.plan import Plan
from pipec.ir.model import Pipeline
from pipec.pictures import sizes
from pipec.pictures.building import scene_of
from pipec.pictures.drawn_nodes import draw_node
from pipec.pictures.facts import Facts, all_facts
from pipec.pictures.heading import HEADING_HEIGHT, draw_heading, summary
from pipec.pictures.legend import draw_legend
from pipec.pictures.markup import picture, shape, styled, titled, words, written
from pipec.pictures.placing import Placed, Rectangle, all_nodes, place
from pipec.pictures.ports import Point
from pipec.pictures.routes import ARROW, arrow, rounded
from pipec.pictures.scene import Edge, Frame, Node, Scene

_MARGIN = 24.0
_LEAST_WIDTH = 560.0


def graph_svg(pipeline: Pipeline, plan: Plan) -> str:
    """An SVG document that stands on its own. Raises MissingExtraError without the extra `pictures`."""
    scene = scene_of(pipeline, plan)
    placed = place(scene)
    width = max(placed.width + 2 * _MARGIN, _LEAST_WIDTH)
    legend = Element("g")
    below = draw_legend(legend, scene, plan, width - 2 * _MARGIN)
    top = _MARGIN + HEADING_HEIGHT
    height = top + placed.height + _MARGIN + below + _MARGIN
    root = picture("graph", width, height, pipeline.name, f"{summary(plan)}. {pipeline.doc or ''}".strip())
    styled(root, width, height)
    draw_heading(root, pipeline.name, summary(plan), _MARGIN, width - 2 * _MARGIN)
    body = shape(root, "g", transform=f"translate({_MARGIN:g} {top:g})")
    draw_scene(body, scene, placed, all_facts(pipeline, plan))
    legend.set("transform", f"translate({_MARGIN:g} {top + placed.height + _MARGIN:g})")
    root.append(legend)
    return written(root)


def draw_scene(parent: Element, scene: Scene, placed: Placed, facts: dict[str, Facts]) -> None:
    """Frames behind edges behind nodes; critical edges over the others."""
    for member in scene.members:
        _draw_frames(parent, member, placed, 0)
    nodes = {node.key: node for node in sorted(all_nodes(scene), key=lambda node: int(node.key[1:]))}
    order = ("faint", "plain", "critical")
    for edge in sorted((edge for edge in scene.edges if edge.style in order), key=lambda edge: order.index(edge.style)):
        _draw_edge(parent, edge, placed, nodes)
    for node in nodes.values():
        draw_node(parent, node, placed.rectangles[node.key], facts)


def _draw_frames(parent: Element, member: Node | Frame, placed: Placed, depth: int) -> None:
    if isinstance(member, Node):
        return
    at = placed.rectangles[member.key]
    group = shape(parent, "g")
    if member.doc:
        titled(group, f"{member.title}\n{member.doc}")
    if member.kind == "map":
        for sheet in (2, 1):
            off = sheet * sizes.STACK
            shape(group, "rect", "sheet", x=at.x + off, y=at.y + off, width=at.width, height=at.height, rx=10)
    name = " ".join(["frame", member.kind, *(["inner"] if depth % 2 else [])])
    shape(group, "rect", name, x=at.x, y=at.y, width=at.width, height=at.height, rx=10)
    title = words(group, "text frame-title", at.x + sizes.FRAME_PAD, at.y + 20, member.title)
    if member.note:
        note = shape(title, "tspan", "soft frame-note", dx=8)
        note.text = member.note
    for inner in member.members:
        _draw_frames(parent, inner, placed, depth + 1)


def _draw_edge(parent: Element, edge: Edge, placed: Placed, nodes: dict[str, Node]) -> None:
    points = attached(placed.routes[edge.key], edge, placed, nodes)
    ends = {"data_from": edge.source, "data_to": edge.target}
    name = "" if edge.style == "plain" else f" {edge.style}"
    size = ARROW + 2 if edge.style == "critical" else ARROW
    shape(parent, "path", f"edge{name}", d=rounded(points, size - 1), **ends)
    shape(parent, "path", f"arrow{name}", d=arrow(points, size), **ends)
    if edge.label:
        at = placed.labels[edge.key]
        shape(parent, "rect", f"side{name}", x=at.x, y=at.y, width=at.width, height=at.height, rx=at.height / 2, **ends)
        words(parent, "text badge middle strong", at.x + at.width / 2, at.y + at.height / 2 + 3.5, edge.label)


def attached(route: tuple[Point, ...], edge: Edge, placed: Placed, nodes: dict[str, Node]) -> list[Point]:
    """The points of an edge, lengthened to the slanting sides of decisions: the kernel knows their rectangles only."""
    points = list(route)
    if nodes[edge.source].shape == "decision":
        points[0] = (points[0][0] - _indent(placed.rectangles[edge.source], points[0][1]), points[0][1])
    if nodes[edge.target].shape == "decision":
        points[-1] = (points[-1][0] + _indent(placed.rectangles[edge.target], points[-1][1]), points[-1][1])
    return points


def _indent(at: Rectangle, y: float) -> float:
    """How far the side of a hexagon stands back from its corner at this height."""
    half = at.height / 2
    return sizes.SLANT * min(1.0, abs(y - at.y - half) / half)
