"""The tasks of the selection: features of three teams, three algorithms, one winner, and its way into production."""

import csv
import json
import math
import random
from pathlib import Path
from statistics import fmean
from typing import Any

import learners

COLUMNS = {
    "electrical": ("idd_ma", "vth_mv"),
    "thermal": ("anneal_c", "ramp_c_per_s"),
    "spatial": ("radius_mm",),
}
TARGET = "yield"
FOLDS = 5
CANARY_PERCENT = 10


def build(feature_set: str, lots: int, lost: float, seed: int, workdir: str) -> dict[str, Any]:
    """Stands in for a team's database: its columns of the common history, with holes and a few lots twice."""
    generator = random.Random(f"{seed}-{feature_set}")
    columns = COLUMNS[feature_set]
    rows = []
    for lot, measured in enumerate(_history(lots, seed)):
        values = ["" if generator.random() < lost else f"{measured[name]:.4f}" for name in columns]
        row = [str(lot), *values, f"{measured[TARGET]:.5f}"]
        rows.extend([row, row] if generator.random() < 0.02 else [row])
    path = Path(workdir) / f"{feature_set}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("lot", *columns, TARGET), *rows])
    cells = [value for row in rows for value in row[1:-1]]
    return {
        "table": path,
        "nulls": round(cells.count("") / len(cells), 4),
        "duplicates": round(1 - lots / len(rows), 4),
    }


def train(tables: list[str], algorithm: str, workdir: str) -> str:
    rows, targets = _complete(tables)
    path = Path(workdir) / f"{algorithm}.json"
    path.write_text(json.dumps(learners.fit(algorithm, rows, targets)), encoding="utf-8")
    return str(path)


def cross_validate(tables: list[str], algorithms: list[str]) -> dict[str, Any]:
    rows, targets = _complete(tables)
    mean = fmean(targets)
    scores = {}
    for algorithm in algorithms:
        unexplained = 0.0
        for fold in range(FOLDS):
            kept = [i for i in range(len(rows)) if i % FOLDS != fold]
            model = learners.fit(algorithm, [rows[i] for i in kept], [targets[i] for i in kept])
            held_out = range(fold, len(rows), FOLDS)
            unexplained += math.fsum((targets[i] - learners.predict(model, rows[i])) ** 2 for i in held_out)
        scores[algorithm] = round(1 - unexplained / math.fsum((target - mean) ** 2 for target in targets), 4)
        print(f"{algorithm}: {scores[algorithm]}")
    return {"scores": scores}


def select(scores: dict[str, float], models: list[str], algorithms: list[str]) -> dict[str, Any]:
    best = max(algorithms, key=lambda algorithm: scores[algorithm])
    return {"algorithm": best, "model": models[algorithms.index(best)], "score": scores[best]}


def ab_setup(model: str, lots: int, workdir: str) -> dict[str, Any]:
    """Every tenth lot or so is served by the new model, always the same ones."""
    treated = [lot for lot in range(lots) if random.Random(lot).random() < CANARY_PERCENT / 100]
    path = Path(workdir) / "split.json"
    path.write_text(json.dumps({"model": model, "treated": treated}), encoding="utf-8")
    return {"split": path, "treated": len(treated)}


def canary(split: str, model: str, tables: list[str]) -> dict[str, Any]:
    """The model in production predicts the mean of all lots."""
    treated = set(json.loads(Path(split).read_text(encoding="utf-8"))["treated"])
    fitted = json.loads(Path(model).read_text(encoding="utf-8"))
    rows, targets = _complete(tables)
    mean = fmean(targets)
    served = [(row, target) for i, (row, target) in enumerate(zip(rows, targets, strict=True)) if i in treated]
    new = math.fsum(abs(target - learners.predict(fitted, row)) for row, target in served)
    old = math.fsum(abs(target - mean) for _, target in served)
    return {"traffic": CANARY_PERCENT, "error_ratio": round(new / old, 4)}


def full_rollout(algorithm: str, error_ratio: float, workdir: str) -> int:
    traffic = 100
    production = {"algorithm": algorithm, "error_ratio": error_ratio, "traffic": traffic}
    (Path(workdir) / "production.json").write_text(json.dumps(production), encoding="utf-8")
    print(f"{algorithm} serves {traffic} % of the lots")
    return traffic


def _history(lots: int, seed: int) -> list[dict[str, float]]:
    """What all teams measured: the yield falls with the square of what the anneal is off, else by straight lines."""
    generator = random.Random(seed)
    history = []
    for _ in range(lots):
        lot = {
            "idd_ma": generator.gauss(12.0, 1.0),
            "vth_mv": generator.gauss(450.0, 20.0),
            "anneal_c": generator.gauss(1050.0, 12.0),
            "ramp_c_per_s": generator.gauss(150.0, 10.0),
            "radius_mm": generator.uniform(0.0, 150.0),
        }
        loss = 0.05 * (lot["idd_ma"] - 12.0) + 0.001 * (lot["vth_mv"] - 450.0) + 0.0006 * lot["radius_mm"]
        bend = 0.03 * ((lot["anneal_c"] - 1050.0) / 12.0) ** 2
        lot[TARGET] = 0.95 - loss - bend + generator.gauss(0.0, 0.01)
        history.append(lot)
    return history


def _complete(tables: list[str]) -> tuple[list[list[float]], list[float]]:
    """The lots that every table has all values of, each once: their columns side by side, and their yields."""
    by_lot: dict[str, list[list[str]]] = {}
    for number, table in enumerate(tables):
        with Path(table).open(newline="", encoding="utf-8") as file:
            for lot, *values in list(csv.reader(file))[1:]:
                known = by_lot.setdefault(lot, [])
                if len(known) == number:
                    known.append(values)
    whole = [parts for parts in by_lot.values() if all(value for part in parts for value in part)]
    return (
        [[float(value) for part in parts for value in part[:-1]] for parts in whole],
        [float(parts[0][-1]) for parts in whole],
    )
