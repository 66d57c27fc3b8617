"""The graph of a run with the states of its tasks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipec.analysis.levels import levels

from .chain import Link
from .instances import segments
from .layout import Size, lay_out
from .rows import Row
from .shape import Shape
from .wording import cut

MOST_NODES = 1000
_ROOMY_NODES = 60
_LETTER = 7.0
"""Pixels a letter of a name takes, at most on average."""
_SMALL_LETTER = 6.4
_SIGN_WIDTH = 38.0
_PAGE_WIDTH = 1096.0
"""Names are cut so that all levels fit into it, where 14 letters of each can be shown."""
_MARGIN = 8.0


@dataclass(frozen=True, slots=True)
class Node:
    """A task: its upper left corner, what it shows, and the number of its line in the table."""

    x: float
    y: float
    row: Row
    label: str
    detail: str
    is_critical: bool
    title: str


@dataclass(frozen=True, slots=True)
class Curve:
    path: str
    is_critical: bool


@dataclass(frozen=True, slots=True)
class GraphChart:
    """The drawing; nodes are of one size."""

    width: float
    height: float
    node_width: float
    node_height: float
    nodes: Sequence[Node]
    curves: Sequence[Curve]
    is_roomy: bool


def graph_chart(shape: Shape, rows: Sequence[Row], chain: Sequence[Link], details: dict[str, str]) -> GraphChart | None:
    """The drawing of the pipeline's own tasks; None where the pipeline is not known or larger than one can see."""
    if shape.root is None or not 0 < len(shape.root.tasks) <= MOST_NODES:
        return None
    upstream = shape.upstream(shape.root)
    is_roomy = len(shape.root.tasks) <= _ROOMY_NODES
    letter, gap = (_LETTER, 40.0) if is_roomy else (_SMALL_LETTER, 36.0)
    columns = min(max(map(len, upstream)), 26)
    room = int((_PAGE_WIDTH / len(levels(upstream)) - gap - _SIGN_WIDTH) / letter)
    columns = max(min(columns, room), 14)
    size = Size(columns * letter + _SIGN_WIDTH, *((40.0, gap, 14.0) if is_roomy else (20.0, gap, 6.0)))
    layout = lay_out(upstream, size)
    critical, links = _critical_tasks(shape, chain)
    of_task = {row.task: row for row in rows}
    nodes = [
        Node(
            x + _MARGIN,
            y + _MARGIN,
            of_task[task],
            cut(task, columns),
            details[task],
            task in critical,
            f"{task}: {of_task[task].state}\n{details[task]}",
        )
        for task, (x, y) in layout.nodes.items()
    ]
    curves = [Curve(edge.path, (edge.upstream, edge.downstream) in links) for edge in layout.edges]
    curves.sort(key=lambda curve: curve.is_critical)
    return GraphChart(
        layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN, size.width, size.height, nodes, curves, is_roomy
    )


def _critical_tasks(shape: Shape, chain: Sequence[Link]) -> tuple[Collection[str], Collection[tuple[str, str]]]:
    """The pipeline's own tasks that the chain goes through, and its steps between two of them."""
    path = [segments(shape.place(link.instance).row)[0] for link in chain]
    return set(path), set(pairwise(path))
