"""The tasks of the nightly training: a straight line through the lot history, fitted step by step."""

import json
import math
import random
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

WEIGHTS = (0.03, -0.02, 0.015)
"""What the yield gains from each deviation of temperature, pressure and flow."""

TYPICAL = ((1050.0, 8.0), (2.4, 0.2), (310.0, 12.0))
"""Mean and deviation of temperature, pressure and flow."""

ROUNDS = 200
STEP = 0.1
HOLD_OUT_EVERY = 4


def extract(lots: int, seed: int, workdir: str) -> dict[str, Any]:
    """Stands in for the fab's database: three settings and the yield of a lot, the last column. Some lack a setting."""
    generator = random.Random(seed)
    rows: list[list[float | None]] = []
    for _ in range(lots):
        settings = [generator.gauss(mean, deviation) for mean, deviation in TYPICAL]
        off = [(value - mean) / deviation for value, (mean, deviation) in zip(settings, TYPICAL, strict=True)]
        target = 0.9 + _product(WEIGHTS, off) + generator.gauss(0.0, 0.012)
        hole = generator.random() < 0.05
        rows.append([None if hole else settings[0], *settings[1:], target])
    return {"history": _write(Path(workdir) / "history.json", rows), "rows": len(rows)}


def validate(history: str) -> dict[str, Any]:
    rows = _read(history)
    complete = [row for row in rows if None not in row]
    print(f"{len(complete)} of {len(rows)} lots are complete")
    return {"clean": _write(Path(history).with_name("clean.json"), complete), "rows": len(complete)}


def features(clean: str) -> dict[str, Any]:
    *settings, targets = zip(*_read(clean), strict=True)
    scaled = [[(value - fmean(column)) / pstdev(column) for value in column] for column in settings]
    rows = list(zip(*scaled, targets, strict=True))
    folder = Path(clean).parent
    return {
        "training": _write(folder / "training.json", [row for i, row in enumerate(rows) if i % HOLD_OUT_EVERY]),
        "holdout": _write(folder / "holdout.json", rows[::HOLD_OUT_EVERY]),
    }


def train(training: str) -> str:
    """Gradient descent on the squared error; the first weight is that of a constant."""
    rows = _read(training)
    weights = [0.0] * len(rows[0])
    for _ in range(ROUNDS):
        errors = [predict(weights, row) - row[-1] for row in rows]
        columns = [[1.0] * len(rows), *list(zip(*rows, strict=True))[:-1]]
        weights = [
            weight - STEP * _product(errors, column) / len(rows)
            for weight, column in zip(weights, columns, strict=True)
        ]
    return _write(Path(training).with_name("model.json"), weights)


def validate_model(model: str, holdout: str) -> dict[str, float]:
    weights, rows = _read(model), _read(holdout)
    mean = fmean(row[-1] for row in rows)
    unexplained = math.fsum((row[-1] - predict(weights, row)) ** 2 for row in rows)
    score = round(1 - unexplained / math.fsum((row[-1] - mean) ** 2 for row in rows), 4)
    print(f"the new model explains {score:.1%} of the variance")
    return {"score": score}


def deploy(model: str, score: float, day: date, workdir: str) -> dict[str, str]:
    version = f"yield-{day:%Y%m%d}"
    _write(Path(workdir) / "production.json", {"version": version, "model": model, "score": score})
    print(f"{version} is in production")
    return {"version": version}


def predict(weights: Sequence[float], row: Sequence[float]) -> float:
    return _product(weights, [1.0, *row[:-1]])


def _product(left: Iterable[float], right: Iterable[float]) -> float:
    return math.fsum(a * b for a, b in zip(left, right, strict=True))


def _read(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _write(path: Path, value: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)
