"""The tasks of the quality check: batches of measurements as CSV, and what can be wrong with them."""

import csv
import random
from pathlib import Path
from typing import Any

COLUMNS = ("device", "idd_ma", "vth_v")
RANGES = {"idd_ma": (5.0, 20.0), "vth_v": (0.3, 0.6)}
ROWS = 200
MAX_MISSING, MAX_OUT_OF_RANGE, MAX_DUPLICATES = 0.02, 0.01, 0.01
"""A batch is bad above one of these shares."""

SPOIL = ("header", "missing", "range", "twice")
"""What goes wrong in turn."""


def ingest(batches: int, spoilt: float, seed: int, workdir: str) -> list[str]:
    """Stands in for the testers."""
    generator = random.Random(seed)
    folder = Path(workdir) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    paths, faults = [], 0
    for number in range(batches):
        rows = [[str(device), *_measured(generator)] for device in range(ROWS)]
        header = list(COLUMNS)
        if generator.random() < spoilt:
            _spoil(SPOIL[faults % len(SPOIL)], header, rows)
            faults += 1
        path = folder / f"batch-{number:02}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])
        paths.append(str(path))
    return paths


def check_schema(paths: list[str]) -> dict[str, list[str]]:
    readable = []
    for path in paths:
        with Path(path).open(newline="", encoding="utf-8") as file:
            if tuple(next(csv.reader(file))) == COLUMNS:
                readable.append(path)
    return {"readable": readable, "unreadable": [path for path in paths if path not in readable]}


def statistics(path: str) -> dict[str, float]:
    with Path(path).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    cells = [(name, row[name]) for row in rows for name in RANGES]
    outside = [value for name, value in cells if value and not RANGES[name][0] <= float(value) <= RANGES[name][1]]
    shares = {
        "missing": round(sum(not value for _, value in cells) / len(cells), 4),
        "out_of_range": round(len(outside) / len(cells), 4),
        "duplicates": round(1 - len({row["device"] for row in rows}) / len(rows), 4),
    }
    print(f"{Path(path).stem}: {shares}")
    return shares


def judge(
    readable: list[str],
    unreadable: list[str],
    missing: list[float],
    out_of_range: list[float],
    duplicates: list[float],
) -> dict[str, list[str]]:
    good = [
        path
        for path, *shares in zip(readable, missing, out_of_range, duplicates, strict=True)
        if all(
            share <= limit for share, limit in zip(shares, (MAX_MISSING, MAX_OUT_OF_RANGE, MAX_DUPLICATES), strict=True)
        )
    ]
    return {"good": good, "bad": sorted({*readable, *unreadable} - set(good))}


def quarantine(paths: list[str], workdir: str) -> dict[str, list[str]]:
    """A batch that a first attempt has moved already is left where it is."""
    folder = Path(workdir) / "quarantine"
    folder.mkdir(exist_ok=True)
    for path in map(Path, paths):
        if path.exists():
            path.rename(folder / path.name)
    return {"moved": [Path(path).name for path in paths]}


def notify(moved: list[str], workdir: str) -> None:
    text = f"{len(moved)} batches are in quarantine: {', '.join(moved)}\n"
    (Path(workdir) / "message.txt").write_text(text, encoding="utf-8")
    print(text, end="")


def _measured(generator: random.Random) -> list[str]:
    return [f"{generator.gauss(12.0, 1.0):.3f}", f"{generator.gauss(0.45, 0.02):.4f}"]


def _spoil(how: str, header: list[str], rows: list[list[Any]]) -> None:
    match how:
        case "header":
            header.pop()
        case "missing":
            for row in rows[::10]:
                row[1] = ""
        case "range":
            for row in rows[::20]:
                row[2] = "4.5"
        case _:
            rows.extend(rows[:10])
