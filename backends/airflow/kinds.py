"""Which writer writes a task."""

from __future__ import annotations

from collections.abc import Mapping

from pipec.ir.model import Decision, GateCheck, ShellScript, Task

from .functions import write_branch, write_function
from .programs import is_bash_operator, write_bash_operator
from .setting import Setting, Written


def is_operator(task: Task, is_guarded: bool) -> bool:
    """Whether a task needs no function of its own. Airflow never runs an EmptyOperator, nor a check before one."""
    return (is_join(task) and not is_guarded) or is_bash_operator(task)


def is_join(task: Task) -> bool:
    """Whether a task does nothing but bring others together."""
    return isinstance(task.implementation, GateCheck) and not task.requirements and not task.inputs


def write_task(task: Task, setting: Setting, downstream: Mapping[str, list[Task]]) -> Written:
    """A task of any kind; `downstream` holds the tasks directly downstream of each."""
    match task.implementation:
        case GateCheck() if is_join(task) and task.id not in setting.guards:
            return Written(task, setting.operator("EmptyOperator", task, []))
        case ShellScript() if is_bash_operator(task):
            return write_bash_operator(task, setting)
        case Decision():
            return write_branch(task, setting, downstream)
        case _:
            return write_function(task, setting)
