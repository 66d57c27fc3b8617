"""Texts that name something: a Python function, a task of another pipeline."""

from __future__ import annotations

import re
from typing import NamedTuple

_FUNCTION = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)\Z", re.ASCII)
_TASK = re.compile(r'([a-z]\w*)\.([a-z]\w*(?:\[(?:[^\]"]|"(?:[^"\\]|\\.)*")+\])*)\Z', re.ASCII)


class FunctionReference(NamedTuple):
    module: str
    function: str


class TaskReference(NamedTuple):
    """`task` is the id: that of a loop's instance has its keys, `train["rf"]`."""

    pipeline: str
    task: str


def function_reference(text: str) -> FunctionReference | None:
    """What `package.module:function` names; None for any other text."""
    match = _FUNCTION.match(text)
    return FunctionReference(*match.groups()) if match else None


def task_reference(text: str) -> TaskReference | None:
    """What `pipeline.task` or `pipeline.train["rf"]` names; None for any other text."""
    match = _TASK.match(text)
    return TaskReference(*match.groups()) if match else None
