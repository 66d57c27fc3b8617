"""Alerts of generated files: real Airflow calls them, and real servers on this machine get what they send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from tests.backends.airflow.compiling import compile_text
from tests.backends.local.alerts.servers import MailServer, WebServer, mail_server, web_server
from tests.support.airflow import AirflowHome, AirflowRun

pytestmark = pytest.mark.engine

STEPS = """
import json, pathlib, time

def fail():
    raise ValueError("bad <lot> {{ 7 * 7 }}")

def work():
    pass

def work_on(lot):
    pass

def one(lot):
    if lot == "b":
        raise ValueError("no b")

def lots():
    return ["a", "b"]

def tell(**facts):
    with open(pathlib.Path(__file__).with_name("told.jsonl"), "a") as file:
        file.write(json.dumps(facts) + "\\n")
"""


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server((200, b'{"ok": true, "status": "success", "message": "ok", "dedup_key": "x"}', {})) as web:
        yield web


@pytest.fixture(autouse=True)
def settings(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections and Variables, as an operator of Airflow sets them."""
    import pagerduty

    slack = {"conn_type": "slack", "password": "xoxb-secret-token", "extra": {"base_url": f"{web.url}/slack/"}}
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("AIRFLOW_CONN_SLACK_API_DEFAULT", json.dumps(slack))
    for name, key in {"default": "key-of-all", "ml_night": "key-of-ml-night"}.items():
        connection = {"conn_type": "pagerduty_events", "password": key}
        monkeypatch.setenv(f"AIRFLOW_CONN_PAGERDUTY_EVENTS_{name.upper()}", json.dumps(connection))
    monkeypatch.setattr(pagerduty.EventsApiV2Client, "default_base_url", web.url)
    monkeypatch.setattr(pagerduty.EventsApiV2Client, "url", None)  # it would take https alone
    monkeypatch.setenv("AIRFLOW_VAR_CHAT_WEBHOOK", f"{web.url}/hook-secret")
    monkeypatch.setenv("AIRFLOW_VAR_CHAT_TOKEN", "bearer-secret")
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example.com/")


def run(airflow: AirflowHome, text: str) -> AirflowRun:
    return airflow.run(compile_text(text), {"steps.py": STEPS})


def told(airflow: AirflowHome) -> list[dict[str, Any]]:
    """What the function `tell` was called with, in the order of events and tasks."""
    file = airflow.dags / "told.jsonl"
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return sorted(map(json.loads, lines), key=lambda facts: (facts["event"], facts["task"] or ""))


def events(airflow: AirflowHome) -> list[tuple[str, str | None, str]]:
    return [(facts["event"], facts["task"], facts["message"]) for facts in told(airflow)]


# --- who is told of what -----------------------------------------------------------------------------


