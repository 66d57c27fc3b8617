"""Alerts over HTTP: what arrives at a real server, and what is said where it does not."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pipec.backends.local.alerts.deliver import deliver

from pipec.runtime import posting
from pipec.runtime.notices import incident_key
from tests.backends.local.alerts.notices import NOTICE, notice, refusal
from tests.backends.local.alerts.servers import dripping_server, free_port, hanging_up_server, silent_server, web_server

TOKEN = {"PIPEC_SLACK_TOKEN": "xoxb-secret-token"}
ROUTING_KEY = {"PIPEC_PAGERDUTY_KEY": "routing-secret"}
FAILED: tuple[int, bytes, dict[str, str]] = (503, b"sorry, xoxb-secret-token", {})


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a proxy, and without a pause between attempts."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(posting, "_POST_DELAYS", (0.0, 0.0))


def to_webhook(url: str, **arguments: Any) -> Any:
    return notice("webhook", {"url": url, **arguments})


# --- what arrives ------------------------------------------------------------------------------------


def test_slack_by_token() -> None:
    with web_server((200, b'{"ok": true}', {})) as web:
        deliver(NOTICE, TOKEN | {"PIPEC_SLACK_API": f"{web.url}/api"})
    [posted] = web.posted
    assert posted.path == "/api/chat.postMessage"
    assert posted.headers["Authorization"] == "Bearer xoxb-secret-token"
    assert posted.body["channel"] == "#ml-alerts"
    assert posted.body["text"].splitlines() == [
        'wafer_yield: train["rf"] failed',
        "exit code 1",
        "",
        "Run: 20260101T020000-1a2b",
        "Started: 2026-01-01T00:00:00+00:00",
        "file:///data/.pipec/runs/20260101T020000-1a2b",
    ]


def test_slack_by_incoming_webhook() -> None:
    with web_server() as web:
        deliver(NOTICE, {"PIPEC_SLACK_WEBHOOK": f"{web.url}/services/T000/B000/hook-secret"})
    [posted] = web.posted
    assert posted.path == "/services/T000/B000/hook-secret"
    assert "Authorization" not in posted.headers
    assert posted.body["channel"] == "#ml-alerts"


def test_slack_shows_text_as_it_is() -> None:
    with web_server((200, b'{"ok": true}', {})) as web:
        deliver(notice(message="<!channel> a & b"), TOKEN | {"PIPEC_SLACK_API": web.url})
    assert "&lt;!channel&gt; a &amp; b" in web.posted[0].body["text"]
    assert web.posted[0].body["mrkdwn"] is False


def test_a_webhook_gets_a_documented_object() -> None:
    secret = {"kind": "secret", "name": "HOOK_TOKEN"}
    headers = {"X-Team": "ml", "Authorization": secret}
    with web_server() as web:
        deliver(to_webhook(f"{web.url}/hook?a=1", headers=headers), {"HOOK_TOKEN": "Bearer bearer-secret"})
    [posted] = web.posted
    assert posted.path == "/hook?a=1"
    assert (posted.headers["X-Team"], posted.headers["Authorization"]) == ("ml", "Bearer bearer-secret")
    assert posted.headers["Content-Type"] == "application/json"
    assert posted.body == {
        "event": "failure",
        "pipeline": "wafer_yield",
        "run_id": "20260101T020000-1a2b",
        "task": 'train["rf"]',
        "message": "exit code 1",
        "url": "file:///data/.pipec/runs/20260101T020000-1a2b",
        "subject": 'wafer_yield: train["rf"] failed',
        "at": "2026-01-01T01:00:00+00:00",
        "started_at": "2026-01-01T00:00:00+00:00",
    }


def test_the_address_of_a_webhook_may_be_a_secret() -> None:
    with web_server() as web:
        sent = notice("webhook", {"url": {"kind": "secret", "name": "HOOK"}})
        deliver(sent, {"HOOK": f"{web.url}/hook-secret"})
    assert web.posted[0].path == "/hook-secret"


def test_pagerduty_opens_an_incident() -> None:
    with web_server((202, b"{}", {})) as web:
        sent = notice("pagerduty", {"service": "ml"}, url="https://runs.example.com/1")
        deliver(sent, ROUTING_KEY | {"PIPEC_PAGERDUTY_API": web.url})
    [posted] = web.posted
    assert posted.path == "/v2/enqueue"
    assert posted.body["routing_key"] == "routing-secret"
    assert posted.body["event_action"] == "trigger"
    assert posted.body["dedup_key"] == 'pipec/wafer_yield/20260101T020000-1a2b/train["rf"]'
    assert posted.body["links"] == [{"href": "https://runs.example.com/1", "text": "Run"}]
    payload = posted.body["payload"]
    assert (payload["summary"], payload["severity"]) == ('wafer_yield: train["rf"] failed', "error")
    assert payload["custom_details"]["message"] == "exit code 1"


@pytest.mark.parametrize(
    ("event", "arguments", "severity"),
    [
        ("failure", {"severity": "critical"}, "critical"),
        ("deadline", {}, "warning"),
        ("retry", {}, "warning"),
        ("skipped", {}, "info"),
    ],
)
def test_severities_of_pagerduty(event: str, arguments: dict[str, str], severity: str) -> None:
    with web_server() as web:
        sent = notice("pagerduty", {"service": "ml", **arguments}, event=event)
        deliver(sent, ROUTING_KEY | {"PIPEC_PAGERDUTY_API": web.url})
    assert web.posted[0].body["payload"]["severity"] == severity


def test_a_success_resolves_the_incident_of_its_task() -> None:
    with web_server() as web:
        environment = ROUTING_KEY | {"PIPEC_PAGERDUTY_API": web.url}
        for event in ("failure", "success"):
            deliver(notice("pagerduty", {"service": "ml"}, event=event), environment)
    opened, resolved = (posted.body for posted in web.posted)
    assert (opened["event_action"], resolved["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == resolved["dedup_key"]


def test_a_service_of_pagerduty_may_have_a_key_of_its_own() -> None:
    with web_server() as web:
        environment = ROUTING_KEY | {"PIPEC_PAGERDUTY_API": web.url, "PIPEC_PAGERDUTY_KEY_ML_NIGHT": "other"}
        for service in ("ml-night", "ml-day"):
            deliver(notice("pagerduty", {"service": service}), environment)
    assert [posted.body["routing_key"] for posted in web.posted] == ["other", "routing-secret"]


def test_keys_of_incidents_stay_short_and_distinct() -> None:
    long = [notice(task=f"{'long' * 100}_{number}") for number in range(2)]
    keys = {incident_key(one) for one in [*long, notice(task=None), NOTICE]}
    assert len(keys) == 4
    assert all(len(key) <= 255 for key in keys)


# --- what goes wrong ---------------------------------------------------------------------------------


def test_a_service_that_fails_is_tried_twice_more() -> None:
    with web_server(FAILED, FAILED, (200, b"ok", {})) as web:
        deliver(to_webhook(web.url), {})
    assert len(web.posted) == 3


def test_a_service_that_goes_on_failing() -> None:
    with web_server(FAILED) as web:
        said = refusal(NOTICE, {"PIPEC_SLACK_WEBHOOK": f"{web.url}/T000/B000/hook-secret"})
    assert said == "127.0.0.1 answered 503"
    assert len(web.posted) == 3


def test_a_refusal_is_final() -> None:
    with web_server((403, b"no, xoxb-secret-token", {})) as web:
        said = refusal(NOTICE, TOKEN | {"PIPEC_SLACK_API": web.url})
    assert said == "127.0.0.1 answered 403"
    assert len(web.posted) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b'{"ok": false, "error": "channel_not_found"}', "Slack refused the message to #ml-alerts: channel_not_found"),
        (b'{"ok": false, "error": "xoxb-secret-token"}', "Slack did not accept the message to #ml-alerts"),
        (b"<html>", "Slack did not accept the message to #ml-alerts"),
        (b"[1]", "Slack did not accept the message to #ml-alerts"),
    ],
)
def test_slack_refuses_with_a_code(answer: bytes, said: str) -> None:
    with web_server((200, answer, {})) as web:
        assert refusal(NOTICE, TOKEN | {"PIPEC_SLACK_API": web.url}) == said


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirections_are_not_followed(status: int) -> None:
    with web_server() as other, web_server((status, b"", {"Location": f"{other.url}/elsewhere"})) as web:
        said = refusal(to_webhook(web.url, headers={"Authorization": "bearer-secret"}), {})
    assert said == f"webhook: 127.0.0.1 answered {status}, a redirection: give the address it leads to"
    assert other.posted == []


def test_nobody_listens() -> None:
    said = refusal(to_webhook(f"http://127.0.0.1:{free_port()}/T000/B000/hook-secret"), {})
    assert said == "webhook: cannot reach 127.0.0.1: Connection refused"


def test_a_connection_that_breaks_off() -> None:
    with hanging_up_server() as connections:
        said = refusal(to_webhook(f"http://127.0.0.1:{connections.port}/hook-secret"), {})
    assert said == "webhook: the connection with 127.0.0.1 broke off"
    assert connections.count == 3


@pytest.mark.parametrize("server", [silent_server, dripping_server])
def test_a_server_that_never_ends_its_answer(server: Any) -> None:
    begun = time.monotonic()
    with server() as port:
        said = refusal(to_webhook(f"http://127.0.0.1:{port}/hook-secret"), {}, timeout=0.5)
    assert said == "webhook: nobody answered within 0.5s"
    assert time.monotonic() - begun < 10


def test_what_is_no_http() -> None:
    with silent_server() as port:
        said = refusal(to_webhook(f"https://127.0.0.1:{port}/"), {}, timeout=0.5)
    assert said == "webhook: nobody answered within 0.5s"
    with web_server() as web:
        said = refusal(to_webhook(web.url.replace("http:", "https:")), {})
    assert said.startswith("webhook: no secure connection with 127.0.0.1")


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/hook-secret",
        "https:///hook-secret",
        "http://user:password-secret@127.0.0.1/",
        "http://127.0.0.1:hook-secret/",
        "http://[hook-secret/",
        "http://127.0.0.1/a b T000/B000/hook-secret\r\nX-Evil: 1",
        "hook-secret",
    ],
)
def test_addresses_that_are_none(address: str) -> None:
    said = refusal(notice("webhook", {"url": {"kind": "secret", "name": "HOOK"}}), {"HOOK": address})
    assert said.startswith("webhook: the address")


@pytest.mark.parametrize("value", ["bearer-secret\r\nX-Evil: 1", "bearer-secret\x00\n", "bearer-secret☃"])
def test_a_header_cannot_begin_another(value: str) -> None:
    headers = {"X-Token": {"kind": "secret", "name": "TOKEN"}}
    with web_server() as web:
        said = refusal(to_webhook(web.url, headers=headers), {"TOKEN": value})
    assert said == "webhook: a header holds what cannot be sent"
    assert web.posted == []


@pytest.mark.parametrize(
    ("sent", "environment", "said"),
    [
        (
            NOTICE,
            {},
            "set PIPEC_SLACK_TOKEN to the token of an app, or PIPEC_SLACK_WEBHOOK to an incoming webhook",
        ),
        (
            notice("pagerduty", {"service": "ml night"}),
            {"PIPEC_PAGERDUTY_KEY": " "},
            "set PIPEC_PAGERDUTY_KEY to the integration key of the service, "
            "or PIPEC_PAGERDUTY_KEY_ML_NIGHT to that of ml night alone",
        ),
        (
            notice("webhook", {"url": {"kind": "secret", "name": "HOOK"}}),
            {},
            'webhook: set HOOK to the value of secret("HOOK")',
        ),
        (
            NOTICE,
            {"PIPEC_SLACK_WEBHOOK": "http://hooks.example.com/T000/B000/hook-secret"},
            "PIPEC_SLACK_WEBHOOK must be an https address: what is sent to it is secret",
        ),
    ],
)
def test_settings_that_are_missing(sent: Any, environment: dict[str, str], said: str) -> None:
    assert refusal(sent, environment).endswith(said)
