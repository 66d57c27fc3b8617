"""The loop of a run: the engine decides, processes work, the store is told before anybody else is.

In each turn everything that happened is told to the engine; all facts that follow are written in one transaction; only
then are they shown and attempts started. So what was shown outlives a runner that is killed.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

from pipec.engine.engine import Engine
from pipec.engine.events import (
    ApprovalAnswered,
    AttemptFailed,
    AttemptSucceeded,
    CancelRun,
    Command,
    DeadlineMissed,
    EndAttempt,
    Event,
    RetryDue,
    RunFinished,
    RunStarted,
    SendAlert,
    StartAttempt,
    StartTimer,
    TaskChanged,
    TaskMapped,
    TimerDue,
    WaitForRetry,
)
from pipec.ir.model import ApprovalRequest, WaitCondition

from .caching import Caching
from .execution.attempt import Launch
from .execution.executor import Executor
from .execution.loop import Loop, Timer
from .journal_entries import attempt_ended, entries_of
from .notifying import Notifier
from .observer import Observer, TaskUpdate
from .questions import Questions
from .side_tasks import SideTasks
from .store.journal import RunJournal
from .store.records import CacheEntry, Entry
from .waiting import Waits

_ALERT_PATIENCE = 15.0
"""Seconds that a run which is over waits for its last alerts to be delivered."""

_AttemptEvent = AttemptSucceeded | AttemptFailed | ApprovalAnswered


class Driver:
    """The one owner of the engine. Its parts report by the methods below, all in the thread of the loop."""

    def __init__(self, engine: Engine, journal: RunJournal, loop: Loop, observer: Observer, sends_alerts: bool) -> None:
        self._engine = engine
        self._journal = journal
        self._loop = loop
        self._observer = observer
        self._sends_alerts = sends_alerts
        self._events: deque[Event] = deque()
        self._entries: list[Entry] = []
        self._cached: list[CacheEntry] = []
        self._cached_from: dict[str, str] = {}
        self._began: dict[str, float] = {}
        self._when_kept: list[Callable[[], None]] = []
        self._timers: dict[str, Timer] = {}
        self._interrupted = 0
        self._finished = False
        self._trouble: str | None = None

    def connect(
        self,
        executor: Executor,
        side_tasks: SideTasks,
        questions: Questions,
        waits: Waits,
        notifier: Notifier,
        caching: Caching,
    ) -> None:
        """Give the driver the parts that work for it; they in turn report to it."""
        self._executor = executor
        self._side_tasks = side_tasks
        self._questions = questions
        self._waits = waits
        self._notifier = notifier
        self._caching = caching

    def drive(self) -> None:
        """Play the run to its end. Whatever happens, nothing of it is left running."""
        try:
            self._events.append(RunStarted())
            self._take_events()
            while not self._finished or self._executor.running:
                self._turn(self._observer.refresh_seconds)
            self._await_alerts()
        finally:
            self._executor.kill_all()

    def stop(self) -> None:
        """End the run: the first time what runs is asked to end, the second time it is made to. From any thread."""
        self._loop.call_soon_threadsafe(self._interrupt)

    # --- what its parts report -----------------------------------------------------------------------

    def report(self, event: AttemptSucceeded | AttemptFailed) -> None:
        """An attempt of a task has ended, or code that ran beside the tasks."""
        if self._side_tasks.owns(event.task):
            self._side_tasks.report(event)
        else:
            self._events.append(event)

    def report_answer(self, event: ApprovalAnswered | AttemptFailed, entry: Entry | None) -> None:
        """An approval was answered, or nobody answered in time."""
        if entry is not None:
            self._entries.append(Entry(entry.kind, time.time(), entry.task, entry.attempt, entry.data))
        self._events.append(event)

    def report_wait(self, event: AttemptSucceeded | AttemptFailed, taken: Callable[[], None] | None) -> None:
        """A wait is over; `taken` is to be called when that is kept."""
        if taken is not None:
            self._when_kept.append(taken)
        self._events.append(event)

    def report_alert(self, entry: Entry) -> None:
        """An alert was delivered, or could not be."""
        self._entries.append(entry)
        self._observer.alerted(entry.data["channel"], entry.data["error"])

    # --- the loop ------------------------------------------------------------------------------------

    def _turn(self, timeout: float | None) -> None:
        self._loop.run_once(timeout)
        self._take_events()
        if self._observer.refresh_seconds is not None:
            self._observer.refresh()

    def _take_events(self) -> None:
        """Tell the engine what happened, keep what follows, then act on it; until nothing more happens at once."""
        while self._events or self._entries:
            at = time.time()
            following: list[TaskUpdate | Command] = []
            while self._events:
                event = self._events.popleft()
                following.extend(self._note(event, self._engine.handle(event), at))
            self._keep()
            for one in following:
                if isinstance(one, TaskUpdate):
                    self._observer.changed(one)
                else:
                    self._execute(one)

    def _note(self, event: Event, commands: list[Command], at: float) -> list[TaskUpdate | Command]:
        """Note the facts that follow from one event; what is to be shown and done once they are kept."""
        following: list[TaskUpdate | Command] = []
        delays = {command.task: command.delay for command in commands if isinstance(command, WaitForRetry)}
        ended = event.task if isinstance(event, _AttemptEvent) else None
        for command in commands:
            if isinstance(command, TaskChanged):
                seconds, cached_from = None, None
                if command.task == ended and command.state != "running":
                    cached_from = self._cached_from.pop(ended, None)
                    self._entries.append(attempt_ended(command, at, cached_from))
                    seconds = at - self._began.pop(ended, at)
                    if command.state == "success" and cached_from is None:
                        self._cached.extend(self._caching.kept(command, at))
                    ended = None
                following.append(_update(command, at, seconds, cached_from, delays.get(command.task)))
            else:
                following.append(command)
            self._entries.extend(self._facts(command, at))
        return following

    def _facts(self, command: Command, at: float) -> list[Entry]:
        task, log = None, None
        if isinstance(command, TaskChanged | StartAttempt):
            task = self._engine.task(command.task)
        if isinstance(command, StartAttempt):
            self._began[command.task] = at
            log = str(self._journal.log_path(command.task, command.attempt).relative_to(self._journal.folder))
        return list(entries_of(command, task, at, log, self._interrupted > 0))

    def _keep(self) -> None:
        entries, self._entries = self._entries, []
        cached, self._cached = self._cached, []
        self._journal.append(entries, cached)
        if self._journal.trouble is None:
            taken, self._when_kept = self._when_kept, []
            for call in taken:
                call()
        if self._journal.trouble != self._trouble:
            self._trouble = self._journal.trouble
            told = self._trouble or "the store can be written again: nothing is lost"
            hint = "; the run goes on, what happens is kept in memory" if self._trouble else ""
            self._observer.noticed([f"{told}{hint}"])

    # --- commands ------------------------------------------------------------------------------------

    def _execute(self, command: Command) -> None:
        match command:
            case StartAttempt():
                self._start(command)
            case EndAttempt(task=task):
                self._end(task)
            case WaitForRetry(task=task, delay=delay):
                self._timers[f"retry {task}"] = self._loop.call_later(delay, lambda: self._post(RetryDue(task)))
            case StartTimer(timer=timer, delay=delay):
                self._timers[timer] = self._loop.call_later(delay, lambda: self._post(TimerDue(timer)))
            case TaskMapped(task=task, count=count):
                self._observer.mapped(task, count)
            case DeadlineMissed(task=late, seconds=seconds):
                self._observer.deadline_missed(late, seconds)
            case SendAlert() if self._sends_alerts:
                self._notifier.send(command)
            case RunFinished():
                self._finished = True
                for started in self._timers.values():
                    started.cancel()
                self._questions.close()

    def _post(self, event: Event) -> None:
        self._events.append(event)

    def _start(self, start: StartAttempt) -> None:
        task = self._engine.task(start.task)
        match task.implementation:
            case ApprovalRequest():
                self._questions.ask(start, task)
            case WaitCondition():
                self._waits.begin(start, task)
            case _ if (hit := self._caching.look_up(start, task)) is not None:
                self._cached_from[start.task] = hit.run_id
                self._events.append(AttemptSucceeded(start.task, hit.outputs))
            case _:
                self._executor.start(
                    Launch(
                        id=start.task,
                        task=task,
                        attempt=start.attempt,
                        inputs=start.inputs,
                        arguments=start.arguments,
                        log=self._journal.log_path(start.task, start.attempt),
                        folder=self._journal.attempt_folder(start.task, start.attempt),
                    )
                )

    def _end(self, task: str) -> None:
        if not (self._questions.cancel(task) or self._waits.cancel(task)):
            self._executor.end(task)

    # --- ends ----------------------------------------------------------------------------------------

    def _interrupt(self) -> None:
        self._interrupted += 1
        if self._interrupted > 1:
            self._executor.kill_all()
            return
        self._observer.interrupted()
        self._questions.cancel_all()
        self._waits.cancel_all()
        self._executor.cancel_all()
        # the engine hears of what has just been cancelled after it knows that the run is: nothing is tried again
        self._events.appendleft(CancelRun())

    def _await_alerts(self) -> None:
        until = time.monotonic() + _ALERT_PATIENCE
        while self._notifier.pending and not self._interrupted and (left := until - time.monotonic()) > 0:
            self._turn(min(left, self._observer.refresh_seconds or left))
        self._take_events()
        if self._notifier.pending:
            self._observer.noticed([f"alerts that were not delivered in time: {self._notifier.pending}"])


def _update(
    change: TaskChanged, at: float, seconds: float | None, cached_from: str | None, retry_in: float | None
) -> TaskUpdate:
    return TaskUpdate(
        task=change.task,
        state=change.state,
        attempt=change.attempt,
        at=datetime.fromtimestamp(at, UTC),
        seconds=seconds,
        message=change.failure.message if change.failure else None,
        retry_in=retry_in,
        restored=change.restored,
        cached_from=cached_from,
    )
