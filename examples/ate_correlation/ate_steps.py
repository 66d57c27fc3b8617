"""The tasks of the correlation: golden devices, stations that measure them more or less well, and who is told."""

import csv
import json
import random
from pathlib import Path
from statistics import correlation, fmean
from typing import Any

DEVICES = 80
UNUSABLE, DOUBTFUL = 0.9, 0.97
"""Below these correlations with the reference a station has a high, a medium priority."""


def collect(stations: int, seed: int, workdir: str) -> dict[str, Any]:
    """Stands in for the testers: most stations add little to the reference, some are noisy or shifted."""
    generator = random.Random(seed)
    folder = Path(workdir) / "stations"
    folder.mkdir(parents=True, exist_ok=True)
    golden = [generator.gauss(450.0, 10.0) for _ in range(DEVICES)]
    names = [f"ATE-{number:02}" for number in range(1, stations + 1)]
    for name in names:
        noise = generator.choice([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.5, 7.0])
        shift = generator.gauss(0.0, 0.5)
        measured = [value + shift + generator.gauss(0.0, noise) for value in golden]
        _write(folder / f"{name}.json", [round(value, 3) for value in measured])
    reference = _write(Path(workdir) / "reference.json", [round(value, 3) for value in golden])
    return {"stations": names, "folder": folder, "reference": reference}


def analyse(station: str, folder: str, reference: str) -> dict[str, float]:
    measured, golden = _read(Path(folder) / f"{station}.json"), _read(Path(reference))
    found = {
        "correlation": round(correlation(measured, golden), 4),
        "offset": round(fmean(measured) - fmean(golden), 3),
    }
    print(f"{station}: correlation {found['correlation']}, offset {found['offset']} mV")
    return found


def join(stations: list[str], correlations: list[float], offsets: list[float], workdir: str) -> dict[str, Any]:
    table = Path(workdir) / "stations.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("station", "correlation", "offset"))
        writer.writerows(zip(stations, correlations, offsets, strict=True))
    return {"table": table, "rows": len(stations)}


def rank(table: str) -> dict[str, list[str]]:
    with Path(table).open(newline="", encoding="utf-8") as file:
        worst_first = sorted(csv.DictReader(file), key=lambda row: (float(row["correlation"]), row["station"]))
    ranked: dict[str, list[str]] = {"high": [], "medium": [], "low": []}
    for row in worst_first:
        found = float(row["correlation"])
        ranked["high" if found < UNUSABLE else "medium" if found < DOUBTFUL else "low"].append(row["station"])
    return ranked


def stop_stations(stations: list[str], workdir: str) -> int:
    _write(Path(workdir) / "stopped.json", stations)
    print(f"stopped: {', '.join(stations)}")
    return len(stations)


def open_tickets(stations: list[str], workdir: str) -> int:
    _write(Path(workdir) / "tickets.json", [{"station": station, "title": "calibrate"} for station in stations])
    print(f"tickets: {', '.join(stations)}")
    return len(stations)


def digest(high: list[str], medium: list[str], low: list[str]) -> None:
    print(f"{len(high)} stations stopped, {len(medium)} to calibrate, {len(low)} are good")


def _read(path: Path) -> list[float]:
    values: list[float] = json.loads(path.read_text(encoding="utf-8"))
    return values


def _write(path: Path, value: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)
