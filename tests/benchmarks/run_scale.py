"""Measure that a run of many tasks, of many items and of large values costs no more a task than a run of few.

Usage: python -m tests.benchmarks.run_scale [--sizes N …] [--kinds KIND …] [--repeat R]. Prints a table in markdown; see
README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.compile_scale import random_graph
from tests.benchmarks.pipes import pipec
from tests.benchmarks.processes import FailedError, Finished, medians, run

KIBIBYTES = 48
"""The size of an output in the case of large values: the largest that is kept."""

STEPS = f'''\
"""What the tasks of the benchmark do."""


def nothing() -> None:
    pass


def numbers(size: int) -> list[int]:
    return [number % 100 for number in range(size)]  # 10,000 of them still fit into an output


def same(item: int) -> int:
    return item


def total(numbers: list[int]) -> int:
    return sum(numbers)


def text() -> str:
    return "x" * ({KIBIBYTES} * 1024 - len('{{"output": ""}}'))


def passed_on(text: str) -> str:
    return text
'''


def layered(size: int) -> str:
    """A random layered DAG of tasks that do nothing, with about two edges a task."""
    tasks = [
        f'  task {task}{" after " + ", ".join(upstream) if upstream else ""} = python("steps:nothing")'
        for task, upstream in random_graph(size, seed=1).items()
    ]
    return _pipeline(tasks)


def mapped(size: int) -> str:
    """One task for each item of a list, and one that gathers them."""
    return _pipeline(
        [
            f'  task numbers(size = {size}) -> list[int] = python("steps:numbers")',
            "  map item in numbers {",
            '    task same(item) -> int = python("steps:same")',
            "  }",
            '  task total(numbers = same[*]) -> int = python("steps:total")',
        ]
    )


def valued(size: int) -> str:
    """A chain of tasks, each of which hands on the largest text there may be."""
    tasks = ['  task t0 -> str = python("steps:text")']
    tasks += [f'  task t{n}(text = t{n - 1}) -> str = python("steps:passed_on")' for n in range(1, size)]
    return _pipeline(tasks)


KINDS: dict[str, tuple[Callable[[int], str], tuple[int, ...]]] = {
    "tasks": (layered, (100, 1_000, 10_000)),
    "items of a map": (mapped, (1_000, 10_000)),
    f"outputs of {KIBIBYTES} KiB": (valued, (100, 1_000)),
}
"""What is measured, and how many of them."""


def _pipeline(lines: list[str]) -> str:
    return "\n".join(["pipeline benchmark {", *lines, "}", ""])


def measure(source: str) -> tuple[float, Finished]:
    """Run a pipeline in a new folder: the seconds of the run, and its process. Raises FailedError."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "steps.py").write_text(STEPS, encoding="utf-8")
        (folder / "benchmark.pipe").write_text(source, encoding="utf-8")
        finished = run(pipec("run", "benchmark.pipe", "--json"), folder=folder)
    return float(json.loads(finished.output)["duration_s"]), finished


def row(kind: str, size: int, source: str, repeat: int) -> str:
    """The medians of some runs as a row of the table."""
    try:
        runs = [measure(source) for _ in range(repeat)]
    except FailedError as error:
        return f"| {kind} | {size:,} | failed: {str(error).splitlines()[-1]} | | | |"
    seconds = statistics.median(inside for inside, _ in runs)
    cpu, wall, peak = medians([finished.cost for _, finished in runs])
    return f"| {kind} | {size:,} | {seconds / size * 1000:.2f} | {cpu / size * 1000:.2f} | {wall:.2f} | {peak:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", metavar="N", help="default: up to 10,000")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--repeat", type=int, default=1)
    options = parser.parse_args()
    print("| what | how many | ms each, of the run | CPU ms each, whole process | whole process s | peak MiB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for kind in options.kinds:
        source, sizes = KINDS[kind]
        for size in options.sizes or sizes:
            print(row(kind, size, source(size), options.repeat), flush=True)


if __name__ == "__main__":
    main()
