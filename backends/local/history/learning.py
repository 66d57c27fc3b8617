"""What earlier runs teach of a pipeline: how long tasks take, how many items maps have, what decisions choose."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pipec.analysis.assumptions import Assumptions, Habit, Items, Learnt
from pipec.ir.model import Decision, Estimate, Pipeline

from ..run_folder import DEFAULT_STORE
from ..store.database import StoreError
from ..store.records import RunRecord, TaskRecord
from ..store.store import RunStore
from .instances import Segment, read_segment, segments
from .statistics import percentile

__all__ = ["StoreError", "learn"]


def learn(folder: Path, key: str, pipeline: Pipeline, most: int) -> Assumptions:
    """What the last runs of a pipeline in a folder's store teach, at most so many; `key` is that of the program.

    An estimate is the 5th, 50th and 95th percentile of the seconds of all attempts that ran and succeeded, in maps
    those of every item. Of what was in a pipeline run as a task nothing is learnt. Raises StoreError where the store
    cannot be read; without a store nothing is learnt.
    """
    if not (folder / DEFAULT_STORE).is_dir():
        return Assumptions(runs=0)
    lessons = _Lessons(pipeline)
    with closing(RunStore.open_existing(folder / DEFAULT_STORE)) as store:
        for record in store.records(key, most):
            lessons.take(record)
    return lessons.assumptions()


class _Lessons:
    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._tasks = {task.id: task for task in pipeline.tasks}
        self._regions = {region.name: region for region in pipeline.maps}
        self._runs = 0
        self._seconds: dict[str, list[float]] = {}
        self._items: dict[str, list[float]] = {}
        self._sides: dict[str, list[bool]] = {}

    def take(self, record: RunRecord) -> None:
        """Take in one run."""
        self._runs += 1
        counts: dict[tuple[str, tuple[int, ...]], int] = {}
        for task in record.tasks.values():
            parts = segments(task.task)
            segment = read_segment(parts[-1], self._tasks)
            if len(parts) == 1 and segment.task in self._tasks:
                self._take_task(segment, task, counts)
        for (region, _), number in counts.items():
            self._items.setdefault(region, []).append(number)

    def _take_task(self, segment: Segment, task: TaskRecord, counts: dict[tuple[str, tuple[int, ...]], int]) -> None:
        for attempt in task.attempts:
            if attempt.state == "success" and attempt.ended_at is not None and attempt.cached_from is None:
                took = max(attempt.ended_at - attempt.started_at, 0.0)
                self._seconds.setdefault(segment.task, []).append(took)
        around = self._maps_around(segment.task)
        if task.mapped is not None and len(segment.indices) < len(around):
            counts[around[len(segment.indices)], segment.indices] = task.mapped
        if isinstance(self._tasks[segment.task].implementation, Decision) and task.state == "success":
            self._sides.setdefault(segment.task, []).append(bool(task.outputs.get("output")))

    def _maps_around(self, task: str) -> list[str]:
        """The maps that a task stands in, outermost first."""
        found: list[str] = []
        name = self._tasks[task].map
        while name is not None:
            found.insert(0, name)
            name = self._regions[name].parent
        return found

    def assumptions(self) -> Assumptions:
        """What all of them teach together."""
        return Assumptions(
            runs=self._runs,
            learnt={task: Learnt(_estimate(took), len(took)) for task, took in self._seconds.items()},
            items={name: Items(round(percentile(found, 50) or 0.0), "runs") for name, found in self._items.items()},
            habits={task: Habit(sum(sides), len(sides)) for task, sides in self._sides.items()},
        )


def _estimate(took: list[float]) -> Estimate:
    least, likely, most = (round(percentile(took, share) or 0.0, 3) for share in (5, 50, 95))
    return Estimate(min=least, likely=likely, max=most)
