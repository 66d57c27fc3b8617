"""When a pipeline runs, and which assets it updates, as arguments of `DAG(…)` and of tasks."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from pipec.ir.model import AssetSchedule, CombinedSchedule, CronSchedule, IntervalSchedule, Pipeline, Schedule, Task

from .layout import Call, ListNode, Node, one_line
from .literals import py, timedelta_source
from .versions import AIRFLOW_3_3, Version

_LONGEST_CONDITION = 80
"""Columns of a condition that is written with operators."""


_LONG_AGO = "2020-01-01"
"""The start of a schedule that always was. Without catchup no run is made for the time before now."""


def schedule_arguments(pipeline: Pipeline, version: Version = AIRFLOW_3_3) -> list[tuple[str, Node]]:
    """`schedule`, `start_date`, `end_date` and `catchup`."""
    arguments: list[tuple[str, Node]] = [("schedule", _Schedules(version).source(pipeline.schedule))]
    start = pipeline.start or (_LONG_AGO if version.needs_start_date and pipeline.schedule is not None else None)
    if start is not None:
        arguments.append(("start_date", _moment(start)))
    if pipeline.end is not None:
        arguments.append(("end_date", _moment(f"{pipeline.end}T23:59:59")))  # the whole last day
    arguments.append(("catchup", py(pipeline.catchup)))
    return arguments


def asset_arguments(task: Task, version: Version = AIRFLOW_3_3) -> list[tuple[str, Node]]:
    """`outlets`, where the task produces assets. Airflow takes them for updated when an instance of it succeeds."""
    uris = dict.fromkeys(task.options.produces)
    return [("outlets", ListNode(tuple(asset(uri, version) for uri in uris)))] if uris else []


def asset(uri: str, version: Version) -> Node:
    """An asset as `Asset(…)`, or what it is called in the version."""
    return Call(version.word("Asset"), ((None, py(uri)),))


# --- schedules -----------------------------------------------------------------------------------


class _Schedules:
    """Writes schedules with the words of a version of Airflow."""

    def __init__(self, version: Version) -> None:
        self._version = version

    def source(self, schedule: Schedule | None) -> Node:
        """What `schedule` of a DAG is."""
        match schedule:
            case None:
                return "None"
            case AssetSchedule(uri=uri):
                return ListNode((asset(uri, self._version),))
            case CombinedSchedule(kind="or", members=members) if any(map(_is_time, members)):
                times = [member for member in members if _is_time(member)]
                assets = tuple(member for member in members if not _is_time(member))
                timetable = _timetable(times)
                return self._or_time(timetable, assets) if assets else timetable
            case CombinedSchedule(kind="and", members=members) if all(
                isinstance(one, AssetSchedule) for one in members
            ):
                return ListNode(tuple(map(self._assets, members)))
            case CombinedSchedule(kind=kind, members=members):
                return self._condition(kind, members)
            case time:
                return _timetable([time])

    def _or_time(self, timetable: Node, assets: Sequence[Schedule]) -> Node:
        word = self._version.word
        arguments = (("timetable", timetable), (word("assets"), self._condition("or", assets)))
        return Call(word("AssetOrTimeSchedule"), arguments)

    def _condition(self, kind: str, members: Sequence[Schedule]) -> Node:
        """Assets joined by `&` or `|`; where that gets long, by the classes behind these operators."""
        if len(members) == 1:
            return self._assets(members[0])
        shown = self._operators(kind, members)
        if len(shown) <= _LONGEST_CONDITION:
            return shown
        joined = self._version.word("AssetAll" if kind == "and" else "AssetAny")
        return Call(joined, tuple((None, self._assets(member)) for member in members))

    def _assets(self, schedule: Schedule) -> Node:
        match schedule:
            case AssetSchedule(uri=uri):
                return asset(uri, self._version)
            case CombinedSchedule(kind=kind, members=members):
                return self._condition(kind, members)
        raise TypeError(f"{schedule.kind} is no asset")

    def _operators(self, kind: str, members: Sequence[Schedule]) -> str:
        return (" & " if kind == "and" else " | ").join(
            f"({self._operators(member.kind, member.members)})"
            if isinstance(member, CombinedSchedule)
            else str(one_line(self._assets(member)))
            for member in members
        )


def _is_time(schedule: Schedule) -> bool:
    return isinstance(schedule, CronSchedule | IntervalSchedule)


def _timetable(times: list[Schedule]) -> Node:
    """The timetable of one time, or of several that one timetable can hold: cron in one time zone."""
    crons = [time for time in times if isinstance(time, CronSchedule)]
    match times:
        case [IntervalSchedule(interval=interval)]:
            return Call("DeltaTriggerTimetable", ((None, timedelta_source(interval)),))
        case _ if len(crons) == len(times) and len({cron.timezone for cron in crons}) == 1:
            expressions = [(None, py(expression)) for expression in dict.fromkeys(cron.expression for cron in crons)]
            name = "CronTriggerTimetable" if len(expressions) == 1 else "MultipleCronTriggerTimetable"
            return Call(name, (*expressions, ("timezone", py(crons[0].timezone))))
    raise TypeError("these times have no common timetable")


def _moment(text: str) -> Node:
    """A date, or a time without offset, is one in the time zone of the schedule."""
    moment = datetime.datetime.fromisoformat(text)
    if moment.utcoffset() is not None:
        return f"datetime.datetime.fromisoformat({py(text)})"
    fields = [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond]
    while len(fields) > 3 and fields[-1] == 0:
        fields.pop()
    return f"datetime.datetime({', '.join(map(str, fields))}, tzinfo=TIMEZONE)"
