"""The values of numbers, durations, sizes and dates as they are written."""

from __future__ import annotations

import datetime
import math
import re

from pipec.syntax.tree import LiteralKind

MILLISECONDS = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
BYTES = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}

KINDS: dict[str, LiteralKind] = {
    "INT": "int",
    "FLOAT": "float",
    "DURATION": "duration",
    "SIZE": "size",
    "DATE": "date",
    "true": "bool",
    "false": "bool",
    "null": "null",
}

LARGEST = 2**63 - 1
_DURATION_PART = re.compile(r"([\d_]+)(ms|[wdhms])")


class MalformedLiteralError(ValueError):
    """What is wrong with a literal, in the words of a message."""


def literal_value(kind: str, text: str) -> int | float | bool | datetime.date | None:
    """The value of a literal token: a duration in seconds, a size in bytes.

    Raises MalformedLiteralError where the text has the shape of a literal but no value.
    """
    match kind:
        case "INT":
            return _whole(text, text)
        case "FLOAT":
            return _fraction(text)
        case "DURATION":
            return _duration(text)
        case "SIZE":
            return _size(text)
        case "DATE":
            return _date(text)
        case _:
            return {"true": True, "false": False}.get(kind)


def _whole(digits: str, literal: str) -> int:
    if digits.endswith("_") or "__" in digits:
        raise MalformedLiteralError(f"`{literal}` has an underscore that does not separate digits")
    # A number with very many digits is refused before it is converted: Python itself refuses more than 4,300.
    if len(digits) > 40 or int(digits) > LARGEST:
        raise MalformedLiteralError(f"`{literal}` is larger than {LARGEST}")
    return int(digits)


def _fraction(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise MalformedLiteralError(f"`{text}` has an underscore that does not separate digits") from None
    if not math.isfinite(value):
        raise MalformedLiteralError(f"`{text}` is too large for a float")
    return value


def _duration(text: str) -> int | float:
    total = 0
    units = list(MILLISECONDS)
    last = -1
    for digits, unit in _DURATION_PART.findall(text):
        if units.index(unit) <= last:
            raise MalformedLiteralError(f"the units of `{text}` do not go from the largest to the smallest")
        last = units.index(unit)
        total += _whole(digits, text) * MILLISECONDS[unit]
    if total > LARGEST:
        raise MalformedLiteralError(f"`{text}` is too long for a duration")
    return total / 1000 if total % 1000 else total // 1000


def _size(text: str) -> int:
    from fractions import Fraction  # here, because few files hold a size

    whole, _, decimals = text[:-2].partition(".")
    _whole(whole, text)
    if len(decimals) > 18:
        raise MalformedLiteralError(f"`{text}` has more than 18 decimals")
    size = round(Fraction(f"{whole.replace('_', '')}.{decimals or '0'}") * BYTES[text[-2:]])
    if size > LARGEST:
        raise MalformedLiteralError(f"`{text}` is larger than {LARGEST} bytes")
    return size


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise MalformedLiteralError(f"there is no date `{text}`") from None
