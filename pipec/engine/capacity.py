"""How much there is to run tasks with, and what each of them takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipec.ir.model import Task

_ROUNDING = 1e-9
"""Shares of a core add up to a whole one."""


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

    def need(self, task: Task) -> Need:
        """What an attempt of a task takes of what is limited."""
        asked = task.options.resources
        pool = task.options.pool
        return Need(
            cpu=(asked.cpu or 0.0) if asked is not None and self.cpu is not None else 0.0,
            memory=(asked.memory or 0) if asked is not None and self.memory is not None else 0,
            gpu=(asked.gpu or 0) if asked is not None and self.gpu is not None else 0,
            pool=pool if pool in self.pools else None,
        )

    def lacks(self, task: Task) -> Iterator[tuple[str, float, float]]:
        """What of it can never be enough for a task: `cpu`, `memory`, `gpu` or `pool`, what it asks, what there is."""
        need = self.need(task)
        for name, asked, there in (
            ("cpu", need.cpu, self.cpu),
            ("memory", need.memory, self.memory),
            ("gpu", need.gpu, self.gpu),
        ):
            if there is not None and asked > there + _ROUNDING:
                yield name, asked, there
        if need.pool is not None and self.pools[need.pool] < 1:
            yield "pool", 1, self.pools[need.pool]


@dataclass(frozen=True, slots=True)
class Need:
    """What one attempt takes beside a slot; `pool` None is none that is limited."""

    cpu: float = 0.0
    memory: int = 0
    gpu: int = 0
    pool: str | None = None


class Usage:
    """What is left of a capacity while attempts run."""

    def __init__(self, capacity: Capacity) -> None:
        self._slots = float("inf") if capacity.slots is None else capacity.slots
        self._cpu = float("inf") if capacity.cpu is None else capacity.cpu
        self._memory = float("inf") if capacity.memory is None else capacity.memory
        self._gpu = float("inf") if capacity.gpu is None else capacity.gpu
        self._pools = dict(capacity.pools)

    @property
    def has_slot(self) -> bool:
        return self._slots >= 1

    def fits(self, need: Need) -> bool:
        """Whether there is enough left for one more attempt, a slot aside."""
        return (
            need.cpu <= self._cpu + _ROUNDING
            and need.memory <= self._memory
            and need.gpu <= self._gpu
            and (need.pool is None or self._pools[need.pool] >= 1)
        )

    def take(self, need: Need, sign: int = 1) -> None:
        """An attempt starts, or with `sign` -1 has ended."""
        self._slots -= sign
        self._cpu -= sign * need.cpu
        self._memory -= sign * need.memory
        self._gpu -= sign * need.gpu
        if need.pool is not None:
            self._pools[need.pool] -= sign
