"""Pipelines to draw."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipec.analysis.plan import Plan, plan
from pipec.api import load
from pipec.ir.model import Pipeline, ShellScript
from tests.grammar.manual import blocks, manual_text

SHIP = next(block.text for block in blocks(manual_text()) if "pipeline ship_model" in block.text)
"""The example of the manual, which has one of everything."""


def read(text: str) -> tuple[Pipeline, Plan]:
    """The one pipeline of a program, and its plan."""
    loaded = load(Path("ship.pipe"), text=text)
    errors = [str(found) for found in loaded.diagnostics.sorted() if found.severity == "error"]
    assert loaded.program is not None, errors
    (key,) = loaded.program.own
    pipeline = loaded.program.pipelines[key]
    return pipeline, plan(pipeline, program=loaded.program)


def layered(count: int, width: int = 12) -> str:
    """A program of many tasks: each follows one or two of the tasks before it, and a fourth of them are in groups."""
    lines = ["pipeline large {"]
    for number in range(count):
        parents = sorted({max(0, number - width - number * 7 % 11), max(0, number - width + 2)})
        after = "" if number < width else " after " + ", ".join(f"step_{parent}" for parent in parents)
        task = f'task step_{number}{after} = shell("true") {{ estimate = {1 + number * 13 % 40}m }}'
        in_group = number // 15 % 4 == 1
        if in_group and number % 15 == 0:
            lines.append(f"  group part_{number} {{")
        lines.append(f"    {task}" if in_group else f"  {task}")
        if in_group and (number % 15 == 14 or number == count - 1):
            lines.append("  }")
    return "\n".join([*lines, "}"]) + "\n"


def renamed(pipeline: Pipeline, planned: Plan, text: str) -> tuple[Pipeline, Plan]:
    """The same to draw, with a text of a user everywhere one may stand: ids, docs, groups, scripts."""
    names = {task.id: f"{task.id}{text}" for task in pipeline.tasks}
    tasks = [
        task.model_copy(
            update={
                "id": names[task.id],
                "name": names[task.id],
                "doc": text,
                "implementation": ShellScript(text=text) if task.id == "tell" else task.implementation,
                "branches": tuple(side.model_copy(update={"decision": names[side.decision]}) for side in task.branches),
            }
        )
        for task in pipeline.tasks
    ]
    groups = [group.model_copy(update={"doc": text}) for group in pipeline.groups]
    renamed_tasks = [
        replace(task, id=names[task.id], upstream=tuple(names[parent] for parent in task.upstream))
        for task in planned.tasks
    ]
    return (
        pipeline.model_copy(update={"name": f"p{text}", "doc": text, "tasks": tuple(tasks), "groups": tuple(groups)}),
        replace(
            planned, tasks=tuple(renamed_tasks), critical_path=tuple(names[task] for task in planned.critical_path)
        ),
    )
