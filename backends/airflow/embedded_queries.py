"""What generated DAG files hold a copy of where tasks query databases."""

from __future__ import annotations

import datetime
import decimal
import os
import re
import sys
import uuid
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowFailException

from pipec.runtime.values import OutputError, collect_outputs, read_type, to_json, to_text


def run_query(
    sql: str,
    *,
    conn: str,
    inputs: Mapping[str, Any] = {},
    outputs: Mapping[str, str] = {},
    single: bool = False,
) -> dict[str, Any]:
    """Run the statements of a text in one transaction; the outputs by name, from what the last of them selects.

    An input takes the place of `:name`, as a parameter that the database binds.
    """
    hook = BaseHook.get_hook(conn)
    if not hasattr(hook, "split_sql_string"):
        raise AirflowFailException(f"the connection {conn!r} is not one of a database")
    with closing(hook.get_conn()) as connection:
        if hook.supports_autocommit:
            hook.set_autocommit(connection, False)
        style = parameter_style(connection, hook.placeholder)
        with closing(connection.cursor()) as cursor:
            for statement in hook.split_sql_string(sql, hook.strip_semicolon):
                cursor.execute(*bound(statement, inputs, style))
            try:
                selected = selected_outputs(cursor, outputs, single) if outputs else {}
            except OutputError as error:
                raise AirflowFailException(str(error)) from error
        if not hook.get_autocommit(connection):
            connection.commit()
    return selected


def query_file(name: str) -> str:
    """The text of a file beside this one."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8") as file:
        return file.read()


def parameter_style(connection: Any, placeholder: str) -> str:
    """How a driver marks parameters, by its `paramstyle`, or where it does not tell, by a sign."""
    module = type(connection).__module__
    while module:
        style = getattr(sys.modules.get(module), "paramstyle", None)
        if style is not None:
            return str(style)
        module = module.rpartition(".")[0]
    return "qmark" if placeholder == "?" else "format"


SQL_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|/\*.*?\*/|(\$\w*\$).*?\1|::|:(?P<name>[A-Za-z_]\w*)""",
    re.DOTALL,
)
"""What may hold a colon in SQL and is none of an input, and `:name`."""


def bound(statement: str, inputs: Mapping[str, Any], style: str) -> tuple[str] | tuple[str, Any]:
    """A statement with its parameters as a driver of this style takes them; alone where it has none."""
    places = [match for match in SQL_TOKEN.finditer(statement) if match["name"] in inputs]
    if not places:
        return (statement,)
    texts, names, end = [], [], 0
    for match in places:
        names.append(match["name"])
        texts.extend([plain_sql(statement[end : match.start()], style), parameter_mark(names, style)])
        end = match.end()
    text = "".join([*texts, plain_sql(statement[end:], style)])
    values = {name: parameter_value(inputs[name]) for name in names}
    return text, values if style in ("named", "pyformat") else [values[name] for name in names]


def plain_sql(text: str, style: str) -> str:
    """SQL between parameters, for drivers that put them in by `%`."""
    return text.replace("%", "%%") if style in ("format", "pyformat") else text


def parameter_mark(names: Sequence[str], style: str) -> str:
    """What stands for the last of these parameters."""
    marks = {"qmark": "?", "format": "%s", "numeric": f":{len(names)}", "pyformat": f"%({names[-1]})s"}
    return marks.get(style, f":{names[-1]}")


def parameter_value(value: Any) -> Any:
    """A value as drivers take it: durations are seconds, lists and maps JSON."""
    if value is None or isinstance(value, bool | int | float | str | datetime.date):
        return value
    return to_json(value) if isinstance(value, datetime.timedelta) else to_text(value)


def selected_outputs(cursor: Any, outputs: Mapping[str, str], single: bool) -> dict[str, Any]:
    """The outputs from the columns of their names: of one row, or where all are lists, of all rows.

    A single output may have any name. Raises OutputError.
    """
    if cursor.description is None:
        raise OutputError("the last statement selects nothing, and the task has outputs")
    names = [column[0] for column in cursor.description]
    if single:
        if len(names) != 1:
            raise OutputError(f"expected one column, got {len(names)}: {', '.join(names)}")
        names = list(outputs)
    else:
        declared = {name.casefold(): name for name in outputs}
        names = [declared.get(name.casefold(), name) for name in names]
    rows = cursor.fetchall()
    if all(read_type(type_text)[0] == "list" for type_text in outputs.values()):
        row: Sequence[Any] = [[plain_value(row[index]) for row in rows] for index in range(len(names))]
    elif len(rows) == 1:
        row = [plain_value(value) for value in rows[0]]
    else:
        raise OutputError(f"expected one row, got {len(rows)}")
    return collect_outputs(row[0] if single else dict(zip(names, row, strict=True)), outputs, single)


def plain_value(value: Any) -> Any:
    """What a driver gave, as other tasks give it."""
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    return str(value) if isinstance(value, uuid.UUID) else value
