"""What is meant by words that people bring along from Python, YAML, Airflow, Kubeflow and Terraform.

Such a word is not misspelt, so the nearest known name would mislead: each has what is written here in its place.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pipec.diagnostics.model import Edit, Fix
from pipec.ir.types import BOOL, DATE, DATETIME, DURATION, FLOAT, INT, SIZE, STR, Type
from pipec.semantics.arguments import called_name, split_arguments
from pipec.semantics.excerpts import excerpt
from pipec.semantics.typed import Typed
from pipec.syntax import tree
from pipec.syntax.source import Span

Kind = Literal["option", "value", "function", "type", "run"]

_EDGE = "dependencies stand before the implementation: `task NAME after OTHER = …`"
_CONDITION = "a condition stands around a task: `if CONDITION { task … }`"
_RETRY = "write retry = { max: 3, delay: 30s, backoff: 2 }"
_BACKOFF = "the delay grows by a factor: `backoff: 2` doubles it each time, `backoff: 1` keeps it"
_RESOURCE = "write resources = { cpu: 2, memory: 4Gi, gpu: 1 }"
_ALERT = (
    'write `on failure = [slack("#ml"), email("ml@example.com")]`; events: failure, success, retry, skipped, deadline'
)
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
        "retry_policy": _RETRY,
        **dict.fromkeys(("cpu", "memory", "gpu", "cpus", "mem", "gpus", "requests", "accelerator"), _RESOURCE),
        **dict.fromkeys(("on_failure", "on_success", "on_retry", "on_skipped", "on_deadline", "on_exit"), _ALERT),
        **dict.fromkeys(("on_failure_callback", "on_success_callback", "on_retry_callback", "email"), _ALERT),
        **dict.fromkeys(("email_on_failure", "email_on_retry", "alert", "alerts", "notify", "notifications"), _ALERT),
        **dict.fromkeys(("slack", "pagerduty", "webhook", "callbacks"), _ALERT),
        "sla_miss_callback": "write `deadline = 4h` and `on deadline = slack(…)`",
        "order": "the order of tasks is a statement without `=`: `order extract -> load`",
        **dict.fromkeys(("trigger", "triggers"), 'write `schedule = asset("uri")`, or a `wait` in front of the tasks'),
        **dict.fromkeys(("only", "unless", "skip_if"), _CONDITION),
        "container": 'write `image = "repo:tag"`, or `task NAME = image("repo:tag", command = […])`',
        **dict.fromkeys(("max_active_tis_per_dag", "parallelism", "max_parallelism"), "write `concurrency = 4`"),
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

_EVENTS = frozenset({"failure", "success", "retry", "skipped", "deadline"})
_RENAMED = {
    "max_retries": "retries",
    "start_date": "start",
    "end_date": "end",
    "execution_timeout": "timeout",
    "dagrun_timeout": "deadline",
    "sla": "deadline",
    "default_args": "defaults",
    "poke_interval": "poll",
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


_OPERATORS = {
    **dict.fromkeys(("BashOperator", "SSHOperator", "bash"), "write `shell('…')`"),
    **dict.fromkeys(("PythonOperator", "PythonVirtualenvOperator"), 'write `python("module:function")`'),
    **dict.fromkeys(("KubernetesPodOperator", "DockerOperator"), 'write `image("repo:tag", command = […])`'),
    **dict.fromkeys(("SQLExecuteQueryOperator", "PostgresOperator"), "write `sql('select …', conn = \"…\")`"),
    **dict.fromkeys(("EmptyOperator", "DummyOperator"), "leave it out: `task NAME` alone does nothing and succeeds"),
    **dict.fromkeys(("BranchPythonOperator", "ShortCircuitOperator"), _CONDITION),
    "PapermillOperator": 'write `notebook("report.ipynb")`',
    "TriggerDagRunOperator": "a pipeline is a task by its name: `task NAME = other_pipeline`",
    "EmailOperator": 'write `on success = email("ml@example.com")`',
    **dict.fromkeys(("container", "docker"), 'write `image("repo:tag", command = […])`'),
}

_SAME_IMPLEMENTATION = {"bash": "shell", "container": "image", "docker": "image"}
"""Implementations that have another name here."""


def meant_by_operator(name: str) -> str | None:
    """What to write for an implementation of elsewhere: an operator or sensor of Airflow, a channel of alerts."""
    from pipec.semantics.channels import CHANNELS

    if name in CHANNELS:
        return (
            f"`{name}` is a channel of `on`: `on failure = {name}(…)`; "
            "in a branch send it from a `shell` or `python` task"
        )
    if name.endswith("Sensor"):
        return 'write a wait: `wait NAME = file("/data/*.csv") { timeout = 1h }`'
    return _OPERATORS.get(name)


def fix_of_operator(node: tree.Call) -> Fix | None:
    """The fix of an implementation that only has another name here, and is given the same."""
    same = _SAME_IMPLEMENTATION.get(called_name(node) or "")
    positional, named = split_arguments(node)
    if same is None or len(positional) != 1 or (named and (same != "image" or not set(named) <= {"command", "args"})):
        return None
    return Fix(f"replace by `{same}`", (Edit(node.function.span, same),))


def meant_by_input(name: str) -> str | None:
    """The same for an input that nothing takes, which may be an option in the wrong place."""
    from pipec.semantics.settings import settings_of

    if name in settings_of("task"):
        return f"`{name}` is an option of the task and stands in its block: `{{ {name} = … }}`"
    return meant("option", name)


def fix_of_option(name: tree.Name, value: tree.Expression, known: Collection[str]) -> Fix | None:
    """The fix of such an option, where one of this language, which is among those `known` here, says the same."""
    renamed = _RENAMED.get(name.text)
    if renamed in known:
        return Fix(f"replace by `{renamed}`", (Edit(name.span, str(renamed)),))
    whole = Span(name.span.source, name.span.start, value.span.end)
    event = name.text.removeprefix("on_")
    if event in _EVENTS and event != name.text and isinstance(value, tree.Call | tree.ListDisplay):
        return Fix(f"replace by `on {event}`", (Edit(name.span, f"on {event}"),))
    match value:
        case tree.ListDisplay(items=[_, _, *_] as items) if name.text == "order" and "#" not in whole.text:
            written = f"order {' -> '.join(item.span.text for item in items)}"
            is_order = all(isinstance(item, tree.NameReference) for item in items)
            return Fix(f"replace by `{written}`", (Edit(whole, written),)) if is_order else None
        case tree.Text(plain=str()) if name.text in ("cron", "schedule_interval") and "schedule" in known:
            written = f"schedule = cron({value.span.text})"
            return Fix(f"replace by `{written}`", (Edit(whole, written),))
        case tree.Call() if called_name(value) in _CONSTRUCTORS and name.text.islower():
            return Fix("insert `task`", (Edit(Span(name.span.source, name.span.start, name.span.start), "task "),))
    return None


def other_spelling(target: Type, given: Typed) -> tuple[str, Fix | None] | None:
    """How a value of one type, which was meant as one of another, is written: `"4Gi"` as `4Gi`, `3600` as `3600s`."""
    from pipec.parameters import read_literal

    written = given.span.text
    if target == BOOL and given.type in (INT, FLOAT):
        return f"compare it, such as `{excerpt(given.span)} > 0`", None
    if target == BOOL and given.type == STR:
        return f'compare it, such as `{excerpt(given.span)} == "…"`', None
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
