"""How many slots a run has a use for: told, and nothing is changed.

A run is played by list scheduling: of the tasks that are ready the one with the longest chain behind it goes first.
Each task runs once and takes its likely estimate; of a decision the run takes the side that makes it longest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush

from pipec.analysis.assumptions import NOTHING_ASSUMED
from pipec.analysis.critical_path import has_estimates, remaining_times
from pipec.analysis.graph import downstream_map
from pipec.analysis.reckoning import Reckoning
from pipec.frozen import Frozen
from pipec.ir.model import ApprovalRequest, Decision, GateCheck, Pipeline, PipelineCall, Task, WaitCondition
from pipec.optimisation.reasons import Reason

NAME = "slots"

_SHORTEST = 1e-6
"""Seconds by which makespans may differ and be the same: noise of adding fractions."""


class Proposal(Frozen):
    """The fewest `slots` with which a run takes no longer than with any number of them, and what fewer would cost.

    `pool` is None for the slots of all tasks. `fewer` holds how long a run takes in seconds with one slot less, None
    where one is enough; `alone` with a single one.
    """

    pool: str | None
    slots: int
    makespan: float
    fewer: float | None
    alone: float


def proposals(pipeline: Pipeline) -> Iterator[Proposal]:
    """For all tasks together, then for each pool with the tasks outside of it held up by nothing.

    None where no task has an estimate.
    """
    if not has_estimates(pipeline):
        return
    play = _Play(pipeline)
    working = [task for task in pipeline.tasks if _takes_slot(task) and task.id in play.running]
    pools = dict.fromkeys(task.options.pool for task in working)
    for pool in (None, *(name for name in pools if name is not None)):
        limited = {task.id for task in working if pool is None or task.options.pool == pool}
        if limited:
            yield _proposal(play, pool, limited)


def reasons(pipeline: Pipeline) -> Iterator[Reason]:
    """The proposals in words."""
    from pipec.analysis.plan_words import duration_text

    for one in proposals(pipeline):
        whose = f"`{pipeline.name}`" if one.pool is None else f"pool `{one.pool}`"
        message = f"{whose} has a use for {_count(one.slots)}: the run takes {duration_text(one.makespan)}"
        if one.fewer is not None:
            message += f", with {_count(one.slots - 1)} {duration_text(one.fewer - one.makespan)} longer"
        if one.slots > 2:
            message += f", with 1 slot {duration_text(one.alone - one.makespan)} longer"
        yield Reason(NAME, message, pipeline.location)


def makespan(pipeline: Pipeline, slots: int) -> float:
    """How long a run takes in seconds with so many slots for all tasks; in tasks where none has an estimate."""
    play = _Play(pipeline)
    return play.makespan({task.id for task in pipeline.tasks if _takes_slot(task) and task.id in play.running}, slots)


def _count(slots: int) -> str:
    return "1 slot" if slots == 1 else f"{slots} slots"


def _takes_slot(task: Task) -> bool:
    """People, waits and called pipelines take none, and what a decision or a gate does takes no time."""
    return not isinstance(task.implementation, ApprovalRequest | WaitCondition | PipelineCall | Decision | GateCheck)


def _proposal(play: _Play, pool: str | None, limited: Collection[str]) -> Proposal:
    """By halving: the makespan with twice the slots is hardly ever longer."""
    shortest = play.makespan(limited, len(limited))
    too_few, enough = 0, len(limited)
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if play.makespan(limited, middle) <= shortest + _SHORTEST:
            enough = middle
        else:
            too_few = middle
    fewer = None if enough == 1 else play.makespan(limited, enough - 1)
    return Proposal(pool, enough, shortest, fewer, play.makespan(limited, 1))


class _Play:
    """A pipeline ready to be played again and again: `running` are the tasks of its worst run."""

    def __init__(self, pipeline: Pipeline) -> None:
        reckoning = Reckoning(pipeline, NOTHING_ASSUMED, None)
        self._upstream: Mapping[str, Sequence[str]] = reckoning.upstream
        self._downstream = downstream_map(self._upstream)
        duration = reckoning.durations("likely")
        self.running = reckoning.ways.needs(reckoning.worst_path(duration).chosen).keys()
        self._duration = {id: seconds if id in self.running else 0.0 for id, seconds in duration.items()}
        remaining = remaining_times(pipeline)
        declared = {task.id: task.options.priority or 0 for task in pipeline.tasks}
        order = sorted(self._upstream, key=lambda id: (-declared[id], -remaining[id]))
        self._rank = {id: number for number, id in enumerate(order)}
        self._by_rank = order

    def makespan(self, limited: Collection[str], slots: int) -> float:
        """The end of the last task, in seconds, where of the `limited` ones only so many run at once."""
        awaited = {id: len(parents) for id, parents in self._upstream.items()}
        ready = [self._rank[id] for id, count in awaited.items() if not count]
        heapify(ready)
        held: list[int] = []
        running: list[tuple[float, int]] = []
        free, now = slots, 0.0
        while ready or held or running:
            while ready:
                rank = heappop(ready)
                if self._by_rank[rank] in limited:
                    heappush(held, rank)
                else:
                    heappush(running, (now + self._duration[self._by_rank[rank]], rank))
            while held and free:
                rank = heappop(held)
                heappush(running, (now + self._duration[self._by_rank[rank]], rank))
                free -= 1
            now = running[0][0]
            while running and running[0][0] == now:
                id = self._by_rank[heappop(running)[1]]
                free += id in limited
                for child in self._downstream[id]:
                    awaited[child] -= 1
                    if not awaited[child]:
                        heappush(ready, self._rank[child])
        return now