EVENTS = {
    "a task that fails": (
        """pipeline p {
  task a = python("steps:fail") { on failure, success, retry = python("steps:tell") }
}""",
        [("failure", "a", "task a failed: ValueError: bad <lot> {{ 7 * 7 }}")],
    ),
    "a task that succeeds": (
        """pipeline p {
  task a = python("steps:work") { on failure, success, retry = python("steps:tell") }
}""",
        [("success", "a", "task a succeeded")],
    ),
    "each attempt but the last is a retry": (
        """pipeline p {
  task a = shell("exit 3") { retry = { max: 2, delay: 0s, on: [3] }  on failure, retry = python("steps:tell") }
}""",
        [
            ("failure", "a", "task a failed: exit code 3"),
            ("retry", "a", "task a failed and is tried again: exit code 3"),
            ("retry", "a", "task a failed and is tried again: exit code 3"),
        ],
    ),
    "a task that is upstream_failed did not fail": (
        """pipeline p {
  task a = python("steps:fail")
  task b after a = python("steps:work") { on failure = python("steps:tell") }
}""",
        [],
    ),
    "a run that fails": (
        """pipeline p {
  on failure, success = python("steps:tell")
  task a = python("steps:fail")
  task b after a = python("steps:work")
}""",
        [("failure", None, "p failed: a")],
    ),
    "a run that succeeds": (
        """pipeline p {
  on failure, success = python("steps:tell")
  task a = python("steps:work")
}""",
        [("success", None, "p succeeded")],
    ),
    "retries are about each task, also in a pipeline": (
        """pipeline p {
  on retry = python("steps:tell")
  task a = shell("exit 1") { retry = { max: 1, delay: 0s } }
  task b = python("steps:work")
}""",
        [
            (
                "retry",
                "a",
                "task a failed and is tried again: Bash command failed. The command returned a non-zero exit code 1.",
            )
        ],
    ),
    "instances of a loop": (
        """pipeline p {
  for k in ["rf", "x{{ y }}"] { task train = python("steps:work") { on success = python("steps:tell") } }
}""",
        [
            ("success", 'train["rf"]', 'task train["rf"] succeeded'),
            ("success", 'train["x{{ y }}"]', 'task train["x{{ y }}"] succeeded'),
        ],
    ),
    "instances of a map": (
        """pipeline p {
  task lots -> list[str] = python("steps:lots")
  map lot in lots {
    task one(lot) = python("steps:one") { on failure, success = python("steps:tell") }
  }
}""",
        [("failure", "one[1]", "task one[1] failed: ValueError: no b"), ("success", "one[0]", "task one[0] succeeded")],
    ),
    "items of a map that a decision skips": (
        """pipeline p {
  on skipped = python("steps:tell")
  task lots -> list[str] = python("steps:lots")
  map lot in lots {
    if lot == "a" { task one(lot) = python("steps:work_on") }
  }
}""",
        [("skipped", "one[1]", "task one[1] was skipped")],
    ),
    "a task of finally that fails": (
        """pipeline p {
  on failure, success = python("steps:tell")
  task a = python("steps:work")
  finally { task clean = python("steps:fail") { on failure = python("steps:tell") } }
}""",
        [
            ("failure", None, "p failed: clean"),
            ("failure", "clean", "task clean failed: ValueError: bad <lot> {{ 7 * 7 }}"),
        ],
    ),
}


@pytest.mark.parametrize("case", EVENTS)
def test_events(airflow: AirflowHome, case: str) -> None:
    text, expected = EVENTS[case]
    run(airflow, text)
    assert events(airflow) == expected


def test_a_wait_that_skips_itself(airflow: AirflowHome) -> None:
    text = """pipeline p {
  on skipped = python("steps:tell")
  wait lots = file("/nowhere/*.csv") { poll = 1s  timeout = 1s  on_timeout = skip }
}"""
    ran = run(airflow, text)
    assert ran.states == {"lots": "skipped"}
    assert events(airflow) == [("skipped", "lots", "task lots was skipped")]


def test_a_function_gets_all_facts(airflow: AirflowHome) -> None:
    run(airflow, 'pipeline p { on success = python("steps:tell")  task a = python("steps:work") }')
    [facts] = told(airflow)
    assert facts["run_id"].startswith("manual__")
    assert facts["url"].startswith("https://airflow.example.com/dags/p/runs/manual__")
    assert sorted(facts) == ["event", "message", "pipeline", "run_id", "task", "url"]
    assert (facts["pipeline"], facts["task"]) == ("p", None)


# --- channels ----------------------------------------------------------------------------------------


FAILING = """pipeline wafer_yield {{
  task train = python("steps:fail") {{ on failure = {channel} }}
}}"""


def test_slack(airflow: AirflowHome, web: WebServer) -> None:
    run(airflow, FAILING.format(channel='slack("#ml-alerts")'))
    [posted] = web.posted
    assert posted.path == "/slack/chat.postMessage"
    assert posted.headers["Authorization"] == "Bearer xoxb-secret-token"
    assert posted.body["channel"] == "#ml-alerts"
    subject, message, empty, ran, started, url = posted.body["text"].splitlines()
    assert (subject, message, empty) == (
        "wafer_yield: train failed",
        "task train failed: ValueError: bad &lt;lot&gt; {{ 7 * 7 }}",
        "",
    )
    assert ran.startswith("Run: manual__")
    assert started.startswith("Started: 20")
    assert url.startswith("https://airflow.example.com/dags/wafer_yield/runs/manual__")


def test_two_runs_of_one_file_tell_of_themselves(airflow: AirflowHome, web: WebServer) -> None:
    """In the same process, as the DAG processor calls for two failed runs."""
    text = compile_text('pipeline p { on failure = slack("#a")  task a = python("steps:fail") }')
    (dag,) = airflow.load(text, {"steps.py": STEPS}).values()
    ran = [dag.test(), dag.test()]
    assert [f"Run: {one.run_id}" in posted.body["text"] for one, posted in zip(ran, web.posted, strict=True)] == [
        True,
        True,
    ]


