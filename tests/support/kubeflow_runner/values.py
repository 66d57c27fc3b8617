"""Values of parameters as a cluster has them: JSON, in which `1` and `1.0` are one number of 64 bits."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

_TRUE, _FALSE = ("1", "t", "T", "TRUE", "true", "True"), ("0", "f", "F", "FALSE", "false", "False")
_WHOLE_NUMBERS_WRITTEN_OUT = 1e21


def plain(value: Any) -> Any:
    """A value with its whole numbers as `int`, as they are written in JSON."""
    match value:
        case bool() | str() | None:
            return value
        case int() | float():
            number = float(value)
            return int(number) if number.is_integer() and abs(number) < _WHOLE_NUMBERS_WRITTEN_OUT else number
        case list():
            return [plain(item) for item in value]
        case dict():
            return {name: plain(item) for name, item in value.items()}
        case _:
            raise TypeError(f"no value of a parameter: {value!r}")


def typed(value: Any, kind: str) -> Any:
    """A value as Python has it for a parameter of this type."""
    return float(value) if kind == "NUMBER_DOUBLE" and value is not None else plain(value)


def text_of(value: Any) -> str:
    """What a cluster puts in the place of a parameter in a command, and gives for a parameter that is a text."""
    match plain(value):
        case None:
            return ""
        case str() as text:
            return text
        case bool() as truth:
            return "true" if truth else "false"
        case int() | float() as number:
            return format(Decimal(repr(number)), "f")
        case other:
            return json.dumps(other, ensure_ascii=False, separators=(",", ":"))


def value_of(text: str, kind: str) -> Any:
    """The value that a cluster reads from the file of an output of this type. Raises ValueError for another text."""
    match kind:
        case "STRING":
            return text
        case "NUMBER_INTEGER":
            if not re.fullmatch(r"[+-]?[0-9]+", text.strip()) or not -(2**63) <= int(text) < 2**63:
                raise ValueError(f"no whole number: {text!r}")
            return plain(int(text))
        case "NUMBER_DOUBLE":
            return plain(float(text))
        case "BOOLEAN":
            if text.strip() not in _TRUE + _FALSE:
                raise ValueError(f"neither true nor false: {text!r}")
            return text.strip() in _TRUE
        case "LIST" | "STRUCT":
            value = json.loads(text, parse_constant=_no_json)
            if not isinstance(value, list if kind == "LIST" else dict):
                raise ValueError(f"no {kind}: {text!r}")
            return plain(value)
        case _:
            raise ValueError(f"no type of an output: {kind}")


def _no_json(constant: str) -> Any:
    raise ValueError(f"no JSON: {constant}")
