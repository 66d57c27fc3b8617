"""Tasks that are `@task` functions: python, programs, decisions, gates, and what pipec adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipec.ir.model import Task

from .escape import escaped
from .layout import Call, ListNode, Node, one_line
from .literals import py
from .loops import Loop
from .names import Identifiers
from .reading import Reads
from .references import context_keys
from .setting import Arguments, Setting, SharedFunction, Written, expressions_of, function_view, retried_causes
from .views import FunctionView


def write_function(task: Task, setting: Setting) -> Written:
    """A `@task` function that is called with the tasks whose outputs it reads; one for all instances of some loops."""
    loop = setting.loops.get(task.id)
    shared = None if loop is None else _write_instance(task, loop, setting)
    return shared or written_function(task, setting, "@task", None)


def _write_instance(task: Task, loop: Loop, setting: Setting) -> Written | None:
    """An instance of a loop, as a call of the function of all; None where it has too much of its own to say."""
    common, own = _split_arguments(loop, setting)
    id: tuple[str | None, Node] = ("task_id", py(setting.names.ids[task.id]))
    override = one_line(Call(f"{setting.names.loops[loop.name]}.override", (id, *own[task.id])))
    if override is None or any(len(own[other]) > MAX_OVERRIDES for other in loop.tasks):
        return None
    if not setting.version.has_retry_policy and len({retried_causes(setting.tasks[other]) for other in loop.tasks}) > 1:
        return None
    reads = setting.reader.of_function(loop.task, expressions_of(loop.task))
    if reads.pulled or reads.families:
        return None
    read = [loop.reads[task.id].get(id, id) for id in reads.tasks]
    given: list[tuple[str | None, Node]] = [(None, setting.value_of(id)) for id in read]
    given += [(_item(loop, name, setting), py(escaped(value))) for name, value in loop.constants[task.id].items()]
    functions = (_loop_function(loop, common, setting),) if task.id == loop.tasks[0] else ()
    return Written(task, Call(override, tuple(given)), functions, reads=tuple(read))


MAX_OVERRIDES = 1
"""How many arguments of its own an instance of a loop may have and still share the function of the others."""


def _split_arguments(loop: Loop, setting: Setting) -> tuple[Arguments, dict[str, Arguments]]:
    """What Airflow is told alike of all instances, and what of each alone."""
    of_tasks = {id: list(setting.common_arguments(setting.tasks[id])) for id in loop.tasks}
    first = of_tasks[loop.tasks[0]]
    common = [argument for argument in first if all(argument in others for others in of_tasks.values())]
    return common, {id: [one for one in arguments if one not in common] for id, arguments in of_tasks.items()}


def _item(loop: Loop, name: str, setting: Setting) -> str:
    return setting.names.items[loop.item(name)]


def _loop_function(loop: Loop, common: Arguments, setting: Setting) -> FunctionView:
    """The function of all instances: what they read is called after the tasks, without the keys of an instance."""
    expressions = expressions_of(loop.task)
    reads = setting.reader.of_function(loop.task, expressions)
    context = context_keys(expressions, setting.parameters)
    items = [_item(loop, name, setting) for name in loop.inputs]
    identifiers = Identifiers({*setting.reserved, *items, *context})
    differing = {id for matching in loop.reads.values() for id, own in matching.items() if id != own}
    called = {
        id: identifiers.take(setting.tasks[id].name if id in differing else setting.names.functions[id])
        for id in reads.tasks
    }
    names = replace(setting.names, functions={**setting.names.functions, **called})
    parameters = [*called.values(), *items]
    body = setting.with_names(names).body(loop.task, (), (*parameters, *context)).build()
    shown = [*parameters, *(f"{key}=None" for key in context)]
    shared = SharedFunction(setting.names.loops[loop.name], common)
    return function_view(loop.task, setting, "@task", [], shown, body, shared)


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
    read_names += [names.families[family] for family in reads.families]
    context = context_keys(expressions, setting.parameters, ["ti"] if reads.pulled else [])
    body = setting.body(task, reads.pulled, (*read_names, *context), reads.families)
    body.sides = sides
    parameters = [*read_names, *(f"{key}=None" for key in context)]
    return Written(
        task,
        Call(names.functions[task.id], tuple((None, one) for one in _given(reads, setting))),
        (function_view(task, setting, decorator, [], parameters, body.build()),),
        reads=tuple(dict.fromkeys([*reads.tasks, *(id for family in reads.families for id in family)])),
        maps=reads.maps,
        function_name=names.functions[task.id] if decorator == "@task" and not reads.families else None,
    )


def _given(reads: Reads, setting: Setting) -> list[Node]:
    names = setting.names
    alone: list[Node] = [*(names.items[region] for region in reads.maps), *(setting.value_of(id) for id in reads.tasks)]
    return alone + [ListNode(tuple(setting.value_of(id) for id in family)) for family in reads.families]


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
