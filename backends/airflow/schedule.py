"""When a pipeline runs, as arguments of `DAG(…)`."""

from __future__ import annotations

import datetime

from pipec.ir.model import CronSchedule, IntervalSchedule, Pipeline, Schedule

from .layout import Call, Node
from .literals import py, timedelta_source


def schedule_arguments(pipeline: Pipeline) -> list[tuple[str, Node]]:
    """`schedule`, `start_date`, `end_date` and `catchup`."""
    arguments: list[tuple[str, Node]] = [("schedule", _timetable(pipeline.schedule))]
    if pipeline.start is not None:
        arguments.append(("start_date", _moment(pipeline.start)))
    if pipeline.end is not None:
        arguments.append(("end_date", _moment(f"{pipeline.end}T23:59:59")))  # the whole last day
    arguments.append(("catchup", py(pipeline.catchup)))
    return arguments


def _timetable(schedule: Schedule | None) -> Node:
    match schedule:
        case None:
            return "None"
        case CronSchedule(expression=expression, timezone=timezone):
            return Call("CronTriggerTimetable", ((None, py(expression)), ("timezone", py(timezone))))
        case IntervalSchedule(interval=interval):
            return Call("DeltaTriggerTimetable", ((None, timedelta_source(interval)),))
        case other:
            raise TypeError(f"{other.kind} schedules are not lowered")


def _moment(text: str) -> Node:
    """A date, or a time without offset, is one in the time zone of the schedule."""
    moment = datetime.datetime.fromisoformat(text)
    if moment.utcoffset() is not None:
        return f"datetime.datetime.fromisoformat({py(text)})"
    fields = [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond]
    while len(fields) > 3 and fields[-1] == 0:
        fields.pop()
    return f"datetime.datetime({', '.join(map(str, fields))}, tzinfo=TIMEZONE)"
