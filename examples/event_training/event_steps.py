"""The tasks of a training on request: the mean yield of each recipe, found round by round."""

import csv
import json
import math
import os
from pathlib import Path
from statistics import fmean
from typing import Any

ROUNDS = {"low": 60, "normal": 30, "high": 8}
STEP = 0.2


def accept(data_path: str, priority: str) -> dict[str, str]:
    """The file has the columns recipe and yield."""
    with Path(data_path).open(newline="", encoding="utf-8") as file:
        columns = csv.DictReader(file).fieldnames
    if columns != ["recipe", "yield"]:
        raise ValueError(f"{data_path} has the columns {columns}, not recipe and yield")
    print(f"accepted: {data_path}, priority {priority}")
    return {"data": data_path, "priority": priority}


def train(data: str, priority: str, workdir: str) -> dict[str, Any]:
    """Each round takes a fifth of what is missing to the mean of the recipe."""
    by_recipe: dict[str, list[float]] = {}
    with Path(data).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            by_recipe.setdefault(row["recipe"], []).append(float(row["yield"]))
    model = dict.fromkeys(by_recipe, 0.0)
    for _ in range(ROUNDS[priority]):
        for recipe, yields in by_recipe.items():
            model[recipe] += STEP * (fmean(yields) - model[recipe])
    squares = [(value - model[recipe]) ** 2 for recipe, yields in by_recipe.items() for value in yields]
    path = Path(workdir) / "model.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(model), encoding="utf-8")
    return {"model": path, "error": round(math.sqrt(fmean(squares)), 4), "rounds": ROUNDS[priority]}


def publish(model: str, error: float, workdir: str) -> str:
    published = Path(workdir) / "published.json"
    os.replace(_copy(Path(model), published.with_suffix(".new")), published)
    print(f"published: it errs by {error}")
    return str(published)


def _copy(source: Path, target: Path) -> Path:
    target.write_bytes(source.read_bytes())
    return target
