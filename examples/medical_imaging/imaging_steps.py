"""The tasks of the imaging pipeline. An image is a row of brightness; a case has a bright spot somewhere in it."""

import json
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

PIXELS = 16
SPOT = 3
"""How many pixels a bright spot is wide."""

BRIGHTNESS = 3.0
HOLD_OUT_EVERY = 3

Image = list[float]

LOOKS: dict[str, Callable[[Image], float]] = {
    "resnet": lambda image: max(fmean(image[i : i + SPOT]) for i in range(PIXELS - SPOT + 1)) - fmean(image),
    "densenet": lambda image: fmean(sorted(image)[-SPOT:]) - fmean(sorted(image)[:-SPOT]),
    "efficientnet": lambda image: max(a + b for a, b in pairwise(image)) / 2 - fmean(image),
}
"""What each network makes of an image: the one number that it judges by."""


def ingest(images: int, blur: float, seed: int, workdir: str) -> dict[str, Any]:
    """Stands in for the archive: every second image is a case, some have no contrast at all."""
    generator = random.Random(seed)
    rows = []
    for number in range(images):
        image = [generator.gauss(0.0, blur) for _ in range(PIXELS)]
        is_case = number % 2 == 0
        if is_case:
            place = generator.randrange(PIXELS - SPOT + 1)
            image[place : place + SPOT] = [value + BRIGHTNESS for value in image[place : place + SPOT]]
        flat = generator.random() < 0.04
        rows.append({"pixels": [0.0] * PIXELS if flat else [round(value, 3) for value in image], "case": is_case})
    return {"images": _write(Path(workdir) / "images.json", rows), "count": len(rows)}


def quality(images: str) -> dict[str, Any]:
    rows = _read(images)
    usable = [row for row in rows if pstdev(row["pixels"]) > 0]
    return {"usable": _write(Path(images).with_name("usable.json"), usable), "dropped": len(rows) - len(usable)}


def augment(usable: str) -> dict[str, Any]:
    rows = _read(usable)
    training = []
    for row in (row for number, row in enumerate(rows) if number % HOLD_OUT_EVERY):
        pixels = row["pixels"]
        training += [{**row, "pixels": each} for each in (pixels, pixels[::-1], pixels[1:] + pixels[:1])]
    folder = Path(usable).parent
    return {
        "training": _write(folder / "training.json", training),
        "holdout": _write(folder / "holdout.json", rows[::HOLD_OUT_EVERY]),
    }


def train(network: str, training: str, workdir: str) -> str:
    """The threshold lies where it divides best, less a little: a missed case is worse than a false alarm."""
    judged = [(LOOKS[network](row["pixels"]), row["case"]) for row in _read(training)]
    candidates = sorted(value for value, _ in judged)
    best = max(candidates, key=lambda limit: sum((value >= limit) == is_case for value, is_case in judged))
    model = {"network": network, "threshold": round(best - 0.1, 4)}
    return _write(Path(workdir) / f"{network}.json", model)


def ensemble(models: list[str], holdout: str, workdir: str) -> dict[str, Any]:
    fitted, rows = [_read(model) for model in models], _read(holdout)
    found = {True: [0, 0], False: [0, 0]}
    for row in rows:
        votes = sum(LOOKS[model["network"]](row["pixels"]) >= model["threshold"] for model in fitted)
        right = (votes >= 2) == row["case"]
        found[row["case"]][0] += right
        found[row["case"]][1] += 1
    scores = {name: round(found[c][0] / found[c][1], 4) for name, c in (("sensitivity", True), ("specificity", False))}
    print(f"sensitivity {scores['sensitivity']}, specificity {scores['specificity']} on {len(rows)} images")
    return {**scores, "scores": _write(Path(workdir) / "scores.json", scores)}


def explainability_report(models: list[str], networks: list[str], workdir: str) -> str:
    """What each network makes of a spot in the middle of an empty image, pixel by pixel removed."""
    spot = [BRIGHTNESS if abs(pixel - PIXELS // 2) <= SPOT // 2 else 0.0 for pixel in range(PIXELS)]
    lines = ["# What the networks look at", ""]
    for network, model in zip(networks, models, strict=True):
        without = [[*spot[:i], 0.0, *spot[i + 1 :]] for i in range(PIXELS)]
        matters = [i for i, image in enumerate(without) if LOOKS[network](image) < LOOKS[network](spot) - 0.01]
        lines.append(f"- {network} (threshold {_read(model)['threshold']}): pixels {', '.join(map(str, matters))}")
    return _text(Path(workdir) / "explainability.md", lines)


def regulatory_documents(report: str, scores: str, sensitivity: float, specificity: float, workdir: str) -> str:
    lines = [
        "# Technical documentation",
        "",
        f"- sensitivity: {sensitivity:.1%}",
        f"- specificity: {specificity:.1%}",
        f"- scores: {Path(scores).name}",
        "",
        Path(report).read_text(encoding="utf-8"),
    ]
    return _text(Path(workdir) / "documents.md", lines)


def deploy(models: list[str], documents: str, workdir: str) -> None:
    _write(Path(workdir) / "production.json", {"models": models, "documents": documents})
    print(f"{len(models)} networks serve, documented in {Path(documents).name}")


def _text(path: Path, lines: list[str]) -> str:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def _read(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _write(path: Path, value: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)
