"""Three ways to learn numbers from rows, in plain Python. A model is plain JSON; `predict` knows them all."""

import math
from collections.abc import Callable, Sequence
from statistics import fmean, pstdev
from typing import Any

Rows = Sequence[Sequence[float]]
Model = dict[str, Any]

NEIGHBOURS = 7
DEPTH = 4
SMALLEST_LEAF = 8


def fit(algorithm: str, rows: Rows, targets: Sequence[float]) -> Model:
    return {"algorithm": algorithm, **_FIT[algorithm](rows, targets)}


def predict(model: Model, row: Sequence[float]) -> float:
    match model["algorithm"]:
        case "linear":
            return float(math.fsum(weight * value for weight, value in zip(model["weights"], [1.0, *row], strict=True)))
        case "knn":
            scaled = _scaled(row, model["scales"])
            nearest = sorted(model["rows"], key=lambda other: math.dist(other[0], scaled))[:NEIGHBOURS]
            return fmean(target for _, target in nearest)
        case _:
            node = model["tree"]
            while isinstance(node, list):
                column, threshold, below, above = node
                node = below if row[column] < threshold else above
            return float(node)


def _fit_linear(rows: Rows, targets: Sequence[float]) -> Model:
    """Least squares by the normal equations, with a trace of a ridge that keeps them solvable."""
    table = [[1.0, *row] for row in rows]
    size = len(table[0])
    system = [
        [math.fsum(row[i] * row[j] for row in table) + (1e-9 if i == j else 0.0) for j in range(size)]
        + [math.fsum(row[i] * target for row, target in zip(table, targets, strict=True))]
        for i in range(size)
    ]
    return {"weights": _solve(system)}


def _solve(system: list[list[float]]) -> list[float]:
    """Gauss and Jordan, with the largest pivot first. The last column is the right side."""
    size = len(system)
    for i in range(size):
        pivot = max(range(i, size), key=lambda row: abs(system[row][i]))
        system[i], system[pivot] = system[pivot], system[i]
        system[i] = [value / system[i][i] for value in system[i]]
        for j in range(size):
            if j != i:
                system[j] = [a - system[j][i] * b for a, b in zip(system[j], system[i], strict=True)]
    return [row[-1] for row in system]


def _fit_knn(rows: Rows, targets: Sequence[float]) -> Model:
    scales = [[fmean(column), pstdev(column) or 1.0] for column in zip(*rows, strict=True)]
    return {"scales": scales, "rows": [[_scaled(row, scales), t] for row, t in zip(rows, targets, strict=True)]}


def _scaled(row: Sequence[float], scales: Sequence[Sequence[float]]) -> list[float]:
    return [(value - mean) / deviation for value, (mean, deviation) in zip(row, scales, strict=True)]


def _fit_tree(rows: Rows, targets: Sequence[float]) -> Model:
    return {"tree": _grow(rows, targets, DEPTH)}


def _grow(rows: Rows, targets: Sequence[float], depth: int) -> Any:
    """A number (a leaf), or `[column, threshold, below, above]`."""
    best: tuple[float, int, float] | None = None
    for column in range(len(rows[0]) if depth else 0):
        ordered = sorted(zip((row[column] for row in rows), targets, strict=True))
        total, below = math.fsum(targets), 0.0
        for count, (value, target) in enumerate(ordered[:-1], start=1):
            below += target
            above = ordered[count][0]
            if min(count, len(ordered) - count) < SMALLEST_LEAF or value == above:
                continue
            gain = below**2 / count + (total - below) ** 2 / (len(ordered) - count)
            if best is None or gain > best[0]:
                best = (gain, column, (value + above) / 2.0)
    if best is None:
        return fmean(targets)
    _, column, threshold = best
    sides = ([i for i, row in enumerate(rows) if (row[column] < threshold) is low] for low in (True, False))
    return [column, threshold, *(_grow([rows[i] for i in s], [targets[i] for i in s], depth - 1) for s in sides)]


_FIT: dict[str, Callable[[Rows, Sequence[float]], Model]] = {
    "linear": _fit_linear,
    "knn": _fit_knn,
    "tree": _fit_tree,
}
