"""The keys of unrolled tasks as the language writes them: `train["rf"]`, `grid[0.1, 4]`, `load[2026-01-01]`."""

from __future__ import annotations

from collections.abc import Sequence

from pipec.ir.expressions import LiteralValue
from pipec.ir.types import DATE, DATETIME, DURATION, SIZE, quote

_DURATIONS: tuple[tuple[str, int], ...] = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))
_SIZES: tuple[tuple[str, int], ...] = (
    *((unit, 1024**power) for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti"), 1)),
    *((unit, 1000**power) for power, unit in enumerate(("KB", "MB", "GB", "TB"), 1)),
)


def spell_id(name: str, keys: Sequence[LiteralValue]) -> str:
    """The id of a task: its name, with the keys of its loops."""
    return f"{name}[{', '.join(map(spell_key, keys))}]" if keys else name


def spell_key(key: LiteralValue) -> str:
    """A loop key as the language writes it."""
    value = key.value
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value if key.type in (DATE, DATETIME) else quote(value)
        case int() | float() if key.type == DURATION:
            return _spell_duration(value)
        case int() if key.type == SIZE:
            return _spell_size(value)
        case _:
            return str(value)


def _spell_duration(seconds: float) -> str:
    left = round(abs(seconds) * 1000)
    parts: list[str] = []
    for unit, length in _DURATIONS:
        count, left = divmod(left, length)
        if count:
            parts.append(f"{count}{unit}")
    return ("-" if seconds < 0 else "") + ("".join(parts) or "0s")


def _spell_size(size: int) -> str:
    exact = [(size // length, unit) for unit, length in _SIZES if size > 0 and size % length == 0]
    count, unit = min(exact, default=(size, ""))
    return f"{count}{unit}"
