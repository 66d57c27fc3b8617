"""Extract: a day of temperature readings as a flaky data logger would deliver them, some of them missing."""

import csv
import random

from scratch import FOLDER, RAW

SENSORS = ("oven", "etcher", "implanter", "polisher")
READINGS_PER_SENSOR = 96  # one every fifteen minutes
SHARE_MISSING = 0.05


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    generator = random.Random(2026)  # the same day every time, so that runs can be compared
    with RAW.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("sensor", "minute", "celsius"))
        for sensor in SENSORS:
            for reading in range(READINGS_PER_SENSOR):
                missing = generator.random() < SHARE_MISSING
                celsius = "" if missing else f"{generator.gauss(180.0, 4.0):.2f}"
                writer.writerow((sensor, reading * 15, celsius))
    print(f"{len(SENSORS) * READINGS_PER_SENSOR} readings written to {RAW}")


if __name__ == "__main__":
    main()
