"""The tasks of the validation across product lines. The model is a straight line: the yield for a dose."""

import json
import random
from pathlib import Path
from statistics import fmean, linear_regression
from typing import Any

LOTS = 120
HOLD_OUT_EVERY = 3

Points = list[list[float]]
"""The dose of a lot and its yield."""


def prepare(product_lines: list[str], spread: float, seed: int, workdir: str) -> dict[str, Any]:
    """Stands in for eight databases; the common model is fitted on the lots of all lines."""
    folder = Path(workdir) / "lots"
    everything: Points = []
    for line in product_lines:
        generator = random.Random(f"{seed}-{line}")
        level = 0.8 + spread * generator.uniform(-0.2, 0.2)
        slope = 0.3 + spread * generator.uniform(-0.1, 0.1)
        doses = [generator.uniform(-0.5, 0.5) for _ in range(LOTS)]
        points = [[round(dose, 4), round(level + slope * dose + generator.gauss(0.0, 0.02), 4)] for dose in doses]
        everything += points
        _write(folder / f"{line}.json", points)
    return {"lots": folder, "model": _write(Path(workdir) / "common.json", _fit(everything))}


def validate(line: str, lots: str, model: str) -> dict[str, float]:
    mae = _mae(_read(Path(model)), _lots(lots, line)[::HOLD_OUT_EVERY])
    print(f"{line}: off by {mae:.1%}")
    return {"mae": mae}


def fairness_check(product_lines: list[str], maes: list[float], max_mae: float) -> dict[str, Any]:
    weak = [line for line, mae in zip(product_lines, maes, strict=True) if mae > max_mae]
    return {"worst": max(maes), "ratio": round(max(maes) / min(maes), 2), "weak": weak}


def transfer(line: str, lots: str, model: str) -> dict[str, Any]:
    """What the common model leaves unexplained is learned from the line's own lots."""
    common = _read(Path(model))
    points = _lots(lots, line)
    kept = [point for number, point in enumerate(points) if number % HOLD_OUT_EVERY]
    rest = _fit([[dose, target - _predict(common, dose)] for dose, target in kept])
    adapted = [common[0] + rest[0], common[1] + rest[1]]
    mae = _mae(adapted, points[::HOLD_OUT_EVERY])
    print(f"{line}: off by {mae:.1%} after the transfer")
    return {"model": _write(Path(model).with_name(f"{line}.json"), adapted), "mae": mae}


def summary(
    product_lines: list[str], maes: list[float], weak: list[str], adapted: list[float], max_mae: float
) -> dict[str, float]:
    now = dict(zip(product_lines, maes, strict=True)) | dict(zip(weak, adapted, strict=True))
    for line, mae in now.items():
        print(f"{line}: {mae:.1%}{' adapted' if line in weak else ''}{'' if mae <= max_mae else ' too much'}")
    return {"worst": max(now.values())}


def deploy(product_lines: list[str], weak: list[str], model: str, workdir: str) -> int:
    """Each line gets the model of its own where there is one."""
    served = {line: str(Path(model).with_name(f"{line}.json")) if line in weak else model for line in product_lines}
    _write(Path(workdir) / "production.json", served)
    return len(served)


def _fit(points: Points) -> list[float]:
    return list(linear_regression(*zip(*points, strict=True)))


def _predict(model: list[float], dose: float) -> float:
    return model[0] * dose + model[1]


def _mae(model: list[float], points: Points) -> float:
    """The mean absolute error, relative to the mean of what is measured."""
    errors = fmean(abs(target - _predict(model, dose)) for dose, target in points)
    return round(errors / fmean(target for _, target in points), 4)


def _lots(folder: str, line: str) -> Points:
    points: Points = _read(Path(folder) / f"{line}.json")
    return points


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, value: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)
