"""The tasks of the collection: three fabs, three ways to write the same measurements, one table."""

import csv
import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

KELVIN = 273.15
PASCAL_A_TORR = 133.322

COLUMNS = {
    "dresden": ("wafer", "temperature_c", "pressure_torr"),
    "villach": ("wafer_id", "temp_k", "pressure_pa"),
    "kulim": ("WAFER", "TEMP_C", "PRESSURE_PA"),
}
"""What each fab calls the wafer, its temperature and its pressure; the names tell the units."""

COMMON = ("fab", "wafer", "temperature_c", "pressure_torr")


def read(fab: str, inbox: str, workdir: str) -> dict[str, Any]:
    """A relative inbox lies beside this module, as it does beside the pipeline for the wait."""
    wafer, temperature, pressure = COLUMNS[fab]
    rows = []
    for path in sorted((Path(__file__).parent / inbox / fab).glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                celsius = float(row[temperature]) - (KELVIN if temperature.endswith("_k") else 0.0)
                torr = float(row[pressure]) / (PASCAL_A_TORR if pressure.lower().endswith("_pa") else 1.0)
                rows.append((fab, row[wafer], round(celsius, 2), round(torr, 3)))
    print(f"{fab}: {len(rows)} wafers")
    return {"table": _write(Path(workdir) / f"{fab}.csv", rows), "rows": len(rows)}


def merge(tables: list[str], workdir: str) -> dict[str, Any]:
    rows = [list(row.values()) for table in tables for row in _read(table)]
    return {"table": _write(Path(workdir) / "merged.csv", rows), "rows": len(rows)}


def normalise(table: str) -> str:
    by_fab: dict[str, list[dict[str, str]]] = {}
    for row in _read(table):
        by_fab.setdefault(row["fab"], []).append(row)
    normalised = []
    for fab, rows in by_fab.items():
        columns = [_deviations([float(row[name]) for row in rows]) for name in COMMON[2:]]
        normalised += [(fab, row["wafer"], *values) for row, *values in zip(rows, *columns, strict=True)]
    return _write(Path(table).with_name("normalised.csv"), normalised)


def update_feature_store(table: str, hour: datetime, workdir: str) -> dict[str, Any]:
    """The store is a file here. It is replaced as a whole, so that a second attempt leaves no half of the first."""
    wafers = {row["wafer"]: {**row, "hour": hour.isoformat()} for row in _read(table)}
    store = Path(workdir) / "feature_store.json"
    new = store.with_suffix(".new")
    new.write_text(json.dumps(wafers), encoding="utf-8")
    os.replace(new, store)
    print(f"{len(wafers)} wafers are in the feature store")
    return {"features": store, "rows": len(wafers)}


def _deviations(values: list[float]) -> list[float]:
    mean, deviation = fmean(values), pstdev(values) or 1.0
    return [round((value - mean) / deviation, 4) for value in values]


def _read(table: str) -> list[dict[str, str]]:
    with Path(table).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: Iterable[Iterable[object]]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COMMON, *rows])
    return str(path)
