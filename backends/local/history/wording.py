"""How moments and long names are written for people."""

from __future__ import annotations

from datetime import UTC, datetime
from unicodedata import east_asian_width

from ..words import duration


def local_time(moment: float) -> str:
    """`2026-01-02 03:04:05 +01:00`, in the time zone of this machine, with its offset."""
    local = datetime.fromtimestamp(moment, UTC).astimezone()
    offset = f"{local:%z}"
    return f"{local:%Y-%m-%d %H:%M:%S} {offset[:3]}:{offset[3:5]}"


def iso_time(moment: float | None) -> str | None:
    """ISO 8601 in UTC."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()


def took(seconds: float | None) -> str:
    """A duration, or a dash where there is none."""
    return "-" if seconds is None else duration(seconds)


def cut(text: str, columns: int) -> str:
    """A text of at most so many columns: a long one loses its middle, for names often differ at their end."""
    if sum(map(_width, text)) <= columns:
        return text
    head = _fitting(text, (columns - 1) - (columns - 1) // 3)
    tail = _fitting(text[::-1], (columns - 1) // 3)[::-1]
    return f"{head}…{tail}"


def _fitting(text: str, columns: int) -> str:
    for position, character in enumerate(text):
        columns -= _width(character)
        if columns < 0:
            return text[:position]
    return text


def _width(character: str) -> int:
    return 2 if east_asian_width(character) in "WF" else 1
