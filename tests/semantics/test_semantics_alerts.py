"""What the channels of alerts may be given, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.semantics.support import all_text, check, good

SECRET = {"kind": "secret", "name": "hook"}


@pytest.mark.parametrize(
    ("written", "channel", "arguments"),
    [
        ('slack("#ml-alerts")', "slack", {"channel": "#ml-alerts"}),
        ('slack("C0123ABC")', "slack", {"channel": "C0123ABC"}),
        ('email("a@b")', "email", {"to": ["a@b"]}),
        ('email("a@b", "c@d", subject = "late")', "email", {"to": ["a@b", "c@d"], "subject": "late"}),
        ("email(people)", "email", {"to": ["x@example.com", "y@example.com"]}),
        ('email("a@b", people)', "email", {"to": ["a@b", "x@example.com", "y@example.com"]}),
        ('webhook("https://example.com/hook?a=1")', "webhook", {"url": "https://example.com/hook?a=1"}),
        ('webhook(secret("hook"))', "webhook", {"url": SECRET}),
        (
            'webhook("http://h:8080", headers = { "X-Team": "ml", "Authorization": secret("hook") })',
            "webhook",
            {"url": "http://h:8080", "headers": {"X-Team": "ml", "Authorization": SECRET}},
        ),
        ('pagerduty("ml")', "pagerduty", {"service": "ml"}),
        ('pagerduty("ml", severity = "critical")', "pagerduty", {"service": "ml", "severity": "critical"}),
        ('python("ours.alerts:tell")', "python", {"function": "ours.alerts:tell"}),
    ],
)
def test_channels(written: str, channel: str, arguments: dict[str, Any]) -> None:
    people = 'const people = ["x@example.com", "y@example.com"]'
    [alert] = good(f"pipeline p {{ {people}  task t  on failure = {written} }}").alerts
    assert (alert.channel, alert.arguments) == (channel, arguments)


@pytest.mark.parametrize(
    ("written", "code", "said"),
    [
        ("slack()", "P0308", 'write slack("#channel")'),
        ('slack("#a", "#b")', "P0308", "`slack` is not called like this"),
        ('slack("a b")', "P0308", "`a b` is no channel"),
        ('slack("#a", text = "x")', "P0308", "`slack` takes no `text`"),
        ('slack(secret("k"))', "P0210", "`slack` cannot be a secret"),
        ('slack("#${run.id}")', "P0304", "must be known when compiling"),
        ('email("nobody")', "P0308", "`nobody` is no mail address"),
        ('email("a@b, c@d")', "P0308", "is no mail address"),
        (r'email("a@b\nBcc: c@d")', "P0308", "is no mail address"),
        ('email("a@b", 1)', "P0308", "an address is text, this is int"),
        ('email("a@b", subjct = "x")', "P0308", "there is `subject`"),
        (r'email("a@b", subject = "x\ny")', "P0308", "a subject is one line"),
        ('webhook("example.com")', "P0308", "needs the address of a web service"),
        ('webhook("file:///etc/passwd")', "P0308", "needs the address of a web service"),
        ('webhook("https://me:pass@example.com")', "P0308", 'headers = { "Authorization": secret("name") }'),
        ('webhook("https://example.com:port")', "P0308", "needs the address of a web service"),
        ('webhook("https://x", headers = "a: b")', "P0308", "`headers` needs a map"),
        ('webhook("https://x", headers = { "a b": "c" })', "P0308", "`a b` cannot be sent as a header"),
        (r'webhook("https://x", headers = { a: "b\r\nc: d" })', "P0308", "`a` cannot be sent as a header"),
        ('webhook("https://x", headers = { a: "ü" })', "P0308", "`a` cannot be sent as a header"),
        ('webhook("https://x", headers = { a: "${run.id}" })', "P0304", "`a` must be known when compiling"),
        ('webhook("https://x", headers = { a: "b", a: "c" })', "P0102", "key `a` stands twice"),
        ('webhook("https://x", headers = { a: 1 })', "P0308", "`a` cannot be sent as a header"),
        ("webhook(1)", "P0308", "the address of `webhook` is text, this is int"),
        ('pagerduty("")', "P0308", "a service needs a name"),
        ('pagerduty("ml", severity = "criticl")', "P0308", "there is `critical`"),
        ('pagerduty("ml", severity = "x")', "P0308", "one of critical, error, warning, info"),
        ('python("ours.alerts.tell")', "P0308", "does not name a Python function"),
        ('python("m:f", to = "x")', "P0308", "`python` takes no `to`"),
    ],
)
def test_what_a_channel_cannot_be_given(written: str, code: str, said: str) -> None:
    [diagnostic] = check(f"pipeline p {{ task t  on failure = {written} }}").diagnostics.sorted()
    assert diagnostic.code == code
    assert said in all_text(diagnostic)
    assert "\n" not in diagnostic.message
