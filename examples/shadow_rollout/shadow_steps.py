"""The tasks of the rollout in the shadow: a perceptron that learns on from event to event."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TRUTH = (1.0, -0.6, 0.4)
PRODUCTION = (0.9, -0.3, 0.1)
"""The weights of the truth and of the model in production, which is a little off."""

STEP = 0.02
ENOUGH = 0.1
"""The share of the events that have to be labelled."""


def features(events: int, seed: int, workdir: str) -> dict[str, Any]:
    """Stands in for the stream: three numbers an event, and what people would say of it."""
    generator = random.Random(seed)
    rows = []
    for _ in range(events):
        values = [round(generator.gauss(0.0, 1.0), 4) for _ in TRUTH]
        rows.append([*values, 1.0 if _signal(TRUTH, values) > 0 else -1.0])
    return {"batch": _write(Path(workdir) / "batch.json", rows), "rows": len(rows)}


def queue_labels(batch: str, labelled: float, mistakes: int, seed: int, workdir: str) -> dict[str, Any]:
    """The least sure first. Here the people have answered at once, with a mistake now and then."""
    generator = random.Random(seed + 1)
    rows = _read(batch)
    asked = sorted(range(len(rows)), key=lambda number: abs(_signal(PRODUCTION, rows[number][:-1])))
    answers = {
        number: rows[number][-1] * (-1.0 if generator.randrange(100) < mistakes else 1.0)
        for number in asked[: round(labelled * len(rows))]
    }
    queue = _write(Path(workdir) / "labels.json", [{"event": n, "label": label} for n, label in answers.items()])
    return {"queue": queue, "labels": len(answers)}


def enough_labels(queue: str, rows: int) -> bool:
    return len(_read(queue)) >= ENOUGH * rows


def incremental_update(batch: str, queue: str, workdir: str) -> dict[str, str]:
    rows, weights = _read(batch), list(PRODUCTION)
    for answer in _read(queue):
        values, label = rows[answer["event"]][:-1], answer["label"]
        if _signal(weights, values) * label <= 0:
            weights = [weight + STEP * label * value for weight, value in zip(weights, values, strict=True)]
    return {"model": _write(Path(workdir) / "updated.json", weights)}


def shadow_test(batch: str, model: str) -> dict[str, float]:
    rows, weights = _read(batch), _read(model)
    new = [_signal(weights, row[:-1]) > 0 for row in rows]
    old = [_signal(PRODUCTION, row[:-1]) > 0 for row in rows]
    true = [row[-1] > 0 for row in rows]
    found = {"agreement": _same(new, old), "accuracy": _same(new, true), "production": _same(old, true)}
    print(f"in the shadow: right in {found['accuracy']:.1%}, in production {found['production']:.1%}")
    return found


def deploy(model: str, workdir: str) -> dict[str, str]:
    served = _write(Path(workdir) / "served.json", _read(model))
    return {"version": "updated", "served": served}


def monitor(served: str, batch: str, workdir: str) -> dict[str, float]:
    weights, rows = _read(served), _read(batch)
    alarms = round(sum(_signal(weights, row[:-1]) > 0 for row in rows) / len(rows), 4)
    _write(Path(workdir) / "monitoring.json", {"alarms": alarms})
    return {"alarms": alarms}


def _signal(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))


def _same(left: list[bool], right: list[bool]) -> float:
    return round(sum(a == b for a, b in zip(left, right, strict=True)) / len(left), 4)


def _read(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _write(path: Path, value: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)
