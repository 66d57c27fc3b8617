"""Executes attempts: starts their processes, sees that all of these end, and reports what came of each."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from pipec.engine.events import AttemptFailed, AttemptSucceeded, Failure
from pipec.ir.model import PythonFunction

from .attempt import Attempt, Launch
from .ender import Ender
from .failures import StartError
from .functions import function_outcome
from .guard import Guard
from .loop import Loop
from .orphans import Orphans
from .processes import MARK_NAMES, Mark
from .programs import OUTPUTS, program_outcome, start_program
from .warden import RUN_MARK
from .workers import WorkerPool

Outcome = AttemptSucceeded | AttemptFailed

_MOST_ENDINGS = 3
"""How often what an attempt left is looked for and ended: more may have been forked meanwhile."""

_CLOSING_TIME = 10.0
"""Seconds that the end of everything may take; a process that hangs in the kernel never ends."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What the attempts of a run share.

    `folder` is that of the `.pipe` file, absolute. Between asking a process to end and making it lie `grace` seconds,
    at a timeout `timeout_grace`. At most `python_workers` processes run python tasks.
    """

    run_id: str
    folder: Path
    grace: float
    python_workers: int
    timeout_grace: float = 0.5


class Executor:
    """Runs attempts in processes. All is called, and `report` calls back, in the thread of `loop`.

    The environment is taken when this is made. `report` is told the outcome of every attempt that was started, after
    `start` has returned and when nothing of it is left running.
    """

    def __init__(self, loop: Loop, workplace: Workplace, report: Callable[[Outcome], object]) -> None:
        self._loop = loop
        self._workplace = workplace
        self._report = report
        self._attempts: dict[str, Attempt] = {}
        own = (*MARK_NAMES, OUTPUTS)  # of a task that runs pipec itself
        self._variables = {name: value for name, value in os.environ.items() if name not in own}
        self._guard = Guard(workplace.run_id)
        self._orphans = Orphans()
        self._orphans.started(self._guard.pid)
        self._ender = Ender(loop)
        self._pool = WorkerPool(
            loop,
            self,
            folder=workplace.folder,
            variables={**self._variables, RUN_MARK: workplace.run_id},
            most=workplace.python_workers,
            grace=workplace.grace,
        )

    def warm(self, count: int) -> None:
        """Start workers for so many python tasks, before any of them is to be started."""
        self._pool.warm(count)

    @property
    def running(self) -> frozenset[str]:
        """The ids of the attempts that are not yet reported."""
        return frozenset(self._attempts)

    def start(self, launch: Launch) -> None:
        """Start an attempt of a python, shell or command task. Returns at once.

        The timeout counts from the start of its process, or from when a worker takes it on.
        """
        mark = Mark(self._workplace.run_id, launch.id, str(launch.attempt))
        attempt = self._attempts[launch.id] = Attempt(launch, mark)
        if isinstance(launch.task.implementation, PythonFunction):
            self._pool.run(attempt)
            return
        try:
            process = start_program(attempt, self._workplace.folder, self._variables)
        except StartError as refusal:
            self.refused(attempt, refusal.failure)
            return
        attempt.led_by(process.pid)
        self.process_started(process.pid, partial(self._program_ended, attempt, process))
        self.taken_on(attempt)

    def end(self, id: str) -> None:
        """Ask an attempt to end, giving it the grace; it is reported as failed with the kind `cancelled`."""
        if id in self._attempts:
            self._end(self._attempts[id], "cancelled", self._workplace.grace)

    def cancel_all(self) -> None:
        """`end` every attempt."""
        for attempt in list(self._attempts.values()):
            self._end(attempt, "cancelled", self._workplace.grace)

    def kill_all(self) -> None:
        """End every attempt without grace, those included that were asked already."""
        for attempt in list(self._attempts.values()):
            self._end(attempt, "cancelled", 0.0)
        self._ender.hurry()

    def close(self) -> None:
        """Kill what still runs, which is not reported, and return when nothing is left. Runs the loop meanwhile."""
        self._report = lambda outcome: None
        deadline = time.monotonic() + _CLOSING_TIME
        self.kill_all()
        while self._attempts and time.monotonic() < deadline:
            self._loop.run_once(0.1)
        self._pool.dismiss()
        while self._pool.processes and time.monotonic() < deadline:
            self._loop.run_once(0.1)
        self._orphans.close()
        self._guard.close()
        self._orphans.ended(self._guard.pid)

    # --- what becomes of processes; also for the pool ----------------------------------------------------

    def process_started(self, pid: int, ended: Callable[[int], object]) -> None:
        """See that a new process is known to all who must know, and watch it."""
        self._orphans.started(pid)
        self._guard.announce(pid)

        def forget(status: int) -> None:
            self._orphans.ended(pid)
            ended(status)

        self._loop.watch_process(pid, forget)

    def process_forgotten(self, pid: int) -> None:
        self._guard.withdraw(pid)

    def taken_on(self, attempt: Attempt) -> None:
        timeout = attempt.launch.task.options.timeout
        if timeout is not None:
            end = partial(self._end, attempt, "timeout", self._workplace.timeout_grace)
            attempt.timer = self._loop.call_later(timeout, end)

    def refused(self, attempt: Attempt, failure: Failure) -> None:
        self._loop.call_soon_threadsafe(lambda: self._finish(attempt, attempt.failed(failure)))

    def answered(self, attempt: Attempt) -> None:
        self._stop_timer(attempt)
        self._finish(attempt, function_outcome(attempt))

    def leader_ended(self, attempt: Attempt, status: int) -> None:
        attempt.status = status
        self._stop_timer(attempt)
        self._settle(attempt)

    def _program_ended(self, attempt: Attempt, process: subprocess.Popen[bytes], status: int) -> None:
        process.returncode = status
        self.leader_ended(attempt, status)

    # --- the end of an attempt ---------------------------------------------------------------------------

    def _end(self, attempt: Attempt, reason: Literal["timeout", "cancelled"], grace: float) -> None:
        if attempt.tree is None:
            if self._pool.withdraw(attempt):
                attempt.ended_by = reason
                self._loop.call_soon_threadsafe(lambda: self._finish(attempt, self._outcome(attempt)))
            return
        if attempt.status is None:
            attempt.ended_by = attempt.ended_by or reason
        if not attempt.is_being_ended:
            self._pool.expect_end(attempt)
            self._end_tree(attempt, grace)

    def _end_tree(self, attempt: Attempt, grace: float) -> None:
        assert attempt.tree is not None
        attempt.is_being_ended = True
        attempt.endings += 1
        self._ender.end(attempt.tree, grace, partial(self._tree_ended, attempt))

    def _tree_ended(self, attempt: Attempt) -> None:
        attempt.is_being_ended = False
        self._settle(attempt)

    def _settle(self, attempt: Attempt) -> None:
        """Report the attempt if its leader has ended and it left nothing; end what it left."""
        if attempt.status is None or attempt.is_being_ended:
            return
        assert attempt.tree is not None
        if attempt.endings < _MOST_ENDINGS and self._orphans.left_by(attempt.tree.leader, attempt.mark):
            self._end_tree(attempt, self._workplace.grace)
            return
        self._guard.withdraw(attempt.tree.leader)
        self._finish(attempt, self._outcome(attempt))

    def _outcome(self, attempt: Attempt) -> Outcome:
        failure = attempt.end_failure()
        if failure is not None:
            return attempt.failed(failure)
        if isinstance(attempt.launch.task.implementation, PythonFunction):
            return function_outcome(attempt)
        assert attempt.status is not None
        return program_outcome(attempt, attempt.status)

    def _finish(self, attempt: Attempt, outcome: Outcome) -> None:
        del self._attempts[attempt.launch.id]
        self._report(outcome)

    def _stop_timer(self, attempt: Attempt) -> None:
        if attempt.timer is not None:
            attempt.timer.cancel()
            attempt.timer = None
