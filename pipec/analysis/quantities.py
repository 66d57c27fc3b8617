"""Quantities as Kubernetes writes them."""

from __future__ import annotations

import math

_UNITS = (("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10))


def memory(size: int) -> str:
    """Bytes in the largest unit that divides them: `32Gi`, `512Mi`, `1500000000`."""
    for unit, bytes in _UNITS:
        if size and size % bytes == 0:
            return f"{size // bytes}{unit}"
    return str(size)


def cores(number: float) -> str:
    """Cores, `8`, or thousandths of one, `500m`; never less than was asked for, as far as thousandths tell."""
    return str(int(number)) if number == int(number) else f"{math.ceil(round(number * 1000, 6))}m"
