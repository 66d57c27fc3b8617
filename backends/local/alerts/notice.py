"""One alert of a run on this machine: what it says, and the channel it goes by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipec.engine.events import AlertEvent, RunContext, SendAlert
from pipec.ir.base import Location
from pipec.runtime import notices


@dataclass(frozen=True, slots=True)
class Notice(notices.Notice):
    """`channel`, `arguments` and `location` are those of the IR's `Alert`."""

    channel: str
    arguments: dict[str, Any]
    event: AlertEvent
    pipeline: str
    run_id: str
    task: str | None
    message: str
    url: str
    started_at: float
    at: float
    location: Location

    @classmethod
    def of(cls, command: SendAlert, context: RunContext, started_at: float, at: float) -> Notice:
        """The notice of the engine's command in a run."""
        return cls(
            channel=command.alert.channel,
            arguments=command.alert.arguments,
            event=command.event,
            pipeline=context.pipeline,
            run_id=context.id,
            task=command.task,
            message=command.message,
            url=context.url,
            started_at=started_at,
            at=at,
            location=command.alert.location,
        )
