"""Measure what the start of pipec costs.

Usage: python -m tests.benchmarks.start_up [--repeat R]. Prints a table in markdown; see README.md beside this file.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.pipes import pipec
from tests.benchmarks.processes import run

SOURCE = 'pipeline small {\n  task a = shell("true")\n  task b after a = python("steps:nothing") { timeout = 5m }\n}\n'

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "pipec --version": pipec("--version"),
    "pipec check": pipec("check", "small.pipe"),
    "pipec run --dry-run": pipec("run", "small.pipe", "--dry-run"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=20)
    options = parser.parse_args()
    print("| command | CPU s | least CPU s | wall s | peak MiB |")
    print("| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "small.pipe").write_text(SOURCE, encoding="utf-8")
        for title, command in COMMANDS.items():
            run(command, folder=folder)  # warms the caches
            costs = [run(command, folder=folder).cost for _ in range(options.repeat)]
            cpu = [cost.cpu for cost in costs]
            wall = statistics.median(cost.wall for cost in costs)
            peak = max(cost.peak for cost in costs)
            print(f"| `{title}` | {statistics.median(cpu):.3f} | {min(cpu):.3f} | {wall:.3f} | {peak:.0f} |")


if __name__ == "__main__":
    main()
