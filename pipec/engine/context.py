"""The facts of a run that nobody's schedule started."""

from __future__ import annotations

from datetime import datetime

from pipec.engine.events import RunContext
from pipec.ir.model import Pipeline


def run_context(pipeline: Pipeline, moment: datetime, run_id: str, url: str) -> RunContext:
    """The facts of a run started by hand: its interval is the moment it is for."""
    from zoneinfo import ZoneInfo

    timestamp = moment.astimezone(ZoneInfo(pipeline.timezone))
    text = timestamp.isoformat()
    return RunContext(
        id=run_id,
        pipeline=pipeline.name,
        date=timestamp.date().isoformat(),
        timestamp=text,
        interval_start=text,
        interval_end=text,
        url=url,
    )
