"""What no recurring run of Kubeflow can do of a schedule.

Calendars and time zones take their time to load, and most pipelines ask nothing of them: they are loaded here where
something is to be looked up in them.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipec.backend import Refusal
from pipec.ir.model import CombinedSchedule, CronSchedule, IntervalSchedule, Pipeline, Schedule

MOST_RUNS = 10
"""How many runs of one recurring run the server lets go on at once, at most."""

_FIRST_DAY = "1970-01-02"
"""The server counts seconds since 1970."""


def schedule_refusals(pipeline: Pipeline) -> Iterator[Refusal]:
    """What no recurring run can do of a schedule whose features are all offered."""
    if pipeline.max_active_runs is not None:
        if pipeline.schedule is None:
            yield Refusal(
                "max_active_runs",
                "this limit of runs at once",
                "Kubeflow limits the runs that a schedule starts, not those started by hand",
                "remove it, or give the pipeline a schedule",
            )
        elif pipeline.max_active_runs > MOST_RUNS:
            yield Refusal(
                "max_active_runs",
                "this limit of runs at once",
                f"Kubeflow lets at most {MOST_RUNS} runs of a schedule go on at once",
                f"set it to {MOST_RUNS} or less",
            )
    if pipeline.schedule is not None and pipeline.start is not None and pipeline.start < _FIRST_DAY:
        yield Refusal("start", "this start", "Kubeflow counts time from 1970 on", "use a later date, or leave it out")
    zone = pipeline.targets.get("kubeflow", {}).get("server_timezone")
    if zone is not None and not _is_zone(str(zone)):
        yield Refusal(
            "target.kubeflow.server_timezone",
            "this time zone",
            f"there is no time zone `{zone}`",
            'use a name of IANA: "Europe/Berlin"',
        )
    elif pipeline.schedule is not None and _is_offered(pipeline.schedule):
        from .schedule import trigger_refusals

        yield from trigger_refusals(pipeline, pipeline.schedule)


def _is_zone(name: str) -> bool:
    from .zones import is_zone

    return is_zone(name)


def _is_offered(schedule: Schedule) -> bool:
    """Whether the capabilities let it pass."""
    match schedule:
        case CombinedSchedule(kind=kind, members=members):
            zones = {member.timezone if isinstance(member, CronSchedule) else None for member in members}
            return kind == "or" and len(zones) == 1 and None not in zones
        case _:
            return isinstance(schedule, CronSchedule | IntervalSchedule)
