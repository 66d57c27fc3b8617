"""What is meant by words that people bring along from Python, YAML, Airflow, Kubeflow and Terraform.

Such a word is not misspelt, so the nearest known name would mislead: each has what is written here in its place.
"""

from __future__ import annotations

from typing import Literal

from pipec.diagnostics.model import Edit, Fix
from pipec.ir.types import BOOL, DATE, DATETIME, DURATION, FLOAT, INT, SIZE, STR, Type
from pipec.semantics.arguments import called_name
from pipec.semantics.excerpts import excerpt
from pipec.semantics.typed import Typed
from pipec.syntax import tree
from pipec.syntax.source import Span

Kind = Literal["option", "value", "function", "type", "run"]

_EDGE = "dependencies stand before the implementation: `task NAME after OTHER = …`"
_CONDITION = "a condition stands around a task: `if CONDITION { task … }`"
_RETRY = "write retry = { max: 3, delay: 30s, backoff: 2, max_delay: 10m }"
_BACKOFF = "the delay grows by a factor: `backoff: 2` doubles it each time, `backoff: 1` keeps it"
_RESOURCE = "write resources = { cpu: 2, memory: 4Gi, gpu: 1 }"
_ALERT = "write `on failure = slack(…)`, of the events failure, success, retry, skipped, deadline"
_PARAMETERS = "parameters stand in parentheses after the name: `pipeline NAME(day: date = run.date) { … }`"
_INPUTS = "inputs stand in parentheses after the name: `task NAME(data = extract.path) = …`"
_OUTPUTS = "outputs stand after an arrow: `task NAME -> { rows: int } = …`"
_CONSTRUCTORS = ("python", "shell", "command", "image", "notebook", "sql")
_IMPLEMENTATION = "what a task does stands after `=`: `task NAME = shell('…')` or `= python(\"module:function\")`"
_DOCUMENTATION = "write it as a comment of two signs above: `## …`"
_TASKS = "tasks are statements of their own: `task NAME = …`"
_TIME = "write the timestamp of the run, `run.timestamp`, or its date, `run.date`"
_A_TASK = "it is an implementation and stands after the name of a task: `task NAME = …`"
_NOT_KNOWN = "values that are not computed by an operator or function come from a task"

_MEANINGS: dict[Kind, dict[str, str]] = {
    "option": {
        **dict.fromkeys(("after", "depends_on", "depends", "dependencies", "needs", "requires", "upstream"), _EDGE),
        **dict.fromkeys(("when", "condition", "only_if", "run_if"), _CONDITION),
        **dict.fromkeys(("retry_delay", "retry_policy", "retry_exponential_backoff", "max_retry_delay"), _RETRY),
        **dict.fromkeys(("cpu", "memory", "gpu", "cpus", "mem", "gpus", "requests", "accelerator"), _RESOURCE),
        **dict.fromkeys(("on_failure", "on_success", "on_retry", "on_failure_callback", "on_exit"), _ALERT),
        **dict.fromkeys(("params", "parameters", "variables"), _PARAMETERS),
        **dict.fromkeys(("inputs", "input", "args", "arguments", "op_kwargs"), _INPUTS),
        **dict.fromkeys(("outputs", "output", "returns"), _OUTPUTS),
        **dict.fromkeys(("command", "run", "script", "bash_command", "python_callable"), _IMPLEMENTATION),
        **dict.fromkeys(("description", "doc", "doc_md"), _DOCUMENTATION),
        **dict.fromkeys(("tasks", "steps", "jobs"), _TASKS),
        "exponential": _BACKOFF,
        "cron": 'write schedule = cron("0 2 * * *", timezone = "UTC")',
        "schedule_interval": 'write schedule = cron("0 2 * * *", timezone = "UTC")',
        "timezone": 'it stands in the schedule: cron("0 2 * * *", timezone = "Europe/Berlin")',
        "default_args": "write defaults = { retries: 2, timeout: 1h }",
        "environment": 'write env = { NAME: "value" }',
    },
    "value": {
        **dict.fromkeys(("execution_date", "logical_date", "ds", "data_interval_start", "now", "today"), _TIME),
        **dict.fromkeys(("this", "self", "ctx", "context"), "what is known of the run is `run.…`, such as `run.date`"),
        **dict.fromkeys(("exponential", "linear", "fixed"), _BACKOFF),
        "outputs": "outputs are read by the name of their task: `extract.rows`",
        "tasks": "outputs are read by the name of their task: `extract.rows`",
        "params": "parameters are read by their names",
        "inputs": "parameters are read by their names",
    },
    "function": {
        **dict.fromkeys(_CONSTRUCTORS, _A_TASK),
        "range": "write the list out: `for n in [0, 1, 2] { … }`",
        **dict.fromkeys(("date", "datetime"), "a date is written `2026-01-31`; times come from `run` and parameters"),
        "timedelta": "a duration is written `30s`, `5m`, `1h30m` or `7d`",
        "str": 'write "${…}" to make a text of a value',
        **dict.fromkeys(("int", "float", "bool", "list", "dict", "open", "print", "read"), _NOT_KNOWN),
        "ref": "a task is read by its name: `extract` or `extract.rows`",
        "now": _TIME,
        "today": _TIME,
    },
    "type": {
        **dict.fromkeys(("List", "array", "Sequence", "tuple", "Tuple", "set"), "it is written `list[T]`"),
        **dict.fromkeys(("Dict", "Mapping"), "it is written `dict[str, T]`"),
        **dict.fromkeys(("Optional", "Maybe"), "it is written `T?`"),
        "Literal": 'it is written `"a" | "b"`',
        "Union": 'there are unions of texts only: `"a" | "b"`',
        **dict.fromkeys(("None", "void"), "a task without outputs has no `->`"),
    },
    "run": {"params": "parameters are read by their names"},
}

