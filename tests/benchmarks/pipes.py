"""DAGs of the benchmarks as `.pipe` files with the module that their tasks call."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.benchmarks.dags import Dag

STEPS = '''\
"""What the tasks of a benchmark do."""

import time


def nothing() -> None:
    pass


def rest(seconds: float) -> None:
    time.sleep(seconds)
'''


def command(folder: Path, dag: Dag, *options: str) -> list[str]:
    """Write a DAG into a folder; the `pipec run` that runs it."""
    (folder / "steps.py").write_text(STEPS, encoding="utf-8")
    (folder / "benchmark.pipe").write_text(source(dag), encoding="utf-8")
    return pipec("run", "benchmark.pipe", "--json", "--max-parallel", str(dag.slots), *options)


def pipec(*words: str) -> list[str]:
    """A command of pipec, in this interpreter."""
    return [sys.executable, "-c", "from pipec.cli import program; program()", *words]


def source(dag: Dag) -> str:
    """The `.pipe` file: what a task is expected to take is said, so that the longest path can go first."""
    lines = ["pipeline benchmark {"]
    for task, upstream in dag.upstream.items():
        after = f" after {', '.join(upstream)}" if upstream else ""
        seconds = dag.seconds.get(task)
        if dag.action == "shell":
            lines.append(f"  task {task}{after} = shell('true')")
        elif seconds is None:
            lines.append(f'  task {task}{after} = python("steps:nothing")')
        else:
            estimate = f"{{ estimate = {round(seconds * 1000)}ms }}"
            lines.append(f'  task {task}(seconds = {seconds}){after} = python("steps:rest") {estimate}')
    return "\n".join([*lines, "}", ""])
