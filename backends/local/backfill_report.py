"""A backfill as a person reads it, line by line and as a table, and as the object that `--json` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Literal, TextIO

from pipec.analysis.intervals import Interval
from pipec.diagnostics.style import Painter
from pipec.ir.base import Model

from .backfill_children import OutcomeState, RunOutcome
from .words import STATE_STYLES, duration

_STYLES = {**STATE_STYLES, "interrupted": "warning", "not_run": "faint"}
_WORDS: Mapping[OutcomeState, str] = {
    "success": "success",
    "failed": "failed",
    "interrupted": "interrupted",
    "skipped": "skipped",
    "not_run": "not run",
}
"""States as they are written, in the order in which they are counted."""


class IntervalResult(Model):
    """One interval. Times are ISO 8601 with the offset of the pipeline's time zone."""

    timestamp: str
    """`run.timestamp`: when the schedule fired."""
    interval_start: str
    interval_end: str
    date: str
    state: OutcomeState
    """`skipped`: it had succeeded before. `not_run`: its turn never came."""
    run_id: str | None = None
    duration_s: float = 0.0
    error: str | None = None
    log: str | None = None
    """Path of what the run said on its standard error."""


class BackfillResult(Model):
    """A backfill that is over; it succeeded when every interval did, now or before."""

    pipeline: str
    state: Literal["success", "failed"]
    interrupted: bool = False
    duration_s: float
    intervals: list[IntervalResult]
    """In the order of their timestamps."""

    def json_text(self) -> str:
        """The object as it is printed."""
        return self.model_dump_json(indent=2) + "\n"


def result(
    pipeline: str, outcomes: Mapping[Interval, RunOutcome], *, interrupted: bool, seconds: float
) -> BackfillResult:
    """The outcomes as one value."""
    good = all(outcome.state in ("success", "skipped") for outcome in outcomes.values())
    return BackfillResult(
        pipeline=pipeline,
        state="success" if good and not interrupted else "failed",
        interrupted=interrupted,
        duration_s=round(seconds, 3),
        intervals=[_interval_result(interval, outcome) for interval, outcome in outcomes.items()],
    )


def _interval_result(interval: Interval, outcome: RunOutcome) -> IntervalResult:
    return IntervalResult(
        timestamp=interval.timestamp.isoformat(),
        interval_start=interval.start.isoformat(),
        interval_end=interval.end.isoformat(),
        date=interval.date.isoformat(),
        state=outcome.state,
        run_id=outcome.run_id,
        duration_s=round(outcome.seconds, 3),
        error=outcome.error,
        log=None if outcome.log is None else str(outcome.log),
    )


class Names:
    """What to call intervals: by their dates, where there is one a day, else by their times."""

    def __init__(self, intervals: tuple[Interval, ...]) -> None:
        days: Counter[date] = Counter(interval.date for interval in intervals)
        self._by_date = max(days.values(), default=1) == 1

    def __call__(self, interval: Interval) -> str:
        return interval.date.isoformat() if self._by_date else interval.timestamp.isoformat(timespec="minutes")


class Progress:
    """One line for every interval that is over: `3/90 2026-01-03 success in 1.2s`."""

    def __init__(self, stream: TextIO, names: Names, total: int, paint: Painter) -> None:
        self._stream = stream
        self._names = names
        self._total = total
        self._paint = paint
        self._done = 0

    def say(self, line: str) -> None:
        print(line, file=self._stream, flush=True)

    def ended(self, interval: Interval, outcome: RunOutcome) -> None:
        """An interval whose run was started is over."""
        self._done += 1
        state = self._paint(_WORDS[outcome.state], _STYLES[outcome.state])
        why = f": {outcome.error}" if outcome.error else ""
        took = duration(outcome.seconds)
        self.say(f"{self._done}/{self._total} {self._names(interval)} {state} in {took}{why}")


def table(found: Mapping[Interval, RunOutcome], names: Names, seconds: float, paint: Painter) -> str:
    """Every interval, how many came to what, and why those that failed did."""
    rows = [("interval", "state", "time", "run")]
    for interval, outcome in found.items():
        took = duration(outcome.seconds) if outcome.log else "-"
        rows.append((names(interval), _WORDS[outcome.state], took, outcome.run_id or "-"))
    first, second, third = (max(len(row[column]) for row in rows) for column in range(3))
    styles = {_WORDS[state]: _STYLES[state] for state in _WORDS} | {"state": "plain"}
    lines = [
        f"{name:<{first}}  {paint(state, styles[state])}{' ' * (second - len(state))}  {took:>{third}}  {run}"
        for name, state, took, run in rows
    ]
    counts: Counter[OutcomeState] = Counter(outcome.state for outcome in found.values())
    counted = ", ".join(f"{counts[state]} {word}" for state, word in _WORDS.items() if counts[state])
    parts = ["\n".join(lines), f"{len(found)} intervals in {duration(seconds)}: {counted or 'none'}"]
    parts += [
        f"{names(interval)} {paint('failed', 'error')}: {outcome.error}\n  log: {outcome.log}"
        for interval, outcome in found.items()
        if outcome.state == "failed"
    ]
    return "\n\n".join(parts) + "\n"
