"""Codes about what a target can express."""

from __future__ import annotations

TARGET: dict[str, str] = {
    "P0501": "the target cannot express this",
    "P0502": "an option that a target block cannot set",
    "P0503": "an option of a target block has a wrong value",
    "P0504": "a target block names no target",
    "P0505": "a task asks for more than there is",
}