_RENAMED = {
    "max_retries": "retries",
    "start_date": "start",
    "end_date": "end",
    "execution_timeout": "timeout",
    "dagrun_timeout": "deadline",
    "sla": "deadline",
    "max_active_tasks": "concurrency",
    "priority_weight": "priority",
}
"""Options that have another name here, and the same values."""

_SAME: dict[Kind, dict[str, str]] = {
    "value": {"True": "true", "False": "false", **dict.fromkeys(("None", "nil", "undefined", "NULL"), "null")},
    "type": {
        **dict.fromkeys(("string", "String", "text", "Str"), "str"),
        **dict.fromkeys(("integer", "Integer", "Int", "long"), "int"),
        **dict.fromkeys(("double", "number", "Float", "decimal"), "float"),
        **dict.fromkeys(("boolean", "Boolean", "Bool"), "bool"),
        **dict.fromkeys(("map", "object", "any", "Any", "struct", "JSON"), "json"),
        **dict.fromkeys(("timestamp", "DateTime"), "datetime"),
        **dict.fromkeys(("timedelta", "interval"), "duration"),
        **dict.fromkeys(("path", "Path", "File"), "file"),
        **dict.fromkeys(("DataFrame", "table", "Dataset", "Table"), "dataset"),
        "Model": "model",
        "Metrics": "metrics",
    },
    "run": {
        "ds": "date",
        **dict.fromkeys(("execution_date", "logical_date", "ts"), "timestamp"),
        "run_id": "id",
        "data_interval_start": "interval_start",
        "data_interval_end": "interval_end",
        "try_number": "attempt",
        "name": "pipeline",
    },
}
"""Words that stand for exactly one of this language."""


def meant(kind: Kind, word: str) -> str | None:
    """What to write in place of a word that is known elsewhere; None for one that is not."""
    same = _SAME.get(kind, {}).get(word)
    if same is None:
        return _MEANINGS[kind].get(word)
    return f"it is written `run.{same}`" if kind == "run" else f"it is written `{same}`"


def replacement(kind: Kind, word: str, span: Span) -> Fix | None:
    """The fix of such a word at `span`, where one of this language says the same."""
    same = _SAME.get(kind, {}).get(word)
    return None if same is None else Fix(f"replace by `{same}`", (Edit(span, same),))


def meant_by_option(name: str, value: tree.Expression) -> str | None:
    """The same for an option, which may also be a task without its keyword: `data = python(…)`."""
    if isinstance(value, tree.Call) and called_name(value) in _CONSTRUCTORS:
        return f"a task begins with its keyword: `task {name} = {called_name(value)}(…)`"
    if name in _RENAMED:
        return f"write `{_RENAMED[name]} = {excerpt(value.span)}`"
    return meant("option", name)


def other_spelling(target: Type, given: Typed) -> tuple[str, Fix | None] | None:
    """How a value of one type, which was meant as one of another, is written: `"4Gi"` as `4Gi`, `3600` as `3600s`."""
    from pipec.parameters import read_literal

    written = given.span.text
    kind, value = read_literal(written)
    if kind == "INT" and target == DURATION:
        return f"a duration has a unit: `{written}s`, `5m`, `1h30m`", None
    if kind == "INT" and target == SIZE:
        return "a size has a unit: `512Mi`, `16Gi`, `2GB`", None
    if kind in ("INT", "FLOAT", "true", "false") and target == STR:
        return _written(given.span, f'"{written}"')
    inside = written[1:-1]
    if target == FLOAT and inside in ("exponential", "linear", "fixed"):
        return _BACKOFF, None
    if not (written[:1] == written[-1:] and written[:1] in ('"', "'") and len(written) > 2):
        return None
    kind, value = read_literal(inside)
    if inside in ("True", "False") and target == BOOL:
        return _written(given.span, inside.lower())
    if target == DATETIME and kind == "DATE":
        return "a datetime comes from `run` or from a parameter", None
    if kind is not None and value is not None and kind in _KINDS.get(str(target), ()):
        return _written(given.span, inside)
    if target == FLOAT and inside[-1:] == "m" and inside[:-1].isdigit():
        return _written(given.span, f"{int(inside[:-1]) / 1000:g}")
    return None


_KINDS: dict[str, tuple[str, ...]] = {
    str(DURATION): ("DURATION",),
    str(SIZE): ("SIZE",),
    str(DATE): ("DATE",),
    str(INT): ("INT",),
    str(FLOAT): ("INT", "FLOAT"),
    str(BOOL): ("true", "false"),
}


def _written(span: Span, text: str) -> tuple[str, Fix]:
    return f"write `{text}`", Fix(f"replace by `{text}`", (Edit(span, text),))
