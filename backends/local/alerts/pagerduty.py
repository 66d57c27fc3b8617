"""Alerts as incidents of PagerDuty (Events API v2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from .notice import Notice, cut, iso
from .posting import post_json
from .settings import needed, refuse_open_line

_API = "https://events.pagerduty.com"

_SEVERITIES = {"failure": "error", "deadline": "warning", "retry": "warning", "skipped": "info"}

_LONGEST_KEY = 255


def send(notice: Notice, environment: Mapping[str, str]) -> None:
    """Raises AlertError."""
    service = str(notice.arguments["service"])
    own = f"PIPEC_PAGERDUTY_KEY_{re.sub(r'[^A-Z0-9]+', '_', service.upper()).strip('_')}"
    key = environment.get(own, "").strip() or needed(
        environment, "PIPEC_PAGERDUTY_KEY", f"the integration key of the service, or {own} to that of {service} alone"
    )
    api = environment.get("PIPEC_PAGERDUTY_API") or _API
    refuse_open_line(api, "PIPEC_PAGERDUTY_API")
    post_json(f"{api.rstrip('/')}/v2/enqueue", {"routing_key": key, **event(notice)})


def event(notice: Notice) -> dict[str, Any]:
    """What is sent besides the key: a success resolves the incident of its run and task, all else triggers it."""
    if notice.event == "success":
        return {"event_action": "resolve", "dedup_key": dedup_key(notice)}
    links = [{"href": notice.url, "text": "Run"}] if notice.url.startswith(("http://", "https://")) else []
    return {
        "event_action": "trigger",
        "dedup_key": dedup_key(notice),
        "client": "pipec",
        "links": links,
        "payload": {
            "summary": notice.subject,
            "source": notice.pipeline,
            "severity": notice.arguments.get("severity", _SEVERITIES[notice.event]),
            "timestamp": iso(notice.at),
            "component": notice.task or notice.pipeline,
            "group": notice.arguments["service"],
            "class": notice.event,
            "custom_details": {**notice.facts, "message": cut(notice.message, 4000)},
        },
    }


def dedup_key(notice: Notice) -> str:
    """One incident for each task of a run, and one for the run itself."""
    key = "/".join(filter(None, ("pipec", notice.pipeline, notice.run_id, notice.task)))
    return key if len(key) <= _LONGEST_KEY else f"pipec/{sha256(key.encode()).hexdigest()}"
