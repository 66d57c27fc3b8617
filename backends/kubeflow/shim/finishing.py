"""The end of a task that gave its outputs. `check` is that of `given`, or of `computed` where something is computed."""

from __future__ import annotations

from typing import Any

from pipec.runtime.values import OutputError

from .exchange import failed, write
from .given import check


def finish(asked: dict[str, Any], outputs: dict[str, Any]) -> int:
    """Check what is required, and hand the outputs over; the exit status."""
    faults = check(asked, outputs)
    if faults:
        return failed("\n".join(faults))
    try:
        write(outputs, asked)
    except OutputError as error:
        return failed(str(error))
    return 0
