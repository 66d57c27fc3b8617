"""Kubeflow's own compiler: the pipeline is made of its SDK's objects and compiled to YAML, several times over.

Usage: python -m tests.benchmarks.runners.kfp_compile GRAPH.json FOLDER REPEAT. Prints the seconds of each time as JSON.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.benchmarks.runners.measured import seconds_of

dsl: Any = import_module("kfp.dsl")
compiler: Any = import_module("kfp.compiler")


def container(name: str) -> Any:
    """A component that runs a program in an image; its outputs are nothing."""

    def component():  # type: ignore[no-untyped-def]  # the SDK takes no other annotation than its own
        return dsl.ContainerSpec(image="busybox", command=["echo"], args=[name])

    component.__name__ = name
    return dsl.container_component(component)


def compile_graph(graph: dict[str, list[str]], path: str) -> None:
    """All that a script of the SDK does after its imports."""

    def scale() -> None:
        tasks: dict[str, Any] = {}
        for name, upstream in graph.items():
            tasks[name] = container(name)()
            if upstream:
                tasks[name].after(*[tasks[other] for other in upstream])

    compiler.Compiler().compile(dsl.pipeline(scale, name="scale"), path)


def main() -> None:
    graph: dict[str, list[str]] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    path = str(Path(sys.argv[2]) / "scale.yaml")
    print(json.dumps(seconds_of(lambda: compile_graph(graph, path), int(sys.argv[3]))))


if __name__ == "__main__":
    main()
