"""A backfill: one run for every interval of a schedule between two dates, save those that succeeded already.

What succeeded is told by the store, so a backfill that was stopped, or killed, goes on where it was when it is started
again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Protocol
from zoneinfo import ZoneInfo

from pipec.analysis.intervals import Interval, intervals
from pipec.diagnostics.style import Painter
from pipec.ir.model import Pipeline

from .backfill_children import Children, RunOutcome, pipec_run
from .backfill_report import Names, Progress, result, table
from .signals import stop_signals


@dataclass(frozen=True, slots=True)
class BackfillPlan:
    """Intervals in their order: all of them, and those of them that need not run again."""

    intervals: tuple[Interval, ...]
    succeeded: frozenset[Interval]

    @property
    def to_run(self) -> tuple[Interval, ...]:
        return tuple(interval for interval in self.intervals if interval not in self.succeeded)


def plan_backfill(asked: Iterable[Interval], succeeded: Collection[str]) -> BackfillPlan:
    """What is to run of the intervals asked for; `succeeded` holds `run.interval_start` of runs that succeeded, as
    ISO 8601 with an offset.
    """
    moments = {datetime.fromisoformat(text).astimezone(UTC) for text in succeeded}
    found = tuple(sorted(asked, key=lambda interval: interval.timestamp))
    return BackfillPlan(found, frozenset(one for one in found if one.start.astimezone(UTC) in moments))


class BackfillObserver(Protocol):
    """Told of every run that is over, from the thread that drives the backfill."""

    def ended(self, interval: Interval, outcome: RunOutcome) -> None: ...


def drive_backfill(
    plan: BackfillPlan,
    start_run: Callable[[Interval], RunOutcome],
    max_active: int,
    observer: BackfillObserver,
    *,
    fail_fast: bool = False,
    stopped: Event | None = None,
) -> dict[Interval, RunOutcome]:
    """Run what is to run, in order, at most `max_active` at once; the outcome of every interval of the plan.

    `start_run` is called in threads and returns when the run is over. A failed run stops no other, unless `fail_fast`:
    then, as when `stopped` is set, none is started any more, and those under way go on to their end.
    """
    stop = stopped or Event()

    def run(interval: Interval) -> RunOutcome:
        if stop.is_set():
            return RunOutcome("not_run")
        try:
            outcome = start_run(interval)
        except BaseException:
            stop.set()
            raise
        if fail_fast and outcome.state != "success":
            stop.set()
        return outcome

    outcomes = {interval: RunOutcome("skipped") for interval in plan.intervals}
    with ThreadPoolExecutor(max_active, thread_name_prefix="backfill") as pool:
        futures: dict[Future[RunOutcome], Interval] = {pool.submit(run, interval): interval for interval in plan.to_run}
        for future in as_completed(futures):
            interval, outcome = futures[future], future.result()
            outcomes[interval] = outcome
            if outcome.state != "not_run":
                observer.ended(interval, outcome)
    return outcomes


def run_backfill(
    pipeline: Pipeline,
    *,
    first: date,
    last: date | None,
    arguments: Sequence[str],
    succeeded: Collection[str],
    store_folder: Path,
    max_active: int | None = None,
    fail_fast: bool = False,
    dry_run: bool = False,
    as_json: bool = False,
    color: bool = False,
    command: Callable[[Sequence[str]], Sequence[str]] = pipec_run,
) -> int:
    """Run every interval of the schedule from `first` to `last` that has not succeeded yet; the exit code.

    Both days are included; `last` None is today. Intervals in the future are left out, as Airflow does. `arguments` are
    those of `pipec run` that all runs share: the file, `--pipeline`, `--param` and so on; `--date` and `--json` are
    added. `succeeded` holds `run.interval_start` of the runs that succeeded already. `max_active` runs go on at once,
    None for the pipeline's `max_active_runs`, else one. Progress goes to stderr, the table or the JSON object to
    stdout; `color` is for both. 0: all succeeded; 1: some did not; 130: stopped by a signal. Raises NoIntervalsError
    where the schedule names no times, OSError where the store cannot be written.
    """
    now = datetime.now(ZoneInfo(pipeline.timezone))
    plan = plan_backfill(_due(pipeline, first, last, now), succeeded)
    active = max_active or pipeline.max_active_runs or 1
    paint, names = Painter(color), Names(plan.intervals)
    progress = Progress(sys.stderr, names, len(plan.to_run), paint)
    progress.say(_opening(pipeline, plan, first, last or now.date(), active))
    if dry_run:
        sys.stdout.writelines(f"{names(interval)}\n" for interval in plan.to_run)
        return 0
    logs = store_folder.absolute() / "backfills" / pipeline.name
    logs.mkdir(parents=True, exist_ok=True)
    children = Children(lambda one: command([*arguments, "--date", one.timestamp.isoformat(), "--json"]), logs)
    started = time.monotonic()

    def stop() -> None:
        if not children.stopped_from_outside:
            # in a thread: the signal may have interrupted another line being written
            Thread(target=progress.say, args=("stopping: ending what runs",)).start()
        children.stop()

    with stop_signals(stop):
        found = drive_backfill(plan, children.run, active, progress, fail_fast=fail_fast, stopped=children.stopped)
    seconds = time.monotonic() - started
    whole = result(pipeline.name, found, interrupted=children.stopped_from_outside, seconds=seconds)
    sys.stdout.write(whole.json_text() if as_json else table(found, names, seconds, paint))
    if whole.interrupted:
        return 130
    return 0 if whole.state == "success" else 1


def _due(pipeline: Pipeline, first: date, last: date | None, now: datetime) -> list[Interval]:
    """The intervals up to now."""
    found = intervals(pipeline, first, min(last or now.date(), now.date()))
    return [interval for interval in found if interval.timestamp <= now]


def _opening(pipeline: Pipeline, plan: BackfillPlan, first: date, last: date, active: int) -> str:
    skipped = f"{len(plan.succeeded)} succeeded already, " if plan.succeeded else ""
    return (
        f"{pipeline.name} from {first} to {last}: {len(plan.intervals)} intervals, "
        f"{skipped}{len(plan.to_run)} to run, at most {active} at once"
    )
