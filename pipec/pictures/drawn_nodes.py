"""Boxes of tasks, hexagons of decisions, and bundles of chips."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from pipec.pictures import sizes
from pipec.pictures.facts import Facts
from pipec.pictures.markup import path_of, shape, titled, words
from pipec.pictures.placing import Rectangle
from pipec.pictures.scene import Node

_BAR = 5.0
_ROUND = 7.0


def draw_node(parent: Element, node: Node, at: Rectangle, facts: dict[str, Facts]) -> None:
    """A node and, for who points at it, what there is to know."""
    group = shape(parent, "g", f"node {node.shape} {node.tone}", data_node=node.key)
    if node.shape == "bundle":
        titled(group, f"{node.title} {node.keys}\n{node.detail}")
    else:
        group.set("data-task", node.tasks[0])
        titled(group, facts[node.tasks[0]].text())
    if node.shape == "decision":
        _draw_hexagon(group, node, at)
    else:
        shape(group, "rect", "box", x=at.x, y=at.y, width=at.width, height=at.height, rx=_ROUND)
        shape(group, "path", f"bar {node.tone}", d=_bar(at.x, at.y, at.height))
    left = at.x + sizes.NODE_PAD + (sizes.SLANT if node.shape == "decision" else 0)
    title = words(group, "text title", left, at.y + 20, node.title)
    if node.keys:
        shape(title, "tspan", "soft detail", dx=6).text = node.keys
    words(group, "soft detail", left, at.y + 36, node.detail)
    if node.badge:
        words(group, "soft badge end", at.x + at.width - sizes.NODE_PAD + 4, at.y + 36, node.badge)
    if node.shape == "bundle":
        _draw_chips(group, node, at, facts)


def _draw_hexagon(group: Element, node: Node, at: Rectangle) -> None:
    right, middle, bottom = at.x + at.width, at.y + at.height / 2, at.y + at.height
    inner, far = at.x + sizes.SLANT, right - sizes.SLANT
    corners = [(at.x, middle), (inner, at.y), (far, at.y), (right, middle), (far, bottom), (inner, bottom)]
    shape(group, "path", "box", d=path_of(corners) + "Z", stroke_linejoin="round")
    back = [(inner + _BAR, bottom), (at.x + _BAR, middle), (inner + _BAR, at.y)]
    shape(group, "path", f"bar {node.tone}", d=path_of([corners[1], corners[0], corners[5], *back]) + "Z")


def _bar(x: float, y: float, height: float) -> str:
    """The stripe along the left side of a box, round where the box is."""
    bottom = y + height
    return (
        f"M{x + _BAR:.1f} {y:.1f}Q{x:.1f} {y:.1f} {x:.1f} {y + _ROUND:.1f}"
        f"V{bottom - _ROUND:.1f}Q{x:.1f} {bottom:.1f} {x + _BAR:.1f} {bottom:.1f}Z"
    )


def _draw_chips(group: Element, node: Node, at: Rectangle, facts: dict[str, Facts]) -> None:
    width = (at.width - 2 * sizes.NODE_PAD + sizes.CHIP_GAP) / node.columns - sizes.CHIP_GAP
    for index, chip in enumerate(node.chips):
        row, column = divmod(index, node.columns)
        x = at.x + sizes.NODE_PAD + column * (width + sizes.CHIP_GAP)
        y = at.y + sizes.BUNDLE_HEAD + row * (sizes.CHIP_HEIGHT + sizes.CHIP_GAP)
        inner = shape(group, "g", f"instance {chip.tone}", data_node=node.key, data_task=chip.task)
        titled(inner, facts[chip.task].text())
        shape(inner, "rect", "chip", x=x, y=y, width=width, height=sizes.CHIP_HEIGHT, rx=4)
        shape(inner, "rect", f"bar {chip.tone}", x=x, y=y, width=3, height=sizes.CHIP_HEIGHT, rx=1.5)
        name = "text detail middle" + (" strong" if chip.tone == "critical" else "")
        words(inner, name, x + width / 2 + 1, y + sizes.CHIP_HEIGHT / 2 + 4, chip.label)
