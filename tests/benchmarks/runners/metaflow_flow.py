"""Writes a Metaflow flow: a chain of steps, or one step for each of a list. It has no other shapes."""

from __future__ import annotations

from tests.benchmarks.dags import Dag

HEAD = """\
import subprocess
from metaflow import FlowSpec, step


class Benchmark(FlowSpec):
"""
TAIL = """\

if __name__ == "__main__":
    Benchmark()
"""


def flow(dag: Dag) -> str | None:
    """The source of the flow, None for a DAG that it cannot express."""
    if dag.seconds:
        return None
    steps = _chain(list(dag.upstream)) if any(dag.upstream.values()) else _each(len(dag.upstream), dag.action)
    return HEAD + "\n".join(steps) + TAIL


def _chain(names: list[str]) -> list[str]:
    names = ["start", *names, "end"]
    following = [*(f"self.next(self.{name})" for name in names[1:]), "pass"]
    return [_step(name, body) for name, body in zip(names, following, strict=True)]


def _each(tasks: int, action: str) -> list[str]:
    work = "subprocess.run(['true'], check=True)" if action == "shell" else "pass"
    return [
        _step("start", f"self.items = list(range({tasks}))", "self.next(self.work, foreach='items')"),
        _step("work", work, "self.next(self.join)"),
        "    @step\n    def join(self, inputs):\n        self.next(self.end)\n",
        _step("end", "pass"),
    ]


def _step(name: str, *body: str) -> str:
    return f"    @step\n    def {name}(self):\n" + "".join(f"        {line}\n" for line in body)
