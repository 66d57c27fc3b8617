"""Checking a text as if it stood in a file, and seeing what came of it in a form that fits into a table."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from pipec.api import Loaded, load
from pipec.diagnostics.model import Diagnostic
from pipec.ir.model import Pipeline, Task
from pipec.ir.printout import expression_text
from pipec.ir.verify import verify

MAIN = "main.pipe"

Place = tuple[str, int, int]
"""Code, line and column."""


def check(text: str, files: Mapping[str, str] | None = None, constants: Mapping[str, str] | None = None) -> Loaded:
    """What `load` makes of a text, with `files` beside it. An IR that comes of it satisfies the verifier."""
    if not files:
        loaded = load(MAIN, constants, text=text)
    else:
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
            loaded = load(Path(folder, MAIN), constants, text=text)
    if loaded.program is not None:
        assert verify(loaded.program) == []
    return loaded


def places(loaded: Loaded) -> list[Place]:
    """Where the diagnostics stand, in order."""
    return [_place(diagnostic) for diagnostic in loaded.diagnostics.sorted()]


def found(text: str, files: Mapping[str, str] | None = None, constants: Mapping[str, str] | None = None) -> list[Place]:
    """The diagnostics of a text, in order."""
    return places(check(text, files, constants))


def all_text(diagnostic: Diagnostic) -> str:
    """Everything a diagnostic says, one part a line."""
    labels = [label.message for label in diagnostic.labels]
    parts = [diagnostic.message, diagnostic.label, *labels, *diagnostic.notes, diagnostic.help or ""]
    return "\n".join(part for part in parts if part)


def good(text: str, files: Mapping[str, str] | None = None, constants: Mapping[str, str] | None = None) -> Pipeline:
    """The first pipeline of a text without faults."""
    loaded = check(text, files, constants)
    assert loaded.program is not None, "\n\n".join(map(all_text, loaded.diagnostics.sorted()))
    assert loaded.diagnostics.found == [], "\n\n".join(map(all_text, loaded.diagnostics.sorted()))
    return loaded.program.pipelines[loaded.program.own[0]]


def summary(pipeline: Pipeline) -> list[str]:
    """The tasks, each as `id rule <- upstream | input = value, …`; what is empty or the default rule is left out."""
    return [task_line(task) for task in pipeline.tasks]


def task_line(task: Task) -> str:
    line = task.id
    if task.trigger_rule != "all_success":
        line += f" {task.trigger_rule}"
    if task.upstream:
        line += f" <- {', '.join(task.upstream)}"
    if task.inputs:
        line += " | " + ", ".join(f"{given.name} = {expression_text(given.value)}" for given in task.inputs)
    return line


def lines(text: str) -> list[str]:
    """The lines of a table written as one indented text."""
    return [line.strip() for line in text.strip().splitlines()]


def _place(diagnostic: Diagnostic) -> Place:
    line, column = diagnostic.span.source.position(diagnostic.span.start)
    return diagnostic.code, line, column
