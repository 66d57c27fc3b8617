"""When a pipeline runs, and which assets it updates, as arguments of `DAG(…)` and of tasks."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from pipec.ir.model import AssetSchedule, CombinedSchedule, CronSchedule, IntervalSchedule, Pipeline, Schedule, Task

from .layout import Call, ListNode, Node, one_line
from .literals import py, timedelta_source

_LONGEST_CONDITION = 80
"""Columns of a condition that is written with operators."""


def schedule_arguments(pipeline: Pipeline) -> list[tuple[str, Node]]:
    """`schedule`, `start_date`, `end_date` and `catchup`."""
    arguments: list[tuple[str, Node]] = [("schedule", _schedule(pipeline.schedule))]
    if pipeline.start is not None:
        arguments.append(("start_date", _moment(pipeline.start)))
    if pipeline.end is not None:
        arguments.append(("end_date", _moment(f"{pipeline.end}T23:59:59")))  # the whole last day
    arguments.append(("catchup", py(pipeline.catchup)))
    return arguments


def asset_arguments(task: Task) -> list[tuple[str, Node]]:
    """`outlets`, where the task produces assets. Airflow takes them for updated when an instance of it succeeds."""
    uris = dict.fromkeys(task.options.produces)
    return [("outlets", ListNode(tuple(_asset(uri) for uri in uris)))] if uris else []


# --- schedules -----------------------------------------------------------------------------------


def _schedule(schedule: Schedule | None) -> Node:
    match schedule:
        case None:
            return "None"
        case AssetSchedule(uri=uri):
            return ListNode((_asset(uri),))
        case CombinedSchedule(kind="or", members=members) if any(map(_is_time, members)):
            times = [member for member in members if _is_time(member)]
            assets = tuple(member for member in members if not _is_time(member))
            timetable = _timetable(times)
            if not assets:
                return timetable
            return Call("AssetOrTimeSchedule", (("timetable", timetable), ("assets", _condition("or", assets))))
        case CombinedSchedule(kind="and", members=members) if all(isinstance(one, AssetSchedule) for one in members):
            return ListNode(tuple(map(_assets, members)))
        case CombinedSchedule(kind=kind, members=members):
            return _condition(kind, members)
        case time:
            return _timetable([time])


def _is_time(schedule: Schedule) -> bool:
    return isinstance(schedule, CronSchedule | IntervalSchedule)


def _timetable(times: list[Schedule]) -> Node:
    """The timetable of one time, or of several that one timetable can hold: cron in one time zone."""
    crons = [time for time in times if isinstance(time, CronSchedule)]
    match times:
        case [IntervalSchedule(interval=interval)]:
            return Call("DeltaTriggerTimetable", ((None, timedelta_source(interval)),))
        case [CronSchedule(expression=expression, timezone=timezone)]:
            return Call("CronTriggerTimetable", ((None, py(expression)), ("timezone", py(timezone))))
        case _ if len(crons) == len(times) and len({cron.timezone for cron in crons}) == 1:
            expressions = ((None, py(expression)) for expression in dict.fromkeys(cron.expression for cron in crons))
            return Call("MultipleCronTriggerTimetable", (*expressions, ("timezone", py(crons[0].timezone))))
    raise TypeError("these times have no common timetable")


def _condition(kind: str, members: Sequence[Schedule]) -> Node:
    """Assets joined by `&` or `|`; where that gets long, by the classes behind these operators."""
    if len(members) == 1:
        return _assets(members[0])
    shown = _operators(kind, members)
    if len(shown) <= _LONGEST_CONDITION:
        return shown
    return Call("AssetAll" if kind == "and" else "AssetAny", tuple((None, _assets(member)) for member in members))


def _assets(schedule: Schedule) -> Node:
    match schedule:
        case AssetSchedule(uri=uri):
            return _asset(uri)
        case CombinedSchedule(kind=kind, members=members):
            return _condition(kind, members)
    raise TypeError(f"{schedule.kind} is no asset")


def _operators(kind: str, members: Sequence[Schedule]) -> str:
    return (" & " if kind == "and" else " | ").join(
        f"({_operators(member.kind, member.members)})"
        if isinstance(member, CombinedSchedule)
        else str(one_line(_assets(member)))
        for member in members
    )


def _asset(uri: str) -> Node:
    return Call("Asset", ((None, py(uri)),))


def _moment(text: str) -> Node:
    """A date, or a time without offset, is one in the time zone of the schedule."""
    moment = datetime.datetime.fromisoformat(text)
    if moment.utcoffset() is not None:
        return f"datetime.datetime.fromisoformat({py(text)})"
    fields = [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond]
    while len(fields) > 3 and fields[-1] == 0:
        fields.pop()
    return f"datetime.datetime({', '.join(map(str, fields))}, tzinfo=TIMEZONE)"
