"""The pool of warm workers: processes that python tasks run in, one at a time in each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from pipec.engine.events import Failure

from . import warden, worker
from .attempt import Attempt
from .failures import StartError, log_failure, start_failure
from .functions import NO_VARIABLES, Variables, function_request, own_variables
from .loop import Loop


class Supervisor(Protocol):
    """Who is told by the pool what becomes of processes and attempts."""

    def process_started(self, pid: int, ended: Callable[[int], object]) -> None:
        """A worker was started; `ended` is to be called with its return code."""

    def process_forgotten(self, pid: int) -> None:
        """A worker that had no attempt has ended."""

    def taken_on(self, attempt: Attempt) -> None:
        """A worker has been handed the attempt."""

    def answered(self, attempt: Attempt) -> None:
        """The attempt has its answer and left nothing behind."""

    def leader_ended(self, attempt: Attempt, status: int) -> None:
        """The worker has ended, with or without an answer."""

    def refused(self, attempt: Attempt, failure: Failure) -> None:
        """No worker could be handed the attempt."""


class WorkerPool:
    """At most `most` processes, started when they are needed. `variables` is the environment they are started with.

    A task with an option `env` gets a worker that was started with it, as many libraries read theirs but once.
    """

    def __init__(
        self, loop: Loop, supervisor: Supervisor, *, folder: Path, variables: Mapping[str, str], most: int, grace: float
    ) -> None:
        self._loop = loop
        self._supervisor = supervisor
        self._folder = folder
        self._variables = variables
        self._most = most
        self._grace = grace
        self._queue: deque[Attempt] = deque()
        self._idle: list[Worker] = []
        self._busy: dict[Attempt, Worker] = {}
        self._leaving: set[Worker] = set()

    @property
    def processes(self) -> int:
        """How many workers there are, those on their way out included."""
        return len(self._idle) + len(self._busy) + len(self._leaving)

    def warm(self, count: int) -> None:
        """Start workers before they are needed, so that no task waits for them; none where that fails."""
        for _ in range(min(count, self._most) - self.processes):
            log = os.open(os.devnull, os.O_WRONLY)
            with suppress(StartError):
                self._idle.append(self._start(log, NO_VARIABLES, self._variables))

    def run(self, attempt: Attempt) -> None:
        """Hand the attempt to a worker, now or when one is free."""
        self._queue.append(attempt)
        self._serve()

    def withdraw(self, attempt: Attempt) -> bool:
        """Take an attempt back that no worker has yet; False where one has."""
        with suppress(ValueError):
            self._queue.remove(attempt)
            return True
        return False

    def expect_end(self, attempt: Attempt) -> None:
        """The worker of an attempt is being ended: it is to take on nothing more."""
        if attempt in self._busy:
            self._busy[attempt].end_requests()

    def dismiss(self) -> None:
        """Let the idle workers end, as Python programs do."""
        for idle in self._idle:
            self._let_go(idle)
        self._idle.clear()

    def _serve(self) -> None:
        while self._queue:
            own = own_variables(self._queue[0].launch.task)
            chosen = next((idle for idle in reversed(self._idle) if idle.own == own), None)
            if chosen is not None:
                self._idle.remove(chosen)
            elif len(self._busy) + len(self._idle) >= self._most:
                if not self._idle:
                    return
                self._let_go(self._idle.pop(0))
            attempt = self._queue.popleft()
            try:
                self._hand_over(attempt, chosen, own)
            except StartError as refusal:
                self._supervisor.refused(attempt, refusal.failure)

    def _hand_over(self, attempt: Attempt, chosen: Worker | None, own: Variables) -> None:
        variables = {**self._variables, **dict(own)}
        try:
            request = worker.encode(function_request(attempt, self._folder, variables))
            chosen = chosen or self._start(_first_log(attempt), own, variables)
        except StartError:
            if chosen is not None:
                self._idle.append(chosen)
            raise
        self._busy[attempt] = chosen
        chosen.attempt = attempt
        attempt.led_by(chosen.process.pid)
        self._supervisor.taken_on(attempt)
        chosen.send(request)

    def _start(self, log: int, own: Variables, variables: Mapping[str, str]) -> Worker:
        """A new worker. `log`, a file descriptor, takes what goes wrong until it can open logs itself."""
        started: Worker
        try:
            started = Worker(self._loop, own, variables, log, self._receive)
        except (OSError, ValueError) as error:
            raise StartError(start_failure(sys.executable, error)) from error
        finally:
            os.close(log)
        self._supervisor.process_started(started.process.pid, partial(self._ended, started))
        return started

    def _receive(self, busy: Worker) -> None:
        answer = busy.receive()
        attempt = busy.attempt
        if answer is None or attempt is None:
            return
        attempt.answer = answer
        if attempt.ended_by is not None or answer.get("retires"):
            return  # the attempt is over when the process has ended
        del self._busy[attempt]
        busy.attempt = None
        self._idle.append(busy)
        self._serve()
        self._supervisor.answered(attempt)

    def _ended(self, gone: Worker, status: int) -> None:
        gone.process.returncode = status
        attempt = gone.attempt
        if attempt is None:
            self._leaving.discard(gone)
            if gone in self._idle:
                self._idle.remove(gone)
            self._supervisor.process_forgotten(gone.process.pid)
        else:
            attempt.answer = attempt.answer or gone.receive()
            del self._busy[attempt]
        gone.close()
        self._serve()
        if attempt is not None:
            self._supervisor.leader_ended(attempt, status)

    def _let_go(self, idle: Worker) -> None:
        self._leaving.add(idle)
        idle.end_requests()
        self._loop.call_later(self._grace, partial(self._kill_if_there, idle))

    def _kill_if_there(self, leaving: Worker) -> None:
        if leaving in self._leaving:
            warden.kill(leaving.process.pid)


def _first_log(attempt: Attempt) -> int:
    """The log of an attempt that a worker is started for, opened."""
    try:
        return worker.open_log(str(attempt.launch.log), os.O_TRUNC)
    except OSError as error:
        raise StartError(log_failure(attempt.launch.log, error)) from error


class Worker:
    """One process of the pool. `own` are the variables it was started with beyond those of all; `attempt` the one it
    has taken on. `answered` is called when there may be an answer. Raises OSError and ValueError as Popen does.
    """

    def __init__(
        self, loop: Loop, own: Variables, variables: Mapping[str, str], log: int, answered: Callable[[Worker], object]
    ) -> None:
        self.own = own
        self.attempt: Attempt | None = None
        self._loop = loop
        self._unsent = memoryview(b"")
        self._received = bytearray()
        requests, self._requests = os.pipe()
        try:
            self._answers, answers = os.pipe()
        except OSError:
            os.close(requests)
            os.close(self._requests)
            raise
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", worker.__file__, str(requests), str(answers)],
                env=variables,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(requests, answers),
                start_new_session=True,
            )
        except BaseException:
            os.close(self._requests)
            os.close(self._answers)
            raise
        finally:
            os.close(requests)
            os.close(answers)
        os.set_blocking(self._requests, False)
        os.set_blocking(self._answers, False)
        self._is_read = True
        loop.add_reader(self._answers, partial(answered, self))

    def send(self, message: bytes) -> None:
        """Hand over a request; what the pipe does not take at once follows when it does."""
        self._unsent = memoryview(message)
        self._send_some()
        if self._unsent:
            self._loop.add_writer(self._requests, self._send_rest)

    def receive(self) -> dict[str, Any] | None:
        """The answer, once all of it is there."""
        with suppress(BlockingIOError):
            while read := os.read(self._answers, 65536):
                self._received += read
                if len(read) < 65536:
                    break
            else:
                self._stop_reading()
        size = int.from_bytes(self._received[:4], "big") + 4
        if len(self._received) < max(size, 5):
            return None
        answer: dict[str, Any] = json.loads(self._received[4:size])
        self._received.clear()
        return answer

    def end_requests(self) -> None:
        """Say that there are no more requests: the process ends when it is done."""
        if self._requests >= 0:
            if self._unsent:
                self._loop.remove(self._requests)
                self._unsent = memoryview(b"")
            os.close(self._requests)
            self._requests = -1

    def close(self) -> None:
        """The process has ended."""
        self.end_requests()
        self._stop_reading()
        os.close(self._answers)

    def _stop_reading(self) -> None:
        if self._is_read:
            self._is_read = False
            self._loop.remove(self._answers)

    def _send_rest(self) -> None:
        self._send_some()
        if not self._unsent:
            self._loop.remove(self._requests)

    def _send_some(self) -> None:
        try:
            while self._unsent:
                self._unsent = self._unsent[os.write(self._requests, self._unsent) :]
        except BlockingIOError:
            return
        except BrokenPipeError:  # the process is gone, as will be reported
            self._unsent = memoryview(b"")
