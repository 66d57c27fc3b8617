"""L110: a date written out where every run has one of its own."""

from __future__ import annotations

import re
from functools import cache

from pipec.analysis.lints.subject import Subject
from pipec.ir.base import Location
from pipec.ir.expressions import Expression, LiteralValue
from pipec.ir.traverse import location_of

_NAMES = frozenset(
    {"as_of", "date", "day", "ds", "execution_date", "logical_date", "partition_date", "run_date", "run_day", "today"}
)
"""What the date of a run is called."""

_CENTURIES = re.compile(r"19\d\d|20\d\d")
"""What every such date holds, and most texts do not."""


def fixed_date(subject: Subject) -> None:
    """L110: in a pipeline that runs by a schedule, an input or parameter that is the day, or a path with one in it.

    What a const gives a name is meant.
    """
    if subject.pipeline.schedule is None:
        return
    for parameter in subject.pipeline.parameters:
        if parameter.name.lower() in _NAMES and (date := _date_of(parameter.default)) is not None:
            _report(subject, f"parameter `{parameter.name}` is {date} in every run", parameter.location)
    for task in subject.tasks:
        for given in task.inputs:
            if given.name.lower() in _NAMES and (date := _date_of(given.value)) is not None:
                place = location_of(task, f"inputs.{given.name}")
                if date in subject.span_of(place).text:
                    _report(subject, f"input `{given.name}` of `{task.name}` is {date} in every run", place)
    for task, place, text in subject.texts:
        found = _date_in_path().search(text) if _CENTURIES.search(text) else None
        if found is not None and found["date"] in subject.span_of(place).text:
            _report(subject, f"task `{task.name}` uses what is of {found['date']} in every run", place)


def _report(subject: Subject, message: str, place: Location) -> None:
    subject.report(
        "L110",
        message,
        place,
        notes=("the pipeline runs by a schedule, and each run is for a day of its own",),
        help="read `run.date`, or a parameter with `run.date` as its default; a day that is meant is a `const`",
    )


def _date_of(value: Expression | None) -> str | None:
    """The date that a value is."""
    if not isinstance(value, LiteralValue) or not isinstance(value.value, str):
        return None
    return value.value if _whole_date().fullmatch(value.value) else None


@cache
def _whole_date() -> re.Pattern[str]:
    return re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")


@cache
def _date_in_path() -> re.Pattern[str]:
    """A date in a path, `/2026-01-31/`, `/2026/01/31/`, `/dt=2026-01-31`, `/raw_2026-01-31.csv`.

    Or the day that a program is given, `--date 2026-01-31`.
    """
    year, month, day = r"(?:19|20)\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
    dates = "|".join(f"{year}{sign}{month}{sign}{day}" for sign in ("-", "/", ""))
    before = r"/(?:[\w.-]*[_.=-])?|--(?:date|day|ds|run-date)[= ][\"']?"
    return re.compile(rf"(?:{before})(?P<date>{dates})(?!\w)")
