"""The programs of an Airflow installation: started with their logs in files, stopped with all that they started."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil  # type: ignore[import-untyped]

STOP_SECONDS = 5.0
"""How long a program may take to end by itself."""


class Programs:
    """Runs `airflow <command>` in the background; each writes to `<command>.log` in `logs`."""

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self._logs = logs
        self._environment = environment
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *command: str) -> None:
        """Start one program, in a session of its own."""
        with (self._logs / f"{command[0]}.log").open("wb") as log:
            self._started[command[0]] = subprocess.Popen(
                [sys.executable, "-m", "airflow", *command],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ended(self) -> list[str]:
        """The programs that are not running any more."""
        return [name for name, process in self._started.items() if process.poll() is not None]

    def stop(self) -> None:
        """End all programs: first by SIGTERM to each, then by SIGKILL whatever they started and is left.

        The supervisors of tasks, and some tasks, make process groups of their own; that is why it goes by parents.
        """
        every = [one for process in self._started.values() for one in _with_descendants(process.pid)]
        for process in self._started.values():
            process.terminate()
        _, left = psutil.wait_procs(every, timeout=STOP_SECONDS)
        for one in left:
            one.kill()
        psutil.wait_procs(left, timeout=STOP_SECONDS)
        for process in self._started.values():
            process.wait(STOP_SECONDS)


def _with_descendants(process_id: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(process_id)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
