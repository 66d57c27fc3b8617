"""The tasks of the daily training: logistic regression in plain Python, on customers who leave or stay."""

import csv
import json
import math
import random
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

FEATURES = ("orders", "complaints", "months")
TYPICAL = ((20.0, 6.0), (2.0, 1.0), (30.0, 10.0))
"""Mean and deviation of each."""

TRUTH = (-1.0, 1.5, -0.8)
"""What each feature adds to leaving, a deviation."""

ROUNDS = 60
STEP = 1.0
HOLD_OUT_EVERY = 4


def extract(rows: int, null_ids: int, noise: float, seed: int, workdir: str) -> dict[str, Any]:
    """Stands in for the shop's database."""
    generator = random.Random(seed)
    path = Path(workdir) / "customers.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", *FEATURES, "left"))
        for number in range(rows):
            off = [generator.gauss(0.0, 1.0) for _ in FEATURES]
            left = math.fsum(a * b for a, b in zip(TRUTH, off, strict=True)) + generator.gauss(0.0, noise) > 0.5
            values = [mean + deviation * value for (mean, deviation), value in zip(TYPICAL, off, strict=True)]
            writer.writerow(("" if number < null_ids else number, *(f"{value:.3f}" for value in values), int(left)))
    with path.open(newline="", encoding="utf-8") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    return {"data": path, "rows": len(ids), "null_ids": ids.count("")}


def preprocess(data: str) -> dict[str, Any]:
    with Path(data).open(newline="", encoding="utf-8") as file:
        table = [[float(row[name]) for name in (*FEATURES, "left")] for row in csv.DictReader(file)]
    *columns, labels = zip(*table, strict=True)
    scales = [(fmean(column), pstdev(column)) for column in columns]
    scaled = [[(value - mean) / deviation for value in c] for c, (mean, deviation) in zip(columns, scales, strict=True)]
    rows = [list(row) for row in zip(*scaled, labels, strict=True)]
    folder = Path(data).parent
    return {
        "training": _write(folder / "training.json", [row for i, row in enumerate(rows) if i % HOLD_OUT_EVERY]),
        "holdout": _write(folder / "holdout.json", rows[::HOLD_OUT_EVERY]),
    }


def train(training: str) -> str:
    """Gradient descent on the likelihood; the first weight is that of a constant."""
    rows = _read(training)
    weights = [0.0] * len(rows[0])
    for _ in range(ROUNDS):
        errors = [leaves(weights, row[:-1]) - row[-1] for row in rows]
        for i in range(len(weights)):
            slope = fmean(error * (1.0 if i == 0 else row[i - 1]) for error, row in zip(errors, rows, strict=True))
            weights[i] -= STEP * slope
    return _write(Path(training).with_name("model.json"), weights)


def validate_model(model: str, holdout: str) -> dict[str, float]:
    weights, rows = _read(model), _read(holdout)
    judged = [(leaves(weights, row[:-1]) > 0.5, row[-1] == 1.0) for row in rows]
    told = [left for says_so, left in judged if says_so]
    scores = {
        "accuracy": round(sum(says_so == left for says_so, left in judged) / len(judged), 4),
        "precision": round(sum(told) / max(len(told), 1), 4),
    }
    print(f"accuracy {scores['accuracy']}, precision {scores['precision']} on {len(rows)} customers")
    return scores


def leaves(weights: Sequence[float], features: Sequence[float]) -> float:
    """How likely a customer leaves."""
    strain = math.fsum(weight * value for weight, value in zip(weights, (1.0, *features), strict=True))
    return 1.0 / (1.0 + math.exp(-strain))


def _read(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _write(path: Path, value: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)
