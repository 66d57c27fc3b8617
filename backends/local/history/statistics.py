"""What the last runs of a pipeline say together: how many succeeded, how long they take, which tasks cost most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import fmean, median
from typing import Literal

from ..store.records import RunRecord, RunSummary
from .rows import Row, rows
from .shape import Shape

WINDOW = 100
"""The health of a pipeline is that of so many runs, the last ones that ended."""

TASK_WINDOW = 20
"""Statistics of single tasks are those of so many runs."""

_HEALTHY = 0.99
_WARNING = 0.95
_RECENT = 5
_STEADY = 0.1

Verdict = Literal["HEALTHY", "WARNING", "CRITICAL"]


@dataclass(frozen=True, slots=True)
class Trend:
    """The median duration of the last five runs that succeeded, and how it differs from that of those before them.

    `change` is relative: 0.2 is a fifth longer.
    """

    recent: float
    before: float
    change: float

    @property
    def words(self) -> str:
        if abs(self.change) < _STEADY:
            return "steady"
        return f"{abs(self.change):.0%} {'slower' if self.change > 0 else 'faster'} than before"


@dataclass(frozen=True, slots=True)
class Health:
    """The verdict on a pipeline with what it rests on. Durations in seconds.

    `is_in_time` is None without a deadline; else whether both the last run and 95 of 100 ended within it.
    """

    verdict: Verdict
    runs: int
    succeeded: int
    is_in_time: bool | None
    p50: float | None
    p95: float | None
    last: float | None
    deadline: float | None

    @property
    def success_rate(self) -> float:
        return self.succeeded / self.runs

    @property
    def reason(self) -> str:
        """The verdict's grounds in one line."""
        rate = f"{self.succeeded} of {self.runs} runs succeeded ({percent(self.success_rate)})"
        match self.is_in_time:
            case None:
                return rate
            case True:
                return f"{rate}, within the deadline"
            case False:
                return f"{rate}, not within the deadline"


@dataclass(frozen=True, slots=True)
class TaskStatistics:
    """A task over several runs. `mean` and `longest` are seconds of attempts that ran, None where none did."""

    task: str
    runs: int
    attempts: int
    failed_attempts: int
    failed_runs: int
    mean: float | None
    longest: float | None


def over(runs: Iterable[RunSummary]) -> list[RunSummary]:
    """The last runs that are over, newest first: one that was killed is a run that did not succeed."""
    newest_first = sorted(runs, key=lambda run: run.started_at, reverse=True)
    return [run for run in newest_first if run.status != "running"][:WINDOW]


def seconds_of(run: RunSummary) -> float | None:
    """How long a run took, from its start to its end; None where it has no end."""
    return None if run.ended_at is None else max(0.0, run.ended_at - run.started_at)


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The smallest value that so many percent of the values do not exceed; None of no values."""
    if not values:
        return None
    return sorted(values)[max(0, ceil(percent / 100 * len(values)) - 1)]


def health(runs: Iterable[RunSummary], deadline: float | None) -> Health | None:
    """The verdict on the runs of one pipeline; None where none is over.

    HEALTHY where at least 99 % succeeded and the deadline is kept; WARNING where at least 95 % did; else CRITICAL.
    """
    ended = over(runs)
    if not ended:
        return None
    succeeded = sum(run.status == "success" for run in ended)
    took = [seconds for run in ended if (seconds := seconds_of(run)) is not None]
    p95 = percentile(took, 95)
    last = took[0] if took else None
    is_in_time = None
    if deadline is not None and p95 is not None and last is not None:
        is_in_time = max(last, p95) <= deadline
    verdict = _verdict(succeeded / len(ended), is_in_time is not False)
    return Health(verdict, len(ended), succeeded, is_in_time, percentile(took, 50), p95, last, deadline)


def _verdict(success_rate: float, is_in_time: bool) -> Verdict:
    if success_rate >= _HEALTHY and is_in_time:
        return "HEALTHY"
    return "WARNING" if success_rate >= _WARNING else "CRITICAL"


def trend(runs: Iterable[RunSummary]) -> Trend | None:
    """Whether runs take longer than they did; None below six runs that succeeded."""
    took = [seconds for run in over(runs) if run.status == "success" and (seconds := seconds_of(run)) is not None]
    if len(took) <= _RECENT:
        return None
    recent, before = median(took[:_RECENT]), median(took[_RECENT:])
    return Trend(recent, before, recent / before - 1 if before else 0.0)


def percent(share: float) -> str:
    """`100 %`, `98.7 %`; never rounded up to a whole that it is not."""
    if share in (0, 1):
        return f"{share:.0%}".replace("%", " %")
    return f"{min(max(share * 100, 0.1), 99.9):.1f} %"


def task_statistics(records: Iterable[RunRecord], shape: Shape) -> list[TaskStatistics]:
    """Every task of runs of one pipeline, all its instances together; `shape` is that of the newest run."""
    found: dict[str, list[Row]] = {}
    for record in records:
        for row in rows(record, shape):
            if row.instances:
                found.setdefault(row.task, []).append(row)
    return [_of_rows(task, of_task) for task, of_task in found.items()]


def _of_rows(task: str, of_task: list[Row]) -> TaskStatistics:
    attempts = [attempt for row in of_task for _, attempt in row.attempts() if attempt.cached_from is None]
    took = [attempt.ended_at - attempt.started_at for attempt in attempts if attempt.ended_at is not None]
    return TaskStatistics(
        task,
        runs=len(of_task),
        attempts=len(attempts),
        failed_attempts=sum(attempt.state == "failed" for attempt in attempts),
        failed_runs=sum(bool(row.states["failed"]) for row in of_task),
        mean=fmean(took) if took else None,
        longest=max(took, default=None),
    )


def slowest(statistics: Iterable[TaskStatistics], count: int = 5) -> list[TaskStatistics]:
    """The tasks whose attempts take longest on average, longest first."""
    ran = [each for each in statistics if each.mean is not None]
    return sorted(ran, key=lambda each: (-(each.mean or 0.0), each.task))[:count]


def top_failing(statistics: Iterable[TaskStatistics], count: int = 5) -> list[TaskStatistics]:
    """The tasks that failed in most runs, then those with most failed attempts; only such that did fail."""
    failing = [each for each in statistics if each.failed_runs or each.failed_attempts]
    return sorted(failing, key=lambda each: (-each.failed_runs, -each.failed_attempts, each.task))[:count]
