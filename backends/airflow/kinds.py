"""Which writer writes a task."""

from __future__ import annotations

from collections.abc import Mapping

from pipec.analysis.pods import runs_in_pod
from pipec.ir.model import ApprovalRequest, Decision, GateCheck, ShellScript, SqlQuery, Task, WaitCondition

from .functions import write_branch, write_function
from .pods.operator import write_pod
from .programs import is_bash_operator, write_bash_operator
from .queries import is_sql_operator, write_sql_operator
from .setting import Setting, Written
from .versions import Version
from .waiting import is_time, write_approval, write_look, write_until


def is_operator(task: Task, is_guarded: bool, version: Version) -> bool:
    """Whether a task needs no function of its own. Airflow never runs an EmptyOperator, nor a check before one."""
    if isinstance(task.implementation, ApprovalRequest) or is_time(task) or runs_in_pod(task):
        return True
    return (is_join(task) and not is_guarded) or is_bash_operator(task, version) or is_sql_operator(task, version)


def is_join(task: Task) -> bool:
    """Whether a task does nothing but bring others together."""
    return isinstance(task.implementation, GateCheck) and not task.requirements and not task.inputs


def write_task(task: Task, setting: Setting, downstream: Mapping[str, list[Task]]) -> Written:
    """A task of any kind; `downstream` holds the tasks directly downstream of each."""
    match task.implementation:
        case GateCheck() if is_join(task) and task.id not in setting.guards:
            return Written(task, setting.operator("EmptyOperator", task, []))
        case _ if runs_in_pod(task):
            return write_pod(task, setting)
        case ShellScript() if is_bash_operator(task, setting.version):
            return write_bash_operator(task, setting)
        case SqlQuery() if is_sql_operator(task, setting.version):
            return write_sql_operator(task, setting)
        case ApprovalRequest():
            return write_approval(task, setting)
        case WaitCondition() if is_time(task):
            return write_until(task, setting)
        case WaitCondition():
            return write_look(task, setting)
        case Decision():
            return write_branch(task, setting, downstream)
        case _:
            return write_function(task, setting)
