"""The tasks of the tuning: gradient boosting of small trees for a yes-or-no question, in plain Python."""

import json
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Rows = list[list[float]]
"""Features, and the label (0 or 1) as the last column."""

FEATURES = 4
BINS = 12
SMALLEST_LEAF = 6


def prepare(devices: int, seed: int, workdir: str) -> dict[str, Any]:
    """A device fails the likelier the more two of its measurements are off together; every third one is held out."""
    generator = random.Random(seed)
    rows = []
    for _ in range(devices):
        features = [generator.gauss(0.0, 1.0) for _ in range(FEATURES)]
        strain = 1.5 * features[0] * features[1] + features[2] - 0.5
        rows.append([*features, float(generator.random() < _sigmoid(2.0 * strain))])
    held_out = [row for number, row in enumerate(rows) if number % 3 == 0]
    kept = [row for number, row in enumerate(rows) if number % 3]
    folder = Path(workdir)
    return {
        "training": _write(folder / "training.json", kept),
        "validation": _write(folder / "validation.json", held_out),
    }


def train(training: str, validation: str, learning_rate: float, depth: int, estimators: int) -> dict[str, Any]:
    model = _boost(_read(training), learning_rate, depth, estimators)
    held_out = _read(validation)
    found = round(auc([score(model, row) for row in held_out], [row[-1] for row in held_out]), 4)
    print(f"learning rate {learning_rate}, depth {depth}, {estimators} trees: auc {found}")
    return {
        "auc": found,
        "configuration": {"learning_rate": learning_rate, "depth": depth, "estimators": estimators},
    }


def best(aucs: list[float], configurations: list[dict[str, float]]) -> dict[str, Any]:
    """Of equally good ones the first, which has the fewest and smallest trees."""
    chosen = max(range(len(aucs)), key=lambda number: aucs[number])
    configuration = configurations[chosen]
    return {
        "auc": aucs[chosen],
        "learning_rate": configuration["learning_rate"],
        "depth": int(configuration["depth"]),
        "estimators": int(configuration["estimators"]),
    }


def retrain(data: list[str], learning_rate: float, depth: int, estimators: int, workdir: str) -> dict[str, Any]:
    rows = [row for path in data for row in _read(path)]
    model = _boost(rows, learning_rate, depth, estimators)
    return {"model": _write(Path(workdir) / "model.json", model), "rows": len(rows)}


def auc(scores: Sequence[float], labels: Sequence[float]) -> float:
    """How often a failing device scores higher than a good one; a tie counts half."""
    failing = [score for score, label in zip(scores, labels, strict=True) if label]
    good = [score for score, label in zip(scores, labels, strict=True) if not label]
    wins = sum((high > low) + 0.5 * (high == low) for high in failing for low in good)
    return wins / (len(failing) * len(good))


def score(model: list[Any], row: Sequence[float]) -> float:
    """The log odds of a failure, up to a constant."""
    return math.fsum(_follow(tree, row) for tree in model)


def _boost(rows: Rows, learning_rate: float, depth: int, estimators: int) -> list[Any]:
    """Each tree is fitted to what the ones before it got wrong."""
    trees: list[Any] = []
    odds = [0.0] * len(rows)
    for _ in range(estimators):
        errors = [row[-1] - _sigmoid(known) for row, known in zip(rows, odds, strict=True)]
        tree = _grow(rows, errors, depth, learning_rate)
        trees.append(tree)
        odds = [known + _follow(tree, row) for row, known in zip(rows, odds, strict=True)]
    return trees


def _grow(rows: Rows, errors: Sequence[float], depth: int, rate: float) -> Any:
    """A number (a leaf), or `[column, threshold, below, above]`."""
    split = _split(rows, errors) if depth else None
    if split is None:
        return 4.0 * rate * math.fsum(errors) / len(errors)
    column, threshold = split
    sides = ([i for i, row in enumerate(rows) if (row[column] < threshold) is low] for low in (True, False))
    return [column, threshold, *(_grow([rows[i] for i in s], [errors[i] for i in s], depth - 1, rate) for s in sides)]


def _split(rows: Rows, errors: Sequence[float]) -> tuple[int, float] | None:
    """The column and threshold that part the errors best; thresholds are looked for at a few quantiles only."""
    best: tuple[float, int, float] | None = None
    for column in range(FEATURES):
        values = sorted(row[column] for row in rows)
        for threshold in {values[len(values) * step // BINS] for step in range(1, BINS)}:
            below = [error for row, error in zip(rows, errors, strict=True) if row[column] < threshold]
            count = len(below)
            if min(count, len(rows) - count) < SMALLEST_LEAF:
                continue
            low, high = math.fsum(below), math.fsum(errors) - math.fsum(below)
            gain = low**2 / count + high**2 / (len(rows) - count)
            if best is None or (gain, -threshold) > (best[0], -best[2]):
                best = (gain, column, threshold)
    return best and best[1:]


def _follow(tree: Any, row: Sequence[float]) -> float:
    while isinstance(tree, list):
        column, threshold, below, above = tree
        tree = below if row[column] < threshold else above
    return float(tree)


def _sigmoid(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-odds))


def _read(path: str) -> Rows:
    rows: Rows = json.loads(Path(path).read_text(encoding="utf-8"))
    return rows


def _write(path: Path, value: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)
