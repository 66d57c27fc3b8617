"""What a picture of a pipeline shows, before anything has a place: nodes with sizes, edges, frames around nodes."""

from __future__ import annotations

from typing import Literal

from pipec.frozen import Frozen

Tone = Literal["critical", "tight", "some", "ample", "idle"]
"""How much slack a task has; an idle one does not run."""

Label = Literal["", "yes", "no"]
Style = Literal["plain", "critical", "faint", "hidden"]


class Chip(Frozen):
    """One instance in a bundle."""

    task: str
    label: str
    tone: Tone


class Node(Frozen):
    """A box to place: a task, a decision, or a bundle of instances with the same neighbours. Sizes in pixels."""

    key: str
    shape: Literal["task", "decision", "bundle"]
    tasks: tuple[str, ...]
    title: str
    keys: str
    detail: str
    badge: str
    tone: Tone
    width: float
    height: float
    chips: tuple[Chip, ...] = ()
    columns: int = 1


class Frame(Frozen):
    """A box around others. `note` stands behind its title."""

    key: str
    kind: Literal["group", "map", "finally"]
    title: str
    note: str
    doc: str | None
    members: tuple[Node | Frame, ...]


class Edge(Frozen):
    """From a node to a node, by their keys.

    A faint one carries data or order that a longer way between the two carries already; a hidden one only has a say in
    where its ends are placed.
    """

    key: str
    source: str
    target: str
    label: Label = ""
    style: Style = "plain"


class Scene(Frozen):
    """All there is to draw of a pipeline."""

    members: tuple[Node | Frame, ...]
    edges: tuple[Edge, ...]
