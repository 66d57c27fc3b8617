"""Approvals: `Approval`, a human-in-the-loop operator that stands in the generated file.

Airflow's own `ApprovalOperator` succeeds where somebody rejects, and skips all that is directly downstream.
"""

from __future__ import annotations

from pipec.ir.expressions import LiteralValue
from pipec.ir.model import ApprovalRequest, Task
from pipec.ir.types import STR

from ..layout import ListNode
from ..literals import py, timedelta_source
from ..setting import Arguments, Fields, Setting, Written


def write_approval(task: Task, setting: Setting) -> Written:
    """The operator. `approvers` are the ids of users as Airflow's auth manager knows them."""
    request = task.implementation
    assert isinstance(request, ApprovalRequest)
    fields = Fields(task, setting)
    message = request.message or LiteralValue(value=f"approve {task.id}?", type=STR)
    arguments: Arguments = [("subject", fields.text("message", message))]
    if request.approvers:
        users = tuple(py({"id": one, "name": one}) for one in dict.fromkeys(request.approvers))
        arguments.append(("assigned_users", ListNode(users)))
    if task.options.timeout is not None:
        arguments.append(("response_timeout", timedelta_source(task.options.timeout)))
        if request.on_timeout != "fail":
            arguments.append(("on_timeout", py(request.on_timeout)))
    operator = setting.operator("Approval", task, arguments)
    return Written(task, operator, functions=fields.functions(), macros=fields.macros())
