"""Progress of a run for a person: one line for everything that happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pipec.diagnostics.style import Painter
from pipec.ir.model import Pipeline

from .observer import Observer, TaskUpdate
from .streams import Output
from .words import STATE_STYLES, duration, first_line, printable


class Lines(Observer):
    """What every display says in lines of its own."""

    def __init__(self, stream: Output, paint: Painter) -> None:
        self._stream = stream
        self._paint = paint

    def _say(self, *lines: str) -> None:
        """Show lines that stay."""
        self._stream.write("".join(f"{line}\n" for line in lines))
        self._stream.flush()

    def resumed(self, changes: Sequence[str]) -> None:
        self._say("resumed; the pipeline is as it was" if not changes else "resumed; since then:")
        self._say(*(f"  {line}" for line in changes))

    def mapped(self, task: str, count: int) -> None:
        self._say(f"{now()} {task} is mapped over {items(count)}")

    def asked(self, task: str, question: str, how_to_answer: str) -> None:
        self._say(f"{now()} {self._paint(printable(task), 'strong')} asks: {printable(question)}  {how_to_answer}")

    def answered(self, task: str, approved: bool, by: str) -> None:
        self._say(f"{now()} {task} {'approved' if approved else 'rejected'} by {printable(by)}")

    def waiting(self, task: str, description: str) -> None:
        self._say(f"{now()} {task} {first_line(description)}")

    def deadline_missed(self, task: str | None, seconds: float) -> None:
        late = self._paint("deadline missed", "warning")
        self._say(f"{now()} {late}: {task or 'the run'} is not over after {duration(seconds)}")

    def alerted(self, channel: str, error: str | None) -> None:
        outcome = "sent" if error is None else f"{self._paint('not sent', 'warning')}: {first_line(error)}"
        self._say(f"{now()} alert by {channel} {outcome}")

    def noticed(self, lines: Sequence[str]) -> None:
        self._say(*lines)

    def interrupted(self) -> None:
        self._say("stopping: ending what runs")


class PlainDisplay(Lines):
    """One line for every change: `12:00:01 extract success in 1.2s`."""

    def started(self, pipeline: Pipeline, run_id: str, at: datetime) -> None:
        self._say(f"{_clock(at)} {pipeline.name} started, run {run_id}")

    def changed(self, update: TaskUpdate) -> None:
        self._say(update_line(update, self._paint))


def update_line(update: TaskUpdate, paint: Painter) -> str:
    """A change of a task in one line."""
    state = paint(update.state, STATE_STYLES[update.state])
    attempt = f", attempt {update.attempt}" if update.attempt > 1 else ""
    took = f" in {duration(update.seconds)}" if update.seconds is not None else ""
    if update.restored:
        took = " before"
    elif update.cached_from is not None:
        took = f" cached from {update.cached_from}"
    again = f"; again in {duration(update.retry_in)}" if update.retry_in is not None else ""
    message = f": {first_line(update.message)}" if update.message else ""
    return f"{_clock(update.at)} {update.task} {state}{took}{attempt}{again}{message}"


def items(count: int) -> str:
    """`1 item`, `2 items`."""
    return f"{count} item{'' if count == 1 else 's'}"


def now() -> str:
    """The time of day, as lines begin with it."""
    return _clock(datetime.now(UTC))


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone():%H:%M:%S}"
