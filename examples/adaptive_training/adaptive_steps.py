"""The tasks of the adaptive training: each value is forecast from the two before it."""

import json
import math
import random
from pathlib import Path
from statistics import fmean
from typing import Any

VALUES = 400
STEP = 0.01


def assess(error_ratio: float, urgent_above: float, seed: int, workdir: str) -> dict[str, Any]:
    """Stands in for the monitoring: a swinging series with noise."""
    generator = random.Random(seed)
    series = [0.0, 1.0]
    while len(series) < VALUES:
        series.append(1.6 * series[-1] - 0.9 * series[-2] + generator.gauss(0.0, 0.3))
    urgent = error_ratio > urgent_above
    print(f"the model in production errs {error_ratio} times as much as it should: {'urgent' if urgent else 'normal'}")
    return {"data": _write(Path(workdir) / "series.json", series), "urgent": urgent}


def fit(data: str, epochs: int, workdir: str) -> dict[str, Any]:
    """Gradient descent on the squared error of the two weights; the error is its root on the last quarter."""
    series = _read(data)
    triples = list(zip(series, series[1:], series[2:], strict=False))
    split = len(triples) * 3 // 4
    first, second = 0.0, 0.0
    for _ in range(epochs):
        errors = [first * b + second * a - c for a, b, c in triples[:split]]
        first -= STEP * fmean(error * b for error, (_, b, _) in zip(errors, triples, strict=False))
        second -= STEP * fmean(error * a for error, (a, _, _) in zip(errors, triples, strict=False))
    error = round(math.sqrt(fmean((first * b + second * a - c) ** 2 for a, b, c in triples[split:])), 4)
    print(f"{epochs} epochs: it errs by {error}")
    return {"model": _write(Path(workdir) / f"model-{epochs}.json", [first, second]), "error": error}


def register(model: str, error: float, urgent: bool, workdir: str) -> dict[str, Any]:
    version = f"{Path(model).stem}-{'urgent' if urgent else 'nightly'}"
    _write(Path(workdir) / "registry.json", {"version": version, "weights": _read(model), "error": error})
    return {"version": version, "error": error}


def _read(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _write(path: Path, value: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)
