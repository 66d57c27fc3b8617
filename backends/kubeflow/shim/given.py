"""The inputs of a task that are handed over as they come; `computed` has the same function for all others."""

from __future__ import annotations

from typing import Any

from .exchange import values_of


def inputs_of(asked: dict[str, Any]) -> dict[str, tuple[Any, str]]:
    """The inputs of the task in JSON form, with their types."""
    values = values_of(asked)
    return {name: (values[name], type_text) for name, (_, type_text) in asked["channels"].items() if name in values}


def check(asked: dict[str, Any], outputs: dict[str, Any]) -> list[str]:
    """Nothing is required."""
    return []
