"""The runs of a backfill, each a `pipec run` in a process of its own, so that none can hurt another.

A run ends with its backfill: when that is asked to stop so are its runs, and on Linux the system asks a run whose
backfill was killed.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, RLock
from typing import Any, Literal

from pipec.analysis.intervals import Interval

from .run_folder import last_lines
from .words import first_line

OutcomeState = Literal["success", "failed", "interrupted", "skipped", "not_run"]
"""`skipped`: it had succeeded before. `not_run`: the backfill ended before its turn came."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What came of an interval. `run_id` and `log` are None where no run was started."""

    state: OutcomeState
    run_id: str | None = None
    seconds: float = 0.0
    error: str | None = None
    log: Path | None = None


class Children:
    """Starts runs from any thread and ends them all."""

    def __init__(self, command: Callable[[Interval], Sequence[str]], logs: Path) -> None:
        """`command` is the program and arguments of a run that prints its result as JSON; what it says otherwise goes
        to a file in the folder `logs`.
        """
        self._command = command
        self._logs = logs
        self._lock = RLock()  # taken again by a handler of signals that interrupts its holder
        self._running: set[subprocess.Popen[bytes]] = set()
        self.stopped = Event()
        """Set: no further run is started."""
        self.stopped_from_outside = False

    def run(self, interval: Interval) -> RunOutcome:
        """Run one interval to its end. Raises OSError where no process can be started or no log written."""
        log = self._logs / f"{interval.timestamp:%Y-%m-%dT%H-%M-%S%z}.log"
        started = time.monotonic()
        with log.open("wb") as errors:
            with self._lock:
                if self.stopped.is_set():
                    return RunOutcome("not_run")
                child = subprocess.Popen(
                    self._command(interval),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    start_new_session=True,  # Ctrl-C reaches it by `stop` alone
                )
                self._running.add(child)
            output, _ = child.communicate()
        with self._lock:
            self._running.discard(child)
        outcome = _outcome(child.returncode, output, log, time.monotonic() - started)
        if self.stopped_from_outside and outcome.run_id is None:
            return replace(outcome, state="interrupted", error="stopped before it began")
        return outcome

    def stop(self) -> None:
        """Ask every run to end, at the second time at once, and start no further one."""
        self.stopped_from_outside = True
        self.stopped.set()
        with self._lock:
            for child in self._running:
                child.terminate()


def _outcome(exit_code: int, output: bytes, log: Path, seconds: float) -> RunOutcome:
    """A run that printed no result failed before it began, or was killed: its log says why."""
    try:
        result = json.loads(output)
        state, run_id = result["state"], result["run_id"]
    except (ValueError, TypeError, KeyError):
        return RunOutcome("failed", None, seconds, _last_words(exit_code, log), log)
    if result.get("interrupted"):
        return RunOutcome("interrupted", run_id, seconds, "stopped before its end", log)
    if state != "success":
        return RunOutcome("failed", run_id, seconds, _first_error(result), log)
    return RunOutcome("success", run_id, seconds, None, log)


def _first_error(result: dict[str, Any]) -> str:
    for name, task in result.get("tasks", {}).items():
        if task.get("state") == "failed":
            return f"{name}: {first_line(task.get('error') or 'failed')}"
    return first_line(result.get("error") or "failed")


def _last_words(exit_code: int, log: Path) -> str:
    if exit_code < 0:
        return f"killed by signal {-exit_code}"
    said = [line for line in last_lines(log, 20) if line.strip()]
    errors = [line for line in said if line.startswith("error")] or said[-1:]
    return first_line(errors[0]) if errors else f"exit code {exit_code}, without a result"


# --- the process of a run ------------------------------------------------------------------------


def pipec_run(arguments: Sequence[str]) -> list[str]:
    """The command for `pipec run ARGUMENTS` as a process that ends with this one."""
    # -P: no module of the current folder stands in for one of pipec's
    return [sys.executable, "-P", "-m", __name__, str(os.getpid()), "run", *arguments]


_PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """From now on this process gets SIGTERM when its parent is killed. Only Linux can do so."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it was killed before it was watched
            sys.exit(1)


def main() -> int:
    """`PARENT WORD…` is `pipec WORD…` that ends with the process PARENT."""
    from pipec.cli import main as pipec

    end_with(int(sys.argv[1]))
    return pipec(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
