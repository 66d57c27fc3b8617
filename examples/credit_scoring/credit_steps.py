"""The tasks of the credit score: two small models, and how unequally they treat two groups."""

import json
import math
import random
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

GROUPS = ("a", "b")
HOLD_OUT_EVERY = 3
ROUNDS = 60
STEP = 1.0
INCOMING = 6_000

POINTS = 10
"""The scorecard rounds the weight of each column to a tenth of a point."""

Row = dict[str, Any]
"""`columns`, the numbers a model sees; `group`, which none sees; `repaid`; and a `weight` once there is one."""


def ingestion(applications: int, bias: float, seed: int, workdir: str) -> dict[str, Any]:
    """Stands in for the bank: in the history, this share of the good ones of group b was refused for no reason."""
    rows = _applications(applications, bias, seed)
    return {"history": _write(Path(workdir) / "history.json", rows), "rows": len(rows)}


def features(history: str) -> dict[str, Any]:
    rows = _read(history)
    scales = [(fmean(column), pstdev(column)) for column in zip(*(row["columns"] for row in rows), strict=True)]
    for row in rows:
        row["columns"] = [(v - mean) / deviation for v, (mean, deviation) in zip(row["columns"], scales, strict=True)]
    folder = Path(history).parent
    return {
        "training": _write(folder / "training.json", [row for i, row in enumerate(rows) if i % HOLD_OUT_EVERY]),
        "holdout": _write(folder / "holdout.json", rows[::HOLD_OUT_EVERY]),
    }


def reweighting(training: str, reweight: bool) -> dict[str, str]:
    """Each pair of group and outcome counts as often as it would if one said nothing of the other."""
    rows = _read(training)
    groups = Counter(row["group"] for row in rows)
    outcomes = Counter(row["repaid"] for row in rows)
    pairs = Counter((row["group"], row["repaid"]) for row in rows)
    for row in rows:
        expected = groups[row["group"]] * outcomes[row["repaid"]] / len(rows)
        row["weight"] = expected / pairs[row["group"], row["repaid"]] if reweight else 1.0
    return {"weighted": _write(Path(training).with_name("weighted.json"), rows)}


def train(name: str, weighted: str) -> str:
    """Logistic regression; the scorecard is one as well, in rounded points that a person can add up."""
    rows = _read(weighted)
    total = math.fsum(row["weight"] for row in rows)
    weights = [0.0] * (len(rows[0]["columns"]) + 1)
    for _ in range(ROUNDS):
        errors = [row["weight"] * (chance(weights, row["columns"]) - row["repaid"]) for row in rows]
        for i in range(len(weights)):
            slope = math.fsum(
                error * (row["columns"][i - 1] if i else 1.0) for error, row in zip(errors, rows, strict=True)
            )
            weights[i] -= STEP * slope / total
    if name == "scorecard":
        weights = [round(weight * POINTS) / POINTS for weight in weights]
    return _write(Path(weighted).with_name(f"{name}.json"), weights)


def measure(name: str, model: str, holdout: str) -> dict[str, float]:
    weights, rows = _read(model), _read(holdout)
    right = fmean((chance(weights, row["columns"]) > 0.5) == row["repaid"] for row in rows)
    found = {"accuracy": round(right, 4), "gap": gap(weights, rows)}
    print(f"{name}: accuracy {found['accuracy']}, groups {found['gap']} apart")
    return found


def compliance(
    names: list[str], accuracies: list[float], gaps: list[float], models: list[str], month: date, workdir: str
) -> dict[str, Any]:
    """The dossier that the officer reads: the most accurate of the fair models, and all that was measured."""
    best = max(range(len(names)), key=lambda number: accuracies[number])
    table = [{"model": n, "accuracy": a, "gap": g} for n, a, g in zip(names, accuracies, gaps, strict=True)]
    dossier = {"month": f"{month:%Y-%m}", "chosen": names[best], "models": table}
    return {
        "best": names[best],
        "model": models[best],
        "accuracy": accuracies[best],
        "gap": gaps[best],
        "dossier": _write(Path(workdir) / "dossier.json", dossier),
    }


def deploy(best: str, model: str, month: date, workdir: str) -> dict[str, str]:
    version = f"{best}-{month:%Y-%m}"
    served = _write(Path(workdir) / "production.json", {"version": version, "weights": _read(model)})
    print(f"{version} is in production")
    return {"version": version, "served": served}


def monitor(served: str, seed: int, workdir: str) -> dict[str, float]:
    """New applications, and nobody is unfair to them any more."""
    incoming = _write(Path(workdir) / "incoming.json", _applications(INCOMING, 0.0, seed + 1))
    found = gap(_read(served)["weights"], _read(features(incoming)["holdout"]))
    print(f"in production the groups are {found} apart")
    return {"gap": found}


def chance(weights: Sequence[float], columns: Sequence[float]) -> float:
    """How likely a loan is repaid."""
    strain = math.fsum(weight * value for weight, value in zip(weights, (1.0, *columns), strict=True))
    return 1.0 / (1.0 + math.exp(-strain))


def gap(weights: Sequence[float], rows: Sequence[Row]) -> float:
    """How far the groups' shares of granted loans lie apart."""
    shares = [fmean(chance(weights, row["columns"]) > 0.5 for row in rows if row["group"] == group) for group in GROUPS]
    return round(max(shares) - min(shares), 4)


def _applications(count: int, bias: float, seed: int) -> list[Row]:
    """Income and debt say who repays; the district says nothing of that, but much of the group."""
    generator = random.Random(seed)
    rows = []
    for _ in range(count):
        group = generator.choice(GROUPS)
        income, debt = generator.gauss(3_000.0, 800.0), generator.gauss(9_000.0, 3_000.0)
        district = generator.gauss(1.0 if group == "b" else 0.0, 0.5)
        worth = (income - 3_000.0) / 800.0 - 0.7 * (debt - 9_000.0) / 3_000.0 + generator.gauss(0.0, 0.5)
        refused = group == "b" and generator.random() < bias
        rows.append({"columns": [income, debt, district], "group": group, "repaid": worth > -0.3 and not refused})
    return rows


def _read(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _write(path: Path, value: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)
