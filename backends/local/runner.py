"""Runs a pipeline on this machine: the engine decides, this loop starts processes and tells it what came of them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from heapq import heappop, heappush
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any

from pipec.analysis.critical_path import remaining_times
from pipec.engine.engine import Engine
from pipec.engine.events import (
    FINAL,
    AttemptFailed,
    AttemptSucceeded,
    CancelRun,
    Command,
    Event,
    RetryDue,
    RunContext,
    RunFinished,
    RunStarted,
    StartAttempt,
    TaskChanged,
    WaitForRetry,
)
from pipec.ir.model import Pipeline
from pipec.parameters import ParameterError, complete_parameters
from pipec.runtime.process import TERMINATION_GRACE

from .attempts import Attempt, Workplace
from .observer import Observer, TaskUpdate
from .record import Record
from .result import RunResult
from .store import new_run

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Interrupt:
    """The user or the system asks the run to stop."""


_Message = AttemptSucceeded | AttemptFailed | _Interrupt | BaseException


def run(
    pipeline: Pipeline,
    *,
    folder: Path,
    parameters: Mapping[str, Any],
    date: datetime | None = None,
    max_parallel: int | None = None,
    observer: Observer,
    store_folder: Path,
    grace: float = TERMINATION_GRACE,
) -> RunResult:
    """Run `pipeline` and return when nothing of it is left running.

    `folder` is that of the `.pipe` file, where tasks run and their modules are found. `parameters` are those
    given, in JSON form. `date`, with its time zone, stands for the present as the time the run is for. At most
    `max_parallel` tasks run at once, None for as many as there are cores. SIGINT, SIGTERM and SIGHUP end the run and
    everything it started: what does not end within `grace` seconds of being asked, or before a second signal, is
    killed. Raises OSError where the store cannot be written, ParameterError where a parameter has no value.
    """
    started = datetime.now(UTC)
    run_id, run_folder = new_run(store_folder, started)
    context = run_context(pipeline, date or started, run_id, run_folder.path.as_uri())
    values, problems = complete_parameters(pipeline, parameters, context)
    if problems:
        run_folder.path.rmdir()
        raise ParameterError(problems)
    engine = Engine(
        pipeline, values, context, max_parallel=max_parallel or available_cores(), priorities=remaining_times(pipeline)
    )
    workplace = Workplace(run_id, run_folder, folder.absolute(), grace)
    record = Record(pipeline, run_id, started, values, run_folder)
    observer.started(pipeline, run_id, started)
    result = _Driver(pipeline, engine, workplace, record, observer).drive()
    run_folder.write_result(result.json_text())
    observer.finished(result)
    return result


def run_context(pipeline: Pipeline, moment: datetime, run_id: str, url: str) -> RunContext:
    """The facts of a run started by hand: its interval is the moment it is for."""
    from zoneinfo import ZoneInfo

    timestamp = moment.astimezone(ZoneInfo(pipeline.timezone))
    text = timestamp.isoformat()
    return RunContext(
        id=run_id,
        pipeline=pipeline.name,
        date=timestamp.date().isoformat(),
        timestamp=text,
        interval_start=text,
        interval_end=text,
        url=url,
    )


def available_cores() -> int:
    """The cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1


class _Driver:
    """The one owner of the engine. Attempts run in threads and report by the queue; nothing else is shared."""

    def __init__(
        self, pipeline: Pipeline, engine: Engine, workplace: Workplace, record: Record, observer: Observer
    ) -> None:
        self._tasks = {task.id: task for task in pipeline.tasks}
        self._engine = engine
        self._workplace = workplace
        self._record = record
        self._observer = observer
        self._queue: SimpleQueue[_Message] = SimpleQueue()
        self._running: dict[str, Attempt] = {}
        self._retries: list[tuple[float, str]] = []
        self._interrupted = False
        self._finished: RunFinished | None = None

    def drive(self) -> RunResult:
        with _stop_signals(self._queue):
            try:
                self._tell_engine(RunStarted())
                while self._running or not (self._finished or self._interrupted):
                    self._next()
            finally:
                for attempt in self._running.values():
                    attempt.kill()
        return self._record.result(self._finished, self._interrupted)

    def _next(self) -> None:
        """Wait for what happens next, a message, a retry due or a refresh, and act on it."""
        waits = [wait for wait in (self._until_retry(), self._observer.refresh_seconds) if wait is not None]
        try:
            message = self._queue.get(timeout=min(waits, default=None))
        except Empty:
            self._observer.refresh()
        else:
            self._receive(message)
        while self._retries and self._until_retry() == 0:
            self._tell_engine(RetryDue(heappop(self._retries)[1]))

    def _until_retry(self) -> float | None:
        return max(0.0, self._retries[0][0] - time.monotonic()) if self._retries else None

    def _receive(self, message: _Message) -> None:
        match message:
            case _Interrupt():
                self._interrupt()
            case AttemptSucceeded(task=task) | AttemptFailed(task=task):
                del self._running[task]
                self._record.attempt_ended(task)
                self._tell_engine(message)
            case BaseException():
                raise message

    def _interrupt(self) -> None:
        if self._interrupted:
            for attempt in self._running.values():
                attempt.kill()
            return
        self._interrupted = True
        self._observer.interrupted()
        self._retries.clear()
        for attempt in self._running.values():
            attempt.cancel()
        self._tell_engine(CancelRun())

    def _tell_engine(self, event: Event) -> None:
        commands = self._engine.handle(event)
        delays = {command.task: command.delay for command in commands if isinstance(command, WaitForRetry)}
        for command in commands:
            self._execute(command, delays)

    def _execute(self, command: Command, delays: Mapping[str, float]) -> None:
        match command:
            case StartAttempt():
                self._start(command)
            case WaitForRetry(task=task, delay=delay):
                heappush(self._retries, (time.monotonic() + delay, task))
            case TaskChanged():
                self._record.task_changed(command)
                self._observer.changed(self._update(command, delays.get(command.task)))
            case RunFinished():
                self._finished = command

    def _update(self, change: TaskChanged, retry_in: float | None) -> TaskUpdate:
        ended = change.state in FINAL or change.state == "up_for_retry"
        return TaskUpdate(
            task=change.task,
            state=change.state,
            attempt=change.attempt,
            at=datetime.now(UTC),
            seconds=self._record.attempt_seconds(change.task, change.attempt) if ended else None,
            message=change.failure.message if change.failure else None,
            retry_in=retry_in,
        )

    def _start(self, start: StartAttempt) -> None:
        attempt = Attempt(self._tasks[start.task], start, self._workplace)
        self._running[start.task] = attempt
        self._record.attempt_started(start.task, start.attempt)
        threading.Thread(target=self._run_attempt, args=(attempt,), daemon=True).start()

    def _run_attempt(self, attempt: Attempt) -> None:
        try:
            self._queue.put(attempt.run())
        except BaseException as fault:
            self._queue.put(fault)


@contextmanager
def _stop_signals(queue: SimpleQueue[_Message]) -> Iterator[None]:
    """Signals to stop become messages, save those that are ignored, as by nohup.

    Only the main thread may take signals; in another they keep their handlers.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        queue.put(_Interrupt())

    taken = [number for number in STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in taken}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
