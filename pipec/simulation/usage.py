"""How much of what there is the tasks of runs take."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipec.engine.capacity import Capacity
from pipec.ir.model import ApprovalRequest, WaitCondition
from pipec.simulation.simulated import SimulatedRun


@dataclass(slots=True)
class Usage:
    """Sums over `runs`, in seconds: how long they took, how long attempts ran and waited for capacity.

    `used` holds what they took of each limited resource, by name (`slots`, `cpu`, `memory`, `gpu`, `pool NAME`), times
    how long; `limits` what there is of it. `peak` is the most attempts that ran at once.
    """

    runs: int = 0
    length: float = 0.0
    work: float = 0.0
    queued: float = 0.0
    peak: int = 0
    used: dict[str, float] = field(default_factory=dict)
    limits: dict[str, float] = field(default_factory=dict)

    def add(self, other: Usage) -> None:
        """Add that of further runs."""
        self.runs += other.runs
        self.length += other.length
        self.work += other.work
        self.queued += other.queued
        self.peak = max(self.peak, other.peak)
        self.limits |= other.limits
        for name, used in other.used.items():
            self.used[name] = self.used.get(name, 0.0) + used

    @property
    def shares(self) -> dict[str, float]:
        """The part in use of each limited resource, on average over the time that runs take."""
        return {
            name: self.used[name] / (limit * self.length) if limit and self.length else 0.0
            for name, limit in self.limits.items()
        }


def usage_of(run: SimulatedRun, capacity: Capacity) -> Usage:
    """What one run takes. Waits and people take nothing."""
    limits = _limits(capacity)
    usage = Usage(1, run.makespan, limits=limits, used=dict.fromkeys(limits, 0.0))
    changes: list[tuple[float, int]] = []
    for task in run.tasks.values():
        if isinstance(task.task.implementation, ApprovalRequest | WaitCondition):
            continue
        usage.queued += task.queued
        need = capacity.need(task.task) if limits else None
        for attempt in task.attempts:
            ended = run.makespan if attempt.ended is None else attempt.ended
            seconds = ended - attempt.started
            usage.work += seconds
            changes.append((attempt.started, 1))
            changes.append((ended, -1))
            if need is None:
                continue
            taken = {"slots": 1.0, "cpu": need.cpu, "memory": need.memory, "gpu": need.gpu, f"pool {need.pool}": 1.0}
            for name in limits:
                usage.used[name] += taken.get(name, 0.0) * seconds
    running = 0
    for _, change in sorted(changes):
        running += change
        usage.peak = max(usage.peak, running)
    return usage


def _limits(capacity: Capacity) -> dict[str, float]:
    there = {"slots": capacity.slots, "cpu": capacity.cpu, "memory": capacity.memory, "gpu": capacity.gpu}
    pools = {f"pool {name}": float(slots) for name, slots in capacity.pools.items()}
    return {name: float(limit) for name, limit in there.items() if limit is not None} | pools
