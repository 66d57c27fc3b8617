"""How long a pipeline takes at least, which tasks that hangs on, and how much time the others have, in seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pipec.analysis.graph import downstream_map, run_upstream, topological_order
from pipec.frozen import Frozen
from pipec.ir.model import Estimate, Pipeline

EstimateKind = Literal["min", "likely", "max"]
"""Which of the three times of an estimate is meant."""


class Timing(Frozen):
    """Start times when nothing waits for a free worker: the earliest, and the latest that delays no one."""

    earliest_start: Mapping[str, float]
    latest_start: Mapping[str, float]
    critical_path: tuple[str, ...]
    length: float

    def slack(self, task: str) -> float:
        """How long a task may be late without making the run longer; not below 0."""
        return max(self.latest_start[task] - self.earliest_start[task], 0.0)


def has_estimates(pipeline: Pipeline) -> bool:
    return any(task.options.estimate is not None for task in pipeline.tasks)


def seconds_of(estimate: Estimate, kind: EstimateKind) -> float:
    """An estimate at its best, likely, or at its worst."""
    match kind:
        case "min":
            return estimate.min
        case "likely":
            return estimate.likely
        case "max":
            return estimate.max


def durations(pipeline: Pipeline, kind: EstimateKind = "likely") -> dict[str, float]:
    """How long each task is expected to run: its `estimate`, of the kind that is asked for, in seconds.

    Tasks without an estimate count 0 s where another task has one. Where no task has one every task counts 1, and all
    times are numbers of tasks.
    """
    otherwise = 0.0 if has_estimates(pipeline) else 1.0
    return {
        task.id: otherwise if task.options.estimate is None else seconds_of(task.options.estimate, kind)
        for task in pipeline.tasks
    }


def timing(upstream: Mapping[str, Sequence[str]], duration: Mapping[str, float]) -> Timing:
    """Earliest and latest starts and one longest chain: of equally long ones the one first in the source."""
    order = topological_order(upstream)
    downstream = downstream_map(upstream)
    earliest: dict[str, float] = {}
    for task in order:
        earliest[task] = max((earliest[parent] + duration[parent] for parent in upstream[task]), default=0.0)
    length = max((earliest[task] + duration[task] for task in order), default=0.0)
    latest: dict[str, float] = {}
    for task in reversed(order):
        end = min((latest[child] for child in downstream[task]), default=length)
        latest[task] = end - duration[task]
    return Timing(earliest, latest, longest_chain(upstream, order, duration), length)


def longest_chain(
    upstream: Mapping[str, Sequence[str]], order: Sequence[str], duration: Mapping[str, float]
) -> tuple[str, ...]:
    """The chain of the greatest duration; of those the one of most tasks, then the one first in the source."""
    position = {task: index for index, task in enumerate(upstream)}
    weight: dict[str, tuple[float, int]] = {}
    previous: dict[str, str | None] = {}
    for task in order:
        best = max(upstream[task], key=lambda parent: (*weight[parent], -position[parent]), default=None)
        before = (0.0, 0) if best is None else weight[best]
        weight[task] = (before[0] + duration[task], before[1] + 1)
        previous[task] = best
    chain: list[str] = []
    task_or_none = max(upstream, key=lambda task: (*weight[task], -position[task]), default=None)
    while task_or_none is not None:
        chain.append(task_or_none)
        task_or_none = previous[task_or_none]
    return tuple(reversed(chain))


def remaining_times(pipeline: Pipeline) -> dict[str, float]:
    """From the start of each task to the end of the longest chain from it: a priority when workers are few."""
    upstream = run_upstream(pipeline)
    duration = durations(pipeline)
    downstream = downstream_map(upstream)
    remaining: dict[str, float] = {}
    for task in reversed(topological_order(upstream)):
        remaining[task] = duration[task] + max((remaining[child] for child in downstream[task]), default=0.0)
    return remaining
