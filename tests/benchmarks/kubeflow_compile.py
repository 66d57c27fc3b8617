"""Measure compiling for Kubeflow beside Kubeflow's own compiler.

Usage: python -m tests.benchmarks.kubeflow_compile [--tasks N …] [--repeat R]. Prints tables in
markdown; see README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipec.api import Loaded, load
from pipec.compilation import compile_to
from tests.benchmarks.compile_scale import random_graph
from tests.benchmarks.generators import Graph
from tests.benchmarks.pipes import pipec
from tests.benchmarks.processes import Cost, medians, run
from tests.benchmarks.runners.measured import seconds_of
from tests.support.environments import environment
from tests.support.kubeflow import REQUIREMENTS, VERSION

IN_PROCESS_AIM = 5.0
"""How many times as fast as the SDK compiling in one process is meant to be."""

WHOLE_PROCESS_AIM = 4.0
"""The same of the whole command, of 100 tasks."""

_ROOT = Path(__file__).resolve().parents[2]
_RUNNER = "tests.benchmarks.runners.kfp_compile"


def chain(tasks: int) -> Graph:
    """One task after the other."""
    return {f"task_{number}": [f"task_{number - 1}"] if number else [] for number in range(tasks)}


def fan(tasks: int) -> Graph:
    """One task, then all others but one at once, then that one."""
    middle = [f"task_{number}" for number in range(1, tasks - 1)]
    return {"task_0": [], **{task: ["task_0"] for task in middle}, f"task_{tasks - 1}": middle}


def scattered(tasks: int) -> Graph:
    """The graph of `compile_scale`."""
    return random_graph(tasks, seed=1)


SHAPES = {"chain": chain, "fan": fan, "random": scattered}


def source(graph: Graph) -> str:
    """The graph as a `.pipe` file of tasks that run a program in an image."""
    lines = []
    for task, upstream in graph.items():
        after = f" after {', '.join(upstream)}" if upstream else ""
        lines.append(f'  task {task}{after} = image("busybox", command = ["echo"], args = ["{task}"])')
    return "\n".join(["pipeline scale {", *lines, "}", ""])


def script(graph: Graph) -> str:
    """The graph as the script that a user of the SDK would write."""
    lines = ["from kfp import compiler, dsl", ""]
    for task in graph:
        lines += ["@dsl.container_component", f"def {task}():"]
        lines += [f"    return dsl.ContainerSpec(image='busybox', command=['echo'], args=['{task}'])", ""]
    lines += ["@dsl.pipeline(name='scale')", "def scale():"]
    for task, upstream in graph.items():
        after = f".after({', '.join(f'{one}_made' for one in upstream)})" if upstream else ""
        lines.append(f"    {task}_made = {task}(){after}")
    return "\n".join([*lines, "", "compiler.Compiler().compile(scale, 'scale.yaml')", ""])


@dataclass(frozen=True, slots=True)
class Compared:
    """CPU seconds of one graph: of the SDK, of pipec from what it has read, and from the text of the file."""

    shape: str
    tasks: int
    sdk: float
    own: float
    own_with_reading: float

    @property
    def row(self) -> str:
        times = self.sdk / self.own
        with_reading = self.sdk / self.own_with_reading
        return (
            f"| {self.shape} | {self.tasks:,} | {self.sdk:.3f} | {self.own:.3f} | {times:.1f} |"
            f" {self.own_with_reading:.3f} | {with_reading:.1f} | {'yes' if times >= IN_PROCESS_AIM else 'no'} |"
        )


def loaded(graph: Graph) -> Loaded:
    """The graph as pipec has read it."""
    return load("scale.pipe", text=source(graph))


def compiled(read: Loaded) -> str:
    """The YAML. Raises AssertionError where it cannot be compiled."""
    files = compile_to(read, "scale", "kubeflow")
    assert files, read.diagnostics.sorted()
    return files[0].text


def compare(shape: str, tasks: int, repeat: int, python: Path) -> Compared:
    """Both compilers on one graph, each in a process that has done it once before; small graphs are compiled oftener.

    So each compiler is measured for a while, and a moment in which others had the machine counts for little.
    """
    repeat *= max(1, 1_000 // tasks)
    graph = SHAPES[shape](tasks)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "graph.json")
        path.write_text(json.dumps(graph), "utf-8")
        command = [str(python), "-m", _RUNNER, str(path), name, str(repeat + 1)]
        sdk: list[float] = json.loads(run(command, environment=_environment()).output.splitlines()[-1])
        written = Path(name, "scale.yaml").read_text("utf-8")
    read = loaded(graph)
    own = compiled(read)
    for text in (own, written):
        assert all(task.replace("_", "-") in text for task in graph)
    return Compared(
        shape,
        tasks,
        statistics.median(sdk[1:]),
        statistics.median(seconds_of(lambda: compiled(read), repeat)),
        statistics.median(seconds_of(lambda: compiled(loaded(graph)), repeat)),
    )


def whole_processes(tasks: int, repeat: int, python: Path) -> tuple[Cost, Cost]:
    """The SDK's script and `pipec compile` of a random graph: medians after a first time, which fills the caches."""
    graph = scattered(tasks)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "scale.py").write_text(script(graph), "utf-8")
        (folder / "scale.pipe").write_text(source(graph), "utf-8")
        commands = (
            [str(python), "scale.py"],
            pipec("compile", "scale.pipe", "--target", "kubeflow", "-o", "out"),
        )
        costs: tuple[list[Cost], list[Cost]] = ([], [])
        for turn in range(repeat + 1):
            for command, found in zip(commands, costs, strict=True):
                cost = run(command, folder=folder, environment=_environment()).cost
                if turn:
                    found.append(cost)
        for file in (folder / "scale.yaml", folder / "out" / "scale.yaml"):
            assert f"task-{tasks - 1}" in file.read_text("utf-8")
    sdk, own = (Cost(*medians(found)) for found in costs)
    return sdk, own


def _environment() -> dict[str, str]:
    return {"PYTHONPATH": str(_ROOT), "DO_NOT_TRACK": "1"}


def process_rows(tasks: int, sdk: Cost, own: Cost) -> Iterator[str]:
    """The table of whole processes, and whether the aim is met."""
    yield "| command | CPU s | wall s | peak MiB |"
    yield "| --- | --- | --- | --- |"
    for name, cost in (("the SDK's script", sdk), ("`pipec compile --target kubeflow`", own)):
        yield f"| {name}, {tasks} tasks | {cost.cpu:.2f} | {cost.wall:.2f} | {cost.peak:.0f} |"
    times = sdk.wall / own.wall
    met = "met" if times >= WHOLE_PROCESS_AIM else "missed"
    yield ""
    yield f"pipec is {times:.1f} x as fast as the script, aim {WHOLE_PROCESS_AIM:g}: {met}"


def in_process_rows(found: Iterable[Compared]) -> Iterator[str]:
    """The table of compilers."""
    yield "| graph | tasks | SDK s | pipec s | x | with reading the file s | x | at least 5 |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for one in found:
        yield one.row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, nargs="+", default=[100, 300, 1_000])
    parser.add_argument("--repeat", type=int, default=5, help="times for 1,000 tasks, more for fewer; default: 5")
    options = parser.parse_args()
    python = environment(f"kubeflow-{VERSION}", REQUIREMENTS, newest=(3, 13))
    pairs = [(shape, tasks) for shape in SHAPES for tasks in options.tasks]
    for line in in_process_rows(compare(shape, tasks, options.repeat, python) for shape, tasks in pairs):
        print(line, flush=True)
    print()
    for line in process_rows(100, *whole_processes(100, options.repeat, python)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
