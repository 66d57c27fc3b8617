"""The tasks of the conditional retraining: a population stability index, a tiny model and its deployment."""

import json
import math
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, pstdev, quantiles
from typing import Any

SAMPLES = 2_000
BINS = 10
SMALLEST_SHARE = 1e-4
"""Stands in for an empty bin, whose logarithm would be infinite."""


def detect_drift(shift: float, max_psi: float, workdir: str) -> dict[str, Any]:
    """The PSI of the live data against the reference: under 0.1 nothing moved, above 0.25 much did."""
    generator = random.Random(3)
    reference = [generator.gauss(0.0, 1.0) for _ in range(SAMPLES)]
    live = [generator.gauss(shift, 1.0) for _ in range(SAMPLES)]
    psi = round(_stability_index(reference, live), 4)
    path = _write(Path(workdir) / "live.json", live)
    print(f"psi {psi}, the limit is {max_psi}")
    return {"psi": psi, "drift_detected": psi > max_psi, "live": path}


def retrain(live: str) -> dict[str, Any]:
    """The model is the mean and deviation of the data; what it flags lies far from both."""
    values = json.loads(Path(live).read_text(encoding="utf-8"))
    fitted = {"mean": round(fmean(values), 4), "deviation": round(pstdev(values), 4)}
    return {"version": "v2.1", "model": _write(Path(live).with_name("model-v2.1.json"), fitted)}


def deploy(version: str, drift_detected: bool, workdir: str) -> dict[str, Any]:
    """Point production at the version."""
    _write(Path(workdir) / "production.json", {"version": version, "drift_detected": drift_detected})
    print(f"{version} is in production")
    return {"version": version}


def _stability_index(reference: Sequence[float], live: Sequence[float]) -> float:
    edges = quantiles(reference, n=BINS)
    pairs = zip(_shares(reference, edges), _shares(live, edges), strict=True)
    return sum((actual - expected) * math.log(actual / expected) for expected, actual in pairs)


def _shares(values: Sequence[float], edges: Sequence[float]) -> list[float]:
    counts = Counter(sum(value > edge for edge in edges) for value in values)
    return [max(counts[number] / len(values), SMALLEST_SHARE) for number in range(len(edges) + 1)]


def _write(path: Path, value: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)
