"""How a run on this machine is wanted, beside what its pipeline says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TextIO

from pipec.engine.capacity import Capacity
from pipec.runtime.process import TERMINATION_GRACE


@dataclass(frozen=True, slots=True)
class RunOptions:
    """`capacity` is what the tasks share; without slots as many run at once as there are cores.

    With `use_cache` false everything is computed anew; `explain_cache` names a task whose cache is explained.
    Approvals in `approve` are given at once, all where `approve_all` is true; others are asked on the terminal
    `questions`, None where there is nobody to ask, and by `pipec approve`. `grace` seconds lie between asking processes
    to end and making them.
    """

    capacity: Capacity = field(default_factory=Capacity)
    use_cache: bool = True
    explain_cache: str | None = None
    approve_all: bool = False
    approve: frozenset[str] = frozenset()
    questions: TextIO | None = None
    send_alerts: bool = True
    grace: float = TERMINATION_GRACE
