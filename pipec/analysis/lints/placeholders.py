"""L115: a placeholder as Airflow, Kubeflow and Python fill it in, which is text here and stays so."""

from __future__ import annotations

import re
from functools import cache

from pipec.analysis.lints.subject import Subject
from pipec.ir.base import Location
from pipec.ir.model import ShellScript, SqlQuery, Task
from pipec.ir.traverse import location_of

_RUN_FIELDS = {
    **dict.fromkeys(("ds", "ds_nodash", "yesterday_ds", "tomorrow_ds", "prev_ds", "next_ds"), "date"),
    **dict.fromkeys(("ts", "ts_nodash", "execution_date", "logical_date"), "timestamp"),
    "data_interval_start": "interval_start",
    "data_interval_end": "interval_end",
    "run_id": "id",
    "dag": "pipeline",
    "dag_run": "id",
    **dict.fromkeys(("ti", "task_instance"), "attempt"),
}
_OTHER_WORDS = ("params", "var", "conn", "macros", "task", "inputs", "workflow", "steps", "tasks", "item")
_OTHER_READERS = ("jq", "awk")
"""Programs for which `{name}` has a meaning of its own."""


def foreign_placeholder(subject: Subject) -> None:
    """L115: `{{ ds }}` in a text, and `{day}` where a parameter or an input of the task is called so."""
    parameters = {parameter.name for parameter in subject.pipeline.parameters}
    for task, place, text in subject.texts:
        if "{" not in text:
            continue
        if found := _template().search(text):
            _report(subject, task, place, found.group(), _RUN_FIELDS.get(found["word"]), found["word"])
            continue
        inputs = {given.name for given in task.inputs}
        in_script = _is_script(task, place)
        if in_script and any(word in text for word in _OTHER_READERS):
            continue
        known = parameters | inputs if in_script else parameters - inputs  # what gets both may fill it in by itself
        for found in _braces().finditer(text):
            if found["word"] in known:
                _report(subject, task, place, found.group(), None, found["word"])
                break


def _report(subject: Subject, task: Task, place: Location, shown: str, field: str | None, word: str) -> None:
    name, value = word, word
    if field is not None:
        name, value = ("day" if field == "date" else field), f"run.{field}"
    elif word in _OTHER_WORDS:
        name, value = "name", "…"
    if _is_script(task, place):
        given = name if name == value else f"{name} = {value}"
        help = f"make the value an input, `task {task.name}({given}) = …`, and write `${name}` in the text"
    elif value == "…":
        help = 'a value stands in a text of `"…"` as `${name}`'
    else:
        help = f'write `${{{value}}}`, in a text of `"…"`'
    message = f"`{shown if len(shown) <= 40 else shown[:37] + '…'}` in task `{task.name}` stays as it is written"
    notes = ('only `${…}` in a text of `"…"` is a value; a shell text reads its inputs as variables',)
    subject.report("L115", message, place, notes=notes, help=help)


def _is_script(task: Task, place: Location) -> bool:
    """Whether a place is the text of a shell or a query, in which nothing is interpolated."""
    return isinstance(task.implementation, ShellScript | SqlQuery) and place == location_of(task, "implementation")


@cache
def _template() -> re.Pattern[str]:
    words = "|".join((*_RUN_FIELDS, *_OTHER_WORDS))
    return re.compile(rf"\{{\{{-?\s*\$?\.?(?P<word>{words})\b[^{{}}\n]*\}}\}}")


@cache
def _braces() -> re.Pattern[str]:
    """`{name}` that is no `${name}` and no `{{name}}`."""
    return re.compile(r"(?<![${\\])\{(?P<word>[a-z_]\w*)\}(?!\})")
