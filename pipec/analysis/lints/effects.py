"""L141, L153: what could be left out, and no run would be another one."""

from __future__ import annotations

from collections.abc import Iterator

from pipec.analysis.lints.subject import Subject
from pipec.ir.expressions import Expression, outputs_used
from pipec.ir.model import GateCheck, PipelineCall, Task
from pipec.ir.traverse import pipeline_expressions, task_expressions


def no_effect(subject: Subject) -> None:
    """L141: a task that does nothing, waits for nothing, and that nothing waits for."""
    for task in subject.tasks:
        if not isinstance(task.implementation, GateCheck) or task.requirements or task.upstream or task.alerts:
            continue
        if not subject.downstream[task.id]:
            subject.report(
                "L141",
                f"task `{task.name}` does nothing, and nothing waits for it",
                task.location,
                notes=("a task without implementation is there to join others or to be waited for",),
                help='give it an implementation, `= python("module:function")`, or remove it',
            )


def unused_output(subject: Subject) -> None:
    """L153: outputs that no task, condition, requirement or result reads, in no instance of the task."""
    names = {task.id: task.name for task in subject.tasks}
    read: set[tuple[str, str]] = set()
    for expression in _expressions(subject):
        for reference in outputs_used(expression):
            read.add((names.get(reference.task, reference.task), reference.output))
    for task in subject.tasks:
        if isinstance(task.implementation, PipelineCall):  # what it returns is for all who call it
            continue
        unread = [output.name for output in task.outputs if (task.name, output.name) not in read]
        if unread:
            subject.report(
                "L153",
                f"nothing reads {_shown(task, unread)} of `{task.name}`",
                task.location,
                help="leave it out of the outputs, or `return` it",
            )


def _expressions(subject: Subject) -> Iterator[Expression]:
    for _, expression in pipeline_expressions(subject.pipeline):
        yield expression
    for task in subject.tasks:
        for _, expression in task_expressions(task):
            yield expression


def _shown(task: Task, outputs: list[str]) -> str:
    return "the output" if task.single_output else ", ".join(f"`{name}`" for name in outputs)
