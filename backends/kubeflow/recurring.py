"""Recurring runs that are there already: whether they are what is wanted, and how a new one goes on from now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any


def from_now_on(trigger: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The trigger for a recurring run made now that makes up for nothing: a start in the past moves to now."""
    ((kind, schedule),) = trigger.items()
    start = _moment(schedule.get("start_time"))
    if start is None or start > now:
        return {kind: dict(schedule)}
    moved = {name: value for name, value in schedule.items() if name != "start_time"}
    if "interval_second" in schedule:  # it goes on counting from the start
        step = timedelta(seconds=schedule["interval_second"])
        moved["start_time"] = f"{start + (now - start) // step * step:%Y-%m-%dT%H:%M:%SZ}"
    return {kind: moved}


def is_same(there: Any, body: Mapping[str, Any], version: tuple[str, str], now: datetime) -> bool:
    """Whether a recurring run of the server (`V2beta1RecurringRun`) starts the same runs from now on."""
    reference = there.pipeline_version_reference
    runtime = there.runtime_config
    wanted = (_schedule(body["trigger"], now), body["max_concurrency"], body["no_catchup"], body.get("description", ""))
    found = (
        _schedule(_trigger(there.trigger), now),
        int(there.max_concurrency or 0),
        bool(there.no_catchup),
        there.description or "",
    )
    return (
        wanted == found
        and reference is not None
        and (reference.pipeline_id, reference.pipeline_version_id) == version
        and ((runtime.parameters if runtime else None) or {}) == body["runtime_config"]["parameters"]
    )


def _trigger(trigger: Any) -> dict[str, Any]:
    """A `V2beta1Trigger` as the body of a request has it."""
    if trigger is None:
        return {}
    schedules = {"cron_schedule": trigger.cron_schedule, "periodic_schedule": trigger.periodic_schedule}
    return {kind: schedule.to_dict() for kind, schedule in schedules.items() if schedule is not None}


def _schedule(trigger: Mapping[str, Any], now: datetime) -> list[object]:
    """What tells one trigger from another; a start in the past is none."""
    found: list[object] = []
    for kind, schedule in trigger.items():
        start, end = _moment(schedule.get("start_time")), _moment(schedule.get("end_time"))
        what = schedule["cron"] if "cron" in schedule else int(schedule["interval_second"])
        found.append((kind, what, start if start is not None and start > now else None, end))
    return found


def _moment(value: str | datetime | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
