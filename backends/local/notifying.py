"""Alerts of a run: delivered beside it, reported, and no reason for it to fail."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable

from pipec.engine.events import AttemptFailed, AttemptSucceeded, RunContext, SendAlert
from pipec.runtime.notices import AlertError

from .alerts.deliver import callback_task, deliver
from .alerts.notice import Notice
from .execution.loop import Loop
from .side_tasks import SideTasks
from .store.records import Entry

_MOST_AT_ONCE = 8
"""How many alerts are delivered at the same time; the others wait for their turn."""

Report = Callable[[Entry], None]


class Notifier:
    """Tells people of one run. `pending` alerts are on their way."""

    def __init__(
        self, loop: Loop, context: RunContext, started_at: float, side_tasks: SideTasks, report: Report
    ) -> None:
        self._loop = loop
        self._context = context
        self._started_at = started_at
        self._side_tasks = side_tasks
        self._report = report
        self._waiting: deque[Notice] = deque()
        self._under_way = 0
        self.pending = 0

    def send(self, command: SendAlert) -> None:
        """Begin to deliver an alert."""
        notice = Notice.of(command, self._context, self._started_at, time.time())
        self.pending += 1
        if notice.channel == "python":
            self._call(notice)
        else:
            self._waiting.append(notice)
            self._deliver_next()

    def _call(self, notice: Notice) -> None:
        try:
            task = callback_task(notice)
        except AlertError as failure:
            self._delivered(notice, str(failure))
            return
        self._side_tasks.start(f"alert {notice.event}", task, notice.facts, lambda end: self._called(notice, end))

    def _called(self, notice: Notice, end: AttemptSucceeded | AttemptFailed) -> None:
        self._delivered(notice, end.failure.message if isinstance(end, AttemptFailed) else None)

    def _deliver_next(self) -> None:
        if self._waiting and self._under_way < _MOST_AT_ONCE:
            self._under_way += 1
            threading.Thread(target=self._deliver, args=(self._waiting.popleft(),), daemon=True).start()

    def _deliver(self, notice: Notice) -> None:
        error: str | None = None
        try:
            deliver(notice, os.environ)
        except AlertError as failure:
            error = str(failure)
        self._loop.call_soon_threadsafe(lambda: self._sent(notice, error))

    def _sent(self, notice: Notice, error: str | None) -> None:
        self._under_way -= 1
        self._delivered(notice, error)
        self._deliver_next()

    def _delivered(self, notice: Notice, error: str | None) -> None:
        self.pending -= 1
        data = {"event": notice.event, "channel": notice.channel, "message": notice.message, "error": error}
        self._report(Entry("alert", time.time(), notice.task or "", data=data))
