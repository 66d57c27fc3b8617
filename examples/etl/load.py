"""Load: put the averages into the warehouse. Loading the same day twice leaves one copy of it."""

import csv
import sqlite3
from contextlib import closing

from scratch import CLEAN, WAREHOUSE


def main() -> None:
    with CLEAN.open(newline="", encoding="utf-8") as file:
        rows = [(row["sensor"], int(row["hour"]), float(row["celsius"])) for row in csv.DictReader(file)]
    with closing(sqlite3.connect(WAREHOUSE)) as connection, connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS temperature"
            " (sensor TEXT, hour INTEGER, celsius REAL, PRIMARY KEY (sensor, hour))"
        )
        connection.executemany("INSERT OR REPLACE INTO temperature VALUES (?, ?, ?)", rows)
        (stored,) = connection.execute("SELECT count(*) FROM temperature").fetchone()
    print(f"{stored} rows in {WAREHOUSE}")


if __name__ == "__main__":
    main()
