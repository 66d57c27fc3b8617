"""Stands in for the tester: writes one wafer's results in ATDF, the text form of STDF.

Per device a PIR record opens it, PTR records hold its measurements and a PRR record closes it with its place.
"""

import random
from pathlib import Path

TESTS = {"idd_ma": (12.0, 0.8), "vth_v": (0.45, 0.02), "fmax_mhz": (1200.0, 45.0)}
"""The nominal value of each test and how far it usually scatters."""

SHARE_MISSING = 0.02
SHARE_DEFECT = 0.06


def write_wafer(path: Path, devices: int, seed: int) -> None:
    """Write a wafer of this many devices; the same seed gives the same wafer."""
    generator = random.Random(seed)
    lines = ["FAR:A|4|2|U", "MIR:LOT42|wafer_test|pipec"]
    columns = max(1, round(devices**0.5))
    for device in range(devices):
        lines.append("PIR:1|1")
        scatter = 4.0 if generator.random() < SHARE_DEFECT else 1.0
        for number, (test, (nominal, deviation)) in enumerate(TESTS.items(), start=1):
            missing = generator.random() < SHARE_MISSING
            value = "" if missing else f"{generator.gauss(nominal, deviation * scatter):.4f}"
            lines.append(f"PTR:{number}|1|1|{value}|{test}")
        lines.append(f"PRR:1|1|{device}|{device % columns}|{device // columns}")
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
