"""Alerts in Slack: by a token, which can write to any channel, or by an incoming webhook, which has one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pipec.runtime.notices import AlertError, slack_text
from pipec.runtime.posting import post_json

from .notice import Notice
from .settings import refuse_open_line

_API = "https://slack.com/api"


def send(notice: Notice, environment: Mapping[str, str]) -> None:
    """Raises AlertError."""
    token = environment.get("PIPEC_SLACK_TOKEN", "").strip()
    webhook = environment.get("PIPEC_SLACK_WEBHOOK", "").strip()
    body = {"channel": notice.arguments["channel"], "text": slack_text(notice), "mrkdwn": False}
    if token:
        api = environment.get("PIPEC_SLACK_API") or _API
        refuse_open_line(api, "PIPEC_SLACK_API")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}
        _check(post_json(f"{api.rstrip('/')}/chat.postMessage", body, headers), notice.arguments["channel"])
    elif webhook:
        refuse_open_line(webhook, "PIPEC_SLACK_WEBHOOK")
        post_json(webhook, body)
    else:
        raise AlertError("set PIPEC_SLACK_TOKEN to the token of an app, or PIPEC_SLACK_WEBHOOK to an incoming webhook")


def _check(content: bytes, channel: str) -> None:
    """Slack's API answers 200 with `ok` false and a code where it refuses."""
    try:
        answer: Any = json.loads(content)
    except ValueError:
        answer = None
    match answer:
        case {"ok": True}:
            return
        case {"error": str(code)} if re.fullmatch(r"[a-z_]{1,60}", code):
            raise AlertError(f"Slack refused the message to {channel}: {code}")
        case _:
            raise AlertError(f"Slack did not accept the message to {channel}")
