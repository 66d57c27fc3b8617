"""Nobody is told of what tests do: the examples' alerts find no server to go to."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def no_alerts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("PIPEC_SLACK_", "PIPEC_SMTP_", "PIPEC_PAGERDUTY_")) or name == "registry_hook":
            monkeypatch.delenv(name)
