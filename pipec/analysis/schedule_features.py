"""What a schedule asks of an engine."""

from __future__ import annotations

from collections.abc import Iterator

from pipec.ir.model import AssetSchedule, CombinedSchedule, CronSchedule, IntervalSchedule, Schedule


def schedule_features(schedule: Schedule | None) -> Iterator[str]:
    """The features of a schedule and of all that it is joined of."""
    match schedule:
        case None:
            return
        case CombinedSchedule(kind=kind, members=members):
            yield "schedule.combined"
            if kind == "and" and any(_has_time(member) for member in members):
                yield "schedule.time_and"
            if kind == "or":
                yield from _alternative_times([one for one in members if _is_time(one)])
            for member in members:
                yield from schedule_features(member)
        case _:
            yield f"schedule.{schedule.kind}"
            if isinstance(schedule, CronSchedule) and schedule.timezone != "UTC":
                yield "schedule.timezone"


def _alternative_times(times: list[Schedule]) -> Iterator[str]:
    """What several times that are each enough for a run ask of an engine."""
    crons = [time for time in times if isinstance(time, CronSchedule)]
    if len(times) > 1 and len(crons) < len(times):
        yield "schedule.several_intervals"
    if len({cron.expression for cron in crons}) > 1:
        yield "schedule.several_crons"
    if len({cron.timezone for cron in crons}) > 1:
        yield "schedule.several_zones"


def _is_time(schedule: Schedule) -> bool:
    return isinstance(schedule, CronSchedule | IntervalSchedule)


def _has_time(schedule: Schedule) -> bool:
    if isinstance(schedule, CombinedSchedule):
        return any(_has_time(member) for member in schedule.members)
    return _is_time(schedule)


def scheduled_assets(schedule: Schedule | None) -> Iterator[str]:
    """The URIs of the assets that a schedule waits for."""
    match schedule:
        case AssetSchedule(uri=uri):
            yield uri
        case CombinedSchedule(members=members):
            for member in members:
                yield from scheduled_assets(member)
