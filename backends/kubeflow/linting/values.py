"""Whether a value is one of a type of KFP."""

from __future__ import annotations

import math
from typing import Any

from ..shim.whole_numbers import LARGEST


def problem(value: Any, wanted: str) -> str | None:
    """Why a value is none of the type `wanted`, or None where it is."""
    match wanted:
        case "STRING":
            fits = isinstance(value, str)
        case "BOOLEAN":
            fits = isinstance(value, bool)
        case "LIST":
            fits = isinstance(value, list)
        case "STRUCT":
            fits = isinstance(value, dict)
        case "NUMBER_INTEGER" | "NUMBER_DOUBLE":
            return _number_problem(value, wanted)
        case _:
            return f"there can be no value of the type {wanted}"
    return None if fits else f"{value!r} is no {wanted}"


def _number_problem(value: Any, wanted: str) -> str | None:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        return f"{value!r} is no {wanted}"
    if wanted == "NUMBER_DOUBLE":
        return None
    if value != int(value):
        return f"{value!r} is no {wanted}"
    if abs(value) > LARGEST:
        return f"{value!r} is too large: beyond 2^53 digits are lost"
    return None
