"""How a run's facts are worded for people."""

from __future__ import annotations

STATE_STYLES: dict[str, str] = {
    "pending": "faint",
    "running": "plain",
    "up_for_retry": "warning",
    "success": "good",
    "failed": "error",
    "skipped": "faint",
    "upstream_failed": "error",
}
"""Styles of `pipec.diagnostics.style` by state."""


def duration(seconds: float) -> str:
    """`0.04s`, `59.9s`, `2m05s`, `1h02m`."""
    if seconds < 0.995:
        return f"{seconds:.2f}s"
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02}m"


def printable(text: str) -> str:
    """A text from outside without what would steer a terminal; newlines and tabs stay."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}" for char in text)


def first_line(text: str) -> str:
    """The first line of a message; further ones show as an ellipsis."""
    line, newline, _ = printable(text).partition("\n")
    return line + (" ..." if newline else "")
