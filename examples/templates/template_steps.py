"""What the templates run: a yes-or-no question by logistic regression, whatever the subject."""

import json
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

STEP = 1.0
HOLD_OUT_EVERY = 3
TRUTH = {"recommendation": (1.5, -1.0, 0.5), "fraud": (0.5, 2.0, -1.5)}
"""What each feature adds to a yes, by subject."""


def load(subject: str, rows: int, workdir: str) -> dict[str, Any]:
    """Stands in for the warehouse."""
    generator = random.Random(subject)
    table = []
    for _ in range(rows):
        features = [round(generator.gauss(0.0, 1.0), 4) for _ in TRUTH[subject]]
        answer = _product(TRUTH[subject], features) + generator.gauss(0.0, 0.5) > 0
        table.append([*features, float(answer)])
    folder = Path(workdir)
    return {
        "training": _write(folder / "training.json", [row for i, row in enumerate(table) if i % HOLD_OUT_EVERY]),
        "holdout": _write(folder / "holdout.json", table[::HOLD_OUT_EVERY]),
    }


def fit(training: str, rounds: int) -> dict[str, Any]:
    rows = _read(Path(training))
    weights = [0.0] * (len(rows[0]) - 1)
    for _ in range(rounds):
        errors = [yes(weights, row[:-1]) - row[-1] for row in rows]
        weights = [
            weight - STEP * _product(errors, [row[i] for row in rows]) / len(rows) for i, weight in enumerate(weights)
        ]
    loss = -sum(math.log(yes(weights, row[:-1]) if row[-1] else 1 - yes(weights, row[:-1])) for row in rows) / len(rows)
    return {"model": _write(Path(training).with_name("model.json"), weights), "loss": round(loss, 4)}


def publish(subject: str, model: str, registry: str) -> dict[str, str]:
    """A second time it keeps the version, so that a retry does no harm."""
    place = Path(registry) / f"{subject}.json"
    known = _read(place) if place.exists() else {"number": 0}
    number = known["number"] + (known.get("from") != model)
    _write(place, {"number": number, "from": model, "weights": _read(Path(model))})
    print(f"published {subject} v{number}")
    return {"version": f"v{number}"}


def score(subject: str, holdout: str, registry: str) -> dict[str, float]:
    place = Path(registry) / f"{subject}.json"
    if not place.exists():
        raise FileNotFoundError(f"no model of {subject} is published in {registry}")
    weights, rows = _read(place)["weights"], _read(Path(holdout))
    return {"accuracy": round(sum((yes(weights, row[:-1]) > 0.5) == row[-1] for row in rows) / len(rows), 4)}


def judge(subject: str, accuracy: float, min_accuracy: float) -> dict[str, bool]:
    print(f"{subject}: right in {accuracy:.1%} of all cases, {min_accuracy:.0%} are asked for")
    return {"good": accuracy >= min_accuracy}


def yes(weights: Sequence[float], features: Sequence[float]) -> float:
    """How likely the answer is yes."""
    return 1.0 / (1.0 + math.exp(-_product(weights, features)))


def _product(left: Sequence[float], right: Sequence[float]) -> float:
    return math.fsum(a * b for a, b in zip(left, right, strict=True))


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, value: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)
