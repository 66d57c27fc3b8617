"""Alerts by a web service of one's own: a JSON object is posted to it."""

from __future__ import annotations

from collections.abc import Mapping

from pipec.runtime.notices import AlertError, webhook_body
from pipec.runtime.posting import post_json

from .notice import Notice
from .settings import revealed


def send(notice: Notice, environment: Mapping[str, str]) -> None:
    """Raises AlertError."""
    headers = {name: revealed(value, environment) for name, value in notice.arguments.get("headers", {}).items()}
    try:
        post_json(revealed(notice.arguments["url"], environment), webhook_body(notice), headers)
    except AlertError as error:
        raise AlertError(f"webhook: {error}") from None
