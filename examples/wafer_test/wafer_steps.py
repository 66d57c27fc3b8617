"""The tasks of the wafer test: each takes paths of tables, writes one more beside them and returns its path."""

import csv
import math
from collections import Counter
from pathlib import Path
from statistics import fmean, median
from typing import Any

from tester import TESTS, write_wafer

Row = dict[str, str]

LIMITS = {test: (nominal - 4.0 * deviation, nominal + 4.0 * deviation) for test, (nominal, deviation) in TESTS.items()}
OUTLIER_SCORE = 3.5
"""The usual bound of the modified z-score (Iglewicz and Hoaglin)."""


def parse_stdf(devices: int, seed: int, workdir: str) -> dict[str, Any]:
    """One row a device: where it sits on the wafer and what was measured (empty where nothing was)."""
    folder = Path(workdir)
    folder.mkdir(parents=True, exist_ok=True)
    tester_file = folder / "lot42.atdf"
    write_wafer(tester_file, devices, seed)
    rows: list[Row] = []
    measured: Row = {}
    for line in tester_file.read_text(encoding="ascii").splitlines():
        kind, _, fields = line.partition(":")
        match kind, fields.split("|"):
            case "PIR", _:
                measured = {}
            case "PTR", [_, _, _, value, test]:
                measured[test] = value
            case "PRR", [_, _, device, column, row]:
                rows.append({"device": device, "column": column, "row": row, **measured})
    return {"measurements": _write(folder / "measurements.csv", rows), "rows": len(rows)}


def validate_data(measurements: str) -> dict[str, Any]:
    """Keep the devices whose measurements are all there and physically possible (positive and finite)."""
    rows = _read(measurements)
    clean = [row for row in rows if all(_possible(row[test]) for test in TESTS)]
    path = _write(_beside(measurements, "clean.csv"), clean)
    return {"clean": path, "kept": len(clean), "dropped": len(rows) - len(clean)}


def engineer_features(clean: str) -> str:
    """Every measurement as a share of its limits (-1 the lower, 1 the upper), and the distance from the centre."""
    rows = _read(clean)
    centre_column = fmean(float(row["column"]) for row in rows)
    centre_row = fmean(float(row["row"]) for row in rows)
    features = [
        {
            "device": row["device"],
            "radius": f"{math.hypot(float(row['column']) - centre_column, float(row['row']) - centre_row):.4f}",
            **{test: f"{_share_of_limits(test, float(row[test])):.4f}" for test in TESTS},
        }
        for row in rows
    ]
    return _write(_beside(clean, "features.csv"), features)


def detect_outliers(features: str) -> dict[str, Any]:
    """Devices with a measurement far from the wafer's median, by the modified z-score."""
    rows = _read(features)
    outliers: dict[str, Row] = {}
    for test in TESTS:
        values = [float(row[test]) for row in rows]
        middle = median(values)
        deviation = median(abs(value - middle) for value in values)
        for row, value in zip(rows, values, strict=True):
            score = 0.6745 * abs(value - middle) / deviation if deviation else 0.0
            if score > OUTLIER_SCORE:
                outliers[row["device"]] = {"device": row["device"], "test": test, "score": f"{score:.2f}"}
    path = _write(_beside(features, "outliers.csv"), list(outliers.values()), ("device", "test", "score"))
    return {"outliers": path, "count": len(outliers)}


def predict_yield(features: str) -> dict[str, Any]:
    """The chance that a device works, from the smallest of its margins, and the mean of the chances."""
    rows = _read(features)
    predictions: list[Row] = []
    for row in rows:
        margin = min(1.0 - abs(float(row[test])) for test in TESTS)
        chance = 1.0 / (1.0 + math.exp(-20.0 * margin))
        predictions.append({"device": row["device"], "margin": f"{margin:.4f}", "chance": f"{chance:.4f}"})
    path = _write(_beside(features, "predictions.csv"), predictions)
    return {"predictions": path, "expected_yield": round(fmean(float(row["chance"]) for row in predictions), 4)}


def device_binning(outliers: str, predictions: str, expected_yield: float) -> dict[str, Any]:
    """Bin 3 breaks a limit, bin 2 keeps them but is an outlier, bin 1 is good; the yield is bin 1's share."""
    suspicious = {row["device"] for row in _read(outliers)}
    binned = []
    for row in _read(predictions):
        within_limits = float(row["margin"]) >= 0.0
        bin_number = 3 if not within_limits else 2 if row["device"] in suspicious else 1
        binned.append({"device": row["device"], "bin": str(bin_number)})
    _write(_beside(predictions, "bins.csv"), binned)
    sizes = Counter(row["bin"] for row in binned)
    measured_yield = sizes["1"] / len(binned)
    return {
        "bins": {f"bin_{number}": sizes[str(number)] for number in (1, 2, 3)},
        "measured_yield": round(measured_yield, 4),
        "surprise": round(measured_yield - expected_yield, 4),
    }


def generate_report(bins: dict[str, int], measured_yield: float, surprise: float, workdir: str) -> str:
    """Write the report and print it into the task's log."""
    lines = [
        "# Wafer test, lot 42",
        "",
        f"- yield: {measured_yield:.1%}, {surprise * 100:+.1f} points from the prediction",
        *(f"- {name.replace('_', ' ')}: {count} devices" for name, count in bins.items()),
    ]
    path = Path(workdir) / "report.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return str(path)


def _possible(value: str) -> bool:
    return value != "" and math.isfinite(float(value)) and float(value) > 0.0


def _share_of_limits(test: str, value: float) -> float:
    lower, upper = LIMITS[test]
    return (2.0 * value - lower - upper) / (upper - lower)


def _beside(path: str, name: str) -> Path:
    return Path(path).with_name(name)


def _read(path: str) -> list[Row]:
    with Path(path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[Row], columns: tuple[str, ...] = ()) -> str:
    """Write the rows and return the path. `columns` matter where there may be no row to take them from."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns or tuple(rows[0] if rows else ()))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)
