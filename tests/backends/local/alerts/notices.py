"""Notices for tests, and what came of their delivery."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pipec.backends.local.alerts.deliver import deliver
from pipec.backends.local.alerts.notice import Notice

from pipec.ir.base import Location
from pipec.runtime.notices import AlertError

SECRETS = ("xoxb-secret-token", "T000/B000/hook-secret", "routing-secret", "password-secret", "bearer-secret")
"""What tests set as secrets: none may ever be in a message."""

NOTICE = Notice(
    channel="slack",
    arguments={"channel": "#ml-alerts"},
    event="failure",
    pipeline="wafer_yield",
    run_id="20260101T020000-1a2b",
    task='train["rf"]',
    message="exit code 1",
    url="file:///data/.pipec/runs/20260101T020000-1a2b",
    started_at=1767225600.5,
    at=1767229200.9,
    location=Location(file="p.pipe", start=0, end=1, line=1, column=1, end_line=1, end_column=2),
)


def notice(channel: str = "slack", arguments: dict[str, Any] | None = None, **changes: Any) -> Notice:
    given = {"channel": "#ml-alerts"} if arguments is None else arguments
    return replace(NOTICE, channel=channel, arguments=given, **changes)


def refusal(sent: Notice, environment: dict[str, str], timeout: float = 10.0) -> str:
    """Why it was not delivered: one line, without a secret in it or behind it."""
    with pytest.raises(AlertError) as caught:
        deliver(sent, environment, timeout)
    message = str(caught.value)
    assert "\n" not in message
    cause: BaseException | None = caught.value
    while cause is not None:
        assert [secret for secret in SECRETS if secret in repr(cause)] == []
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return message
