"""Transform: drop the missing readings and average the rest by sensor and hour."""

import csv
from collections import defaultdict
from statistics import fmean

from scratch import CLEAN, RAW


def main() -> None:
    readings: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    missing = 0
    with RAW.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["celsius"]:
                readings[row["sensor"], int(row["minute"]) // 60].append(float(row["celsius"]))
            else:
                missing += 1
    with CLEAN.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("sensor", "hour", "celsius"))
        writer.writerows((sensor, hour, f"{fmean(values):.3f}") for (sensor, hour), values in sorted(readings.items()))
    print(f"{len(readings)} hourly averages written to {CLEAN}, {missing} missing readings dropped")


if __name__ == "__main__":
    main()
