"""Why something was changed."""

from __future__ import annotations

from pipec.frozen import Frozen
from pipec.ir.base import Location


class Reason(Frozen):
    """One change: what was done and why, in a line, and the place in the source that it is about."""

    optimisation: str
    message: str
    location: Location
