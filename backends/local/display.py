"""Progress of a run for a person: plain lines, and on a terminal the running tasks below them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

from pipec.diagnostics.style import Painter
from pipec.engine.events import FINAL
from pipec.ir.model import Pipeline

from .observer import Observer, TaskUpdate
from .questions import TYPED_ANSWER
from .result import RunResult
from .words import STATE_STYLES, duration, first_line, printable

_REDRAW_SECONDS = 0.1
"""The live part is drawn at most so often without a new line above it."""


def display_for(stream: TextIO, *, live: bool, color: bool) -> Observer:
    """The display that suits a stream."""
    return LiveDisplay(stream, Painter(color)) if live else PlainDisplay(stream, Painter(color))


class _Lines(Observer):
    """What every display says in lines of its own."""

    def __init__(self, stream: TextIO, paint: Painter) -> None:
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
        self._say(f"{_now()} {task} is mapped over {count} item{'s' if count > 1 else ''}")

    def asked(self, task: str, question: str, how_to_answer: str) -> None:
        self._say(f"{_now()} {self._paint(printable(task), 'strong')} asks: {printable(question)}  {how_to_answer}")

    def answered(self, task: str, approved: bool, by: str) -> None:
        self._say(f"{_now()} {task} {'approved' if approved else 'rejected'} by {printable(by)}")

    def waiting(self, task: str, description: str) -> None:
        self._say(f"{_now()} {task} {first_line(description)}")

    def deadline_missed(self, task: str | None, seconds: float) -> None:
        late = self._paint("deadline missed", "warning")
        self._say(f"{_now()} {late}: {task or 'the run'} is not over after {duration(seconds)}")

    def alerted(self, channel: str, error: str | None) -> None:
        outcome = "sent" if error is None else f"{self._paint('not sent', 'warning')}: {first_line(error)}"
        self._say(f"{_now()} alert by {channel} {outcome}")

    def noticed(self, lines: Sequence[str]) -> None:
        self._say(*lines)

    def interrupted(self) -> None:
        self._say("stopping: ending what runs")


class PlainDisplay(_Lines):
    """One line for every change: `12:00:01 extract success in 1.2s`."""

    def started(self, pipeline: Pipeline, run_id: str, at: datetime) -> None:
        self._say(f"{_clock(at)} {pipeline.name} started, run {run_id}")

    def changed(self, update: TaskUpdate) -> None:
        self._say(update_line(update, self._paint))


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A line of the live part: a task that runs, or that waits for its next attempt until `until`."""

    attempt: int
    since: float
    until: float | None = None


class LiveDisplay(_Lines):
    """Lines for what ended, which stay, and below them what runs now, drawn anew as time goes by.

    While a person is asked to type an answer nothing is drawn below the question.
    """

    refresh_seconds: float | None = 0.2

    def __init__(self, stream: TextIO, paint: Painter) -> None:
        super().__init__(stream, paint)
        self._waiting: dict[str, _Waiting] = {}
        self._asked: set[str] = set()
        self._drawn = 0
        self._drawn_at = 0.0
        self._done = 0
        self._total = 0

    def started(self, pipeline: Pipeline, run_id: str, at: datetime) -> None:
        self._total = len(pipeline.tasks)
        self._draw([f"{pipeline.name} run {run_id}"])

    def changed(self, update: TaskUpdate) -> None:
        now = time.monotonic()
        match update.state:
            case "running":
                self._waiting[update.task] = _Waiting(update.attempt, now)
                self._draw([])
                return
            case "up_for_retry":
                self._waiting[update.task] = _Waiting(update.attempt + 1, now, now + (update.retry_in or 0))
            case _:
                self._waiting.pop(update.task, None)
                self._done += update.state in FINAL
        self._draw([update_line(update, self._paint)])

    def mapped(self, task: str, count: int) -> None:
        self._total += count - 1
        super().mapped(task, count)

    def asked(self, task: str, question: str, how_to_answer: str) -> None:
        super().asked(task, question, how_to_answer)
        if how_to_answer == TYPED_ANSWER:
            self._stream.write(self._erased())
            self._stream.flush()
            self._asked.add(task)

    def answered(self, task: str, approved: bool, by: str) -> None:
        self._asked.discard(task)
        super().answered(task, approved, by)

    def refresh(self) -> None:
        if time.monotonic() - self._drawn_at >= _REDRAW_SECONDS:
            self._draw([])

    def finished(self, result: RunResult) -> None:
        self._waiting.clear()
        self._stream.write(self._erased())
        self._stream.flush()

    def _say(self, *lines: str) -> None:
        self._draw(list(lines))

    def _draw(self, lasting: list[str]) -> None:
        columns, rows = shutil.get_terminal_size()
        block = [] if self._asked else self._block(max(1, rows - 2), columns - 1)
        self._drawn_at = time.monotonic()
        text = self._erased() + "".join(f"{line}\n" for line in [*lasting, *block])
        self._stream.write(text)
        self._stream.flush()
        self._drawn = len(block)

    def _erased(self) -> str:
        """Back to where the live part began, nothing below it."""
        drawn, self._drawn = self._drawn, 0
        return f"\x1b[{drawn}A\r\x1b[J" if drawn else ""

    def _block(self, rows: int, columns: int) -> list[str]:
        now = time.monotonic()
        lines = [_live_line(task, waiting, now, columns) for task, waiting in self._waiting.items()]
        if len(lines) >= rows:
            lines = [*lines[: rows - 1], f"  ... and {len(lines) - rows + 1} more"]
        lines.append(f"  {self._done} of {self._total} tasks done")
        return [self._paint(line[:columns], "faint") for line in lines]


def _live_line(task: str, waiting: _Waiting, now: float, columns: int) -> str:
    """A line of at most `columns`, where that is enough for the time: a long name is cut, not what comes after it."""
    attempt = f", attempt {waiting.attempt}" if waiting.attempt > 1 else ""
    if waiting.until is not None:
        rest = f" waits {duration(max(0.0, waiting.until - now))}{attempt}"
    else:
        rest = f" running {duration(now - waiting.since)}{attempt}"
    room = max(8, columns - 2 - len(rest))
    name = task if len(task) <= room else f"{task[: room - 3]}..."
    return f"  {name}{rest}"


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


def _now() -> str:
    return _clock(datetime.now(UTC))


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone():%H:%M:%S}"
