"""What an alert says, the same on every channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipec.engine.events import AlertEvent, RunContext, SendAlert
from pipec.ir.base import Location

_HAPPENED: dict[AlertEvent, str] = {
    "failure": "failed",
    "success": "succeeded",
    "retry": "is tried again",
    "skipped": "was skipped",
    "deadline": "missed its deadline",
}

_LONGEST_SUBJECT = 200
_LONGEST_MESSAGE = 4000


class AlertError(Exception):
    """An alert did not reach anybody. The message is one line and holds no secret."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One alert of a run. `task` is None where it is about the run as a whole; `at` and `started_at` are Unix times.

    `channel`, `arguments` and `location` are those of the IR's `Alert`; `at` is when it happened, `started_at` when
    the run began.
    """

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

    @property
    def subject(self) -> str:
        """What happened in one line: `wafer_yield: train failed`."""
        what = f"{self.pipeline}: {self.task}" if self.task is not None else self.pipeline
        return cut(in_one_line(f"{what} {_HAPPENED[self.event]}"), _LONGEST_SUBJECT)

    @property
    def text(self) -> str:
        """What happened with all that is known of it, in a few lines."""
        facts = [f"Run: {self.run_id}", f"Started: {iso(self.started_at)}"]
        if self.url:
            facts.append(self.url)
        message = cut(self.message.strip().encode("utf-8", "replace").decode(), _LONGEST_MESSAGE)
        return "\n".join([self.subject, *([message] if message else []), "", *facts])

    @property
    def facts(self) -> dict[str, Any]:
        """What programs are told: the keyword arguments of a callback."""
        return {
            "event": self.event,
            "pipeline": self.pipeline,
            "run_id": self.run_id,
            "task": self.task,
            "message": self.message,
            "url": self.url,
        }


def iso(at: float) -> str:
    """A Unix time as ISO 8601 text, in UTC and whole seconds."""
    return datetime.fromtimestamp(int(at), UTC).isoformat()


def in_one_line(text: str) -> str:
    """The text without line breaks and other characters that do not show."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def cut(text: str, length: int) -> str:
    """At most this many characters, with a mark where some are missing."""
    return text if len(text) <= length else text[: length - 1] + "…"
