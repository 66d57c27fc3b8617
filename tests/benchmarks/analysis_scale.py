"""Measure how `pipec check`, `plan` and `diff` grow with the number of tasks.

Usage: python -m tests.benchmarks.analysis_scale [--tasks N …] [--repeat R] [--seed S]. Prints a table; see README.md
beside this file.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from pathlib import Path

from tests.benchmarks.compile_scale import random_graph, source
from tests.benchmarks.pipes import pipec
from tests.benchmarks.processes import medians, run

CHANGED = 20
"""One task in so many has another command in the edited file, one has another name, and one an upstream task less."""


def edited(text: str, graph: dict[str, list[str]], seed: int) -> str:
    """The file with some tasks changed, renamed and moved in the graph, and its statements in another order."""
    generator = random.Random(seed)
    tasks = list(graph)
    number = max(1, len(tasks) // CHANGED)
    renamed = {task: f"step_{task}" for task in generator.sample(tasks, number)}
    changed = set(generator.sample(tasks, number))
    first, *lines, last, end = text.split("\n")
    for place, task in enumerate(tasks):
        if task in changed:
            lines[place] = lines[place].replace("echo ", "printf ")
    for task in generator.sample([task for task in tasks if len(graph[task]) > 1], number):
        place = tasks.index(task)
        lines[place] = re.sub(r" after (\w+), ", " after ", lines[place])
    name = re.compile(r"(?<!echo )(?<!printf )\btask_\d+")
    lines = [name.sub(lambda found: renamed.get(found[0], found[0]), line) for line in lines]
    generator.shuffle(lines)
    return "\n".join([first, *lines, last, end])


def commands(folder: Path, graph: dict[str, list[str]], seed: int) -> dict[str, list[str]]:
    """What is measured, by name; writes what the commands read."""
    text = source(graph)
    names = {
        "old": text,
        "new": edited(text, graph, seed),
        "renamed": re.sub(r"(?<!echo )\btask_(\d+)", r"step_\1", text),
    }
    for name, content in names.items():
        (folder / f"{name}.pipe").write_text(content, encoding="utf-8")
    old, new, renamed = (str(folder / f"{name}.pipe") for name in names)
    return {
        "check": pipec("check", old),
        "plan": pipec("plan", old),
        "diff, the same file": pipec("diff", old, old),
        "diff, edited": pipec("diff", old, new),
        "diff, all renamed": pipec("diff", old, renamed),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print("| command | tasks | edges | CPU s | wall s | peak MiB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for tasks in options.tasks:
        graph = random_graph(tasks, options.seed)
        edges = sum(map(len, graph.values()))
        with tempfile.TemporaryDirectory() as folder:
            for name, command in commands(Path(folder), graph, options.seed).items():
                run(command)  # warms the caches
                cpu, wall, peak = medians([run(command).cost for _ in range(options.repeat)])
                print(f"| {name} | {tasks:,} | {edges:,} | {cpu:.2f} | {wall:.2f} | {peak:.0f} |", flush=True)


if __name__ == "__main__":
    main()