def test_email(airflow: AirflowHome, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server(MailServer()) as mail:
        extra = {"from_email": "airflow@example.com", "disable_ssl": True, "disable_tls": True}
        connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": mail.port, "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(connection))
        run(airflow, FAILING.format(channel='email("ml@example.com", "ops@example.com")'))
        run(airflow, FAILING.format(channel='email("ml@example.com", subject = "{{ 1 / 0 }} zu spät")'))
    first, second = (received(envelope.content) for envelope in mail.envelopes)
    assert mail.envelopes[0].rcpt_tos == ["ml@example.com", "ops@example.com"]
    assert (first["From"], first["To"]) == ("airflow@example.com", "ml@example.com, ops@example.com")
    assert (first["Subject"], first["Auto-Submitted"]) == ("wafer_yield: train failed", "auto-generated")
    assert "task train failed: ValueError: bad &lt;lot&gt; {{ 7 * 7 }}\n" in text_of(first)
    assert second["Subject"] == "{{ 1 / 0 }} zu spät"


def received(content: bytes | str | None) -> EmailMessage:
    assert isinstance(content, bytes)
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    body = message.get_body()
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize(("service", "key"), [("ML night!", "key-of-ml-night"), ("others", "key-of-all")])
def test_pagerduty(airflow: AirflowHome, web: WebServer, service: str, key: str) -> None:
    run(airflow, FAILING.format(channel=f'pagerduty("{service}", severity = "critical")'))
    [posted] = web.posted
    assert posted.path == "/v2/enqueue"
    assert posted.body["routing_key"] == key
    assert posted.body["event_action"] == "trigger"
    assert posted.body["dedup_key"].startswith("pipec/wafer_yield/manual__")
    assert posted.body["dedup_key"].endswith("/train")
    payload = posted.body["payload"]
    assert payload["custom_details"].pop("message") == "task train failed: ValueError: bad <lot> {{ 7 * 7 }}"
    assert {name: payload[name] for name in ("summary", "severity", "source", "component", "group", "class")} == {
        "summary": "wafer_yield: train failed",
        "severity": "critical",
        "source": "wafer_yield",
        "component": "train",
        "group": service,
        "class": "failure",
    }


def test_a_success_resolves_an_incident(airflow: AirflowHome, web: WebServer) -> None:
    run(airflow, 'pipeline p { on success = pagerduty("ml")  task a = python("steps:work") }')
    [posted] = web.posted
    assert posted.body["event_action"] == "resolve"
    assert posted.body["dedup_key"].startswith("pipec/p/manual__")


def test_webhook(airflow: AirflowHome, web: WebServer) -> None:
    headers = '{ "Authorization": secret("chat_token"), "X-Team": "{{ ml }}" }'
    text = FAILING.format(channel=f'webhook(secret("chat_webhook"), headers = {headers})')
    assert "hook-secret" not in compile_text(text)
    ran = run(airflow, text)
    [posted] = web.posted
    assert posted.path == "/hook-secret"
    assert (posted.headers["Authorization"], posted.headers["X-Team"]) == ("bearer-secret", "{{ ml }}")
    assert sorted(posted.body) == [
        "at", "event", "message", "pipeline", "run_id", "started_at", "subject", "task", "url",
    ]  # fmt: skip
    assert posted.body["subject"] == "wafer_yield: train failed"
    assert not [secret for secret in ("hook-secret", "bearer-secret") if secret in ran.log]


def test_a_service_that_refuses_changes_nothing(airflow: AirflowHome, web: WebServer) -> None:
    web.answers = [(403, b"no, bearer-secret", {})]
    headers = '{ "Authorization": secret("chat_token") }'
    ran = run(
        airflow,
        "pipeline p { task a = python('steps:work') { on success = ["
        f"webhook(secret('chat_webhook'), headers = {headers}), python('steps:tell')] }} }}",
    )
    assert ran.state == "success"
    assert len(web.posted) == 1
    assert events(airflow) == [("success", "a", "task a succeeded")]
    assert "127.0.0.1 answered 403" in ran.log
    assert not [secret for secret in ("hook-secret", "bearer-secret") if secret in ran.log]
