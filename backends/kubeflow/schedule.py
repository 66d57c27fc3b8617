"""A pipeline's schedule as a recurring run of Kubeflow Pipelines, and the schedules that none can be.

The side file holds the body of a request that makes a recurring run (`RecurringRun` of the API `v2beta1`), but for the
experiment and the version of the pipeline, which the server names when the pipeline is uploaded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pipec.backend import OutputFile, Refusal
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import CombinedSchedule, CronSchedule, IntervalSchedule, Pipeline, Schedule

from .cron import CronError, CronTimes, cron_times, merged, written
from .names import plain_name
from .runtime_values import is_expanded, runtime_value
from .schedule_refusing import MOST_RUNS
from .zones import ambiguous_time, is_same_zone

_LAST_DAY = "9999-12-30"
"""After it there is no end."""

_DAY, _WEEK = 24 * 3600, 7 * 24 * 3600
_SECOND = timedelta(seconds=1)


def trigger_refusals(pipeline: Pipeline, schedule: Schedule) -> Iterator[Refusal]:
    """What no recurring run can do of a schedule whose features are all offered: of its times."""
    zone = _server_zone(pipeline)
    try:
        trigger = _Trigger(pipeline, schedule)
    except CronError as error:
        yield Refusal("schedule", "this schedule", str(error), error.way_out)
        return
    if trigger.cron is None:
        yield from _interval_refusals(pipeline, trigger.interval)
        return
    if not is_same_zone(pipeline.timezone, zone):
        yield Refusal(
            "schedule",
            "this schedule",
            f"the server reads every cron in one time zone, which is {zone}, not {pipeline.timezone}",
            f"write the times in {zone}, or set `cronScheduleTimezone` of the server to {pipeline.timezone} "
            f'and say so: target kubeflow {{ server_timezone = "{pipeline.timezone}" }}',
        )
    elif (wall := ambiguous_time(trigger.cron, zone)) is not None:
        yield Refusal(
            "schedule",
            "this schedule",
            f"{wall:%H:%M} is skipped or comes twice in {zone} when the clock is changed, as on {wall:%Y-%m-%d}: "
            "Kubeflow then runs never or twice",
            "write a time outside of that hour",
        )


def _interval_refusals(pipeline: Pipeline, interval: float) -> Iterator[Refusal]:
    if interval != int(interval):
        yield Refusal("schedule", "this schedule", "Kubeflow counts intervals in whole seconds", "use whole seconds")
    elif pipeline.start is not None and not pipeline.catchup:
        yield Refusal(
            "schedule",
            "this schedule",
            "without catchup Kubeflow counts an interval from the last run, not from `start`",
            "leave `start` out, or use an interval that divides an hour, a day or a week, or `catchup = true`",
        )


# --- what starts a run ---------------------------------------------------------------------------


class _Trigger:
    """When runs start: at times of a cron, or in an interval in seconds where `cron` is None."""

    cron: CronTimes | None = None
    interval: float = 0.0

    def __init__(self, pipeline: Pipeline, schedule: Schedule) -> None:
        """Raises CronError for a schedule that Kubeflow has no cron for."""
        match schedule:
            case CronSchedule(expression=expression):
                self.cron = cron_times(expression)
            case CombinedSchedule(members=members):
                crons = [member for member in members if isinstance(member, CronSchedule)]
                self.cron = merged([cron_times(cron.expression) for cron in crons])
            case IntervalSchedule(interval=interval):
                self.interval = interval
                self.cron = _aligned_cron(pipeline, interval)
            case _:
                raise TypeError(f"{schedule.kind} starts no recurring run")
        if self.cron is not None:
            written(self.cron)


def _aligned_cron(pipeline: Pipeline, interval: float) -> CronTimes | None:
    """The times of an interval that is counted from `start`, where a cron in UTC has them.

    An interval of Kubeflow is counted from the last run, and moves when a run starts late.
    """
    if pipeline.start is None or pipeline.catchup or not is_same_zone(_server_zone(pipeline), "UTC"):
        return None
    minutes, rest = divmod(interval, 60)
    if rest or minutes < 1:
        return None
    if 60 % minutes == 0:
        return CronTimes(tuple(range(0, 60, int(minutes))), None, None, None, None)
    if _DAY % interval == 0 and minutes % 60 == 0:
        return CronTimes((0,), tuple(range(0, 24, int(minutes // 60))), None, None, None)
    if interval == _WEEK:
        return CronTimes((0,), (0,), None, None, (date.fromisoformat(pipeline.start).isoweekday() % 7,))
    return None


def _server_zone(pipeline: Pipeline) -> str:
    return str(pipeline.targets.get("kubeflow", {}).get("server_timezone", "UTC"))


# --- the recurring run ---------------------------------------------------------------------------


def recurring_run_file(pipeline: Pipeline) -> OutputFile | None:
    """`<pipeline>_recurring_run.json`; None for a pipeline without schedule."""
    if pipeline.schedule is None:
        return None
    text = json.dumps(recurring_run(pipeline, pipeline.schedule), indent=2, ensure_ascii=False)
    return OutputFile(f"{pipeline.name}_recurring_run.json", text + "\n", is_side=True)


def recurring_run(pipeline: Pipeline, schedule: Schedule) -> dict[str, Any]:
    """The body of the request, for a schedule without refusals."""
    options = pipeline.targets.get("kubeflow", {})
    body: dict[str, Any] = {
        "display_name": plain_name(pipeline.name),
        "mode": "ENABLE" if options.get("enabled", True) else "DISABLE",
        "max_concurrency": pipeline.max_active_runs or MOST_RUNS,
        "no_catchup": not pipeline.catchup,
        "trigger": _trigger(pipeline, schedule),
        "runtime_config": {"parameters": _defaults(pipeline)},
    }
    if pipeline.doc:
        body["description"] = pipeline.doc
    return body


def _trigger(pipeline: Pipeline, schedule: Schedule) -> dict[str, Any]:
    trigger = _Trigger(pipeline, schedule)
    if trigger.cron is not None:
        # The first run is at the first time after the start, and the first second of `start` is a time.
        return {"cron_schedule": _span(pipeline, _SECOND) | {"cron": written(trigger.cron)}}
    # The first run is one interval after the start.
    lead = timedelta(seconds=trigger.interval)
    return {"periodic_schedule": _span(pipeline, lead) | {"interval_second": int(trigger.interval)}}


def _span(pipeline: Pipeline, lead: timedelta) -> dict[str, str]:
    """From so much before the first day to the last second of the last one."""
    zone = ZoneInfo(pipeline.timezone)
    span = {}
    if pipeline.start is not None:
        span["start_time"] = _rfc3339(
            datetime.combine(date.fromisoformat(pipeline.start), datetime.min.time(), zone), -lead
        )
    if pipeline.end is not None and pipeline.end < _LAST_DAY:
        after = date.fromisoformat(pipeline.end) + timedelta(days=1)
        span["end_time"] = _rfc3339(datetime.combine(after, datetime.min.time(), zone), -_SECOND)
    return span


def _rfc3339(moment: datetime, shift: timedelta) -> str:
    return f"{moment.astimezone(UTC) + shift:%Y-%m-%dT%H:%M:%SZ}"


def _defaults(pipeline: Pipeline) -> dict[str, Any]:
    """The defaults that are known before a run.

    Those that would arrive changed when they are given to a run are left to the pipeline, which has them too.
    """
    values = {}
    for parameter in pipeline.parameters:
        if isinstance(parameter.default, LiteralValue) and not is_expanded(parameter.default.value):
            with suppress(ValueError):
                values[parameter.name] = runtime_value(parameter, parameter.default.value)
    return values
