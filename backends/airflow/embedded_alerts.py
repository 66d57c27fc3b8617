"""What generated DAG files with alerts hold a copy of besides `pipec.runtime`. This is never imported.

An alert makes its notifier anew each time it is called, because a notifier renders its own fields as templates in
place: called again in the same process, as the DAG processor does for two failed runs, it would tell of the first
one, and what an exception says would be a template.
"""

from __future__ import annotations

import datetime
import html
import importlib
import logging
import re
from typing import Any
from urllib.parse import quote

from airflow.configuration import conf
from airflow.providers.pagerduty.notifications.pagerduty import PagerdutyNotifier
from airflow.providers.slack.notifications.slack import SlackNotifier
from airflow.providers.smtp.notifications.smtp import SmtpNotifier
from airflow.sdk import BaseHook, Variable
from airflow.sdk.exceptions import AirflowNotFoundException

from pipec.runtime.notices import (
    SEVERITIES,
    Notice,
    incident_details,
    incident_key,
    incident_links,
    mail_subject,
    slack_text,
    webhook_body,
)
from pipec.runtime.posting import post_json


class Alert:
    """A callback that tells people of an event: of the task it is called for, or `of_run`.

    `task` is the task where that is not its id in Airflow, `seconds` the deadline where that is the event, and `by`
    what a subclass needs to know to deliver it.
    """

    def __init__(
        self,
        event: str,
        *,
        of_run: bool = False,
        task: str | None = None,
        seconds: float = 0.0,
        context: Any = None,  # the deadline's, which a call gets too
        **by: Any,
    ) -> None:
        self.event = event
        self.of_run = of_run
        self.task = task
        self.seconds = seconds
        self.by = by

    def __call__(self, context: Any) -> None:
        if self.event != "deadline":
            self.send(notice_of(context, self.event, self.of_run, self.task))
        elif is_missed(context):
            self.send(notice_of_deadline(context, self.seconds))

    def send(self, notice: Notice) -> None:
        """Deliver it; the subclasses know how."""
        raise NotImplementedError


class LogAlert(Alert):
    """In the log alone."""

    def send(self, notice: Notice) -> None:
        logging.getLogger(__name__).warning("%s", notice.message)


class SlackAlert(Alert):
    """In a `channel` of Slack, by the connection `slack_api_default`."""

    def send(self, notice: Notice) -> None:
        notifier: Any = SlackNotifier(channel=self.by["channel"], text=slack_text(notice))
        notifier.notify({})


class EmailAlert(Alert):
    """By mail `to` addresses, from the sender of the connection `smtp_default`; `subject` instead of what happened."""

    def send(self, notice: Notice) -> None:
        notifier: Any = SmtpNotifier(
            to=self.by["to"],
            subject=mail_subject(notice, self.by.get("subject")),
            html_content=f"<pre>{html.escape(notice.text)}</pre>",
            custom_headers={"Auto-Submitted": "auto-generated"},
        )
        notifier.notify({"dag": None})  # Airflow 2.11 asks for one


class PagerdutyAlert(Alert):
    """As an incident of a `service`, with a `severity` of its own if there is one; a success resolves it."""

    def send(self, notice: Notice) -> None:
        service = self.by["service"]
        notifier: Any = PagerdutyNotifier(
            pagerduty_events_conn_id=pagerduty_connection(service),
            summary=notice.subject,
            severity=self.by.get("severity") or SEVERITIES[notice.event],
            source=notice.pipeline,
            action="resolve" if notice.event == "success" else "trigger",
            dedup_key=incident_key(notice),
            component=notice.task or notice.pipeline,
            group=service,
            class_type=notice.event,
            custom_details=incident_details(notice),
            links=incident_links(notice),
        )
        notifier.notify({})


class WebhookAlert(Alert):
    """By a web service: its `url`, and `headers`. Texts may be `{"variable": "name"}`, an Airflow Variable."""

    def send(self, notice: Notice) -> None:
        headers = {name: text_or_variable(value) for name, value in self.by.get("headers", {}).items()}
        post_json(text_or_variable(self.by["url"]), webhook_body(notice), headers)


