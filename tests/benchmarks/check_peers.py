"""Measure `pipec check` as a whole process beside what others check a pipeline of 30 tasks with.

Usage: python -m tests.benchmarks.check_peers [--peers FOLDER] [--tasks N] [--repeat R]. Prints a table in markdown; see
README.md beside this file.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.compile_scale import random_graph, source
from tests.benchmarks.generators import Graph, environment, write_elyra
from tests.benchmarks.peers import interpreter
from tests.benchmarks.pipes import pipec
from tests.benchmarks.processes import Cost, FailedError, medians, run

AIMS = {"pipec --version": 12, "pipec check": 40}
"""How many times the CPU of `python -c pass` each of these may take."""

FASTER = 3
"""How many times the CPU of `pipec check` each of the others is meant to take at least."""

PASS = "python -c pass"
CHECK = "pipec check"


@dataclass(frozen=True, slots=True)
class Checker:
    """What checks a pipeline: `prepare` writes it into a folder and gives the command, `peer` is what it needs."""

    name: str
    prepare: Callable[[Path, Graph, Path], list[str]]
    peer: str | None = None


def _pipec(folder: Path, graph: Graph, python: Path) -> list[str]:
    (folder / "scale.pipe").write_text(source(graph), "utf-8")
    return pipec("check", "scale.pipe")


def _airflow(folder: Path, graph: Graph, python: Path) -> list[str]:
    """What `airflow dags list-import-errors` does with a folder, without the database that it needs."""
    lines = ["from airflow.providers.standard.operators.bash import BashOperator", "from airflow.sdk import DAG"]
    lines += ["with DAG('scale'):"]
    lines += [f"    {task} = BashOperator(task_id={task!r}, bash_command='echo {task}')" for task in graph]
    lines += [f"    [{', '.join(upstream)}] >> {task}" for task, upstream in graph.items() if upstream]
    (folder / "scale_dag.py").write_text("\n".join([*lines, ""]), "utf-8")
    load = (
        "from airflow.dag_processing.dagbag import DagBag; b = DagBag('scale_dag.py'); assert b.dags, b.import_errors"
    )
    return [str(python), "-c", load]


def _kfp(folder: Path, graph: Graph, python: Path) -> list[str]:
    lines = ["from kfp import dsl", "@dsl.component", "def nothing():", "    pass", "@dsl.pipeline", "def scale():"]
    for task, upstream in graph.items():
        after = f".after({', '.join(upstream)})" if upstream else ""
        lines.append(f"    {task} = nothing(){after}")
    (folder / "scale.py").write_text("\n".join([*lines, ""]), "utf-8")
    return [str(python.with_name("kfp")), "dsl", "compile", "--py", "scale.py", "--output", "scale.yaml"]


def _elyra(folder: Path, graph: Graph, python: Path) -> list[str]:
    write_elyra(folder, graph)
    return [str(python.with_name("elyra-pipeline")), "validate", "scale.pipeline"]


CHECKERS = [
    Checker(PASS, lambda folder, graph, python: [sys.executable, "-c", "pass"]),
    Checker("pipec --version", lambda folder, graph, python: pipec("--version")),
    Checker(CHECK, _pipec),
    Checker("Airflow, the file loaded", _airflow, peer="airflow"),
    Checker("`kfp dsl compile`", _kfp, peer="kfp"),
    Checker("`elyra-pipeline validate`", _elyra, peer="elyra"),
]


def take(checker: Checker, graph: Graph, python: Path, home: Path, repeat: int) -> Cost:
    """The medians of so many runs after a first one that fills the caches. Raises FailedError."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = checker.prepare(folder, graph, python)
        costs = [run(command, folder=folder, environment=environment(home)).cost for _ in range(repeat + 1)]
    return Cost(*medians(costs[1:]))


def verdicts(found: dict[str, Cost]) -> Iterator[str]:
    """What the aims say of the ratios."""
    for name, most in AIMS.items():
        ratio = found[name].cpu / found[PASS].cpu
        yield f"- {name}: {ratio:.1f} x the CPU of {PASS}, aim {most}: {'met' if ratio <= most else 'missed'}"
    for name in [checker.name for checker in CHECKERS if checker.peer and checker.name in found]:
        ratio = found[name].cpu / found[CHECK].cpu
        met = "met" if ratio >= FASTER else "missed"
        yield f"- {CHECK} is {ratio:.1f} x as fast as {name}, aim {FASTER}: {met}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="where the others are installed")
    parser.add_argument("--tasks", type=int, default=30)
    parser.add_argument("--repeat", type=int, default=7)
    options = parser.parse_args()
    graph = random_graph(options.tasks, seed=1, layers=6)
    found: dict[str, Cost] = {}
    print("| command | CPU s | wall s | peak MiB |")
    print("| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as home:
        for checker in CHECKERS:
            python = Path(sys.executable) if checker.peer is None else interpreter(options.peers, checker.peer)
            if python is None:
                print(f"| {checker.name} | not installed | | |")
                continue
            try:
                cost = found[checker.name] = take(checker, graph, python, Path(home), options.repeat)
            except FailedError as error:
                print(error, file=sys.stderr)
                continue
            print(f"| {checker.name} | {cost.cpu:.3f} | {cost.wall:.3f} | {cost.peak:.0f} |", flush=True)
    print("", *verdicts(found), sep="\n")


if __name__ == "__main__":
    main()
