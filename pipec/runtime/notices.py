"""What an alert says, the same on every channel and every target."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

HAPPENED = {
    "failure": "failed",
    "success": "succeeded",
    "retry": "is tried again",
    "skipped": "was skipped",
    "deadline": "missed its deadline",
}
"""What an event is, behind the name of whom it befell."""

SEVERITIES = {"failure": "error", "deadline": "warning", "retry": "warning", "skipped": "info", "success": "info"}
"""How bad PagerDuty is told an event is."""


class AlertError(Exception):
    """An alert did not reach anybody. The message is one line and holds no secret."""


class Notice:
    """One event of a run. `task` is None where it is about the run as a whole; `at` and `started_at` are Unix times.

    `at` is when it happened, `started_at` when the run began.
    """

    # No dataclass: those need their module in `sys.modules`, where Airflow does not put a DAG file for every callback.
    def __init__(
        self,
        *,
        event: str,
        pipeline: str,
        run_id: str,
        task: str | None,
        message: str,
        url: str,
        started_at: float,
        at: float,
    ) -> None:
        self.event = event
        self.pipeline = pipeline
        self.run_id = run_id
        self.task = task
        self.message = message
        self.url = url
        self.started_at = started_at
        self.at = at

    @property
    def subject(self) -> str:
        """What happened in one line: `wafer_yield: train failed`."""
        what = f"{self.pipeline}: {self.task}" if self.task is not None else self.pipeline
        return cut(in_one_line(f"{what} {HAPPENED[self.event]}"), 200)

    @property
    def text(self) -> str:
        """What happened with all that is known of it, in a few lines."""
        facts = [f"Run: {self.run_id}", f"Started: {iso_time(self.started_at)}"]
        if self.url:
            facts.append(self.url)
        message = cut(self.message.strip().encode("utf-8", "replace").decode(), 4000)
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


def slack_text(notice: Notice) -> str:
    """Its text, so that Slack shows it as it is: no value can call a whole channel or become a link."""
    return notice.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def webhook_body(notice: Notice) -> dict[str, Any]:
    """What is posted to a web service."""
    times = {"at": iso_time(notice.at), "started_at": iso_time(notice.started_at)}
    return {**notice.facts, "subject": notice.subject, **times}


def incident_key(notice: Notice) -> str:
    """The key of the incident in PagerDuty: one for each task of a run, and one for the run itself."""
    key = "/".join(filter(None, ("pipec", notice.pipeline, notice.run_id, notice.task)))
    return key if len(key) <= 255 else f"pipec/{hashlib.sha256(key.encode()).hexdigest()}"


def incident_details(notice: Notice) -> dict[str, Any]:
    """What PagerDuty shows of an incident besides its summary."""
    return {**notice.facts, "message": cut(notice.message, 4000)}


def incident_links(notice: Notice) -> list[dict[str, str]]:
    """The page of the run, where it is one of the web."""
    return [{"href": notice.url, "text": "Run"}] if notice.url.startswith(("http://", "https://")) else []


def mail_subject(notice: Notice, own: str | None) -> str:
    """The subject of a mail: what happened, or what the alert says `own`."""
    return cut(in_one_line(own or notice.subject), 200)


def iso_time(at: float) -> str:
    """A Unix time as ISO 8601 text, in UTC and whole seconds."""
    return datetime.datetime.fromtimestamp(int(at), datetime.UTC).isoformat()


def in_one_line(text: str) -> str:
    """The text without line breaks and other characters that do not show."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def cut(text: str, length: int) -> str:
    """At most this many characters, with a mark where some are missing."""
    return text if len(text) <= length else text[: length - 1] + "…"
