"""Whole numbers that Kubeflow cannot carry: all numbers are doubles on their way, and larger ones lose digits."""

from __future__ import annotations

from typing import Any

LARGEST = 2**53


def beyond(value: Any) -> int | None:
    """A whole number in a value that a double may not hold; None where there is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) > LARGEST else None
    items = value if isinstance(value, list | tuple) else value.values() if isinstance(value, dict) else ()
    return next((found for item in items if (found := beyond(item)) is not None), None)
