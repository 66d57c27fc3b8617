"""What the shapes and colours of a picture mean; only what the picture shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

from pipec.analysis.plan import Plan
from pipec.pictures.markup import path_of, shape, words
from pipec.pictures.placing import all_nodes
from pipec.pictures.routes import arrow
from pipec.pictures.scene import Frame, Node, Scene
from pipec.pictures.text_width import text_width

_TONES = {
    "critical": "critical: a delay delays the end",
    "tight": "slack up to 10 % of the critical path",
    "some": "slack up to a third",
    "ample": "more slack",
    "idle": "does not run",
}
_ROW = 22.0
_GAP = 22.0
_SIGN = 30.0

Sign = Callable[[Element, float, float], None]


def draw_legend(parent: Element, scene: Scene, plan: Plan, width: float) -> float:
    """Draws the legend at 0, 0, no wider than this, and returns its height."""
    x = y = 0.0
    for sign, text in _entries(scene):
        wide = _SIGN + text_width(text, 11)
        if x and x + wide > width:
            x, y = 0.0, y + _ROW
        sign(parent, x, y + _ROW / 2)
        words(parent, "soft detail", x + _SIGN, y + _ROW / 2 + 4, text)
        x += wide + _GAP
    return y + _ROW


def _entries(scene: Scene) -> Iterator[tuple[Sign, str]]:
    nodes, frames = list(all_nodes(scene)), list(_frames(scene.members))
    tones = {node.tone for node in nodes} | {chip.tone for node in nodes for chip in node.chips}
    for tone, text in _TONES.items():
        if tone in tones:
            yield _swatch(tone), text
    if any(edge.style == "critical" for edge in scene.edges):
        yield _line("critical"), "critical path"
    if any(edge.style == "faint" for edge in scene.edges):
        yield _line("faint"), "further need, ordered already"
    if any(node.shape == "decision" for node in nodes):
        yield _hexagon, "decision"
    if any(frame.kind == "map" for frame in frames):
        yield _sheets, "once for each item"


def _frames(members: tuple[Node | Frame, ...]) -> Iterator[Frame]:
    for member in members:
        if isinstance(member, Frame):
            yield member
            yield from _frames(member.members)


def _swatch(tone: str) -> Sign:
    def sign(parent: Element, x: float, y: float) -> None:
        group = shape(parent, "g", tone)
        shape(group, "rect", "box", x=x + 1, y=y - 6, width=22, height=12, rx=3)
        shape(group, "rect", f"bar {tone}", x=x + 1, y=y - 6, width=6, height=12, rx=2)

    return sign


def _line(name: str) -> Sign:
    def sign(parent: Element, x: float, y: float) -> None:
        points = [(x, y), (x + 24, y)]
        shape(parent, "path", f"edge {name}", d=path_of([(x, y), (x + 18, y)]))
        shape(parent, "path", f"arrow {name}", d=arrow(points))

    return sign


def _hexagon(parent: Element, x: float, y: float) -> None:
    corners = [(x, y), (x + 6, y - 6), (x + 18, y - 6), (x + 24, y), (x + 18, y + 6), (x + 6, y + 6)]
    shape(parent, "path", "box", d=path_of(corners) + "Z")


def _sheets(parent: Element, x: float, y: float) -> None:
    for off in (4, 2, 0):
        name = "sheet" if off else "frame map"
        shape(parent, "rect", name, x=x + off, y=y - 7 + off, width=18, height=10, rx=2)
