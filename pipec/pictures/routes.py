"""Lines along the points of a route, with round corners and an arrow at the end."""

from __future__ import annotations

from collections.abc import Sequence

from pipec.pictures.markup import number
from pipec.pictures.ports import Point

_RADIUS = 7.0
ARROW = 7.0


def rounded(points: Sequence[Point], shortened_by: float) -> str:
    """The data of a path through the points, which ends a little before the last of them."""
    points = [*points[:-1], _towards(points[-1], points[-2], shortened_by)]
    data = f"M{_at(points[0])}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_RADIUS, _distance(before, corner) / 2, _distance(corner, after) / 2)
        data += f"L{_at(_towards(corner, before, radius))}Q{_at(corner)} {_at(_towards(corner, after, radius))}"
    return f"{data}L{_at(points[-1])}"


def arrow(points: Sequence[Point], size: float = ARROW) -> str:
    """The data of a triangle whose tip is the end of a route."""
    tip, before = points[-1], points[-2]
    base = _towards(tip, before, size)
    across = ((tip[1] - base[1]) / 2, (base[0] - tip[0]) / 2)
    sides = ((base[0] + across[0], base[1] + across[1]), (base[0] - across[0], base[1] - across[1]))
    return f"M{_at(tip)}L{_at(sides[0])}L{_at(sides[1])}Z"


def _distance(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(start: Point, end: Point, distance: float) -> Point:
    """The point this far from the start on a line that is level or upright."""
    whole = _distance(start, end)
    if whole == 0:
        return start
    share = distance / whole
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"
