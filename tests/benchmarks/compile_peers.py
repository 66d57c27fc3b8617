"""Measure `pipec compile` as a whole process beside other generators.

Usage: python -m tests.benchmarks.compile_peers [--peers FOLDER] [--tasks N …] [--repeat R] [--only TEXT …]. Prints a
table in markdown; see README.md beside this file.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.benchmarks.compile_scale import random_graph
from tests.benchmarks.generators import ALL, PIPEC, Generator, Graph, environment
from tests.benchmarks.peers import interpreter
from tests.benchmarks.processes import Cost, FailedError, medians, run

AIMS = {100: 0.35, 1_000: 0.8, 10_000: 2.4}
"""CPU seconds that `pipec compile` is meant to stay below, by tasks."""

SLOW = 10.0
"""CPU seconds from which on a generator is run once, without a warm-up."""


def take(generator: Generator, graph: Graph, python: Path, home: Path) -> Cost:
    """Generate once, in a new folder. Raises FailedError, also where a task is missing in what came of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        job = generator.prepare(folder, graph, python)
        finished = run(job.words, folder=folder, environment=environment(home))
        text = finished.output if job.output is None else job.output.read_text("utf-8")
    missing = next((task for task in reversed(graph) if task not in text), None)
    if missing is not None:
        raise FailedError(f"{generator.name}: nothing is said of {missing}")
    return finished.cost


def measure(
    generator: Generator, graphs: Mapping[int, Graph], python: Path, home: Path, repeat: int
) -> dict[int, Cost | None]:
    """The medians by number of tasks; None where it fails, or takes too long."""
    found: dict[int, Cost | None] = {}
    for tasks, graph in graphs.items():
        print(f"{generator.name}: {tasks}", file=sys.stderr, flush=True)
        if generator.most is not None and tasks > generator.most:
            found[tasks] = None
            continue
        try:
            first = take(generator, graph, python, home)  # fills the caches
            if first.cpu < SLOW:
                costs = [take(generator, graph, python, home) for _ in range(repeat)]
                first = Cost(*medians(costs))
            found[tasks] = first
        except FailedError as error:
            print(error, file=sys.stderr)
            found[tasks] = None
    return found


def row(name: str, found: Mapping[int, Cost | None]) -> str:
    """A line of the table: CPU seconds and the peak in MiB for each number of tasks."""
    cells = ("-" if cost is None else f"{cost.cpu:.2f} [{cost.peak:.0f}]" for cost in found.values())
    return f"| {name} | {' | '.join(cells)} |"


def verdicts(own: Mapping[int, Cost | None], others: Mapping[str, Mapping[int, Cost | None]]) -> Iterable[str]:
    """Whether pipec reaches what it is meant to, and how far it is below the best of the others, by tasks."""
    for tasks, cost in own.items():
        if cost is None:
            yield f"- {tasks:,} tasks: pipec failed"
            continue
        aim = AIMS.get(tasks)
        aimed = "" if aim is None else f", aim {aim}: {'met' if cost.cpu <= aim else 'missed'}"
        rivals = [(one.cpu, name) for name, found in others.items() if (one := found.get(tasks)) is not None]
        best = (
            f"; {min(rivals)[0] / cost.cpu:.1f} x of it is the least of the others, {min(rivals)[1]}" if rivals else ""
        )
        yield f"- {tasks:,} tasks: {cost.cpu:.2f} CPU s{aimed}{best}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="where the other generators are installed")
    parser.add_argument("--tasks", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", metavar="TEXT", help="only generators whose names contain one of these")
    options = parser.parse_args()
    graphs = {tasks: random_graph(tasks, options.seed) for tasks in options.tasks}
    print(f"| generator | {' | '.join(f'{tasks:,}: CPU s [MiB]' for tasks in graphs)} |")
    print(f"| --- |{' --- |' * len(graphs)}")
    found: dict[str, dict[int, Cost | None]] = {}
    with tempfile.TemporaryDirectory() as home:
        for generator in ALL:
            if options.only and not any(text in generator.name for text in options.only):
                continue
            python = Path(sys.executable) if generator.peer is None else interpreter(options.peers, generator.peer)
            if python is None:
                print(f"| {generator.name} | not installed |{' |' * (len(graphs) - 1)}")
                continue
            found[generator.name] = measure(generator, graphs, python, Path(home), options.repeat)
            print(row(generator.name, found[generator.name]), flush=True)
    others = {name: costs for name, costs in found.items() if name in {one.name for one in ALL if one.peer is not None}}
    if PIPEC.name in found:
        print("", *verdicts(found[PIPEC.name], others), sep="\n")


if __name__ == "__main__":
    main()
