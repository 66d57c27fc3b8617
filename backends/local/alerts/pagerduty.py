"""Alerts as incidents of PagerDuty (Events API v2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pipec.runtime.notices import SEVERITIES, incident_details, incident_key, incident_links, iso_time
from pipec.runtime.posting import post_json

from .notice import Notice
from .settings import needed, refuse_open_line

_API = "https://events.pagerduty.com"


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
        return {"event_action": "resolve", "dedup_key": incident_key(notice)}
    return {
        "event_action": "trigger",
        "dedup_key": incident_key(notice),
        "client": "pipec",
        "links": incident_links(notice),
        "payload": {
            "summary": notice.subject,
            "source": notice.pipeline,
            "severity": notice.arguments.get("severity", SEVERITIES[notice.event]),
            "timestamp": iso_time(notice.at),
            "component": notice.task or notice.pipeline,
            "group": notice.arguments["service"],
            "class": notice.event,
            "custom_details": incident_details(notice),
        },
    }
