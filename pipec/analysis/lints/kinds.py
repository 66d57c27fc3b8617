"""What kind of work a task is."""

from __future__ import annotations

from pipec.ir.model import CommandLine, ContainerImage, NotebookFile, PythonFunction, ShellScript, SqlQuery, Task

_CODE = (PythonFunction, ShellScript, CommandLine, ContainerImage, NotebookFile, SqlQuery)


def is_code(task: Task) -> bool:
    """Whether a task runs code of the user, and not a check, a wait, a person or a pipeline."""
    return isinstance(task.implementation, _CODE)


def gpus(task: Task) -> int:
    """How many GPUs a task asks for, as a request or as a limit."""
    resources = task.options.resources
    return 0 if resources is None else resources.gpu or int(resources.limits.get("gpu") or 0)
