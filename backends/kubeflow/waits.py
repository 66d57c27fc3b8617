"""Waits as tasks that look again and again; one that may be skipped says whether what it waits for has come."""

from __future__ import annotations

from typing import Any

from pipec.ir.expressions import LiteralValue
from pipec.ir.model import Task, WaitCondition
from pipec.ir.types import JSON
from pipec.semantics.references import function_reference

from .bindings import Bindings
from .channels import TRUTH, Channel
from .executors import python_container
from .setting import Setting

ARRIVED = "arrived"
"""The output of a wait that is skipped when its time is over."""


def wait_container(
    task: Task, wait: WaitCondition, bindings: Bindings, setting: Setting
) -> tuple[dict[str, Any], dict[str, Channel]]:
    """The container of a wait for a predicate, and its outputs."""
    named = wait.arguments["function"]
    assert isinstance(named, LiteralValue)
    function = function_reference(named.value)
    assert function is not None
    outputs = {ARRIVED: TRUTH} if wait.on_timeout == "skip" else {}
    given = {name: value for name, value in wait.arguments.items() if name != "function"}
    request = {
        "module": function.module,
        "function": function.function,
        "inputs": {
            name: [bindings.compute(value), str(wait.argument_types.get(name, JSON))] for name, value in given.items()
        },
        "requirements": [],
        "poll": wait.poll,
        "timeout": task.options.timeout,
        **bindings.outside(setting, outputs),
    }
    return python_container(setting.image_of(task), "wait", request, True), outputs
