"""The tasks of the ensemble training: models of one variable, as small as they can be."""

import json
import math
import random
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, linear_regression, quantiles
from typing import Any

Points = Sequence[Sequence[float]]
"""The dose of a wafer and its yield."""

HOLD_OUT_EVERY = 4
NEIGHBOURS = 9
STEPS = 8


def enabled_models(registry: str) -> list[str]:
    """A relative path begins beside this module: wherever the task runs, its folder is another one."""
    with (Path(__file__).parent / registry).open("rb") as file:
        models = tomllib.load(file)
    return [name for name, settings in models.items() if settings["enabled"]]


def prepare(wafers: int, seed: int, workdir: str) -> str:
    """Stands in for the wafer history: the yield is best at a dose of 1 and falls on both sides."""
    generator = random.Random(seed)
    doses = [generator.gauss(1.1, 0.15) for _ in range(wafers)]
    points = [[dose, 0.95 - 3.0 * (dose - 1.0) ** 2 + generator.gauss(0.0, 0.02)] for dose in doses]
    return _write(Path(workdir) / "wafers.json", points)


def train(name: str, data: str, workdir: str) -> dict[str, Any]:
    points = json.loads(Path(data).read_text(encoding="utf-8"))
    held_out, kept = points[::HOLD_OUT_EVERY], [p for number, p in enumerate(points) if number % HOLD_OUT_EVERY]
    model = {"name": name, "fitted": FIT[name](kept)}
    mean = fmean(target for _, target in held_out)
    unexplained = math.fsum((target - predict(model, dose)) ** 2 for dose, target in held_out)
    score = round(1.0 - unexplained / math.fsum((target - mean) ** 2 for _, target in held_out), 4)
    print(f"{name}: {score}")
    return {"model": _write(Path(workdir) / f"{name}.json", model), "score": score}


def select(names: list[str], models: list[str], scores: list[float]) -> dict[str, Any]:
    score, best, model = max(zip(scores, names, models, strict=True))
    print(f"{best} is the best of {len(names)}: {score}")
    return {"best": best, "model": model, "score": score}


def predict(model: dict[str, Any], dose: float) -> float:
    fitted = model["fitted"]
    match model["name"]:
        case "mean" | "guess":
            return float(fitted)
        case "line":
            return float(fitted[0] * dose + fitted[1])
        case "steps":
            return float(fitted["yields"][sum(dose > edge for edge in fitted["edges"])])
        case _:
            return fmean(target for _, target in sorted(fitted, key=lambda point: abs(point[0] - dose))[:NEIGHBOURS])


def _fit_steps(points: Points) -> dict[str, list[float]]:
    """The mean of the yields between two of the edges, which hold equally many wafers each."""
    edges = quantiles((dose for dose, _ in points), n=STEPS)
    bins: list[list[float]] = [[] for _ in range(STEPS)]
    for dose, target in points:
        bins[sum(dose > edge for edge in edges)].append(target)
    return {"edges": edges, "yields": [fmean(targets) for targets in bins]}


FIT: dict[str, Callable[[Points], Any]] = {
    "mean": lambda points: fmean(target for _, target in points),
    "line": lambda points: list(linear_regression(*zip(*points, strict=True))),
    "steps": _fit_steps,
    "neighbours": list,
    "guess": lambda points: 0.9,
}


def _write(path: Path, value: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)
