"""Where the nodes and edges of a graph are drawn: levels from left to right, few crossings, straight long edges.

Edges over several levels run through points of their own, so that they go around the nodes between. The work grows with
the number of nodes, edges and points, times the sweeps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil

from pipec.analysis.graph import reduced
from pipec.analysis.levels import levels

_SWEEPS = 8
_MOST_POINTS = 4000
"""Above so many points of long edges they are drawn as one curve each."""
_MOST_REDUCED = 2000
"""Up to so many tasks, edges that a longer way makes superfluous are left out."""
_TALLEST = 32
"""A level of more nodes than this stands in several columns."""


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels of a node, and the room around it."""

    width: float
    height: float
    column_gap: float
    row_gap: float


@dataclass(frozen=True, slots=True)
class Edge:
    """A curve from a task to one downstream: `path` is that of SVG."""

    upstream: str
    downstream: str
    path: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The drawing: the upper left corners of the nodes, the edges, and the size of it all."""

    width: float
    height: float
    nodes: Mapping[str, tuple[float, float]]
    edges: Sequence[Edge]


@dataclass(slots=True)
class _Item:
    """A node, or a point of an edge in a level between its ends."""

    task: str | None
    level: int
    size: float
    before: list[_Item] = field(default_factory=list)
    after: list[_Item] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0
    """Of its middle."""


def lay_out(upstream: Mapping[str, Sequence[str]], size: Size) -> Layout:
    """The drawing of a graph given by the direct upstream tasks of every task."""
    slim = reduced(upstream) if len(upstream) <= _MOST_REDUCED else upstream
    rows = levels(slim)
    node_pitch, point_pitch = size.height + size.row_gap, size.row_gap + 4
    items = {task: _Item(task, level, node_pitch) for level, row in enumerate(rows) for task in row}
    grid = [[items[task] for task in row] for row in rows]
    routes = _route(slim, items, grid, point_pitch)
    _order(grid)
    _set_heights(grid)
    widths = _set_columns(grid, size)
    top = min((item.y for row in grid for item in row), default=0.0)
    bottom = max((item.y for row in grid for item in row), default=0.0)
    for row in grid:
        for item in row:
            item.y += node_pitch / 2 - top
    return Layout(
        width=max(widths - size.column_gap, 0.0),
        height=bottom - top + node_pitch,
        nodes={task: (item.x, item.y - size.height / 2) for task, item in items.items()},
        edges=[Edge(first, last, _curve(route, size)) for first, last, route in routes],
    )


def _route(
    upstream: Mapping[str, Sequence[str]], items: dict[str, _Item], grid: list[list[_Item]], point_pitch: float
) -> list[tuple[str, str, list[_Item]]]:
    """Every edge as the items it goes through, which are linked with one another."""
    spans = sum(items[task].level - items[parent].level - 1 for task, parents in upstream.items() for parent in parents)
    routes = []
    for task, parents in upstream.items():
        for parent in parents:
            first, last = items[parent], items[task]
            between = range(first.level + 1, last.level) if spans <= _MOST_POINTS else ()
            points = [_Item(None, level, point_pitch) for level in between]
            for point in points:
                grid[point.level].append(point)
            route = [first, *points, last]
            for one, other in pairwise(route):
                one.after.append(other)
                other.before.append(one)
            routes.append((parent, task, route))
    return routes


def _order(grid: list[list[_Item]]) -> None:
    """Put every item near the middle of its neighbours, from left to right and back: crossings become few."""
    _stack(grid)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for row in grid if forward else reversed(grid):
            row.sort(key=lambda item: _middle(item, item.before if forward else item.after))
            _stack([row])


def _stack(grid: list[list[_Item]]) -> None:
    """Items above one another without gaps, the middle of each level at 0."""
    for row in grid:
        y = -sum(item.size for item in row) / 2
        for item in row:
            item.y = y + item.size / 2
            y += item.size


def _middle(item: _Item, neighbours: list[_Item]) -> float:
    return sum(each.y for each in neighbours) / len(neighbours) if neighbours else item.y


def _set_heights(grid: list[list[_Item]]) -> None:
    """Move items, their order kept, as near to the middle of their neighbours as the others of the level allow."""
    for row in grid:
        if _columns(row) > 1:
            _stack_in_columns(row)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for row in grid if forward else reversed(grid):
            if _columns(row) == 1:
                _settle(row, [_middle(item, item.before if forward else item.after) for item in row])


def _settle(row: list[_Item], wanted: list[float]) -> None:
    """The heights nearest to those wanted with every item its own room: adjacent ones that collide move as a block."""
    blocks: list[tuple[float, int]] = []
    offset = 0.0
    offsets = []
    for item, height in zip(row, wanted, strict=True):
        offsets.append(offset + item.size / 2)
        mean, count = height - offsets[-1], 1
        while blocks and blocks[-1][0] > mean:
            other, others = blocks.pop()
            mean, count = (mean * count + other * others) / (count + others), count + others
        blocks.append((mean, count))
        offset += item.size
    position = 0
    for mean, count in blocks:
        for item in row[position : position + count]:
            item.y = mean + offsets[position]
            position += 1


def _columns(row: list[_Item]) -> int:
    return ceil(sum(item.task is not None for item in row) / _TALLEST)


def _stack_in_columns(row: list[_Item]) -> None:
    """Nodes line by line over the columns; points of edges between the lines where they were."""
    columns = _columns(row)
    y, filled, line = 0.0, 0, 0.0
    for item in row:
        if item.task is None:
            item.y = y + item.size / 2
            y += item.size
            continue
        if filled % columns == 0:
            line, y = y + item.size / 2, y + item.size
        item.y = line
        filled += 1
    for item in row:
        item.y -= y / 2


def _set_columns(grid: list[list[_Item]], size: Size) -> float:
    """Set the left edges; the x where the next level would begin."""
    x = 0.0
    inner_gap = size.column_gap / 3
    for row in grid:
        columns = max(1, _columns(row))
        filled = 0
        for item in row:
            item.x = x + (filled % columns) * (size.width + inner_gap)
            filled += item.task is not None
            if item.task is None:
                item.x = x
        x += columns * size.width + (columns - 1) * inner_gap + size.column_gap
    return x


def _curve(route: list[_Item], size: Size) -> str:
    """From the right side of the first node through the points, level at each of them, to the left side of the last."""
    first = route[0]
    parts = [f"M{first.x + size.width:.1f} {first.y:.1f}"]
    from_x, from_y = first.x + size.width, first.y
    for item in route[1:]:
        half = max((item.x - from_x) / 2, 8.0)
        parts.append(f"C{from_x + half:.1f} {from_y:.1f} {item.x - half:.1f} {item.y:.1f} {item.x:.1f} {item.y:.1f}")
        from_x, from_y = item.x, item.y
        if item.task is None:
            from_x += size.width
            parts.append(f"H{from_x:.1f}")
    return "".join(parts)
