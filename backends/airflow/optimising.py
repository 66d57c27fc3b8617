"""Which optimisations Airflow gains from."""

from __future__ import annotations

from collections.abc import Mapping

OPTIMISATIONS: Mapping[str, bool] = {"constant-branches": True, "redundant-edges": True, "priorities": True}
"""The scheduler looks at every edge again and again, and tasks that wait for a slot go by their weight."""
