"""Questions to the store as `pipec runs` asks them: each answer is text, ready to be printed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from pipec.diagnostics.style import Painter
from pipec.diagnostics.suggest import hint
from pipec.ir.base import Location
from pipec.ir.model import Pipeline

from ..run_folder import DEFAULT_STORE, last_lines
from ..store.database import StoreError
from ..store.records import AttemptRecord, RunRecord, RunStatus, RunSummary
from ..store.store import RunStore
from .faults import LogTail
from .rows import rows, task_counts
from .shape import Shape, shape_of
from .statistics import (
    TASK_WINDOW,
    Health,
    TaskStatistics,
    Trend,
    health,
    seconds_of,
    slowest,
    task_statistics,
    top_failing,
    trend,
)
from .text import health_text, run_text, runs_text
from .wording import iso_time

_LOG_LINES = 10


class NotFoundError(Exception):
    """What was asked for is not there; the message is for people."""


class Looking:
    """The runs kept below a folder. Raises NotFoundError for what is not there, StoreError for what cannot be read."""

    def __init__(self, folder: Path) -> None:
        self._store = RunStore.open_existing(folder / DEFAULT_STORE)

    def close(self) -> None:
        self._store.close()

    def listing(
        self, pipeline: str | None, limit: int, status: RunStatus | None, *, as_json: bool, paint: Painter
    ) -> str:
        """The newest runs; "" where there are none that fit."""
        found = [run for run in self._runs(pipeline) if status in (None, run.status)][:limit]
        with_records = [(run, self._store.run(run.run_id)) for run in found]
        if as_json:
            listed = [_listed(run, record) for run, record in with_records]
            return _json({"format_version": 1, "runs": listed})
        return runs_text(with_records, paint, time.time()) if found else ""

    def show(self, run: str, pipeline: str | None, *, as_json: bool, paint: Painter) -> str:
        """One run; as JSON the object that `pipec run --json` prints."""
        from ..result import result_of

        record = self._record(run, pipeline)
        folder = self._store.run_folder(record.run_id)
        shape = shape_of(record)
        if as_json:
            return result_of(record, shape.root or _unknown_pipeline(record), folder).json_text()
        return run_text(record, shape, str(folder), self._tail_of(record), paint, time.time())

    def summary(self, pipeline: str | None, *, as_json: bool, paint: Painter) -> str:
        """Health, durations and tasks of one pipeline, or of all."""
        names = list(dict.fromkeys(run.pipeline for run in self._runs(pipeline)))
        facts = [(name, *self._statistics(name)) for name in names]
        if as_json:
            return _json({"format_version": 1, "pipelines": [_summed(*each) for each in facts]})
        return "\n".join(health_text(*each, paint) for each in facts)

    def page(self, run: str, pipeline: str | None) -> str:
        """The page of a run as HTML."""
        from .page import page

        record = self._record(run, pipeline)
        shape = shape_of(record)
        history = self._store.runs(record.pipeline)
        statistics = task_statistics(self._store.records(record.pipeline, TASK_WINDOW), shape)
        return page(record, shape, history, statistics, self._tail_of(record), time.time())

    def open_log(self, run: str, pipeline: str | None, task: str, attempt: int | None) -> IO[bytes]:
        """The log of an attempt of an instance, of its last one where none is named. Raises OSError too."""
        record = self._record(run, pipeline)
        found = _attempt(record, task, attempt)
        if found.log is None:
            source = f": its outputs are those of run {found.cached_from}" if found.cached_from else ""
            raise NotFoundError(f"attempt {found.attempt} of `{task}` has no log{source}")
        return (self._store.run_folder(record.run_id) / found.log).open("rb")

    def _runs(self, pipeline: str | None) -> Sequence[RunSummary]:
        found = self._store.runs(pipeline)
        if not found and pipeline is not None:
            known = {run.pipeline for run in self._store.runs()}
            similar = hint(pipeline, known)
            raise NotFoundError(f"there is no run of a pipeline `{pipeline}`{f': {similar}' if similar else ''}")
        return found

    def _record(self, run: str, pipeline: str | None) -> RunRecord:
        return self._store.run(self._store.resolve(run, pipeline))

    def _statistics(self, pipeline: str) -> tuple[Health | None, Trend | None, list[TaskStatistics]]:
        runs = self._store.runs(pipeline)
        shape = shape_of(self._store.run(runs[0].run_id)) if runs else Shape(None)
        statistics = task_statistics(self._store.records(pipeline, TASK_WINDOW), shape)
        return health(runs, shape.deadline), trend(runs), statistics

    def _tail_of(self, record: RunRecord) -> LogTail:
        folder = self._store.run_folder(record.run_id)

        def tail(attempt: AttemptRecord) -> Sequence[str]:
            return last_lines(folder / attempt.log, _LOG_LINES) if attempt.log else ()

        return tail


def chunks(file: IO[bytes], size: int = 1 << 20) -> Iterator[bytes]:
    """A file piece by piece: a log may be larger than memory."""
    while piece := file.read(size):
        yield piece


def _attempt(record: RunRecord, task: str, number: int | None) -> AttemptRecord:
    found = record.tasks.get(task)
    if found is None:
        raise NotFoundError(f"run {record.run_id} has no task `{task}`{_similar(record, task)}")
    if found.mapped:
        raise NotFoundError(f"`{task}` has {found.mapped} instances: name one, such as `{task}[0]`")
    if not found.attempts:
        raise NotFoundError(f"`{task}` has no log: it is {found.state}, and no attempt of it was made by a process")
    if number is None:
        return found.attempts[-1]
    for attempt in found.attempts:
        if attempt.attempt == number:
            return attempt
    made = ", ".join(str(each.attempt) for each in found.attempts)
    raise NotFoundError(f"`{task}` has no attempt {number}: there is {made}")


def _similar(record: RunRecord, task: str) -> str:
    known = {*record.tasks, *(row.task for row in rows(record, shape_of(record)))}
    if task in known:
        return " that was begun"
    similar = hint(task, sorted(known))
    return f": {similar}" if similar else ""


def _listed(run: RunSummary, record: RunRecord) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "pipeline": run.pipeline,
        "file": run.file,
        "state": run.status,
        "interrupted": record.interrupted,
        "date": run.date,
        "interval_start": run.interval_start,
        "interval_end": run.interval_end,
        "started_at": iso_time(run.started_at),
        "ended_at": iso_time(run.ended_at),
        "duration_s": seconds_of(run),
        "tasks": dict(task_counts(record, Shape(None))),
    }


def _summed(
    pipeline: str, health: Health | None, trend: Trend | None, statistics: Sequence[TaskStatistics]
) -> dict[str, Any]:
    return {
        "pipeline": pipeline,
        "health": {**asdict(health), "success_rate": health.success_rate, "reason": health.reason} if health else None,
        "trend": asdict(trend) if trend else None,
        "slowest": [asdict(each) for each in slowest(statistics)],
        "top_failing": [asdict(each) for each in top_failing(statistics)],
    }


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _unknown_pipeline(record: RunRecord) -> Pipeline:
    """For a run whose pipeline can no longer be read: one without tasks, so that those that were heard of remain."""
    nowhere = Location(file=record.file, start=0, end=0, line=1, column=1, end_line=1, end_column=1)
    return Pipeline(name=record.pipeline, location=nowhere)


__all__ = ["Looking", "NotFoundError", "StoreError", "chunks"]
