"""The tasks around the training in the container."""

import json
import random
from datetime import date
from pathlib import Path
from typing import Any

FRAUD_SHARE = 0.05
HOLD_OUT_EVERY = 3


def validate_availability(day: date, payments: int, disguise: float, seed: int, workdir: str) -> dict[str, Any]:
    """Stands in for the payments' topic: the strain on amount, hour and country of each, and whether it was fraud.

    A fraud stands out in all three, the less so the better it is disguised.
    """
    generator = random.Random(seed)
    rows = []
    for _ in range(payments):
        fraud = generator.random() < FRAUD_SHARE
        stands_out = 1.0 / disguise if fraud else 0.0
        rows.append([*(round(generator.gauss(stands_out, 1.0), 4) for _ in range(3)), float(fraud)])
    path = _write(Path(workdir) / "personal" / f"payments-{day}.json", rows)
    return {"payments": path, "rows": len(rows)}


def fetch_features(payments: str, workdir: str) -> dict[str, Any]:
    """The features are the payments' own numbers here; every third payment is held out."""
    rows = _read(payments)
    kept = [row for number, row in enumerate(rows) if number % HOLD_OUT_EVERY]
    cells = [value for row in rows for value in row]
    folder = Path(workdir) / "personal"
    return {
        "features": _write(folder / "features.json", kept),
        "holdout": _write(folder / "holdout.json", rows[::HOLD_OUT_EVERY]),
        "nulls": round(cells.count(None) / len(cells), 4),
        "frauds": sum(row[-1] == 1.0 for row in kept),
    }


def evaluate(model: str, holdout: str) -> dict[str, float]:
    """The AUC: how often a fraud scores higher than an honest payment."""
    weights, rows = _read(model), _read(holdout)
    scores = [
        (sum(weight * value for weight, value in zip(weights, (1.0, *row[:-1]), strict=True)), row[-1]) for row in rows
    ]
    frauds = [score for score, label in scores if label]
    honest = [score for score, label in scores if not label]
    found = round(sum(high > low for high in frauds for low in honest) / (len(frauds) * len(honest)), 4)
    print(f"auc {found} on {len(rows)} payments, {len(frauds)} of them frauds")
    return {"auc": found}


def deploy_to_staging(model: str, auc: float, day: date, workdir: str) -> str:
    version = f"fraud-{day:%Y%m%d}"
    _write(Path(workdir) / "staging.json", {"version": version, "model": model, "auc": auc})
    print(f"{version} is staged")
    return version


def alert(auc: float, min_auc: float) -> None:
    print(f"not staged: auc {auc} is below {min_auc}")


def _read(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _write(path: Path, value: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)