class PythonAlert(Alert):
    """By a `function` of a `module`; it is called with `event`, `pipeline`, `run_id`, `task`, `message` and `url`."""

    def send(self, notice: Notice) -> None:
        getattr(importlib.import_module(self.by["module"]), self.by["function"])(**notice.facts)


def notice_of(context: Any, event: str, of_run: bool, task: str | None) -> Notice:
    """What a callback of a task or a run tells of its event."""
    ti, run = context.get("ti"), context.get("dag_run")
    pipeline, now = context["dag"].dag_id, datetime.datetime.now(datetime.UTC)
    name = task_name(ti, task)
    return Notice(
        event=event,
        pipeline=pipeline,
        run_id=context["run_id"],
        task=None if of_run else name,
        message=run_message(context, event, pipeline, name) if of_run else task_message(context, event, name),
        url=run_page(pipeline, context["run_id"]),
        started_at=((run and run.start_date) or now).timestamp(),
        at=now.timestamp(),
    )


def task_name(ti: Any, task: str | None) -> str:
    """The task, and which instance it is where there is one for each item of a list."""
    if ti is None:
        return task or ""
    is_mapped = ti.map_index is not None and ti.map_index >= 0
    return (task or ti.task_id) + (f"[{ti.map_index}]" if is_mapped else "")


def task_message(context: Any, event: str, name: str) -> str:
    """What happened to a task, and why."""
    happened = {"success": "succeeded", "skipped": "was skipped", "retry": "failed and is tried again"}
    error = context.get("exception") if event in ("failure", "retry") else None
    return f"task {name} {happened.get(event, 'failed')}" + (f": {described(error)}" if error is not None else "")


def described(error: Any) -> str:
    """What an error says, behind its class where that says something too."""
    name, text = type(error).__name__, str(error)
    is_plain = isinstance(error, str) or name == "ExitCodeError" or type(error).__module__.startswith("airflow.")
    return text if is_plain else f"{name}: {text}".removesuffix(": ")


def run_message(context: Any, event: str, pipeline: str, task: str) -> str:
    """What became of a run; `task` is the one that failed last, where one did."""
    if event == "success":
        return f"{pipeline} succeeded"
    reason = str(context.get("reason") or "")
    return f"{pipeline} failed: {task if task and reason == 'task_failure' else reason.replace('_', ' ')}"


def is_missed(context: Any) -> bool:
    """Whether a run was going on at its deadline. Airflow also calls for one that failed before."""
    ended = context["dag_run"]["end_date"]
    return ended is None or moment(ended) > moment(context["deadline"]["deadline_time"])


def notice_of_deadline(context: Any, seconds: float) -> Notice:
    """What is told of a run that missed its deadline; the context has what the scheduler knows of the run, as JSON."""
    run = context["dag_run"]
    now = datetime.datetime.now(datetime.UTC)
    return Notice(
        event="deadline",
        pipeline=run["dag_id"],
        run_id=run["dag_run_id"],
        task=None,
        message=f"{run['dag_id']} did not end within its deadline of {seconds:g}s",
        url=run_page(run["dag_id"], run["dag_run_id"]),
        started_at=moment(run["start_date"] or now).timestamp(),
        at=now.timestamp(),
    )


def moment(when: Any) -> datetime.datetime:
    """A time that may be ISO 8601 text."""
    return datetime.datetime.fromisoformat(str(when))


def run_page(dag_id: str, run_id: str) -> str:
    """The page of a run in Airflow's user interface; empty where Airflow is not told its own address."""
    base = str(conf.get("api", "base_url", fallback="")).rstrip("/")
    return f"{base}/dags/{dag_id}/runs/{quote(run_id)}" if base else ""


def pagerduty_connection(service: str) -> str:
    """The connection of a service, `pagerduty_events_<service>`, or that of all."""
    own = f"pagerduty_events_{re.sub('[^a-z0-9]+', '_', service.lower()).strip('_')}"
    try:
        BaseHook.get_connection(own)
    except AirflowNotFoundException:
        return "pagerduty_events_default"
    return own


def text_or_variable(value: Any) -> str:
    """A text of the pipeline, or the value of the Airflow Variable that it names."""
    match value:
        case {"variable": str(name)}:
            return str(Variable.get(name))
        case _:
            return str(value)
