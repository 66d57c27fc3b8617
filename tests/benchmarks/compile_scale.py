"""Measure how `pipec check` and `pipec compile --target airflow` grow with the number of tasks.

Usage: python -m tests.benchmarks.compile_scale [--tasks N …] [--repeat R] [--seed S]. Prints a table; see
README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.pipes import pipec
from tests.benchmarks.processes import medians, run

LAYERS = 20
EDGES_A_TASK = 2

FLOOR = """
import graphlib, json, sys
upstream = json.load(open(sys.argv[1]))
order = graphlib.TopologicalSorter(upstream).static_order()
with open(sys.argv[2], "w") as file:
    file.writelines(f"{task} = operator({task!r}, upstream={upstream[task]})\\n" for task in order)
"""


def random_graph(tasks: int, seed: int, layers: int = LAYERS) -> dict[str, list[str]]:
    """Task to its upstream tasks: layers of equal width, every edge from the layer above."""
    generator = random.Random(seed)
    width = max(1, tasks // layers)
    graph: dict[str, list[str]] = {}
    for number in range(tasks):
        above = range(max(0, (number // width - 1) * width), number // width * width)
        chosen = generator.sample(above, min(EDGES_A_TASK, len(above)))
        graph[f"task_{number}"] = [f"task_{upstream}" for upstream in sorted(chosen)]
    return graph


def source(graph: dict[str, list[str]]) -> str:
    """The graph as a `.pipe` file of shell tasks."""
    lines = [
        f"  task {task}{' after ' + ', '.join(upstream) if upstream else ''} = shell('echo {task}')"
        for task, upstream in graph.items()
    ]
    return "\n".join(["pipeline scale {", *lines, "}", ""])


def commands(folder: Path, graph: dict[str, list[str]]) -> dict[str, list[str]]:
    """What is measured, by name; writes what the commands read."""
    (folder / "scale.pipe").write_text(source(graph), encoding="utf-8")
    (folder / "scale.json").write_text(json.dumps(graph), encoding="utf-8")
    pipe = str(folder / "scale.pipe")
    return {
        "floor": [sys.executable, "-c", FLOOR, str(folder / "scale.json"), str(folder / "floor.py")],
        "check": pipec("check", pipe),
        "compile": pipec("compile", pipe, "--target", "airflow", "-o", str(folder / "airflow")),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"{'command':<9}{'tasks':>8}{'CPU s':>9}{'wall s':>9}{'peak MiB':>10}{'CPU growth':>12}")
    before: dict[str, float] = {}
    for tasks in options.tasks:
        with tempfile.TemporaryDirectory() as folder:
            for name, command in commands(Path(folder), random_graph(tasks, options.seed)).items():
                run(command)  # warms the caches
                costs = [run(command).cost for _ in range(options.repeat)]
                cpu, wall, peak = medians(costs)
                growth = f"x {cpu / before[name]:.1f}" if name in before else ""
                print(f"{name:<9}{tasks:>8,}{cpu:>9.2f}{wall:>9.2f}{peak:>10.0f}{growth:>12}", flush=True)
                before[name] = cpu


if __name__ == "__main__":
    main()
