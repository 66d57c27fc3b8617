"""Shell tasks that are plain `BashOperator`s."""

from __future__ import annotations

from pipec.ir.model import ShellScript, Task

from .escape import bash_escape, jinja_escape
from .layout import DictNode
from .literals import py, text_source
from .secrets import has_secrets
from .setting import Arguments, Setting, Written, retried_causes
from .versions import Version


def is_bash_operator(task: Task, version: Version) -> bool:
    """Whether a task is a plain `BashOperator`: a script that reads and gives no values."""
    if not isinstance(task.implementation, ShellScript) or task.inputs or task.outputs or task.requirements:
        return False
    causes = retried_causes(task) or ()
    # An exit code is an exception in Airflow: a plain operator would match classes such as Exception.
    looks_at_status = any(cause != "timeout" or not version.has_retry_policy for cause in causes)
    return not looks_at_status and not has_secrets(task.options)


def write_bash_operator(task: Task, setting: Setting) -> Written:
    """The operator, in the folder of the DAG file unless the task has a `working_dir`."""
    assert isinstance(task.implementation, ShellScript)
    options = task.options
    folder = "{{ dag.folder }}"
    if options.working_dir is not None:
        is_absolute = options.working_dir.startswith("/")
        folder = jinja_escape(options.working_dir if is_absolute else f"/{options.working_dir}")
        folder = folder if is_absolute else "{{ dag.folder }}" + folder
    arguments: Arguments = [("bash_command", text_source(bash_escape(task.implementation.text)))]
    if options.env:
        entries = tuple((py(name), py(jinja_escape(str(value)))) for name, value in options.env.items())
        arguments.extend([("env", DictNode(entries)), ("append_env", "True")])
    arguments.extend([("cwd", py(folder)), ("skip_on_exit_code", "None"), ("do_xcom_push", "False")])
    return Written(task, setting.operator("BashOperator", task, arguments))
