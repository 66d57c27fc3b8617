"""The tasks of the training on spot machines: a mean, found row by row, that survives the loss of its machine."""

import json
import random
from pathlib import Path
from typing import Any

ROWS_A_GB = 50
CHECKPOINT_EVERY = 100


def measure(data_gb: float, seed: int, workdir: str) -> dict[str, Any]:
    """Stands in for the lake: a few numbers for each GB."""
    generator = random.Random(seed)
    rows = [round(generator.gauss(5.0, 1.0), 4) for _ in range(max(1, round(data_gb * ROWS_A_GB)))]
    return {"data": _write(Path(workdir) / "rows.json", rows), "gb": data_gb, "rows": len(rows)}


def fit(data: str, rows: int, workdir: str) -> dict[str, Any]:
    """Goes on from the checkpoint of an attempt that was cut short."""
    values = _read(Path(data))
    checkpoint = Path(workdir) / "checkpoint.json"
    state = _read(checkpoint) if checkpoint.exists() else {"seen": 0, "mean": 0.0}
    if state["seen"]:
        print(f"goes on from row {state['seen']}")
    for value in values[state["seen"] : rows]:
        state["seen"] += 1
        state["mean"] += (value - state["mean"]) / state["seen"]
        if state["seen"] % CHECKPOINT_EVERY == 0:
            _write(checkpoint, state)
    return {"model": _write(Path(workdir) / "model.json", state), "error": round(abs(state["mean"] - 5.0), 4)}


def publish(model: str, error: float, gb: float, workdir: str) -> dict[str, Any]:
    machine = "small" if gb < 10 else "medium" if gb < 100 else "large"
    _write(Path(workdir) / "published.json", {"mean": _read(Path(model))["mean"], "error": error, "machine": machine})
    print(f"trained on a {machine} machine: it errs by {error}")
    return {"machine": machine, "error": error}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, value: Any) -> str:
    """Whole or not at all: the machine may go while it writes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(value), encoding="utf-8")
    new.replace(path)
    return str(path)
