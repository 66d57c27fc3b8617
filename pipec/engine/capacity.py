"""How much there is to run tasks with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the running attempts share: None, or a pool that is not named, is without limit.

    `slots` is how many attempts run at once, `cpu` counts cores, `memory` bytes, `gpu` devices, `pools` holds the slots
    of each pool by name. Waits, approvals and pipelines run as tasks take none of it.
    """

    slots: int | None = None
    cpu: float | None = None
    memory: int | None = None
    gpu: int | None = None
    pools: Mapping[str, int] = field(default_factory=dict)
