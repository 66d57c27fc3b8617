"""Sql tasks that neither read nor give values: plain operators. Others are functions, see `calls`."""

from __future__ import annotations

from pipec.ir.model import SqlQuery, Task

from .escape import jinja_escape
from .literals import py, text_source
from .setting import Arguments, Setting, Written, retried_causes
from .versions import Version

_TEMPLATE_FILES = (".sql", ".json")
"""A query that ends like this is the name of a template file to Airflow."""


def is_sql_operator(task: Task, version: Version) -> bool:
    """Whether a task is a plain `SQLExecuteQueryOperator`. Airflow would take the text of a file for a template."""
    query = task.implementation
    has_values = bool(task.inputs or task.outputs or task.requirements)
    takes_causes = retried_causes(task) is None or version.has_retry_policy
    return isinstance(query, SqlQuery) and query.text is not None and not has_values and takes_causes


def write_sql_operator(task: Task, setting: Setting) -> Written:
    """The operator; several statements are one transaction."""
    query = task.implementation
    assert isinstance(query, SqlQuery)
    assert query.text is not None
    assert query.connection is not None
    text = query.text + "\n" if query.text.endswith(_TEMPLATE_FILES) else query.text
    arguments: Arguments = [("sql", text_source(jinja_escape(text))), ("conn_id", py(jinja_escape(query.connection)))]
    if ";" in text.strip().removesuffix(";"):
        arguments.append(("split_statements", "True"))
    arguments.append(("do_xcom_push", "False"))
    return Written(task, setting.operator("SQLExecuteQueryOperator", task, arguments))
