"""Tasks that are `@task` functions: python, programs, decisions, gates, and what pipec adds."""

from __future__ import annotations

from collections.abc import Mapping

from pipec.ir.model import Task

from .layout import Call, Node
from .reading import Reads
from .references import context_keys
from .setting import Setting, Written, expressions_of, function_view


def write_function(task: Task, setting: Setting) -> Written:
    """A `@task` function that is called with the tasks whose outputs it reads."""
    return written_function(task, setting, "@task", None)


def write_branch(task: Task, setting: Setting, downstream: Mapping[str, list[Task]]) -> Written:
    """A decision: a branch operator, or a plain task behind which tasks check for themselves what it gave."""
    if task.id in setting.plain_decisions:
        return written_function(task, setting, "@task", None)
    return written_function(task, setting, "@task.branch", _sides(task, setting, downstream.get(task.id, [])))


def written_function(
    task: Task, setting: Setting, decorator: str, sides: tuple[list[str], list[str]] | None
) -> Written:
    expressions = expressions_of(task)
    names = setting.names
    reads = setting.reader.of_function(task, expressions)
    read_names = [names.items[region] for region in reads.maps] + [names.functions[id] for id in reads.tasks]
    context = context_keys(expressions, setting.parameters, ["ti"] if reads.pulled else [])
    body = setting.body(task, reads.pulled, (*read_names, *context))
    body.sides = sides
    parameters = [*read_names, *(f"{key}=None" for key in context)]
    return Written(
        task,
        Call(names.functions[task.id], tuple((None, one) for one in _given(reads, setting))),
        (function_view(task, setting, decorator, [], parameters, body.build()),),
        reads=reads.tasks,
        maps=reads.maps,
        function_name=names.functions[task.id] if decorator == "@task" else None,
    )


def _given(reads: Reads, setting: Setting) -> list[Node]:
    names = setting.names
    return [*(names.items[region] for region in reads.maps), *(names.variables[id] for id in reads.tasks)]


def _sides(decision: Task, setting: Setting, downstream: list[Task]) -> tuple[list[str], list[str]]:
    """The ids directly downstream that run when a decision is true, and when it is false.

    What stands on neither side joins them and is in both.
    """
    sides: tuple[list[str], list[str]] = ([], [])
    for task in downstream:
        taken = next((side.taken for side in task.branches if side.decision == decision.id), None)
        for side, ids in ((True, sides[0]), (False, sides[1])):
            if taken in (None, side):
                ids.append(setting.names.ids[task.id])
    return sides
