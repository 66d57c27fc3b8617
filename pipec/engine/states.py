"""The states of tasks and runs."""

from __future__ import annotations

from typing import Literal

State = Literal["pending", "running", "up_for_retry", "success", "failed", "skipped", "upstream_failed"]
RunState = Literal["running", "success", "failed"]

FINAL: frozenset[State] = frozenset({"success", "failed", "skipped", "upstream_failed"})
