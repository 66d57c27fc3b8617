"""Examples without what this machine lacks: their containers, and what only containers have."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from pipec.api import Loaded, load
from pipec.ir.expressions import Expression, LiteralValue
from pipec.ir.model import CommandLine, ContainerImage, Pipeline, Task
from pipec.ir.types import STR
from tests.examples.test_examples_plan import EXAMPLES


def without_containers(name: str) -> Loaded:
    """An example whose tasks all run where the tests do; a container's command line stands in for the container."""
    loaded = load(EXAMPLES / name / "pipeline.pipe")
    assert loaded.program is not None
    changed = {key: _outside(pipeline) for key, pipeline in loaded.program.pipelines.items()}
    return replace(loaded, program=loaded.program.model_copy(update={"pipelines": changed}))


def _outside(pipeline: Pipeline) -> Pipeline:
    return pipeline.model_copy(update={"tasks": tuple(map(_without_container, pipeline.tasks))})


def _without_container(task: Task) -> Task:
    dropped: dict[str, Any] = {"image": None, "resources": None, "secrets": {}, "volumes": ()}
    changes: dict[str, Any] = {"options": task.options.model_copy(update=dropped)}
    if isinstance(task.implementation, ContainerImage):
        program, *arguments = [*task.implementation.command, *task.implementation.arguments]
        changes["implementation"] = CommandLine(arguments=(_here(program), *arguments))
    return task.model_copy(update=changes)


def _here(program: Expression) -> Expression:
    """`python` is the one that runs the tests."""
    is_python = isinstance(program, LiteralValue) and program.value == "python"
    return LiteralValue(value=sys.executable, type=STR) if is_python else program
