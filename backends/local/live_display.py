"""Progress of a run on a terminal: lines for what ended, which stay, and below them what runs now."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from pipec.diagnostics.style import Painter
from pipec.engine.states import FINAL, State
from pipec.ir.model import Pipeline

from .history.instances import segments
from .observer import TaskUpdate
from .plain_display import Lines, items, now, update_line
from .questions import TYPED_ANSWER
from .result import RunResult
from .streams import Output
from .words import STATE_STYLES, duration

_REDRAW_SECONDS = 0.1
"""The live part is drawn at most so often without a new line above it."""

_MOST_LINES = 12
"""Of the live part: what ended is to be seen above it."""

_MOST_ITEMS_SHOWN = 10
"""Of a map over more items only those that fail or are tried again have lines of their own; the others are counted."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A task that runs, or that waits for its next attempt until `until`."""

    attempt: int
    since: float
    until: float | None = None


@dataclass(slots=True)
class _Items:
    """The instances of a task in a map, or in maps in each other: how many there are, and what became of them."""

    task: str
    count: int
    since: float
    ended: Counter[State] = field(default_factory=Counter)

    @property
    def are_counted(self) -> bool:
        return self.count > _MOST_ITEMS_SHOWN


class LiveDisplay(Lines):
    """The part that changes is drawn anew as time goes by.

    While a person is asked to type an answer nothing is drawn below the question.
    """

    refresh_seconds: float | None = 0.2

    def __init__(self, stream: Output, paint: Painter) -> None:
        super().__init__(stream, paint)
        self._waiting: dict[str, _Waiting] = {}
        self._items: dict[str, _Items] = {}
        self._asked: set[str] = set()
        self._drawn = 0
        self._drawn_at = 0.0
        self._done = 0
        self._total = 0

    def started(self, pipeline: Pipeline, run_id: str, at: datetime) -> None:
        self._total = len(pipeline.tasks)
        self._draw([f"{pipeline.name} run {run_id}"])

    def changed(self, update: TaskUpdate) -> None:
        moment = time.monotonic()
        self._waiting.pop(update.task, None)
        if update.state == "running":
            self._waiting[update.task] = _Waiting(update.attempt, moment)
            return
        self._asked.discard(update.task)
        if update.state == "up_for_retry":
            self._waiting[update.task] = _Waiting(update.attempt + 1, moment, moment + (update.retry_in or 0))
        else:
            self._done += _is_own(update.task)
        lines = list(self._lasting(update))
        if lines:
            self._draw(lines)

    def _lasting(self, update: TaskUpdate) -> Iterator[str]:
        """The lines that a change leaves."""
        group = self._items.get(update.task)
        if group is not None and update.state in FINAL:
            group.ended[update.state] += 1
        if group is None or not group.are_counted or update.state in ("failed", "up_for_retry"):
            yield update_line(update, self._paint)
        if group is not None and group.are_counted and group.ended.total() == group.count:
            states = ", ".join(
                f"{group.ended[state]} {self._paint(state, STATE_STYLES[state])}" for state in group.ended
            )
            took = duration(time.monotonic() - group.since)
            yield f"{now()} {group.task}, {items(group.count)}: {states} in {took}"

    def mapped(self, task: str, count: int) -> None:
        group = self._items.pop(task, None)
        if group is None:
            group = _Items(task, 1, time.monotonic())
            super().mapped(task, count)
        group.count += count - 1
        self._items.update((f"{task}[{index}]", group) for index in range(count))
        if _is_own(task):
            self._total += count - 1

    def asked(self, task: str, question: str, how_to_answer: str) -> None:
        if how_to_answer == TYPED_ANSWER:
            self._asked.add(task)
        else:
            self._asked.discard(task)
        super().asked(task, question, how_to_answer)

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
        block = [] if self._asked else self._block(max(1, min(rows - 2, _MOST_LINES)), columns - 1)
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
        lines = list(self._live_lines(columns))
        if len(lines) >= rows:
            lines = [*lines[: rows - 1], f"  ... and {len(lines) - rows + 1} more"]
        lines.append(f"  {self._done} of {self._total} tasks done")
        return [self._paint(line[:columns], "faint") for line in lines]

    def _live_lines(self, columns: int) -> Iterator[str]:
        moment = time.monotonic()
        counted: dict[str, Counter[str]] = {}
        groups: dict[str, _Items] = {}
        for task, waiting in self._waiting.items():
            group = self._items.get(task)
            if group is None or not group.are_counted:
                yield _live_line(task, waiting, moment, columns)
            else:
                groups[group.task] = group
                kind = "running" if waiting.until is None else "to be tried again"
                counted.setdefault(group.task, Counter())[kind] += 1
        for name, group in groups.items():
            now_running = ", ".join(f"{number} {kind}" for kind, number in counted[name].items())
            rest = f" {group.ended.total()} of {items(group.count)} done, {now_running}"
            yield f"  {_cut(name, columns - 2 - len(rest))}{rest}"


def _is_own(task: str) -> bool:
    """Whether an instance is of the pipeline itself, not of one that it runs as a task."""
    return len(segments(task)) == 1


def _live_line(task: str, waiting: _Waiting, moment: float, columns: int) -> str:
    """A line of at most `columns`, where that is enough for the time."""
    attempt = f", attempt {waiting.attempt}" if waiting.attempt > 1 else ""
    if waiting.until is not None:
        rest = f" waits {duration(max(0.0, waiting.until - moment))}{attempt}"
    else:
        rest = f" running {duration(moment - waiting.since)}{attempt}"
    return f"  {_cut(task, columns - 2 - len(rest))}{rest}"


def _cut(name: str, columns: int) -> str:
    """A long name is cut, not what comes after it."""
    room = max(8, columns)
    return name if len(name) <= room else f"{name[: room - 3]}..."
