"""Alerts by a web service of one's own: a JSON object is posted to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .notice import AlertError, Notice, iso
from .posting import post_json
from .settings import revealed


def send(notice: Notice, environment: Mapping[str, str]) -> None:
    """Raises AlertError."""
    headers = {name: revealed(value, environment) for name, value in notice.arguments.get("headers", {}).items()}
    try:
        post_json(revealed(notice.arguments["url"], environment), body(notice), headers)
    except AlertError as error:
        raise AlertError(f"webhook: {error}") from None


def body(notice: Notice) -> dict[str, Any]:
    """What is posted."""
    return {
        **notice.facts,
        "subject": notice.subject,
        "at": iso(notice.at),
        "started_at": iso(notice.started_at),
    }
