"""The tasks of the ensemble: a lot history in, three models and a report out. Tables are CSV, models JSON."""

import csv
import json
import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

import trees

FEATURES = ("temperature_c", "pressure_mtorr", "dose", "thickness_nm")
TARGET = "yield"
HOLD_OUT_EVERY = 4
SHARE_INCOMPLETE = 0.03

FIT: dict[str, Callable[[trees.Rows, Sequence[float]], trees.Forest]] = {
    "rf": trees.fit_bagged,
    "xgb": trees.fit_boosted,
    "lgbm": lambda rows, targets: trees.fit_boosted(rows, targets, bins=16),
}


def parse(wafers: int, seed: int, workdir: str) -> str:
    """Stands in for the lot history: the yield falls with the distance from the best temperature and dose."""
    generator = random.Random(seed)
    rows = []
    for wafer in range(wafers):
        temperature, pressure = generator.gauss(180.0, 5.0), generator.gauss(35.0, 3.0)
        dose, thickness = generator.gauss(1.0, 0.1), generator.gauss(120.0, 4.0)
        loss = ((temperature - 180.0) / 10.0) ** 2 + ((dose - 1.0) / 0.2) ** 2 + max(0.0, (thickness - 120.0) / 20.0)
        measured = 0.97 - 0.25 * loss + generator.gauss(0.0, 0.02)
        missing = generator.random() < SHARE_INCOMPLETE
        dose_text = "" if missing else f"{dose:.5f}"
        rows.append((wafer, f"{temperature:.3f}", f"{pressure:.3f}", dose_text, f"{thickness:.3f}", f"{measured:.5f}"))
    Path(workdir).mkdir(parents=True, exist_ok=True)
    return _write(Path(workdir) / "history.csv", ("wafer", *FEATURES, TARGET), rows)


def validate(history: str) -> dict[str, Any]:
    """Keep the wafers whose record is complete."""
    clean = [row for row in _read(history) if all(row.values())]
    path = _write(_beside(history, "clean.csv"), ("wafer", *FEATURES, TARGET), [tuple(row.values()) for row in clean])
    return {"clean": path, "rows": len(clean)}


def features(clean: str) -> str:
    """Every column with mean 0 and deviation 1, and whether the wafer is held out for scoring."""
    rows = _read(clean)
    columns = {name: [float(row[name]) for row in rows] for name in FEATURES}
    scales = {name: (fmean(values), pstdev(values)) for name, values in columns.items()}
    table = [
        (
            *(f"{(float(row[name]) - mean) / deviation:.6f}" for name, (mean, deviation) in scales.items()),
            row[TARGET],
            int(number % HOLD_OUT_EVERY == 0),
        )
        for number, row in enumerate(rows)
    ]
    return _write(_beside(clean, "features.csv"), (*FEATURES, TARGET, "held_out"), table)


def train(features: str, algorithm: str) -> dict[str, Any]:
    """Fit one model on the wafers that are not held out; its score is the share of variance it explains on the rest."""
    rows, targets = _table(features, held_out=False)
    forest = FIT[algorithm](rows, targets)
    path = _beside(features, f"{algorithm}.json")
    path.write_text(json.dumps(forest), encoding="utf-8")
    score = _score(features, [forest])
    print(f"{algorithm}: {score}")
    return {"model": str(path), "score": score}


def ensemble(features: str, models: list[str]) -> dict[str, Any]:
    """Score the mean of the models' predictions."""
    forests = [json.loads(Path(model).read_text(encoding="utf-8")) for model in models]
    return {"score": _score(features, forests)}


def report(scores: dict[str, float], ensemble: float, workdir: str) -> str:
    """Write the report, best model first, and print it into the task's log."""
    ranking = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    lines = [
        "# Yield prediction",
        "",
        *(f"- {algorithm}: {score:.1%} of the variance explained" for algorithm, score in ranking),
        f"- all together: {ensemble:.1%}",
    ]
    path = Path(workdir) / "report.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return str(path)


def _score(features: str, forests: list[trees.Forest]) -> float:
    rows, targets = _table(features, held_out=True)
    predictions = [fmean(trees.predict(forest, row) for forest in forests) for row in rows]
    mean = fmean(targets)
    unexplained = math.fsum((t - p) ** 2 for t, p in zip(targets, predictions, strict=True))
    return round(1.0 - unexplained / math.fsum((target - mean) ** 2 for target in targets), 4)


def _table(features: str, *, held_out: bool) -> tuple[list[list[float]], list[float]]:
    rows = [row for row in _read(features) if (row["held_out"] == "1") is held_out]
    return [[float(row[name]) for name in FEATURES] for row in rows], [float(row[TARGET]) for row in rows]


def _beside(path: str, name: str) -> Path:
    return Path(path).with_name(name)


def _read(path: str) -> list[dict[str, str]]:
    with Path(path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return str(path)
