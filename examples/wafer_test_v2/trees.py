"""Regression trees and two ways to combine them, in plain Python: small stand-ins for the real libraries.

A tree is a number (a leaf) or `[column, threshold, below, above]`; a forest is `{"base", "rate", "trees"}` and predicts
`base + rate * sum(trees)`. Both are plain JSON.
"""

import math
import random
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean
from typing import Any

Rows = Sequence[Sequence[float]]
Tree = Any
Forest = dict[str, Any]

SMALLEST_LEAF = 4


def predict(forest: Forest, row: Sequence[float]) -> float:
    return float(forest["base"] + forest["rate"] * math.fsum(_follow(tree, row) for tree in forest["trees"]))


def fit_bagged(rows: Rows, targets: Sequence[float], trees: int = 30, depth: int = 5, seed: int = 1) -> Forest:
    """The mean of deep trees, each grown on rows drawn with replacement: a random forest without column sampling."""
    generator = random.Random(seed)
    grown = []
    for _ in range(trees):
        drawn = generator.choices(range(len(rows)), k=len(rows))
        grown.append(_grow([rows[i] for i in drawn], [targets[i] for i in drawn], depth, bins=None))
    return {"base": 0.0, "rate": 1.0 / trees, "trees": grown}


def fit_boosted(
    rows: Rows, targets: Sequence[float], trees: int = 60, depth: int = 2, rate: float = 0.2, bins: int | None = None
) -> Forest:
    """Each shallow tree corrects what the ones before it got wrong. With `bins`, thresholds come from a histogram."""
    forest: Forest = {"base": fmean(targets), "rate": rate, "trees": []}
    residuals = [target - forest["base"] for target in targets]
    for _ in range(trees):
        tree = _grow(rows, residuals, depth, bins)
        forest["trees"].append(tree)
        residuals = [residual - rate * _follow(tree, row) for row, residual in zip(rows, residuals, strict=True)]
    return forest


def _follow(tree: Tree, row: Sequence[float]) -> float:
    while isinstance(tree, list):
        column, threshold, below, above = tree
        tree = below if row[column] < threshold else above
    return float(tree)


def _grow(rows: Rows, targets: Sequence[float], depth: int, bins: int | None) -> Tree:
    split = _best_split(rows, targets, bins) if depth and len(rows) >= 2 * SMALLEST_LEAF else None
    if split is None:
        return fmean(targets)
    column, threshold = split
    below = [i for i, row in enumerate(rows) if row[column] < threshold]
    above = [i for i, row in enumerate(rows) if row[column] >= threshold]
    return [
        column,
        threshold,
        *(_grow([rows[i] for i in side], [targets[i] for i in side], depth - 1, bins) for side in (below, above)),
    ]


def _best_split(rows: Rows, targets: Sequence[float], bins: int | None) -> tuple[int, float] | None:
    """The column and threshold that leave the least squared error, or None where no split is possible."""
    best: tuple[float, int, float] | None = None
    for column in range(len(rows[0])):
        ordered = sorted(zip((row[column] for row in rows), targets, strict=True))
        step = max(1, len(ordered) // bins) if bins else 1
        total, below = math.fsum(targets), 0.0
        for count, ((value, target), (following, _)) in enumerate(pairwise(ordered), start=1):
            below += target
            too_small = min(count, len(ordered) - count) < SMALLEST_LEAF
            if too_small or value == following or count % step:
                continue
            gain = below**2 / count + (total - below) ** 2 / (len(ordered) - count)
            if best is None or gain > best[0]:
                best = (gain, column, (value + following) / 2.0)
    return best and best[1:]
